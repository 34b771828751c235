//! Whole processes: how long they take and how much memory they hold.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

/// A program with its arguments.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    pub(crate) arguments: Vec<String>,
}

/// Times of one program.
#[derive(Debug, Default)]
pub(crate) struct Times(Vec<Duration>);

impl Program {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.args(&self.arguments).stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    /// Runs it once. 1 means findings.
    fn time(&self) -> Result<Duration> {
        let mut command = self.command();
        let start = Instant::now();
        let status = command.status()?;
        let time = start.elapsed();
        ensure!(matches!(status.code(), Some(0 | 1)), "{self:?} ended with {status}");
        Ok(time)
    }

    /// The most memory that it ever held, in KiB. Asked for again and again while it runs, since
    /// nobody knows any more afterwards.
    pub(crate) fn peak_memory(&self) -> Result<u64> {
        let mut peak = 0;
        // Short runs end between two looks more often than not.
        for _ in 0..40 {
            let mut child = self.command().spawn()?;
            let status = format!("/proc/{}/status", child.id());
            while child.try_wait()?.is_none() {
                peak = peak.max(high_water_mark(&status).unwrap_or(0));
            }
            if peak > 8 * 1024 {
                break;
            }
        }
        Ok(peak)
    }
}

fn high_water_mark(status: &str) -> Option<u64> {
    let status = fs::read_to_string(status).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// Runs two programs in turn, so that what else the machine does hits both alike.
pub(crate) fn race(programs: [&Program; 2], repeats: usize) -> Result<[Times; 2]> {
    let mut times = [Times::default(), Times::default()];
    // The first round warms the caches.
    for round in 0..=repeats {
        for (program, times) in programs.iter().zip(&mut times) {
            let time = program.time()?;
            if round > 0 {
                times.0.push(time);
            }
        }
    }
    for times in &mut times {
        times.0.sort_unstable();
    }
    Ok(times)
}

impl Times {
    /// The middle one, in seconds.
    pub(crate) fn median(&self) -> f64 {
        self.0.get(self.0.len() / 2).map_or(f64::NAN, Duration::as_secs_f64)
    }

    /// The shortest, in seconds.
    pub(crate) fn min(&self) -> f64 {
        self.0.first().map_or(f64::NAN, Duration::as_secs_f64)
    }
}
