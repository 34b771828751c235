//! The report on duplicates as text for people.

use std::io::{self, Write};

use owo_colors::{OwoColorize, Style};

use super::report::{OutputReport, RepairEffect, TwiceReport};
use super::words::{self, BeginningGroup, bringer};
use crate::text::Visible;

/// How much is shown, and how.
#[derive(Debug, Clone, Copy)]
pub struct TwiceStyle {
    /// With colours.
    pub color: bool,
    /// Only how many packages exist twice.
    pub quiet: bool,
    /// Also outputs without duplicates.
    pub all: bool,
}

/// Writes a block for each output with duplicates, or of which they are not known.
///
/// # Errors
/// Those of the sink.
pub fn write(report: &TwiceReport, show: TwiceStyle, out: &mut impl Write) -> io::Result<()> {
    let mut clean = 0;
    for output in &report.outputs {
        if output.says_nothing() && !show.all {
            clean += 1;
            continue;
        }
        write_output(output, show, out)?;
    }
    for unlisted in &report.unlisted {
        let what = format!("{} could not be listed: {}", unlisted.kind, unlisted.reason);
        writeln!(out, "{}", Visible(&what))?;
    }
    words::clean(clean).map_or(Ok(()), |text| writeln!(out, "{text}"))
}

fn write_output(output: &OutputReport, show: TwiceStyle, out: &mut impl Write) -> io::Result<()> {
    let styled = |style: Style| if show.color { style } else { Style::new() };
    let style = match (&output.failed, output.twice.is_empty()) {
        (Some(_), _) => styled(Style::new().yellow()),
        (None, true) => styled(Style::new().green()),
        (None, false) => styled(Style::new().red()),
    };
    let name = Visible(&output.output).to_string();
    writeln!(
        out,
        "{}: {}",
        name.style(styled(Style::new().bold())),
        Visible(&words::verdict(output)).to_string().style(style)
    )?;
    if show.quiet {
        return Ok(());
    }
    if let Some(text) = words::by_attributes(output) {
        writeln!(out, "  {}", Visible(&text))?;
    }
    for group in words::groups(&output.twice) {
        write_group(&group, out)?;
    }
    for text in words::dropped(output) {
        writeln!(out, "  {}", Visible(&text))?;
    }
    if let Some(with_fix) = &output.with_fix {
        let text = words::with_fix(output.derivations, with_fix);
        writeln!(out, "  with the repair: {}", Visible(&text))?;
        for text in words::through(with_fix) {
            writeln!(out, "    left: {}", Visible(&text))?;
        }
    }
    writeln!(out)
}

fn write_group(group: &BeginningGroup<'_>, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "  {}", Visible(&group.heading()))?;
    for text in group.meetings() {
        writeln!(out, "    {}", Visible(&text))?;
    }
    for begins in group.beginnings() {
        writeln!(out, "    begins at {}", Visible(&begins))?;
    }
    for (package, variant) in
        group.described().into_iter().flat_map(|it| it.variants.iter().map(move |v| (it, v)))
    {
        let chain = variant.chain.join(" → ");
        let text = format!("{} {}: {chain}", package.name, bringer(variant));
        writeln!(out, "      {}", Visible(&text))?;
    }
    Ok(())
}

/// The effect of a repair on an output, in one line; `None` if there is nothing to report.
pub fn effect(effect: &RepairEffect) -> Option<String> {
    words::effect(effect)
}
