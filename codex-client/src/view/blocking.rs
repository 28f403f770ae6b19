//! A view of a thread that feeds itself.

use std::time::Duration;

use crate::blocking::{RecvTimeoutError, Thread};
use crate::connection::park::block_on;
use crate::connection::timer::within;
use crate::error::Error;
use crate::view::{Changes, ThreadView};

impl Thread {
    /// Begins a [`LiveView`] of the thread: reads its history, and follows its events from now on.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`](crate::blocking::Client::request).
    pub fn view(&self) -> Result<LiveView, Error> {
        block_on(self.0.view()).map(LiveView)
    }
}

/// A [`ThreadView`] that follows a thread: an iterator over its changes. See
/// [`LiveView`](crate::view::LiveView) of the async API.
#[derive(Debug)]
pub struct LiveView(super::LiveView);

impl LiveView {
    /// Returns the view.
    pub fn view(&self) -> &ThreadView {
        self.0.view()
    }

    /// Returns the view, to set its limits.
    pub fn view_mut(&mut self) -> &mut ThreadView {
        self.0.view_mut()
    }

    /// Waits until the view changes, for at most this time; `None` after the end of the connection.
    ///
    /// # Errors
    ///
    /// Returns [`RecvTimeoutError`] if the time has passed; the changes continue.
    pub fn next_timeout(
        &mut self,
        limit: Duration,
    ) -> Result<Option<Result<Changes, Error>>, RecvTimeoutError> {
        block_on(within(Some(limit), self.0.next())).ok_or(RecvTimeoutError)
    }
}

impl Iterator for LiveView {
    type Item = Result<Changes, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        block_on(self.0.next())
    }
}
