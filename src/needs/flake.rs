//! What in `flake.nix` not every Nix can read.

use super::{Need, NeedPlace, Needed, Reason};
use crate::flake_ref::NixVersion;
use crate::graph::Graph;
use crate::lock::NodeId;
use crate::source::declare::{Declarations, DeclaredInput};

const DEEP_OVERRIDE: NixVersion = NixVersion::minor(30);
const OWN_ATTRIBUTES: NixVersion = NixVersion::minor(27);
const PATH_LITERAL: NixVersion = NixVersion::minor(26);

/// Names in the longest input path of an override that every Nix understands: `a/nixpkgs`.
const SHALLOW: usize = 2;

pub(super) fn needs(graph: &Graph<'_, '_>, declared: &Declarations) -> Vec<Need> {
    let own = declared.own_attributes().iter().map(|(name, span)| Need {
        nix: Needed::Since(OWN_ATTRIBUTES),
        reason: Reason::Own(if name == "lfs" { "lfs" } else { "submodules" }),
        place: NeedPlace::Flake(Vec::new(), *span),
    });
    let mut needs: Vec<Need> = own.collect();
    let root = Some(graph.lock().root());
    let mut open: Vec<(Vec<&str>, &DeclaredInput, Option<NodeId>)> =
        declared.inputs().map(|input| (vec![&*input.name], input, root)).collect();
    open.reverse();
    while let Some((path, input, holder)) = open.pop() {
        of_input(&path, input, holder, &mut needs);
        // Nix ignores overrides below an input that follows another or does not exist.
        let owned = holder.filter(|_| input.follows.is_none()).and_then(|holder| {
            let id = graph.lock().input_named(holder, &input.name)?;
            graph.end(id).filter(|_| graph.is_direct(id))
        });
        for (name, inner) in input.inputs.iter().rev() {
            let path = path.iter().copied().chain([&**name]).collect();
            open.push((path, inner, owned));
        }
    }
    needs
}

fn of_input(path: &[&str], input: &DeclaredInput, holder: Option<NodeId>, needs: &mut Vec<Need>) {
    let mut push = |nix, reason, span| {
        needs.push(Need {
            nix,
            reason,
            place: NeedPlace::Flake(path.iter().map(|&name| name.to_owned()).collect(), span),
        });
    };
    if let Some(span) = input.path_literal {
        push(Needed::Since(PATH_LITERAL), Reason::PathLiteral, span);
    }
    if input.build_time {
        push(Needed::Determinate, Reason::BuildTime, input.span());
    }
    if path.len() > SHALLOW && input.overrides() && holder.is_some() {
        let follows = input.follows.as_ref().map(|follows| follows.binding);
        push(
            Needed::Since(DEEP_OVERRIDE),
            Reason::DeepOverride,
            follows.unwrap_or_else(|| input.span()),
        );
    }
}
