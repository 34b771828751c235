//! clan: machines by options and from a folder.

use super::*;

const INPUTS: &str = "nixpkgs dep flake-parts=hercules-ci/flake-parts clan-core=clan-lol/clan-core";
const FILES: [(&str, &str); 2] = [
    (
        "machines/desk/configuration.nix",
        "{ inputs, ... }: { nixpkgs.config.cudaSupport = true;
           environment.systemPackages = [ inputs.dep.packages.x86_64-linux.a ]; }",
    ),
    ("machines/desk/other.nix", "{ nixpkgs.config.rocmSupport = true; }"),
];

/// Machines of the folder, and others by options, each a host of its own.
#[test]
fn machines() {
    for flake in [
        "{ outputs = { self, clan-core, ... }@inputs: let clan = clan-core.lib.clan { inherit self;
             specialArgs = { inherit inputs; }; inventory.machines.note = { };
             machines.note = { pkgs, ... }: { environment.systemPackages = [ pkgs.b ]; }; };
           in { inherit (clan.config) nixosConfigurations clanInternals; clan = clan.config; }; }",
        "{ outputs = inputs: inputs.flake-parts.lib.mkFlake { inherit inputs; } {
             systems = [ \"x86_64-linux\" ]; imports = [ inputs.clan-core.flakeModules.default ];
             clan = { specialArgs = { inherit inputs; };
               machines.note = { pkgs, ... }: { environment.systemPackages = [ pkgs.b ]; }; }; }; }",
    ] {
        let files: Vec<_> = [("flake.nix", flake)].into_iter().chain(FILES).collect();
        let read = read_files(INPUTS, &files);
        assert_eq!(
            read.told(),
            [
                "nixosConfigurations.desk: nixpkgs[cudaSupport] 0<dep.packages.x86_64-linux.a",
                "nixosConfigurations.note: nixpkgs 0<nixpkgs:b",
            ],
            "{flake}"
        );
    }
}

/// What services give to machines may be in each of them.
#[test]
fn services() {
    let flake = |services: &str| {
        format!(
            "{{ self, clan-core, ... }}@inputs: let clan = clan-core.lib.clan {{ inherit self;
               specialArgs = {{ inherit inputs; }}; machines.a = {{ }}; {services} }};
             in {{ inherit (clan.config) nixosConfigurations; }}"
        )
    };
    let extra = "inventory.instances.x.roles.default.extraModules = [
        ({ pkgs, ... }: { environment.systemPackages = [ pkgs.b ]; }) ];";
    let told = "nixosConfigurations.a: nixpkgs 0<nixpkgs:b?";
    hold(&[(INPUTS, &flake(extra), &[told])]);
    let own = "modules.mine = ./service.nix;";
    hold(&[(
        INPUTS,
        &flake(own),
        &["nixosConfigurations.a: nixpkgs -- a module that is not known"],
    )]);
}
