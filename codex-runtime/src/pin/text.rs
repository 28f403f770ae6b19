//! Reading a pin from text.

use std::collections::BTreeMap;

use base64::Engine as _;
use semver::Version;
use serde::Deserialize;

use super::{Pin, PinnedArchive};
use crate::{Error, Target};

/// A pin as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PinText {
    version: Version,
    package: String,
    targets: BTreeMap<String, ArchiveText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ArchiveText {
    version: String,
    triple: String,
    integrity: String,
}

impl Pin {
    /// Reads a pin written like this crate's `runtime.toml`, to install another runtime.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidPin`] when the text is not TOML, lacks a field, has an unknown one or an
    /// unknown target, or holds an integrity that is not a sha512, or a package, version or triple
    /// with characters that these do not have.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let pin: PinText = toml::from_str(text).map_err(|error| invalid(error.to_string()))?;
        check_text("package", &pin.package, "@/._-")?;
        let targets = pin.targets.into_iter().map(|(name, archive)| {
            let target = Target::from_name(&name)
                .ok_or_else(|| invalid(format!("targets.{name} is not a target")))?;
            Ok((target, archive.checked(target)?))
        });
        Ok(Self {
            version: pin.version,
            package: pin.package,
            targets: targets.collect::<Result<_, _>>()?,
        })
    }
}

impl ArchiveText {
    fn checked(self, target: Target) -> Result<PinnedArchive, Error> {
        let place = |field: &str| format!("targets.{target}.{field}");
        check_text(&place("version"), &self.version, ".+-")?;
        check_text(&place("triple"), &self.triple, "_-")?;
        if !is_sha512(&self.integrity) {
            let place = place("integrity");
            return Err(invalid(format!("{place} is not a sha512 in base64")));
        }
        Ok(PinnedArchive {
            version: self.version,
            triple: self.triple,
            integrity: self.integrity,
        })
    }
}

fn invalid(reason: String) -> Error {
    Error::InvalidPin { reason }
}

/// Refuses a text that is not made of letters, digits and these signs, or that a command would
/// take for an option: it becomes a part of a path, or of a command line.
fn check_text(place: &str, text: &str, signs: &str) -> Result<(), Error> {
    let is_fine = |sign: char| sign.is_ascii_alphanumeric() || signs.contains(sign);
    if !text.is_empty() && text.chars().all(is_fine) && !text.starts_with(['-', '.']) {
        return Ok(());
    }
    let text = text.escape_debug();
    Err(invalid(format!("{place} is not usable: `{text}`")))
}

fn is_sha512(integrity: &str) -> bool {
    integrity
        .strip_prefix("sha512-")
        .and_then(|encoded| {
            base64::engine::general_purpose::STANDARD
                .decode(encoded)
                .ok()
        })
        .is_some_and(|digest| digest.len() == 64)
}
