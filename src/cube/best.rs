//! The first rows of a long answer, kept while the groups come in.
//!
//! Who asks for the hundred best of half a million accounts needs neither names nor figures of the
//! others. A row is left out when so many before it are certainly wanted rather than it; rows that
//! are equal to the last of those stay, so that the order among equals is decided where it always is.

use std::cmp::Ordering;

use super::measure::{Measure, Modifier};
use super::question::Question;
use super::scan::Part;
use super::value::{self, Given, Value};

/// Rows are thrown out when there are twice as many as wanted, and at least so many.
const MIN_ROWS: usize = 4_096;

/// Which rows of a question are wanted, told by one measure of each row alone.
pub(super) struct Best {
    measure: Measure,
    descending: bool,
    count: usize,
}

impl Best {
    /// What tells the rows that `question` wants; none when other rows are looked at, or all are
    /// wanted.
    pub(super) fn of(question: &Question) -> Option<Self> {
        let (column, descending) = *question.sort.first()?;
        let figure = question
            .figures
            .get(column.checked_sub(question.axes.len())?)?;
        let count = question.offset.checked_add(question.limit?)?;
        let looks_beside = question.figures.iter().any(|figure| {
            !matches!(figure.modifier, Modifier::Plain | Modifier::ShareOfTotal)
                || figure.compares().next().is_some()
        });
        let is_told_by_row = figure.modifier == Modifier::Plain && !figure.measure.needs_region();
        let is_whole = question.having.is_empty() && !question.subtotals;
        (is_told_by_row && is_whole && !looks_beside).then(|| Self {
            measure: figure.measure.clone(),
            descending,
            count,
        })
    }

    /// The places of the groups that may be wanted, in their order; `values` of each group are
    /// those of `parts`.
    pub(super) fn places<'a>(
        &self,
        parts: &[Part],
        values: impl Iterator<Item = &'a [i64]>,
    ) -> Vec<usize> {
        let mut kept: Vec<(Value, usize)> = Vec::new();
        let mut worst: Option<Value> = None;
        let mut room = MIN_ROWS.max(self.count.saturating_mul(2));
        for (place, values) in values.enumerate() {
            let value = value::of(&self.measure, &Given::now(parts, values, None));
            if worst.is_some_and(|worst| self.compare(&value, &worst).is_gt()) {
                continue;
            }
            kept.push((value, place));
            if kept.len() >= room {
                worst = self.cut(&mut kept);
                // Of many equal rows all stay: each cut must be worth its time.
                room = room.max(kept.len() * 2);
            }
        }
        self.cut(&mut kept);
        let mut places: Vec<usize> = kept.into_iter().map(|(_, place)| place).collect();
        places.sort_unstable();
        places
    }

    /// Throws out what stands behind the last row that is wanted. The value of that row.
    fn cut(&self, kept: &mut Vec<(Value, usize)>) -> Option<Value> {
        if self.count == 0 {
            kept.clear();
            return None;
        }
        if kept.len() <= self.count {
            return None;
        }
        let compare = |(a, _): &(Value, usize), (b, _): &(Value, usize)| self.compare(a, b);
        let (_, last, _) = kept.select_nth_unstable_by(self.count - 1, compare);
        let worst = last.0;
        kept.retain(|(value, _)| self.compare(value, &worst).is_le());
        Some(worst)
    }

    fn compare(&self, a: &Value, b: &Value) -> Ordering {
        value::compare(a, b, self.descending)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(values: &[i64], count: usize, descending: bool) {
        let best = Best {
            measure: Measure::Revenue,
            descending,
            count,
        };
        let rows: Vec<[i64; 1]> = values.iter().map(|value| [*value]).collect();
        let rows = rows.iter().map(<[i64; 1]>::as_slice);
        let found = best.places(&[Part::Revenue], rows);
        let mut sorted = values.to_vec();
        sorted.sort_unstable();
        if descending {
            sorted.reverse();
        }
        let last = count
            .checked_sub(1)
            .map(|last| sorted[last.min(values.len() - 1)]);
        let is_wanted = |value: i64| {
            last.is_some_and(|last| {
                if descending {
                    value >= last
                } else {
                    value <= last
                }
            })
        };
        let places = (0..values.len()).filter(|place| is_wanted(values[*place]));
        assert_eq!(found, places.collect::<Vec<_>>());
    }

    #[test]
    fn the_wanted_rows_and_their_equals_stay() {
        let spread: Vec<i64> = (0..20_000).map(|row| row * 7_919 % 10_007).collect();
        let equal = vec![5; 20_000];
        for descending in [false, true] {
            for count in [0, 1, 100, 9_999, 50_000] {
                check(&spread, count, descending);
                check(&equal, count, descending);
                check(&[1, 2, 2, 3], count, descending);
            }
        }
    }
}
