//! Lists that the runtime returns one page at a time.

use crate::connection::park::block_on;
use crate::error::Error;
use crate::nonblocking;

/// Every entry of a list, in order, over all of its pages; a page is requested when the previous
/// one is exhausted. A blocking iterator.
///
/// A malformed entry is an [`Error::MalformedElement`], after which the others follow; it ends after
/// any other error. Entries that are added or removed in the meantime may be missing or
/// repeated. It ends as well if the server repeats its pages in a circle, or after a thousand empty
/// ones.
#[must_use = "no page is requested until it is read"]
pub struct Items<T>(pub(crate) nonblocking::Items<T>);

impl<T> Items<T> {
    /// Returns all remaining entries, with those that are malformed beside them, as many as the server
    /// lists: read a list that may be too long entry by entry.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`](crate::blocking::Client::request).
    #[inline]
    pub fn collect_all(self) -> Result<codex_types::List<T>, Error> {
        block_on(self.0.collect_all())
    }
}
