//! Marks that a merge leaves in a file that both sides changed.

use super::Span;

/// The first line that marks a merge conflict, in a text that could not be parsed. Nix, JSON and
/// TOML have such a line only inside strings and comments.
pub fn merge_conflict(text: &str) -> Option<Span> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\r', '\n']);
        let is_mark = ["<<<<<<<", ">>>>>>>"].iter().any(|mark| {
            content.strip_prefix(mark).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        });
        if is_mark {
            return Some(Span { start, end: start + content.len() });
        }
        start += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_mark_is_found_and_nothing_like_it() {
        let found = |text: &str| merge_conflict(text).map(|span| text[span.range()].to_owned());
        assert_eq!(found("a\r\n<<<<<<< HEAD\r\nb\n"), Some("<<<<<<< HEAD".into()));
        assert_eq!(found("<<<<<<<"), Some("<<<<<<<".into()));
        // One side has been removed by hand.
        assert_eq!(found("a\n>>>>>>> main\n"), Some(">>>>>>> main".into()));
        for other in ["", "a <<<<<<< b", "<<<<<<<< eight", "<<<<<<<x", "=======\n", " <<<<<<< HEAD"]
        {
            assert_eq!(found(other), None, "{other}");
        }
    }
}
