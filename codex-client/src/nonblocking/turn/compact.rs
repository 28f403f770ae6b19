//! Compactions: turns whose id is unknown when they start.

use std::fmt;

use codex_types::{TurnId, methods};

use crate::error::Error;
use crate::generated::nonblocking::builders::CompactBuilder;
use crate::nonblocking::client::Events;
use crate::shared::compaction::Compaction;
use crate::shared::event::Event;
use crate::shared::result::{TurnCollector, TurnResult};

/// A started compaction. It continues when this is dropped.
pub struct CompactHandle {
    events: Events,
    compaction: Compaction,
    ended: Option<TurnCollector>,
}

impl CompactBuilder {
    pub(crate) async fn send(mut self) -> Result<CompactHandle, Error> {
        self.state.check()?;
        // Before the request, so that no event is missed.
        let events = self.target.events()?;
        let client = self.target.client();
        client
            .request::<methods::ThreadCompactStart>(&self.params)
            .await?;
        Ok(CompactHandle {
            events,
            compaction: Compaction::new(self.target.id().clone()),
            ended: None,
        })
    }
}

impl CompactHandle {
    /// Returns the turn of the compaction, once the events have identified it.
    pub fn turn_id(&self) -> Option<&TurnId> {
        self.compaction.turn_id()
    }

    /// Returns the next event of the thread; `None` after the last one of the compaction. Cancel
    /// safe.
    pub async fn next(&mut self) -> Option<Result<Event, Error>> {
        if self.ended.is_some() {
            return None;
        }
        let event = self.events.next().await?;
        if let Ok(event) = &event {
            self.ended = self.compaction.observe(event);
        }
        Some(event)
    }

    /// Waits until the history is compacted. Idempotent.
    ///
    /// # Errors
    ///
    /// [`Error::TurnFailed`], and [`Error::Closed`] or [`Error::Overrun`] if its end cannot be
    /// received.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no events: it can be called again.
    pub async fn wait(&mut self) -> Result<TurnResult, Error> {
        while let Some(event) = self.next().await {
            match event {
                Ok(_) | Err(Error::Lagged { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        if let Some(ended) = &self.ended {
            return ended.finish();
        }
        let known = self.turn_id().cloned();
        let turn_id = known.unwrap_or_else(|| TurnId::new("unknown"));
        Err(Error::TurnIncomplete { turn_id })
    }
}

impl fmt::Debug for CompactHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CompactHandle")
            .field("turn_id", &self.turn_id())
            .field("has_ended", &self.ended.is_some())
            .finish_non_exhaustive()
    }
}
