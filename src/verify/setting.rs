//! The settings of an instance, copied from the file where they are written.
//!
//! Evaluation only knows whether a setting is on, not its value. A literal value can be copied as
//! it is written: nothing in it is looked up or computed, so it means the same anywhere. Other
//! values are not copied.

use std::collections::BTreeMap;
use std::fmt::Write;

use rnix::SyntaxKind::{
    NODE_ATTR_SET, NODE_ATTRPATH, NODE_ATTRPATH_VALUE, NODE_IDENT, NODE_LIST, NODE_LITERAL,
    NODE_PAREN, NODE_STRING, TOKEN_REC,
};
use rnix::ast::AttrpathValue;
use rnix::{SyntaxNode, TextSize};
use rowan::ast::AstNode;

use crate::source::evaluate::facts::{MadeInstance, Reading, Setting, SettingState};
use crate::source::nixpkgs_config::PLATFORM_GCC;
use crate::source::syntax;
use crate::text::{AttrPath, Span};

/// The text inside `config = { … }`: each setting with its value.
///
/// # Errors
/// Which setting cannot be copied, and why, for people.
pub(super) fn config(made: &MadeInstance, reading: &Reading) -> Result<String, String> {
    let mut values: BTreeMap<&str, String> = BTreeMap::new();
    let mut file = None;
    for setting in &made.settings {
        let Setting { key, place, state, .. } = setting;
        let Some(key) = key.as_deref() else {
            return Err("its settings could not be read".into());
        };
        if key == PLATFORM_GCC {
            return Err("its platform has compiler options, which are not passed on".into());
        }
        match state {
            SettingState::On | SettingState::Off => {}
            SettingState::Conditional => {
                return Err(format!("it sets `{key}` under a condition"));
            }
            SettingState::Unreadable => {
                return Err(format!("what it sets `{key}` to could not be read"));
            }
        }
        let known = match &file {
            Some((at, tree)) if *at == place.file => Some(tree),
            _ => {
                let text = reading.file(place.file).map(|file| &*file.text);
                let tree = text.and_then(Tree::parse);
                file = tree.map(|tree| (place.file, tree));
                file.as_ref().map(|(_, tree)| tree)
            }
        };
        let value = known.and_then(|tree| tree.literal_at(place.span()));
        let value = value.ok_or_else(|| format!("the value of `{key}` is no literal"))?;
        if values.insert(key, value).is_some() {
            return Err(format!("it sets `{key}` in two places"));
        }
    }
    let mut config = String::new();
    for (key, value) in values {
        let names: Vec<&str> = key.split('.').collect();
        // Writing to a string does not fail.
        let _ = write!(config, "{} = {value}; ", AttrPath(&names));
    }
    Ok(config)
}

/// A file's syntax.
struct Tree {
    root: SyntaxNode,
    /// Length of the byte order mark, which positions count but the tree does not.
    skipped: usize,
}

impl Tree {
    fn parse(text: &str) -> Option<Self> {
        let code = text.strip_prefix('\u{feff}').unwrap_or(text);
        let root = syntax::tree(code).ok()?.syntax().clone();
        Some(Self { root, skipped: text.len() - code.len() })
    }

    /// The value of the setting whose name is there, if it is a literal.
    fn literal_at(&self, name: Span) -> Option<String> {
        let start = TextSize::try_from(name.start.checked_sub(self.skipped)?).ok()?;
        let end = TextSize::try_from(name.end.checked_sub(self.skipped)?).ok()?;
        let token = self.root.token_at_offset(start).right_biased()?;
        let binding = token.parent_ancestors().find_map(AttrpathValue::cast)?;
        let path = binding.attrpath()?.syntax().text_range();
        // The name has to be the last one of the path: `a.b = 1` defines only `b`, and another line
        // may define more of `a`.
        if start < path.start() || end != path.end() {
            return None;
        }
        let value = binding.value()?;
        is_literal(value.syntax()).then(|| value.syntax().text().to_string())
    }
}

/// Whether nothing in an expression has to be looked up or computed.
fn is_literal(value: &SyntaxNode) -> bool {
    let is_constant = |name: &SyntaxNode| {
        let text = name.text();
        text == "true" || text == "false" || text == "null"
    };
    value.descendants().all(|node| match node.kind() {
        NODE_LITERAL | NODE_STRING | NODE_LIST | NODE_PAREN | NODE_ATTRPATH
        | NODE_ATTRPATH_VALUE => true,
        NODE_ATTR_SET => !node.children_with_tokens().any(|child| child.kind() == TOKEN_REC),
        NODE_IDENT => {
            node.parent().is_some_and(|parent| parent.kind() == NODE_ATTRPATH) || is_constant(&node)
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of the setting `x` in a text.
    fn value(text: &str) -> Option<String> {
        let at = text.find('x').unwrap();
        Tree::parse(text)?.literal_at(Span { start: at, end: at + 1 })
    }

    #[test]
    fn literals_are_taken_over_as_they_are_written() {
        for literal in [
            "true",
            "null",
            "( false )",
            "\"8.6\"",
            "''a''",
            "1.5",
            "[ \"8.6\" # newest\n \"9.0\" ]",
            "{ a.b = [ ]; \"c\" = { }; }",
        ] {
            for text in [
                format!("{{ x = {literal}; }}"),
                format!("\u{feff}a: {{ b = 1; config.x={literal}; }}"),
            ] {
                assert_eq!(value(&text).as_deref(), Some(literal), "{text}");
            }
        }
    }

    #[test]
    fn what_has_to_be_looked_up_or_computed_is_not() {
        for text in [
            "{ x = y; }",
            "{ x = true && false; }",
            "{ x = \"${y}\"; }",
            "{ x = [ y ]; }",
            "{ x = rec { a = 1; }; }",
            "{ x = { inherit a; }; }",
            "{ x = { ${a} = 1; }; }",
            "{ x = _: true; }",
            "{ x = ./p; }",
            "{ x = -1; }",
            "{ x.y = true; }",
            "{ inherit x; }",
            "{ y = x: true; }",
        ] {
            assert_eq!(value(text), None, "{text}");
        }
    }
}
