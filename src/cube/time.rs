//! The steps of time: numbers in the tables, keys such as `2025-Q1` outside.

use jiff::ToSpan;
use jiff::civil::{Date, date};

/// A step of the time dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimeStep {
    /// `2025`
    Year,
    /// `2025-Q1`
    Quarter,
    /// `2025-03`
    Month,
    /// `2025-03-14`
    Day,
}

impl TimeStep {
    /// The number of the step as SQL over the fact table. Years, quarters and months are counted
    /// from the year 0, days from 1970-01-01.
    pub(super) fn expression(self) -> &'static str {
        match self {
            Self::Year => "month // 12",
            Self::Quarter => "month // 3",
            Self::Month => "month",
            Self::Day => "(day - DATE '1970-01-01')",
        }
    }

    /// How a key of the step looks.
    pub(super) fn example(self) -> &'static str {
        match self {
            Self::Year => "2025",
            Self::Quarter => "2025-Q1",
            Self::Month => "2025-03",
            Self::Day => "2025-03-14",
        }
    }

    /// The number of the step with this key; `None` when it is no key of the step.
    #[must_use]
    pub fn number(self, key: &str) -> Option<i64> {
        match self {
            Self::Year => digits(key, 4),
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
            Self::Day => {
                let day: Date = key.parse().ok().filter(|_| key.len() == 10)?;
                let days = date(1970, 1, 1).until(day).ok()?.get_days();
                Some(i64::from(days))
            }
        }
    }

    /// The key of the step with this number.
    #[must_use]
    pub fn key(self, number: i64) -> String {
        match self {
            Self::Year => format!("{number:04}"),
            Self::Quarter => format!("{:04}-Q{}", number.div_euclid(4), number.rem_euclid(4) + 1),
            Self::Month => format!(
                "{:04}-{:02}",
                number.div_euclid(12),
                number.rem_euclid(12) + 1
            ),
            Self::Day => date(1970, 1, 1)
                .checked_add(number.days())
                .map_or_else(|_| number.to_string(), |day| day.to_string()),
        }
    }
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
    }

    #[test]
    fn keys_come_back() {
        check(TimeStep::Year, "2025");
        check(TimeStep::Quarter, "2025-Q1");
        check(TimeStep::Quarter, "2025-Q4");
        check(TimeStep::Month, "2025-12");
        check(TimeStep::Day, "1996-07-04");
        check(TimeStep::Day, "1969-12-31");
    }

    #[test]
    fn other_words_are_no_keys() {
        for (step, key) in [
            (TimeStep::Year, "25"),
            (TimeStep::Quarter, "2025-Q5"),
            (TimeStep::Month, "2025-13"),
            (TimeStep::Day, "2025-02-30"),
            (TimeStep::Day, "20250214"),
            (TimeStep::Month, "2025-+1"),
        ] {
            assert_eq!(step.number(key), None, "{key}");
        }
    }
}
