//! crane: functions that build Rust projects.

use super::*;

/// crane builds only with the packages that it is given.
#[test]
fn what_crane_makes() {
    let told = |package: &str| {
        let flake = format!(
            "{{ outputs = {{ nixpkgs, crane, dep, ... }}: let
                 pkgs = import nixpkgs {{ system = \"x86_64-linux\"; config.cudaSupport = true; }};
                 lib = crane.mkLib pkgs;
               in {{ packages.x86_64-linux.a = {package}; }}; }}"
        );
        let inputs = "nixpkgs crane=ipetkov/crane dep";
        read_files(inputs, &[("flake.nix", &flake)]).told()
    };
    let made = "packages.x86_64-linux.a: nixpkgs[cudaSupport]";
    let package = "lib.buildPackage { src = lib.cleanCargoSource ./.; cargoArtifacts =
        lib.buildDepsOnly { }; buildInputs = [ dep.packages.x86_64-linux.default ]; }";
    let taken = format!("{made} 0<dep.packages.x86_64-linux.default");
    assert_eq!(told(package), [taken.as_str()]);
    let pinned =
        format!("let lib = (crane.mkLib pkgs).overrideToolchain (p: p.rustc); in {package}");
    assert!(told(&pinned).iter().all(|line| line.starts_with(&taken)), "{:?}", told(&pinned));
    assert_eq!(told("lib.callPackage ({ stdenv }: stdenv.mkDerivation { }) { }"), [made]);
}
