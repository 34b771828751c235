//! Graphviz must accept every drawing:
//! `cargo test --features graphviz-tests --test graphviz -- --nocapture`.
//!
//! Not part of `cargo test`, because it needs `dot` and takes a while. Each drawing is laid out
//! (`dot -Tsvg`); one that takes longer than [`PATIENCE`] is only parsed (`dot -Tcanon`).
#![allow(clippy::expect_used, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "the other tests use more of it")]
#[path = "support/drawing.rs"]
mod drawing;
#[allow(dead_code, reason = "the other tests use more of it")]
#[path = "support/locks.rs"]
mod locks;

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use flake_audit::draw::Format;

use self::drawing::{Part, drawn};
use self::locks::{corpus, fixtures, locks_below};

/// How long a layout may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs `dot` on a drawing; returns how long it took, or `None` if it took too long.
fn dot(drawing: &str, format: &str) -> Option<Duration> {
    let start = Instant::now();
    let mut child = Command::new("dot")
        .arg(format)
        .args(["-o", "/dev/null"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("`dot` runs: install Graphviz");
    let mut stdin = child.stdin.take().expect("piped");
    let text = drawing.to_owned();
    // In a thread, because `dot` may stop reading.
    let writer = thread::spawn(move || drop(stdin.write_all(text.as_bytes())));
    let mut in_time = true;
    while child.try_wait().expect("a child to wait for").is_none() {
        if start.elapsed() > PATIENCE {
            child.kill().expect("a child to end");
            in_time = false;
            break;
        }
        thread::sleep(Duration::from_millis(5));
    }
    writer.join().expect("a writer that ends");
    let output = child.wait_with_output().expect("output");
    if !in_time {
        return None;
    }
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaints.is_empty(), "{complaints}\n{drawing}");
    Some(start.elapsed())
}

#[expect(clippy::print_stderr, reason = "what this program is run for")]
fn lay_out(locks: Vec<PathBuf>, part: Part<'_>) {
    let (mut laid_out, mut times) = (0, Vec::new());
    for path in locks {
        let bytes = std::fs::read(&path).expect("a readable lock");
        // Locks that cannot be read are covered by other tests.
        let Ok(drawing) = drawn(&bytes, part, Format::Dot) else { continue };
        match dot(&drawing, "-Tsvg") {
            Some(time) => {
                laid_out += 1;
                times.push((time, path));
            }
            None => {
                let time = dot(&drawing, "-Tcanon").expect("reading is quick");
                eprintln!("only read, in {time:?}: {}", path.display());
            }
        }
    }
    times.sort();
    eprintln!("{part:?}: {laid_out} drawings laid out; the slowest:");
    for (time, path) in times.iter().rev().take(5) {
        eprintln!("{time:8.2?} {}", path.display());
    }
}

#[test]
fn graphviz_reads_every_fixture() {
    lay_out(locks_below(&fixtures()), Part::default());
    lay_out(locks_below(&fixtures()), Part { focus: None, nixpkgs_only: true, depth: None });
}

#[test]
#[expect(clippy::print_stderr, reason = "says that it saw nothing")]
fn graphviz_reads_every_real_lock() {
    let Some(corpus) = corpus() else {
        eprintln!("no real locks: FLAKE_AUDIT_CORPUS is not set");
        return;
    };
    lay_out(locks_below(&corpus), Part::default());
    lay_out(locks_below(&corpus), Part { focus: None, nixpkgs_only: true, depth: None });
}
