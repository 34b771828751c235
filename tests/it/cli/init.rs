//! `init`: the files that it writes, its output, and what it refuses.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use tempfile::TempDir;

use super::{fixtures, flake_audit, shown};

/// The settings of the wrappers among the fixtures.
const SETTINGS: [&str; 4] = ["--config", "cudaSupport=true", "--config", "allowUnfree=true"];

/// A folder with the files of a fixture.
fn folder_of(case: &str) -> TempDir {
    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
            let to = to.join(entry.file_name());
            if entry.path().is_dir() {
                copy(&entry.path(), &to);
            } else {
                fs::copy(entry.path(), &to).unwrap();
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    copy(&fixtures().join(case), folder.path());
    folder
}

fn init(folder: &Path, arguments: &[&str]) -> String {
    shown(flake_audit(folder).arg("init").args(arguments))
}

fn read(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).unwrap()
}

/// The bindings of `config` in a wrapper, and the reference of its nixpkgs.
fn config_of(folder: &Path, dir: &str) -> String {
    let text = read(folder, &format!("{dir}/flake.nix"));
    let url = text.lines().find(|line| line.contains("nixpkgs.url = ")).unwrap();
    let (_, rest) = text.split_once("      config = {\n").unwrap();
    format!("{url}\n{}", rest.split("\n      };").next().unwrap())
}

#[test]
fn settings_are_given() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["nixpkgs-gpu", "--config", "cudaCapabilities=[ \"8.6\" \"8.9\" ]"];
    let shown = init(folder.path(), &[&arguments[..], &SETTINGS[..]].concat());
    assert_snapshot!(shown + &read(folder.path(), "nixpkgs-gpu/flake.nix"));
}

#[test]
fn wrappers_among_the_fixtures_are_what_is_written_today() {
    for (case, more) in [
        ("source/own-wrapper", &["--bare"][..]),
        ("import-bypass/own-wrapper-can-be-imported", &[]),
    ] {
        let folder = folder_of(case);
        let written = read(folder.path(), "toolbox/flake.nix");
        fs::remove_dir_all(folder.path().join("toolbox")).unwrap();
        init(folder.path(), &[&["toolbox"], &SETTINGS[..], more].concat());
        assert_eq!(read(folder.path(), "toolbox/flake.nix"), written, "{case}");
    }
}

#[test]
fn settings_are_taken_from_where_the_flake_makes_them() {
    let mut told = String::new();
    for case in [
        "capabilities",
        "config-through-let",
        "merged-optional-attrs",
        "nixos-option",
        "permission-only",
        "pkgs-cuda-variant",
        "apply-patches",
    ] {
        let folder = folder_of(&format!("inline-configuration/{case}"));
        let shown = init(folder.path(), &["gpu", "--from-inline"]);
        assert!(shown.starts_with("exit 0\n"), "{case}: {shown}");
        told += &format!("== {case}\n{}\n", config_of(folder.path(), "gpu"));
    }
    assert_snapshot!(told);
}

#[test]
fn what_is_not_written_out_is_told_and_not_guessed() {
    let folder = folder_of("inline-configuration/import-literal");
    let flake = read(folder.path(), "flake.nix");
    let with = flake.replace(
        "config.cudaSupport = true;",
        "overlays = [ (final: prev: { mine = prev.hello; }) ];
        config = {
          cudaSupport = true;
          cudaCapabilities = [
            \"8.6\" # the old card
            \"8.9\"
          ];
          allowUnfreePredicate = pkg: builtins.elem pkg.pname [ \"cuda\" ];
          permittedInsecurePackages = [ \"a-${toString 1}\" ];
          replaceStdenv = { pkgs }: pkgs.clangStdenv;
          allowBroken = builtins.currentSystem == \"x86_64-linux\";
        };",
    );
    assert_ne!(flake, with);
    fs::write(folder.path().join("flake.nix"), with).unwrap();
    let shown = init(folder.path(), &["nixpkgs-gpu", "--from-inline"]);
    assert_snapshot!(shown + &config_of(folder.path(), "nixpkgs-gpu"));
    // Arguments win.
    let given = ["other", "--from-inline", "--config", "cudaSupport=false"];
    init(folder.path(), &given);
    assert!(config_of(folder.path(), "other").contains("cudaSupport = false;"));
}

/// The settings found in a flake with these `pkgs` or modules.
fn taken_from(outputs: &str) -> String {
    let folder = folder_of("inline-configuration/import-literal");
    let text = format!(
        "{{
  inputs.nixpkgs.url = \"github:NixOS/nixpkgs/nixos-24.11\";
  inputs.another-dep.url = \"github:acme/another-dep\";
  inputs.another-dep.inputs.nixpkgs.follows = \"nixpkgs\";
  outputs = {{ self, nixpkgs, another-dep }}: let
    lib = nixpkgs.lib;
    system = \"x86_64-linux\";
    shell = pkgs: pkgs.mkShell {{ packages = [ another-dep.packages.${{system}}.default ]; }};
    host = module: lib.nixosSystem {{ modules = [ module ]; }};
  in {{
{outputs}
  }};
}}
"
    );
    fs::write(folder.path().join("flake.nix"), text).unwrap();
    let shown = init(folder.path(), &["gpu", "--from-inline"]);
    let notes =
        shown.lines().filter(|line| line.contains("taken over") || line.contains("flake-audit:"));
    let notes: String = notes.map(|line| format!("{line}\n")).collect();
    let is_written = folder.path().join("gpu").exists();
    let config = if is_written { config_of(folder.path(), "gpu") + "\n" } else { String::new() };
    format!("{outputs}\n--\n{config}{notes}")
}

#[test]
fn instances_that_change_builds_alike_are_one() {
    let cases = [
        "    devShells.x86_64-linux.default = shell (import nixpkgs { inherit system; config = { \"cudaSupport\" = true; joypixels.acceptLicense = true; nvidia = { acceptLicense = true; x.y = [ 1 ]; }; }; });",
        "    devShells.x86_64-linux.default = shell nixpkgs.legacyPackages.x86_64-linux.pkgsForCudaArch.sm_89;",
        "    devShells.x86_64-linux.default = shell (import nixpkgs { inherit system; config.allowUnfree = true; }).pkgsCuda;",
        "    nixosConfigurations.a = host { nixpkgs.config = { cudaSupport = lib.mkForce true; allowUnfree = true; permittedInsecurePackages = [ \"a-1\" ]; }; };
    nixosConfigurations.b = host { nixpkgs.config = { cudaSupport = true; allowUnfree = true; permittedInsecurePackages = [ \"b-1\" ]; allowBroken = true; }; };
    nixosConfigurations.c = host { nixpkgs.config.allowInsecure = true; };",
        "    nixosConfigurations.a = host { nixpkgs.config.cudaCapabilities = lib.mkDefault [ \"8.6\" ]; };",
        "    nixosConfigurations.a = host { nixpkgs.config = { cudaSupport = true; cudaCapabilities = [ \"8.6\" ]; }; };
    nixosConfigurations.b = host { nixpkgs.config = { cudaSupport = true; cudaCapabilities = [ \"8.9\" ]; }; };",
    ];
    assert_snapshot!(cases.map(taken_from).join("\n"));
}

#[test]
fn there_is_nothing_to_take_or_too_much() {
    let mut told = String::new();
    for case in ["two-instances", "overlays-only", "nixos-option-mk-if", "unreadable", "string"] {
        let folder = folder_of(&format!("inline-configuration/{case}"));
        told += &format!("== {case}\n{}", init(folder.path(), &["gpu", "--from-inline"]));
        assert!(!folder.path().join("gpu").exists());
    }
    assert_snapshot!(told);
}

#[test]
fn wrong_arguments_write_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut told = String::new();
    for arguments in [
        &[][..],
        &["--config", "cudaSupport"],
        &["--config", "cudaSupport=yes"],
        &["--config", "cudaCapabilities=[ \"8.6\""],
        &["--config", "x=true", "--config", "x=false"],
        &["--config", "a.b=true", "--config", "a=1"],
        &["--from-inline"],
    ] {
        told += &format!("$ init {}\n{}", arguments.join(" "), init(folder.path(), arguments));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
    assert_snapshot!(told);
}

#[test]
fn what_looks_wrong_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "gpu",
        "--config",
        "cudasupport=true",
        "--config",
        "cudaSupport=true",
        "--config",
        "x=a b",
    ];
    assert_snapshot!(init(folder.path(), &arguments));
}

#[test]
fn what_is_there_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gpu/flake.nix");
    fs::create_dir(folder.path().join("gpu")).unwrap();
    fs::write(&file, "{ }").unwrap();
    let arguments = [&["gpu"], &SETTINGS[..]].concat();
    assert_snapshot!(init(folder.path(), &arguments));
    assert_eq!(fs::read_to_string(&file).unwrap(), "{ }");
    #[cfg(unix)]
    {
        // A dangling link counts as a file.
        fs::remove_file(&file).unwrap();
        std::os::unix::fs::symlink("nowhere", &file).unwrap();
        assert!(init(folder.path(), &arguments).starts_with("exit 2\n"));
    }
}

#[test]
fn references_are_those_of_the_flake_in_this_folder() {
    let folder = tempfile::tempdir().unwrap();
    let flake = |inputs: &str| {
        let text = format!("{{ {inputs} outputs = inputs: {{ }}; }}");
        fs::write(folder.path().join("flake.nix"), text).unwrap();
        let _ = fs::remove_dir_all(folder.path().join("gpu"));
        let shown = init(folder.path(), &[&["gpu"], &SETTINGS[..]].concat());
        let follows = shown.contains("gpu.inputs.nixpkgs.follows = \"nixpkgs\"");
        let config = config_of(folder.path(), "gpu");
        (config.lines().next().unwrap().trim().to_owned(), follows)
    };
    let url = |url: &str| format!("inputs.nixpkgs.url = \"{url}\";");
    let branch = "github:NixOS/nixpkgs/nixos-24.11";
    assert_eq!(flake(&url(branch)), (url(branch), true));
    let default = url("github:NixOS/nixpkgs/nixos-unstable");
    assert_eq!(flake(&url("path:./nixpkgs")), (default.clone(), true));
    assert_eq!(flake("inputs.dep.url = \"github:acme/dep\";"), (default, false));
    fs::remove_dir_all(folder.path().join("gpu")).unwrap();
    let own = ["gpu", "--nixpkgs", "github:acme/nixpkgs"];
    init(folder.path(), &[&own[..], &SETTINGS[..]].concat());
    assert!(config_of(folder.path(), "gpu").contains(&url("github:acme/nixpkgs")));
}

#[cfg(unix)]
#[test]
fn in_a_work_tree_git_has_to_be_told() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    let shown = init(folder.path(), &[&["a b/gpu"], &SETTINGS[..]].concat());
    assert!(shown.ends_with("  git add -N 'a b/gpu/flake.nix'\n"), "{shown}");
    assert!(shown.contains("inputs.gpu.url = \"path:./a%20b/gpu\";"), "{shown}");
    // Readable by others like any new file, with nothing left beside it.
    let file = folder.path().join("a b/gpu/flake.nix");
    assert_ne!(fs::metadata(&file).unwrap().permissions().mode() & 0o044, 0);
    assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1);
}
