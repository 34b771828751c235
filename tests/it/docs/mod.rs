//! What the documents show is what the program prints, and what they say to write is right.

#[cfg(unix)]
mod console;
mod links;
mod page;
mod picture;
mod rules;
mod snippet;
mod usage;
