//! What a drawing says about an input.

use std::fmt::{self, Display};

use super::caption;
use super::escaped::Clipped;
use super::view::View;
use crate::graph::End;
use crate::instance::{Cause, CauseKind, Slot};
use crate::lock::{InputId, Target};

/// The verdict on an input; displayed in words (untrusted text, like all names).
#[derive(Clone, Copy)]
pub(super) struct Verdict<'v, 'f, 'g, 'l, 'a> {
    pub(super) kind: Kind<'f>,
    view: &'v View<'f, 'g, 'l, 'a>,
    input: InputId,
}

/// Kinds of verdicts.
#[derive(Clone, Copy)]
pub(super) enum Kind<'f> {
    /// Nothing.
    Plain,
    /// A slot that ends at a configured nixpkgs.
    Configured,
    /// A slot that ends at plain nixpkgs where a configured one is expected.
    Unconfigured {
        cause: &'f Cause,
        /// Whether overriding this slot cures it.
        is_override: bool,
    },
    /// `follows = ""`, in one of its shapes.
    Disabled,
    /// A step of the follows path does not exist.
    Dangling { cause: InputId, step: u32 },
    /// Follows that lead in a circle.
    Cycle { cause: InputId },
}

impl<'f> View<'f, '_, '_, '_> {
    /// The verdict on an input.
    pub(super) fn verdict(&self, input: InputId) -> Verdict<'_, 'f, '_, '_, '_> {
        let kind = match self.graph().edge(input).end {
            End::Dangling { cause, step } => Kind::Dangling { cause, step },
            End::Cycle { cause } => Kind::Cycle { cause },
            End::Node(_) => self.kind_at_end(input),
        };
        Verdict { kind, view: self, input }
    }

    fn kind_at_end(&self, input: InputId) -> Kind<'f> {
        if let Some((cause, is_override)) = self.cause(input) {
            Kind::Unconfigured { cause, is_override }
        } else if self.analysis().is_disabled(input) {
            Kind::Disabled
        } else if matches!(self.analysis().slot(input), Slot::Configured { .. }) {
            Kind::Configured
        } else {
            Kind::Plain
        }
    }
}

impl Kind<'_> {
    /// Whether the input ends nowhere.
    pub(super) fn is_broken(self) -> bool {
        matches!(self, Kind::Dangling { .. } | Kind::Cycle { .. })
    }

    /// Whether it is an unconfigured slot that is reported by default.
    pub(super) fn is_loud(self) -> bool {
        matches!(self, Kind::Unconfigured { cause, .. } if cause.kind != CauseKind::Secondary)
    }
}

impl Verdict<'_, '_, '_, '_, '_> {
    /// The lines at the arrow of its input: its name, what sources show, and the verdict unless the
    /// colour shows it.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        // The box at its end has the same name.
        if !self.is_named_by_its_end() {
            lines.push(caption::Arrow(self.view, self.input).to_string());
        }
        lines.extend(caption::by_source(self.view, self.input));
        let words = self.words().filter(|_| !matches!(self.kind, Kind::Configured));
        lines.extend(words.map(ToString::to_string));
        lines
    }

    /// Whether it is a direct input that leads to a box of its name.
    fn is_named_by_its_end(&self) -> bool {
        let graph = self.view.graph();
        let end = graph.end(self.input).filter(|end| self.view.has_node(*end));
        let place = end.and_then(|end| graph.place(end));
        place.is_some_and(|place| place.owner == Some(self.input))
    }

    /// The verdict in words, if there is one.
    pub(super) fn words(&self) -> Option<&Self> {
        (!matches!(self.kind, Kind::Plain)).then_some(self)
    }

    fn unconfigured(
        &self,
        cause: &Cause,
        is_override: bool,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        let graph = self.view.graph();
        f.write_str("unconfigured")?;
        match cause.kind {
            CauseKind::Primary => {}
            CauseKind::ThroughWrapper => f.write_str(", through the wrapper on purpose")?,
            CauseKind::Secondary => f.write_str(", a second nixpkgs")?,
        }
        if is_override {
            let target = self.view.analysis().wrapper(cause.target.wrapper).node;
            let path = graph.owner_path(target);
            let could = if cause.target.unique { "should" } else { "could" };
            write!(f, ": {could} follow {}", Clipped::path(path.names()))?;
            if cause.pin.is_some() {
                f.write_str(", but it holds a pin")?;
            }
        } else if self.input != cause.slot {
            let path = graph.input_path(cause.slot);
            write!(f, ", because of {}", Clipped::path(path.names()))?;
        }
        if cause.light.is_some() {
            f.write_str(" (it may not matter)")?;
        }
        Ok(())
    }

    fn dangling(&self, cause: InputId, step: u32, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let graph = self.view.graph();
        f.write_str("dangling: ")?;
        if cause != self.input {
            let path = graph.input_path(cause);
            return write!(f, "{} leads nowhere", Clipped::path(path.names()));
        }
        match graph.target(cause) {
            Target::Direct(key) => write!(f, "no node {}", Clipped::name(key)),
            Target::Follows(path) => {
                let known = usize::try_from(step).unwrap_or(usize::MAX);
                let missing = path.get(..=known).unwrap_or(path);
                write!(f, "no input {}", Clipped::path(missing))
            }
        }
    }
}

impl Display for Verdict<'_, '_, '_, '_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Plain => Ok(()),
            Kind::Configured => f.write_str("configured"),
            Kind::Unconfigured { cause, is_override } => self.unconfigured(cause, is_override, f),
            Kind::Disabled => f.write_str("disabled"),
            Kind::Dangling { cause, step } => self.dangling(cause, step, f),
            Kind::Cycle { cause } if cause == self.input => f.write_str("follows cycle"),
            Kind::Cycle { cause } => {
                let path = self.view.graph().input_path(cause);
                write!(f, "follows cycle through {}", Clipped::path(path.names()))
            }
        }
    }
}
