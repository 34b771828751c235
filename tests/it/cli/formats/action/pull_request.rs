//! What the action does for a pull request: it compares with the base, and has one comment.

use std::fs;
use std::path::Path;

use super::runner::Job;
use super::{fixtures, many, with_lock};
use crate::cli::compared;

/// The output of Git without the end of the line.
fn git(folder: &Path, arguments: &[&str]) -> String {
    compared::git(folder, arguments).trim().to_owned()
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
