//! The contents of flake.nix without its spelling, for comparing two files.

use std::collections::BTreeMap;

use super::{Edit, formals};
use crate::source::declare::{
    Declarations, DeclaredInput, DeclaredValue, OutputsFormals, Reference,
};

/// All declared inputs, and the arguments of `outputs`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct InputSpec<'d> {
    /// All inputs of the root, and overrides that declare anything.
    inputs: BTreeMap<Vec<&'d str>, InputDeclaration<'d>>,
    formals: Option<Formals>,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct InputDeclaration<'d> {
    reference: Option<Vec<(&'d str, DeclaredValue)>>,
    follows: Option<&'d [String]>,
    flake: Option<bool>,
    build_time: bool,
}

#[derive(Debug, Clone, PartialEq)]
struct Formals {
    names: Vec<String>,
    closed: bool,
    bound: Option<String>,
}

impl<'d> InputSpec<'d> {
    pub(super) fn of(declared: &'d Declarations) -> Self {
        let mut inputs = BTreeMap::new();
        let mut rest: Vec<(Vec<&str>, &DeclaredInput)> =
            declared.inputs().map(|input| (vec![&*input.name], input)).collect();
        while let Some((path, input)) = rest.pop() {
            for below in input.inputs.values() {
                rest.push(([&*path, &[&*below.name]].concat(), below));
            }
            let declaration = InputDeclaration::of(input);
            if path.len() == 1 || declaration != InputDeclaration::default() {
                inputs.insert(path, declaration);
            }
        }
        Self { inputs, formals: declared.outputs().map(Formals::of) }
    }

    /// The expected contents after these edits of the file that declares `old`.
    pub(super) fn after_edits(mut self, edits: &'d [Edit], old: &Declarations) -> Self {
        for edit in edits {
            match edit {
                Edit::Follow { path, follows } => self.follow(names(path), follows),
                Edit::Declare { name, url, follows } => {
                    let url = vec![("url", DeclaredValue::Text(url.clone()))];
                    self.inputs.entry(vec![name]).or_default().reference = Some(url);
                    for (below, follows) in follows {
                        self.follow(vec![name, below], follows);
                    }
                }
                Edit::Take { .. } | Edit::Remove { .. } | Edit::Replace { .. } => {}
            }
        }
        for edit in edits {
            if let Edit::Remove { path } = edit {
                self.inputs.remove(&names(path));
            }
        }
        if let (Some(formals), Some(old)) = (&mut self.formals, old.outputs()) {
            let taken = formals::wanted(old, edits).into_iter().map(str::to_owned);
            formals.names.extend(taken);
        }
        self
    }

    fn follow(&mut self, path: Vec<&'d str>, follows: &'d [String]) {
        let declaration = self.inputs.entry(path).or_default();
        declaration.reference = None;
        declaration.follows = Some(follows);
    }
}

fn names(path: &[String]) -> Vec<&str> {
    path.iter().map(String::as_str).collect()
}

impl<'d> InputDeclaration<'d> {
    fn of(input: &'d DeclaredInput) -> Self {
        let reference = input.reference.as_ref().map(|reference| match reference {
            Reference::Url { text, .. } => vec![("url", DeclaredValue::Text(text.clone()))],
            // They include a `type`.
            Reference::Attributes(attributes) => {
                attributes.iter().map(|a| (&*a.name, a.value.clone())).collect()
            }
        });
        let follows = input.follows.as_ref().map(|follows| &*follows.path);
        Self { reference, follows, flake: input.flake, build_time: input.build_time }
    }
}

impl Formals {
    fn of(formals: &OutputsFormals) -> Self {
        Self {
            names: formals.names.iter().map(|formal| formal.name.clone()).collect(),
            closed: formals.closed,
            bound: formals.bound.clone(),
        }
    }
}
