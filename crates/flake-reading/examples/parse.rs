//! Parses the files that a list on the input names, and tells how long that took:
//! `find DIR -name '*.nix' | cargo run --release -p flake-reading --example parse`. With `--verdicts`
//! it says of each file whether it is read, else why not; with `--tree`, rnix's tree is made, too.

#![allow(clippy::print_stdout)]

use std::io::{self, BufRead};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{env, fs};

use flake_reading::LineIndex;
use flake_reading::syntax::{File, SyntaxError, tree};

fn main() {
    let asked = |name: &str| env::args().any(|argument| argument == name);
    let (verdicts, trees) = (asked("--verdicts"), asked("--tree"));
    let mut time = Duration::ZERO;
    let (mut files, mut bytes, mut exprs, mut refused, mut weight) = (0, 0, 0, 0, 0);
    for path in io::stdin().lock().lines().map_while(Result::ok) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let text: Arc<str> = text.into();
        files += 1;
        bytes += text.len();
        let start = Instant::now();
        let parsed =
            if trees { tree(&text).map(|_| None) } else { File::parse(text.clone()).map(Some) };
        time += start.elapsed();
        match &parsed {
            Ok(Some(file)) => {
                exprs += file.len();
                weight += file.weight();
            }
            Ok(None) => {}
            Err(_) => refused += 1,
        }
        match parsed {
            Err(SyntaxError { message, span, .. }) if verdicts => {
                let place = LineIndex::new(&text).position(span.start);
                println!("no\t{path}\t{}:{}: {message}", place.line, place.column);
            }
            Ok(_) if verdicts => println!("ok\t{path}"),
            _ => {}
        }
    }
    println!(
        "{files} files of {bytes} bytes in {time:?}: {exprs} expressions in {weight} bytes, {refused} refused"
    );
}
