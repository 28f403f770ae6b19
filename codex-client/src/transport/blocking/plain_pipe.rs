//! The pipes of a process where they can be neither interrupted nor limited.

use std::io;
use std::time::Duration;

use codex_runtime::child::ChildPipes;

use super::readiness::Ready;
use super::{FrameReader, FrameWriter, LineReader, LineWriter};

/// Lines over the pipes of a process.
#[expect(clippy::unnecessary_wraps, reason = "fails on other systems")]
pub(crate) fn over_pipes(
    pipes: ChildPipes,
    _limit: Option<Duration>,
) -> io::Result<(impl FrameReader, impl FrameWriter, Option<Ready>)> {
    Ok((
        LineReader::new(pipes.stdout),
        LineWriter::new(pipes.stdin),
        None,
    ))
}
