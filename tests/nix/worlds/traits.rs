//! Features that occur in a world, in words, so that none is forgotten.

use std::collections::BTreeSet;
use std::fmt::Debug;

use super::shape::{Layer, Main, Shape, Take};

/// Features that some world must have, if there are enough worlds.
pub(super) const ALL: [&str; 64] = [
    "style Plain",
    "style Each",
    "style Utils",
    "style Parts",
    "helper",
    "exported",
    "instance in a file",
    "mapped",
    "take Optional",
    "wrapper",
    "wrapper declared",
    "wrapper of its own nixpkgs",
    "wrapper Permissions",
    "wrapper Rocm",
    "second nixpkgs",
    "instance Legacy",
    "instance Import",
    "instance Wrapper",
    "instance with overlay",
    "slot Own",
    "slot Root",
    "slot Second",
    "slot Wrapper",
    "slot Of",
    "below Own",
    "below Holder",
    "below Root",
    "below Wrapper",
    "below Shared",
    "three deep",
    "dep Legacy",
    "dep Import",
    "dep Wrapper",
    "dep second",
    "dep layered",
    "making Derivation",
    "making File",
    "making Script",
    "making Shell",
    "making Env",
    "making Python",
    "making Picked",
    "hold Sub",
    "hold Second",
    "hold Switched",
    "module Given",
    "module Own",
    "module Sets",
    "module Layers",
    "main Instance",
    "main Argument",
    "main Given",
    "main Module Plain",
    "main Module On",
    "main Module Off",
    "main Module Forced",
    "main Module Merged",
    "layer Switched",
    "layer Fresh",
    "take Own",
    "take Home",
    "take Function",
    "take Overlay",
    "take Nested",
];

/// The name of a variant.
fn word(it: &impl Debug) -> String {
    let text = format!("{it:?}");
    text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned()
}

/// The features of this world.
pub(super) fn traits(shape: &Shape) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut add = |kind: &str, it: &dyn Debug| {
        all.insert(format!("{kind} {}", word(&it)));
    };
    add("style", &shape.style);
    for it in &shape.instances {
        add("instance", &it.from);
    }
    for it in &shape.inputs {
        add("slot", &it.slot);
    }
    for of in shape.reached() {
        let dep = &shape.deps[of];
        add("dep", &dep.from);
        dep.inputs.iter().for_each(|it| add("below", &it.slot));
        dep.packages.iter().for_each(|it| add("making", &it.making));
        dep.holds().for_each(|it| add("hold", it));
        dep.module.iter().for_each(|it| add("module", it));
    }
    for output in &shape.outputs {
        match output.main {
            Main::Module(_, switch) => add("main Module", &switch),
            other => add("main", &other),
        }
        output.layers.iter().for_each(|it: &Layer| add("layer", it));
        output.walk().for_each(|it: &Take| add("take", it));
    }
    let mut has = |name: &str, is_so: bool| {
        if is_so {
            all.insert(name.to_owned());
        }
    };
    has("helper", shape.helper);
    has("mapped", shape.mapped);
    has("exported", shape.exported.is_some());
    has("instance in a file", shape.instances.iter().any(|it| it.file));
    has("second nixpkgs", shape.second);
    if let Some(wrapper) = shape.wrapper {
        has("wrapper", true);
        has("wrapper declared", wrapper.declared);
        has("wrapper of its own nixpkgs", !wrapper.follows);
        has(&format!("wrapper {:?}", wrapper.settings), true);
    }
    has("instance with overlay", shape.instances.iter().any(|it| !it.overlays.is_empty()));
    let reached: Vec<_> = shape.reached().into_iter().map(|of| &shape.deps[of]).collect();
    has("dep second", reached.iter().any(|it| it.second.is_some()));
    has("dep layered", reached.iter().any(|it| it.layered));
    let below = |dep: usize| shape.deps[dep].inputs.iter().map(|it| it.dep);
    let is_deep = shape.inputs.iter().flat_map(|it| below(it.dep)).any(|it| below(it).count() > 0);
    has("three deep", is_deep);
    all
}
