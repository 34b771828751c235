//! Limits: which files are opened and how much of them is read, how long the output gets, and that
//! no name in it has an effect.

#[cfg(unix)]
mod files;
mod names;
mod sizes;
mod sources;

use std::fs;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use crate::cli::flake_audit;

/// A lock without findings.
const CLEAN: &str = r#"{"nodes":{"root":{}},"root":"root","version":7}"#;

/// Runs the program in a folder with a time limit, so that blocking or endless reading fails the
/// test.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = flake_audit(folder);
    // Far more than needed, because many tests run at once.
    command.args(arguments).timeout(Duration::from_secs(60));
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    let file = folder.join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}
