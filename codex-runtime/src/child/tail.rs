//! The end of what a process writes: always drained, bounded, without ANSI escapes.
//!
//! Works on bytes: a process need not write text, or lines of a decent length.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anstyle_parse::state::{Action, State as Escape, state_change};

use super::thread;

/// The number of bytes kept.
const KEPT: usize = 16 * 1024;
/// The longest line that is logged in one piece, in bytes.
const LONGEST_LOGGED: usize = 8 * 1024;

/// The end of one output of a process.
#[derive(Clone, Debug, Default)]
pub(super) struct Tail(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    bytes: VecDeque<u8>,
    /// Bytes in front of the kept ones were dropped.
    cut: bool,
    ended: bool,
}

impl Tail {
    /// Drains the output on a thread of its own, until it ends. `logged` lines go to the log.
    pub(super) fn drain(
        &self,
        output: impl Read + Send + 'static,
        name: &str,
        logged: bool,
    ) -> io::Result<()> {
        let shared = Arc::clone(&self.0);
        let drain = move || {
            shared.drain(output, logged);
            shared.lock().ended = true;
            shared.changed.notify_all();
        };
        thread::spawn(&format!("codex-{name}"), Box::new(drain))
    }

    /// The kept text, without white space around it and without the rest of a line whose
    /// beginning was dropped.
    pub(super) fn text(&self) -> String {
        let state = self.0.lock();
        let (front, back) = state.bytes.as_slices();
        let bytes = [front, back].concat();
        let text = String::from_utf8_lossy(&bytes);
        let whole = match text.split_once('\n') {
            Some((_, rest)) if state.cut && !rest.trim().is_empty() => rest,
            _ => &text,
        };
        whole.trim().to_owned()
    }

    /// Blocks until the output has ended, for so long at most.
    pub(super) fn wait_for_end(&self, limit: Duration) {
        let changed = &self.0.changed;
        // Poisoned or late: there is nothing more to wait for either way.
        drop(changed.wait_timeout_while(self.0.lock(), limit, |state| !state.ended));
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn drain(&self, mut output: impl Read, logged: bool) {
        let mut buffer = vec![0; 8 * 1024];
        // Its state covers a sequence that is split over two reads.
        let mut escapes = Escapes::default();
        let mut line = Vec::new();
        loop {
            let count = match output.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => break,
            };
            let mut bytes = buffer[..count].to_vec();
            bytes.retain(|byte| escapes.passes(*byte));
            self.keep(&bytes);
            if logged {
                log(&mut line, &bytes);
            }
        }
        log_line(&line);
    }

    fn keep(&self, bytes: &[u8]) {
        let mut state = self.lock();
        state.bytes.extend(bytes);
        let surplus = state.bytes.len().saturating_sub(KEPT);
        state.cut |= surplus > 0;
        state.bytes.drain(..surplus);
    }
}

/// The place in the escape sequences of an output.
#[derive(Default)]
struct Escapes(Escape);

impl Escapes {
    /// Returns whether the next byte is text, and no part of a sequence or other control character.
    fn passes(&mut self, byte: u8) -> bool {
        const DELETE: u8 = 0x7f;

        // A part of a character. Sequences that begin with such a byte are for terminals without UTF-8.
        if !byte.is_ascii() {
            return self.0 == Escape::Ground;
        }
        let (next, action) = state_change(self.0, byte);
        if next != Escape::Anywhere {
            self.0 = next;
        }
        match action {
            Action::Print => byte != DELETE,
            Action::Execute => byte.is_ascii_whitespace(),
            _ => false,
        }
    }
}

/// Logs every line that is complete, and endless ones in pieces: memory stays bounded.
fn log(line: &mut Vec<u8>, bytes: &[u8]) {
    for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
        line.extend_from_slice(piece);
        if piece.ends_with(b"\n") || line.len() >= LONGEST_LOGGED {
            log_line(line);
            line.clear();
        }
    }
}

fn log_line(line: &[u8]) {
    if !line.trim_ascii().is_empty() {
        tracing::debug!(
            target: "codex_runtime::child::stderr",
            "{}",
            String::from_utf8_lossy(line).trim_end()
        );
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};
    use std::time::Duration;

    use super::{KEPT, Tail};

    fn tail_of(output: impl Read + Send + 'static) -> String {
        let tail = Tail::default();
        tail.drain(output, "test", true).unwrap();
        tail.wait_for_end(Duration::from_secs(10));
        let state = tail.0.lock();
        assert!(state.ended && state.bytes.len() <= KEPT);
        drop(state);
        tail.text()
    }

    /// One byte a read.
    struct Slow(&'static [u8]);

    impl Read for Slow {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else {
                return Ok(0);
            };
            buffer[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    #[test]
    fn short_output_is_kept_whole() {
        assert_eq!(tail_of(&b"one\n\ttwo\n"[..]), "one\n\ttwo");
        assert_eq!(tail_of(&b""[..]), "");
    }

    #[test]
    fn bytes_that_are_not_text_do_not_end_the_draining() {
        assert_eq!(
            tail_of(&b"a\xff\xfeb\nlast"[..]),
            "a\u{fffd}\u{fffd}b\nlast"
        );
    }

    #[test]
    fn characters_beyond_ascii_are_kept_and_end_no_sequence() {
        // The second byte of `\u{dc}` ends a title on terminals without UTF-8.
        let text = "\x1b]0;\u{dc}ber\x1b\\\u{e9}\x1b[1m\u{1f600}\x1b[0m\x7f \u{4e2d}".as_bytes();
        assert_eq!(tail_of(text), "\u{e9}\u{1f600} \u{4e2d}");
        assert_eq!(tail_of(Slow(text)), "\u{e9}\u{1f600} \u{4e2d}");
    }

    #[test]
    fn ansi_escapes_are_stripped() {
        let colored = b"\x1b[2m2026-11-26\x1b[0m \x1b[31mERROR\x1b[0m oh\x1b]0;title\x07 no\x08!\n";
        assert_eq!(tail_of(&colored[..]), "2026-11-26 ERROR oh no!");
        assert_eq!(tail_of(Slow(colored)), "2026-11-26 ERROR oh no!");
    }

    #[test]
    fn of_long_output_the_last_whole_lines_are_kept() {
        let long: &'static str = "0123456789 a line\n".repeat(3000).leak();
        let tail = tail_of(long.as_bytes());
        assert!(tail.len() <= KEPT && tail.len() > KEPT / 2);
        assert!(tail.starts_with("0123456789 a line\n"));
    }

    #[test]
    fn an_endless_line_is_cut() {
        let long: &'static str = "x".repeat(100_000).leak();
        assert_eq!(tail_of(long.as_bytes()), "x".repeat(KEPT));
    }
}
