//! Sources of nodes: invented references of the kinds that occur in real locks.

use serde_json::{Value, json};

/// The source of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// Plain nixpkgs, in one of its spellings.
    Nixpkgs(Spelling),
    /// The library of nixpkgs alone.
    NixpkgsLib,
    /// `acme/NAME`: a wrapper by its name, if its inputs have the shape.
    Acme(&'static str),
    /// numtide/nixpkgs-unfree, a wrapper by the list.
    Unfree,
    /// A flake that is used for its modules.
    HomeManager,
    /// A helper flake.
    Utils,
    /// A flake without outputs.
    Blank,
}

/// How a lock spells nixpkgs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    Github,
    LowerCase,
    Branch(&'static str),
    Fork,
    Channel,
    FlakeHub,
    Registry,
    Git,
    Devenv,
    StorePath,
}

impl Source {
    pub(crate) const NIXPKGS: Self = Self::Nixpkgs(Spelling::Github);

    /// The `locked` and `original` attributes; `number` tells revisions apart.
    pub(crate) fn references(self, number: usize) -> (Value, Value) {
        match self {
            Self::Nixpkgs(spelling) => nixpkgs(spelling, number),
            Self::NixpkgsLib => github("nix-community", "nixpkgs.lib", None, number),
            Self::Acme(name) => github("acme", name, None, number),
            Self::Unfree => github("numtide", "nixpkgs-unfree", None, number),
            Self::HomeManager => github("nix-community", "home-manager", None, number),
            Self::Utils => github("numtide", "flake-utils", None, number),
            Self::Blank => github("divnix", "blank", None, number),
        }
    }
}

fn nixpkgs(spelling: Spelling, number: usize) -> (Value, Value) {
    let (hash, rev) = (nar_hash(number), revision(number));
    match spelling {
        Spelling::Github => github("NixOS", "nixpkgs", None, number),
        Spelling::LowerCase => github("nixos", "nixpkgs", Some("nixpkgs-unstable"), number),
        Spelling::Branch(branch) => github("NixOS", "nixpkgs", Some(branch), number),
        Spelling::Fork => github("acme", "nixpkgs", Some("patched"), number),
        Spelling::Devenv => github("cachix", "devenv-nixpkgs", Some("rolling"), number),
        Spelling::Channel => (
            json!({"type": "tarball", "narHash": hash,
                "url": format!("https://releases.nixos.org/nixos/24.11/nixos-24.11.{number}/nixexprs.tar.xz")}),
            json!({"type": "tarball",
                "url": "https://channels.nixos.org/nixos-24.11/nixexprs.tar.xz"}),
        ),
        Spelling::FlakeHub => (
            json!({"type": "tarball", "narHash": hash, "rev": rev,
                "url": format!("https://api.flakehub.com/f/pinned/NixOS/nixpkgs/0.2411.{number}/x/source.tar.gz")}),
            json!({"type": "tarball", "url": "https://flakehub.com/f/NixOS/nixpkgs/0.2411.%2A"}),
        ),
        Spelling::Registry => {
            let (locked, _) = github("NixOS", "nixpkgs", None, number);
            (locked, json!({"type": "indirect", "id": "nixpkgs"}))
        }
        Spelling::Git => (
            json!({"type": "git", "url": "https://git.acme.example/mirror/nixpkgs.git", "rev": rev,
                "ref": "refs/heads/master", "revCount": number, "lastModified": 1_700_000_000,
                "narHash": hash}),
            json!({"type": "git", "url": "https://git.acme.example/mirror/nixpkgs.git"}),
        ),
        Spelling::StorePath => {
            let path = format!("/nix/store/{number:032}-source");
            (
                json!({"type": "path", "path": path, "narHash": hash, "lastModified": 1}),
                json!({"type": "indirect", "id": "nixpkgs"}),
            )
        }
    }
}

fn github(owner: &str, repo: &str, branch: Option<&str>, number: usize) -> (Value, Value) {
    let mut original = json!({"type": "github", "owner": owner, "repo": repo});
    if let Some(branch) = branch {
        original["ref"] = branch.into();
    }
    let locked = json!({"type": "github", "owner": owner, "repo": repo,
        "lastModified": 1_700_000_000 + number, "narHash": nar_hash(number),
        "rev": revision(number)});
    (locked, original)
}

fn revision(number: usize) -> String {
    format!("{number:040x}")
}

fn nar_hash(number: usize) -> String {
    format!("sha256-{number:042}0=")
}
