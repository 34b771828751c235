//! Reading sources, as seen by users.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use serde_json::Value;

use super::{flake_audit, over_fixtures, shown};

fn with_store(command: &str, case: &str) -> String {
    let store = format!("{case}/store");
    over_fixtures(&[command, case, "--store", &store])
}

#[test]
fn findings_by_source() {
    for case in [
        "import-bypass/dep-imports-its-configured-slot",
        "import-bypass/home-manager-without-global-pkgs",
        "inline-configuration/dependency-has-more",
        "inline-configuration/merged-optional-attrs",
        "inline-configuration/nixos-option",
        "inline-configuration/override-of-what-is-taken",
        "inline-configuration/overlay-offered",
        "inline-configuration/overlay-offered-to-an-import",
        "inline-configuration/overlay-of-a-known-flake",
        "inline-configuration/overlay-of-one-of-several",
        "inline-configuration/seen-to-build",
        "inline-configuration/several-dependencies",
        "inline-configuration/two-instances",
        "root-unconfigured/root-uses-legacy-packages-beside-wrapper",
        "root-unconfigured/without-its-cards",
        "source/candidate",
        "source/fix-is-safe",
        "source/fix-would-break-lib",
        "source/wrapper-by-source",
        "unconfigured-nixpkgs/dependency-with-other-settings",
        "unconfigured-nixpkgs/keeps-a-binary-cache",
        "wrapper-incomplete/dep-uses-lib-not-exported",
    ] {
        let name = format!("source-{}", case.replace('/', "-"));
        assert_snapshot!(name, with_store("check", case));
    }
}

#[test]
fn why_and_graph_tell_what_is_taken_and_used() {
    let case = "inline-configuration/seen-to-build";
    let (lock, store) = (format!("{case}/flake.lock"), format!("{case}/store"));
    let why = |input| over_fixtures(&["why", input, "--lock", &lock, "--store", &store]);
    assert_snapshot!("why-by-source", why("nixpkgs") + &why("solver") + &why("solver/nixpkgs"));
    let graph = over_fixtures(&["graph", case, "--store", &store, "--format", "json"]);
    let json = graph.split_once("--- stdout\n").unwrap().1;
    let json: Value = serde_json::from_str(json).unwrap();
    let edges = json["edges"].as_array().unwrap().iter();
    let told: Vec<_> = edges.map(|edge| (&edge["input"], &edge["taken"], &edge["uses"])).collect();
    let told: Vec<_> = told.iter().map(|(i, t, u)| format!("{i} {t} {u}")).collect();
    assert_eq!(
        told,
        [
            r#""nixpkgs" ["packages"] ["import"]"#,
            r#""solver" ["packages"] null"#,
            r#""nixpkgs" null ["legacyPackages"]"#,
        ]
    );
    let dot = over_fixtures(&["graph", case, "--store", &store]);
    for said in ["this flake sets cudaSupport", "takes packages", "used as legacyPackages"] {
        assert!(dot.contains(said), "{dot}");
    }
}

#[test]
fn json_has_settings_and_places() {
    let case = "inline-configuration/seen-to-build";
    let store = format!("{case}/store");
    let run = |more: &[&str]| -> Value {
        let arguments = [&["check", "--format", "ndjson", case, "--store", &store], more].concat();
        let shown = over_fixtures(&arguments);
        serde_json::from_str(shown.split_once("--- stdout\n").unwrap().1).unwrap()
    };
    let report = run(&[]);
    assert_eq!(report["sources"], serde_json::json!({"read": 1, "total": 1}));
    let made = &report["instances"][1];
    assert_eq!(made["made_by"], "import");
    assert_eq!(made["made_at"]["line"], 16);
    assert_eq!(made["settings"]["config"], serde_json::json!({"cudaSupport": true}));
    assert_eq!(report["findings"][0]["location"]["file"], format!("{case}/flake.nix"));
    // If no rule needs sources, none is read.
    let quiet: Vec<_> = flake_audit::rules::RULES
        .iter()
        .filter(|rule| rule.judges.reads_source())
        .flat_map(|rule| ["--allow", rule.id])
        .collect();
    assert_eq!(run(&quiet)["sources"], serde_json::json!({"read": 0, "total": 1}));
}

#[test]
fn a_lock_alone_is_read_alone() {
    let case = "inline-configuration/import-literal";
    assert!(over_fixtures(&["check", case]).contains("inline-configuration"));
    assert!(over_fixtures(&["check", case, "--no-source"]).ends_with("1 lock: nothing found\n"));
}

/// The same problem of many inputs is one finding, of readable length.
#[test]
fn many_dependencies_without_the_settings_are_told_as_one() {
    const MANY: usize = 34;
    let case = super::fixtures().join("inline-configuration/seen-to-build");
    let text = |file: &str| fs::read_to_string(case.join(file)).unwrap();
    let mut lock: Value = serde_json::from_str(&text("flake.lock")).unwrap();
    let mut flake =
        text("flake.nix").replace("{ self, nixpkgs, solver }", "{ solver, ... }@inputs");
    flake = flake.replace("import nixpkgs", "import inputs.nixpkgs");
    let nodes = lock["nodes"].as_object_mut().unwrap();
    for number in 1..MANY {
        let name = format!("solver-{number}");
        nodes.insert(name.clone(), nodes["solver"].clone());
        nodes["root"]["inputs"][&name] = name.clone().into();
        let inputs = format!(
            "{name}.url = \"github:acme/solver\";\n{name}.inputs.nixpkgs.follows = \"nixpkgs\";\n"
        );
        flake = flake.replacen("    solver.url", &format!("{inputs}    solver.url"), 1);
        let package = "          solver.packages.x86_64-linux.default";
        flake = flake.replacen(
            package,
            &format!("inputs.{name}.packages.x86_64-linux.default\n{package}"),
            1,
        );
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("flake.nix"), flake).unwrap();
    fs::write(folder.path().join("flake.lock"), lock.to_string()).unwrap();
    let store = case.join("store");
    let told = shown(flake_audit(folder.path()).arg("check").arg("--store").arg(store));
    assert!(told.contains(&format!("1 lock: {MANY} errors")), "{told}");
    assert_eq!(told.matches("error[").count(), 1, "{told}");
    assert!(told.lines().count() <= 24, "{told}");
}

/// A flake on disk: the files of a fixture, and more.
fn flake(folder: &Path, fixture: &str, more: &[(&str, &str)]) {
    let from = super::fixtures().join(fixture);
    for file in ["flake.nix", "flake.lock"] {
        let to = folder.join(file);
        fs::create_dir_all(folder).unwrap();
        fs::copy(from.join(file), to).unwrap();
    }
    for (file, text) in more {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

#[test]
fn comments_accept_findings_and_say_so_where_they_match_nothing() {
    let folder = tempfile::tempdir().unwrap();
    flake(folder.path(), "seed/a-follows-plain", &[]);
    let file = folder.path().join("flake.nix");
    let text = fs::read_to_string(&file).unwrap();
    let line = "    another-dep.inputs.nixpkgs.follows";
    let accept = |comment: &str| {
        let with = text.replace(line, &format!("    # flake-audit: {comment}\n{line}"));
        fs::write(&file, with).unwrap();
        shown(flake_audit(folder.path()).args(["check", "-v"]))
    };
    assert_snapshot!("comment-accepts", accept("allow(unconfigured-nixpkgs) enters no closure"));
    for (name, comment) in [
        ("no-reason", "allow(unconfigured-nixpkgs)"),
        ("unknown-rule", "allow(unconfigured-nixpkg) enters no closure"),
        ("matches-nothing", "allow(wrapper-skew) pinned"),
        ("not-understood", "ignore everything"),
    ] {
        let shown = accept(comment);
        let warning = shown.lines().find(|line| line.starts_with("warning: "));
        assert_snapshot!(format!("comment-{name}"), warning.unwrap_or(&shown));
    }
}

#[test]
fn a_file_that_is_no_nix_is_told_once_and_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let broken = "{ pkgs, ... }:\n{\n  environment.systemPackages = [ pkgs.hello ;\n}\n";
    flake(folder.path(), "seed/c-clean", &[("broken.nix", broken), ("other.nix", "{ }")]);
    let file = folder.path().join("flake.nix");
    let text = fs::read_to_string(&file).unwrap();
    let at = text.rfind("devShells").unwrap();
    let with = format!(
        "{}nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ modules = [ ./broken.nix ./other.nix ]; }};\n      \
         nixosConfigurations.b = nixpkgs.lib.nixosSystem {{ modules = [ ./broken.nix ]; }};\n      {}",
        &text[..at],
        &text[at..]
    );
    fs::write(&file, with).unwrap();
    assert_snapshot!("broken-file", shown(flake_audit(folder.path()).args(["check", "-q"])));
    fs::write(&file, "{ outputs = _: { }; inputs = ").unwrap();
    assert_snapshot!("broken-flake", shown(flake_audit(folder.path()).args(["check", "-q"])));
    // The contents of the lock can still be shown.
    for command in [&["why", "nixpkgs"][..], &["graph", "--format", "tree"]] {
        let told = shown(flake_audit(folder.path()).args(command));
        assert!(told.starts_with("exit 0\n--- stdout\n"), "{told}");
        let warning = "warning: flake.nix:1:30: Nix refuses this flake.nix: unexpected end of file; \
                       this is from flake.lock alone\n";
        assert!(told.ends_with(&format!("--- stderr\n{warning}")), "{told}");
    }
    let fixed = shown(flake_audit(folder.path()).args(["fix"]));
    assert!(fixed.starts_with("exit 2\n") && fixed.contains(" --> flake.nix:1:30\n"), "{fixed}");
    let unread = shown(flake_audit(folder.path()).args(["check", "-q", "--no-source"]));
    assert_eq!(unread, "exit 0\n");
}

#[cfg(unix)]
#[test]
fn the_flake_is_found_in_work_trees_below_them_and_behind_a_link() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let fixture = "inline-configuration/import-literal";
    let finds = |folder: &Path| {
        let shown = shown(flake_audit(folder).args(["check", "-q"]));
        assert!(shown.contains("inline-configuration"), "{shown}");
    };
    // A work tree of `git worktree` has a file called .git.
    flake(&root.join("worktree"), fixture, &[(".git", "gitdir: elsewhere\n")]);
    finds(&root.join("worktree"));
    // In a subfolder of a work tree, files above the flake can be imported.
    let settings = [("../settings.nix", "{ cudaSupport = true; }"), ("../.git/HEAD", "")];
    flake(&root.join("repository/sub"), fixture, &settings);
    let file = root.join("repository/sub/flake.nix");
    let text = fs::read_to_string(&file).unwrap();
    let text = text.replace("config.cudaSupport = true;", "config = import ../settings.nix;");
    assert!(text.contains("../settings.nix"));
    fs::write(&file, text).unwrap();
    finds(&root.join("repository/sub"));
    let shown = shown(flake_audit(&root.join("repository/sub")).args(["check", "-q"]));
    assert!(shown.contains("--> ../settings.nix:1:3"), "{shown}");
    // A linked flake.nix, as dotfiles managers make them.
    flake(&root.join("linked"), fixture, &[]);
    fs::rename(root.join("linked/flake.nix"), root.join("real.nix")).unwrap();
    symlink(root.join("real.nix"), root.join("linked/flake.nix")).unwrap();
    finds(&root.join("linked"));
}

#[test]
fn relative_path_inputs_are_read_inside_the_root_only() {
    let folder = tempfile::tempdir().unwrap();
    let wrapper = "{ inputs.nixpkgs.url = \"nixpkgs\"; outputs = { nixpkgs, ... }: {\n\
                   legacyPackages.x86_64-linux = import nixpkgs { system = \"x86_64-linux\"; \
                   config.cudaSupport = true; }; }; }";
    let lock = |path: &str| {
        format!(
            r#"{{ "nodes": {{
              "dep": {{ "inputs": {{ "nixpkgs": ["nixpkgs"] }},
                "locked": {{ "type": "github", "owner": "acme", "repo": "dep", "rev": "ed604690837a9bdd783c2e9ec682b8f6b00e9187", "narHash": "sha256-RMGkLYkUDw+b0xcp4h9ZoHr0X6mVnTtvCgoDgzmb2rU=" }},
                "original": {{ "type": "github", "owner": "acme", "repo": "dep" }} }},
              "gpu": {{ "inputs": {{ "nixpkgs": ["nixpkgs"] }}, "locked": {{ "type": "path", "path": "{path}" }},
                "original": {{ "type": "path", "path": "{path}" }}, "parent": [] }},
              "nixpkgs": {{
                "locked": {{ "type": "github", "owner": "NixOS", "repo": "nixpkgs", "rev": "18b20080c026fc68c1ab951e21f9d8e0033b179c", "narHash": "sha256-KeQdkpKZrKXSkM2d55Bjv1WRL7XX9DwOnjeEg+rH5zc=" }},
                "original": {{ "type": "github", "owner": "NixOS", "repo": "nixpkgs" }} }},
              "root": {{ "inputs": {{ "dep": "dep", "gpu": "gpu", "nixpkgs": "nixpkgs" }} }} }},
            "root": "root", "version": 7 }}"#
        )
    };
    let flake_nix = |path: &str| {
        format!(
            "{{ inputs = {{ nixpkgs.url = \"github:NixOS/nixpkgs\"; gpu.url = \"path:{path}\"; \
             gpu.inputs.nixpkgs.follows = \"nixpkgs\"; dep.url = \"github:acme/dep\"; \
             dep.inputs.nixpkgs.follows = \"nixpkgs\"; }};\n\
             outputs = inputs: {{ devShells.x86_64-linux.default =\n\
             inputs.gpu.legacyPackages.x86_64-linux.mkShell {{ packages = [\n\
             inputs.dep.packages.x86_64-linux.default ]; }}; }}; }}"
        )
    };
    let root = folder.path().join("flake");
    fs::create_dir_all(root.join("gpu")).unwrap();
    fs::create_dir_all(folder.path().join("outside")).unwrap();
    fs::write(root.join("gpu/flake.nix"), wrapper).unwrap();
    fs::write(folder.path().join("outside/flake.nix"), wrapper).unwrap();
    let run = |path: &str| {
        fs::write(root.join("flake.lock"), lock(path)).unwrap();
        fs::write(root.join("flake.nix"), flake_nix(path)).unwrap();
        shown(flake_audit(&root).args(["check", "-q"]))
    };
    let inside = run("./gpu");
    assert!(inside.contains("error[unconfigured-nixpkgs]: `dep/nixpkgs`"), "{inside}");
    // A name like `gpu` alone shows nothing, and files outside are not read.
    let outside = run("../outside");
    assert!(!outside.contains("unconfigured-nixpkgs"), "{outside}");
}
