//! Whether Nix can evaluate a world.

use super::shape::{
    Dep, Export, From, Hold, Input, Kind, Layer, Main, Output, Settings, Shape, Slot, Take,
};

impl Shape {
    /// Whether only existing things are named, and everything gets what it needs.
    pub(super) fn is_whole(&self) -> bool {
        let overlay = |dep: &usize| self.is_held(*dep) && self.deps[*dep].overlay.is_some();
        let instances = self.instances.iter();
        // A flake that only passes its inputs on exists for others, whose uses are unknown.
        self.outputs.iter().any(|it| it.kind != Kind::Handed)
            && self
                .exported
                .is_none_or(|(_, dep, name)| self.is_held(dep) && self.has_package(dep, name))
            && (!self.mapped || self.helper)
            && (!self.mapped || self.outputs.iter().all(|it| !matches!(it.main, Main::Argument(_))))
            && instances.clone().all(|it| self.has(it.from) && (self.second || !it.second))
            && instances.clone().all(|it| it.overlays.iter().all(overlay))
            && self
                .outputs
                .iter()
                .enumerate()
                .all(|(at, it)| self.is_whole_output(it, at) && it.overlays.iter().all(overlay))
            && self.reached().iter().all(|dep| self.is_whole_dep(&self.deps[*dep]))
            && !(self.has_rocm() && self.has_switched())
            && self.inputs.iter().all(|it| self.is_wired(*it, None))
    }

    fn is_whole_output(&self, output: &Output, at: usize) -> bool {
        let main = match output.main {
            Main::Instance(of) | Main::Argument(of) | Main::Given(of) => self.has_instance(of),
            Main::Module(..) => output.kind == Kind::Host,
        };
        let layer = |layer: &Layer| match layer {
            Layer::Switched(_) => true,
            Layer::Fresh(of, _) => self.has_instance(*of),
        };
        let is_one = matches!(output.kind, Kind::Picked | Kind::Handed);
        // A module's options are declared once, and a host has one home.
        let modules: Vec<usize> = output
            .takes
            .iter()
            .filter_map(|take| if let Take::Module(dep, _) = take { Some(*dep) } else { None })
            .collect();
        let is_once = modules.iter().enumerate().all(|(at, dep)| !modules[..at].contains(dep));
        let homes = output.takes.iter().filter(|it| matches!(it, Take::Home(..))).count();
        let has = |is: fn(&Export) -> bool| {
            modules.iter().filter_map(|dep| self.deps[*dep].module.as_ref()).any(is)
        };
        let is_layered = has(|it| matches!(it, Export::Layers))
            || !output.layers.is_empty()
            || !output.overlays.is_empty();
        // NixOS refuses settings beside given packages, and a forced `pkgs` has no overlays.
        let sets = has(|it| matches!(it, Export::Sets(_)));
        let can_be_set = match output.main {
            Main::Module(..) => true,
            Main::Instance(_) | Main::Argument(_) => !sets || output.kind == Kind::Home,
            Main::Given(_) => !sets && !is_layered && output.kind == Kind::Host,
        };
        main && is_once
            && can_be_set
            && homes <= 1
            && output.layers.iter().all(layer)
            && output.walk().all(|take| self.can_take(take, output, at))
            && (!is_one || output.takes.len() == 1)
    }

    fn has_instance(&self, of: usize) -> bool {
        of < self.instances.len()
    }

    fn has_rocm(&self) -> bool {
        let is_rocm = |from: From| from == From::Import(Settings::Rocm);
        self.wrapper.is_some_and(|it| it.settings == Settings::Rocm)
            || self.instances.iter().any(|it| is_rocm(it.from))
            || self.reached().iter().any(|dep| is_rocm(self.deps[*dep].from))
            || self.outputs.iter().any(|it| {
                matches!(it.main, Main::Module(Settings::Rocm, _))
                    || it.walk().any(|it| matches!(it, Take::Home(Some(Settings::Rocm), _)))
            })
    }

    /// Whether something has CUDA switched on in itself, because nothing is built with both CUDA
    /// and ROCm.
    fn has_switched(&self) -> bool {
        let is_layer = |it: &Layer| matches!(it, Layer::Switched(_));
        self.outputs.iter().any(|it| {
            it.layers.iter().any(is_layer) || it.walk().any(|it| matches!(it, Take::Switched(_)))
        }) || self.reached().iter().map(|dep| &self.deps[*dep]).any(|dep| {
            matches!(dep.module, Some(Export::Sets(_)))
                || dep.holds().any(|hold| matches!(hold, Hold::Switched(_)))
        })
    }

    fn has(&self, from: From) -> bool {
        from != From::Wrapper || self.wrapper.is_some()
    }

    /// Whether it is an input of the root.
    pub(super) fn is_held(&self, dep: usize) -> bool {
        self.inputs.iter().any(|it| it.dep == dep)
    }

    fn has_package(&self, dep: usize, name: &str) -> bool {
        self.deps[dep].packages.iter().any(|it| it.name == name)
    }

    fn can_take(&self, take: &Take, output: &Output, at: usize) -> bool {
        match take {
            Take::Package(of, _) | Take::Nested(_, of, _) => {
                of.is_none_or(|of| self.has_instance(of))
            }
            Take::Switched(_) => true,
            Take::Optional(..) => matches!(output.kind, Kind::Host | Kind::Home | Kind::Shell),
            Take::Home(..) => output.kind == Kind::Host,
            Take::Fresh => output.layers.iter().any(|it| matches!(it, Layer::Fresh(..))),
            Take::Dep(dep, name) => self.is_held(*dep) && self.has_package(*dep, name),
            Take::Own(name) => {
                self.outputs[..at].iter().any(|it| it.name == *name && it.is_package())
            }
            Take::Module(dep, _) => self.is_held(*dep) && self.deps[*dep].module.is_some(),
            Take::Function(dep) => self.is_held(*dep) && self.deps[*dep].function.is_some(),
            Take::Overlay(dep) => {
                let made = match output.main {
                    Main::Instance(of) | Main::Argument(of) | Main::Given(of) => {
                        &*self.instances[of].overlays
                    }
                    Main::Module(..) => &[],
                };
                self.is_held(*dep) && (made.contains(dep) || output.overlays.contains(dep))
            }
        }
    }

    fn is_whole_dep(&self, dep: &Dep) -> bool {
        let is_layered = dep.layered && matches!(dep.overlay, Some(Export::Given(_)));
        let hold = |hold: &Hold| match hold {
            Hold::Sub(sub, name) => {
                dep.inputs.iter().any(|it| it.dep == *sub) && self.has_package(*sub, name)
            }
            Hold::Package(_) | Hold::Switched(_) => true,
            Hold::Tool => is_layered,
            Hold::Second(_) => dep.second.is_some(),
        };
        let export = |export: &Option<Export>| match export {
            None => true,
            Some(Export::Given(given)) => !given.is_empty() && !given.contains(&Hold::Tool),
            Some(Export::Own(name)) => dep.packages.iter().any(|it| it.name == *name),
            Some(Export::Sets(_)) => !dep.optional,
            Some(Export::Layers) => !dep.optional && dep.overlay.is_some(),
        };
        // Nothing is expected of what is below a dependency with a wrapper of its own.
        let is_alone = dep.from != From::Wrapper || dep.inputs.is_empty();
        let shared = self.wrapper.is_some_and(|it| it.settings == Settings::Cuda);
        let second = match dep.second {
            None | Some(Slot::Own | Slot::Root) => true,
            Some(Slot::Second) => self.second,
            _ => false,
        };
        is_alone
            && second
            && (shared || !dep.shared)
            && !matches!(dep.overlay, Some(Export::Sets(_) | Export::Layers))
            && dep.holds().all(hold)
            && dep.packages.iter().all(|it| !it.holds.is_empty())
            && dep.function.as_ref().is_none_or(|it| !it.contains(&Hold::Tool))
            && (is_layered || !dep.layered)
            && export(&dep.module)
            && export(&dep.overlay)
    }

    /// Whether an input leads to something that exists and suits it: code that imports nixpkgs
    /// itself cannot be given a wrapper.
    fn is_wired(&self, input: Input, holder: Option<Slot>) -> bool {
        let slot =
            if input.slot == Slot::Holder { holder.unwrap_or(Slot::Own) } else { input.slot };
        let is_served = match slot {
            Slot::Own | Slot::Root | Slot::Holder => true,
            Slot::Second => self.second,
            Slot::Wrapper => self.wrapper.is_some() && self.deps[input.dep].from == From::Legacy,
            Slot::Of(dep) => self.inputs.iter().find(|it| it.dep == dep).is_some_and(|it| {
                !matches!(it.slot, Slot::Of(_))
                    && self.is_wired(Input { slot: it.slot, ..input }, None)
            }),
            Slot::Shared => return holder.is_some() && self.is_held(input.dep),
        };
        let ends = match slot {
            Slot::Of(dep) => self.inputs.iter().find(|it| it.dep == dep).map_or(slot, |it| it.slot),
            other => other,
        };
        is_served && self.deps[input.dep].inputs.iter().all(|it| self.is_wired(*it, Some(ends)))
    }

    /// All dependencies that are inputs of the root or of one that is, in order.
    pub(super) fn reached(&self) -> Vec<usize> {
        let mut reached: Vec<usize> = self.inputs.iter().map(|it| it.dep).collect();
        let mut at = 0;
        while let Some(dep) = reached.get(at).copied() {
            for input in &self.deps[dep].inputs {
                if !reached.contains(&input.dep) {
                    reached.push(input.dep);
                }
            }
            at += 1;
        }
        reached.sort_unstable();
        reached.dedup();
        reached
    }
}
