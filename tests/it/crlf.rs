//! Files with CRLF, as in Git for Windows, are audited like those with LF.

use std::fs;
use std::path::Path;

use crate::cli::{fixtures, flake_audit, shown};

/// Copies the relevant files of a folder with other line ends. Returns how many there were.
fn copy(from: &Path, to: &Path, end: &str) -> usize {
    let mut count = 0;
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            count += copy(&path, &to, end);
        } else if let Ok(text) = fs::read_to_string(&path) {
            fs::write(to, text.replace('\n', end)).unwrap();
            count += 1;
        }
    }
    count
}

#[test]
fn line_ends_make_no_difference() {
    let folders = ["\n", "\r\n"].map(|end| {
        let folder = tempfile::tempdir().unwrap();
        assert!(copy(&fixtures().join("seed"), folder.path(), end) > 20);
        folder
    });
    for format in ["human", "json"] {
        let [lf, crlf] = folders
            .each_ref()
            .map(|folder| shown(flake_audit(folder.path()).args(["check", "--format", format])));
        assert!(lf.contains("unconfigured-nixpkgs"));
        assert_eq!(lf, crlf);
    }
}
