//! The reference of a wrapper's own nixpkgs.

use crate::flake_ref::{FlakeRef, OwnedRef, parse};
use crate::lock::Attributes;
use crate::source::declare::{Declarations, DeclaredInput, Reference};

/// The reference if none is given.
pub const NIXPKGS: &str = "github:NixOS/nixpkgs/nixos-unstable";

/// The reference of one of a flake's inputs, if it is also valid in another flake. `None` for an
/// input that follows another, or is a path in the flake.
pub fn reference(declarations: &Declarations, input: &str) -> Option<String> {
    let input = declarations.input(input)?;
    let spelled = input.spelled()?;
    if spelled.relative_path().is_some() {
        return None;
    }
    match input {
        DeclaredInput { reference: Some(Reference::Url { text, .. }), .. } => Some(text.clone()),
        _ => as_url(&spelled),
    }
}

/// A reference as a URL; `None` if the URL would mean another one.
fn as_url(reference: &OwnedRef) -> Option<String> {
    let attributes = reference.list();
    let url = FlakeRef::new(Attributes::of(&attributes)).to_string();
    (parse(&url, true)? == *reference).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::syntax::File;

    #[test]
    fn references_are_taken_where_they_can_stand_elsewhere() {
        let of = |inputs: &str| {
            let text = format!("{{ {inputs} outputs = {{ nixpkgs, ... }}: {{ }}; }}");
            let declarations =
                Declarations::read(&File::parse_flake(text.as_str().into()).unwrap()).unwrap();
            reference(&declarations, "nixpkgs")
        };
        let is = |text: &str| Some(text.to_owned());
        assert_eq!(of(""), is("flake:nixpkgs"));
        assert_eq!(of("inputs.nixpkgs.url = \"nixpkgs/nixos-24.11\";"), is("nixpkgs/nixos-24.11"));
        let attributes =
            "inputs.nixpkgs = { type = \"github\"; owner = \"NixOS\"; repo = \"nixpkgs\"; };";
        assert_eq!(of(attributes), is("github:NixOS/nixpkgs"));
        assert_eq!(of("inputs.nixpkgs.url = \"path:./nixpkgs\";"), None);
        assert_eq!(of("inputs.nixpkgs.url = ./nixpkgs;"), None);
        assert_eq!(of("inputs.nixpkgs.url = \"path:/nixpkgs\";"), is("path:/nixpkgs"));
        assert_eq!(of("inputs.nixpkgs.follows = \"dep/nixpkgs\";"), None);
    }
}
