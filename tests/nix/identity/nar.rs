//! The NAR hash of a source (`src/libutil/archive.cc`).

use std::collections::BTreeMap;

use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use super::pair::Files;

/// The hash of a folder of these files, as in a lock.
pub(crate) fn hash(files: &Files) -> String {
    let mut nar = Vec::new();
    text(&mut nar, "nix-archive-1");
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (&**path, &**text)).collect();
    folder(&mut nar, &files);
    format!("sha256-{}", BASE64.encode(&Sha256::digest(&nar)))
}

fn text(nar: &mut Vec<u8>, text: &str) {
    nar.extend(u64::try_from(text.len()).unwrap().to_le_bytes());
    nar.extend(text.as_bytes());
    nar.resize(nar.len().next_multiple_of(8), 0);
}

fn folder(nar: &mut Vec<u8>, files: &[(&str, &str)]) {
    let mut entries: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for (path, contents) in files {
        let (name, rest) = path.split_once('/').unwrap_or((path, ""));
        entries.entry(name).or_default().push((rest, contents));
    }
    for word in ["(", "type", "directory"] {
        text(nar, word);
    }
    for (name, files) in entries {
        for word in ["entry", "(", "name", name, "node"] {
            text(nar, word);
        }
        match *files {
            [("", contents)] => {
                for word in ["(", "type", "regular", "contents", contents, ")"] {
                    text(nar, word);
                }
            }
            _ => folder(nar, &files),
        }
        text(nar, ")");
    }
    text(nar, ")");
}
