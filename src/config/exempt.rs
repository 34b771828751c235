//! Exemptions: findings that somebody accepts, with a reason.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{DeclaredInput, Pattern};
use crate::text::{Date, Position};

/// An entry of `[[exempt]]`.
#[derive(Debug)]
pub struct Exemption {
    /// The rule.
    pub rule: String,
    /// Which input paths.
    pub input: Pattern,
    /// Why.
    pub reason: String,
    /// The last day on which it is not due for review.
    pub expires: Option<Date>,
    /// Where it is written.
    pub position: Position,
    /// Whether it matched anything, in any lock.
    used: AtomicBool,
    /// The input that it names, if its pattern names one.
    pub named: Option<DeclaredInput>,
}

impl Exemption {
    pub(super) fn new(
        rule: String,
        input: Pattern,
        reason: String,
        expires: Option<Date>,
        position: Position,
    ) -> Self {
        let named = input.names().filter(|names| !names.is_empty());
        let named = named.map(|names| DeclaredInput::new(names, position));
        Self { rule, input, reason, expires, position, used: AtomicBool::new(false), named }
    }

    /// Whether it is about a finding; remembers that it was.
    pub fn applies(&self, rule: &str, path: &[&str]) -> bool {
        let applies = self.rule == rule && self.input.matches(path);
        if applies {
            self.used.store(true, Ordering::Relaxed);
        }
        applies
    }

    /// What is to be said of it after a run: that it is due for review, or matched nothing.
    pub fn warning(&self, today: Date) -> Option<String> {
        if !self.used.load(Ordering::Relaxed) {
            let nothing = format!("this exemption from {} matches nothing", self.rule);
            return Some(match self.named.as_ref().filter(|input| !input.was_seen()) {
                Some(input) => {
                    let path = input.path.join("/");
                    format!("{nothing}: no lock has an input `{path}`{}", input.hint())
                }
                None => nothing,
            });
        }
        let expires = self.expires.filter(|expires| *expires < today)?;
        Some(format!("this exemption from {} was due for review on {expires}", self.rule))
    }
}
