//! Signs that distinguish things without colour.

use super::super::legend::NodeKind;
use super::super::tone::InputTone;

/// The mark before an input.
pub(super) fn mark(tone: InputTone) -> char {
    match tone {
        InputTone::Plain => '·',
        InputTone::Configured => '✓',
        InputTone::Quiet => '○',
        InputTone::Unconfigured | InputTone::Broken => '✗',
        InputTone::Disabled => '–',
    }
}

/// The radius of a box's corners.
pub(super) fn corner(kind: NodeKind) -> u8 {
    match kind {
        NodeKind::Root | NodeKind::Source => 0,
        NodeKind::Configured | NodeKind::Nixpkgs | NodeKind::NixpkgsLib => 12,
        NodeKind::Flake | NodeKind::Null => 4,
    }
}
