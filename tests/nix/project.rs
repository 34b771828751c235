//! The project's own `flake.nix`, evaluated with the stub nixpkgs in place of the real one; and its
//! check in another flake, built.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::program::{self, Nix};
use crate::textbook;
use crate::world::{SYSTEM, World};

const SYSTEMS: [&str; 4] = ["aarch64-darwin", "aarch64-linux", "x86_64-darwin", "x86_64-linux"];

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        let entries = fs::read_dir(from).unwrap().map(Result::unwrap);
        for entry in entries.filter(|entry| entry.file_name() != "target") {
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}

/// The project as `flake-audit` of a world: everything in the repository.
fn project(world: &World<'_>) {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    fs::create_dir_all(world.at("flake-audit")).unwrap();
    for entry in fs::read_dir(checkout).unwrap().map(Result::unwrap) {
        let is_built = entry.path() == target || entry.file_name() == "target";
        if !is_built && entry.file_name() != ".git" {
            copy(&entry.path(), &world.at("flake-audit").join(entry.file_name()));
        }
    }
}

/// It was written by hand, with a nixpkgs that occurs in real locks.
#[test]
fn its_lock_is_what_nix_leaves() {
    for nix in &program::all() {
        let world = World::new(nix);
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR"));
        for file in ["flake.nix", "flake.lock"] {
            fs::create_dir_all(world.at("flake-audit")).unwrap();
            fs::copy(checkout.join(file), world.at("flake-audit").join(file)).unwrap();
        }
        nix.ask(&world.at("flake-audit"), &["flake", "lock", "."]);
        let lock = fs::read(world.at("flake-audit/flake.lock")).unwrap();
        assert_eq!(lock, fs::read(checkout.join("flake.lock")).unwrap(), "{}", nix.name);
    }
}

/// Runs Nix in the project, with the stub nixpkgs in place of its own.
fn run(world: &World<'_>, arguments: &[&str]) -> Output {
    let nixpkgs = world.referring("@nixpkgs@");
    let instead = ["--no-write-lock-file", "--override-input", "nixpkgs", &nixpkgs];
    world.nix.run(&world.at("flake-audit"), &[arguments, &instead].concat())
}

/// Applies a function to an output of the project; `@nixpkgs@` in it imports the stub.
fn evaluated(world: &World<'_>, attribute: &str, apply: &str) -> Value {
    let nixpkgs = format!("import {}/default.nix", world.at("nixpkgs").display());
    let with = apply.replace("@nixpkgs@", &nixpkgs);
    let output = format!(".#{attribute}");
    let mut eval = vec!["eval", "--json", &output, "--apply", &with];
    // Only paths in the store can be named without it.
    if with != apply {
        eval.push("--impure");
    }
    let output = run(world, &eval);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {attribute}: {complaints}", world.nix.name);
    serde_json::from_slice(&output.stdout).unwrap()
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

#[test]
fn outputs_are_there_for_every_system() {
    for nix in &program::all() {
        let world = World::new(nix);
        project(&world);
        let names = "builtins.mapAttrs (system: builtins.attrNames)";
        for (output, expected) in [
            ("packages", vec!["default", "flake-audit"]),
            ("apps", vec!["default", "flake-audit"]),
            ("devShells", vec!["default"]),
            ("checks", vec!["package", "tests"]),
        ] {
            let value = evaluated(&world, output, names);
            let value: BTreeMap<String, Vec<String>> = serde_json::from_value(value).unwrap();
            assert_eq!(value.keys().collect::<Vec<_>>(), SYSTEMS, "{}: {output}", nix.name);
            assert!(value.values().all(|names| *names == expected), "{}: {value:?}", nix.name);
        }
        let lib = evaluated(&world, "lib", "builtins.attrNames");
        assert_eq!(strings(&lib), ["check", "gitHooks"]);

        // Everything is a derivation for its own system.
        let all =
            "builtins.mapAttrs (system: all: map (one: one.system) (builtins.attrValues all))";
        for output in ["packages", "devShells", "checks"] {
            let value = evaluated(&world, output, all);
            for (system, systems) in value.as_object().unwrap() {
                assert!(strings(systems).iter().all(|one| one == system), "{}", nix.name);
            }
        }
        let overlaid = format!(
            "overlay: (@nixpkgs@ {{ system = \"{SYSTEM}\"; overlays = [ overlay ]; }}).flake-audit"
        );
        let overlaid = evaluated(&world, "overlays.default", &(overlaid + ".name"));
        let name = evaluated(&world, "packages", "all: all.x86_64-linux.default.name");
        assert_eq!(overlaid, name, "{}", nix.name);

        let checked = run(&world, &["flake", "check", "--no-build"]);
        let told = String::from_utf8_lossy(&checked.stderr);
        assert!(checked.status.success(), "{}: {told}", nix.name);
    }
}

#[test]
fn the_package_is_made_of_what_a_build_reads() {
    for nix in &program::all() {
        let world = World::new(nix);
        project(&world);
        let manifest: toml::Table =
            fs::read_to_string(world.at("flake-audit/Cargo.toml")).unwrap().parse().unwrap();
        let lock = fs::read_to_string(world.at("flake-audit/Cargo.lock")).unwrap();
        let lock: toml::Table = lock.parse().unwrap();
        let mut crates: Vec<String> = Vec::new();
        for package in lock["package"].as_array().unwrap() {
            if package.get("source").is_some() {
                let text = |name: &str| package[name].as_str().unwrap().to_owned();
                crates.push(format!("{}-{} {}", text("name"), text("version"), text("checksum")));
            }
        }
        assert!(crates.len() > 50);
        let files = "source: let below = folder: builtins.concatLists (builtins.attrValues \
            (builtins.mapAttrs (name: kind: let path = folder + \"/${name}\"; in \
            if kind == \"directory\" then below path else [ path ]) (builtins.readDir folder))); \
            in map (path: builtins.substring (builtins.stringLength source + 1) (-1) path) \
            (below source)";
        let told = format!(
            "package: {{ name = package.name; inherit (package) crates doCheck; \
             inherit (package.meta) homepage mainProgram; files = ({files}) package.src; \
             isLock = builtins.readFile package.lockFile == \
             builtins.readFile (package.src + \"/Cargo.lock\"); }}"
        );
        for (attribute, tests) in [("packages", false), ("checks", true)] {
            let name = if tests { "tests" } else { "default" };
            let told = evaluated(&world, &format!("{attribute}.{SYSTEM}.{name}"), &told);
            let version = manifest["package"]["version"].as_str().unwrap();
            assert_eq!(told["name"], format!("flake-audit-{version}"));
            assert_eq!(told["mainProgram"], "flake-audit");
            assert_eq!(
                told["homepage"],
                manifest["workspace"]["package"]["repository"].as_str().unwrap()
            );
            assert_eq!(told["doCheck"], tests);
            assert_eq!(told["isLock"], true);
            assert_eq!(strings(&told["crates"]), crates);
            let files = strings(&told["files"]);
            let has = |prefix: &str| files.iter().any(|file| file.starts_with(prefix));
            for needed in [
                "Cargo.toml",
                "Cargo.lock",
                "src/main.rs",
                "docs/rules/",
                "src/rules/",
                "crates/flake-reading/src/",
            ] {
                assert!(has(needed), "{}: {needed}", nix.name);
            }
            for other in
                ["fixtures/", "tests/", "benches/", "README.md", "docs/fix.md", "fuzz/seeds/"]
            {
                assert_eq!(has(other), tests, "{}: {other}", nix.name);
            }
            assert!(!has("flake.nix") && !has("nix/"), "a change of them would build it anew");
        }
    }
}

/// A root with a second torch and the audit as a check.
fn audited<'n>(nix: &'n Nix, arguments: &str) -> World<'n> {
    let checked = textbook::FOLLOWS_PLAIN
        .replace(
            "inputs.dep.url",
            "inputs.flake-audit.url = \"@flake-audit@\";\n  \
             inputs.flake-audit.inputs.nixpkgs.follows = \"nixpkgs\";\n  inputs.dep.url",
        )
        .replace("nixpkgs-gpu, dep }:", "nixpkgs-gpu, dep, flake-audit }@inputs:")
        .replace(
            "    checks.x86_64-linux.dep",
            &format!(
                "    checks.x86_64-linux.audit = flake-audit.lib.check {{\n      \
                 pkgs = nixpkgs-gpu.legacyPackages.x86_64-linux;\n      src = self;{arguments}\n    \
                 }};\n    checks.x86_64-linux.dep"
            ),
        );
    let world = World::new(nix);
    project(&world);
    fs::create_dir(world.at("program")).unwrap();
    fs::copy(env!("CARGO_BIN_EXE_flake-audit"), world.at("program/flake-audit")).unwrap();
    world.dependency("dep", r#"nixpkgs.url = "@nixpkgs@";"#, "nixpkgs", &[]);
    world.write("root/flake.nix", &checked);
    world.lock("root");
    world
}

/// Builds the root's check.
fn check(world: &World<'_>) -> Output {
    let build = ["build", "--no-link", "-L", "--option", "sandbox", "false"];
    let users = ["--option", "build-users-group", "", ".#checks.x86_64-linux.audit"];
    world.nix.run(&world.at("root"), &[&build[..], &users].concat())
}

#[test]
fn a_flake_checks_itself() {
    for nix in &program::all() {
        let world = audited(nix, "");
        let failed = check(&world);
        let told = String::from_utf8_lossy(&failed.stderr).into_owned();
        assert!(!failed.status.success(), "{}: {told}", nix.name);
        assert!(
            told.contains("error[unconfigured-nixpkgs]: ")
                && told.contains("let `dep/nixpkgs` follow `nixpkgs-gpu`:"),
            "{}: {told}",
            nix.name
        );
        assert!(told.contains("inputs.dep.inputs.nixpkgs.follows = \"nixpkgs-gpu\";"), "{told}");
        assert!(told.contains("--> flake.nix:"), "{told}");

        let fixed = world.flake_audit(&["fix", "root"]).output().unwrap();
        assert!(fixed.status.success(), "{fixed:?}");
        let passed = check(&world);
        assert!(passed.status.success(), "{}: {passed:?}", nix.name);
    }
}

#[test]
fn a_check_takes_arguments_and_sources() {
    for nix in &program::all() {
        let allowed =
            "\n      args = [ \"--allow\" \"unconfigured-nixpkgs\" ];\n      inherit inputs;";
        let world = audited(nix, allowed);
        let passed = check(&world);
        assert!(passed.status.success(), "{}: {passed:?}", nix.name);

        // The sources that it names are available when it is built, each once.
        let sources = ".#checks.x86_64-linux.audit.sources";
        let told = nix.ask(&world.at("root"), &["eval", "--json", sources]);
        let mut sources = strings(&serde_json::from_str(&told).unwrap());
        sources.sort_unstable();
        let all = sources.len();
        sources.dedup();
        assert_eq!((all, sources.len()), (4, 4), "nixpkgs, the wrapper, dep, flake-audit");
        assert!(sources.iter().all(|path| path.starts_with("/nix/store/")), "{sources:?}");
    }
}

#[test]
fn hooks_are_those_of_pre_commit() {
    let yaml = include_str!("../../.pre-commit-hooks.yaml");
    for nix in &program::all() {
        let world = World::new(nix);
        project(&world);
        let told = format!(
            "hooks: builtins.mapAttrs (name: hook: hook // {{ package = hook.package.name; \
             entry = builtins.replaceStrings [ (hook.package.outPath + \"/bin/\") ] [ \"\" ] \
             (builtins.unsafeDiscardStringContext hook.entry); }}) \
             (hooks {{ pkgs = @nixpkgs@ {{ system = \"{SYSTEM}\"; }}; }})"
        );
        let hooks = evaluated(&world, "lib.gitHooks", &told);
        assert_eq!(hooks.as_object().unwrap().len(), 2);
        for id in ["flake-audit", "flake-audit-fix"] {
            let from = yaml.split(&format!("- id: {id}\n")).nth(1).unwrap();
            let from = from.split("\n\n").next().unwrap();
            let line = |name: &str| {
                let line = from.lines().find_map(|line| line.strip_prefix(&format!("  {name}: ")));
                line.unwrap_or_default().to_owned()
            };
            let hook = &hooks[id];
            for name in ["name", "entry", "files"] {
                assert_eq!(hook[name], line(name), "{}: {id}", nix.name);
            }
            assert_eq!(hook["require_serial"].to_string(), line("require_serial"));
            let args = hook.get("args").map(|args| format!("[{}]", strings(args).join(", ")));
            assert_eq!(args.unwrap_or_default(), line("args"));
            assert_eq!((&hook["enable"], &hook["language"]), (&true.into(), &"system".into()));
        }
    }
}
