//! Output for a terminal.

use insta::assert_snapshot;

use crate::cli::shown;
use crate::support::workspace::Workspace;

#[test]
fn quiet_says_what_needs_a_person_and_no_more() {
    let workspace = Workspace::of("seed/a-follows-plain");
    assert_snapshot!(workspace.fix(&["-q"]));
    let workspace = Workspace::of("seed/h-pin-holder");
    assert_snapshot!(workspace.fix_without_writing(&["-q"]));
}

#[test]
fn colours() {
    let workspace = Workspace::of("seed/a-follows-plain");
    assert_snapshot!(workspace.fix(&["--diff", "--color", "always"]).replace('\u{1b}', "ESC"));
    let plain = workspace.fix(&["--diff"]);
    assert!(!plain.contains('\u{1b}'));
    // It is the same apart from colours.
    let coloured = workspace.fix(&["--diff", "--color", "always"]);
    let mut without = coloured;
    while let Some(start) = without.find("\u{1b}[") {
        let end = start + without[start..].find('m').unwrap();
        without.replace_range(start..=end, "");
    }
    assert_eq!(without, plain);
}

/// Names and comments come from anyone.
#[test]
fn nothing_drives_the_terminal() {
    let workspace = Workspace::of("seed/a-follows-plain");
    let odd = "dep\\u001b[31m\\u202e";
    let lock = workspace.read("flake.lock");
    let lock = lock.replace("\"another-dep\": {", &format!("\"{odd}\": {{"));
    let edge = "\"another-dep\": \"another-dep\"";
    workspace.write("flake.lock", lock.replace(edge, &format!("\"{odd}\": \"{odd}\"")));
    let name = "\"dep\u{1b}[31m\u{202e}\"";
    let flake = workspace.read("flake.nix");
    let flake = flake.replace("another-dep.packages", &format!("inputs.{name}.packages"));
    let flake = flake.replace("    another-dep.", &format!("    # \u{1b}]0;x\u{7}\n    {name}."));
    let flake = flake.replace(", another-dep }:", ", ... }@inputs:");
    workspace.write("flake.nix", &flake);
    let dry = workspace.fix_without_writing(&["--dry-run"]);
    assert_snapshot!(dry);
    workspace.write("flake.nix", format!("# Do not edit: \u{1b}[2J\n{flake}"));
    let by_hand = workspace.fix_without_writing(&[]);
    assert_snapshot!(by_hand);
    workspace.write("flake.nix", flake);
    let done = shown(&mut workspace.command(&["fix"]));
    for told in [dry, by_hand, done] {
        assert!(!told.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{told:?}");
    }
    // A file for programs has the exact bytes.
    let again = Workspace::of("seed/a-follows-plain");
    again.replace(
        "flake.nix",
        "    another-dep.inputs",
        "    # \u{1b}[31m\n    another-dep.inputs",
    );
    assert!(again.fix_without_writing(&["--diff"]).contains("     # \u{1b}[31m\n"));
}
