//! Lists that the runtime returns one page at a time; async API.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use codex_types::{List, MalformedElement};

use crate::error::Error;
use crate::shared::page::{Cursor, Page};

type Fetching<T> = Pin<Box<dyn Future<Output = Result<Page<T>, Error>> + Send>>;

/// Every entry of a list, in order, over all of its pages; a page is requested when the previous
/// one is exhausted.
///
/// A malformed entry is an [`Error::MalformedElement`], after which the others follow; it ends after
/// any other error. Entries that are added or removed in the meantime may be missing or
/// repeated. It ends as well if the server repeats its pages in a circle, or after a thousand empty
/// ones.
#[must_use = "no page is requested until it is read"]
pub struct Items<T> {
    fetch: Box<dyn FnMut(Option<String>) -> Fetching<T> + Send>,
    fetching: Option<Fetching<T>>,
    entries: VecDeque<Result<T, MalformedElement>>,
    cursor: Cursor,
}

impl<T> Items<T> {
    pub(crate) fn new(fetch: impl FnMut(Option<String>) -> Fetching<T> + Send + 'static) -> Self {
        Self {
            fetch: Box::new(fetch),
            fetching: None,
            entries: VecDeque::new(),
            cursor: Cursor::default(),
        }
    }

    /// Returns the next entry; `None` after the last one. Cancel safe.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        poll_fn(|context| self.poll_next(context)).await
    }

    /// Returns all remaining entries, with those that are malformed beside them, as many as the server
    /// lists: read a list that may be too long entry by entry.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`](crate::Client::request).
    pub async fn collect_all(mut self) -> Result<List<T>, Error> {
        let mut all = List::new();
        while let Some(entry) = self.next().await {
            match entry {
                Ok(entry) => all.push(entry),
                Err(Error::MalformedElement(entry)) => all.push_malformed(*entry),
                Err(error) => return Err(error),
            }
        }
        Ok(all)
    }

    pub(crate) fn poll_next(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<T, Error>>> {
        loop {
            if let Some(entry) = self.entries.pop_front() {
                let malformed = |entry| Error::MalformedElement(Box::new(entry));
                return Poll::Ready(Some(entry.map_err(malformed)));
            }
            let fetching = match &mut self.fetching {
                Some(fetching) => fetching,
                None => match self.cursor.next() {
                    Some(cursor) => self.fetching.insert((self.fetch)(cursor)),
                    None => return Poll::Ready(None),
                },
            };
            let page = ready!(fetching.as_mut().poll(context));
            self.fetching = None;
            match page {
                Ok(page) => {
                    self.entries = page.entries.into_results().collect();
                    self.cursor.advance(self.entries.is_empty(), page.next);
                }
                Err(error) => {
                    self.cursor.end();
                    return Poll::Ready(Some(Err(error)));
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
