//! The root of a world.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::flakes::{OWNER, WRAPPER, made_by};
use super::host;
use super::shape::{From, Input, Kind, Main, NAMES, Output, Shape, Slot, Style, Take, Wrapper};
use super::spell::{self, Scope, instance};
use crate::identity::Files;
use crate::world::SYSTEM;

/// The root's declarations about the inputs of an input.
fn overrides(shape: &Shape, input: Input, path: &str, text: &mut String) {
    let follows = match input.slot {
        Slot::Root => Some("nixpkgs".to_owned()),
        Slot::Second => Some("nixpkgs-unstable".to_owned()),
        Slot::Wrapper => Some(shape.wrapper.unwrap().name().to_owned()),
        Slot::Of(dep) => Some(format!("{}/nixpkgs", NAMES[dep])),
        Slot::Own | Slot::Holder | Slot::Shared => None,
    };
    if let Some(follows) = follows {
        writeln!(text, "    {path}.inputs.nixpkgs.follows = \"{follows}\";").unwrap();
    }
    let dep = &shape.deps[input.dep];
    if let Some(Slot::Root | Slot::Second) = dep.second {
        let follows = if dep.second == Some(Slot::Root) { "nixpkgs" } else { "nixpkgs-unstable" };
        writeln!(text, "    {path}.inputs.nixpkgs-unstable.follows = \"{follows}\";").unwrap();
    }
    if dep.from == From::Wrapper && dep.shared {
        writeln!(text, "    {path}.inputs.{WRAPPER}.follows = \"{WRAPPER}\";").unwrap();
    }
    for sub in &dep.inputs {
        let path = format!("{path}.inputs.{}", NAMES[sub.dep]);
        if sub.slot == Slot::Shared {
            writeln!(text, "    {path}.follows = \"{}\";", NAMES[sub.dep]).unwrap();
        } else {
            overrides(shape, *sub, &path, text);
        }
    }
}

/// The root without its lock.
pub(super) fn root(shape: &Shape) -> Files {
    let mut files = Files::new();
    let mut inputs = "    nixpkgs.url = \"github:NixOS/nixpkgs/nixos-24.11\";\n".to_owned();
    let mut arguments = String::from("self, nixpkgs");
    let wrapper = shape.wrapper.map_or("", Wrapper::name);
    if let Some(it) = shape.wrapper {
        writeln!(inputs, "    {wrapper}.url = \"github:{OWNER}/{wrapper}\";").unwrap();
        if it.follows {
            writeln!(inputs, "    {wrapper}.inputs.nixpkgs.follows = \"nixpkgs\";").unwrap();
        }
        if it.declared {
            let text = format!("configured = [\"{wrapper}\"]\n");
            files.insert("flake-audit.toml".into(), text);
        }
        write!(arguments, ", {wrapper}").unwrap();
    }
    if shape.second {
        inputs += "    nixpkgs-unstable.url = \"github:NixOS/nixpkgs/nixos-unstable\";\n";
        arguments += ", nixpkgs-unstable";
    }
    if has_homes(shape) {
        inputs.push_str(
            "    home-manager.url = \"github:nix-community/home-manager\";\n    \
             home-manager.inputs.nixpkgs.follows = \"nixpkgs\";\n",
        );
        arguments.push_str(", home-manager");
    }
    let library = match shape.style {
        Style::Plain | Style::Each => None,
        Style::Utils => Some("numtide/flake-utils"),
        Style::Parts => Some("hercules-ci/flake-parts"),
    };
    if let Some((owner, name)) = library.and_then(|it| it.split_once('/')) {
        writeln!(inputs, "    {name}.url = \"github:{owner}/{name}\";").unwrap();
        write!(arguments, ", {name}").unwrap();
    }
    for input in &shape.inputs {
        let name = NAMES[input.dep];
        writeln!(inputs, "    {name}.url = \"github:{OWNER}/{name}\";").unwrap();
        overrides(shape, *input, name, &mut inputs);
        write!(arguments, ", {name}").unwrap();
    }
    let outputs = outputs(shape, wrapper, &mut files);
    let text = format!(
        "{{\n  inputs = {{\n{inputs}  }};\n  outputs = {{ {arguments} }}@inputs:\n{outputs}}}\n"
    );
    files.insert("flake.nix".into(), text);
    files
}

/// The body of its outputs.
fn outputs(shape: &Shape, wrapper: &str, files: &mut Files) -> String {
    let mut bindings = String::new();
    for (at, it) in shape.instances.iter().enumerate() {
        let source = if it.second { "nixpkgs-unstable" } else { "nixpkgs" };
        let inputs = if it.file { "inputs." } else { "" };
        let overlays: Vec<String> =
            it.overlays.iter().map(|dep| host::overlay(*dep, inputs)).collect();
        let [source, wrapper] = [source, wrapper].map(|name| format!("{inputs}{name}"));
        let mut made = made_by(it.from, &source, &wrapper, &overlays);
        if it.file {
            let path = format!("nix/{}.nix", instance(at));
            files.insert(path.clone(), format!("{{ inputs, system }}:\n{made}\n"));
            made = format!("import ./{path} {{ inherit inputs system; }}");
        }
        writeln!(bindings, "      {} = {made};", instance(at)).unwrap();
    }
    // One set for a system has only one definition.
    let mut groups: BTreeMap<&str, String> = BTreeMap::new();
    for output in &shape.outputs {
        let path = path(output);
        let value = value(shape, output, files);
        let group = groups.entry(path[0]).or_default();
        writeln!(group, "        {} = {value};", output.name).unwrap();
    }
    let is_host = |group: &&str| group.ends_with("Configurations");
    let written = |group: &str, values: &str| {
        let map = if shape.mapped && group == "nixosConfigurations" {
            "builtins.mapAttrs mkHost "
        } else {
            ""
        };
        format!("      {group} = {map}{{\n{values}      }};\n")
    };
    let mut hosts: String =
        groups.iter().filter(|it| is_host(it.0)).map(|it| written(it.0, it.1)).collect();
    if let Some((settings, dep, package)) = shape.exported {
        let (settings, dep) = (settings.text(), NAMES[dep]);
        writeln!(
            hosts,
            "      nixosModules.desktop = {{ pkgs, ... }}: {{\n        nixpkgs.config = {{ {settings} \
             }};\n        environment.systemPackages = [ pkgs.python3Packages.torch \
             {dep}.packages.${{pkgs.system}}.{package} ];\n      }};"
        )
        .unwrap();
    }
    let others: Vec<(&str, &str)> =
        groups.iter().filter(|it| !is_host(it.0)).map(|it| (*it.0, &**it.1)).collect();
    let helper = if shape.helper { host::helper(shape) } else { String::new() };
    let system = format!("      system = \"{SYSTEM}\";\n");
    let all: String = others.iter().map(|it| written(it.0, it.1)).collect();
    match shape.style {
        Style::Plain => {
            let all = others.iter().map(|it| written(&format!("{}.${{system}}", it.0), it.1));
            let all: String = all.collect();
            format!("    let\n{system}{bindings}{helper}    in\n    {{\n{hosts}{all}    }};\n")
        }
        Style::Each => {
            let all = others.iter().map(|(group, values)| {
                format!(
                    "      {group} = each (system: let\n{bindings}      in {{\n{values}      }});\n"
                )
            });
            let all: String = all.collect();
            format!(
                "    let\n{system}      each = nixpkgs.lib.genAttrs [ \"{SYSTEM}\" \"aarch64-linux\" \
                 ];\n{bindings}{helper}    in\n    {{\n{hosts}{all}    }};\n"
            )
        }
        Style::Utils => format!(
            "    flake-utils.lib.eachDefaultSystem (system:\n    let\n{bindings}    in\n    \
             {{\n{all}    }}) // (let\n{system}{bindings}{helper}    in\n    {{\n{hosts}    }});\n"
        ),
        Style::Parts => format!(
            "    flake-parts.lib.mkFlake {{ inherit inputs; }} {{\n    systems = [ \"{SYSTEM}\" \
             \"aarch64-linux\" ];\n    perSystem = {{ system, pkgs, inputs', self', ... }}: \
             let\n{bindings}    in\n    {{\n{all}    }};\n    flake = let\n{system}{bindings}{helper}    \
             in\n    {{\n{hosts}    }};\n    }};\n"
        ),
    }
}

/// Whether it needs home-manager.
pub(super) fn has_homes(shape: &Shape) -> bool {
    let is_home = |take: &Take| matches!(take, Take::Home(..));
    shape.outputs.iter().any(|it| it.kind == Kind::Home || it.takes.iter().any(is_home))
}

/// The attribute path of an output in the flake.
pub(super) fn path(output: &Output) -> Vec<&'static str> {
    match output.kind {
        Kind::Host => vec!["nixosConfigurations", output.name],
        Kind::Home => vec!["homeConfigurations", output.name],
        Kind::Shell => vec!["devShells", SYSTEM, output.name],
        Kind::App => vec!["apps", SYSTEM, output.name],
        Kind::Check => vec!["checks", SYSTEM, output.name],
        _ => vec!["packages", SYSTEM, output.name],
    }
}

fn value(shape: &Shape, output: &Output, files: &mut Files) -> String {
    match output.kind {
        Kind::Host => host::host(shape, output, files),
        Kind::Home => host::home(shape, output, files),
        kind => {
            let own = main_instance(output);
            let system = if shape.style == Style::Parts { "" } else { "${system}" };
            let scope =
                Scope { own: &own, inputs: "", system, up: "./", flake: "", with: output.with };
            spell::made(kind, output.name, &output.takes, scope, files)
        }
    }
}

/// The instance that it is built by, if that is one of the root's.
pub(super) fn main_instance(output: &Output) -> String {
    match output.main {
        Main::Instance(of) | Main::Argument(of) | Main::Given(of) => instance(of),
        Main::Module(..) => instance(0),
    }
}
