//! Real locks, walked through from the first row to the last.

use std::fmt::Write;

use flake_audit::explore::Sink;
use flake_audit::text::is_hidden;

use super::{explore, press, screen};
use crate::support::corpus::{RealLock, fixtures, locks, with_wrapper};

#[test]
fn every_lock_is_walked_through() {
    let (mut told, mut rows) = (String::new(), 0);
    let real = locks().unwrap_or_default();
    let wrapped: Vec<_> = real
        .iter()
        .filter_map(|lock| {
            let bytes = with_wrapper(&lock.bytes)?.into_bytes();
            Some(RealLock { name: format!("{} with a wrapper", lock.name), bytes })
        })
        .collect();
    for lock in fixtures().iter().chain(&real).chain(&wrapped) {
        let walked = explore(&lock.bytes, Sink::File, |explorer| {
            let mut seen = 0;
            for list in ["*", "i", "!", "t u *"] {
                press(explorer, list);
                press(explorer, "home");
                let total = explorer.lists.rows().all().len();
                for _ in 0..total.min(40) {
                    let shown = screen(explorer, 80, 24);
                    for line in shown.lines().skip(2).take(20) {
                        let columns = unicode_width::UnicodeWidthStr::width(line);
                        assert_eq!(columns, 80, "{}: {line}", lock.name);
                    }
                    assert!(!shown.contains(|c| is_hidden(c) && c != '\n'), "{}", lock.name);
                    assert!(!explorer.details.lines().is_empty(), "{}: {shown}", lock.name);
                    press(explorer, "j");
                    seen += 1;
                }
            }
            seen
        });
        match walked {
            Ok(seen) => rows += seen,
            Err(error) => writeln!(told, "{}: {error}", lock.name).unwrap(),
        }
    }
    println!("{told}{rows} rows were looked at");
}
