//! Comparisons with another time: filters moved there, and members moved back.

use super::Error;
use super::level::CubeLevel;
use super::measure::Compare;
use super::plan::{Member, Piece};
use super::scan::Condition;
use super::time::{Shift, TimeStep, whole_months};
use crate::warehouse::Warehouse;

/// How a comparison moves in time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Move {
    pub(super) compare: Compare,
    /// From now to then.
    shift: Shift,
    /// Whether a filter says which time it is; without one only rows of a time have another.
    pub(super) has_filter: bool,
}

impl Move {
    /// The way from the time of `conditions`, or of the members of `axes`, to that of `compare`.
    pub(super) fn of(
        compare: Compare,
        conditions: &[Condition],
        axes: &[Vec<Piece>],
        warehouse: &Warehouse,
    ) -> Result<Self, Error> {
        let step = axes
            .iter()
            .flatten()
            .filter_map(step_of)
            .max_by_key(|step| fineness(*step));
        let filter = conditions.iter().filter_map(stretch).collect::<Vec<_>>();
        let shift = match (compare, step, filter.as_slice()) {
            (_, None, []) => {
                return Err(Error::Combination(format!(
                    "a comparison with {} needs a filter or a level of time",
                    compare.id()
                )));
            }
            (Compare::PreviousYear, _, _) => Shift::Months(-12),
            (Compare::PreviousPeriod, Some(step), _) => step.length().back(),
            (Compare::PreviousPeriod, None, [(from, to)]) => {
                let (first, last) = extent(warehouse);
                let (from, to) = (from.unwrap_or(first), to.unwrap_or(last));
                whole_months(from, to).map_or_else(
                    || Shift::Days((from - to - 1).min(0)),
                    |months| Shift::Months(-months),
                )
            }
            (Compare::PreviousPeriod, None, _) => {
                return Err(Error::Combination(
                    "a comparison with previous_period needs one filter of time, not several"
                        .to_owned(),
                ));
            }
        };
        Ok(Self {
            compare,
            shift,
            has_filter: !filter.is_empty(),
        })
    }

    /// `conditions` at the other time.
    pub(super) fn conditions(self, conditions: &[Condition]) -> Result<Vec<Condition>, Error> {
        conditions
            .iter()
            .map(|condition| self.condition(condition))
            .collect()
    }

    /// The pieces of each axis at the other time.
    pub(super) fn axes(self, axes: &[Vec<Piece>]) -> Result<Vec<Vec<Piece>>, Error> {
        let moved = |piece: &Piece| {
            Ok(Piece {
                conditions: self.conditions(&piece.conditions)?,
                ..piece.clone()
            })
        };
        axes.iter()
            .map(|pieces| pieces.iter().map(moved).collect())
            .collect()
    }

    fn condition(self, condition: &Condition) -> Result<Condition, Error> {
        match condition {
            Condition::In(CubeLevel::Time(step), numbers) => {
                if let Some(moved) = self.all(*step, numbers) {
                    return Ok(Condition::In(CubeLevel::Time(*step), moved));
                }
                match (numbers.first(), numbers.last()) {
                    (Some(first), Some(last))
                        if i64::try_from(numbers.len()) == Ok(last - first + 1) =>
                    {
                        Ok(self.between(*step, Some(*first), Some(*last)))
                    }
                    _ => Err(self.uneven(*step)),
                }
            }
            Condition::NotIn(CubeLevel::Time(step), numbers) => {
                let moved = self.all(*step, numbers).ok_or_else(|| self.uneven(*step))?;
                Ok(Condition::NotIn(CubeLevel::Time(*step), moved))
            }
            Condition::Between(step, from, to) => Ok(self.between(*step, *from, *to)),
            other => Ok(other.clone()),
        }
    }

    fn all(self, step: TimeStep, numbers: &[i64]) -> Option<Vec<i64>> {
        let moved = numbers
            .iter()
            .map(|number| step.shifted(*number, self.shift));
        moved.collect()
    }

    /// A stretch at the other time: in the same steps where they fall on each other, else in days.
    fn between(self, step: TimeStep, from: Option<i64>, to: Option<i64>) -> Condition {
        let ends: Vec<i64> = from.into_iter().chain(to).collect();
        if step != TimeStep::Day && self.all(step, &ends).is_some() {
            let moved = |end: Option<i64>| end.and_then(|end| step.shifted(end, self.shift));
            return Condition::Between(step, moved(from), moved(to));
        }
        let day = |day: i64| TimeStep::Day.shifted(day, self.shift);
        // The day after the last one is moved, so that the ends of months stay ends of months.
        let from = from.and_then(|from| day(step.days(from).0));
        let to = to
            .and_then(|to| day(step.days(to).1 + 1))
            .map(|next| next - 1);
        Condition::Between(TimeStep::Day, from, to)
    }

    fn uneven(self, step: TimeStep) -> Error {
        Error::Combination(format!(
            "{} can't be compared with {} by a shorter step of time: filter \"from\" and \"to\"",
            CubeLevel::Time(step).id(),
            self.compare.id()
        ))
    }

    /// The members of a row at the other time, or back from there.
    ///
    /// The finest step of time moves; the coarser ones are those that it then lies in.
    pub(super) fn members(
        self,
        members: &[Member],
        axes: &[&Vec<Piece>],
        is_back: bool,
    ) -> Option<Vec<Member>> {
        let shift = if is_back {
            self.shift.back()
        } else {
            self.shift
        };
        let step = |place: usize| step_of(axes[place].get(usize::from(members[place].piece))?);
        let steps: Vec<Option<TimeStep>> = (0..members.len()).map(step).collect();
        let finest = (0..members.len())
            .filter(|place| steps[*place].is_some())
            .max_by_key(|place| steps[*place].map(fineness));
        let Some(finest) = finest else {
            return Some(members.to_vec());
        };
        let step = steps[finest]?;
        let number = step.shifted(members[finest].number, shift)?;
        let first_day = step.days(number).0;
        let moved = members.iter().zip(steps).enumerate();
        let moved = moved.map(|(place, (member, step))| Member {
            number: match step {
                Some(_) if place == finest => number,
                Some(step) => step.of_day(first_day),
                None => member.number,
            },
            ..*member
        });
        Some(moved.collect())
    }

    /// Whether a row that only the other time has lies in the time of the data.
    pub(super) fn is_known(
        members: &[Member],
        axes: &[&Vec<Piece>],
        warehouse: &Warehouse,
    ) -> bool {
        let (_, last) = extent(warehouse);
        let mut steps = members.iter().zip(axes);
        steps.all(|(member, pieces)| {
            let step = pieces.get(usize::from(member.piece)).and_then(step_of);
            step.is_none_or(|step| step.days(member.number).0 <= last)
        })
    }
}

/// First and last day of the data.
fn extent(warehouse: &Warehouse) -> (i64, i64) {
    let summary = warehouse.summary();
    let day = |day: Option<jiff::civil::Date>| day.map_or(0, super::time::day_number);
    (day(summary.first_day), day(summary.last_day))
}

pub(super) fn step_of(piece: &Piece) -> Option<TimeStep> {
    match piece.level {
        Some(CubeLevel::Time(step)) => Some(step),
        _ => None,
    }
}

/// Finer steps are greater.
fn fineness(step: TimeStep) -> u8 {
    match step {
        TimeStep::Year | TimeStep::FiscalYear(_) => 0,
        TimeStep::Quarter => 1,
        TimeStep::Month => 2,
        TimeStep::Week => 3,
        TimeStep::Day => 4,
    }
}

/// The days that a condition of time lets through.
fn stretch(condition: &Condition) -> Option<(Option<i64>, Option<i64>)> {
    match condition {
        Condition::Between(step, from, to) => Some((
            from.map(|from| step.days(from).0),
            to.map(|to| step.days(to).1),
        )),
        Condition::In(CubeLevel::Time(step), numbers) => {
            let first = numbers.iter().min().map(|first| step.days(*first).0);
            let last = numbers.iter().max().map(|last| step.days(*last).1);
            Some((first, last))
        }
        _ => None,
    }
}
