//! The expressions of a flake, as Nix.

use super::shape::{Hold, Kind, Making, NAMES, Take};
use crate::identity::Files;

/// Where an expression stands: the names there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'s> {
    /// The packages that the builder is made by.
    pub(super) own: &'s str,
    /// The prefix of an input's name: empty, or `inputs.`.
    pub(super) inputs: &'s str,
    /// The system, as it is spliced into an attribute path.
    pub(super) system: &'s str,
    /// The folder of the flake, relative to the file.
    pub(super) up: &'s str,
    /// The name of the flake.
    pub(super) flake: &'s str,
    /// Whether lists are written `with pkgs;`.
    pub(super) with: bool,
}

impl Scope<'_> {
    /// A package of a flake; of the root itself if that is `self`.
    fn package(self, flake: &str, package: &str) -> String {
        let Scope { inputs, system, .. } = self;
        // flake-parts provides the outputs of flakes for the system.
        match (system, flake) {
            ("", "self") => format!("self'.packages.{package}"),
            ("", _) => format!("inputs'.{flake}.packages.{package}"),
            _ => format!("{inputs}{flake}.packages.{system}.{package}"),
        }
    }
}

/// A list of expressions.
pub(super) fn list(all: &[String]) -> String {
    if all.is_empty() { "[ ]".into() } else { format!("[ {} ]", all.join(" ")) }
}

/// A script that runs all of these.
pub(super) fn script(all: &[String]) -> String {
    let runs = all.iter().map(|one| format!(" ${{{one}}}/bin/run"));
    format!("''true{}''", runs.collect::<String>())
}

/// An instance of the root's.
pub(super) fn instance(of: usize) -> String {
    format!("pkgs{}", of + 1)
}

/// A file that is called with packages as arguments: a derivation of those that it names itself,
/// and of what it is given besides.
fn called(name: &str, packages: &[&str]) -> String {
    let mut formals = vec!["stdenv"];
    for package in packages {
        let first = package.split('.').next().unwrap();
        if !formals.contains(&first) {
            formals.push(first);
        }
    }
    let packages: Vec<String> = packages.iter().map(|it| (*it).to_owned()).collect();
    format!(
        "{{ {}, extra ? [ ] }}:\nstdenv.mkDerivation {{\n  pname = \"{name}\";\n  version = \"1\";\n  \
         buildInputs = {} ++ extra;\n}}\n",
        formals.join(", "),
        list(&packages)
    )
}

/// What a builder of the root takes, except modules.
pub(super) fn take(take: &Take, name: &str, scope: Scope<'_>, files: &mut Files) -> Option<String> {
    let Scope { own, inputs, .. } = scope;
    Some(match take {
        Take::Package(None, package) => format!("{own}.{package}"),
        Take::Package(Some(of), package) => format!("{}.{package}", instance(*of)),
        Take::Switched(package) => format!("({own}.{package}.override {{ cudaSupport = true; }})"),
        Take::Dep(dep, package) => scope.package(NAMES[*dep], package),
        Take::Own(package) => scope.package("self", package),
        Take::Fresh => format!("{own}.fresh"),
        Take::Overlay(dep) => format!("{own}.{}-tool", NAMES[*dep]),
        Take::Function(dep) => format!("({inputs}{}.lib.mkTool {own})", NAMES[*dep]),
        Take::Module(..) | Take::Home(..) | Take::Optional(..) => return None,
        Take::Nested(kind, of, takes) => {
            let by = of.map(instance);
            let scope = Scope { own: by.as_deref().unwrap_or(own), ..scope };
            made(*kind, name, takes, scope, files)
        }
    })
}

/// Everything that a builder of the root takes, except modules.
pub(super) fn takes(all: &[Take], name: &str, scope: Scope<'_>, files: &mut Files) -> Vec<String> {
    let each = all.iter().enumerate();
    each.filter_map(|(at, one)| take(one, &format!("{name}-{at}"), scope, files)).collect()
}

/// Additions to a list of what is taken, with conditions.
pub(super) fn optional(all: &[Take], name: &str, scope: Scope<'_>, files: &mut Files) -> String {
    let own = scope.own;
    let mut text = String::new();
    for (at, one) in all.iter().enumerate() {
        let Take::Optional(is_on, held) = one else { continue };
        let held = list(&takes(held, &format!("{name}-{at}"), scope, files));
        let system = if *is_on { "isLinux" } else { "isDarwin" };
        text += &format!(" ++ {own}.lib.optionals {own}.stdenv.{system} {held}");
    }
    text
}

/// The same as a list.
pub(super) fn listed(all: &[Take], name: &str, scope: Scope<'_>, files: &mut Files) -> String {
    let each = takes(all, name, scope, files);
    let more = optional(all, name, scope, files);
    if !scope.with {
        return if more.is_empty() { list(&each) } else { format!("({}{more})", list(&each)) };
    }
    let own = format!("{}.", scope.own);
    let each: Vec<String> =
        each.iter().map(|it| it.strip_prefix(&own).unwrap_or(it).to_owned()).collect();
    format!("(with {}; {}{more})", scope.own, list(&each))
}

/// A builder of the root.
pub(super) fn made(
    kind: Kind,
    name: &str,
    all: &[Take],
    scope: Scope<'_>,
    files: &mut Files,
) -> String {
    let own = scope.own;
    match kind {
        Kind::Shell => {
            let all = listed(all, name, scope, files);
            format!("({own}.mkShell {{ name = \"own-{name}\"; packages = {all}; }})")
        }
        Kind::Env => {
            let all = listed(all, name, scope, files);
            format!("({own}.buildEnv {{ name = \"own-{name}\"; paths = {all}; }})")
        }
        Kind::File => {
            let (packages, others): (Vec<_>, Vec<_>) =
                all.iter().cloned().partition(|it| matches!(it, Take::Package(None, _)));
            let packages: Vec<&str> = packages
                .iter()
                .map(|it| if let Take::Package(_, package) = it { package } else { "" })
                .collect();
            files.insert(format!("pkgs/{name}.nix"), called(&format!("own-{name}"), &packages));
            let others = takes(&others, name, scope, files);
            let extra = if others.is_empty() {
                String::new()
            } else {
                format!(" extra = {};", list(&others))
            };
            format!("({own}.callPackage {}pkgs/{name}.nix {{{extra} }})", scope.up)
        }
        Kind::Script => {
            let all = script(&takes(all, name, scope, files));
            format!("({own}.writeShellScriptBin \"own-{name}\" {all})")
        }
        Kind::App => {
            let script = made(Kind::Script, name, all, scope, files);
            format!("{{ type = \"app\"; program = \"${{{script}}}/bin/own-{name}\"; }}")
        }
        Kind::Python => {
            let mut each = vec!["ps.pip".to_owned()];
            for (at, one) in all.iter().enumerate() {
                let python = match one {
                    Take::Package(None, package) => package.strip_prefix("python3Packages."),
                    _ => None,
                };
                each.extend(match python {
                    Some(package) => Some(format!("ps.{package}")),
                    None => take(one, &format!("{name}-{at}"), scope, files),
                });
            }
            format!("({own}.python3.withPackages (ps: {}))", list(&each))
        }
        Kind::Join => {
            let all = listed(all, name, scope, files);
            format!("({own}.symlinkJoin {{ name = \"own-{name}\"; paths = {all}; }})")
        }
        Kind::Application => {
            let all = listed(all, name, scope, files);
            format!(
                "({own}.writeShellApplication {{ name = \"own-{name}\"; runtimeInputs = {all}; \
                 text = \"run\"; }})"
            )
        }
        Kind::Run => {
            let all = listed(all, name, scope, files);
            format!(
                "({own}.runCommand \"own-{name}\" {{ nativeBuildInputs = {all}; }} \"run > $out\")"
            )
        }
        Kind::Picked | Kind::Handed => takes(all, name, scope, files).concat(),
        Kind::Tool | Kind::Check | Kind::Host | Kind::Home => {
            let all = listed(all, name, scope, files);
            format!(
                "({own}.stdenv.mkDerivation {{ pname = \"own-{name}\"; version = \"1\"; \
                 buildInputs = {all}; }})"
            )
        }
    }
}

/// The content of a dependency's package.
pub(super) fn held(hold: Hold, scope: Scope<'_>) -> String {
    let own = scope.own;
    match hold {
        Hold::Package(package) => format!("{own}.{package}"),
        Hold::Switched(package) => format!("({own}.{package}.override {{ cudaSupport = true; }})"),
        Hold::Sub(dep, package) => scope.package(NAMES[dep], package),
        Hold::Second(package) => {
            format!("nixpkgs-unstable.legacyPackages.{}.{package}", scope.system)
        }
        Hold::Tool => format!("{own}.{}-tool", scope.flake),
    }
}

/// A package of a dependency.
pub(super) fn packaged(
    making: Making,
    name: &str,
    file: &str,
    holds: &[Hold],
    scope: Scope<'_>,
    files: &mut Files,
) -> String {
    let own = scope.own;
    let all: Vec<String> = holds.iter().map(|hold| held(*hold, scope)).collect();
    match making {
        Making::Derivation => format!(
            "{own}.stdenv.mkDerivation {{ pname = \"{name}\"; version = \"1\"; buildInputs = {}; }}",
            list(&all)
        ),
        Making::File => {
            let (mut packages, mut others) = (Vec::new(), Vec::new());
            for hold in holds {
                match hold {
                    Hold::Package(package) => packages.push(*package),
                    other => others.push(held(*other, scope)),
                }
            }
            files.insert(format!("{file}.nix"), called(name, &packages));
            let extra = if others.is_empty() {
                String::new()
            } else {
                format!(" extra = {};", list(&others))
            };
            format!("{own}.callPackage ./{file}.nix {{{extra} }}")
        }
        Making::Script => format!("{own}.writeShellScriptBin \"{name}\" {}", script(&all)),
        Making::Shell => {
            format!("{own}.mkShell {{ name = \"{name}\"; packages = {}; }}", list(&all))
        }
        Making::Env => format!("{own}.buildEnv {{ name = \"{name}\"; paths = {}; }}", list(&all)),
        Making::Python => {
            let each: Vec<String> = holds
                .iter()
                .map(|hold| match hold {
                    Hold::Package(package) if package.starts_with("python3Packages.") => {
                        package.replace("python3Packages", "ps")
                    }
                    other => held(*other, scope),
                })
                .collect();
            format!("{own}.python3.withPackages (ps: {})", list(&each))
        }
        Making::Picked => all.first().cloned().unwrap(),
    }
}
