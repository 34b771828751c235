//! `fix`: what it prints, how it ends, and what it does to the files.

mod choice;
mod halfway;
mod introduced;
mod manual;
mod paths;
mod repaired;
mod screen;
#[cfg(unix)]
mod system;
