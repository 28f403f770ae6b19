//! Transports that are recorded while they are used.
//!
//! What the client sends is recorded before it is sent, so that no answer comes before its
//! question in the file.

use std::io;

use super::{Direction, Recorder};
use crate::transport::FrameBatch;

/// One direction of a transport, recorded if there is somebody to record it.
pub(crate) struct Tapped<T> {
    inner: T,
    recorder: Option<Recorder>,
}

/// Both directions of a transport.
pub(crate) fn tap<R, W>(
    recorder: Option<&Recorder>,
    reader: R,
    writer: W,
) -> (Tapped<R>, Tapped<W>) {
    (Tapped::new(recorder, reader), Tapped::new(recorder, writer))
}

impl<T> Tapped<T> {
    fn new(recorder: Option<&Recorder>, inner: T) -> Self {
        let recorder = recorder.cloned();
        Self { inner, recorder }
    }

    fn came(&self, batch: &FrameBatch) -> io::Result<()> {
        self.record(Direction::Server, batch.frames())
    }

    fn goes(&self, frames: &[String]) -> io::Result<()> {
        self.record(Direction::Client, frames.iter().map(String::as_bytes))
    }

    fn record<'a>(
        &self,
        direction: Direction,
        mut frames: impl Iterator<Item = &'a [u8]>,
    ) -> io::Result<()> {
        let Some(recorder) = &self.recorder else {
            return Ok(());
        };
        frames
            .try_for_each(|frame| recorder.record(direction, frame))
            .map_err(|error| io::Error::new(error.kind(), format!("cannot record: {error}")))
    }
}

#[cfg(feature = "async")]
mod for_async {
    use std::io;

    use super::Tapped;
    use crate::transport::{FrameBatch, FrameReader, FrameWriter};

    impl<R: FrameReader> FrameReader for Tapped<R> {
        async fn read(&mut self, batch: &mut FrameBatch) -> io::Result<bool> {
            let more = self.inner.read(batch).await?;
            self.came(batch)?;
            Ok(more)
        }
    }

    impl<W: FrameWriter> FrameWriter for Tapped<W> {
        async fn write(&mut self, frames: &[String]) -> io::Result<()> {
            self.goes(frames)?;
            self.inner.write(frames).await
        }

        async fn close(&mut self) -> io::Result<()> {
            self.inner.close().await
        }
    }
}

#[cfg(feature = "blocking")]
mod for_blocking {
    use std::io;

    use super::Tapped;
    use crate::transport::FrameBatch;
    use crate::transport::blocking::{FrameReader, FrameWriter, Interrupter};
    use std::time::Duration;

    impl<R: FrameReader> FrameReader for Tapped<R> {
        fn read(&mut self, batch: &mut FrameBatch) -> io::Result<bool> {
            let more = self.inner.read(batch)?;
            self.came(batch)?;
            Ok(more)
        }

        fn interrupter(&self) -> Option<Interrupter> {
            self.inner.interrupter()
        }
    }

    impl<W: FrameWriter> FrameWriter for Tapped<W> {
        fn write(&mut self, frames: &[String]) -> io::Result<()> {
            self.goes(frames)?;
            self.inner.write(frames)
        }

        fn close(&mut self) -> io::Result<()> {
            self.inner.close()
        }

        fn set_write_timeout(&mut self, limit: Option<Duration>) {
            self.inner.set_write_timeout(limit);
        }

        fn interrupter(&self) -> Option<Interrupter> {
            self.inner.interrupter()
        }
    }
}
