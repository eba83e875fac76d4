//! The months that the conditions of a scan let through.

use crate::cube::level::CubeLevel;
use crate::cube::scan::Condition;
use crate::cube::time::{TimeStep, day_number};
use crate::warehouse::{CellStep, Summary};

/// The months of the data, and which of them are let through.
pub(super) struct Months {
    first: i64,
    allowed: Vec<bool>,
}

/// The steps of cells that are let through, from `first` on.
pub(super) struct Times {
    first: i64,
    /// For each step the first of its months, where it is let through.
    months: Vec<Option<i64>>,
}

impl Times {
    /// The first month of a step that is let through.
    pub(super) fn month_of(&self, time: i64) -> Option<i64> {
        let place = usize::try_from(time - self.first).ok()?;
        self.months.get(place).copied().flatten()
    }
}

impl Months {
    /// None when a condition splits a month in which there are lines.
    pub(super) fn of(summary: &Summary, conditions: &[Condition]) -> Option<Self> {
        let (Some(first_day), Some(last_day)) = (summary.first_day, summary.last_day) else {
            return None;
        };
        let (first_day, last_day) = (day_number(first_day), day_number(last_day));
        let (first, last) = (
            TimeStep::Month.of_day(first_day),
            TimeStep::Month.of_day(last_day),
        );
        let mut allowed = Vec::new();
        for month in first..=last {
            // What lies outside of the data may be split.
            let (begin, end) = TimeStep::Month.days(month);
            let (begin, end) = (begin.max(first_day), end.min(last_day));
            let mut is_allowed = true;
            for condition in conditions {
                is_allowed &= lets(condition, begin, end)?;
            }
            allowed.push(is_allowed);
        }
        Some(Self { first, allowed })
    }

    /// Whether every month is let through.
    pub(super) fn is_whole(&self) -> bool {
        self.allowed.iter().all(|allowed| *allowed)
    }

    /// Whether no year is split.
    pub(super) fn is_by_year(&self) -> bool {
        let months = (self.first..).zip(&self.allowed);
        let mut pairs = months.clone().zip(months.skip(1));
        pairs.all(|((month, a), (next, b))| a == b || month.div_euclid(12) != next.div_euclid(12))
    }

    /// Whether all that is let through is of one year.
    pub(super) fn is_one_year(&self) -> bool {
        let mut years: Vec<i64> = self
            .let_through()
            .map(|month| month.div_euclid(12))
            .collect();
        years.dedup();
        years.len() == 1
    }

    /// Whether one month is let through.
    pub(super) fn is_one_month(&self) -> bool {
        self.let_through().count() == 1
    }

    fn let_through(&self) -> impl Iterator<Item = i64> {
        let months = (self.first..).zip(&self.allowed);
        months
            .filter(|(_, allowed)| **allowed)
            .map(|(month, _)| month)
    }

    /// The first number of a step of time, and how many numbers there are.
    pub(super) fn numbers(&self, step: TimeStep) -> (i64, i64) {
        let count = i64::try_from(self.allowed.len()).unwrap_or(i64::MAX);
        let (first, last) = (
            step.of_month(self.first),
            step.of_month(self.first + count - 1),
        );
        (first, last - first + 1)
    }

    /// The steps of cells that are let through.
    pub(super) fn by_cell(&self, step: CellStep) -> Times {
        let number = |month: i64| match step {
            CellStep::Whole => 0,
            CellStep::Year => month.div_euclid(12),
            CellStep::Month => month,
        };
        let first = number(self.first);
        let mut months: Vec<Option<i64>> = Vec::new();
        for (month, allowed) in (self.first..).zip(&self.allowed) {
            let place = usize::try_from(number(month) - first).unwrap_or_default();
            if months.len() <= place {
                months.resize(place + 1, None);
            }
            if *allowed && months[place].is_none() {
                months[place] = Some(month);
            }
        }
        Times { first, months }
    }

    /// The months that are let through, as bits of words of `width` bits from `first` on.
    pub(super) fn masks(&self, first: i64, width: i64) -> Vec<i64> {
        let mut masks = Vec::new();
        for month in self.let_through() {
            let (word, bit) = (
                (month - first).div_euclid(width),
                (month - first).rem_euclid(width),
            );
            let Ok(word) = usize::try_from(word) else {
                continue;
            };
            if masks.len() <= word {
                masks.resize(word + 1, 0);
            }
            masks[word] |= 1 << bit;
        }
        masks
    }
}

/// Whether a condition lets the days from `begin` to `end` through; none when only some of them.
fn lets(condition: &Condition, begin: i64, end: i64) -> Option<bool> {
    let each = |step: TimeStep, lets: &dyn Fn(i64) -> bool| {
        let (first, last) = (step.of_day(begin), step.of_day(end));
        let is_first = lets(first);
        (first..=last)
            .all(|number| lets(number) == is_first)
            .then_some(is_first)
    };
    match condition {
        Condition::In(CubeLevel::Time(step), numbers) => {
            each(*step, &|number| numbers.contains(&number))
        }
        Condition::NotIn(CubeLevel::Time(step), numbers) => {
            each(*step, &|number| !numbers.contains(&number))
        }
        Condition::Between(step, from, to) => each(*step, &|number| {
            from.is_none_or(|from| number >= from) && to.is_none_or(|to| number <= to)
        }),
        _ => Some(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn months(conditions: &[Condition]) -> Option<Months> {
        let day = |text: &str| Some(text.parse().unwrap());
        let summary = Summary {
            first_day: day("2024-01-15"),
            last_day: day("2025-12-24"),
            ..Summary::default()
        };
        Months::of(&summary, conditions)
    }

    fn days(from: &str, to: &str) -> Condition {
        let number = |key: &str| TimeStep::Day.number(key);
        Condition::Between(TimeStep::Day, number(from), number(to))
    }

    #[test]
    fn a_stretch_that_splits_no_day_of_the_data_is_made_of_months() {
        let all = months(&[days("2024-01-10", "2026-01-05")]).unwrap();
        assert!(all.is_whole());
        let year = months(&[days("2025-01-01", "2025-12-24")]).unwrap();
        assert!(!year.is_whole() && year.is_by_year() && year.is_one_year());
        let quarter = months(&[days("2025-01-01", "2025-03-31")]).unwrap();
        assert!(!quarter.is_by_year() && !quarter.is_one_month());
        assert!(months(&[days("2025-01-02", "2025-03-31")]).is_none());
    }

    #[test]
    fn bits_and_cells_follow_the_months() {
        let march = Condition::In(
            CubeLevel::Time(TimeStep::Month),
            vec![TimeStep::Month.number("2025-03").unwrap()],
        );
        let months = months(&[march]).unwrap();
        let first = TimeStep::Month.number("2024-01").unwrap();
        assert_eq!(months.masks(first, 63), [1 << 14]);
        assert_eq!(months.masks(first, 10), [0, 1 << 4]);
        let years = months.by_cell(CellStep::Year);
        assert_eq!(years.month_of(2024), None);
        assert_eq!(years.month_of(2025), TimeStep::Month.number("2025-03"));
        assert_eq!(months.numbers(TimeStep::Quarter), (2024 * 4, 8));
    }
}
