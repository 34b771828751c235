//! GPU settings that the code of a package names: `{ config, cudaSupport ? config.cudaSupport, … }: …`.
//! They change it as they change one of nixpkgs, whoever wrote it.
//!
//! Source: nixpkgs `pkgs/top-level/stage.nix`, which has `config` beside the packages that
//! `callPackage` gives by their names, and the files of packages that take it from there.

use crate::Span;
use crate::gpu_packages::Gpu;
use crate::syntax::{AttrValue, Expr, ExprId, File, Name, Param, Part};

/// A GPU setting that a function names.
#[derive(Debug, Clone)]
pub(super) struct NamedSetting {
    pub(super) gpu: Gpu,
    /// The formal by which it is named: `config`, or `pkgs` that has one.
    pub(super) of: Name,
    /// The formal whose default it stands in, if it does.
    pub(super) default_of: Option<Name>,
}

/// The settings that a function names which takes packages by their names.
pub(super) fn named_by(file: &File, function: ExprId) -> Vec<NamedSetting> {
    let Expr::Lambda(Param::Pattern { formals, .. }, _) = file.expr(function) else {
        return Vec::new();
    };
    let is_formal = |name: &str| formals.iter().any(|(formal, _)| &**formal == name);
    if !is_formal("config") && !is_formal("pkgs") {
        return Vec::new();
    }
    let whole = file.span(function);
    let defaults: Vec<(&Name, Span)> = formals
        .iter()
        .filter_map(|(name, default)| Some((name, file.span(*default.as_ref()?))))
        .collect();
    let mut found = Vec::new();
    for (expr, span) in file.exprs_with_spans().filter(|(_, span)| holds(whole, *span)) {
        for (of, gpu) in keys(file, expr).into_iter().filter(|(of, _)| is_formal(of)) {
            let default = defaults.iter().find(|(_, default)| holds(*default, span));
            let default_of = default.map(|(name, _)| (*name).clone());
            found.push(NamedSetting { gpu, of: of.into(), default_of });
        }
    }
    found
}

/// Whether one span stands in another.
fn holds(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// The GPU settings that one expression names, and by what: `config`, or the `config` of `pkgs`.
fn keys(file: &File, expr: &Expr) -> Vec<(&'static str, Gpu)> {
    match expr {
        Expr::Select(of, path, _) => {
            let Expr::Ident(of) = file.expr(*of) else { return Vec::new() };
            let (of, key) = match (&**of, path.as_slice()) {
                ("config", [Part::Text(key), ..]) => ("config", key),
                ("pkgs", [Part::Text(config), Part::Text(key), ..]) if &**config == "config" => {
                    ("pkgs", key)
                }
                _ => return Vec::new(),
            };
            Gpu::switched_by(key).map(|gpu| (of, gpu)).into_iter().collect()
        }
        // `inherit (config) cudaSupport;`
        Expr::Set(set) | Expr::Let(set, _) => {
            let inherited = set.attrs.iter().filter_map(|attr| {
                let AttrValue::InheritedFrom(of) = attr.value else { return None };
                Some((config_of(file, file.expr(of))?, Gpu::switched_by(&attr.name)?))
            });
            inherited.collect()
        }
        _ => Vec::new(),
    }
}

/// By what an expression is the `config` of packages.
fn config_of(file: &File, expr: &Expr) -> Option<&'static str> {
    match expr {
        Expr::Ident(name) => (&**name == "config").then_some("config"),
        Expr::Select(of, path, _) => {
            let is_pkgs = matches!(file.expr(*of), Expr::Ident(of) if &**of == "pkgs");
            let is_config = matches!(path.as_slice(), [Part::Text(name)] if &**name == "config");
            (is_pkgs && is_config).then_some("pkgs")
        }
        _ => None,
    }
}
