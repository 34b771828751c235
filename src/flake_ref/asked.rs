//! Which version of its source a reference asks for.

use super::link::Link;
use super::version::Version;
use crate::lock::{Attributes, SourceKind};

impl Version {
    /// The version in a reference as spelled in flake.nix: an `original`.
    pub fn of(original: Attributes<'_, '_>) -> Self {
        let text = |name| original.text(name).filter(|text| !text.is_empty());
        if let Some(rev) = text("rev") {
            return Self::Revision(rev.to_owned());
        }
        let version = match text("ref") {
            Some(name) => Self::named(name),
            None => Self::of_place(original),
        };
        match (text("narHash"), version) {
            (Some(hash), Self::Unnamed) => Self::Exact(hash.to_owned()),
            (Some(_), Self::Branch(name)) => Self::Exact(name),
            (_, version) => version,
        }
    }

    /// The version that the place of a source implies, if no branch is named.
    fn of_place(original: Attributes<'_, '_>) -> Self {
        match original.kind() {
            SourceKind::Git | SourceKind::Mercurial | SourceKind::Tarball | SourceKind::File => {
                let url = original.text("url").filter(|url| !url.is_empty());
                url.map_or(Self::Unnamed, |url| Link::new(url).version)
            }
            SourceKind::Path => {
                match original.text("path").and_then(|path| path.strip_prefix("/nix/store/")) {
                    Some(name) => Self::Exact(name.to_owned()),
                    None => Self::Unnamed,
                }
            }
            SourceKind::Forge(_)
            | SourceKind::Indirect
            | SourceKind::Unknown(_)
            | SourceKind::Unnamed => Self::Unnamed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flake_ref::{OwnedRef, parse};
    use crate::lock::Forge;

    fn version(reference: &OwnedRef) -> Version {
        Version::of(Attributes::of(&reference.list()))
    }

    fn branch(name: &str) -> Version {
        Version::Branch(name.to_owned())
    }

    fn exact(name: &str) -> Version {
        Version::Exact(name.to_owned())
    }

    const REV: &str = "18b20080c026fc68c1ab951e21f9d8e0033b179c";

    #[test]
    fn every_spelling_of_a_version() {
        let rev = |rev: &str| Version::Revision(rev.to_owned());
        for (url, names) in [
            ("github:NixOS/nixpkgs", Version::Unnamed),
            ("github:NixOS/nixpkgs/nixos-24.11", branch("nixos-24.11")),
            ("github:NixOS/nixpkgs?ref=nixos-24.11", branch("nixos-24.11")),
            ("github:NixOS/nixpkgs?ref=refs/heads/nixos-24.11", branch("nixos-24.11")),
            ("github:NixOS/nixpkgs/nixpkgs-24.11-darwin", branch("nixpkgs-24.11-darwin")),
            ("github:NixOS/nixpkgs/release-24.11", branch("release-24.11")),
            ("github:NixOS/nixpkgs/master", branch("master")),
            ("github:NixOS/nixpkgs/defaced", branch("defaced")),
            ("github:NixOS/nixpkgs/24.11", exact("24.11")),
            ("github:NixOS/nixpkgs/24.11-beta", exact("24.11-beta")),
            ("github:acme/gpu/v2.18.1", exact("v2.18.1")),
            ("github:acme/gpu/v2", exact("v2")),
            ("github:acme/gpu/2x-faster", branch("2x-faster")),
            ("github:acme/gpu?ref=refs/tags/stable", exact("stable")),
            ("github:NixOS/nixpkgs/HEAD", Version::Unnamed),
            ("github:NixOS/nixpkgs/258de5ded1cf", rev("258de5ded1cf")),
            (&format!("github:NixOS/nixpkgs/{REV}"), rev(REV)),
            (&format!("github:NixOS/nixpkgs?rev={REV}"), rev(REV)),
            (&format!("github:NixOS/nixpkgs?ref={REV}"), rev(REV)),
            ("github:NixOS/nixpkgs/nixos-24.11?narHash=sha256-x", exact("nixos-24.11")),
            ("gitlab:acme/nixpkgs/main", branch("main")),
            ("sourcehut:~acme/nixpkgs/main", branch("main")),
            ("nixpkgs", Version::Unnamed),
            ("nixpkgs/nixos-24.11", branch("nixos-24.11")),
            ("flake:nixpkgs/nixos-24.11", branch("nixos-24.11")),
            (&format!("nixpkgs/{REV}"), rev(REV)),
            (&format!("nixpkgs/nixos-24.11/{REV}"), rev(REV)),
            ("git+https://github.com/NixOS/nixpkgs", Version::Unnamed),
            ("git+https://github.com/NixOS/nixpkgs?ref=nixos-24.11", branch("nixos-24.11")),
            (
                "git+https://github.com/NixOS/nixpkgs?shallow=1&ref=nixos-24.11",
                branch("nixos-24.11"),
            ),
            ("git+ssh://git@example.org/nixpkgs?ref=refs/tags/24.11", exact("24.11")),
            (&format!("git+https://github.com/NixOS/nixpkgs?ref=nixos-24.11&rev={REV}"), rev(REV)),
            ("hg+https://example.org/nixpkgs?ref=stable", branch("stable")),
            ("https://nixos.org/channels/nixos-24.11", branch("nixos-24.11")),
            ("https://nixos.org/channels/nixos-24.11/nixexprs.tar.xz", branch("nixos-24.11")),
            ("http://www.nixos.org/channels/nixos-24.11", branch("nixos-24.11")),
            ("https://channels.nixos.org/nixos-24.11/nixexprs.tar.xz", branch("nixos-24.11")),
            ("https://channels.nixos.org/nixpkgs-unstable", branch("nixpkgs-unstable")),
            (
                "https://releases.nixos.org/nixos/24.11/nixos-24.11.718525.c9b6fb798541/nixexprs.tar.xz",
                exact("nixos-24.11.718525.c9b6fb798541"),
            ),
            (
                "https://releases.nixos.org/nixos/24.11-small/nixos-24.11.718525.c9b6fb798541/nixexprs.tar.xz",
                exact("nixos-24.11.718525.c9b6fb798541"),
            ),
            (
                "https://releases.nixos.org/nixpkgs/nixpkgs-25.05pre731363.fe51d34885f7/nixexprs.tar.xz",
                exact("nixpkgs-25.05pre731363.fe51d34885f7"),
            ),
            ("https://releases.nixos.org/nixos/24.11/nixexprs.tar.xz", branch("nixos-24.11")),
            ("https://releases.nixos.org/nixos/24.11-small/x.tar.xz", branch("nixos-24.11-small")),
            (
                "https://mirrors.tuna.tsinghua.edu.cn/nix-channels/nixos-24.11/nixexprs.tar.xz",
                branch("nixos-24.11"),
            ),
            (
                "https://mirrors.tuna.tsinghua.edu.cn/nix-channels/releases/nixos-24.11@nixos-24.11.1.a/nixexprs.tar.xz",
                exact("nixos-24.11.1.a"),
            ),
            ("https://mirror.example/nixos-24.11/nixexprs.tar.xz", branch("nixos-24.11")),
            ("https://mirror.example/nixos/24.11/nixexprs.tar.xz", branch("nixos-24.11")),
            ("https://mirror.example/nixexprs.tar.xz", Version::Unnamed),
            (
                "https://proxy.example/https://github.com/NixOS/nixpkgs/archive/nixos-24.11.tar.gz",
                branch("nixos-24.11"),
            ),
            (
                "https://git.example/api/v1/repos/acme/nixpkgs/archive/release-24.11.tar.gz",
                branch("release-24.11"),
            ),
            ("https://github.com/NixOS/nixpkgs/archive/nixos-24.11.tar.gz", branch("nixos-24.11")),
            ("https://github.com/NixOS/nixpkgs/archive/nixos-24.11.zip", branch("nixos-24.11")),
            (
                "https://github.com/NixOS/nixpkgs/archive/refs/heads/nixos-24.11.tar.gz",
                branch("nixos-24.11"),
            ),
            ("https://github.com/acme/x/archive/refs/heads/a/b.tar.gz", branch("a/b")),
            ("https://github.com/NixOS/nixpkgs/archive/refs/tags/24.11.tar.gz", exact("24.11")),
            (&format!("https://github.com/NixOS/nixpkgs/archive/{REV}.tar.gz"), rev(REV)),
            ("https://github.com/NixOS/nixpkgs/archive/258de5ded1cf.tar.gz", rev("258de5ded1cf")),
            ("https://github.com/NixOS/nixpkgs/tarball/nixos-24.11", branch("nixos-24.11")),
            ("https://github.com/acme/x/releases/download/stable/x.tar.gz", exact("stable")),
            ("https://codeload.github.com/NixOS/nixpkgs/tar.gz/nixos-24.11", branch("nixos-24.11")),
            (
                "https://codeload.github.com/NixOS/nixpkgs/tar.gz/refs/heads/nixos-24.11",
                branch("nixos-24.11"),
            ),
            (
                "https://api.github.com/repos/NixOS/nixpkgs/tarball/nixos-24.11",
                branch("nixos-24.11"),
            ),
            ("https://api.github.com/repos/NixOS/nixpkgs/tarball", Version::Unnamed),
            (
                "https://gitlab.com/acme/nixpkgs/-/archive/nixos-24.11/nixpkgs-nixos-24.11.tar.gz",
                branch("nixos-24.11"),
            ),
            ("https://gitlab.com/a/b/c/-/archive/x/y/c-x-y.tar.gz", branch("x/y")),
            (
                "https://gitlab.com/acme/nixpkgs/repository/nixos-24.11/archive.tar.gz",
                branch("nixos-24.11"),
            ),
            (
                "https://gitlab.com/api/v4/projects/acme%2Fx/repository/archive.tar.gz?sha=nixos-24.11",
                branch("nixos-24.11"),
            ),
            ("https://git.sr.ht/~acme/nixpkgs/archive/nixos-24.11.tar.gz", branch("nixos-24.11")),
            ("https://codeberg.org/acme/nixpkgs/archive/main.tar.gz", branch("main")),
            ("https://bitbucket.org/acme/nixpkgs/get/main.tar.gz", branch("main")),
            ("https://flakehub.com/f/NixOS/nixpkgs/0.2405.*.tar.gz", branch("0.2405.*")),
            ("https://flakehub.com/f/NixOS/nixpkgs/0.2405.%2A", branch("0.2405.*")),
            ("https://flakehub.com/f/NixOS/nixpkgs/0.1", branch("0.1")),
            ("https://flakehub.com/f/NixOS/nixpkgs/*", branch("*")),
            ("https://flakehub.com/f/NixOS/nixpkgs/0.2405.636144", exact("0.2405.636144")),
            ("https://flakehub.com/f/NixOS/nixpkgs/=0.2405.636144", exact("=0.2405.636144")),
            ("https://flakehub.com/f/NixOS/nixpkgs", Version::Unnamed),
            (
                "https://api.flakehub.com/f/pinned/NixOS/nixpkgs/0.2405.636144/018c/source.tar.gz",
                exact("0.2405.636144"),
            ),
            (&format!("https://example.org/nixpkgs.tar.gz?rev={REV}"), rev(REV)),
            ("https://example.org/nixpkgs.tar.gz", Version::Unnamed),
            ("https://example.org/archive/nixpkgs.tar.gz", Version::Unnamed),
            ("file:///srv/nixpkgs.tar.gz", Version::Unnamed),
            ("path:/srv/nixpkgs", Version::Unnamed),
            ("path:./nixpkgs", Version::Unnamed),
            (
                "path:/nix/store/0wgprg9iby52m03nscjgf9cn6gaj7isg-source",
                exact("0wgprg9iby52m03nscjgf9cn6gaj7isg-source"),
            ),
        ] {
            let reference = parse(url, true).unwrap_or_else(|| panic!("{url}"));
            assert_eq!(version(&reference), names, "{url}");
        }
    }

    /// Other versions of Nix leave parameters in the URL, or write attributes that no `url` has.
    #[test]
    fn as_other_versions_of_nix_store_them() {
        let mut git = OwnedRef::new(SourceKind::Git);
        git.set("url", "https://example.org/nixpkgs?ref=nixos-24.11");
        assert_eq!(version(&git), branch("nixos-24.11"));
        git.set("url", format!("https://example.org/nixpkgs?ref=nixos-24.11&rev={REV}"));
        assert_eq!(version(&git), Version::Revision(REV.to_owned()));
        let mut forge = OwnedRef::new(SourceKind::Forge(Forge::GitHub));
        forge.set("ref", "nixos-24.11");
        forge.set("rev", REV);
        assert_eq!(version(&forge), Version::Revision(REV.to_owned()));
    }

    #[test]
    fn odd_links_name_nothing_and_break_nothing() {
        for url in
            ["", "?", "://", "https://", "x:%zz/%", "https://a/archive", "https://a/b/-/archive/"]
        {
            let mut reference = OwnedRef::new(SourceKind::Tarball);
            reference.set("url", url);
            assert_eq!(version(&reference), Version::Unnamed, "{url}");
        }
    }

    #[test]
    fn names_and_pins() {
        assert_eq!(branch("x").name(), Some("x"));
        assert_eq!(exact("1.0").name(), Some("1.0"));
        assert!(exact("1.0").is_pinned() && Version::Revision("a".into()).is_pinned());
        assert!(!branch("x").is_pinned() && !Version::Unnamed.is_pinned());
    }
}
