//! A root with sources: hosts, modules and users as people write them, and a store with the sources
//! of all its inputs.

mod code;

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use flake_audit::source::store_name;

use code::{OVERLAYS, PACKAGE, all_of, hardware, host, module, user};

/// The number of inputs beside nixpkgs and the wrapper.
const INPUTS: usize = 58;
/// The number of hosts, each with a folder of three files.
const HOSTS: usize = 24;
/// The number of NixOS modules.
const MODULES: usize = 140;
/// The number of home-manager modules, and of users who import them.
const HOME: usize = 70;
const USERS: usize = 10;

/// How many files were written.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Written {
    pub(crate) root: usize,
    pub(crate) inputs: usize,
    pub(crate) bytes: usize,
}

struct Out<'p> {
    folder: &'p Path,
    files: usize,
    bytes: usize,
}

impl<'p> Out<'p> {
    fn new(folder: &'p Path) -> Self {
        Self { folder, files: 0, bytes: 0 }
    }

    fn file(&mut self, path: &str, text: &str) -> Result<()> {
        let file = self.folder.join(path);
        fs::create_dir_all(file.parent().context("a file in a folder")?)?;
        fs::write(file, text)?;
        self.files += usize::from(path.ends_with(".nix"));
        self.bytes += text.len();
        Ok(())
    }
}

/// Writes the root into a folder, and the sources of its inputs into `store`.
pub(crate) fn write(folder: &Path, store: &Path) -> Result<Written> {
    let mut root = Out::new(folder);
    root.file("flake.lock", &lock())?;
    root.file("flake.nix", &flake())?;
    root.file("overlays/default.nix", OVERLAYS)?;
    root.file("pkgs/default.nix", "pkgs: { tool = pkgs.callPackage ./tool.nix { }; }\n")?;
    root.file("pkgs/tool.nix", PACKAGE)?;
    for at in 0..HOSTS {
        let folder = format!("hosts/host-{at:02}");
        root.file(&format!("{folder}/default.nix"), &host(at))?;
        root.file(&format!("{folder}/hardware.nix"), &hardware(at))?;
        root.file(&format!("{folder}/services.nix"), &module("hosts", at))?;
    }
    root.file("modules/default.nix", &all_of(MODULES))?;
    root.file("home/default.nix", &all_of(HOME))?;
    for at in 0..MODULES {
        root.file(&format!("modules/m-{at:03}.nix"), &module("modules", at))?;
    }
    for at in 0..HOME {
        root.file(&format!("home/m-{at:03}.nix"), &module("programs", at))?;
    }
    for at in 0..USERS {
        root.file(&format!("users/user-{at}.nix"), &user(at))?;
    }
    let (mut files, mut bytes) = (0, root.bytes);
    for at in 0..INPUTS + 2 {
        let name = store_name("/nix/store", &nar_hash(at), "source").context("a store name")?;
        let source = store.join(name);
        let mut source = Out::new(&source);
        input(&mut source, at)?;
        files += source.files;
        bytes += source.bytes;
    }
    Ok(Written { root: root.files, inputs: files, bytes })
}

fn nar_hash(at: usize) -> String {
    format!("sha256-{at:042}0=")
}

fn name(at: usize) -> String {
    match at {
        0 => "nixpkgs".into(),
        1 => "nixpkgs-gpu".into(),
        2 => "home-manager".into(),
        at => format!("dep-{at:02}"),
    }
}

fn lock() -> String {
    let mut text = String::from("{\n  \"nodes\": {\n");
    for at in 0..INPUTS + 2 {
        let (name, hash) = (name(at), nar_hash(at));
        // Half of them follow the wrapper.
        let inputs = match at {
            0 => String::new(),
            at => {
                let follows = if at > 1 && at % 2 == 0 { "nixpkgs-gpu" } else { "nixpkgs" };
                format!("\"inputs\": {{ \"nixpkgs\": [ \"{follows}\" ] }},\n      ")
            }
        };
        let owner = if at == 0 { "NixOS" } else { "acme" };
        let _ = writeln!(
            text,
            r#"    "{name}": {{
      {inputs}"locked": {{
        "lastModified": 1700000000,
        "narHash": "{hash}",
        "owner": "{owner}",
        "repo": "{name}",
        "rev": "{at:040x}",
        "type": "github"
      }},
      "original": {{ "owner": "{owner}", "repo": "{name}", "type": "github" }}
    }},"#
        );
    }
    let inputs: Vec<_> = (0..INPUTS + 2).map(|at| format!("\"{0}\": \"{0}\"", name(at))).collect();
    let _ = writeln!(text, "    \"root\": {{ \"inputs\": {{ {} }} }}", inputs.join(", "));
    text + "  },\n  \"root\": \"root\",\n  \"version\": 7\n}\n"
}

fn flake() -> String {
    let mut text = String::from("{\n  description = \"all machines\";\n\n  inputs = {\n");
    for at in 0..INPUTS + 2 {
        let name = name(at);
        let owner = if at == 0 { "NixOS" } else { "acme" };
        let _ = match at {
            0 => writeln!(text, "    {name}.url = \"github:{owner}/{name}\";"),
            at => {
                let follows = if at > 1 && at % 2 == 0 { "nixpkgs-gpu" } else { "nixpkgs" };
                writeln!(
                    text,
                    "    {name} = {{\n      url = \"github:{owner}/{name}\";\n      \
                     inputs.nixpkgs.follows = \"{follows}\";\n    }};"
                )
            }
        };
    }
    let hosts: String = (0..HOSTS).map(|at| format!("        host-{at:02} = {at};\n")).collect();
    let taken: String = (3..INPUTS + 2)
        .filter(|at| at % 2 == 1)
        .map(|at| {
            format!("          dep-{at:02} = inputs.dep-{at:02}.packages.${{system}}.default;\n")
        })
        .collect();
    text + &format!(
        r#"  }};

  outputs =
    {{ self, nixpkgs, home-manager, ... }}@inputs:
    let
      inherit (nixpkgs) lib;
      system = "x86_64-linux";
      pkgs = import nixpkgs {{
        inherit system;
        overlays = builtins.attrValues (import ./overlays {{ inherit inputs; }});
        config = {{
          allowUnfree = true;
          cudaSupport = true;
        }};
      }};
      machine =
        name: number:
        lib.nixosSystem {{
          inherit system;
          specialArgs = {{ inherit inputs name number; }};
          modules = [
            ./modules
            (./hosts + "/${{name}}")
            home-manager.nixosModules.home-manager
            {{ nixpkgs.pkgs = pkgs; }}
          ];
        }};
      user =
        name:
        home-manager.lib.homeManagerConfiguration {{
          inherit pkgs;
          extraSpecialArgs = {{ inherit inputs; }};
          modules = [
            ./home
            (./users + "/${{name}}.nix")
          ];
        }};
    in
    {{
      overlays = import ./overlays {{ inherit inputs; }};
      packages.${{system}} =
        import ./pkgs pkgs
        // {{
{taken}        }};
      devShells.${{system}}.default = pkgs.mkShell {{ packages = [ pkgs.python3Packages.torch ]; }};
      nixosConfigurations = builtins.mapAttrs machine {{
{hosts}      }};
      homeConfigurations = lib.genAttrs (map (number: "user-${{toString number}}") (lib.range 0 {})) user;
    }};
}}
"#,
        USERS - 1
    )
}

/// Writes nixpkgs, the wrapper, and in turn a flake with modules and overlays and one with
/// packages.
fn input(out: &mut Out<'_>, at: usize) -> Result<()> {
    match at {
        0 => out.file("flake.nix", "{ outputs = { self }: { lib = import ./lib; }; }\n"),
        1 => out.file(
            "flake.nix",
            r#"{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = { self, nixpkgs }: {
    inherit (nixpkgs) lib nixosModules;
    legacyPackages = nixpkgs.lib.genAttrs [ "x86_64-linux" ] (system:
      import nixpkgs { inherit system; config.cudaSupport = true; });
  };
}
"#,
        ),
        at if at % 2 == 0 => {
            out.file("flake.nix", MODULE_FLAKE)?;
            out.file("modules/default.nix", "{ imports = [ ./nixos.nix ]; }\n")?;
            out.file("modules/nixos.nix", &module("inputs", at))?;
            out.file(
                "overlay.nix",
                "final: prev: { tool = final.callPackage ./package.nix { }; }\n",
            )?;
            out.file("package.nix", PACKAGE)
        }
        at => {
            out.file("flake.nix", PACKAGE_FLAKE)?;
            out.file("package.nix", PACKAGE)?;
            out.file(
                "shell.nix",
                "pkgs: pkgs.mkShell { packages = [ pkgs.cmake pkgs.ninja ]; }\n",
            )?;
            if at % 4 == 1 {
                out.file("module.nix", &module("inputs", at))?;
            }
            Ok(())
        }
    }
}

const MODULE_FLAKE: &str = r#"{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" ];
      each = f: nixpkgs.lib.genAttrs systems (system: f nixpkgs.legacyPackages.${system});
    in
    {
      overlays.default = import ./overlay.nix;
      nixosModules.default = import ./modules;
      nixosModules.home-manager = import ./modules;
      packages = each (pkgs: { default = pkgs.callPackage ./package.nix { }; });
      lib.homeManagerConfiguration = { pkgs, modules, ... }: modules;
    };
}
"#;

const PACKAGE_FLAKE: &str = r#"{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" "aarch64-darwin" ];
      each = f: nixpkgs.lib.genAttrs systems (system: f (import nixpkgs { inherit system; }));
    in
    {
      packages = each (pkgs: { default = pkgs.callPackage ./package.nix { }; });
      devShells = each (pkgs: { default = import ./shell.nix pkgs; });
      checks = self.packages;
    };
}
"#;
