//! The arguments of `outputs`.

use std::collections::BTreeSet;

use rnix::SyntaxKind::{TOKEN_L_BRACE, TOKEN_R_BRACE};
use rnix::ast;
use rowan::ast::AstNode;

use super::Refused;
use super::literal::span;
use crate::text::Span;

/// The formals of `outputs`, where it takes a set apart: `{ self, nixpkgs, ... }@inputs:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputsFormals {
    /// The whole pattern, a bound name included.
    pub span: Span,
    /// From brace to brace.
    pub braces: Span,
    /// The named formals, `self` included, in the order of the file.
    pub names: Vec<Formal>,
    /// Whether there is no `...`: then a new input must be named here.
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
    pub(super) fn of(lambda: &ast::Lambda) -> Result<Option<Self>, Refused> {
        let Some(ast::Param::Pattern(pattern)) = lambda.param() else { return Ok(None) };
        let whole = span(pattern.syntax());
        let token = |kind| {
            let mut tokens =
                pattern.syntax().children_with_tokens().filter_map(|child| child.into_token());
            let token = tokens.find(|token| token.kind() == kind)?;
            Some((token.text_range().start().into(), token.text_range().end().into()))
        };
        let (start, _) = token(TOKEN_L_BRACE).unwrap_or((whole.start, whole.start));
        let (_, end) = token(TOKEN_R_BRACE).unwrap_or((whole.end, whole.end));
        let bound = pattern.pat_bind().and_then(|bind| bind.ident());
        let bound = bound.map(|name| name.syntax().text().to_string());
        let names = pattern.pat_entries().filter_map(|entry| entry.ident()).map(|name| Formal {
            name: name.syntax().text().to_string(),
            span: span(name.syntax()),
        });
        let names: Vec<_> = names.collect();
        let mut seen: BTreeSet<_> = bound.as_deref().into_iter().collect();
        if let Some(again) = names.iter().find(|formal| !seen.insert(&formal.name)) {
            let message = format!("`outputs` takes `{}` twice", again.name);
            return Err(Refused::new(again.span, message));
        }
        Ok(Some(Self {
            span: whole,
            braces: Span { start, end },
            closed: pattern.ellipsis_token().is_none(),
            bound,
            names,
        }))
    }
}
