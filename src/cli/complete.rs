//! Completions for an input: those in the lock of the current folder.

use std::ffi::OsStr;
use std::path::Path;

use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};

use crate::graph::{Graph, Overrides};
use crate::load::{read, single};
use crate::lock::{InputId, Lock, Target, Unescaped};

/// A longer list is of no use.
const MOST: usize = 500;

/// Completes an input path, name by name.
pub(super) fn inputs() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        typed.to_str().and_then(|typed| candidates_below(Path::new("."), typed)).unwrap_or_default()
    })
}

/// The inputs of the flake at the typed path, as whole paths.
fn candidates_below(folder: &Path, typed: &str) -> Option<Vec<CompletionCandidate>> {
    let mut bytes = Vec::new();
    read(&single(folder), &mut bytes).ok()?;
    let unescaped = Unescaped::new();
    let lock = Lock::parse(&bytes, &unescaped).ok()?;
    let overrides = Overrides::new();
    let graph = Graph::build(&lock, &overrides).ok()?;
    let (above, start) =
        typed.rsplit_once('/').map_or(("", typed), |(above, start)| (above, start));
    let holder = match above {
        "" => lock.root(),
        path => graph.end(graph.find_input(path.split('/'))?)?,
    };
    let prefix = if above.is_empty() { String::new() } else { format!("{above}/") };
    let inputs = graph.inputs_of(holder).filter(|input| {
        let name = lock.input(*input).name;
        name.starts_with(start) && is_plain(name)
    });
    let offer = |input: InputId| {
        let text = format!("{prefix}{}", lock.input(input).name);
        CompletionCandidate::new(text).help(description(&graph, input).map(Into::into))
    };
    Some(inputs.take(MOST).map(offer).collect())
}

/// Whether a name is safe for a shell. Some shells insert it without quotes, so that another name
/// could run a command, or be an option.
fn is_plain(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.+@".contains(c);
    name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') && name.chars().all(is_plain)
}

/// Where an input leads, as the description of a completion.
fn description(graph: &Graph<'_, '_>, input: InputId) -> Option<String> {
    match graph.target(input) {
        Target::Follows(path) if path.iter().all(|name| is_plain(name)) => {
            Some(format!("follows {}", path.join("/")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(lock: &str, typed: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("flake.lock"), lock).unwrap();
        let candidates = candidates_below(folder.path(), typed).unwrap_or_default();
        candidates.iter().map(|c| c.get_value().to_string_lossy().into_owned()).collect()
    }

    const LOCK: &str = r#"{"version":7,"root":"root","nodes":{
        "root":{"inputs":{"dep":"dep","nixpkgs":"n","$(reboot)":"n","a b":"n","":"n","-":"n"}},
        "dep":{"inputs":{"nixpkgs":["nixpkgs"],"sub":"dep"},"locked":{"type":"git","url":"d"},
               "original":{"type":"git","url":"d"}},
        "n":{"locked":{"type":"git","url":"n"},"original":{"type":"git","url":"n"}}}}"#;

    #[test]
    fn paths_grow_name_by_name() {
        assert_eq!(offered(LOCK, "n"), ["nixpkgs"]);
        assert_eq!(offered(LOCK, "dep/"), ["dep/nixpkgs", "dep/sub"]);
        assert_eq!(offered(LOCK, "dep/sub/sub/n"), ["dep/sub/sub/nixpkgs"]);
        assert!(offered(LOCK, "nobody/").is_empty());
        assert!(offered("{", "").is_empty());
    }

    #[test]
    fn names_that_a_shell_could_run_are_not_offered() {
        assert_eq!(offered(LOCK, ""), ["dep", "nixpkgs"]);
    }
}
