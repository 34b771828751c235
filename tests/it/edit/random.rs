//! Random flakes, edited at random.

use proptest::prelude::*;
use proptest::sample::Index;

use flake_audit::fix::edit::{Edit, edit, generated};
use flake_audit::source::declare::Declarations;
use flake_audit::source::syntax::{File, tree, with_line_feeds};
use rnix::SyntaxKind::{TOKEN_COMMENT, TOKEN_WHITESPACE};

use super::said::{Said, said};
use super::spelled::{ARGUMENTS, NAMES, Recipe, recipes, spell};
use crate::support::property::check;
use crate::support::speller::path;

/// Possible edits, and the declarations after them.
fn plan(recipe: &Recipe, old: &Said) -> (Vec<Edit>, Said) {
    let mut new = old.clone();
    let mut edits = Vec::new();
    let mut touched: Vec<Vec<String>> = Vec::new();
    let paths: Vec<_> = old.keys().cloned().collect();
    for (kind, which, name, target) in &recipe.edits {
        let follows = [path(&["nixpkgs"]), path(&["dep", "nixpkgs"]), path(&[])]
            [usize::from(target % 3)]
        .clone();
        let some = (!paths.is_empty()).then(|| which.get(&paths).clone());
        match (kind % 6, some) {
            (0..=2, Some(mut input)) => {
                let below = (kind / 6 % 3).min(if kind % 6 == 0 { 0 } else { 2 });
                (0..below).for_each(|_| input.push((*name.get(&NAMES)).to_owned()));
                let words = old.get(&input).cloned().unwrap_or_default();
                let is_url = words.iter().any(|word| word.starts_with("url"));
                let is_more =
                    words.len() > 1 || old.keys().any(|p| p.len() > 1 && p[0] == input[0]);
                if touched.contains(&input) || input.len() == 1 && is_url && is_more {
                    continue;
                }
                touched.push(input.clone());
                let flake = words.into_iter().filter(|word| word.starts_with("flake"));
                let words =
                    [format!("-> {}", follows.join("/"))].into_iter().chain(flake).collect();
                new.insert(input.clone(), words);
                edits.push(Edit::Follow { path: input, follows });
            }
            (3, Some(input)) if input.len() > 1 && !touched.contains(&input) => {
                touched.push(input.clone());
                new.remove(&input);
                edits.push(Edit::Remove { path: input });
            }
            (4, _) => {
                let name = format!("new{}", edits.len());
                new.insert(vec![name.clone()], vec!["url path:./n".to_owned()]);
                new.insert(path(&[&name, "nixpkgs"]), vec![format!("-> {}", follows.join("/"))]);
                let follows = vec![("nixpkgs".to_owned(), follows)];
                edits.push(Edit::Declare { name: name.clone(), url: "path:./n".into(), follows });
                edits.push(Edit::Take { name });
            }
            (5, Some(input)) if NAMES[..ARGUMENTS].contains(&&*input[0]) => {
                edits.push(Edit::Take { name: input[0].clone() });
            }
            _ => {}
        }
    }
    (edits, new)
}

fn tokens(text: &str, comments: bool) -> Vec<String> {
    let text = with_line_feeds(text);
    let tokens = rnix::tokenize(&text).filter(|(kind, _)| *kind != TOKEN_WHITESPACE);
    tokens
        .filter(|(kind, _)| !comments || *kind == TOKEN_COMMENT)
        .map(|(_, token)| token.trim_end().to_owned())
        .collect()
}

/// Whether all of these are among those, in this order.
fn is_among(few: &[String], many: &[String]) -> bool {
    let mut many = many.iter();
    few.iter().all(|token| many.any(|other| other == token))
}

/// New lines must look like existing lines of the file.
fn assert_tidy(recipe: &Recipe, old: &str, new: &str) {
    let diff = similar::TextDiff::from_lines(old, new);
    for change in diff.iter_all_changes().filter(|c| c.tag() == similar::ChangeTag::Insert) {
        let line = change.value();
        if recipe.layout.carriage {
            assert!(!line.ends_with('\n') || line.ends_with("\r\n"), "{line:?}\n{old}\n{new}");
        }
        let words = line.trim_end_matches(['\r', '\n']);
        let blank = words.trim_end().len();
        let is_old = old
            .lines()
            .any(|old| old.ends_with(&words[blank..]) && old.len() > words[blank..].len());
        assert!(words.len() == blank || is_old && blank > 0, "{line:?}\n{old}\n{new}");
    }
}

#[test]
fn edits_change_what_they_say_and_nothing_else() {
    let seen = std::cell::Cell::new([0; 3]);
    check(&recipes(), |recipe| {
        let text = spell(&recipe);
        let old = said(&text);
        let (edits, expected) = plan(&recipe, &old);
        let new = edit(&text, &edits).unwrap_or_else(|e| panic!("{e:?}\n{edits:?}\n{text}"));
        assert_eq!(said(&new), expected, "{edits:?}\n{text}\n{new}");
        let once: Vec<_> =
            edits.iter().filter(|e| !matches!(e, Edit::Declare { .. })).cloned().collect();
        assert_eq!(edit(&new, &once).as_ref(), Ok(&new), "{edits:?}\n{text}");

        let is_removal = |edit: &Edit| matches!(edit, Edit::Remove { .. });
        let is_change = edits.iter().any(|edit| match edit {
            Edit::Follow { path, .. } => old.get(path).is_some_and(|words| !words.is_empty()),
            _ => false,
        });
        if !edits.iter().any(is_removal) {
            assert_eq!(tokens(&text, true), tokens(&new, true), "{edits:?}\n{text}\n{new}");
            assert_tidy(&recipe, &with_line_feeds(&text), &with_line_feeds(&new));
            if !is_change {
                assert!(is_among(&tokens(&text, false), &tokens(&new, false)), "{text}\n{new}");
            }
        } else {
            assert_eq!(
                tokens(&text, true).len(),
                tokens(&new, true).len(),
                "{edits:?}\n{text}\n{new}"
            );
        }
        let added = edits.iter().filter_map(|edit| match edit {
            Edit::Follow { path, .. } if path.len() > 1 && !old.contains_key(path) => Some(path),
            _ => None,
        });
        let back: Vec<_> = added.map(|path| Edit::Remove { path: path.clone() }).collect();
        let mut before = expected.clone();
        back.iter().for_each(|edit| {
            if let Edit::Remove { path } = edit {
                before.remove(path);
            }
        });
        let removed = edit(&new, &back).unwrap_or_else(|e| panic!("{e:?}\n{back:?}\n{new}"));
        assert_eq!(said(&removed), before, "{back:?}\n{new}");
        let [cases, edited, same] = seen.get();
        seen.set([cases + 1, edited + edits.len(), same + usize::from(removed == text)]);
    });
    let [cases, edited, same] = seen.get();
    println!("{cases} files, {edited} edits, {same} files as before after removal");
    assert!(edited > cases, "hardly anything was edited: {edited} edits of {cases} files");
}

/// Damaged files are refused or edited, and edited ones declare what was asked for.
#[test]
fn damaged_files_are_refused_or_edited_rightly() {
    let damage = prop::collection::vec((any::<Index>(), 0..6_u8), 1..4);
    let edited = std::cell::Cell::new(0);
    check(&(recipes(), damage), |(recipe, damage)| {
        let whole = spell(&recipe);
        let mut chars: Vec<char> = whole.chars().collect();
        for (at, how) in damage.into_iter() {
            let at = at.index(chars.len().max(1));
            match how {
                _ if chars.is_empty() => {}
                0..=2 => drop(chars.remove(at)),
                3 => chars.truncate(at + 1),
                4 => chars.insert(at, ['{', '}', '"', '#', '\r', ';', 'é'][at % 7]),
                _ => chars.swap(at, 0),
            }
        }
        let text: String = chars.into_iter().collect();
        let _ = generated(&text);
        let is_declared = |file: File| Declarations::read(&file).is_ok();
        let is_legal =
            tree(&text).is_ok() && File::parse_flake(text.as_str().into()).is_ok_and(is_declared);
        let old = said(if is_legal { &text } else { &whole });
        let (edits, expected) = plan(&recipe, &old);
        let new = edit(&text, &edits);
        assert_eq!(new.is_ok(), is_legal, "{new:?}\n{edits:?}\n{text}");
        if let Ok(new) = new {
            edited.set(edited.get() + 1);
            assert_eq!(said(&new), expected, "{edits:?}\n{text}\n{new}");
        }
    });
    println!("{} damaged files were edited", edited.get());
    assert!(edited.get() > 0, "no damaged file was edited");
}
