//! nixos-generators: images of systems.

use super::{Call, Framework, one};
use crate::evaluate::machine::Machine;
use crate::evaluate::value::{Base, Value};

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["nix-community/nixos-generators"],
    source: "flake.nix, `nixosGenerate`, 2026-11",
    marks: &[],
    arity: one,
    call,
};

fn call(machine: &mut Machine<'_>, call: &Call<'_>) -> Option<Value> {
    if call.function != "nixosGenerate" {
        return None;
    }
    let target = machine.world.target(call.slot)?;
    let base = machine.world.input_named(target, "nixpkgs").map_or(Base::Other, Base::Input);
    Some(machine.nixos_of(base, call.arg(0)?, call.place))
}
