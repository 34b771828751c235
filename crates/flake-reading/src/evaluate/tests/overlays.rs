//! Overlays that build from the nixpkgs that they are given.

use super::*;

/// The overlays of a flake with these outputs: `path: name(packages) …`.
fn told(text: &str) -> Vec<String> {
    let text = format!("{{ outputs = {text}; }}");
    let files = [("flake.nix", text.as_str())];
    let sources = [flake("root", "nixpkgs dep", &files)];
    let (overlays, ..) = asked(&sources, |world| overlays(world, FlakeId::ROOT, u64::MAX).0);
    let told = overlays.into_iter().map(|overlay| {
        let adds = overlay.adds.into_iter().map(|(name, packages)| {
            format!("{name}({})", packages.into_iter().collect::<Vec<_>>().join(" "))
        });
        format!("{}: {}", overlay.path.join("."), adds.collect::<Vec<_>>().join(" "))
    });
    told.collect()
}

#[test]
fn what_is_built_of_the_given_nixpkgs_is_told() {
    let cases: [(&str, &[&str]); 9] = [
        (
            "{ ... }: { overlays.default = final: prev: { a = final.python3Packages.torch; }; }",
            &["overlays.default: a(python3Packages.torch)"],
        ),
        // By a name that the overlay itself adds, and by an argument of a file that it calls.
        (
            "{ ... }: { overlays.default = final: prev: {
               a = prev.buildEnv { paths = [ final.b ]; };
               b = final.callPackage ({ opencv }: opencv.override { enableGtk2 = true; }) { }; }; }",
            &["overlays.default: a(opencv) b(opencv)"],
        ),
        // The default one first, then the others, then the old name.
        (
            "{ ... }: { overlay = f: p: { a = p.b; }; overlays.z = f: p: { a = p.b; };
               overlays.a = f: p: { a = p.b; }; overlays.default = f: p: { a = p.b; }; }",
            &["overlays.default: a(b)", "overlays.a: a(b)", "overlays.z: a(b)", "overlay: a(b)"],
        ),
        // From the flake's own nixpkgs, in any part.
        (
            "{ nixpkgs, ... }: { overlays.default = f: p: {
               a = (import nixpkgs { }).torch; b = nixpkgs.legacyPackages.${p.system}.torch;
               c = p.buildEnv { paths = [ p.torch (import nixpkgs { }).hello ]; };
               d = p.torch; }; }",
            &["overlays.default: d(torch)"],
        ),
        (
            "{ self, nixpkgs, ... }: { packages.x.a = nixpkgs.legacyPackages.x.torch;
               overlays.default = f: p: { a = self.packages.x.a; }; }",
            &[],
        ),
        // From a flake that is not read.
        ("{ dep, ... }: { overlays.default = f: p: { a = dep.packages.x.a; }; }", &[]),
        ("{ dep, ... }: { overlays.default = dep.overlays.default; }", &[]),
        // Conditional.
        (
            "{ ... }: { overlays.default = f: p: { a = if p.config.cudaSupport then p.b else p.c;
               d = p.e; }; }",
            &["overlays.default: d(e)"],
        ),
        ("{ ... }: { overlays = 1; overlay = { }; }", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(told(text), expected, "{text}");
    }
}

/// If an overlay is too expensive, it is not reported at all: what was not examined may use another
/// nixpkgs.
#[test]
fn what_is_too_much_is_not_told() {
    let many: String = (0..300).map(|at| format!("a{at} = p.b; ")).collect();
    let text = format!("{{ outputs = _: {{ overlays.default = f: p: {{ {many} }}; }}; }}");
    let files = [("flake.nix", text.as_str())];
    let sources = [flake("root", "", &files)];
    let within = |limit| asked(&sources, |world| overlays(world, FlakeId::ROOT, limit)).0;
    let (all, cost) = within(u64::MAX);
    assert_eq!(all.first().map(|overlay| overlay.adds.len()), Some(200));
    assert_eq!(within(cost).0, all);
    assert_eq!(within(cost / 2).0, []);
    let long =
        format!("{{ ... }}: {{ overlay = f: p: {{ {} = p.b; b = p.c; }}; }}", "a".repeat(65));
    assert_eq!(told(&long), ["overlay: b(c)"]);
}

/// What overlays added before is not in what an overlay that is not read, and called by hand, makes.
#[test]
fn overlays_that_are_called_by_hand() {
    hold(&[(
        "nixpkgs other=NixOS/nixpkgs dep",
        "{ nixpkgs, other, dep, ... }: { nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [
           ({ pkgs, ... }: { nixpkgs.config.cudaSupport = true; nixpkgs.overlays = [
             (final: prev: { slow = (import other { }).ollama; })
             (final: prev: { chat = (dep.overlays.default final prev).chat; }) ];
             environment.systemPackages = [ pkgs.chat ]; }) ]; }; }",
        &["nixosConfigurations.a: nixpkgs[cudaSupport] -- an overlay of `dep`"],
    )]);
}
