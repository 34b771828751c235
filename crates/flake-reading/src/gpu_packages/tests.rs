use super::*;

#[test]
fn the_tables_are_sorted_and_what_is_built_upon_is_in_them() {
    for table in [TOP_LEVEL, PYTHON] {
        assert!(table.is_sorted_by(|one, other| one.name < other.name));
        for line in table {
            assert!(!line.seen.is_empty(), "{}", line.name);
            let upon = python(line.base()).or(top_level(line.base()));
            let upon = upon.unwrap_or_else(|| panic!("{}", line.name));
            // What changes a package changes what is built on it.
            assert!(line.by.meets(upon.by), "{}", line.name);
        }
    }
}

#[test]
fn packages_are_looked_up_where_they_are() {
    assert!(python("torch").is_some() && top_level("torch").is_none());
    assert!(top_level("ollama").is_some() && python("ollama").is_none());
    assert!(top_level("obs-studio-plugins.obs-backgroundremoval").is_some());
    for name in [
        "",
        "gst_all_1.gst-plugins-bad",
        "numpy",
        "scipy",
        "hello",
        "mpv",
        "ffmpeg",
        "cudaPackages.cudnn",
    ] {
        assert!(python(name).is_none() && top_level(name).is_none(), "{name}");
    }
}

#[test]
fn settings_have_columns_of_their_own() {
    let by = |name| python(name).or(top_level(name)).unwrap().by;
    assert!(by("torch").is_of("cudaSupport") && by("torch").is_of("rocmSupport"));
    assert!(by("opencv").is_of("cudaCapabilities") && !by("opencv").is_of("rocmSupport"));
    assert!(!by("tensorflow").is_of("allowUnfree"));
    assert!(Cuda.meets(Both) && Both.meets(Gpu::Rocm) && !Cuda.meets(Gpu::Rocm));
}

#[test]
fn what_has_it_built_in_is_known_by_what_it_is_a_build_of() {
    for (name, of) in [
        ("torch-bin", Some("torch")),
        ("torchWithCuda", Some("torch")),
        ("pytorch-bin", Some("torch")),
        ("torchvision-bin", Some("torch")),
        ("tensorflowWithCuda", Some("tensorflow")),
        ("ollama-rocm", Some("ollama")),
        ("blender-hip", Some("blender")),
        ("llama-cpp-vulkan", Some("llama-cpp")),
        ("jax-cuda12-plugin", Some("jaxlib")),
        ("torch", None),
        ("hello-bin", None),
        ("libtorch-bin", None),
        ("tensorflow-bin", None),
    ] {
        assert_eq!(built_in(name), of, "{name}");
    }
}
