//! Flakes on disk: a small lock, its `flake.nix`, and the files of a test.
//!
//! The root takes a package of plain nixpkgs into a shell of a wrapper, and one of a dependency
//! that follows plain nixpkgs: whatever else is wrong, those findings must remain.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use flake_audit::audit::{LockInput, Setup, SourceWarning, audit, with_analysis};
use flake_audit::lock::Unescaped;
use flake_audit::render::{human, json};
use flake_audit::source::evaluate::facts::Reading;
use flake_audit::source::store_name;
use flake_audit::source::{Reader, Stores};
use flake_audit::text::is_hidden;
use tempfile::TempDir;

use super::builder::{LockBuilder, ROOT, canonical};
use super::source::Source as Made;

/// Every root; `./other.nix` is the file of the test.
pub(crate) const ROOT_FLAKE: &str = r#"{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.nixpkgs-gpu.url = "github:acme/nixpkgs-gpu";
  inputs.nixpkgs-gpu.inputs.nixpkgs.follows = "nixpkgs";
  inputs.dep.url = "github:acme/dep";
  inputs.dep.inputs.nixpkgs.follows = "nixpkgs";
  outputs = { self, nixpkgs, dep, ... }@inputs: {
    devShells.x86_64-linux.mine = inputs.nixpkgs-gpu.legacyPackages.x86_64-linux.mkShell {
      packages = [
        nixpkgs.legacyPackages.x86_64-linux.ollama
        dep.packages.x86_64-linux.default
      ];
    };
    packages.x86_64-linux.other = import ./other.nix inputs;
  };
}
"#;

/// Every dependency.
pub(crate) const DEP_FLAKE: &str = r#"{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = { self, nixpkgs }@inputs: {
    packages.x86_64-linux.default = nixpkgs.legacyPackages.x86_64-linux.ollama;
    packages.x86_64-linux.other = import ./other.nix inputs;
  };
}
"#;

/// The finding of the lock that all of them have.
pub(crate) const DEP_FINDING: &str = "unconfigured-nixpkgs dep/nixpkgs";
/// The finding about `flake.nix`, if that can be read.
pub(crate) const ROOT_FINDING: &str = "root-unconfigured ";

/// A folder with a flake.
pub(crate) struct FlakeFolder {
    folder: TempDir,
}

/// The result of an audit.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Rule and input path of each finding.
    pub(crate) findings: Vec<String>,
    /// Warnings about files of the root; for a refused `flake.nix` only that.
    pub(crate) warnings: Vec<SourceWarning>,
    /// Whether Nix refuses `flake.nix`, so that nothing is judged.
    pub(crate) is_refused: bool,
    /// Whether the root was not read completely.
    pub(crate) cut_short: bool,
    /// Whether others were not read completely, which is no warning of those above.
    pub(crate) dependencies_cut_short: bool,
    /// Sources read besides the root's.
    pub(crate) read: usize,
}

impl FlakeFolder {
    /// The usual root and dependency; both import an empty `other.nix`.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let flake = Self { folder };
        flake.file("flake.lock", lock());
        flake.file("flake.nix", ROOT_FLAKE);
        flake.file("other.nix", "_: null\n");
        flake.dep_file("flake.nix", DEP_FLAKE);
        flake.dep_file("other.nix", "_: null\n");
        flake
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The store beside it, with the dependency's source.
    pub(crate) fn store(&self) -> PathBuf {
        self.path().join("store")
    }

    /// The folder of the dependency's source.
    pub(crate) fn dep(&self) -> PathBuf {
        let lock: serde_json::Value = serde_json::from_str(&lock()).unwrap();
        let hash = lock["nodes"]["dep"]["locked"]["narHash"].as_str().unwrap();
        self.store().join(store_name("/nix/store", hash, "source").unwrap())
    }

    /// Writes a file.
    pub(crate) fn file(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        write(&self.path().join(path), content.as_ref());
        self
    }

    /// Writes a file of the dependency.
    pub(crate) fn dep_file(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        write(&self.dep().join(path), content.as_ref());
        self
    }

    /// Audits it with every rule, on a thread with the default stack. Whatever the files contain,
    /// it must end, and its output must be bounded and free of hidden characters.
    pub(crate) fn audit(&self, name: &str) -> Told {
        let (folder, store) = (self.path().to_owned(), self.store());
        let (send, receive) = mpsc::channel();
        let thread = thread::spawn(move || {
            let told = audited(&folder, &store);
            // The receiver is gone if it took too long.
            let _ = send.send(());
            told
        });
        // Time is not measured; this only shows which case hangs.
        match receive.recv_timeout(Duration::from_secs(120)) {
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("{name}: it hangs"),
            Ok(()) | Err(mpsc::RecvTimeoutError::Disconnected) => {}
        }
        thread.join().unwrap_or_else(|_| panic!("{name}: it panics"))
    }
}

fn write(path: &Path, content: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn lock() -> String {
    let mut lock = LockBuilder::new();
    lock.add(ROOT, "nixpkgs", Made::NIXPKGS);
    let gpu = lock.add(ROOT, "nixpkgs-gpu", Made::Acme("nixpkgs-gpu"));
    lock.follows(gpu, "nixpkgs", &["nixpkgs"]);
    let dep = lock.add(ROOT, "dep", Made::Acme("dep"));
    lock.follows(dep, "nixpkgs", &["nixpkgs"]);
    canonical(&lock.to_value())
}

/// Audits the flake of a folder with every rule, and checks the report.
pub(crate) fn audited(folder: &Path, store: &Path) -> Told {
    let bytes = fs::read(folder.join("flake.lock")).unwrap();
    let unescaped = Unescaped::new();
    let reader = Reader::new(Stores::new(Some(store), None), Some(folder.to_owned()));
    let source = LockInput {
        name: "flake.lock",
        bytes: &bytes,
        unescaped: &unescaped,
        reader: Some(&reader),
    };
    let setup = Setup { excerpts: true, include_allowed: true, lists: true, ..Setup::default() };
    let report = audit(source, None, &setup);
    let refused = report.error.as_ref().map(|error| SourceWarning {
        message: error.message.clone(),
        file: error.file.as_ref().expect("a file").display().to_string(),
        position: error.position,
    });
    let show = human::ReportStyle { color: false, quiet: false, verbose: true, width: Some(80) };
    let (mut text, mut json) = (Vec::new(), Vec::new());
    human::Page::new(&report, show).write(&mut BTreeSet::new(), &mut text).unwrap();
    json::write_report(&report, 0, &mut json).unwrap();
    for written in [text, json] {
        // Ten thousand inputs that the lock lacks are as many findings.
        assert!(written.len() < 9_000_000, "{} bytes written", written.len());
        assert_shown(&String::from_utf8(written).unwrap());
    }
    let name = |names: &[&str]| names.join("/");
    let findings = report.findings.iter();
    let findings = findings.map(|f| format!("{} {}", f.rule.id, name(f.input_path.names())));
    let (of_lock, warnings) =
        report.warnings.iter().cloned().partition::<Vec<_>, _>(|w| w.file == "flake.lock");
    assert!(of_lock.len() <= 1, "{of_lock:#?}");
    Told {
        findings: findings.collect(),
        is_refused: refused.is_some(),
        warnings: refused.into_iter().chain(warnings).collect(),
        dependencies_cut_short: !of_lock.is_empty(),
        cut_short: report
            .warnings
            .iter()
            .any(|w| w.message.ends_with("its outputs are too much to be read completely")),
        read: report.sources.read,
    }
}

/// Evaluates the root of a folder: it must be bounded, and every place in the text.
pub(crate) fn evaluated(folder: &Path, store: &Path) {
    let bytes = fs::read(folder.join("flake.lock")).unwrap();
    let unescaped = Unescaped::new();
    let reader = Reader::new(Stores::new(Some(store), None), Some(folder.to_owned()));
    let source = LockInput {
        name: "flake.lock",
        bytes: &bytes,
        unescaped: &unescaped,
        reader: Some(&reader),
    };
    let seen = with_analysis(source, None, &[], |analysis, _| {
        if let Some(root) = analysis.sources().root() {
            assert_places(&root.reading);
            assert!(root.reading.steps < STEPS, "{} steps", root.reading.steps);
        }
    });
    assert_eq!(seen, Ok(()));
}

/// More steps than flakes of a few lines take, whatever is broken in them. An evaluation that is cut
/// off for its budget has made 2.5 million: what reads itself again and again is found by this.
const STEPS: u64 = 300_000;

/// Places must be inside the files that they name.
fn assert_places(reading: &Reading) {
    let taken = reading.flakes.values().flat_map(|done| {
        done.taken.values().chain(done.uses.values()).chain(done.outputs_used.values())
    });
    let made = reading.instances.iter().filter_map(|made| made.made_at.as_ref());
    for place in taken.chain(made) {
        let file = &reading.files[place.file.index()];
        assert!(file.text.get(place.span().range()).is_some(), "{place:?} of {}", file.path);
    }
}

/// No hidden character may be written.
pub(crate) fn assert_shown(written: &str) {
    let hidden = written.chars().find(|c| is_hidden(*c) && *c != '\n');
    assert_eq!(hidden, None, "{written:?}");
}
