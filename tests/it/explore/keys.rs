//! The effect of keys.

use flake_audit::explore::{ExplorerEffect, Fold, Sink, Spot};

use super::{explore, fixture, press, screen, selected};

const SEED: &str = "seed/a-follows-plain";
const DEEP: &str = "seed/d-three-levels";

#[test]
fn rows_open_and_close_and_the_selection_stays_in_them() {
    fixture(DEEP, |explorer| {
        let rows = |explorer: &flake_audit::explore::Explorer<'_, '_, '_, '_>| {
            explorer.lists.rows().all().len()
        };
        let closed = rows(explorer);
        press(explorer, "end");
        assert!(selected(explorer).starts_with("toolkit"));
        press(explorer, "l");
        let open = rows(explorer);
        assert!(open > closed);
        press(explorer, "l");
        assert!(!selected(explorer).starts_with("toolkit"), "into it");
        press(explorer, "h");
        assert!(selected(explorer).starts_with("toolkit"), "back to the row above");
        press(explorer, "h");
        assert_eq!(rows(explorer), closed);
        press(explorer, "enter enter");
        assert_eq!(rows(explorer), closed, "enter opens and closes");
        press(explorer, "* end -");
        assert!(selected(explorer).starts_with("toolkit"), "what is left of it");
        press(explorer, "home h");
        assert_eq!(rows(explorer), 1);
        press(explorer, "right");
        assert_eq!(rows(explorer), closed);
    });
}

#[test]
fn a_follows_is_followed_to_its_end_and_back() {
    fixture(SEED, |explorer| {
        press(explorer, "/another-dep/nixpkgs enter");
        assert!(selected(explorer).starts_with("nixpkgs → nixpkgs"), "{}", selected(explorer));
        press(explorer, "F");
        assert!(screen(explorer, 80, 24).starts_with("flake.lock › nixpkgs\n"));
        press(explorer, "F");
        assert_eq!(explorer.message.as_deref(), Some("this is where it ends"));
        press(explorer, "back");
        assert!(screen(explorer, 80, 24).starts_with("flake.lock › another-dep › nixpkgs\n"));
        press(explorer, "enter");
        assert!(
            screen(explorer, 80, 24).starts_with("flake.lock › nixpkgs\n"),
            "enter does so too"
        );
        press(explorer, "back back back back");
        assert_eq!(explorer.message.as_deref(), Some("this is where you began"));
        assert!(matches!(explorer.lists.spot(), Some(Spot::Node(_))), "the root");
    });
    fixture("dangling-follows/missing-input", |explorer| {
        press(explorer, "*");
        while !screen(explorer, 120, 40).contains("ends     nowhere") {
            press(explorer, "j");
        }
        press(explorer, "F");
        assert_eq!(explorer.message.as_deref(), Some("this input ends nowhere"));
    });
}

#[test]
fn users_are_walked_up_to_the_root() {
    fixture(DEEP, |explorer| {
        press(explorer, "/toolkit/viewer/nixpkgs enter u");
        assert!(screen(explorer, 100, 24).contains("Users of "));
        press(explorer, "*");
        let all = explorer.lists.rows().all();
        assert!(all.iter().any(|row| row.depth > 1), "users of users");
        let root = explorer.lists.rows().all().iter().filter(|row| row.fold == Fold::Leaf);
        assert!(root.count() > 0, "the root has no users");
        // To another node, and back to the first.
        press(explorer, "end u back");
        assert!(screen(explorer, 100, 24).contains("Users of "));
        press(explorer, "back");
        assert!(screen(explorer, 100, 24).contains(" Inputs "));
    });
}

#[test]
fn lists_keep_what_is_selected_in_them() {
    fixture(DEEP, |explorer| {
        press(explorer, "jj");
        let tree = selected(explorer);
        press(explorer, "ij");
        let instance = selected(explorer);
        press(explorer, "!");
        press(explorer, "i");
        assert_eq!(selected(explorer), instance);
        press(explorer, "esc");
        assert_eq!(selected(explorer), tree);
        // From a finding to its input.
        press(explorer, "! enter");
        assert!(selected(explorer).contains("unconfigured"), "{}", selected(explorer));
        press(explorer, "back");
        assert!(screen(explorer, 80, 24).contains(" Findings "));
    });
}

#[test]
fn a_search_finds_paths_keys_and_references() {
    fixture(DEEP, |explorer| {
        for (pattern, path) in [
            ("viewer", "toolkit › viewer"),
            ("toolkit/view", "toolkit › viewer"),
            ("kit/viewer", "toolkit › viewer"),
            ("/nixpkgs", "nixpkgs"),
            ("VIEWER", ""),
            ("github:acme/toolkit", "toolkit"),
            ("nixpkgs_2", "toolkit › engine › solver › nixpkgs"),
            ("no such thing", ""),
        ] {
            press(explorer, "esc home /");
            for word in pattern.split(' ') {
                press(explorer, word);
            }
            press(explorer, "enter");
            let screen = screen(explorer, 100, 24);
            let crumbs = screen.lines().next().unwrap();
            let expected = if path.is_empty() {
                "flake.lock".into()
            } else {
                format!("flake.lock › {path}")
            };
            assert_eq!(crumbs, expected, "{pattern}: {:?}", explorer.message);
        }
    });
}

#[test]
fn a_search_finds_what_no_input_reaches() {
    fixture("unreachable-node/left-behind", |explorer| {
        press(explorer, "/old-tool enter");
        assert!(selected(explorer).starts_with("node old-tool"), "{}", selected(explorer));
        press(explorer, "n");
        assert_eq!(explorer.message.as_deref(), Some("match 1 of 1"));
    });
}

#[test]
fn n_goes_round_and_esc_ends_a_search() {
    fixture(DEEP, |explorer| {
        press(explorer, "/nixpkgs enter");
        let first = explorer.lists.spot();
        let total: usize = {
            press(explorer, "n");
            let message = explorer.message.clone().unwrap();
            message.split(' ').nth(3).unwrap().parse().unwrap()
        };
        press(explorer, &"n".repeat(total - 1));
        assert_eq!(explorer.lists.spot(), first);
        press(explorer, "N n");
        assert_eq!(explorer.lists.spot(), first);
        press(explorer, "esc n");
        assert_eq!(explorer.message.as_deref(), Some("no search yet: / begins one"));
        // A cancelled search changes nothing.
        press(explorer, "- home /solver esc");
        assert!(explorer.search.is_none());
        assert_eq!(explorer.lists.rows().position(), 0);
    });
}

#[test]
fn details_lead_on() {
    fixture(SEED, |explorer| {
        press(explorer, "jj tab");
        assert!(explorer.in_details);
        let line = explorer.details.lines().iter().position(|line| {
            line.leads_to.is_some() && line.text.starts_with("another-dep/nixpkgs")
        });
        press(explorer, &"j".repeat(line.unwrap()));
        press(explorer, "enter");
        assert!(screen(explorer, 80, 24).starts_with("flake.lock › another-dep › nixpkgs\n"));
        assert!(!explorer.in_details);
        press(explorer, "back");
        assert!(screen(explorer, 80, 24).starts_with("flake.lock › nixpkgs\n"));
    });
}

#[test]
fn the_fix_is_copied() {
    let fix = "inputs.another-dep.inputs.nixpkgs.follows = \"nixpkgs-gpu\";\n";
    for keys in ["! y", "/another-dep/nixpkgs enter y"] {
        fixture(SEED, |explorer| {
            assert_eq!(press(explorer, keys), ExplorerEffect::Copy(fix.into()));
        });
    }
    fixture(SEED, |explorer| {
        assert_eq!(press(explorer, "jjy"), ExplorerEffect::None);
        assert_eq!(explorer.message.as_deref(), Some("no fix to copy here"));
    });
}

#[test]
fn a_drawing_is_written_where_it_is_said() {
    let dot = |dump: &flake_audit::explore::Dump,
               explorer: &flake_audit::explore::Explorer<'_, '_, '_, '_>| {
        let mut out = Vec::new();
        dump.write(explorer.scene.analysis, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    fixture(DEEP, |explorer| {
        assert!(explorer.on_leaving().is_none(), "nothing is written that was not asked for");
        let ExplorerEffect::Write { dump, file, replace } = press(explorer, "d enter") else {
            panic!()
        };
        assert_eq!((&*file, replace), ("graph.dot", false));
        assert!(!dot(&dump, explorer).contains("Shown:"), "the root is all of it");
        explorer.ask_to_replace(dump.clone(), file.clone());
        assert_eq!(press(explorer, "enter"), ExplorerEffect::Write { dump, file, replace: true });

        press(explorer, "/viewer enter esc");
        let ExplorerEffect::Write { dump, file, .. } = press(explorer, "d enter") else { panic!() };
        assert_eq!(file, "toolkit-viewer.dot");
        assert!(dot(&dump, explorer).contains("Shown: what leads to or from toolkit/viewer."));

        press(explorer, "/solver/nixpkgs enter");
        let ExplorerEffect::Write { dump, file, .. } = press(explorer, "d enter") else { panic!() };
        assert_eq!(file, "matches-of-solver-nixpkgs.dot");
        let drawn = dot(&dump, explorer);
        assert!(drawn.contains("Shown: 1 node and what leads there."), "{drawn}");
        assert!(drawn.contains("solver") && !drawn.contains("label=\"nixpkgs-gpu"), "{drawn}");

        press(explorer, "i");
        assert!(matches!(press(explorer, "d enter"), ExplorerEffect::Write { .. }));
        assert_eq!(press(explorer, "d esc"), ExplorerEffect::None);
    });
    let lock = std::fs::read(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/seed/d-three-levels/flake.lock"
    ));
    explore(&lock.unwrap(), Sink::Stdout, |explorer| {
        press(explorer, "/viewer enter esc d");
        assert!(explorer.message.as_deref().is_some_and(|said| said.contains("toolkit/viewer")));
        press(explorer, "home");
        let chosen = explorer.on_leaving().unwrap();
        assert!(dot(&chosen, explorer).contains("toolkit/viewer"), "what d was pressed on");
        assert_eq!(press(explorer, "q"), ExplorerEffect::Quit);
    })
    .unwrap();
}

#[test]
fn from_finding_to_finding() {
    fixture("seed/e-team-wrappers", |explorer| {
        explorer.to_first_finding();
        let first = explorer.lists.spot();
        assert!(matches!(first, Some(Spot::Input(_))));
        assert!(screen(explorer, 80, 24).contains("found "), "its details stand beside it");
        press(explorer, "[");
        assert_eq!(explorer.message.as_deref(), Some("this is the first finding"));
        let mut seen = vec![explorer.lists.spot()];
        for _ in 0..50 {
            press(explorer, "]");
            if explorer.message.is_some() {
                break;
            }
            seen.push(explorer.lists.spot());
        }
        assert_eq!(explorer.message.as_deref(), Some("this is the last finding"));
        let found = explorer.scene.report.findings.iter().filter(|f| f.exempted.is_none()).count();
        assert_eq!(seen.len(), found);
        for spot in seen.iter().rev().skip(1) {
            press(explorer, "[");
            assert_eq!(explorer.lists.spot(), *spot);
        }
        press(explorer, "!");
        press(explorer, "]");
        assert!(matches!(explorer.lists.spot(), Some(Spot::Finding(_))), "in its list, too");
    });
    fixture("seed/c-clean", |explorer| {
        press(explorer, "]");
        assert_eq!(explorer.message.as_deref(), Some("nothing was found"));
    });
}

#[test]
fn a_fix_is_shown_and_made_by_a_yes_alone() {
    super::fixture_with_sources(SEED, |explorer| {
        explorer.to_first_finding();
        for no in ["n", "esc", "enter", "q", "f", "j esc"] {
            assert_eq!(press(explorer, "f"), ExplorerEffect::None);
            let asked = screen(explorer, 80, 24);
            assert!(asked.contains("Make this fix?"), "{asked}");
            assert!(
                asked.contains("11 +     another-dep.inputs.nixpkgs.follows = \"nixpkgs-gpu\";")
            );
            assert_eq!(press(explorer, no), ExplorerEffect::None, "{no}");
            assert!(!screen(explorer, 80, 24).contains("Make this fix?"), "{no}");
        }
        press(explorer, "f");
        assert_eq!(press(explorer, "y"), ExplorerEffect::Fix(0));
        let fingerprint = explorer.fingerprint(0).unwrap();
        assert_eq!(fingerprint, explorer.scene.report.findings[0].fingerprint);
        assert_eq!(press(explorer, "r"), ExplorerEffect::Reload);
        match press(explorer, "e") {
            ExplorerEffect::Edit(file, line) => {
                assert_eq!((file.as_str(), line), ("flake.nix", 11))
            }
            other => panic!("{other:?}"),
        }
        press(explorer, "home");
        assert_eq!(press(explorer, "e"), ExplorerEffect::None);
        assert_eq!(explorer.message.as_deref(), Some("no line of a file is known for this"));
    });
}

#[test]
fn another_report_finds_the_place_again() {
    let bookmark = fixture(DEEP, |explorer| {
        explorer.to_first_finding();
        (explorer.bookmark(), selected(explorer))
    });
    fixture(DEEP, |explorer| {
        explorer.return_to(&bookmark.0);
        assert_eq!(selected(explorer), bookmark.1);
    });
    fixture("seed/c-clean", |explorer| {
        explorer.return_to(&bookmark.0);
        screen(explorer, 80, 24);
    });
}

#[test]
fn the_mouse_selects_opens_and_scrolls() {
    use flake_audit::explore::Action;
    fixture(SEED, |explorer| {
        screen(explorer, 80, 24);
        explorer.act(Action::Click(5, 3));
        assert!(selected(explorer).starts_with("another-dep"), "{}", selected(explorer));
        screen(explorer, 80, 24);
        let closed = explorer.lists.rows().all().len();
        explorer.act(Action::Click(5, 3));
        assert_eq!(explorer.lists.rows().all().len(), closed + 1, "a second click opens");
        screen(explorer, 80, 24);
        explorer.act(Action::Click(60, 4));
        assert!(explorer.in_details);
        explorer.act(Action::Scroll(60, 3));
        assert!(explorer.details.position() > 0);
        explorer.act(Action::Scroll(5, -30));
        assert!(selected(explorer).starts_with("this flake"));
        // Places without anything.
        for (column, row) in [(0, 0), (79, 23), (5, 20), (u16::MAX, u16::MAX), (60, 22)] {
            explorer.act(Action::Click(column, row));
        }
        press(explorer, "?");
        screen(explorer, 80, 24);
        explorer.act(Action::Click(5, 3));
        explorer.act(Action::Scroll(5, 3));
    });
}

#[test]
fn a_closed_row_carries_the_worst_of_what_is_inside() {
    fixture(SEED, |explorer| {
        press(explorer, "home h");
        assert!(selected(explorer).ends_with("✗ 1 inside"), "{}", selected(explorer));
    });
}

#[test]
fn where_there_is_room_a_row_says_whose_it_is_and_of_when() {
    fixture(SEED, |explorer| {
        assert!(!screen(explorer, 80, 24).contains("github:acme/another-dep"));
        let wide = screen(explorer, 220, 24);
        let row = wide.lines().find(|line| line.contains("╴▸ another-dep")).unwrap();
        assert!(
            row.contains("github:acme/another-dep/ed604690837a (2025-01-05)  ✗ 1 inside"),
            "{row}"
        );
        let less = screen(explorer, 110, 24);
        let row = less.lines().find(|line| line.contains("╴▸ another-dep")).unwrap();
        assert!(row.contains("2025-01-05  ✗ 1 inside"), "{row}");
    });
}
