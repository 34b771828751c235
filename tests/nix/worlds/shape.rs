//! A world before it is written: plain data, so that it can be shrunk.

/// The settings of a nixpkgs.
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

    /// The stub's name for them in what is built.
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
    ["python3Packages.torch", "onnxruntime", "ollama", "python3Packages.torchvision"];

/// Packages that have an argument for the setting.
pub(super) const SWITCHABLE: [&str; 3] = ["python3Packages.torch", "onnxruntime", "ollama"];

/// Packages that no setting changes.
pub(super) const UNCHANGED: [&str; 4] = ["hello", "zlib", "git", "python3Packages.numpy"];

/// How an instance is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    Legacy,
    Import(Settings),
    /// By the root's wrapper, or by a dependency's own.
    Wrapper,
}

/// An instance that the root makes.
#[derive(Debug, Clone)]
pub(super) struct Instance {
    pub(super) from: From,
    /// Whether its base is the root's second nixpkgs.
    pub(super) second: bool,
    /// Whether it is made in a file of its own.
    pub(super) file: bool,
    /// Dependencies whose overlays are applied to it.
    pub(super) overlays: Vec<usize>,
}

/// The settings of a wrapper flake.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wrapper {
    pub(super) settings: Settings,
    /// Whether it follows the root's nixpkgs.
    pub(super) follows: bool,
    /// Whether `flake-audit.toml` declares it.
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
    /// At the root's second nixpkgs.
    Second,
    Wrapper,
    /// It follows that of another input of the root.
    Of(usize),
    /// It follows that of its holder, as declared by the holder.
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

/// The content of a dependency's package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    Package(&'static str),
    /// With CUDA switched on in itself.
    Switched(&'static str),
    /// A package of one of its own inputs.
    Sub(usize, &'static str),
    /// What its own overlay makes.
    Tool,
    /// A package of its second nixpkgs.
    Second(&'static str),
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
    /// It is its first content, unchanged.
    Picked,
}

/// A package of a dependency.
#[derive(Debug, Clone)]
pub(super) struct Package {
    pub(super) name: &'static str,
    pub(super) making: Making,
    pub(super) holds: Vec<Hold>,
}

/// What a module, an overlay or a function of a dependency adds.
#[derive(Debug, Clone)]
pub(super) enum Export {
    /// Made from the packages that it is given.
    Given(Vec<Hold>),
    /// A package of its own flake.
    Own(&'static str),
    /// Settings of the host: only for a module.
    Sets(Settings),
    /// Its overlay applied to the host, and what that makes: only for a module.
    Layers,
}

/// A dependency of the root, or of another one.
#[derive(Debug, Clone)]
pub(super) struct Dep {
    pub(super) from: From,
    /// Whether it defines everything for each of some systems.
    pub(super) systems: bool,
    pub(super) inputs: Vec<Input>,
    pub(super) packages: Vec<Package>,
    pub(super) module: Option<Export>,
    /// Whether the module has an option that switches it on, and one for the package.
    pub(super) optional: bool,
    /// Where its second nixpkgs ends, if it has one.
    pub(super) second: Option<Slot>,
    /// Whether its wrapper, if it builds by one, follows the root's.
    pub(super) shared: bool,
    /// Whether it builds with its own overlay.
    pub(super) layered: bool,
    pub(super) overlay: Option<Export>,
    pub(super) function: Option<Vec<Hold>>,
}

/// The names of dependencies.
pub(super) const NAMES: [&str; 5] = ["alpha", "beta", "gamma", "delta", "omega"];

/// What an output of the root takes.
#[derive(Debug, Clone)]
pub(super) enum Take {
    /// A package of an instance of the root, or of that of the builder.
    Package(Option<usize>, &'static str),
    /// The builder's, with CUDA switched on in itself.
    Switched(&'static str),
    Dep(usize, &'static str),
    /// A package of the root's own, by its name.
    Own(&'static str),
    Module(usize, Use),
    /// A package that an overlay made in the builder's instance.
    Overlay(usize),
    /// A package that a function makes of the builder's packages.
    Function(usize),
    /// Something that the root makes, with an instance of its own or that of the builder.
    Nested(Kind, Option<usize>, Vec<Take>),
    /// A home in a host: with the host's packages, or with its own.
    Home(Option<Settings>, Vec<Take>),
    /// A package that an overlay of the root takes from another instance.
    Fresh,
    /// Only on Linux, which applies, or only on Darwin.
    Optional(bool, Vec<Take>),
}

/// How a module with options is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Enabled,
    /// Imported, but off.
    Imported,
    /// On, with another package.
    Replaced,
}

/// An overlay that the root writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layer {
    /// A package has CUDA switched on.
    Switched(&'static str),
    /// A name for a package of another instance.
    Fresh(usize, &'static str),
}

/// The kind of an output.
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
    /// `symlinkJoin`.
    Join,
    /// `writeShellApplication`.
    Application,
    /// `runCommand`.
    Run,
    /// A derivation that is a check.
    Check,
    /// A package of an instance, unchanged.
    Picked,
    /// A package of a dependency, unchanged.
    Handed,
}

/// How the settings of a host are set.
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
    /// The argument `pkgs` of all modules.
    Given(usize),
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
    /// Overlays of the root's own that it applies.
    pub(super) layers: Vec<Layer>,
    pub(super) takes: Vec<Take>,
    /// Whether its module is a file, which gets inputs by `specialArgs`.
    pub(super) file: bool,
    /// Whether lists are written `with pkgs;`.
    pub(super) with: bool,
}

/// How a root is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Style {
    /// For one system.
    Plain,
    /// By a function of the system.
    Each,
    /// flake-utils.
    Utils,
    /// flake-parts.
    Parts,
}

/// The names of outputs.
pub(super) const OUTPUTS: [&str; 6] = ["desk", "lap", "nas", "tower", "pi", "box"];

/// A root, and what it depends on.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) style: Style,
    /// Whether hosts are made by a function of the root.
    pub(super) helper: bool,
    /// Whether that is mapped over a set of their modules.
    pub(super) mapped: bool,
    pub(super) wrapper: Option<Wrapper>,
    /// Whether the root has a second nixpkgs.
    pub(super) second: bool,
    pub(super) instances: Vec<Instance>,
    pub(super) deps: Vec<Dep>,
    /// Of the root.
    pub(super) inputs: Vec<Input>,
    pub(super) outputs: Vec<Output>,
    /// A module that the root offers but does not use: settings, and a package of an input.
    pub(super) exported: Option<(Settings, usize, &'static str)>,
}

impl Take {
    /// It, and everything in it.
    pub(super) fn walk(&self) -> Vec<&Take> {
        let held = match self {
            Self::Nested(_, _, held) | Self::Home(_, held) | Self::Optional(_, held) => &**held,
            _ => &[],
        };
        std::iter::once(self).chain(held.iter().flat_map(Take::walk)).collect()
    }
}

impl Output {
    /// Everything that it takes, at any depth.
    pub(super) fn walk(&self) -> impl Iterator<Item = &Take> {
        self.takes.iter().flat_map(Take::walk)
    }

    /// Whether it is one of the root's packages.
    pub(super) fn is_package(&self) -> bool {
        !matches!(self.kind, Kind::Host | Kind::Home | Kind::Shell | Kind::App | Kind::Check)
    }
}

impl Dep {
    /// The contents of everything that it adds.
    pub(super) fn holds(&self) -> impl Iterator<Item = &Hold> {
        let exports = [&self.module, &self.overlay].into_iter().flatten();
        let given = exports.filter_map(|it| match it {
            Export::Given(holds) => Some(&**holds),
            _ => None,
        });
        let packages = self.packages.iter().map(|it| &*it.holds);
        packages.chain(given).chain(self.function.as_deref()).flatten()
    }
}
