//! GPU settings that the code of a package names:
//! `{ config, cudaSupport ? config.cudaSupport, … }: …`. They change it like a package of nixpkgs,
//! whoever wrote it.
//!
//! Source: nixpkgs `pkgs/top-level/stage.nix`, which has `config` beside the packages that
//! `callPackage` passes by name, and the files of packages that take it from there.

use crate::Span;
use crate::gpu_packages::Gpu;
use crate::syntax::{AttrValue, Expr, ExprId, File, Name, Param, Part};

/// A GPU setting that a file names.
#[derive(Debug, Clone)]
pub(super) struct NamedSetting {
    gpu: Gpu,
    /// Where the setting is read from.
    of: Of,
    span: Span,
}

/// Where a setting is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Of {
    /// `config`, as an argument of packages.
    Config,
    /// The `config` of a set of packages, by the name of that.
    Packages(Name),
}

impl Of {
    /// The argument by which a function would get it.
    fn formal(&self) -> &str {
        match self {
            Self::Config => "config",
            Self::Packages(name) => name,
        }
    }
}

/// The GPU settings that a file names.
pub(super) fn named_in(file: &File) -> Vec<NamedSetting> {
    let all = file.exprs_with_spans();
    all.flat_map(|(expr, span)| {
        keys(file, expr).into_iter().map(move |(of, gpu)| NamedSetting { gpu, of, span })
    })
    .collect()
}

/// The settings among these that a function reads which gets packages by their names. `is_given`
/// says which of its arguments the caller gives: such an argument is not the one of the package
/// set, and its default is not read.
pub(super) fn read_by(
    named: &[NamedSetting],
    file: &File,
    function: ExprId,
    is_given: impl Fn(&str) -> bool,
) -> Option<Gpu> {
    let Expr::Lambda(Param::Pattern { formals, .. }, _) = file.expr(function) else {
        return None;
    };
    let whole = file.span(function);
    let is_read = |named: &&NamedSetting| {
        let of = named.of.formal();
        let is_packages = matches!(of, "config" | "pkgs");
        let default_of = formals.iter().find(|(_, default)| {
            default.as_ref().is_some_and(|default| holds(file.span(*default), named.span))
        });
        holds(whole, named.span)
            && is_packages
            && formals.iter().any(|(formal, _)| &**formal == of)
            && !is_given(of)
            && !default_of.is_some_and(|(name, _)| is_given(name))
    };
    named.iter().filter(is_read).map(|named| named.gpu).reduce(Gpu::and)
}

/// The settings among these that the arguments of a call read, by the name of a package set:
/// `pkgs.stdenv.mkDerivation { … lib.optional pkgs.config.cudaSupport … }`.
pub(super) fn read_in(named: &[NamedSetting], call: Span) -> Option<Gpu> {
    let is_read =
        |named: &&NamedSetting| matches!(named.of, Of::Packages(_)) && holds(call, named.span);
    named.iter().filter(is_read).map(|named| named.gpu).reduce(Gpu::and)
}

/// Whether one span is inside another.
fn holds(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// The GPU settings that an expression names, and where it reads them from.
fn keys(file: &File, expr: &Expr) -> Vec<(Of, Gpu)> {
    match expr {
        Expr::Select(of, path, _) => {
            let Expr::Ident(of) = file.expr(*of) else { return Vec::new() };
            let (of, key) = match path.as_slice() {
                [Part::Text(key), ..] if &**of == "config" => (Of::Config, key),
                [Part::Text(config), Part::Text(key), ..] if &**config == "config" => {
                    (Of::Packages(of.clone()), key)
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

/// Whose `config` an expression is.
fn config_of(file: &File, expr: &Expr) -> Option<Of> {
    match expr {
        Expr::Ident(name) => (&**name == "config").then_some(Of::Config),
        Expr::Select(of, path, _) => {
            let Expr::Ident(of) = file.expr(*of) else { return None };
            let is_config = matches!(path.as_slice(), [Part::Text(name)] if &**name == "config");
            is_config.then(|| Of::Packages(of.clone()))
        }
        _ => None,
    }
}
