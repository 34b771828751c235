//! Small flakes, broken at random: all places that are read of them are inside the text.
//!
//! The flakes are the seeds of the fuzzer (`fuzz/`), which goes further and takes longer.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use flake_audit::source::declare::Declarations;
use flake_audit::source::syntax::{self, Expr, File, SyntaxError};
use flake_audit::text::Span;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

use crate::support::flake_folder::{FlakeFolder, audited, evaluated};

const CASES: u32 = 1_200;

fn seeds() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/nix_source");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read_to_string(file).unwrap()).collect()
}

/// One change of a text.
#[derive(Debug, Clone)]
struct Change {
    how: How,
    /// Of tokens, or of characters.
    tokens: bool,
    at: Index,
    length: usize,
    other: Index,
}

#[derive(Debug, Clone)]
enum How {
    Delete,
    Repeat(usize),
    Swap,
    Copy,
    Insert(&'static str),
}

/// Pieces that break the most.
const PIECES: [&str; 40] = [
    "{", "}", "(", ")", "[", "]", "\"", "''", "${", "$", ";", ",", "=", ":", "@", ".", "?", "or",
    "rec", "let", "in", "with", "assert", "inherit", "if", "then", "else", "//", "++", "!", "-",
    "/*", "*/", "#", "\n", "\r", "\0", "\u{202e}", "ä", "\u{feff}",
];

fn change() -> impl Strategy<Value = Change> {
    let how = prop_oneof![
        3 => Just(How::Delete),
        1 => (2_usize..40).prop_map(How::Repeat),
        2 => Just(How::Swap),
        2 => Just(How::Copy),
        3 => proptest::sample::select(&PIECES[..]).prop_map(How::Insert),
    ];
    let length = prop_oneof![4 => 1_usize..4, 1 => 1_usize..60];
    (how, any::<bool>(), any::<Index>(), length, any::<Index>())
        .prop_map(|(how, tokens, at, length, other)| Change { how, tokens, at, length, other })
}

/// Where a text can be cut: between words and signs, or between characters.
fn cuts(text: &str, tokens: bool) -> Vec<usize> {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '\'');
    let mut cuts = Vec::new();
    let mut before = None;
    for (at, c) in text.char_indices() {
        if !(tokens && is_word(c) && before.is_some_and(is_word)) {
            cuts.push(at);
        }
        before = Some(c);
    }
    cuts.push(text.len());
    cuts
}

fn changed(text: &str, change: &Change) -> String {
    let cuts = cuts(text, change.tokens);
    let at = change.at.index(cuts.len());
    let (start, end) = (cuts[at], cuts[(at + change.length).min(cuts.len() - 1)]);
    let piece = &text[start..end];
    let other = cuts[change.other.index(cuts.len())];
    match change.how {
        How::Delete => [&text[..start], &text[end..]].concat(),
        How::Repeat(times) => [&text[..start], &piece.repeat(times), &text[end..]].concat(),
        How::Copy => [&text[..other], piece, &text[other..]].concat(),
        How::Insert(what) => [&text[..start], what, &text[start..]].concat(),
        How::Swap if other >= end => {
            [&text[..start], &text[end..other], piece, &text[other..]].concat()
        }
        How::Swap if other <= start => {
            [&text[..other], piece, &text[other..start], &text[end..]].concat()
        }
        How::Swap => text.to_owned(),
    }
}

fn assert_inside(text: &str, span: Span) {
    assert!(text.get(span.start..span.end).is_some(), "{span:?} of {} bytes", text.len());
}

fn assert_told(text: &str, error: &SyntaxError) {
    assert_inside(text, error.span);
    assert!(!error.message.is_empty() && error.message.len() < 1_000, "{}", error.message);
}

/// Parses, lowers and reads declarations: every place must be in the text.
fn read(text: &str) {
    if let Err(error) = syntax::tree(text) {
        assert_told(text, &error);
    }
    let file = match File::parse_flake(Arc::from(text)) {
        Err(error) => return assert_told(text, &error),
        Ok(file) => {
            assert_inside(text, file.span(file.root()));
            for expr in file.exprs() {
                let (Expr::Set(set) | Expr::Let(set, _)) = expr else { continue };
                set.attrs.iter().for_each(|attr| assert_inside(text, attr.span));
            }
            file
        }
    };
    match Declarations::read(&file) {
        Err(refused) => assert_inside(text, refused.span),
        Ok(declared) => {
            assert_inside(text, declared.body());
            declared.exemptions().iter().for_each(|exemption| assert_inside(text, exemption.span));
            for binding in declared.inputs_bindings() {
                assert_inside(text, binding.span);
                assert_inside(text, binding.name);
            }
            for input in declared.inputs() {
                assert_inside(text, input.span());
            }
        }
    }
}

#[test]
fn seeds_are_flakes() {
    for text in seeds() {
        let file = File::parse_flake(text.as_str().into());
        let file = file.unwrap_or_else(|error| panic!("{error:?} in {text}"));
        let declared = Declarations::read(&file);
        assert!(declared.is_ok(), "{:?} in {text}", declared.err());
    }
}

#[test]
fn flakes_that_are_broken_are_read_as_far_as_they_go() {
    let seeds = seeds();
    let folder = FlakeFolder::new();
    // All files are written for each case, so that a case alone fails as it fails here.
    let broken = || (any::<Index>(), proptest::collection::vec(change(), 0..6));
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config).run(&(broken(), broken()), |(root, dep)| {
        let texts = |(seed, changes): (Index, Vec<Change>)| {
            let changed = |text: &str| {
                changes.iter().fold(text.to_owned(), |text, change| changed(&text, change))
            };
            let text = changed(&seeds[seed.index(seeds.len())]);
            read(&text);
            (text, changed("{ pkgs, ... }: { a = pkgs; }"))
        };
        let (text, other) = texts(root);
        folder.file("flake.nix", &text).file("other.nix", &other);
        let (text, other) = texts(dep);
        folder.dep_file("flake.nix", &text).dep_file("other.nix", &other);
        evaluated(folder.path(), &folder.store());
        audited(folder.path(), &folder.store());
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}
