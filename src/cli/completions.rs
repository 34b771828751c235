//! `flake-audit completions`.

use std::io::Write;

use anyhow::Result;
use clap::Command;
use clap_complete::{Shell, generate};

use super::args::{Completions, Screen, command};
use super::exit::Exit;
use super::output::Output;

pub(super) fn run(completions: &Completions, screen: &Screen) -> Result<Exit> {
    let mut command = command();
    let name = command.get_name().to_owned();
    // The generator takes a failure to write for a bug; to memory it does not fail.
    let mut script = Vec::new();
    generate(completions.shell, &mut command, &name, &mut script);
    let mut script = String::from_utf8(script)?;
    match completions.shell {
        // The generator spells a name with `-` in two ways, and so completes nothing after a
        // subcommand: clap-rs/clap#6421.
        Shell::Bash => {
            let right = name.replace('-', "__");
            script = script.replace(&name.replace('-', "__subcmd__"), &right);
        }
        Shell::Fish => script += &fish_positionals(&command, &name),
        _ => {}
    }
    let mut output = Output::new(screen);
    output.write_all(script.as_bytes())?;
    output.flush()?;
    Ok(Exit::Success)
}

/// The generator for fish leaves arguments that are not options alone.
fn fish_positionals(command: &Command, name: &str) -> String {
    let function = name.replace('-', "_");
    let mut lines = String::new();
    for sub in command.get_subcommands() {
        let values = sub.get_positionals().filter_map(|argument| {
            let values = argument.get_value_parser().possible_values()?;
            Some(values.filter(|value| !value.is_hide_set()))
        });
        for value in values.flatten() {
            let help = value.get_help().map(|help| fish_quoted(&help.to_string()));
            let help = help.map(|help| format!(" -d '{help}'")).unwrap_or_default();
            lines += &format!(
                "complete -c {name} -n \"__fish_{function}_using_subcommand {}\" -f -a '{}'{help}\n",
                sub.get_name(),
                fish_quoted(value.get_name()),
            );
        }
    }
    lines
}

/// What stands between single quotes in fish.
fn fish_quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\'', "\\'")
}
