//! The name that was probably meant.

/// Longer words are compared by their first bytes only: they may come from a lock.
const LONGEST: usize = 64;

/// The question at the end of a message: the name that was probably meant, if there is one.
pub fn did_you_mean(meant: Option<&str>) -> String {
    meant.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

/// The candidate that is nearest to `word`, if at most a third of its letters differ, not counting
/// their case (Levenshtein distance over bytes).
pub fn nearest<'c>(word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let limit = word.len().min(LONGEST).div_ceil(3);
    let lower = |word: &str| start(word).map(|b| b.to_ascii_lowercase()).collect::<Vec<u8>>();
    let word = lower(word);
    candidates
        .map(|candidate| (strsim::generic_levenshtein(&word, &lower(candidate)), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many bytes of two words differ (Levenshtein), counting the first 64 of each.
pub fn distance(a: &str, b: &str) -> usize {
    let start = |word: &str| start(word).collect::<Vec<u8>>();
    strsim::generic_levenshtein(&start(a), &start(b))
}

fn start(word: &str) -> impl Iterator<Item = u8> {
    word.bytes().take(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_nothing_far() {
        let rules = ["unconfigured-nixpkgs", "unconfigured-secondary", "node-cycle"];
        let near = |word| nearest(word, rules.into_iter());
        assert_eq!(near("unconfigured-nixpkg"), Some("unconfigured-nixpkgs"));
        assert_eq!(near("nodecycle"), Some("node-cycle"));
        assert_eq!(near("Node-Cycle"), Some("node-cycle"));
        assert_eq!(near("NODECYCLE"), Some("node-cycle"));
        assert_eq!(near("torch"), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
