//! The flake's own `import nixpkgs { … }`, replaced by the wrapper.
//!
//! Only where nothing can be lost: an import in flake.nix with just a system and settings, all of
//! which the wrapper has. Other imports are left to a person.

use rnix::ast::{self, Expr, HasEntry};
use rnix::{SyntaxKind, SyntaxNode, TextRange};
use rowan::ast::AstNode;

use super::edit::Edit;
use super::wrapper::InlineSettings;
use crate::instance::ReadRoot;
use crate::source::evaluate::facts::Place;
use crate::source::{RootSource, syntax};
use crate::text::{AttrPath, Span};

/// A place where the flake configures nixpkgs.
pub(super) struct OwnImport {
    pub(super) place: Place,
    /// The edit that makes it use the wrapper, if that is certain.
    pub(super) edit: Option<Edit>,
}

/// The places where a flake makes the instances that a wrapper will replace. `base` is the input
/// that they are made from, `wrapper` the new one.
pub(super) fn find_own_import(
    root: &ReadRoot,
    inline: &InlineSettings,
    base: &str,
    wrapper: &str,
) -> Vec<OwnImport> {
    // If any setting was left out, the wrapper is not what the flake makes.
    let ReadRoot { source, reading, evaluated, .. } = root;
    let scope = Scope::new(source, base, wrapper).filter(|_| inline.left_out.is_empty());
    let tree = syntax::tree(&source.text).ok();
    let edit = |place: &Place| {
        let file = reading.file(place.file)?;
        if file.path != evaluated.flake_file() {
            return None;
        }
        let text = scope.as_ref()?.instead(tree.as_ref()?, place.span())?;
        Some(Edit::Replace { span: text.0, text: text.1 })
    };
    inline.made_at.iter().map(|place| OwnImport { place: *place, edit: edit(place) }).collect()
}

/// The names by which `outputs` knows its inputs: as formals (`nixpkgs`), or as attributes of the
/// whole set (`inputs.nixpkgs`).
struct Scope<'s> {
    /// Whether the wrapper becomes a formal: if they are closed, or bind no name.
    named: bool,
    /// The span of `outputs`.
    outputs: Span,
    base: &'s str,
    wrapper: &'s str,
}

impl<'s> Scope<'s> {
    fn new(source: &RootSource, base: &'s str, wrapper: &'s str) -> Option<Self> {
        let declared = source.declared()?;
        let named = declared.outputs().is_some_and(|f| f.closed || f.bound.is_none());
        Some(Self { named, outputs: declared.outputs_binding(), base, wrapper })
    }

    /// The span of the import at these bytes, and its replacement.
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

    /// The wrapper, named in the same way as its base is here.
    fn named_like(&self, base: &Expr) -> Option<String> {
        match base {
            Expr::Ident(name) if self.named && name.syntax().text() == self.base => {
                self.is_argument(name.syntax(), Kind::Formal).then(|| self.wrapper.to_owned())
            }
            Expr::Select(select) if select.default_expr().is_none() => {
                let Some(Expr::Ident(set)) = select.expr() else { return None };
                let path = select.attrpath()?.syntax().text().to_string();
                let is_base = path == AttrPath(&[self.base]).to_string()
                    && self.is_argument(set.syntax(), Kind::Whole);
                let set = set.syntax().text().to_string();
                is_base.then(|| AttrPath(&[&set, self.wrapper]).to_string())
            }
            _ => None,
        }
    }

    /// Whether a name refers to an argument of `outputs`, and is not bound again in between.
    fn is_argument(&self, at: &SyntaxNode, kind: Kind) -> bool {
        let name = at.text().to_string();
        for node in at.ancestors() {
            if let Some(param) = ast::Lambda::cast(node.clone()).and_then(|f| f.param()) {
                match binds(&param, &name) {
                    None => {}
                    Some(found) => return found == kind && self.is_outputs(&node),
                }
            }
            let is_bound = match node.kind() {
                SyntaxKind::NODE_LET_IN => {
                    ast::LetIn::cast(node).is_none_or(|bindings| defines(&bindings, &name))
                }
                SyntaxKind::NODE_ATTR_SET => ast::AttrSet::cast(node)
                    .is_none_or(|set| set.rec_token().is_some() && defines(&set, &name)),
                SyntaxKind::NODE_LEGACY_LET => true,
                _ => false,
            };
            if is_bound {
                return false;
            }
        }
        false
    }

    fn is_outputs(&self, function: &SyntaxNode) -> bool {
        let range = function.text_range();
        let (start, end): (usize, usize) = (range.start().into(), range.end().into());
        let is_inside = self.outputs.start <= start && end <= self.outputs.end;
        is_inside && !function.ancestors().skip(1).any(|above| ast::Lambda::can_cast(above.kind()))
    }
}

/// How a function binds a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// As one of its formals.
    Formal,
    /// As its whole argument.
    Whole,
}

fn binds(param: &ast::Param, name: &str) -> Option<Kind> {
    let is = |ident: Option<ast::Ident>| ident.is_some_and(|ident| ident.syntax().text() == name);
    match param {
        ast::Param::IdentParam(param) => is(param.ident()).then_some(Kind::Whole),
        ast::Param::Pattern(pattern) => {
            if is(pattern.pat_bind().and_then(|bind| bind.ident())) {
                return Some(Kind::Whole);
            }
            pattern.pat_entries().any(|entry| is(entry.ident())).then_some(Kind::Formal)
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

/// The call at these bytes, or whose function is there.
fn call_at(tree: &rnix::Root, span: Span) -> Option<ast::Apply> {
    let (start, end) = (u32::try_from(span.start).ok()?, u32::try_from(span.end).ok()?);
    let whole = tree.syntax().text_range();
    let range = (start <= end).then(|| TextRange::new(start.into(), end.into()))?;
    let found = whole.contains_range(range).then(|| tree.syntax().covering_element(range))?;
    let node = found.as_node().cloned().or_else(|| found.parent())?;
    let mut calls = node.ancestors().map_while(|node| {
        // The parents of the name: `import nixpkgs`, and the call around it.
        ast::Apply::cast(node.clone()).or_else(|| {
            let parent = node.parent().and_then(ast::Apply::cast)?;
            let is_function = parent.lambda().is_some_and(|f| f.syntax() == &node);
            is_function.then_some(parent)
        })
    });
    calls.find(|call| matches!(call.lambda(), Some(Expr::Apply(_))))
}

/// The system, as the name of an attribute, if all other arguments are settings.
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

/// A value as the name of an attribute.
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
