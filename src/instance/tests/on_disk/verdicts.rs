//! Uses of outputs compared with the builders that take them in.

use super::*;
use crate::instance::verdict::{LackedSetting, Seen};

pub(super) const CUDA: &str =
    "(import nixpkgs { system = \"x86_64-linux\"; config.cudaSupport = true; })";
pub(super) const PLAIN: &str = "nixpkgs.legacyPackages.x86_64-linux";
pub(super) const WRAPPER: &str = "w.legacyPackages.x86_64-linux";
pub(super) const DEP: &str = "dep.packages.x86_64-linux.t";

/// How a dependency is there.
#[derive(Clone, Copy)]
pub(super) enum Dep<'d> {
    /// A flake with this package.
    Builds(&'d str),
    /// A flake with these outputs.
    Does(&'d str),
    /// A flake that is not on disk.
    Elsewhere,
}

/// A root with a dependency and maybe a wrapper, both following the root's nixpkgs.
pub(super) fn root(outputs: &str, wrapper: Option<&str>, dep: Dep<'_>) -> Flake {
    let mut flake = Flake::new(&format!(
        "{{ nixpkgs, dep, ... }}@inputs: let inherit (inputs) w; in {outputs}"
    ));
    match dep {
        Dep::Elsewhere => flake.github("root", "dep", "acme/dep"),
        Dep::Builds(_) | Dep::Does(_) => flake.folder("dep", "./dep"),
    }
    flake.follows("dep", "nixpkgs", &["nixpkgs"]);
    match dep {
        Dep::Builds(package) => flake.write(
            "dep/flake.nix",
            &format!(
                "{{ outputs = {{ nixpkgs, ... }}: {{ packages.x86_64-linux.t = {package}; }}; }}"
            ),
        ),
        Dep::Does(outputs) => {
            flake
                .write("dep/flake.nix", &format!("{{ outputs = {{ nixpkgs, ... }}: {outputs}; }}"));
        }
        Dep::Elsewhere => {}
    }
    if let Some(config) = wrapper {
        flake.folder("w", "./w");
        flake.follows("w", "nixpkgs", &["nixpkgs"]);
        flake.write(
            "w/flake.nix",
            &format!(
                "{{ outputs = {{ nixpkgs, ... }}: {{ legacyPackages.x86_64-linux =
                   import nixpkgs {{ system = \"x86_64-linux\"; config = {config}; }}; }}; }}"
            ),
        );
    }
    flake
}

/// A shell of these packages that takes `taken` in.
pub(super) fn shell(packages: &str, taken: &str) -> String {
    format!("{{ devShells.x86_64-linux.s = {packages}.mkShell {{ packages = [ {taken} ]; }}; }}")
}

/// A setting in a word; empty if it is not known.
fn setting(setting: &LackedSetting) -> String {
    match setting {
        LackedSetting::Named(name) => name.clone(),
        LackedSetting::Other(name) => format!("the same {name}"),
        LackedSetting::Unknown => String::new(),
        LackedSetting::Override(package) => format!("an override of {package}"),
    }
}

/// Each mismatch: its strength, output, package, slot, and the settings it lacks.
pub(super) fn told(flake: &Flake) -> Vec<String> {
    flake.read(|analysis| {
        let (graph, code) = (analysis.graph(), analysis.sources());
        let lock = graph.lock();
        let outputs = &code.root().unwrap().reading.outputs;
        let verdicts = analysis.verdicts();
        let all =
            verdicts.iter().flat_map(|verdicts| verdicts.mismatches.as_slice()).map(|mismatch| {
                let strength = if mismatch.is_firm() { "firm" } else { "light" };
                let seen = match &mismatch.seen {
                    Seen::Package(name, _) => name.clone(),
                    Seen::Opaque(_, _, name) => format!("?{name}"),
                };
                let slot = mismatch.slot.map_or("-".to_owned(), |slot| {
                    let holder = lock.node(graph.edge(slot).holder).key.to_string();
                    format!("{holder}/{}", lock.input(slot).name)
                });
                let path = outputs[mismatch.output.index()].path.join(".");
                let more = if mismatch.has_more() { "has" } else { "lacks" };
                let target = mismatch.target.map_or("", |_| ", to follow");
                let settings: Vec<_> = mismatch.settings().iter().map(setting).collect();
                let settings = settings.join("+");
                format!("{strength} {path}: {seen} by {slot} {more} {settings}{target}")
            });
        all.collect()
    })
}

/// Verdicts for each kind of use, beside inline settings and beside a wrapper.
#[test]
fn cells_of_the_table() {
    let torch = format!("{PLAIN}.python3.withPackages (ps: [ ps.torch ])");
    let hello = format!("{PLAIN}.mkShell {{ packages = [ {PLAIN}.hello ]; }}");
    let switched = format!("{PLAIN}.ollama.override {{ cudaSupport = true; }}");
    let ollama = format!("{PLAIN}.ollama");
    let perhaps = format!("(if builtins.currentSystem == 1 then {DEP} else null)");
    let of_main = "{ lib.make = pkgs: pkgs.mkShell { packages = [ pkgs.ollama ]; }; }";
    for (what, dep, taken, inline, wrapper) in [
        (
            "seen",
            Dep::Builds(&torch),
            DEP,
            Some("firm S: python3.torch by dep/nixpkgs lacks cudaSupport"),
            Some("firm S: python3.torch by dep/nixpkgs lacks cudaSupport, to follow"),
        ),
        ("read wholly", Dep::Builds(&hello), DEP, None, None),
        (
            "opaque",
            Dep::Elsewhere,
            DEP,
            Some("light S: ?packages.x86_64-linux.t by dep/nixpkgs lacks cudaSupport"),
            Some("firm S: ?packages.x86_64-linux.t by dep/nixpkgs lacks cudaSupport, to follow"),
        ),
        (
            "on a condition",
            Dep::Builds(&ollama),
            &perhaps,
            Some("light S: ollama by dep/nixpkgs lacks cudaSupport"),
            Some("light S: ollama by dep/nixpkgs lacks cudaSupport, to follow"),
        ),
        (
            "opaque, on a condition",
            Dep::Elsewhere,
            &perhaps,
            Some("light S: ?packages.x86_64-linux.t by dep/nixpkgs lacks cudaSupport"),
            Some("light S: ?packages.x86_64-linux.t by dep/nixpkgs lacks cudaSupport, to follow"),
        ),
        ("switched on itself", Dep::Builds(&switched), DEP, None, None),
        ("of what it is handed", Dep::Does(of_main), "(dep.lib.make pkgs)", None, None),
        // The dependency's code cannot be understood.
        (
            "broken",
            Dep::Does("{ a = ; }"),
            DEP,
            Some("light S: ?packages.x86_64-linux.t by dep/nixpkgs lacks cudaSupport"),
            Some("firm S: ?packages.x86_64-linux.t by dep/nixpkgs lacks cudaSupport, to follow"),
        ),
    ] {
        for (main, is_wrapper, expected) in [(CUDA, false, inline), (WRAPPER, true, wrapper)] {
            let taken = taken.replace("pkgs)", &format!("{main})"));
            let config = is_wrapper.then_some("{ cudaSupport = true; }");
            let expected: Vec<_> = expected
                .map(|one| one.replace(" S:", " devShells.x86_64-linux.s:"))
                .into_iter()
                .collect();
            assert_eq!(told(&root(&shell(main, &taken), config, dep)), expected, "{what} {main}");
        }
    }
}

/// A use with more settings than its builder is a second copy of a package that both hold.
#[test]
fn more_than_the_builder() {
    let cuda = "(import nixpkgs { config.cudaSupport = true; }).ollama";
    let taken = format!("{PLAIN}.ollama {DEP}");
    assert_eq!(
        told(&root(&shell(PLAIN, &taken), None, Dep::Builds(cuda))),
        ["firm devShells.x86_64-linux.s: ollama by dep/nixpkgs has cudaSupport"]
    );
    assert!(told(&root(&shell(PLAIN, DEP), None, Dep::Builds(cuda))).is_empty());
    // What is nested in something in the builder is in the builder, too.
    let other = "(import nixpkgs { config.allowUnfree = true; })";
    let inner = format!("({other}.mkShell {{ packages = [ {PLAIN}.ollama ]; }}) {DEP}");
    assert_eq!(
        told(&root(&shell(PLAIN, &inner), None, Dep::Builds(cuda))),
        ["firm devShells.x86_64-linux.s: ollama by dep/nixpkgs has cudaSupport"]
    );
    // A wrapper is a builder like others.
    let both = "(import nixpkgs { config = { cudaSupport = true; rocmSupport = true; }; }).ollama";
    let of_wrapper = shell(WRAPPER, &format!("{WRAPPER}.ollama {DEP}"));
    assert_eq!(
        told(&root(&of_wrapper, Some("{ cudaSupport = true; }"), Dep::Builds(both))),
        ["firm devShells.x86_64-linux.s: ollama by dep/nixpkgs has rocmSupport"]
    );
    assert!(
        told(&root(&of_wrapper, Some("{ cudaSupport = true; }"), Dep::Builds(cuda))).is_empty()
    );
}

#[test]
fn a_mac_builds_nothing_by_gpu_settings() {
    let outputs = "{ devShells.aarch64-darwin.s =
        (import nixpkgs { system = \"aarch64-darwin\"; config.cudaSupport = true; }).mkShell {
          packages = [ nixpkgs.legacyPackages.aarch64-darwin.ollama
            dep.packages.aarch64-darwin.t ]; }; }";
    assert!(told(&root(outputs, None, Dep::Elsewhere)).is_empty());
}

/// A use is compared with the innermost builder.
#[test]
fn builders_in_builders() {
    let inner = format!("({PLAIN}.mkShell {{ packages = [ {DEP} ]; }})");
    let ollama = format!("{PLAIN}.ollama");
    // A plain environment in a shell with CUDA is a mismatch by the package seen in it.
    assert_eq!(
        told(&root(&shell(CUDA, &inner), None, Dep::Builds(&ollama))),
        ["firm devShells.x86_64-linux.s: ollama by dep/nixpkgs lacks cudaSupport"]
    );
    assert!(told(&root(&shell(CUDA, &inner), None, Dep::Elsewhere)).is_empty());
    let inner = format!("({CUDA}.mkShell {{ packages = [ {DEP} ]; }})");
    assert_eq!(
        told(&root(&shell(PLAIN, &inner), None, Dep::Elsewhere)),
        [
            "light devShells.x86_64-linux.s: ?packages.x86_64-linux.t by dep/nixpkgs lacks cudaSupport"
        ]
    );
}

/// Outputs that are only a dependency's.
#[test]
fn outputs_of_a_dependency() {
    let dep = format!("packages.x86_64-linux.d = {DEP};");
    let shell = |packages: &str, name: &str| {
        format!("devShells.x86_64-linux.{name} = {packages}.mkShell {{ }};")
    };
    let (cuda, plain, wrapped) = (shell(CUDA, "a"), shell(PLAIN, "b"), shell(WRAPPER, "c"));
    let config = Some("{ cudaSupport = true; }");
    let opaque = "packages.x86_64-linux.d: ?packages.x86_64-linux.t by dep/nixpkgs lacks";
    for (own, wrapper, expected) in [
        // Compared with the one configuration that all others are built from.
        (cuda.clone(), None, Some(format!("light {opaque} cudaSupport"))),
        (wrapped.clone(), config, Some(format!("firm {opaque} cudaSupport, to follow"))),
        // With several configurations: only that some are built from a wrapper.
        (cuda + &plain, None, None),
        (wrapped + &plain, config, Some(format!("light {opaque} , to follow"))),
        // Compared with nothing.
        (plain, config, None),
        (String::new(), config, None),
    ] {
        let flake = root(&format!("{{ {own} {dep} }}"), wrapper, Dep::Elsewhere);
        let expected: Vec<_> = expected.into_iter().collect();
        assert_eq!(told(&flake), expected, "{own}");
    }
}

/// One host's settings do not concern another host, in any order.
#[test]
fn hosts_are_apart() {
    let host = |name: &str, config: &str, taken: &str| {
        format!(
            "{name} = nixpkgs.lib.nixosSystem {{ modules = [ {{ nixpkgs.config = {config};
               nixpkgs.hostPlatform = \"x86_64-linux\";
               environment.systemPackages = [ {taken} ]; }} ]; }};"
        )
    };
    let (gpu, plain) = ("{ cudaSupport = true; }", "{ }");
    let ollama = format!("{PLAIN}.ollama");
    let hosts = [host("a", gpu, ""), host("b", plain, DEP), host("c", gpu, DEP)];
    let mut all = Vec::new();
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
        let hosts: String = order.iter().map(|at| hosts[*at].as_str()).collect();
        let outputs = format!("{{ nixosConfigurations = {{ {hosts} }}; }}");
        all.push(told(&root(&outputs, None, Dep::Builds(&ollama))));
    }
    let expected = ["firm nixosConfigurations.c: ollama by dep/nixpkgs lacks cudaSupport"];
    assert!(all.iter().all(|one| *one == expected), "{all:#?}");
}

/// Hosts that one check gathers are not built together: neither with each other, nor with the
/// check.
#[test]
fn hosts_in_a_folder_of_links() {
    let host = |config: &str| {
        format!(
            "(nixpkgs.lib.nixosSystem {{ system = \"x86_64-linux\"; modules = [ {{ {config} }}
               ({{ pkgs, ... }}: {{ environment.systemPackages = [ pkgs.ollama ]; }}) ]; }})
              .config.system.build.toplevel"
        )
    };
    for farm in [PLAIN, CUDA] {
        let outputs = format!(
            "{{ checks.x86_64-linux.hosts = {farm}.linkFarm \"hosts\"
                 {{ a = {}; b = {}; }}; }}",
            host("nixpkgs.config.cudaSupport = true;"),
            host("")
        );
        let nothing: [&str; 0] = [];
        assert_eq!(told(&root(&outputs, None, Dep::Elsewhere)), nothing, "{farm}");
    }
    // In one shell they are.
    let taken = format!("({CUDA}.symlinkJoin {{ paths = [ {CUDA}.ollama ]; }}) {PLAIN}.ollama");
    assert_eq!(told(&root(&shell(PLAIN, &taken), None, Dep::Elsewhere)).len(), 1);
}

/// A home with another nixpkgs than its host: if a package of its own shows that, what it takes of a
/// dependency is no second finding.
#[test]
fn a_home_that_differs_is_told_once() {
    let by_slot = "firm nixosConfigurations.h: ollama by dep/nixpkgs lacks cudaSupport";
    for (packages, found) in [
        (format!("pkgs.hello {DEP}"), vec![by_slot]),
        // Its own package has the setting switched on, and shows nothing.
        (format!("(pkgs.ollama.override {{ cudaSupport = true; }}) {DEP}"), vec![by_slot]),
        (
            format!("pkgs.ollama {DEP}"),
            vec!["firm nixosConfigurations.h: ollama by - lacks cudaSupport"],
        ),
    ] {
        let host = format!(
            "{{ nixosConfigurations.h = nixpkgs.lib.nixosSystem {{ modules = [
                 inputs.home-manager.nixosModules.default
                 {{ nixpkgs.config.cudaSupport = true;
                    home-manager.users.me = {{ pkgs, ... }}: {{ home.packages = [ {packages} ]; }};
                 }} ]; }}; }}"
        );
        let ollama = format!("{PLAIN}.mkShell {{ packages = [ {PLAIN}.ollama ]; }}");
        let mut flake = root(&host, None, Dep::Builds(&ollama));
        flake.github("root", "home-manager", "nix-community/home-manager");
        assert_eq!(told(&flake), found, "{packages}");
    }
}

pub(super) fn imported(config: &str) -> String {
    format!("(import nixpkgs {{ system = \"x86_64-linux\"; config = {{ {config} }}; }})")
}

#[test]
fn a_toolkit_that_a_dependency_brings_along_asks_nothing_of_the_root() {
    let with_toolkit =
        format!("({PLAIN}.mkShell {{ packages = [ {PLAIN}.cudaPackages.cuda_nvcc ]; }})");
    let beside = |toolkit: &str| {
        let packages = format!("{toolkit} {PLAIN}.python3Packages.torch");
        let outputs = shell(PLAIN, &packages);
        root(&outputs, None, Dep::Builds(&with_toolkit)).read(|analysis| {
            analysis.on_the_cpu().iter().map(|found| found.package.name.clone()).collect::<Vec<_>>()
        })
    };
    assert_eq!(beside(DEP), [""; 0]);
    assert_eq!(beside(&format!("{PLAIN}.cudaPackages.cuda_nvcc")), ["python3Packages.torch"]);
    // What is made from the root's own packages is the root's wish.
    assert_eq!(beside(&with_toolkit), ["python3Packages.torch"]);
}
