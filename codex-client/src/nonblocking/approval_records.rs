//! The stream of records of decisions about approvals.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::connection::Connection;
use crate::error::Error;
use crate::shared::approval::ApprovalRecord;

/// The records of all decisions about approvals on a connection, from now on; created by
/// [`Codex::approval_records`](crate::Codex::approval_records).
///
/// Decisions never wait for a reader. One that does not keep up misses records: beyond 1,024 of them,
/// or 16 MiB of requests. [`Error::Lagged`] reports their number at their place, and the records
/// continue after it. They end when the connection is closed; the last ones are those of the approvals
/// that were open. Holding it does not keep the connection open.
#[derive(Debug)]
pub struct ApprovalRecords {
    connection: Arc<Connection>,
    subscription: u64,
}

impl ApprovalRecords {
    /// Subscribes to the records of a connection.
    pub(crate) fn new(connection: &Arc<Connection>) -> Result<Self, Error> {
        let connection = Arc::clone(connection);
        let subscription = connection.audit.subscribe();
        let records = Self {
            connection,
            subscription,
        };
        match records.connection.closed() {
            Some(closed) => Err(closed.into()),
            None => Ok(records),
        }
    }

    /// Returns the next record; `None` after the last one. Cancel safe.
    pub async fn next(&mut self) -> Option<Result<ApprovalRecord, Error>> {
        poll_fn(|context| self.poll_next(context)).await
    }

    /// Polls for the next record.
    pub(crate) fn poll_next(
        &mut self,
        context: &Context<'_>,
    ) -> Poll<Option<Result<ApprovalRecord, Error>>> {
        let next = self.connection.audit.poll_next(self.subscription, context);
        next.map(|next| {
            let next = next?.map(|record| *record);
            Some(next.map_err(|missed| Error::Lagged { missed }))
        })
    }
}

impl Drop for ApprovalRecords {
    fn drop(&mut self) {
        self.connection.audit.unsubscribe(self.subscription);
    }
}
