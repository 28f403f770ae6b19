//! This workspace itself: everything generated comes from the pinned runtime.
//!
//! The reports are asserted to be empty before they are compared with their snapshots: a
//! snapshot can be accepted, and no drift may be.

use codex_runtime::Pin;
use xtask::dump::Dump;
use xtask::freshness;
use xtask::generate::{Generation, check_workspace};
use xtask::schema_files::SCHEMA;
use xtask::workspace_root;

/// Dumps the schema from the installed runtime (installing it first if needed) and compares
/// `schema/`, its provenance and every generated file.
#[test]
fn everything_generated_is_fresh() {
    let drift = check_workspace(&workspace_root()).unwrap();
    assert!(drift.is_empty(), "{drift}");
    insta::assert_debug_snapshot!(drift);
}

/// The half that needs no runtime: every generated file follows from `schema/`.
#[test]
fn generated_files_belong_to_the_schema() {
    let root = workspace_root();
    let dump = Dump::read(&root.join(SCHEMA)).unwrap();
    let version = Pin::current().version().to_string();
    let generation = Generation::of(&dump, &version).unwrap();
    let drift = freshness::check(&root, &generation.plan).unwrap();
    assert!(drift.is_empty(), "{drift}");
    insta::assert_debug_snapshot!(drift);
}
