//! The arguments of `outputs`.

use super::literal::Term;
use crate::source::syntax::{Expr, Param};
use crate::text::Span;

/// The formals of `outputs`, if it takes its argument apart: `{ self, nixpkgs, ... }@inputs:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputsFormals {
    /// The whole pattern, with the name bound to it.
    pub span: Span,
    /// From brace to brace.
    pub braces: Span,
    /// The named formals, including `self`, in the order of the file.
    pub names: Vec<Formal>,
    /// Whether there is no `...`, so that a new input must be added here.
    pub closed: bool,
    /// The name of the whole set: `inputs` in `{ … }@inputs`.
    pub bound: Option<String>,
}

/// One named formal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formal {
    /// Its name.
    pub name: String,
    /// The name alone, without a default.
    pub span: Span,
}

impl OutputsFormals {
    /// The formals of a function; `None` if it takes its argument whole.
    pub(super) fn of(function: Term<'_>) -> Option<Self> {
        let Expr::Lambda(Param::Pattern { formals, open, bound }, _) = function.expr() else {
            return None;
        };
        let pattern = function.written.pattern_at(function.span().start)?;
        let names = formals.iter().zip(&pattern.names);
        let names = names.map(|((name, _), span)| Formal { name: name.to_string(), span: *span });
        Some(Self {
            span: pattern.span,
            braces: pattern.braces,
            names: names.collect(),
            closed: !open,
            bound: bound.as_deref().map(str::to_owned),
        })
    }
}
