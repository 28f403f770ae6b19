//! The position in a paged list; shared by both APIs.
//!
//! A server may return pages in a circle, or empty ones without end: the list ends then.

use codex_types::List;

/// One page.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) entries: List<T>,
    pub(crate) next: Option<String>,
}

/// Maximum number of empty pages in a row.
const MOST_EMPTY: usize = 1000;

/// The next page.
#[derive(Debug, Default)]
pub(crate) struct Cursor {
    next: Next,
    /// An earlier cursor: a page that leads there again closes a circle. It moves on after twice as
    /// many pages each time, which finds a circle of any length (Brent's algorithm).
    mark: Option<String>,
    /// The pages since the mark, and the number after which it moves on.
    steps: usize,
    most_steps: usize,
    /// Number of empty pages in a row.
    empty: usize,
}

#[derive(Debug, Default)]
enum Next {
    /// The first.
    #[default]
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
        match &self.next {
            Next::Start => Some(None),
            Next::At(cursor) => Some(Some(cursor.clone())),
            Next::End => None,
        }
    }

    /// Records a received page.
    pub(crate) fn advance(&mut self, is_empty: bool, next: Option<String>) {
        self.empty = if is_empty { self.empty + 1 } else { 0 };
        let Some(next) = next else {
            return self.end();
        };
        if self.mark.as_ref() == Some(&next) || self.empty > MOST_EMPTY {
            tracing::warn!("the server lists pages without end: the list is ended");
            return self.end();
        }
        if self.steps == self.most_steps {
            self.most_steps = 2 * self.most_steps + 1;
            self.steps = 0;
            self.mark = Some(next.clone());
        }
        self.steps += 1;
        self.next = Next::At(next);
    }

    /// Records that there is no other page.
    pub(crate) fn end(&mut self) {
        self.next = Next::End;
    }
}

#[cfg(test)]
mod tests {
    use super::Cursor;

    /// Number of pages that are requested of a server whose pages lead to these.
    fn pages(next: impl Fn(usize) -> Option<String>, is_empty: bool) -> usize {
        let mut cursor = Cursor::default();
        let mut count = 0;
        while cursor.next().is_some() {
            assert!(count < 100_000, "endless");
            cursor.advance(is_empty, next(count));
            count += 1;
        }
        count
    }

    #[test]
    fn pages_are_walked_to_the_end() {
        let mut cursor = Cursor::default();
        assert_eq!(cursor.next(), Some(None));
        cursor.advance(false, Some("a".to_owned()));
        assert_eq!(cursor.next(), Some(Some("a".to_owned())));
        cursor.advance(false, None);
        assert_eq!(cursor.next(), None);
        let many = |count: usize| (count < 50_000).then(|| count.to_string());
        assert_eq!(pages(many, false), 50_001);
    }

    #[test]
    fn circles_of_pages_are_left() {
        for length in [1, 2, 3, 10, 100] {
            for before in [0, 1, 7] {
                let next = |count: usize| {
                    let place = count.checked_sub(before).map(|after| after % length);
                    Some(place.map_or_else(|| format!("before {count}"), |it| it.to_string()))
                };
                let count = pages(next, false);
                assert!(count <= 4 * (before + length) + 4, "{length}: {count}");
            }
        }
    }

    #[test]
    fn empty_pages_do_not_go_on_forever() {
        let endless = |count: usize| Some(count.to_string());
        assert_eq!(pages(endless, true), super::MOST_EMPTY + 1);
    }
}
