//! Paths in a source.

use std::fmt;
use std::path::{Component, Path};
use std::sync::Arc;

/// Longer paths exist nowhere (`PATH_MAX`), and one file may contain thousands of them.
const LONGEST: usize = 4_096;

/// A path in a source, from its root: names joined by `/`, without `.` and `..`, and empty for the
/// root itself. Whether anything is there is not known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreePath(Arc<str>);

impl TreePath {
    /// The root.
    pub fn root() -> Self {
        Self(Arc::from(""))
    }

    /// The path as text: `dir/file.nix`; empty for the root.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Its names, from the root on.
    pub fn names(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/').filter(|name| !name.is_empty())
    }

    /// The last name; `None` for the root.
    pub fn name(&self) -> Option<&str> {
        self.names().next_back()
    }

    /// The folder that it is in; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        match self.0.rfind('/') {
            Some(at) => self.0.get(..at).map(|text| Self(Arc::from(text))),
            None => (!self.is_root()).then(Self::root),
        }
    }

    /// The target of a relative path like `./a/../b` from here, by its text alone, as Nix resolves
    /// paths (`CanonPath` in `src/libutil/canon-path.cc`). `None` if it leads out of the tree, and
    /// for an absolute path.
    pub fn join(&self, text: &str) -> Option<Self> {
        if text.starts_with('/') {
            return None;
        }
        let mut path = self.0.to_string();
        for name in text.split('/') {
            match name {
                "" | "." => {}
                ".." if path.is_empty() => return None,
                ".." => path.truncate(path.rfind('/').unwrap_or_default()),
                name if is_name(name) && path.len() + name.len() < LONGEST => {
                    if !path.is_empty() {
                        path.push('/');
                    }
                    path.push_str(name);
                }
                _ => return None,
            }
        }
        Some(Self(Arc::from(path)))
    }

    /// The entry of this name in this folder.
    pub fn child(&self, name: &str) -> Option<Self> {
        is_name(name).then(|| self.join(name)).flatten()
    }
}

impl fmt::Display for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_root() { "." } else { &self.0 })
    }
}

/// Whether this is one plain name on this system: no drive, and no `\` if that is a separator.
fn is_name(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    let is_whole = matches!(parts.next(), Some(Component::Normal(part)) if part == name);
    is_whole && parts.next().is_none() && !name.contains('\0')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn joined(folder: &str, text: &str) -> Option<String> {
        let folder = TreePath::root().join(folder).unwrap();
        folder.join(text).map(|path| path.as_str().to_owned())
    }

    #[test]
    fn paths_are_joined_by_their_text() {
        let is = |text: &str| Some(text.to_owned());
        assert_eq!(joined("", "./a/../b"), is("b"));
        assert_eq!(joined("a/b", "../c.nix"), is("a/c.nix"));
        assert_eq!(joined("a/b", "../../c"), is("c"));
        assert_eq!(joined("a", "."), is("a"));
        assert_eq!(joined("a", ".."), is(""));
        assert_eq!(joined("a", ""), is("a"));
        assert_eq!(joined("a", "b//./c/"), is("a/b/c"));
        assert_eq!(joined("", "..."), is("..."));
        assert_eq!(joined("", ".hidden/x y\n"), is(".hidden/x y\n"));
        for (folder, text) in [
            ("", ".."),
            ("", "../a"),
            ("a", "../.."),
            ("a", "b/../../../a"),
            ("", "/"),
            ("a", "/etc/passwd"),
            ("", "a\0b"),
            ("", &"a/".repeat(3_000)),
            ("", &"a".repeat(5_000)),
        ] {
            assert_eq!(joined(folder, text), None, "{text}");
        }
    }

    #[test]
    fn a_path_knows_its_folder_and_its_name() {
        let path = TreePath::root().join("a/b.nix").unwrap();
        assert_eq!(path.name(), Some("b.nix"));
        assert_eq!(path.parent().map(|path| path.to_string()).as_deref(), Some("a"));
        assert_eq!(path.parent().and_then(|path| path.parent()), Some(TreePath::root()));
        assert_eq!(TreePath::root().parent(), None);
        assert_eq!(TreePath::root().name(), None);
        assert_eq!(TreePath::root().to_string(), ".");
        let root = TreePath::root();
        assert_eq!(root.child("a"), root.join("a"));
        for name in ["", ".", "..", "a/b", "/"] {
            assert_eq!(root.child(name), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn no_text_leads_out(folder in "([ab]/){0,3}", text in "[a./ \\\\]{0,12}") {
            let folder = TreePath::root().join(&folder).unwrap();
            // `None` once a `..` leads above the root.
            let mut names: Option<Vec<&str>> = Some(folder.names().collect());
            for name in text.split('/') {
                match (name, &mut names) {
                    ("" | ".", _) | (_, None) => {}
                    ("..", Some(stack)) => {
                        if stack.pop().is_none() {
                            names = None;
                        }
                    }
                    (name, Some(stack)) => stack.push(name),
                }
            }
            let expected = names.filter(|_| !text.starts_with('/')).map(|names| names.join("/"));
            if cfg!(unix) {
                prop_assert_eq!(folder.join(&text).map(|path| path.as_str().to_owned()), expected);
            }
        }
    }
}
