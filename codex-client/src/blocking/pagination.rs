//! Lists that the runtime returns a page at a time.

use std::fmt;

use crate::connection::park::block_on;
use crate::error::Error;
use crate::nonblocking;

/// Every entry of a list, in order, over all of its pages; a page is asked for when the one
/// before it is used up. An iterator that waits for each page.
///
/// After an error there is nothing more. Entries that are added or removed in the meantime may
/// be missed or come twice.
pub struct Items<T>(pub(crate) nonblocking::Items<T>);

impl<T> Items<T> {
    /// All entries that are left.
    ///
    /// # Errors
    ///
    /// As for [`Client::request`](crate::blocking::Client::request).
    pub fn collect_all(self) -> Result<Vec<T>, Error> {
        block_on(self.0.collect_all())
    }
}

impl<T> Iterator for Items<T> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        block_on(self.0.next())
    }
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
