//! Requests of the client: their ids, the limit of those in flight, and the delivery of responses.
//!
//! Independent of their contents and of deadlines.

use std::collections::VecDeque;

use super::SubscriptionId;
use super::frame::Frame;
use super::numbered::Numbered;
use super::outbox::Position;

/// The state of a request. `R` is the response, in the caller's representation.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Poll<R> {
    /// The response, which is returned once.
    Ready(R),
    /// Pending: the waiter is kept and woken on progress.
    Waiting,
    /// The connection is closed, and there will be no response.
    Closed,
    /// The link was lost while the request was in flight: it may have been carried out.
    Lost,
    /// There is no pending request with this id.
    Unknown,
}

#[derive(Debug)]
struct Entry<R, W> {
    state: State<R>,
    opening: Option<SubscriptionId>,
    waiter: Option<W>,
    /// True for a request that restores the link: it is of no use on another one.
    is_urgent: bool,
}

#[derive(Debug)]
enum State<R> {
    /// Queued for a free slot, with the frame to send.
    Queued(Frame),
    /// Sent, or in the outbox.
    Sent(Option<Position>),
    Completed(R),
    /// Sent on a link that was lost.
    Lost,
}

/// Requests that were not abandoned.
///
/// Invariant: `in_flight` is the number of entries in state `Sent`. Without urgent requests it never
/// exceeds `limit`, and while it is below and the link is up, no entry is `Queued`.
#[derive(Debug)]
pub(crate) struct PendingRequests<R, W> {
    entries: Numbered<i64, Entry<R, W>>,
    queue: VecDeque<i64>,
    in_flight: usize,
    limit: usize,
    last_id: i64,
}

/// A request that can be sent now.
#[derive(Debug)]
pub(crate) struct Sendable {
    pub(crate) id: i64,
    pub(crate) frame: Frame,
    pub(crate) opening: Option<SubscriptionId>,
}

/// The effects of a response on the rest of the engine.
#[derive(Debug)]
pub(crate) struct Completed<W> {
    pub(crate) opening: Option<SubscriptionId>,
    pub(crate) waiter: Option<W>,
}

impl<R, W> PendingRequests<R, W> {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            entries: Numbered::default(),
            queue: VecDeque::new(),
            in_flight: 0,
            limit: limit.max(1),
            last_id: 0,
        }
    }

    /// Returns an unused number.
    pub(crate) fn next_id(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
    }

    /// Returns whether a request had this number, answered or not.
    pub(crate) fn was_issued(&self, id: i64) -> bool {
        (1..=self.last_id).contains(&id)
    }

    /// Registers a request. [`PendingRequests::next_sendable`] returns it when it can be sent.
    pub(crate) fn insert(&mut self, id: i64, frame: Frame, opening: Option<SubscriptionId>) {
        self.queue.push_back(id);
        let entry = Entry {
            state: State::Queued(frame),
            opening,
            waiter: None,
            is_urgent: false,
        };
        self.entries.insert(id, entry);
    }

    /// Registers a request that is sent at once, whatever is queued.
    pub(super) fn insert_urgent(&mut self, id: i64, position: Position) {
        self.in_flight += 1;
        let entry = Entry {
            state: State::Sent(Some(position)),
            opening: None,
            waiter: None,
            is_urgent: true,
        };
        self.entries.insert(id, entry);
    }

    /// The oldest queued request, if there is a free slot for it.
    pub(crate) fn next_sendable(&mut self) -> Option<Sendable> {
        while self.in_flight < self.limit {
            let id = self.queue.pop_front()?;
            let Some(entry) = self.entries.get_mut(id) else {
                continue; // given up while it was queued
            };
            if let State::Queued(frame) = std::mem::replace(&mut entry.state, State::Sent(None)) {
                self.in_flight += 1;
                let opening = entry.opening;
                return Some(Sendable { id, frame, opening });
            }
        }
        None
    }

    /// Stores the position of a request's frame in the outbox.
    pub(super) fn is_in_outbox(&mut self, id: i64, position: Position) {
        if let Some(entry) = self.entries.get_mut(id) {
            entry.state = State::Sent(Some(position));
        }
    }

    /// The subscription that a request opens, if any.
    pub(crate) fn opening(&self, id: i64) -> Option<SubscriptionId> {
        self.entries.get(id)?.opening
    }

    /// Stores a response. Returns `None` if no request waits for it: abandoned, answered before,
    /// unknown, or not sent.
    pub(crate) fn complete(&mut self, id: i64, response: R) -> Option<Completed<W>> {
        let entry = self.entries.get_mut(id)?;
        if !matches!(entry.state, State::Sent(_)) {
            return None;
        }
        entry.state = State::Completed(response);
        self.in_flight -= 1;
        Some(Completed {
            opening: entry.opening,
            waiter: entry.waiter.take(),
        })
    }

    /// Takes the response, or registers a waiter.
    pub(crate) fn poll(&mut self, id: i64, waiter: impl FnOnce() -> W) -> Poll<R> {
        let Some(entry) = self.entries.get_mut(id) else {
            return Poll::Unknown;
        };
        if !matches!(entry.state, State::Completed(_) | State::Lost) {
            entry.waiter = Some(waiter());
            return Poll::Waiting;
        }
        match self.entries.remove(id).map(|entry| entry.state) {
            Some(State::Completed(response)) => Poll::Ready(response),
            Some(State::Lost) => Poll::Lost,
            _ => Poll::Unknown,
        }
    }

    /// Removes a request and frees its slot; a later response is ignored. Returns the possible
    /// position of its frame.
    pub(super) fn abandon(&mut self, id: i64) -> Option<Position> {
        match self.entries.remove(id)?.state {
            State::Sent(position) => {
                self.in_flight -= 1;
                position
            }
            State::Queued(_) => {
                self.forget_queued();
                None
            }
            State::Completed(_) | State::Lost => None,
        }
    }

    /// The link is lost: every request in flight fails, except those that `take_back` finds unsent,
    /// which are queued again. Returns the waiters of the former, and the subscriptions that the
    /// latter open.
    pub(super) fn lose(
        &mut self,
        mut take_back: impl FnMut(Position) -> Option<Frame>,
    ) -> (Vec<W>, Vec<SubscriptionId>) {
        let (mut waiters, mut unsent) = (Vec::new(), Vec::new());
        let mut queue = VecDeque::new();
        for (id, entry) in self.entries.iter_mut() {
            let State::Sent(position) = entry.state else {
                continue;
            };
            self.in_flight -= 1;
            let position = position.filter(|_| !entry.is_urgent);
            if let Some(frame) = position.and_then(&mut take_back) {
                queue.push_back(id);
                unsent.extend(entry.opening);
                entry.state = State::Queued(frame);
            } else {
                waiters.extend(entry.waiter.take());
                entry.state = State::Lost;
            }
        }
        queue.append(&mut self.queue);
        self.queue = queue;
        (waiters, unsent)
    }

    /// Removes the numbers of requests that were abandoned in the queue, when they are most of it.
    fn forget_queued(&mut self) {
        const FEW: usize = 64;
        if self.queue.len() > FEW && self.queue.len() / 2 > self.entries.len() {
            let entries = &self.entries;
            self.queue.retain(|id| entries.contains(*id));
        }
    }

    /// Drops every request without a response and returns their waiters. Responses that have
    /// arrived can still be taken.
    pub(crate) fn fail_all(&mut self) -> Vec<W> {
        self.queue.clear();
        self.in_flight = 0;
        let mut waiters = Vec::new();
        self.entries.retain(|entry| {
            let answered = matches!(entry.state, State::Completed(_) | State::Lost);
            waiters.extend(entry.waiter.take().filter(|_| !answered));
            answered
        });
        waiters
    }

    #[cfg(test)]
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Number of entries in all tables.
    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        self.entries.len() + self.queue.len() + self.in_flight
    }
}

#[cfg(test)]
mod tests {
    use super::{Frame, PendingRequests, Poll, Position};

    type Table = PendingRequests<&'static str, u8>;

    fn sent(table: &mut Table) -> Vec<String> {
        std::iter::from_fn(|| table.next_sendable())
            .map(|sendable| sendable.frame.text().into_owned())
            .collect()
    }

    fn table_with(limit: usize, count: i64) -> Table {
        let mut table = Table::new(limit);
        for expected in 1..=count {
            let id = table.next_id();
            assert_eq!(id, expected);
            table.insert(id, format!("frame {id}").into(), None);
        }
        table
    }

    #[test]
    fn requests_wait_in_order_for_a_free_slot() {
        let mut table = table_with(2, 4);
        assert_eq!(sent(&mut table), ["frame 1", "frame 2"]);
        assert!(table.complete(2, "two").is_some());
        assert_eq!(sent(&mut table), ["frame 3"]);
        table.abandon(1);
        assert_eq!(sent(&mut table), ["frame 4"]);
    }

    #[test]
    fn an_answer_is_handed_out_once() {
        let mut table = table_with(8, 1);
        sent(&mut table);
        assert_eq!(table.poll(1, || 7), Poll::Waiting);
        assert_eq!(table.complete(1, "one").unwrap().waiter, Some(7));
        assert!(table.complete(1, "again").is_none());
        assert_eq!(table.poll(1, || 7), Poll::Ready("one"));
        assert_eq!(table.poll(1, || 7), Poll::Unknown);
    }

    #[test]
    fn an_abandoned_request_is_not_sent_and_takes_no_slot() {
        let mut table = table_with(1, 3);
        table.abandon(1);
        assert_eq!(sent(&mut table), ["frame 2"]);
        table.abandon(2);
        assert!(table.complete(2, "late").is_none());
        assert_eq!(sent(&mut table), ["frame 3"]);
        assert_eq!(table.in_flight(), 1);
    }

    #[test]
    fn response_to_an_unsent_or_unknown_request_is_ignored() {
        let mut table = table_with(1, 2);
        sent(&mut table);
        assert!(table.complete(2, "early").is_none());
        assert!(table.complete(3, "unknown").is_none());
        assert!(table.was_issued(2) && !table.was_issued(3) && !table.was_issued(0));
    }

    #[test]
    fn failing_keeps_only_what_was_answered() {
        let mut table = table_with(2, 3);
        sent(&mut table);
        table.complete(1, "one");
        for id in [2, 3] {
            table.poll(id, || u8::try_from(id).unwrap());
        }
        assert_eq!(table.fail_all(), [2, 3]);
        assert!(table.next_sendable().is_none());
        assert_eq!(table.poll(1, || 0), Poll::Ready("one"));
        assert_eq!(table.poll(2, || 0), Poll::Unknown);
    }
    #[test]
    fn lost_link_fails_what_was_sent_and_queues_the_rest_again() {
        let mut table = table_with(2, 4);
        sent(&mut table);
        table.is_in_outbox(1, Position::new(7));
        table.is_in_outbox(2, Position::new(8));
        table.poll(1, || 1);
        let frame = || Frame::from("frame 2");
        let take_back = |position| (position == Position::new(8)).then(frame);
        let (waiters, _) = table.lose(take_back);
        assert_eq!(waiters, [1]);
        assert_eq!(table.poll(1, || 0), Poll::Lost);
        assert_eq!(sent(&mut table), ["frame 2", "frame 3"], "in their order");
    }

    #[test]
    fn urgent_request_is_not_repeated_on_another_link() {
        let mut table = table_with(1, 2);
        table.insert_urgent(3, Position::new(1));
        let (_, unsent) = table.lose(|_| Some("frame".into()));
        assert!(unsent.is_empty());
        assert_eq!(table.poll(3, || 0), Poll::Lost);
        assert_eq!(table.in_flight(), 0);
    }
}
