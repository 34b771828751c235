//! A repository with two branches for Git to merge, and locks as Nix would write them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use flake_audit::lock::{Lock, Unescaped};
use flake_audit::relock::canonical;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A repository with this program as its merge driver.
pub(super) struct Repository {
    folder: TempDir,
    /// The path of the flake in it.
    flake: &'static str,
}

/// A flake in short notation: its inputs with the revisions in their locks, and in brackets each
/// one's inputs: another revision, or the input of the root that it follows.
/// `a 1 (n 2, u = n), n 3`.
pub(super) fn written(words: &str) -> (String, String) {
    let mut nodes = json!({ "root": { "inputs": {} } });
    let mut lines = Vec::new();
    for input in split(words, ',') {
        let (head, below) = match input.split_once('(') {
            Some((head, below)) => (head, below.trim_end_matches(')')),
            None => (input.as_str(), ""),
        };
        if let Some((name, target)) = head.split_once('=') {
            let (name, target) = (name.trim(), target.trim());
            lines.push(format!("{name}.follows = \"{target}\";"));
            nodes["root"]["inputs"][name] = json!(target.split('/').collect::<Vec<_>>());
            continue;
        }
        let (name, revision) = head.trim().split_once(' ').unwrap();
        // `2@fork` is of another owner.
        let (revision, owner) = revision.split_once('@').unwrap_or((revision, "acme"));
        nodes[name] = node(name, revision, owner);
        nodes["root"]["inputs"][name] = name.into();
        lines.push(format!("{name}.url = \"github:{owner}/{name}\";"));
        for input in split(below, ';') {
            if let Some((own, target)) = input.split_once('=') {
                let (own, target) = (own.trim(), target.trim());
                lines.push(format!("{name}.inputs.{own}.follows = \"{target}\";"));
                nodes[name]["inputs"][own] = json!(target.split('/').collect::<Vec<_>>());
            } else {
                let (own, revision) = input.split_once(' ').unwrap();
                let key = format!("{name}-{own}");
                nodes[&key] = node(own, revision, "acme");
                nodes[name]["inputs"][own] = key.into();
            }
        }
    }
    let lines: Vec<String> = lines.iter().map(|line| format!("    {line}\n\n")).collect();
    let flake =
        format!("{{\n  inputs = {{\n{}  }};\n\n  outputs = _: {{ }};\n}}\n", lines.concat());
    let lock = json!({ "nodes": nodes, "root": "root", "version": 7 }).to_string();
    let unescaped = Unescaped::new();
    let lock = canonical(&Lock::parse(lock.as_bytes(), &unescaped).unwrap());
    (flake, lock)
}

fn split(text: &str, at: char) -> Vec<String> {
    let mut depth = 0;
    let parts = text.split(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == at && depth == 0
    });
    parts.map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

fn node(repository: &str, revision: &str, owner: &str) -> Value {
    let number: u64 = revision.parse().unwrap();
    json!({
        "original": { "type": "github", "owner": owner, "repo": repository },
        "locked": {
            "type": "github", "owner": owner, "repo": repository, "rev": format!("{number:040x}"),
            "lastModified": 1_700_000_000 + number * 86_400, "narHash": format!("sha256-{number:042}0="),
        },
    })
}

/// A lock in the same notation; follows only show what is locked.
pub(super) fn read(lock: &str) -> String {
    let lock: Value = serde_json::from_str(lock).unwrap_or_else(|error| panic!("{error}: {lock}"));
    let nodes = &lock["nodes"];
    let inputs = |key: &str| -> BTreeMap<String, Value> {
        serde_json::from_value(nodes[key]["inputs"].clone()).unwrap_or_default()
    };
    let told = |name: &str, target: &Value| match target.as_str() {
        Some(key) => {
            // A folder has none.
            let revision = nodes[key]["locked"]["rev"].as_str().unwrap_or("0");
            format!("{name} {}", u64::from_str_radix(revision, 16).unwrap())
        }
        None => {
            let path: Vec<String> = serde_json::from_value(target.clone()).unwrap();
            format!("{name} = {}", path.join("/"))
        }
    };
    let root = inputs("root").into_iter().map(|(name, target)| {
        let below = target.as_str().map(inputs).unwrap_or_default();
        let below: Vec<String> = below.iter().map(|(name, to)| told(name, to)).collect();
        match below.as_slice() {
            [] => told(&name, &target),
            below => format!("{} ({})", told(&name, &target), below.join("; ")),
        }
    });
    root.collect::<Vec<_>>().join(", ")
}

impl Repository {
    /// With these three states of the flake; ours is checked out.
    pub(super) fn new(base: &str, ours: &str, theirs: &str) -> Self {
        Self::in_folder("", base, ours, theirs)
    }

    pub(super) fn in_folder(flake: &'static str, base: &str, ours: &str, theirs: &str) -> Self {
        let repository = Self { folder: tempfile::tempdir().unwrap(), flake };
        let program = env!("CARGO_BIN_EXE_flake-audit");
        let driver = format!("'{program}' merge %O %A %B --lock %P --from %Y");
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository.git(&["config", "merge.flake-lock.driver", &driver]);
        fs::write(repository.top().join(".gitattributes"), "flake.lock merge=flake-lock\n")
            .unwrap();
        repository.commit(base);
        repository.git(&["checkout", "--quiet", "-b", "topic"]);
        repository.commit(theirs);
        repository.git(&["checkout", "--quiet", "main"]);
        repository.commit(ours);
        repository
    }

    pub(super) fn top(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn folder(&self) -> PathBuf {
        self.top().join(self.flake)
    }

    /// Writes a state of the flake.
    pub(super) fn write(&self, words: &str) {
        let (flake, lock) = written(words);
        fs::create_dir_all(self.folder()).unwrap();
        fs::write(self.folder().join("flake.nix"), flake).unwrap();
        fs::write(self.folder().join("flake.lock"), lock).unwrap();
    }

    /// The same, committed.
    pub(super) fn commit(&self, words: &str) {
        self.write(words);
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", "A change (of mine)"]);
    }

    pub(super) fn lock(&self) -> String {
        fs::read_to_string(self.folder().join("flake.lock")).unwrap()
    }

    pub(super) fn git(&self, arguments: &[&str]) -> String {
        let output = self.try_git(arguments);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {told}");
        String::from_utf8(output.stdout).unwrap()
    }

    pub(super) fn try_git(&self, arguments: &[&str]) -> Output {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=a", "-c", "user.email=a@example.org"]).args(arguments);
        git.current_dir(self.top()).env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap()
    }

    /// Runs this program in the flake's folder: its exit code and its output.
    pub(super) fn run(&self, arguments: &[&str]) -> (i32, String) {
        let mut program = Command::new(env!("CARGO_BIN_EXE_flake-audit"));
        let output = program.args(arguments).current_dir(self.folder()).output().unwrap();
        let told = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(told).unwrap())
    }
}
