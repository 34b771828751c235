//! Time and memory of whole processes.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

/// How many runs are measured together for processor time.
const BATCH: u32 = 10;

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

    /// The processor time of a run, in all its threads: the mean of several runs, because the
    /// system counts in hundredths of a second.
    fn cpu(&self) -> Result<Duration> {
        let before = children()?;
        for _ in 0..BATCH {
            self.time()?;
        }
        Ok(children()?.saturating_sub(before) / BATCH)
    }

    /// The most memory that it used at any time, in KiB. Asked repeatedly while it runs, since the
    /// system forgets it afterwards.
    pub(crate) fn peak_memory(&self) -> Result<u64> {
        let mut peak = 0;
        // Short runs usually end between two looks.
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

/// The processor time of children that have ended.
fn children() -> Result<Duration> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name, in parentheses, may contain blanks; user and system time of children are fields 16
    // and 17.
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: u64 = fields.iter().skip(13).take(2).filter_map(|t| t.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 10))
}

fn high_water_mark(status: &str) -> Option<u64> {
    let status = fs::read_to_string(status).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// Runs two programs in turn, so that other load on the machine affects both alike.
pub(crate) fn race(programs: [&Program; 2], repeats: usize) -> Result<[Times; 2]> {
    in_turn(programs, repeats, Program::time)
}

/// The same for their processor time.
pub(crate) fn race_cpu(programs: [&Program; 2], repeats: usize) -> Result<[Times; 2]> {
    in_turn(programs, repeats, Program::cpu)
}

fn in_turn(
    programs: [&Program; 2],
    repeats: usize,
    measure: impl Fn(&Program) -> Result<Duration>,
) -> Result<[Times; 2]> {
    let mut times = [Times::default(), Times::default()];
    // The first round warms the caches.
    for round in 0..=repeats {
        for (program, times) in programs.iter().zip(&mut times) {
            let time = measure(program)?;
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
    /// The median, in seconds.
    pub(crate) fn median(&self) -> f64 {
        self.0.get(self.0.len() / 2).map_or(f64::NAN, Duration::as_secs_f64)
    }

    /// The minimum, in seconds.
    pub(crate) fn min(&self) -> f64 {
        self.0.first().map_or(f64::NAN, Duration::as_secs_f64)
    }
}
