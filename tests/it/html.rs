//! The page (`graph --format html`) as text: its policy, its data, and that nothing from a lock
//! escapes the data. `tests/page.rs` tests it in a browser.

use data_encoding::BASE64;
use insta::assert_snapshot;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::cli::{fixtures, flake_audit};
use crate::draw::chain;
use crate::support::drawing::{Part, between, drawn, page_data as data};
use flake_audit::draw::Format;

fn page_of(case: &str) -> String {
    let output = flake_audit(&fixtures().join(case)).args(["graph", "--format", "html"]).output();
    let output = output.unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_data_of_the_seed_scenario() {
    let page = page_of("seed/a-follows-plain");
    let data: Value = serde_json::from_str(data(&page)).unwrap();
    assert_snapshot!(serde_json::to_string_pretty(&data).unwrap());
}

#[test]
fn the_policy_allows_what_is_there_and_nothing_else() {
    let page = page_of("seed/a-follows-plain");
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"")[0];
    let digest = |text: &str| format!("'sha256-{}'", BASE64.encode(&Sha256::digest(text)));
    let scripts: Vec<_> = between(&page, "<script>", "</script>").into_iter().map(digest).collect();
    let styles: Vec<_> = between(&page, "<style>", "</style>").into_iter().map(digest).collect();
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'",
            scripts.join(" "),
            styles.join(" ")
        )
    );
    assert_eq!((scripts.len(), styles.len()), (2, 1));
    // The only address in it is the name of a language.
    let addresses = between(&page, "http", "\"").len();
    let names = page.matches("\"http://www.w3.org/2000/svg\"").count();
    let policy_and_referrer = page.matches("http-equiv").count();
    assert_eq!(addresses, names + policy_and_referrer);
    assert!(
        !page.contains(" style=") && !page.contains(" onclick=") && !page.contains("innerHTML")
    );
    assert!(page.contains("Permission is hereby granted"), "the licence of what is embedded");
}

#[test]
fn names_stay_in_the_data() {
    let name = "</script><script>alert(1)</script><!--\u{2028}\u{202e}";
    let name = Value::from(name);
    let lock = format!(
        r#"{{"version":7,"root":"root","nodes":{{"root":{{"inputs":{{{name}:{name}}}}},
        {name}:{{"locked":{{"type":"git","url":{name}}},"original":{{"type":"git","url":{name}}}}}}}}}"#
    );
    let whole = Part { focus: None, nixpkgs_only: false, depth: None };
    let page = drawn(lock.as_bytes(), whole, Format::Html).unwrap();
    assert_eq!(page.matches("<script").count(), 3);
    assert_eq!(page.matches("</script>").count(), 3);
    let data = data(&page);
    assert!(!data.contains('<') && data.is_ascii(), "{data}");
    let data: Value = serde_json::from_str(data).unwrap();
    let shown = data["nodes"][1]["lines"][0].as_str().unwrap();
    assert!(shown.starts_with("</script><script>") && shown.contains("\\u2028\\u202e"), "{shown}");
}

#[test]
fn the_data_grows_as_the_lock_does() {
    let whole = Part { focus: None, nixpkgs_only: false, depth: None };
    let size = |length| {
        let lock = chain(length);
        (lock.len(), data(&drawn(lock.as_bytes(), whole, Format::Html).unwrap()).len())
    };
    let ((lock, small), (longer, large)) = (size(3_000), size(30_000));
    assert!(small < 5 * lock && large < 5 * longer, "{small} of {lock}, {large} of {longer}");
}

/// A browser that records what it should open.
#[cfg(target_os = "linux")]
#[test]
fn the_page_is_opened() {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let browser = folder.path().join("browser");
    let opened = folder.path().join("opened");
    fs::write(&browser, format!("#!/bin/sh\nprintf %s \"$1\" >'{}'\n", opened.display())).unwrap();
    fs::set_permissions(&browser, fs::Permissions::from_mode(0o755)).unwrap();
    let mut graph = flake_audit(&fixtures().join("seed/a-follows-plain"));
    graph.env("BROWSER", &browser).env("TMPDIR", folder.path()).args(["graph", "--open"]);
    let output = graph.output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && output.stdout.is_empty(), "{told}");
    // It is not waited for.
    let mut named = String::new();
    for _ in 0..100 {
        named = fs::read_to_string(&opened).unwrap_or_default();
        if !named.is_empty() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let named = named.trim_start_matches("file://");
    assert_eq!(told, format!("the page is {named}\n"));
    let page = fs::metadata(named).unwrap();
    assert_eq!(page.permissions().mode() & 0o777, 0o600, "others cannot read it");
    assert_eq!(
        fs::read_to_string(named).unwrap(),
        page_of("seed/a-follows-plain").replace("seed/a-follows-plain/", "")
    );
}

#[test]
fn only_the_page_is_opened() {
    let mut graph = flake_audit(&fixtures().join("seed/a-follows-plain"));
    let output = graph.args(["graph", "--open", "--format", "svg"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(told, "error: only the page can be opened: --open goes with --format html\n");
}
