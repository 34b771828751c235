//! The program from the command line: real output, as snapshots in `snapshots/`
//! (`INSTA_UPDATE=always cargo test` writes them).

mod check;
#[cfg(unix)]
mod compared;
#[cfg(unix)]
mod diff;
mod explain;
mod fix;
mod fixable;
mod formats;
mod graph;
#[cfg(unix)]
mod history;
mod init;
mod merge;
mod pasted;
mod paths;
mod shell;
mod source;
#[cfg(unix)]
mod verify;
mod why;

use std::path::Path;

use assert_cmd::Command;

/// The program in a folder, without environment variables that change its output.
pub(crate) fn flake_audit(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("flake-audit").unwrap();
    command.current_dir(folder);
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "RAYON_NUM_THREADS"] {
        command.env_remove(name);
    }
    command
}

/// The output and exit code of a run.
pub(crate) fn shown(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let mut shown = format!("exit {}\n", output.status.code().unwrap());
    for (name, bytes) in [("stdout", output.stdout), ("stderr", output.stderr)] {
        if !bytes.is_empty() {
            shown += &format!("--- {name}\n{}", text(&bytes));
        }
    }
    shown
}

/// The folder of the fixtures.
pub(crate) fn fixtures() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"))
}

/// The output of the program for the fixtures.
pub(crate) fn over_fixtures(arguments: &[&str]) -> String {
    shown(flake_audit(fixtures()).args(arguments))
}
