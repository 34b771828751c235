//! Any text as a .nix file: what is read stands inside it, and has a concrete tree, or is beyond a
//! limit of that.

#![no_main]

use std::sync::Arc;

use flake_audit::source::syntax::{self, Expr, File};
use flake_audit::text::Span;
use libfuzzer_sys::fuzz_target;

fn assert_inside(text: &str, span: Span) {
    assert!(text.get(span.start..span.end).is_some(), "{span:?} of {} bytes", text.len());
}

fuzz_target!(|text: &str| {
    match File::parse(Arc::from(text)) {
        Err(error) => assert_inside(text, error.span),
        Ok(file) => {
            assert_inside(text, file.span(file.root()));
            assert!(file.len() <= text.len(), "{} expressions", file.len());
            for expr in file.exprs() {
                if let Expr::Set(set) | Expr::Let(set, _) = expr {
                    set.attrs.iter().for_each(|attr| assert_inside(text, attr.span));
                }
            }
            match file.tree() {
                Ok(tree) => drop(tree),
                Err(error) => {
                    assert!(error.is_limit, "{error:?}");
                    assert_inside(text, error.span);
                }
            }
        }
    }
    // The same, whoever asks.
    assert_eq!(syntax::tree(text).is_ok(), File::parse(Arc::from(text)).is_ok_and(|f| f.tree().is_ok()));
});
