//! What the URL of an archive points to: which repository or channel, in which version.

use super::parse::without_archive_extension;
use super::uri::{decode, parse_query};
use super::version::Version;

/// The parts of a URL, whether or not Nix would accept it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link<'a> {
    /// What it is an archive of.
    pub of: Archived<'a>,
    /// The version that it names.
    pub version: Version,
}

/// What a URL points to an archive of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Archived<'a> {
    /// A project on FlakeHub: its owner and its name.
    FlakeHub(&'a str, &'a str),
    /// Nixpkgs, packed by its channels or a mirror of them.
    Channel,
    /// A repository: the host in lower case, with its port, and the path of groups with the
    /// repository's name last.
    Repository(String, Vec<&'a str>),
    /// Something else.
    Other,
}

/// Query parameters that select a version, on servers of archives and in Nix.
const ASKED: [&str; 7] = ["rev", "ref", "sha", "commit", "at", "id", "h"];

/// Hosts that appear in the path of a URL when a proxy is put in front of it.
const BEHIND_PROXIES: [&str; 9] = [
    "api.github.com",
    "channels.nixos.org",
    "codeberg.org",
    "codeload.github.com",
    "flakehub.com",
    "github.com",
    "gitlab.com",
    "nixos.org",
    "releases.nixos.org",
];

impl<'a> Link<'a> {
    /// Takes a URL apart.
    pub fn new(url: &'a str) -> Self {
        let (host, path) = host_and_path(url);
        let (of, version) = archived(&host, &path);
        let url = url.split('#').next().unwrap_or_default();
        let (_, query) = url.split_once('?').unwrap_or((url, ""));
        let query = parse_query(query).unwrap_or_default();
        let asked = ASKED.iter().find_map(|name| query.get(*name));
        Self { of, version: asked.map_or(version, |asked| Version::named(asked)) }
    }
}

/// The host that a URL leads to, in lower case, and the names in its path, with any proxy in front
/// removed.
pub(super) fn host_and_path(url: &str) -> (String, Vec<&str>) {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let (_, rest) = url.split_once("://").unwrap_or(("", url));
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let path: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
    let (host, path) = behind_proxies(host, &path);
    (bare_host(host), path.to_vec())
}

/// A host in lower case, without user and `www.`.
fn bare_host(host: &str) -> String {
    let host = host.rsplit('@').next().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host).to_ascii_lowercase()
}

/// Removes the proxy: in `https://proxy.example/https://github.com/acme/x`, with or without the
/// second `https://`, the host is `github.com`.
fn behind_proxies<'a, 'p>(host: &'a str, path: &'p [&'a str]) -> (&'a str, &'p [&'a str]) {
    let is_scheme = |name: &&str| matches!(*name, "http:" | "https:");
    let is_host = |name: &&str| BEHIND_PROXIES.contains(name);
    let behind = match path.iter().rposition(is_scheme) {
        Some(scheme) => Some(scheme + 1),
        None => path.iter().position(is_host),
    };
    let behind = behind.and_then(|at| path.get(at..)).and_then(<[_]>::split_first);
    behind.map_or((host, path), |(host, path)| (host, path))
}

fn archived<'a>(host: &str, path: &[&'a str]) -> (Archived<'a>, Version) {
    let repository = |path: &[&'a str]| Archived::Repository(host.to_owned(), path.to_vec());
    let github = |owner, name| Archived::Repository("github.com".into(), vec![owner, name]);
    let (name, _port) = host.split_once(':').unwrap_or((host, ""));
    match (name, path) {
        ("flakehub.com" | "api.flakehub.com", ["f", "pinned", owner, project, version @ ..]) => {
            let version = version.first().map(|version| Version::Exact(decoded(version)));
            (Archived::FlakeHub(owner, project), version.unwrap_or(Version::Unnamed))
        }
        ("flakehub.com" | "api.flakehub.com", ["f", owner, project, version @ ..]) => {
            let version = version.first().map(|version| on_flakehub(&decoded(version)));
            (Archived::FlakeHub(owner, project), version.unwrap_or(Version::Unnamed))
        }
        ("channels.nixos.org", [channel, ..]) | ("nixos.org", ["channels", channel, ..]) => {
            let of = if is_channel(channel) { Archived::Channel } else { Archived::Other };
            (of, Version::named(&decoded(channel)))
        }
        ("releases.nixos.org", ["nixos" | "nixpkgs", ..]) => (Archived::Channel, release(path)),
        ("codeload.github.com", [owner, name, _, version @ ..])
        | ("api.github.com", ["repos", owner, name, "tarball" | "zipball", version @ ..]) => {
            (github(owner, name), file_of(version))
        }
        (_, ["api", "v4", "projects", project, "repository", ..]) if !project.contains('%') => {
            (Archived::Other, Version::Unnamed)
        }
        (_, ["api", "v4", "projects", project, "repository", ..]) => {
            let names = project.split("%2F").flat_map(|name| name.split("%2f")).collect();
            (Archived::Repository(host.to_owned(), names), Version::Unnamed)
        }
        // Gitea and Forgejo also have an archive below their API.
        (_, ["api", "v1", "repos", owner, name, "archive", version @ ..]) => {
            (repository(&[owner, name]), file_of(version))
        }
        // Uploaded by the owner, so it can be anything.
        (_, [.., "releases", "download", tag, _]) => {
            (Archived::Other, Version::Exact(decoded(tag)))
        }
        (_, path) => by_mirror(path).unwrap_or_else(|| by_forge(host, path)),
    }
}

/// A version on FlakeHub: a range, unless it has all three numbers.
fn on_flakehub(version: &str) -> Version {
    let version = without_archive_extension(version);
    let is_number = |part: &str| part.starts_with(|c: char| c.is_ascii_digit());
    let is_range = version.contains(['*', '^', '~', '<', '>', ',']);
    let is_short = version.split('.').count() < 3 && version.split('.').all(is_number);
    if is_range || is_short {
        Version::Branch(version.to_owned())
    } else {
        Version::Exact(version.to_owned())
    }
}

/// Channels of nixpkgs: `nixos-24.11`, `nixos-unstable-small`, `nixpkgs-unstable`; not other names
/// that begin so, such as `nixos-hardware`.
fn is_channel(name: &str) -> bool {
    name.starts_with("nixos-") || name.starts_with("nixpkgs-")
}

/// `nixos/24.11/nixos-24.11.718525.c9b6fb798541/nixexprs.tar.xz`; without the name of the release
/// it is the newest of that channel.
fn release(path: &[&str]) -> Version {
    match (path.iter().find(|name| is_channel(name) && Version::named(name).is_pinned()), path) {
        (Some(name), _) => Version::Exact((*name).to_owned()),
        (None, [what, channel, ..]) => Version::Branch(format!("{what}-{channel}")),
        (None, _) => Version::Unnamed,
    }
}

/// Channels on any host: below `nix-channels/`, or by the file name that only releases of nixpkgs
/// have. Hydra serves a file of that name for each of its projects.
fn by_mirror<'a>(path: &[&str]) -> Option<(Archived<'a>, Version)> {
    let is_packed = path.last().is_some_and(|file| file.starts_with("nixexprs.tar"));
    let mut mirrored = path.iter().skip_while(|name| **name != "nix-channels").skip(1);
    let channel = match mirrored.next() {
        Some(&"releases") => mirrored.next(),
        channel => channel,
    };
    if let Some(channel) = channel.filter(|channel| is_channel(channel)) {
        // `nixos-24.11@nixos-24.11.718525.c9b6fb798541` is that release.
        let name = channel.rsplit('@').next().unwrap_or_default();
        return Some((Archived::Channel, Version::named(&decoded(name))));
    }
    let is_hydra = path.iter().any(|name| matches!(*name, "job" | "jobset" | "channel"));
    let is_of_nixpkgs = |name: &&str| matches!(*name, "nixos" | "nixpkgs") || is_channel(name);
    if !is_packed || (is_hydra && !path.iter().any(is_of_nixpkgs)) {
        return None;
    }
    let named = path.iter().rev().find(|name| is_channel(name));
    let version = match (named, path.iter().position(|name| matches!(*name, "nixos" | "nixpkgs"))) {
        (Some(name), _) => Version::named(&decoded(name)),
        (None, Some(at)) if !is_hydra && at + 2 < path.len() => {
            release(path.get(at..).unwrap_or_default())
        }
        (None, _) => Version::Unnamed,
    };
    Some((Archived::Channel, version))
}

/// Archives as forges serve them, on whatever host.
fn by_forge<'a>(host: &str, path: &[&'a str]) -> (Archived<'a>, Version) {
    let repository = |of: &[&'a str]| Archived::Repository(host.to_owned(), of.to_vec());
    if let [above @ .., "repository", version, file] = path
        && without_archive_extension(file) == "archive"
    {
        return (repository(above), Version::named(&decoded(version)));
    }
    let is_verb = |name: &&str| matches!(*name, "archive" | "tarball" | "zipball" | "get");
    // An owner and a repository come before it.
    let verb = path.iter().enumerate().skip(2).find(|(_, name)| is_verb(name));
    let Some((at, _)) = verb else { return (Archived::Other, Version::Unnamed) };
    let (above, below) = path.split_at(at);
    let below = below.get(1..).unwrap_or_default();
    match (above, below) {
        // GitLab appends a file name: `-/archive/BRANCH/REPOSITORY-BRANCH.tar.gz`.
        ([above @ .., "-"], [version @ .., _]) if !version.is_empty() => {
            (repository(above), file_of(version))
        }
        _ => (repository(above), file_of(below)),
    }
}

/// The version at the end of a path: a file name, with folders before it if a branch has slashes.
fn file_of(version: &[&str]) -> Version {
    Version::named(without_archive_extension(&decoded(&version.join("/"))))
}

fn decoded(text: &str) -> String {
    decode(text).unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> String {
        match Link::new(url).of {
            Archived::FlakeHub(owner, project) => format!("FlakeHub {owner}/{project}"),
            Archived::Channel => "channel".into(),
            Archived::Repository(host, path) => format!("{host} {}", path.join("/")),
            Archived::Other => "other".into(),
        }
    }

    #[test]
    fn archives_of_repositories_and_channels_in_every_spelling() {
        for (url, leads) in [
            ("https://channels.nixos.org/nixos-24.11/nixexprs.tar.xz", "channel"),
            ("https://nixos.org/channels/nixpkgs-unstable", "channel"),
            ("https://nixos.org/manual/nixpkgs", "other"),
            ("https://channels.nixos.org/flake-registry.json", "other"),
            ("https://releases.nixos.org/nixos/24.11/nixos-24.11.1.a/nixexprs.tar.xz", "channel"),
            ("https://releases.nixos.org/nix/nix-2.34.8/x.tar.xz", "other"),
            ("https://mirror.example/nix-channels/nixos-unstable/nixexprs.tar.xz", "channel"),
            ("https://mirror.example/pub/nix-channels/nixpkgs-unstable", "channel"),
            ("https://mirror.example/nix-channels/store", "other"),
            ("http://cache.lan/nixexprs.tar.xz", "channel"),
            ("http://cache.lan:8080/old/nixexprs.tar.gz", "channel"),
            ("https://hydra.example/job/acme/main/channel/latest/nixexprs.tar.bz2", "other"),
            (
                "https://hydra.example/jobset/nixpkgs/trunk/channel/latest/nixexprs.tar.xz",
                "channel",
            ),
            ("https://flakehub.com/f/NixOS/nixpkgs/0.1", "FlakeHub NixOS/nixpkgs"),
            ("https://api.flakehub.com/f/pinned/a/b/0.1.2/01/source.tar.gz", "FlakeHub a/b"),
            ("https://github.com/NixOS/nixpkgs/archive/main.tar.gz", "github.com NixOS/nixpkgs"),
            ("https://GitHub.com/NixOS/nixpkgs/tarball/main", "github.com NixOS/nixpkgs"),
            ("https://api.github.com/repos/a/b/tarball/main", "github.com a/b"),
            ("https://api.github.com/repos/a/b/tarball", "github.com a/b"),
            ("https://codeload.github.com/a/b/tar.gz/refs/heads/main", "github.com a/b"),
            ("https://proxy.example/https://github.com/a/b/archive/main.zip", "github.com a/b"),
            ("https://p.example/x/https:/github.com/a/b/archive/main.zip", "github.com a/b"),
            ("https://proxy.example/github.com/a/b/archive/main.zip", "github.com a/b"),
            (
                "https://p.example/https://q.example/https://github.com/a/b/archive/x.tar.gz",
                "github.com a/b",
            ),
            ("https://p.example/https://channels.nixos.org/nixos-24.11", "channel"),
            ("https://git.example/a/nixpkgs/archive/main.tar.gz", "git.example a/nixpkgs"),
            ("https://git.example/api/v1/repos/a/b/archive/main.zip", "git.example a/b"),
            ("https://git.example/a/b/c/-/archive/x/c-x.tar.gz", "git.example a/b/c"),
            ("https://git.example/a/b/repository/x/archive.tar.gz", "git.example a/b"),
            (
                "https://git.example/api/v4/projects/a%2Fb%2Fc/repository/archive?sha=x",
                "git.example a/b/c",
            ),
            ("https://git.example/api/v4/projects/7/repository/archive", "other"),
            ("https://example.org/archive/nixpkgs.tar.gz", "other"),
            ("https://example.org/nixpkgs.tar.gz", "other"),
            ("https://github.com/a/b/releases/download/v1/nixpkgs.tar.gz", "other"),
            ("https://p.example/https://", "other"),
            ("https:", "other"),
            ("", "other"),
        ] {
            assert_eq!(of(url), leads, "{url}");
        }
    }
}
