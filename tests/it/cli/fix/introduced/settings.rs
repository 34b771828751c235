//! Which settings a wrapper takes over, and which have to be given.

use insta::assert_snapshot;

use super::{SHELL, flake, simple};
use crate::support::workspace::Workspace;

/// A root whose `pkgs` is made with this `config`, in a shell with a dependency.
fn with_config(config: &str) -> Workspace {
    flake(&format!(
        "{{ self, nixpkgs, another-dep }}: let
    pkgs = import nixpkgs {{ system = \"x86_64-linux\"; config = {config}; }};
  in {{
    {SHELL}
  }}"
    ))
}

/// A NixOS configuration that sets this.
fn with_option(option: &str) -> Workspace {
    flake(&format!(
        "{{ self, nixpkgs, another-dep }}: {{
    nixosConfigurations.box = nixpkgs.lib.nixosSystem {{
      system = \"x86_64-linux\";
      modules = [ ({{ lib, config, ... }}: {{
        {option}
        environment.systemPackages = [ another-dep.packages.x86_64-linux.default ];
      }}) ];
    }};
  }}"
    ))
}

/// The `config` of the introduced wrapper, and the messages.
fn wrapped(workspace: &Workspace, arguments: &[&str]) -> String {
    let output =
        workspace.command(&[&["fix", "--init", "gpu"], arguments].concat()).output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{errors}");
    let text = workspace.read("gpu/flake.nix");
    let (_, config) = text.split_once("config = {\n").unwrap();
    format!("{}\n{errors}", config.split_once("\n      };").unwrap().0)
}

#[test]
fn settings_that_are_off_are_none() {
    let workspace = with_config("{ allowUnfree = true; cudaSupport = false; rocmSupport = null; }");
    assert_snapshot!(workspace.fix_without_writing(&["--init", "gpu"]));
    let workspace = with_config(
        "{ cudaSupport = true; rocmSupport = false; cudaCapabilities = [ ]; packageOverrides = p: { }; }",
    );
    let text = wrapped(&workspace, &[]);
    assert_eq!(text.lines().next(), Some("        cudaSupport = true;"), "{text}");
    assert!(!text.contains("rocmSupport") && !text.contains("Overrides"), "{text}");
}

#[test]
fn a_name_with_a_dot_stays_one() {
    let workspace = with_config(
        "{ cudaSupport = true; \"a.b\" = true; joypixels.acceptLicense = true; \"c\\.d\" = 1; }",
    );
    assert_snapshot!(wrapped(&workspace, &[]));
}

#[test]
fn what_could_not_be_read_can_be_given() {
    let workspace = with_option(
        "nixpkgs.config.cudaSupport = true;
        nixpkgs.config.cudaCapabilities = lib.mkIf config.x.enable [ \"8.6\" \"8.9\" ];",
    );
    let refused = workspace.fix_without_writing(&["--init", "gpu"]);
    let given = wrapped(&workspace, &["--config", "cudaCapabilities=[ \"8.6\" \"8.9\" ]"]);
    let overridden = wrapped(&simple(), &["--config", "cudaSupport=true", "--config", "x=a"]);
    assert_snapshot!(format!("{refused}== given\n{given}== more than it says\n{overridden}"));
}

#[test]
fn code_cannot_be_given() {
    let mut told = String::new();
    for config in [
        "{ cudaSupport = true; replaceStdenv = { pkgs }: pkgs.clangStdenv; }",
        "{ cudaSupport = true; packageOverrides = p: { a = p.b; }; }",
        "builtins.fromJSON (builtins.readFile ./x.json)",
    ] {
        told += &with_config(config).fix_without_writing(&["--init", "gpu"]);
    }
    assert_snapshot!(told);
}
