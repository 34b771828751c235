use proptest::prelude::*;

use super::*;
use crate::flake_ref::FlakeRef;
use crate::lock::{AttributeValue, Attributes};

const REV: &str = "18b20080c026fc68c1ab951e21f9d8e0033b179c";

/// Attributes in one line, `type` first.
fn told(url: &str, is_flake: bool) -> String {
    let Some(reference) = parse(url, is_flake) else { return "?".into() };
    let attributes = reference.list();
    let kind = Attributes::of(&attributes).kind();
    attributes.iter().filter(|attribute| attribute.name != "type").fold(
        kind.to_string(),
        |line, a| match a.value {
            AttributeValue::Text(text) => format!("{line} {}={text}", a.name),
            AttributeValue::Bool(value) => format!("{line} {}={value}", a.name),
            AttributeValue::Number(number) => format!("{line} {}={number}", a.name),
            AttributeValue::Other(text) => panic!("{line} {}={text}", a.name),
        },
    )
}

/// All of these were compared with `builtins.parseFlakeRef` of Nix 2.34.8.
#[test]
fn urls_are_read_as_nix_reads_them() {
    for (url, expected) in [
        ("nixpkgs", "indirect id=nixpkgs"),
        ("gitlab:o%2Fg/r", "gitlab owner=o/g repo=r"),
        ("gitlab:o%2fg%2Fx/r%2Fs/a%2Fb/c", "gitlab owner=o/g/x ref=a/b/c repo=r/s"),
        ("github:o/r/a%2Fb", "github owner=o ref=a/b repo=r"),
        ("sourcehut:~o%2Fg/r", "sourcehut owner=~o/g repo=r"),
        ("gitlab:o%252Fg/r", "gitlab owner=o%2Fg repo=r"),
        ("nixpkgs/nixos-24.11", "indirect id=nixpkgs ref=nixos-24.11"),
        (&format!("nixpkgs/{REV}"), &format!("indirect id=nixpkgs rev={REV}")),
        (&format!("nixpkgs/x/{REV}"), &format!("indirect id=nixpkgs ref=x rev={REV}")),
        ("flake:nixpkgs?dir=lib", "indirect dir=lib id=nixpkgs"),
        ("github:o/r", "github owner=o repo=r"),
        ("github:O/r/a/b", "github owner=O ref=a/b repo=r"),
        ("github:o/r/v1%2B1", "github owner=o ref=v1+1 repo=r"),
        (&format!("github:o/r/{REV}"), &format!("github owner=o repo=r rev={REV}")),
        ("github:o/r?ref=b&dir=x/y", "github dir=x/y owner=o ref=b repo=r"),
        ("gitlab:o/r?host=example.org", "gitlab host=example.org owner=o repo=r"),
        ("sourcehut:~u/r", "sourcehut owner=~u repo=r"),
        ("git+https://example.org/x", "git url=https://example.org/x"),
        (
            "git+ssh://git@example.org/x?ref=main&shallow=1&submodules=0&dir=a&foo=b",
            "git dir=a ref=main shallow=true submodules=false url=ssh://git@example.org/x?foo=b",
        ),
        ("git+file:///x/y", "git url=file:///x/y"),
        ("git://example.org/x", "git url=git://example.org/x"),
        ("hg+https://example.org/x?ref=main", "hg ref=main url=https://example.org/x"),
        ("https://example.org/x", "tarball url=https://example.org/x"),
        ("file+https://example.org/x.zip", "file url=https://example.org/x.zip"),
        ("tarball+file:///x", "tarball url=file:///x"),
        (
            "https://example.org/0.1.*.tar.gz?b=2&a=1&revCount=5",
            "tarball revCount=5 url=https://example.org/0.1.%2A.tar.gz?a=1&b=2",
        ),
        ("path:./x", "path path=./x"),
        ("path:/x?dir=y&lastModified=5", "path dir=y lastModified=5 path=/x"),
        ("./x", "path path=./x"),
        ("/x//y", "path path=/x/y"),
        ("..", "path path=.."),
    ] {
        assert_eq!(told(url, true), expected, "{url}");
    }
}

#[test]
fn what_is_no_flake_is_a_file_unless_it_is_an_archive() {
    assert_eq!(told("https://h/x.txt", false), "file url=https://h/x.txt");
    assert_eq!(told("https://h/x.tar.gz", false), "tarball url=https://h/x.tar.gz");
    assert_eq!(told("github:o/r", false), "github owner=o repo=r");
}

#[test]
fn the_uncertain_is_left_open() {
    for url in [
        "",
        "nixpkgs/release/24.11",
        "nixpkgs#x",
        "github:o",
        "github:o/r#x",
        "github:o/r?submodules=1",
        "github:o/r/b?ref=c",
        "git+ssh://git@example.org:o/r",
        "git+file:./x",
        "git+file://host/x",
        "git+https:x",
        "https://h/%zz",
        "https://h/x y",
        "https://h/x[1]",
        "ftp://h/x",
        "path:",
        "path://h/x",
        "path:./x?foo=1",
        "./x#y",
        "x.y",
        "~/x",
        "1a",
        "a/.b",
        "git@example.org:o/r",
    ] {
        assert_eq!(told(url, true), "?", "{url}");
    }
}

fn url() -> impl Strategy<Value = String> {
    let name = "[a-zA-Z][a-zA-Z0-9_-]{0,6}";
    let dir = prop_oneof![Just(String::new()), "dir=[a-z]{1,4}(/[a-z]{1,4})?"];
    let version = prop_oneof![
        Just(String::new()),
        "/[a-z0-9][a-z0-9.+-]{0,8}(/[a-z0-9]{1,3})?",
        "/[0-9a-f]{40}"
    ];
    let forge = (prop_oneof!["github", "gitlab", "sourcehut"], name, name, version, dir.clone())
        .prop_map(|(forge, owner, repo, version, dir)| {
            format!("{forge}:{owner}/{repo}{version}?{dir}")
        });
    let flags = prop::sample::subsequence(
        vec!["ref=main", "shallow=1", "submodules=1", "allRefs=1", "lfs=1", "dir=a/b"],
        0..=6,
    );
    let git = (
        prop_oneof!["https", "ssh", "http"],
        "[a-z]{1,5}[.]org(:[0-9]{2})?(/[a-zA-Z0-9._~-]{1,5}){1,3}",
        flags,
    )
        .prop_map(|(transport, place, flags)| {
            format!("git+{transport}://{place}?{}", flags.join("&"))
        });
    let archive = (
        "(tarball[+])?https",
        "[a-z]{1,5}(/[a-zA-Z0-9._~*-]{1,5}){1,3}([.]zip)?",
        "(x=[a-z]{1,3})?",
        dir,
    )
        .prop_map(|(scheme, place, query, dir)| format!("{scheme}://{place}?{query}&{dir}"));
    let path = "path:[.]{0,2}(/[a-z.]{1,4}){1,3}([?]dir=[a-z]{1,3})?";
    prop_oneof![forge, git, archive, path, "[a-z]{1,6}(/[a-z0-9-]{1,6})?"]
}

proptest! {
    /// Attributes printed as a reference parse as the same attributes.
    #[test]
    fn references_survive_being_told(url in url()) {
        let reference = parse(&url, true);
        prop_assume!(reference.is_some());
        let reference = reference.unwrap();
        let shown = FlakeRef::new(Attributes::of(&reference.list())).to_string();
        prop_assert_eq!(parse(&shown, true), Some(reference.clone()), "{} told as {}", url, shown);
        prop_assert_eq!(reference.agrees_with(&reference), Some(true));
    }

    #[test]
    fn no_text_is_too_odd(text in any::<String>(), scheme in "(github|git[+]https|path|https|flake):(//)?") {
        let _ = parse(&text, true);
        let _ = parse(&format!("{scheme}{text}"), false);
    }
}
