//! Parts of a configuration that matched nothing in any lock.

use super::Levels;
use crate::config::{Config, DeclaredInput};
use crate::finding::Level;
use crate::rules;
use crate::text::{Date, Position};

/// Part of a configuration that matches nothing, or is due for review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// One line; unescaped.
    pub message: String,
    /// Its place in the file.
    pub position: Position,
    /// Whether it is an error: an input that no lock has.
    pub is_error: bool,
}

/// The leftovers of a configuration, once the locks that it applies to have been audited: declared
/// inputs that none of them has, and exemptions that match nothing or expired before `today`.
/// `flags` are levels given on the command line.
pub fn leftovers(
    config: &Config,
    flags: &[(&'static str, Level)],
    today: Option<Date>,
) -> Vec<Leftover> {
    let unseen = |input: &&DeclaredInput| !input.was_seen();
    let inputs = config.configured.iter().chain(&config.nixpkgs).filter(unseen).map(|input| {
        let message = format!("no lock has an input `{}`{}", input.path.join("/"), input.hint());
        Leftover { message, position: input.position, is_error: true }
    });
    let levels = Levels::new(Some(config), flags);
    let is_on = |id: &str| rules::rule_named(id).is_some_and(|rule| levels.is_on(rule));
    // It is unknown what a rule that is off would have found.
    let exemptions = config.exempt.iter().filter(|exemption| is_on(&exemption.rule));
    let exemptions = exemptions.filter_map(|exemption| {
        let message = exemption.warning(today?)?;
        Some(Leftover { message, position: exemption.position, is_error: false })
    });
    inputs.chain(exemptions).collect()
}
