//! Enumerations of strings that keep unknown values.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The progress of an item.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
#[non_exhaustive]
pub enum ItemStatus {
    /// Under way.
    InProgress,
    /// Done.
    Completed,
    /// Attempted without success.
    Failed,
    /// Not allowed.
    Declined,
    /// An unknown value, unchanged.
    Unrecognized(String),
}

impl ItemStatus {
    /// The value as the runtime writes it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Declined => "declined",
            Self::Unrecognized(text) => text,
        }
    }
}

impl From<String> for ItemStatus {
    fn from(text: String) -> Self {
        match text.as_str() {
            "in_progress" => Self::InProgress,
            "completed" => Self::Completed,
            "failed" => Self::Failed,
            "declined" => Self::Declined,
            _ => Self::Unrecognized(text),
        }
    }
}

impl From<ItemStatus> for String {
    fn from(value: ItemStatus) -> Self {
        value.as_str().to_owned()
    }
}

impl fmt::Display for ItemStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The phase of a message, which marks the final answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
#[non_exhaustive]
pub enum MessagePhase {
    /// Commentary before the answer.
    Commentary,
    /// The answer.
    FinalAnswer,
    /// An unknown value, unchanged.
    Unrecognized(String),
}

impl MessagePhase {
    /// The value as the runtime writes it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Commentary => "commentary",
            Self::FinalAnswer => "final_answer",
            Self::Unrecognized(text) => text,
        }
    }
}

impl From<String> for MessagePhase {
    fn from(text: String) -> Self {
        match text.as_str() {
            "commentary" => Self::Commentary,
            "final_answer" => Self::FinalAnswer,
            _ => Self::Unrecognized(text),
        }
    }
}

impl From<MessagePhase> for String {
    fn from(value: MessagePhase) -> Self {
        value.as_str().to_owned()
    }
}

impl fmt::Display for MessagePhase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The kind of change of a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
#[non_exhaustive]
pub enum FileChangeKind {
    /// The file is created.
    Add,
    /// The file is removed.
    Delete,
    /// The file is changed.
    Update,
    /// An unknown value, unchanged.
    Unrecognized(String),
}

impl FileChangeKind {
    /// The value as the runtime writes it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Add => "add",
            Self::Delete => "delete",
            Self::Update => "update",
            Self::Unrecognized(text) => text,
        }
    }
}

impl From<String> for FileChangeKind {
    fn from(text: String) -> Self {
        match text.as_str() {
            "add" => Self::Add,
            "delete" => Self::Delete,
            "update" => Self::Update,
            _ => Self::Unrecognized(text),
        }
    }
}

impl From<FileChangeKind> for String {
    fn from(value: FileChangeKind) -> Self {
        value.as_str().to_owned()
    }
}

impl fmt::Display for FileChangeKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
