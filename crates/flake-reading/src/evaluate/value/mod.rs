//! Values of expressions, as far as they matter for nixpkgs.
//!
//! Values are approximations: each stands for everything that the expression could be. What is not
//! known is [`Value::Unknown`], or remembers what it was made of ([`Value::Woven`]), so that
//! nothing is lost that goes into code which is not read.

mod alternatives;
mod loader;
mod path;
mod set;

use std::rc::Rc;

pub(super) use super::facts::FileId;
use super::facts::{InstanceId, Place};
use super::world::{FlakeId, FlakeInput};
use crate::TreePath;
use crate::gpu_packages::Gpu;
use crate::syntax::{ExprId, Name};

pub(super) use alternatives::Alternatives;
pub(super) use loader::{Loader, LoaderMakes, LoaderTest};
pub(super) use path::{Names, Path, Segment, above, is_longest, last, longer, named};
pub(super) use set::{Set, SetAttr, attr};

/// An expression of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Code {
    pub(super) file: FileId,
    pub(super) expr: ExprId,
}

/// Names in scope: an index into the heap's scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Scope(pub(super) u32);

/// A value that is computed when it is needed: an index into the heap's thunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Thunk(pub(super) u32);

/// The id of an evaluation of modules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ClassId(u32);

impl ClassId {
    /// The one at an index.
    pub(super) fn new(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// Its index.
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// Why a value is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Why {
    /// It comes from code that is not read.
    Outside,
    /// Nobody gets it, as with `throw`.
    Never,
    /// It depends on options, systems or comparisons: a condition.
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
    /// Something of which only its parts are known.
    Woven(Rc<Woven>),
    /// A path in the source of a flake.
    Path(FlakeId, TreePath),
    /// Any file in a folder whose name begins and ends like this.
    AnyPath(Rc<AnyPath>),
    List(Rc<List>),
    Set(Rc<Set>),
    Function(Code, Scope),
    /// A function that is known by its name, with its arguments so far.
    Native(Rc<Native>),
    /// The set of all inputs of a flake.
    Inputs(FlakeId),
    /// flake-parts' `inputs'`: all inputs for one system.
    SystemInputs(FlakeId, Segment),
    /// A flake itself.
    Itself(FlakeId),
    /// flake-parts' `self'`: its outputs for one system.
    SystemItself(FlakeId, Segment),
    /// An input.
    Flake(FlakeInput, Option<Place>),
    /// Something in an input whose code is not read.
    Unread(FlakeInput, Path, Option<Place>),
    /// An instance of nixpkgs, or something in it.
    Package(InstanceId, Path, Option<Place>),
    /// The settings of an instance: its `config`.
    Settings(InstanceId),
    /// An instance before its overlays, which they call `prev`.
    Before(InstanceId, Option<Place>),
    /// The result of a function of a package set.
    Derivation(Rc<Derivation>),
    /// Library functions of nixpkgs, and builtins.
    Library(Option<FlakeInput>, Names),
    /// A source tree of nixpkgs, and a path in it, as text.
    Source(Base, Name, Option<Place>),
    /// `import` of a source tree: a function that makes an instance.
    Imported(Base, Name),
    Either(Rc<Alternatives>),
    /// Alternatives beyond those that are told apart: operations on them give unknown, but they are
    /// searched.
    Further(Rc<Alternatives>),
    /// A value under an unknown condition.
    Conditional(Rc<Value>),
    /// Something in the `config` of a module system, by its path.
    Config(ClassId, Names),
    /// Something in the `options` of a module system, by its path.
    Options(ClassId, Names),
    /// `mkIf`, `mkMerge`, `mkOverride`.
    Definition(Rc<Definition>),
    /// An option, or the type of one.
    Declared(Declared),
    /// The result of a module system: a host, a home.
    System(ClassId),
    /// `left // right` with unknown attributes.
    Update(Rc<(Value, Value)>),
    /// `mapAttrs function set` of a set with unknown names.
    Mapped(Rc<(Value, Value)>),
}

/// The parts of something, and how it is made of them.
#[derive(Debug, Clone)]
pub(super) struct Woven {
    pub(super) how: How,
    pub(super) of: Vec<Thunk>,
    /// The output of a flake that it is.
    pub(super) offer: Option<Rc<Offer>>,
    pub(super) place: Option<Place>,
}

/// An output of a flake whose code is read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Offer {
    /// The input from which it was taken.
    pub(super) slot: FlakeInput,
    /// Its attribute path in that flake.
    pub(super) path: Path,
}

impl Offer {
    /// An attribute of it.
    pub(super) fn below(&self, name: &Name) -> Self {
        Self { slot: self.slot, path: named(&self.path, name) }
    }
}

impl Woven {
    /// The same value, marked as an output of a flake.
    pub(super) fn offered_as(&self, offer: Offer) -> Self {
        Self { offer: Some(Rc::new(offer)), ..self.clone() }
    }
}

/// How something is made of other things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum How {
    /// They are joined to a text.
    Text,
    /// A function of the library makes something of them.
    Made,
    /// They are arguments of an unknown or unread function, which is the first of them.
    Handed,
    /// `builtins.derivation`
    Derivation,
}

/// What an instance is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Base {
    Input(FlakeInput),
    /// `pkgs.path`
    Instance(InstanceId),
    /// A source that is no input: `<nixpkgs>`, a fetched archive.
    Other,
    /// A source that is fetched and certainly no nixpkgs.
    Foreign,
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
    /// Whether some of these may be missing, because of a filter that is not understood.
    pub(super) unsure: bool,
    /// Whether it was sorted by what is not understood, so that any of these may be the first.
    pub(super) unordered: bool,
}

/// A call of a function of a package set.
#[derive(Debug, Clone)]
pub(super) struct Derivation {
    /// The instance whose function it is.
    pub(super) maker: InstanceId,
    /// The path to the function, or to what is overridden.
    pub(super) path: Path,
    pub(super) given: Vec<Thunk>,
    /// Whether it is a package of the set with other arguments.
    pub(super) is_override: bool,
    /// The GPU settings of its nixpkgs that its own code reads.
    pub(super) reads: Option<Gpu>,
    /// The call of `callPackage`, which `override` makes again.
    pub(super) called: Option<Rc<PackageCall>>,
    /// The output of a flake that it is.
    pub(super) offer: Option<Rc<Offer>>,
    pub(super) place: Option<Place>,
}

/// A function that was called with packages by their names.
#[derive(Debug, Clone)]
pub(super) struct PackageCall {
    pub(super) instance: InstanceId,
    /// The path to the package set, and the set.
    pub(super) path: Path,
    pub(super) packages: Value,
    pub(super) function: Value,
    /// The other arguments from the caller.
    pub(super) given: Thunk,
}

/// A function that is known by its name.
#[derive(Debug)]
pub(super) struct Native {
    pub(super) function: Function,
    pub(super) args: Vec<Thunk>,
}

/// The functions that are known by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Function {
    /// A function of nixpkgs' library, or a builtin: its name, and the nixpkgs whose library it is.
    Library(Option<FlakeInput>, Name),
    /// A function of a well-known flake: the path to it.
    Framework(FlakeInput, Path),
    /// `callPackage` and similar, of the set at a path, or of one that replaces it.
    CallPackage(InstanceId, Path, Option<Thunk>),
    /// `newScope` of a scope: what it was made with, and the scope.
    NewScope,
    /// `overrideScope` of a scope: what it was made with, and the function that makes it.
    OverrideScope,
    /// `override` and similar of a derivation, by name.
    OverrideMade(Name),
    /// `override` of the result of `callPackage`.
    CallAgain,
    /// `extend` of a set that `makeExtensible` made: what it is called, and the function that makes
    /// the set.
    ExtendSet,
    /// `override` of a set that `makeOverridable` made: the function that makes it, and its
    /// arguments.
    OverrideArguments,
    /// `nixosSystem` of a library that was extended, with that library: its modules get it.
    SystemOf(Option<FlakeInput>),
    /// flake-parts' `mkFlake` with its first argument.
    Parts(ClassId),
    /// The outputs of a partition in flake-parts.
    Partition(ClassId),
    /// flake-parts' `getSystem`
    GetSystem(ClassId),
    /// flake-parts' `withSystem`
    WithSystem(ClassId),
    /// flake-parts' `moduleWithSystem`
    ModuleWithSystem(ClassId),
    /// A module that defines one option by another: the paths of both.
    Alias,
    /// `extendModules` of a system.
    ExtendModules(ClassId),
    /// A function of an import-tree loader.
    Tree(Rc<Loader>, &'static str),
}

/// A definition of an option that has more than a value.
#[derive(Debug)]
pub(super) enum Definition {
    /// `mkIf condition content`
    If(Thunk, Thunk),
    /// `mkMerge list`
    Merge(Thunk),
    /// `mkOverride priority content`; the lower number wins.
    Override(i64, Thunk),
}

/// An option that a module declares, or a type that matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Declared {
    /// `mkOption`, with its argument.
    Option(Thunk),
    /// `submodule`, with its modules.
    Submodule(Thunk),
    /// `attrsOf`, with the type of the elements.
    Elements(Thunk),
    /// `coercedTo`, with the function that makes a value of the type of the second one.
    Coerced(Thunk, Thunk),
    /// `deferredModule`, with a list of modules that are in every value of it.
    Deferred(Thunk),
    /// The types that several declarations of one option have, as a list.
    Several(Thunk),
    /// flake-parts' `mkPerSystemType`, with a module that is among those of each system.
    PerSystem(Thunk),
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
        Value::list_of_some(items, open, false)
    }

    /// A list with some items that may be missing.
    pub(super) fn list_of_some(items: Vec<Thunk>, open: bool, unsure: bool) -> Self {
        Value::List(Rc::new(List { items, open, unsure, unordered: false }))
    }

    /// A list of these in an order that is not known.
    pub(super) fn unordered(items: Vec<Thunk>, open: bool) -> Self {
        let unordered = items.len() > 1 || open;
        Value::List(Rc::new(List { items, open, unsure: unordered, unordered }))
    }

    pub(super) fn woven(how: How, of: Vec<Thunk>, place: Option<Place>) -> Self {
        Value::Woven(Rc::new(Woven { how, of, offer: None, place }))
    }

    pub(super) fn native(function: Function, args: Vec<Thunk>) -> Self {
        Value::Native(Rc::new(Native { function, args }))
    }

    pub(super) fn is_unknown(&self) -> bool {
        matches!(self, Value::Unknown(_))
    }

    /// Whether it contains nothing that could be taken.
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
