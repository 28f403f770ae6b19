//! The code emitted for the generator's own fixtures, as a part of the plan.
//!
//! Reads the fixtures; everything else is decided by `codegen`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use codegen::FileTree;
use codegen::fixtures::{FIXTURES, emit};

use crate::freshness::{files_below, is_current};

/// Plans the emitted code for the fixtures below a workspace's root.
///
/// # Errors
///
/// When a fixture cannot be read or generated.
pub fn plan(root: &Path) -> Result<FileTree> {
    let mut texts = BTreeMap::new();
    for path in files_below(root, &root.join(FIXTURES))? {
        let file = Path::new(&path);
        let name = file.file_stem().and_then(|name| name.to_str());
        if let Some(name) = name.filter(|_| file.extension().is_some_and(|it| it == "json")) {
            let text = fs::read_to_string(root.join(&path));
            let text = text.with_context(|| format!("cannot read {path}"))?;
            texts.insert(name.to_owned(), text);
        }
    }
    Ok(emit(&texts, &|path, text| is_current(root, path, text))?)
}
