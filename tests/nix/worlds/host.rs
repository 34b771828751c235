//! Hosts and homes of a root.

use std::fmt::Write as _;

use super::root::main_instance;
use super::shape::{Layer, Main, NAMES, Output, Shape, Switch, Take, Use};
use super::spell::{self, Scope, instance, list, takes};
use crate::identity::Files;

/// An overlay of a dependency.
pub(super) fn overlay(dep: usize, inputs: &str) -> String {
    format!("{inputs}{}.overlays.default", NAMES[dep])
}

/// An overlay that the root writes.
fn layer(layer: Layer) -> String {
    match layer {
        Layer::Switched(package) => format!(
            "(final: prev: {{ {package} = prev.{package}.override {{ cudaSupport = true; }}; }})"
        ),
        Layer::Fresh(of, package) => {
            format!("(final: prev: {{ fresh = {}.{package}; }})", instance(of))
        }
    }
}

/// The arguments of modules: as a set, and as formals.
fn arguments(shape: &Shape) -> (String, String) {
    let mut all = vec!["inputs".to_owned()];
    all.extend((0..shape.instances.len()).map(instance));
    (format!("{{ inherit {}; }}", all.join(" ")), all.join(", "))
}

/// The root's function for hosts.
pub(super) fn helper(shape: &Shape) -> String {
    format!(
        "      mkHost = name: modules: nixpkgs.lib.nixosSystem {{\n        inherit system;\n        \
         specialArgs = {};\n        modules = modules ++ [ {{ networking.hostName = name; }} ];\n      \
         }};\n",
        arguments(shape).0
    )
}

/// The module of a host or home, inline or as a file.
fn module(
    shape: &Shape,
    output: &Output,
    said: &dyn Fn(Scope<'_>, &mut Files) -> String,
    files: &mut Files,
) -> String {
    let with = output.with;
    let scope = Scope { own: "pkgs", inputs: "", system: "${system}", up: "./", flake: "", with };
    if output.file {
        let system = "${pkgs.stdenv.hostPlatform.system}";
        let scope = Scope { inputs: "inputs.", system, up: "../", ..scope };
        let said = said(scope, files);
        let (_, names) = arguments(shape);
        let path = format!("modules/{}.nix", output.name);
        let text = format!("{{ pkgs, lib, config, {names}, ... }}:\n{{\n{said}}}\n");
        files.insert(path.clone(), text);
        format!("./{path}")
    } else {
        let said = said(scope, files);
        format!("({{ pkgs, lib, config, ... }}: {{\n{said}        }})")
    }
}

/// Modules of dependencies that are taken.
fn imported(output: &Output, kind: &str) -> Vec<String> {
    let modules = output.takes.iter().filter_map(|take| match take {
        Take::Module(dep, _) => Some(format!("{}.{kind}.default", NAMES[*dep])),
        _ => None,
    });
    modules.collect()
}

/// Values for options of modules.
fn options(shape: &Shape, output: &Output, text: &mut String) {
    for take in &output.takes {
        let Take::Module(dep, used) = take else { continue };
        let name = NAMES[*dep];
        if !shape.deps[*dep].optional || *used == Use::Imported {
            continue;
        }
        writeln!(text, "          services.{name}.enable = true;").unwrap();
        if *used == Use::Replaced {
            writeln!(text, "          services.{name}.package = pkgs.hello;").unwrap();
        }
    }
}

/// A list, or each of its packages from `with pkgs;`.
fn packages(all: &[String], scope: Scope<'_>) -> String {
    if !scope.with {
        return list(all);
    }
    let all: Vec<String> =
        all.iter().map(|it| it.strip_prefix("pkgs.").unwrap_or(it).to_owned()).collect();
    format!("with pkgs; {}", list(&all))
}

/// Splits what is taken into three, each for its own place.
fn spots(all: &[String]) -> [Vec<String>; 3] {
    let mut spots = [const { Vec::new() }; 3];
    for (at, one) in all.iter().enumerate() {
        spots[at % 3].push(one.clone());
    }
    spots
}

/// What determines a host's nixpkgs: modules beside its own, an argument, and its own definitions.
fn settings(output: &Output, files: &mut Files) -> (Vec<String>, String, String) {
    let (mut modules, mut argument) = (Vec::new(), String::new());
    let said = match output.main {
        Main::Instance(of) => format!("nixpkgs.pkgs = {};", instance(of)),
        Main::Given(of) => format!("_module.args.pkgs = lib.mkForce {};", instance(of)),
        Main::Argument(of) => {
            argument = format!(" pkgs = {};", instance(of));
            String::new()
        }
        Main::Module(config, switch) => {
            let text = config.text();
            let set = format!("nixpkgs.config = {{ {text} }};");
            match switch {
                Switch::Plain if text.is_empty() => String::new(),
                Switch::Plain => set,
                Switch::Merged => format!(
                    "nixpkgs.config = lib.mkMerge [ {{ allowUnfree = true; }} (lib.mkIf true {{ \
                     {text} }}) ];"
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
                    match switch {
                        Switch::On => format!("{option}.enable = true;"),
                        _ => String::new(),
                    }
                }
            }
        }
    };
    (modules, argument, said)
}

/// A host.
pub(super) fn host(shape: &Shape, output: &Output, files: &mut Files) -> String {
    let (mut modules, argument, settings) = settings(output, files);
    modules.extend(imported(output, "nixosModules"));
    let home = output.takes.iter().find_map(|take| match take {
        Take::Home(settings, takes) => Some((settings, takes)),
        _ => None,
    });
    if home.is_some() {
        modules.push("home-manager.nixosModules.home-manager".into());
    }
    let has_helper = shape.helper && argument.is_empty();
    let said = |scope: Scope<'_>, files: &mut Files| {
        let mut text = String::new();
        if !has_helper {
            writeln!(text, "          networking.hostName = \"{}\";", output.name).unwrap();
        }
        let mut overlays: Vec<String> =
            output.overlays.iter().map(|dep| overlay(*dep, scope.inputs)).collect();
        overlays.extend(output.layers.iter().map(|it| layer(*it)));
        if !overlays.is_empty() {
            writeln!(text, "          nixpkgs.overlays = {};", list(&overlays)).unwrap();
        }
        if !settings.is_empty() {
            writeln!(text, "          {settings}").unwrap();
        }
        options(shape, output, &mut text);
        let [first, second, third] = spots(&takes(&output.takes, output.name, scope, files));
        let first =
            packages(&first, scope) + &spell::optional(&output.takes, output.name, scope, files);
        writeln!(text, "          environment.systemPackages = {first};").unwrap();
        if !second.is_empty() {
            let second = packages(&second, scope);
            writeln!(text, "          users.users.me.packages = {second};").unwrap();
        }
        if !third.is_empty() {
            let script = spell::script(&third);
            writeln!(text, "          systemd.services.job.script = {script};").unwrap();
        }
        if let Some((config, all)) = home {
            let name = format!("{}-home", output.name);
            let all = list(&takes(all, &name, scope, files));
            let config = match config {
                None => {
                    text.push_str("          home-manager.useGlobalPkgs = true;\n");
                    String::new()
                }
                Some(config) if config.text().is_empty() => String::new(),
                Some(config) => format!("nixpkgs.config = {{ {} }}; ", config.text()),
            };
            writeln!(
                text,
                "          home-manager.users.me = {{ pkgs, ... }}: {{ {config}home.packages = {all}; }};"
            )
            .unwrap();
        }
        text
    };
    modules.push(module(shape, output, &said, files));
    let modules = modules.join("\n        ");
    if shape.mapped {
        return format!("[\n        {modules}\n        ]");
    }
    if has_helper {
        return format!("mkHost \"{}\" [\n        {modules}\n        ]", output.name);
    }
    let special =
        if output.file { format!(" specialArgs = {};", arguments(shape).0) } else { String::new() };
    format!(
        "nixpkgs.lib.nixosSystem {{ inherit system;{argument}{special}\n        modules = [\n        \
         {modules}\n        ];\n      }}"
    )
}

/// A home by itself.
pub(super) fn home(shape: &Shape, output: &Output, files: &mut Files) -> String {
    let mut modules = imported(output, "homeModules");
    let said = |scope: Scope<'_>, files: &mut Files| {
        let [mut first, second, third] = spots(&takes(&output.takes, output.name, scope, files));
        first.extend(second);
        let mut text = "          home.username = \"me\";\n".to_owned();
        options(shape, output, &mut text);
        let first =
            packages(&first, scope) + &spell::optional(&output.takes, output.name, scope, files);
        writeln!(text, "          home.packages = {first};").unwrap();
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
    let (pkgs, modules) = (main_instance(output), modules.join("\n        "));
    format!(
        "home-manager.lib.homeManagerConfiguration {{ pkgs = {pkgs};{special}\n        modules = \
         [\n        {modules}\n        ];\n      }}"
    )
}
