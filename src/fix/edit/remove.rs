//! Removing overrides.

use std::collections::{BTreeMap, BTreeSet};

use rnix::SyntaxKind::{
    NODE_ATTR_SET, NODE_ATTRPATH_VALUE, NODE_PAREN, TOKEN_COMMENT, TOKEN_L_BRACE, TOKEN_R_BRACE,
};
use rnix::{SyntaxElement, SyntaxNode};

use super::file::{FlakeFile, span};
use super::line::{LineStart, blanks, following, newlines, previous};
use super::splice::Splices;
use super::{Edit, NotEdited};
use crate::source::declare::DeclaredInput;
use crate::text::{AttrPath, Span};

/// The overrides to remove.
pub(super) fn wanted(edits: &[Edit]) -> Result<BTreeSet<&[String]>, NotEdited> {
    let mut paths = BTreeSet::new();
    for edit in edits {
        let Edit::Remove { path } = edit else { continue };
        if let [] | [_] = &**path {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            let reason = format!("`{}` is no override, and is not removed", AttrPath(&path));
            return Err(NotEdited::because(reason));
        }
        paths.insert(&**path);
    }
    Ok(paths)
}

pub(super) fn plan(file: &FlakeFile, paths: &BTreeSet<&[String]>) -> Splices {
    let mut going = Removal::new(file);
    for path in paths {
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        let Some(input) = file.declared.input_at(&names) else { continue };
        bindings_about(file, input).into_iter().for_each(|binding| going.remove(binding));
    }
    going.splices()
}

/// The bindings that are about an input itself.
fn bindings_about(file: &FlakeFile, input: &DeclaredInput) -> Vec<SyntaxNode> {
    // Bindings that are about what is below it.
    let below = input.inputs.values().flat_map(|below| &below.bindings);
    let below = below.map(|binding| binding.span.start);
    let below: BTreeSet<_> =
        below.chain(input.inputs_blocks.iter().map(|block| block.start)).collect();
    let is_own = |binding: &SyntaxNode| below.range(span(binding).range()).next().is_none();
    let mut own = Vec::new();
    for binding in &input.bindings {
        match binding.block {
            None => own.extend(file.binding(binding.span)),
            Some(block) => {
                own.extend(file.node(block, NODE_ATTR_SET).iter().flat_map(SyntaxNode::children));
            }
        }
    }
    own.retain(is_own);
    own
}

/// Bindings to remove, with the blocks that become empty by it.
struct Removal<'f, 't> {
    file: &'f FlakeFile<'t>,
    bindings: BTreeMap<Span, SyntaxNode>,
    /// How many bindings a set has left, by the set's start.
    left: BTreeMap<usize, usize>,
    /// Sets that stay even if empty: those of the root's inputs, and all around them.
    staying: BTreeSet<usize>,
}

impl<'f, 't> Removal<'f, 't> {
    fn new(file: &'f FlakeFile<'t>) -> Self {
        let inputs = file.declared.inputs().flat_map(|input| &input.bindings);
        let blocks = inputs.chain(file.declared.inputs_bindings()).filter_map(|b| b.block);
        let staying = blocks.chain([file.declared.body()]).map(|block| block.start).collect();
        Self { file, bindings: BTreeMap::new(), left: BTreeMap::new(), staying }
    }

    /// Removes a binding, and the bindings around it as long as they become empty.
    fn remove(&mut self, binding: SyntaxNode) {
        let mut next = Some(binding);
        while let Some(binding) = next {
            let around = binding.parent().filter(|set| set.kind() == NODE_ATTR_SET);
            if self.bindings.insert(span(&binding), binding).is_some() {
                return;
            }
            next = around.filter(|set| self.is_empty_now(set)).and_then(|set| {
                // Parentheses may be between a set and its name.
                let mut outer = set.ancestors().skip(1).skip_while(|n| n.kind() == NODE_PAREN);
                outer.next().filter(|node| node.kind() == NODE_ATTRPATH_VALUE)
            });
        }
    }

    /// Counts one binding less in a set; returns whether nothing is left in it, not even a comment.
    fn is_empty_now(&mut self, set: &SyntaxNode) -> bool {
        let start = span(set).start;
        let left = self.left.entry(start).or_insert_with(|| set.children().count());
        *left = left.saturating_sub(1);
        let is_comment = |child: rnix::SyntaxElement| child.kind() == TOKEN_COMMENT;
        *left == 0 && !self.staying.contains(&start) && !set.children_with_tokens().any(is_comment)
    }

    fn splices(self) -> Splices {
        let mut splices = Splices::default();
        let kept = self.remainders();
        let mut gone = Span { start: 0, end: 0 };
        for (whole, binding) in &self.bindings {
            if let Some(name) = kept.get(whole) {
                let rest = Span { start: name.end, end: whole.end };
                splices.replace(rest, " = { };");
                gone = *whole;
                continue;
            }
            let mut extent = extent(binding);
            extent.start = extent.start.max(gone.end);
            if extent.start < extent.end {
                splices.replace(extent, "");
                gone = extent;
            }
        }
        splices
    }

    /// The last bindings of inputs that would not exist without them, and what remains of these.
    fn remainders(&self) -> BTreeMap<Span, Span> {
        let formals = self.file.declared.outputs();
        let formals: BTreeSet<_> =
            formals.iter().flat_map(|f| &f.names).map(|formal| formal.name.as_str()).collect();
        let inputs = self.file.declared.inputs();
        let unnamed = inputs.filter(|input| !formals.contains(input.name.as_str()));
        let vanishing = unnamed.filter(|input| {
            let mut bindings = input.bindings.iter();
            bindings.all(|binding| self.bindings.contains_key(&binding.span))
        });
        let last = vanishing.filter_map(|input| input.bindings.last());
        last.map(|binding| (binding.span, binding.path)).collect()
    }
}

/// The span of a binding with its line if it has one to itself, else with the blanks before it.
/// Comments stay.
fn extent(binding: &SyntaxNode) -> Span {
    let Span { start: from, end: to } = span(binding);
    let element = SyntaxElement::from(binding.clone());
    let (before, after) = (previous(&element), following(&element));
    let Some(line) = LineStart::started_by(&element) else {
        let blank = blanks(before.as_ref()).map_or(0, str::len);
        return Span { start: from - blank, end: to };
    };
    let Some(text) = blanks(after.as_ref()) else { return Span { start: from, end: to } };
    let Some(feed) = text.find('\n') else { return Span { start: from, end: to + text.len() } };
    let (start, next_line) = (from - line.indent.len(), to + feed + 1);
    let is = |element: Option<SyntaxElement>, kind| element.is_none_or(|e| e.kind() == kind);
    let opens = is(before.as_ref().and_then(previous), TOKEN_L_BRACE);
    let closes = is(after.as_ref().and_then(following), TOKEN_R_BRACE);
    // Keep only one of two blank lines around it, and none at a brace.
    if newlines(after.as_ref()) > 1 && (opens || newlines(before.as_ref()) > 1) {
        let last = text.rfind('\n').unwrap_or(feed);
        return Span { start, end: to + last + 1 };
    }
    if closes && newlines(before.as_ref()) > 1 {
        let blank = blanks(before.as_ref()).unwrap_or_default();
        let first = blank.find('\n').unwrap_or(0);
        return Span { start: from - blank.len() + first + 1, end: next_line };
    }
    Span { start, end: next_line }
}
