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
#[expect(
    clippy::inline_always,
    reason = "it is what reading an object mostly does"
)]
#[inline(always)]
pub(crate) fn is_same(left: &[u8], right: &[u8]) -> bool {
    let length = left.len();
    if length != right.len() {
        return false;
    }
    // Two pieces that overlap, or meet, cover a name.
    if length < 4 {
        match (left, right) {
            ([left @ .., last], [right @ .., end]) => {
                last == end && left.first() == right.first() && left.last() == right.last()
            }
            _ => true,
        }
    } else if length < 8 {
        left.first_chunk::<4>() == right.first_chunk()
            && left.last_chunk::<4>() == right.last_chunk()
    } else if length <= 16 {
        left.first_chunk::<8>() == right.first_chunk()
            && left.last_chunk::<8>() == right.last_chunk()
    } else if length <= 32 {
        left.first_chunk::<16>() == right.first_chunk()
            && left.last_chunk::<16>() == right.last_chunk()
    } else {
        left == right
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_only_the_same_as_itself() {
        let names: Vec<String> = (0..40).map(|length| "n".repeat(length)).collect();
        for name in &names {
            for other in &names {
                let expected = name.len() == other.len();
                assert_eq!(is_same(name.as_bytes(), other.as_bytes()), expected);
            }
            for at in 0..name.len() {
                let mut other = name.clone().into_bytes();
                other[at] = b'x';
                assert!(!is_same(name.as_bytes(), &other), "{at} of {name}");
            }
        }
    }
}
