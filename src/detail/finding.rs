//! Findings about an input or a node, and what to do.

use super::{Destination, DetailContext, DetailLine};
use crate::audit::{Report, Reported};
use crate::change::Applicability;
use crate::finding::Subject;
use crate::render::words;

/// The findings about a place: those that have it as their subject, and the one that explains why
/// an input is unconfigured.
pub fn findings_about<'r, 'a>(
    context: &DetailContext<'_, '_, '_, '_>,
    report: &'r Report<'a>,
    place: Destination,
) -> impl Iterator<Item = &'r Reported<'a>> {
    let explained = match place {
        Destination::Input(input) => {
            context.explained.cause(context.analysis, input).map(|(cause, _)| cause.slot)
        }
        Destination::Node(_) => None,
    };
    report.findings.iter().filter(move |finding| match (finding.subject, place) {
        (Subject::Input(subject), Destination::Input(input)) => {
            subject == input || explained == Some(subject)
        }
        (Subject::Node(subject) | Subject::Flake(Some(subject)), Destination::Node(node)) => {
            subject == node
        }
        _ => false,
    })
}

/// A finding without its chain: the message, the fix, why it matters, and the evidence.
pub fn of_finding(finding: &Reported<'_>) -> Vec<DetailLine> {
    let (rule, level) = (finding.rule.id, words::loudness(finding.level));
    let mut lines = vec![DetailLine::new("found", format!("{rule} ({level})"))];
    lines.push(DetailLine::new("", &*finding.message));
    if let Some(exemption) = &finding.exempted {
        lines.push(DetailLine::new("exempted", &*exemption.reason));
    } else if let Some(help) = words::help_of(finding) {
        lines.extend(DetailLine::list(
            "fix",
            help.text().lines().map(|line| DetailLine::new("", line.replace('\t', "    "))),
        ));
        if let Some(fix) = &finding.fix {
            if fix.applicability == Applicability::Unverified {
                lines.push(DetailLine::new("", format!("unverified: {}", fix.reason)));
            }
            if fix.is_deep {
                lines.push(DetailLine::new("", words::TOO_DEEP));
            }
        }
    }
    let notes = finding.why.iter().chain(&finding.notes).map(|note| DetailLine::new("", &**note));
    let affects = words::affects(finding).map(|affects| DetailLine::new("", affects));
    lines.extend(DetailLine::list("why", notes.chain(affects)));
    lines
}
