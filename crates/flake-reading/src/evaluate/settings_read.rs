//! GPU settings that the code of a package reads by itself: `{ config, cudaSupport ?
//! config.cudaSupport, … }: …`. They change it as they change one of nixpkgs, whoever wrote it.
//!
//! Source: nixpkgs `pkgs/top-level/stage.nix`, which has `config` beside the packages that
//! `callPackage` gives by their names, and the files of packages that take it from there.

use super::machine::Machine;
use super::value::{Code, Set, Value};
use crate::Span;
use crate::gpu_packages::Gpu;
use crate::syntax::{AttrValue, Expr, File, Param, Part};

impl Machine<'_> {
    /// What a function reads that gets packages by their names, where it is given some arguments by
    /// its caller: the defaults of these are not read.
    pub(super) fn settings_read(&mut self, code: Code, given: &Value) -> Option<Gpu> {
        let file = self.loaded.file(code.file)?.clone();
        let Expr::Lambda(Param::Pattern { formals, .. }, _) = file.expr(code.expr) else {
            return None;
        };
        let given: Option<&Set> = match given.unconditional().0 {
            Value::Set(set) => Some(set),
            _ => None,
        };
        let is_given = |name: &str| given.is_some_and(|given| given.get(name).is_some());
        let sources: Vec<&str> = ["config", "pkgs"]
            .into_iter()
            .filter(|source| formals.iter().any(|(name, _)| &**name == *source))
            .filter(|source| !is_given(source))
            .collect();
        if sources.is_empty() || self.budget.weigh(file.len()) {
            return None;
        }
        let replaced: Vec<Span> = formals
            .iter()
            .filter(|(name, _)| is_given(name))
            .filter_map(|(_, default)| Some(file.span(*default.as_ref()?)))
            .collect();
        let function = file.span(code.expr);
        let is_read = |span: Span| {
            holds(function, span) && !replaced.iter().any(|default| holds(*default, span))
        };
        let read = file.exprs_with_spans().filter(|(_, span)| is_read(*span));
        read.flat_map(|(expr, _)| keys(&file, expr, &sources)).reduce(Gpu::and)
    }
}

/// Whether one span stands in another.
fn holds(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// The GPU settings that one expression names, of the `config` that is one of these formals, or in one.
fn keys(file: &File, expr: &Expr, sources: &[&str]) -> Vec<Gpu> {
    let is = |name: &str| sources.contains(&name);
    match expr {
        Expr::Select(of, path, _) => {
            let Expr::Ident(of) = file.expr(*of) else { return Vec::new() };
            let key = match (&**of, path.as_slice()) {
                ("config", [Part::Text(key), ..]) => key,
                ("pkgs", [Part::Text(config), Part::Text(key), ..]) if &**config == "config" => key,
                _ => return Vec::new(),
            };
            if is(of) { Gpu::switched_by(key).into_iter().collect() } else { Vec::new() }
        }
        // `inherit (config) cudaSupport;`
        Expr::Set(set) | Expr::Let(set, _) => {
            let of_config = |id| match file.expr(id) {
                Expr::Ident(name) => &**name == "config" && is(name),
                Expr::Select(of, path, _) => {
                    matches!(file.expr(*of), Expr::Ident(of) if &**of == "pkgs" && is(of))
                        && matches!(path.as_slice(), [Part::Text(name)] if &**name == "config")
                }
                _ => false,
            };
            let inherited = set
                .attrs
                .iter()
                .filter(|attr| matches!(attr.value, AttrValue::InheritedFrom(of) if of_config(of)));
            inherited.filter_map(|attr| Gpu::switched_by(&attr.name)).collect()
        }
        _ => Vec::new(),
    }
}
