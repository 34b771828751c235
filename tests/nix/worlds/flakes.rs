//! The flakes that all worlds share.

use super::shape::{From, Settings, Wrapper};
use super::spell::list;
use crate::identity::Files;

/// The owner of everything that the root depends on.
pub(super) const OWNER: &str = "acme";

/// A dependency's own wrapper.
pub(super) const WRAPPER: &str = "nixpkgs-gpu";

/// All files of one flake except its lock.
pub(super) fn nixpkgs() -> Files {
    files(&[
        ("flake.nix", include_str!("nixpkgs/flake.nix")),
        ("default.nix", include_str!("nixpkgs/default.nix")),
        ("lib.nix", include_str!("nixpkgs/lib.nix")),
        ("modules.nix", include_str!("nixpkgs/modules.nix")),
        ("nixos.nix", include_str!("nixpkgs/nixos.nix")),
    ])
}

pub(super) fn flake_utils() -> Files {
    files(&[("flake.nix", include_str!("flake-utils/flake.nix"))])
}

pub(super) fn flake_parts() -> Files {
    files(&[("flake.nix", include_str!("flake-parts/flake.nix"))])
}

/// The library of nixpkgs alone.
pub(super) fn nixpkgs_lib() -> Files {
    files(&[
        ("flake.nix", "{ outputs = { self }: { lib = import ./lib.nix; }; }\n"),
        ("lib.nix", include_str!("nixpkgs/lib.nix")),
        ("modules.nix", include_str!("nixpkgs/modules.nix")),
    ])
}

pub(super) fn home_manager() -> Files {
    files(&[("flake.nix", include_str!("home-manager/flake.nix"))])
}

fn files(all: &[(&str, &str)]) -> Files {
    all.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

pub(super) fn wrapper(wrapper: Wrapper) -> Files {
    let text = format!(
        "{{
  inputs.nixpkgs.url = \"github:NixOS/nixpkgs/nixos-24.11\";
  outputs = {{ self, nixpkgs }}: {{
    inherit (nixpkgs) lib nixosModules htmlDocs;
    legacyPackages = nixpkgs.lib.genAttrs [ \"x86_64-linux\" \"aarch64-linux\" ] (system:
      import nixpkgs {{ inherit system; config = {{ {} }}; }});
  }};
}}
",
        wrapper.settings.text()
    );
    files(&[("flake.nix", &text)])
}

/// An instance of this nixpkgs, for the system in scope.
pub(super) fn made_by(from: From, source: &str, wrapper: &str, overlays: &[String]) -> String {
    let extended = |mut text: String| {
        for overlay in overlays {
            text = format!("({text}.extend {overlay})");
        }
        text
    };
    match from {
        From::Legacy => extended(format!("{source}.legacyPackages.${{system}}")),
        From::Wrapper => extended(format!("{wrapper}.legacyPackages.${{system}}")),
        From::Import(settings) => {
            let config = match settings {
                Settings::Nothing => String::new(),
                settings => format!(" config = {{ {} }};", settings.text()),
            };
            let overlays = match overlays {
                [] => String::new(),
                overlays => format!(" overlays = {};", list(overlays)),
            };
            format!("import {source} {{ inherit system;{config}{overlays} }}")
        }
    }
}
