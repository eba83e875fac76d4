//! What an engine is asked: plain aggregation over the sales lines, in numbers only.
//!
//! Whatever is more than that (ratios, ranks, comparisons, shares) is computed from the groups of
//! scans, once for every engine.

use super::level::CubeLevel;
use super::time::TimeStep;
use crate::record::money::Currency;

/// What is aggregated over the lines of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// Sum of net amounts in minor units.
    Revenue,
    /// Sum of the known costs in minor units.
    Cost,
    /// Number of lines whose cost is known.
    CostedLines,
    /// Sum of the net amounts of those lines.
    CostedRevenue,
    /// Sum of quantities in thousandths.
    UnitsMilli,
    /// Number of lines.
    Lines,
    /// Number of different orders.
    Orders,
    /// Number of different known accounts.
    Customers,
    /// Number of different accounts among the lines of an account's first day.
    NewCustomers,
    /// Number of different accounts among the lines of a day after which the account bought
    /// nothing for twelve months.
    LostCustomers,
    /// Number of different accounts among the lines of the first day after such a break.
    WonBackCustomers,
    /// The first day, counted from 1970-01-01; without lines 0.
    FirstDay,
    /// The last day, counted from 1970-01-01; without lines 0.
    LastDay,
}

/// Which lines are taken; a scan takes those that all its conditions let through.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Condition {
    /// The member is one of these numbers; of none, no line is taken.
    In(CubeLevel, Vec<i64>),
    /// The member is none of these numbers.
    NotIn(CubeLevel, Vec<i64>),
    /// The number of the step of time lies between, both included.
    Between(TimeStep, Option<i64>, Option<i64>),
}

impl Condition {
    /// The level whose members it lets through or not.
    #[must_use]
    pub fn level(&self) -> CubeLevel {
        match self {
            Self::In(level, _) | Self::NotIn(level, _) => *level,
            Self::Between(step, _, _) => CubeLevel::Time(*step),
        }
    }

    /// Whether the member of this number is let through.
    #[must_use]
    pub fn takes(&self, number: i64) -> bool {
        match self {
            Self::In(_, numbers) => numbers.contains(&number),
            Self::NotIn(_, numbers) => !numbers.contains(&number),
            Self::Between(_, from, to) => {
                from.is_none_or(|from| from <= number) && to.is_none_or(|to| number <= to)
            }
        }
    }

    /// For each of `count` members, from number 0 on, whether it is let through. O(count + numbers
    /// of the condition).
    #[must_use]
    pub fn lets_through(&self, count: usize) -> Vec<bool> {
        let (numbers, is_in) = match self {
            Self::In(_, numbers) => (numbers, true),
            Self::NotIn(_, numbers) => (numbers, false),
            Self::Between(..) => {
                return (0..).take(count).map(|number| self.takes(number)).collect();
            }
        };
        let mut lets = vec![!is_in; count];
        for number in numbers {
            let place = usize::try_from(*number).ok();
            if let Some(known) = place.and_then(|place| lets.get_mut(place)) {
                *known = is_in;
            }
        }
        lets
    }
}

/// An aggregation of lines.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scan {
    /// Levels that span groups, at most 31.
    pub levels: Vec<CubeLevel>,
    /// For each wanted grouping which of the levels it has, one bit each; 0 is the total.
    pub sets: Vec<u32>,
    /// What is aggregated.
    pub parts: Vec<Part>,
    /// All must let a line through.
    pub conditions: Vec<Condition>,
    /// The currency into which money is converted line by line; none for money as it is.
    pub money: Option<Currency>,
    /// An engine gives no more groups than this; who gets as many must expect that some are
    /// missing.
    pub most: usize,
}

/// Groups of lines, one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Groups {
    /// For each group the grouping that it belongs to, one of the scan's sets.
    pub sets: Vec<u32>,
    /// For each group a number for each level of the scan; 0 for those that the grouping lacks.
    pub members: Vec<i64>,
    /// For each group a value for each part.
    pub values: Vec<i64>,
}

impl Groups {
    /// How many groups there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sets.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    /// Each group of `scan`: its grouping, its members and its values.
    pub fn iter<'a>(
        &'a self,
        scan: &Scan,
    ) -> impl Iterator<Item = (u32, &'a [i64], &'a [i64])> + use<'a> {
        let (levels, parts) = (scan.levels.len(), scan.parts.len());
        self.sets.iter().enumerate().map(move |(row, set)| {
            let members = &self.members[row * levels..(row + 1) * levels];
            (*set, members, &self.values[row * parts..(row + 1) * parts])
        })
    }

    /// Adds a group.
    pub fn push(&mut self, set: u32, members: &[i64], values: &[i64]) {
        self.sets.push(set);
        self.members.extend_from_slice(members);
        self.values.extend_from_slice(values);
    }
}

impl Scan {
    /// The levels of the grouping `set`, with their places in [`Scan::levels`].
    pub fn levels_of(&self, set: u32) -> impl Iterator<Item = (usize, CubeLevel)> {
        let has = move |index: &usize| set >> index & 1 == 1;
        let levels = self.levels.iter().copied().enumerate();
        levels.filter(move |(index, _)| has(index))
    }
}
