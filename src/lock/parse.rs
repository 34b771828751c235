//! From text to [`Lock`], in one pass.
//!
//! All JSON is accepted: a value of the wrong kind becomes a [`Defect`](super::Defect) of its node.
//! Source: `LockFile::LockFile` in Nix's `src/libflake/lockfile.cc`, and `jsonToAttrs`.

mod cursor;
mod loose;
mod node;

use serde::de::IgnoredAny;

use self::cursor::{Cursor, NotJson};
use self::loose::Loose;
use super::{
    Attribute, Input, Lock, LockError, NameMap, Node, NodeId, Unescaped, WrittenTarget, attributes,
    json_text,
};
use crate::text::{LineIndex, Span, merge_conflict};

/// Longer texts are refused: offsets and ids are 32 bits wide.
const LONGEST: usize = u32::MAX as usize;

impl<'a> Lock<'a> {
    /// Parses a lock of version 5, 6 or 7.
    ///
    /// Skips a byte order mark at the start, as Nix does.
    ///
    /// # Errors
    /// Text that is not UTF-8 or not JSON, an unsupported version, no `root`, no `nodes`, or a
    /// `root` that is not among them; with the position.
    pub fn parse(bytes: &'a [u8], unescaped: &'a Unescaped) -> Result<Self, LockError> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(bytes, &error))?;
        if text.len() > LONGEST {
            let message = format!("the lock is longer than {LONGEST} bytes");
            return Err(LockError::of_all(message));
        }
        let mut build = Build::new(text);
        match build.read(&mut Cursor::new(text, unescaped)) {
            Ok(true) => build.finish(),
            Ok(false) => {
                let message = "the lock must be a JSON object".into();
                Err(LockError::new(text, json_text::document(text), message))
            }
            Err(error) => Err(not_json(text, &error)),
        }
    }
}

fn not_utf8(bytes: &[u8], error: &std::str::Utf8Error) -> LockError {
    let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
    // `valid_up_to` guarantees UTF-8, so the default is never used.
    let valid = std::str::from_utf8(valid).unwrap_or_default();
    let end = Span { start: valid.len(), end: valid.len() };
    LockError::new(valid, end, "the lock is not valid UTF-8".into())
}

fn not_json(text: &str, NotJson(stopped): &NotJson) -> LockError {
    if text.trim_ascii().is_empty() {
        let what = if text.is_empty() { "the lock is empty" } else { "the lock is blank" };
        return LockError::of_all(what.into());
    }
    let conflict = |stopped: usize| {
        let message = "an unresolved merge conflict begins here: `flake-audit merge` resolves it";
        let mark = merge_conflict(text, stopped)?;
        Some(LockError::new(text, mark, message.into()))
    };
    let Err(error) = serde_json::from_str::<IgnoredAny>(text) else {
        // What it skips it does not look at: a half of a surrogate pair, a number beyond all bounds.
        return conflict(*stopped).unwrap_or_else(|| {
            let at = Span { start: *stopped, end: *stopped };
            let message = "the lock is not JSON: a string or number that none can be".into();
            LockError::new(text, at, message)
        });
    };
    // serde_json appends its own position, with the column in bytes.
    let full = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let reason = full.strip_suffix(&place).unwrap_or(&full);
    let index = LineIndex::new(text);
    let offset = index.line_start(error.line()) + error.column().saturating_sub(1);
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let at = Span { start: offset, end: offset };
    conflict(offset)
        .unwrap_or_else(|| LockError::new(text, at, format!("the lock is not JSON: {reason}")))
}

/// What has been read so far.
struct Build<'a> {
    text: &'a str,
    version: Option<Loose<'a>>,
    root: Option<Loose<'a>>,
    /// `None` if there is no `nodes`, `false` if it is no object.
    nodes_found: Option<bool>,
    nodes: Vec<Node<'a>>,
    /// The attributes in `info`, by ordinal of the node.
    info: Vec<(u32, attributes::Slice)>,
    inputs: Vec<Input<'a>>,
    attributes: Vec<Attribute<'a>>,
    names: Vec<&'a str>,
}

impl<'a> Build<'a> {
    fn new(text: &'a str) -> Self {
        // A node as Nix writes it takes at least 430 bytes and has about 13 attributes.
        let expected = text.len() / 430;
        Self {
            text,
            version: None,
            root: None,
            nodes_found: None,
            nodes: Vec::with_capacity(expected),
            info: Vec::new(),
            inputs: Vec::with_capacity(expected * 2),
            attributes: Vec::with_capacity(expected * 13),
            names: Vec::new(),
        }
    }

    /// Reads the whole text. `false` if there is no object at its top.
    fn read(&mut self, cursor: &mut Cursor<'a>) -> Result<bool, NotJson> {
        let is_object = cursor.object(|cursor, name| {
            match name {
                "nodes" => {
                    // A second `nodes` replaces the first.
                    self.nodes.clear();
                    self.info.clear();
                    let found = cursor.object(|cursor, key| node::read(self, cursor, key))?;
                    self.nodes_found = Some(found);
                }
                "root" => self.root = Some(cursor.scalar()?),
                "version" => self.version = Some(cursor.scalar()?),
                _ => cursor.skip()?,
            }
            Ok(())
        })?;
        cursor.end()?;
        Ok(is_object)
    }

    fn finish(mut self) -> Result<Lock<'a>, LockError> {
        let version = self.checked_version()?;
        self.lay_info_over_locked();
        let keys = self.index_keys();
        let root = self.checked_root(&keys)?;
        self.drop_inputs_without_node();
        self.resolve_keys(&keys);
        Ok(Lock {
            text: self.text,
            version,
            root,
            nodes: self.nodes.into(),
            inputs: self.inputs.into(),
            attributes: self.attributes,
            names: self.names,
            keys,
            escaped: std::sync::OnceLock::new(),
        })
    }

    /// An error at a member of the top object, or at the start of the text if it is missing.
    fn error_at(&self, member: &str, message: String) -> LockError {
        let document = json_text::document(self.text);
        let span = json_text::member(self.text, document, member).map_or(document, |m| m.value);
        LockError::new(self.text, span, message)
    }

    fn checked_version(&self) -> Result<u64, LockError> {
        match self.version {
            Some(Loose::Number(version @ 5..=7)) => Ok(version),
            Some(Loose::Number(version)) => {
                let advice = if version < 5 {
                    "it was written before Nix 2.4; lock the flake again with a current Nix"
                } else {
                    "5, 6 and 7 are"
                };
                let message = format!("lock version {version} is not supported: {advice}");
                Err(self.error_at("version", message))
            }
            Some(other) => {
                let message = format!("`version` must be a number, not {}", other.kind());
                Err(self.error_at("version", message))
            }
            None => Err(self.error_at("version", "the lock has no `version`".into())),
        }
    }

    fn checked_root(&self, keys: &NameMap<'a, NodeId>) -> Result<NodeId, LockError> {
        let key = match self.root {
            Some(Loose::Text(key)) => key,
            Some(other) => {
                let message = format!("`root` must be a string, not {}", other.kind());
                return Err(self.error_at("root", message));
            }
            None => return Err(self.error_at("root", "the lock has no `root`".into())),
        };
        match self.nodes_found {
            Some(true) => {}
            Some(false) => return Err(self.error_at("nodes", "`nodes` must be an object".into())),
            None => return Err(self.error_at("nodes", "the lock has no `nodes`".into())),
        }
        keys.get(key).copied().ok_or_else(|| {
            let message = format!("the lock's root `{key}` is not among its nodes");
            self.error_at("root", message)
        })
    }

    /// Nodes by key. If a key occurs twice, the last node counts and the first is dropped.
    fn index_keys(&mut self) -> NameMap<'a, NodeId> {
        let mut keys = NameMap::default();
        keys.reserve(self.nodes.len());
        for (index, node) in self.nodes.iter().enumerate() {
            keys.insert(node.key, NodeId::new(index));
        }
        if keys.len() < self.nodes.len() {
            let mut index = 0;
            self.nodes.retain(|node| {
                index += 1;
                keys.get(node.key) == Some(&NodeId::new(index - 1))
            });
            for (index, node) in self.nodes.iter().enumerate() {
                keys.insert(node.key, NodeId::new(index));
            }
        }
        keys
    }

    /// Drops the inputs of nodes that were dropped because their key occurs again.
    fn drop_inputs_without_node(&mut self) {
        let used: usize = self.nodes.iter().map(|node| node.inputs.len()).sum();
        if used == self.inputs.len() {
            return;
        }
        let mut all: Vec<_> = std::mem::take(&mut self.inputs).into_iter().map(Some).collect();
        for node in &mut self.nodes {
            let start = self.inputs.len();
            let own = node.inputs.ids().filter_map(|id| all.get_mut(id.index())?.take());
            self.inputs.extend(own);
            node.inputs = super::Range::new(start, self.inputs.len());
        }
    }

    /// Looks up the nodes that inputs name. This waits for memory all over the text, and whoever builds
    /// graphs of the lock would do it for each of them.
    fn resolve_keys(&mut self, keys: &NameMap<'a, NodeId>) {
        for input in &mut self.inputs {
            if let WrittenTarget::Direct(key) = input.target {
                input.node = keys.get(key).copied();
            }
        }
    }

    /// Version 5 keeps `narHash` and `lastModified` in `info`, which wins over `locked`. Nix looks
    /// for it in locks of all versions.
    fn lay_info_over_locked(&mut self) {
        for (ordinal, info) in std::mem::take(&mut self.info) {
            let Ok(at) = self.nodes.binary_search_by_key(&ordinal, |node| node.ordinal) else {
                continue;
            };
            let Some(node) = self.nodes.get_mut(at) else { continue };
            let Some(locked) = node.locked else { continue };
            let start = self.attributes.len();
            for slice in [locked, info] {
                self.attributes.extend_from_within(slice.range());
            }
            node.locked = Some(attributes::Slice::new(start, self.attributes.len()));
        }
    }
}

#[cfg(test)]
mod tests;
