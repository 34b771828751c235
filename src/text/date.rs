//! Seconds since 1970 as a date, in UTC.

use std::fmt::{self, Display};
use std::time::{SystemTime, UNIX_EPOCH};

/// A time in a year of at most four digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time {
    days: u64,
    seconds: u64,
}

impl Time {
    /// The last second of the year 9999.
    const LAST: u64 = 253_402_300_799;

    /// `None` past the year 9999, which no real lock has.
    pub fn new(seconds: u64) -> Option<Self> {
        (seconds <= Self::LAST)
            .then_some(Self { days: seconds / 86_400, seconds: seconds % 86_400 })
    }

    /// Its day.
    pub fn date(self) -> Date {
        // Days since 1 March of the year 0: leap days are then last in a year, and every 400 years
        // have the same number of days.
        let days = self.days + 719_468;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        // From March on, months have 31, 30, 31, 30, 31 days, again and again.
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let year = era * 400 + year_of_era;
        if month < 10 {
            Date { year, month: month + 3, day }
        } else {
            Date { year: year + 1, month: month - 9, day }
        }
    }
}

/// `2025-06-02 17:10:38`, as Nix prints it.
impl Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute, second) =
            (self.seconds / 3_600, self.seconds / 60 % 60, self.seconds % 60);
        write!(f, "{} {hour:02}:{minute:02}:{second:02}", self.date())
    }
}

/// A day of the Gregorian calendar, in UTC; shown as `2025-06-02`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// Year.
    pub year: u64,
    /// Month, from 1.
    pub month: u64,
    /// Day of the month, from 1.
    pub day: u64,
}

impl Date {
    /// The current day.
    pub fn today() -> Option<Self> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
        Time::new(now.as_secs()).map(Time::date)
    }
}

impl Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_times() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00:00"),
            (951_782_399, "2000-02-28 23:59:59"),
            (951_782_400, "2000-02-29 00:00:00"),
            (1_748_884_238, "2025-06-02 17:10:38"),
            (1_795_305_599, "2026-11-21 23:59:59"),
            (4_107_542_399, "2100-02-28 23:59:59"),
            (4_107_542_400, "2100-03-01 00:00:00"),
            (Time::LAST, "9999-12-31 23:59:59"),
        ] {
            assert_eq!(Time::new(seconds).unwrap().to_string(), text);
        }
        assert_eq!(Time::new(Time::LAST + 1), None);
        assert_eq!(Time::new(u64::MAX), None);
    }
}
