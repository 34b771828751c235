//! Flakes in a temporary folder, for one version of Nix.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::program::Nix;

/// The system that all flakes are for.
pub(crate) const SYSTEM: &str = "x86_64-linux";

/// A folder of flakes that refer to each other by `path:`.
///
/// A lock keeps what a flake was locked with when that changes, so there can be two revisions of
/// one nixpkgs, or of one wrapper.
pub(crate) struct World<'n> {
    pub(crate) nix: &'n Nix,
    folder: TempDir,
}

/// The two files of a flake that matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) nix: String,
    pub(crate) lock: Option<String>,
}

impl<'n> World<'n> {
    /// With a new nixpkgs and a new wrapper for it.
    pub(crate) fn new(nix: &'n Nix) -> Self {
        let folder = tempfile::Builder::new().prefix("flake-audit-nix-").tempdir().unwrap();
        let world = Self { nix, folder };
        world.nixpkgs("24.11");
        world.wrapper("9.0");
        world
    }

    /// The folder of a flake.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of a flake; `@NAME@` becomes the reference of another one.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, self.referring(text)).unwrap();
    }

    /// A text with `@NAME@` replaced by the reference of a flake.
    pub(crate) fn referring(&self, text: &str) -> String {
        let mut parts = text.split('@');
        let mut all = parts.next().unwrap().to_owned();
        while let Some(part) = parts.next() {
            let is_name =
                !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
            match parts.next() {
                Some(after) if is_name => {
                    all += &format!("path:{}{after}", self.at(part).display());
                }
                Some(after) => all += &format!("@{part}@{after}"),
                None => all += &format!("@{part}"),
            }
        }
        all
    }

    /// The stub nixpkgs, at a version of its own.
    pub(crate) fn nixpkgs(&self, version: &str) {
        self.write("nixpkgs/flake.nix", include_str!("stub/flake.nix"));
        self.write("nixpkgs/default.nix", include_str!("stub/default.nix"));
        let program = self.at("program").display().to_string();
        let tools = include_str!("stub/tools.nix").replace("/program/", &format!("{program}/"));
        self.write("nixpkgs/tools.nix", &tools);
        let lib = include_str!("stub/lib.nix").replace("@version@", version);
        self.write("nixpkgs/lib.nix", &lib);
    }

    /// The wrapper, for one CUDA capability.
    pub(crate) fn wrapper(&self, capability: &str) {
        self.write(
            "nixpkgs-gpu/flake.nix",
            &r#"{
  inputs.nixpkgs.url = "@nixpkgs@";
  outputs = { self, nixpkgs }: {
    inherit (nixpkgs) lib nixosModules htmlDocs;
    legacyPackages = nixpkgs.lib.genAttrs nixpkgs.lib.systems.flakeExposed (system:
      import nixpkgs {
        inherit system;
        config = { allowUnfree = true; cudaSupport = true; cudaCapabilities = [ "CAPABILITY" ]; };
      });
  };
}
"#
            .replace("CAPABILITY", capability),
        );
    }

    /// A dependency with one package, made of torch and of the packages of its other inputs. Its
    /// torch comes from the input `from`.
    pub(crate) fn dependency(&self, name: &str, inputs: &str, from: &str, others: &[&str]) {
        let others =
            others.iter().map(|other| format!(" inputs.{other}.packages.{SYSTEM}.default"));
        let others: String = others.collect();
        self.write(
            &format!("{name}/flake.nix"),
            &format!(
                "{{
  inputs = {{ {inputs} }};
  outputs = inputs:
    let pkgs = inputs.{from}.legacyPackages.{SYSTEM}; in {{
      packages.{SYSTEM}.default = pkgs.mkPackage {{
        pname = \"{name}\";
        deps = [ pkgs.python3Packages.torch{others} ];
      }};
    }};
}}
"
            ),
        );
    }

    /// Lets Nix lock a flake.
    pub(crate) fn lock(&self, name: &str) {
        self.nix.ask(&self.at(name), &["flake", "lock", "."]);
    }

    /// The current files of a flake.
    pub(crate) fn pair(&self, name: &str) -> Pair {
        let folder = self.at(name);
        Pair {
            nix: fs::read_to_string(folder.join("flake.nix")).unwrap(),
            lock: fs::read_to_string(folder.join("flake.lock")).ok(),
        }
    }

    /// Restores the files of a flake.
    pub(crate) fn restore(&self, name: &str, pair: &Pair) {
        let folder = self.at(name);
        fs::write(folder.join("flake.nix"), &pair.nix).unwrap();
        fs::write(folder.join("flake.lock"), pair.lock.as_ref().unwrap()).unwrap();
    }

    /// The derivations of torch in the development shell of a flake.
    pub(crate) fn torches(&self, name: &str) -> Vec<String> {
        let torches = format!(".#devShells.{SYSTEM}.default.torches");
        let eval = ["eval", "--json", "--no-write-lock-file", &torches];
        serde_json::from_str(&self.nix.ask(&self.at(name), &eval)).unwrap()
    }

    /// The derivation of torch in the current stub nixpkgs, with these settings.
    pub(crate) fn torch(&self, config: &str) -> String {
        let nixpkgs = self.at("nixpkgs");
        let import = format!("import {} {{ system = \"{SYSTEM}\"; {config} }}", nixpkgs.display());
        let expression = format!("({import}).python3Packages.torch.drvPath");
        let eval = ["eval", "--impure", "--raw", "--expr", &expression];
        self.nix.ask(self.folder.path(), &eval)
    }

    /// flake-audit with this Nix, in the folder of all flakes.
    pub(crate) fn flake_audit(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flake-audit"));
        command.current_dir(self.folder.path()).args(arguments);
        command.env_remove("NIX_STORE_DIR");
        Nix::settle(&mut command);
        command
    }

    /// Runs `flake-audit verify` on a flake; returns the exit code and the output.
    pub(crate) fn verify(&self, name: &str, arguments: &[&str]) -> Verified {
        let program = self.nix.program.to_str().unwrap();
        let mut verify = vec!["verify", name, "--nix", program];
        if !arguments.contains(&"--system") {
            verify.extend(["--system", SYSTEM]);
        }
        let before = self.pair(name);
        let output = self.flake_audit(&verify).args(arguments).output().unwrap();
        assert_eq!(self.pair(name), before, "verify writes nothing");
        Verified::new(output)
    }
}

/// A run of `flake-audit verify`.
#[derive(Debug)]
pub(crate) struct Verified {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Verified {
    fn new(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self {
            code: output.status.code().unwrap(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    /// The derivations that it names, each with the lines below it.
    pub(crate) fn derivations(&self) -> Vec<(String, Vec<String>)> {
        let mut found: Vec<(String, Vec<String>)> = Vec::new();
        for line in self.stdout.lines() {
            match (line.strip_prefix("      "), line.strip_prefix("  ")) {
                (Some(user), _) => found.last_mut().unwrap().1.push(user.to_owned()),
                (None, Some(path)) => found.push((path.to_owned(), Vec::new())),
                (None, None) => {}
            }
        }
        found
    }

    /// The number of derivations in its summary.
    pub(crate) fn count(&self) -> String {
        self.stdout.split(" of ").next().unwrap().to_owned()
    }
}

/// Copies the `flake.nix` of a seed scenario to a flake, with references to the flakes of a world.
pub(crate) fn seed(world: &World<'_>, case: &str, name: &str) {
    fixture(world, &format!("seed/{case}"), name);
}

/// The same for any fixture.
pub(crate) fn fixture(world: &World<'_>, case: &str, name: &str) {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(case);
    let text = fs::read_to_string(fixture.join("flake.nix")).unwrap();
    let mut text = text.replace("\"github:NixOS/nixpkgs/nixos-24.11\"", "\"@nixpkgs@\"");
    while let Some((before, after)) = text.split_once("\"github:acme/") {
        let (repository, after) = after.split_once('"').unwrap();
        text = format!("{before}\"@{repository}@\"{after}");
    }
    world.write(&format!("{name}/flake.nix"), &text);
}
