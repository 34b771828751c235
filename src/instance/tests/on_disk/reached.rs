//! Whether what is taken of flakes that are not on disk reaches what lies below them.

use super::*;
use crate::instance::{Reach, UseLight};
use crate::source::evaluate::facts::Taken;

/// Where a slot two flakes below the root is reached, if the root takes this of the first.
fn reach(repository: &str, taken: &str) -> String {
    let mut flake = Flake::new(&format!(
        "{{ nixpkgs, dep, ... }}: {{
           packages.x.mine = (import nixpkgs {{ config.cudaSupport = true; }}).hello;
           packages.x.dep = dep.{taken}; }}"
    ));
    flake.github("root", "dep", repository);
    flake.github("dep", "sub", "acme/sub");
    flake.follows("dep", "nixpkgs", &["nixpkgs"]);
    flake.follows("sub", "nixpkgs", &["nixpkgs"]);
    flake.read(|facts| {
        let graph = facts.graph();
        let told = |holder: &str| {
            let slot = graph.lock().input_named(node(facts, holder), "nixpkgs").unwrap();
            match facts.code().reach(graph, slot).unwrap() {
                Reach::Firm => "firm".to_owned(),
                Reach::Not => "not".to_owned(),
                Reach::Light(UseLight::Known(known, by)) => {
                    format!("known {:?} {}", known.taken, graph.lock().node(by).key)
                }
                Reach::Light(UseLight::Soft(by, kinds)) => {
                    let kinds: Vec<_> = kinds.iter().map(Taken::as_str).collect();
                    format!("soft {} {}", kinds.join("+"), graph.lock().node(by).key)
                }
            }
        };
        format!("{}, {}", told("dep"), told("sub"))
    })
}

#[test]
fn what_is_known_of_a_flake_goes_before_what_is_taken_of_it() {
    for (repository, taken, is) in [
        ("acme/dep", "packages.x.default", "firm, firm"),
        ("acme/dep", "overlays.default", "soft overlays dep, soft overlays dep"),
        ("acme/dep", "nixosModules.default", "soft modules dep, soft modules dep"),
        ("acme/dep", "lib.x", "soft lib dep, soft lib dep"),
        ("acme/dep", "templates.x", "not, not"),
        ("nix-community/disko", "packages.x.default", "known Modules dep, known Modules dep"),
        ("nix-community/disko", "nixosModules.disko", "known Modules dep, known Modules dep"),
        ("nix-community/disko", "overlays.default", "known Modules dep, known Modules dep"),
        ("numtide/treefmt-nix", "lib.x", "known Development dep, known Development dep"),
    ] {
        assert_eq!(reach(repository, taken), is, "{repository} {taken}");
    }
}
