//! What an instance of nixpkgs is, in the same words everywhere.

use crate::audit::{Location, ReportedInstance};
use crate::instance::{Effect, EvidenceKind};
use crate::text::Visible;

/// How an instance comes about, and what it sets.
pub(crate) fn made(instance: &ReportedInstance<'_>) -> String {
    if let Some(made_at) = &instance.made_at {
        return made_here(instance, made_at);
    }
    let Some((kind, detail)) = &instance.evidence else { return "plain nixpkgs".into() };
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
fn made_here(instance: &ReportedInstance<'_>, at: &Location) -> String {
    let settings = instance.settings.iter().flatten();
    let on: Vec<_> =
        settings.filter(|(_, on)| *on).map(|(key, _)| Visible(key).to_string()).collect();
    let place = format!("{}:{}", Visible(&at.file), at.start.line);
    match on.as_slice() {
        [] => format!("configured by this flake ({place})"),
        on => format!("configured by this flake: {} ({place})", on.join(", ")),
    }
}
