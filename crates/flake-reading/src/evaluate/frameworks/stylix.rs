//! stylix: colours and fonts for the programs of a host or home. Its own code has some 200 modules,
//! one for each program, which every host loads; they take packages from the `pkgs` that they are
//! given. Its own program makes a palette of a picture, and takes nothing that a setting changes.

use super::{Framework, one};

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["nix-community/stylix", "danth/stylix"],
    source: "stylix/autoload.nix, flake/modules.nix and palette-generator, 2026-11",
    marks: &["stylix/target.nix", "stylix/palette.nix", "stylix/fonts.nix"],
    arity: one,
    call: |_, _| None,
};
