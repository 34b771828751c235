//! Locks as Nix writes them, of any size, and the `flake.nix` for each.
//!
//! A root with nixpkgs, a wrapper built on it, and a tree of dependencies, six below each. The
//! root's own dependencies follow the wrapper, the others the slot above them, as dependencies can
//! declare themselves.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Result;

/// Dependencies below each dependency, and below the root.
const FAN: usize = 6;

/// Whether a lock has findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Every slot ends at the wrapper.
    Clean,
    /// A quarter of the dependencies follows plain nixpkgs, or has its own.
    Findings,
}

/// The nixpkgs of a dependency: followed, or its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nixpkgs {
    Wrapper,
    Raw,
    Above,
    Own,
}

#[derive(Debug, Clone, Copy)]
struct Plan {
    kind: Kind,
    dependencies: usize,
}

impl Plan {
    /// A plan for a lock of about this many nodes.
    fn new(kind: Kind, nodes: usize) -> Self {
        let mut plan = Self { kind, dependencies: 0 };
        // The root, nixpkgs and the wrapper.
        let mut left = nodes.saturating_sub(3);
        loop {
            let at = plan.dependencies;
            let own = [plan.has_utils(at), plan.nixpkgs(at) == Nixpkgs::Own];
            let wanted = 1 + own.into_iter().filter(|own| *own).count();
            if wanted > left {
                return plan;
            }
            left -= wanted;
            plan.dependencies += 1;
        }
    }

    fn has_utils(self, at: usize) -> bool {
        at % 3 == 1
    }

    fn nixpkgs(self, at: usize) -> Nixpkgs {
        match (at % 8, self.kind) {
            (3, Kind::Findings) if at < FAN => Nixpkgs::Raw,
            (3 | 5, Kind::Findings) => Nixpkgs::Own,
            _ if at < FAN => Nixpkgs::Wrapper,
            _ => Nixpkgs::Above,
        }
    }

    /// The owner path of a dependency.
    fn path(self, at: usize) -> Vec<String> {
        let mut path = vec![dependency(at)];
        let mut at = at;
        while at >= FAN {
            at = at / FAN - 1;
            path.push(dependency(at));
        }
        path.reverse();
        path
    }

    /// The dependencies below a dependency, or below the root.
    fn below(self, at: Option<usize>) -> impl Iterator<Item = usize> {
        let first = at.map_or(0, |at| (at + 1) * FAN);
        first..(first + FAN).min(self.dependencies).max(first)
    }
}

fn dependency(at: usize) -> String {
    format!("dep-{at:07}")
}

/// Writes a lock of about `nodes` nodes into a folder, and the flake if `beside` is set.
pub(crate) fn write(folder: &Path, kind: Kind, nodes: usize, beside: bool) -> Result<()> {
    let plan = Plan::new(kind, nodes);
    fs::create_dir_all(folder)?;
    write_lock(&folder.join("flake.lock"), plan)?;
    if beside {
        fs::write(folder.join("flake.nix"), flake(plan))?;
    }
    Ok(())
}

fn write_lock(file: &Path, plan: Plan) -> Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(file)?);
    out.write_all(b"{\n  \"nodes\": {\n")?;
    // In the order of the keys, as Nix writes them.
    for at in 0..plan.dependencies {
        let mut inputs: Vec<_> = plan
            .below(Some(at))
            .map(|child| (dependency(child), direct(&dependency(child))))
            .collect();
        if plan.has_utils(at) {
            inputs.push(("flake-utils".into(), direct(&format!("flake-utils_{at:07}"))));
        }
        let mut path = plan.path(at);
        let nixpkgs = match plan.nixpkgs(at) {
            Nixpkgs::Wrapper => follows(&["nixpkgs-gpu".into()]),
            Nixpkgs::Raw => follows(&["nixpkgs".into()]),
            Nixpkgs::Own => direct(&format!("nixpkgs_{at:07}")),
            Nixpkgs::Above => {
                path.pop();
                path.push("nixpkgs".into());
                follows(&path)
            }
        };
        inputs.push(("nixpkgs".into(), nixpkgs));
        node(&mut out, &dependency(at), &inputs, "acme", &dependency(at), at)?;
    }
    for at in (0..plan.dependencies).filter(|at| plan.has_utils(*at)) {
        node(&mut out, &format!("flake-utils_{at:07}"), &[], "numtide", "flake-utils", at)?;
    }
    node(&mut out, "nixpkgs", &[], "NixOS", "nixpkgs", 0)?;
    let base = ("nixpkgs".to_owned(), follows(&["nixpkgs".into()]));
    node(&mut out, "nixpkgs-gpu", &[base], "acme", "nixpkgs-gpu", 0)?;
    for at in (0..plan.dependencies).filter(|at| plan.nixpkgs(*at) == Nixpkgs::Own) {
        node(&mut out, &format!("nixpkgs_{at:07}"), &[], "NixOS", "nixpkgs", at)?;
    }
    let mut inputs: Vec<_> =
        plan.below(None).map(|child| (dependency(child), direct(&dependency(child)))).collect();
    inputs.extend(["nixpkgs", "nixpkgs-gpu"].map(|name| (name.to_owned(), direct(name))));
    write!(out, "    \"root\": {{\n{}\n    }}\n", members(&inputs))?;
    out.write_all(b"  },\n  \"root\": \"root\",\n  \"version\": 7\n}\n")?;
    out.flush()?;
    Ok(())
}

/// A `flake.nix` with the inputs of the locked root, and outputs that take from each.
fn flake(plan: Plan) -> String {
    let mut inputs = String::from("    nixpkgs.url = \"github:NixOS/nixpkgs\";\n");
    let mut declare = |name: &str, follows: Option<&str>| {
        inputs += &format!("    {name} = {{\n      url = \"github:acme/{name}\";\n");
        if let Some(follows) = follows {
            inputs += &format!("      inputs.nixpkgs.follows = \"{follows}\";\n");
        }
        inputs += "    };\n";
    };
    declare("nixpkgs-gpu", Some("nixpkgs"));
    let mut taken = String::new();
    for at in plan.below(None) {
        let follows = match plan.nixpkgs(at) {
            Nixpkgs::Wrapper => Some("nixpkgs-gpu"),
            Nixpkgs::Raw => Some("nixpkgs"),
            Nixpkgs::Above | Nixpkgs::Own => None,
        };
        let name = dependency(at);
        declare(&name, follows);
        taken += &format!("          inputs.{name}.packages.${{system}}.default\n");
    }
    format!(
        r#"{{
  inputs = {{
{inputs}  }};

  outputs =
    {{ nixpkgs-gpu, ... }}@inputs:
    let
      system = "x86_64-linux";
      pkgs = nixpkgs-gpu.legacyPackages.${{system}};
    in
    {{
      devShells.${{system}}.default = pkgs.mkShell {{
        packages = [
          pkgs.python3Packages.torch
{taken}        ];
      }};
    }};
}}
"#
    )
}

/// Writes the same lock into many folders, and a list of the files.
pub(crate) fn write_many(
    folder: &Path,
    list: &Path,
    kind: Kind,
    nodes: usize,
    locks: usize,
    beside: bool,
) -> Result<()> {
    let mut names = BufWriter::new(File::create(list)?);
    for number in 0..locks {
        let flake = folder.join(format!("team-{}/flake-{number}", number / 100));
        write(&flake, kind, nodes, beside)?;
        writeln!(names, "{}", flake.join("flake.lock").display())?;
    }
    names.flush()?;
    Ok(())
}

fn direct(key: &str) -> String {
    format!("\"{key}\"")
}

fn follows(path: &[String]) -> String {
    let names: Vec<_> = path.iter().map(|name| format!("          \"{name}\"")).collect();
    format!("[\n{}\n        ]", names.join(",\n"))
}

fn members(inputs: &[(String, String)]) -> String {
    let inputs: Vec<_> =
        inputs.iter().map(|(name, target)| format!("        \"{name}\": {target}")).collect();
    format!("      \"inputs\": {{\n{}\n      }}", inputs.join(",\n"))
}

fn node(
    out: &mut impl Write,
    key: &str,
    inputs: &[(String, String)],
    owner: &str,
    repo: &str,
    number: usize,
) -> Result<()> {
    writeln!(out, "    \"{key}\": {{")?;
    if !inputs.is_empty() {
        writeln!(out, "{},", members(inputs))?;
    }
    write!(
        out,
        r#"      "locked": {{
        "lastModified": {},
        "narHash": "sha256-{number:042}0=",
        "owner": "{owner}",
        "repo": "{repo}",
        "rev": "{number:040x}",
        "type": "github"
      }},
      "original": {{
        "owner": "{owner}",
        "repo": "{repo}",
        "type": "github"
      }}
    }},
"#,
        1_700_000_000 + number
    )?;
    Ok(())
}
