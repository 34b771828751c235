//! What an expression may stand for, as far as it matters for nixpkgs.
//!
//! Values are approximations: each stands for all that the expression could become. What is not
//! known is [`Value::Unknown`], never left out.

use std::rc::Rc;

use super::facts::Place;
use crate::source::TreePath;
use crate::source::syntax::{ExprId, Name};

/// Which file of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct FileId(pub(super) u32);

/// An expression of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Code {
    pub(super) file: FileId,
    pub(super) expr: ExprId,
}

/// Names in scope: an index into the evaluator's scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Scope(pub(super) u32);

/// A value that is computed when it is asked for: an index into the evaluator's thunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Thunk(pub(super) u32);

/// Which input of the flake, in the order given to the evaluator.
pub(super) type InputIndex = u32;

/// Which instance of nixpkgs, in the order of [`Facts`](super::facts::CodeFacts).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct InstanceId(pub(super) u32);

/// Names that lead into something.
pub(super) type Names = Rc<[Name]>;

/// Why a value is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Why {
    /// It comes from code that is not read.
    Outside,
    /// It depends on options, systems or comparisons: it is set on some condition.
    Condition,
}

/// An approximation of a value.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Unknown(Why),
    Bool(bool),
    Null,
    Number,
    Text(Name),
    /// A path in the source.
    Path(TreePath),
    /// Any of the files in a folder whose names begin and end like this.
    AnyPath(Rc<AnyPath>),
    List(Rc<List>),
    Set(Rc<Set>),
    Function(Code, Scope),
    /// A function of a library, with the arguments it has so far.
    Partial(Rc<Partial>),
    /// The set of all inputs.
    Inputs,
    /// flake-parts' `inputs'`: the same for one system.
    SystemInputs,
    /// The flake itself.
    Itself,
    /// flake-parts' `self'`: its outputs for one system.
    SystemItself,
    /// An input, or something in it.
    Input(InputIndex, Names, Place),
    /// An instance of nixpkgs, or something in it.
    Package(InstanceId, Names, Place),
    /// Library functions of nixpkgs.
    Library(Option<InputIndex>, Names),
    /// A source tree, and a path in it, as text.
    Source(Base, Name, Place),
    /// `import` of a source tree: a function that makes an instance.
    Imported(Base, Name, Place),
    Either(Rc<[Value]>),
    /// Set only if something holds that is not known.
    Conditional(Rc<Value>),
    /// Something in the `config` of a module system, by its path.
    Config(super::modules::ClassKey, Names),
    /// `left // right` where what is in them is not known.
    Update(Rc<(Value, Value)>),
}

/// What an instance is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Base {
    Input(InputIndex),
    /// `pkgs.path`
    Instance(InstanceId),
    /// Something that no input is: `<nixpkgs>`, a fetched archive.
    Other,
}

#[derive(Debug)]
pub(super) struct AnyPath {
    pub(super) folder: TreePath,
    pub(super) prefix: Name,
    pub(super) suffix: Name,
}

#[derive(Debug, Default)]
pub(super) struct List {
    pub(super) items: Vec<Thunk>,
    /// Whether there may be more.
    pub(super) open: bool,
    /// Whether it is `mkMerge`: definitions side by side, no list.
    pub(super) merge: bool,
}

#[derive(Debug, Default, Clone)]
pub(super) struct Set {
    /// Sorted by name.
    pub(super) attrs: Vec<SetAttr>,
    /// What stands under any other name.
    pub(super) rest: Option<Thunk>,
    /// Whether other names may be there.
    pub(super) open: bool,
}

#[derive(Debug, Clone)]
pub(super) struct SetAttr {
    pub(super) name: Name,
    pub(super) thunk: Thunk,
    /// Where the name stands.
    pub(super) place: Option<Place>,
    /// Whether it is there only if something holds.
    pub(super) conditional: bool,
}

#[derive(Debug)]
pub(super) struct Partial {
    pub(super) function: Function,
    pub(super) args: Vec<Value>,
    pub(super) place: Place,
}

/// A function that is known by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Function {
    /// Of nixpkgs' library or a builtin: its name.
    Library(Option<InputIndex>, Name),
    /// Of an input: the path to it.
    Framework(InputIndex, Names),
}

impl Set {
    pub(super) fn get(&self, name: &str) -> Option<&SetAttr> {
        let at = self.attrs.binary_search_by(|attr| (*attr.name).cmp(name)).ok()?;
        self.attrs.get(at)
    }

    /// From attributes in any order; of several with one name the last counts.
    pub(super) fn new(mut attrs: Vec<SetAttr>, rest: Option<Thunk>, open: bool) -> Self {
        attrs.reverse();
        attrs.sort_by(|a, b| a.name.cmp(&b.name));
        attrs.dedup_by(|b, a| a.name == b.name);
        Self { attrs, rest, open }
    }

    /// `self // right`
    pub(super) fn update(&self, right: &Set) -> Set {
        let mut attrs = Vec::with_capacity(self.attrs.len() + right.attrs.len());
        let (mut a, mut b) = (self.attrs.iter().peekable(), right.attrs.iter().peekable());
        loop {
            match (a.peek(), b.peek()) {
                (Some(left), Some(other)) => match left.name.cmp(&other.name) {
                    std::cmp::Ordering::Less => attrs.extend(a.next().cloned()),
                    std::cmp::Ordering::Greater => attrs.extend(b.next().cloned()),
                    std::cmp::Ordering::Equal => {
                        attrs.extend(b.next().cloned());
                        a.next();
                    }
                },
                (Some(_), None) => attrs.extend(a.next().cloned()),
                (None, Some(_)) => attrs.extend(b.next().cloned()),
                (None, None) => break,
            }
        }
        Set { attrs, rest: right.rest.or(self.rest), open: self.open || right.open }
    }
}

impl Value {
    pub(super) fn outside() -> Self {
        Value::Unknown(Why::Outside)
    }

    pub(super) fn condition() -> Self {
        Value::Unknown(Why::Condition)
    }

    pub(super) fn set(attrs: Vec<SetAttr>, rest: Option<Thunk>, open: bool) -> Self {
        Value::Set(Rc::new(Set::new(attrs, rest, open)))
    }

    pub(super) fn list(items: Vec<Thunk>, open: bool) -> Self {
        Value::List(Rc::new(List { items, open, merge: false }))
    }

    /// One of several values; what is unknown does not count beside what is known.
    pub(super) fn either(values: Vec<Value>) -> Self {
        /// Alternatives that are kept.
        const MOST: usize = 8;
        let mut flat: Vec<Value> = Vec::new();
        for value in values {
            match value {
                Value::Either(inner) => flat.extend(inner.iter().cloned()),
                Value::Conditional(ref inner) => match &**inner {
                    // What each of them depends on, all depend on.
                    Value::Either(inner) => {
                        flat.extend(inner.iter().cloned().map(Value::conditional));
                    }
                    _ => flat.push(value),
                },
                value => flat.push(value),
            }
        }
        flat.truncate(MOST);
        match flat.len() {
            0 => Value::outside(),
            1 => flat.pop().unwrap_or_else(Value::outside),
            _ => Value::Either(flat.into()),
        }
    }

    /// The value without the conditions it depends on, and whether there are any.
    pub(super) fn unconditional(&self) -> (&Value, bool) {
        let mut value = self;
        let mut conditional = false;
        while let Value::Conditional(inner) = value {
            value = inner;
            conditional = true;
        }
        (value, conditional)
    }

    pub(super) fn conditional(self) -> Self {
        match self {
            Value::Conditional(_) | Value::Unknown(_) => self,
            value => Value::Conditional(Rc::new(value)),
        }
    }
}

/// `path` with one more name.
pub(super) fn longer(path: &Names, name: &Name) -> Names {
    path.iter().cloned().chain([name.clone()]).collect()
}

pub(super) fn no_names() -> Names {
    Rc::from([])
}
