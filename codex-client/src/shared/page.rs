//! Where one is in a list that comes in pages; shared by both APIs.

use std::collections::VecDeque;

/// One page.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) entries: VecDeque<T>,
    pub(crate) next: Option<String>,
}

/// Which page comes next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Cursor {
    /// The first.
    Start,
    /// The one that is named.
    At(String),
    /// None.
    End,
}

impl Cursor {
    /// What to ask for: `None` when there is nothing more, and no cursor for the first page.
    #[expect(
        clippy::option_option,
        reason = "whether there is a page, and where it begins"
    )]
    pub(crate) fn next(&self) -> Option<Option<String>> {
        match self {
            Self::Start => Some(None),
            Self::At(cursor) => Some(Some(cursor.clone())),
            Self::End => None,
        }
    }

    /// A page has come. A server that names the same page again would be asked for ever.
    pub(crate) fn advance(&mut self, next: Option<String>) {
        *self = match next {
            Some(next) if *self != Self::At(next.clone()) => Self::At(next),
            _ => Self::End,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::Cursor;

    #[test]
    fn pages_are_walked_to_the_end_and_never_in_a_circle() {
        let mut cursor = Cursor::Start;
        assert_eq!(cursor.next(), Some(None));
        cursor.advance(Some("a".to_owned()));
        assert_eq!(cursor.next(), Some(Some("a".to_owned())));
        cursor.advance(Some("b".to_owned()));
        cursor.advance(Some("b".to_owned()));
        assert_eq!(cursor.next(), None);
        let mut cursor = Cursor::Start;
        cursor.advance(None);
        assert_eq!(cursor.next(), None);
    }
}
