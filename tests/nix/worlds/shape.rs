//! A world before it is written: plain data, so that it can be made smaller.

/// What a nixpkgs is configured with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settings {
    Nothing,
    Permissions,
    Cuda,
    Rocm,
}

impl Settings {
    /// As attributes of a set.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Permissions => "allowUnfree = true;",
            Self::Cuda => "allowUnfree = true; cudaSupport = true;",
            Self::Rocm => "rocmSupport = true;",
        }
    }

    /// What the stub calls them in what is built with them.
    pub(super) fn told(self) -> &'static str {
        match self {
            Self::Nothing | Self::Permissions => "",
            Self::Cuda => "cuda",
            Self::Rocm => "rocm",
        }
    }
}

/// Packages that a setting changes.
pub(super) const CHANGED: [&str; 4] =
    ["python3Packages.torch", "opencv", "ollama", "python3Packages.torchvision"];

/// Packages that none changes.
pub(super) const UNCHANGED: [&str; 4] = ["hello", "zlib", "git", "python3Packages.numpy"];

/// How an instance is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    Legacy,
    Import(Settings),
    /// The root's alone.
    Wrapper,
}

/// An instance that the root makes.
#[derive(Debug, Clone)]
pub(super) struct Instance {
    pub(super) from: From,
    /// Dependencies whose overlays are applied to it.
    pub(super) overlays: Vec<usize>,
}

/// What a wrapper flake does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wrapper {
    pub(super) settings: Settings,
    /// Whether it follows the root's nixpkgs.
    pub(super) follows: bool,
    /// Whether `flake-audit.toml` says that it is one.
    pub(super) declared: bool,
}

impl Wrapper {
    pub(super) fn name(self) -> &'static str {
        match self.settings {
            Settings::Nothing | Settings::Permissions => "nixpkgs-unfree",
            Settings::Cuda => "nixpkgs-gpu",
            Settings::Rocm => "nixpkgs-rocm",
        }
    }
}

/// Where an input's `nixpkgs` ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// At a node of its own.
    Own,
    /// At the root's nixpkgs.
    Root,
    Wrapper,
    /// It follows that of another input of the root.
    Of(usize),
    /// It follows that of who holds it, as that one says.
    Holder,
    /// The whole input follows the root's input of this name.
    Shared,
}

/// An input of the root or of a dependency.
#[derive(Debug, Clone, Copy)]
pub(super) struct Input {
    pub(super) dep: usize,
    pub(super) slot: Slot,
}

/// What a package of a dependency is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    Package(&'static str),
    /// With CUDA switched on in itself.
    Switched(&'static str),
    /// A package of one of its own inputs.
    Sub(usize, &'static str),
}

/// How a dependency makes a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Making {
    Derivation,
    /// `callPackage ./NAME.nix`.
    File,
    Script,
    Shell,
    Env,
    Python,
    /// It is the first thing that it holds.
    Picked,
}

/// A package of a dependency.
#[derive(Debug, Clone)]
pub(super) struct Package {
    pub(super) name: &'static str,
    pub(super) making: Making,
    pub(super) holds: Vec<Hold>,
}

/// What a module, an overlay or a function of a dependency brings.
#[derive(Debug, Clone)]
pub(super) enum Export {
    /// Made by the packages that it is given.
    Given(Vec<Hold>),
    /// A package of its own flake.
    Own(&'static str),
}

/// A flake that the root depends on, or that such a one depends on.
#[derive(Debug, Clone)]
pub(super) struct Dep {
    pub(super) from: From,
    /// Whether it says everything for each of some systems.
    pub(super) systems: bool,
    pub(super) inputs: Vec<Input>,
    pub(super) packages: Vec<Package>,
    pub(super) module: Option<Export>,
    pub(super) overlay: Option<Export>,
    pub(super) function: Option<Vec<Hold>>,
}

/// The names of dependencies.
pub(super) const NAMES: [&str; 5] = ["alpha", "beta", "gamma", "delta", "omega"];

/// What an output of the root takes.
#[derive(Debug, Clone)]
pub(super) enum Take {
    /// A package of an instance of the root's, or of that of the builder.
    Package(Option<usize>, &'static str),
    /// The builder's, with CUDA switched on in itself.
    Switched(&'static str),
    Dep(usize, &'static str),
    Module(usize),
    /// What an overlay made in the builder's instance.
    Overlay(usize),
    /// What a function makes of the builder's packages.
    Function(usize),
    /// Something that the root makes, by an instance of its own or that of the builder.
    Nested(Kind, Option<usize>, Vec<Take>),
}

/// What an output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Host,
    Home,
    Shell,
    Env,
    Tool,
    File,
    Script,
    App,
    Python,
    /// A package of an instance, as it is.
    Picked,
    /// A package of a dependency, as it is.
    Handed,
}

/// What decides on the settings of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Switch {
    /// They are set.
    Plain,
    /// A shared module has an option for them, which is on.
    On,
    /// The same, off.
    Off,
    /// Set by one module, and forced off by another.
    Forced,
    /// One of several definitions in a `mkMerge`.
    Merged,
}

/// The nixpkgs that an output is built by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Main {
    Instance(usize),
    /// The argument `pkgs` of `nixosSystem`.
    Argument(usize),
    /// A host's own.
    Module(Settings, Switch),
}

/// An output of the root.
#[derive(Debug, Clone)]
pub(super) struct Output {
    pub(super) kind: Kind,
    pub(super) name: &'static str,
    pub(super) main: Main,
    /// Overlays that a host applies.
    pub(super) overlays: Vec<usize>,
    pub(super) takes: Vec<Take>,
    /// Whether its module is a file, which gets what it names by `specialArgs`.
    pub(super) file: bool,
}

/// The names of outputs.
pub(super) const OUTPUTS: [&str; 6] = ["desk", "lap", "nas", "tower", "pi", "box"];

/// A root, and what it depends on.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) wrapper: Option<Wrapper>,
    pub(super) instances: Vec<Instance>,
    pub(super) deps: Vec<Dep>,
    /// Of the root.
    pub(super) inputs: Vec<Input>,
    pub(super) outputs: Vec<Output>,
}

impl Shape {
    /// Whether nothing is named that is not there: so Nix can evaluate it.
    pub(super) fn is_whole(&self) -> bool {
        let instance = |of: usize| self.instances.get(of).is_some_and(|it| self.has(it.from));
        let output = |it: &Output| match it.main {
            Main::Instance(of) | Main::Argument(of) => instance(of),
            Main::Module(..) => it.kind == Kind::Host,
        };
        let overlay = |dep: &usize| self.is_held(*dep) && self.deps[*dep].overlay.is_some();
        self.instances.iter().all(|it| self.has(it.from) && it.overlays.iter().all(overlay))
            && self.outputs.iter().all(|it| {
                output(it)
                    && it.overlays.iter().all(overlay)
                    && it.takes.iter().all(|take| self.can_take(take, it))
                    && (!matches!(it.kind, Kind::Picked | Kind::Handed) || it.takes.len() == 1)
            })
            && self.reached().iter().all(|dep| self.is_whole_dep(&self.deps[*dep]))
            && !(self.has_rocm() && self.has_switched())
            && self.inputs.iter().all(|it| self.is_wired(*it, None))
    }

    fn has_rocm(&self) -> bool {
        let is_rocm = |from: From| from == From::Import(Settings::Rocm);
        self.wrapper.is_some_and(|it| it.settings == Settings::Rocm)
            || self.instances.iter().any(|it| is_rocm(it.from))
            || self.reached().iter().any(|dep| is_rocm(self.deps[*dep].from))
            || self.outputs.iter().any(|it| matches!(it.main, Main::Module(Settings::Rocm, _)))
    }

    /// Whether something has CUDA switched on in itself: nothing is built with ROCm, too.
    fn has_switched(&self) -> bool {
        fn takes(all: &[Take]) -> bool {
            all.iter().any(|take| match take {
                Take::Switched(_) => true,
                Take::Nested(_, _, all) => takes(all),
                _ => false,
            })
        }
        let holds = |all: &[Hold]| all.iter().any(|it| matches!(it, Hold::Switched(_)));
        let export = |it: &Option<Export>| matches!(it, Some(Export::Given(all)) if holds(all));
        self.outputs.iter().any(|it| takes(&it.takes))
            || self.reached().iter().map(|dep| &self.deps[*dep]).any(|dep| {
                dep.packages.iter().any(|it| holds(&it.holds))
                    || export(&dep.module)
                    || export(&dep.overlay)
                    || dep.function.as_deref().is_some_and(holds)
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

    fn can_take(&self, take: &Take, output: &Output) -> bool {
        match take {
            Take::Package(of, _) => of.is_none_or(|of| of < self.instances.len()),
            Take::Switched(_) => true,
            Take::Dep(dep, name) => self.is_held(*dep) && self.has_package(*dep, name),
            Take::Module(dep) => self.is_held(*dep) && self.deps[*dep].module.is_some(),
            Take::Function(dep) => self.is_held(*dep) && self.deps[*dep].function.is_some(),
            Take::Overlay(dep) => {
                let made = match output.main {
                    Main::Instance(of) | Main::Argument(of) => &*self.instances[of].overlays,
                    Main::Module(..) => &[],
                };
                self.is_held(*dep) && (made.contains(dep) || output.overlays.contains(dep))
            }
            Take::Nested(_, of, takes) => {
                of.is_none_or(|of| of < self.instances.len())
                    && takes.iter().all(|take| self.can_take(take, output))
            }
        }
    }

    fn is_whole_dep(&self, dep: &Dep) -> bool {
        let holds = |holds: &[Hold]| {
            holds.iter().all(|hold| match hold {
                Hold::Sub(sub, name) => {
                    dep.inputs.iter().any(|it| it.dep == *sub) && self.has_package(*sub, name)
                }
                Hold::Package(_) | Hold::Switched(_) => true,
            })
        };
        let export = |export: &Option<Export>| match export {
            None => true,
            Some(Export::Given(given)) => holds(given),
            Some(Export::Own(name)) => dep.packages.iter().any(|it| it.name == *name),
        };
        dep.packages.iter().all(|it| holds(&it.holds) && !it.holds.is_empty())
            && dep.function.as_deref().is_none_or(holds)
            && export(&dep.module)
            && export(&dep.overlay)
    }

    /// Whether an input is wired to what is there, and to what serves it: what imports nixpkgs by
    /// itself cannot be given a wrapper.
    fn is_wired(&self, input: Input, holder: Option<Slot>) -> bool {
        let slot =
            if input.slot == Slot::Holder { holder.unwrap_or(Slot::Own) } else { input.slot };
        let is_served = match slot {
            Slot::Own | Slot::Root | Slot::Holder => true,
            Slot::Wrapper => {
                self.wrapper.is_some() && !matches!(self.deps[input.dep].from, From::Import(_))
            }
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
