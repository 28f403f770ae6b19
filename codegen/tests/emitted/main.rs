//! The code emitted for each construct of the schema compiles, reads and writes.
//!
//! The modules are written by `cargo xtask generate-types`. They are compiled here as in
//! `codex-types`: the root of this crate has the names that they import from the root of theirs.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that fails has to fail its test"
)]

#[macro_use]
#[path = "../shared/constructs.rs"]
mod construct_names;

mod messages;
mod prelude;
mod protocol;
mod values;

// Names that generated code uses as `crate::…`.
pub use codex_types::{
    __keyed_union, __message_union, __methods, __newtype, __notifications, __object, __payloads,
    __response_union, __setters, __string_enum, __table_fn, __tagged_union, __untagged_union,
    NoParams, Stability, registry, support,
};
pub use messages::*;

macro_rules! constructs {
    ($($construct:ident)*) => {$(
        #[allow(
            dead_code,
            deprecated,
            unreachable_pub,
            unused_imports,
            reason = "generated; not everything is called here"
        )]
        #[allow(
            clippy::doc_lazy_continuation,
            clippy::doc_markdown,
            clippy::struct_field_names,
            clippy::too_many_arguments,
            clippy::too_many_lines,
            clippy::trivially_copy_pass_by_ref,
            clippy::type_complexity,
            clippy::useless_conversion,
            clippy::wildcard_imports,
            reason = "generated; codegen/src/emit/index.rs has the reasons"
        )]
        #[rustfmt::skip]
        pub(crate) mod $construct;
    )*};
}

mod generated {
    use super::prelude;

    for_each_construct!(constructs);

    constructs!(mutants);
}

use generated::*;
