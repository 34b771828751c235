//! What GPU settings are to a package, by its attribute path.

use crate::evaluate::facts::PackageKind;
use crate::evaluate::value::{Path, Segment};
use crate::gpu_packages;

/// The name of a package, and what GPU settings are to it.
pub(super) fn named(path: &Path) -> (String, PackageKind) {
    let names: Vec<Option<&str>> = path.iter().map(Segment::name).collect();
    if let Some(at) = names.iter().position(|name| name.is_some_and(is_toolkit)) {
        return (shown(&names, at + 1), PackageKind::Toolkit);
    }
    match changed(&names) {
        Some(end) => (shown(&names, end), PackageKind::Changed),
        None => (shown(&names, names.len()), PackageKind::Plain),
    }
}

/// Where the part of a path ends that names a package which a GPU setting changes.
fn changed(names: &[Option<&str>]) -> Option<usize> {
    // What stands behind a source or a derivation's parts is not the package.
    if names.last().copied().flatten() == Some("src") {
        return None;
    }
    if names.first().copied().flatten().is_some_and(gpu_packages::top_level) {
        return Some(1);
    }
    if let [Some(set), Some(name), ..] = names
        && gpu_packages::top_level(&format!("{set}.{name}"))
    {
        return Some(2);
    }
    // Below an interpreter or a package set of Python, or in a set that is not known.
    let below = names.iter().position(|name| name.is_none_or(is_python))?;
    let inside = names.iter().enumerate().skip(below + 1);
    let found = inside.filter_map(|(at, name)| Some((at, (*name)?)));
    let is_any = names.get(below) == Some(&None);
    found
        .into_iter()
        .find(|(_, name)| gpu_packages::python(name) || (is_any && gpu_packages::top_level(name)))
        .map(|(at, _)| at + 1)
}

fn shown(names: &[Option<&str>], end: usize) -> String {
    let known: Vec<&str> = names.iter().take(end).filter_map(|name| *name).collect();
    known.join(".")
}

/// `python3Packages`, `python312`, `python3`.
fn is_python(name: &str) -> bool {
    name.starts_with("python")
}

/// The toolkit of CUDA or ROCm.
fn is_toolkit(name: &str) -> bool {
    name.starts_with("cudaPackages")
        || name.starts_with("rocmPackages")
        || matches!(name, "cudatoolkit" | "cudnn" | "cudaToolkit" | "cuda-merged")
}

/// Arguments of packages that switch CUDA or ROCm on by themselves.
pub(super) fn is_switch(name: &str) -> bool {
    matches!(
        name,
        "cudaSupport"
            | "rocmSupport"
            | "enableCuda"
            | "enableCUDA"
            | "withCuda"
            | "withCUDA"
            | "acceleration"
            | "enableRocm"
            | "useCuda"
            | "cuda"
            | "gpuSupport"
    )
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
            ("ollama", "ollama", PackageKind::Changed),
            ("python3Packages.torch", "python3Packages.torch", PackageKind::Changed),
            ("python3.torch.dev", "python3.torch", PackageKind::Changed),
            ("python3.pkgs.torch", "python3.pkgs.torch", PackageKind::Changed),
            ("torch", "torch", PackageKind::Plain),
            ("*.torch", "torch", PackageKind::Changed),
            ("gst_all_1.gst-plugins-bad", "gst_all_1.gst-plugins-bad", PackageKind::Changed),
            ("cudaPackages.cudnn", "cudaPackages", PackageKind::Toolkit),
            ("opencv.src", "opencv.src", PackageKind::Plain),
        ] {
            assert_eq!(of(path), (name.to_owned(), kind), "{path}");
        }
    }
}
