//! Texts that begin alike, in little memory.
//!
//! The messages of one turn differ in their last part: of each text, only what follows the part in
//! common with the one before is kept.

use super::batch::narrow;

/// Some texts in their order.
pub(super) struct Packed {
    /// What each text does not share with the one before.
    rests: String,
    /// For each text, the length of what it shares, and the end of its rest.
    texts: Vec<(u32, u32)>,
    /// The length of all texts.
    length: usize,
}

impl Packed {
    pub(super) fn new<'a>(texts: impl ExactSizeIterator<Item = &'a str>) -> Self {
        let mut packed = Self {
            rests: String::new(),
            texts: Vec::with_capacity(texts.len()),
            length: 0,
        };
        let mut before = "";
        for text in texts {
            let shared = in_common(before, text);
            packed.rests.push_str(&text[shared..]);
            let end = narrow(packed.rests.len());
            packed.texts.push((narrow(shared), end));
            packed.length += text.len();
            before = text;
        }
        packed.rests.shrink_to_fit();
        packed
    }

    /// The length of all texts, in bytes.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// Passes the texts on in their order.
    pub(super) fn for_each(&self, mut receive: impl FnMut(&str)) {
        let (mut text, mut start) = (String::new(), 0);
        for &(shared, end) in &self.texts {
            let end = end as usize;
            text.truncate(shared as usize);
            text.push_str(&self.rests[start..end]);
            receive(&text);
            start = end;
        }
    }
}

/// The length of the beginning that two texts have in common, in whole characters.
fn in_common(one: &str, other: &str) -> usize {
    const STEP: usize = 16;
    let (bytes, others) = (one.as_bytes(), other.as_bytes());
    let steps = bytes.chunks_exact(STEP).zip(others.chunks_exact(STEP));
    let long = STEP * steps.take_while(|(one, other)| one == other).count();
    let rest = bytes[long..].iter().zip(&others[long..]);
    let mut length = long + rest.take_while(|(one, other)| one == other).count();
    while !other.is_char_boundary(length) {
        length -= 1;
    }
    length
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop, proptest};

    use super::*;

    fn unpacked(packed: &Packed) -> Vec<String> {
        let mut texts = Vec::new();
        packed.for_each(|text| texts.push(text.to_owned()));
        texts
    }

    proptest! {
        #[test]
        fn texts_are_unchanged(texts in prop::collection::vec("[aäö€₭]{0,40}", 0..8)) {
            let packed = Packed::new(texts.iter().map(String::as_str));
            assert_eq!(packed.length(), texts.concat().len());
            assert_eq!(unpacked(&packed), texts);
        }
    }

    #[test]
    fn what_is_in_common_is_kept_once() {
        let beginning = "019a0000 ".repeat(20);
        let texts: Vec<String> = (0..9).map(|it| format!("{beginning}{it}")).collect();
        let packed = Packed::new(texts.iter().map(String::as_str));
        assert_eq!(packed.rests.len(), beginning.len() + texts.len());
        assert_eq!(unpacked(&packed), texts);
    }

    #[test]
    fn characters_are_kept_whole() {
        // The first bytes of both are the same.
        assert_eq!(in_common("aä", "aö"), 1);
        assert_eq!(in_common("aä", "aäb"), 3);
    }
}
