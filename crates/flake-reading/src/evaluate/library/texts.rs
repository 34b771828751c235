//! Functions for texts, and paths as text.

use super::{Args, MOST};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::value::{Base, How, Thunk, Value};
use crate::syntax::Name;

/// The longest text that is put together of others: a list may have one of a megabyte thousands of times.
const LONGEST: usize = 65_536;

impl Evaluator<'_> {
    pub(super) fn text_function(&mut self, name: &str, args: &mut Args) -> Value {
        let first = args.thunk(self);
        let a = self.force_known(first);
        // Most make another text of it, which is kept.
        if let Value::Text(text) = a.unconditional().0
            && self.budget.weigh(text.len())
        {
            return Value::condition();
        }
        match (name, a.unconditional().0) {
            (
                "toString",
                Value::Text(_) | Value::Path(..) | Value::Source(..) | Value::AnyPath(_),
            ) => {
                return a;
            }
            ("toString", Value::Number(Some(number))) => return Value::text(number.to_string()),
            // Nix manual, "Built-ins", `toString`.
            ("toString", Value::Null | Value::Bool(false)) => return Value::text(""),
            ("toString", Value::Bool(true)) => return Value::text("1"),
            // What a text was made of is forgotten, and is no dependency.
            ("unsafeDiscardStringContext", Value::Text(_)) => return a,
            ("unsafeDiscardStringContext", _) => return Value::condition(),
            ("toString", Value::Flake(slot, at)) if self.is_packages(*slot) => {
                return Value::Source(Base::Input(*slot), "".into(), *at);
            }
            ("toString", Value::Flake(..) | Value::Itself(_)) => return a,
            ("baseNameOf", Value::Text(text)) => {
                return Value::text(text.rsplit('/').next().unwrap_or_default());
            }
            ("baseNameOf", Value::Path(_, path)) => {
                return Value::text(path.name().unwrap_or_default());
            }
            ("dirOf", Value::Path(flake, path)) => {
                return path.parent().map_or_else(Value::outside, |path| Value::Path(*flake, path));
            }
            ("toLower", Value::Text(text)) => return Value::text(text.to_lowercase()),
            ("toUpper", Value::Text(text)) => return Value::text(text.to_uppercase()),
            ("boolToString", Value::Bool(is)) => return Value::text(is.to_string()),
            ("boolToYesNo", Value::Bool(is)) => return Value::text(if *is { "yes" } else { "no" }),
            // Blanks are these four (nixpkgs `lib/strings.nix`, `trimWith`).
            ("trim", Value::Text(text)) => {
                return Value::text(text.trim_matches([' ', '\t', '\r', '\n']));
            }
            ("stringToCharacters", Value::Text(text)) => {
                // For Nix each byte is one. Of other texts some would be no texts of ours.
                if !text.is_ascii() || text.len() > MOST || self.budget.weigh(text.len()) {
                    return Value::list(Vec::new(), true);
                }
                let each = (0..text.len()).filter_map(|at| text.get(at..=at));
                let items = each.map(|one| self.done(Value::text(one))).collect();
                return Value::list(items, false);
            }
            ("concatLines", Value::List(_)) => {
                return match self.text_joined("\n", &a) {
                    Some(text) => Value::text(text + "\n"),
                    None => self.text_of(&[first], args),
                };
            }
            // A program that is run is a package.
            ("getExe", _) => return a,
            ("concatStrings", Value::List(_)) => {
                return match self.text_joined("", &a) {
                    Some(text) => Value::text(text),
                    None => self.text_of(&[first], args),
                };
            }
            (
                "concatStrings" | "makeBinPath" | "makeLibraryPath" | "toJSON" | "escapeShellArg"
                | "escapeShellArgs" | "toShellVars",
                _,
            ) => {
                return self.text_of(&[first], args);
            }
            _ => {}
        }
        if name == "stringToCharacters" {
            return Value::list(Vec::new(), true);
        }
        if matches!(
            name,
            "toString"
                | "baseNameOf"
                | "dirOf"
                | "toLower"
                | "toUpper"
                | "boolToString"
                | "boolToYesNo"
                | "trim"
                | "concatLines"
                | "escapeC"
                | "escapeNixString"
                | "escapeRegex"
                | "escapeURL"
                | "escapeXML"
                | "makeIncludePath"
                | "normalizePath"
                | "toSentenceCase"
                | "toXML"
        ) {
            return self.text_of(&[first], args);
        }
        if name == "getExe'" {
            return a;
        }
        let second = args.thunk(self);
        let b = self.force_known(second);
        match (name, a.unconditional().0, b.unconditional().0) {
            ("removeSuffix", Value::Text(end), Value::Text(text)) => {
                Value::text(text.strip_suffix(&**end).unwrap_or(text))
            }
            // A path without its folder is text.
            ("removePrefix", Value::Path(_, folder), Value::Path(_, path)) => {
                match path.as_str().strip_prefix(folder.as_str()) {
                    Some(below) => Value::text(below.trim_start_matches('/')),
                    None => Value::condition(),
                }
            }
            ("removePrefix", Value::Text(start), Value::Text(text)) => {
                Value::text(text.strip_prefix(&**start).unwrap_or(text))
            }
            ("splitString", Value::Text(at), Value::Text(text)) if !at.is_empty() => {
                let items = text.split(&**at).take(MOST).map(|part| self.done(Value::text(part)));
                let items = items.collect();
                Value::list(items, false)
            }
            ("concatStringsSep" | "join", Value::Text(between), Value::List(_)) => {
                match self.text_joined(between, &b) {
                    Some(text) => Value::text(text),
                    None => self.text_of(&[second], args),
                }
            }
            ("concatMapStringsSep" | "concatMapStrings", ..) => {
                let (between, function, list) = match name {
                    "concatMapStrings" => (Value::text(""), a.clone(), b.clone()),
                    _ => (a.clone(), b.clone(), args.next(self)),
                };
                let mut items = Vec::new();
                let open = self.items_into(&list, &mut items);
                let unsure = !matches!(&list, Value::List(list) if !list.unsure);
                let items = self.first(items);
                let of: Vec<Thunk> =
                    items.into_iter().map(|item| self.call_thunk(&function, vec![item])).collect();
                let made = Value::list_of_some(of.clone(), open, unsure);
                match between {
                    Value::Text(between) => match self.text_joined(&between, &made) {
                        Some(text) => Value::text(text),
                        None => Value::woven(How::Text, of, args.place),
                    },
                    _ => Value::woven(How::Text, of, args.place),
                }
            }
            ("replaceStrings", ..) => {
                let text = args.thunk(self);
                let value = self.force_known(text);
                let (from, to) = (self.texts(&a), self.texts(&b));
                let known = |list: &Value, texts: &[Name]| matches!(list, Value::List(list) if !list.open && list.items.len() == texts.len());
                match value.unconditional().0 {
                    Value::Text(text)
                        if from.len() == to.len() && known(&a, &from) && known(&b, &to) =>
                    {
                        replaced(text, &from, &to).map_or_else(Value::condition, Value::text)
                    }
                    _ => self.text_of(&[text, second], args),
                }
            }
            ("replaceString", from, to) => {
                let thunk = args.thunk(self);
                let value = self.force_known(thunk);
                match (from, to, value.unconditional().0) {
                    (Value::Text(from), Value::Text(to), Value::Text(text)) => {
                        let (from, to) = (std::slice::from_ref(from), std::slice::from_ref(to));
                        replaced(text, from, to).map_or_else(Value::condition, Value::text)
                    }
                    _ => self.text_of(&[thunk, second], args),
                }
            }
            ("substring", Value::Number(Some(start)), Value::Number(Some(length))) => {
                let of = args.thunk(self);
                let text = self.force_known(of);
                let Value::Text(text) = text.unconditional().0 else {
                    return self.text_of(&[of], args);
                };
                let start = usize::try_from(*start).unwrap_or(0);
                let end = match usize::try_from(*length) {
                    Ok(length) => start.saturating_add(length).min(text.len()),
                    Err(_) => text.len(),
                };
                text.get(start.min(end)..end).map_or_else(Value::condition, Value::text)
            }
            ("makeSearchPathOutput" | "substring", ..) => {
                let of = args.thunk(self);
                self.text_of(&[of], args)
            }
            _ => self.text_of(&[first, second], args),
        }
    }

    /// The texts in a list, joined; `None` if it has, or may have, anything else, or if they are long.
    fn text_joined(&mut self, between: &str, list: &Value) -> Option<String> {
        let Value::List(list) = list else { return None };
        if list.open || list.unsure || list.items.len() > MOST {
            return None;
        }
        let mut joined = String::new();
        for (at, item) in list.items.iter().enumerate() {
            let Value::Text(text) = self.force_known(*item) else { return None };
            let between = if at > 0 { between } else { "" };
            if joined.len() + between.len() + text.len() > LONGEST {
                return None;
            }
            joined.push_str(between);
            joined.push_str(&text);
        }
        Some(joined)
    }

    /// A text that is made of values.
    fn text_of(&mut self, of: &[Thunk], args: &Args) -> Value {
        let mut made = Vec::new();
        for thunk in of {
            if !self.force_known(*thunk).is_plain() {
                made.push(*thunk);
            }
        }
        if made.is_empty() { Value::condition() } else { Value::woven(How::Text, made, args.place) }
    }
}

/// A text with some texts replaced by others in one pass; `None` if that is too expensive.
fn replaced(text: &str, from: &[Name], to: &[Name]) -> Option<String> {
    /// The longest text that is made.
    const LONGEST: usize = 100_000;
    /// The most texts that are replaced.
    const MOST: usize = 100;
    if from.len() > MOST {
        return None;
    }
    let mut made = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if made.len() > LONGEST {
            return None;
        }
        let found =
            from.iter().zip(to).find(|(from, _)| !from.is_empty() && rest.starts_with(&***from));
        match found {
            Some((from, to)) => {
                made.push_str(to);
                rest = rest.get(from.len()..).unwrap_or_default();
            }
            None => {
                made.push(first);
                rest = rest.get(first.len_utf8()..).unwrap_or_default();
            }
        }
    }
    Some(made)
}
