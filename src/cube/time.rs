//! The steps of time: numbers in the tables, keys such as `2025-Q1` outside.

use jiff::civil::{Date, ISOWeekDate, Weekday, date};
use jiff::{Span, ToSpan};

/// A step of the time dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeStep {
    /// `2025`
    Year,
    /// `2025/26`: the year that begins with this month (1 to 12); `2025` where that is January.
    FiscalYear(u8),
    /// `2025-Q1`
    Quarter,
    /// `2025-03`
    Month,
    /// `2025-W11`, ISO 8601: from Monday to Sunday.
    Week,
    /// `2025-03-14`
    Day,
}

/// A distance in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shift {
    /// Whole months.
    Months(i64),
    /// Whole days.
    Days(i64),
}

impl Shift {
    /// The same distance the other way.
    #[must_use]
    pub fn back(self) -> Self {
        match self {
            Self::Months(months) => Self::Months(-months),
            Self::Days(days) => Self::Days(-days),
        }
    }
}

impl TimeStep {
    /// How a key of the step looks.
    pub(super) fn example(self) -> &'static str {
        match self {
            Self::Year | Self::FiscalYear(1) => "2025",
            Self::FiscalYear(_) => "2025/26",
            Self::Quarter => "2025-Q1",
            Self::Month => "2025-03",
            Self::Week => "2025-W11",
            Self::Day => "2025-03-14",
        }
    }

    /// The number of the step with this key; `None` when it is no key of the step.
    #[must_use]
    pub fn number(self, key: &str) -> Option<i64> {
        match self {
            Self::Year | Self::FiscalYear(1) => digits(key, 4),
            Self::FiscalYear(_) => {
                let (year, next) = key.split_once('/')?;
                let year = digits(year, 4)?;
                (digits(next, 2)? == (year + 1) % 100).then_some(year)
            }
            Self::Quarter => {
                let (year, quarter) = key.split_once("-Q")?;
                let quarter = digits(quarter, 1).filter(|quarter| (1..=4).contains(quarter))?;
                Some(digits(year, 4)? * 4 + quarter - 1)
            }
            Self::Month => {
                let (year, month) = key.split_once('-')?;
                let month = digits(month, 2).filter(|month| (1..=12).contains(month))?;
                Some(digits(year, 4)? * 12 + month - 1)
            }
            Self::Week => {
                let (year, week) = key.split_once("-W")?;
                let (year, week) = (digits(year, 4)?, digits(week, 2)?);
                let monday = ISOWeekDate::new(
                    i16::try_from(year).ok()?,
                    i8::try_from(week).ok()?,
                    Weekday::Monday,
                );
                Some(self.of_day(day_number(monday.ok()?.date())))
            }
            Self::Day => {
                let day: Date = key.parse().ok().filter(|_| key.len() == 10)?;
                Some(day_number(day))
            }
        }
    }

    /// The key of the step with this number.
    #[must_use]
    pub fn key(self, number: i64) -> String {
        match self {
            Self::Year | Self::FiscalYear(1) => format!("{number:04}"),
            Self::FiscalYear(_) => format!("{number:04}/{:02}", (number + 1).rem_euclid(100)),
            Self::Quarter => format!("{:04}-Q{}", number.div_euclid(4), number.rem_euclid(4) + 1),
            Self::Month => format!(
                "{:04}-{:02}",
                number.div_euclid(12),
                number.rem_euclid(12) + 1
            ),
            Self::Week => date_of(self.days(number).0).map_or_else(
                || number.to_string(),
                |monday| {
                    let week = monday.iso_week_date();
                    format!("{:04}-W{:02}", week.year(), week.week())
                },
            ),
            Self::Day => date_of(number).map_or_else(|| number.to_string(), |day| day.to_string()),
        }
    }

    /// The number of the step that holds a day, counted from 1970-01-01.
    #[must_use]
    pub fn of_day(self, day: i64) -> i64 {
        match self {
            Self::Day => day,
            // Day 0 is a Thursday.
            Self::Week => (day + 3).div_euclid(7),
            Self::Year | Self::FiscalYear(_) | Self::Quarter | Self::Month => {
                self.of_month(month_of(day))
            }
        }
    }

    /// The number of the step that holds a month, counted from the year 0; months only go into
    /// steps that consist of months.
    pub(super) fn of_month(self, month: i64) -> i64 {
        match self {
            Self::Year => month.div_euclid(12),
            Self::FiscalYear(first) => (month + 1 - i64::from(first)).div_euclid(12),
            Self::Quarter => month.div_euclid(3),
            Self::Month | Self::Week | Self::Day => month,
        }
    }

    /// First and last day of the step with this number, both included.
    #[must_use]
    pub fn days(self, number: i64) -> (i64, i64) {
        let months = |first: i64, count: i64| {
            (
                first_day_of_month(first),
                first_day_of_month(first + count) - 1,
            )
        };
        match self {
            Self::Year => months(number * 12, 12),
            Self::FiscalYear(first) => months(number * 12 + i64::from(first) - 1, 12),
            Self::Quarter => months(number * 3, 3),
            Self::Month => months(number, 1),
            Self::Week => (number * 7 - 3, number * 7 + 3),
            Self::Day => (number, number),
        }
    }

    /// The distance from one step to the next.
    #[must_use]
    pub fn length(self) -> Shift {
        match self {
            Self::Year | Self::FiscalYear(_) => Shift::Months(12),
            Self::Quarter => Shift::Months(3),
            Self::Month => Shift::Months(1),
            Self::Week => Shift::Days(7),
            Self::Day => Shift::Days(1),
        }
    }

    /// The step that lies `shift` after the one of this number: by date for days, so that the
    /// 29th of February goes to the 28th; `None` where the steps do not fall on each other.
    ///
    /// A year of weeks has 52 of them.
    #[must_use]
    pub fn shifted(self, number: i64, shift: Shift) -> Option<i64> {
        match (self, shift) {
            (Self::Day, Shift::Months(months)) => {
                let span: Span = Span::new().try_months(months).ok()?;
                Some(day_number(date_of(number)?.checked_add(span).ok()?))
            }
            (Self::Day, Shift::Days(days)) => Some(number + days),
            (Self::Week, Shift::Days(days)) => (days % 7 == 0).then_some(number + days / 7),
            (Self::Week, Shift::Months(months)) => {
                (months % 12 == 0).then_some(number + months / 12 * 52)
            }
            (Self::Year | Self::FiscalYear(_), Shift::Months(months)) => {
                (months % 12 == 0).then_some(number + months / 12)
            }
            (Self::Quarter, Shift::Months(months)) => {
                (months % 3 == 0).then_some(number + months / 3)
            }
            (Self::Month, Shift::Months(months)) => Some(number + months),
            (_, Shift::Days(_)) => None,
        }
    }

    /// The step that a step of this kind is a part of, where there is one.
    #[must_use]
    pub fn parent(self) -> Option<Self> {
        match self {
            // A week may lie in two years.
            Self::Year | Self::FiscalYear(_) | Self::Week => None,
            Self::Quarter | Self::Month => Some(Self::Year),
            Self::Day => Some(Self::Month),
        }
    }
}

/// The day of this number, counted from 1970-01-01.
#[must_use]
pub(super) fn date_of(day: i64) -> Option<Date> {
    let span = Span::new().try_days(day).ok()?;
    date(1970, 1, 1).checked_add(span).ok()
}

/// The number of a day, counted from 1970-01-01.
#[must_use]
pub(super) fn day_number(day: Date) -> i64 {
    let days = date(1970, 1, 1)
        .until(day)
        .map_or(0, |span| span.get_days());
    i64::from(days)
}

/// The month of a day, counted from the year 0.
fn month_of(day: i64) -> i64 {
    date_of(day).map_or(0, |day| {
        i64::from(day.year()) * 12 + i64::from(day.month()) - 1
    })
}

fn first_day_of_month(month: i64) -> i64 {
    let year = i16::try_from(month.div_euclid(12)).unwrap_or(i16::MAX);
    let month = i8::try_from(month.rem_euclid(12) + 1).unwrap_or(1);
    Date::new(year, month, 1).map_or(i64::MAX, day_number)
}

/// Whether the days from `from` to `to` are whole months, and how many.
#[must_use]
pub(super) fn whole_months(from: i64, to: i64) -> Option<i64> {
    let (first, last) = (date_of(from)?, date_of(to)?.checked_add(1.day()).ok()?);
    let is_whole = first.day() == 1 && last.day() == 1;
    is_whole.then(|| month_of(to) - month_of(from) + 1)
}

/// The number of exactly `count` digits.
fn digits(text: &str, count: usize) -> Option<i64> {
    let is_number = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(step: TimeStep, key: &str) {
        let number = step.number(key).expect(key);
        assert_eq!(step.key(number), key);
        let (first, last) = step.days(number);
        assert_eq!(
            (step.of_day(first), step.of_day(last)),
            (number, number),
            "{key}"
        );
        assert_eq!(step.of_day(first - 1), number - 1, "{key}");
        assert_eq!(step.of_day(last + 1), number + 1, "{key}");
    }

    #[test]
    fn keys_come_back_and_days_lie_in_their_steps() {
        check(TimeStep::Year, "2025");
        check(TimeStep::FiscalYear(4), "2025/26");
        check(TimeStep::FiscalYear(10), "1999/00");
        check(TimeStep::FiscalYear(1), "2025");
        check(TimeStep::Quarter, "2025-Q1");
        check(TimeStep::Quarter, "2025-Q4");
        check(TimeStep::Month, "2025-12");
        check(TimeStep::Month, "2024-02");
        check(TimeStep::Week, "2025-W01");
        check(TimeStep::Week, "2020-W53");
        check(TimeStep::Week, "1969-W30");
        check(TimeStep::Day, "1996-07-04");
        check(TimeStep::Day, "1969-12-31");
    }

    #[test]
    fn the_first_days_of_a_year_may_lie_in_the_last_week_of_another() {
        let day = TimeStep::Day.number("2027-01-03").unwrap();
        assert_eq!(TimeStep::Week.key(TimeStep::Week.of_day(day)), "2026-W53");
    }

    #[test]
    fn other_words_are_no_keys() {
        for (step, key) in [
            (TimeStep::Year, "25"),
            (TimeStep::FiscalYear(4), "2025"),
            (TimeStep::FiscalYear(4), "2025/27"),
            (TimeStep::Quarter, "2025-Q5"),
            (TimeStep::Month, "2025-13"),
            (TimeStep::Week, "2025-W54"),
            (TimeStep::Week, "2025-W00"),
            (TimeStep::Day, "2025-02-30"),
            (TimeStep::Day, "20250214"),
            (TimeStep::Month, "2025-+1"),
        ] {
            assert_eq!(step.number(key), None, "{key}");
        }
    }

    #[track_caller]
    fn check_shift(step: TimeStep, key: &str, shift: Shift, expected: Option<&str>) {
        let shifted = step.shifted(step.number(key).unwrap(), shift);
        assert_eq!(shifted.map(|number| step.key(number)).as_deref(), expected);
    }

    #[test]
    fn steps_move_by_their_kind() {
        let year_ago = Shift::Months(-12);
        check_shift(TimeStep::Year, "2025", year_ago, Some("2024"));
        check_shift(TimeStep::Quarter, "2025-Q1", year_ago, Some("2024-Q1"));
        check_shift(
            TimeStep::Month,
            "2025-01",
            Shift::Months(-1),
            Some("2024-12"),
        );
        check_shift(TimeStep::Day, "2024-02-29", year_ago, Some("2023-02-28"));
        check_shift(TimeStep::Week, "2025-W10", year_ago, Some("2024-W10"));
        check_shift(TimeStep::Quarter, "2025-Q1", Shift::Months(-1), None);
        check_shift(TimeStep::Month, "2025-01", Shift::Days(-30), None);
    }

    #[test]
    fn whole_months_are_counted() {
        let day = |key| TimeStep::Day.number(key).unwrap();
        assert_eq!(whole_months(day("2024-02-01"), day("2024-02-29")), Some(1));
        assert_eq!(whole_months(day("2024-12-01"), day("2025-11-30")), Some(12));
        assert_eq!(whole_months(day("2024-12-01"), day("2025-11-29")), None);
    }
}
