//! The text of a wrapper flake, formatted like nixfmt.
//!
//! `legacyPackages` is spelled so that the audit recognizes it from source: nixpkgs imported with a
//! literal `config`.

use std::fmt::{self, Display, Formatter};

use super::{Holding, Literal, WrapperFlake};
use crate::text::{NixString, Visible};

impl Display for WrapperFlake {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let description = format!("nixpkgs with {}", self.settings);
        header(&self.holding, f)?;
        writeln!(f, "{{")?;
        writeln!(f, "  description = {};\n", NixString(&description))?;
        writeln!(f, "  inputs.nixpkgs.url = {};\n", NixString(&self.nixpkgs))?;
        writeln!(f, "  outputs =\n    {{ nixpkgs, ... }}:\n    let")?;
        match &self.systems {
            None => writeln!(f, "      systems = nixpkgs.lib.systems.flakeExposed;")?,
            Some(systems) => {
                let systems = Literal::strings(systems.iter().map(String::as_str));
                writeln!(f, "{}", bound("systems", &systems, 6))?;
            }
        }
        writeln!(f, "      config = {{")?;
        for setting in self.settings.iter() {
            writeln!(f, "{}", bound(&setting.name(), &setting.value, 8))?;
        }
        if !self.left_out.is_empty() {
            writeln!(f, "        # Not taken over:")?;
        }
        for left_out in &self.left_out {
            writeln!(f, "        # - {}", Visible(left_out))?;
        }
        f.write_str(OUTPUTS)?;
        if self.importable {
            writeln!(f)?;
            // An input's name is always valid as the name of a derivation.
            f.write_str(&IMPORT.replace("NAME", &self.holding.name))?;
        }
        writeln!(f, "    }};\n}}")
    }
}

const OUTPUTS: &str = "      };
    in
    {
      # What else flakes take from nixpkgs.
      inherit (nixpkgs) lib nixosModules htmlDocs;

      legacyPackages = nixpkgs.lib.genAttrs systems (
        system: import nixpkgs { inherit system config; }
      );
";

/// The settings pass through JSON, so that they are written only once: `import` reads a file, which
/// cannot refer to names of this one.
const IMPORT: &str = r#"      # What `import nixpkgs { … }` gives to a flake that follows this one: nixpkgs with that flake's
      # arguments, and these settings over its `config`, even if that is a function. It needs Nix
      # 2.26 or later. The settings go through JSON, so they cannot contain functions.
      # Files of nixpkgs are not served: `nixpkgs + "/x"`, `"${nixpkgs}/x"`, and `nixpkgs.outPath`,
      # which is the folder of this flake.
      __toString =
        _:
        builtins.toFile "NAME.nix" ''
          args:
          let
            settings = builtins.fromJSON (
              builtins.readFile ${builtins.toFile "NAME.json" (builtins.toJSON config)}
            );
            given = args.config or { };
            isFunction = builtins.isFunction given || given ? __functor;
          in
          import ${nixpkgs} (
            args
            // {
              config = if isFunction then pkgs: given pkgs // settings else given // settings;
            }
          )
        '';
"#;

/// What the wrapper is for, and how to use it.
fn header(holding: &Holding, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_str(
        "# nixpkgs with settings, for a flake and its dependencies to share.
#
# Inputs carry sources, never settings: a dependency that follows plain nixpkgs builds without
# these, and what both use is built twice. So let it follow this flake, in your main flake.nix:
#
",
    )?;
    for line in holding.lines() {
        writeln!(f, "#     {}", Visible(&line))?;
    }
    writeln!(
        f,
        "#
# Your main flake takes its own packages from `{}.legacyPackages.${{system}}`.
#
# The cost: a dependency that follows this flake is rebuilt; its own binary cache no longer
# matches.",
        holding.name
    )
}

/// A binding, laid out from this column on.
fn bound(name: &str, value: &Literal, indent: usize) -> String {
    let mut line = " ".repeat(indent);
    line.push_str(name);
    line.push_str(" = ");
    value.write(&mut line, indent);
    line.push(';');
    line
}
