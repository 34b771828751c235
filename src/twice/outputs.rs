//! What people build of a flake, and how Nix gets from it to a derivation.

use crate::text::{AttrPath, NixString};
use crate::verify::{NixError, Session};

/// An output that is built: an attribute path of the flake.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BuiltOutput(pub Vec<String>);

/// Systems and homes: where a flake has them, and what of one is built.
///
/// Sources: `nixos-rebuild` builds `config.system.build.toplevel`, `home-manager switch`
/// `activationPackage`, `darwin-rebuild` `system`.
const HOSTS: [(&str, &[&str]); 3] = [
    ("nixosConfigurations", &["config", "system", "build", "toplevel"]),
    ("homeConfigurations", &["activationPackage"]),
    ("darwinConfigurations", &["system"]),
];

impl BuiltOutput {
    /// As Nix writes it.
    pub fn name(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(String::as_str).collect();
        AttrPath(&names).to_string()
    }

    fn kind(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }

    /// What below a host is built, if this is a host.
    fn host(&self) -> Option<&'static [&'static str]> {
        let is_home = self.kind() == "legacyPackages"
            && self.0.len() == 4
            && self.0.get(2).is_some_and(|name| name == "homeConfigurations");
        let kind = if is_home { "homeConfigurations" } else { self.kind() };
        let is_whole = is_home || self.0.len() == 2;
        let found = HOSTS.iter().find(|(name, _)| *name == kind && is_whole);
        found.map(|(_, below)| *below)
    }

    /// Whether its packages are told apart from those of other hosts: it has a nixpkgs of its own.
    pub fn is_host(&self) -> bool {
        self.host().is_some()
    }

    /// The expression of this output of a flake that is called so.
    pub(super) fn of(&self, flake: &str) -> String {
        let names = std::iter::once(flake).chain(self.0.iter().map(String::as_str));
        AttrPath(&names.collect::<Vec<_>>()).to_string()
    }

    /// The expression of its derivation's path.
    pub(super) fn derivation_of(&self, flake: &str) -> String {
        let value = self.of(flake);
        match (self.host(), self.kind()) {
            (Some(below), _) => format!("{value}.{}.drvPath", AttrPath(below)),
            // An app is a text, which knows what it was made of.
            (None, "apps" | "defaultApp") => format!(
                "(builtins.head (builtins.filter (path: builtins.match \".*[.]drv\" path != null) \
                 (builtins.attrNames (builtins.getContext \"${{{value}.program}}\"))))"
            ),
            (None, _) => format!("{value}.drvPath"),
        }
    }
}

/// All that people build of the flake for a system, by name; and for each kind of output that
/// cannot be listed, why not.
///
/// # Errors
/// Nix does not run, or not in time.
pub(super) fn all(session: &Session<'_>) -> Result<(Vec<BuiltOutput>, Vec<Unlisted>), NixError> {
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
        // One that fails hides no other.
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

/// A kind of output of which nobody can say what there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlisted {
    /// Its name in the flake.
    pub kind: String,
    /// Nix's reason.
    pub reason: String,
}
