//! The position in a paged list; shared by both APIs.

use codex_types::List;

/// One page.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) entries: List<T>,
    pub(crate) next: Option<String>,
}

/// The next page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Cursor {
    /// The first.
    Start,
    /// The page at this cursor.
    At(String),
    /// None.
    End,
}

impl Cursor {
    /// The request of the next page: `None` after the last one, and without a cursor for the first
    /// page.
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

    /// Records a received page. A server that repeats the same cursor would cause an endless loop.
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
