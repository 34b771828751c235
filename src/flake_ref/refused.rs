//! What Nix refuses in the references of a lock.
//!
//! Nix parses `locked` and `original` of every node that it reaches before it does anything else,
//! and stops at what it does not know. The rules here were seen in 2.8.0, 2.26.3 and 2.34.8, and
//! `tests/nix/refused_lock.rs` compares them with the installed Nix. What only an older version
//! refuses is left out, because the lock works for whoever wrote it.
//!
//! Source: Nix, `src/libfetchers/*.cc` (`allowedAttrs`, `inputFromAttrs`).

mod refusal;
mod scheme;
mod value;

use crate::lock::{Attribute, AttributeValue, Attributes, SourceKind};
pub use refusal::{RefKind, Refusal, RefusedBy};
use scheme::ExpectedValue::{Anything, Bool, Lately, Number, Text, Valid};
use scheme::Scheme;
use value::ValueVerdict;

/// Marks attributes as complete inside Nix. Some versions wrongly write it into locks.
const FINAL: &str = "__final";

/// All reasons for which Nix refuses a reference, in the order of the file.
pub fn refusals<'a>(reference: Attributes<'_, 'a>, kind: RefKind) -> Vec<Refusal<'a>> {
    if is_usual(reference) { Vec::new() } else { judged(reference, kind) }
}

fn judged<'a>(reference: Attributes<'_, 'a>, kind: RefKind) -> Vec<Refusal<'a>> {
    let whole = |problem: &str, by| Refusal { attribute: None, problem: problem.into(), by };
    let of = |attribute, problem, by| Refusal { attribute: Some(attribute), problem, by };
    let mut refusals = Vec::new();
    for attribute in reference.those_that_count().filter(|attribute| is_unreadable(attribute)) {
        let problem = format!("`{}` is no string, number or Boolean", attribute.name);
        refusals.push(of(attribute.name, problem, RefusedBy::All));
    }
    let source = match reference.get("type") {
        None => {
            refusals.push(whole("it has no `type`", RefusedBy::All));
            return refusals;
        }
        Some(AttributeValue::Other(_)) => return refusals,
        Some(AttributeValue::Text(text)) => SourceKind::named(text),
        Some(_) => {
            refusals.push(of("type", "`type` must be a string".to_owned(), RefusedBy::All));
            return refusals;
        }
    };
    let Some(scheme) = Scheme::of(source) else {
        // Nix accepts an `original` of an unknown type.
        if kind == RefKind::Locked {
            let problem = format!("Nix knows no type `{source}`");
            refusals.push(of("type", problem, RefusedBy::Crash));
        }
        return refusals;
    };
    for attribute in reference.those_that_count().filter(|attribute| !is_unreadable(attribute)) {
        if let Some((problem, by)) = scheme.wrong(source, attribute.name, attribute.value, kind) {
            refusals.push(of(attribute.name, problem, by));
        }
    }
    if matches!(source, SourceKind::Forge(_))
        && reference.text("rev").is_some()
        && reference.text("ref").is_some()
    {
        let problem = "it has both a branch (`ref`) and a revision (`rev`)".to_owned();
        refusals.push(of("ref", problem, RefusedBy::Newest));
    }
    for name in scheme.required.iter().filter(|name| reference.get(name).is_none()) {
        refusals.push(whole(&format!("it has no `{name}`"), RefusedBy::All));
    }
    refusals
}

/// Whether Nix reads no attribute with such a value, whatever its name.
fn is_unreadable(attribute: &Attribute<'_>) -> bool {
    matches!(attribute.value, AttributeValue::Other(_))
}

/// Whether it is what nearly all references are, which no Nix refuses: a repository on a forge, with
/// nothing but its revision and what was found there, each attribute once and in order.
fn is_usual(reference: Attributes<'_, '_>) -> bool {
    const REQUIRED: u32 = 1 << 3 | 1 << 4 | 1 << 6;
    let (mut last, mut seen) = (0, 0_u32);
    for attribute in reference.iter() {
        // Their places in the order of names.
        let place = match (attribute.name, attribute.value) {
            (_, AttributeValue::Other(_)) => return false,
            ("lastModified", AttributeValue::Number(_)) => 1,
            ("narHash", _) => 2,
            ("owner", AttributeValue::Text(_)) => 3,
            ("repo", AttributeValue::Text(_)) => 4,
            ("rev", AttributeValue::Text(rev)) if value::is_full_revision(rev) => 5,
            ("type", AttributeValue::Text(kind))
                if matches!(SourceKind::named(kind), SourceKind::Forge(_)) =>
            {
                6
            }
            _ => return false,
        };
        if place <= last {
            return false;
        }
        last = place;
        seen |= 1 << place;
    }
    seen & REQUIRED == REQUIRED
}

impl Scheme {
    fn wrong(
        &self,
        source: SourceKind<'_>,
        name: &str,
        value: AttributeValue<'_>,
        kind: RefKind,
    ) -> ValueVerdict {
        // Nix 2.8 does not know the type and accepts any attributes.
        let is_new = source == SourceKind::File;
        let wanted = match name {
            "type" => return None,
            FINAL if kind == RefKind::Original => return None,
            FINAL => {
                let problem = format!("`{FINAL}` must not stand in a lock");
                let by = if is_new { RefusedBy::Crash } else { RefusedBy::AllWithCrash };
                return Some((problem, by));
            }
            "dir" => Text,
            name => match self.attributes.iter().find(|(known, _)| *known == name) {
                Some((_, wanted)) => *wanted,
                None => {
                    let problem = format!("a `{source}` reference has no attribute `{name}`");
                    // Nix reads `ref` of every reference, whatever its kind.
                    let is_asked = name == "ref" && !matches!(value, AttributeValue::Text(_));
                    let is_taken = is_new && !is_asked;
                    let by = if is_taken { RefusedBy::AllBut28 } else { RefusedBy::All };
                    return Some((problem, by));
                }
            },
        };
        let must_be = |what| Some((format!("`{name}` must be {what}"), RefusedBy::All));
        match (wanted, value) {
            (Anything, _)
            | (Number, AttributeValue::Number(_))
            | (Bool, AttributeValue::Bool(_)) => None,
            (Valid(look) | Lately(look), AttributeValue::Text(text)) => look(text, kind),
            (Text, AttributeValue::Text(_)) => None,
            (Number, _) => must_be("a number"),
            (Bool, _) => must_be("a Boolean"),
            // Only Nix 2.8 checks a hash in `original`.
            (Valid(_), _) if name == "narHash" && kind == RefKind::Original => None,
            (Valid(_), _) if name == "rev" => {
                refused_revision(kind, source).map(|by| (format!("`{name}` must be a string"), by))
            }
            (Lately(_), _) => Some((format!("`{name}` must be a string"), RefusedBy::Newest)),
            (Text | Valid(_), _) => must_be("a string"),
        }
    }
}

/// Who refuses a bad revision; `None` if only Nix 2.8 does.
fn refused_revision(kind: RefKind, source: SourceKind<'_>) -> Option<RefusedBy> {
    match (kind, source) {
        (RefKind::Locked, SourceKind::Indirect) => Some(RefusedBy::AllBut226),
        (RefKind::Locked, _) => Some(RefusedBy::All),
        (RefKind::Original, SourceKind::Forge(_)) => Some(RefusedBy::AllBut226),
        (RefKind::Original, _) => None,
    }
}

#[cfg(test)]
mod tests;
