//! Any keys, on any lock.

use flake_audit::explore::{Action, Explorer, Fold, Sink, Spot};

use super::{explore, screen};
use crate::support::property::check_locks;
use crate::support::random::Shape;

const ACTIONS: [Action; 34] = [
    Action::Down,
    Action::Down,
    Action::Down,
    Action::Up,
    Action::PageDown,
    Action::PageUp,
    Action::HalfDown,
    Action::HalfUp,
    Action::Top,
    Action::Bottom,
    Action::Open,
    Action::Open,
    Action::Open,
    Action::Close,
    Action::Enter,
    Action::Enter,
    Action::OpenAll,
    Action::CloseAll,
    Action::OtherPane,
    Action::Follow,
    Action::Back,
    Action::Tree,
    Action::Users,
    Action::Instances,
    Action::Findings,
    Action::Outputs,
    Action::Search,
    Action::Next,
    Action::Previous,
    Action::Dump,
    Action::Copy,
    Action::Help,
    Action::Escape,
    Action::Erase,
];

/// Texts to type where text is accepted.
const TYPED: [&str; 6] = ["n", "pkgs", "dep/", "/", "\u{1b}[2J\u{202e}", "日"];

/// Pseudo-random numbers from a seed.
struct Dice(u64);

impl Dice {
    /// A number below `end`.
    fn roll(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

#[test]
fn no_keys_break_it_on_any_lock() {
    check_locks(Shape::WILD, |lock, seed| {
        let lock = serde_json::to_vec(lock).unwrap();
        // Locks that cannot be audited are not explored.
        let _ = explore(&lock, Sink::File, |explorer| {
            let mut dice = Dice(seed);
            for _ in 0..40 {
                let action = match dice.roll(ACTIONS.len() + 5) {
                    at if at < ACTIONS.len() => ACTIONS[at].clone(),
                    at => Action::Type(TYPED[at % TYPED.len()].into()),
                };
                explorer.act(action);
                is_whole(explorer);
                let (width, height) = (dice.roll(100), dice.roll(30));
                let shown = screen(
                    explorer,
                    u16::try_from(width).unwrap() + 1,
                    u16::try_from(height).unwrap() + 1,
                );
                let hidden = |c: char| flake_audit::text::is_hidden(c) && c != '\n';
                assert!(!shown.contains(hidden), "something hidden is shown");
            }
        });
    });
}

/// Invariants of rows and the selection.
fn is_whole(explorer: &Explorer<'_, '_, '_, '_>) {
    let rows = explorer.lists.rows();
    let all = rows.all();
    assert!(all.is_empty() || rows.position() < all.len(), "selection past the end");
    assert!(
        explorer.details.lines().is_empty()
            || explorer.details.position() < explorer.details.lines().len(),
        "line past the end"
    );
    let mut spots: Vec<Spot> = all.iter().map(|row| row.spot).collect();
    spots.sort_unstable();
    let count = spots.len();
    spots.dedup();
    assert_eq!(spots.len(), count, "a row twice");
    for (at, row) in all.iter().enumerate() {
        match row.parent {
            Some(parent) => {
                assert!(parent < at, "a row stands above its parent");
                assert_eq!(all[parent].fold, Fold::Open, "a row below a closed one");
                assert_eq!(all[parent].depth + 1, row.depth, "a level left out");
            }
            None => assert_eq!(row.depth, 0, "a row without a parent"),
        }
        if row.fold == Fold::Open {
            let next = all.get(at + 1).is_some_and(|next| next.parent == Some(at));
            assert!(next, "an open row with nothing below");
        }
    }
}
