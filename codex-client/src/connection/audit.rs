//! The records of decisions about approvals: one log event each, and a bounded queue per subscriber.
//!
//! Recording never waits: a subscriber that does not read misses records, and is told their number.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::SystemTime;

use codex_types::RequestId;

use super::ReceivedRequest;
use crate::engine::{Numbered, Recorded, Response};
use crate::shared::approval::{ApprovalRecord, ApprovalRequest, DecidedBy, Decision, Origin};

/// Maximum number of records in a subscriber's queue.
const MOST: usize = 1024;
/// Maximum memory of the requests in a subscriber's queue, in bytes of approximate weight.
const MOST_WEIGHT: usize = 16 << 20;

/// The subscribers to the records of a connection.
#[derive(Debug, Default)]
pub(crate) struct Audit(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    queues: Numbered<u64, Queue>,
    last: u64,
    ended: bool,
}

#[derive(Debug, Default)]
struct Queue {
    entries: VecDeque<Entry>,
    weight: usize,
    waker: Option<Waker>,
}

#[derive(Debug)]
enum Entry {
    Record(Box<ApprovalRecord>, usize),
    /// Number of records that were dropped at this point.
    Missed(u64),
}

/// A record, or the number of records that were missed.
type NextRecord = Result<Box<ApprovalRecord>, u64>;

impl Audit {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records the response to a request, or that there is none.
    pub(super) fn record(
        &self,
        request: Recorded<Arc<ReceivedRequest>>,
        response: Option<&Response>,
        origin: Origin,
    ) {
        let Recorded {
            id,
            payload,
            weight,
        } = request;
        // A question that is no approval after all.
        let Some(request) = ApprovalRequest::received(payload) else {
            return;
        };
        let decision = response.and_then(|it| Decision::in_response(request.request(), it));
        let method = request.request().method().into();
        self.add(
            &ApprovalRecord {
                request_id: id,
                method,
                decided_by: origin.by,
                decision,
                reason: origin.reason,
                time: SystemTime::now(),
                request: Some(request),
                response: response.and_then(text),
            },
            weight,
        );
    }

    /// Records a malformed request, which was answered with an error response.
    pub(super) fn record_malformed(&self, id: RequestId, method: &str, origin: Origin) {
        let is_sent = origin.by != DecidedBy::Shutdown;
        self.add(
            &ApprovalRecord {
                request_id: id,
                method: method.into(),
                decided_by: origin.by,
                decision: is_sent.then_some(Decision::Decline),
                reason: origin.reason,
                time: SystemTime::now(),
                request: None,
                response: None,
            },
            0,
        );
    }

    fn add(&self, record: &ApprovalRecord, weight: usize) {
        let request = record.request.as_ref();
        tracing::info!(
            method = &*record.method,
            thread = request.and_then(ApprovalRequest::thread_id),
            turn = request.and_then(ApprovalRequest::turn_id),
            item = request.and_then(ApprovalRequest::item_id),
            decision = record.decision.map(Decision::as_str),
            by = record.decided_by.as_str(),
            reason = record.reason.as_deref(),
            "approval decided"
        );
        let mut state = self.lock();
        let queues = state.queues.values_mut();
        let wakers: Vec<Waker> = queues
            .filter_map(|queue| queue.push(record, weight))
            .collect();
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Starts a subscription to records from now on.
    pub(crate) fn subscribe(&self) -> u64 {
        let mut state = self.lock();
        state.last += 1;
        let number = state.last;
        state.queues.insert(number, Queue::default());
        number
    }

    /// Ends a subscription.
    pub(crate) fn unsubscribe(&self, number: u64) {
        self.lock().queues.remove(number);
    }

    /// Ends all subscriptions once they are read: no decisions follow.
    pub(super) fn end(&self) {
        let mut state = self.lock();
        state.ended = true;
        let queues = state.queues.values_mut();
        let wakers: Vec<Waker> = queues.filter_map(|queue| queue.waker.take()).collect();
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Polls for the next record of a subscription; `None` after the last one.
    pub(crate) fn poll_next(&self, number: u64, context: &Context<'_>) -> Poll<Option<NextRecord>> {
        let mut state = self.lock();
        let ended = state.ended;
        let Some(queue) = state.queues.get_mut(number) else {
            return Poll::Ready(None);
        };
        match queue.pop() {
            Some(next) => Poll::Ready(Some(next)),
            None if ended => Poll::Ready(None),
            None => {
                queue.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Queue {
    fn push(&mut self, record: &ApprovalRecord, weight: usize) -> Option<Waker> {
        // A single record of any size reaches a subscriber that reads.
        let is_full = self.entries.len() >= MOST || self.weight > MOST_WEIGHT;
        match self.entries.back_mut() {
            Some(Entry::Missed(missed)) if is_full => *missed += 1,
            _ if is_full => self.entries.push_back(Entry::Missed(1)),
            _ => {
                self.weight += weight;
                let record = Box::new(record.clone());
                self.entries.push_back(Entry::Record(record, weight));
            }
        }
        self.waker.take()
    }

    fn pop(&mut self) -> Option<NextRecord> {
        Some(match self.entries.pop_front()? {
            Entry::Record(record, weight) => {
                self.weight -= weight;
                Ok(record)
            }
            Entry::Missed(missed) => Err(missed),
        })
    }
}

/// The result of a response, as JSON.
fn text(response: &Response) -> Option<Arc<str>> {
    Some(response.as_ref().ok()?.get().into())
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use codex_types::RequestId;
    use serde_json::json;

    use super::{Audit, MOST};
    use crate::connection::settings::Settings;
    use crate::connection::{Connection, Link, ReaderMemory};
    use crate::error::{CloseReason, Closed};
    use crate::shared::approval::{DecidedBy, Decision, Origin};

    fn add(audit: &Audit, number: i64) {
        let origin = Origin::new(DecidedBy::Default, "x");
        audit.record_malformed(RequestId::Integer(number), "m", origin);
    }

    fn next(audit: &Audit, subscription: u64) -> Poll<Option<Result<RequestId, u64>>> {
        let next = audit.poll_next(subscription, &Context::from_waker(Waker::noop()));
        next.map(|next| next.map(|next| next.map(|record| record.request_id)))
    }

    #[test]
    fn approvals_beyond_the_limit_of_open_requests_are_recorded() {
        let mut limits = Settings::default().limits();
        limits.requests.weight = 0;
        let connection = Connection::new(limits, None);
        let subscription = connection.audit.subscribe();
        let link = Link::present(&connection);
        let request = |id: i64| {
            let params = json!({"threadId": "t", "turnId": "u", "itemId": "i", "startedAtMs": 1});
            let method = "item/fileChange/requestApproval";
            json!({"id": id, "method": method, "params": params}).to_string()
        };
        let frames = [request(1), request(2)];
        let frames = frames.iter().map(String::as_bytes);
        link.deliver(frames, &mut ReaderMemory::default());
        let next = || {
            let context = Context::from_waker(Waker::noop());
            match connection.audit.poll_next(subscription, &context) {
                Poll::Ready(Some(Ok(record))) => Some((record.decided_by, record.decision)),
                _ => None,
            }
        };
        let rejected = (DecidedBy::Limit, Some(Decision::Decline));
        assert_eq!((next(), next()), (Some(rejected), None));
        connection.close(Closed::new(CloseReason::ByClient));
        assert_eq!(next(), Some((DecidedBy::Shutdown, None)));
    }

    #[test]
    fn a_subscriber_that_does_not_read_is_told_what_it_missed() {
        let audit = Audit::default();
        add(&audit, -1);
        let (slow, fast) = (audit.subscribe(), audit.subscribe());
        let total = i64::try_from(MOST).unwrap() + 5;
        for number in 0..total {
            add(&audit, number);
            let record = RequestId::Integer(number);
            assert_eq!(next(&audit, fast), Poll::Ready(Some(Ok(record))));
        }
        assert_eq!(next(&audit, fast), Poll::Pending);
        for number in 0..total - 5 {
            let record = RequestId::Integer(number);
            assert_eq!(next(&audit, slow), Poll::Ready(Some(Ok(record))));
        }
        assert_eq!(next(&audit, slow), Poll::Ready(Some(Err(5))));
        assert_eq!(next(&audit, slow), Poll::Pending);
        add(&audit, total);
        audit.end();
        let last = RequestId::Integer(total);
        assert_eq!(next(&audit, slow), Poll::Ready(Some(Ok(last))));
        assert_eq!(next(&audit, slow), Poll::Ready(None));
        audit.unsubscribe(slow);
        audit.unsubscribe(fast);
        assert!(audit.lock().queues.is_empty());
    }
}
