//! flake-utils-plus and digga: `channels`, `channelsConfig`, `hosts`, `outputsBuilder`.

use super::folders::{at, channel, host, main_input, one_system, set_of, special};
use super::{Framework, FrameworkCall, one};
use crate::evaluate::evaluator::Evaluator;
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

fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    if !matches!(call.function, "mkFlake" | "systemFlake") {
        return None;
    }
    let arg = evaluator.force_known(call.arg(0)?);
    let flake = call.slot.flake;
    let channels = channels(evaluator, call, &arg);
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
                at(evaluator, &arg, &path)
            })
            .collect();
        let Some(all) = at(evaluator, &arg, &path("hosts")) else { continue };
        let mut sets = Vec::new();
        sets_of(&all, &mut sets);
        for attr in sets.iter().flat_map(|set| set.attrs.clone()) {
            let of = evaluator.force_known(attr.thunk);
            let mut modules: Vec<Value> = at(evaluator, &of, &["modules"]).into_iter().collect();
            modules.extend(shared.iter().cloned());
            let named = match at(evaluator, &of, &["channelName"]) {
                Some(Value::Text(name)) => {
                    channels.iter().find(|(known, _)| *known == name).map(|(_, p)| p.clone())
                }
                _ => None,
            };
            let special = special(evaluator, flake);
            let packages = named.or_else(|| main.clone());
            let made =
                host(evaluator, packages.as_ref(), Base::Other, modules, special, call.place);
            hosts.push((attr.name, made));
        }
    }
    if !hosts.is_empty() {
        outputs.push(("nixosConfigurations".into(), set_of(evaluator, hosts)));
    }
    if let Some(builder) = at(evaluator, &arg, &["outputsBuilder"]) {
        let given = set_of(evaluator, channels);
        let built = evaluator.apply_to(&builder, given, call.place);
        let mut sets = Vec::new();
        sets_of(&built, &mut sets);
        for attr in sets.iter().flat_map(|set| set.attrs.clone()) {
            let value = evaluator.force(attr.thunk);
            outputs.push((attr.name, one_system(evaluator, value)));
        }
    }
    Some(set_of(evaluator, outputs))
}

/// The package sets by their names.
fn channels(
    evaluator: &mut Evaluator<'_>,
    call: &FrameworkCall<'_>,
    arg: &Value,
) -> Vec<(Name, Value)> {
    let flake = call.slot.flake;
    let common = at(evaluator, arg, &["channelsConfig"]);
    let overlays = at(evaluator, arg, &["sharedOverlays"]);
    let mut sets = Vec::new();
    if let Some(channels) = at(evaluator, arg, &["channels"]) {
        sets_of(&channels, &mut sets);
    }
    let mut named: Vec<(Name, Value)> = Vec::new();
    for channel in sets.iter().flat_map(|set| set.attrs.clone()) {
        let value = evaluator.force_known(channel.thunk);
        named.push((channel.name, value));
    }
    if !named.iter().any(|(name, _)| &**name == "nixpkgs") && main_input(evaluator, flake).is_some()
    {
        named.push(("nixpkgs".into(), Value::no_attrs()));
    }
    let mut made = Vec::new();
    for (name, of) in named {
        let slot = match at(evaluator, &of, &["input"]) {
            Some(Value::Flake(slot, _)) => Some(slot),
            _ => evaluator.world.input_named(flake, &name),
        };
        let Some(slot) = slot else { continue };
        let config = match (common.clone(), at(evaluator, &of, &["config"])) {
            (Some(common), Some(own)) => Some(evaluator.merge(common, own, 0)),
            (common, own) => common.or(own),
        };
        let packages = channel(evaluator, slot, config, overlays.clone(), call.place);
        made.push((name, packages));
    }
    made
}
