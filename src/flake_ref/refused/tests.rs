use super::*;
use crate::lock::Attribute;

const REV: &str = "b08b47413ee99766b197cc38364311e2c1099d90";
const HASH: &str = "sha256-aBx2EdVmmvwNZj3pP3irgSEEYWFb67Bu2zm/HbAyazE=";

/// Why a reference with these attributes is refused, as `attribute: problem (by)`.
fn refused(kind: RefKind, attributes: &[(&'static str, AttributeValue<'static>)]) -> Vec<String> {
    let attributes: Vec<_> =
        attributes.iter().map(|(name, value)| Attribute { name, value: *value }).collect();
    let found = refusals(Attributes::of(&attributes), kind);
    let told =
        |r: Refusal<'_>| format!("{}: {} ({:?})", r.attribute.unwrap_or("-"), r.problem, r.by);
    found.into_iter().map(told).collect()
}

fn text(value: &'static str) -> AttributeValue<'static> {
    AttributeValue::Text(value)
}

fn github(
    more: &[(&'static str, AttributeValue<'static>)],
) -> Vec<(&'static str, AttributeValue<'static>)> {
    let mut all = vec![
        ("type", text("github")),
        ("owner", text("acme")),
        ("repo", text("solver")),
        ("narHash", text(HASH)),
        ("lastModified", AttributeValue::Number(1)),
    ];
    all.extend(more);
    all
}

fn git(
    more: &[(&'static str, AttributeValue<'static>)],
) -> Vec<(&'static str, AttributeValue<'static>)> {
    [&[("type", text("git")), ("rev", text(REV))], more].concat()
}

/// Each of these was seen in the three versions.
#[test]
fn what_nix_refuses_of_a_github_reference() {
    use RefKind::{Locked, Original};
    let rev = ("rev", text(REV));
    let none: [&str; 0] = [];
    assert_eq!(refused(Locked, &github(&[rev])), none);
    assert_eq!(refused(Locked, &github(&[rev, ("dir", text("x")), ("host", text("x.org"))])), none);
    assert_eq!(refused(Locked, &github(&[rev, ("treeHash", text(REV))])), none);
    assert_eq!(
        refused(Locked, &github(&[rev, ("submodules", AttributeValue::Bool(true))])),
        ["submodules: a `github` reference has no attribute `submodules` (All)"]
    );
    let short = ("rev", text("abc123"));
    let told = "rev: `abc123` is not a revision (40 hexadecimal digits)";
    assert_eq!(refused(Locked, &github(&[short])), [format!("{told} (All)")]);
    assert_eq!(refused(Original, &github(&[short])), [format!("{told} (AllBut226)")]);
    for odd in ["sha1:x", "sha1-x", "sha256:x"] {
        let told = format!("rev: `{odd}` is not a revision (40 hexadecimal digits)");
        let odd = ("rev", text(odd));
        assert_eq!(refused(Locked, &github(&[odd])), [format!("{told} (All)")]);
        assert_eq!(refused(Original, &github(&[odd])), [format!("{told} (AllBut226)")]);
    }
    // Nix's own base 32 is also a spelling of a hash.
    let base_32 = ("rev", text("00000000000000000000000000000000"));
    assert_eq!(refused(Locked, &github(&[base_32])), none);
    let number = ("rev", AttributeValue::Number(5));
    assert_eq!(refused(Locked, &github(&[number])), ["rev: `rev` must be a string (All)"]);
    let branch = ("ref", text("main"));
    assert_eq!(
        refused(Locked, &github(&[rev, branch])),
        ["ref: it has both a branch (`ref`) and a revision (`rev`) (Newest)"]
    );
    assert_eq!(refused(Original, &github(&[branch])), none);
    assert_eq!(
        refused(Original, &github(&[("ref", text("a b"))])),
        ["ref: `a b` is not the name of a branch or tag (Newest)"]
    );
    assert_eq!(
        refused(Original, &github(&[("host", text("git.acme.org:8443"))])),
        ["host: `git.acme.org:8443` is not a host name (Newest)"]
    );
    let mark = ("__final", AttributeValue::Bool(true));
    assert_eq!(
        refused(Locked, &github(&[rev, mark])),
        ["__final: `__final` must not stand in a lock (AllWithCrash)"]
    );
    assert_eq!(refused(Original, &github(&[mark])), none);
    assert_eq!(
        refused(Locked, &[("type", text("github")), rev]),
        ["-: it has no `owner` (All)", "-: it has no `repo` (All)"]
    );
    // The last one counts.
    assert_eq!(refused(Locked, &github(&[short, rev])), none);
}

#[test]
fn what_nix_refuses_of_other_references() {
    use RefKind::{Locked, Original};
    let none: [&str; 0] = [];
    let url = ("url", text("https://git.acme.org/acme/solver"));
    let flags = ["lfs", "submodules", "shallow", "exportIgnore", "allRefs", "verifyCommit"];
    let flags = flags.map(|name| (name, AttributeValue::Bool(true)));
    assert_eq!(refused(Locked, &git(&[&[url], &flags[..]].concat())), none);
    assert_eq!(
        refused(Locked, &git(&[url, ("shallow", text("1"))])),
        ["shallow: `shallow` must be a Boolean (All)"]
    );
    // Git accepts more than URLs.
    for url in ["git@acme.org:acme/solver", "/srv/git/solver", "file:///srv/solver"] {
        assert_eq!(refused(Locked, &git(&[("url", text(url))])), none, "{url}");
    }
    for url in ["ssh://git@[::1]:22/x", "ssh://git@acme.org:22/x", "https://x/?a=b&c=%20"] {
        assert_eq!(refused(Locked, &git(&[("url", text(url))])), none, "{url}");
    }
    for (url, by) in [
        ("ssh://git@acme.org:acme/solver", "Newest"),
        ("https://acme.org/a b", "All"),
        ("file://solver", "All"),
    ] {
        let told = format!("url: `{url}` is not a URL ({by})");
        assert_eq!(refused(Locked, &git(&[("url", text(url))])), [told]);
    }
    // Only Nix 2.8 checks a revision in `original`, which is no longer used there.
    let short = ("rev", text("abc123"));
    assert_eq!(refused(Original, &[("type", text("git")), url, short]), none);
    for name in ["main", "refs/heads/a.b", "lock", "v1.0+x", "a@b", "HEAD"] {
        assert_eq!(refused(Locked, &git(&[url, ("ref", text(name))])), none, "{name}");
    }
    for name in ["", "a..b", "a.lock", ".a", "a/", "a//b", "@", "a@{b", "a b", "a~1", "a\u{7f}"] {
        assert_eq!(refused(Locked, &git(&[url, ("ref", text(name))])).len(), 1, "{name}");
    }
    let tarball = |more: &[_]| [&[("type", text("tarball")), url], more].concat();
    let hash = ("narHash", text(HASH));
    let all = [hash, ("rev", text("x")), ("revCount", AttributeValue::Number(1))];
    assert_eq!(refused(Locked, &tarball(&all)), none);
    assert_eq!(refused(Locked, &tarball(&[("narHash", text("sha256-abc"))])).len(), 1);
    assert_eq!(refused(Original, &tarball(&[("narHash", text("sha256-abc"))])), none);
    assert_eq!(refused(Locked, &[("type", text("path"))]), ["-: it has no `path` (All)"]);
    assert_eq!(
        refused(Original, &[("type", text("indirect")), ("id", text("a/b"))]),
        ["id: `a/b` is not the name of a flake (All)"]
    );
    // Nix 2.8 does not know the type and accepts any attributes.
    assert_eq!(
        refused(Locked, &[("type", text("file")), hash, ("owner", text("acme"))]),
        ["owner: a `file` reference has no attribute `owner` (AllBut28)"]
    );
    // It reads `ref` of every reference, though.
    assert_eq!(
        refused(Locked, &[("type", text("file")), hash, ("ref", AttributeValue::Number(5))]),
        ["ref: a `file` reference has no attribute `ref` (All)"]
    );
    let unknown = [("type", text("forgejo")), ("who", text("knows"))];
    assert_eq!(refused(Locked, &unknown), ["type: Nix knows no type `forgejo` (Crash)"]);
    assert_eq!(refused(Original, &unknown), none);
    assert_eq!(refused(Original, &[]), ["-: it has no `type` (All)"]);
}

/// Before it looks at the type.
#[test]
fn nix_reads_no_null_no_array_and_no_object() {
    use RefKind::{Locked, Original};

    let null = ("narHash", AttributeValue::Other("null"));
    let told = "narHash: `narHash` is no string, number or Boolean (All)";
    for kind in [Locked, Original] {
        for other in ["github", "forgejo"] {
            assert_eq!(refused(kind, &[("type", text(other)), null])[0], told, "{kind:?} {other}");
        }
    }
    let repository = [null, ("owner", text("acme")), ("repo", text("dep"))];
    let github = [&repository[..], &[("type", text("github"))]].concat();
    assert_eq!(refused(Locked, &github), [told], "whatever is usual beside it");
    assert_eq!(refused(Locked, &repository), [told, "-: it has no `type` (All)"]);
    assert_eq!(
        refused(Locked, &[("type", AttributeValue::Other("[]"))]),
        ["type: `type` is no string, number or Boolean (All)"]
    );
    // The last one of a name counts.
    let twice = [null, ("narHash", text(HASH)), ("type", text("forgejo"))];
    assert_eq!(refused(Original, &twice), [""; 0]);
}

/// Whatever is left out or put out of order.
#[test]
fn what_is_usual_is_refused_by_nobody() {
    let all = [
        ("lastModified", AttributeValue::Number(1)),
        ("narHash", AttributeValue::Bool(true)),
        ("owner", text("acme")),
        ("owner", AttributeValue::Number(1)),
        ("ref", text("main")),
        ("repo", text("")),
        ("rev", text("short")),
        ("rev", text(REV)),
        ("type", text("gitlab")),
        ("type", text("git")),
    ];
    let mut usual = 0;
    for chosen in 0_u32..1 << all.len() {
        let chosen = all.iter().enumerate().filter(|(at, _)| chosen & (1 << at) != 0);
        let mut some: Vec<_> =
            chosen.map(|(_, &(name, value))| Attribute { name, value }).collect();
        for _ in 0..2 {
            let reference = Attributes::of(&some);
            if is_usual(reference) {
                usual += 1;
                for kind in [RefKind::Locked, RefKind::Original] {
                    assert!(judged(reference, kind).is_empty(), "{some:?}");
                }
            }
            some.reverse();
        }
    }
    assert_eq!(usual, 8);
}
