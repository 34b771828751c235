//! flake-utils-plus and digga: `channels`, `channelsConfig`, `hosts`, `outputsBuilder`.

use super::folders::{at, channel, host, main_input, one_system, set_of, special};
use super::{Call, Framework, one};
use crate::evaluate::machine::Machine;
use crate::evaluate::unions::sets_of;
use crate::evaluate::value::{Base, Value};
use crate::syntax::Name;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["gytis-ivaskevicius/flake-utils-plus", "divnix/digga"],
    source: "lib/mkFlake.nix, src/mkFlake, 2026-11",
    marks: &[],
    arity: one,
    call,
};

fn call(machine: &mut Machine<'_>, call: &Call<'_>) -> Option<Value> {
    if !matches!(call.function, "mkFlake" | "systemFlake") {
        return None;
    }
    let arg = machine.force_known(call.arg(0)?);
    let flake = call.slot.flake;
    let channels = channels(machine, call, &arg);
    let main = channels.iter().find(|(name, _)| &**name == "nixpkgs").or(channels.first());
    let main = main.map(|(_, packages)| packages.clone());
    let mut outputs: Vec<(Name, Value)> = Vec::new();
    let mut hosts: Vec<(Name, Value)> = Vec::new();
    for upper in [&[][..], &["nixos"][..]] {
        let path = |name: &'static str| upper.iter().copied().chain([name]).collect::<Vec<_>>();
        let shared: Vec<Value> = [path("hostDefaults"), path("hostDefaults")]
            .into_iter()
            .take(1)
            .filter_map(|path| {
                let path: Vec<_> = path.into_iter().chain(["modules"]).collect();
                at(machine, &arg, &path)
            })
            .collect();
        let Some(all) = at(machine, &arg, &path("hosts")) else { continue };
        let mut sets = Vec::new();
        sets_of(&all, &mut sets);
        for attr in sets.iter().flat_map(|set| set.attrs.clone()) {
            let of = machine.force_known(attr.thunk);
            let mut modules: Vec<Value> = at(machine, &of, &["modules"]).into_iter().collect();
            modules.extend(shared.iter().cloned());
            let named = match at(machine, &of, &["channelName"]) {
                Some(Value::Text(name)) => {
                    channels.iter().find(|(known, _)| *known == name).map(|(_, p)| p.clone())
                }
                _ => None,
            };
            let special = special(machine, flake);
            let packages = named.or_else(|| main.clone());
            let made = host(machine, packages.as_ref(), Base::Other, modules, special, call.place);
            hosts.push((attr.name, made));
        }
    }
    if !hosts.is_empty() {
        outputs.push(("nixosConfigurations".into(), set_of(machine, hosts)));
    }
    if let Some(builder) = at(machine, &arg, &["outputsBuilder"]) {
        let given = set_of(machine, channels);
        let built = machine.apply_to(&builder, given, call.place);
        let mut sets = Vec::new();
        sets_of(&built, &mut sets);
        for attr in sets.iter().flat_map(|set| set.attrs.clone()) {
            let value = machine.force(attr.thunk);
            outputs.push((attr.name, one_system(machine, value)));
        }
    }
    Some(set_of(machine, outputs))
}

/// The package sets by their names.
fn channels(machine: &mut Machine<'_>, call: &Call<'_>, arg: &Value) -> Vec<(Name, Value)> {
    let flake = call.slot.flake;
    let common = at(machine, arg, &["channelsConfig"]);
    let overlays = at(machine, arg, &["sharedOverlays"]);
    let mut sets = Vec::new();
    if let Some(channels) = at(machine, arg, &["channels"]) {
        sets_of(&channels, &mut sets);
    }
    let mut named: Vec<(Name, Value)> = Vec::new();
    for channel in sets.iter().flat_map(|set| set.attrs.clone()) {
        let value = machine.force_known(channel.thunk);
        named.push((channel.name, value));
    }
    if !named.iter().any(|(name, _)| &**name == "nixpkgs") && main_input(machine, flake).is_some() {
        named.push(("nixpkgs".into(), Value::no_attrs()));
    }
    let mut made = Vec::new();
    for (name, of) in named {
        let slot = match at(machine, &of, &["input"]) {
            Some(Value::Flake(slot, _)) => Some(slot),
            _ => machine.world.input_named(flake, &name),
        };
        let Some(slot) = slot else { continue };
        let config = match (common.clone(), at(machine, &of, &["config"])) {
            (Some(common), Some(own)) => Some(machine.merge(common, own, 0)),
            (common, own) => common.or(own),
        };
        let packages = channel(machine, slot, config, overlays.clone(), call.place);
        made.push((name, packages));
    }
    made
}
