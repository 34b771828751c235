//! Replacing files one after the other, with all kinds of disturbances.
#![allow(clippy::print_stdout, reason = "tests of many moments say how many they were")]

mod changes;
mod concurrency;
mod failures;
mod keeps;
mod kills;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::disk::{Disk, DiskEffect};
use super::{Replacement, WriteError, WriteProblem, replace, replace_on};
use crate::source::TreePath;

/// A flake's folder.
struct Flake {
    folder: TempDir,
}

impl Flake {
    /// In memory if possible: some tests make thousands of flakes, and syncing a disk would not
    /// test anything more there.
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        Self { folder: folder.unwrap() }.with(files)
    }

    fn on_disk(files: &[(&str, &str)]) -> Self {
        Self { folder: tempfile::tempdir().unwrap() }.with(files)
    }

    fn with(self, files: &[(&str, &str)]) -> Self {
        for (name, text) in files {
            self.write(name, text);
        }
        self
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn at(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.at(name).parent().unwrap()).unwrap();
        fs::write(self.at(name), text).unwrap();
    }

    /// The content of a file; `None` if there is none.
    fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.at(name)).ok()
    }

    /// Everything in the folder; folders end in `/`.
    fn all(&self) -> Vec<String> {
        let mut names = Vec::new();
        list(self.path(), "", &mut names);
        names.sort();
        names
    }

    /// Our own temporary files.
    fn leftovers(&self) -> Vec<String> {
        self.all().into_iter().filter(|name| name.contains(".flake-audit-")).collect()
    }
}

fn list(folder: &Path, prefix: &str, names: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            list(&entry.path(), &format!("{name}/"), names);
            names.push(name + "/");
        } else {
            names.push(name);
        }
    }
}

fn name(text: &str) -> TreePath {
    TreePath::root().join(text).unwrap()
}

fn change<'r>(file: &str, before: &'r str, after: &'r str) -> Replacement<'r> {
    Replacement {
        name: name(file),
        before: Some(before.as_bytes().into()),
        after: after.as_bytes().into(),
    }
}

fn new_file<'r>(file: &str, after: &'r str) -> Replacement<'r> {
    Replacement { name: name(file), before: None, after: after.as_bytes().into() }
}

/// Replaces files; `watch` gets the number of each effect.
fn replace_watched(
    folder: &Path,
    changes: &[Replacement],
    watch: &mut dyn FnMut(usize, DiskEffect) -> io::Result<()>,
) -> Result<(), WriteError> {
    let mut number = 0;
    let mut watch = |effect| {
        number += 1;
        watch(number - 1, effect)
    };
    replace_on(&mut Disk::new(&mut watch), folder, changes)
}

/// A repair with a new wrapper.
struct Repair;

/// The states that a repair may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Old,
    WrapperAlone,
    OldLock,
    New,
}

impl Repair {
    const FILES: [&str; 3] = ["nix/gpu/flake.nix", "flake.nix", "flake.lock"];

    fn flake() -> Flake {
        Flake::new(&[("flake.nix", "old flake"), ("flake.lock", "old lock")])
    }

    fn changes() -> Vec<Replacement<'static>> {
        vec![
            new_file("nix/gpu/flake.nix", "new wrapper"),
            change("flake.nix", "old flake", "new flake"),
            change("flake.lock", "old lock", "new lock"),
        ]
    }

    /// Which of these states it is; any other one fails the test.
    fn outcome(flake: &Flake) -> Outcome {
        let texts = Self::FILES.map(|name| flake.read(name));
        match texts.each_ref().map(|text| text.as_deref().unwrap_or_default()) {
            ["", "old flake", "old lock"] => Outcome::Old,
            ["new wrapper", "old flake", "old lock"] => Outcome::WrapperAlone,
            ["new wrapper", "new flake", "old lock"] => Outcome::OldLock,
            ["new wrapper", "new flake", "new lock"] => Outcome::New,
            _ => panic!("{texts:?} {:?}", flake.all()),
        }
    }

    /// How many effects there are.
    fn effects() -> usize {
        let mut count = 0;
        let counted = &mut |number, _| {
            count = number + 1;
            Ok(())
        };
        replace_watched(Self::flake().path(), &Self::changes(), counted).unwrap();
        count
    }

    /// Repairs once more like the next run, which reads what is there and wants the same.
    fn again(flake: &Flake) {
        let mut changes = Self::changes();
        for change in &mut changes {
            change.before = flake.read(change.name.as_str()).map(|text| text.into_bytes().into());
        }
        replace(flake.path(), &changes).unwrap();
        assert_eq!(Self::outcome(flake), Outcome::New);
    }
}
