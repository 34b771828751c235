//! Runs action.yml as a workflow's job does.

mod runner;

use std::fs;
use std::path::Path;
use std::process::Command;

use runner::Job;

use super::{fixtures, many};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn with_lock(job: Job, findings: usize) -> Job {
    fs::write(job.workspace().join("flake.lock"), many(findings, "nixpkgs")).unwrap();
    job
}

#[test]
fn annotations_an_exit_code_and_a_summary() {
    let job = with_lock(Job::new(), 1);
    let ran = job.run();
    assert_eq!(ran.code, 1, "{}", ran.text);
    assert!(ran.text.starts_with("::error file=flake.lock,line=1,"), "{}", ran.text);
    assert_eq!(job.file("outputs-check"), "exit-code=1\n");
    assert!(job.file("summary").ends_with("flake-audit: 1 lock: 1 error\n"));
    // The program was installed: nothing is downloaded, built or cached, and no path is added.
    assert_eq!((job.file("paths").as_str(), ran.used.len()), ("", 0));
}

#[test]
fn a_level_lets_findings_pass_but_not_errors() {
    let job = with_lock(Job::new().with("level", "warn").with("summary", "false"), 1);
    let ran = job.run();
    assert_eq!(ran.code, 0, "{}", ran.text);
    assert_eq!(
        (job.file("outputs-check").as_str(), job.file("summary").as_str()),
        ("exit-code=1\n", "")
    );

    let broken = Job::new().with("level", "warn");
    fs::write(broken.workspace().join("flake.lock"), "{").unwrap();
    assert_eq!(broken.run().code, 2);
    assert!(broken.file("summary").contains("Not audited: "));

    assert_eq!(Job::new().with("level", "loud").run().code, 2);
    assert_eq!(Job::new().with("comment", "perhaps").run().code, 2);
}

#[test]
fn inputs_are_never_run() {
    let hostile = "$(touch run); `touch run`; a b";
    let job = Job::new()
        .with("path", hostile)
        .with("output", "a report $(touch run).json")
        .with("format", "json")
        .with("since", "none")
        .with("args", "--allow\nunconfigured-nixpkgs\n--no-source\n")
        .event("github.event.pull_request.base.sha", "$(touch run)")
        .event("github.event.pull_request.number", "1; touch run");
    let flake = job.workspace().join(hostile);
    fs::create_dir(&flake).unwrap();
    fs::copy(fixtures().join("seed/a-follows-plain/flake.lock"), flake.join("flake.lock")).unwrap();
    let ran = job.run();
    assert_eq!((ran.text.as_str(), ran.code), ("", 0));
    let report = fs::read_to_string(job.workspace().join("a report $(touch run).json")).unwrap();
    assert!(report.contains("\"status\":\"clean\""), "{report}");
    assert!(!job.workspace().join("run").exists());
}

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

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args([
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.org",
            "-c",
            "protocol.file.allow=always",
        ])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A repository with a commit with two findings and one with three, and the names of both.
fn history(folder: &Path) -> [String; 2] {
    git(folder, &["init", "--quiet", "--initial-branch=main"]);
    git(folder, &["config", "uploadpack.allowAnySHA1InWant", "true"]);
    [2, 3].map(|findings| {
        fs::write(folder.join("flake.lock"), many(findings, "gone")).unwrap();
        git(folder, &["add", "--all"]);
        git(folder, &["commit", "--quiet", "--message", "A change"]);
        git(folder, &["rev-parse", "HEAD"])
    })
}

#[test]
fn a_pull_request_is_compared_with_its_base() {
    let origin = tempfile::tempdir().unwrap();
    let [base, head] = history(origin.path());
    let url = format!("file://{}", origin.path().display());
    let count = |text: &str| text.lines().filter(|line| line.starts_with("::error ")).count();
    for (event, expected) in [
        (Some("github.event.pull_request.base.sha"), 1),
        (Some("github.event.merge_group.base_sha"), 1),
        (None, 3),
    ] {
        let mut job = Job::new();
        if let Some(event) = event {
            job = job.event(event, &base);
        }
        // A clone of one commit, as in a workflow.
        git(&job.workspace(), &["clone", "--quiet", "--depth=1", &url, "."]);
        assert_eq!(git(&job.workspace(), &["rev-parse", "HEAD"]), head);
        let ran = job.run();
        assert_eq!((count(&ran.text), ran.code), (expected, 1), "{event:?}: {}", ran.text);
    }
    let none = Job::new().with("since", "none").event("github.event.pull_request.base.sha", &base);
    git(&none.workspace(), &["clone", "--quiet", &url, "."]);
    assert_eq!(count(&none.run().text), 3);
    let named = Job::new().with("since", "HEAD");
    git(&named.workspace(), &["clone", "--quiet", &url, "."]);
    assert_eq!(named.run().code, 0);
    // If the base is not available, all findings count, with a warning.
    let lost = Job::new().event("github.event.pull_request.base.sha", &base);
    git(&lost.workspace(), &["clone", "--quiet", "--depth=1", &url, "."]);
    git(&lost.workspace(), &["remote", "set-url", "origin", "file:///nowhere"]);
    let ran = lost.run();
    assert_eq!((count(&ran.text), ran.code), (3, 1), "{}", ran.text);
    assert!(
        ran.text.contains("::warning title=flake-audit::the base of this pull request"),
        "{}",
        ran.text
    );
}

/// In place of gh: comments are files, and requests are recorded.
const GH: &str = r#"[ "$GH_TOKEN" = "a token" ] || exit 4
for word; do
    case $word in
        body=@*) cp "${word#body=@}" "$FOLDER/comment" ;;
        POST | PATCH) method=$word ;;
        repos/*) path=$word ;;
    esac
done
[ -z "$method" ] || echo "$method $path" >>"$FOLDER/asked"
if [ -z "$method" ] && [ -e "$FOLDER/comment" ]; then echo 77; fi"#;

#[test]
fn a_pull_request_has_one_comment() {
    let event = "github.event.pull_request.number";
    let job = || Job::new().with("comment", "true").event(event, "12");
    let clean = fs::read(fixtures().join("seed/c-clean/flake.lock")).unwrap();
    let job = with_lock(job(), 1);
    job.tool("gh", GH);
    assert_eq!(job.run().code, 1);
    let comment = job.file("comment");
    assert!(comment.starts_with("<!-- flake-audit -->\n"), "{comment}");
    assert!(comment.contains("\n| error "), "{comment}");
    // The next run changes the comment, even if nothing is left to report.
    fs::write(job.workspace().join("flake.lock"), clean).unwrap();
    assert_eq!(job.run().code, 0);
    assert!(!job.file("comment").contains("| error "));
    let asked = "POST repos/acme/flake/issues/12/comments\n\
                 PATCH repos/acme/flake/issues/comments/77\n";
    assert_eq!(job.file("asked"), asked);

    // Nothing to report, now or before.
    let quiet = Job::new().with("comment", "true").event(event, "12");
    fs::copy(fixtures().join("seed/c-clean/flake.lock"), quiet.workspace().join("flake.lock"))
        .unwrap();
    quiet.tool("gh", GH);
    assert_eq!((quiet.run().code, quiet.file("asked").as_str()), (0, ""));

    // A job of a fork may not write, and without a pull request there are no comments.
    let fork = with_lock(Job::new().with("comment", "true").event(event, "12"), 1);
    fork.tool("gh", "exit 1");
    let ran = fork.run();
    assert!(ran.code == 1 && ran.text.contains("the comment cannot be written"), "{}", ran.text);
    let push = with_lock(Job::new().with("comment", "true"), 1);
    push.tool("gh", GH);
    assert_eq!((push.run().code, push.file("asked").as_str()), (1, ""));

    // GitHub accepts at most 65,536 characters.
    let long = Job::new().with("comment", "true").event(event, "12");
    for number in 0..40 {
        let flake = long.workspace().join(format!("flake-{number}"));
        fs::create_dir(&flake).unwrap();
        fs::write(flake.join("flake.lock"), many(50, "gone")).unwrap();
    }
    long.tool("gh", GH);
    assert_eq!(long.run().code, 1);
    let comment = long.file("comment");
    assert!((50_000..65_536).contains(&comment.chars().count()), "{}", comment.len());
    assert!(comment.ends_with("\n\nThe rest is in the summary of the job.\n"));
}

#[test]
fn sources_can_be_fetched_before() {
    let job = with_lock(Job::new().with("archive", "true").with("path", "flake.lock\na b"), 1);
    fs::write(job.workspace().join("flake.nix"), "{ outputs = _: { }; }").unwrap();
    fs::create_dir(job.workspace().join("a b")).unwrap();
    fs::write(job.workspace().join("a b/flake.nix"), "{ outputs = _: { }; }").unwrap();
    fs::write(job.workspace().join("a b/flake.lock"), many(1, "gone")).unwrap();
    job.tool("nix", r#"echo "${PWD#"$FOLDER"}: $*" >>"$FOLDER/asked""#);
    let ran = job.run();
    assert_eq!(ran.code, 1, "{}", ran.text);
    let asked =
        "--extra-experimental-features nix-command flakes flake archive --no-write-lock-file";
    assert_eq!(job.file("asked"), format!("/work: {asked}\n/work/a b: {asked}\n"));
    // Without Nix less is known, but the audit goes on.
    let job = with_lock(Job::new().with("archive", "true"), 1);
    fs::write(job.workspace().join("flake.nix"), "{ outputs = _: { }; }").unwrap();
    job.tool("nix", "exit 1");
    let ran = job.run();
    assert!(
        ran.text.contains("::warning title=flake-audit::nix flake archive failed"),
        "{}",
        ran.text
    );
    assert_eq!(job.file("outputs-check"), "exit-code=1\n");
}

/// Actions that are used, here and in the workflows, are pinned to a commit.
#[test]
fn actions_are_pinned() {
    let files = ["action.yml", ".github/workflows/ci.yml", ".github/workflows/release.yml"];
    let mut count = 0;
    for file in files {
        let text = fs::read_to_string(Path::new(ROOT).join(file)).unwrap();
        for used in text.lines().filter_map(|line| line.split("uses: ").nth(1)) {
            if used == "./" {
                continue;
            }
            let (_, revision) = used.split_once('@').unwrap();
            let (commit, version) =
                revision.split_once(" # v").unwrap_or_else(|| panic!("{file}: {used}"));
            assert!(commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit()), "{used}");
            assert!(version.split('.').count() == 3, "{used}");
            count += 1;
        }
    }
    assert!(count > 10);
}
