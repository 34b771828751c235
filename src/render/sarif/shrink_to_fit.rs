//! GitHub's limits for a file.
//!
//! Source: GitHub's documentation, "SARIF results exceed one or more limits" and "SARIF support for
//! code scanning": 25,000 results for each run (of which 5,000 are shown), 10 or 20 runs (there is
//! one here), and 10 MB when compressed. A file that exceeds them is refused completely.

/// The room that is left for results.
#[derive(Debug)]
pub struct Room {
    results: usize,
    bytes: usize,
    left_out: usize,
}

impl Room {
    /// Results in a run.
    const RESULTS: usize = 25_000;
    /// Bytes of results. Names may be chosen so that they do not compress.
    const BYTES: usize = 9 << 20;

    /// The room in a new file.
    pub fn new() -> Self {
        Self { results: Self::RESULTS, bytes: Self::BYTES, left_out: 0 }
    }

    /// The first results of `written` for which there is room: they are on one line each, with a
    /// comma behind all but the last.
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

    /// A sentence on the results for which there was no room.
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
