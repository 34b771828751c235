//! Drawing a lock, for the tests of drawings.
#![allow(clippy::expect_used, reason = "tests fail by panicking")]

use std::path::{Path, PathBuf};

use flake_audit::draw::{Focus, Format, Options, draw};
use flake_audit::graph::{Graph, Overrides};
use flake_audit::instance::{Code, Declared, Facts};
use flake_audit::lock::{Lock, LockError, Unescaped};

/// What is drawn of a lock.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Part<'p> {
    /// An input path with slashes.
    pub(crate) focus: Option<&'p str>,
    pub(crate) nixpkgs_only: bool,
    pub(crate) depth: Option<u32>,
}

/// Draws a lock, or says why it cannot be read.
pub(crate) fn drawn(bytes: &[u8], part: Part<'_>, format: Format) -> Result<String, LockError> {
    let unescaped = Unescaped::new();
    let lock = Lock::parse(bytes, &unescaped)?;
    let overrides = Overrides::new();
    let graph = Graph::build(&lock, &overrides)?;
    let code = Code::none(&graph);
    let facts = Facts::find(&graph, &Declared::default(), &code);
    let mut focus = None;
    let mut at = lock.root();
    for name in part.focus.into_iter().flat_map(|path| path.split('/')) {
        let input = lock.input_named(at, name).expect("the focus exists");
        focus = Some(Focus::Input(input));
        at = graph.end(input).unwrap_or(at);
    }
    let mut out = Vec::new();
    let options = Options { focus, nixpkgs_only: part.nixpkgs_only, depth: part.depth, most: None };
    draw(&facts, None, &options, format, &mut out).expect("a vector takes all");
    Ok(String::from_utf8(out).expect("drawings are text"))
}

/// The locks below a directory, sorted; none where there is no such directory.
pub(crate) fn locks_below(directory: &Path) -> Vec<PathBuf> {
    let mut locks = Vec::new();
    let mut open = vec![directory.to_path_buf()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).into_iter().flatten() {
            let path = entry.expect("a readable directory").path();
            if path.is_dir() {
                open.push(path);
            } else if path.file_name().is_some_and(|name| name == "flake.lock") {
                locks.push(path);
            }
        }
    }
    locks.sort();
    locks
}

/// The project's fixtures.
pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Real locks, which are not part of the project.
pub(crate) fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus")
}
