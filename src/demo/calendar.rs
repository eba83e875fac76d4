//! How many lines are sold on each day of four years.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::random::running;

/// The days of the company and how busy they are.
pub(super) struct Calendar {
    days: Vec<Date>,
    sums: Vec<f64>,
}

impl Calendar {
    /// Four years that end with `today`; `None` when they are out of the range of the import.
    pub fn up_to(today: Date) -> Option<Self> {
        if !(1904..=2199).contains(&today.year()) {
            return None;
        }
        let first = today.checked_sub(4.years()).ok()?.tomorrow().ok()?;
        let days: Vec<Date> = first
            .series(1.day())
            .take_while(|day| *day <= today)
            .collect();
        let sums = running(days.iter().map(|day| business(*day)));
        Some(Self { days, sums })
    }

    /// Every day with its share of `lines`, which add up to all of them.
    pub fn shares(&self, lines: u64) -> impl Iterator<Item = (Date, u64)> {
        let total = self.sums.last().copied().unwrap_or_default();
        let mut given = 0;
        self.days.iter().zip(&self.sums).map(move |(day, sum)| {
            let due = if *sum >= total {
                lines
            } else {
                portion(lines, sum / total)
            };
            let share = due.saturating_sub(given);
            given += share;
            (*day, share)
        })
    }

    /// Months from the first day of the calendar to `day`.
    pub fn month(&self, day: Date) -> usize {
        let first = self.days.first().copied().unwrap_or(day);
        let months = (day.year() - first.year()) * 12 + i16::from(day.month() - first.month());
        usize::try_from(months).unwrap_or_default()
    }

    /// Years of `day` from the middle of the calendar, -2..=2.
    #[expect(
        clippy::cast_precision_loss,
        reason = "there are no more than 49 months"
    )]
    pub fn years_from_middle(&self, day: Date) -> f64 {
        self.month(day) as f64 / 12.0 - 2.0
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of the lines is a positive number below them"
)]
fn portion(lines: u64, share: f64) -> u64 {
    (lines as f64 * share) as u64
}

/// How busy a day is; nothing is sold on Sundays and the holidays that all three countries keep.
fn business(day: Date) -> f64 {
    let holiday = matches!((day.month(), day.day()), (1 | 5, 1) | (12, 25 | 26));
    let week = match day.weekday() {
        _ if holiday => return 0.0,
        Weekday::Sunday => return 0.0,
        Weekday::Saturday => 0.12,
        Weekday::Monday => 1.15,
        Weekday::Friday => 0.85,
        _ => 1.0,
    };
    let turn_of_year = matches!((day.month(), day.day()), (12, 24..) | (1, ..=6));
    let summer_break = day.month() == 8 && day.day() <= 20;
    let quiet = if turn_of_year {
        0.3
    } else if summer_break {
        0.8
    } else {
        1.0
    };
    let season = [
        0.78, 0.85, 1.02, 1.06, 1.08, 1.08, 1.03, 0.98, 1.1, 1.1, 1.02, 0.9,
    ];
    week * quiet * season[usize::try_from(day.month() - 1).unwrap_or_default()]
}
