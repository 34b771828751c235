//! The documents show the program's real output, and their advice is valid.

#[cfg(unix)]
mod console;
mod links;
mod page;
mod picture;
mod rules;
mod snippet;
mod usage;
