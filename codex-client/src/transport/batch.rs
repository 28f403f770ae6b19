//! What one read of a transport brought: whole frames, in one buffer.
//!
//! Knows the line format's separator, and nothing of what is in a frame.

/// The frames of one read, as slices of one buffer that is used again for the next read.
///
/// A transport that receives whole messages pushes them; one that receives bytes writes them
/// into [`FrameBatch::space`] and says how many there were: lines end at the byte `\n` and
/// nowhere else, and an unfinished line stays for the next read.
#[derive(Debug, Default)]
pub struct FrameBatch {
    /// Initialized throughout, so that it can be read into; `filled` of it count.
    bytes: Vec<u8>,
    filled: usize,
    /// Where the frames are, in order.
    frames: Vec<(usize, usize)>,
    /// Where the unfinished line begins.
    tail: usize,
    /// How far the unfinished line was searched for its end.
    searched: usize,
}

/// How much room a read gets at least.
const READ: usize = 64 * 1024;
/// A buffer that grew beyond this for a long line is given back after it.
const KEEP: usize = 1024 * 1024;

impl FrameBatch {
    /// An empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// The frames, without their separators. Never empty slices.
    pub fn frames(&self) -> impl Iterator<Item = &[u8]> {
        let slice = |(start, end): &(usize, usize)| &self.bytes[*start..*end];
        self.frames.iter().map(slice)
    }

    /// How many frames there are.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// Whether there is no frame.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Forgets the frames; an unfinished line is kept.
    pub fn clear(&mut self) {
        self.frames.clear();
        self.bytes.copy_within(self.tail..self.filled, 0);
        self.filled -= self.tail;
        self.searched -= self.tail;
        self.tail = 0;
        if self.bytes.len() > KEEP && self.filled < READ {
            self.bytes.truncate(READ);
            self.bytes.shrink_to_fit();
        }
    }

    /// Adds a whole message. Not to be mixed with [`FrameBatch::space`].
    pub fn push(&mut self, frame: &[u8]) {
        if frame.is_empty() {
            return;
        }
        let start = self.filled;
        self.bytes.truncate(start);
        self.bytes.extend_from_slice(frame);
        self.filled = self.bytes.len();
        self.frames.push((start, self.filled));
        (self.tail, self.searched) = (self.filled, self.filled);
    }

    /// Room for what a read brings, 64 KiB at least.
    pub fn space(&mut self) -> &mut [u8] {
        if self.bytes.len() - self.filled < READ {
            // Doubling, so that a line of any size costs its size, not its square.
            let length = (self.filled + READ).max(self.bytes.len() * 2);
            self.bytes.resize(length, 0);
        }
        &mut self.bytes[self.filled..]
    }

    /// So many bytes were read into [`FrameBatch::space`]: finds the lines they end.
    pub fn advance(&mut self, count: usize) {
        self.filled += count;
        let fresh = &self.bytes[self.searched..self.filled];
        let mut start = self.tail;
        for position in memchr::memchr_iter(b'\n', fresh) {
            let end = self.searched + position;
            add_line(&mut self.frames, &self.bytes, start, end);
            start = end + 1;
        }
        (self.tail, self.searched) = (start, self.filled);
    }

    /// The input has ended: what is left is a line, too.
    pub fn finish(&mut self) {
        add_line(&mut self.frames, &self.bytes, self.tail, self.filled);
        (self.tail, self.searched) = (self.filled, self.filled);
    }
}

/// Blank lines are no frames, and a carriage return at the end is not part of one.
fn add_line(frames: &mut Vec<(usize, usize)>, bytes: &[u8], start: usize, end: usize) {
    let line = &bytes[start..end];
    let end = if line.last() == Some(&b'\r') {
        end - 1
    } else {
        end
    };
    if start < end {
        frames.push((start, end));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::FrameBatch;

    fn read(batch: &mut FrameBatch, bytes: &[u8]) -> Vec<Vec<u8>> {
        batch.clear();
        batch.space()[..bytes.len()].copy_from_slice(bytes);
        batch.advance(bytes.len());
        batch.frames().map(<[u8]>::to_vec).collect()
    }

    #[test]
    fn lines_end_at_line_feeds_only() {
        let text = "{\"a\":\"\u{2028}\u{2029}\u{85}\"}\r\n\n\r\n{\"b\":1}\ntail";
        let mut batch = FrameBatch::new();
        let lines = read(&mut batch, text.as_bytes());
        assert_eq!(
            lines,
            [
                "{\"a\":\"\u{2028}\u{2029}\u{85}\"}".as_bytes(),
                b"{\"b\":1}"
            ]
        );
        batch.clear();
        batch.finish();
        assert_eq!(batch.frames().collect::<Vec<_>>(), [b"tail"]);
    }

    #[test]
    fn whole_messages_are_kept_apart() {
        let mut batch = FrameBatch::new();
        for _ in 0..2 {
            batch.clear();
            batch.push(b"one\n1");
            batch.push(b"");
            batch.push(b"two");
            assert_eq!(batch.frames().collect::<Vec<_>>(), [&b"one\n1"[..], b"two"]);
        }
    }

    #[test]
    fn the_room_a_long_line_took_is_given_back() {
        let mut batch = FrameBatch::new();
        let mut line = vec![b'x'; 3 << 20];
        line.push(b'\n');
        for chunk in line.chunks(50_000) {
            batch.clear();
            batch.space()[..chunk.len()].copy_from_slice(chunk);
            batch.advance(chunk.len());
        }
        assert_eq!(
            batch.frames().map(<[u8]>::len).collect::<Vec<_>>(),
            [3 << 20]
        );
        batch.clear();
        assert!(batch.bytes.capacity() <= 128 << 10);
    }

    proptest! {
        #[test]
        fn it_does_not_matter_how_the_bytes_arrive(
            lines in prop::collection::vec("[a-z\u{2028}]{1,9}", 1..20),
            cuts in prop::collection::vec(1_usize..7, 1..60),
        ) {
            let text = lines.join("\n") + "\n";
            let mut rest = text.as_bytes();
            let mut batch = FrameBatch::new();
            let mut found = Vec::new();
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (chunk, after) = rest.split_at((*cut).min(rest.len()));
                found.extend(read(&mut batch, chunk));
                rest = after;
            }
            let expected: Vec<_> = lines.iter().map(|line| line.as_bytes().to_vec()).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
