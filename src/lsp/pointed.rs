//! The input or node at a place of `flake.nix` or `flake.lock`.

use crate::graph::Graph;
use crate::lock::{InputId, Lock, NodeId, Site};
use crate::source::declare::{Declarations, DeclaredInput};
use crate::text::Span;

/// A name of an input in `flake.nix`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pointed {
    /// The name, or the path up to that name.
    pub(super) span: Span,
    /// The input's path.
    pub(super) path: Vec<String>,
    /// How it is named.
    pub(super) role: Naming,
}

/// How an input is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// It is declared, or overridden.
    Declared,
    /// Another input follows it.
    Followed,
    /// `outputs` takes it as an argument.
    Taken,
}

impl Pointed {
    /// The input at a byte of flake.nix, if there is one.
    pub(super) fn at(declared: &Declarations, text: &str, at: usize) -> Option<Self> {
        let mut open: Vec<(Vec<String>, &DeclaredInput)> =
            declared.inputs().map(|input| (vec![input.name.clone()], input)).collect();
        let mut url = None;
        while let Some((path, input)) = open.pop() {
            let named = input.bindings.iter().map(|binding| binding.name);
            if let Some(span) = named.into_iter().find(|span| contains(*span, at)) {
                return Some(Self { span, path, role: Naming::Declared });
            }
            if let Some(follows) =
                input.follows.as_ref().filter(|follows| contains(follows.value, at))
            {
                return followed(&follows.path, follows.value, text, at);
            }
            let says =
                input.bindings.iter().map(|binding| binding.span).find(|span| contains(*span, at));
            let is_nearer = says.is_some_and(|span| {
                url.as_ref().is_none_or(|known: &Self| known.span.start <= span.start)
            });
            if let Some(span) = says.filter(|_| is_nearer) {
                url = Some(Self { span, path: path.clone(), role: Naming::Declared });
            }
            for below in input.inputs.values() {
                open.push(([&*path, std::slice::from_ref(&below.name)].concat(), below));
            }
        }
        let formals = declared.outputs().into_iter().flat_map(|formals| &formals.names);
        let mut formals = formals.filter(|formal| formal.name != "self");
        let formal = formals.find(|formal| contains(formal.span, at));
        let taken = formal.map(|formal| Self {
            span: formal.span,
            path: vec![formal.name.clone()],
            role: Naming::Taken,
        });
        taken.or(url)
    }
}

/// The input that a follows leads to, or through, at a byte of its value: `a` in `"a/b"`.
fn followed(path: &[String], value: Span, text: &str, at: usize) -> Option<Pointed> {
    let written = text.get(value.range())?;
    let inner = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    // A value with other text, for instance an escape, is not split.
    let whole = Pointed { span: value, path: path.to_vec(), role: Naming::Followed };
    let Some(inner) = inner.filter(|inner| *inner == path.join("/")) else {
        return (!path.is_empty()).then_some(whole);
    };
    let start = value.start + 1;
    let mut end = 0;
    for (number, name) in path.iter().enumerate() {
        end += name.len() + usize::from(number > 0);
        if at <= start + end || end == inner.len() {
            let span = Span { start, end: start + end };
            let path = path.get(..=number)?.to_vec();
            return Some(Pointed { span, path, role: Naming::Followed });
        }
    }
    None
}

/// Whether a byte is in the span or directly after it, where the cursor is after typing.
pub(super) fn contains(span: Span, at: usize) -> bool {
    span.start <= at && at <= span.end
}

/// Something in `flake.lock`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Locked {
    /// An input of a node.
    Input(InputId, Span),
    /// A node.
    Node(NodeId, Span),
}

impl Locked {
    /// The part of a lock at a byte.
    pub(super) fn at(graph: &Graph<'_, '_>, at: usize) -> Option<Self> {
        let lock: &Lock<'_> = graph.lock();
        let node =
            lock.nodes().ids().find(|node| contains(lock.site_span(*node, Site::Node), at))?;
        let spans = graph.inputs_of(node).map(|input| (input, lock.input_span(node, input)));
        let input = spans.into_iter().find(|(_, span)| contains(*span, at));
        Some(match input {
            Some((input, span)) => Self::Input(input, span),
            None => Self::Node(node, lock.node_key_span(node)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::syntax::File;

    const FLAKE: &str = r#"{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs";
    a = { url = "github:acme/a"; inputs.b.inputs.nixpkgs.follows = "gpu/nixpkgs"; };
    "g.pu".follows = "";
  };
  inputs.gpu.url = "github:acme/gpu";
  outputs = { self, nixpkgs, gpu, ... }: { };
}"#;

    #[test]
    fn every_name_is_about_its_input() {
        let file = File::parse_flake(FLAKE.into()).unwrap();
        let declared = Declarations::read(&file).unwrap();
        let at = |part: &str, skipped: usize| {
            let at = FLAKE.find(part).unwrap() + skipped;
            let found = Pointed::at(&declared, FLAKE, at)?;
            Some((found.path.join("/"), FLAKE[found.span.range()].to_owned(), found.role))
        };
        let some = |path: &str, text: &str, role| Some((path.to_owned(), text.to_owned(), role));
        assert_eq!(at("nixpkgs.url", 2), some("nixpkgs", "nixpkgs", Naming::Declared));
        assert_eq!(at("b.inputs", 0), some("a/b", "b", Naming::Declared));
        assert_eq!(at("nixpkgs.follows", 3), some("a/b/nixpkgs", "nixpkgs", Naming::Declared));
        assert_eq!(at("gpu/nixpkgs", 1), some("gpu", "gpu", Naming::Followed));
        assert_eq!(at("gpu/nixpkgs", 6), some("gpu/nixpkgs", "gpu/nixpkgs", Naming::Followed));
        assert_eq!(at("nixpkgs, gpu", 0), some("nixpkgs", "nixpkgs", Naming::Taken));
        let url = at("github:acme/gpu", 4).unwrap();
        assert_eq!((&*url.0, url.2), ("gpu", Naming::Declared));
        assert_eq!(at("self", 1), None);
        assert_eq!(at("{ };", 1), None);
    }
}
