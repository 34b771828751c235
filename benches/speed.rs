//! How fast `flake-audit check` is, beside the floor (`benches/floor.rs`).
//!
//!     cargo bench --bench speed             # everything, several minutes
//!     cargo bench --bench speed -- quick    # a look
//!     cargo bench --bench speed -- sources  # only the root with sources
//!     cargo bench --bench speed -- files DIR    # only writes what is measured, for callgrind
//!
//! Whole processes are measured, in turn, with locks that are written to a temporary folder: alone,
//! and as people have them, with a `flake.nix` beside each and a store in which nothing of it lies.
//! Both programs are copied first: how a linker wrote a file moves the start by a fifth.
//! Nothing fails here: the table has the goals of benches/README.md beside the figures. Another
//! binary may be measured with `FLAKE_AUDIT=path/to/flake-audit`.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

#[path = "speed/locks.rs"]
mod locks;
#[path = "speed/process.rs"]
mod process;
#[path = "speed/sources.rs"]
mod sources;

use flake_audit::rules::RULES;
use locks::Kind;
use process::{Program, race, race_cpu};

struct Bench {
    floor: PathBuf,
    audit: PathBuf,
    folder: PathBuf,
    /// A store that has no source of the locks.
    store: PathBuf,
    quick: bool,
}

/// What is beside a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Nothing, and no sources are looked for.
    Alone,
    /// Its `flake.nix`, with a store.
    AsPeopleRunIt,
}

/// The goals of the cases in order, as multiples of the floor.
const SINGLE: [(usize, [f64; 2], usize); 3] =
    [(40, [1.3, 1.6], 300), (300, [1.6, 2.5], 200), (10_000, [3.5, 5.0], 40)];
const MANY: [(usize, [f64; 2], usize); 2] = [(1_000, [2.5, 5.0], 30), (10_000, [2.5, 5.0], 10)];

/// What is measured.
struct Case {
    name: String,
    floor: Program,
    audit: Program,
    repeats: usize,
    /// The goal, as a multiple of the floor.
    goal: Option<f64>,
    nodes: usize,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let asks = |word: &str| arguments.iter().any(|argument| argument == word);
    // Cargo adds an argument of its own at the end.
    let mut after = arguments.iter().skip_while(|argument| *argument != "files").skip(1);
    if asks("files") {
        let folder = after.next().filter(|folder| *folder != "--bench");
        return files(Path::new(folder.context("files DIR")?));
    }
    let folder = tempfile::tempdir()?;
    let folder = folder.path();
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_flake-audit"));
    let bench = Bench {
        floor: copied(&build_floor(&binary)?, folder, "floor")?,
        audit: copied(&env::var_os("FLAKE_AUDIT").map_or(binary, PathBuf::from), folder, "audit")?,
        folder: folder.to_path_buf(),
        store: folder.join("other-store"),
        quick: asks("quick"),
    };
    fs::create_dir_all(bench.store.join("something"))?;
    let out = &mut io::stdout().lock();
    if !asks("locks") {
        bench.sources(out)?;
    }
    if asks("sources") {
        return Ok(());
    }
    for way in [Way::Alone, Way::AsPeopleRunIt] {
        writeln!(out, "\none lock, and many in one run, {way:?}")?;
        head(out)?;
        for (nodes, goals, repeats) in SINGLE {
            for kind in [Kind::Clean, Kind::Findings] {
                bench.one(out, kind, way, nodes, Some(way.of(goals)), repeats)?;
            }
        }
        for (locks, goals, repeats) in MANY {
            for kind in [Kind::Clean, Kind::Findings] {
                bench.many(out, kind, way, locks, way.of(goals), repeats)?;
            }
        }
    }
    writeln!(out, "\ngrowth")?;
    head(out)?;
    // Files longer than 64 MiB are not taken for locks.
    let largest = if bench.quick { 10_000 } else { 100_000 };
    for kind in [Kind::Clean, Kind::Findings] {
        let mut nodes = 10;
        while nodes <= largest {
            bench.one(out, kind, Way::Alone, nodes, None, (2_000_000 / nodes).clamp(3, 100))?;
            nodes *= 10;
        }
    }
    Ok(())
}

/// Writes the locks of the tables, with the files beside them.
fn files(folder: &Path) -> Result<()> {
    for kind in [Kind::Clean, Kind::Findings] {
        for (nodes, ..) in SINGLE {
            locks::write(&folder.join(format!("{kind:?}-{nodes}")), kind, nodes, true)?;
        }
        for (many, ..) in MANY {
            let name = format!("{kind:?}-{many}-locks");
            let list = folder.join(format!("{name}.list"));
            locks::write_many(&folder.join(name), &list, kind, 40, many, true)?;
        }
    }
    sources::write(&folder.join("sources"), &folder.join("store"))?;
    Ok(())
}

fn copied(program: &Path, folder: &Path, name: &str) -> Result<PathBuf> {
    let copy = folder.join(name);
    fs::copy(program, &copy)?;
    Ok(copy)
}

/// Builds the floor next to the binary, with the same profile.
fn build_floor(binary: &Path) -> Result<PathBuf> {
    let profile = binary.parent().unwrap_or(Path::new(""));
    let target = profile.parent().unwrap_or(Path::new(""));
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--release", "--example", "floor", "--target-dir"])
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()?;
    ensure!(status.success(), "cargo build --release --example floor: {status}");
    Ok(target.join("release/examples/floor"))
}

fn head(out: &mut impl Write) -> Result<()> {
    writeln!(
        out,
        "{:<28} {:>9} {:>9} {:>9} {:>9} {:>6} {:>6} {:>5} {:>9} {:>9} {:>8}",
        "times in ms, median and min",
        "floor",
        "",
        "check",
        "",
        "ratio",
        "of min",
        "goal",
        "floor MiB",
        "check MiB",
        "us/node"
    )?;
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn mib(program: &Program) -> Result<f64> {
    program.peak_memory().map(|kib| kib as f64 / 1024.0)
}

impl Way {
    fn of<T: Copy>(self, [alone, beside]: [T; 2]) -> T {
        match self {
            Way::Alone => alone,
            Way::AsPeopleRunIt => beside,
        }
    }
}

impl Bench {
    fn one(
        &self,
        out: &mut impl Write,
        kind: Kind,
        way: Way,
        nodes: usize,
        goal: Option<f64>,
        repeats: usize,
    ) -> Result<()> {
        let folder = self.folder.join("one");
        locks::write(&folder, kind, nodes, way == Way::AsPeopleRunIt)?;
        let path = folder.join("flake.lock").display().to_string();
        self.report(
            out,
            &Case {
                name: format!("{nodes} nodes, {kind:?}"),
                floor: self.floor(vec![path.clone()]),
                audit: self.check(way, path),
                repeats,
                goal,
                nodes,
            },
        )?;
        fs::remove_dir_all(folder)?;
        Ok(())
    }

    fn many(
        &self,
        out: &mut impl Write,
        kind: Kind,
        way: Way,
        locks: usize,
        goal: f64,
        repeats: usize,
    ) -> Result<()> {
        let folder = self.folder.join("many");
        let list = self.folder.join("list");
        locks::write_many(&folder, &list, kind, 40, locks, way == Way::AsPeopleRunIt)?;
        self.report(
            out,
            &Case {
                name: format!("{locks} locks of 40, {kind:?}"),
                floor: self.floor(vec!["--each".into(), format!("@{}", list.display())]),
                audit: self.check(way, folder.display().to_string()),
                repeats,
                goal: Some(goal),
                nodes: locks * 40,
            },
        )?;
        fs::remove_dir_all(folder)?;
        Ok(())
    }

    fn check(&self, way: Way, path: String) -> Program {
        let mut arguments = vec!["check".into(), path];
        match way {
            Way::Alone => arguments.push("--no-source".into()),
            Way::AsPeopleRunIt => {
                arguments.extend(["--store".into(), self.store.display().to_string()]);
            }
        }
        self.audit(arguments)
    }

    /// The cost of reading a root with all its sources beyond its lock, in processor time: files
    /// are read in parallel.
    fn sources(&self, out: &mut impl Write) -> Result<()> {
        let (root, store) = (self.folder.join("sources"), self.folder.join("store"));
        let written = sources::write(&root, &store)?;
        writeln!(
            out,
            "a root with {} .nix files, {} in sources of its inputs, {} KB in all",
            written.root,
            written.inputs,
            written.bytes / 1_000
        )?;
        let root = root.display().to_string();
        let with = |arguments: &[&str]| {
            let arguments = ["check", root.as_str()].into_iter().chain(arguments.iter().copied());
            self.audit(arguments.map(str::to_owned).collect())
        };
        let store = store.display().to_string();
        let lock_only = with(&["--no-source"]);
        let allowed = RULES.iter().filter(|rule| rule.judges.reads_source());
        let allowed: Vec<_> = allowed.flat_map(|rule| ["--allow", rule.id]).collect();
        let cases = [
            ("--no-source", lock_only.clone()),
            ("source rules allowed", with(&[&["--store", &store], &allowed[..]].concat())),
            ("--store", with(&["--store", &store])),
        ];
        writeln!(
            out,
            "{:<28} {:>9} {:>9} {:>9} {:>9} {:>9}",
            "CPU in ms, median and min", "check", "", "beyond", "goal", "MiB"
        )?;
        let repeats = if self.quick { 3 } else { 20 };
        for (name, program) in cases {
            let [lock, all] = race_cpu([&lock_only, &program], repeats)?;
            writeln!(
                out,
                "{name:<28} {:>9.2} {:>9.2} {:>9.2} {:>9} {:>9.1}",
                all.median() * 1e3,
                all.min() * 1e3,
                (all.median() - lock.median()) * 1e3,
                if name == "--store" { "50" } else { "" },
                mib(&program)?
            )?;
            out.flush()?;
        }
        Ok(())
    }

    fn floor(&self, arguments: Vec<String>) -> Program {
        Program { path: self.floor.clone(), arguments }
    }

    fn audit(&self, arguments: Vec<String>) -> Program {
        Program { path: self.audit.clone(), arguments }
    }

    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    fn report(&self, out: &mut impl Write, case: &Case) -> Result<()> {
        let repeats = if self.quick { case.repeats.div_ceil(10).max(3) } else { case.repeats };
        let [floor, audit] = race([&case.floor, &case.audit], repeats)?;
        writeln!(
            out,
            "{:<28} {:>9.2} {:>9.2} {:>9.2} {:>9.2} {:>6.2} {:>6.2} {:>5} {:>9.1} {:>9.1} {:>8.2}",
            case.name,
            floor.median() * 1e3,
            floor.min() * 1e3,
            audit.median() * 1e3,
            audit.min() * 1e3,
            audit.median() / floor.median(),
            audit.min() / floor.min(),
            case.goal.map_or(String::new(), |goal| goal.to_string()),
            mib(&case.floor)?,
            mib(&case.audit)?,
            audit.min() * 1e6 / case.nodes as f64,
        )?;
        out.flush()?;
        Ok(())
    }
}
