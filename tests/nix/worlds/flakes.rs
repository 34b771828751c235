//! The flakes of a world, and what is in their files.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::shape::{
    Dep, Export, From, Input, Kind, Main, Making, NAMES, Output, Settings, Shape, Slot, Switch,
    Take, Wrapper,
};
use super::spell::{self, Scope, instance, list, packaged, takes};
use crate::identity::Files;
use crate::world::SYSTEM;

/// What the root depends on is named by who made it.
pub(super) const OWNER: &str = "acme";

/// Everything of one flake but its lock.
pub(super) fn nixpkgs() -> Files {
    files(&[
        ("flake.nix", include_str!("nixpkgs/flake.nix")),
        ("default.nix", include_str!("nixpkgs/default.nix")),
        ("lib.nix", include_str!("nixpkgs/lib.nix")),
        ("modules.nix", include_str!("nixpkgs/modules.nix")),
        ("nixos.nix", include_str!("nixpkgs/nixos.nix")),
    ])
}

pub(super) fn home_manager() -> Files {
    files(&[("flake.nix", include_str!("home-manager/flake.nix"))])
}

fn files(all: &[(&str, &str)]) -> Files {
    all.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

pub(super) fn wrapper(wrapper: Wrapper) -> Files {
    let text = format!(
        "{{
  inputs.nixpkgs.url = \"github:NixOS/nixpkgs/nixos-24.11\";
  outputs = {{ self, nixpkgs }}: {{
    inherit (nixpkgs) lib nixosModules htmlDocs;
    legacyPackages = nixpkgs.lib.genAttrs [ \"x86_64-linux\" \"aarch64-linux\" ] (system:
      import nixpkgs {{ inherit system; config = {{ {} }}; }});
  }};
}}
",
        wrapper.settings.text()
    );
    files(&[("flake.nix", &text)])
}

/// An instance of this nixpkgs, for a system that is in scope.
fn made_by(from: From, source: &str, wrapper: &str, overlays: &[String]) -> String {
    let extended = |mut text: String| {
        for overlay in overlays {
            text = format!("({text}.extend {overlay})");
        }
        text
    };
    match from {
        From::Legacy => extended(format!("{source}.legacyPackages.${{system}}")),
        From::Wrapper => extended(format!("{wrapper}.legacyPackages.${{system}}")),
        From::Import(settings) => {
            let config = match settings {
                Settings::Nothing => String::new(),
                settings => format!(" config = {{ {} }};", settings.text()),
            };
            let overlays = match overlays {
                [] => String::new(),
                overlays => format!(" overlays = {};", list(overlays)),
            };
            format!("import {source} {{ inherit system;{config}{overlays} }}")
        }
    }
}

pub(super) fn dependency(of: usize, dep: &Dep) -> Files {
    let (name, mut files) = (NAMES[of], Files::new());
    let mut text =
        "{\n  inputs.nixpkgs.url = \"github:NixOS/nixpkgs/nixos-unstable\";\n".to_owned();
    let mut arguments = String::from("self, nixpkgs");
    for input in &dep.inputs {
        let sub = NAMES[input.dep];
        writeln!(text, "  inputs.{sub}.url = \"github:{OWNER}/{sub}\";").unwrap();
        if input.slot == Slot::Holder {
            writeln!(text, "  inputs.{sub}.inputs.nixpkgs.follows = \"nixpkgs\";").unwrap();
        }
        write!(arguments, ", {sub}").unwrap();
    }
    let scope = Scope { own: "pkgs", inputs: "", system: "${system}", up: "./" };
    let given = Scope { system: "${pkgs.system}", ..scope };
    let pkgs = made_by(dep.from, "nixpkgs", "", &[]);
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
    };
    let mut more = String::new();
    if let Some(export) = &dep.module {
        let tool = tool(export, given);
        for (kind, option) in
            [("nixosModules", "environment.systemPackages"), ("homeModules", "home.packages")]
        {
            writeln!(more, "      {kind}.default = {{ pkgs, ... }}: {{ {option} = [ {tool} ]; }};")
                .unwrap();
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

/// What the root says of the inputs of an input.
fn overrides(shape: &Shape, input: Input, path: &str, text: &mut String) {
    let follows = match input.slot {
        Slot::Root => Some("nixpkgs".to_owned()),
        Slot::Wrapper => Some(shape.wrapper.unwrap().name().to_owned()),
        Slot::Of(dep) => Some(format!("{}/nixpkgs", NAMES[dep])),
        Slot::Own | Slot::Holder | Slot::Shared => None,
    };
    if let Some(follows) = follows {
        writeln!(text, "    {path}.inputs.nixpkgs.follows = \"{follows}\";").unwrap();
    }
    for sub in &shape.deps[input.dep].inputs {
        let path = format!("{path}.inputs.{}", NAMES[sub.dep]);
        if sub.slot == Slot::Shared {
            writeln!(text, "    {path}.follows = \"{}\";", NAMES[sub.dep]).unwrap();
        } else {
            overrides(shape, *sub, &path, text);
        }
    }
}

/// The root, but for its lock.
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
    if has_homes(shape) {
        inputs.push_str(
            "    home-manager.url = \"github:nix-community/home-manager\";\n    \
             home-manager.inputs.nixpkgs.follows = \"nixpkgs\";\n",
        );
        arguments.push_str(", home-manager");
    }
    for input in &shape.inputs {
        let name = NAMES[input.dep];
        writeln!(inputs, "    {name}.url = \"github:{OWNER}/{name}\";").unwrap();
        overrides(shape, *input, name, &mut inputs);
        write!(arguments, ", {name}").unwrap();
    }
    let mut bindings = format!("      system = \"{SYSTEM}\";\n");
    for (at, it) in shape.instances.iter().enumerate() {
        let overlays: Vec<String> = it.overlays.iter().map(|dep| overlay(*dep, "")).collect();
        let made = made_by(it.from, "nixpkgs", wrapper, &overlays);
        writeln!(bindings, "      {} = {made};", instance(at)).unwrap();
    }
    // Of one set for a system there is one definition.
    let mut groups: BTreeMap<String, String> = BTreeMap::new();
    for output in &shape.outputs {
        let (last, group) = path(output).split_last().map(|it| (*it.0, it.1.join("."))).unwrap();
        let value = value(shape, output, &mut files);
        writeln!(groups.entry(group).or_default(), "        {last} = {value};").unwrap();
    }
    let mut outputs = String::new();
    for (group, values) in groups {
        let group = group.replace(SYSTEM, "${system}");
        writeln!(outputs, "      {group} = {{\n{values}      }};").unwrap();
    }
    let text = format!(
        "{{\n  inputs = {{\n{inputs}  }};\n  outputs = {{ {arguments} }}@inputs:\n    let\n{bindings}    \
         in\n    {{\n{outputs}    }};\n}}\n"
    );
    files.insert("flake.nix".into(), text);
    files
}

/// Whether it needs home-manager.
pub(super) fn has_homes(shape: &Shape) -> bool {
    shape.outputs.iter().any(|it| it.kind == Kind::Home)
}

fn overlay(dep: usize, inputs: &str) -> String {
    format!("{inputs}{}.overlays.default", NAMES[dep])
}

/// The attribute path of an output in the flake.
pub(super) fn path(output: &Output) -> Vec<&'static str> {
    match output.kind {
        Kind::Host => vec!["nixosConfigurations", output.name],
        Kind::Home => vec!["homeConfigurations", output.name],
        Kind::Shell => vec!["devShells", SYSTEM, output.name],
        Kind::App => vec!["apps", SYSTEM, output.name],
        _ => vec!["packages", SYSTEM, output.name],
    }
}

fn value(shape: &Shape, output: &Output, files: &mut Files) -> String {
    match output.kind {
        Kind::Host => host(shape, output, files),
        Kind::Home => home(shape, output, files),
        kind => {
            let own = main_instance(output);
            let scope = Scope { own: &own, inputs: "", system: "${system}", up: "./" };
            spell::made(kind, output.name, &output.takes, scope, files)
        }
    }
}

/// The instance that it is built by, where that is one of the root's.
fn main_instance(output: &Output) -> String {
    match output.main {
        Main::Instance(of) | Main::Argument(of) => instance(of),
        Main::Module(..) => instance(0),
    }
}

/// What modules are given, and how that is said.
fn arguments(shape: &Shape) -> (String, String) {
    let mut all = vec!["inputs".to_owned()];
    all.extend((0..shape.instances.len()).map(instance));
    (format!("{{ inherit {}; }}", all.join(" ")), all.join(", "))
}

/// The module of a host or home, in place or as a file.
fn module(
    shape: &Shape,
    output: &Output,
    said: &dyn Fn(Scope<'_>, &mut Files) -> String,
    files: &mut Files,
) -> String {
    let scope = Scope { own: "pkgs", inputs: "", system: "${system}", up: "./" };
    if output.file {
        let system = "${pkgs.stdenv.hostPlatform.system}";
        let scope = Scope { inputs: "inputs.", system, up: "../", ..scope };
        let said = said(scope, files);
        let (_, names) = arguments(shape);
        let path = format!("modules/{}.nix", output.name);
        files.insert(
            path.clone(),
            format!("{{ pkgs, lib, config, {names}, ... }}:\n{{\n{said}}}\n"),
        );
        format!("./{path}")
    } else {
        let said = said(scope, files);
        format!("({{ pkgs, lib, config, ... }}: {{\n{said}        }})")
    }
}

/// Modules of dependencies that are taken.
fn imported(output: &Output, kind: &str, modules: &mut Vec<String>) {
    for take in &output.takes {
        if let Take::Module(dep) = take {
            modules.push(format!("{}.{kind}.default", NAMES[*dep]));
        }
    }
}

/// Each third of what is taken, at its own place.
fn spots(all: &[String]) -> [Vec<String>; 3] {
    let mut spots = [const { Vec::new() }; 3];
    for (at, one) in all.iter().enumerate() {
        spots[at % 3].push(one.clone());
    }
    spots
}

fn host(shape: &Shape, output: &Output, files: &mut Files) -> String {
    let mut modules = Vec::new();
    let mut argument = String::new();
    let mut settings = String::new();
    match output.main {
        Main::Instance(of) => settings = format!("nixpkgs.pkgs = {};", instance(of)),
        Main::Argument(of) => argument = format!(" pkgs = {};", instance(of)),
        Main::Module(config, switch) => {
            let text = config.text();
            let set = format!("nixpkgs.config = {{ {text} }};");
            settings = match switch {
                Switch::Plain => set,
                Switch::Merged => format!(
                    "nixpkgs.config = lib.mkMerge [ {{ allowUnfree = true; }} (lib.mkIf true {{ {text} }}) ];"
                ),
                Switch::Forced => {
                    modules.push(format!("{{ {set} }}"));
                    "nixpkgs.config = lib.mkForce { allowUnfree = true; };".into()
                }
                Switch::On | Switch::Off => {
                    let path = format!("modules/settings-{config:?}.nix").to_lowercase();
                    let option = format!("own.{config:?}").to_lowercase();
                    files.insert(
                        path.clone(),
                        format!(
                            "{{ lib, config, ... }}:\n{{\n  options.{option}.enable = \
                             lib.mkEnableOption \"settings\";\n  config = lib.mkIf \
                             config.{option}.enable {{\n    {set}\n  }};\n}}\n"
                        ),
                    );
                    modules.push(format!("./{path}"));
                    if switch == Switch::On {
                        format!("{option}.enable = true;")
                    } else {
                        String::new()
                    }
                }
            };
        }
    }
    imported(output, "nixosModules", &mut modules);
    let said = |scope: Scope<'_>, files: &mut Files| {
        let mut text = format!("          networking.hostName = \"{}\";\n", output.name);
        let overlays: Vec<String> =
            output.overlays.iter().map(|dep| overlay(*dep, scope.inputs)).collect();
        if !overlays.is_empty() {
            writeln!(text, "          nixpkgs.overlays = {};", list(&overlays)).unwrap();
        }
        if !settings.is_empty() {
            writeln!(text, "          {settings}").unwrap();
        }
        let [first, second, third] = spots(&takes(&output.takes, output.name, scope, files));
        writeln!(text, "          environment.systemPackages = {};", list(&first)).unwrap();
        if !second.is_empty() {
            writeln!(text, "          users.users.me.packages = {};", list(&second)).unwrap();
        }
        if !third.is_empty() {
            let script = spell::script(&third);
            writeln!(text, "          systemd.services.job.script = {script};").unwrap();
        }
        text
    };
    modules.push(module(shape, output, &said, files));
    let special =
        if output.file { format!(" specialArgs = {};", arguments(shape).0) } else { String::new() };
    format!(
        "nixpkgs.lib.nixosSystem {{ inherit system;{argument}{special}\n        modules = [\n        \
         {}\n        ];\n      }}",
        modules.join("\n        ")
    )
}

fn home(shape: &Shape, output: &Output, files: &mut Files) -> String {
    let mut modules = Vec::new();
    imported(output, "homeModules", &mut modules);
    let said = |scope: Scope<'_>, files: &mut Files| {
        let [mut first, second, third] = spots(&takes(&output.takes, output.name, scope, files));
        first.extend(second);
        let mut text = "          home.username = \"me\";\n".to_owned();
        writeln!(text, "          home.packages = {};", list(&first)).unwrap();
        if !third.is_empty() {
            writeln!(text, "          home.file.run.text = {};", spell::script(&third)).unwrap();
        }
        text
    };
    modules.push(module(shape, output, &said, files));
    let special = if output.file {
        format!(" extraSpecialArgs = {};", arguments(shape).0)
    } else {
        String::new()
    };
    let pkgs = main_instance(output);
    format!(
        "home-manager.lib.homeManagerConfiguration {{ pkgs = {pkgs};{special}\n        modules = [\n        \
         {}\n        ];\n      }}",
        modules.join("\n        ")
    )
}
