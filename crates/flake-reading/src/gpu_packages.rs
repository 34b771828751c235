//! Packages of nixpkgs that a GPU setting changes by itself: with `cudaSupport` or `rocmSupport`
//! there are two of each.
//!
//! Each line gives its evidence. `release-cuda` is `pkgs/top-level/release-cuda.nix` at
//! 04edda063a4c, which builds the same list under either setting; "reads" names arguments whose
//! default is a setting, in the package's own file (`pkgs/by-name/…` if it begins with two
//! letters). A package is also changed by what its tests need: `transformers` through
//! `safetensors`, which is tested with `torch`. What is built on one of these and is not taken by
//! name is not here.
//!
//! Looked up on 2026-11-28 and 29: what says `release-cuda`; in their own files, each at some
//! revision of the last three years, most of what else reads a setting or is built on another line.
//! Not found in their own files, but derived from what uses them:
//! - what says "an older release-cuda", "names of opencv4" and `libtorch-bin` (seen in 2021 only);
//! - `python.lightgbm` and `python.xgboost`, which are assumed to be built as `catboost` is there,
//!   from the library of the same name;
//! - that `obs-studio` depends on `cudaSupport`: configurations set it by `override`, and 30.1 had
//!   none;
//! - that `mpich` is built on `ucx` (3.3 was on `hwloc` only).
//!
//! Not taken over from `release-cuda`:
//! - `blas`, `lapack`, `numpy`, `scipy`, `scikit-learn`: changed by MKL only, as it says of the
//!   last three; and `scikit-image`, which is built on these.
//! - What has no GPU package among its inputs: `gpu-screen-recorder`, `meshlab`, `noisetorch`,
//!   `onnx`, `pixinsight`, `qgis`, `tesserocr`, `ttstokenizer`; and `gst_all_1.gst-plugins-bad`, which has `opencv4`
//!   only if asked for it (1.22.8 and later; 1.20.0 always had it).
//! - `floorp`, which nixpkgs built from Firefox 128 and then took as a binary (`floorp-bin`):
//!   neither is built on `onnxruntime`, as `firefox` is since 141.
//! - What is built with CUDA whatever is set: `pyrealsense2WithCuda`, `truecrack-cuda`, and all of
//!   `cudaPackages`.
//!
//! `ffmpeg`, and `mpv` with it, is changed by none of them; `ffmpeg-full` is. Names that older
//! releases had are here too: a lock may be years old.

/// The GPU settings that change a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gpu {
    /// `cudaSupport`, and the settings that refine it.
    Cuda,
    /// `rocmSupport`
    Rocm,
    /// Either of them.
    Both,
}

impl Gpu {
    /// Whether a setting of nixpkgs is one of these.
    pub fn is_of(self, key: &str) -> bool {
        match self {
            Gpu::Cuda => key.starts_with("cuda"),
            Gpu::Rocm => key == "rocmSupport",
            Gpu::Both => key.starts_with("cuda") || key == "rocmSupport",
        }
    }

    /// Which GPU a setting of nixpkgs switches on; `None` for any other setting.
    pub fn switched_by(key: &str) -> Option<Self> {
        match key {
            "cudaSupport" => Some(Gpu::Cuda),
            "rocmSupport" => Some(Gpu::Rocm),
            _ => None,
        }
    }

    /// The union of both.
    pub fn and(self, other: Self) -> Self {
        if self == other { self } else { Gpu::Both }
    }

    /// These without the others; `None` if nothing is left.
    pub fn without(self, others: Self) -> Option<Self> {
        match (self, others) {
            (Gpu::Both, Gpu::Cuda) => Some(Gpu::Rocm),
            (Gpu::Both, Gpu::Rocm) => Some(Gpu::Cuda),
            (one, other) => (!one.meets(other)).then_some(one),
        }
    }

    /// Whether both have a setting in common.
    pub fn meets(self, other: Self) -> bool {
        self == other || self == Gpu::Both || other == Gpu::Both
    }
}

/// A package that a GPU setting changes.
#[derive(Debug, PartialEq, Eq)]
pub struct GpuPackage {
    /// Its attribute path in nixpkgs, or its name in a package set of Python.
    pub name: &'static str,
    /// The settings that change it.
    pub by: Gpu,
    /// How they change it.
    pub gains: Gains,
    /// The package by which it uses the GPU; empty if that is itself.
    pub upon: &'static str,
    /// The evidence.
    pub seen: &'static str,
}

/// How a GPU setting changes a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gains {
    /// With it, the package computes on the GPU, without it on the CPU.
    Computes,
    /// It is another build that does the same, or little more.
    Built,
}

impl GpuPackage {
    /// The package by which it uses the GPU.
    pub fn base(&self) -> &'static str {
        if self.upon.is_empty() { self.name } else { self.upon }
    }
}

/// When nixpkgs got the version of a package that a GPU setting changes, in seconds since 1970; `None`
/// if all versions of the last years are changed. Branches of releases get new browsers, too.
///
/// Source: nixpkgs `build-mozilla-mach`, `obs-studio`, and the dates of their releases.
pub fn changed_since(name: &str) -> Option<u64> {
    /// Firefox 141, 2025-07-22, and its beta, 2025-06-24.
    const BROWSER: u64 = 1_753_142_400;
    const BETA: u64 = 1_750_723_200;
    /// OBS Studio 31, 2024-12-07.
    const OBS_STUDIO: u64 = 1_733_529_600;
    let is_browser =
        ["firefox", "librewolf", "thunderbird"].iter().any(|start| name.starts_with(start));
    match name {
        _ if is_browser && (name.contains("beta") || name.contains("devedition")) => Some(BETA),
        _ if is_browser => Some(BROWSER),
        "obs-studio" => Some(OBS_STUDIO),
        _ => None,
    }
}

const fn line(
    name: &'static str,
    by: Gpu,
    gains: Gains,
    upon: &'static str,
    seen: &'static str,
) -> GpuPackage {
    GpuPackage { name, by, gains, upon, seen }
}

use Gains::{Built, Computes};
use Gpu::{Both, Cuda};

/// By attribute path in nixpkgs, sorted.
#[rustfmt::skip] // one line each
const TOP_LEVEL: &[GpuPackage] = &[
    line("arrayfire", Cuda, Computes, "", "reads cudaSupport"),
    line("blender", Both, Computes, "", "reads both; release-cuda"),
    line("btop", Both, Built, "", "bt/btop: reads both, to show GPUs"),
    line("catboost", Cuda, Computes, "", "ca/catboost: cudaSupport"),
    line("cctag", Cuda, Computes, "", "reads cudaSupport; release-cuda"),
    line("cholmod-extra", Cuda, Computes, "suitesparse", "release-cuda"),
    line("colmap", Cuda, Computes, "", "reads cudaSupport; release-cuda"),
    line("ctranslate2", Cuda, Computes, "", "ct/ctranslate2: withCUDA; release-cuda"),
    line("deepin.image-editor", Cuda, Built, "opencv", "built upon opencv"),
    line("digikam", Cuda, Built, "opencv", "enableCuda"),
    line("dlib", Cuda, Computes, "", "reads cudaSupport"),
    line("faiss", Cuda, Computes, "", "fa/faiss: cudaSupport; release-cuda"),
    line("ffmpeg-full", Both, Built, "frei0r", "upon frei0r, since 8.0 whisper-cpp; release-cuda"),
    line("ffmpeg_4-full", Cuda, Built, "frei0r", "upon frei0r"),
    line("ffmpeg_5-full", Cuda, Built, "frei0r", "upon frei0r"),
    line("ffmpeg_6-full", Cuda, Built, "frei0r", "upon frei0r"),
    line("ffmpeg_7-full", Cuda, Built, "frei0r", "upon frei0r"),
    line("ffmpeg_8-full", Both, Built, "frei0r", "upon frei0r and whisper-cpp"),
    line("firefox", Both, Built, "firefox-unwrapped", "wraps it"),
    line("firefox-beta", Both, Built, "firefox-beta-unwrapped", "wraps it"),
    line("firefox-beta-unwrapped", Both, Built, "onnxruntime", "built upon onnxruntime since 141"),
    line("firefox-devedition", Both, Built, "firefox-devedition-unwrapped", "wraps it"),
    line("firefox-devedition-unwrapped", Both, Built, "onnxruntime", "built upon onnxruntime since 141"),
    line("firefox-unwrapped", Both, Built, "onnxruntime", "built upon onnxruntime since 141"),
    line("frei0r", Cuda, Built, "opencv", "fr/frei0r: cudaSupport"),
    line("gimp", Cuda, Built, "suitesparse", "release-cuda"),
    line("gimp3", Cuda, Built, "suitesparse", "release-cuda"),
    line("gromacs", Cuda, Computes, "", "enableCuda"),
    line("hashcat", Cuda, Computes, "", "ha/hashcat: cudaSupport"),
    line("hwloc", Cuda, Built, "", "hw/hwloc: enableCuda"),
    line("jellyfin-ffmpeg", Cuda, Built, "frei0r", "ffmpeg_7-full with patches"),
    line("katago", Cuda, Built, "", "goes by cudaSupport, and by OpenCL without it"),
    line("kdePackages.kdenlive", Cuda, Built, "mlt", "built upon mlt"),
    line("koboldcpp", Cuda, Computes, "", "ko/koboldcpp: cublasSupport"),
    line("krita", Cuda, Built, "mlt", "kr/krita-unwrapped: upon mlt"),
    line("librealsense", Cuda, Computes, "", "reads cudaSupport"),
    line("librewolf", Both, Built, "librewolf-unwrapped", "wraps it"),
    line("librewolf-unwrapped", Both, Built, "onnxruntime", "built upon onnxruntime since 141"),
    line("libsForQt5.kdenlive", Cuda, Built, "mlt", "built upon mlt, frei0r, ffmpeg-full"),
    line("libtorch-bin", Cuda, Computes, "", "reads cudaSupport"),
    line("lightgbm", Cuda, Computes, "", "reads cudaSupport; release-cuda"),
    line("llama-cpp", Both, Computes, "", "ll/llama-cpp: reads both; release-cuda"),
    line("magma", Cuda, Computes, "", "ma/magma: cudaSupport; with ROCm by default without it"),
    line("mistral-rs", Cuda, Computes, "", "reads cudaSupport"),
    line("mlt", Cuda, Built, "opencv", "ml/mlt: cudaSupport"),
    line("mmseqs2", Cuda, Computes, "", "reads cudaSupport"),
    line("monado", Cuda, Built, "opencv", "mo/monado: enableCuda; release-cuda"),
    line("mpich", Both, Built, "ucx", "release-cuda"),
    line("obs-studio", Cuda, Built, "", "cudaSupport since 31, not yet in 30.1"),
    line("obs-studio-plugins.obs-backgroundremoval", Both, Computes, "onnxruntime", "release-cuda"),
    line("octave", Cuda, Built, "suitesparse", "built upon suitesparse"),
    line("octaveFull", Cuda, Built, "suitesparse", "octave with enableQt"),
    line("ollama", Both, Computes, "", "ol/ollama: reads both; release-cuda"),
    line("onnxruntime", Both, Computes, "", "on/onnxruntime: reads both; release-cuda"),
    line("open-webui", Both, Built, "torch", "op/open-webui: upon sentence-transformers"),
    line("openai-whisper", Both, Computes, "torch", "the library of the same name"),
    line("opencv", Cuda, Computes, "", "enableCuda; release-cuda"),
    line("opencv4", Cuda, Computes, "", "enableCuda; release-cuda"),
    line("openmpi", Both, Built, "ucx", "op/openmpi: cudaSupport, and upon ucx; release-cuda"),
    line("openmvg", Cuda, Built, "suitesparse", "release-cuda"),
    line("openmvs", Cuda, Computes, "", "reads cudaSupport; release-cuda"),
    line("opentrack", Cuda, Built, "opencv", "release-cuda"),
    line("openvino", Cuda, Built, "opencv", "release-cuda"),
    line("pcl", Cuda, Computes, "", "pc/pcl: cudaSupport"),
    line("plasma5Packages.kdenlive", Cuda, Built, "mlt", "built upon mlt, frei0r, ffmpeg-full"),
    line("rtabmap", Cuda, Built, "opencv", "release-cuda"),
    line("saga", Cuda, Built, "opencv", "release-cuda"),
    line("shotcut", Cuda, Built, "mlt", "sh/shotcut: upon mlt and frei0r"),
    line("spfft", Both, Computes, "", "gpuBackend goes by both"),
    line("spla", Both, Computes, "", "gpuBackend goes by both"),
    line("stable-diffusion-cpp", Both, Computes, "", "reads both"),
    line("suitesparse", Cuda, Computes, "", "enableCuda; release-cuda"),
    line("sunshine", Cuda, Built, "", "su/sunshine: cudaSupport"),
    line("tabby", Both, Computes, "", "reads both"),
    line("thunderbird", Both, Built, "thunderbird-unwrapped", "wraps it"),
    line("thunderbird-unwrapped", Both, Built, "onnxruntime", "built upon onnxruntime since 141"),
    line("tts", Both, Computes, "torch", "depends on torch; release-cuda"),
    line("ucc", Both, Built, "ucx", "uc/ucc: enableCuda, and upon ucx"),
    line("ucx", Both, Built, "", "uc/ucx: enableCuda, enableRocm; release-cuda"),
    line("ueberzugpp", Cuda, Built, "opencv", "release-cuda"),
    line("vllm", Both, Computes, "torch", "the library of the same name"),
    line("whisper-cpp", Both, Computes, "", "wh/whisper-cpp: reads both"),
    line("whisperx", Both, Computes, "torch", "the library of the same name"),
    line("wyoming-faster-whisper", Cuda, Computes, "ctranslate2", "release-cuda"),
    line("xgboost", Cuda, Computes, "", "reads cudaSupport; release-cuda"),
    line("zfp", Cuda, Built, "", "enableCuda"),
];

/// By name in a package set of Python, sorted.
#[rustfmt::skip] // one line each
const PYTHON: &[GpuPackage] = &[
    line("Keras", Cuda, Computes, "tensorflow", "an older release-cuda"),
    line("Theano", Cuda, Computes, "", "an older release-cuda"),
    line("accelerate", Both, Computes, "torch", "depends on torch"),
    line("bitsandbytes", Both, Computes, "torch", "depends on torch"),
    line("boxx", Cuda, Built, "opencv4", "an older release-cuda"),
    line("bpycv", Cuda, Built, "opencv4", "an older release-cuda"),
    line("caffe", Cuda, Computes, "", "an older release-cuda"),
    line("catboost", Cuda, Computes, "", "the library of the same name; release-cuda"),
    line("chainer", Cuda, Computes, "", "an older release-cuda"),
    line("chex", Cuda, Computes, "jaxlib", "depends on jaxlib"),
    line("compressed-tensors", Both, Computes, "torch", "depends on torch"),
    line("ctranslate2", Cuda, Computes, "", "the library of the same name"),
    line("cupy", Cuda, Built, "", "release-cuda; nothing without CUDA"),
    line("diffusers", Both, Built, "torch", "tested with torch"),
    line("easyocr", Both, Computes, "torch", "depends on torch"),
    line("equinox", Cuda, Computes, "jaxlib", "depends on jax"),
    line("faiss", Cuda, Computes, "", "release-cuda"),
    line("fastai", Both, Computes, "torch", "depends on torchvision"),
    line("faster-whisper", Cuda, Computes, "ctranslate2", "release-cuda"),
    line("flash-attn", Both, Computes, "torch", "depends on torch"),
    line("flashinfer", Cuda, Computes, "torch", "reads cudaSupport"),
    line("flax", Cuda, Computes, "jaxlib", "depends on jax"),
    line("gpt-2-simple", Cuda, Computes, "tensorflow", "release-cuda"),
    line("gpytorch", Both, Computes, "torch", "depends on torch"),
    line("grad-cam", Both, Computes, "torch", "release-cuda"),
    line("jax", Cuda, Computes, "jaxlib", "reads cudaSupport itself since 25.05; release-cuda"),
    line("jaxlib", Cuda, Computes, "", "reads cudaSupport up to 24.11; release-cuda"),
    line("jaxlib-bin", Cuda, Computes, "jaxlib", "another wheel by cudaSupport up to 24.11"),
    line("keras", Cuda, Computes, "tensorflow", "release-cuda"),
    line("kornia", Both, Computes, "torch", "release-cuda"),
    line("lightgbm", Cuda, Computes, "", "the library of the same name"),
    line("lightning", Both, Computes, "torch", "depends on pytorch-lightning"),
    line("llama-cpp-python", Cuda, Computes, "", "reads cudaSupport"),
    line("mmcv", Both, Computes, "torch", "release-cuda"),
    line("mxnet", Cuda, Computes, "", "release-cuda"),
    line("numba", Cuda, Built, "", "reads cudaSupport, to find the toolkit"),
    line("numpyro", Cuda, Computes, "jaxlib", "depends on jaxlib"),
    line("onnxruntime", Both, Computes, "", "the library of the same name"),
    line("open-clip-torch", Both, Computes, "torch", "depends on torch"),
    line("openai-whisper", Both, Computes, "torch", "release-cuda"),
    line("opencv-python", Cuda, Computes, "opencv4", "names of opencv4"),
    line("opencv-python-headless", Cuda, Computes, "opencv4", "names of opencv4"),
    line("opencv4", Cuda, Computes, "", "opencv: enableCuda; release-cuda"),
    line("opencv4Full", Cuda, Computes, "", "opencv: enableCuda; release-cuda"),
    line("opensfm", Cuda, Built, "opencv4", "release-cuda"),
    line("optax", Cuda, Computes, "jaxlib", "depends on jaxlib"),
    line("peft", Both, Computes, "torch", "depends on torch"),
    line("pyannote-audio", Both, Computes, "torch", "depends on torch"),
    line("pycuda", Cuda, Built, "", "release-cuda; nothing without CUDA"),
    line("pymc", Cuda, Built, "jaxlib", "release-cuda"),
    line("pytorch", Both, Computes, "torch", "its name before 22.11"),
    line("pytorch-lightning", Both, Computes, "torch", "release-cuda"),
    line("rembg", Both, Computes, "onnxruntime", "depends on onnxruntime"),
    line("sentence-transformers", Both, Computes, "torch", "depends on torch"),
    line("spacy-transformers", Both, Computes, "torch", "release-cuda"),
    line("spandrel", Both, Computes, "torch", "depends on torch"),
    line("stable-baselines3", Both, Computes, "torch", "depends on torch"),
    line("tensordict", Both, Computes, "torch", "depends on torch"),
    line("tensorflow", Cuda, Computes, "", "reads cudaSupport; release-cuda"),
    line("tensorflow-bin", Cuda, Computes, "tensorflow", "another wheel by cudaSupport"),
    line("tensorflow-probability", Cuda, Computes, "tensorflow", "release-cuda"),
    line("timm", Both, Computes, "torch", "depends on torch"),
    line("tiny-cuda-nn", Cuda, Built, "torch", "release-cuda; nothing without CUDA"),
    line("tinygrad", Both, Built, "", "reads both, to find the libraries"),
    line("torch", Both, Computes, "", "torch/source: reads both; release-cuda"),
    line("torch-geometric", Both, Computes, "torch", "depends on torch"),
    line("torchaudio", Both, Computes, "torch", "release-cuda"),
    line("torchmetrics", Both, Computes, "torch", "depends on torch"),
    line("torchsde", Both, Computes, "torch", "depends on torch"),
    line("torchvision", Both, Computes, "torch", "release-cuda"),
    line("transformers", Both, Built, "torch", "release-cuda, through tests"),
    line("triton", Cuda, Built, "", "reads cudaSupport; release-cuda"),
    line("trl", Both, Computes, "torch", "depends on accelerate"),
    line("ultralytics", Both, Computes, "torch", "depends on torch"),
    line("vidstab", Cuda, Built, "opencv4", "release-cuda"),
    line("vllm", Both, Computes, "torch", "goes by torch in both; release-cuda"),
    line("whisperx", Both, Computes, "torch", "depends on torch"),
    line("xformers", Both, Computes, "torch", "depends on torch"),
    line("xgboost", Cuda, Computes, "", "the library of the same name"),
];

/// A package of nixpkgs that a GPU setting changes: `onnxruntime`, `kdePackages.kdenlive`.
pub fn top_level(name: &str) -> Option<&'static GpuPackage> {
    find(TOP_LEVEL, name)
}

/// A package of a package set of Python that a GPU setting changes: `torch`.
pub fn python(name: &str) -> Option<&'static GpuPackage> {
    find(PYTHON, name)
}

/// All of a package set of Python.
pub(crate) fn all_of_python() -> &'static [GpuPackage] {
    PYTHON
}

fn find(table: &'static [GpuPackage], name: &str) -> Option<&'static GpuPackage> {
    let at = table.binary_search_by(|line| line.name.cmp(name)).ok()?;
    table.get(at)
}

/// The package by which a package uses the GPU that has GPU support built in, whatever is set:
/// `torch` for `torch-bin`, `torchWithCuda`; `tensorflow` for `tensorflowWithRocm`; `ollama` for
/// `ollama-cuda`; `jaxlib` for its plugins. Not for a wheel that depends on the settings
/// (`tensorflow-bin`): that is a package of its own.
pub fn built_in(name: &str) -> Option<&'static str> {
    const ENDS: [&str; 9] =
        ["-bin", "-cuda", "-gpu", "-hip", "-rocm", "-vulkan", "WithCuda", "WithRocm", "WithVulkan"];
    if name.starts_with("jax-cuda") {
        return Some("jaxlib");
    }
    let stem = ENDS.iter().find_map(|end| name.strip_suffix(end))?;
    let is_changed = python(name).or(top_level(name)).is_some();
    let of = python(stem).or(top_level(stem)).filter(|_| !is_changed)?;
    Some(of.base())
}

#[cfg(test)]
mod tests;
