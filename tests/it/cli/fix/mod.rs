//! `fix`: its output, its exit code, and its effect on the files.

mod choice;
mod halfway;
mod introduced;
mod manual;
mod paths;
mod repaired;
mod screen;
#[cfg(unix)]
mod system;
