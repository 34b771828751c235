//! JSON from front to back, as Nix writes it.
//!
//! Objects, arrays, strings without escapes, whole numbers and the three words are read here: of a lock
//! that Nix wrote, that is all. The rest (escapes, fractions, what nobody asks for) serde_json reads,
//! which also says what is wrong with a text that cannot be read: what it refuses is refused here.
//! Nothing recurses: whoever reads a value says how deep it looks.

use serde::de::{DeserializeOwned, IgnoredAny};

use super::loose::Loose;
use crate::lock::Unescaped;

/// A place in a text, and all that is needed to read on from there.
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
    unescaped: &'a Unescaped,
}

/// The text is no JSON from this offset on, or shortly before it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotJson(pub(super) usize);

type Read<T> = Result<T, NotJson>;

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str, unescaped: &'a Unescaped) -> Self {
        Self { text, at: 0, unescaped }
    }

    /// Keeps a string that does not stand in the text.
    pub(super) fn keep(&self, text: &str) -> &'a str {
        self.unescaped.keep(text)
    }

    /// Makes sure that nothing but blanks is left.
    pub(super) fn end(&mut self) -> Read<()> {
        if self.next().is_some() { Err(NotJson(self.at)) } else { Ok(()) }
    }

    /// The first byte of what comes next; `None` at the end.
    pub(super) fn next(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at)? {
                b' ' => self.at += indentation(bytes.get(self.at..).unwrap_or_default()),
                b'\n' | b'\r' | b'\t' => self.at += 1,
                byte => return Some(*byte),
            }
        }
    }

    /// Reads an object, and calls `member` with each name, which reads the value. `false` if the value
    /// that comes next is none: it is skipped.
    pub(super) fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, &'a str) -> Read<()>,
    ) -> Read<bool> {
        if self.next() != Some(b'{') {
            self.scalar()?;
            return Ok(false);
        }
        self.at += 1;
        if self.next() == Some(b'}') {
            self.at += 1;
            return Ok(true);
        }
        loop {
            self.next();
            let name = self.string()?;
            if self.next() != Some(b':') {
                return Err(NotJson(self.at));
            }
            self.at += 1;
            member(self, name)?;
            if self.is_last(b'}')? {
                return Ok(true);
            }
        }
    }

    /// Reads an array, and calls `item` before each value, which reads it. Like [`object`](Self::object).
    pub(super) fn array(&mut self, mut item: impl FnMut(&mut Self) -> Read<()>) -> Read<bool> {
        if self.next() != Some(b'[') {
            self.scalar()?;
            return Ok(false);
        }
        self.at += 1;
        if self.next() == Some(b']') {
            self.at += 1;
            return Ok(true);
        }
        loop {
            item(self)?;
            if self.is_last(b']')? {
                return Ok(true);
            }
        }
    }

    /// Whether the bracket comes next, and not a comma.
    fn is_last(&mut self, bracket: u8) -> Read<bool> {
        let next = self.next();
        if next != Some(b',') && next != Some(bracket) {
            return Err(NotJson(self.at));
        }
        self.at += 1;
        Ok(next == Some(bracket))
    }

    /// Reads a value of any kind; the contents of arrays and objects are skipped.
    pub(super) fn scalar(&mut self) -> Read<Loose<'a>> {
        let next = self.next();
        match next {
            Some(b'"') => self.string().map(Loose::Text),
            Some(b'0'..=b'9' | b'-') => self.number(),
            Some(b't') => self.skip().map(|()| Loose::Bool(true)),
            Some(b'f') => self.skip().map(|()| Loose::Bool(false)),
            _ => {
                let start = self.at;
                self.skip()?;
                Ok(Loose::Other(self.text.get(start..self.at).unwrap_or_default()))
            }
        }
    }

    /// Skips a value, however deep.
    pub(super) fn skip(&mut self) -> Read<()> {
        self.rare::<IgnoredAny>().map(|IgnoredAny| ())
    }

    fn string(&mut self) -> Read<&'a str> {
        let bytes = self.text.as_bytes();
        if bytes.get(self.at) != Some(&b'"') {
            return Err(NotJson(self.at));
        }
        let start = self.at + 1;
        let end = start + plain_bytes(bytes.get(start..).unwrap_or_default());
        if bytes.get(end) == Some(&b'"') {
            self.at = end + 1;
            return self.text.get(start..end).ok_or(NotJson(start));
        }
        let text: String = self.rare()?;
        Ok(self.keep(&text))
    }

    fn number(&mut self) -> Read<Loose<'a>> {
        /// Longer ones may not fit.
        const DIGITS: usize = 18;
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit());
        let (length, number) = digits.fold((0, 0_u64), |(length, number), digit| {
            (length + 1, number.wrapping_mul(10).wrapping_add(u64::from(digit - b'0')))
        });
        let is_plain = (1..=DIGITS).contains(&length)
            && (length == 1 || rest.first() != Some(&b'0'))
            && !matches!(rest.get(length), Some(b'.' | b'e' | b'E'));
        if is_plain {
            self.at += length;
            return Ok(Loose::Number(number));
        }
        let number: serde_json::Number = self.rare()?;
        Ok(Loose::Number(as_nix_reads(&number)))
    }

    /// Has serde_json read a value.
    fn rare<T: DeserializeOwned>(&mut self) -> Read<T> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<T>();
        match values.next() {
            Some(Ok(value)) => {
                self.at += values.byte_offset();
                Ok(value)
            }
            Some(Err(_)) | None => Err(NotJson(self.at)),
        }
    }
}

/// Nix wants an unsigned integer, and takes any number for one: a fraction is cut off.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "that is the rule")]
fn as_nix_reads(number: &serde_json::Number) -> u64 {
    if let Some(whole) = number.as_u64() {
        return whole;
    }
    if let Some(whole) = number.as_i64() {
        return whole.cast_unsigned();
    }
    let number = number.as_f64().unwrap_or_default();
    if number < 0.0 { (number as i64).cast_unsigned() } else { number as u64 }
}

const ONES: u64 = u64::from_le_bytes([1; 8]);
const HIGHEST_BITS: u64 = ONES << 7;

/// The number of spaces that begin these bytes, or some of them if there are many.
fn indentation(bytes: &[u8]) -> usize {
    match bytes.first_chunk() {
        Some(chunk) => {
            let others = u64::from_le_bytes(*chunk) ^ (ONES * u64::from(b' '));
            others.trailing_zeros() as usize / 8
        }
        None => bytes.iter().take_while(|byte| **byte == b' ').count(),
    }
}

/// The number of bytes before the first quote, backslash or control character.
fn plain_bytes(bytes: &[u8]) -> usize {
    let is_plain = |byte: &u8| *byte >= b' ' && *byte != b'"' && *byte != b'\\';
    let mut at = 0;
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        // The highest bit of each byte that is less than a space, or equal to one of the two: that of
        // the lowest such byte is right, and those above it do not matter ("Bit Twiddling Hacks",
        // "Determine if a word has a byte less than n").
        let word = u64::from_le_bytes(*chunk);
        let less = |word: u64, than: u8| word.wrapping_sub(ONES * u64::from(than)) & !word;
        let equal = |byte: u8| less(word ^ (ONES * u64::from(byte)), 1);
        let stops = (less(word, b' ') | equal(b'"') | equal(b'\\')) & HIGHEST_BITS;
        if stops != 0 {
            return at + stops.trailing_zeros() as usize / 8;
        }
        at += chunk.len();
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| is_plain(byte)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_end_where_every_byte_says() {
        let stops = [b'"', b'\\', b'\n', 0, 0x1f];
        let passes = [b' ', b'!', b'a', 0x7f, 0x80, 0xff];
        for length in 0..20 {
            for pass in passes {
                let mut bytes = vec![pass; length];
                assert_eq!(plain_bytes(&bytes), length);
                for at in 0..length {
                    for stop in stops {
                        let before = std::mem::replace(&mut bytes[at], stop);
                        assert_eq!(plain_bytes(&bytes), at);
                        bytes[at] = before;
                    }
                }
            }
        }
    }

    #[test]
    fn numbers_are_what_nix_makes_of_them() {
        let read = |text: &str| {
            let unescaped = Unescaped::new();
            let mut cursor = Cursor::new(text, &unescaped);
            let number = match cursor.scalar() {
                Ok(Loose::Number(number)) => number,
                other => return Err(format!("{:?}", other.is_ok())),
            };
            cursor.end().map(|()| number).map_err(|error| format!("{error:?}"))
        };
        for (text, number) in [
            ("0", 0),
            ("17", 17),
            ("999999999999999999", 999_999_999_999_999_999),
            ("18446744073709551615", u64::MAX),
            ("1.9", 1),
            ("2e3", 2000),
            ("-1", u64::MAX),
            ("-0", 0),
            ("1e30", u64::MAX),
        ] {
            assert_eq!(read(text), Ok(number), "{text}");
        }
        for text in ["01", "-", "1.", "1e", "1e999", "1x", ".5", "+1"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn blanks_are_skipped_however_many() {
        let unescaped = Unescaped::new();
        for spaces in 0..30 {
            let text = format!("\n\t\r{}x", " ".repeat(spaces));
            let mut cursor = Cursor::new(&text, &unescaped);
            assert_eq!((cursor.next(), cursor.at), (Some(b'x'), spaces + 3));
        }
    }
}
