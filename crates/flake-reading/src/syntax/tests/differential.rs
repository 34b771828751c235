//! Held against another reading of the same language: rnix's tree, lowered (`reference.rs`).

use std::collections::HashSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use super::super::*;
use super::reference;

/// All that a file says, with places: equal for two files that are the same to evaluation.
fn shown(file: &File) -> String {
    let mut out = String::new();
    // What is to be written, the next one last.
    let mut open = vec![Step::Expr(file.root())];
    while let Some(step) = open.pop() {
        match step {
            Step::Text(text) => out.push_str(&text),
            Step::Expr(id) => {
                let Span { start, end } = file.span(id);
                let steps = steps(file.expr(id));
                write!(out, "\n{start}-{end} ").unwrap();
                open.extend(steps.into_iter().rev());
            }
        }
    }
    out
}

enum Step {
    Text(String),
    Expr(ExprId),
}

fn steps(expr: &Expr) -> Vec<Step> {
    let text = |text: &str| Step::Text(text.to_owned());
    let parts = |parts: &[Part]| -> Vec<Step> {
        let steps = parts.iter().map(|part| match part {
            Part::Text(part) => Step::Text(format!("{part:?} ")),
            Part::Interpolated(id) => Step::Expr(*id),
        });
        steps.collect()
    };
    match expr {
        Expr::Unknown => vec![text("unknown")],
        Expr::Number(number) => vec![Step::Text(format!("number {number}"))],
        Expr::Ident(name) => vec![Step::Text(format!("name {name:?}"))],
        Expr::OtherPath(path) => vec![Step::Text(format!("other path {path:?}"))],
        Expr::Text(text) => {
            // A string is the same without what is empty in it.
            let text: Vec<_> = text
                .iter()
                .filter(|part| !matches!(part, Part::Text(text) if text.is_empty()))
                .cloned()
                .collect();
            [vec![Step::Text("text ".into())], parts(&text)].into_iter().flatten().collect()
        }
        Expr::Path(path) => [vec![text("path ")], parts(path)].into_iter().flatten().collect(),
        Expr::List(items) => {
            let mut steps = vec![text("[")];
            steps.extend(items.iter().map(|item| Step::Expr(*item)));
            steps.push(text("]"));
            steps
        }
        Expr::Set(set) => self::set(set),
        Expr::Let(set, body) => {
            let mut steps = vec![text("let ")];
            steps.extend(self::set(set));
            steps.push(Step::Expr(*body));
            steps
        }
        Expr::Lambda(Param::Ident(name), body) => {
            vec![Step::Text(format!("function {name:?}")), Step::Expr(*body)]
        }
        Expr::Lambda(Param::Pattern { formals, open, bound }, body) => {
            let mut steps = vec![Step::Text(format!("function {open} {bound:?}"))];
            for (name, default) in formals {
                steps.push(Step::Text(format!(" {name:?}")));
                steps.extend(default.map(Step::Expr));
            }
            steps.push(Step::Expr(*body));
            steps
        }
        Expr::Apply(function, argument) => {
            vec![text("apply"), Step::Expr(*function), Step::Expr(*argument)]
        }
        Expr::Select(set, path, default) => {
            let mut steps = vec![text("select "), Step::Expr(*set)];
            steps.extend(parts(path));
            steps.extend(default.map(Step::Expr));
            steps
        }
        Expr::HasAttr(set, path) => {
            let mut steps = vec![text("has "), Step::Expr(*set)];
            steps.extend(parts(path));
            steps
        }
        Expr::With(set, body) => vec![text("with"), Step::Expr(*set), Step::Expr(*body)],
        Expr::If(condition, then, or_else) => {
            vec![text("if"), Step::Expr(*condition), Step::Expr(*then), Step::Expr(*or_else)]
        }
        Expr::Assert(condition, body) => {
            vec![text("assert"), Step::Expr(*condition), Step::Expr(*body)]
        }
        Expr::Binary(operator, left, right) => {
            vec![Step::Text(format!("{operator:?}")), Step::Expr(*left), Step::Expr(*right)]
        }
        Expr::Not(inner) => vec![text("not"), Step::Expr(*inner)],
        Expr::Negate(inner) => vec![text("negate"), Step::Expr(*inner)],
    }
}

fn set(set: &SetExpr) -> Vec<Step> {
    let mut steps = vec![Step::Text(format!("{{ {} ", set.recursive))];
    for attr in &set.attrs {
        steps.push(Step::Text(format!("\n{:?} at {:?} ", attr.name, attr.span)));
        match attr.value {
            AttrValue::Expr(value) => steps.push(Step::Expr(value)),
            AttrValue::Inherited => steps.push(Step::Text("inherited".into())),
            AttrValue::InheritedFrom(from) => {
                steps.push(Step::Text("inherited from ".into()));
                steps.push(Step::Expr(from));
            }
        }
    }
    for (name, value) in &set.dynamic {
        steps.extend([Step::Expr(*name), Step::Text(" = ".into()), Step::Expr(*value)]);
    }
    steps.push(Step::Text("}".into()));
    steps
}

/// How the two readings of a text differ, if they do.
pub(super) fn difference(text: &str) -> Option<String> {
    let own = File::parse(Arc::from(text));
    let reference = reference::parse(Arc::from(text));
    match (own, reference) {
        (Ok(own), Ok(reference)) => {
            let (own, reference) = (shown(&own), shown(&reference));
            let mut lines = own.lines().zip(reference.lines());
            match lines.find(|(own, reference)| own != reference) {
                Some((own, reference)) => Some(format!("read as {own}, reference: {reference}")),
                None => (own != reference).then(|| "one has more than the other".to_owned()),
            }
        }
        (Err(_), Err(_)) => None,
        (Err(error), Ok(_)) => Some(format!("refused: {error:?}")),
        (Ok(_), Err(error)) => Some(format!("the reference refuses it: {error:?}")),
    }
}

/// The .nix files below a folder, or those that a file lists.
fn nix_files(place: &Path) -> Vec<PathBuf> {
    if place.is_file() {
        return fs::read_to_string(place).unwrap().lines().map(PathBuf::from).collect();
    }
    let mut files = Vec::new();
    let mut open = vec![place.to_path_buf()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let entry = entry.unwrap();
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            if kind.is_dir() && entry.file_name() != "target" && entry.file_name() != ".git" {
                open.push(path);
            } else if kind.is_file() && path.extension().is_some_and(|kind| kind == "nix") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn differences(files: &[PathBuf]) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for path in files {
        let Ok(text) = fs::read_to_string(path) else { continue };
        if !seen.insert(text.clone()) {
            continue;
        }
        found.extend(difference(&text).map(|how| format!("{}: {how}", path.display())));
    }
    println!("{} different files of {}", seen.len(), files.len());
    found
}

#[test]
fn files_of_this_repository_are_read_alike() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let files = nix_files(&folder);
    assert!(files.len() > 100, "{}", files.len());
    let found = differences(&files);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// `FLAKE_READING_NIX_FILES=FOLDER cargo test -p flake-reading real_files -- --nocapture`; a file
/// that lists files does, too.
#[test]
fn real_files_are_read_alike() {
    let Some(place) = env::var_os("FLAKE_READING_NIX_FILES") else { return };
    let files = nix_files(Path::new(&place));
    assert!(!files.is_empty(), "no .nix files in {place:?}");
    let found = differences(&files);
    assert!(found.is_empty(), "{} differ:\n{}", found.len(), found.join("\n"));
}
