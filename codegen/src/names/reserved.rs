//! Names that are unavailable to emitted code: Rust's own, those of the items that emitted code
//! uses, and those of hand-written items in the same scope.
//!
//! The latter are read from the sources by [`crate::hand_written`] and kept in a generated file, so
//! that none can be missing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::{FileTree, emit};

/// Hand-written names, listed by [`crate::hand_written`].
const HAND_WRITTEN: &str = include_str!("../generated/hand_written.txt");

/// Types, traits and variants of Rust's prelude and of the prelude of emitted code.
const PRELUDE: &[&str] = &[
    "AsMut",
    "AsRef",
    "BTreeMap",
    "Box",
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "DoubleEndedIterator",
    "Drop",
    "Eq",
    "Err",
    "ExactSizeIterator",
    "Extend",
    "Extra",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "FromIterator",
    "Future",
    "Hash",
    "Into",
    "IntoFuture",
    "IntoIterator",
    "Iterator",
    "JsonError",
    "None",
    "Number",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Redacted",
    "RedactedValues",
    "Result",
    "Self",
    "Send",
    "Serialize",
    "Serializer",
    "Shape",
    "Sized",
    "Some",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Unpin",
    "UntaggedUnion",
    "Value",
    "Vec",
];

/// Names that generated files of the client import, and that would shadow a model.
const CLIENT: &[&str] = &[
    "AnyApproval",
    "ApprovalMode",
    "ApprovalRequest",
    "Boxed",
    "BuilderState",
    "Client",
    "Closure",
    "Codex",
    "CompactHandle",
    "Decision",
    "Duration",
    "Error",
    "GoalHandle",
    "HandlerResult",
    "Handlers",
    "Items",
    "Page",
    "Path",
    "Pin",
    "RequestContext",
    "Response",
    "Sandbox",
    "ServerRequestHandler",
    "TurnControl",
    "TurnHandle",
    "TurnResult",
];

/// Methods of traits that hand-written code calls on the client: an emitted one would hide them.
const OF_TRAITS: &[&str] = &[
    "as_ref",
    "borrow",
    "borrow_mut",
    "clone",
    "clone_from",
    "clone_into",
    "drop",
    "eq",
    "fmt",
    "from",
    "into",
    "ne",
    "to_owned",
    "try_from",
    "try_into",
    "type_id",
];

/// Methods that every struct has, or that emitted code calls on one.
const OF_STRUCTS: &[&str] = &["extra", "extra_mut", "into", "new", "serialize"];

#[derive(Default)]
struct HandWritten {
    types: BTreeSet<&'static str>,
    methods: BTreeMap<&'static str, BTreeSet<&'static str>>,
}

static NAMES: LazyLock<HandWritten> = LazyLock::new(|| {
    let mut names = HandWritten::default();
    for line in HAND_WRITTEN.lines() {
        let mut words = line.split(' ');
        match (words.next(), words.next(), words.next()) {
            (Some("type"), Some(name), _) => {
                names.types.insert(name);
            }
            (Some("method"), Some(owner), Some(name)) => {
                names.methods.entry(owner).or_default().insert(name);
            }
            _ => {}
        }
    }
    names
});

/// Returns whether a model cannot have this name.
pub(crate) fn is_type(name: &str) -> bool {
    PRELUDE.contains(&name) || NAMES.types.contains(name)
}

/// Returns whether a model with this name would be shadowed in generated files of the client.
pub(crate) fn is_imported_by_client(name: &str) -> bool {
    CLIENT.contains(&name)
}

/// The names that no generated file of the client has.
pub(crate) fn stale(tree: &FileTree) -> Vec<String> {
    let is_word = |text: &str, name: &str| {
        let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
        text.match_indices(name).any(|(start, _)| {
            let (before, rest) = text.split_at(start);
            !before.ends_with(is_letter) && !rest[name.len()..].starts_with(is_letter)
        })
    };
    let files = tree
        .iter()
        .filter(|(path, _)| path.starts_with(emit::CLIENT));
    let files: Vec<&str> = files.map(|(_, text)| text).collect();
    let is_used = |name: &str| files.iter().any(|text| is_word(text, name));
    let rows = CLIENT.iter().filter(|name| !is_used(name));
    rows.map(|name| format!("codegen/src/names/reserved.rs: CLIENT ({name})"))
        .collect()
}

/// Returns whether a setter with this name would hide another method.
pub(crate) fn is_method_of_structs(name: &str) -> bool {
    OF_STRUCTS.contains(&name)
}

/// Returns whether the client has a hand-written method with this name.
pub(crate) fn is_client_method(name: &str) -> bool {
    is_method("Client", name) || OF_TRAITS.contains(&name)
}

/// Returns whether the handler trait has a method with this name beside those of the requests.
pub(crate) fn is_handler_method(name: &str) -> bool {
    ["approval", "decides_approvals", "unrecognized"].contains(&name)
}

/// Returns whether a type has a hand-written method with this name.
pub(crate) fn is_method(owner: &str, name: &str) -> bool {
    NAMES
        .methods
        .get(owner)
        .is_some_and(|methods| methods.contains(name))
}
