//! nix-darwin: systems of Macs, made of the nixpkgs that nix-darwin is given.

use super::{Call, Framework, one};
use crate::evaluate::machine::Machine;
use crate::evaluate::value::{Base, Value};
use crate::syntax::Name;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["nix-darwin/nix-darwin", "lnl7/nix-darwin"],
    source: "flake.nix and eval-config.nix, 2026-11",
    marks: &[],
    arity: one,
    call,
};

fn call(machine: &mut Machine<'_>, call: &Call<'_>) -> Option<Value> {
    if call.function != "darwinSystem" {
        return None;
    }
    let target = machine.world.target(call.slot)?;
    let own = machine.world.input_named(target, "nixpkgs");
    let base = own.map_or(Base::Other, Base::Input);
    let system = machine.nixos_of(base, call.arg(0)?, call.place);
    if let Value::System(class) = system {
        let packages = machine.packages_of(class);
        let made = packages.and_then(|id| machine.recorder.reading.instances.get_mut(id.index()));
        if let Some(made) = made
            && made.system.is_none()
        {
            made.system = Some("aarch64-darwin".into());
        }
        machine.bind_argument(class, "system", Value::text(Name::from("aarch64-darwin")));
    }
    Some(system)
}
