//! `flake-audit man`.

use std::io::{self, Write};

use anyhow::{Context, Result, bail};
use clap::Command;
use clap_mangen::Man as Page;
use clap_mangen::roff::{Roff, roman};

use super::args::{Man, Screen, command};
use super::exit::Exit;
use super::output::ResultOutput;
use crate::load::create;
use crate::text::{did_you_mean, nearest};

pub(super) fn run(man: &Man, screen: &Screen) -> Result<Exit> {
    let mut program = command().disable_help_subcommand(true);
    // Sets names of pages, and adds global options to every subcommand.
    program.build();
    if let Some(dir) = &man.dir {
        for command in subcommands(&program).chain([&program]) {
            let file = dir.join(format!("{}.1", page_name(command)));
            let page = page(command)?;
            let written = create(&file, true, |out| out.write_all(&page));
            written.with_context(|| file.display().to_string())?;
        }
        return Ok(Exit::Success);
    }
    let command = match &man.command {
        None => &program,
        Some(name) => match program.find_subcommand(name) {
            Some(command) => command,
            None => {
                let meant = nearest(name, subcommands(&program).map(Command::get_name));
                bail!("there is no subcommand `{name}`{}", did_you_mean(meant))
            }
        },
    };
    let mut output = ResultOutput::new(screen);
    output.write_all(&page(command)?)?;
    output.flush()?;
    Ok(Exit::Success)
}

fn subcommands(program: &Command) -> impl Iterator<Item = &Command> {
    program.get_subcommands()
}

/// `flake-audit-check`, the name for `man`.
fn page_name(command: &Command) -> &str {
    command.get_display_name().unwrap_or(command.get_name())
}

/// The page of a command. The end of its help becomes sections with their usual names.
fn page(command: &Command) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    // The program's version, on pages of subcommands, too.
    let source = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));
    let page = Page::new(command.clone()).source(source);
    page.render_title(&mut out)?;
    page.render_name_section(&mut out)?;
    page.render_synopsis_section(&mut out)?;
    page.render_description_section(&mut out)?;
    page.render_options_section(&mut out)?;
    if subcommands(command).next().is_some() {
        page.render_subcommands_section(&mut out)?;
    }
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    for part in after.split("\n\n") {
        let mut roff = Roff::new();
        if let Some(examples) = part.strip_prefix("Examples:\n") {
            roff.control("SH", ["EXAMPLES"]).control("nf", []);
            let lines = examples.lines().map(|line| roman(format!("{}\n", line.trim_start())));
            roff.text(lines.collect::<Vec<_>>());
            roff.control("fi", []);
        } else if let Some(codes) = part.strip_prefix("Exit codes: ") {
            roff.control("SH", ["EXIT STATUS"]).text([roman(codes)]);
        } else if !part.is_empty() {
            roff.control("SH", ["NOTES"]).text([roman(part)]);
        }
        roff.to_writer(&mut out)?;
    }
    page.render_version_section(&mut out)?;
    Ok(out)
}
