//! The checked-in schema as files: what the generator reads, and where it is from.

use anyhow::Result;
use codegen::FileTree;
use codex_runtime::Pin;

use crate::dump::{Dump, EXPERIMENTAL, STABLE, TYPESCRIPT};
use crate::provenance::{self, Provenance};

/// The folder of the checked-in schema, below the workspace root.
pub const SCHEMA: &str = "schema";

/// The files of a dump, byte for byte, and their provenance.
///
/// # Errors
///
/// When a bundle is not JSON.
pub fn schema_files(pin: &Pin, dump: &Dump) -> Result<FileTree> {
    let mut files = FileTree::with_roots([SCHEMA]);
    files.insert(format!("{SCHEMA}/{STABLE}"), dump.stable.clone());
    files.insert(
        format!("{SCHEMA}/{EXPERIMENTAL}"),
        dump.experimental.clone(),
    );
    for (path, text) in dump.typescript.iter().flatten() {
        files.insert(format!("{SCHEMA}/{TYPESCRIPT}/{path}"), text.clone());
    }
    let provenance = Provenance::of(pin, dump)?.render()?;
    files.insert(format!("{SCHEMA}/{}", provenance::FILE), provenance);
    Ok(files)
}
