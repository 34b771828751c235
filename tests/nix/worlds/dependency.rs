//! The flakes that a root depends on.

use std::fmt::Write as _;

use super::flakes::{OWNER, WRAPPER, made_by};
use super::shape::{Dep, Export, From, Making, NAMES, Slot};
use super::spell::{Scope, packaged};
use crate::identity::Files;
use crate::world::SYSTEM;

/// The files of a dependency.
pub(super) fn dependency(of: usize, dep: &Dep) -> Files {
    let (name, mut files) = (NAMES[of], Files::new());
    let mut text =
        "{\n  inputs.nixpkgs.url = \"github:NixOS/nixpkgs/nixos-unstable\";\n".to_owned();
    let mut arguments = String::from("self, nixpkgs");
    if dep.second.is_some() {
        text += "  inputs.nixpkgs-unstable.url = \"github:NixOS/nixpkgs/nixos-unstable\";\n";
        arguments += ", nixpkgs-unstable";
    }
    if dep.from == From::Wrapper {
        writeln!(
            text,
            "  inputs.{WRAPPER}.url = \"github:{OWNER}/{WRAPPER}\";\n  \
             inputs.{WRAPPER}.inputs.nixpkgs.follows = \"nixpkgs\";"
        )
        .unwrap();
        write!(arguments, ", {WRAPPER}").unwrap();
    }
    for input in &dep.inputs {
        let sub = NAMES[input.dep];
        writeln!(text, "  inputs.{sub}.url = \"github:{OWNER}/{sub}\";").unwrap();
        if input.slot == Slot::Holder {
            writeln!(text, "  inputs.{sub}.inputs.nixpkgs.follows = \"nixpkgs\";").unwrap();
        }
        write!(arguments, ", {sub}").unwrap();
    }
    let scope =
        Scope { own: "pkgs", inputs: "", system: "${system}", up: "./", flake: name, with: false };
    let given = Scope { system: "${pkgs.system}", ..scope };
    let own_overlay = ["self.overlays.default".to_owned()];
    let layers = if dep.layered { &own_overlay[..] } else { &[] };
    let pkgs = made_by(dep.from, "nixpkgs", WRAPPER, layers);
    let mut packages = String::new();
    for package in &dep.packages {
        let made = packaged(
            package.making,
            &format!("{name}-{}", package.name),
            package.name,
            &package.holds,
            scope,
            &mut files,
        );
        writeln!(packages, "        {} = {made};", package.name).unwrap();
    }
    let tool = |export: &Export, scope: Scope<'_>| match export {
        Export::Own(package) => format!("self.packages.{}.{package}", scope.system),
        Export::Given(holds) => {
            let name = format!("{name}-tool");
            format!(
                "({})",
                packaged(Making::Derivation, &name, "", holds, scope, &mut Files::new())
            )
        }
        // For a module that adds no package of its own.
        Export::Sets(_) | Export::Layers => format!("pkgs.{name}-tool"),
    };
    let mut more = String::new();
    if let Some(export) = &dep.module {
        let tool = tool(export, given);
        for (kind, option) in
            [("nixosModules", "environment.systemPackages"), ("homeModules", "home.packages")]
        {
            let is_host = kind == "nixosModules";
            let module = if let Export::Sets(settings) = export {
                let text = settings.text();
                if is_host { format!("{{ nixpkgs.config = {{ {text} }}; }}") } else { "{ }".into() }
            } else if matches!(export, Export::Layers) {
                if is_host {
                    format!(
                        "{{ pkgs, ... }}: {{ nixpkgs.overlays = [ self.overlays.default ]; {option} = [ \
                         {tool} ]; }}"
                    )
                } else {
                    "{ }".into()
                }
            } else if dep.optional {
                format!(
                    "{{ pkgs, lib, config, ... }}: {{
        options.services.{name} = {{
          enable = lib.mkEnableOption \"{name}\";
          package = lib.mkOption {{ type = lib.types.package; default = {tool}; }};
        }};
        config = lib.mkIf config.services.{name}.enable {{
          {option} = [ config.services.{name}.package ];
        }};
      }}"
                )
            } else {
                format!("{{ pkgs, ... }}: {{ {option} = [ {tool} ]; }}")
            };
            writeln!(more, "      {kind}.default = {module};").unwrap();
        }
    }
    if let Some(export) = &dep.overlay {
        let scope = Scope { own: "final", system: "${prev.system}", ..scope };
        let tool = tool(export, scope);
        writeln!(more, "      overlays.default = final: prev: {{ {name}-tool = {tool}; }};")
            .unwrap();
    }
    if let Some(holds) = &dep.function {
        let tool = tool(&Export::Given(holds.clone()), given);
        writeln!(more, "      lib.mkTool = pkgs: {tool};").unwrap();
    }
    writeln!(text, "  outputs = {{ {arguments} }}:").unwrap();
    if dep.systems {
        writeln!(
            text,
            "    let
      each = nixpkgs.lib.genAttrs [ \"x86_64-linux\" \"aarch64-linux\" ];
    in
    {{
      packages = each (system: let pkgs = {pkgs}; in {{\n{packages}      }});\n{more}    }};"
        )
        .unwrap();
    } else {
        writeln!(
            text,
            "    let
      system = \"{SYSTEM}\";
      pkgs = {pkgs};
    in
    {{
      packages.${{system}} = {{\n{packages}      }};\n{more}    }};"
        )
        .unwrap();
    }
    text.push_str("}\n");
    files.insert("flake.nix".into(), text);
    files
}
