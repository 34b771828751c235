//! What GitHub takes of a file.
//!
//! Source: GitHub's documentation, "SARIF results exceed one or more limits" and "SARIF support for
//! code scanning": 25,000 results a run (of which 5,000 are shown), 10 or 20 runs, of which there is one
//! here, and 10 MB when compressed. What is refused is the whole file.

/// Results that there is room for.
#[derive(Debug)]
pub struct Room {
    results: usize,
    bytes: usize,
    left_out: usize,
}

impl Room {
    /// Results in a run.
    const RESULTS: usize = 25_000;
    /// Bytes of results. Names come from anyone and need not be compressible.
    const BYTES: usize = 9 << 20;

    /// Of a new file.
    pub fn new() -> Self {
        Self { results: Self::RESULTS, bytes: Self::BYTES, left_out: 0 }
    }

    /// As many of the results that were written as there is room for: they stand one a line, with a
    /// comma behind each but the last.
    pub fn take<'w>(&mut self, written: &'w [u8]) -> &'w [u8] {
        let mut end = 0;
        let mut at = 0;
        for line in written.split_inclusive(|byte| *byte == b'\n') {
            at += line.len();
            let fits = self.left_out == 0 && self.results > 0 && line.len() < self.bytes;
            if fits {
                (self.results, self.bytes) = (self.results - 1, self.bytes - line.len());
                end = at;
            } else {
                self.left_out += 1;
            }
        }
        let taken = written.get(..end).unwrap_or_default();
        taken.strip_suffix(b",\n").unwrap_or(taken)
    }

    /// What is said of results that there was no room for.
    pub(super) fn left_out(&self) -> Option<String> {
        let results = match self.left_out {
            0 => return None,
            1 => "1 result is".to_owned(),
            count => format!("{count} results are"),
        };
        Some(format!(
            "{results} left out: GitHub takes {} in a file, and 10 MB. Audit fewer locks at once, or \
             use --format json",
            Self::RESULTS
        ))
    }
}

impl Default for Room {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_taken_whole_and_the_rest_is_counted() {
        let mut room = Room { results: 3, bytes: 100, left_out: 0 };
        assert_eq!(room.take(b"{1},\n{2}"), b"{1},\n{2}");
        assert_eq!(room.take(b""), b"");
        assert_eq!(room.left_out(), None);
        assert_eq!(room.take(b"{3},\n{4},\n{5}"), b"{3}");
        assert_eq!(room.take(b"{6}"), b"");
        assert!(room.left_out().unwrap().starts_with("3 results are left out"));
        let mut room = Room { results: 3, bytes: 9, left_out: 0 };
        assert_eq!(room.take(b"{1},\n{2},\n{3}"), b"{1}");
        assert_eq!(room.left_out, 2);
    }
}
