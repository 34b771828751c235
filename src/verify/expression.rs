//! The Nix expression that asks one instance for one package.

use super::attribute::PackagePath;
use super::subject::{ComparedInstance, Recipe};
use crate::text::{AttrPath, NixString};

/// Longer ones do not fit: an argument may have 128 KiB on Linux (`MAX_ARG_STRLEN`).
const LONGEST: usize = 100_000;

/// The expression for the derivation path.
///
/// Everything from a lock, a `flake.nix` or the command line is quoted, except settings, which are
/// literals (see `setting`).
///
/// # Errors
/// Why there is none, for people.
pub(super) fn expression(
    flake: &str,
    subject: &ComparedInstance,
    attribute: &PackagePath,
    system: &str,
) -> Result<String, String> {
    let packages = match &subject.recipe {
        Recipe::LegacyPackages => "node.legacyPackages.${system}".to_owned(),
        Recipe::Import { config } => {
            format!("import node {{ inherit system; config = {{ {config}}}; overlays = [ ]; }}")
        }
        Recipe::None(reason) => return Err(reason.clone()),
    };
    let package: Vec<&str> =
        ["packages"].into_iter().chain(attribute.names()).chain(["drvPath"]).collect();
    let node = node(flake, &subject.path, system);
    fitting(format!("let {node} packages = {packages}; in {}", AttrPath(&package)))
}

/// Outputs with a set of packages or the like for each system.
const SETS: [&str; 4] = ["packages", "apps", "checks", "devShells"];
/// Outputs of older flakes with one of them for each system.
const SINGLES: [&str; 3] = ["defaultPackage", "defaultApp", "devShell"];

/// Something that a flake offers: its attribute path.
pub(super) type Offer = Vec<String>;

/// The kinds of what flakes offer.
pub(super) fn kinds() -> impl Iterator<Item = &'static str> {
    SETS.into_iter().chain(SINGLES)
}

/// The expression for the list of what a flake offers of these kinds. Listing names also evaluates
/// the sets that contain them.
///
/// # Errors
/// Why there is none, for people.
pub(super) fn offers(
    flake: &str,
    path: &[String],
    system: &str,
    kinds: &[&str],
) -> Result<String, String> {
    let node = node(flake, path, system);
    let of = kinds.iter().map(|kind| match SETS.contains(kind) {
        true => format!(
            "(map (name: [ \"{kind}\" system name ]) \
             (builtins.attrNames (outputs.{kind}.${{system}} or {{ }})))"
        ),
        false => {
            format!("(if outputs ? {kind}.${{system}} then [ [ \"{kind}\" system ] ] else [ ])")
        }
    });
    let of: Vec<String> = of.collect();
    fitting(format!(
        "let {node} outputs = builtins.seq (builtins.attrNames node) node; \
         in builtins.concatLists [ {} ]",
        of.join(" ")
    ))
}

/// The expression for the list of what these offers evaluate to: derivation paths, and the programs
/// of apps.
///
/// # Errors
/// Why there is none, for people.
pub(super) fn evaluated_offers(
    flake: &str,
    path: &[String],
    system: &str,
    offers: &[Offer],
) -> Result<String, String> {
    let node = node(flake, path, system);
    let made = offers.iter().map(|offer| {
        let is_app = offer.first().is_some_and(|kind| kind == "apps" || kind == "defaultApp");
        let last = if is_app { "program" } else { "drvPath" };
        let path: Vec<&str> =
            ["node"].into_iter().chain(offer.iter().map(String::as_str)).chain([last]).collect();
        format!("(builtins.toString {})", AttrPath(&path))
    });
    let made: Vec<String> = made.collect();
    fitting(format!("let {node} in [ {} ]", made.join(" ")))
}

/// Binds `node`, at this path from the flake, and `system`.
fn node(flake: &str, path: &[String], system: &str) -> String {
    let inputs = path.iter().flat_map(|name| ["inputs", name]);
    let node: Vec<&str> = ["flake"].into_iter().chain(inputs).collect();
    format!(
        "flake = builtins.getFlake {}; node = {}; system = {};",
        NixString(flake),
        AttrPath(&node),
        NixString(system)
    )
}

fn fitting(expression: String) -> Result<String, String> {
    if expression.len() > LONGEST {
        return Err("what Nix would have to be asked is too long".into());
    }
    Ok(expression)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_foreign_is_quoted() {
        let subject = ComparedInstance {
            id: "i1".into(),
            node: "n".into(),
            path: vec!["a".into(), "b\"; builtins.abort \"${x}".into()],
            reference: String::new(),
            held_by_root: true,
            consumers: Vec::new(),
            consumers_total: 0,
            recipe: Recipe::LegacyPackages,
        };
        let attribute = "torch".parse().unwrap();
        assert_eq!(
            expression("path:/nix/store/x?narHash=y", &subject, &attribute, "x\"${y}").unwrap(),
            "let flake = builtins.getFlake \"path:/nix/store/x?narHash=y\"; \
             node = flake.inputs.a.inputs.\"b\\\"; builtins.abort \\\"\\${x}\"; \
             system = \"x\\\"\\${y}\"; packages = node.legacyPackages.${system}; \
             in packages.torch.drvPath"
        );
        let config = "cudaSupport = true; ".to_owned();
        let subject = ComparedInstance {
            recipe: Recipe::Import { config },
            path: vec!["n".into()],
            ..subject
        };
        let expression = expression("f", &subject, &attribute, "s").unwrap();
        assert!(expression.contains(
            "import node { inherit system; config = { cudaSupport = true; }; overlays = [ ]; }"
        ));
    }

    #[test]
    fn what_does_not_fit_is_not_asked() {
        let subject = ComparedInstance {
            id: "i1".into(),
            node: "n".into(),
            path: vec!["x".repeat(200_000)],
            reference: String::new(),
            held_by_root: true,
            consumers: Vec::new(),
            consumers_total: 0,
            recipe: Recipe::LegacyPackages,
        };
        assert!(expression("f", &subject, &"torch".parse().unwrap(), "s").is_err());
    }
}
