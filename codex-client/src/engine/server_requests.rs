//! Requests of the server: which of them still want a reply.
//!
//! Does not know who answers them, nor how.

use std::collections::BTreeMap;

use codex_types::RequestId;

/// The requests the server waits for. Each leaves the table exactly once: by its reply, by
/// being resolved elsewhere, or with the connection.
///
/// Every request gets a number of its own, because the server may use an id again: a late
/// reply to the old request must not answer the new one.
#[derive(Debug)]
pub(crate) struct ServerRequests<W> {
    open: BTreeMap<u64, Open<W>>,
    last: u64,
}

#[derive(Debug)]
struct Open<W> {
    id: RequestId,
    /// Who wants to know when no reply is wanted any more.
    waiter: Option<W>,
}

impl<W> ServerRequests<W> {
    pub(crate) fn new() -> Self {
        let open = BTreeMap::new();
        Self { open, last: 0 }
    }

    /// Registers a request. `None` when one with this id is still open.
    pub(crate) fn open(&mut self, id: RequestId) -> Option<u64> {
        if self.find(&id).is_some() {
            return None;
        }
        self.last += 1;
        self.open.insert(self.last, Open { id, waiter: None });
        Some(self.last)
    }

    /// Whether a reply is still wanted.
    #[cfg(feature = "blocking")]
    pub(crate) fn is_open(&self, number: u64) -> bool {
        self.open.contains_key(&number)
    }

    /// Whether a reply is still wanted; if so, the waiter is woken when it is not any more.
    pub(crate) fn poll_wanted(&mut self, number: u64, waiter: impl FnOnce() -> W) -> bool {
        match self.open.get_mut(&number) {
            Some(open) => {
                open.waiter = Some(waiter());
                true
            }
            None => false,
        }
    }

    /// Takes the right to reply: the first caller gets the id, everyone after it nothing.
    pub(crate) fn claim(&mut self, number: u64) -> Option<RequestId> {
        self.open.remove(&number).map(|open| open.id)
    }

    /// Removes a request that was resolved elsewhere, and tells who waits for that.
    pub(crate) fn resolve(&mut self, id: &RequestId) -> Option<W> {
        let number = self.find(id)?;
        self.open.remove(&number)?.waiter
    }

    /// Removes every request, and tells who waits for that.
    pub(crate) fn close(&mut self) -> impl Iterator<Item = W> + use<W> {
        let open = std::mem::take(&mut self.open);
        open.into_values().filter_map(|open| open.waiter)
    }

    fn find(&self, id: &RequestId) -> Option<u64> {
        let mut open = self.open.iter();
        open.find_map(|(number, known)| (known.id == *id).then_some(*number))
    }
}

#[cfg(test)]
mod tests {
    use codex_types::RequestId;

    use super::ServerRequests;

    #[test]
    fn a_reply_is_claimed_once() {
        let mut table = ServerRequests::<u8>::new();
        let number = table.open(RequestId::Integer(0)).unwrap();
        assert_eq!(table.claim(number), Some(RequestId::Integer(0)));
        assert_eq!(table.claim(number), None);
    }

    #[test]
    fn a_number_and_a_text_are_different_ids() {
        let mut table = ServerRequests::<u8>::new();
        let number = table.open(RequestId::Integer(5)).unwrap();
        let text = table.open(RequestId::String("5".into())).unwrap();
        assert_eq!(table.open(RequestId::Integer(5)), None);
        assert_eq!(table.claim(text), Some(RequestId::String("5".into())));
        assert_eq!(table.claim(number), Some(RequestId::Integer(5)));
    }

    #[test]
    fn a_late_reply_does_not_answer_a_newer_request_with_the_same_id() {
        let mut table = ServerRequests::<u8>::new();
        let old = table.open(RequestId::Integer(1)).unwrap();
        assert!(table.poll_wanted(old, || 7));
        assert_eq!(table.resolve(&RequestId::Integer(1)), Some(7));
        assert!(!table.poll_wanted(old, || 8));
        let new = table.open(RequestId::Integer(1)).unwrap();
        assert_eq!(table.claim(old), None);
        assert_eq!(table.claim(new), Some(RequestId::Integer(1)));
        assert_eq!(table.resolve(&RequestId::Integer(1)), None);
    }
}
