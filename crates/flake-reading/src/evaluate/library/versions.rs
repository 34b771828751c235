//! Versions, and what is later.
//!
//! Source: Nix manual, "nix-env --upgrade", "Versions" (`compareVersions`); nixpkgs `lib/versions.nix`,
//! `lib/strings.nix`.

use std::cmp::Ordering;

use super::Args;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::value::Value;
use crate::syntax::Name;

impl Evaluator<'_> {
    pub(super) fn version_function(&mut self, name: &str, args: &mut Args) -> Value {
        let first = args.next(self);
        if name == "pad" {
            return match (first, args.next(self)) {
                (Value::Number(Some(count)), Value::Text(version)) => padded(count, &version),
                _ => Value::condition(),
            };
        }
        let Value::Text(version) = first else { return Value::condition() };
        let parts: Vec<&str> = parts(&version).collect();
        let part = |at: usize| match parts.get(at) {
            Some(part) => Value::text(*part),
            None => Value::condition(),
        };
        match name {
            "major" => part(0),
            "minor" => part(1),
            "patch" => part(2),
            "majorMinor" => {
                Value::text(parts.iter().take(2).copied().collect::<Vec<_>>().join("."))
            }
            "splitVersion" => {
                let parts = parts.into_iter().map(|part| self.done(Value::text(part)));
                let parts = parts.collect();
                Value::list(parts, false)
            }
            _ => {
                let Value::Text(other) = args.next(self) else { return Value::condition() };
                let order = compared(&version, &other);
                match name {
                    "versionAtLeast" => Value::Bool(order != Ordering::Less),
                    "versionOlder" => Value::Bool(order == Ordering::Less),
                    _ => Value::Number(Some(order as i64)),
                }
            }
        }
    }
}

/// `pad count version`: as many numbers before a suffix.
fn padded(count: i64, version: &Name) -> Value {
    /// No version has more numbers.
    const MOST: usize = 64;
    let Some(count) = usize::try_from(count).ok().filter(|count| *count <= MOST) else {
        return Value::condition();
    };
    let at = version.find('-').unwrap_or(version.len());
    let (numbers, suffix) = version.split_at_checked(at).unwrap_or((version, ""));
    let numbers: Vec<&str> = parts(numbers).chain(std::iter::repeat("0")).take(count).collect();
    Value::text(format!("{}{suffix}", numbers.join(".")))
}

/// The parts of a version: runs of digits and of other characters, without dots and dashes.
fn parts(version: &str) -> impl Iterator<Item = &str> {
    let mut rest = version;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(['.', '-']);
        let is_number = rest.starts_with(|first: char| first.is_ascii_digit());
        let ends = |c: char| matches!(c, '.' | '-') || c.is_ascii_digit() != is_number;
        let end = rest.find(ends).unwrap_or(rest.len());
        let (part, after) = rest.split_at_checked(end)?;
        rest = after;
        (!part.is_empty()).then_some(part)
    })
}

/// `compareVersions a b`
fn compared(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (parts(a), parts(b));
    loop {
        let (left, right) = (a.next(), b.next());
        if left.is_none() && right.is_none() {
            return Ordering::Equal;
        }
        let (left, right) = (left.unwrap_or_default(), right.unwrap_or_default());
        if is_older(left, right) {
            return Ordering::Less;
        }
        if is_older(right, left) {
            return Ordering::Greater;
        }
    }
}

/// Whether one part is that of an older version (Nix `src/libstore/names.cc`, `componentsLT`).
fn is_older(a: &str, b: &str) -> bool {
    let (number, other) = (a.parse::<u64>().ok(), b.parse::<u64>().ok());
    match (number, other) {
        (Some(a), Some(b)) => a < b,
        (_, Some(_)) if a.is_empty() => true,
        _ if a == "pre" && b != "pre" => true,
        _ if b == "pre" => false,
        (_, Some(_)) => true,
        (Some(_), _) => false,
        _ => a < b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By Nix 2.34: `builtins.compareVersions`, `builtins.splitVersion`.
    #[test]
    fn versions_as_nix_compares_them() {
        for (a, b, order) in [
            ("1.0", "2.3", Ordering::Less),
            ("2.1", "2.3", Ordering::Less),
            ("2.3", "2.3", Ordering::Equal),
            ("2.5", "2.3", Ordering::Greater),
            ("3.1", "2.3", Ordering::Greater),
            ("2.3.1", "2.3", Ordering::Greater),
            ("2.3.1", "2.3a", Ordering::Greater),
            ("2.3pre1", "2.3", Ordering::Less),
            ("2.3pre3", "2.3pre12", Ordering::Less),
            ("2.3a", "2.3c", Ordering::Less),
            ("2.3pre1", "2.3c", Ordering::Less),
            ("2.3pre1", "2.3q", Ordering::Less),
            ("12.8", "12.10", Ordering::Less),
            ("1-2", "1.2", Ordering::Equal),
        ] {
            assert_eq!(compared(a, b), order, "{a} {b}");
            assert_eq!(compared(b, a), order.reverse(), "{b} {a}");
        }
        let of = |version| parts(version).collect::<Vec<_>>();
        assert_eq!(of("24.11pre-git.1a"), ["24", "11", "pre", "git", "1", "a"]);
    }
}
