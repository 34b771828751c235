//! How many uses of flakes in real locks the table of known flakes has a line for:
//! `cargo run --example known_flakes_coverage -- DIR`, of all `flake.lock` below it. A use is a
//! direct input of a lock that is a flake of some repository, and no nixpkgs; one by a path, or by
//! the URL of one, is none.
//!
//! A table that is chosen by some locks has lines for those of course, so one third of the
//! repositories, by the sum of the bytes of their names, is to be left out when choosing: it is
//! counted by itself, and what has no line is listed of the others only. What people take of
//! repositories of their own is mostly taken by nobody else, so both figures are told.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::{env, fs, io};

use flake_audit::flake_ref::{Repository, identifying_ref};
use flake_audit::graph::{Graph, Overrides};
use flake_audit::instance::{Analysis, Declared, LockSources, Role, known_flake};
use flake_audit::lock::{Lock, Unescaped};

/// A flake that a lock's root takes.
struct Taken {
    name: String,
    has_line: bool,
    /// Whether it is of the owner of the lock's repository.
    is_own: bool,
}

fn main() -> io::Result<()> {
    let mut open: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    // By repository, `owner+repo` in the path of the lock.
    let mut uses: BTreeMap<String, Vec<Taken>> = BTreeMap::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path)?.flatten().map(|entry| entry.path()));
        } else if path.ends_with("flake.lock") {
            let mut names = path.iter().filter_map(|name| name.to_str());
            let of = names.rfind(|name| name.contains('+')).unwrap_or_default();
            let owner = of.split('+').next().unwrap_or_default().to_lowercase();
            let bytes = fs::read(&path)?;
            uses.entry(of.to_owned()).or_default().extend(sources(&bytes, &owner));
        }
    }
    let left_out = |of: &str| of.bytes().map(u32::from).sum::<u32>() % 3 == 0;
    let mut out = io::stdout().lock();
    let mut missing: BTreeMap<&str, u32> = BTreeMap::new();
    for (what, third) in [("chosen by", false), ("left out", true)] {
        let of = uses.iter().filter(|(of, _)| left_out(of) == third);
        let all: Vec<&Taken> = of.flat_map(|(_, taken)| taken).collect();
        let of_others: Vec<&Taken> = all.iter().filter(|taken| !taken.is_own).copied().collect();
        writeln!(out, "{what}: {}; of others' flakes {}", share(&all), share(&of_others))?;
        if !third {
            for taken in all.iter().filter(|taken| !taken.has_line) {
                *missing.entry(&taken.name).or_default() += 1;
            }
        }
    }
    let mut missing: Vec<_> = missing.into_iter().collect();
    missing.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
    for (name, count) in missing {
        writeln!(out, "{count:5} {name}")?;
    }
    Ok(())
}

/// How many have a line, in words.
fn share(all: &[&Taken]) -> String {
    let have = all.iter().filter(|taken| taken.has_line).count();
    let percent = have * 1000 / all.len().max(1);
    format!("{have} of {} uses, {}.{} %", all.len(), percent / 10, percent % 10)
}

/// The flakes that a lock's root takes; `owner` is that of its repository, in lower case.
fn sources(bytes: &[u8], owner: &str) -> Vec<Taken> {
    let (unescaped, overrides) = (Unescaped::new(), Overrides::new());
    let Ok(lock) = Lock::parse(bytes, &unescaped) else { return Vec::new() };
    let Ok(graph) = Graph::build(&lock, &overrides) else { return Vec::new() };
    let code = LockSources::none(&graph);
    let analysis = Analysis::new(&graph, &Declared::default(), &code);
    let inputs = graph.inputs_of(lock.root());
    let flakes = inputs.filter_map(|input| graph.end(input)).filter(|end| {
        lock.node(*end).flake && matches!(analysis.role(*end), Role::Flake | Role::Configured(_))
    });
    let named = flakes.filter_map(|end| {
        let reference = identifying_ref(&lock, end)?;
        let url = || reference.text("url").map(str::to_owned);
        let name = Repository::key(reference).or_else(url)?;
        if name.starts_with("file:") {
            return None;
        }
        let has_line = known_flake(&lock, end).is_some();
        let is_own = name.split([':', '/']).rev().nth(1) == Some(owner);
        Some(Taken { name, has_line, is_own })
    });
    named.collect()
}
