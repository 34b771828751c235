//! The versions of Nix to test with.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A program with Nix's interface.
#[derive(Debug, Clone)]
pub(crate) struct Nix {
    pub(crate) program: PathBuf,
    /// Its name.
    pub(crate) name: String,
    version: (u32, u32),
}

/// All programs to test with. Fails if one does not run.
pub(crate) fn all() -> Vec<Nix> {
    let named = env::var("FLAKE_AUDIT_NIX").unwrap_or_default();
    let mut named: Vec<&str> = named.split_whitespace().collect();
    if named.is_empty() {
        named.push("nix");
    }
    named.into_iter().map(Nix::named).collect()
}

/// Excludes the network, the user's settings and registries.
const SETTINGS: &str = "substitute = false\nsubstituters =\nflake-registry =\n\
    use-registries = false\nwarn-dirty = false\n";

impl Nix {
    fn named(name: &str) -> Self {
        let path = Path::new(name);
        let program = match path.components().count() {
            1 => path.to_path_buf(),
            _ => std::path::absolute(path).unwrap(),
        };
        let nix = Self { program, name: String::new(), version: (0, 0) };
        let said = Command::new(&nix.program).arg("--version").output().unwrap_or_else(|error| {
            panic!("FLAKE_AUDIT_NIX: `{name}` does not run ({error}); these tests need Nix")
        });
        let said = String::from_utf8(said.stdout).unwrap().trim().to_owned();
        let last = said.split(' ').next_back().unwrap();
        let mut numbers = last.split('.').map(|number| number.parse().ok());
        let (Some(Some(major)), Some(Some(minor))) = (numbers.next(), numbers.next()) else {
            panic!("FLAKE_AUDIT_NIX: `{name}` says that it is {said:?}");
        };
        Self { name: said, version: (major, minor), ..nix }
    }

    /// 8 for 2.8.
    pub(crate) fn minor(&self) -> u32 {
        self.version.1
    }

    /// Whether it is at least as new as the newest that the rules are about.
    pub(crate) fn is_newest_asked(&self) -> bool {
        self.version >= (2, 34)
    }

    /// Whether it reads overrides of inputs of inputs of inputs (Nix 2.30).
    pub(crate) fn reads_deep_overrides(&self) -> bool {
        self.version >= (2, 30)
    }

    /// Whether a `path:` reference may have a `dir` (2.26.3 and 2.34.8 may, 2.8.0 not).
    pub(crate) fn reads_folders_of_paths(&self) -> bool {
        self.version >= (2, 26)
    }

    /// Whether it locks relative paths without a hash (Nix 2.26).
    pub(crate) fn locks_relative_paths(&self) -> bool {
        self.version >= (2, 26)
    }

    /// Sets the environment that it runs with.
    pub(crate) fn settle(command: &mut Command) -> &mut Command {
        // Addresses where nobody listens, so that nothing can be fetched, with or without a
        // network.
        let proxies = ["http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"];
        command.envs(proxies.map(|name| (name, "http://127.0.0.1:9")));
        command.env_remove("no_proxy").env_remove("NO_PROXY");
        command.env("NIX_CONFIG", SETTINGS).stdin(Stdio::null())
    }

    /// Runs it in a folder.
    pub(crate) fn run(&self, folder: &Path, arguments: &[&str]) -> Output {
        let mut command = Command::new(&self.program);
        command.args(["--extra-experimental-features", "nix-command flakes"]);
        command.args(arguments).current_dir(folder);
        Self::settle(&mut command).output().unwrap()
    }

    /// Its output in a folder; it must succeed.
    pub(crate) fn ask(&self, folder: &Path, arguments: &[&str]) -> String {
        let output = self.run(folder, arguments);
        let complaints = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {arguments:?}: {complaints}", self.name);
        String::from_utf8(output.stdout).unwrap()
    }
}
