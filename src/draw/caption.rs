//! The caption of a node in a drawing, in a few short lines.

use std::fmt::{self, Display, Write};

use super::escaped::Clipped;
use super::view::View;
use crate::flake_ref::{FlakeRef, Version};
use crate::instance::{Effect, EvidenceKind, Role, Wrapper};
use crate::lock::{InputId, NodeId, Target};
use crate::source::evaluate::facts::{Taken, Use};
use crate::text::{Date, Time};

/// The lines of a node's label (untrusted text, like all names).
pub(super) fn lines(view: &View<'_, '_, '_, '_>, node: NodeId) -> Vec<String> {
    let mut lines = vec![title(view, node)];
    let Some(place) = view.graph().place(node) else {
        lines.push("no input leads here".into());
        lines.extend(reference(view, node));
        return lines;
    };
    if place.depth > 1 {
        let path = view.graph().owner_path(place.parent);
        lines.push(format!("in {}", Clipped::path(path.names())));
    }
    lines.extend(reference(view, node));
    lines.extend(version(view, node));
    if let Role::Configured(id) = view.analysis().role(node) {
        let wrapper = view.analysis().wrapper(id);
        lines.push(format!("configured: {}", WrapperCaption(wrapper)));
    }
    // Settings of the root for instances that it makes of this node.
    let settings: Vec<&String> = view.settings(node).collect();
    if !settings.is_empty() {
        let shown: Vec<_> = settings.iter().take(4).map(|s| Clipped::name(s).to_string()).collect();
        let more = if settings.len() > shown.len() { ", …" } else { "" };
        lines.push(format!("this flake sets {}{more}", shown.join(", ")));
    }
    lines
}

/// The last name of its owner path, with its key if that differs; only its key if it has no owner.
fn title(view: &View<'_, '_, '_, '_>, node: NodeId) -> String {
    let key = view.lock().node(node).key;
    if node == view.lock().root() {
        return "this flake".into();
    }
    let owner = view.graph().place(node).and_then(|place| place.owner);
    let name = owner.map_or(key, |owner| view.lock().input(owner).name);
    let mut title = Clipped::name(name).to_string();
    if key != name {
        // Writing to a string does not fail.
        let _ = write!(title, " ({})", Clipped::name(key));
    }
    title
}

/// Its reference, with a short revision.
fn reference(view: &View<'_, '_, '_, '_>, node: NodeId) -> Option<String> {
    let attributes = view.lock().locked(node).or_else(|| view.lock().original(node))?;
    Some(clipped_reference(&Clipped::reference(FlakeRef::short(attributes)).to_string()))
}

/// References in labels are shorter than in lists, and keep the end, which distinguishes them.
fn clipped_reference(text: &str) -> String {
    const HALF: usize = 30;
    let (start, end) = (text.char_indices().nth(HALF), text.char_indices().nth_back(HALF - 1));
    match (start, end) {
        (Some((start, _)), Some((end, _))) if start + 1 < end => {
            let part = |range| text.get(range).unwrap_or_default();
            format!("{}…{}", part(0..start), part(end..text.len()))
        }
        _ => text.into(),
    }
}

/// Branch and date.
fn version(view: &View<'_, '_, '_, '_>, node: NodeId) -> Option<String> {
    let version = view.lock().original(node).map(Version::of);
    let branch = version.as_ref().and_then(Version::name);
    let date = date(view, node);
    let branch = branch.map(|branch| Clipped::name(branch).to_string());
    match (branch, date) {
        (Some(branch), Some(date)) => Some(format!("{branch}, {date}")),
        (Some(branch), None) => Some(branch),
        (None, date) => date.map(|date| date.to_string()),
    }
}

fn date(view: &View<'_, '_, '_, '_>, node: NodeId) -> Option<Date> {
    let seconds = view.lock().locked(node)?.number("lastModified")?;
    Time::new(seconds).map(Time::date)
}

/// What sources show about an input, in a few words: what the root takes, what is done with a
/// nixpkgs. `None` if nothing is known.
pub(super) fn by_source(view: &View<'_, '_, '_, '_>, input: InputId) -> Option<String> {
    let analysis = view.analysis();
    let uses = analysis.uses(input).filter(|uses| !uses.is_empty());
    let taken = analysis.taken_by_root(input);
    match (uses, taken) {
        (Some(uses), _) => {
            let uses: Vec<_> = uses.into_iter().map(Use::as_str).collect();
            Some(format!("used as {}", uses.join(", ")))
        }
        (None, Some(taken)) if taken.is_empty() => Some("nothing taken".into()),
        (None, Some(taken)) => {
            let taken: Vec<_> = taken.into_iter().map(Taken::as_str).collect();
            Some(format!("takes {}", taken.join(", ")))
        }
        (None, None) => None,
    }
}

/// The label of an arrow: its input, and the path that it follows (untrusted text).
pub(super) struct ArrowCaption<'v, 'f, 'g, 'l, 'a>(
    pub(super) &'v View<'f, 'g, 'l, 'a>,
    pub(super) InputId,
);

impl Display for ArrowCaption<'_, '_, '_, '_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(view, input) = *self;
        Clipped::name(view.lock().input(input).name).fmt(f)?;
        match view.graph().target(input) {
            Target::Follows([]) => f.write_str(" → this flake"),
            Target::Follows(path) => write!(f, " → {}", Clipped::path(path)),
            Target::Direct(_) => Ok(()),
        }
    }
}

/// A wrapper's settings and the evidence for them, in words.
pub(super) struct WrapperCaption<'w>(pub(super) &'w Wrapper);

impl Display for WrapperCaption<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let on = self.0.config.iter().flatten().filter(|(_, on)| *on);
        let mut names = on.map(|(name, _)| name);
        match (names.next(), self.0.effect) {
            (Some(first), _) => {
                write!(f, "sets {first}")?;
                names.try_for_each(|name| write!(f, ", {name}"))?;
            }
            (None, Effect::Build) => f.write_str("changes builds")?,
            (None, Effect::PermissionsOnly) => f.write_str("only permits packages")?,
            (None, Effect::Unknown) => f.write_str("settings unknown")?,
        }
        write!(f, " ({})", evidence(self.0.evidence.kind))
    }
}

/// What shows that a node is configured, in words.
fn evidence(kind: EvidenceKind) -> &'static str {
    match kind {
        EvidenceKind::ConfigFile => "declared in flake-audit.toml",
        EvidenceKind::Flag => "declared by --configured",
        EvidenceKind::Source => "read from its source",
        EvidenceKind::KnownWrapper => "known wrapper",
        EvidenceKind::Name => "a guess by its name",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_references_keep_both_ends() {
        assert_eq!(clipped_reference("github:acme/tool/97521cf"), "github:acme/tool/97521cf");
        let long = format!("git+https://{}?rev=97521cf", "é".repeat(1000));
        let clipped = clipped_reference(&long);
        assert_eq!(clipped.chars().count(), 61);
        assert!(clipped.starts_with("git+https://é") && clipped.ends_with("é?rev=97521cf"));
        assert_eq!(clipped_reference(&"x".repeat(60)), "x".repeat(60));
    }
}
