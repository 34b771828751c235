//! What keys do.

use flake_audit::explore::{Effect, Fold, Sink, Spot};

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
        press(explorer, "f");
        assert!(screen(explorer, 80, 24).starts_with("flake.lock › nixpkgs\n"));
        press(explorer, "f");
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
        press(explorer, "f");
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
        // Another node from there, and back to the first.
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
        // From a finding to the input that it is about.
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
        // A search that is given up leaves everything as it was.
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
            assert_eq!(press(explorer, keys), Effect::Copy(fix.into()));
        });
    }
    fixture(SEED, |explorer| {
        assert_eq!(press(explorer, "jjy"), Effect::None);
        assert_eq!(explorer.message.as_deref(), Some("no fix to copy here"));
    });
}

#[test]
fn a_drawing_is_written_where_it_is_said() {
    let dot = |dump: &flake_audit::explore::Dump,
               explorer: &flake_audit::explore::Explorer<'_, '_, '_, '_>| {
        let mut out = Vec::new();
        dump.write(explorer.scene.facts, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    fixture(DEEP, |explorer| {
        assert!(explorer.on_leaving().is_none(), "nothing is written that was not asked for");
        let Effect::Write { dump, file, replace } = press(explorer, "d enter") else { panic!() };
        assert_eq!((&*file, replace), ("graph.dot", false));
        assert!(!dot(&dump, explorer).contains("Shown:"), "the root is all of it");
        explorer.ask_to_replace(dump.clone(), file.clone());
        assert_eq!(press(explorer, "enter"), Effect::Write { dump, file, replace: true });

        press(explorer, "/viewer enter esc");
        let Effect::Write { dump, file, .. } = press(explorer, "d enter") else { panic!() };
        assert_eq!(file, "toolkit-viewer.dot");
        assert!(dot(&dump, explorer).contains("Shown: what leads to or from toolkit/viewer."));

        press(explorer, "/solver/nixpkgs enter");
        let Effect::Write { dump, file, .. } = press(explorer, "d enter") else { panic!() };
        assert_eq!(file, "matches-of-solver-nixpkgs.dot");
        let drawn = dot(&dump, explorer);
        assert!(drawn.contains("Shown: 1 node and what leads there."), "{drawn}");
        assert!(drawn.contains("solver") && !drawn.contains("label=\"nixpkgs-gpu"), "{drawn}");

        press(explorer, "i");
        assert!(matches!(press(explorer, "d enter"), Effect::Write { .. }));
        assert_eq!(press(explorer, "d esc"), Effect::None);
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
        assert_eq!(press(explorer, "q"), Effect::Quit);
    })
    .unwrap();
}
