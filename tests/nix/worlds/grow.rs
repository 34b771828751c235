//! Random worlds.

use super::shape::{
    CHANGED, Dep, Export, From, Hold, Input, Instance, Kind, Layer, Main, Making, NAMES, OUTPUTS,
    Output, Package, SWITCHABLE, Settings, Shape, Slot, Style, Switch, Take, UNCHANGED, Use,
    Wrapper,
};
use crate::identity::Dice;

/// The world for these random numbers.
pub(super) fn shape(dice: &mut Dice) -> Shape {
    loop {
        let shape = Growing { dice }.shape();
        if shape.is_whole() {
            return shape;
        }
    }
}

struct Growing<'d> {
    dice: &'d mut Dice,
}

impl Growing<'_> {
    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        *self.dice.pick(all).unwrap()
    }

    fn package(&mut self) -> &'static str {
        if self.dice.percent(50) { self.pick(&CHANGED) } else { self.pick(&UNCHANGED) }
    }

    /// Settings for something.
    fn gpu(&mut self) -> Settings {
        match self.dice.below(10) {
            0 => Settings::Permissions,
            1 | 2 => Settings::Rocm,
            _ => Settings::Cuda,
        }
    }

    fn shape(mut self) -> Shape {
        let wrapper = self.dice.percent(45).then(|| Wrapper {
            settings: self.gpu(),
            follows: self.dice.percent(75),
            declared: self.dice.percent(30),
        });
        let count = 1 + self.dice.below(NAMES.len());
        let deps: Vec<Dep> = (0..count).map(|at| self.dep(at, count)).collect();
        let style = match self.dice.below(10) {
            0..4 => Style::Plain,
            4..7 => Style::Each,
            7 | 8 => Style::Utils,
            _ => Style::Parts,
        };
        let helper = self.dice.percent(25);
        let mut shape = Shape {
            style,
            helper,
            mapped: helper && self.dice.percent(40),
            wrapper,
            second: self.dice.percent(20),
            instances: Vec::new(),
            deps,
            inputs: Vec::new(),
            outputs: Vec::new(),
            exported: None,
        };
        shape.inputs = self.inputs(&shape);
        // What a dependency takes has to exist.
        for dep in (0..count).rev() {
            let shared = shape.wrapper.is_some_and(|it| it.settings == Settings::Cuda);
            let it = &mut shape.deps[dep];
            it.shared = it.from == From::Wrapper && shared && self.dice.percent(50);
            if self.dice.percent(15) {
                let slot = self.pick(&[Slot::Own, Slot::Root, Slot::Second]);
                it.second = (slot != Slot::Second || shape.second).then_some(slot);
            }
            let grown = self.packages(&shape, dep);
            shape.deps[dep] = grown;
        }
        shape.instances = self.instances(&shape);
        if self.dice.percent(15)
            && let Take::Dep(dep, name) = self.taken(&shape)
        {
            shape.exported = Some((self.gpu(), dep, name));
        }
        let outputs = 1 + self.dice.below(4);
        for name in OUTPUTS.iter().take(outputs) {
            let output = self.output(&shape, name);
            shape.outputs.push(output);
        }
        shape
    }

    /// A dependency without its outputs.
    fn dep(&mut self, at: usize, count: usize) -> Dep {
        let from = match self.dice.below(10) {
            0..6 => From::Legacy,
            6 | 7 => From::Import(Settings::Nothing),
            8 => From::Import(Settings::Permissions),
            9 if self.dice.percent(25) => From::Wrapper,
            _ => From::Import(if self.dice.percent(75) { Settings::Cuda } else { Settings::Rocm }),
        };
        let mut inputs = Vec::new();
        for dep in at + 1..count {
            if from != From::Wrapper && self.dice.percent(25) {
                let slot = self.pick(&[
                    Slot::Own,
                    Slot::Holder,
                    Slot::Holder,
                    Slot::Root,
                    Slot::Wrapper,
                    Slot::Shared,
                ]);
                inputs.push(Input { dep, slot });
            }
        }
        Dep {
            from,
            systems: self.dice.percent(50),
            inputs,
            packages: Vec::new(),
            module: None,
            optional: self.dice.percent(50),
            layered: false,
            second: None,
            shared: false,
            overlay: None,
            function: None,
        }
    }

    fn inputs(&mut self, shape: &Shape) -> Vec<Input> {
        let mut inputs: Vec<Input> = Vec::new();
        for dep in 0..shape.deps.len() {
            if dep == 0 || self.dice.percent(60) {
                let slot = match self.dice.below(10) {
                    0..5 => Slot::Root,
                    5 | 6 => Slot::Own,
                    7 if dep > 0 => Slot::Of(0),
                    8 if shape.second => Slot::Second,
                    _ if shape.wrapper.is_some() => Slot::Wrapper,
                    _ => Slot::Root,
                };
                inputs.push(Input { dep, slot });
            }
        }
        inputs
    }

    fn packages(&mut self, shape: &Shape, of: usize) -> Dep {
        let mut dep = shape.deps[of].clone();
        // Its overlay comes first, because its packages may be made with it.
        dep.overlay = self.export(shape, &dep, 35);
        dep.layered = matches!(dep.overlay, Some(Export::Given(_))) && self.dice.percent(60);
        let names = ["default", "viewer", "server"];
        for name in names.iter().take(1 + self.dice.below(3)) {
            let making = self.pick(&[
                Making::Derivation,
                Making::Derivation,
                Making::File,
                Making::File,
                Making::Script,
                Making::Shell,
                Making::Env,
                Making::Python,
                Making::Picked,
            ]);
            let count = if making == Making::Picked { 1 } else { 1 + self.dice.below(3) };
            let mut holds: Vec<Hold> = (0..count).map(|_| self.hold(shape, &dep)).collect();
            if dep.layered && self.dice.percent(50) {
                holds[0] = Hold::Tool;
            }
            dep.packages.push(Package { name, making, holds });
        }
        dep.module = self.export(shape, &dep, 35);
        if self.dice.percent(14) {
            dep.optional = false;
            dep.module = Some(if dep.overlay.is_some() && self.dice.percent(60) {
                Export::Layers
            } else {
                Export::Sets(self.pick(&[Settings::Cuda, Settings::Cuda, Settings::Permissions]))
            });
        }
        if dep.overlay.is_none() && self.dice.percent(20) {
            dep.overlay = Some(Export::Own(dep.packages[0].name));
        }
        if self.dice.percent(25) {
            dep.function = Some(vec![self.hold(shape, &dep), self.hold(shape, &dep)]);
        }
        dep
    }

    fn export(&mut self, shape: &Shape, dep: &Dep, often: usize) -> Option<Export> {
        if !self.dice.percent(often) {
            return None;
        }
        Some(if self.dice.percent(50) {
            match self.dice.pick(&dep.packages) {
                Some(package) => Export::Own(package.name),
                None => return None,
            }
        } else {
            Export::Given(vec![self.hold(shape, dep)])
        })
    }

    fn hold(&mut self, shape: &Shape, dep: &Dep) -> Hold {
        if self.dice.percent(35)
            && let Some(sub) = self.dice.pick(&dep.inputs).map(|it| it.dep)
            && let Some(package) = self.dice.pick(&shape.deps[sub].packages)
        {
            return Hold::Sub(sub, package.name);
        }
        if dep.second.is_some() && self.dice.percent(30) {
            return Hold::Second(self.package());
        }
        if self.dice.percent(4) {
            Hold::Switched(self.pick(&SWITCHABLE))
        } else {
            Hold::Package(self.package())
        }
    }

    fn instances(&mut self, shape: &Shape) -> Vec<Instance> {
        let count = 1 + self.dice.below(3);
        (0..count)
            .map(|_| {
                let from = match self.dice.below(10) {
                    0..3 => From::Legacy,
                    3 => From::Import(Settings::Nothing),
                    4 => From::Import(Settings::Permissions),
                    _ if shape.wrapper.is_some() && self.dice.percent(75) => From::Wrapper,
                    _ => From::Import(self.gpu()),
                };
                let second = shape.second && from != From::Wrapper && self.dice.percent(35);
                Instance {
                    from,
                    second,
                    file: self.dice.percent(20),
                    overlays: self.overlays(shape, 25),
                }
            })
            .collect()
    }

    /// Overlays of dependencies that have one.
    fn overlays(&mut self, shape: &Shape, often: usize) -> Vec<usize> {
        let held = shape.inputs.iter().map(|it| it.dep);
        held.filter(|dep| shape.deps[*dep].overlay.is_some() && self.dice.percent(often)).collect()
    }

    fn output(&mut self, shape: &Shape, name: &'static str) -> Output {
        let kind = match self.dice.below(24) {
            0..7 => Kind::Host,
            7..9 => Kind::Home,
            9..12 => Kind::Shell,
            12 => Kind::Env,
            13 => Kind::Tool,
            14 => Kind::File,
            15 => Kind::Script,
            16 => Kind::App,
            17 => Kind::Python,
            18 => Kind::Join,
            19 => self.pick(&[Kind::Application, Kind::Run]),
            20 => Kind::Check,
            21 => Kind::Picked,
            _ => Kind::Handed,
        };
        let of = self.dice.below(shape.instances.len());
        let main = match (kind, self.dice.below(10)) {
            (Kind::Host, 0 | 1) => Main::Instance(of),
            (Kind::Host, 2) => Main::Argument(of),
            (Kind::Host, 3) => Main::Given(of),
            (Kind::Host, 4 | 5) => Main::Module(Settings::Nothing, Switch::Plain),
            (Kind::Host, _) => {
                let switch = self.pick(&[
                    Switch::Plain,
                    Switch::Plain,
                    Switch::On,
                    Switch::Off,
                    Switch::Forced,
                    Switch::Merged,
                ]);
                Main::Module(self.gpu(), switch)
            }
            _ => Main::Instance(of),
        };
        let is_layered = kind == Kind::Host && !matches!(main, Main::Given(_));
        let overlays = if is_layered { self.overlays(shape, 35) } else { Vec::new() };
        let file = matches!(kind, Kind::Host | Kind::Home) && self.dice.percent(50);
        let mut layers = Vec::new();
        if matches!(main, Main::Module(..)) && self.dice.percent(15) {
            layers.push(Layer::Switched(self.pick(&["onnxruntime", "ollama"])));
        }
        if matches!(main, Main::Module(..)) && self.dice.percent(25) {
            let of = self.dice.below(shape.instances.len());
            layers.push(Layer::Fresh(of, self.package()));
        }
        let with = self.dice.percent(30);
        let mut output =
            Output { kind, name, main, overlays, layers, takes: Vec::new(), file, with };
        output.takes = match kind {
            Kind::Picked => vec![Take::Package(None, self.package())],
            Kind::Handed => vec![self.taken(shape)],
            _ => (0..1 + self.dice.below(4)).map(|_| self.take(shape, &output, 0)).collect(),
        };
        if matches!(kind, Kind::Host | Kind::Home | Kind::Shell) && self.dice.percent(20) {
            let (is_on, count) = (self.dice.percent(50), 1 + self.dice.below(2));
            let takes = (0..count).map(|_| self.take(shape, &output, 1)).collect();
            output.takes.push(Take::Optional(is_on, takes));
        }
        if kind == Kind::Host && self.dice.percent(20) {
            let settings = if self.dice.percent(60) {
                None
            } else {
                Some(if self.dice.percent(50) { Settings::Nothing } else { self.gpu() })
            };
            let count = 1 + self.dice.below(2);
            let takes = (0..count).map(|_| self.take(shape, &output, 1)).collect();
            output.takes.push(Take::Home(settings, takes));
        }
        // A module with options is imported only once.
        let mut modules = Vec::new();
        output.takes.retain(|take| match take {
            Take::Module(dep, _) if modules.contains(dep) => false,
            Take::Module(dep, _) => {
                modules.push(*dep);
                true
            }
            _ => true,
        });
        output
    }

    /// A package of a dependency.
    fn taken(&mut self, shape: &Shape) -> Take {
        let dep = self.dice.pick(&shape.inputs).unwrap().dep;
        Take::Dep(dep, self.dice.pick(&shape.deps[dep].packages).unwrap().name)
    }

    fn take(&mut self, shape: &Shape, output: &Output, depth: usize) -> Take {
        let dep = self.dice.pick(&shape.inputs).unwrap().dep;
        let takes_modules = depth == 0 && matches!(output.kind, Kind::Host | Kind::Home);
        let other = self.dice.percent(25).then(|| self.dice.below(shape.instances.len()));
        match self.dice.below(20) {
            0..5 => Take::Package(None, self.package()),
            5 => Take::Package(other, self.package()),
            16 if self.dice.percent(30) => Take::Switched(self.pick(&SWITCHABLE)),
            6..9 if takes_modules && shape.deps[dep].module.is_some() => Take::Module(
                dep,
                self.pick(&[Use::Enabled, Use::Enabled, Use::Imported, Use::Replaced]),
            ),
            // Inside another builder the packages come from another instance, which may not have
            // the overlay.
            9 | 10 if depth == 0 => {
                let mut made = output.overlays.clone();
                if let Main::Instance(of) | Main::Argument(of) | Main::Given(of) = output.main {
                    made.extend(&shape.instances[of].overlays);
                }
                match self.dice.pick(&made) {
                    Some(dep) => Take::Overlay(*dep),
                    None => self.taken(shape),
                }
            }
            14 | 17
                if depth == 0 && output.layers.iter().any(|it| matches!(it, Layer::Fresh(..))) =>
            {
                Take::Fresh
            }
            15 => {
                let own: Vec<&'static str> =
                    shape.outputs.iter().filter(|it| it.is_package()).map(|it| it.name).collect();
                match self.dice.pick(&own) {
                    Some(name) => Take::Own(name),
                    None => self.taken(shape),
                }
            }
            11 if shape.deps[dep].function.is_some() => Take::Function(dep),
            12 | 13 if depth < 2 => {
                let kind =
                    self.pick(&[Kind::Env, Kind::Python, Kind::Script, Kind::File, Kind::Join]);
                let count = 1 + self.dice.below(2);
                let takes = (0..count).map(|_| self.take(shape, output, depth + 1)).collect();
                Take::Nested(kind, other, takes)
            }
            _ => self.taken(shape),
        }
    }
}
