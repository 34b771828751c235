//! Files as text, for comparison.

use std::fmt::Write;

use super::super::*;

/// Everything in a file, with places: equal for two files that are the same to evaluation.
pub(super) fn with_places(file: &File) -> String {
    shown(file, true)
}

/// A file as Nix code, with parentheses around every part that may need them.
pub(super) fn without_places(file: &File) -> String {
    shown(file, false)
}

enum Step {
    Text(String),
    Expr(ExprId),
}

/// Written without recursion: the stack of a test's thread is too small for the height of real
/// trees.
fn shown(file: &File, places: bool) -> String {
    let mut out = String::new();
    // What is to be written; the next one is last.
    let mut open = vec![Step::Expr(file.root())];
    while let Some(step) = open.pop() {
        match step {
            Step::Text(text) => out.push_str(&text),
            Step::Expr(id) => {
                if places {
                    let Span { start, end } = file.span(id);
                    write!(out, "\n{start}-{end} ").unwrap();
                }
                let steps = steps(file.expr(id), places);
                open.extend(steps.into_iter().rev());
            }
        }
    }
    out
}

fn text(text: impl Into<String>) -> Step {
    Step::Text(text.into())
}

fn steps(expr: &Expr, places: bool) -> Vec<Step> {
    let mut steps = Vec::new();
    match expr {
        Expr::Unknown => steps.push(text("?")),
        Expr::Number(number) => steps.push(text(number.to_string())),
        Expr::Ident(name) => steps.push(text(&**name)),
        Expr::OtherPath(path) => steps.push(text(format!("<{path}>"))),
        Expr::Text(parts) => string(parts, &mut steps),
        Expr::Path(parts) => {
            steps.push(text("<"));
            for part in parts {
                match part {
                    Part::Text(part) => steps.push(text(&**part)),
                    Part::Interpolated(id) => {
                        steps.extend([text("${"), Step::Expr(*id), text("}")]);
                    }
                }
            }
            steps.push(text(">"));
        }
        Expr::List(items) => {
            steps.push(text("[ "));
            items.iter().for_each(|item| steps.extend([Step::Expr(*item), text(" ")]));
            steps.push(text("]"));
        }
        Expr::Set(set) => {
            steps.push(text(if set.recursive { "rec { " } else { "{ " }));
            bindings(set, places, &mut steps);
            steps.push(text("}"));
        }
        Expr::Let(set, body) => {
            steps.push(text("(let "));
            bindings(set, places, &mut steps);
            steps.extend([text("in "), Step::Expr(*body), text(")")]);
        }
        Expr::Lambda(param, body) => {
            steps.push(text("("));
            match param {
                Param::Ident(name) => steps.push(text(&**name)),
                Param::Pattern { formals, open, bound } => {
                    pattern(formals, *open, bound.as_ref(), &mut steps);
                }
            }
            steps.extend([text(": "), Step::Expr(*body), text(")")]);
        }
        Expr::Apply(a, b) => between("(", *a, " ", *b, ")", &mut steps),
        Expr::Select(set, names, default) => {
            steps.push(text(if default.is_some() { "(" } else { "" }));
            steps.push(Step::Expr(*set));
            path(".", names, &mut steps);
            if let Some(default) = default {
                steps.extend([text(" or "), Step::Expr(*default), text(")")]);
            }
        }
        Expr::HasAttr(set, names) => {
            steps.extend([text("("), Step::Expr(*set)]);
            path(" ? ", names, &mut steps);
            steps.push(text(")"));
        }
        Expr::With(a, b) => between("(with ", *a, "; ", *b, ")", &mut steps),
        Expr::Assert(a, b) => between("(assert ", *a, "; ", *b, ")", &mut steps),
        Expr::If(a, b, c) => {
            between("(if ", *a, " then ", *b, " else ", &mut steps);
            steps.extend([Step::Expr(*c), text(")")]);
        }
        Expr::Binary(operator, a, b) => {
            between("(", *a, &format!(" {} ", sign(*operator)), *b, ")", &mut steps);
        }
        Expr::Not(inner) => steps.extend([text("(!"), Step::Expr(*inner), text(")")]),
        Expr::Negate(inner) => steps.extend([text("(-"), Step::Expr(*inner), text(")")]),
    }
    steps
}

fn between(
    before: &str,
    first: ExprId,
    middle: &str,
    second: ExprId,
    after: &str,
    steps: &mut Vec<Step>,
) {
    let (first, second) = (Step::Expr(first), Step::Expr(second));
    steps.extend([text(before), first, text(middle), second, text(after)]);
}

/// Empty parts do not change a string.
fn string(parts: &[Part], steps: &mut Vec<Step>) {
    let is_empty = |part: &Part| matches!(part, Part::Text(text) if text.is_empty());
    let parts: Vec<_> = parts.iter().filter(|part| !is_empty(part)).collect();
    match parts.as_slice() {
        [] => steps.push(text("\"\"")),
        [Part::Text(part)] => steps.push(text(format!("{part:?}"))),
        [Part::Interpolated(part)] => steps.extend([text("(+ "), Step::Expr(*part), text(")")]),
        parts => {
            steps.push(text("("));
            for (at, part) in parts.iter().enumerate() {
                steps.push(text(if at > 0 { " + " } else { "" }));
                steps.push(match part {
                    Part::Text(part) => text(format!("{part:?}")),
                    Part::Interpolated(part) => Step::Expr(*part),
                });
            }
            steps.push(text(")"));
        }
    }
}

fn path(first: &str, names: &[Part], steps: &mut Vec<Step>) {
    for (at, part) in names.iter().enumerate() {
        steps.push(text(if at == 0 { first } else { "." }));
        match part {
            Part::Text(name) => steps.push(text(&**name)),
            Part::Interpolated(name) => {
                steps.extend([text("${"), Step::Expr(*name), text("}")]);
            }
        }
    }
}

fn pattern(
    formals: &[(Name, Option<ExprId>)],
    open: bool,
    bound: Option<&Name>,
    steps: &mut Vec<Step>,
) {
    steps.push(text("{ "));
    for (at, (name, default)) in formals.iter().enumerate() {
        steps.push(text(format!("{}{name}", if at > 0 { ", " } else { "" })));
        if let Some(default) = default {
            steps.extend([text(" ? "), Step::Expr(*default)]);
        }
    }
    match (open, formals.is_empty()) {
        (true, true) => steps.push(text("... ")),
        (true, false) => steps.push(text(", ... ")),
        (false, true) => {}
        (false, false) => steps.push(text(" ")),
    }
    steps.push(text("}"));
    steps.extend(bound.map(|name| text(format!("@{name}"))));
}

fn bindings(set: &SetExpr, places: bool, steps: &mut Vec<Step>) {
    for attr in &set.attrs {
        if places {
            steps.push(text(format!("\n{:?} ", attr.span)));
        }
        match attr.value {
            AttrValue::Expr(value) => {
                steps.extend([text(format!("{} = ", attr.name)), Step::Expr(value), text("; ")]);
            }
            AttrValue::Inherited => steps.push(text(format!("inherit {}; ", attr.name))),
            AttrValue::InheritedFrom(from) => {
                let name = text(format!(") {}; ", attr.name));
                steps.extend([text("inherit ("), Step::Expr(from), name]);
            }
        }
    }
    for (name, value) in &set.dynamic {
        let (name, value) = (Step::Expr(*name), Step::Expr(*value));
        steps.extend([text("${"), name, text("} = "), value, text("; ")]);
    }
}

fn sign(operator: Operator) -> &'static str {
    match operator {
        Operator::Update => "//",
        Operator::Concat => "++",
        Operator::Add => "+",
        Operator::PipeRight => "|>",
        Operator::PipeLeft => "<|",
        Operator::Equal => "==",
        Operator::NotEqual => "!=",
        Operator::And => "&&",
        Operator::Or => "||",
        Operator::Implies => "->",
        Operator::Less => "<",
        Operator::LessOrEqual => "<=",
        Operator::More => ">",
        Operator::MoreOrEqual => ">=",
        Operator::Subtract => "-",
        Operator::Multiply => "*",
        Operator::Divide => "/",
    }
}
