//! flake-utils-plus and digga: `channels`, `channelsConfig`, `hosts`, `outputsBuilder`.

use super::folders::{
    at, channel, later_host, list_of, one_system, other_outputs, set_of, settings_module, special,
};
use super::{Call, Framework, one};
use crate::evaluate::facts::Place;
use crate::evaluate::machine::Machine;
use crate::evaluate::unions::sets_of;
use crate::evaluate::value::{SetAttr, Thunk, Value, attr};
use crate::evaluate::world::{FlakeId, Slot};
use crate::syntax::Name;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["gytis-ivaskevicius/flake-utils-plus", "divnix/digga"],
    source: "lib/mkFlake.nix, src/mkFlake, 2026-11",
    marks: &[],
    arity: one,
    call,
};

/// What `mkFlake` takes that are no outputs.
const OPTIONS: [&str; 16] = [
    "self",
    "inputs",
    "hosts",
    "hostDefaults",
    "nixosProfiles",
    "channels",
    "channelsConfig",
    "sharedOverlays",
    "supportedSystems",
    "outputsBuilder",
    // Those of digga.
    "nixos",
    "darwin",
    "home",
    "devshell",
    "importables",
    "exportedModules",
];

fn call(machine: &mut Machine<'_>, call: &Call<'_>) -> Option<Value> {
    if !matches!(call.function, "mkFlake" | "systemFlake") {
        return None;
    }
    let arg = machine.force_known(call.arg(0)?);
    let channels = channels(machine, call, &arg);
    let mut outputs: Vec<(Name, Vec<SetAttr>)> = Vec::new();
    for upper in [&[][..], &["nixos"][..]] {
        let path = |name: &'static str| upper.iter().copied().chain([name]).collect::<Vec<_>>();
        let shared = at(machine, &arg, &path("hostDefaults"));
        let Some(all) = at(machine, &arg, &path("hosts")) else { continue };
        let mut sets = Vec::new();
        sets_of(&all, &mut sets);
        for of in sets.iter().flat_map(|set| set.attrs.clone()) {
            let own = machine.force_known(of.thunk);
            let all = [Some(own), shared.clone()].into_iter().flatten().collect();
            let host = Host { channels: &channels, all, place: call.place };
            let (output, made) = host.made(machine, call.slot.flake);
            match outputs.iter_mut().find(|(known, _)| *known == output) {
                Some((_, hosts)) => hosts.push(attr(of.name, made)),
                None => outputs.push((output, vec![attr(of.name, made)])),
            }
        }
    }
    let outputs = outputs.into_iter().map(|(name, all)| (name, Value::set(all, None, false)));
    let mut outputs = outputs.collect::<Vec<_>>();
    if let Some(builder) = at(machine, &arg, &["outputsBuilder"]) {
        let given = packages_of(machine, &channels, call.place);
        let built = machine.apply_to(&builder, given, call.place);
        let mut sets = Vec::new();
        sets_of(&built, &mut sets);
        for attr in sets.iter().flat_map(|set| set.attrs.clone()) {
            let value = machine.force(attr.thunk);
            outputs.push((attr.name, one_system(machine, value)));
        }
    }
    let outputs = set_of(machine, outputs);
    Some(other_outputs(machine, &arg, &OPTIONS, outputs))
}

/// A host, by what is said of it and, after that, of all.
struct Host<'c> {
    channels: &'c [Channel],
    all: Vec<Value>,
    place: Option<Place>,
}

impl Host<'_> {
    fn get(&self, machine: &mut Machine<'_>, name: &str) -> Option<Value> {
        self.all.iter().find_map(|of| at(machine, of, &[name]))
    }

    fn text(&self, machine: &mut Machine<'_>, name: &str) -> Option<Name> {
        match self.get(machine, name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Which output it is, and the host: of its channel, whose settings its own modules add to.
    fn made(&self, machine: &mut Machine<'_>, flake: FlakeId) -> (Name, Thunk) {
        let output = self.text(machine, "output");
        let output = output.unwrap_or_else(|| "nixosConfigurations".into());
        let channel = self.text(machine, "channelName").unwrap_or_else(|| "nixpkgs".into());
        let channel = self.channels.iter().find(|of| of.name == channel);
        let channel = channel.or(self.channels.first());
        let mut modules = Vec::new();
        for of in &self.all {
            modules.extend(at(machine, of, &["modules"]));
        }
        if let Some(channel) = channel {
            let (config, overlays) = (channel.config.clone(), channel.overlays.clone());
            modules.push(settings_module(machine, config, overlays));
        }
        let mut given = special(machine, flake);
        for of in &self.all {
            for name in ["specialArgs", "extraArgs"] {
                let Some(more) = at(machine, of, &[name]) else { continue };
                let mut sets = Vec::new();
                sets_of(&more, &mut sets);
                given.extend(sets.iter().flat_map(|set| set.attrs.clone()));
            }
        }
        let made = match (self.get(machine, "builder"), channel) {
            (None, Some(channel)) => {
                later_host(machine, None, channel.slot, modules, given, self.place)
            }
            (builder, _) => {
                let modules = list_of(machine, modules);
                let given = Value::set(given, None, true);
                let args = set_of(
                    machine,
                    vec![("modules".into(), modules), ("specialArgs".into(), given)],
                );
                let args = machine.done(args);
                let builder = builder.unwrap_or_else(Value::outside);
                machine.call_thunk_at(&builder, vec![args], self.place)
            }
        };
        (output, made)
    }
}

/// A package set.
#[derive(Clone)]
struct Channel {
    name: Name,
    slot: Slot,
    config: Option<Value>,
    overlays: Option<Value>,
}

fn packages_of(machine: &mut Machine<'_>, channels: &[Channel], place: Option<Place>) -> Value {
    let made = channels.iter().map(|of| {
        let (config, overlays) = (of.config.clone(), of.overlays.clone());
        (of.name.clone(), channel(machine, of.slot, config, overlays, place))
    });
    let made = made.collect();
    set_of(machine, made)
}

/// The package sets: of the inputs that are a nixpkgs, and those that the argument names.
fn channels(machine: &mut Machine<'_>, call: &Call<'_>, arg: &Value) -> Vec<Channel> {
    let flake = call.slot.flake;
    let common = at(machine, arg, &["channelsConfig"]);
    let shared = at(machine, arg, &["sharedOverlays"]);
    let mut sets = Vec::new();
    if let Some(channels) = at(machine, arg, &["channels"]) {
        sets_of(&channels, &mut sets);
    }
    let mut named: Vec<(Name, Value)> = Vec::new();
    for channel in sets.iter().flat_map(|set| set.attrs.clone()) {
        let value = machine.force_known(channel.thunk);
        named.push((channel.name, value));
    }
    for (name, slot) in machine.inputs_of(flake) {
        if machine.world.is_nixpkgs(slot) && !named.iter().any(|(known, _)| *known == name) {
            named.push((name, Value::no_attrs()));
        }
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
        let overlays = shared.clone();
        made.push((of, Channel { name, slot, config, overlays }));
    }
    // Overlays that are made of all channels.
    let mut plain: Option<Value> = None;
    let names: Vec<Value> = made.iter().map(|(of, _)| of.clone()).collect();
    for (at_index, of) in names.iter().enumerate() {
        let Some(builder) = at(machine, of, &["overlaysBuilder"]) else { continue };
        let all = match plain.clone() {
            Some(all) => all,
            None => {
                let all: Vec<Channel> = made.iter().map(|(_, of)| of.clone()).collect();
                packages_of(machine, &all, call.place)
            }
        };
        plain = Some(all.clone());
        let more = machine.apply_to(&builder, all, call.place);
        if let Some((_, channel)) = made.get_mut(at_index) {
            let all = channel.overlays.take().into_iter().chain([more]).collect();
            channel.overlays = Some(list_of(machine, all));
        }
    }
    made.into_iter().map(|(_, channel)| channel).collect()
}
