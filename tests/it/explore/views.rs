//! The screens as text: without colours they must be just as informative.

use insta::assert_snapshot;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::{Color, Modifier};

use flake_audit::explore::{Theme, draw};

use super::{fixture, fixture_early, fixture_with_sources, press, screen};

#[test]
fn the_seed_scenario() {
    fixture("seed/a-follows-plain", |explorer| {
        assert_snapshot!(screen(explorer, 80, 24));
        press(explorer, "*jj");
        assert_snapshot!(screen(explorer, 80, 24));
        press(explorer, "u");
        assert_snapshot!(screen(explorer, 80, 24));
        press(explorer, "i");
        assert_snapshot!(screen(explorer, 80, 24));
        press(explorer, "!");
        assert_snapshot!(screen(explorer, 80, 24));
        press(explorer, "?");
        assert_snapshot!(screen(explorer, 80, 24));
        press(explorer, "esc t d");
        assert_snapshot!(screen(explorer, 80, 24));
    });
}

#[test]
fn what_is_still_being_audited_says_so() {
    fixture_early("seed/a-follows-plain", |explorer| {
        let shown = screen(explorer, 160, 24);
        assert!(
            shown.contains("Inputs (being audited)") && shown.contains("another-dep"),
            "{shown}"
        );
        for (list, name) in [("!", "Findings"), ("o", "Outputs"), ("i", "Instances of nixpkgs")] {
            press(explorer, list);
            let shown = screen(explorer, 160, 24);
            assert!(shown.contains(&format!("{name} (being audited)")), "{shown}");
            assert!(shown.contains("it is still being audited"), "{shown}");
        }
    });
}

#[test]
fn outputs_open_to_what_they_take_in_and_the_way_of_that() {
    fixture_with_sources("source/several-hosts", |explorer| {
        press(explorer, "o");
        assert_snapshot!(screen(explorer, 80, 24));
        press(explorer, "j l");
        assert_snapshot!(screen(explorer, 80, 24));
        press(explorer, "l l");
        assert_snapshot!(screen(explorer, 120, 24));
        press(explorer, "l j");
        assert_snapshot!(screen(explorer, 80, 24));
    });
}

#[test]
fn a_narrow_pane_has_one_thing_at_a_time() {
    fixture("seed/d-three-levels", |explorer| {
        press(explorer, "*/viewer enter");
        assert_snapshot!(screen(explorer, 40, 12));
        press(explorer, "tab");
        assert_snapshot!(screen(explorer, 40, 12));
        assert_snapshot!(screen(explorer, 39, 12));
        assert_snapshot!(screen(explorer, 40, 7));
    });
}

#[test]
fn verdicts_of_all_kinds() {
    for (name, keys) in [
        ("seed/d-three-levels", "*"),
        ("seed/f-skewed-wrapper", "*"),
        ("dangling-follows/missing-input", "*"),
        ("follows-cycle/each-other", "*"),
        ("unconfigured-nixpkgs/disabled-slots", "*"),
        ("unreachable-node/left-behind", "* end"),
        ("shared-node/subtree", "*"),
        ("node-cycle/two-nodes", "*"),
    ] {
        fixture(name, |explorer| {
            press(explorer, keys);
            assert_snapshot!(name, screen(explorer, 100, 20));
        });
    }
}

#[test]
fn colours_say_nothing_that_text_does_not() {
    fixture("seed/a-follows-plain", |explorer| {
        press(explorer, "*j");
        let cells = |color, explorer: &mut _| {
            let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
            terminal.draw(|frame| draw(explorer, Theme { color }, frame)).unwrap();
            terminal.backend().buffer().content.clone()
        };
        let with = cells(true, explorer);
        let without = cells(false, explorer);
        let text = |cells: &[ratatui::buffer::Cell]| -> String {
            cells.iter().map(ratatui::buffer::Cell::symbol).collect()
        };
        assert_eq!(text(&with), text(&without));
        assert!(with.iter().any(|cell| cell.fg == Color::Red), "something is red");
        let plain =
            |cell: &ratatui::buffer::Cell| cell.fg == Color::Reset && cell.bg == Color::Reset;
        assert!(without.iter().all(plain), "NO_COLOR has colours");
        assert!(without.iter().any(|cell| cell.modifier.contains(Modifier::REVERSED)));
    });
}
