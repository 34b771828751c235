//! Expressions of the Nix language, as far as reading configuration needs them.
//!
//! Source: Nix manual, "Nix Language".

use std::sync::Arc;

use crate::Span;

/// An identifier or attribute name.
pub type Name = Arc<str>;

/// The id of an expression in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExprId(u32);

impl ExprId {
    pub(super) fn new(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// An expression.
#[derive(Debug)]
pub enum Expr {
    /// An expression that does not matter for configuration: a float, or a broken part.
    Unknown,
    /// A whole number.
    Number(i64),
    /// A name.
    Ident(Name),
    /// A string, or a URL without quotes.
    Text(Vec<Part>),
    /// A path that begins with `./` or `../`, or an absolute one with interpolations.
    Path(Vec<Part>),
    /// A path outside of the tree: absolute, `~/…`, `<nixpkgs>`.
    OtherPath(Name),
    /// `[ … ]`
    List(Vec<ExprId>),
    /// `{ … }`
    Set(SetExpr),
    /// `let … in body`
    Let(SetExpr, ExprId),
    /// `param: body`
    Lambda(Param, ExprId),
    /// `function argument`
    Apply(ExprId, ExprId),
    /// `set.path or default`
    Select(ExprId, Vec<Part>, Option<ExprId>),
    /// `set ? path`
    HasAttr(ExprId, Vec<Part>),
    /// `with namespace; body`
    With(ExprId, ExprId),
    /// `if condition then … else …`
    If(ExprId, ExprId, ExprId),
    /// `assert condition; body`
    Assert(ExprId, ExprId),
    /// A binary operator that matters.
    Binary(Operator, ExprId, ExprId),
    /// `! value`
    Not(ExprId),
    /// `- value`
    Negate(ExprId),
}

/// Operators that build sets, lists, strings and calls, and those in conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `//`
    Update,
    /// `++`
    Concat,
    /// `+`
    Add,
    /// `a |> f`
    PipeRight,
    /// `f <| a`
    PipeLeft,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `->`
    Implies,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    More,
    /// `>=`
    MoreOrEqual,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

/// A piece of a string, path or attribute path.
#[derive(Debug, Clone)]
pub enum Part {
    /// Literal text, with escapes resolved.
    Text(Name),
    /// `${…}`
    Interpolated(ExprId),
}

/// The bindings of a set or `let`, with dotted ones merged into nested sets.
#[derive(Debug, Default)]
pub struct SetExpr {
    /// Whether the bindings see each other: `rec { … }` and `let`.
    pub recursive: bool,
    /// The bindings, each name once, in the order of the file.
    pub attrs: Vec<Attr>,
    /// Bindings whose name is computed: `${name} = value`.
    pub dynamic: Vec<(ExprId, ExprId)>,
}

/// One binding.
#[derive(Debug)]
pub struct Attr {
    /// Its name.
    pub name: Name,
    /// The place of the name.
    pub span: Span,
    /// Its value.
    pub value: AttrValue,
}

/// The value of a name.
#[derive(Debug, Clone, Copy)]
pub enum AttrValue {
    /// An expression.
    Expr(ExprId),
    /// `inherit name;`
    Inherited,
    /// `inherit (set) name;`
    InheritedFrom(ExprId),
}

/// The parameter of a function.
#[derive(Debug)]
pub enum Param {
    /// `name:`
    Ident(Name),
    /// `{ a, b ? default, … }@name:`
    Pattern {
        /// Names and defaults.
        formals: Vec<(Name, Option<ExprId>)>,
        /// Whether it has `...`.
        open: bool,
        /// The name for the whole argument.
        bound: Option<Name>,
    },
}
