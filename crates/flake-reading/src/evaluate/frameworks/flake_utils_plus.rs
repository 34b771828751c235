//! flake-utils-plus and digga: `channels`, `channelsConfig`, `hosts`, `outputsBuilder`.

use super::folders::{
    arguments, at, channel, later_host, list_of, one_system, other_outputs, platform_module,
    set_of, settings_module, special,
};
use super::{Framework, FrameworkCall, one};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::Place;
use crate::evaluate::unions::sets_of;
use crate::evaluate::value::{SetAttr, Thunk, Value, attr};
use crate::evaluate::world::{FlakeId, FlakeInput};
use crate::syntax::Name;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["gytis-ivaskevicius/flake-utils-plus", "divnix/digga"],
    source: "lib/mkFlake.nix, src/mkFlake, 2026-11",
    marks: &[],
    arity: one,
    call,
};

/// The arguments of `mkFlake` that are not outputs.
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
    // Arguments of digga.
    "nixos",
    "darwin",
    "home",
    "devshell",
    "importables",
    "exportedModules",
];

fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    if !matches!(call.function, "mkFlake" | "systemFlake") {
        return None;
    }
    let arg = evaluator.force_known(call.arg(0)?);
    let channels = channels(evaluator, call, &arg);
    let mut outputs: Vec<(Name, Vec<SetAttr>)> = Vec::new();
    for upper in [&[][..], &["nixos"][..]] {
        let path = |name: &'static str| upper.iter().copied().chain([name]).collect::<Vec<_>>();
        let shared = at(evaluator, &arg, &path("hostDefaults"));
        let Some(all) = at(evaluator, &arg, &path("hosts")) else { continue };
        let mut sets = Vec::new();
        sets_of(&all, &mut sets);
        for of in sets.iter().flat_map(|set| set.attrs.clone()) {
            let own = evaluator.force_known(of.thunk);
            let all = [Some(own), shared.clone()].into_iter().flatten().collect();
            let host = Host { channels: &channels, all, place: call.place };
            let (output, made) = host.made(evaluator, call.slot.flake);
            match outputs.iter_mut().find(|(known, _)| *known == output) {
                Some((_, hosts)) => hosts.push(attr(of.name, made)),
                None => outputs.push((output, vec![attr(of.name, made)])),
            }
        }
    }
    let outputs = outputs.into_iter().map(|(name, all)| (name, Value::set(all, None, false)));
    let mut outputs = outputs.collect::<Vec<_>>();
    if let Some(builder) = at(evaluator, &arg, &["outputsBuilder"]) {
        let given = packages_of(evaluator, &channels, call.place);
        let built = evaluator.apply_to(&builder, given, call.place);
        let mut sets = Vec::new();
        sets_of(&built, &mut sets);
        for attr in sets.iter().flat_map(|set| set.attrs.clone()) {
            let value = evaluator.force(attr.thunk);
            outputs.push((attr.name, one_system(evaluator, value)));
        }
    }
    let outputs = set_of(evaluator, outputs);
    Some(other_outputs(evaluator, &arg, &OPTIONS, outputs))
}

/// A host, from its own definition and then the defaults for all hosts.
struct Host<'c> {
    channels: &'c [Channel],
    all: Vec<Value>,
    place: Option<Place>,
}

impl Host<'_> {
    fn get(&self, evaluator: &mut Evaluator<'_>, name: &str) -> Option<Value> {
        self.all.iter().find_map(|of| at(evaluator, of, &[name]))
    }

    fn text(&self, evaluator: &mut Evaluator<'_>, name: &str) -> Option<Name> {
        match self.get(evaluator, name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The output it becomes, and the host: made with its channel, to whose settings its own
    /// modules add.
    fn made(&self, evaluator: &mut Evaluator<'_>, flake: FlakeId) -> (Name, Thunk) {
        let output = self.text(evaluator, "output");
        let output = output.unwrap_or_else(|| "nixosConfigurations".into());
        let channel = self.text(evaluator, "channelName").unwrap_or_else(|| "nixpkgs".into());
        let channel = self.channels.iter().find(|of| of.name == channel);
        let channel = channel.or(self.channels.first());
        let mut modules = Vec::new();
        for of in &self.all {
            modules.extend(at(evaluator, of, &["modules"]));
        }
        if let Some(channel) = channel {
            let (config, overlays) = (channel.config.clone(), channel.overlays.clone());
            modules.push(settings_module(evaluator, config, overlays));
            let system = self.text(evaluator, "system").unwrap_or_else(|| "x86_64-linux".into());
            modules.push(platform_module(evaluator, system));
        }
        let mut given = special(evaluator, flake);
        // Of several with one name the last counts: the host's own.
        for name in ["extraArgs", "specialArgs"] {
            for of in self.all.iter().rev() {
                given.extend(arguments(evaluator, of, &[name]));
            }
        }
        let made = match (self.get(evaluator, "builder"), channel) {
            (None, Some(channel)) => {
                later_host(evaluator, None, channel.slot, modules, given, self.place)
            }
            (builder, _) => {
                let modules = list_of(evaluator, modules);
                let given = Value::set(given, None, true);
                let args = set_of(
                    evaluator,
                    vec![("modules".into(), modules), ("specialArgs".into(), given)],
                );
                let args = evaluator.done(args);
                let builder = builder.unwrap_or_else(Value::outside);
                evaluator.call_thunk_at(&builder, vec![args], self.place)
            }
        };
        (output, made)
    }
}

/// A package set.
#[derive(Clone)]
struct Channel {
    name: Name,
    slot: FlakeInput,
    config: Option<Value>,
    overlays: Option<Value>,
}

fn packages_of(evaluator: &mut Evaluator<'_>, channels: &[Channel], place: Option<Place>) -> Value {
    let made = channels.iter().map(|of| {
        let (config, overlays) = (of.config.clone(), of.overlays.clone());
        (of.name.clone(), channel(evaluator, of.slot, config, overlays, None, place))
    });
    let made = made.collect();
    set_of(evaluator, made)
}

/// The package sets: of inputs that are a nixpkgs, and those that the argument names.
fn channels(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>, arg: &Value) -> Vec<Channel> {
    let flake = call.slot.flake;
    let common = at(evaluator, arg, &["channelsConfig"]);
    let shared = at(evaluator, arg, &["sharedOverlays"]);
    let mut sets = Vec::new();
    if let Some(channels) = at(evaluator, arg, &["channels"]) {
        sets_of(&channels, &mut sets);
    }
    let mut named: Vec<(Name, Value)> = Vec::new();
    for channel in sets.iter().flat_map(|set| set.attrs.clone()) {
        let value = evaluator.force_known(channel.thunk);
        named.push((channel.name, value));
    }
    for (name, slot) in evaluator.inputs_of(flake) {
        if evaluator.world.is_nixpkgs(slot) && !named.iter().any(|(known, _)| *known == name) {
            named.push((name, Value::no_attrs()));
        }
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
        let overlays = shared.clone();
        made.push((of, Channel { name, slot, config, overlays }));
    }
    // Overlays that are functions of all channels.
    let mut plain: Option<Value> = None;
    let names: Vec<Value> = made.iter().map(|(of, _)| of.clone()).collect();
    for (at_index, of) in names.iter().enumerate() {
        let Some(builder) = at(evaluator, of, &["overlaysBuilder"]) else { continue };
        let all = match plain.clone() {
            Some(all) => all,
            None => {
                let all: Vec<Channel> = made.iter().map(|(_, of)| of.clone()).collect();
                packages_of(evaluator, &all, call.place)
            }
        };
        plain = Some(all.clone());
        let more = evaluator.apply_to(&builder, all, call.place);
        if let Some((_, channel)) = made.get_mut(at_index) {
            let all = channel.overlays.take().into_iter().chain([more]).collect();
            channel.overlays = Some(list_of(evaluator, all));
        }
    }
    made.into_iter().map(|(_, channel)| channel).collect()
}
