//! Inputs made to follow others.

use std::collections::{BTreeMap, BTreeSet};

use rnix::ast;
use rowan::ast::AstNode;

use super::additions::{Additions, NewBinding};
use super::file::{FlakeFile, span};
use super::place::{Anchor, InsertionPlaces};
use super::splice::Splices;
use super::{Edit, NotEdited};
use crate::source::declare::{DeclaredInput, Reference};
use crate::text::{AttrPath, NixString, Span};

pub(super) fn plan(
    file: &FlakeFile,
    edits: &[Edit],
    additions: &mut Additions,
    splices: &mut Splices,
) -> Result<(), NotEdited> {
    let places = InsertionPlaces::of(file);
    let mut anchors = BTreeMap::new();
    let (implied, others): (Vec<_>, Vec<_>) =
        wanted(edits).into_iter().partition(|(path, _)| is_implied(file, path));
    // Implied inputs are added after the last declared one and after what is added there.
    for (path, follows) in others.into_iter().chain(implied) {
        let (input, below) = nearest(file, path)?;
        if below.is_empty() {
            already_there(file, &places, input, path, follows, additions, splices)?;
            continue;
        }
        let known = path.len() - below.len();
        let anchor: &Anchor =
            anchors.entry(path.get(..known)).or_insert_with(|| places.for_overrides(input));
        let path = anchor.path(&attributes(below));
        additions.add(anchor.place, NewBinding::follows(path + ".", follows));
    }
    Ok(())
}

/// Each path once, without those below inputs that are declared only now.
fn wanted(edits: &[Edit]) -> BTreeMap<&[String], &[String]> {
    let new: BTreeSet<_> = edits
        .iter()
        .filter_map(|edit| match edit {
            Edit::Declare { name, .. } => Some(name),
            _ => None,
        })
        .collect();
    let follows = edits.iter().filter_map(|edit| match edit {
        Edit::Follow { path, follows } => Some((&**path, &**follows)),
        _ => None,
    });
    follows.filter(|(path, _)| path.first().is_none_or(|name| !new.contains(name))).collect()
}

fn is_implied(file: &FlakeFile, path: &[String]) -> bool {
    let input = path.first().and_then(|name| file.declared.input(name));
    input.is_some_and(DeclaredInput::is_implied)
}

/// The nearest declared input on a path, and the names below it.
fn nearest<'f, 'p>(
    file: &'f FlakeFile,
    path: &'p [String],
) -> Result<(&'f DeclaredInput, &'p [String]), NotEdited> {
    let (name, mut below) = path
        .split_first()
        .ok_or_else(|| NotEdited::because("this flake itself follows nothing"))?;
    let mut input = file.declared.input(name).ok_or_else(|| {
        let name = [name.as_str()];
        let name = AttrPath(&name);
        NotEdited::because(format!("flake.nix has no input `{name}`"))
    })?;
    while let Some((name, rest)) = below.split_first() {
        let Some(next) = input.inputs.get(name) else { break };
        (input, below) = (next, rest);
    }
    Ok((input, below))
}

/// `a.inputs.b` for the path `a/b`.
pub(super) fn attributes(path: &[String]) -> Vec<&str> {
    let names = path.iter().flat_map(|name| ["inputs", name]);
    names.skip(1).collect()
}

/// For an input that flake.nix declares: its follows or its `url` is changed in place.
fn already_there(
    file: &FlakeFile,
    places: &InsertionPlaces,
    input: &DeclaredInput,
    path: &[String],
    follows: &[String],
    additions: &mut Additions,
    splices: &mut Splices,
) -> Result<(), NotEdited> {
    let target = follows.join("/");
    if let Some(old) = &input.follows {
        if old.path != follows {
            splices.replace(old.value, NixString(&target).to_string());
        }
        return Ok(());
    }
    let is_root = path.len() == 1;
    match &input.reference {
        None => {
            let anchor = places.for_more(input);
            additions.add(anchor.place, NewBinding::follows(anchor.prefix, follows));
            Ok(())
        }
        // An input of the root with more than a `url` needs a person.
        Some(Reference::Url { span, .. })
            if !is_root || input.flake.is_none() && input.inputs.is_empty() =>
        {
            let name = name_of_value(file, *span)
                .ok_or_else(|| NotEdited::at(*span, "the name of this `url` was not found"))?;
            splices.replace(name, "follows");
            splices.replace(*span, NixString(&target).to_string());
            Ok(())
        }
        Some(_) => {
            let shown = AttrPath(&attributes(path)).to_string();
            let reason = format!(
                "`inputs.{shown}` has a reference of its own: put `inputs.{shown}.follows = {};` \
                 in place of all that is said of it",
                NixString(&target)
            );
            Err(NotEdited::at(input.span(), reason))
        }
    }
}

/// The last name in the attribute path of a value.
fn name_of_value(file: &FlakeFile, value: Span) -> Option<Span> {
    let binding = ast::AttrpathValue::cast(file.binding(value)?)?;
    let name = binding.attrpath()?.attrs().last()?;
    Some(span(name.syntax()))
}
