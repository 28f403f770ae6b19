//! The root modules of the generated files.

use super::{CORE, Part, TYPES_TESTS};
use crate::FileTree;
use crate::render::Source;

/// Files in every generation of the core, beside the domains.
const CORE_FIXED: &[&str] = &["server_notification", "server_request"];

/// Files in every generation of the other models, beside the domains.
const FIXED: &[&str] = &[
    "client_notification",
    "client_request",
    "client_response",
    "registry",
    "server_response",
];

/// Lints that are allowed in generated code, with reasons.
const ALLOWED: &[(&str, &str)] = &[
    (
        "clippy::doc_markdown",
        "texts of the dump are quoted verbatim",
    ),
    ("clippy::enum_variant_names", "names come from the protocol"),
    (
        "clippy::fn_params_excessive_bools",
        "`new` takes the fields that the protocol requires",
    ),
    (
        "clippy::large_enum_variant",
        "sizes are bounded by the pass `boxing`",
    ),
    ("clippy::large_stack_arrays", "tables are static data"),
    (
        "clippy::match_same_arms",
        "one row per message is easier to read",
    ),
    (
        "clippy::must_use_candidate",
        "constructors and accessors by the hundred",
    ),
    (
        "clippy::return_self_not_must_use",
        "constructors and accessors by the hundred",
    ),
    (
        "clippy::struct_excessive_bools",
        "the shape of the protocol",
    ),
    ("clippy::struct_field_names", "names come from the protocol"),
    (
        "clippy::too_many_arguments",
        "`new` takes the fields that the protocol requires",
    ),
    ("clippy::too_many_lines", "tables are long"),
    (
        "clippy::trivially_copy_pass_by_ref",
        "accessors take `&self` throughout",
    ),
    (
        "clippy::useless_conversion",
        "setters convert their arguments",
    ),
    (
        "clippy::wildcard_imports",
        "every file uses the types of the others",
    ),
    (
        "deprecated",
        "models contain the deprecated parts of the protocol",
    ),
    (
        "missing_docs",
        "members with a self-explanatory name and type have no text",
    ),
    ("unused_imports", "not every file uses all of the prelude"),
    (
        "unused_qualifications",
        "markers of methods may have the name of a type",
    ),
];

pub(super) fn emit(parts: &[Part<'_>], version: &str, tree: &mut FileTree) {
    for part in parts {
        tree.insert(format!("{}/mod.rs", part.folder), index(part, version));
    }
    let mut source = Source::new("Tables of all models for their tests.");
    source.raw("pub(crate) mod codecs;\n");
    tree.insert(format!("{TYPES_TESTS}/mod.rs"), source.finish());
}

fn index(part: &Part<'_>, version: &str) -> String {
    let is_core = part.folder == CORE;
    let mut source = Source::new(if is_core {
        "Models of messages that the server initiates, from the schema of the pinned runtime."
    } else {
        "Models of messages that clients initiate and of their responses, from the schema of the pinned runtime."
    });
    source.allow_lints(ALLOWED, "codegen/src/emit/index.rs");
    let mut all = part.modules();
    all.extend(if is_core { CORE_FIXED } else { FIXED });
    for module in &all {
        source.raw(&format!("mod {module};\n"));
    }
    source.raw("#[cfg(feature = \"schemars\")]\nmod json_schema;\n");
    if !is_core {
        source.raw("pub mod methods;\npub mod notifications;\npub mod protocol;\n");
    }
    source.raw("\n");
    for module in &all {
        source.raw(&format!("pub use {module}::*;\n"));
    }
    if is_core {
        source.raw("\n/// The version of the runtime whose schema the models come from.\n");
        source.raw(&format!("pub const RUNTIME_VERSION: &str = {version:?};\n"));
    }
    source.raw("\n");
    source.raw(PRELUDE);
    source.finish()
}

const PRELUDE: &str = "\
/// Names that every generated file uses.
mod prelude {
    pub(super) use std::collections::BTreeMap;

    pub(super) use serde_json::{Number, Value};

    pub(super) use crate::support::union::Shape;
    pub(super) use crate::support::{Extra, Redacted, RedactedValues};
    pub(super) use crate::*;
}
";
