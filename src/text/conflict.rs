//! Marks that a merge leaves in a file that both sides changed.

use super::Span;

/// The first line that marks a merge conflict, in a text that could not be parsed beyond `stopped`.
/// Nix, JSON and TOML have such a line only inside strings and comments.
pub fn merge_conflict(text: &str, stopped: usize) -> Option<Span> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\r', '\n']);
        let end = start + content.len();
        if is_mark(content, (start..=end).contains(&stopped)) {
            return Some(Span { start, end });
        }
        start += line.len();
    }
    None
}

/// Whether a line is a mark. Git's are seven characters long, or longer where `.gitattributes` says so.
fn is_mark(line: &str, is_where_it_stopped: bool) -> bool {
    let is_of = |mark: char| {
        let rest = line.trim_start_matches(mark);
        line.len() - rest.len() >= 7 && (rest.is_empty() || rest.starts_with(' '))
    };
    // People draw lines in comments and texts with the others.
    is_of('<') || is_of('>') || is_where_it_stopped && (is_of('=') || is_of('|'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_mark_is_found_and_nothing_like_it() {
        let found = |text: &str| merge_conflict(text, 0).map(|span| text[span.range()].to_owned());
        assert_eq!(found("a\r\n<<<<<<< HEAD\r\nb\n"), Some("<<<<<<< HEAD".into()));
        assert_eq!(found("<<<<<<<"), Some("<<<<<<<".into()));
        assert_eq!(found("a\n<<<<<<<<<<<<<<< HEAD\n"), Some("<<<<<<<<<<<<<<< HEAD".into()));
        // One side has been removed by hand.
        assert_eq!(found("a\n>>>>>>> main\n"), Some(">>>>>>> main".into()));
        for other in ["", "a <<<<<<< b", "<<<<<< six", "<<<<<<<x", "a\n=======\n", " <<<<<<< HEAD"]
        {
            assert_eq!(found(other), None, "{other}");
        }
    }

    #[test]
    fn what_may_be_a_drawn_line_is_a_mark_only_where_reading_stopped() {
        for text in ["# text\n=======\nb", "# text\n||||||| base\nb"] {
            let stops: Vec<usize> =
                (0..=text.len()).filter(|at| merge_conflict(text, *at).is_some()).collect();
            let line = text.lines().nth(1).unwrap_or_default().len();
            assert_eq!(stops, (7..=7 + line).collect::<Vec<_>>(), "{text}");
        }
    }
}
