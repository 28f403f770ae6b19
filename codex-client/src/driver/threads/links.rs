//! The links of a connection of the blocking API: processes, and whatever a function connects to.

use std::sync::Arc;

use super::{Handler, Transport};
use crate::connection::Link;
use crate::connection::supervisor::{Boxed, Connector};
use crate::driver::{Links, Starter, connect_error};
use crate::error::Error;
use crate::process::Launch;
use crate::transport::blocking::{FrameReader, FrameWriter, over_pipes};

/// Connects to a server, and starts a link.
pub(crate) type Function = dyn Fn(Starter<Handler>) -> Result<(), Error> + Send + Sync;

impl Connector for Links<Handler, Function> {
    fn connect(&self, link: Link) -> Boxed<'_, Result<(), Error>> {
        Box::pin(async move {
            let starter = self.starter(link);
            if let Some(transport) = &self.transport {
                return (transport.connect)(starter);
            }
            self.launch.prepare().await?;
            starter.spawn(&self.launch)
        })
    }
}

impl Starter<Handler> {
    fn spawn(self, launch: &Launch) -> Result<(), Error> {
        let (state, link) = (Arc::clone(&self.place.state), self.place.link.clone());
        state.launch(launch, &link, |pipes, drain_guard| {
            let over = over_pipes(pipes, self.settings().write_timeout);
            let (reader, writer, ready) = over.map_err(connect_error)?;
            let transport = Transport {
                reader,
                writer,
                ready,
            };
            super::start(self.place, self.handler, transport, Some(drain_guard))
        })
    }

    pub(crate) fn connect<R, W>(self, reader: R, writer: W) -> Result<(), Error>
    where
        R: FrameReader,
        W: FrameWriter,
    {
        let ready = None;
        let transport = Transport {
            reader,
            writer,
            ready,
        };
        super::start(self.place, self.handler, transport, None)
    }
}
