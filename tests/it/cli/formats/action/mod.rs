//! Runs action.yml as a workflow's job does.

mod pull_request;
mod release;
mod runner;

use std::fs;
use std::path::Path;

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
