//! A value that never reaches logs: it is kept, and not printed.

use std::fmt;

/// Something that is not printed: it may hold what nobody should see.
#[derive(Clone)]
pub(crate) struct Secret<T>(pub(crate) T);

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[not shown]")
    }
}
