//! What people build of a flake, and the expressions that yield its derivations.

use crate::text::{AttrPath, NixString};
use crate::verify::{NixError, NixSession};

/// An output that is built: an attribute path of the flake.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BuiltOutput(pub Vec<String>);

/// Systems and homes: the outputs that have them, and which attribute of one is built.
///
/// Sources: `nixos-rebuild` builds `config.system.build.toplevel`, `home-manager switch`
/// `activationPackage`, `darwin-rebuild` `system`.
const HOSTS: [(&str, &[&str]); 3] = [
    ("nixosConfigurations", &["config", "system", "build", "toplevel"]),
    ("homeConfigurations", &["activationPackage"]),
    ("darwinConfigurations", &["system"]),
];

impl BuiltOutput {
    /// Its name as Nix writes it.
    pub fn name(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(String::as_str).collect();
        AttrPath(&names).to_string()
    }

    fn kind(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }

    /// Which attribute of a host is built, if this is a host.
    fn host(&self) -> Option<&'static [&'static str]> {
        let is_home = self.kind() == "legacyPackages"
            && self.0.len() == 4
            && self.0.get(2).is_some_and(|name| name == "homeConfigurations");
        let kind = if is_home { "homeConfigurations" } else { self.kind() };
        let is_whole = is_home || self.0.len() == 2;
        let found = HOSTS.iter().find(|(name, _)| *name == kind && is_whole);
        found.map(|(_, below)| *below)
    }

    /// Whether it has a nixpkgs of its own, so that its packages differ from those of other hosts.
    pub fn is_host(&self) -> bool {
        self.host().is_some()
    }

    /// The expression for this output of a flake with this name.
    pub(super) fn expression(&self, flake: &str) -> String {
        let names = std::iter::once(flake).chain(self.0.iter().map(String::as_str));
        AttrPath(&names.collect::<Vec<_>>()).to_string()
    }

    /// The expression for the path of its derivation.
    pub(super) fn derivation_of(&self, flake: &str) -> String {
        let value = self.expression(flake);
        match (self.host(), self.kind()) {
            (Some(below), _) => format!("{value}.{}.drvPath", AttrPath(below)),
            // An app is a string, whose context has its derivations.
            (None, "apps" | "defaultApp") => format!(
                "(builtins.head (builtins.filter (path: builtins.match \".*[.]drv\" path != null) \
                 (builtins.attrNames (builtins.getContext \"${{{value}.program}}\"))))"
            ),
            (None, _) => format!("{value}.drvPath"),
        }
    }
}

/// Everything that people build of the flake for a system, by name; and why kinds of outputs could
/// not be listed.
///
/// # Errors
/// Nix does not run, or not in time.
pub(super) fn all(session: &NixSession<'_>) -> Result<(Vec<BuiltOutput>, Vec<Unlisted>), NixError> {
    let flake = format!("flake = builtins.getFlake {};", NixString(session.reference()));
    let system = NixString(session.system()).to_string();
    let sets = ["packages", "apps", "checks", "devShells"].map(|kind| {
        let of = format!("flake.{kind}.${{system}} or {{ }}");
        (kind, format!("map (name: [ \"{kind}\" system name ]) (builtins.attrNames ({of}))"))
    });
    let singles = ["defaultPackage", "defaultApp", "devShell"].map(|kind| {
        (kind, format!("if flake ? {kind}.${{system}} then [ [ \"{kind}\" system ] ] else [ ]"))
    });
    let hosts = HOSTS.map(|(kind, _)| {
        let of = format!("flake.{kind} or {{ }}");
        (kind, format!("map (name: [ \"{kind}\" name ]) (builtins.attrNames ({of}))"))
    });
    let homes = (
        "legacyPackages",
        "map (name: [ \"legacyPackages\" system \"homeConfigurations\" name ]) (builtins.attrNames \
         (flake.legacyPackages.${system}.homeConfigurations or { }))"
            .to_owned(),
    );
    let kinds: Vec<(&str, String)> =
        sets.into_iter().chain(singles).chain(hosts).chain([homes]).collect();
    let whole = |lists: &str| format!("let {flake} system = {system}; in {lists}");
    let lists: Vec<String> = kinds.iter().map(|(_, list)| format!("({list})")).collect();
    let (mut found, mut unlisted) = (Vec::new(), Vec::new());
    let listed = format!("builtins.concatLists [ {} ]", lists.join(" "));
    match session.paths(whole(&listed))? {
        Ok(paths) => found.extend(paths),
        // A kind that fails does not hide others.
        Err(_) => {
            for (kind, list) in kinds {
                match session.paths(whole(&list))? {
                    Ok(paths) => found.extend(paths),
                    Err(reason) => unlisted.push(Unlisted { kind: kind.to_owned(), reason }),
                }
            }
        }
    }
    found.sort();
    Ok((found.into_iter().map(BuiltOutput).collect(), unlisted))
}

/// A kind of output that could not be listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlisted {
    /// Its name in the flake.
    pub kind: String,
    /// Nix's reason.
    pub reason: String,
}
