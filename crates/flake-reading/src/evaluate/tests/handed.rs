//! What code that is not read may make of the modules that it gets.

use super::*;

/// A Mac is one by the name of the output, its system, or its class.
#[test]
fn macs_of_unread_builders() {
    let modules = "modules = [ { nixpkgs.config.cudaSupport = true;
        environment.systemPackages = [ dep.packages.x.a ]; } ];";
    for (output, given, is_mac) in [
        ("darwinConfigurations.a", "", true),
        ("machines.a", "system = \"aarch64-darwin\";", true),
        ("machines.a", "class = \"darwin\"; arch = \"aarch64\";", true),
        ("machines.a", "system = \"x86_64-linux\"; class = \"nixos\";", false),
        ("nixosConfigurations.a", "", false),
        ("darwinConfigurations.a", "system = \"x86_64-linux\";", false),
    ] {
        let flake = format!(
            "{{ nixpkgs, my, dep, ... }}: {{ {output} = my.lib.mk {{ {given} {modules} }}; }}"
        );
        let mac = if is_mac { "@mac" } else { "" };
        let told =
            format!("{output}: -[cudaSupport]{mac} 0<dep.packages.x.a -- a function of `my`");
        assert_eq!(read_outputs("nixpkgs my dep", &flake).told(), [told], "{output} {given}");
    }
}

/// The modules in one list, or in the lists of one set, are of one host.
#[test]
fn lists_of_modules_of_unread_builders() {
    const CUDA: &str = "{ nixpkgs.config.cudaSupport = true; }";
    const TAKES: &str = "({ pkgs, ... }: { environment.systemPackages = [ dep.packages.x.a ]; })";
    const ONE: &str = ": -[cudaSupport] 0<dep.packages.x.a -- a function of `my`";
    const APART: &str = ": -[cudaSupport] <dep.packages.x.a -- a function of `my`";
    for (given, told) in [
        ("{ modules = [ CUDA TAKES ]; }", ONE),
        ("{ inherit nixpkgs; modules = [ CUDA TAKES ]; }", ONE),
        ("{ nixpkgs = inputs.nixpkgs; a = { modules = [ CUDA TAKES ]; }; }", ONE),
        ("{ extraModules = [ CUDA TAKES ]; }", ONE),
        ("{ modules = [ CUDA ]; extraModules = [ TAKES ]; }", ONE),
        ("{ nixosModules = [ CUDA ]; homeModules = [ TAKES ]; }", ONE),
        ("\"x86_64-linux\" [ CUDA TAKES ]", ONE),
        ("{ nixosModules = [ CUDA ]; darwinModules = [ TAKES ]; }", APART),
        ("{ a.modules = [ CUDA ]; b.modules = [ TAKES ]; }", APART),
        ("{ a.extraModules = [ CUDA ]; b.extraModules = [ TAKES ]; }", APART),
    ] {
        let given = given.replace("CUDA", CUDA).replace("TAKES", TAKES);
        let flake = format!(
            "{{ nixpkgs, my, dep, ... }}@inputs: {{ nixosConfigurations.a = my.lib.mk {given}; }}"
        );
        let told = format!("nixosConfigurations.a{told}");
        assert_eq!(read_outputs("nixpkgs my dep", &flake).told(), [told], "{given}");
    }
}

/// The result for the options of a module of flake-parts that is not read.
fn of_options(options: &str) -> Read {
    let flake = format!(
        "inputs: let cuda.nixpkgs.config.cudaSupport = true;
           takes.environment.systemPackages = [ inputs.dep.packages.x.a ];
           asked = {{ lib, gpu, ... }}: {{ nixpkgs.config = lib.mkIf gpu {{ cudaSupport = true; }};
             environment.systemPackages = lib.mkIf (!gpu) [ inputs.dep.packages.x.a ]; }};
         in inputs.flake-parts.lib.mkFlake {{ inherit inputs; }} {{
           imports = [ inputs.my.flakeModule ]; {options} }}"
    );
    read_outputs("nixpkgs flake-parts=hercules-ci/flake-parts my dep", &flake)
}

/// What one host sets is not what another one takes with, unless they may share it.
#[test]
fn hosts_beside_each_other() {
    const APART: &str = "h: nixpkgs[cudaSupport] <dep.packages.x.a";
    const PERHAPS: &str = "0<dep.packages.x.a";
    for (options, told) in [
        ("h.a.nixos = cuda; h.b.nixos = takes;", APART),
        ("h = { a.modules = [ cuda ]; b.modules = [ takes ]; };", APART),
        ("h = { a = cuda; b = takes; };", APART),
        ("f = cuda; h = takes;", "h: <dep.packages.x.a"),
        // What is passed beside modules is their argument.
        (
            "h = { a = { modules = [ asked ]; specialArgs.gpu = true; };
               b = { modules = [ asked ]; specialArgs.gpu = false; }; };",
            APART,
        ),
        ("h.a.nixos.imports = [ cuda takes ];", "h: nixpkgs[cudaSupport] 0<dep.packages.x.a"),
        ("h.a.modules = [ cuda takes ];", "h: nixpkgs[cudaSupport] 0<dep.packages.x.a"),
        ("h = { shared.modules = [ cuda ]; hosts.b.modules = [ takes ]; };", PERHAPS),
        ("h = { hosts.a.modules = [ cuda ]; shared.modules = [ takes ]; };", PERHAPS),
        ("h = { defaults = cuda; b = takes; };", PERHAPS),
        (
            "h = { perClass = class: { modules = [ cuda ]; }; hosts.b.modules = [ takes ]; };",
            PERHAPS,
        ),
        (
            "h = { pkgs = import inputs.nixpkgs { config.cudaSupport = true; }; nixos = takes; };",
            PERHAPS,
        ),
    ] {
        let read = of_options(options);
        let lines = read.told();
        assert!(lines.iter().any(|line| line.contains(told)), "{options}: {lines:#?}");
        // It is not compared with what stands for all outputs either.
        let mut uses = read.reading.outputs.iter().flat_map(|output| &output.uses);
        assert!(uses.all(|taking| !taking.is_outright), "{options}");
    }
}

/// A folder may be one of modules under any name, but not one that a flake is in.
#[test]
fn folders_under_names_for_sources() {
    const TAKEN: &str = "<dep.packages.x.a";
    let module = "{ inputs, ... }: { nixpkgs.config.cudaSupport = true;
        environment.systemPackages = [ inputs.dep.packages.x.a ]; }";
    for (given, is_taken) in [
        ("src = ./nix;", true),
        ("hosts.root = ./nix/hosts;", true),
        ("hosts.path = ./nix/hosts;", true),
        ("src = ./.;", false),
        ("src = ./other;", false),
        ("src = ./site;", false),
        ("projectRoot = ./nix;", false),
        ("path = ./nix/hosts/a.nix;", true),
        ("path = ./site/index.html;", false),
    ] {
        let outputs = format!("my.lib.mkFlake {{ inherit inputs; {given} }}");
        let parts = format!(
            "inputs.flake-parts.lib.mkFlake {{ inherit inputs; }} {{
               imports = [ inputs.my.flakeModule ]; my = {{ {given} }}; }}"
        );
        for outputs in [outputs, parts] {
            let flake = format!("{{ outputs = {{ my, ... }}@inputs: {outputs}; }}");
            let read = read_files(
                "nixpkgs flake-parts=hercules-ci/flake-parts my dep",
                &[
                    ("flake.nix", &flake),
                    ("nix/hosts/a.nix", module),
                    ("other/flake.nix", "{ outputs = _: { }; }"),
                    ("other/a.nix", module),
                    ("site/index.html", ""),
                ],
            );
            let told = read.told().join("\n");
            assert_eq!(told.contains(TAKEN), is_taken, "{given}: {told}");
        }
    }
}

/// Options for each system make no hosts.
#[test]
fn sources_of_options_for_each_system() {
    let flake = "{ outputs = inputs: inputs.flake-parts.lib.mkFlake { inherit inputs; } {
        imports = [ inputs.my.flakeModule ];
        perSystem.my = { src = ./rust; shell = ./rust/a.nix; }; }; }";
    let file = |name: &str| {
        format!("{{ pkgs, ... }}: {{ environment.systemPackages = [ pkgs.{name} ]; }}")
    };
    let (a, b) = (file("a"), file("b"));
    let read = read_files(
        "nixpkgs flake-parts=hercules-ci/flake-parts my",
        &[("flake.nix", flake), ("rust/a.nix", &a), ("rust/b.nix", &b)],
    );
    let told = read.told().join("\n");
    assert!(told.contains(":a"), "{told}");
    assert!(!told.contains(":b"), "{told}");
}

/// Where most unread code makes packages, only what is plainly a host counts as one.
#[test]
fn hosts_among_packages() {
    const HOST: &str = "-[cudaSupport] 0<dep.packages.x.a -- a function of `my`";
    const NONE: &str = "<dep.packages.x.a -- a function of `my`";
    const CUDA: &str = "nixpkgs.config.cudaSupport = true;";
    const TAKES: &str = "environment.systemPackages = [ dep.packages.x.a ];";
    for (kind, given, told) in [
        ("packages.x", format!("{{ modules = [ {{ {CUDA} {TAKES} }} ]; }}"), HOST),
        (
            "checks.x",
            format!("{{ modules = [ {{ {CUDA} }} ({{ pkgs, ... }}: {{ {TAKES} }}) ]; }}"),
            HOST,
        ),
        ("hydraJobs", format!("{{ {CUDA} {TAKES} }}"), HOST),
        ("packages.x", format!("({{ lib, ... }}: {{ {CUDA} {TAKES} }})"), HOST),
        ("packages.x", format!("{{ modules = [ {{ {TAKES} }} ]; }}"), NONE),
        ("packages.x", "{ src = ./.; buildInputs = [ dep.packages.x.a ]; }".into(), NONE),
        ("packages.x", "{ modules = [ \"core\" ]; inputs = [ dep.packages.x.a ]; }".into(), NONE),
    ] {
        let flake = format!("{{ nixpkgs, my, dep, ... }}: {{ {kind}.p = my.lib.make {given}; }}");
        let told = format!("{kind}.p: {told}");
        assert_eq!(read_outputs("nixpkgs my dep", &flake).told(), [told], "{given}");
    }
}
