//! How GPU settings change a package, by its attribute path.

use crate::evaluate::facts::PackageKind;
use crate::evaluate::value::{Path, Segment};
use crate::gpu_packages::{self, Gpu};

/// The name of a package, and how GPU settings change it.
pub(super) fn named(path: &Path) -> (String, PackageKind) {
    let mut names: Vec<Option<&str>> = path.iter().map(Segment::name).collect();
    // A function of a package stands for the package.
    let is_override =
        |name: &str| matches!(name, "override" | "overrideAttrs" | "overrideDerivation");
    while names.len() > 1 && names.last().copied().flatten().is_some_and(is_override) {
        names.pop();
    }
    let toolkit = names.iter().enumerate().find_map(|(at, name)| Some((at, toolkit((*name)?)?)));
    if let Some((at, of)) = toolkit.filter(|(at, _)| !is_beside_it(names.get(at + 1..))) {
        // A whole set is named by its name, a package in it by both.
        let is_set = names.get(at).copied().flatten().is_some_and(|name| name.contains("Packages"));
        return (shown(&names, at + 1 + usize::from(is_set)), PackageKind::Toolkit(of));
    }
    match changed(&names) {
        Some((end, by)) => (shown(&names, end), PackageKind::Changed(by)),
        None => (shown(&names, names.len()), PackageKind::Plain),
    }
}

/// Attributes that describe a package, and are not built.
const SAID: [&str; 15] = [
    "src",
    "srcs",
    "pname",
    "name",
    "version",
    "meta",
    "patches",
    "postPatch",
    "passthru",
    "buildInputs",
    "nativeBuildInputs",
    "propagatedBuildInputs",
    "override",
    "overrideAttrs",
    "overrideDerivation",
];

/// Whether what is at a path may be built: it is not only said of a package or a platform.
pub(super) fn is_built(path: &Path) -> bool {
    let is_platform = |name: &str| name.ends_with("Platform");
    let mut names = path.iter().filter_map(Segment::name);
    let last = path.last().and_then(Segment::name);
    !names.any(is_platform) && !last.is_some_and(|name| SAID.contains(&name))
}

/// The end of the part of a path that names a package which a GPU setting changes, and the
/// settings.
fn changed(names: &[Option<&str>]) -> Option<(usize, Gpu)> {
    let (end, by) = changed_package(names)?;
    let is_said = names.get(end).copied().flatten().is_some_and(|name| SAID.contains(&name));
    (!is_said).then_some((end, by))
}

fn changed_package(names: &[Option<&str>]) -> Option<(usize, Gpu)> {
    if let Some(package) = names.first().copied().flatten().and_then(gpu_packages::top_level) {
        return Some((1, package.by));
    }
    if let [Some(set), Some(name), ..] = names
        && let Some(package) = gpu_packages::top_level(&format!("{set}.{name}"))
    {
        return Some((2, package.by));
    }
    // Below an interpreter or a package set of Python, or in an unknown set.
    let below = names.iter().position(|name| name.is_none_or(is_python))?;
    let is_any = names.get(below) == Some(&None);
    let inside = names.iter().enumerate().skip(below + 1);
    let mut found = inside.filter_map(|(at, name)| Some((at, (*name)?)));
    found.find_map(|(at, name)| {
        let top_level = is_any.then(|| gpu_packages::top_level(name)).flatten();
        Some((at + 1, gpu_packages::python(name).or(top_level)?.by))
    })
}

fn shown(names: &[Option<&str>], end: usize) -> String {
    let known: Vec<&str> = names.iter().take(end).filter_map(|name| *name).collect();
    if known.is_empty() { "*".to_owned() } else { known.join(".") }
}

/// `python3Packages`, `python312`, `python3`.
fn is_python(name: &str) -> bool {
    name.starts_with("python")
}

/// The GPU whose toolkit a name in nixpkgs is, or a set of the toolkit's parts. The driver
/// (`linuxPackages.nvidia_x11`) is none. Names with a version are from before 2022.
fn toolkit(name: &str) -> Option<Gpu> {
    let is_versioned = |of: &str| {
        name.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    };
    if is_versioned("cudaPackages") || is_versioned("cudatoolkit") || is_versioned("cudnn") {
        return Some(Gpu::Cuda);
    }
    match name {
        "cudaPackagesGoogle" | "cudaToolkit" | "cuda-merged" | "nccl" | "cutensor" => {
            Some(Gpu::Cuda)
        }
        _ if is_versioned("rocmPackages") => Some(Gpu::Rocm),
        _ => None,
    }
}

/// What is in the set of a toolkit and does not belong to it, by the names in the set: tools that
/// show GPUs, the drivers for OpenCL that any desktop has, and compilers that are taken for
/// themselves.
fn is_beside_it(names: Option<&[Option<&str>]>) -> bool {
    matches!(
        names,
        Some(
            [Some("rocm-smi" | "rocminfo" | "amdsmi" | "llvm"), ..]
                | [_, Some("icd"), ..]
                // Texts.
                | [Some("cudaVersion" | "cudaMajorVersion" | "cudaMajorMinorVersion" | "flags"), ..]
                | [Some("cudaOlder" | "cudaAtLeast"), ..]
        )
    )
}

/// The GPU that an argument of packages switches on or off for one package.
pub(super) fn switch(name: &str) -> Option<Switch> {
    match name {
        "cudaSupport" | "enableCuda" | "enableCUDA" | "withCuda" | "withCUDA" | "useCuda"
        | "cublasSupport" | "cuda" => Some(Switch::Gpu(Gpu::Cuda)),
        "rocmSupport" | "enableRocm" | "hipSupport" => Some(Switch::Gpu(Gpu::Rocm)),
        "acceleration" | "gpuSupport" => Some(Switch::Gpu(Gpu::Both)),
        "vulkanSupport" | "enableVulkan" => Some(Switch::Vulkan),
        _ => None,
    }
}

/// What an argument of a package switches.
#[derive(Clone, Copy)]
pub(super) enum Switch {
    Gpu(Gpu),
    /// Whoever switches this on has chosen it in place of the others; without it these stay as they
    /// are.
    Vulkan,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> (String, PackageKind) {
        let path: Path = path
            .split('.')
            .map(|name| match name {
                "*" => Segment::Any,
                name => Segment::Named(name.into()),
            })
            .collect();
        named(&path)
    }

    #[test]
    fn packages_are_known_by_where_they_are() {
        for (path, name, kind) in [
            ("hello", "hello", PackageKind::Plain),
            ("ollama", "ollama", PackageKind::Changed(Gpu::Both)),
            ("python3Packages.torch", "python3Packages.torch", PackageKind::Changed(Gpu::Both)),
            ("python3.torch.dev", "python3.torch", PackageKind::Changed(Gpu::Both)),
            ("python3.pkgs.jax", "python3.pkgs.jax", PackageKind::Changed(Gpu::Cuda)),
            ("torch", "torch", PackageKind::Plain),
            ("*.torch", "torch", PackageKind::Changed(Gpu::Both)),
            ("hello.overrideAttrs", "hello", PackageKind::Plain),
            ("ollama.override", "ollama", PackageKind::Changed(Gpu::Both)),
            ("*.overrideAttrs", "*", PackageKind::Plain),
            ("gst_all_1.gst-plugins-bad", "gst_all_1.gst-plugins-bad", PackageKind::Plain),
            (
                "obs-studio-plugins.obs-backgroundremoval",
                "obs-studio-plugins.obs-backgroundremoval",
                PackageKind::Changed(Gpu::Both),
            ),
            ("cudaPackages", "cudaPackages", PackageKind::Toolkit(Gpu::Cuda)),
            ("cudaPackages.cudnn", "cudaPackages.cudnn", PackageKind::Toolkit(Gpu::Cuda)),
            (
                "cudaPackages_12_4.cudatoolkit.lib",
                "cudaPackages_12_4.cudatoolkit",
                PackageKind::Toolkit(Gpu::Cuda),
            ),
            ("cudatoolkit_11_2.lib", "cudatoolkit_11_2", PackageKind::Toolkit(Gpu::Cuda)),
            ("rocmPackages.clr", "rocmPackages.clr", PackageKind::Toolkit(Gpu::Rocm)),
            ("linuxPackages.nvidia_x11", "linuxPackages.nvidia_x11", PackageKind::Plain),
            ("cudatoolkits", "cudatoolkits", PackageKind::Plain),
            ("rocmPackages.clr.icd", "rocmPackages.clr.icd", PackageKind::Plain),
            ("rocmPackages.rocm-smi", "rocmPackages.rocm-smi", PackageKind::Plain),
            ("cudaPackages.cudaVersion", "cudaPackages.cudaVersion", PackageKind::Plain),
            ("opencv.src", "opencv.src", PackageKind::Plain),
            ("ollama.meta.mainProgram", "ollama.meta.mainProgram", PackageKind::Plain),
            ("python3Packages.torch.version", "python3Packages.torch.version", PackageKind::Plain),
        ] {
            assert_eq!(of(path), (name.to_owned(), kind), "{path}");
        }
    }
}
