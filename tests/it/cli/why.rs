use insta::assert_snapshot;

use super::over_fixtures;

#[test]
fn inputs_and_nodes() {
    let why = |inputs: &[&str], case: &str| {
        over_fixtures(&[&["why", "--lock", case][..], inputs].concat())
    };
    let deep = "seed/d-three-levels";
    assert_snapshot!(why(&["toolkit/viewer/nixpkgs", "nixpkgs-gpu", "nixpkgs_2"], deep));
    assert_snapshot!(why(&["toolkit/viewr/nixpkgs"], deep));
    assert_snapshot!(why(&["nixpkgs_9"], deep));
    assert_snapshot!(why(&["flake-parts/nixpkgs-lib"], "seed/i-lib-slot"));
    assert_snapshot!(why(&["nixpkgs"], "seed/g-root-is-unfree"));
}
