//! Paths into values.

use std::rc::Rc;

use crate::syntax::Name;

/// A step into a set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::evaluate) enum Segment {
    /// To the attribute of this name.
    Named(Name),
    /// To an attribute of unknown name.
    Any,
}

impl Segment {
    pub(in crate::evaluate) fn name(&self) -> Option<&str> {
        match self {
            Segment::Named(name) => Some(name),
            Segment::Any => None,
        }
    }
}

/// Steps into a value.
pub(in crate::evaluate) type Path = Rc<[Segment]>;

/// Names that lead into a value.
pub(in crate::evaluate) type Names = Rc<[Name]>;

/// The most steps of a path.
const LONGEST: usize = 12;
/// The most steps of unknown name: code that goes through a package as through a set of its own
/// (`mapAttrsToList`) never comes to an end of it.
const MOST_ANY: usize = 3;

/// Whether a path gets no longer: what is further inside is taken for what is there.
pub(in crate::evaluate) fn is_longest(path: &Path) -> bool {
    let any = || path.iter().filter(|step| matches!(step, Segment::Any)).count();
    path.len() >= LONGEST || (path.len() >= MOST_ANY && any() >= MOST_ANY)
}

/// `path` with one more step.
pub(in crate::evaluate) fn longer(path: &Path, step: Segment) -> Path {
    if is_longest(path) {
        return path.clone();
    }
    path.iter().cloned().chain([step]).collect()
}

/// `path` with one more name.
pub(in crate::evaluate) fn named(path: &Path, name: &Name) -> Path {
    longer(path, Segment::Named(name.clone()))
}

/// The path without its last step.
pub(in crate::evaluate) fn above(path: &Path) -> Path {
    path.iter().take(path.len().saturating_sub(1)).cloned().collect()
}

/// The last name of a path.
pub(in crate::evaluate) fn last(path: &Path) -> Option<&str> {
    path.last().and_then(Segment::name)
}
