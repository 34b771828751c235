//! The explorer without a terminal: what keys do, what is drawn, and what no lock may break.
//! `tests/terminal.rs` has it in a real one.

mod corpus;
mod hostile;
mod keys;
mod page;
mod random;
mod views;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use flake_audit::audit::{Setup, Source, with_report};
use flake_audit::explore::{Effect, Explorer, Scene, Sink, Theme, action, draw};
use flake_audit::lock::Unescaped;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

/// Explores a lock of which no source is read. Says so where it cannot be audited.
fn explore<T>(
    lock: &[u8],
    sink: Sink,
    then: impl FnOnce(&mut Explorer<'_, '_, '_, '_>) -> T,
) -> Result<T, String> {
    let unescaped = Unescaped::new();
    let source = Source { name: "flake.lock", bytes: lock, unescaped: &unescaped, reader: None };
    let setup = Setup { lists: true, ..Setup::default() };
    with_report(source, None, &setup, |facts, report| {
        then(&mut Explorer::new(Scene::new(facts, report), sink))
    })
    .map_err(|error| error.message)
}

/// A fixture, explored.
fn fixture<T>(name: &str, then: impl FnOnce(&mut Explorer<'_, '_, '_, '_>) -> T) -> T {
    let path = format!("{}/fixtures/{name}/flake.lock", env!("CARGO_MANIFEST_DIR"));
    explore(&std::fs::read(path).unwrap(), Sink::File, then).unwrap()
}

/// Presses keys: words are names of keys, or are typed character by character. Gives what the last
/// one is to do outside.
fn press(explorer: &mut Explorer<'_, '_, '_, '_>, keys: &str) -> Effect {
    let mut effect = Effect::None;
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

fn one(explorer: &mut Explorer<'_, '_, '_, '_>, key: KeyEvent) -> Effect {
    match action(key, explorer.prompt()) {
        Some(action) => explorer.act(action),
        None => Effect::None,
    }
}

/// What is on a screen of this size, as text.
fn screen(explorer: &mut Explorer<'_, '_, '_, '_>, width: u16, height: u16) -> String {
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
            covered = unicode_width::UnicodeWidthStr::width(cell.symbol()).saturating_sub(1);
        }
        row.trim_end().to_owned()
    });
    rows.collect::<Vec<_>>().join("\n")
}

/// The selected row of the list, as it is drawn.
fn selected(explorer: &mut Explorer<'_, '_, '_, '_>) -> String {
    let screen = screen(explorer, 160, 50);
    let row = screen.lines().find_map(|line| line.split_once('▌')).expect("a selected row").1;
    let row = row.split(['┃', '│']).find(|part| !part.trim().is_empty()).unwrap_or_default();
    row.trim_start_matches(['├', '└', '╴', ' ', '▾', '▸', '▹']).trim_end().to_owned()
}
