//! The module that names all others.

use super::{CORE, Part, TYPES_TESTS};
use crate::FileTree;
use crate::render::Source;

/// Files that every generation of the core has, beside the domains.
const CORE_FIXED: &[&str] = &["server_notification", "server_request"];

/// Files that every generation of the other models has, beside the domains.
const FIXED: &[&str] = &["client_notification", "client_request", "registry"];

/// What the lints of hand-written code say about generated code, and why not here.
const ALLOWED: &[(&str, &str)] = &[
    (
        "clippy::doc_markdown",
        "the dump's words are quoted as they are",
    ),
    ("clippy::enum_variant_names", "names come from the protocol"),
    (
        "clippy::fn_params_excessive_bools",
        "`new` takes what the protocol requires",
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
        "`new` takes what the protocol requires",
    ),
    ("clippy::too_many_lines", "tables are long"),
    (
        "clippy::trivially_copy_pass_by_ref",
        "accessors take `&self` throughout",
    ),
    (
        "clippy::useless_conversion",
        "setters convert whatever they are given",
    ),
    (
        "clippy::wildcard_imports",
        "every file uses the types of the others",
    ),
    (
        "deprecated",
        "models have what the protocol deprecates as long as it is there",
    ),
    (
        "missing_docs",
        "a member whose name and type say it all has no text",
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
    let mut source = Source::new("What the tests of the models need to know of all of them.");
    source.raw("pub(crate) mod codecs;\n");
    tree.insert(format!("{TYPES_TESTS}/mod.rs"), source.finish());
}

fn index(part: &Part<'_>, version: &str) -> String {
    let is_core = part.folder == CORE;
    let mut source = Source::new(if is_core {
        "Models of what the server sends by itself, from the schema of the pinned runtime."
    } else {
        "Models of what only clients send and receive, from the schema of the pinned runtime."
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
/// What every generated file uses.
mod prelude {
    pub(super) use std::collections::BTreeMap;

    pub(super) use serde_json::{Number, Value};

    pub(super) use crate::support::union::Shape;
    pub(super) use crate::support::{Extra, Redacted};
    pub(super) use crate::*;
}
";
