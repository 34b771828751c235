//! Clients that send anything: they get errors, and later requests are still served.

use std::path::Path;

use serde_json::{Value, json};

use crate::checked::{by_check, by_server};
use crate::editor::{Editor, uri};
use crate::flake::Flake;

/// Checks that the server still answers.
fn is_alive(editor: &mut Editor) {
    let answer = editor.request("textDocument/none", json!({})).unwrap_err();
    assert_eq!(answer["code"], -32601);
}

#[test]
fn garbage_is_an_error_and_not_the_end() {
    let framed = |text: &str| format!("Content-Length: {}\r\n\r\n{text}", text.len());
    let deep = "[".repeat(200_000);
    let objects = r#"{"a":"#.repeat(200_000);
    let mut editor = Editor::new(&[]);
    for bytes in [
        framed("").into_bytes(),
        framed("{").into_bytes(),
        framed("null").into_bytes(),
        framed("[{\"jsonrpc\":\"2.0\"}]").into_bytes(),
        framed("\u{feff}{}").into_bytes(),
        framed(r#"{"jsonrpc":"2.0","id":[],"method":"x"}"#).into_bytes(),
        framed(r#"{"jsonrpc":"2.0","id":1e99,"method":"x"}"#).into_bytes(),
        framed(&deep).into_bytes(),
        framed(&objects).into_bytes(),
        b"Content-Length: 4\r\n\r\n\xff\xfe\x00\xc3".to_vec(),
        b"Content-Length: 99999999999999999999\r\n\r\n".to_vec(),
        b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n".to_vec(),
        [&[0; 100_000][..], b"\r\n\r\n"].concat(),
    ] {
        assert!(editor.send_bytes(&bytes));
        let answer = loop {
            let message = editor.receive();
            if message.get("error").is_some() {
                break message;
            }
        };
        assert_eq!(answer["id"], Value::Null, "{answer}");
        is_alive(&mut editor);
    }
    // Answers to questions that nobody asked, and requests with arbitrary parameters.
    editor.send(&json!({ "jsonrpc": "2.0", "id": 99, "result": {} }));
    let methods: Vec<String> = methods(&editor);
    for method in methods {
        for params in
            [json!(null), json!([]), json!({ "textDocument": { "uri": "::" } }), json!("x")]
        {
            let answer = editor.request(&method, params.clone());
            assert!(answer.is_err() || answer == Ok(Value::Null), "{method} {params}: {answer:?}");
        }
    }
    assert_eq!(editor.leave(), 0);
}

/// The methods that are offered.
fn methods(editor: &Editor) -> Vec<String> {
    let offered = editor.offered["capabilities"].as_object().unwrap();
    let named = offered.keys().filter_map(|key| key.strip_suffix("Provider"));
    named.map(|name| format!("textDocument/{name}")).collect()
}

#[test]
fn documents_that_make_no_sense_change_nothing() {
    let flake = Flake::of("seed/a-follows-plain");
    let mut editor = Editor::new(&["--store", &flake.store()]);
    let (nix, text) = (flake.at("flake.nix"), flake.read("flake.nix"));
    // Never opened, closed twice, opened twice, versions that decrease, no file at all.
    editor.replace(&nix, 1, "{ }");
    editor.close(&nix);
    for uri in ["untitled:1", "file:///no/such/folder/flake.nix", "http://flake.nix", "file:"] {
        let document = json!({ "uri": uri, "languageId": "nix", "version": 1, "text": "{" });
        editor.notify("textDocument/didOpen", json!({ "textDocument": document }));
        let change = json!({ "uri": uri, "version": 2 });
        let params = json!({ "textDocument": change, "contentChanges": [{ "text": "" }] });
        editor.notify("textDocument/didChange", params);
    }
    editor.open(&nix, 7, "{");
    editor.open(&nix, 8, &text);
    assert_eq!(editor.settled(&nix, 8).len(), 1);
    editor.change(
        &nix,
        9,
        json!([{ "range": {
        "start": { "line": 4_000_000_000_u32, "character": 4_000_000_000_u32 },
        "end": { "line": 0, "character": 0 },
    }, "text": "# end\n" }]),
    );
    assert_eq!(editor.settled(&nix, 9).len(), 1);
    editor.change(
        &nix,
        10,
        json!([{ "range": { "start": { "line": -1, "character": 0 } }, "text": "{" }]),
    );
    editor.change(&nix, 11, json!([]));
    assert_eq!(editor.settled(&nix, 11).len(), 1);
    is_alive(&mut editor);
    assert_eq!(editor.leave(), 0);
}

#[test]
fn hostile_files_are_told_about_and_left() {
    let deep_nix = "[".repeat(300_000);
    let deep_json = "{\"nodes\":".repeat(100_000);
    let long = format!("{{ description = \"{}\"; outputs = _: {{ }}; }}", "x".repeat(2 << 20));
    let wide =
        format!("{{ inputs = {{ {} }}; outputs = _: {{ }}; }}", "a.url = \"b\"; ".repeat(20_000));
    let flake = Flake::of("seed/a-follows-plain");
    let mut editor = Editor::new(&["--store", &flake.store()]);
    let (nix, lock) = (flake.at("flake.nix"), flake.at("flake.lock"));
    editor.open(&nix, 1, &flake.read("flake.nix"));
    editor.open(&lock, 1, &flake.read("flake.lock"));
    let mut version = 1;
    let mut told = |editor: &mut Editor, path: &Path, text: &str| {
        version += 1;
        editor.replace(path, version, text);
        let found = editor.settled(path, version);
        let params = json!({ "textDocument": { "uri": uri(path) } });
        editor.request("textDocument/documentSymbol", params).unwrap();
        found
    };
    for text in [&*deep_nix, &*long, &*wide, "\0", "{ outputs = _: { }; } \0", "\r\r\r{", ""] {
        let found = told(&mut editor, &nix, text);
        assert!(found.iter().any(|found| found["severity"].as_u64() <= Some(2)), "{found:?}");
    }
    told(&mut editor, &nix, &flake.read("flake.nix"));
    for text in [&*deep_json, "", "\0", "[]", "{\"nodes\":{},\"root\":\"\u{202e}\",\"version\":7}"]
    {
        let found = told(&mut editor, &lock, text);
        assert!(found.iter().any(|found| found["severity"] == 1), "{text:.40}");
        let hidden = |found: &Value| found["message"].as_str().unwrap().contains('\u{202e}');
        assert!(!found.iter().any(hidden));
    }
    assert_eq!(editor.leave(), 0);
}

#[test]
fn a_flood_is_worked_off() {
    let flake = Flake::of("seed/a-follows-plain");
    let mut editor = Editor::new(&["--store", &flake.store()]);
    let (nix, text) = (flake.at("flake.nix"), flake.read("flake.nix"));
    editor.open(&nix, 0, &text);
    let params = json!({ "textDocument": { "uri": uri(&nix) } });
    let mut asked = Vec::new();
    for version in 1..=300 {
        editor.replace(&nix, version, &format!("{text}# {version}\n"));
        asked.push(editor.ask("textDocument/documentSymbol", params.clone()));
        if version % 3 == 0 {
            editor.notify("$/cancelRequest", json!({ "id": asked.last() }));
        }
    }
    // Each is answered once, if only with an error.
    let mut codes = std::collections::BTreeMap::<i64, usize>::new();
    for id in asked {
        let code = editor.answer(id).err().map_or(0, |error| error["code"].as_i64().unwrap());
        *codes.entry(code).or_default() += 1;
    }
    assert!(codes.keys().all(|code| [0, -32800, -32801].contains(code)), "{codes:?}");
    assert_eq!(editor.settled(&nix, 300).len(), 1);
    assert_eq!(editor.leave(), 0);
}

/// A folder of a flake, reached by a symlink.
#[cfg(unix)]
#[test]
fn a_flake_behind_a_link_is_named_as_the_editor_names_it() {
    let flake = Flake::of("unreachable-node/left-behind");
    let link = Flake::empty();
    std::os::unix::fs::symlink(flake.at(""), link.at("link")).unwrap();
    let root = format!("file://{}/", link.at("link").display());
    let mut editor = Editor::new(&["--store", &flake.store()]);
    let (named, text) = (format!("{root}flake.nix"), flake.read("flake.nix"));
    let document = json!({ "uri": named, "languageId": "nix", "version": 1, "text": text });
    editor.notify("textDocument/didOpen", json!({ "textDocument": document }));
    // Also the lock, which is not open and has the finding.
    let lock = format!("{root}flake.lock");
    while editor.published.get(&lock).is_none_or(|(_, found)| found.is_empty()) {
        editor.receive();
    }
    assert!(editor.published.keys().all(|uri| uri.starts_with(&root)), "{:?}", editor.published);
    // Its other name is the same document.
    editor.open(&flake.at("flake.nix"), 2, &text);
    editor.settled(&flake.at("flake.nix"), 2);
    let change = json!({ "uri": named, "version": 3 });
    let params = json!({ "textDocument": change, "contentChanges": [{ "text": "{" }] });
    editor.notify("textDocument/didChange", params);
    editor.replace(&flake.at("flake.nix"), 4, &text);
    assert!(editor.settled(&flake.at("flake.nix"), 4).iter().all(|found| found["severity"] != 1));
    assert_eq!(editor.leave(), 0);
}

#[test]
fn slashes_that_are_written_as_numbers_lead_nowhere_else() {
    let flake = Flake::of("seed/a-follows-plain");
    let mut editor = Editor::new(&["--store", &flake.store()]);
    let root = flake.at("").to_str().unwrap().trim_end_matches('/').to_owned();
    std::fs::create_dir(flake.at("sub")).unwrap();
    let text = flake.read("flake.nix");
    for name in ["sub%2F..%2Fflake.nix", "sub%2f%2e%2e%2fflake.nix"] {
        let uri = format!("file://{root}/{name}");
        let document = json!({ "uri": uri, "languageId": "nix", "version": 1, "text": text });
        editor.notify("textDocument/didOpen", json!({ "textDocument": document }));
        while !editor.published.contains_key(&uri) {
            editor.receive();
        }
        assert_eq!(editor.published[&uri].1.len(), 1);
        // An edit of the lock uses its name.
        let at = json!({ "line": 10, "character": 5 });
        let params = json!({
            "textDocument": { "uri": uri },
            "range": { "start": at, "end": at },
            "context": { "diagnostics": [] },
        });
        let actions = editor.request("textDocument/codeAction", params).unwrap();
        let edit = editor.request("codeAction/resolve", actions[0].clone()).unwrap();
        let named: Vec<&Value> = edit["edit"]["documentChanges"]
            .as_array()
            .unwrap()
            .iter()
            .map(|change| &change["textDocument"]["uri"])
            .collect();
        assert_eq!(named, [&json!(uri), &json!(format!("file://{root}/flake.lock"))]);
        let closed = json!({ "textDocument": { "uri": uri } });
        editor.notify("textDocument/didClose", closed);
    }
    assert_eq!(editor.leave(), 0);
}

/// Opening a document again and again, or thousands of them, does not get slow.
#[test]
fn documents_are_opened_thousands_of_times() {
    let flake = Flake::of("seed/a-follows-plain");
    let mut editor = Editor::new(&["--store", &flake.store()]);
    let (nix, text) = (flake.at("flake.nix"), flake.read("flake.nix"));
    for version in 1..=10_000 {
        editor.open(&nix, version, &text);
    }
    assert_eq!(editor.settled(&nix, 10_000).len(), 1);
    let other = |number: usize| flake.at(&format!("{number}.nix"));
    for number in 0..2_000 {
        editor.open(&other(number), 1, "{ }");
    }
    for number in 0..2_000 {
        editor.close(&other(number));
    }
    editor.replace(&nix, 10_001, &text);
    assert_eq!(editor.settled(&nix, 10_001).len(), 1);
    assert_eq!(editor.leave(), 0);
}

#[test]
fn a_number_that_is_used_twice_has_two_answers() {
    let flake = Flake::of("seed/a-follows-plain");
    let mut editor = Editor::new(&["--store", &flake.store()]);
    let nix = flake.at("flake.nix");
    editor.open(&nix, 1, &flake.read("flake.nix"));
    editor.settled(&nix, 1);
    let params = json!({ "textDocument": { "uri": uri(&nix) } });
    let method = "textDocument/documentSymbol";
    let request = json!({ "jsonrpc": "2.0", "id": "twice", "method": method, "params": params });
    assert!(editor.send(&request) && editor.send(&request));
    for _ in 0..2 {
        while editor.receive()["id"] != "twice" {}
    }
    assert_eq!(editor.leave(), 0);
}

/// Pipes in place of files: nothing waits for data from them.
#[cfg(unix)]
#[test]
fn a_pipe_is_no_file() {
    for (pipe, other) in [("flake.nix", "flake.lock"), ("flake.lock", "flake.nix")] {
        let flake = Flake::of("seed/a-follows-plain");
        let text = flake.read(other);
        for name in [pipe, "flake-audit.toml"] {
            let _ = std::fs::remove_file(flake.at(name));
            let made = std::process::Command::new("mkfifo").arg(flake.at(name)).status().unwrap();
            assert!(made.success());
        }
        let mut editor = Editor::new(&["--store", &flake.store()]);
        editor.open(&flake.at(other), 1, &text);
        editor.settled(&flake.at(other), 1);
        // While it is open, the editor's text counts.
        let whole = Flake::of("seed/a-follows-plain").read(pipe);
        editor.open(&flake.at(pipe), 1, &whole);
        editor.open(&flake.at("flake-audit.toml"), 1, "");
        editor.settled(&flake.at(pipe), 1);
        while editor.found(&flake.at("flake.nix")).is_empty() {
            editor.receive();
        }
        let found = editor.found(&flake.at("flake.nix"));
        assert_eq!(found[0]["code"], "unconfigured-nixpkgs", "{found:?}");
        assert_eq!(editor.leave(), 0);
    }
}

/// Open files outside the flake's folder are not read, as on disk.
#[test]
fn open_files_beyond_the_flake_are_not_read() {
    let own = "nixpkgs-gpu.legacyPackages.x86_64-linux";
    let code = format!("{{ nixpkgs-gpu }}: {own}");
    let other = Flake::empty();
    other.write("pkgs.nix", &code);
    let folder = other.at("pkgs.nix").parent().unwrap().file_name().unwrap().to_owned();
    let beyond = format!("../{}/pkgs.nix", folder.to_str().unwrap());
    let found = ["./pkgs.nix", &beyond].map(|path| {
        let flake = Flake::of("seed/a-follows-plain");
        let import = format!("import {path} {{ inherit nixpkgs-gpu; }}");
        let text = flake.read("flake.nix").replace(own, &import);
        flake.write("flake.nix", &text);
        flake.write("pkgs.nix", &code);
        let arguments = ["--store", &*flake.store()];
        let mut editor = Editor::new(&arguments);
        for file in [flake.at("pkgs.nix"), other.at("pkgs.nix")] {
            editor.open(&file, 1, &code);
        }
        editor.open(&flake.at("flake.nix"), 1, &text);
        editor.settled(&flake.at("flake.nix"), 1);
        let found = by_server(&flake, &editor);
        assert_eq!(found, by_check(&flake, &arguments));
        found
    });
    assert_ne!(found[0], found[1]);
}
