//! Reads checkouts of flakes and prints, for each, its line of the table of known flakes
//! (`src/instance/known_flakes/table.rs`): `cargo run --example survey -- DIR…`. A folder is
//! called `owner+repo`, or `forge+owner+repo` where it is not of GitHub, and is a work tree of Git
//! or has a file `.rev` with revision and day.
//! What could not be seen goes to stderr: to be looked at by a person.

mod checkout;
mod evaluation;
mod line;
mod seen;

use std::io::Write as _;
use std::process::ExitCode;

use checkout::Checkout;

fn main() -> ExitCode {
    let (mut out, mut err) = (std::io::stdout().lock(), std::io::stderr().lock());
    let mut done = ExitCode::SUCCESS;
    for folder in std::env::args_os().skip(1) {
        let surveyed = Checkout::open(folder.as_ref()).and_then(|checkout| checkout.survey());
        let written = match surveyed {
            Ok(line) => {
                let told = line
                    .not_seen
                    .iter()
                    .try_for_each(|what| writeln!(err, "{}: {what}", line.repository));
                told.and_then(|()| writeln!(out, "    {line},"))
            }
            Err(why) => {
                done = ExitCode::FAILURE;
                writeln!(err, "{}: {why}", folder.to_string_lossy())
            }
        };
        if written.is_err() {
            return ExitCode::FAILURE;
        }
    }
    done
}
