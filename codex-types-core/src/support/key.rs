//! Lookup of a key among the known names.

/// The key of an entry.
#[derive(Debug)]
pub(crate) enum Key {
    /// The number of a known name.
    Known(usize),
    Unknown(String),
}

/// Finds a key, beginning where it is expected: objects mostly come in one order.
pub(crate) fn find(names: &[&str], expected: usize, key: &str) -> Option<usize> {
    let (before, behind) = names.split_at_checked(expected).unwrap_or((names, &[]));
    let position = |names: &[&str]| {
        let mut names = names.iter();
        names.position(|name| is_same(name.as_bytes(), key.as_bytes()))
    };
    position(behind)
        .map(|index| index + before.len())
        .or_else(|| position(before))
}

/// Compares two names, without a call for the common lengths: keys are
/// compared more often than anything else here.
#[inline]
pub(crate) fn is_same(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len()
        && match left.len() {
            // The two pieces overlap, or meet, and cover the name.
            8..=16 => {
                left.first_chunk::<8>() == right.first_chunk()
                    && left.last_chunk::<8>() == right.last_chunk()
            }
            4..=7 => {
                left.first_chunk::<4>() == right.first_chunk()
                    && left.last_chunk::<4>() == right.last_chunk()
            }
            2..=3 => left.first_chunk::<2>() == right.first_chunk() && left.last() == right.last(),
            _ => left == right,
        }
}
