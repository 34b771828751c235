//! Invented references, in the form of a lock and of flake.nix. None can be fetched.

use flake_audit::text::NixString;
use serde_json::{Map, Value, json};

use super::dice::Dice;

/// The source of an input.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    pub(super) original: Value,
    pub(super) locked: Value,
}

impl Reference {
    /// A repository of acme, on one of the forges or elsewhere; `number` distinguishes revisions.
    pub(super) fn acme(dice: &mut Dice, repository: &str, number: usize) -> Self {
        match dice.below(21) {
            20 => {
                // Locks escape only what has to be escaped.
                let path = format!("/srv/{repository}/ü \u{1}\"\\/\t\u{7f}");
                let locked = json!({ "type": "path", "path": path, "narHash": hash(number) });
                Self { original: json!({ "type": "path", "path": path }), locked }
            }
            0 => Self::git(repository, number),
            1 => Self::tarball(&format!("https://files.acme.example/{repository}.tar.gz"), number),
            2 => {
                let mut reference = Self::forge("gitlab", repository, None, number);
                if dice.percent(50) {
                    // A nested group: in a URL its slash is written as %2F.
                    reference.original["owner"] = "acme/team".into();
                    reference.locked["owner"] = "acme/team".into();
                }
                reference
            }
            3 => Self::forge("sourcehut", &format!("~acme/{repository}"), None, number),
            4 => {
                let mut reference = Self::github("acme", repository, Some("main"), number);
                reference.original["dir"] = "nix".into();
                reference.locked["dir"] = "nix".into();
                reference
            }
            5..8 => Self::github("acme", repository, Some("release/24.11"), number),
            _ => Self::github("acme", repository, None, number),
        }
    }

    /// Nixpkgs, in one of its spellings.
    pub(super) fn nixpkgs(dice: &mut Dice, number: usize) -> Self {
        match dice.below(10) {
            0 => Self::registry("nixpkgs", None, number),
            1 => Self::registry("nixpkgs", Some("nixos-24.11"), number),
            2 => Self::tarball("https://channels.nixos.org/nixos-24.11/nixexprs.tar.xz", number),
            3..5 => Self::github("NixOS", "nixpkgs", None, number),
            5 => Self::github("nixos", "nixpkgs", Some("nixpkgs-unstable"), number),
            _ => Self::github("NixOS", "nixpkgs", Some("nixos-24.11"), number),
        }
    }

    pub(super) fn github(owner: &str, repo: &str, branch: Option<&str>, number: usize) -> Self {
        Self::forge("github", &format!("{owner}/{repo}"), branch, number)
    }

    fn forge(forge: &str, repository: &str, branch: Option<&str>, number: usize) -> Self {
        let (owner, repo) = repository.split_once('/').unwrap_or(("acme", repository));
        let mut original = json!({ "type": forge, "owner": owner, "repo": repo });
        if let Some(branch) = branch {
            original["ref"] = branch.into();
        }
        let mut locked = json!({ "type": forge, "owner": owner, "repo": repo });
        pin(&mut locked, number);
        Self { original, locked }
    }

    /// A name of the registry.
    pub(super) fn registry(id: &str, branch: Option<&str>, number: usize) -> Self {
        let mut original = json!({ "type": "indirect", "id": id });
        if let Some(branch) = branch {
            original["ref"] = branch.into();
        }
        Self { original, ..Self::github("NixOS", id, None, number) }
    }

    fn git(repository: &str, number: usize) -> Self {
        let url = format!("https://git.acme.example/{repository}.git");
        let mut locked = json!({ "type": "git", "url": url, "ref": "main", "revCount": number });
        pin(&mut locked, number);
        Self { original: json!({ "type": "git", "url": url, "ref": "main" }), locked }
    }

    fn tarball(url: &str, number: usize) -> Self {
        let locked = json!({ "type": "tarball", "url": url, "narHash": hash(number) });
        Self { original: json!({ "type": "tarball", "url": url }), locked }
    }

    /// A file, which is no flake.
    pub(super) fn file(dice: &mut Dice, number: usize) -> Self {
        if dice.percent(50) {
            return Self::acme(dice, "data", number);
        }
        let url = "https://files.acme.example/data.json";
        let locked = json!({ "type": "file", "url": url, "narHash": hash(number) });
        Self { original: json!({ "type": "file", "url": url }), locked }
    }

    /// A folder, relative to the flake that declares it.
    pub(super) fn folder(path: &str) -> Self {
        let reference = json!({ "type": "path", "path": path });
        Self { original: reference.clone(), locked: reference }
    }
}

fn pin(locked: &mut Value, number: usize) {
    locked["rev"] = format!("{:040x}", number + 1).into();
    locked["narHash"] = hash(number);
    locked["lastModified"] = (1_700_000_000 + number).into();
}

fn hash(number: usize) -> Value {
    format!("sha256-{number:042}0=").into()
}

/// Its spelling in flake.nix: attributes of the input with their values.
pub(super) fn spelled(dice: &mut Dice, original: &Value) -> Vec<(&'static str, String)> {
    let attributes = original.as_object().unwrap();
    let is_absolute = original["path"].as_str().is_some_and(|path| path.starts_with('/'));
    if is_absolute || dice.percent(15) {
        return as_attributes(attributes);
    }
    let text = |name: &str| attributes.get(name).and_then(Value::as_str);
    let (kind, branch) = (text("type").unwrap(), text("ref"));
    let mut parameters: Vec<String> = text("dir").iter().map(|dir| format!("dir={dir}")).collect();
    let path = match kind {
        "path" => {
            let path = text("path").unwrap();
            // Nix removes the `./` of a path literal.
            match path.strip_prefix("./") {
                None if !path.starts_with("../") => return vec![("url", format!("./{path}"))],
                None if dice.percent(30) => return vec![("url", path.to_owned())],
                _ if dice.percent(30) => return vec![("url", quoted(dice, path))],
                _ => format!("path:{path}"),
            }
        }
        "git" => {
            parameters.extend(branch.map(|branch| format!("ref={branch}")));
            format!("git+{}", text("url").unwrap())
        }
        "tarball" | "file" => text("url").unwrap().to_owned(),
        "indirect" => {
            let prefix = if dice.percent(50) { "flake:" } else { "" };
            let branch = branch.map(|branch| format!("/{branch}")).unwrap_or_default();
            format!("{prefix}{}{branch}", text("id").unwrap())
        }
        forge => {
            let owner = text("owner").unwrap().replace('/', ["%2F", "%2f"][dice.below(2)]);
            let mut path = format!("{forge}:{owner}/{}", text("repo").unwrap());
            match branch {
                Some(branch) if branch.contains('/') && dice.percent(50) => {
                    path += &format!("/{}", branch.replace('/', ["%2F", "/"][dice.below(2)]));
                }
                Some(branch) if dice.percent(70) && !branch.contains('/') => {
                    path += &format!("/{branch}");
                }
                Some(branch) => parameters.push(format!("ref={branch}")),
                None => {}
            }
            path
        }
    };
    let url = match &*parameters {
        [] => path,
        parameters => format!("{path}?{}", parameters.join("&")),
    };
    let is_bare = url.contains(':') && !url.contains('~') && dice.percent(10);
    vec![("url", if is_bare { url } else { quoted(dice, &url) })]
}

fn as_attributes(attributes: &Map<String, Value>) -> Vec<(&'static str, String)> {
    ["type", "owner", "repo", "ref", "dir", "url", "id", "path"]
        .into_iter()
        .filter_map(|name| Some((name, NixString(attributes.get(name)?.as_str()?).to_string())))
        .collect()
}

/// A Nix string.
pub(super) fn quoted(dice: &mut Dice, text: &str) -> String {
    match dice.below(10) {
        0 => format!("''{text}''"),
        1 => format!("({})", NixString(text)),
        _ => NixString(text).to_string(),
    }
}
