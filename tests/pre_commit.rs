//! The hooks in the real pre-commit: `cargo test --features pre-commit-tests --test pre_commit`.
//!
//! Not part of `cargo test`, because it needs pre-commit and Git, and builds the program with the
//! newest dependencies that its `Cargo.toml` allows, for which it needs the registry.
//! `FLAKE_AUDIT_PRE_COMMIT` names the pre-commit to run; the default is `pre-commit`.
//!
//! Every repository is made for its test. The hooks are those of the current checkout, committed or
//! not: a copy of its files is a repository, too.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

/// The follows that the fixture lacks, as it is shown and as it is written.
const REPAIR: &str = r#"another-dep.inputs.nixpkgs.follows = "nixpkgs-gpu";"#;

/// A program in a folder, without the user's settings.
fn command(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    let built = Path::new(env!("CARGO_BIN_EXE_flake-audit")).parent().unwrap();
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([built.to_path_buf()].into_iter().chain(env::split_paths(&path)));
    command.current_dir(folder).env("PATH", path.unwrap());
    // If a Git hook runs these tests, its repository is not the one that is meant.
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            command.env_remove(name);
        }
    }
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "A. Tester");
        command.env(format!("GIT_{role}_EMAIL"), "tester@example.org");
    }
    command.env("PRE_COMMIT_COLOR", "never").env_remove("CARGO_TARGET_DIR");
    command.env_remove("SKIP").env_remove("PRE_COMMIT_ALLOW_NO_CONFIG");
    command
}

/// Both streams of a run.
fn told(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

/// The output of a run that must succeed.
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| {
        panic!("{command:?} does not run ({error}); these tests need pre-commit and Git")
    });
    assert!(output.status.success(), "{command:?}: {}", told(&output));
    told(&output)
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    run(command("git", folder).args(arguments))
}

/// This checkout as a repository of one commit, made once for all tests: its place, and the commit.
fn hooks() -> &'static (PathBuf, String) {
    static HOOKS: OnceLock<(PathBuf, String)> = OnceLock::new();
    HOOKS.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pre-commit-hooks");
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR"));
        let files = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        for name in git(checkout, &files).split('\0').filter(|name| !name.is_empty()) {
            let (from, to) = (checkout.join(name), folder.join(name));
            // Deleted files that are not staged are still listed.
            if fs::symlink_metadata(&from).is_ok_and(|data| data.is_file()) {
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::copy(from, to).unwrap();
            }
        }
        git(&folder, &["init", "--quiet"]);
        git(&folder, &["add", "--all", "--force"]);
        git(&folder, &["commit", "--quiet", "--message", "The hooks"]);
        let commit = git(&folder, &["rev-parse", "HEAD"]).trim().to_owned();
        (folder, commit)
    })
}

/// A repository that uses hooks of this checkout.
struct Repository {
    folder: TempDir,
}

impl Repository {
    /// With the hooks that these lines of its configuration choose.
    fn new(chosen: &str) -> Self {
        let (source, commit) = hooks();
        Self::of(source, commit, chosen)
    }

    /// The same, for another checkout.
    fn of(source: &Path, commit: &str, chosen: &str) -> Self {
        let repository = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir_all(repository.at("work")).unwrap();
        repository.git(&["init", "--quiet"]);
        let source = source.display();
        repository.write(
            ".pre-commit-config.yaml",
            &format!("repos:\n- repo: {source}\n  rev: {commit}\n  hooks:\n{chosen}"),
        );
        run(repository.command(&pre_commit()).arg("install"));
        repository
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A program in the work tree, with caches of this repository's own.
    fn command(&self, program: &str) -> Command {
        let mut command = command(program, &self.at("work"));
        command.env("PRE_COMMIT_HOME", self.at("cache"));
        command
    }

    fn git(&self, arguments: &[&str]) -> String {
        run(self.command("git").args(arguments))
    }

    fn write(&self, file: &str, text: &str) {
        let file = self.at("work").join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.at("work").join(file)).unwrap()
    }

    /// A copy of a fixture's flake; the root's folder is "".
    fn flake(&self, folder: &str, case: &str) {
        let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/seed").join(case);
        for file in ["flake.nix", "flake.lock"] {
            let text = fs::read_to_string(case.join(file)).unwrap();
            self.write(&format!("{folder}{file}"), &text);
        }
    }

    /// Stages and commits everything; returns the output, as an error if the commit is refused.
    fn commit(&self) -> Result<String, String> {
        self.git(&["add", "--all"]);
        let output = self.command("git").args(["commit", "--message", "A change"]).output();
        let output = output.unwrap();
        if output.status.success() { Ok(told(&output)) } else { Err(told(&output)) }
    }

    /// How many commits there are.
    fn commits(&self) -> usize {
        self.git(&["rev-list", "--all"]).lines().count()
    }
}

fn pre_commit() -> String {
    env::var("FLAKE_AUDIT_PRE_COMMIT").unwrap_or_else(|_| "pre-commit".into())
}

#[test]
fn a_commit_with_the_second_torch_is_refused() {
    let repository = Repository::new("  - id: flake-audit-system\n");
    repository.write("README", "No flake yet.\n");
    let passed = repository.commit().unwrap();
    assert!(passed.contains("(no files to check)Skipped"), "{passed}");

    repository.flake("", "a-follows-plain");
    let refused = repository.commit().unwrap_err();
    assert_eq!(repository.commits(), 1, "{refused}");
    assert!(refused.contains("exit code: 1"), "{refused}");
    assert!(refused.contains("error[unconfigured-nixpkgs]: `another-dep/nixpkgs`"), "{refused}");
    assert!(refused.contains(&format!("+     {REPAIR}")), "{refused}");
    assert_eq!(refused.matches("error[").count(), 1, "named twice, audited once: {refused}");

    run(repository.command("flake-audit").arg("fix"));
    assert!(repository.read("flake.nix").contains(REPAIR));
    let passed = repository.commit().unwrap();
    assert!(passed.contains("Passed"), "{passed}");
    assert_eq!(repository.commits(), 2);

    // Its flake.nix alone identifies the flake, too.
    let broken = repository.read("flake.nix").replace(REPAIR, "");
    repository.write("flake.nix", &broken);
    let refused = repository.commit().unwrap_err();
    assert!(refused.contains("[stale-lock]"), "{refused}");
}

/// The locks of the JSON report in an output, with the status of each.
fn locks(told: &str) -> Vec<String> {
    let json = &told[told.find('{').unwrap()..=told.rfind('}').unwrap()];
    let json: Value = serde_json::from_str(json).unwrap_or_else(|_| panic!("{told}"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let reports = json["reports"].as_array().unwrap();
    let told = |report: &Value| text(&report["lock_file"]) + " " + &text(&report["status"]);
    let mut locks: Vec<_> = reports.iter().map(told).collect();
    locks.sort_unstable();
    locks
}

#[test]
fn each_of_three_flakes_is_audited_once() {
    let repository = Repository::new("  - id: flake-audit-system\n    args: [--format, json]\n");
    repository.flake("", "c-clean");
    repository.flake("a b/", "a-follows-plain");
    repository.flake("dev/deep/", "c-clean");
    // A template has no lock, and other files do not concern this hook.
    repository.write("template/flake.nix", "{ outputs = _: { }; }\n");
    repository.write("dev/not-flake.lock", "{\n");
    repository.write("dev/flake.lock.orig", "{\n");
    let refused = repository.commit().unwrap_err();
    assert_eq!(
        locks(&refused),
        ["a b/flake.lock findings", "dev/deep/flake.lock clean", "flake.lock clean"]
    );

    repository.flake("a b/", "c-clean");
    repository.commit().unwrap();
    // A commit only concerns what it changes: one flake of three.
    repository.flake("dev/deep/", "a-follows-plain");
    let refused = repository.commit().unwrap_err();
    assert_eq!(locks(&refused), ["dev/deep/flake.lock findings"]);
}

#[test]
fn a_template_alone_passes() {
    let chosen = "  - id: flake-audit-system\n  - id: flake-audit-fix\n    language: system\n";
    let repository = Repository::new(chosen);
    repository.write("template/flake.nix", "{ outputs = _: { }; }\n");
    let passed = repository.commit().unwrap();
    assert_eq!(passed.matches("Passed").count(), 2, "{passed}");
}

/// The repair as a hook: refuses the commit if it changed files, and leaves the changes for review
/// and staging.
fn repairs(repository: &Repository, flakes: &[&str]) {
    for folder in flakes {
        repository.flake(folder, "a-follows-plain");
    }
    let refused = repository.commit().unwrap_err();
    assert_eq!(repository.commits(), 0, "{refused}");
    assert!(refused.contains("files were modified by this hook"), "{refused}");
    let changed = repository.git(&["diff", "--name-only"]);
    let mut expected: Vec<_> = flakes
        .iter()
        .flat_map(|folder| ["flake.lock", "flake.nix"].map(|file| format!("{folder}{file}")))
        .collect();
    expected.sort_unstable();
    assert_eq!(changed.lines().collect::<Vec<_>>(), expected);
    for folder in flakes {
        assert!(repository.read(&format!("{folder}flake.nix")).contains(REPAIR));
        assert!(refused.contains(&format!("wrote {folder}flake.nix, {folder}flake.lock")));
    }
    let passed = repository.commit().unwrap();
    assert!(passed.contains("Passed") && !passed.contains("Failed"), "{passed}");
    assert_eq!(repository.commits(), 1);
    run(repository.command("flake-audit").arg("check"));
}

#[test]
fn the_repair_is_a_hook() {
    let chosen = "  - id: flake-audit-fix\n    language: system\n";
    repairs(&Repository::new(chosen), &["", "a/", "b/c/"]);
}

#[test]
fn what_cannot_be_repaired_is_refused_by_its_hook() {
    let repository = Repository::new("  - id: flake-audit-fix\n    language: system\n");
    repository.flake("", "a-follows-plain");
    let generated = format!("# @generated\n{}", repository.read("flake.nix"));
    repository.write("flake.nix", &generated);
    let refused = repository.commit().unwrap_err();
    assert!(refused.contains("exit code: 1") && refused.contains("to be done by hand"));
    assert!(!refused.contains("files were modified"), "{refused}");
}

#[test]
fn cargo_builds_what_the_hooks_run() {
    let repository = Repository::new("  - id: flake-audit\n  - id: flake-audit-fix\n");
    let mut install = repository.command(&pre_commit());
    install.arg("install-hooks");
    // The program's speed does not matter here, but its build time does.
    for (name, value) in [("LTO", "off"), ("CODEGEN_UNITS", "16"), ("OPT_LEVEL", "0")] {
        install.env(format!("CARGO_PROFILE_RELEASE_{name}"), value);
    }
    run(&mut install);
    // Both hooks share one build, and run that: not the program on PATH.
    let built: Vec<_> = fs::read_dir(repository.at("cache"))
        .unwrap()
        .map(|entry| entry.unwrap().path().join("rustenv-system/bin/flake-audit"))
        .filter(|program| program.is_file())
        .collect();
    assert_eq!(built.len(), 1);

    repository.flake("", "a-follows-plain");
    let refused = repository.commit().unwrap_err();
    assert!(refused.contains("error[unconfigured-nixpkgs]: `another-dep/nixpkgs`"), "{refused}");
    assert!(refused.contains("files were modified by this hook"), "{refused}");
    assert!(repository.read("flake.nix").contains(REPAIR));
    let passed = repository.commit().unwrap();
    assert_eq!(passed.matches("Passed").count(), 2, "{passed}");
}

/// The released program: downloaded once, verified by checksum, and run by the hook.
#[test]
fn a_hook_downloads_the_release() {
    let (source, _) = hooks();
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("hooks");
    git(folder.path(), &["clone", "--quiet", source.to_str().unwrap(), "hooks"]);
    let manifest = fs::read_to_string(own.join("Cargo.toml")).unwrap();
    fs::write(own.join("Cargo.toml"), manifest.replace("/OWNER/", "/acme/")).unwrap();
    git(&own, &["commit", "--quiet", "--all", "--message", "A home"]);
    let commit = git(&own, &["rev-parse", "HEAD"]).trim().to_owned();

    // In place of curl: a release of this program, for this machine.
    let tools = folder.path().join("tools");
    fs::create_dir(&tools).unwrap();
    let script = r#"#!/bin/bash
        for url; do :; done
        while [ "$1" != --output ]; do shift; done
        echo "$url" >>"$RELEASE/asked"
        name=${url##*/}
        case $name in
            SHA256SUMS) cp "$RELEASE/SHA256SUMS" "$2" ;;
            *)
                mkdir -p "$RELEASE/${name%.tar.gz}"
                cp "$PROGRAM" "$RELEASE/${name%.tar.gz}/flake-audit"
                tar -czf "$2" -C "$RELEASE" "${name%.tar.gz}"
                [ -e "$RELEASE/SHA256SUMS" ] || echo "$(sha256sum "$2" | cut -d ' ' -f 1)  $name" >"$RELEASE/SHA256SUMS"
                ;;
        esac"#;
    fs::write(tools.join("curl"), script).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(tools.join("curl"), mode).unwrap();

    for is_broken in [true, false] {
        let repository = Repository::of(&own, &commit, "  - id: flake-audit-release\n");
        let release = repository.at("release");
        fs::create_dir(&release).unwrap();
        if is_broken {
            fs::write(release.join("SHA256SUMS"), "0  nothing\n").unwrap();
        }
        let run = || {
            repository.git(&["add", "--all"]);
            let mut command = repository.command(&pre_commit());
            let path = env::split_paths(&env::var_os("PATH").unwrap()).collect::<Vec<_>>();
            let path = env::join_paths([tools.clone()].into_iter().chain(path)).unwrap();
            command.arg("run").env("PATH", path).env("RELEASE", &release);
            command.env("PROGRAM", env!("CARGO_BIN_EXE_flake-audit")).output().unwrap()
        };
        repository.flake("", "a-follows-plain");
        let refused = run();
        let text = told(&refused);
        assert!(!refused.status.success(), "{text}");
        if is_broken {
            assert!(text.contains("and should have one") && !text.contains("error["), "{text}");
            continue;
        }
        assert!(text.contains("error[unconfigured-nixpkgs]: `another-dep/nixpkgs`"), "{text}");
        repository.flake("", "c-clean");
        let passed = run();
        assert!(passed.status.success(), "{}", told(&passed));
        let asked = fs::read_to_string(release.join("asked")).unwrap();
        assert_eq!(asked.lines().count(), 2, "{asked}");
        let from = "https://github.com/acme/flake-audit/releases/download/v";
        assert!(asked.lines().all(|url| url.starts_with(from)), "{asked}");
    }
}
