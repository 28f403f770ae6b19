//! Numbers: whole ones are read here, the others by `serde_json`.

use serde_json::Number;

use super::{Failed, Reader};

/// So many digits fit into an `i64`, whichever they are.
const SAFE_DIGITS: usize = 18;

/// A decimal number of so many digits is the same again after a detour through `f64`.
const ROUND_TRIP_DIGITS: usize = 15;

impl<'a> Reader<'a> {
    /// Reads a whole number of a common length; any other is left to [`Reader::long_integer`].
    #[inline(never)]
    pub(crate) fn short_integer(&mut self) -> Option<i64> {
        let is_negative = self.peek() == b'-';
        let start = self.at + usize::from(is_negative);
        let digits = self.text.as_bytes().get(start..)?;
        let (mut number, mut count) = match digits.first_chunk().copied().and_then(eight_digits) {
            Some(number) => (number, 8),
            None => (0, 0),
        };
        for byte in digits.get(count..)? {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            // A number that is too long is not used.
            number = number.wrapping_mul(10).wrapping_add(i64::from(digit));
            count += 1;
        }
        let begins_with_zero = digits.first() == Some(&b'0');
        let is_plain = if begins_with_zero {
            count == 1 && !is_negative
        } else {
            (1..=SAFE_DIGITS).contains(&count)
        };
        if !is_plain || matches!(digits.get(count), Some(b'.' | b'e' | b'E')) {
            return None;
        }
        self.at = start + count;
        Some(if is_negative { -number } else { number })
    }

    /// Reads a whole number; `expected` is the name of its type.
    #[cold]
    pub(crate) fn long_integer(&mut self, expected: &str) -> Result<i128, Failed> {
        let mark = self.mark();
        let token = match self.peek() {
            b'-' | b'0'..=b'9' => self.number_token()?,
            _ => return Err(self.mismatch(expected)),
        };
        match token.parse() {
            // `serde_json` takes `-0` for a floating-point number.
            Ok(number) if in_range(number) && token != "-0" => Ok(number),
            _ => {
                self.rewind(mark);
                Err(self.mismatch(expected))
            }
        }
    }

    /// A whole number that its type cannot hold.
    #[cold]
    pub(crate) fn out_of_range(&mut self, number: i128, expected: &str) -> Failed {
        self.fail(format!(
            "invalid value: integer `{number}`, expected {expected}"
        ))
    }

    /// Reads a number of any kind; one that a `Number` cannot hold becomes the nearest that it can.
    pub(crate) fn number(&mut self) -> Result<Number, Failed> {
        if !matches!(self.peek(), b'-' | b'0'..=b'9') {
            return Err(self.mismatch("a JSON number"));
        }
        let token = self.number_token()?;
        let Ok(number) = serde_json::from_str::<Number>(token) else {
            self.inexact = true;
            return Ok(largest(token));
        };
        if !is_exact(token, &number) {
            self.inexact = true;
        }
        Ok(number)
    }

    /// The text of a number.
    pub(super) fn number_token(&mut self) -> Result<&'a str, Failed> {
        let start = self.at;
        let mut at = start + usize::from(self.byte(start) == Some(b'-'));
        let whole = self.digits(&mut at);
        let mut is_number = whole == 1 || whole > 1 && self.byte(at - whole) != Some(b'0');
        if self.byte(at) == Some(b'.') {
            at += 1;
            is_number &= self.digits(&mut at) > 0;
        }
        if let Some(b'e' | b'E') = self.byte(at) {
            at += 1;
            at += usize::from(matches!(self.byte(at), Some(b'+' | b'-')));
            is_number &= self.digits(&mut at) > 0;
        }
        match self.text.get(start..at) {
            Some(token) if is_number => {
                self.at = at;
                Ok(token)
            }
            _ => Err(self.syntax()),
        }
    }

    /// Passes digits; returns their number.
    fn digits(&self, at: &mut usize) -> usize {
        let start = *at;
        while let Some(b'0'..=b'9') = self.byte(*at) {
            *at += 1;
        }
        *at - start
    }
}

/// The value of eight digits.
#[inline]
fn eight_digits(digits: [u8; 8]) -> Option<i64> {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let digits = u64::from_le_bytes(digits) ^ (EACH * 0x30);
    // Beyond nine, a byte reaches its high bit.
    if (digits | digits.wrapping_add(EACH * 0x76)) & (EACH * 0x80) != 0 {
        return None;
    }
    // First pairs, then groups of four, then all eight.
    let pairs = (digits * 10 + (digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    let eight = (fours * 10_000 + (fours >> 32)) & 0xffff_ffff;
    i64::try_from(eight).ok()
}

/// Returns `true` if a `Number` holds an integer of this size as one.
fn in_range(number: i128) -> bool {
    i64::try_from(number).is_ok() || u64::try_from(number).is_ok()
}

/// The finite number that is nearest to one beyond all of them.
fn largest(token: &str) -> Number {
    let limit = if token.starts_with('-') {
        f64::MIN
    } else {
        f64::MAX
    };
    Number::from_f64(limit).unwrap_or_else(|| 0.into())
}

/// Returns `true` if a number is written with the same value as it was read.
fn is_exact(token: &str, number: &Number) -> bool {
    let is_short = token.len() <= ROUND_TRIP_DIGITS && !token.contains(['e', 'E']);
    is_short || !number.is_f64() || decimal(token) == decimal(&number.to_string())
}

/// The sign, the digits without zeros around them, and the power of ten of the last one.
fn decimal(token: &str) -> (bool, String, i64) {
    let (mantissa, exponent) = token.split_once(['e', 'E']).unwrap_or((token, "0"));
    // An exponent that long is beyond every number, and so is its limit.
    let exponent = exponent.parse().unwrap_or(i64::from(i32::MAX));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: String = [whole.trim_start_matches('-'), fraction].concat();
    let short = digits.trim_end_matches('0');
    let dropped = digits.len() - short.len();
    let short = short.trim_start_matches('0');
    if short.is_empty() {
        return (false, String::new(), 0);
    }
    let length = |text: usize| i64::try_from(text).unwrap_or_default();
    let power = exponent - length(fraction.len()) + length(dropped);
    (mantissa.starts_with('-'), short.to_owned(), power)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exactly(text: &str) -> Option<(String, bool)> {
        let mut reader = Reader::new(text);
        let number = reader.number().ok()?;
        Some((number.to_string(), !reader.take_inexact()))
    }

    #[test]
    fn a_number_is_exact_when_it_is_written_with_its_value() {
        for text in [
            "0",
            "-0",
            "-0.0",
            "1.50",
            "1e5",
            "1E+5",
            "100e-2",
            "0.1",
            "-12.5e3",
            "1e300",
            "18446744073709551615",
            "-9223372036854775808",
            "123456789012345680000",
            "0.30000000000000004",
            "5e-324",
        ] {
            assert!(exactly(text).is_some_and(|(_, exact)| exact), "{text}");
        }
        for text in [
            "18446744073709551616",
            "-9223372036854775809",
            "1e400",
            "-1e999",
            "1e-400",
            "0.1234567890123456789012",
            "123456789012345678901",
            "1e99999999999999999999",
        ] {
            assert!(exactly(text).is_some_and(|(_, exact)| !exact), "{text}");
        }
    }

    #[test]
    fn invalid_numbers_are_errors() {
        for text in [
            "-", "01", "1.", ".5", "1e", "1e+", "+1", "--1", "1.e5", "NaN", "",
        ] {
            assert_eq!(exactly(text), None, "{text}");
        }
    }

    /// Every number of digits, with each character at every place among them, and at the end of the
    /// text or not.
    #[test]
    fn short_integers_are_those_of_the_standard_library() {
        let digits = "1234567890123456789012";
        for length in 0..digits.len() {
            for odd in (b'!'..=0x7f).map(char::from) {
                for at in 0..=length {
                    let text = format!("{}{odd}{}", &digits[..at], &digits[at..length]);
                    let end = text[1..].find(|c: char| !c.is_ascii_digit());
                    let token = &text[..end.map_or(text.len(), |end| end + 1)];
                    let token = if at == 0 && !odd.is_ascii_digit() && odd != '-' {
                        ""
                    } else {
                        token
                    };
                    check(&text, token);
                    check(&format!("{text},          "), token);
                }
            }
        }
    }

    fn check(text: &str, token: &str) {
        let mut reader = Reader::new(text);
        let read = reader.short_integer();
        let behind = text[token.len()..].bytes().next();
        let digits = token.trim_start_matches('-');
        let is_short = (1..=SAFE_DIGITS).contains(&digits.len());
        let has_zero = digits.starts_with('0') && (digits.len() > 1 || token != digits);
        let is_whole = !matches!(behind, Some(b'.' | b'e' | b'E'));
        let expected = token.parse().ok();
        let expected = expected.filter(|_: &i64| is_short && !has_zero && is_whole);
        assert_eq!(read, expected, "{text:?}");
        assert_eq!(reader.at, expected.map_or(0, |_| token.len()), "{text:?}");
    }
}
