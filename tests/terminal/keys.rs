//! Every key, on the seed scenario and on large locks.

use std::fmt::Write;
use std::fs;

use insta::assert_snapshot;

use super::locks::largest;
use super::tmux::{Tmux, fixture};

/// Keys, and a name for the resulting screen.
const KEYS: [(&str, &[&str]); 27] = [
    ("start", &[]),
    ("down", &["g", "Down"]),
    ("open", &["Right"]),
    ("into", &["l"]),
    ("follow", &["F"]),
    ("back", &["BSpace"]),
    ("close", &["h", "Left"]),
    ("open-all", &["*"]),
    ("close-all", &["-"]),
    ("last-and-first", &["G", "g", "End"]),
    ("up", &["k", "Up", "j"]),
    ("enter", &["Enter"]),
    ("users", &["u"]),
    ("instances", &["i"]),
    ("findings", &["!"]),
    ("in-the-tree", &["t"]),
    ("search", &["/", "n", "i", "x"]),
    ("found", &["Enter"]),
    ("next", &["n", "n"]),
    ("previous", &["N"]),
    ("details", &["Escape", "Tab", "PageDown"]),
    ("draw", &["Tab", "d"]),
    ("help", &["Escape", "?"]),
    ("next-finding", &["Escape", "]"]),
    ("asked-to-fix", &["[", "f"]),
    ("left-as-it-is", &["n"]),
    ("copied", &["Escape", "!", "y"]),
];

#[test]
fn every_key_on_the_seed_scenario() {
    let tmux = Tmux::explorer_beside(&fixture("seed/a-follows-plain"));
    let mut screen = String::new();
    for (name, keys) in KEYS {
        screen = tmux.after(keys, &screen);
        is_whole(&screen);
        assert_snapshot!(format!("seed-{name}"), screen);
    }
    // In the form in which it goes into the file.
    let fix = "    another-dep.inputs.nixpkgs.follows = \"nixpkgs-gpu\";\n";
    assert_eq!(tmux.clipboard(), fix);
    tmux.keys(&["q"]);
    tmux.wait_for("left with 0");
}

#[test]
fn every_key_on_the_largest_real_lock() {
    let Some(lock) = largest() else {
        println!("no real locks: FLAKE_AUDIT_CORPUS is not set");
        return;
    };
    // Real locks are not the project's, so no snapshot of them is kept.
    let tmux = Tmux::explorer(&lock);
    let (mut screen, mut changes) = (String::new(), 0);
    for (_, keys) in KEYS {
        let now = tmux.after(keys, &screen);
        is_whole(&now);
        changes += usize::from(now != screen);
        screen = now;
    }
    // Some keys change nothing, such as searching for the selection.
    assert!(changes > KEYS.len() - 4, "{changes} of {} keys change something", KEYS.len());
    tmux.keys(&["q"]);
    tmux.wait_for("left with 0");
}

#[test]
fn every_key_on_ten_thousand_nodes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flake.lock");
    fs::write(&file, made(10_000)).unwrap();
    let tmux = Tmux::explorer(&file);
    let mut screen = String::new();
    for (name, keys) in KEYS {
        screen = tmux.after(keys, &screen);
        is_whole(&screen);
        let shown: Vec<_> =
            screen.lines().skip(1).filter(|line| !line.contains("lock  ")).collect();
        assert_snapshot!(format!("large-{name}"), shown.join("\n"));
    }
    tmux.keys(&["q"]);
    tmux.wait_for("left with 0");
}

/// The borders are in place, and the last line is not empty.
fn is_whole(screen: &str) {
    let lines: Vec<_> = screen.lines().collect();
    assert_eq!(lines.len(), 24, "{screen}");
    for line in &lines[2..22] {
        assert_eq!(line.chars().count(), 80, "{line}\n{screen}");
        assert!(line.starts_with(['┃', '│']) && line.ends_with(['┃', '│']), "{line}\n{screen}");
    }
    assert!(!lines[23].is_empty(), "{screen}");
}

/// A lock with so many nodes: a wrapper, and dependencies of which one in three follows it.
pub(crate) fn made(nodes: usize) -> String {
    let mut lock = String::from("{\"nodes\":{");
    let mut node = |key: &str, owner: &str, repo: &str, inputs: &str| {
        let reference = format!(
            r#"{{"type":"github","owner":"{owner}","repo":"{repo}","rev":"97521cfea6d77335d86697521cfea6d77335d866"}}"#
        );
        writeln!(
            lock,
            r#""{key}":{{"inputs":{{{inputs}}},"locked":{reference},"original":{reference}}},"#
        )
        .unwrap();
    };
    node("nixpkgs", "NixOS", "nixpkgs", "");
    node("gpu", "acme", "nixpkgs-gpu", r#""nixpkgs":["nixpkgs"]"#);
    let mut root = String::from(r#""nixpkgs":"nixpkgs","nixpkgs-gpu":"gpu""#);
    for at in 2..nodes {
        let target = if at % 3 == 0 { "nixpkgs-gpu" } else { "nixpkgs" };
        // A few levels: each node holds up to three others.
        let held = (3 * at - 3..3 * at).filter(|held| (5..nodes).contains(held));
        let held: String = held.map(|held| format!(r#","dep-{held}":"dep-{held}""#)).collect();
        node(&format!("dep-{at}"), "acme", "dep", &format!(r#""nixpkgs":["{target}"]{held}"#));
        if at < 5 {
            write!(root, r#","dep-{at}":"dep-{at}""#).unwrap();
        }
    }
    write!(lock, r#""root":{{"inputs":{{{root}}}}}}},"root":"root","version":7}}"#).unwrap();
    lock
}
