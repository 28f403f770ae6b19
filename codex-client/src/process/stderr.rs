//! What a process writes to its error output: always drained, its end kept.
//!
//! Works on bytes: nothing says that a process writes text, or lines of a decent length.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How many bytes are kept.
const KEPT: usize = 16 * 1024;
/// How much of them goes into an error message.
const TOLD: usize = 2000;

/// The end of a process's error output.
#[derive(Clone, Debug, Default)]
pub(super) struct StderrTail(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Debug, Default)]
struct State {
    bytes: VecDeque<u8>,
    ended: bool,
}

impl StderrTail {
    /// Drains the output on a thread of its own, until it ends.
    pub(super) fn drain(&self, mut stderr: impl Read + Send + 'static) -> io::Result<()> {
        let shared = Arc::clone(&self.0);
        let drain = move || {
            let mut buffer = vec![0; 8 * 1024];
            loop {
                match stderr.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(count) => shared.keep(&buffer[..count]),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(_) => break,
                }
            }
            shared.lock().ended = true;
            shared.ended.notify_all();
        };
        thread::Builder::new()
            .name("codex-stderr".into())
            .spawn(drain)?;
        Ok(())
    }

    /// The last lines, as text, without the beginning of a line that is cut off.
    pub(super) fn tail(&self) -> String {
        let state = self.0.lock();
        let skipped = state.bytes.len().saturating_sub(TOLD);
        let bytes: Vec<u8> = state.bytes.iter().skip(skipped).copied().collect();
        let text = String::from_utf8_lossy(&bytes);
        let whole = match text.split_once('\n') {
            Some((_, rest)) if skipped > 0 && !rest.trim().is_empty() => rest,
            _ => &text,
        };
        whole.trim().to_owned()
    }

    /// Waits until the output has ended, for so long at most.
    pub(super) fn wait_for_end(&self, limit: Duration) {
        let ended = &self.0.ended;
        // Poisoned or late: there is nothing more to wait for either way.
        drop(ended.wait_timeout_while(self.0.lock(), limit, |state| !state.ended));
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, bytes: &[u8]) {
        tracing::trace!(text = %String::from_utf8_lossy(bytes).trim_end(), "stderr");
        let mut state = self.lock();
        state.bytes.extend(bytes);
        let surplus = state.bytes.len().saturating_sub(KEPT);
        state.bytes.drain(..surplus);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{KEPT, StderrTail};

    fn tail_of(bytes: &'static [u8]) -> String {
        let tail = StderrTail::default();
        tail.drain(bytes).unwrap();
        tail.wait_for_end(Duration::from_secs(10));
        assert!(tail.0.lock().bytes.len() <= KEPT);
        tail.tail()
    }

    #[test]
    fn short_output_is_told_whole() {
        assert_eq!(tail_of(b"one\ntwo\n"), "one\ntwo");
        assert_eq!(tail_of(b""), "");
    }

    #[test]
    fn bytes_that_are_no_text_do_not_end_the_draining() {
        assert_eq!(tail_of(b"a\xff\xfeb\nlast"), "a\u{fffd}\u{fffd}b\nlast");
    }

    #[test]
    fn of_long_output_the_last_whole_lines_are_told() {
        let long: &'static str = "0123456789 a line\n".repeat(3000).leak();
        let tail = tail_of(long.as_bytes());
        assert!(tail.len() <= 2000);
        assert!(tail.starts_with("0123456789 a line\n"));
    }

    #[test]
    fn one_endless_line_is_cut() {
        let long: &'static str = "x".repeat(100_000).leak();
        assert_eq!(tail_of(long.as_bytes()), "x".repeat(2000));
    }
}
