//! The binary cache that a flake names for its packages.
//!
//! Source: Nix manual, `nix.conf`, "extra-substituters"; "nix flake", "Flake format", `nixConfig`,
//! which is a literal attribute set.

use flake_reading::Files;
use flake_reading::syntax::{AttrValue, Expr, ExprId, File, Part};

/// Settings of Nix that name caches.
const SETTINGS: [&str; 3] = ["extra-substituters", "substituters", "extra-trusted-substituters"];
/// The cache that everybody uses.
const USUAL: &str = "cache.nixos.org";
/// Bytes of the longest host name (RFC 1035, 2.3.4).
const LONGEST: usize = 253;

/// The host of the first cache that a flake's `nixConfig` names besides the usual one.
pub fn substituter(files: &Files) -> Option<String> {
    let mentions = files.flake_text().is_ok_and(|text| text.contains("substituters"));
    let file = files.get(&files.flake_file()).ok().filter(|_| mentions)?;
    let config = bound(&file, file.root(), "nixConfig")?;
    let values = SETTINGS.iter().filter_map(|name| bound(&file, config, name));
    let mut texts = values.flat_map(|value| match file.expr(value) {
        Expr::List(items) => items.iter().filter_map(|item| literal(&file, *item)).collect(),
        _ => literal(&file, value).into_iter().collect::<Vec<_>>(),
    });
    // A string may hold several, as in nix.conf.
    texts.find_map(|text| {
        text.split_whitespace().filter_map(host).find(|host| *host != USUAL).map(str::to_owned)
    })
}

/// The value of a name in a literal set.
fn bound(file: &File, set: ExprId, name: &str) -> Option<ExprId> {
    let Expr::Set(set) = file.expr(set) else { return None };
    match set.attrs.iter().find(|attr| &*attr.name == name)?.value {
        AttrValue::Expr(value) => Some(value),
        AttrValue::Inherited | AttrValue::InheritedFrom(_) => None,
    }
}

fn literal(file: &File, value: ExprId) -> Option<&str> {
    match file.expr(value) {
        Expr::Text(parts) => match parts.as_slice() {
            [Part::Text(text)] => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// The host of a URL, if it is a valid one.
fn host(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let is_name = host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:_".contains(&b));
    let is_host = is_name && !host.is_empty() && host.len() <= LONGEST;
    (is_host && matches!(scheme, "http" | "https")).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(config: &str) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let text = format!("{{ nixConfig{config}; outputs = _: {{ }}; }}");
        std::fs::write(folder.path().join("flake.nix"), text).unwrap();
        substituter(&Files::of_source(folder.path()).unwrap())
    }

    #[test]
    fn the_first_beside_the_usual_one_is_named_by_its_host() {
        let cases = [
            (
                " = { extra-substituters = [ \"https://acme.cachix.org\" ]; }",
                Some("acme.cachix.org"),
            ),
            (
                ".extra-substituters = \"https://cache.nixos.org https://acme.org/nix?x\"",
                Some("acme.org"),
            ),
            (" = { substituters = [ \"https://cache.nixos.org/\" ]; }", None),
            (" = { extra-trusted-public-keys = [ \"https://a.org\" ]; }", None),
            (" = { substituters = [ ]; extra-substituters = [ https://b.org ]; }", Some("b.org")),
            // No host names.
            (" = { substituters = [ \"https://a`b\" \"s3://bucket\" \"x\" \"https://\" ]; }", None),
            (" = { substituters = import ./substituters.nix; }", None),
        ];
        for (config, expected) in cases {
            assert_eq!(of(config).as_deref(), expected, "{config}");
        }
        let long = format!(" = {{ substituters = [ \"https://{}\" ]; }}", "a".repeat(254));
        assert_eq!(of(&long), None);
    }
}
