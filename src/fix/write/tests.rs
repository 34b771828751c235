//! Files replaced together, under everything that can come between.
#![allow(clippy::print_stdout, reason = "tests of many moments say how many they were")]

mod changes;
mod concurrency;
mod failures;
mod journals;
mod keeps;
mod kills;
mod left;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::disk::{Disk, Effect};
use super::{Mended, Replacement, WriteError, mend, mend_on, replace_on};
use crate::source::TreePath;

/// A flake's folder.
struct Flake {
    folder: TempDir,
}

impl Flake {
    /// In memory, where that can be: some tests make thousands of flakes, and a disk that is waited
    /// for shows nothing more there.
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

    /// What is in a file; `None` where there is none.
    fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.at(name)).ok()
    }

    /// Everything in the folder, folders with a `/`.
    fn all(&self) -> Vec<String> {
        let mut names = Vec::new();
        list(self.path(), "", &mut names);
        names.sort();
        names
    }

    /// Our own files.
    fn leftovers(&self) -> Vec<String> {
        self.all().into_iter().filter(|name| name.contains(".flake-audit-")).collect()
    }

    fn mend(&self) -> Vec<Mended> {
        mend(self.path()).unwrap()
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

fn change(file: &str, before: &str, after: &str) -> Replacement {
    Replacement { name: name(file), before: Some(before.into()), after: after.into() }
}

fn new_file(file: &str, after: &str) -> Replacement {
    Replacement { name: name(file), before: None, after: after.into() }
}

/// How files change places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Exchange,
    /// As on systems that cannot exchange.
    Renaming,
}

const BOTH: [By; 2] = [By::Exchange, By::Renaming];

/// Replaces; `watch` is told the number of each effect.
fn replace_watched(
    folder: &Path,
    by: By,
    changes: &[Replacement],
    watch: &mut dyn FnMut(usize, Effect) -> io::Result<()>,
) -> Result<(), WriteError> {
    let mut number = 0;
    let mut watch = |effect| {
        number += 1;
        watch(number - 1, effect)
    };
    let mut disk = Disk::new(&mut watch);
    if by == By::Renaming {
        disk.never_exchange();
    }
    replace_on(&mut disk, folder, changes)
}

/// Mends; `watch` is told the number of each effect.
fn mend_watched(
    folder: &Path,
    by: By,
    watch: &mut dyn FnMut(usize, Effect) -> io::Result<()>,
) -> Result<Vec<Mended>, WriteError> {
    let mut number = 0;
    let mut watch = |effect| {
        number += 1;
        watch(number - 1, effect)
    };
    let mut disk = Disk::new(&mut watch);
    if by == By::Renaming {
        disk.never_exchange();
    }
    mend_on(&mut disk, folder)
}

/// What a repair with a new wrapper does.
struct Repair;

impl Repair {
    const FILES: [&str; 4] =
        ["nix/gpu/flake.nix", "flake.nix", "flake.lock", "nix/gpu/default.nix"];

    fn flake() -> Flake {
        Flake::new(&[("flake.nix", "old flake"), ("flake.lock", "old lock")])
    }

    fn changes() -> Vec<Replacement> {
        vec![
            new_file("nix/gpu/flake.nix", "new wrapper"),
            change("flake.nix", "old flake", "new flake"),
            change("flake.lock", "old lock", "new lock"),
            new_file("nix/gpu/default.nix", "new default"),
        ]
    }

    fn is_before(flake: &Flake) -> bool {
        Self::texts(flake) == [None, Some("old flake".into()), Some("old lock".into()), None]
            && flake.all().len() == 2
    }

    fn is_after(flake: &Flake) -> bool {
        let new = ["new wrapper", "new flake", "new lock", "new default"];
        Self::texts(flake) == new.map(|text| Some(text.to_owned())) && flake.all().len() == 6
    }

    fn texts(flake: &Flake) -> [Option<String>; 4] {
        Self::FILES.map(|name| flake.read(name))
    }

    /// How many effects there are.
    fn effects(by: By) -> usize {
        let flake = Self::flake();
        let mut count = 0;
        let counted = &mut |number, _| {
            count = number + 1;
            Ok(())
        };
        replace_watched(flake.path(), by, &Self::changes(), counted).unwrap();
        assert!(Self::is_after(&flake));
        count
    }

    /// What lies on the disk when a run ends right before one of its effects.
    fn ended_before(by: By, effect: usize) -> Flake {
        let flake = Self::flake();
        let dies = &mut |number, _| dead_from(effect, number);
        let _ = replace_watched(flake.path(), by, &Self::changes(), dies);
        flake
    }
}

fn dead_from(first: usize, number: usize) -> io::Result<()> {
    if number < first { Ok(()) } else { Err(io::Error::other("the disk is dead")) }
}
