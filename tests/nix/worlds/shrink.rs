//! Shrinks a world.

use super::shape::{Dep, From, Hold, Main, Making, Shape, Slot, Style, Switch, Take};

/// Valid worlds that are each a little smaller than this one.
pub(super) fn smaller(shape: &Shape) -> Vec<Shape> {
    let mut all: Vec<Shape> = Vec::new();
    let mut add = |change: &dyn Fn(&mut Shape)| {
        let mut less = shape.clone();
        change(&mut less);
        if less.is_whole() {
            all.push(less);
        }
    };
    for at in 0..shape.outputs.len() {
        if shape.outputs.len() > 1 {
            add(&|it| {
                it.outputs.remove(at);
            });
        }
    }
    for at in 0..shape.inputs.len() {
        add(&|it| {
            it.inputs.remove(at);
        });
        for slot in [Slot::Root, Slot::Own] {
            if shape.inputs[at].slot != slot && shape.inputs[at].slot != Slot::Root {
                add(&|it| it.inputs[at].slot = slot);
            }
        }
    }
    if let Some(wrapper) = shape.wrapper {
        add(&|it| it.wrapper = None);
        if wrapper.declared {
            add(&|it| it.wrapper.as_mut().unwrap().declared = false);
        }
        if !wrapper.follows {
            add(&|it| it.wrapper.as_mut().unwrap().follows = true);
        }
    }
    for at in 0..shape.instances.len() {
        if at + 1 == shape.instances.len() && at > 0 {
            add(&|it| {
                it.instances.pop();
            });
        }
        if !shape.instances[at].overlays.is_empty() {
            add(&|it| it.instances[at].overlays.clear());
        }
        if shape.instances[at].file {
            add(&|it| it.instances[at].file = false);
        }
        if shape.instances[at].second {
            add(&|it| it.instances[at].second = false);
        }
        if shape.instances[at].from != From::Legacy {
            add(&|it| it.instances[at].from = From::Legacy);
        }
    }
    if shape.style != Style::Plain {
        add(&|it| it.style = Style::Plain);
    }
    if shape.second {
        add(&|it| it.second = false);
    }
    if shape.exported.is_some() {
        add(&|it| it.exported = None);
    }
    if shape.mapped {
        add(&|it| it.mapped = false);
    }
    if shape.helper {
        add(&|it| it.helper = false);
    }
    for at in 0..shape.outputs.len() {
        let output = &shape.outputs[at];
        if output.with {
            add(&|it| it.outputs[at].with = false);
        }
        if !output.layers.is_empty() {
            add(&|it| it.outputs[at].layers.clear());
        }
        if output.file {
            add(&|it| it.outputs[at].file = false);
        }
        if !output.overlays.is_empty() {
            add(&|it| it.outputs[at].overlays.clear());
        }
        match output.main {
            Main::Module(settings, switch) if switch != Switch::Plain => {
                add(&|it| it.outputs[at].main = Main::Module(settings, Switch::Plain));
            }
            Main::Argument(of) | Main::Given(of) => {
                add(&|it| it.outputs[at].main = Main::Instance(of))
            }
            _ => {}
        }
        for less in fewer(&output.takes) {
            add(&|it| it.outputs[at].takes.clone_from(&less));
        }
    }
    for dep in shape.reached() {
        for less in simpler(&shape.deps[dep]) {
            add(&|it| it.deps[dep].clone_from(&less));
        }
    }
    all
}

/// Fewer things taken, or simpler ones.
fn fewer(takes: &[Take]) -> Vec<Vec<Take>> {
    let mut all = Vec::new();
    for at in 0..takes.len() {
        if takes.len() > 1 {
            let mut less = takes.to_vec();
            less.remove(at);
            all.push(less);
        }
        let held = match &takes[at] {
            Take::Nested(_, _, held) | Take::Home(_, held) | Take::Optional(_, held) => held,
            _ => continue,
        };
        // Its contents, in its place.
        let mut flat = takes.to_vec();
        flat.splice(at..=at, held.iter().cloned());
        all.push(flat);
        for held in fewer(held) {
            let mut less = takes.to_vec();
            less[at] = match &takes[at] {
                Take::Nested(kind, of, _) => Take::Nested(*kind, *of, held),
                Take::Home(settings, _) => Take::Home(*settings, held),
                Take::Optional(is_on, _) => Take::Optional(*is_on, held),
                other => other.clone(),
            };
            all.push(less);
        }
    }
    all
}

/// A dependency with less in it, or made in a simpler way.
fn simpler(dep: &Dep) -> Vec<Dep> {
    let mut all = Vec::new();
    let mut add = |change: &dyn Fn(&mut Dep)| {
        let mut less = dep.clone();
        change(&mut less);
        all.push(less);
    };
    if dep.systems {
        add(&|it| it.systems = false);
    }
    if dep.optional {
        add(&|it| it.optional = false);
    }
    if dep.second.is_some() {
        add(&|it| it.second = None);
    }
    if dep.shared {
        add(&|it| it.shared = false);
    }
    if dep.layered {
        add(&|it| it.layered = false);
    }
    if dep.module.is_some() {
        add(&|it| it.module = None);
    }
    if dep.overlay.is_some() {
        add(&|it| it.overlay = None);
    }
    if dep.function.is_some() {
        add(&|it| it.function = None);
    }
    if dep.from != From::Legacy {
        add(&|it| it.from = From::Legacy);
    }
    for at in 0..dep.inputs.len() {
        add(&|it| {
            it.inputs.remove(at);
        });
    }
    for at in 0..dep.packages.len() {
        add(&|it| {
            it.packages.remove(at);
        });
        if !matches!(dep.packages[at].making, Making::Derivation | Making::Picked) {
            add(&|it| it.packages[at].making = Making::Derivation);
        }
        for hold in 0..dep.packages[at].holds.len() {
            if dep.packages[at].holds.len() > 1 {
                add(&|it| {
                    it.packages[at].holds.remove(hold);
                });
            }
            // The package of another dependency, made by itself.
            if matches!(dep.packages[at].holds[hold], Hold::Sub(..)) {
                add(&|it| it.packages[at].holds[hold] = Hold::Package("onnxruntime"));
            }
        }
    }
    all
}
