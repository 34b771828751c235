//! Applies the server's edits like an editor.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::editor::uri;
use crate::flake::Flake;

/// The byte of a position, whose column counts UTF-16.
pub(crate) fn offset(text: &str, position: &Value) -> usize {
    let line = position["line"].as_u64().unwrap() as usize;
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let mut units = position["character"].as_u64().unwrap() as usize;
    let mut at = start;
    for character in text[start..].chars() {
        if units == 0 {
            break;
        }
        units -= character.len_utf16();
        at += character.len_utf8();
    }
    at
}

/// The position of a byte.
pub(crate) fn position(text: &str, offset: usize) -> Value {
    let before = &text[..offset];
    let line = before.matches('\n').count();
    let last = before.rsplit('\n').next().unwrap();
    serde_json::json!({ "line": line, "character": last.encode_utf16().count() })
}

/// The position of the first character of a text that occurs once.
pub(crate) fn position_of(text: &str, part: &str) -> Value {
    assert_eq!(text.matches(part).count(), 1, "{part}");
    position(text, text.find(part).unwrap())
}

/// A text with the edits of it.
pub(crate) fn applied(text: &str, edits: &Value) -> String {
    let mut edits: Vec<(usize, usize, &str)> = edits
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| {
            let range = &edit["range"];
            let (start, end) = (offset(text, &range["start"]), offset(text, &range["end"]));
            (start, end, edit["newText"].as_str().unwrap())
        })
        .collect();
    edits.sort_by_key(|(start, end, _)| (*start, *end));
    assert!(edits.windows(2).all(|pair| pair[0].1 <= pair[1].0), "they overlap: {edits:?}");
    let mut text = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        text.replace_range(start..end, new);
    }
    text
}

/// The files that an edit changes or creates, by name, with their new content.
pub(crate) fn files(flake: &Flake, edit: &Value) -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let root = uri(&flake.at("x"));
    let root = root.strip_suffix('x').unwrap();
    let name = |uri: &Value| uri.as_str().unwrap().strip_prefix(root).unwrap().to_owned();
    let before = |files: &BTreeMap<String, String>, name: &str| {
        files.get(name).cloned().unwrap_or_else(|| flake.read(name))
    };
    if let Some(changes) = edit["changes"].as_object() {
        for (uri, edits) in changes {
            let name = name(&Value::from(uri.as_str()));
            files.insert(name.clone(), applied(&before(&files, &name), edits));
        }
    }
    for change in edit["documentChanges"].as_array().into_iter().flatten() {
        if change["kind"] == "create" {
            let name = name(&change["uri"]);
            assert!(!flake.at(&name).exists());
            files.insert(name, String::new());
            continue;
        }
        let name = name(&change["textDocument"]["uri"]);
        files.insert(name.clone(), applied(&before(&files, &name), &change["edits"]));
    }
    assert!(!files.is_empty(), "{edit}");
    files
}
