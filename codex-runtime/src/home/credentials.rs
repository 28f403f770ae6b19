//! The credentials of a home: copied, and written back after a refresh.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::file;
use crate::Error;

const NAME: &str = "auth.json";
/// The members that a refresh changes.
const TOKENS: &str = "tokens";
const REFRESHED: &str = "last_refresh";
/// A member of the tokens.
const ACCOUNT: &str = "account_id";

/// Copied credentials.
pub(super) struct Credentials {
    source: PathBuf,
    /// The content that both files had last.
    common: Vec<u8>,
}

impl Credentials {
    /// Copies the credentials of a home, if it has any.
    pub(super) fn copy(source: &Path, folder: &Path) -> Result<Option<Self>, Error> {
        let source = source.join(NAME);
        let Some(common) = file::read(&source)? else {
            return Ok(None);
        };
        file::write(&folder.join(NAME), &common)?;
        Ok(Some(Self { source, common }))
    }

    /// Writes refreshed tokens back. Returns whether there were any.
    pub(super) fn write_back(&mut self, folder: &Path) -> Result<bool, Error> {
        let Some(ours) = file::read(&folder.join(NAME))? else {
            return Ok(false);
        };
        if ours == self.common {
            return Ok(false);
        }
        let Some(theirs) = file::read(&self.source)? else {
            // Logged out there.
            return Ok(false);
        };
        let is_newest = theirs == self.common || is_later(&theirs, &ours);
        if !is_newest || !is_refresh(&theirs, &ours) {
            return Ok(false);
        }
        file::write(&self.source, &ours)?;
        tracing::debug!("refreshed credentials were written back");
        self.common = ours;
        Ok(true)
    }
}

fn parse(text: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(text).ok()
}

/// Returns whether credentials differ from others by new tokens of the same account alone.
fn is_refresh(old: &[u8], new: &[u8]) -> bool {
    let (Some(mut old), Some(mut new)) = (parse(old), parse(new)) else {
        return false;
    };
    let (Some(before), Some(after)) = (old.remove(TOKENS), new.remove(TOKENS)) else {
        return false;
    };
    old.remove(REFRESHED);
    new.remove(REFRESHED);
    old == new && before != after && before.get(ACCOUNT) == after.get(ACCOUNT)
}

/// Returns whether credentials were refreshed after others.
fn is_later(earlier: &[u8], later: &[u8]) -> bool {
    let time = |text: &[u8]| {
        let time = parse(text)?.remove(REFRESHED)?;
        // In UTC; without the fraction, which has any number of digits, and may be missing.
        let time = time.as_str()?.split(['.', 'Z']).next()?.to_owned();
        Some(time)
    };
    time(later) > time(earlier)
}

/// The path alone.
impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut credentials = formatter.debug_struct("Credentials");
        credentials
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}
