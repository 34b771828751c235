//! The start and the end of a conversation.

use serde_json::{Value, json};

use crate::editor::{Editor, uri};
use crate::flake::Flake;

fn code(error: &Value) -> i64 {
    error["code"].as_i64().unwrap()
}

#[test]
fn it_ends_as_the_protocol_says() {
    assert_eq!(Editor::new(&[]).leave(), 0);
    // Without `shutdown`.
    let mut editor = Editor::new(&[]);
    editor.notify("exit", Value::Null);
    assert_eq!(editor.ended(), 1);
    let mut editor = Editor::silent(&[]);
    editor.notify("exit", Value::Null);
    assert_eq!(editor.ended(), 1);
    // An editor that is gone.
    let mut editor = Editor::new(&[]);
    editor.hang_up();
    assert_eq!(editor.ended(), 1);
    let mut editor = Editor::new(&[]);
    editor.request("shutdown", Value::Null).unwrap();
    editor.hang_up();
    assert_eq!(editor.ended(), 0);
}

#[test]
fn what_comes_too_early_or_too_late_is_refused() {
    let mut editor = Editor::silent(&[]);
    let symbols = json!({ "textDocument": { "uri": "file:///flake.nix" } });
    let early = editor.request("textDocument/documentSymbol", symbols.clone()).unwrap_err();
    assert_eq!(code(&early), -32002);
    assert_eq!(code(&editor.request("shutdown", Value::Null).unwrap_err()), -32002);
    editor.notify("textDocument/didOpen", json!({ "textDocument": 7 }));
    assert_eq!(
        code(&editor.request("initialize", json!({ "capabilities": 7 })).unwrap_err()),
        -32602
    );
    let greeting = json!({ "processId": null, "capabilities": {} });
    editor.request("initialize", greeting.clone()).unwrap();
    assert_eq!(code(&editor.request("initialize", greeting).unwrap_err()), -32600);
    assert_eq!(code(&editor.request("textDocument/none", json!({})).unwrap_err()), -32601);
    let wrong = editor.request("textDocument/documentSymbol", json!({ "x": 1 })).unwrap_err();
    assert_eq!(code(&wrong), -32602);
    assert_eq!(editor.request("textDocument/documentSymbol", symbols.clone()), Ok(Value::Null));
    editor.request("shutdown", Value::Null).unwrap();
    let late = editor.request("textDocument/documentSymbol", symbols).unwrap_err();
    assert_eq!(code(&late), -32600);
    editor.notify("exit", Value::Null);
    assert_eq!(editor.ended(), 0);
}

#[test]
fn columns_are_bytes_where_the_client_can_count_them() {
    let kinds = |kinds: Value| {
        let capabilities = json!({ "general": { "positionEncodings": kinds } });
        let editor = Editor::with(&[], capabilities, Value::Null);
        editor.offered["capabilities"]["positionEncoding"].as_str().unwrap().to_owned()
    };
    assert_eq!(kinds(json!(["utf-16", "utf-8"])), "utf-8");
    assert_eq!(kinds(json!(["utf-16"])), "utf-16");
    assert_eq!(kinds(json!(["utf-32", "latin-1", ""])), "utf-16");
    assert_eq!(kinds(json!([])), "utf-16");
    let editor = Editor::with(&[], json!({}), Value::Null);
    assert_eq!(editor.offered["capabilities"]["positionEncoding"], "utf-16");
    assert_eq!(editor.offered["serverInfo"]["name"], "flake-audit");
}

#[test]
fn files_are_watched_where_the_client_lets_it() {
    let mut editor = Editor::new(&[]);
    let asked = loop {
        let message = editor.receive();
        if message["method"] == "client/registerCapability" {
            break message;
        }
    };
    let registration = &asked["params"]["registrations"][0];
    assert_eq!(registration["method"], "workspace/didChangeWatchedFiles");
    assert_eq!(editor.leave(), 0);
    let mut editor = Editor::with(&[], json!({}), Value::Null);
    editor.request("shutdown", Value::Null).unwrap();
    assert_eq!(editor.others, [Value::Null; 0]);
}

#[test]
fn a_log_tells_what_was_said() {
    let flake = Flake::of("seed/a-follows-plain");
    let log = flake.at("log.txt");
    let mut editor = Editor::new(&["--log", log.to_str().unwrap()]);
    let nix = flake.at("flake.nix");
    editor.open(&nix, 1, &flake.read("flake.nix"));
    editor.settled(&nix, 1);
    assert_eq!(editor.leave(), 0);
    let log = flake.read("log.txt");
    for told in ["request 1 initialize", "textDocument/didOpen", "audited", "answered 3", "exit"] {
        assert!(log.contains(told), "{told}: {log}");
    }
}

/// Users only see diagnostics, and what they ask for.
#[test]
fn it_says_nothing_by_itself() {
    let flake = Flake::of("seed/a-follows-plain");
    let mut editor = Editor::new(&["--store", &flake.store()]);
    let (nix, text) = (flake.at("flake.nix"), flake.read("flake.nix"));
    editor.open(&nix, 1, &text);
    for (version, text) in [&text[..text.len() / 2], "", "{", "\0", &text].into_iter().enumerate() {
        editor.replace(&nix, version as i64 + 2, text);
        editor.settled(&nix, version as i64 + 2);
        let document = json!({ "uri": uri(&nix) });
        editor.notify("textDocument/didSave", json!({ "textDocument": document }));
        editor.notify("workspace/didChangeConfiguration", json!({ "settings": {} }));
        editor.notify("$/setTrace", json!({ "value": "verbose" }));
        editor.request("textDocument/documentSymbol", json!({ "textDocument": document })).unwrap();
    }
    let told: Vec<&Value> = editor.others.iter().map(|told| &told["method"]).collect();
    assert_eq!(told, ["client/registerCapability"]);
    assert_eq!(editor.leave(), 0);
}
