//! Whatever is in a repository: only files that a command reports are written, and none outside the
//! flake's folder.

mod journals;
mod links;
mod random;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::cli::{fixtures, flake_audit, shown};

/// A disk with a flake in `repo`, and unrelated files in `home`.
struct World {
    disk: TempDir,
}

/// Everything on a disk: links as links, files with their modes.
type Everything = BTreeMap<PathBuf, String>;

impl World {
    /// With the flake of a fixture, in a repository.
    fn of(case: &str) -> Self {
        let world = Self { disk: tempfile::tempdir().unwrap() };
        for file in ["flake.nix", "flake.lock"] {
            let text = fs::read(fixtures().join(case).join(file)).unwrap();
            world.write(&format!("repo/{file}"), &text);
        }
        world.write("repo/.git/HEAD", b"ref: refs/heads/main\n");
        world.write("repo/nix/shell.nix", b"{ }\n");
        world.write("home/profile", b"mine\n");
        world.folder("repo/.git/hooks");
        world.folder("repo/empty");
        world
    }

    /// Deep enough that no link with a few `..` leads to the real machine.
    fn at(&self, name: &str) -> PathBuf {
        self.disk.path().join("so/deep").join(name)
    }

    /// Whether a folder, behind all links, is on this disk.
    fn holds(&self, folder: &Path) -> bool {
        let disk = fs::canonicalize(self.disk.path()).unwrap();
        fs::canonicalize(folder).is_ok_and(|folder| folder.starts_with(disk))
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.at(name)).unwrap()
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        self.folder(name.rsplit_once('/').unwrap().0);
        fs::write(self.at(name), bytes).unwrap();
    }

    fn folder(&self, name: &str) {
        fs::create_dir_all(self.at(name)).unwrap();
    }

    fn link(&self, name: &str, target: &str) {
        symlink(target, self.at(name)).unwrap();
    }

    /// Replaces a file by a link, and moves it elsewhere.
    fn move_out(&self, name: &str, to: &str, target: &str) {
        fs::rename(self.at(name), self.at(to)).unwrap();
        self.link(name, target);
    }

    fn everything(&self) -> Everything {
        let mut all = Everything::new();
        collect(self.disk.path(), Path::new(""), &mut all);
        all
    }

    /// Runs a command in the repository, and checks it against its report, in which this disk is
    /// `(disk)`. `named` are folders on the command line.
    fn run(&self, arguments: &[&str], named: &[&str]) -> String {
        let before = self.everything();
        let mut command = flake_audit(&self.at("repo"));
        command.args(arguments).env("HOME", self.at("home")).env_remove("XDG_CONFIG_HOME");
        command.timeout(std::time::Duration::from_secs(60));
        let shown = shown(&mut command);
        let real = |path: PathBuf| fs::canonicalize(&path).unwrap_or(path);
        let told: BTreeSet<_> =
            written(&shown).iter().map(|name| real(self.at("repo").join(name))).collect();
        let folders: Vec<_> =
            ["repo"].iter().chain(named).map(|name| real(self.at(name))).collect();
        for path in changed(&before, &self.everything()) {
            let is_new_folder =
                !before.contains_key(&path) && self.disk.path().join(&path).is_dir();
            let path = real(self.disk.path().join(&path));
            let is_told = told.contains(&path)
                || is_new_folder && told.iter().any(|file| file.starts_with(&path))
                || named.iter().any(|name| path.starts_with(real(self.at(name))));
            assert!(is_told, "{arguments:?} has changed {}\n{shown}", path.display());
            let is_inside = folders.iter().any(|folder| path.starts_with(folder));
            assert!(is_inside, "{arguments:?} has written {}\n{shown}", path.display());
        }
        let disk = real(self.at("."));
        shown.replace(disk.to_str().unwrap(), "(disk)")
    }

    /// Runs every command, one after the other, in this repository.
    fn run_all(&self) {
        for (arguments, named) in COMMANDS {
            self.run(arguments, named);
        }
    }
}

/// Those that only read, then those that write; each with the folders it names besides the flake.
const COMMANDS: &[(&[&str], &[&str])] = &[
    (&["check"], &[]),
    (&["check", "--format", "json"], &[]),
    (&["fix", "--diff"], &[]),
    (&["fix", "--dry-run"], &[]),
    (&["graph"], &[]),
    (&["why", "nixpkgs"], &[]),
    (&["explain", "stale-lock"], &[]),
    (&["verify", "--nix", "false"], &[]),
    (&["fix", "--init", "gpu", "--dry-run"], &[]),
    (&["fix", "--no-lock"], &[]),
    (&["fix"], &[]),
    (&["fix", "--init", "gpu"], &[]),
    (&["fix", "--init", "nix/gpu"], &[]),
    (&["init", "gpu", "--config", "cudaSupport=true"], &[]),
    (&["init", "nix/deep/gpu", "--config", "cudaSupport=true"], &[]),
    (&["init", "../elsewhere/gpu", "--config", "cudaSupport=true"], &["elsewhere"]),
    (&["man", "--dir", "pages"], &["repo/pages"]),
    (&["merge"], &[]),
    (&["merge", "flake.lock", "flake.lock", "flake.lock"], &["repo/flake.lock"]),
    (&["fix"], &[]),
];

fn collect(folder: &Path, name: &Path, all: &mut Everything) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = name.join(entry.file_name());
        let data = fs::symlink_metadata(entry.path()).unwrap();
        let kind = data.file_type();
        let told = if kind.is_symlink() {
            format!("to {}", fs::read_link(entry.path()).unwrap().display())
        } else if kind.is_file() {
            format!("{:o} {:?}", data.mode(), fs::read(entry.path()).unwrap())
        } else {
            format!("{:o}", data.mode())
        };
        if kind.is_dir() {
            collect(&entry.path(), &name, all);
        }
        all.insert(name, told);
    }
}

fn changed(before: &Everything, after: &Everything) -> BTreeSet<PathBuf> {
    let names = before.keys().chain(after.keys());
    names.filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}

/// The files that a command reports as written.
fn written(shown: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for line in shown.lines() {
        let halfway = line.split_once(" was written, ").or(line.split_once(" were written, "));
        let halfway = halfway.and_then(|(before, _)| Some(before.rsplit_once("; ")?.1));
        names.extend(
            line.strip_prefix("wrote ").or(halfway).into_iter().flat_map(|l| l.split(", ")),
        );
    }
    names
}

#[test]
fn what_is_said_to_be_written_is_found_in_what_is_printed() {
    let said = "exit 0\nrepaired x\nwrote a/flake.nix, flake.lock\n\n1 finding repaired";
    assert_eq!(written(said), ["a/flake.nix", "flake.lock"]);
    let said = "error: c: the disk is full; a, b were written, c was not: run it again";
    assert_eq!(written(said), ["a", "b"]);
}
