//! Compares the parser with another one for the same language: rnix's tree, lowered
//! (`reference.rs`).
#![allow(clippy::print_stdout, reason = "says how much was seen")]

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use super::super::*;
use super::reference;
use super::shown::with_places;

/// The difference between the two results for a text, if any.
pub(super) fn difference(text: &str) -> Option<String> {
    let own = File::parse(Arc::from(text));
    let reference = reference::parse(Arc::from(text));
    match (own, reference) {
        (Ok(own), Ok(reference)) => {
            let (own, reference) = (with_places(&own), with_places(&reference));
            let mut lines = own.lines().zip(reference.lines());
            match lines.find(|(own, reference)| own != reference) {
                Some((own, reference)) => Some(format!("read as {own}, reference: {reference}")),
                None => (own != reference).then(|| "one has more than the other".to_owned()),
            }
        }
        (Err(_), Err(_)) => None,
        (Err(error), Ok(_)) => Some(format!("refused: {error:?}")),
        (Ok(_), Err(error)) => Some(format!("the reference refuses it: {error:?}")),
    }
}

/// The .nix files below a folder, or those listed in a file.
fn nix_files(place: &Path) -> Vec<PathBuf> {
    if place.is_file() {
        return fs::read_to_string(place).unwrap().lines().map(PathBuf::from).collect();
    }
    let mut files = Vec::new();
    let mut open = vec![place.to_path_buf()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let entry = entry.unwrap();
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            if kind.is_dir() && entry.file_name() != "target" && entry.file_name() != ".git" {
                open.push(path);
            } else if kind.is_file() && path.extension().is_some_and(|kind| kind == "nix") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn differences(files: &[PathBuf]) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for path in files {
        let Ok(text) = fs::read_to_string(path) else { continue };
        if !seen.insert(text.clone()) {
            continue;
        }
        found.extend(difference(&text).map(|how| format!("{}: {how}", path.display())));
    }
    println!("{} different files of {}", seen.len(), files.len());
    found
}

#[test]
fn files_of_this_repository_are_read_alike() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let files = nix_files(&folder);
    assert!(files.len() > 100, "{}", files.len());
    let found = differences(&files);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Run as `FLAKE_READING_NIX_FILES=FOLDER cargo test -p flake-reading real_files -- --nocapture`;
/// instead of a folder, a file that lists files works too.
#[test]
fn real_files_are_read_alike() {
    let Some(place) = env::var_os("FLAKE_READING_NIX_FILES") else { return };
    let files = nix_files(Path::new(&place));
    assert!(!files.is_empty(), "no .nix files in {place:?}");
    let found = differences(&files);
    assert!(found.is_empty(), "{} differ:\n{}", found.len(), found.join("\n"));
}
