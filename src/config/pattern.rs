//! Patterns for input paths: `treefmt-nix/nixpkgs`, `*/nixpkgs`, `a/**`.

/// Matches input paths name by name: `*` is any one name, `**` any number of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Name(String),
    One,
    Any,
}

impl PathPattern {
    /// From names, of which `*` and `**` are wildcards.
    pub fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let part = |name: &str| match name {
            "*" => Part::One,
            "**" => Part::Any,
            name => Part::Name(name.to_owned()),
        };
        Self(names.into_iter().map(part).collect())
    }

    /// The names, if none of them is wild.
    pub fn names(&self) -> Option<Vec<String>> {
        let name = |part: &Part| match part {
            Part::Name(name) => Some(name.clone()),
            Part::One | Part::Any => None,
        };
        self.0.iter().map(name).collect()
    }

    /// Whether a path matches. Takes at most path × pattern steps: after a mismatch only the last
    /// `**` is tried again, with one name more.
    pub fn matches(&self, path: &[&str]) -> bool {
        let (mut part, mut name) = (0, 0);
        let mut retry: Option<(usize, usize)> = None;
        loop {
            match (self.0.get(part), path.get(name)) {
                (Some(Part::Any), _) => {
                    retry = Some((part, name));
                    part += 1;
                    continue;
                }
                (Some(Part::One), Some(_)) => {
                    (part, name) = (part + 1, name + 1);
                    continue;
                }
                (Some(Part::Name(wanted)), Some(found)) if wanted == found => {
                    (part, name) = (part + 1, name + 1);
                    continue;
                }
                (None, None) => return true,
                _ => {}
            }
            match retry {
                Some((any, from)) if from < path.len() => {
                    retry = Some((any, from + 1));
                    (part, name) = (any + 1, from + 1);
                }
                _ => return false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_match_names() {
        let matches =
            |pattern: &str, path: &[&str]| PathPattern::new(pattern.split('/')).matches(path);
        assert!(matches("a/nixpkgs", &["a", "nixpkgs"]));
        assert!(!matches("a/nixpkgs", &["a", "b", "nixpkgs"]));
        assert!(matches("*/nixpkgs", &["a", "nixpkgs"]));
        assert!(!matches("*/nixpkgs", &["nixpkgs"]));
        assert!(matches("**/nixpkgs", &["nixpkgs"]));
        assert!(matches("**/nixpkgs", &["a", "nixpkgs", "b", "nixpkgs"]));
        assert!(matches("a/**/b/**/c", &["a", "b", "x", "b", "c", "c"]));
        assert!(!matches("a/**/b/**/c", &["a", "x", "c"]));
        assert!(matches("**", &[]));
        assert!(!matches("*", &[]));
        assert!(PathPattern::new(["a/b", "c"]).matches(&["a/b", "c"]));
    }
}
