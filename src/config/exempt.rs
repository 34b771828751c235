//! Exemptions: findings that the user accepts, with a reason.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{DeclaredInput, PathPattern};
use crate::text::{Date, Position};

/// An entry of `[[exempt]]`.
#[derive(Debug)]
pub struct ConfigExemption {
    /// The rule.
    pub rule: String,
    /// The input paths that it covers.
    pub input: PathPattern,
    /// The reason.
    pub reason: String,
    /// The last day before it is due for review.
    pub expires: Option<Date>,
    /// Its place.
    pub position: Position,
    /// Whether it has matched anything, in any lock.
    used: AtomicBool,
    /// The input that it names, if its pattern names one.
    pub named: Option<DeclaredInput>,
}

impl ConfigExemption {
    pub(super) fn new(
        rule: String,
        input: PathPattern,
        reason: String,
        expires: Option<Date>,
        position: Position,
    ) -> Self {
        let named = input.names().filter(|names| !names.is_empty());
        let named = named.map(|names| DeclaredInput::new(names, position));
        Self { rule, input, reason, expires, position, used: AtomicBool::new(false), named }
    }

    /// Whether it covers a finding; records that it did.
    pub fn applies(&self, rule: &str, path: &[&str]) -> bool {
        let applies = self.rule == rule && self.input.matches(path);
        if applies {
            self.used.store(true, Ordering::Relaxed);
        }
        applies
    }

    /// The warning after a run: that it is due for review, or matched nothing.
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
