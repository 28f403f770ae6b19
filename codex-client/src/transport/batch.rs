//! The frames of one read of a transport, in one buffer.
//!
//! Handles the separator of the line format; independent of the contents of frames.

/// The frames of one read, as slices of one buffer that is reused for the next read.
///
/// A transport that receives whole messages pushes them; one that receives bytes writes them into
/// [`FrameBatch::space`] and reports their number to [`FrameBatch::advance`]: lines end only at the
/// byte `\n`, and an incomplete line stays for the next read.
///
/// A frame that is longer than the limit of the batch is not kept. The connection is closed then,
/// because a response in it would be awaited forever.
#[derive(Debug)]
pub struct FrameBatch {
    /// Fully initialized, so that it can be read into; the first `filled` bytes count.
    bytes: Vec<u8>,
    filled: usize,
    /// The positions of the frames, in order.
    frames: Vec<(usize, usize)>,
    /// Number of frames that were taken in chunks.
    delivered: usize,
    /// The start of the incomplete line.
    tail: usize,
    /// The position up to which the incomplete line was searched for its end.
    searched: usize,
    /// Maximum length of a frame.
    limit: usize,
    /// The length of a frame that is too long, if known.
    too_long: Option<usize>,
}

impl Default for FrameBatch {
    fn default() -> Self {
        Self::with_limit(DEFAULT_LIMIT)
    }
}

/// Default maximum size of a message of the server.
pub(crate) const DEFAULT_LIMIT: usize = 256 << 20;
/// Maximum number and size of frames in one chunk.
const CHUNK_FRAMES: usize = 512;
const CHUNK_BYTES: usize = 256 * 1024;
/// Minimum space for a read.
const READ: usize = 64 * 1024;
/// A buffer that grew beyond this for a long line is shrunk after it, and grows more slowly.
const KEEP: usize = 1024 * 1024;

impl FrameBatch {
    /// Creates an empty batch, for frames of up to 256 MiB.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates an empty batch, for frames of up to this number of bytes.
    pub fn with_limit(bytes: usize) -> Self {
        Self {
            bytes: Vec::new(),
            filled: 0,
            frames: Vec::new(),
            delivered: 0,
            tail: 0,
            searched: 0,
            limit: bytes,
            too_long: None,
        }
    }

    /// Returns the maximum length of a frame, in bytes. A transport that determines the length of a
    /// message before it has received it should reject a longer one.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Fails if there was a frame that is longer than the limit.
    pub(crate) fn check(&self) -> std::io::Result<()> {
        match self.too_long {
            None => Ok(()),
            Some(length) => Err(too_long(Some(length), self.limit)),
        }
    }

    /// Total size of the frames, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.filled
    }

    /// Takes the next frames for one pass of the engine.
    pub(crate) fn next_chunk(&mut self) -> Option<impl Iterator<Item = &[u8]> + Clone> {
        let rest = &self.frames[self.delivered..];
        let chunk = &rest[..chunk_length(rest)];
        self.delivered += chunk.len();
        let frames = chunk.iter().map(|(start, end)| &self.bytes[*start..*end]);
        (!chunk.is_empty()).then_some(frames)
    }

    /// Returns the frames, without their separators. Slices are never empty.
    pub fn frames(&self) -> impl Iterator<Item = &[u8]> {
        let slice = |(start, end): &(usize, usize)| &self.bytes[*start..*end];
        self.frames.iter().map(slice)
    }

    /// Returns the number of frames.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// Returns whether there are no frames.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Removes the frames; an incomplete line is kept.
    pub fn clear(&mut self) {
        self.frames.clear();
        self.delivered = 0;
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
        if frame.len() > self.limit {
            self.too_long = Some(frame.len());
            return;
        }
        let start = self.filled;
        self.bytes.truncate(start);
        self.bytes.extend_from_slice(frame);
        self.filled = self.bytes.len();
        self.frames.push((start, self.filled));
        (self.tail, self.searched) = (self.filled, self.filled);
    }

    /// Returns the space for a read, at least 64 KiB.
    pub fn space(&mut self) -> &mut [u8] {
        if self.bytes.len() - self.filled < READ {
            let most = self.limit.saturating_add(2 * READ);
            let length = (self.filled + READ).max(most.min(larger(self.bytes.len())));
            self.bytes.reserve_exact(length - self.bytes.len());
            self.bytes.resize(length, 0);
        }
        &mut self.bytes[self.filled..]
    }

    /// Adds this number of bytes that were read into [`FrameBatch::space`], and finds the completed
    /// lines.
    pub fn advance(&mut self, count: usize) {
        self.filled += count;
        let fresh = &self.bytes[self.searched..self.filled];
        let mut start = self.tail;
        for position in memchr::memchr_iter(b'\n', fresh) {
            let end = self.searched + position;
            let line = line(&self.bytes, start, end);
            add(line, &mut self.frames, self.limit, &mut self.too_long);
            start = end + 1;
        }
        (self.tail, self.searched) = (start, self.filled);
        let unfinished = self.filled - self.tail;
        if unfinished > self.limit {
            self.too_long = Some(unfinished);
            self.filled = self.tail;
            self.searched = self.tail;
        }
    }

    /// Ends the input: the remaining bytes are a line as well.
    pub fn finish(&mut self) {
        let line = line(&self.bytes, self.tail, self.filled);
        add(line, &mut self.frames, self.limit, &mut self.too_long);
        (self.tail, self.searched) = (self.filled, self.filled);
    }
}

/// The next size of a buffer, by a factor, so that the cost of a line is linear in its length. Less
/// for a long line, which is copied from the buffer: both count at that moment.
fn larger(size: usize) -> usize {
    if size < KEEP {
        size * 2
    } else {
        size + size / 8
    }
}

/// The error of a message that is longer than the limit, with its length if known.
pub(crate) fn too_long(length: Option<usize>, limit: usize) -> std::io::Error {
    let length = length.map_or(String::new(), |length| {
        format!(" of {length} bytes or more")
    });
    let problem = format!(
        "a message of the server{length} is longer than the {limit} bytes that `max_message_size` allows"
    );
    std::io::Error::new(std::io::ErrorKind::InvalidData, problem)
}

/// Number of frames in the next chunk: at least one, if there are any.
fn chunk_length(frames: &[(usize, usize)]) -> usize {
    let mut bytes = 0;
    let most = &frames[..frames.len().min(CHUNK_FRAMES)];
    let fit = most.iter().take_while(|(start, end)| {
        let fits = bytes < CHUNK_BYTES;
        bytes += end - start;
        fits
    });
    fit.count()
}

/// The range of a line without a carriage return at its end.
fn line(bytes: &[u8], start: usize, end: usize) -> (usize, usize) {
    match bytes[start..end].last() {
        Some(b'\r') => (start, end - 1),
        _ => (start, end),
    }
}

/// Adds a line, unless it is blank or too long.
fn add(
    (start, end): (usize, usize),
    frames: &mut Vec<(usize, usize)>,
    limit: usize,
    too_long: &mut Option<usize>,
) {
    if end - start > limit {
        *too_long = Some(end - start);
    } else if start < end {
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

    #[test]
    fn a_line_that_is_too_long_is_not_kept() {
        for chunk in [1, 7, 100, 1000] {
            let mut batch = FrameBatch::with_limit(100);
            let text = format!("{}\n{}\n", "a".repeat(100), "b".repeat(500));
            for bytes in text.as_bytes().chunks(chunk) {
                batch.clear();
                batch.space()[..bytes.len()].copy_from_slice(bytes);
                batch.advance(bytes.len());
                assert!(batch.bytes.len() <= 512 << 10);
            }
            let error = batch.check().unwrap_err().to_string();
            assert!(error.contains("`max_message_size`"), "{error}");
            assert!(error.contains("100 bytes"), "{error}");
        }
        let mut batch = FrameBatch::with_limit(3);
        batch.push(b"1234");
        assert!(batch.is_empty() && batch.check().is_err());
    }

    #[test]
    fn an_endless_line_takes_no_more_than_its_limit() {
        let mut batch = FrameBatch::with_limit(1 << 20);
        for _ in 0..1000 {
            batch.clear();
            let space = batch.space();
            space.fill(b'x');
            let count = space.len();
            batch.advance(count);
            assert!(batch.bytes.capacity() <= 3 << 20);
        }
        assert!(batch.check().is_err());
    }

    #[test]
    fn chunks_have_all_frames_in_order() {
        let mut batch = FrameBatch::new();
        for number in 0..1200_u32 {
            batch.push(&number.to_le_bytes());
        }
        batch.push(&vec![1; 1 << 20]);
        batch.push(&[2]);
        let all: Vec<Vec<u8>> = batch.frames().map(<[u8]>::to_vec).collect();
        let (mut chunks, mut taken) = (Vec::new(), Vec::new());
        while let Some(chunk) = batch.next_chunk() {
            chunks.push(chunk.clone().count());
            taken.extend(chunk.map(<[u8]>::to_vec));
        }
        assert_eq!(chunks, [512, 512, 177, 1]);
        assert_eq!(taken, all);
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
