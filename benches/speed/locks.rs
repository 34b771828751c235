//! Locks as Nix writes them, of any size.
//!
//! A root with nixpkgs, a wrapper built on it, and a tree of dependencies, six below each. Most
//! get their nixpkgs from the wrapper, some by following the slot above them.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Result;

/// Dependencies below each dependency, and below the root.
const FAN: usize = 6;

/// Whether a lock has something to be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Every slot ends at the wrapper.
    Clean,
    /// A quarter of the dependencies follows plain nixpkgs, or brings its own.
    Findings,
}

/// What a dependency follows, or has.
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
            (3, Kind::Findings) => Nixpkgs::Raw,
            (5, Kind::Findings) => Nixpkgs::Own,
            (2 | 6, _) if at >= FAN => Nixpkgs::Above,
            _ => Nixpkgs::Wrapper,
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

    /// The dependencies below one, or below the root.
    fn below(self, at: Option<usize>) -> impl Iterator<Item = usize> {
        let first = at.map_or(0, |at| (at + 1) * FAN);
        first..(first + FAN).min(self.dependencies).max(first)
    }
}

fn dependency(at: usize) -> String {
    format!("dep-{at:07}")
}

/// Writes a lock of about `nodes` nodes.
pub(crate) fn write(file: &Path, kind: Kind, nodes: usize) -> Result<()> {
    let plan = Plan::new(kind, nodes);
    let mut out = BufWriter::with_capacity(1 << 20, File::create(file)?);
    out.write_all(b"{\n  \"nodes\": {\n")?;
    // In the order of the keys, as Nix has them.
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

/// Writes the same lock into many folders, and a list of the files.
pub(crate) fn write_many(
    folder: &Path,
    list: &Path,
    kind: Kind,
    nodes: usize,
    locks: usize,
) -> Result<()> {
    let mut names = BufWriter::new(File::create(list)?);
    fs::create_dir_all(folder)?;
    let template = folder.with_extension("template");
    write(&template, kind, nodes)?;
    let text = fs::read(&template)?;
    for number in 0..locks {
        let flake = folder.join(format!("team-{}/flake-{number}", number / 100));
        fs::create_dir_all(&flake)?;
        let file = flake.join("flake.lock");
        fs::write(&file, &text)?;
        writeln!(names, "{}", file.display())?;
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
