//! The left pane: the rows of a list.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::super::columns::{Fitted, fitted, fitted_path};
use super::super::explorer::Explorer;
use super::super::label::{Label, THIS_FLAKE, label, slashed};
use super::super::lists::ListKind;
use super::super::row::{Fold, Row, Spot};
use super::super::theme::Theme;
use super::{Scrolled, border, inside, nth_row, write_text};

/// Columns per level of the tree.
const INDENT: usize = 2;

/// Draws the current list.
pub(super) fn draw(
    explorer: &mut Explorer<'_, '_, '_, '_>,
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
) {
    let active = !explorer.in_details;
    let mut title = title(explorer);
    if !explorer.is_audited {
        title.push_str(" (being audited)");
    }
    let inside = inside(area);
    let height = usize::from(inside.height);
    explorer.page = height;
    explorer.areas.list = inside;
    explorer.lists.rows_mut().scroll(height);
    let rows = explorer.lists.rows();
    let total = rows.all().len();
    let scrolled = Scrolled {
        position: rows.position() + 1,
        total,
        more: (rows.top() > 0, rows.top() + height < total),
    };
    border(&title, Some(&scrolled).filter(|_| total > 0), active, theme, area, buffer);
    if total == 0 {
        write_text(buffer, inside, 1, empty(explorer), theme.quiet());
    }
    // Keep half of the pane for names; levels that do not fit scroll away to the left.
    let levels = (usize::from(inside.width) / 2 / INDENT).max(1);
    let deepest = rows.selected().map_or(0, |row| row.depth as usize);
    let drawing = Drawing { explorer, theme, active, levels, away: deepest.saturating_sub(levels) };
    for (at, row) in rows.all().iter().enumerate().skip(rows.top()).take(height) {
        let Some(line) = nth_row(inside, at - rows.top()) else { break };
        drawing.row(row, at == rows.position(), line, buffer);
    }
}

fn title(explorer: &Explorer<'_, '_, '_, '_>) -> String {
    let scene = &explorer.scene;
    match explorer.lists.shown {
        ListKind::Tree => "Inputs".into(),
        ListKind::Users => {
            let node = explorer.lists.used();
            match scene.graph().place(node) {
                Some(place) if place.owner.is_none() => "Users of this flake".into(),
                Some(_) => format!("Users of {}", slashed(&scene.graph().owner_path(node))),
                None => format!("Users of node {}", scene.graph().lock().node(node).key),
            }
        }
        ListKind::Instances => "Instances of nixpkgs".into(),
        ListKind::Findings => "Findings".into(),
        ListKind::Outputs => "Outputs".into(),
    }
}

fn empty(explorer: &Explorer<'_, '_, '_, '_>) -> &'static str {
    match explorer.lists.shown {
        ListKind::Findings | ListKind::Instances | ListKind::Outputs if !explorer.is_audited => {
            "it is still being audited"
        }
        ListKind::Findings => "nothing was found",
        ListKind::Instances => "no nixpkgs is used",
        ListKind::Outputs => "no output was read",
        ListKind::Tree | ListKind::Users => "",
    }
}

struct Drawing<'e, 'f, 'g, 'l, 'a> {
    explorer: &'e Explorer<'f, 'g, 'l, 'a>,
    theme: Theme,
    active: bool,
    /// How many levels of the tree are drawn.
    levels: usize,
    /// How many levels are scrolled away.
    away: usize,
}

impl Drawing<'_, '_, '_, '_, '_> {
    fn row(&self, row: &Row, is_selected: bool, line: Rect, buffer: &mut Buffer) {
        let Explorer { scene, lists, .. } = self.explorer;
        let base = if is_selected { self.theme.selected(self.active) } else { Style::new() };
        buffer.set_style(line, base);
        write_text(buffer, line, 0, if is_selected { "▌" } else { " " }, base);
        let branch = self.branch(row);
        write_text(buffer, line, 1, &branch, base.patch(self.theme.quiet()));
        let mut column = 1 + branch.chars().count();
        if matches!(lists.shown, ListKind::Tree | ListKind::Users | ListKind::Outputs) {
            let sign = match row.fold {
                Fold::Leaf => " ",
                Fold::Closed => "▸",
                Fold::Open => "▾",
                Fold::Elsewhere => "▹",
            };
            write_text(buffer, line, column, sign, base);
            column += 2;
        }
        let label = label(scene, row, lists.shown == ListKind::Users);
        // The last column stays free.
        let width = usize::from(line.width).saturating_sub(1);
        let parts = Parts::new(&label, width.saturating_sub(column), lists.shown);
        let named = if self.is_match(row) { base.patch(self.theme.found()) } else { base };
        write_text(buffer, line, column, &parts.name.text, named);
        write_text(
            buffer,
            line,
            column + parts.name.width,
            &parts.leads.text,
            base.patch(self.theme.quiet()),
        );
        if !parts.source.is_empty() {
            let at = width.saturating_sub(parts.mark.width + 2 + columns_of(&parts.source));
            write_text(buffer, line, at, &parts.source, base.patch(self.theme.quiet()));
        }
        if let Some(mark) = &label.mark {
            let at = width.saturating_sub(parts.mark.width);
            // Quiet colours cannot be read on the selected row.
            let tone = if is_selected { Style::new() } else { self.theme.tone(mark.tone) };
            write_text(buffer, line, at, &parts.mark.text, base.patch(tone));
        }
    }

    /// The lines from the rows above to this one, as in `tree`, without the levels that are
    /// scrolled away.
    fn branch(&self, row: &Row) -> String {
        let depth = row.depth as usize;
        let drawn = depth.saturating_sub(self.away).min(self.levels + 1);
        let rows = self.explorer.lists.rows().all();
        let mut pieces = Vec::with_capacity(drawn);
        let mut at = Some(row);
        while let Some(row) = at.filter(|_| pieces.len() < drawn) {
            pieces.push(match (pieces.is_empty(), row.is_last) {
                (true, true) => "└╴",
                (true, false) => "├╴",
                (false, true) => "  ",
                (false, false) => "│ ",
            });
            at = row.parent.and_then(|parent| rows.get(parent));
        }
        if drawn < depth && self.away + drawn < depth {
            // There is no room for more levels.
            pieces.pop();
            pieces.push("… ");
        }
        pieces.into_iter().rev().collect()
    }

    fn is_match(&self, row: &Row) -> bool {
        let Explorer { scene, search, lists, .. } = self.explorer;
        let Some(search) = search else { return false };
        let root = scene.graph().lock().root();
        match (row.spot, lists.shown) {
            (Spot::Input(input), ListKind::Tree) => search.pattern.is_of(scene.graph(), input),
            (Spot::Node(node), ListKind::Tree) if row.parent.is_none() && node != root => {
                search.pattern.is_of_node(scene.graph(), node)
            }
            (_, ListKind::Tree) => false,
            _ => search.pattern.is_in(&label(scene, row, lists.shown == ListKind::Users).name),
        }
    }
}

/// A label in columns: the mark on the right, the name before everything else.
struct Parts {
    name: Fitted,
    leads: Fitted,
    mark: Fitted,
    /// All of it, or the part in brackets at its end, or nothing.
    source: String,
}

fn columns_of(text: &str) -> usize {
    fitted(text, usize::MAX).width
}

/// Where a row leads, after an arrow. Of a path the first name and the end are kept.
fn leads_to(leads: &str, room: usize) -> Fitted {
    let is_arrow = |sign: &&str| leads.starts_with(*sign);
    let Some(sign) = [" → ", " ← ", " = "].into_iter().find(is_arrow) else {
        return fitted(leads, room);
    };
    let mut fitted = fitted(sign, room);
    let path = leads.get(sign.len()..).unwrap_or_default();
    fitted.push(&fitted_path(path, room.saturating_sub(fitted.width)));
    fitted
}

impl Parts {
    /// Of a path the first name and the end are kept, of a name the start.
    fn new(label: &Label, room: usize, list: ListKind) -> Self {
        let shortest = 8;
        let text = label.mark.as_ref().map_or("", |mark| &mark.text);
        let mut mark = fitted(text, room.saturating_sub(shortest + 1));
        let whole = fitted(&label.name, room);
        // Where it leads says more than the word for its verdict.
        let leads = fitted(&label.leads, room).width;
        // The rule of a finding about the whole flake says what it is about.
        let is_told = list == ListKind::Findings && label.name == THIS_FLAKE;
        let is_full = whole.width + leads + 1 + mark.width > room;
        if mark.text != *text || (is_full && !is_told) {
            // A sign says as much, and leaves more room for the name.
            let sign = text.split(' ').next().filter(|sign| sign.chars().count() == 1);
            if let Some(sign) = sign {
                mark = fitted(sign, room);
            }
        }
        let left = room.saturating_sub(mark.width + usize::from(mark.width > 0));
        let kept = if list == ListKind::Tree { fitted } else { fitted_path };
        let name = kept(&label.name, left);
        let leads = leads_to(&label.leads, left.saturating_sub(name.width));
        let left = left.saturating_sub(name.width + leads.width + 3);
        // Keep at least its date.
        let when = label.source.trim_end_matches(')').rsplit(['(', ' ']).next().unwrap_or_default();
        let variants = [label.source.as_str(), when].map(|text| fitted(text, usize::MAX));
        let source = variants.into_iter().find(|text| text.width <= left);
        let source = source.map(|text| text.text).unwrap_or_default();
        Self { name, leads, mark, source }
    }
}
