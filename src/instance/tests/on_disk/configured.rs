//! Which flakes are configured, by their source, and what their settings do.

use super::*;
use crate::instance::{Effect, EvidenceKind};

/// What a flake with this `legacyPackages` is recognized as.
fn wrapper(legacy: &str) -> Option<(EvidenceKind, Effect)> {
    let mut flake = Flake::new("{ nixpkgs, w, ... }: { packages.x.a = w.legacyPackages.x.hello; }");
    flake.folder("w", "./w");
    flake.follows("w", "nixpkgs", &["nixpkgs"]);
    flake.github("w", "other", "acme/other");
    let text = format!(
        "{{ outputs = {{ nixpkgs, other, ... }}: let x = other.lib.x; a = f: p: {{ }}; in {{
           legacyPackages.x = {legacy}; }}; }}"
    );
    flake.write("w/flake.nix", &text);
    flake.read(|analysis| {
        let wrapper = analysis.wrapper_of(node(analysis, "w")).map(|id| analysis.wrapper(id))?;
        Some((wrapper.evidence.kind, wrapper.effect))
    })
}

#[test]
fn what_cannot_be_read_is_not_taken_for_nothing() {
    let is = |effect| Some((EvidenceKind::Source, effect));
    for (args, expected) in [
        // Plain nixpkgs, imported.
        ("{ }", None),
        ("{ overlays = [ ]; }", None),
        ("{ overlays = [ a ]; }", is(Effect::Unknown)),
        ("{ overlays = x; }", is(Effect::Unknown)),
        ("{ overlays = [ ] ++ x; }", is(Effect::Unknown)),
        ("{ overlays = if x == 1 then [ ] else [ a ]; }", is(Effect::Unknown)),
        ("x", is(Effect::Unknown)),
        ("(if x == 1 then { } else { config.cudaSupport = true; })", is(Effect::Build)),
        ("{ config = x; }", is(Effect::Unknown)),
        ("{ config.allowUnfree = true; }", is(Effect::PermissionsOnly)),
        ("{ config.allowUnfree = true; overlays = [ ]; }", is(Effect::PermissionsOnly)),
        ("{ config.allowUnfree = true; overlays = x; }", is(Effect::Unknown)),
        ("{ config.allowUnfree = true; overlays = [ a ]; }", is(Effect::Unknown)),
        ("{ config.allowUnfree = true; config.someKey = true; }", is(Effect::Unknown)),
        ("{ config = { allowUnfree = true; } // x; }", is(Effect::Unknown)),
        ("{ config.cudaSupport = true; }", is(Effect::Build)),
        ("{ config.cudaSupport = true; overlays = x; }", is(Effect::Build)),
        ("{ config = if x == 1 then null else { cudaSupport = true; }; }", is(Effect::Build)),
        ("{ config.cudaSupport = false; }", is(Effect::PermissionsOnly)),
    ] {
        assert_eq!(wrapper(&format!("import nixpkgs {args}")), expected, "{args}");
    }
}
