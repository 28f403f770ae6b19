//! The link of a connection to the server, which may be lost and restored: a process, or a socket.
//!
//! A link is up, lost, or being restored. Requests that are submitted meanwhile wait; only urgent
//! ones are sent over a link that is being restored. Independent of the way to make a new one.

use std::sync::Arc;

use super::frame::Frame;
use super::outbox::Position;
use super::{Cause, Closed, Effects, Engine, Place, Routed, SubscriptionId};

/// The number of a link: readers and writers of an earlier one have no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LinkNumber(u64);

/// The state of the link.
#[derive(Debug)]
pub(super) struct LinkState {
    number: u64,
    phase: Phase,
    /// The reason of the last loss.
    last_loss: Option<Arc<Closed>>,
    /// True if a lost link is restored.
    restores: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Up,
    Lost,
    Restoring,
}

impl LinkState {
    pub(super) fn new(restores: bool) -> Self {
        Self {
            number: 1,
            phase: Phase::Up,
            last_loss: None,
            restores,
        }
    }

    /// The reason of the loss, unless the link is up.
    pub(super) fn is_restoring(&self) -> Option<Arc<Closed>> {
        let lost = self.last_loss.as_ref();
        lost.filter(|_| self.phase != Phase::Up).cloned()
    }
}

impl<E: Routed, F: Clone, P: Clone, W> Engine<E, F, P, W> {
    /// The present link.
    pub(crate) fn link(&self) -> LinkNumber {
        LinkNumber(self.link.number)
    }

    /// Returns whether this is the present link, and not lost.
    pub(crate) fn is_current(&self, link: LinkNumber) -> bool {
        self.link() == link && self.link.phase != Phase::Lost
    }

    /// Records the loss of a link; an earlier one has no effect. Without a supervisor the connection
    /// is closed. Otherwise requests in flight fail, unless they were not written yet, requests of
    /// the server are withdrawn, and subscriptions stay.
    pub(crate) fn lose(&mut self, link: LinkNumber, reason: Arc<Closed>, effects: &mut Effects<W>) {
        if self.closed.is_some() || !self.is_current(link) {
            return;
        }
        if !self.link.restores {
            return self.close(reason, effects);
        }
        self.link.phase = Phase::Lost;
        self.link.last_loss = Some(reason);
        effects.wake.extend(self.server_requests.close());
        let outbox = &mut self.outbox;
        let (waiters, unsent) = self.pending.lose(|position| outbox.withdraw(position));
        effects.wake.extend(waiters);
        for subscription in unsent {
            self.router.request_withdrawn(subscription);
        }
        self.outbox.discard();
        self.outbox.release_writer(&mut effects.wake);
        effects.wake.extend(self.reader.take());
        effects.wake.extend(self.close_waiters.drain());
    }

    /// The reason of the loss, if the link is lost and no other one was begun.
    pub(crate) fn lost(&self) -> Option<Arc<Closed>> {
        let lost = self.link.last_loss.as_ref();
        lost.filter(|_| self.link.phase == Phase::Lost).cloned()
    }

    /// The reason of the last loss of a link.
    pub(crate) fn last_loss(&self) -> Option<&Arc<Closed>> {
        self.link.last_loss.as_ref()
    }

    /// Begins another link. Only urgent requests are sent over it until it is restored, and events
    /// are held back.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection is closed.
    pub(crate) fn begin_link(&mut self) -> Result<LinkNumber, Arc<Closed>> {
        self.check_open()?;
        self.link.number += 1;
        self.link.phase = Phase::Restoring;
        self.router.begin_restart();
        Ok(self.link())
    }

    /// Sends a request at once over a link that is being restored.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection is closed, or the link is lost.
    pub(crate) fn submit_urgent(
        &mut self,
        link: LinkNumber,
        id: i64,
        frame: Frame,
        effects: &mut Effects<W>,
    ) -> Result<(), Arc<Closed>> {
        self.send_urgent(link, frame, effects)
            .map(|position| self.pending.insert_urgent(id, position))
    }

    /// Sends a notification at once over a link that is being restored.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection is closed, or the link is lost.
    pub(crate) fn notify_urgent(
        &mut self,
        link: LinkNumber,
        frame: Frame,
        effects: &mut Effects<W>,
    ) -> Result<(), Arc<Closed>> {
        self.send_urgent(link, frame, effects).map(drop)
    }

    fn send_urgent(
        &mut self,
        link: LinkNumber,
        frame: Frame,
        effects: &mut Effects<W>,
    ) -> Result<Position, Arc<Closed>> {
        self.check_open()?;
        match (self.is_current(link), &self.link.last_loss) {
            (false, Some(lost)) => Err(Arc::clone(lost)),
            _ => Ok(self.outbox.push(frame, Cause::Client, &mut effects.wake)),
        }
    }

    /// Ends the restoring: reports it to everyone who was subscribed when the link was lost,
    /// delivers the events that were missed, and sends what has waited. Subscriptions to turns that
    /// are over end. No effect if the link was lost again; returns whether it was not.
    pub(crate) fn end_restart(
        &mut self,
        link: LinkNumber,
        report: &F,
        missed: &[E],
        is_over: impl Fn(&str) -> bool,
        effects: &mut Effects<W>,
    ) -> bool {
        if self.closed.is_some() || !self.is_current(link) {
            return false;
        }
        self.link.phase = Phase::Up;
        self.router
            .end_restart(report, missed, is_over, &mut effects.wake);
        self.release_unread(effects);
        self.send_pending(effects);
        true
    }

    /// The thread of a subscription's scope, if there is one and it is known.
    pub(crate) fn thread_of(&self, id: SubscriptionId) -> Option<String> {
        self.router.thread_of(id)
    }

    /// The turns that are subscribed to, with their threads if known.
    pub(crate) fn subscribed_turns(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.router.turns()
    }

    /// Returns the reason of the end of a link: it was lost, or the connection is closed. Otherwise
    /// the waiter is woken by it.
    pub(crate) fn poll_link_ended(
        &mut self,
        link: LinkNumber,
        place: &mut Place,
        waiter: impl FnOnce() -> W,
    ) -> Option<&Arc<Closed>> {
        if self.closed.is_none() && self.is_current(link) {
            self.close_waiters.wait(place, waiter());
            return None;
        }
        self.closed.as_ref().or(self.link.last_loss.as_ref())
    }
}
