//! The flake's own `import nixpkgs { … }`, pointed at the wrapper.
//!
//! That is done only where nothing can be lost by it: an import in flake.nix that gives a system and
//! settings, no more, of which the wrapper has all. The others are for a person to change.

use rnix::ast::{self, Expr, HasEntry};
use rnix::{SyntaxKind, SyntaxNode, TextRange};
use rowan::ast::AstNode;

use super::edit::Edit;
use super::wrapper::InlineSettings;
use crate::source::evaluate::CodeFacts;
use crate::source::evaluate::facts::Place;
use crate::source::{RootSource, syntax};
use crate::text::{AttrPath, Span};

/// A place where the flake configures nixpkgs.
pub(super) struct OwnImport {
    pub(super) place: Place,
    /// What points it at the wrapper, where that is certain.
    pub(super) edit: Option<Edit>,
}

/// The places where a flake makes the instances that a wrapper is to replace. `base` is the input
/// that they are made from, `wrapper` the one that is to come.
pub(super) fn find(
    source: &RootSource,
    facts: &CodeFacts,
    inline: &InlineSettings,
    base: &str,
    wrapper: &str,
) -> Vec<OwnImport> {
    // With anything left out, the wrapper is not what the flake makes.
    let scope = Scope::new(source, base, wrapper).filter(|_| inline.left_out.is_empty());
    let tree = syntax::tree(&source.text).ok();
    let edit = |place: &Place| {
        let file = facts.files.get(place.file as usize)?;
        if file.path != source.files.flake_file() {
            return None;
        }
        let text = scope.as_ref()?.instead(tree.as_ref()?, place.span)?;
        Some(Edit::Replace { span: text.0, text: text.1 })
    };
    inline.made_at.iter().map(|place| OwnImport { place: *place, edit: edit(place) }).collect()
}

/// By which names `outputs` knows its inputs.
struct Scope<'s> {
    /// As formals: `nixpkgs`.
    named: bool,
    /// As attributes of the whole set: `inputs.nixpkgs`.
    bound: Option<String>,
    base: &'s str,
    wrapper: &'s str,
}

impl<'s> Scope<'s> {
    fn new(source: &RootSource, base: &'s str, wrapper: &'s str) -> Option<Self> {
        let declared = source.declarations.as_ref().ok()?;
        let formals = declared.outputs();
        let is_named = |name: &str| formals.is_some_and(|f| f.names.iter().any(|n| n.name == name));
        // The wrapper's name is added where formals are closed, or bind no name.
        let takes = formals.is_some_and(|formals| formals.closed || formals.bound.is_none());
        let named = is_named(base) && takes;
        let bound = formals.and_then(|formals| formals.bound.clone());
        Some(Self { named, bound, base, wrapper })
    }

    /// What takes the place of the import at these bytes, and all bytes of it.
    fn instead(&self, tree: &rnix::Root, span: Span) -> Option<(Span, String)> {
        let call = call_at(tree, span)?;
        let Some(Expr::Apply(import)) = call.lambda() else { return None };
        if import.lambda()?.syntax().text() != "import" {
            return None;
        }
        let wrapper = self.named_like(&import.argument()?)?;
        let Some(Expr::AttrSet(arguments)) = call.argument() else { return None };
        let system = system(&arguments)?;
        let range = call.syntax().text_range();
        let span = Span { start: range.start().into(), end: range.end().into() };
        Some((span, format!("{wrapper}.legacyPackages.{system}")))
    }

    /// The wrapper, by the kind of name by which its base is called here.
    fn named_like(&self, base: &Expr) -> Option<String> {
        match base {
            Expr::Ident(name) if self.named && name.syntax().text() == self.base => {
                is_outermost(name.syntax(), self.base).then(|| self.wrapper.to_owned())
            }
            Expr::Select(select) if select.default_expr().is_none() => {
                let bound = self.bound.as_deref()?;
                let Some(Expr::Ident(set)) = select.expr() else { return None };
                let path = select.attrpath()?.syntax().text().to_string();
                let is_base = set.syntax().text() == bound
                    && path == AttrPath(&[self.base]).to_string()
                    && is_outermost(set.syntax(), bound);
                is_base.then(|| AttrPath(&[bound, self.wrapper]).to_string())
            }
            _ => None,
        }
    }
}

/// Whether a name means the argument of `outputs`: nothing between binds it again, or brings names
/// that are not written there.
fn is_outermost(at: &SyntaxNode, name: &str) -> bool {
    let mut lambdas = 0;
    for node in at.ancestors() {
        match node.kind() {
            SyntaxKind::NODE_LAMBDA => {
                let Some(lambda) = ast::Lambda::cast(node.clone()) else { return false };
                lambdas += usize::from(lambda.param().is_some_and(|param| binds(&param, name)));
            }
            SyntaxKind::NODE_LET_IN => {
                let Some(bindings) = ast::LetIn::cast(node.clone()) else { return false };
                if defines(&bindings, name) {
                    return false;
                }
            }
            SyntaxKind::NODE_ATTR_SET => {
                let Some(set) = ast::AttrSet::cast(node.clone()) else { return false };
                if set.rec_token().is_some() && defines(&set, name) {
                    return false;
                }
            }
            SyntaxKind::NODE_LEGACY_LET => return false,
            _ => {}
        }
    }
    lambdas == 1
}

fn binds(param: &ast::Param, name: &str) -> bool {
    let is = |ident: Option<ast::Ident>| ident.is_some_and(|ident| ident.syntax().text() == name);
    match param {
        ast::Param::IdentParam(param) => is(param.ident()),
        ast::Param::Pattern(pattern) => {
            is(pattern.pat_bind().and_then(|bind| bind.ident()))
                || pattern.pat_entries().any(|entry| is(entry.ident()))
        }
    }
}

fn defines(set: &impl HasEntry, name: &str) -> bool {
    set.entries().any(|entry| match entry {
        ast::Entry::Inherit(inherit) => inherit.attrs().any(|attr| attr.syntax().text() == name),
        ast::Entry::AttrpathValue(binding) => binding
            .attrpath()
            .and_then(|path| path.attrs().next())
            .is_some_and(|attr| attr.syntax().text() == name),
    })
}

/// The call that these bytes are, or are the function of.
fn call_at(tree: &rnix::Root, span: Span) -> Option<ast::Apply> {
    let (start, end) = (u32::try_from(span.start).ok()?, u32::try_from(span.end).ok()?);
    let whole = tree.syntax().text_range();
    let range = (start <= end).then(|| TextRange::new(start.into(), end.into()))?;
    let found = whole.contains_range(range).then(|| tree.syntax().covering_element(range))?;
    let node = found.as_node().cloned().or_else(|| found.parent())?;
    let mut calls = node.ancestors().map_while(|node| {
        // The name, `import nixpkgs`, and the call around both.
        ast::Apply::cast(node.clone()).or_else(|| {
            let parent = node.parent().and_then(ast::Apply::cast)?;
            let is_function = parent.lambda().is_some_and(|f| f.syntax() == &node);
            is_function.then_some(parent)
        })
    });
    calls.find(|call| matches!(call.lambda(), Some(Expr::Apply(_))))
}

/// The system, as an attribute's name, if besides it there are only settings.
fn system(arguments: &ast::AttrSet) -> Option<String> {
    let mut system = None;
    for entry in arguments.entries() {
        match entry {
            ast::Entry::Inherit(inherit) if inherit.from().is_none() => {
                for attr in inherit.attrs() {
                    if attr.syntax().text() != "system" {
                        return None;
                    }
                    system = Some("${system}".to_owned());
                }
            }
            ast::Entry::Inherit(_) => return None,
            ast::Entry::AttrpathValue(binding) => {
                let path = binding.attrpath()?;
                let first = path.attrs().next()?.syntax().text().to_string();
                match first.as_str() {
                    "config" => {}
                    "system" => system = Some(attribute(&binding.value()?)),
                    "overlays" if is_empty(&binding.value()?) => {}
                    _ => return None,
                }
            }
        }
    }
    system
}

/// A value as an attribute's name.
fn attribute(value: &Expr) -> String {
    let text = value.syntax().text().to_string();
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    match inner {
        Some(name) if !name.contains(['"', '\\', '$']) => AttrPath(&[name]).to_string(),
        _ => format!("${{{text}}}"),
    }
}

fn is_empty(value: &Expr) -> bool {
    matches!(value, Expr::List(list) if list.items().next().is_none())
}
