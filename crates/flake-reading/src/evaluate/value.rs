//! What an expression may stand for, as far as it matters for nixpkgs.
//!
//! Values are approximations: each stands for all that the expression could become. What is not
//! known is [`Value::Unknown`], or holds what it was made of ([`Value::Woven`]), so that nothing
//! that goes into code which is not read is lost.

use std::rc::Rc;

pub(super) use super::facts::FileId;
use super::facts::{InstanceId, Place};
use super::modules::ClassId;
use super::world::{FlakeId, Slot};
use crate::TreePath;
use crate::syntax::{ExprId, Name};

/// Alternatives that are kept beyond those that are told apart.
pub(super) const MOST_FURTHER: usize = 256;

/// An expression of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Code {
    pub(super) file: FileId,
    pub(super) expr: ExprId,
}

/// Names in scope: an index into the heap's scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Scope(pub(super) u32);

/// A value that is computed when it is asked for: an index into the heap's thunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Thunk(pub(super) u32);

/// A step into a set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Segment {
    /// To the attribute of this name.
    Named(Name),
    /// To one whose name is not known.
    Any,
}

impl Segment {
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Segment::Named(name) => Some(name),
            Segment::Any => None,
        }
    }
}

/// Steps that lead into something.
pub(super) type Path = Rc<[Segment]>;

/// Names that lead into something.
pub(super) type Names = Rc<[Name]>;

/// Why a value is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Why {
    /// It comes from code that is not read.
    Outside,
    /// Nobody gets it: `throw`.
    Never,
    /// It depends on options, systems or comparisons: it is set on some condition.
    Condition,
}

/// An approximation of a value.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Unknown(Why),
    Bool(bool),
    Null,
    Number(Option<i64>),
    Text(Name),
    /// Something of which is only known what it is made of.
    Woven(Rc<Woven>),
    /// A path in the source of a flake.
    Path(FlakeId, TreePath),
    /// Any of the files in a folder whose names begin and end like this.
    AnyPath(Rc<AnyPath>),
    List(Rc<List>),
    Set(Rc<Set>),
    Function(Code, Scope),
    /// A function that is known by its name, with the arguments it has so far.
    Native(Rc<Native>),
    /// The set of all inputs of a flake.
    Inputs(FlakeId),
    /// flake-parts' `inputs'`: the same for one system.
    SystemInputs(FlakeId, Segment),
    /// A flake itself.
    Itself(FlakeId),
    /// flake-parts' `self'`: its outputs for one system.
    SystemItself(FlakeId, Segment),
    /// An input.
    Flake(Slot, Place),
    /// Something in an input whose code is not read.
    Unread(Slot, Path, Place),
    /// An instance of nixpkgs, or something in it.
    Package(InstanceId, Path, Place),
    /// An instance as it is before its overlays: what they call `prev`.
    Before(InstanceId, Place),
    /// What a function of a package set makes.
    Derivation(Rc<Derivation>),
    /// Library functions of nixpkgs, and builtins.
    Library(Option<Slot>, Names),
    /// A source tree of nixpkgs, and a path in it, as text.
    Source(Base, Name, Place),
    /// `import` of a source tree: a function that makes an instance.
    Imported(Base, Name),
    Either(Rc<[Value]>),
    /// Alternatives beyond those that are told apart: what is made of them is not known, and they
    /// are looked through.
    Further(Rc<[Value]>),
    /// Set only if something holds that is not known.
    Conditional(Rc<Value>),
    /// Something in the `config` of a module system, by its path.
    Config(ClassId, Names),
    /// `mkIf`, `mkMerge`, `mkOverride`.
    Definition(Rc<Definition>),
    /// An option, or the type of one.
    Declared(Declared),
    /// What a module system was evaluated to: a host, a home.
    System(ClassId),
    /// `left // right` where what is in them is not known.
    Update(Rc<(Value, Value)>),
    /// `mapAttrs function set` of a set whose names are not known.
    Mapped(Rc<(Value, Value)>),
}

/// What something is made of, and how.
#[derive(Debug)]
pub(super) struct Woven {
    pub(super) how: How,
    pub(super) of: Vec<Thunk>,
    pub(super) place: Place,
}

/// How something is made of other things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum How {
    /// They are put together to a text.
    Text,
    /// A function of the library makes something of them.
    Made,
    /// They are given to a function that is not known, or not read: the first.
    Handed,
    /// `builtins.derivation`
    Derivation,
}

/// What an instance is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Base {
    Input(Slot),
    /// `pkgs.path`
    Instance(InstanceId),
    /// Something that no input is: `<nixpkgs>`, a fetched archive.
    Other,
}

#[derive(Debug)]
pub(super) struct AnyPath {
    pub(super) flake: FlakeId,
    pub(super) folder: TreePath,
    pub(super) prefix: Name,
    pub(super) suffix: Name,
}

#[derive(Debug, Default)]
pub(super) struct List {
    pub(super) items: Vec<Thunk>,
    /// Whether there may be more.
    pub(super) open: bool,
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

/// What a function of a package set was given, and by whose set.
#[derive(Debug)]
pub(super) struct Derivation {
    /// The nixpkgs that makes it.
    pub(super) maker: InstanceId,
    /// The path to the function, or to what is overridden.
    pub(super) path: Path,
    pub(super) given: Vec<Thunk>,
    /// Whether it is a package of the set with other arguments.
    pub(super) is_override: bool,
    pub(super) place: Place,
}

/// A function that is known by its name.
#[derive(Debug)]
pub(super) struct Native {
    pub(super) function: Function,
    pub(super) args: Vec<Thunk>,
}

/// Which function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Function {
    /// Of nixpkgs' library, or a builtin: its name, and the nixpkgs whose library it is.
    Library(Option<Slot>, Name),
    /// Of a well-known flake: the path to it.
    Framework(Slot, Path),
    /// `callPackage` and its like, of the set at a path.
    CallPackage(InstanceId, Path),
    /// What makes another package of something that was made.
    OverrideMade,
    /// `extend` of a set that `makeExtensible` made.
    ExtendSet,
    /// flake-parts' `mkFlake`, which has its first argument.
    Parts(ClassId),
    /// flake-parts' `withSystem`
    WithSystem(ClassId),
    /// flake-parts' `moduleWithSystem`
    ModuleWithSystem(ClassId),
    /// `extendModules` of a system.
    ExtendModules(ClassId),
}

/// A definition of an option that says more than its value.
#[derive(Debug)]
pub(super) enum Definition {
    /// `mkIf condition content`
    If(Thunk, Thunk),
    /// `mkMerge list`
    Merge(Thunk),
    /// `mkOverride priority content`; the lower number wins.
    Override(i64, Thunk),
}

/// An option that a module declares, or a type of options that matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Declared {
    /// `mkOption`, with what it was given.
    Option(Thunk),
    /// `submodule`, with its modules.
    Submodule(Thunk),
    /// `attrsOf`, with the type of the elements.
    Elements(Thunk),
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

/// An attribute that stands nowhere in particular.
pub(super) fn attr(name: impl Into<Name>, thunk: Thunk) -> SetAttr {
    SetAttr { name: name.into(), thunk, place: None, conditional: false }
}

impl Value {
    pub(super) fn outside() -> Self {
        Value::Unknown(Why::Outside)
    }

    pub(super) fn condition() -> Self {
        Value::Unknown(Why::Condition)
    }

    pub(super) fn text(text: impl Into<Name>) -> Self {
        Value::Text(text.into())
    }

    pub(super) fn set(attrs: Vec<SetAttr>, rest: Option<Thunk>, open: bool) -> Self {
        Value::Set(Rc::new(Set::new(attrs, rest, open)))
    }

    pub(super) fn no_attrs() -> Self {
        Value::set(Vec::new(), None, false)
    }

    pub(super) fn list(items: Vec<Thunk>, open: bool) -> Self {
        Value::List(Rc::new(List { items, open }))
    }

    pub(super) fn woven(how: How, of: Vec<Thunk>, place: Place) -> Self {
        Value::Woven(Rc::new(Woven { how, of, place }))
    }

    pub(super) fn native(function: Function, args: Vec<Thunk>) -> Self {
        Value::Native(Rc::new(Native { function, args }))
    }

    /// One of several values; what is unknown does not count beside what is known.
    pub(super) fn either(values: Vec<Value>) -> Self {
        /// Alternatives that are told apart: what is done with one is done with each.
        const MOST: usize = 8;
        let mut flat: Vec<Value> = Vec::new();
        let mut further: Vec<Value> = Vec::new();
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
        flat.retain(|value| match value {
            Value::Further(more) => {
                further.extend(more.iter().cloned());
                false
            }
            _ => true,
        });
        further.extend(flat.drain(flat.len().min(MOST)..));
        if !further.is_empty() {
            // Where these are too many, those that are left say that there are more.
            further.truncate(MOST_FURTHER);
            flat.push(Value::Further(further.into()));
        }
        match flat.len() {
            0 => Value::outside(),
            1 => flat.pop().unwrap_or_else(Value::outside),
            _ => Value::Either(flat.into()),
        }
    }

    /// What is one of two things, nobody knows which.
    pub(super) fn one_of(a: Value, b: Value) -> Self {
        match (&a, &b) {
            (Value::Bool(x), Value::Bool(y)) if x == y => a,
            (Value::Text(x), Value::Text(y)) if x == y => a,
            (Value::Bool(_), Value::Bool(_)) => Value::condition(),
            // What is unknown says nothing, but that the other is not certain.
            (Value::Unknown(_), _) => b.conditional(),
            (_, Value::Unknown(_)) => a.conditional(),
            (Value::Null, _) => b.conditional(),
            (_, Value::Null) => a.conditional(),
            _ => Value::either(vec![a.conditional(), b.conditional()]),
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
            Value::Conditional(_) | Value::Unknown(_) | Value::Further(_) => self,
            value => Value::Conditional(Rc::new(value)),
        }
    }

    pub(super) fn is_unknown(&self) -> bool {
        matches!(self, Value::Unknown(_))
    }

    /// Whether it holds nothing that could be taken.
    pub(super) fn is_plain(&self) -> bool {
        matches!(
            self,
            Value::Unknown(_)
                | Value::Bool(_)
                | Value::Null
                | Value::Number(_)
                | Value::Text(_)
                | Value::Library(..)
        )
    }
}

/// `path` with one more step.
pub(super) fn longer(path: &Path, step: Segment) -> Path {
    path.iter().cloned().chain([step]).collect()
}

/// `path` with one more name.
pub(super) fn named(path: &Path, name: &Name) -> Path {
    longer(path, Segment::Named(name.clone()))
}

/// The steps above the last one.
pub(super) fn above(path: &Path) -> Path {
    path.iter().take(path.len().saturating_sub(1)).cloned().collect()
}

/// The last name of a path.
pub(super) fn last(path: &Path) -> Option<&str> {
    path.last().and_then(Segment::name)
}
