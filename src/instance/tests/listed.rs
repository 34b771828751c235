//! The list of instances.

use super::*;
use crate::source::evaluate::world::InputIndex;

#[test]
fn instances_are_what_somebody_uses() {
    let text = "
        root: nixpkgs, nixpkgs-gpu, a, lib=nixpkgs_4
        nixpkgs-gpu: nixpkgs=/nixpkgs
        a: nixpkgs=/nixpkgs-gpu, stable=nixpkgs_2, nixpkgs-lib=nixpkgs_3, b
        b: nixpkgs=/nixpkgs
    ";
    with(text, |analysis| {
        let told: Vec<_> = analysis
            .instances()
            .iter()
            .map(|i| {
                let by = match i.made_by {
                    InstanceOrigin::Raw => "raw",
                    InstanceOrigin::Wrapper(_) => "wrapper",
                    InstanceOrigin::Root(_) => "root",
                };
                let base = i.base.map_or("", |base| key(analysis, base));
                let (held, consumers) =
                    (paths(analysis, &i.held_by_root), paths(analysis, &i.consumers));
                format!(
                    "{} {by} on {base}, held {}, consumers {}",
                    key(analysis, i.node),
                    held.join(" "),
                    consumers.join(" ")
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                "nixpkgs raw on nixpkgs, held nixpkgs, consumers a/b/nixpkgs",
                "nixpkgs-gpu wrapper on nixpkgs, held nixpkgs-gpu, consumers a/nixpkgs",
                "nixpkgs_2 raw on nixpkgs_2, held , consumers a/stable",
            ]
        );
    });
}

#[test]
fn a_position_is_an_input_of_the_root() {
    with("root: b, a, c", |analysis| {
        let at = input_index(analysis.graph(), input(analysis, "root.b"));
        assert_eq!(at, InputIndex::new(1));
    });
}
