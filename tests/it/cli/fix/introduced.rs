//! `fix --init`: a wrapper for a flake's inline settings.

mod settings;
mod versions;

use insta::assert_snapshot;

use crate::cli::shown;
use crate::support::workspace::Workspace;

/// A flake with these outputs, on nixpkgs and a dependency that follows it.
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

/// What `fix --init` does for these outputs. Also checks that afterwards nothing is reported, and
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
    // The wrapper's text is covered by the tests of `init`.
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
fn a_wrapper_can_be_imported_unless_it_is_to_be_bare() {
    for (arguments, is_importable) in
        [(&[][..], true), (&["--importable"], true), (&["--bare"], false)]
    {
        let workspace = simple();
        let done = workspace.fix(&[&["--init", "nix/gpu"], arguments].concat());
        assert!(done.starts_with("exit 0\n"), "{done}");
        assert_eq!(workspace.read("nix/gpu/flake.nix").contains("__toString"), is_importable);
        assert!(workspace.read("flake.nix").contains("\"path:./nix/gpu\""));
    }
}

/// Other repairs are no reason for a wrapper.
#[test]
fn nobody_would_follow() {
    let workspace = flake(
        "{ self, nixpkgs, another-dep }:
  let pkgs = import nixpkgs { system = \"x86_64-linux\"; config.cudaSupport = true; };
  in { devShells.x86_64-linux.default = pkgs.mkShell { packages = [ pkgs.hello ]; }; }",
    );
    workspace.replace(
        "flake.nix",
        "  outputs =",
        "  inputs.another-dep.inputs.no-such-input.follows = \"nixpkgs\";\n\n  outputs =",
    );
    let told = workspace.fix_without_writing(&["--init", "gpu"]);
    assert!(told.contains("unused-override"), "{told}");
    let (_, reason) = told.split_once("--- stderr\n").unwrap();
    assert_snapshot!(reason);
}

/// A flake whose two dependencies are folders of it, with these outputs.
fn with_folders(one: &str, outputs: &str) -> Workspace {
    let workspace = flake(outputs);
    workspace.replace("flake.nix", "github:acme/another-dep", "path:./another-dep");
    workspace.write(
        "another-dep/flake.nix",
        format!(
            "{{
  inputs.nixpkgs.url = \"github:NixOS/nixpkgs/nixos-24.11\";
  outputs = {{ self, nixpkgs }}: {one};
}}
"
        ),
    );
    let lock = workspace.read("flake.lock");
    let mut lock: serde_json::Value = serde_json::from_str(&lock).unwrap();
    let node = &mut lock["nodes"]["another-dep"];
    node["locked"] = serde_json::json!({ "path": "./another-dep", "type": "path" });
    node["original"] = node["locked"].clone();
    node["parent"] = serde_json::json!([]);
    workspace.write("flake.lock", serde_json::to_string_pretty(&lock).unwrap() + "\n");
    workspace
}

/// No wrapper has the files of nixpkgs; only `import` is supported.
#[test]
fn a_dependency_that_takes_files_of_nixpkgs_is_not_served() {
    let outputs = format!(
        "{{ self, nixpkgs, another-dep }}: let
    pkgs = import nixpkgs {{ system = \"x86_64-linux\"; config.cudaSupport = true; }};
  in {{
    {SHELL}
  }}"
    );
    let package = |text: &str| {
        format!(
            "{{ packages.x86_64-linux.default = let pkgs = import nixpkgs {{ system = \"x86_64-linux\"; }};\n\
             in pkgs.writeText \"x\" \"${{pkgs.python3Packages.torch}} ${{{text}}}\"; }}"
        )
    };
    let mut told = String::new();
    for files in ["nixpkgs.outPath", "\"${nixpkgs}/nixos\"", "nixpkgs.sourceInfo.outPath"] {
        let workspace = with_folders(&package(files), &outputs);
        told += &format!("== {files}\n{}", workspace.fix_without_writing(&["--init", "gpu", "-q"]));
    }
    let workspace = with_folders(&package("\"x\""), &outputs);
    let bare = workspace.fix_without_writing(&["--init", "gpu", "--bare", "-q"]);
    let done = workspace.fix(&["--init", "gpu", "-q"]);
    assert!(done.starts_with("exit 0\n"), "{done}");
    assert_snapshot!(format!("{told}== bare\n{bare}"));
}

/// Modules alone cause no finding, so their flake does not get the wrapper either.
#[test]
fn who_is_not_named_is_left_alone() {
    let workspace = Workspace::of("inline-configuration/which-slots");
    let named = with_report(&workspace);
    let done = workspace.fix(&["--init", "gpu"]);
    assert!(done.starts_with("exit 0\n"), "{done}");
    let lock: serde_json::Value = serde_json::from_str(&workspace.read("flake.lock")).unwrap();
    let root = &lock["nodes"]["root"]["inputs"];
    for (name, node) in root.as_object().unwrap() {
        let Some(node) = node.as_str().filter(|node| *node != "gpu") else { continue };
        let follows = lock["nodes"][node]["inputs"]["nixpkgs"] == serde_json::json!(["gpu"]);
        let is_named = named.iter().any(|path| path == &format!("{name}/nixpkgs"));
        assert_eq!(follows, is_named, "{name}: {named:?}");
    }
}

/// The inputs that `inline-configuration` names.
fn with_report(workspace: &Workspace) -> Vec<String> {
    let output = workspace.command(&["check", "--format", "json"]).output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = report["reports"][0]["findings"].as_array().unwrap();
    let inline = findings.iter().filter(|finding| finding["rule"] == "inline-configuration");
    let affects = inline.flat_map(|finding| finding["affects"].as_array().unwrap().clone());
    let joined = |path: serde_json::Value| {
        let names: Vec<_> = path.as_array().unwrap().iter().filter_map(|n| n.as_str()).collect();
        names.join("/")
    };
    let named: Vec<_> = affects.map(joined).collect();
    assert!(!named.is_empty());
    named
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
    // A folder with other files in it is accepted.
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
    let told = |workspace: &Workspace| {
        let output = workspace.command(&["check"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(told(&workspace).contains("`flake-audit fix --init nixpkgs-gpu`"));
    workspace.write("flake.nix", format!("# @generated\n{text}"));
    assert_snapshot!(workspace.fix_without_writing(&["--init", "gpu"]));
    // Nor does anything say that it could be.
    let told = told(&workspace);
    assert!(!told.contains("fix --init"), "{told}");
    assert!(told.contains("`flake-audit init nixpkgs-gpu --from-inline`"), "{told}");
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

/// For every fixture with inline settings: the wrapper is held, followed, and sufficient; or the
/// reason why not is given, and nothing is written.
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
        assert!(!left.contains("error[unconfigured-nixpkgs]"), "{name}: {left}");
        assert!(!left.contains("[stale-lock]"), "{name}: {left}");
        assert!(!left.contains("warning: "), "{name}: {left}");
        // A warning may remain for an input that was not named, because what is taken there has
        // nothing to do with it.
        match left.matches("[unconfigured-nixpkgs]").count() {
            0 => {
                workspace.fix_without_writing(&[]);
            }
            count => assert_eq!(left.matches("which is taken for its").count(), count, "{left}"),
        }
        let places =
            errors.lines().filter(|line| line.contains("configures") || line.contains("not taken"));
        let places: String = places.map(|line| format!("    {line}\n")).collect();
        told += &format!("{name}: moved\n{places}");
    }
    assert!(moved > 10, "only {moved} moved");
    assert_snapshot!(told);
}
