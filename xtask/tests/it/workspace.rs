//! This workspace itself: everything generated is what the pinned runtime gives.

use xtask::generate::check_workspace;
use xtask::workspace_root;

/// Dumps the schema from the installed runtime (installing it first if needed) and compares
/// `schema/`, its provenance and every generated file.
#[test]
fn everything_generated_is_fresh() {
    let drift = check_workspace(&workspace_root()).unwrap();
    assert!(drift.is_empty(), "{drift}");
}
