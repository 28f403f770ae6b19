//! The three states of an optional field in what a client sends.

use std::fmt;

/// An optional field of a request: absent, `null`, or a value.
///
/// The runtime may distinguish the first two: an absent `serviceTier` keeps
/// the stored one, `null` resets it.
///
/// ```
/// use codex_types::Field;
///
/// let mut tier: Field<String> = Field::Absent;
/// assert!(tier.is_absent());
/// tier = "fast".into();
/// assert_eq!(tier.as_option().map(String::as_str), Some("fast"));
/// tier = Field::Null;
/// assert_eq!(tier.as_option(), None);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "JSON has no fourth state")]
pub enum Field<T> {
    /// The field is not sent.
    #[default]
    Absent,
    /// The field is sent as `null`.
    Null,
    /// The field is sent with this value.
    Value(T),
}

impl<T> Field<T> {
    /// Returns true if the field is not sent at all.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Returns true if the field is sent as `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The value, whichever way the field is empty otherwise.
    pub fn as_option(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// The value to change, whichever way the field is empty otherwise.
    pub fn as_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// The value, or `None` for both kinds of empty fields.
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }
}

impl<T> From<T> for Field<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl From<&str> for Field<String> {
    fn from(value: &str) -> Self {
        Self::Value(value.to_owned())
    }
}

/// `None` is absent: an unset field is not sent.
impl<T> From<Option<T>> for Field<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Value)
    }
}

impl<T: fmt::Debug> fmt::Debug for Field<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => formatter.write_str("Absent"),
            Self::Null => formatter.write_str("Null"),
            Self::Value(value) => value.fmt(formatter),
        }
    }
}
