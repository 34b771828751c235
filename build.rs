//! Links the C library into a released program where that works: it starts a third of a millisecond
//! sooner, which is as long as it takes to check a small lock.
//!
//! `cargo build --release` for Linux with glibc links shared libraries, and asks for them after
//! `-Bdynamic`, so `-static-pie` alone is not enough: linker scripts in `OUT_DIR` stand for the shared
//! libraries and name the archives. A small program is linked so first, and run. If that fails, or
//! somebody chose how to link, everything stays as it is. The program stays position independent,
//! because it reads untrusted files. `FLAKE_AUDIT_DYNAMIC=1` asks for shared libraries.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What rustc links for this target, and the archives in its place.
const LIBRARIES: [(&str, &str); 7] = [
    ("gcc_s", "libgcc_eh.a"),
    ("c", "libc.a"),
    ("m", "libm.a"),
    ("rt", "librt.a"),
    ("pthread", "libpthread.a"),
    ("util", "libutil.a"),
    ("dl", "libdl.a"),
];

/// Threads and unwinding are what differs in a static program.
const TRIAL: &str = "fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    let caught = std::thread::spawn(|| std::panic::catch_unwind(|| panic!()).is_err()).join();
    assert!(caught.is_ok_and(|caught| caught));
}";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=FLAKE_AUDIT_DYNAMIC");
    for argument in static_link().into_iter().flatten() {
        println!("cargo:rustc-link-arg-bins={argument}");
    }
}

/// Arguments for the linker; `None` if the program is to be linked as usual.
fn static_link() -> Option<[String; 2]> {
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    let is_usual = is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        && is("PROFILE", "release")
        && env::var("TARGET").ok()? == env::var("HOST").ok()?
        && env::var_os("FLAKE_AUDIT_DYNAMIC").is_none_or(|asked| asked.is_empty());
    // Flags are of somebody who chose how to link, or to sanitize.
    let has_flags = env::var_os("CARGO_ENCODED_RUSTFLAGS").is_some_and(|flags| !flags.is_empty());
    if !is_usual || has_flags {
        return None;
    }
    let folder = PathBuf::from(env::var_os("OUT_DIR")?).join("static");
    fs::create_dir_all(&folder).ok()?;
    let linker = env::var_os("RUSTC_LINKER").unwrap_or_else(|| "cc".into());
    for (library, archive) in LIBRARIES {
        let archive = archive_of(&linker, archive)?;
        fs::write(folder.join(format!("lib{library}.so")), format!("INPUT({archive})\n")).ok()?;
    }
    let arguments = [format!("-L{}", folder.to_str()?), "-static-pie".to_owned()];
    works(&folder, &linker, &arguments).then_some(arguments)
}

/// Where the compiler has an archive; it answers with the bare name if it has none.
fn archive_of(linker: &OsString, name: &str) -> Option<String> {
    let asked = Command::new(linker).arg(format!("-print-file-name={name}")).output().ok()?;
    let path = String::from_utf8(asked.stdout).ok()?;
    let path = path.trim();
    // The linker script would need quotes.
    let is_plain = path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+".contains(c));
    (Path::new(path).is_absolute() && is_plain).then(|| path.to_owned())
}

/// Whether a program that is linked so runs.
fn works(folder: &Path, linker: &OsString, arguments: &[String]) -> bool {
    let (source, program) = (folder.join("trial.rs"), folder.join("trial"));
    if fs::write(&source, TRIAL).is_err() {
        return false;
    }
    let mut chosen = OsString::from("linker=");
    chosen.push(linker);
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut compile = Command::new(rustc);
    compile.args(["--edition=2024", "-O", "-C"]).arg(chosen);
    for argument in arguments {
        compile.arg("-C").arg(format!("link-arg={argument}"));
    }
    compile.arg("-o").arg(&program).arg(&source);
    let succeeds = |command: &mut Command| {
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        quiet.status().is_ok_and(|status| status.success())
    };
    succeeds(&mut compile) && succeeds(&mut Command::new(&program))
}
