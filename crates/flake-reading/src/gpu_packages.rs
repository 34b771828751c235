//! Packages of nixpkgs that a GPU setting changes by itself: with `cudaSupport` or `rocmSupport`
//! there are two of each.
//!
//! From `pkgs/top-level/release-cuda.nix`, which builds one and the same list under either setting,
//! in three of its versions, of which the newest is from 2026. It holds packages that have GPU code, and ones that
//! are built upon those (a package is also changed by what its tests need: `transformers` through
//! `safetensors`, which is tested with `torch`).
//!
//! Not taken over:
//! - `blas`, `lapack`, `numpy`, `scipy`, `scikit-learn`: changed by MKL only, as is said there of
//!   the last three; and `scikit-image`, which is built upon these.
//! - What has no GPU package among its inputs, looked up in each package's own file on 2026-11-24:
//!   `gpu-screen-recorder`, `noisetorch`, `onnx`, `pixinsight`, `tesserocr`, `ttstokenizer`.
//! - What is built with CUDA whatever is set: `pyrealsense2WithCuda`, `truecrack-cuda`, and all of
//!   `cudaPackages`.
//!
//! Names that older releases had are here too: a lock may be years old.

/// Attribute paths in nixpkgs, sorted.
const TOP_LEVEL: &[&str] = &[
    "blender",
    "cctag",
    "cholmod-extra",
    "colmap",
    "ctranslate2",
    "deepin.image-editor",
    "faiss",
    "ffmpeg-full",
    "firefox",
    "firefox-beta",
    "firefox-beta-unwrapped",
    "firefox-devedition",
    "firefox-devedition-unwrapped",
    "firefox-unwrapped",
    "freecad",
    "gimp",
    "gimp3",
    "gst_all_1.gst-plugins-bad",
    "jellyfin-ffmpeg",
    "kdePackages.kdenlive",
    "krita",
    "lightgbm",
    "llama-cpp",
    "magma",
    "meshlab",
    "mistral-rs",
    "monado",
    "mpich",
    "obs-studio-plugins.obs-backgroundremoval",
    "octave",
    "ollama",
    "onnxruntime",
    "opencv",
    // What `opencv` is.
    "opencv4",
    "openmpi",
    "openmvg",
    "openmvs",
    "opentrack",
    "openvino",
    "qgis",
    "rtabmap",
    "saga",
    "suitesparse",
    "sunshine",
    "thunderbird",
    "thunderbird-unwrapped",
    "tts",
    "ucx",
    "ueberzugpp",
    "wyoming-faster-whisper",
    "xgboost",
];

/// Names in a Python package set, sorted.
const PYTHON: &[&str] = &[
    "Keras",
    "Theano",
    "boxx",
    "bpycv",
    "caffe",
    "catboost",
    "chainer",
    "cupy",
    "faiss",
    "faster-whisper",
    "flashinfer",
    "flax",
    "gpt-2-simple",
    "grad-cam",
    "jax",
    "jaxlib",
    "keras",
    "kornia",
    "mmcv",
    "mxnet",
    "openai-whisper",
    "opencv4",
    "opencv4Full",
    "opensfm",
    "pycuda",
    "pymc",
    "pytorch",
    "pytorch-lightning",
    "spacy-transformers",
    "tensorflow",
    "tensorflow-probability",
    "tiny-cuda-nn",
    "torch",
    "torchaudio",
    "torchvision",
    "transformers",
    "triton",
    "vidstab",
    "vllm",
];

/// Whether a GPU setting changes this package of nixpkgs: `onnxruntime`, `kdePackages.kdenlive`.
pub fn top_level(name: &str) -> bool {
    TOP_LEVEL.binary_search(&name).is_ok()
}

/// Whether a GPU setting changes this package of a Python package set: `torch`.
pub fn python(name: &str) -> bool {
    PYTHON.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted() {
        for table in [TOP_LEVEL, PYTHON] {
            assert!(table.is_sorted_by(|one, other| one < other));
        }
    }

    #[test]
    fn packages_are_looked_up_where_they_are() {
        assert!(python("torch") && !top_level("torch"));
        assert!(top_level("ollama") && !python("ollama"));
        assert!(top_level("gst_all_1.gst-plugins-bad"));
        for name in ["", "numpy", "scipy", "hello", "cudaPackages.cudnn"] {
            assert!(!python(name) && !top_level(name), "{name}");
        }
    }
}
