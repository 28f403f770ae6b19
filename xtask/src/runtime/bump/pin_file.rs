//! The file of the pin, as text that keeps its comments.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use codex_runtime::Pin;
use semver::Version;

/// The place of the file, below the root of the workspace.
pub(super) const PATH: &str = "codex-runtime/runtime.toml";

/// A pin with its text.
#[derive(Debug)]
pub(super) struct PinFile {
    pub(super) text: String,
    pub(super) pin: Pin,
}

/// Reads the file.
pub(super) fn read(root: &Path) -> Result<PinFile> {
    let path = root.join(PATH);
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    PinFile::parse(text)
}

impl PinFile {
    fn parse(text: String) -> Result<Self> {
        let pin = Pin::parse(&text)?;
        Ok(Self { text, pin })
    }

    /// The same file for another version, with the integrity that `integrity` returns of each archive.
    pub(super) fn moved_to(
        &self,
        version: &Version,
        integrity: impl Fn(&str) -> Result<String>,
    ) -> Result<Self> {
        let mut text = self.text.clone();
        let (old, new) = (self.pin.version().to_string(), version.to_string());
        for (target, archive) in self.pin.archives() {
            let name = archive.version().replacen(&old, &new, 1);
            let hash = integrity(&name).with_context(|| format!("the archive for {target}"))?;
            text = text.replace(&quoted(archive.version()), &quoted(&name));
            text = text.replace(&quoted(archive.integrity()), &quoted(&hash));
        }
        text = text.replace(&quoted(&old), &quoted(&new));
        let moved = Self::parse(text)?;
        if moved.pin.version() != version {
            bail!("{PATH} does not name its version as `version = \"{old}\"`");
        }
        Ok(moved)
    }
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use semver::Version;

    use super::PinFile;

    #[test]
    fn only_versions_and_hashes_change() {
        let hash = |letter: &str| format!("sha512-{}==", letter.repeat(86));
        let text = |version: &str, one: &str, other: &str| {
            format!(
                "# A comment about 1.2.3.\nversion = \"{version}\"\npackage = \"p\"\n\n\
                 [targets.linux-x64]\nversion = \"{version}-linux-x64\"\n\
                 triple = \"x86_64-unknown-linux-musl\"\n\
                 integrity = \"{}\"\n\n[targets.darwin-x64]\nversion = \"{version}-darwin-x64\"\n\
                 triple = \"x86_64-apple-darwin\"\nintegrity = \"{}\"\n",
                hash(one),
                hash(other),
            )
        };
        let old = PinFile::parse(text("1.2.3", "A", "Q")).unwrap();
        let moved = old.moved_to(&Version::new(1, 3, 0), |archive| {
            let is_linux = archive == "1.3.0-linux-x64";
            Ok(hash(if is_linux { "g" } else { "w" }))
        });
        assert_eq!(moved.unwrap().text, text("1.3.0", "g", "w"));
    }
}
