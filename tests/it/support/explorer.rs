//! The explorer without a terminal: keys in, a screen as text out.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use flake_audit::audit::{LockInput, Report, Setup, with_analysis, with_report};
use flake_audit::explore::{Explorer, ExplorerEffect, Scene, Sink, Theme, action, draw};
use flake_audit::fix::{ShownDiffs, show_edits};
use flake_audit::lock::Unescaped;
use flake_audit::source::Reader;
use flake_audit::text::is_hidden;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use unicode_width::UnicodeWidthStr;

use super::locks::FoundLock;

/// Explores a lock without sources, or returns why it cannot be audited.
pub(crate) fn explore<T>(
    lock: &[u8],
    sink: Sink,
    then: impl FnOnce(&mut Explorer<'_, '_, '_, '_>) -> T,
) -> Result<T, String> {
    explore_with(None, lock, sink, then)
}

/// The same with its sources, and the changes of fixes to flake.nix.
pub(crate) fn explore_with<T>(
    reader: Option<&Reader>,
    lock: &[u8],
    sink: Sink,
    then: impl FnOnce(&mut Explorer<'_, '_, '_, '_>) -> T,
) -> Result<T, String> {
    let unescaped = Unescaped::new();
    let source = LockInput { name: "flake.lock", bytes: lock, unescaped: &unescaped, reader };
    let setup = Setup { lists: true, ..Setup::default() };
    with_report(source, None, &setup, |analysis, mut report| {
        show_edits(&mut report, reader, ShownDiffs::All);
        then(&mut Explorer::new(Scene::new(analysis, &report), sink))
    })
    .map_err(|error| error.message)
}

/// A lock that is still being audited, explored.
pub(crate) fn explore_early<T>(
    lock: &[u8],
    then: impl FnOnce(&mut Explorer<'_, '_, '_, '_>) -> T,
) -> T {
    let unescaped = Unescaped::new();
    let source = LockInput { name: "flake.lock", bytes: lock, unescaped: &unescaped, reader: None };
    let explored = with_analysis(source, None, &[], |analysis, _| {
        let report = Report::empty("flake.lock");
        then(&mut Explorer::new(Scene::new(analysis, &report), Sink::File).being_audited())
    });
    explored.unwrap_or_else(|error| panic!("{}", error.message))
}

/// Presses keys: words are names of keys, or are typed character by character. Returns the effect
/// of the last one.
pub(crate) fn press(explorer: &mut Explorer<'_, '_, '_, '_>, keys: &str) -> ExplorerEffect {
    let mut effect = ExplorerEffect::None;
    for word in keys.split(' ').filter(|word| !word.is_empty()) {
        let code = match word {
            "enter" => KeyCode::Enter,
            "esc" => KeyCode::Esc,
            "tab" => KeyCode::Tab,
            "back" => KeyCode::Backspace,
            "up" => KeyCode::Up,
            "down" => KeyCode::Down,
            "left" => KeyCode::Left,
            "right" => KeyCode::Right,
            "pagedown" => KeyCode::PageDown,
            "pageup" => KeyCode::PageUp,
            "home" => KeyCode::Home,
            "end" => KeyCode::End,
            typed => {
                for c in typed.chars() {
                    effect = one(explorer, KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE));
                }
                continue;
            }
        };
        effect = one(explorer, KeyEvent::new(code, KeyModifiers::NONE));
    }
    effect
}

pub(crate) fn one(explorer: &mut Explorer<'_, '_, '_, '_>, key: KeyEvent) -> ExplorerEffect {
    match action(key, explorer.prompt()) {
        Some(action) => explorer.act(action),
        None => ExplorerEffect::None,
    }
}

/// A screen of this size as text.
pub(crate) fn screen(explorer: &mut Explorer<'_, '_, '_, '_>, width: u16, height: u16) -> String {
    let theme = Theme { color: false };
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(explorer, theme, frame)).unwrap();
    let buffer = terminal.backend().buffer();
    let rows = buffer.content.chunks(usize::from(width)).map(|cells| {
        let mut row = String::new();
        let mut covered = 0;
        for cell in cells {
            // A wide character covers the next cell, which is empty.
            if covered > 0 {
                covered -= 1;
                continue;
            }
            row.push_str(cell.symbol());
            covered = UnicodeWidthStr::width(cell.symbol()).saturating_sub(1);
        }
        row.trim_end().to_owned()
    });
    rows.collect::<Vec<_>>().join("\n")
}

/// Visits the first rows of each list of a lock; counts them, or returns why it cannot be audited.
pub(crate) fn walk_through(lock: &FoundLock) -> Result<usize, String> {
    explore(&lock.bytes, Sink::File, |explorer| {
        let mut seen = 0;
        for list in ["*", "i", "!", "o *", "t u *"] {
            press(explorer, list);
            press(explorer, "home");
            let total = explorer.lists.rows().all().len();
            for _ in 0..total.min(40) {
                let shown = screen(explorer, 80, 24);
                for line in shown.lines().skip(2).take(20) {
                    assert_eq!(UnicodeWidthStr::width(line), 80, "{}: {line}", lock.name);
                }
                assert!(!shown.contains(|c| is_hidden(c) && c != '\n'), "{}", lock.name);
                assert!(!explorer.details.lines().is_empty(), "{}: {shown}", lock.name);
                press(explorer, "j");
                seen += 1;
            }
        }
        seen
    })
}
