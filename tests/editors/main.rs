//! The language server in real editors, with the configuration that `docs/editors.md` shows:
//! `cargo test --features editor-tests --test editors`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod emacs;
mod neovim;

#[allow(dead_code, reason = "the explorer's tests use more of it")]
#[path = "../terminal/tmux.rs"]
mod tmux;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tmux::{Tmux, fixture, program};

/// The line with the mistake, and its repair.
const WRONG: &str = "another-dep.inputs.nixpkgs.follows = \"nixpkgs\";";
const RIGHT: &str = "another-dep.inputs.nixpkgs.follows = \"nixpkgs-gpu\";";

/// Lines of flake.nix after `nixpkgs-gpu` was renamed to `cuda`.
const RENAMED: [&str; 4] = [
    "cuda.url = \"github:acme/nixpkgs-gpu\";",
    "cuda.inputs.nixpkgs.follows = \"nixpkgs\";",
    "{ self, nixpkgs, cuda, another-dep }:",
    "pkgs = cuda.legacyPackages.x86_64-linux;",
];

/// An editor in a terminal, on a copy of `seed/a-follows-plain`.
struct Editor(Tmux);

impl Editor {
    /// Starts it in the flake's folder; its configuration `init` is in this file one folder above.
    fn start(command: &str, file: &str, init: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("flake")).unwrap();
        for file in ["flake.nix", "flake.lock"] {
            fs::copy(seed().join(file), at("flake").join(file)).unwrap();
        }
        fs::create_dir(at("bin")).unwrap();
        let server = format!("#!/bin/sh\nexec {} \"$@\" --store /no/such/store\n", program());
        fs::write(at("bin/flake-audit"), server).unwrap();
        fs::write(at(file), init).unwrap();
        // Ignore all settings of the user.
        let script = format!(
            "chmod +x bin/flake-audit\nexport HOME=\"$PWD\" PATH=\"$PWD/bin:$PATH\"\n\
             unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME\ncd flake\n{command}"
        );
        let editor = Self(Tmux::with(&script, folder));
        editor.0.resize(110, 45);
        editor
    }

    /// A file of the flake; empty if there is none.
    fn read(&self, name: &str) -> String {
        let path = self.0.folder.path().join("flake").join(name);
        fs::read_to_string(path).unwrap_or_default()
    }

    /// Presses keys, and waits for a text on the screen, because an editor may still be busy.
    fn until(&self, text: &str, keys: &[&str]) -> String {
        self.0.keys(keys);
        self.0.wait_for(text)
    }

    /// Presses keys again and again until a text is on the screen, because the answer may come
    /// later.
    fn again_until(&self, text: &str, keys: &[&str]) {
        for _ in 0..10 {
            self.0.keys(keys);
            if self.0.settled().contains(text) {
                return;
            }
        }
        self.0.wait_for(text);
    }

    /// Waits until both files have the expected contents.
    fn has_written(&self, nix: &str, lock: &str) {
        self.waits_for(|| self.read("flake.nix") == nix && self.read("flake.lock") == lock);
    }

    /// Waits until a file has a line, ignoring the blanks around it.
    fn has(&self, file: &str, line: &str) {
        self.waits_for(|| self.read(file).lines().any(|read| read.trim() == line));
    }

    /// Waits until both files have `cuda` in place of `nixpkgs-gpu`.
    fn has_renamed(&self) {
        RENAMED.iter().for_each(|line| self.has("flake.nix", line));
        self.has("flake.lock", "\"cuda\": \"cuda\",");
    }

    fn waits_for(&self, is_so: impl Fn() -> bool) {
        let end = Instant::now() + Duration::from_secs(20);
        while !is_so() {
            let screen = self.0.screen();
            assert!(Instant::now() < end, "{}\n{screen}", self.read("flake.nix"));
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

fn seed() -> std::path::PathBuf {
    fixture("seed/a-follows-plain")
}

/// flake.nix and flake.lock before any change.
fn before() -> [String; 2] {
    ["flake.nix", "flake.lock"].map(|file| fs::read_to_string(seed().join(file)).unwrap())
}

/// The two files after `fix`.
fn fixed() -> [String; 2] {
    let copy = TempDir::new().unwrap();
    for file in ["flake.nix", "flake.lock"] {
        fs::copy(seed().join(file), copy.path().join(file)).unwrap();
    }
    let run = Command::new(env!("CARGO_BIN_EXE_flake-audit"))
        .args(["fix", "--store", "/no/such/store"])
        .current_dir(copy.path())
        .output()
        .unwrap();
    assert!(run.status.success(), "{run:?}");
    ["flake.nix", "flake.lock"].map(|file| fs::read_to_string(copy.path().join(file)).unwrap())
}

/// A block of code in `docs/editors.md`: the one that begins with this line.
fn documented(first: &str) -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/editors.md");
    let page = fs::read_to_string(page).unwrap();
    let lines = page.lines().skip_while(|line| line.strip_prefix("    ") != Some(first));
    let block = lines.take_while(|line| line.is_empty() || line.starts_with("    "));
    let block: Vec<&str> = block.map(|line| line.get(4..).unwrap_or_default()).collect();
    assert!(!block.is_empty(), "docs/editors.md shows no `{first}`");
    block.join("\n")
}
