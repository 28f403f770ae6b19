//! The links of a connection of the async API: processes, and whatever a function connects to.

use std::sync::Arc;

use tokio::process::{ChildStdin, ChildStdout};

use super::{Handler, Transport};
use crate::connection::Link;
use crate::connection::supervisor::{Boxed, Connector};
use crate::driver::{Links, Starter, connect_error};
use crate::error::Error;
use crate::process::Launch;
use crate::transport::{DirectPipe, FrameReader, FrameWriter, LineReader, LineWriter};

/// A link in the making.
pub(crate) type Connecting = Boxed<'static, Result<(), Error>>;
/// Connects to a server, and starts a link.
pub(crate) type Function = dyn Fn(Starter<Handler>) -> Connecting + Send + Sync;

impl Connector for Links<Handler, Function> {
    fn connect(&self, link: Link) -> Boxed<'_, Result<(), Error>> {
        Box::pin(async move {
            let starter = self.starter(link);
            if let Some(transport) = &self.transport {
                return (transport.connect)(starter).await;
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
            let adopt = || -> std::io::Result<_> {
                let reader = LineReader::new(ChildStdout::from_std(pipes.stdout)?);
                let stdin = ChildStdin::from_std(pipes.stdin)?;
                Ok(Transport {
                    reader,
                    pipe: DirectPipe::of(&stdin).ok(),
                    writer: LineWriter::new(stdin),
                })
            };
            let transport = adopt().map_err(connect_error)?;
            super::start(self.place, self.handler, transport, Some(drain_guard));
            Ok(())
        })
    }

    #[expect(
        clippy::unnecessary_wraps,
        reason = "the blocking API may get no thread"
    )]
    pub(crate) fn connect(
        self,
        reader: impl FrameReader,
        writer: impl FrameWriter,
    ) -> Result<(), Error> {
        let transport = Transport {
            reader,
            writer,
            pipe: None,
        };
        super::start(self.place, self.handler, transport, None);
        Ok(())
    }
}
