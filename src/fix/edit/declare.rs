//! New inputs.

use std::collections::{BTreeMap, BTreeSet};

use rnix::SyntaxNode;

use super::additions::{Additions, NewBinding, NewValue};
use super::file::{FlakeFile, span};
use super::follow::attributes;
use super::line::{newlines, previous, with_comments};
use super::place::{self, Anchor, InsertionPlaces};
use super::{Edit, NotEdited};
use crate::source::declare::{Binding, DeclaredInput};
use crate::text::AttrPath;

pub(super) fn plan(
    file: &FlakeFile,
    edits: &[Edit],
    additions: &mut Additions,
) -> Result<(), NotEdited> {
    let mut model = None;
    let mut new = BTreeSet::new();
    let mut all = all_follows(edits);
    for edit in edits {
        let Edit::Declare { name, url, .. } = edit else { continue };
        if let Some(input) = file.declared.input(name) {
            let reason = format!("flake.nix has an input `{}` already", AttrPath(&[name]));
            return Err(NotEdited::at(input.name_span(), reason));
        }
        if name == "self" || !new.insert(name) {
            let reason = format!("an input `{}` cannot be added", AttrPath(&[name]));
            return Err(NotEdited::because(reason));
        }
        let model: &StyleModel = model.get_or_insert_with(|| StyleModel::of(file));
        let path = model.anchor.path(&[name]);
        let url = ("url".to_owned(), url.clone());
        let follows =
            all.remove(name.as_str()).unwrap_or_default().into_iter().map(|(path, follows)| {
                (format!("inputs.{}.follows", AttrPath(&attributes(path))), follows.join("/"))
            });
        let bindings = [url].into_iter().chain(follows);
        if model.is_block {
            let value = NewValue::Block { bindings: bindings.collect(), on_lines: model.on_lines };
            additions.add(model.anchor.place, NewBinding { path, value, apart: model.is_apart });
            continue;
        }
        for (nth, (below, text)) in bindings.enumerate() {
            let binding = NewBinding::text(format!("{path}.{below}"), text);
            let apart = nth == 0 && model.is_apart;
            additions.add(model.anchor.place, NewBinding { apart, ..binding });
        }
    }
    Ok(())
}

/// The follows below inputs of the root, by their names.
type Below<'e> = BTreeMap<&'e str, BTreeMap<&'e [String], &'e [String]>>;

fn all_follows(edits: &[Edit]) -> Below<'_> {
    let mut below = Below::new();
    for edit in edits {
        match edit {
            Edit::Follow { path, follows } => {
                if let Some((name, path)) = path.split_first().filter(|(_, path)| !path.is_empty())
                {
                    below.entry(name).or_default().insert(path, follows);
                }
            }
            Edit::Declare { name, follows, .. } => {
                let paths = follows.iter().map(|(path, to)| (std::slice::from_ref(path), &**to));
                below.entry(name).or_default().extend(paths);
            }
            _ => {}
        }
    }
    below
}

/// The last declared input, whose style and place a new one takes over.
struct StyleModel {
    anchor: Anchor,
    is_block: bool,
    on_lines: bool,
    is_apart: bool,
}

impl StyleModel {
    fn of(file: &FlakeFile) -> Self {
        let first = |input: &DeclaredInput| input.bindings.first().map(|binding| binding.span);
        let inputs = file.declared.inputs().filter(|input| first(input).is_some());
        let last = inputs.max_by_key(|input| first(input));
        let Some((last, binding)) = last.and_then(|last| Some((last, last.bindings.last()?)))
        else {
            let anchor = InsertionPlaces::of(file).for_inputs().clone();
            return Self { anchor, is_block: false, on_lines: false, is_apart: false };
        };
        let block = last.bindings.iter().find_map(|binding| binding.block);
        Self {
            anchor: place::beside(file, binding),
            is_block: block.is_some(),
            on_lines: block.is_some_and(|block| file.part(block).contains('\n')),
            is_apart: last.bindings.first().is_some_and(|first| is_set_apart(file, first)),
        }
    }
}

/// Whether a blank line is between an input and another one before it.
fn is_set_apart(file: &FlakeFile, binding: &Binding) -> bool {
    let Some(node) = file.binding(binding.span) else { return false };
    let starts: BTreeSet<_> = file
        .declared
        .inputs()
        .flat_map(|input| &input.bindings)
        .map(|binding| binding.span.start)
        .collect();
    let is_input = |other: SyntaxNode| starts.contains(&span(&other).start);
    let above = previous(&with_comments(node.clone().into()));
    node.prev_sibling().is_some_and(is_input) && newlines(above.as_ref()) > 1
}
