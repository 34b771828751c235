//! Moves a setting of nixpkgs that is beside `config` into it:
//! `import nixpkgs { cudaSupport = true; }` becomes
//! `import nixpkgs { config.cudaSupport = true; }`.
//!
//! Only where the meaning is certain: the setting is a binding of its own in a literal set, and any
//! `config` beside it is literal, too. A set that is `rec`, joined by `//`, or has computed names
//! or `inherit` is left to a person.

use flake_reading::{Span, syntax};
use rnix::SyntaxKind::{NODE_PAREN, TOKEN_COMMENT, TOKEN_WHITESPACE};
use rnix::ast::{self, Attr, Expr, HasEntry};
use rnix::{NodeOrToken, SyntaxElement, SyntaxNode, TextRange};
use rowan::ast::AstNode;

/// A span of a text, and what replaces it.
pub type Splice = (Span, String);

/// Where a setting is that nixpkgs ignores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingPlace {
    /// Among the arguments of `import nixpkgs`.
    Argument,
    /// As an option of NixOS or home-manager: `nixpkgs.cudaSupport`.
    Option,
}

/// The splices that move settings into `config`; each is given by its name and the bytes at which
/// its binding names it. `None` if one of them is not in a simple form.
pub fn into_config<'k>(
    text: &str,
    place: SettingPlace,
    settings: impl Iterator<Item = (&'k str, Span)>,
) -> Option<Vec<Splice>> {
    let tree = syntax::tree(&syntax::with_line_feeds(text)).ok()?;
    let moved = settings.map(|(key, at)| {
        let binding = binding_at(tree.syntax(), at)?;
        MisplacedSetting::read(binding, place, key)?.moved()
    });
    moved.collect::<Option<Vec<_>>>().map(|all| all.into_iter().flatten().collect())
}

/// A setting that is a binding beside `config`.
struct MisplacedSetting {
    binding: SyntaxNode,
    /// The name of the setting.
    name: SyntaxNode,
    /// The value of `config`, if it is a literal set.
    config: Option<ast::AttrSet>,
}

impl MisplacedSetting {
    fn read(binding: ast::AttrpathValue, place: SettingPlace, key: &str) -> Option<Self> {
        let mut above = static_path(&binding.attrpath()?)?;
        let name = binding.attrpath()?.attrs().last()?.syntax().clone();
        let set = binding.syntax().parent().and_then(ast::AttrSet::cast)?;
        let is_simple = above.pop()? == key
            && set.rec_token().is_none()
            && match place {
                SettingPlace::Argument => above.is_empty() && is_argument_of_import(&set),
                SettingPlace::Option => match above.last() {
                    Some(last) => last == "nixpkgs",
                    None => is_value_of(&set, "nixpkgs"),
                },
            };
        if !is_simple {
            return None;
        }
        above.push("config".to_owned());
        let mut config = None;
        for entry in set.entries() {
            match entry {
                ast::Entry::Inherit(inherit) => {
                    let named = |attr: Attr| static_name(&attr);
                    let names: Option<Vec<_>> = inherit.attrs().map(named).collect();
                    if names?.iter().any(|name| Some(name) == above.first()) {
                        return None;
                    }
                }
                ast::Entry::AttrpathValue(other) => {
                    let path = static_path(&other.attrpath()?)?;
                    if path == above {
                        let Some(Expr::AttrSet(literal)) = other.value() else { return None };
                        if literal.rec_token().is_some() || !lacks(&literal, key)? {
                            return None;
                        }
                        config = Some(literal);
                    } else if above.starts_with(&path)
                        || path
                            .strip_prefix(&*above)
                            .is_some_and(|rest| rest.first().is_some_and(|name| name == key))
                    {
                        return None;
                    }
                }
            }
        }
        Some(Self { binding: binding.syntax().clone(), name, config })
    }

    /// Moves it into the set that `config` is; if there is none, or if comments belong to the
    /// setting, gives it the longer name in place.
    fn moved(&self) -> Option<Vec<Splice>> {
        let own = SyntaxElement::from(self.binding.clone());
        let start = usize::from(self.name.text_range().start());
        let in_place = || Some(vec![(Span { start, end: start }, "config.".to_owned())]);
        let Some(config) = &self.config else { return in_place() };
        let text = self.binding.text().to_string();
        if text.contains('\n') || has_comments(&own) {
            return in_place();
        }
        let from = usize::from(self.binding.text_range().start());
        let setting = text.get(start.checked_sub(from)?..)?;
        let new = match config.entries().last() {
            Some(last) => insert_after(&last.syntax().clone().into(), setting),
            None if config
                .syntax()
                .descendants_with_tokens()
                .any(|it| it.kind() == TOKEN_COMMENT) =>
            {
                return in_place();
            }
            None => (span(&config.syntax().clone().into()), format!("{{ {setting} }}")),
        };
        Some(vec![(extent(&own), String::new()), new])
    }
}

/// The binding whose name contains these bytes.
fn binding_at(tree: &SyntaxNode, at: Span) -> Option<ast::AttrpathValue> {
    let (start, end) = (u32::try_from(at.start).ok()?, u32::try_from(at.end).ok()?);
    let range = (start <= end).then(|| TextRange::new(start.into(), end.into()))?;
    let found = tree.text_range().contains_range(range).then(|| tree.covering_element(range))?;
    let node = match found {
        NodeOrToken::Node(node) => node,
        NodeOrToken::Token(token) => token.parent()?,
    };
    let binding = node.ancestors().find_map(ast::AttrpathValue::cast)?;
    let path = binding.attrpath()?.syntax().text_range();
    path.contains_range(range).then_some(binding)
}

/// Whether a set has no setting of this name; `None` if that is not certain.
fn lacks(set: &ast::AttrSet, key: &str) -> Option<bool> {
    for entry in set.entries() {
        let first = match entry {
            ast::Entry::Inherit(inherit) => {
                let names: Option<Vec<_>> = inherit.attrs().map(|a| static_name(&a)).collect();
                if names?.iter().any(|name| name == key) {
                    return Some(false);
                }
                continue;
            }
            ast::Entry::AttrpathValue(binding) => binding.attrpath()?.attrs().next()?,
        };
        if static_name(&first)? == key {
            return Some(false);
        }
    }
    Some(true)
}

/// Whether a set is the whole argument of `import nixpkgs`.
fn is_argument_of_import(set: &ast::AttrSet) -> bool {
    let argument = set
        .syntax()
        .ancestors()
        .skip_while(|node| node == set.syntax() || node.kind() == NODE_PAREN);
    let Some(call) = argument.map(ast::Apply::cast).next().flatten() else { return false };
    match call.lambda() {
        Some(Expr::Apply(import)) => {
            import.lambda().is_some_and(|function| function.syntax().text() == "import")
        }
        _ => false,
    }
}

/// Whether a set is the value of a binding whose path ends in this name.
fn is_value_of(set: &ast::AttrSet, name: &str) -> bool {
    let binding = set.syntax().parent().and_then(ast::AttrpathValue::cast);
    let path = binding.and_then(|binding| static_path(&binding.attrpath()?));
    path.is_some_and(|path| path.last().is_some_and(|last| last == name))
}

fn static_path(path: &ast::Attrpath) -> Option<Vec<String>> {
    path.attrs().map(|attr| static_name(&attr)).collect()
}

/// A name without interpolation.
fn static_name(attr: &Attr) -> Option<String> {
    let text = attr.syntax().text().to_string();
    match attr {
        Attr::Ident(_) => Some(text),
        Attr::Str(_) if !text.contains(['\\', '$']) => Some(text.trim_matches('"').to_owned()),
        Attr::Str(_) | Attr::Dynamic(_) => None,
    }
}

/// Whether a comment is on the line of a binding, or directly above it.
fn has_comments(binding: &SyntaxElement) -> bool {
    let is_comment = |element: Option<SyntaxElement>| {
        element.is_some_and(|element| element.kind() == TOKEN_COMMENT)
    };
    let (before, after) = (binding.prev_sibling_or_token(), binding.next_sibling_or_token());
    let above = before.clone().filter(|gap| newlines(gap) == 1 || newlines(gap) == 0);
    let beside = after.clone().filter(|gap| newlines(gap) == 0);
    is_comment(above.and_then(|gap| gap.prev_sibling_or_token()))
        || is_comment(beside.and_then(|gap| gap.next_sibling_or_token()))
        || is_comment(before)
        || is_comment(after)
}

/// A binding after the last one of a set: on a line of its own if that one is.
fn insert_after(last: &SyntaxElement, setting: &str) -> Splice {
    let indent = last.prev_sibling_or_token().and_then(|gap| {
        let text = blanks(&gap)?.to_owned();
        text.rfind('\n').map(|feed| text.get(feed + 1..).unwrap_or_default().to_owned())
    });
    let Some(indent) = indent else {
        let at = span(last).end;
        return (Span { start: at, end: at }, format!(" {setting}"));
    };
    // After the comment on its line.
    let gap = last.next_sibling_or_token().filter(|gap| newlines(gap) == 0);
    let comment = gap.and_then(|gap| match gap.kind() {
        TOKEN_COMMENT => Some(gap),
        _ => gap.next_sibling_or_token().filter(|next| next.kind() == TOKEN_COMMENT),
    });
    let mut at = span(comment.as_ref().unwrap_or(last)).end;
    // rnix makes a carriage return part of the comment before it.
    if comment.is_some_and(|comment| comment.to_string().ends_with('\r')) {
        at -= 1;
    }
    (Span { start: at, end: at }, format!("\n{indent}{setting}"))
}

/// The span of a binding with its line if it has one to itself, else with the blanks before it.
fn extent(binding: &SyntaxElement) -> Span {
    let Span { start, end } = span(binding);
    let before = binding.prev_sibling_or_token();
    let before = before.as_ref().and_then(blanks).unwrap_or_default();
    let after = binding.next_sibling_or_token();
    let after = after.as_ref().and_then(blanks).unwrap_or_default();
    match (before.rfind('\n'), after.find('\n')) {
        (Some(above), Some(feed)) => {
            Span { start: start - (before.len() - above - 1), end: end + feed + 1 }
        }
        _ => Span { start: start - before.len(), end },
    }
}

/// The text of white space.
fn blanks(element: &SyntaxElement) -> Option<&str> {
    let token = element.as_token().filter(|token| token.kind() == TOKEN_WHITESPACE)?;
    Some(token.text())
}

/// How many line ends are in white space; zero for anything else.
fn newlines(element: &SyntaxElement) -> usize {
    blanks(element).unwrap_or_default().matches('\n').count()
}

fn span(element: &SyntaxElement) -> Span {
    let range = element.text_range();
    Span { start: range.start().into(), end: range.end().into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `text` with the setting at `|` moved.
    fn moved(stands: SettingPlace, key: &str, text: &str) -> Option<String> {
        let start = text.find('|').unwrap();
        let mut text = text.replacen('|', "", 1);
        let at = Span { start, end: start + key.len() };
        let mut splices = into_config(&text, stands, [(key, at)].into_iter())?;
        splices.sort_by_key(|(span, _)| std::cmp::Reverse(*span));
        for (span, new) in splices {
            text.replace_range(span.range(), &new);
        }
        Some(text)
    }

    #[test]
    fn arguments_go_into_config() {
        for (before, after) in [
            (
                "import nixpkgs { |cudaSupport = true; }",
                "import nixpkgs { config.cudaSupport = true; }",
            ),
            (
                "(import inputs.nixpkgs ({\n  # the GPU\n  |cudaSupport = gpu;\n}))",
                "(import inputs.nixpkgs ({\n  # the GPU\n  config.cudaSupport = gpu;\n}))",
            ),
            (
                "import n { |cudaSupport = true; config.allowUnfree = true; }",
                "import n { config.cudaSupport = true; config.allowUnfree = true; }",
            ),
            (
                "import n { |cudaSupport = true; config = { allowUnfree = true; }; }",
                "import n { config = { allowUnfree = true; cudaSupport = true; }; }",
            ),
            (
                "import n { config = { }; |cudaSupport = true; }",
                "import n { config = { cudaSupport = true; }; }",
            ),
            (
                "import n {\n  inherit system;\n  |cudaSupport = true;\n  config = {\n    allowUnfree = true; # CUDA\n  };\n}",
                "import n {\n  inherit system;\n  config = {\n    allowUnfree = true; # CUDA\n    cudaSupport = true;\n  };\n}",
            ),
            (
                "import n {\n  |cudaSupport = true; # all\n  config = {\n    allowUnfree = true;\n  };\n}",
                "import n {\n  config.cudaSupport = true; # all\n  config = {\n    allowUnfree = true;\n  };\n}",
            ),
            (
                "import n { |\"cudaSupport\" = true; }",
                "import n { config.\"cudaSupport\" = true; }",
            ),
        ] {
            let done = moved(SettingPlace::Argument, "cudaSupport", before);
            assert_eq!(done.as_deref(), Some(after), "{before}");
        }
    }

    #[test]
    fn options_go_into_config() {
        for (before, after) in [
            ("{ nixpkgs.|allowUnfree = true; }", "{ nixpkgs.config.allowUnfree = true; }"),
            (
                "{ nixpkgs = { |allowUnfree = true; }; }",
                "{ nixpkgs = { config.allowUnfree = true; }; }",
            ),
            (
                "{ nixpkgs.|allowUnfree = true; nixpkgs.config = { a = 1; }; }",
                "{ nixpkgs.config = { a = 1; allowUnfree = true; }; }",
            ),
        ] {
            let done = moved(SettingPlace::Option, "allowUnfree", before);
            assert_eq!(done.as_deref(), Some(after), "{before}");
        }
    }

    #[test]
    fn what_is_not_simple_is_for_a_person() {
        for text in [
            "import n { inherit |cudaSupport; }",
            "import n rec { |cudaSupport = true; }",
            "import n ({ |cudaSupport = true; } // more)",
            "import n { |cudaSupport = true; ${name} = { }; }",
            "import n { |cudaSupport = true; config = settings; }",
            "import n { |cudaSupport = true; inherit config; }",
            "import n { |cudaSupport = true; config = rec { a = 1; }; }",
            "import n { |cudaSupport = true; config = { ${name} = 1; }; }",
            "import n { |cudaSupport = true; config.cudaSupport = false; }",
            "import n { |cudaSupport = true; config = { inherit cudaSupport; }; }",
            "let all = { |cudaSupport = true; }; in import n all",
            "make { |cudaSupport = true; }",
        ] {
            assert_eq!(moved(SettingPlace::Argument, "cudaSupport", text), None, "{text}");
        }
        for text in [
            "{ nixpkgs = f { |allowUnfree = true; }; }",
            "{ other.|allowUnfree = true; }",
            "{ nixpkgs.|allowUnfree = true; nixpkgs = { }; }",
        ] {
            assert_eq!(moved(SettingPlace::Option, "allowUnfree", text), None, "{text}");
        }
    }
}
