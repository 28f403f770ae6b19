//! Lists that the runtime gives a page at a time; the blocking face.

use std::collections::VecDeque;
use std::fmt;

use codex_types::{Model, ThreadItemEntry, Turn};

use crate::error::Error;
use crate::generated::blocking::builders::{ModelList, ThreadItems, ThreadList, ThreadTurns};
use crate::shared::page::{Cursor, Page, page_of};

type Fetch<T> = dyn FnMut(Option<String>) -> Result<Page<T>, Error> + Send;

/// Every entry of a list, in order, over all of its pages; a page is asked for when the one
/// before it is used up. An iterator that waits for each page.
///
/// After an error there is nothing more. Entries that are added or removed in the meantime may
/// be missed or come twice.
pub struct Items<T> {
    fetch: Box<Fetch<T>>,
    entries: VecDeque<T>,
    cursor: Cursor,
}

impl<T> Items<T> {
    fn new(fetch: impl FnMut(Option<String>) -> Result<Page<T>, Error> + Send + 'static) -> Self {
        Self {
            fetch: Box::new(fetch),
            entries: VecDeque::new(),
            cursor: Cursor::Start,
        }
    }

    /// All entries that are left.
    ///
    /// # Errors
    ///
    /// As for [`Client::request`](crate::blocking::Client::request).
    pub fn collect_all(self) -> Result<Vec<T>, Error> {
        self.collect()
    }
}

impl<T> Iterator for Items<T> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(entry) = self.entries.pop_front() {
                return Some(Ok(entry));
            }
            let cursor = self.cursor.next()?;
            match (self.fetch)(cursor) {
                Ok(page) => {
                    self.entries = page.entries;
                    self.cursor.advance(page.next);
                }
                Err(error) => {
                    self.cursor = Cursor::End;
                    return Some(Err(error));
                }
            }
        }
    }
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waiting = &self.entries.len();
        formatter
            .debug_struct("Items")
            .field("waiting", waiting)
            .finish_non_exhaustive()
    }
}

impl ThreadList {
    /// Every entry of the list from the cursor on, over all pages; the limit is that of each
    /// page.
    pub fn all(self) -> Items<codex_types::Thread> {
        Items::new(move |cursor| {
            let builder = match cursor {
                Some(cursor) => self.clone().cursor(cursor),
                None => self.clone(),
            };
            Ok(page_of!(builder.call()?))
        })
    }
}

impl ModelList {
    /// Every entry of the list from the cursor on, over all pages; the limit is that of each
    /// page.
    pub fn all(self) -> Items<Model> {
        Items::new(move |cursor| {
            let builder = match cursor {
                Some(cursor) => self.clone().cursor(cursor),
                None => self.clone(),
            };
            Ok(page_of!(builder.call()?))
        })
    }
}

impl ThreadTurns {
    /// Every entry of the list from the cursor on, over all pages; the limit is that of each
    /// page.
    pub fn all(self) -> Items<Turn> {
        Items::new(move |cursor| {
            let builder = match cursor {
                Some(cursor) => self.clone().cursor(cursor),
                None => self.clone(),
            };
            Ok(page_of!(builder.call()?))
        })
    }
}

impl ThreadItems {
    /// Every entry of the list from the cursor on, over all pages; the limit is that of each
    /// page.
    pub fn all(self) -> Items<ThreadItemEntry> {
        Items::new(move |cursor| {
            let builder = match cursor {
                Some(cursor) => self.clone().cursor(cursor),
                None => self.clone(),
            };
            Ok(page_of!(builder.call()?))
        })
    }
}
