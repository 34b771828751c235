//! Where code uses an input: through a formal of `outputs`, or from the set of all inputs.

use rnix::SyntaxKind::{
    NODE_ATTR_SET, NODE_ATTRPATH, NODE_ATTRPATH_VALUE, NODE_HAS_ATTR, NODE_IDENT, NODE_IDENT_PARAM,
    NODE_INHERIT, NODE_INHERIT_FROM, NODE_LAMBDA, NODE_LET_IN, NODE_PAREN, NODE_PAT_BIND,
    NODE_PAT_ENTRY, NODE_PATTERN, NODE_SELECT, NODE_STRING, NODE_WITH, TOKEN_REC,
};
use rnix::{SyntaxNode, TextRange};
use rowan::ast::AstNode;

use super::Splice;
use crate::source::declare::Declarations;
use crate::source::syntax::File;
use crate::text::{AttrPath, Span, is_identifier};

/// A use that cannot be renamed: its place and the reason.
type Refused = (Span, String);

/// An old and a new name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rename<'n> {
    pub(super) old: &'n str,
    pub(super) new: &'n str,
}

/// What `outputs` does with its argument.
#[derive(Debug, Default)]
pub(super) struct InOutputs {
    pub(super) splices: Vec<Splice>,
    /// Its name for all inputs.
    pub(super) bound: Option<String>,
    /// Whether it passes that on, so that other files may take the input from it.
    pub(super) is_handed_on: bool,
}

fn span(node: &SyntaxNode) -> Span {
    let range: TextRange = node.text_range();
    Span { start: range.start().into(), end: range.end().into() }
}

fn is(node: &SyntaxNode, text: &str) -> bool {
    node.kind() == NODE_IDENT && node.text() == text
}

/// Whether an attribute has this literal name.
fn says(attr: &SyntaxNode, name: &str) -> bool {
    match attr.kind() {
        NODE_IDENT => attr.text() == name,
        NODE_STRING => attr.text() == *format!("\"{name}\""),
        _ => false,
    }
}

fn parent_is(node: &SyntaxNode, kind: rnix::SyntaxKind) -> bool {
    node.parent().is_some_and(|parent| parent.kind() == kind)
}

impl Rename<'_> {
    /// The changes in the `outputs` of a flake.nix.
    ///
    /// # Errors
    /// A use that is not certain.
    pub(super) fn in_outputs(
        self,
        file: &File,
        declared: &Declarations,
    ) -> Result<InOutputs, Refused> {
        let binding = declared.outputs_binding();
        let tree = file.tree().map_err(|error| (error.span, error.message))?;
        let value = tree
            .syntax()
            .descendants()
            .find(|node| node.kind() == NODE_ATTRPATH_VALUE && span(node).start == binding.start);
        let value = value.and_then(|binding| binding.last_child());
        let mut value =
            value.ok_or_else(|| (binding, "`outputs` is written nowhere".to_owned()))?;
        while value.kind() == NODE_PAREN
            && let Some(inner) = value.first_child()
        {
            value = inner;
        }
        let Some(parameter) = value.first_child().filter(|_| value.kind() == NODE_LAMBDA) else {
            // The function is in another file, which takes the inputs.
            return Ok(InOutputs { is_handed_on: true, ..InOutputs::default() });
        };
        let mut found = InOutputs::default();
        let formals = declared.outputs();
        found.bound = match parameter.kind() {
            NODE_PATTERN => formals.and_then(|formals| formals.bound.clone()),
            _ => Some(parameter.text().to_string()),
        };
        let formal = formals.and_then(|formals| formals.names.iter().find(|f| f.name == self.old));
        if let Some(formal) = formal {
            self.as_variable(&value, formal.span, &mut found.splices)?;
        }
        let handed = self.of_sets(&value, found.bound.as_deref(), &mut found.splices)?;
        found.is_handed_on = handed;
        Ok(found)
    }

    /// The changes in another file, which may have been given all inputs.
    ///
    /// # Errors
    /// A use that is not certain.
    pub(super) fn in_file(
        self,
        file: &File,
        bound: Option<&str>,
        is_handed_on: bool,
    ) -> Result<Vec<Splice>, Refused> {
        let mut splices = Vec::new();
        if !is_handed_on {
            return Ok(splices);
        }
        let tree = file.tree().map_err(|error| (error.span, error.message))?;
        let formal = tree.syntax().descendants().find(|node| {
            node.kind() == NODE_PAT_ENTRY
                && node.first_child().is_some_and(|name| is(&name, self.old))
        });
        if let Some(formal) = formal {
            let why =
                format!("this file takes `{}` by name, and may get it from the inputs", self.old);
            return Err((span(&formal), why));
        }
        self.of_sets(tree.syntax(), Some(bound.unwrap_or("inputs")), &mut splices)?;
        Ok(splices)
    }

    /// The variable that a formal of a function binds.
    fn as_variable(
        self,
        function: &SyntaxNode,
        formal: Span,
        splices: &mut Vec<Splice>,
    ) -> Result<(), Refused> {
        let clash = |node: &SyntaxNode| {
            let why = format!("`{}` is bound anew here: rename it by hand", node.text());
            Err((span(node), why))
        };
        if !is_identifier(self.new) {
            return Err((formal, format!("`{}` is no name of an argument", self.new)));
        }
        for node in function.descendants().filter(|node| node.kind() == NODE_IDENT) {
            let is_old = is(&node, self.old);
            if !is_old && !is(&node, self.new) {
                continue;
            }
            let at = span(&node);
            let Some(parent) = node.parent() else { continue };
            match parent.kind() {
                _ if at == formal => splices.push((at, self.new.to_owned())),
                // Names of attributes; in `let` and `rec` they are variables, too.
                NODE_ATTRPATH => {
                    if binds(&parent) && parent.first_child().as_ref() == Some(&node) {
                        return clash(&node);
                    }
                }
                NODE_PAT_ENTRY if parent.first_child().as_ref() == Some(&node) => {
                    return clash(&node);
                }
                NODE_PAT_BIND | NODE_IDENT_PARAM => return clash(&node),
                NODE_INHERIT => {
                    let is_from =
                        parent.first_child().is_some_and(|c| c.kind() == NODE_INHERIT_FROM);
                    if parent.parent().is_some_and(|set| is_scope(&set)) {
                        return clash(&node);
                    }
                    if !is_from && is_old {
                        splices.extend(self.no_longer_inherited(&node, &parent, self.new));
                    } else if !is_from {
                        return clash(&node);
                    }
                }
                _ if is_old => splices.push((at, self.new.to_owned())),
                // The new name is already used for something else.
                _ => return clash(&node),
            }
        }
        Ok(())
    }

    /// Attributes of the set of all inputs; returns whether that set is passed on.
    fn of_sets(
        self,
        code: &SyntaxNode,
        bound: Option<&str>,
        splices: &mut Vec<Splice>,
    ) -> Result<bool, Refused> {
        let mut is_handed_on = false;
        let new = AttrPath(&[self.new]).to_string();
        for node in code.descendants().filter(|node| node.kind() == NODE_IDENT) {
            let is_bound = bound.is_some_and(|bound| is(&node, bound));
            let Some(parent) = node.parent() else { continue };
            let is_base = parent.first_child().as_ref() == Some(&node);
            match parent.kind() {
                NODE_SELECT | NODE_HAS_ATTR if is_base => {
                    let path = parent.children().find(|child| child.kind() == NODE_ATTRPATH);
                    let mut attrs = path.into_iter().flat_map(|path| path.children());
                    let attr = match (is_bound, is(&node, "self")) {
                        (true, _) => attrs.next(),
                        (false, true) => {
                            let first = attrs.next();
                            first.filter(|attr| says(attr, "inputs")).and_then(|_| attrs.next())
                        }
                        (false, false) => None,
                    };
                    // `inputs.self.inputs` are the inputs, too.
                    if let Some(attr) = attr.filter(|attr| says(attr, self.old)) {
                        splices.push((span(&attr), new.clone()));
                    }
                }
                NODE_INHERIT_FROM if is_bound => {
                    let Some(inherit) = parent.parent() else { continue };
                    let names = inherit.children().filter(|child| says(child, self.old));
                    for name in names.collect::<Vec<_>>() {
                        let from = format!("{}.{new}", node.text());
                        splices.extend(self.no_longer_inherited(&name, &inherit, &from));
                    }
                }
                NODE_WITH if is_bound && is_base => {
                    let why = "what is taken from all inputs by `with` is not known".to_owned();
                    return Err((span(&node), why));
                }
                NODE_ATTRPATH | NODE_PAT_BIND | NODE_PAT_ENTRY | NODE_IDENT_PARAM => {}
                _ => is_handed_on |= is_bound,
            }
        }
        Ok(is_handed_on)
    }

    /// An inherited attribute that becomes a binding of its own: `inherit a;` becomes `a = b;`.
    fn no_longer_inherited(
        self,
        name: &SyntaxNode,
        inherit: &SyntaxNode,
        value: &str,
    ) -> [Splice; 2] {
        let Span { start, end } = span(name);
        // Including the blank before it.
        let before = name
            .prev_sibling_or_token()
            .filter(|token| token.kind() == rnix::SyntaxKind::TOKEN_WHITESPACE);
        let start = before.map_or(start, |blank| usize::from(blank.text_range().start()));
        let behind = span(inherit).end;
        let bound = format!(" {} = {value};", AttrPath(&[self.old]));
        [(Span { start, end }, String::new()), (Span { start: behind, end: behind }, bound)]
    }
}

/// Whether a path of names is a binding of `let` or `rec { … }`.
fn binds(path: &SyntaxNode) -> bool {
    let binding = path.parent().filter(|binding| binding.kind() == NODE_ATTRPATH_VALUE);
    binding.and_then(|binding| binding.parent()).is_some_and(|set| is_scope(&set))
}

/// Whether bindings of a set are variables.
fn is_scope(set: &SyntaxNode) -> bool {
    let is_rec = || set.children_with_tokens().any(|token| token.kind() == TOKEN_REC);
    match set.kind() {
        NODE_LET_IN => true,
        NODE_ATTR_SET => is_rec() || parent_is(set, rnix::SyntaxKind::NODE_LEGACY_LET),
        _ => set.kind() == rnix::SyntaxKind::NODE_LEGACY_LET,
    }
}
