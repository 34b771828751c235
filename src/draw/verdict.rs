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
pub(super) struct InputVerdict<'v, 'f, 'g, 'l, 'a> {
    pub(super) kind: VerdictKind<'f>,
    view: &'v View<'f, 'g, 'l, 'a>,
    input: InputId,
}

/// Kinds of verdicts.
#[derive(Clone, Copy)]
pub(super) enum VerdictKind<'f> {
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
    pub(super) fn verdict(&self, input: InputId) -> InputVerdict<'_, 'f, '_, '_, '_> {
        let kind = match self.graph().edge(input).end {
            End::Dangling { cause, step } => VerdictKind::Dangling { cause, step },
            End::Cycle { cause } => VerdictKind::Cycle { cause },
            End::Node(_) => self.kind_at_end(input),
        };
        InputVerdict { kind, view: self, input }
    }

    fn kind_at_end(&self, input: InputId) -> VerdictKind<'f> {
        if let Some((cause, is_override)) = self.cause(input) {
            VerdictKind::Unconfigured { cause, is_override }
        } else if self.analysis().is_disabled(input) {
            VerdictKind::Disabled
        } else if matches!(self.analysis().slot(input), Slot::Configured { .. }) {
            VerdictKind::Configured
        } else {
            VerdictKind::Plain
        }
    }
}

impl VerdictKind<'_> {
    /// Whether the input ends nowhere.
    pub(super) fn is_broken(self) -> bool {
        matches!(self, VerdictKind::Dangling { .. } | VerdictKind::Cycle { .. })
    }

    /// Whether it is an unconfigured slot that is reported by default.
    pub(super) fn is_loud(self) -> bool {
        matches!(self, VerdictKind::Unconfigured { cause, .. } if cause.kind != CauseKind::Secondary)
    }
}

impl InputVerdict<'_, '_, '_, '_, '_> {
    /// The lines at the arrow of its input: its name, what sources show, and the verdict unless the
    /// colour shows it.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        // The box at its end has the same name.
        if !self.is_named_by_its_end() {
            lines.push(caption::ArrowCaption(self.view, self.input).to_string());
        }
        lines.extend(caption::by_source(self.view, self.input));
        let words = self.words().filter(|_| !matches!(self.kind, VerdictKind::Configured));
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
        (!matches!(self.kind, VerdictKind::Plain)).then_some(self)
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

impl Display for InputVerdict<'_, '_, '_, '_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            VerdictKind::Plain => Ok(()),
            VerdictKind::Configured => f.write_str("configured"),
            VerdictKind::Unconfigured { cause, is_override } => {
                self.unconfigured(cause, is_override, f)
            }
            VerdictKind::Disabled => f.write_str("disabled"),
            VerdictKind::Dangling { cause, step } => self.dangling(cause, step, f),
            VerdictKind::Cycle { cause } if cause == self.input => f.write_str("follows cycle"),
            VerdictKind::Cycle { cause } => {
                let path = self.view.graph().input_path(cause);
                write!(f, "follows cycle through {}", Clipped::path(path.names()))
            }
        }
    }
}
