//! The scenarios that the program exists for, end to end: `fixtures/seed`, with sources that Nix
//! can evaluate.
//!
//! Before the repair the development shell contains two torches, or one of another nixpkgs; after
//! it, one; and Nix finds nothing to change in either file.

use crate::program::{self, Nix};
use crate::world::{Pair, Verified, World, seed};

/// The root of every scenario.
const ROOT: &str = "root";

/// The flakes of a seed scenario with a repair, locked.
pub(crate) fn scenario<'n>(nix: &'n Nix, case: &str) -> World<'n> {
    let world = World::new(nix);
    // Flakes that are locked with an older nixpkgs and an older wrapper.
    let older: &[&str] = match case {
        "d-three-levels" => {
            world.dependency("solver", OWN, "nixpkgs", &[]);
            world.dependency("plugins", OWN, "nixpkgs", &[]);
            world.dependency("viewer", OWN, "nixpkgs", &[]);
            let engine = r#"nixpkgs.url = "@nixpkgs@"; solver.url = "@solver@";
                plugins.url = "@plugins@"; plugins.inputs.nixpkgs.follows = "solver/nixpkgs";"#;
            world.dependency("engine", engine, "nixpkgs", &["solver", "plugins"]);
            let toolkit = r#"nixpkgs.url = "@nixpkgs@"; engine.url = "@engine@";
                engine.inputs.nixpkgs.follows = "nixpkgs";
                viewer.url = "@viewer@"; viewer.inputs.nixpkgs.follows = "engine/solver/nixpkgs";"#;
            world.dependency("toolkit", toolkit, "nixpkgs", &["engine", "viewer"]);
            &["solver"]
        }
        "e-team-wrappers" => {
            let both = r#"nixpkgs.url = "@nixpkgs@"; nixpkgs-gpu.url = "@nixpkgs-gpu@";
                nixpkgs-gpu.inputs.nixpkgs.follows = "nixpkgs";"#;
            for name in ["audio-lib", "speech-lib", "vision-lib"] {
                world.dependency(name, both, "nixpkgs-gpu", &[]);
            }
            &["vision-lib"]
        }
        _ => {
            world.dependency("another-dep", OWN, "nixpkgs", &[]);
            match case {
                "b-own-nixpkgs" | "h-pin-holder" => &["another-dep"],
                "f-skewed-wrapper" => &["nixpkgs-gpu"],
                _ => &[],
            }
        }
    };
    seed(&world, case, ROOT);
    world.nixpkgs("24.05");
    world.wrapper("8.0");
    for flake in older {
        world.lock(flake);
    }
    world.nixpkgs("24.11");
    world.wrapper("9.0");
    world.lock(ROOT);
    world
}

/// The wrapper's settings.
const GPU: &str =
    r#"config = { allowUnfree = true; cudaSupport = true; cudaCapabilities = [ "9.0" ]; };"#;

/// A nixpkgs of its own, in a dependency's flake.nix.
const OWN: &str = r#"nixpkgs.url = "@nixpkgs@";"#;

/// An edit of flake.nix: a text and its replacement.
type Edit<'e> = (&'e str, &'e str);

/// A scenario, built and locked.
struct Scenario<'n> {
    world: World<'n>,
}

impl<'n> Scenario<'n> {
    fn new(nix: &'n Nix, case: &str) -> Self {
        Self { world: scenario(nix, case) }
    }

    /// Checks the number of torches in the shell, and of derivations in `verify`.
    fn has(&self, torches: usize, derivations: usize) -> Vec<String> {
        let found = self.world.torches(ROOT);
        assert_eq!(found.len(), torches, "{}: {found:?}", self.world.nix.name);
        let verified = self.world.verify(ROOT, &[]);
        let told = verified.derivations();
        assert_eq!(told.len(), derivations, "{}: {verified:?}", self.world.nix.name);
        assert_eq!(verified.code, i32::from(derivations > 1), "{verified:?}");
        assert!(told.iter().all(|(path, _)| found.contains(path)), "{found:?} {verified:?}");
        found
    }

    /// Checks that Nix finds nothing to change.
    fn is_settled(&self) -> Pair {
        let before = self.world.pair(ROOT);
        self.world.lock(ROOT);
        assert_eq!(self.world.pair(ROOT), before, "{}", self.world.nix.name);
        before
    }

    /// Checks that `flake-audit fix` makes these edits, and writes Nix's lock for them.
    fn repair(&self, edits: &[Edit<'_>]) {
        let before = self.world.pair(ROOT);
        let fixed = self.fix(0);
        self.world.restore(ROOT, &before);
        self.edit(edits);
        self.world.lock(ROOT);
        assert_eq!(fixed, self.world.pair(ROOT), "{}", self.world.nix.name);
    }

    /// The files after `flake-audit fix`, which must end with this code.
    fn fix(&self, code: i32) -> Pair {
        let output = self.world.flake_audit(&["fix", ROOT]).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{}: {output:?}", self.world.nix.name);
        self.world.pair(ROOT)
    }

    /// Edits flake.nix.
    fn edit(&self, edits: &[Edit<'_>]) {
        let mut text = self.world.pair(ROOT).nix;
        for (old, new) in edits {
            assert_eq!(text.matches(old).count(), 1, "{old} in {text}");
            text = text.replace(old, &self.world.referring(new));
        }
        self.world.write("root/flake.nix", &text);
    }

    /// Checks that the shell has the one torch that the wrapper makes from the root's nixpkgs.
    fn is_cured(&self) {
        let found = self.has(1, 1);
        assert_eq!(found, [self.world.torch(GPU)]);
        self.is_settled();
    }
}

#[test]
fn a_dependency_that_follows_plain_nixpkgs() {
    for nix in &program::all() {
        let scenario = Scenario::new(nix, "a-follows-plain");
        let before = scenario.has(2, 2);
        assert_eq!(before, [scenario.world.torch(GPU), scenario.world.torch("")]);
        assert_eq!(without_hashes(&scenario.world.verify(ROOT, &[])), without_hashes(&shown()));
        scenario.is_settled();
        scenario.repair(&[(
            r#"another-dep.inputs.nixpkgs.follows = "nixpkgs";"#,
            r#"another-dep.inputs.nixpkgs.follows = "nixpkgs-gpu";"#,
        )]);
        scenario.is_cured();
    }
}

/// The output for this scenario in `docs/verify.md`.
fn shown() -> Verified {
    let page = include_str!("../../docs/verify.md");
    let block = page.lines().skip_while(|line| !line.contains(" derivations of "));
    let block = block.map_while(|line| line.strip_prefix("    "));
    let stdout = block.fold(String::new(), |text, line| text + line + "\n");
    Verified { code: 1, stdout, stderr: String::new() }
}

/// The output without hashes, by which it is sorted.
fn without_hashes(verified: &Verified) -> (String, Vec<(String, Vec<String>)>) {
    let name = |path: &str| path.split_once('-').unwrap().1.to_owned();
    let mut derivations = verified.derivations();
    for (path, _) in &mut derivations {
        *path = name(path);
    }
    derivations.sort();
    (verified.stdout.lines().next().unwrap().to_owned(), derivations)
}

#[test]
fn a_dependency_with_a_nixpkgs_of_its_own() {
    for nix in &program::all() {
        let scenario = Scenario::new(nix, "b-own-nixpkgs");
        let before = scenario.has(2, 2);
        assert!(!before.contains(&scenario.world.torch("")), "that nixpkgs is an older one");
        scenario.is_settled();
        let url = r#"another-dep.url = "@another-dep@";"#;
        let follows = r#"another-dep.inputs.nixpkgs.follows = "nixpkgs-gpu";"#;
        let old = scenario.world.referring(url);
        scenario.repair(&[(&old, &format!("{url}\n    {follows}"))]);
        scenario.is_cured();
    }
}

#[test]
fn a_nixpkgs_three_levels_down() {
    for nix in &program::all() {
        let scenario = Scenario::new(nix, "d-three-levels");
        scenario.has(2, 2);
        scenario.is_settled();
        let old = r#"inputs.nixpkgs.follows = "nixpkgs-gpu";"#;
        let deep = format!(
            "{old}\n      inputs.engine.inputs.solver.inputs.nixpkgs.follows = \"nixpkgs-gpu\";"
        );
        let edits: &[Edit<'_>] = &[(old, &deep)];
        if nix.reads_deep_overrides() {
            scenario.repair(edits);
            scenario.is_cured();
        } else {
            // Such versions take the overridden input from the registry, and change nothing.
            let fixed = scenario.fix(0);
            let output = nix.run(&scenario.world.at(ROOT), &["flake", "lock", "."]);
            assert!(!output.status.success(), "{}", nix.name);
            assert_eq!(scenario.world.pair(ROOT), fixed);
        }
    }
}

#[test]
fn wrappers_of_a_team() {
    for nix in &program::all() {
        let scenario = Scenario::new(nix, "e-team-wrappers");
        scenario.has(2, 2);
        scenario.is_settled();
        let lib = |name: &str| -> (String, String) {
            let pinned =
                format!("url = \"@{name}@\";\n      inputs.nixpkgs.follows = \"nixpkgs\";");
            let follows = r#"inputs.nixpkgs-gpu.follows = "nixpkgs-gpu";"#;
            (scenario.world.referring(&pinned), format!("{pinned}\n      {follows}"))
        };
        let (speech, vision) = (lib("speech-lib"), lib("vision-lib"));
        scenario.repair(&[(&speech.0, &speech.1), (&vision.0, &vision.1)]);
        scenario.is_cured();
    }
}

#[test]
fn a_wrapper_of_another_nixpkgs() {
    for nix in &program::all() {
        let scenario = Scenario::new(nix, "f-skewed-wrapper");
        let before = scenario.has(1, 1);
        assert_ne!(before, [scenario.world.torch(GPU)], "it is of an older nixpkgs");
        scenario.is_settled();
        let url = r#"nixpkgs-gpu.url = "@nixpkgs-gpu@";"#;
        let follows = r#"nixpkgs-gpu.inputs.nixpkgs.follows = "nixpkgs";"#;
        let old = scenario.world.referring(url);
        scenario.repair(&[(&old, &format!("{url}\n    {follows}"))]);
        scenario.is_cured();
    }
}

#[test]
fn a_dependency_that_holds_the_pin() {
    for nix in &program::all() {
        let scenario = Scenario::new(nix, "h-pin-holder");
        scenario.has(2, 2);
        scenario.is_settled();
        // Following the wrapper there makes the wrapper its own nixpkgs, which cannot be evaluated:
        // the pin has to be moved first, by hand.
        let before = scenario.world.pair(ROOT);
        assert_eq!(scenario.fix(1), before, "nothing is written");
        scenario.edit(&[(
            r#"nixpkgs.follows = "another-dep/nixpkgs";"#,
            r#"nixpkgs.url = "@nixpkgs@";"#,
        )]);
        scenario.world.lock(ROOT);
        let url = scenario.world.referring(r#"another-dep.url = "@another-dep@";"#);
        let follows = format!("{url}\n    another-dep.inputs.nixpkgs.follows = \"nixpkgs-gpu\";");
        scenario.repair(&[(&url, &follows)]);
        scenario.is_cured();
    }
}
