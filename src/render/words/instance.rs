//! What an instance of nixpkgs is, in words that all formats share.

use std::fmt;

use crate::audit::{Location, ReportedInstance};
use crate::instance::{Effect, EvidenceKind};
use crate::text::Visible;

/// How an instance is made, in words.
#[derive(Debug)]
pub(crate) struct Origin {
    /// What it is, and what it sets.
    pub(crate) what: String,
    /// Where the flake makes it, if it does.
    pub(crate) places: Vec<String>,
    /// Whether it has settings of its own.
    pub(crate) is_configured: bool,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match self.places.as_slice() {
            [] => Ok(()),
            places => write!(f, " ({})", places.join(", ")),
        }
    }
}

/// How an instance is made, and its settings.
pub(crate) fn origin(instance: &ReportedInstance<'_>) -> Origin {
    let place = |at: &Location| format!("{}:{}", Visible(&at.file), at.start.line);
    let what = match (&instance.made_at, &instance.evidence) {
        (Some(_), _) => made_here(instance),
        (None, Some((kind, detail))) => wrapper(instance, *kind, detail),
        (None, None) => "plain nixpkgs".to_owned(),
    };
    let is_configured = instance.made_at.is_some() || instance.evidence.is_some();
    Origin { what, places: instance.made_at.iter().map(place).collect(), is_configured }
}

/// A wrapper, with the evidence for it.
fn wrapper(instance: &ReportedInstance<'_>, kind: EvidenceKind, detail: &str) -> String {
    let settings = match (&instance.settings, instance.effect) {
        (Some(settings), _) => {
            let settings: Vec<_> =
                settings.iter().map(|(name, on)| format!("{name} = {on}")).collect();
            format!(": {}", settings.join(", "))
        }
        (None, Some(Effect::Build)) => ", with build settings by its name".into(),
        (None, Some(Effect::PermissionsOnly)) => ", with permissions only by its name".into(),
        (None, _) => String::new(),
    };
    let evidence = match kind {
        EvidenceKind::Name => "a guess by name and shape".to_owned(),
        _ => Visible(detail).to_string(),
    };
    format!("configured nixpkgs{settings} ({evidence})")
}

/// An instance that the flake makes itself.
fn made_here(instance: &ReportedInstance<'_>) -> String {
    let settings = instance.settings.iter().flatten();
    let on: Vec<_> =
        settings.filter(|(_, on)| *on).map(|(key, _)| Visible(key).to_string()).collect();
    let with = match (on.as_slice(), instance.overlays) {
        (on @ [_, ..], _) => return format!("configured by this flake: {}", on.join(", ")),
        ([], _) if instance.readable != "all" => "settings that were not read",
        ([], Some(0)) => "nothing switched on",
        ([], Some(1)) => "an overlay",
        ([], _) => "overlays",
    };
    format!("configured by this flake, with {with}")
}
