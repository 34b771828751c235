//! How a flake holds a wrapper.

use std::path::{Component, Path};

use crate::flake_ref::is_flake_id;
use crate::text::{AttrPath, NixString};

/// How a flake holds a wrapper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// The input's name.
    pub name: String,
    /// The reference of the wrapper.
    pub url: String,
    /// The input path of the nixpkgs that it is built on; `None` if it keeps its own.
    pub nixpkgs: Option<Vec<String>>,
}

/// Used if the folder's name cannot be the name of an input.
const NAME: &str = "nixpkgs-configured";

impl Holding {
    /// For a wrapper in a folder of the flake that holds it. `place` is the folder as an absolute
    /// path.
    pub fn beside(dir: &Path, place: &Path, nixpkgs: Option<Vec<String>>) -> Self {
        let name =
            place.file_name().and_then(|name| name.to_str()).filter(|name| is_flake_id(name));
        let name = name.unwrap_or(NAME).to_owned();
        let is_below =
            dir.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        let url = if is_below && dir.file_name().is_some() {
            let parts = dir.components().filter(|part| matches!(part, Component::Normal(_)));
            let parts: Vec<_> = parts.map(|part| part.as_os_str().to_string_lossy()).collect();
            format!("path:./{}", encoded(&parts.join("/")))
        } else {
            // A relative path must not lead out of a flake's source.
            format!("path:{}", encoded(&place.to_string_lossy()))
        };
        Self { name, url, nixpkgs }
    }

    /// The lines for the `flake.nix` that holds it, and one for a dependency.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = self.declaration();
        lines.push(self.followed_by("DEPENDENCY"));
        lines
    }

    /// The lines that declare it in a `flake.nix`.
    pub fn declaration(&self) -> Vec<String> {
        let line =
            |path: &[&str], value: &str| format!("{} = {};", AttrPath(path), NixString(value));
        let mut lines = vec![line(&["inputs", &self.name, "url"], &self.url)];
        lines.extend(self.nixpkgs.as_ref().map(|path| {
            line(&["inputs", &self.name, "inputs", "nixpkgs", "follows"], &path.join("/"))
        }));
        lines
    }

    /// The line that makes a dependency follow it.
    pub fn followed_by(&self, dependency: &str) -> String {
        let path = ["inputs", dependency, "inputs", "nixpkgs", "follows"];
        format!("{} = {};", AttrPath(&path), NixString(&self.name))
    }
}

/// A path, encoded for a URL.
fn encoded(path: &str) -> String {
    let mut url = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/+".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_give_names_and_references() {
        for (dir, place, name, url) in [
            ("nixpkgs-gpu", "/w/nixpkgs-gpu", "nixpkgs-gpu", "path:./nixpkgs-gpu"),
            ("./nix/gpu/", "/w/nix/gpu", "gpu", "path:./nix/gpu"),
            ("my gpu", "/w/my gpu", "nixpkgs-configured", "path:./my%20gpu"),
            ("../gpu", "/gpu", "gpu", "path:/gpu"),
            (".", "/w/gpu", "gpu", "path:/w/gpu"),
            ("/x/gpu", "/x/gpu", "gpu", "path:/x/gpu"),
        ] {
            let holding = Holding::beside(Path::new(dir), Path::new(place), None);
            assert_eq!((holding.name.as_str(), holding.url.as_str()), (name, url), "{dir}");
        }
    }
}
