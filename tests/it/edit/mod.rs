//! Editing flake.nix.

mod generated;
mod random;
mod refused;
mod said;
mod spelled;
mod styles;

use flake_audit::fix::edit::{Edit, edit};

/// An edit in short notation: `dep/nixpkgs -> gpu`, `- dep/nixpkgs`,
/// `+ gpu = path:./gpu, nixpkgs -> nixpkgs`, `take gpu`.
fn parse(short: &str) -> Edit {
    let path = |text: &str| -> Vec<String> {
        text.split('/').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
    };
    if let Some(rest) = short.strip_prefix("+ ") {
        let (head, follows) = rest.split_once(", ").unwrap_or((rest, ""));
        let (name, url) = head.split_once(" = ").unwrap();
        let follows = follows.split(", ").filter_map(|follows| follows.split_once(" -> "));
        return Edit::Declare {
            name: name.to_owned(),
            url: url.to_owned(),
            follows: follows.map(|(name, follows)| (name.to_owned(), path(follows))).collect(),
        };
    }
    if let Some(name) = short.strip_prefix("take ") {
        return Edit::Take { name: name.to_owned() };
    }
    if let Some(removed) = short.strip_prefix("- ") {
        return Edit::Remove { path: path(removed) };
    }
    let (from, to) = short.split_once(" ->").unwrap();
    Edit::Follow { path: path(from), follows: path(to) }
}

fn parse_all(short: &[&str]) -> Vec<Edit> {
    short.iter().map(|short| parse(short)).collect()
}

/// The edited text; checks that the same edits do nothing a second time.
fn edited(text: &str, edits: &[Edit]) -> String {
    let new = edit(text, edits).unwrap_or_else(|error| panic!("{error:?}\n{edits:?}\n{text}"));
    let once: Vec<_> =
        edits.iter().filter(|edit| !matches!(edit, Edit::Declare { .. })).cloned().collect();
    assert_eq!(edit(&new, &once).as_ref(), Ok(&new), "{edits:?}\n{text}");
    new
}
