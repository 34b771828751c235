//! One finding, or a group of them.

use super::layout::{Layout, TextTone};
use super::{Page, ReportStyle};
use crate::render::words::{self, FindingGroup, Help, HelpLines};
use crate::text::Visible;

/// Adds it to a page: what is wrong, where, what to do, and why.
pub(super) fn add_finding(page: &mut Page, group: &FindingGroup<'_, '_>, show: ReportStyle) {
    let first = group.first;
    let (loudness, name) = (TextTone::of(first.level), words::loudness(first.level));
    let help = group.help();
    let mut layout = Layout::new(show);
    if let Some(location) = &first.location {
        layout.make_room_for(location.start.line);
    }
    if let Some(HelpLines::Diff(diff)) = help.as_ref().map(|help| &help.lines) {
        diff.lines().for_each(|line| layout.make_room_for(line.number));
    }
    let name = format!("{name}[{}]", first.rule.id);
    page.add(
        layout.title(loudness, &name, &group.message())
            + &place(group, help.as_ref(), &layout, loudness),
    );
    if first.is_older() {
        page.add(layout.sentence(
            "older",
            TextTone::Note,
            "it was there before, and does not count",
        ));
    }
    if let Some(exemption) = &first.exempted {
        let reason = Visible(&exemption.reason).to_string();
        page.add(layout.sentence("exempted", TextTone::Note, &reason));
    } else if let Some(help) = help {
        let paragraph = |sentence: &String| layout.sentence("help", TextTone::Help, sentence);
        let sentences = help.sentences.iter().map(paragraph);
        match &help.lines {
            HelpLines::None => {
                help.sentences.iter().for_each(|says| page.add_once(paragraph(says), says));
            }
            HelpLines::Diff(diff) => {
                let lines = diff.lines().map(|line| layout.diff_line(line));
                page.add(sentences.chain(lines).collect());
            }
            HelpLines::Paste(lines) => {
                let lines = lines.iter().map(|line| layout.pasted(line));
                page.add(sentences.chain(lines).collect());
            }
        }
    }
    if let Some(why) = group.why() {
        page.add_once(layout.sentence("why", TextTone::Note, &why), &why);
    }
    if first.exempted.is_none() {
        for (name, text) in group.reservations() {
            let tone = if name == "note" { TextTone::Note } else { TextTone::Caution };
            page.add_once(layout.sentence(name, tone, &text), &text);
        }
    }
    if show.verbose {
        for line in group.evidence() {
            page.add_once(layout.sentence("note", TextTone::Note, &line), &line);
        }
    }
}

/// Its place: the line with a mark. For findings in different places, the first place and the list
/// of findings.
fn place(
    group: &FindingGroup<'_, '_>,
    help: Option<&Help<'_>>,
    layout: &Layout,
    loudness: TextTone,
) -> String {
    let mut text = String::new();
    if let Some(location) = &group.first.location {
        let file = Visible(&location.file).to_string();
        text = match group.excerpt() {
            Some(excerpt) => {
                let label = group.first.label.as_ref().map(|label| Visible(label).to_string());
                layout.snippet(&file, excerpt, loudness, label.as_deref())
            }
            None => layout.place(&file, Some(location.start)),
        };
    }
    // Lines to paste name each input already.
    let is_named = |help: &Help<'_>| matches!(help.lines, HelpLines::Paste(_));
    let messages = group.messages();
    let is_told = !messages.is_empty() || help.is_some_and(is_named);
    if let Some(inputs) = group.inputs().filter(|_| !is_told) {
        text += &layout.sentence("inputs", TextTone::Note, &inputs);
    }
    for message in messages {
        text += &layout.sentence("found", TextTone::Note, &message);
    }
    text
}
