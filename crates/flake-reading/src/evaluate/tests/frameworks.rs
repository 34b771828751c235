//! Frameworks that are modules, and functions that make a flake of a file.

use super::*;

const GPU: &str = "nixpkgs.config.cudaSupport = true;";
const TAKES: &str = "environment.systemPackages = [ inputs.dep.packages.x86_64-linux.default ];";

const DEN: &str = "nixpkgs flake-parts=hercules-ci/flake-parts import-tree=vic/import-tree
    den=vic/den dep home-manager=nix-community/home-manager darwin=nix-darwin/nix-darwin";
const DENDRITIC: &str = "{ outputs = inputs: inputs.flake-parts.lib.mkFlake { inherit inputs; }
    (inputs.import-tree ./modules); }";

/// Aspects configure the hosts that include them, and no others.
#[test]
fn den_hosts_have_their_own_aspects() {
    let read = read_files(
        DEN,
        &[
            ("flake.nix", DENDRITIC),
            (
                "modules/hosts.nix",
                "{ inputs, den, ... }: { imports = [ inputs.den.flakeModule ];
                   den.hosts.x86_64-linux = { desk.users.me = { }; note.users.me = { }; };
                   den.hosts.aarch64-darwin.mac = { };
                   den.default.nixos.system.stateVersion = \"25.11\";
                   den.default.includes = [ den.provides.define-user ]; }",
            ),
            (
                "modules/aspects.nix",
                &format!(
                    "{{ inputs, den, ... }}: {{
                       den.aspects.desk = {{ includes = [ den.aspects.gpu ];
                         nixos = {{ pkgs, ... }}: {{ {TAKES} }}; }};
                       den.aspects.note.nixos = {{ {TAKES} }};
                       den.aspects.mac.darwin = {{ }};
                       den.aspects.me = {{ includes = [ den._.primary-user (den._.user-shell \"fish\") ];
                         homeManager = {{ pkgs, ... }}: {{ home.packages = [ pkgs.a ]; }};
                         provides.to-hosts.nixos = {{ pkgs, ... }}: {{
                           environment.systemPackages = [ pkgs.b ]; }}; }}; }}"
                ),
            ),
            ("modules/gpu.nix", &format!("{{ den.aspects.gpu.nixos = {{ {GPU} }}; }}")),
        ],
    );
    assert_eq!(
        read.told(),
        [
            "darwinConfigurations.mac: -@mac",
            "nixosConfigurations.desk: nixpkgs[cudaSupport] nixpkgs \
             0<dep.packages.x86_64-linux.default 0<nixpkgs[cudaSupport]:b 1<nixpkgs:a",
            "nixosConfigurations.note: nixpkgs nixpkgs \
             0<dep.packages.x86_64-linux.default 0<nixpkgs:b 1<nixpkgs:a",
        ]
    );
}

/// Functions of what is configured, and modules that get the host.
#[test]
fn den_hosts_are_given_to_aspects() {
    for gpu in [
        "({ host, ... }: { nixos.nixpkgs.config.cudaSupport = host.settings.gpu; })",
        "{ nixos = { host, lib, ... }: { nixpkgs.config = lib.mkIf host.settings.gpu {
             cudaSupport = true; }; }; }",
        "{ includes = [ ({ host, user, ... }: { nixos.nixpkgs.config.rocmSupport = true; })
             ({ host }: { nixos.nixpkgs.config.cudaSupport = host.settings.gpu; }) ]; }",
    ] {
        let read = read_files(
            DEN,
            &[
                ("flake.nix", DENDRITIC),
                (
                    "modules/all.nix",
                    &format!(
                        "{{ inputs, den, lib, ... }}: {{ imports = [ inputs.den.flakeModules.dendritic ];
                           den.hosts.x86_64-linux.desk.settings.gpu = true;
                           den.hosts.x86_64-linux.note = {{ }};
                           den.schema.host = {{ options.settings.gpu = lib.mkOption {{ default = false; }}; }};
                           den.aspects.gpu = {gpu};
                           den.aspects.desk.includes = [ den.aspects.gpu ];
                           den.aspects.note = {{ includes = [ den.aspects.gpu ]; }}; }}"
                    ),
                ),
            ],
        );
        let told = read.told();
        assert_eq!(
            told,
            ["nixosConfigurations.desk: nixpkgs[cudaSupport]", "nixosConfigurations.note: nixpkgs"],
            "{gpu}"
        );
    }
}

/// Settings that an aspect declares are options of hosts.
#[test]
fn den_aspects_declare_settings_of_hosts() {
    let read = read_files(
        DEN,
        &[
            ("flake.nix", DENDRITIC),
            (
                "modules/all.nix",
                "{ inputs, den, lib, ... }: { imports = [ inputs.den.flakeModules.dendritic ];
                   den.hosts.x86_64-linux.desk.settings.gpu.amd = true;
                   den.aspects.gpu = { settings = { amd = lib.mkEnableOption \"\";
                     nvidia.enable = lib.mkEnableOption \"\"; };
                     nixos = { host, ... }: let cfg = host.settings.gpu; in { nixpkgs.config = {
                       rocmSupport = cfg.amd; cudaSupport = cfg.nvidia.enable; }; }; };
                   den.aspects.desk.includes = [ den.aspects.gpu ]; }",
            ),
        ],
    );
    assert_eq!(read.keys(), ["cudaSupport=off", "rocmSupport=on"]);
}

/// Aspects in a namespace, of homes, and in a flake without flake-parts.
#[test]
fn den_in_other_ways() {
    let read = read_outputs(
        DEN,
        "inputs: (inputs.nixpkgs.lib.evalModules { specialArgs = { inherit inputs; }; modules = [
           { imports = [ inputs.den.flakeModule (inputs.den.namespace \"my\" false) ];
             den.hosts.x86_64-linux.desk = { }; den.homes.x86_64-linux.\"me@desk\" = { }; }
           ({ my, den, ... }: { my.gpu.nixos.nixpkgs.config.cudaSupport = true;
             den.hosts.x86_64-linux.desk.users.me = { };
             den.ctx.hm-host.nixos.home-manager.useGlobalPkgs = true;
             den.aspects.desk.includes = [ my.gpu ];
             den.aspects.me.homeManager = { pkgs, ... }: { home.packages = [ pkgs.a ]; }; })
         ]; }).config.flake",
    );
    assert_eq!(
        read.told(),
        [
            "homeConfigurations.me@desk: nixpkgs 0<nixpkgs:a",
            "nixosConfigurations.desk: nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:a"
        ]
    );
}

/// Aspects of other flakes are reported as not read.
#[test]
fn den_with_aspects_of_others() {
    let read = read_files(
        DEN,
        &[
            ("flake.nix", DENDRITIC),
            (
                "modules/all.nix",
                "{ inputs, den, ... }: { imports = [ inputs.den.flakeModule ];
                   den.hosts.x86_64-linux.desk = { };
                   den.aspects.desk.includes = [ inputs.dep.denful.gpu ]; }",
            ),
        ],
    );
    let told = read.told();
    assert!(matches!(told.as_slice(), [one] if one.contains("-- a module of `dep`")), "{told:?}");
}

/// The result of a function of something that den does not pass is not known; one for other
/// entities does not apply to the host.
#[test]
fn den_functions_that_ask_for_more() {
    for (asks, is_told) in [("{ host, rack }", true), ("{ home }", false), ("{ user }", false)] {
        let module = format!(
            "{{ inputs, den, ... }}: {{ imports = [ inputs.den.flakeModule ];
               den.hosts.x86_64-linux.desk = {{ }};
               den.aspects.desk.includes = [ ({asks}: {{ nixos = {{ }}; }}) ]; }}"
        );
        let files = [("flake.nix", DENDRITIC), ("modules/all.nix", module.as_str())];
        let told = read_files(DEN, &files).told();
        let [desk] = told.as_slice() else { panic!("{asks}: {told:?}") };
        assert!(desk.starts_with("nixosConfigurations.desk"), "{asks}: {desk}");
        assert_eq!(desk.contains("a module that is not known"), is_told, "{asks}: {desk}");
    }
}

/// A function that is not read gets a file like `flake.nix` and the inputs.
#[test]
fn outputs_in_another_file() {
    let host = "{ self, nixpkgs, dep, ... }: { lib.host = module: nixpkgs.lib.nixosSystem {
        modules = [ module ]; };
        nixosConfigurations.desk = self.lib.host { nixpkgs.config.cudaSupport = true;
          environment.systemPackages = [ dep.packages.x86_64-linux.default ]; }; }";
    for (call, text) in [
        ("inputs.gen ./_outputs.nix inputs", format!("{{ inputs = {{ }}; outputs = {host}; }}")),
        ("inputs.gen.lib.make { inputs = { }; } ./_outputs.nix inputs", host.to_owned()),
    ] {
        let flake = format!("{{ outputs = inputs: {call}; }}");
        let read = read_files(
            "nixpkgs dep gen",
            &[("flake.nix", flake.as_str()), ("_outputs.nix", text.as_str())],
        );
        assert_eq!(
            read.told(),
            [
                "nixosConfigurations.desk: nixpkgs[cudaSupport]? 0<dep.packages.x86_64-linux.default?",
                ": -- a function of `gen`",
            ],
            "{call}"
        );
    }
}

/// If folders have none of the outputs that are expected there, the outputs may be somewhere else.
#[test]
fn loaders_that_find_nothing() {
    for (repository, call) in [
        ("nix-community/flakelight", "inputs.loader ./. { inherit inputs; }"),
        ("numtide/blueprint", "inputs.loader { inherit inputs; prefix = \"nix\"; }"),
        ("numtide/blueprint", "inputs.loader { inherit inputs; prefix = inputs.dep.lib.prefix; }"),
        ("snowfallorg/lib", "inputs.loader.mkFlake { inherit inputs; src = ./.; }"),
        (
            "gytis-ivaskevicius/flake-utils-plus",
            "inputs.loader.lib.mkFlake { inherit self inputs; }",
        ),
    ] {
        let inputs = format!("nixpkgs dep loader={repository}");
        let told = read_outputs(&inputs, &format!("{{ self, ... }}@inputs: {call}")).told();
        assert!(
            matches!(told.as_slice(), [one] if one.contains("-- a function of `loader`")),
            "{call}: {told:?}"
        );
    }
}

/// Hosts of blueprint that make themselves, users' homes in them, and Macs.
#[test]
fn blueprint_hosts() {
    let read = read_files(
        "nixpkgs dep blueprint=numtide/blueprint home-manager=nix-community/home-manager
         nix-darwin=nix-darwin/nix-darwin",
        &[
            ("flake.nix", "{ outputs = inputs: inputs.blueprint { inherit inputs; }; }"),
            (
                "hosts/desk/configuration.nix",
                "{ hostName, flake, perSystem, ... }: { imports = [ flake.modules.nixos.gpu ];
                   environment.systemPackages = [ perSystem.self.own ]; }",
            ),
            ("packages/own.nix", "{ pkgs, ... }: pkgs.of-own"),
            ("modules/nixos/gpu.nix", &format!("{{ flake, inputs }}: {{ pkgs, ... }}: {{ {GPU} }}")),
            (
                "hosts/desk/users/me/home-configuration.nix",
                "{ inputs, pkgs, perSystem, ... }: { home.packages = [ pkgs.a perSystem.dep.b ]; }",
            ),
            (
                "hosts/own/default.nix",
                &format!(
                    "{{ flake, inputs, hostName, ... }}: {{ class = \"nixos\";
                       value = inputs.nixpkgs.lib.nixosSystem {{ modules = [ {{ {GPU} {TAKES} }} ]; }}; }}"
                ),
            ),
            ("hosts/mac/darwin-configuration.nix", "{ pkgs, ... }: { }"),
        ],
    );
    assert_eq!(
        read.told(),
        [
            "darwinConfigurations.mac: -@mac",
            "homeConfigurations.me@desk: nixpkgs 0<dep.packages.*.b 0<nixpkgs:a",
            "nixosConfigurations.desk: nixpkgs[cudaSupport] 0<dep.packages.*.b 0<nixpkgs:of-own \
             0<nixpkgs[cudaSupport]:a",
            "nixosConfigurations.own: nixpkgs[cudaSupport] 0<dep.packages.x86_64-linux.default",
            "packages.x86_64-linux.own: <nixpkgs:of-own",
        ]
    );
}

/// Hosts of flake-utils-plus have their channel, and arguments and builders of their own.
#[test]
fn flake_utils_plus_hosts() {
    let read = read_outputs(
        "nixpkgs nixpkgs-new dep loader=gytis-ivaskevicius/flake-utils-plus",
        "inputs@{ self, ... }: inputs.loader.lib.mkFlake {
           inherit self inputs; channelsConfig.allowUnfree = true;
           hostDefaults = { channelName = \"nixpkgs-new\"; extraArgs = { extra = inputs.dep; };
             modules = [ ({ extra, ... }: { environment.systemPackages = [ extra.packages.x.y ]; }) ]; };
           hosts.desk.modules = [ self.nixosModules.gpu ];
           hosts.note = { channelName = \"nixpkgs\"; builder = inputs.nixpkgs.lib.nixosSystem; };
           nixosModules.gpu = { nixpkgs.config.cudaSupport = true; }; }",
    );
    assert_eq!(
        read.told(),
        [
            "nixosConfigurations.desk: nixpkgs-new[allowUnfree cudaSupport] 0<dep.packages.x.y",
            "nixosConfigurations.note: nixpkgs[allowUnfree] 0<dep.packages.x.y",
        ]
    );
}

/// A host's own arguments precede those of all, and `specialArgs` precede the others.
#[test]
fn flake_utils_plus_hosts_have_their_own_arguments() {
    let read = read_outputs(
        "nixpkgs loader=gytis-ivaskevicius/flake-utils-plus",
        "inputs@{ self, ... }: inputs.loader.lib.mkFlake { inherit self inputs;
           hostDefaults = { extraArgs.gpu = false; specialArgs.amd = false; modules = [ (
             { gpu, amd, ... }: { nixpkgs.config = { cudaSupport = gpu; rocmSupport = amd; }; }) ]; };
           hosts.desk.extraArgs = { gpu = true; amd = true; };
           hosts.note = { }; hosts.tower.specialArgs.amd = true; }",
    );
    assert_eq!(
        read.told(),
        [
            "nixosConfigurations.desk: nixpkgs[cudaSupport]",
            "nixosConfigurations.note: nixpkgs",
            "nixosConfigurations.tower: nixpkgs[rocmSupport]",
        ]
    );
}

/// The settings in blueprint's argument are those of hosts, too, since a version.
#[test]
fn hosts_of_old_and_new_blueprint() {
    for (date, told) in [
        ("@1769000000", "nixpkgs[rocmSupport] 0<nixpkgs[rocmSupport]:a"),
        ("@1780000000", "nixpkgs[allowUnfree] 0<nixpkgs[allowUnfree]:a"),
        ("", "nixpkgs[allowUnfree] 0<nixpkgs[allowUnfree]:a"),
    ] {
        let read = read_files(
            &format!("nixpkgs blueprint=numtide/blueprint{date}"),
            &[
                (
                    "flake.nix",
                    "{ outputs = inputs: inputs.blueprint { inherit inputs;
                         nixpkgs.config.allowUnfree = true; }; }",
                ),
                (
                    "hosts/desk/configuration.nix",
                    "{ pkgs, ... }: { nixpkgs.config.rocmSupport = true;
                       environment.systemPackages = [ pkgs.a ]; }",
                ),
            ],
        );
        assert_eq!(read.told(), [format!("nixosConfigurations.desk: {told}")], "{date}");
    }
}

/// `meld` merges the outputs of files, each a function of the inputs, or itself of more files.
#[test]
fn melded_files_are_outputs() {
    let read = read_files(
        "nixpkgs flake-utils=numtide/flake-utils dep",
        &[
            (
                "flake.nix",
                "{ outputs = inputs: inputs.flake-utils.lib.meld inputs [ ./a.nix ./more ]; }",
            ),
            (
                "a.nix",
                "{ nixpkgs, flake-utils, ... }: flake-utils.lib.eachDefaultSystem (system:
                   let pkgs = import nixpkgs { inherit system; }; in { packages.a = pkgs.a; })",
            ),
            ("more/default.nix", "inputs: inputs.flake-utils.lib.meld inputs [ ./b.nix ./c.nix ]"),
            (
                "more/b.nix",
                "{ nixpkgs, dep, ... }: { nixosConfigurations.desk = nixpkgs.lib.nixosSystem {
                   modules = [ { nixpkgs.config.cudaSupport = true; environment.systemPackages =
                     [ dep.packages.x86_64-linux.b ]; } ]; }; }",
            ),
            (
                "more/c.nix",
                "{ dep, ... }: { packages.x86_64-linux.c = dep.packages.x86_64-linux.c; }",
            ),
        ],
    );
    assert_eq!(
        read.told(),
        [
            "nixosConfigurations.desk: nixpkgs[cudaSupport] 0<dep.packages.x86_64-linux.b",
            "packages.aarch64-darwin.a: <nixpkgs@mac:a",
            "packages.x86_64-linux.a: <nixpkgs:a",
            "packages.x86_64-linux.c: <dep.packages.x86_64-linux.c",
        ]
    );
}
