//! Journals that came with a repository.

use super::super::digest::Digest;
use super::*;

const JOURNAL: &str = ".flake-audit-AAAAAAAA.journal";
const BEGUN: &str = ".flake-audit-AAAAAAAA.begun";
const SPARE: &str = ".flake-audit-AAAAAAAA-0.spare";

fn digest(text: &str) -> String {
    Digest::of(text.as_bytes()).into()
}

fn file(name: &str, before: Option<&str>, after: &str) -> serde_json::Value {
    serde_json::json!({
        "name": name, "before": before.map(digest), "after": digest(after),
    })
}

fn journal(files: &[serde_json::Value]) -> String {
    serde_json::json!({"version": 1, "folders": [], "files": files}).to_string()
}

/// What is said of a journal that lies in a flake; nothing but the journal is to change.
fn ignored(name: &str, text: &str) -> String {
    let flake = Flake::new(&[("sub/flake.nix", "old"), ("sub/flake.lock", "new"), ("x", "old")]);
    let folder = flake.at("sub");
    fs::write(folder.join(name), text).unwrap();
    for spare in ["sub/", ""].map(|folder| format!("{folder}{SPARE}")) {
        flake.write(&spare, "new");
    }
    let before = flake.all();
    let mended = mend(&folder).unwrap();
    assert_eq!(flake.all(), before, "{text}");
    assert_eq!(flake.read("sub/flake.nix").as_deref(), Some("old"));
    assert_eq!(flake.read("x").as_deref(), Some("old"));
    match &mended[..] {
        [] => "not looked at".into(),
        [Mended::Ignored { .. }] => mended[0].to_string(),
        _ => panic!("{text}: {mended:?}"),
    }
}

#[test]
fn bad_journals_are_told_and_not_followed() {
    let done = file("flake.lock", Some("old"), "new");
    let named = |name: &str| journal(&[file(name, Some("old"), "new"), done.clone()]);
    let names = [
        "",
        ".",
        "..",
        "../x",
        "/etc/passwd",
        "./flake.nix",
        "a/../flake.nix",
        "a//b",
        "flake.nix/",
        "sub/../../x",
        "flake.nix\0",
        "\u{1b}[31m/../..",
    ];
    for name in names {
        let told = ignored(JOURNAL, &named(name));
        assert!(told.contains("which is no file in this folder"), "{name:?}: {told}");
        assert!(!told.contains('\u{1b}'), "{told}");
        // A folder to be made neither.
        let with = serde_json::json!({"version": 1, "folders": [name], "files": [done]});
        assert!(ignored(JOURNAL, &with.to_string()).contains("no file in this folder"));
    }
    let many: Vec<_> = (0..65).map(|n| file(&format!("f{n}"), None, "new")).collect();
    let mut short = done.clone();
    short["after"] = "ab".into();
    let mut letters = done.clone();
    letters["after"] = "ü".repeat(32).into();
    let mut extra = done.clone();
    extra["spare"] = "../x".into();
    for (text, reason) in [
        (String::new(), "EOF"),
        ("null".into(), "invalid type"),
        ("[".repeat(60_000), "invalid type"),
        (" ".repeat(100_000), "it is too long"),
        (r#"{"version":2,"folders":[],"files":[]}"#.into(), "another version"),
        (journal(&[]), "no file, or too many"),
        (journal(&many), "no file, or too many"),
        (journal(&[done.clone(), done.clone()]), "names a file twice"),
        (journal(&[file("flake.nix", Some("old"), "old")]), "does not change"),
        (journal(&[short]), "64 hexadecimal digits"),
        (journal(&[letters]), "64 hexadecimal digits"),
        (journal(&[extra]), "unknown field"),
    ] {
        let told = ignored(JOURNAL, &text);
        assert!(told.contains(reason), "{told} is not about: {reason}");
        assert!(told.starts_with(".flake-audit-AAAAAAAA.journal is ignored: "), "{told}");
    }
    for name in [
        ".flake-audit-AAAAAAA.journal",
        ".flake-audit-AAAAAAAAA.journal",
        ".flake-audit-AAAAAA.A.journal",
        ".flake-audit-ÄÄÄÄ.journal",
        ".flake-audit-AAAAAAAA.journal~",
        "flake-audit-AAAAAAAA.journal",
    ] {
        assert_eq!(ignored(name, &named("flake.nix")), "not looked at", "{name}");
    }
}

/// A good one would have been followed: what keeps the bad ones from it is what is wrong in them.
#[test]
fn a_journal_like_ours_is_followed() {
    let flake = Flake::new(&[("flake.nix", "old"), ("flake.lock", "new"), (SPARE, "new")]);
    let done = file("flake.lock", Some("old"), "new");
    flake.write(JOURNAL, &journal(&[file("flake.nix", Some("old"), "new"), done]));
    assert_eq!(flake.mend(), [Mended::Completed(vec![name("flake.nix")])]);
    assert_eq!(flake.read("flake.nix").as_deref(), Some("new"));
    assert_eq!(flake.leftovers(), [""; 0]);
}

#[test]
fn what_a_journal_says_must_be_so() {
    let done = file("flake.lock", Some("old"), "new");
    for (before, after, spare) in [
        // The file is not what the journal says; nor is the spare.
        ("older", "new", "new"),
        ("old", "newer", "new"),
        ("old", "new", "evil"),
    ] {
        let flake = Flake::new(&[("flake.nix", "old"), ("flake.lock", "new"), (SPARE, spare)]);
        flake.write(JOURNAL, &journal(&[file("flake.nix", Some(before), after), done.clone()]));
        let mended = flake.mend();
        assert!(matches!(&mended[..], [Mended::Abandoned { .. }]), "{mended:?}");
        assert_eq!(flake.read("flake.nix").as_deref(), Some("old"));
        assert_eq!(flake.read("flake.lock").as_deref(), Some("new"));
    }
}

#[test]
fn a_journal_that_was_being_written_is_removed() {
    for text in ["", "{\"version\":1,\"fold"] {
        let flake = Flake::new(&[("flake.nix", "old"), (BEGUN, text)]);
        assert_eq!(flake.mend(), [Mended::NothingDone]);
        assert_eq!(flake.all(), ["flake.nix"]);
    }
}

/// Until all spares are whole no file is replaced, whatever the journal says.
#[test]
fn what_has_only_begun_replaces_nothing() {
    let flake = Flake::new(&[("flake.nix", "old"), ("flake.lock", "new"), (SPARE, "new")]);
    let done = file("flake.lock", Some("old"), "new");
    flake.write(BEGUN, &journal(&[file("flake.nix", Some("old"), "new"), done]));
    assert_eq!(flake.mend(), [Mended::NothingDone]);
    assert_eq!(flake.all(), ["flake.lock", "flake.nix"]);
    assert_eq!(flake.read("flake.nix").as_deref(), Some("old"));
}

/// The attacker's files lie in the repository, and a symlink in it leads to a file of known content
/// elsewhere. It is not replaced, because the spare would have to lie beside it.
#[cfg(unix)]
#[test]
fn a_symlink_in_a_repository_leads_no_journal_out_of_it() {
    use std::os::unix::fs::symlink;

    let done = file("flake.lock", Some("old"), "new");
    let cases = [
        // The file itself is a symlink, or its folder is, or one that is said to be made.
        ("flake.nix", Some("home"), &[][..]),
        ("link/profile", Some("home"), &[]),
        ("link/profile", Some("home"), &["link"]),
        ("link/start", None, &[]),
        ("link/start", None, &["link"]),
        ("link/deep/start", None, &["link", "link/deep"]),
        ("link/deep/start", None, &["link/deep"]),
        ("sub/link/start", None, &["sub", "sub/link"]),
        ("sub/link/start", None, &["sub/link"]),
    ];
    for (target, before, folders) in cases {
        let flake = Flake::new(&[("home/profile", "home"), ("repo/flake.lock", "new")]);
        symlink("../home/profile", flake.at("repo/flake.nix")).unwrap();
        symlink("../home", flake.at("repo/link")).unwrap();
        fs::create_dir(flake.at("repo/sub")).unwrap();
        symlink("../../home", flake.at("repo/sub/link")).unwrap();
        flake.write(&format!("repo/{SPARE}"), "evil");
        flake.write(&format!("repo/sub/{SPARE}"), "evil");
        let files = [file(target, before, "evil"), done.clone()];
        let text = serde_json::json!({"version": 1, "folders": folders, "files": files});
        flake.write(&format!("repo/{JOURNAL}"), &text.to_string());
        // What is said of it does not matter; it may be an error.
        let mended = mend(&flake.at("repo"));
        assert_eq!(flake.read("home/profile").as_deref(), Some("home"), "{target} {mended:?}");
        let home = fs::read_dir(flake.at("home")).unwrap().count();
        assert_eq!(home, 1, "{target} {folders:?} {mended:?}");
    }
}

#[cfg(unix)]
#[test]
fn whatever_has_the_name_of_a_journal_or_a_file_nothing_hangs() {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    let flake = Flake::new(&[("real", &journal(&[file("x", Some("old"), "new")])), ("x", "old")]);
    symlink("real", flake.at(JOURNAL)).unwrap();
    fs::create_dir(flake.at(".flake-audit-BBBBBBBB.begun")).unwrap();
    let _socket = UnixListener::bind(flake.at(".flake-audit-CCCCCCCC.journal")).unwrap();
    let mended = flake.mend();
    assert_eq!(mended.len(), 3);
    for mended in mended {
        assert!(mended.to_string().ends_with(" is ignored: it is no regular file"), "{mended}");
    }

    let flake = Flake::new(&[("flake.lock", "new")]);
    fs::create_dir(flake.at(SPARE)).unwrap();
    let _socket = UnixListener::bind(flake.at("socket")).unwrap();
    let files = [file("socket", Some("old"), "new"), file("flake.lock", Some("old"), "new")];
    flake.write(JOURNAL, &journal(&files));
    assert_eq!(flake.mend(), [Mended::AllDone]);
    assert_eq!(flake.all(), [&format!("{SPARE}/"), "flake.lock", "socket"]);
}
