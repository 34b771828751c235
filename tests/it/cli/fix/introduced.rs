//! `fix --init`: a wrapper for what a flake sets in place.

use insta::assert_snapshot;

use crate::cli::shown;
use crate::support::workspace::Workspace;

/// A flake with these outputs, on a nixpkgs and a dependency that follows it.
fn flake(outputs: &str) -> Workspace {
    let workspace = Workspace::of("inline-configuration/import-literal");
    workspace.write(
        "flake.nix",
        format!(
            "{{
  inputs.nixpkgs.url = \"github:NixOS/nixpkgs/nixos-24.11\";
  inputs.another-dep.url = \"github:acme/another-dep\";
  inputs.another-dep.inputs.nixpkgs.follows = \"nixpkgs\";

  outputs = {outputs};
}}
"
        ),
    );
    workspace
}

/// What `fix --init` does with these outputs; and that afterwards nothing is left to say, and
/// another run has nothing to do.
fn introduced(outputs: &str) -> String {
    let workspace = flake(outputs);
    let diff = workspace.fix_without_writing(&["--init", "gpu", "--diff"]);
    let dry = workspace.fix_without_writing(&["--init", "gpu", "--dry-run"]);
    let done = workspace.fix(&["--init", "gpu"]);
    let exit = |shown: &str| shown.lines().next().unwrap().to_owned();
    assert_eq!((exit(&diff), exit(&dry)), (exit(&done), exit(&done)));
    assert!(workspace.read("gpu/flake.nix").contains("cudaSupport = true;"));
    let left = shown(&mut workspace.command(&["check", "-q"]));
    assert!(!left.contains("inline-configuration"), "{left}");
    let again = workspace.fix_without_writing(&[]);
    assert!(again.contains("nothing to repair") || again.contains("nothing repaired"), "{again}");
    // The wrapper's text is for the tests of `init`.
    let wrapper = done.find("--- (no file)").unwrap();
    format!(
        "{}$ check -q\n{left}$ fix --init gpu\n{}",
        &done[..wrapper],
        workspace.fix_without_writing(&["--init", "gpu"])
    )
}

const SHELL: &str = "devShells.x86_64-linux.default = pkgs.mkShell {
      packages = [ another-dep.packages.x86_64-linux.default ];
    };";

#[test]
fn an_import_is_replaced() {
    assert_snapshot!(introduced(&format!(
        "{{ self, nixpkgs, another-dep }}:
  let
    system = \"x86_64-linux\";
    pkgs = import nixpkgs {{ inherit system; config.cudaSupport = true; }};
  in {{
    {SHELL}
  }}"
    )));
}

#[test]
fn what_has_overlays_is_told_and_left() {
    assert_snapshot!(introduced(&format!(
        "{{ self, nixpkgs, another-dep, ... }}@inputs:
  let
    pkgs = import nixpkgs {{
      system = \"x86_64-linux\";
      config = {{ cudaSupport = true; allowUnfree = true; }};
      overlays = [ (final: prev: {{ mine = prev.hello; }}) ];
    }};
  in {{
    {SHELL}
  }}"
    )));
}

#[test]
fn a_nixos_module_is_told_and_left() {
    assert_snapshot!(introduced(
        "{ self, nixpkgs, another-dep }: {
    nixosConfigurations.box = nixpkgs.lib.nixosSystem {
      system = \"x86_64-linux\";
      modules = [
        {
          nixpkgs.config.cudaSupport = true;
          environment.systemPackages = [ another-dep.packages.x86_64-linux.default ];
        }
      ];
    };
  }"
    ));
}

#[test]
fn outputs_that_take_all_inputs_as_one() {
    assert_snapshot!(introduced(
        "inputs:
  let
    pkgs = import inputs.nixpkgs { system = \"x86_64-linux\"; config.cudaSupport = true; };
  in {
    devShells.x86_64-linux.default = pkgs.mkShell {
      packages = [ inputs.another-dep.packages.x86_64-linux.default ];
    };
  }"
    ));
}

fn simple() -> Workspace {
    flake(&format!(
        "{{ self, nixpkgs, another-dep }}: let
    pkgs = import nixpkgs {{ system = \"x86_64-linux\"; config.cudaSupport = true; }};
  in {{
    {SHELL}
  }}"
    ))
}

#[test]
fn a_wrapper_that_can_be_imported() {
    let workspace = simple();
    let done = workspace.fix(&["--init", "nix/gpu", "--importable"]);
    assert!(done.starts_with("exit 0\n"), "{done}");
    assert!(workspace.read("nix/gpu/flake.nix").contains("__toString"));
    assert!(workspace.read("flake.nix").contains("\"path:./nix/gpu\""));
}

#[test]
fn the_whole_wrapper_is_in_the_diff() {
    let workspace = simple();
    let diff = workspace.fix_without_writing(&["--init", "gpu", "--diff"]);
    workspace.fix(&["--init", "gpu"]);
    for line in workspace.read("gpu/flake.nix").lines() {
        assert!(diff.contains(&format!("\n+{line}\n")), "{line}");
    }
}

#[test]
fn folders_that_cannot_be_used() {
    let mut told = String::new();
    for dir in ["..", "../gpu", "/tmp/gpu", ".", "", "there"] {
        let workspace = simple();
        workspace.write("there/flake.nix", "{ outputs = _: { }; }\n");
        told +=
            &format!("$ fix --init '{dir}'\n{}", workspace.fix_without_writing(&["--init", dir]));
    }
    // A folder with other things in it will do.
    let workspace = simple();
    workspace.write("there/default.nix", "{ }\n");
    let done = workspace.fix(&["--init", "there"]);
    assert!(done.starts_with("exit 0\n"), "{done}");
    assert_snapshot!(told);
}

#[test]
fn an_input_of_that_name() {
    let workspace = simple();
    assert_snapshot!(workspace.fix_without_writing(&["--init", "nix/another-dep"]));
}

#[test]
fn what_no_wrapper_can_be_made_of() {
    let mut told = String::new();
    for case in [
        "inline-configuration/two-instances",
        "inline-configuration/overlays-only",
        "inline-configuration/permission-only",
        "inline-configuration/nixos-option-mk-if",
        "inline-configuration/no-dependencies",
        "inline-configuration/root-is-the-wrapper",
        "seed/a-follows-plain",
    ] {
        let workspace = Workspace::of(case);
        told += &format!("== {case}\n{}", workspace.fix_without_writing(&["--init", "gpu"]));
    }
    assert_snapshot!(told);
}

#[test]
fn a_generated_flake_is_not_edited() {
    let workspace = simple();
    let text = workspace.read("flake.nix");
    workspace.write("flake.nix", format!("# @generated\n{text}"));
    assert_snapshot!(workspace.fix_without_writing(&["--init", "gpu"]));
}

#[test]
fn folders_are_meant_from_the_flake_on() {
    let outer = Workspace::new();
    let inner = simple();
    for file in ["flake.nix", "flake.lock"] {
        outer.write(&format!("a b/{file}"), inner.read(file));
    }
    std::fs::create_dir(outer.path().join(".git")).unwrap();
    let output = outer.command(&["fix", "a b", "--init", "./nix/gpu/", "-q"]).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "");
    assert_snapshot!(String::from_utf8(output.stderr).unwrap());
    assert!(outer.read("a b/nix/gpu/flake.nix").contains("cudaSupport = true;"));
    assert!(outer.read("a b/flake.nix").contains("\"path:./nix/gpu\""));
}

/// Every fixture whose settings are found: its wrapper is held, followed, and enough; or it is said
/// what is in the way, and nothing is written.
#[test]
fn every_inline_configuration_is_moved_or_told() {
    let (mut told, mut moved) = (String::new(), 0);
    for case in crate::fixtures::cases() {
        let text = std::fs::read_to_string(case.join("findings.txt")).unwrap_or_default();
        if !text.lines().any(|line| line.split(' ').nth(1) == Some("inline-configuration")) {
            continue;
        }
        let workspace = Workspace::of(&case);
        let before = workspace.files();
        let output = workspace.command(&["fix", "--init", "nixpkgs-own"]).output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        let name = crate::fixtures::name(&case);
        if workspace.files() == before {
            assert!(!errors.is_empty(), "{name}");
            told += &format!("{name}: not moved\n    {errors}");
            continue;
        }
        moved += 1;
        let left = shown(&mut workspace.command(&["check", "-q"]));
        assert!(!left.contains("[inline-configuration]"), "{name}: {left}");
        assert!(!left.contains("[unconfigured-nixpkgs]"), "{name}: {left}");
        assert!(!left.contains("[stale-lock]"), "{name}: {left}");
        assert!(!left.contains("warning: "), "{name}: {left}");
        workspace.fix_without_writing(&[]);
        let places =
            errors.lines().filter(|line| line.contains("configures") || line.contains("not taken"));
        let places: String = places.map(|line| format!("    {line}\n")).collect();
        told += &format!("{name}: moved\n{places}");
    }
    assert!(moved > 10, "only {moved} moved");
    assert_snapshot!(told);
}
