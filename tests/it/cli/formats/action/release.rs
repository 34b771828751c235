//! Where the action gets the program from: a release that has its checksum, or a build.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::runner::Job;
use super::{ROOT, with_lock};

/// A checkout of the action with a home for the project, and a version of its own.
fn action(folder: &Path) {
    let scripts = ["action/get.sh", "action/build.sh", "action/check.sh", "release/download.sh"];
    for path in scripts.map(|script| format!("ci/{script}")).iter().chain([&"action.yml".into()]) {
        let to = folder.join(path);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(Path::new(ROOT).join(path), to).unwrap();
    }
    let manifest = "[package]\nname = \"flake-audit\"\nversion = \"9.8.7\"\n\
                    repository = \"https://github.example/acme/flake-audit\"\n\
                    [dependencies]\nversion = \"1\"\n";
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("Cargo.lock"), "").unwrap();
    for part in ["src", "crates", "docs/rules"] {
        fs::create_dir_all(folder.join(part)).unwrap();
        fs::write(folder.join(part).join("file"), part).unwrap();
    }
}

const NAME: &str = "flake-audit-v9.8.7-x86_64-unknown-linux-musl";

/// In place of curl: serves a release from the folder `release`, and lists what was requested.
const CURL: &str = r#"for last; do :; done
while [ "$1" != --output ]; do
    case $1 in --insecure) exit 9 ;; esac
    shift
done
echo "$last" >>"$FOLDER/asked"
cp "$FOLDER/release/${last##*/}" "$2" 2>/dev/null || exit 22"#;

/// In place of cargo: installs the program under test.
fn cargo() -> String {
    let program = assert_cmd::cargo::cargo_bin("flake-audit");
    format!(
        "echo \"$@\" >\"$FOLDER/built\"\nmkdir -p \"$7/bin\"\ncp '{}' \"$7/bin/flake-audit\"",
        program.display()
    )
}

/// A job on a runner without the program, with a release available.
fn job(action: &Path) -> Job {
    let job = with_lock(Job::new().without_program().of(action), 1);
    job.tool("curl", CURL);
    job.tool("cargo", &cargo());
    let release = job.temp().parent().unwrap().join("release");
    let folder = release.join(NAME);
    fs::create_dir_all(&folder).unwrap();
    fs::copy(assert_cmd::cargo::cargo_bin("flake-audit"), folder.join("flake-audit")).unwrap();
    let shell = |script: &str| {
        let output =
            Command::new("sh").args(["-c", script]).current_dir(&release).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    shell(&format!("tar -czf {NAME}.tar.gz {NAME} && sha256sum -- *.tar.gz > SHA256SUMS"));
    job
}

#[test]
fn a_release_is_taken_by_its_checksum() {
    let folder = tempfile::tempdir().unwrap();
    action(folder.path());
    let job = job(folder.path());
    let ran = job.run();
    assert_eq!(ran.code, 1, "{}", ran.text);
    assert!(ran.text.starts_with("::error file=flake.lock,line=1,"), "{}", ran.text);
    let from = "https://github.example/acme/flake-audit/releases/download/v9.8.7";
    assert_eq!(job.file("asked"), format!("{from}/{NAME}.tar.gz\n{from}/SHA256SUMS\n"));
    assert_eq!((job.file("built").as_str(), ran.used.len()), ("", 0));
    assert_eq!(job.file("paths"), format!("{}/flake-audit/bin\n", job.temp().display()));
}

#[test]
fn what_is_not_as_its_checksum_says_is_not_run() {
    let folder = tempfile::tempdir().unwrap();
    action(folder.path());
    for broken in [job(folder.path()), job(folder.path()).with("sha256", &"0".repeat(64))] {
        let release = broken.temp().parent().unwrap().join("release");
        fs::write(release.join("SHA256SUMS"), format!("{}  {NAME}.tar.gz\n", "1".repeat(64)))
            .unwrap();
        let ran = broken.run();
        assert_eq!(ran.code, 2, "{}", ran.text);
        assert!(
            ran.text.contains("::error title=flake-audit::flake-audit-v9.8.7-"),
            "{}",
            ran.text
        );
        assert!(!broken.temp().join("flake-audit/bin/flake-audit").exists());
        assert_eq!(
            (broken.file("built").as_str(), broken.file("outputs-check").as_str()),
            ("", "")
        );
    }
    // Naming one is enough.
    let named = job(folder.path());
    let release = named.temp().parent().unwrap().join("release");
    let sums = fs::read_to_string(release.join("SHA256SUMS")).unwrap();
    fs::remove_file(release.join("SHA256SUMS")).unwrap();
    let ran = named.with("sha256", sums.split(' ').next().unwrap()).run();
    assert_eq!(ran.code, 1, "{}", ran.text);
}

#[test]
fn without_a_release_it_is_built_once() {
    let folder = tempfile::tempdir().unwrap();
    action(folder.path());
    let missing = job(folder.path());
    fs::remove_dir_all(missing.temp().parent().unwrap().join("release")).unwrap();
    let asked_for = job(folder.path()).with("build", "true");
    let mut keys = Vec::new();
    for job in [missing, asked_for] {
        let ran = job.run();
        assert_eq!(ran.code, 1, "{}", ran.text);
        let root = job.temp().join("flake-audit");
        let asked = format!(
            "install --locked --quiet --path {} --root {}\n",
            folder.path().display(),
            root.display()
        );
        assert_eq!(job.file("built"), asked);
        assert_eq!(job.file("paths"), format!("{}/bin\n", root.display()));
        let [(cache, given)] = ran.used.as_slice() else { panic!("{:?}", ran.used) };
        assert!(cache.starts_with("actions/cache@"), "{cache}");
        assert_eq!(given["path"], root.to_str().unwrap());
        keys.push(given["key"].clone());

        // A cached build is not repeated.
        fs::remove_file(root.join("../../built")).unwrap_or_else(|_| {
            fs::remove_file(job.temp().parent().unwrap().join("built")).unwrap();
        });
        assert_eq!(job.without_program().run().code, 1);
    }
    assert_eq!(keys[0], keys[1]);
    assert!(keys[0].starts_with("Linux-X64-flake-audit-"), "{keys:?}");
    // Other sources need another build.
    fs::write(folder.path().join("src/file"), "other").unwrap();
    let ran = job(folder.path()).with("build", "true").run();
    assert_ne!(ran.used[0].1["key"], keys[0]);
}

/// The pre-commit hook that downloads: once, and a file with a wrong checksum is not run.
#[test]
fn the_hook_takes_a_release_too() {
    let folder = tempfile::tempdir().unwrap();
    action(folder.path());
    let hook = folder.path().join("ci/hook/flake-audit");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::copy(Path::new(ROOT).join("ci/hook/flake-audit"), &hook).unwrap();
    let run = format!("'{}' check --quiet flake.lock", hook.display());
    let broken = job(folder.path());
    let release = broken.temp().parent().unwrap().join("release");
    fs::write(release.join("SHA256SUMS"), "").unwrap();
    let (text, code) = broken.script(&run);
    assert_eq!(code, 2, "{text}");
    assert!(
        text.contains("and should have one\n") && text.contains("flake-audit-system"),
        "{text}"
    );

    let job = job(folder.path());
    for _ in 0..2 {
        let (text, code) = job.script(&run);
        assert_eq!(code, 1, "{text}");
        assert!(text.starts_with("error[unconfigured-nixpkgs]"), "{text}");
        assert_eq!(job.file("asked").lines().count(), 2, "it is downloaded once");
    }
}

/// A release is named by Cargo.toml and CHANGELOG.md, and is only possible once the project has a
/// home.
#[test]
fn a_release_has_a_version_and_a_home() {
    let job = Job::new();
    let names = Path::new(ROOT).join("ci/release/names.sh");
    let write = |file: &str, text: &str| fs::write(job.workspace().join(file), text).unwrap();
    write("CHANGELOG.md", "# Changelog\n\n## [1.2.3]\n");
    let manifest = |owner: &str| {
        let home = format!("https://github.com/{owner}/flake-audit");
        let text = format!(
            "[workspace.package]\nrepository = \"{home}\"\n[package]\nversion = \"1.2.3\"\n"
        );
        write("Cargo.toml", &text);
    };
    let run = |tag: &str| job.script(&format!("TAG={tag} bash '{}'", names.display()));
    manifest("acme");
    assert_eq!(run("v1.2.3"), (String::new(), 0));
    assert_eq!(run("v1.2.4").0, "the tag is v1.2.4, Cargo.toml says 1.2.3\n");
    write("CHANGELOG.md", "## 1.2.3\n");
    assert_eq!(run("v1.2.3").1, 1);
    write("CHANGELOG.md", "## [1.2.3] - unreleased\n");
    assert_eq!(run("v1.2.3").1, 1);
    write("CHANGELOG.md", "## [1.2.3] - 2026-01-01\n");
    manifest("OWNER");
    assert!(run("v1.2.3").0.contains("is the placeholder still"));

    // The current version has its heading.
    let [manifest, changes] = ["Cargo.toml", "CHANGELOG.md"]
        .map(|file| fs::read_to_string(Path::new(ROOT).join(file)).unwrap());
    let version = manifest.lines().find_map(|line| line.strip_prefix("version = \"")).unwrap();
    assert!(changes.contains(&format!("## [{}]", version.trim_end_matches('"'))));
}

/// As long as the project has no home, nothing is downloaded from a stranger's.
#[test]
fn the_placeholder_is_never_asked() {
    let job = with_lock(Job::new().without_program(), 1);
    job.tool("curl", CURL);
    job.tool("cargo", &cargo());
    let ran = job.run();
    assert_eq!((ran.code, job.file("asked").as_str()), (1, ""), "{}", ran.text);
    assert!(!job.file("built").is_empty());
}
