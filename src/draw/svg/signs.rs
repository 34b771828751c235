//! What tells things apart without colour.

use super::super::legend::NodeKind;
use super::super::tone::Tone;

/// Before an input: what can be told without colour.
pub(super) fn mark(tone: Tone) -> char {
    match tone {
        Tone::Plain => '·',
        Tone::Configured => '✓',
        Tone::Quiet => '○',
        Tone::Unconfigured | Tone::Broken => '✗',
        Tone::Disabled => '–',
    }
}

/// How round a sheet is.
pub(super) fn corner(kind: NodeKind) -> u8 {
    match kind {
        NodeKind::Root | NodeKind::Source => 0,
        NodeKind::Configured | NodeKind::Nixpkgs | NodeKind::NixpkgsLib => 12,
        NodeKind::Flake | NodeKind::Null => 4,
    }
}
