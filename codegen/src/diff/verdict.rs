//! The consequence of a diff for the version of each published crate.

use std::fmt;

use super::Change;
use super::api::{self, Api};
use crate::inventory::Inventory;

/// A published crate with generated parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Crate {
    /// The models of messages that the server initiates.
    Core,
    /// All models.
    Types,
    /// The client with its builders.
    Client,
}

/// The part of a crate's version that its next release has to raise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Level {
    /// No difference.
    None,
    /// Only documentation or behavior.
    Patch,
    /// New items, or messages that older releases of the crate cannot decode.
    Minor,
    /// Programs that no longer compile.
    Major,
}

/// The consequence for one crate.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// The crate.
    pub of: Crate,
    /// The level.
    pub level: Level,
    /// The number of items of the API that were removed or have another signature.
    pub broken: usize,
    /// The number of new items.
    pub added: usize,
}

/// Decides for every crate; each re-exports the one before, and breaks with it.
pub(super) fn decide(old: &Inventory, new: &Inventory, changes: &[Change]) -> Vec<Verdict> {
    let (before, after) = (api::of(old), api::of(new));
    let is_core = |name: &String| {
        let entries = [old.find(name), new.find(name)];
        entries.into_iter().flatten().any(|entry| entry.core)
    };
    let concerns = |of: Crate, change: &Change| {
        // The tables of methods are not in the core; its unions of messages count as items.
        of > Crate::Core || change.owners.iter().any(is_core)
    };
    let crates = [Crate::Core, Crate::Types, Crate::Client];
    let verdicts = crates.map(|of| {
        let (broken, added) = count(of, &before, &after);
        let changes: Vec<&Change> = changes.iter().filter(|it| concerns(of, it)).collect();
        let breaks_decoding = changes.iter().any(|change| change.decoding.is_some());
        let level = match (broken, added) {
            (1.., _) => Level::Major,
            (0, 1..) => Level::Minor,
            (0, 0) if breaks_decoding => Level::Minor,
            (0, 0) if !changes.is_empty() => Level::Patch,
            (0, 0) => Level::None,
        };
        Verdict {
            of,
            level,
            broken,
            added,
        }
    });
    verdicts.to_vec()
}

fn count(of: Crate, before: &Api, after: &Api) -> (usize, usize) {
    let signature = |api: &Api, path: &String| {
        let item = api.get(path).filter(|item| item.owner <= of);
        item.map(|item| item.signature.clone())
    };
    let all = |api: &Api| {
        let items = api.iter().filter(|(_, item)| item.owner <= of);
        items.map(|(path, _)| path.clone()).collect::<Vec<_>>()
    };
    let broken = all(before).into_iter();
    let broken = broken.filter(|path| signature(after, path) != signature(before, path));
    let added = all(after).into_iter();
    let added = added.filter(|path| signature(before, path).is_none());
    (broken.count(), added.count())
}

impl fmt::Display for Crate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Core => "codex-types-core",
            Self::Types => "codex-types",
            Self::Client => "codex-client",
        })
    }
}

impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::None => "none",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        })
    }
}
