use std::path::Path;

use insta::assert_snapshot;

use super::*;
use crate::source::{declare::Declarations, syntax::File};

fn settings(arguments: &[&str]) -> WrapperSettings {
    let mut settings = WrapperSettings::default();
    for argument in arguments {
        settings.add(WrapperSetting::parse(argument).unwrap().0).unwrap();
    }
    settings
}

fn wrapper(arguments: &[&str]) -> WrapperFlake {
    let dir = Path::new("nixpkgs-gpu");
    WrapperFlake {
        holding: Holding::beside(dir, &Path::new("/w").join(dir), Some(vec!["nixpkgs".into()])),
        nixpkgs: NIXPKGS.into(),
        settings: settings(arguments),
        left_out: Vec::new(),
        systems: None,
        importable: false,
    }
}

/// The text, which must be a flake that Nix accepts.
fn text(wrapper: &WrapperFlake) -> String {
    let text = wrapper.to_string();
    let declarations =
        Declarations::read(&File::parse_flake(text.as_str().into()).unwrap()).unwrap();
    assert_eq!(declarations.inputs().count(), 1);
    assert!(text.lines().all(|line| line.trim_end() == line), "{text}");
    text
}

#[test]
fn plain() {
    let text = text(&wrapper(&["cudaSupport=true", "allowUnfree=true"]));
    assert!(text.lines().all(|line| line.len() <= 100), "{text}");
    assert_snapshot!(text);
}

#[test]
fn systems_and_lists() {
    let systems = Some(vec!["x86_64-linux".into(), "aarch64-linux".into()]);
    let arguments = [
        "cudaCapabilities=[\"8.6\" \"8.9\"]",
        "joypixels.acceptLicense=true",
        "permittedInsecurePackages=[\"a-1.0\"]",
    ];
    assert_snapshot!(text(&WrapperFlake { systems, ..wrapper(&arguments) }));
}

#[test]
fn importable() {
    assert_snapshot!(text(&WrapperFlake { importable: true, ..wrapper(&["rocmSupport=true"]) }));
}

#[test]
fn hostile_names_stay_in_their_places() {
    let mut made = wrapper(&["x=\"\"", "in.\"}\n=1", "y=a\n${b}''"]);
    made.left_out = vec!["a (x\ny.nix:1):\u{202e} it is set on a condition".into()];
    made.nixpkgs = "path:/x\"${y}\n".into();
    made.systems = Some(vec!["${x}\"".into()]);
    made.importable = true;
    assert_snapshot!(text(&made));
}
