//! Marks for the names of known repositories, by hash. Most repositories of a lock have no line, which
//! is told by them without making the name, and without a look at the lines.

use super::table::{ALIASES, LINES};

/// The marks, made by the compiler: sorting the names took every run longer than looking them up.
pub(super) static MARKS: [u64; WORDS] = marks();

/// Sixteen thousand marks for some seven hundred names.
const WORDS: usize = 256;

/// The hash of an empty name (FNV-1a).
pub(super) const START: u64 = 0xcbf2_9ce4_8422_2325;

/// The hash of a name in lower case that continues with this text.
#[expect(clippy::indexing_slicing, reason = "below the length; an iterator is not const")]
pub(super) const fn hash(before: u64, text: &[u8]) -> u64 {
    let mut hash = before;
    let mut at = 0;
    while at < text.len() {
        hash = (hash ^ text[at].to_ascii_lowercase() as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    hash
}

/// The word and the bit of a hash.
pub(super) const fn place(hash: u64) -> (usize, u64) {
    (((hash >> 38) as usize) % WORDS, 1 << (hash >> 58))
}

#[expect(clippy::indexing_slicing, reason = "the compiler would say so")]
const fn marks() -> [u64; WORDS] {
    let mut marks = [0; WORDS];
    let mut at = 0;
    while at < LINES.len() + ALIASES.len() {
        let name = match at < LINES.len() {
            true => LINES[at].repository,
            false => ALIASES[at - LINES.len()].0,
        };
        let (word, bit) = place(hash(START, name.as_bytes()));
        marks[word] |= bit;
        at += 1;
    }
    marks
}
