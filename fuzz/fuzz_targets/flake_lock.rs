//! A lock of any bytes, audited with every rule and written in every format.

#![no_main]

use flake_audit::audit::{Setup, LockInput, audit};
use flake_audit::lock::Unescaped;
use flake_audit::render::{human, json};
use flake_audit::text::is_hidden;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let unescaped = Unescaped::new();
    let setup = Setup { excerpts: true, include_allowed: true, lists: true, ..Setup::default() };
    let source = LockInput { name: "flake.lock", bytes, unescaped: &unescaped, reader: None };
    let report = audit(source, None, &setup);
    let show = human::Show { color: false, quiet: false, verbose: true };
    let (mut text, mut json) = (Vec::new(), Vec::new());
    human::write_report(&report, show, &mut text).expect("memory takes all");
    json::write_report(&report, 0, &mut json).expect("memory takes all");
    for written in [text, json] {
        let written = String::from_utf8(written).expect("text is written");
        assert!(!written.chars().any(|c| is_hidden(c) && c != '\n'), "{written:?}");
    }
});
