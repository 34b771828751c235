//! Files that block, never end or claim to be long, under every name that is opened.

use std::fs::File;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{CLEAN, run, text, write};
use crate::cli::flake_audit;

/// Things under a file's name that are no file, or none that should be read.
const KINDS: [(&str, fn(&Path)); 6] = [
    ("a FIFO", |path| {
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    }),
    ("a link to a device", |path| symlink("/dev/zero", path).unwrap()),
    ("a loop", |path| symlink(path.file_name().unwrap(), path).unwrap()),
    ("a socket", |path| {
        // The longest path that a socket can be bound to is short.
        let short = tempfile::tempdir().unwrap();
        let socket = short.path().join("s");
        drop(UnixListener::bind(&socket).unwrap());
        std::fs::rename(&socket, path).unwrap();
    }),
    ("a folder", |path| std::fs::create_dir(path).unwrap()),
    ("a gigabyte", |path| File::create(path).unwrap().set_len(1 << 30).unwrap()),
];

/// A folder with something in `a` and a clean lock after it.
fn beside(name: &str, make: fn(&Path)) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "z/flake.lock", CLEAN);
    let path = folder.path().join("a").join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    make(&path);
    folder
}

#[test]
fn a_lock_that_is_no_file_is_an_error_and_the_others_are_audited() {
    for (kind, make) in KINDS {
        let folder = beside("flake.lock", make);
        let output = run(folder.path(), &["check", "."]);
        let (told, errors) = (text(&output.stdout), text(&output.stderr));
        // A folder of that name is searched.
        let is_folder = kind == "a folder";
        assert_eq!(output.status.code(), Some(if is_folder { 0 } else { 2 }), "{kind}: {errors}");
        assert_eq!(errors.contains("a/flake.lock"), !is_folder, "{kind}: {errors}");
        let summary = if is_folder { "1 lock: nothing" } else { "2 locks: 1 not audited" };
        assert!(told.contains(summary), "{kind}: {told}");
    }
}

#[test]
fn other_files_are_an_error_or_passed_over() {
    for name in
        ["flake-audit.toml", "flake.nix", ".gitignore", ".ignore", ".git/info/exclude", ".git"]
    {
        for (kind, make) in KINDS {
            let folder = beside(name, make);
            write(folder.path(), "a/flake.lock", CLEAN);
            let output = run(folder.path(), &["check", "."]);
            let errors = text(&output.stderr);
            let is_configuration = name == "flake-audit.toml";
            let code = if is_configuration { 2 } else { 0 };
            assert_eq!(output.status.code(), Some(code), "{name} as {kind}: {errors}");
            let counted =
                if is_configuration { "2 locks: 1 not audited" } else { "2 locks: nothing" };
            assert!(text(&output.stdout).contains(counted), "{name} as {kind}: {errors}");
            let is_told = kind == "a gigabyte" && name != ".git";
            assert!(!is_told || errors.contains(name), "{name} as {kind}: {errors}");
        }
    }
}

/// The other subcommands read the same files, and no more of them.
#[test]
fn a_single_lock_that_is_no_file_is_an_error() {
    for (kind, make) in KINDS.into_iter().filter(|(kind, _)| *kind != "a folder") {
        let folder = beside("flake.lock", make);
        let here = folder.path().join("a");
        for command in
            [&["graph"][..], &["why", "x"], &["fix", "--dry-run"], &["check", "flake.lock"]]
        {
            let output = run(&here, command);
            assert_eq!(output.status.code(), Some(2), "{command:?} of {kind}");
        }
        let mut shell = flake_audit(&here);
        shell.env("FLAKE_AUDIT_COMPLETE", "fish").args(["--", "flake-audit", "why", ""]);
        let output = shell.timeout(std::time::Duration::from_secs(60)).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "completions beside {kind}");
    }
}

#[test]
fn standard_input_has_a_bound() {
    let zero = File::open("/dev/zero").unwrap();
    let program = assert_cmd::cargo::cargo_bin("flake-audit");
    let output =
        Command::new(program).args(["check", "-"]).stdin(Stdio::from(zero)).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("longer than 64 MiB"));
}

/// 50 MB of patterns, and many short ones in nested folders: the total in effect is bounded.
#[test]
fn ignore_files_are_heeded_up_to_a_length() {
    let folder = tempfile::tempdir().unwrap();
    let long = "?aaaaaa*\n".repeat(50 << 17);
    write(folder.path(), "long/.gitignore", long + "hidden\n");
    write(folder.path(), "long/hidden/flake.lock", CLEAN);
    let patterns: String = (0..3_000).map(|at| format!("x{at}\n")).collect();
    let mut at = String::new();
    for _ in 0..8 {
        at.push_str("in/");
        write(folder.path(), &format!("{at}.ignore"), format!("{patterns}no\n"));
        write(folder.path(), &format!("{at}no/flake.lock"), CLEAN);
    }
    let output = run(folder.path(), &["check", "."]);
    let errors = text(&output.stderr);
    assert!(errors.contains("long/.gitignore: skipped: longer than 64 KiB"), "{errors}");
    // Three files of 18 KB fit; folders above those that do not fit still apply.
    assert!(!errors.contains("warning: in/in/in/.ignore"), "{errors}");
    assert!(errors.contains("warning: in/in/in/in/.ignore: skipped"), "{errors}");
    assert!(text(&output.stdout).contains("1 lock: nothing found"));
}

/// Like Git and the crate `ignore`: parents, nested ones, `info/exclude`, also of a linked work
/// tree; the nearest decides, and `.ignore` before `.gitignore`.
#[test]
fn ignore_files_hide_as_git_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, ".gitignore", "\u{feff}above\n/top/anchored\n*.tmp/\n# comment\n");
    write(at, "main/.git/info/exclude", "excluded\n");
    write(at, "main/.git/worktrees/x/commondir", "../..\n");
    let gitdir = at.join("main/.git/worktrees/x");
    write(at, "linked/.git", format!("gitdir: {}\n", gitdir.display()));
    write(at, "top/.gitignore", "a\nb\n!.shown\n");
    write(at, "top/.ignore", "!a\n");
    write(at, "top/nested/.gitignore", "!b\n");
    for hidden in ["above", "anchored", "x.tmp", "b", ".hidden"] {
        write(at, &format!("top/{hidden}/flake.lock"), CLEAN);
    }
    for shown in ["a", "nested/b", ".shown", "nested/anchored", "excluded"] {
        write(at, &format!("top/{shown}/flake.lock"), CLEAN);
    }
    write(at, "main/excluded/flake.lock", CLEAN);
    write(at, "linked/excluded/flake.lock", CLEAN);
    write(at, "linked/seen/flake.lock", CLEAN);
    let output = run(at, &["check", "--format", "ndjson", "top", "main", "linked"]);
    let told = text(&output.stdout);
    let value = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap();
    let mut names: Vec<_> =
        told.lines().map(|line| value(line)["lock_file"].as_str().unwrap().to_owned()).collect();
    names.sort();
    let expected = [
        "linked/seen/flake.lock",
        "main",
        "top/.shown/flake.lock",
        "top/a/flake.lock",
        "top/excluded/flake.lock",
        "top/nested/anchored/flake.lock",
        "top/nested/b/flake.lock",
    ];
    assert_eq!(names, expected);
}

/// Nested folders up to the system's limit for paths, and many side by side.
#[test]
fn folders_by_the_thousand() {
    let folder = tempfile::tempdir().unwrap();
    let deep = "d/".repeat(1_900);
    std::fs::create_dir_all(folder.path().join("a").join(&deep)).unwrap();
    for at in 0..2_000 {
        std::fs::create_dir_all(folder.path().join(format!("b/{at}"))).unwrap();
    }
    write(folder.path(), &format!("a/{}flake.lock", "d/".repeat(200)), CLEAN);
    write(folder.path(), "z/flake.lock", CLEAN);
    symlink("..", folder.path().join("b/up")).unwrap();
    symlink("/", folder.path().join("b/root")).unwrap();
    let output = run(folder.path(), &["check", "."]);
    let errors = text(&output.stderr);
    assert!(text(&output.stdout).contains("2 locks: nothing found"), "{errors}");
    assert!(errors.contains("skipped: folders are searched down to 256"), "{errors}");
}
