//! `console` blocks: their commands are run, in a copy of the fixture that
//! `<!-- flake: AREA/CASE -->` names above them, and must print what is shown, on both streams.
//! Below `<!-- clone -->` they run in a plain clone of the repository.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::page::{CLONE, Page, all, repository};

/// The link to a fixture's sources.
const STORE: &str = ".store";

/// A copy of a fixture, and a `flake-audit` for it.
struct Shell {
    folder: TempDir,
    programs: TempDir,
    /// Where the first command is run, relative to `folder`.
    start: &'static str,
    /// The name of the folder of sources in repeated commands.
    store: String,
    /// The exit code of the last command.
    code: i32,
}

impl Shell {
    fn new(flake: &str) -> Self {
        if flake == CLONE { Self::in_clone() } else { Self::in_flake(flake) }
    }

    /// In a folder `clone` with the repository's fixtures and nothing else.
    fn in_clone() -> Self {
        let (folder, programs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let clone = folder.path().join("clone");
        fs::create_dir(&clone).unwrap();
        let link = |from: &Path, to: &Path| std::os::unix::fs::symlink(from, to).unwrap();
        let fixtures = repository().join("fixtures");
        link(&fixtures, &clone.join("fixtures"));
        let real = assert_cmd::cargo::cargo_bin("flake-audit");
        link(&real, &programs.path().join("flake-audit"));
        Self { folder, programs, start: "clone", store: String::new(), code: 0 }
    }

    fn in_flake(flake: &str) -> Self {
        let fixture = repository().join("fixtures").join(flake);
        let folder = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(&fixture).unwrap() {
            let file = entry.unwrap().path();
            let is_flakes = |end: &std::ffi::OsStr| end == "nix" || end == "lock" || end == "toml";
            if file.is_file() && file.extension().is_some_and(is_flakes) {
                fs::copy(&file, folder.path().join(file.file_name().unwrap())).unwrap();
            }
        }
        // Sources of a fixture stand in for those in /nix/store.
        let store = fixture.join("store");
        let store = if store.is_dir() {
            // The link's name has the same length on every machine, because output that repeats it
            // may be wrapped.
            std::os::unix::fs::symlink(&store, folder.path().join(STORE)).unwrap();
            format!("--store {STORE}")
        } else {
            String::new()
        };
        let programs = tempfile::tempdir().unwrap();
        let program = programs.path().join("flake-audit");
        let real = assert_cmd::cargo::cargo_bin("flake-audit");
        let script = format!(
            "#!/bin/sh\ncase $1 in\n  explain|init) exec '{real}' \"$@\" ;;\n  \
             *) exec '{real}' \"$@\" {store} ;;\nesac\n",
            real = real.display()
        );
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        Self { folder, programs, start: ".", store, code: 0 }
    }

    /// The output of a command on either stream.
    fn run(&mut self, command: &str) -> String {
        let path = std::env::var("PATH").unwrap();
        let mut shell = Command::new("sh");
        // Each command runs in a shell of its own, which starts in the folder where the last one
        // ended.
        let left = self.programs.path().join("left");
        let here = fs::read_to_string(&left).unwrap_or_else(|_| self.start.to_owned());
        shell
            .current_dir(self.folder.path().join(here.trim_end()))
            .env("PATH", format!("{}:{path}", self.programs.path().display()))
            // `echo $?` prints the exit code of the last command.
            .args([
                "-c",
                &format!(
                    "trap 'pwd >{}' EXIT; exec 2>&1; (exit {}); {command}",
                    left.display(),
                    self.code
                ),
            ]);
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "RAYON_NUM_THREADS"] {
            shell.env_remove(name);
        }
        // The usual width of a terminal.
        shell.env("COLUMNS", "80");
        let output = shell.output().unwrap();
        self.code = output.status.code().unwrap();
        let shown = String::from_utf8(output.stdout).unwrap();
        match self.store.as_str() {
            "" => shown,
            store => shown.replace(&format!(" {store}"), ""),
        }
    }
}

/// A block with the current output of its commands.
fn printed(shell: &mut Shell, block: &str) -> String {
    let commands = block.lines().filter_map(|line| line.strip_prefix("$ "));
    commands.map(|command| format!("$ {command}\n{}", shell.run(command))).collect()
}

/// Checks the blocks of a page and counts them. With `INSTA_UPDATE=always` they are updated.
fn check(page: &Page) -> usize {
    let mut shell = None;
    let mut seen = 0;
    for block in page.blocks.iter().filter(|block| block.language == "console") {
        let flake = block.flake.as_deref();
        let flake = flake.unwrap_or_else(|| panic!("{}: no flake is named", page.name));
        if shell.as_ref().is_none_or(|(nth, _)| *nth != block.nth_flake) {
            shell = Some((block.nth_flake, Shell::new(flake)));
        }
        let (_, shell) = shell.as_mut().unwrap();
        let now = printed(shell, &block.text);
        // A search for words that are no longer printed finds nothing, and is a bad example.
        let shows = now.lines().any(|line| !line.starts_with("$ "));
        assert!(shows, "{} shows nothing:\n{now}", page.name);
        if now != block.text && std::env::var("INSTA_UPDATE").is_ok_and(|when| when == "always") {
            update(&repository().join(&page.name), &block.text, &now);
        } else {
            assert_eq!(now, block.text, "{} shows something else, for {flake}", page.name);
        }
        seen += 1;
    }
    seen
}

fn update(file: &Path, old: &str, new: &str) {
    let fenced = |text: &str| format!("```console\n{text}```\n");
    let text = fs::read_to_string(file).unwrap().replacen(&fenced(old), &fenced(new), 1);
    fs::write(file, text).unwrap();
}

#[test]
fn shown_output_is_real_output() {
    let seen: usize = all().iter().map(check).sum();
    println!("{seen} blocks of commands were run");
    assert!(seen > 5, "only {seen} blocks");
}
