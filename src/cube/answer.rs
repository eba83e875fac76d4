//! From the numbers of a plan to an answer of keys, names and measures.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use duckdb::arrow::array::RecordBatch;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{CubeLevel, Measure, Unit};
use super::plan::{Part, integers, parts};
use super::question::Question;
use super::{Error, MAX_GROUPS, MAX_ROWS, UNASSIGNED};
use crate::warehouse::Warehouse;

/// The answer to a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Answer {
    /// Headings of the rows: levels, then measures.
    pub columns: Vec<String>,
    /// One row per combination of members that has lines.
    pub rows: Vec<Vec<Cell>>,
    /// Per level the name of each key that stands in the rows.
    pub members: BTreeMap<String, BTreeMap<String, String>>,
    /// Each measure over all lines, computed from the lines; no money over several currencies.
    pub total: BTreeMap<String, Cell>,
    /// How many rows there are without limit and offset.
    pub row_count: usize,
    /// Currency of the money; absent when there are no lines.
    pub currency: Option<String>,
    /// The version of the data that was seen.
    pub version: String,
}

/// A cell of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Cell {
    /// No value, such as a margin without costs.
    None,
    /// Minor units, a count or a whole quantity.
    Integer(i64),
    /// A quantity with decimals.
    Decimal(f64),
    /// A key.
    Key(String),
}

impl Cell {
    /// A quantity given in thousandths.
    pub(super) fn quantity(milli: i64) -> Self {
        if milli % 1_000 == 0 {
            return Self::Integer(milli / 1_000);
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "exact below 9 million million units"
        )]
        let units = milli as f64 / 1_000.0;
        Self::Decimal(units)
    }
}

/// A row in numbers, before keys stand in it.
struct Group {
    members: Vec<i64>,
    values: Vec<Option<i64>>,
}

/// Puts the answer together from the result of the question's plan.
pub(super) fn put_together(
    warehouse: &Warehouse,
    question: &Question,
    batches: &[RecordBatch],
    currency: Option<String>,
) -> Result<Answer, Error> {
    let (mut groups, total) = groups_of(question, batches);
    let row_count = groups.len();
    if row_count > MAX_GROUPS {
        return Err(Error::TooManyRows {
            rows: row_count,
            max: MAX_GROUPS,
        });
    }
    let keys = Keys::of(warehouse, question)?;
    if question.sort.is_empty() {
        let by_keys: Vec<(usize, bool)> = (0..question.levels.len()).map(|c| (c, false)).collect();
        keys.sort(&mut groups, &by_keys);
    } else {
        keys.sort(&mut groups, &question.sort);
    }
    let shown: Vec<Group> = groups
        .into_iter()
        .skip(question.offset)
        .take(question.limit.unwrap_or(usize::MAX))
        .collect();
    if shown.len() > MAX_ROWS {
        return Err(Error::TooManyRows {
            rows: shown.len(),
            max: MAX_ROWS,
        });
    }
    let mut members: BTreeMap<String, BTreeMap<String, String>> = question
        .levels
        .iter()
        .map(|level| (level.id().to_owned(), BTreeMap::new()))
        .collect();
    let mut rows = Vec::with_capacity(shown.len());
    for group in shown {
        let mut row = Vec::with_capacity(group.members.len() + group.values.len());
        for (column, number) in group.members.iter().enumerate() {
            let (key, name) = keys.key_and_name(column, *number);
            if let Some(names) = members.get_mut(question.levels[column].id())
                && !names.contains_key(&key)
            {
                names.insert(key.clone(), name);
            }
            row.push(Cell::Key(key));
        }
        row.extend(cells(question, &group.values));
        rows.push(row);
    }
    let is_mixed = currency.is_none() && warehouse.summary().currencies.len() > 1;
    let total = question
        .measures
        .iter()
        .zip(cells(question, &total))
        .map(|(measure, cell)| {
            let has_no_sum = is_mixed && measure.unit() == Unit::Money;
            (
                measure.id().to_owned(),
                if has_no_sum { Cell::None } else { cell },
            )
        })
        .collect();
    Ok(Answer {
        columns: question.headings().map(str::to_owned).collect(),
        rows,
        members,
        total,
        row_count,
        currency,
        version: warehouse.version().to_owned(),
    })
}

/// The groups and the measures of the total; without levels the total is the one group.
fn groups_of(question: &Question, batches: &[RecordBatch]) -> (Vec<Group>, Vec<Option<i64>>) {
    let parts = parts(&question.measures);
    let levels = question.levels.len();
    let columns: Vec<Vec<Option<i64>>> = (0..=levels + parts.len())
        .map(|index| integers(batches, index).collect())
        .collect();
    let mut groups = Vec::new();
    let mut total = vec![None; question.measures.len()];
    for (row, is_total) in columns[0].iter().enumerate() {
        let value = |part: Part| {
            let index = parts.iter().position(|known| *known == part)?;
            columns[1 + levels + index][row]
        };
        let values: Vec<Option<i64>> = question
            .measures
            .iter()
            .map(|measure| value_of(*measure, value))
            .collect();
        if *is_total == Some(1) {
            total = values;
        } else {
            let members = (1..=levels).map(|c| columns[c][row].unwrap_or_default());
            groups.push(Group {
                members: members.collect(),
                values,
            });
        }
    }
    if levels == 0 {
        groups.push(Group {
            members: Vec::new(),
            values: total.clone(),
        });
    }
    (groups, total)
}

/// A measure from its parts; ratios divide here, last, rounding half away from zero.
fn value_of(measure: Measure, part: impl Fn(Part) -> Option<i64>) -> Option<i64> {
    if measure != Measure::AverageOrder {
        return Part::of(measure).first().and_then(|only| part(*only));
    }
    let (revenue, orders) = (part(Part::Revenue)?, part(Part::Orders)?);
    if orders == 0 {
        return None;
    }
    let half = orders / 2 * revenue.signum();
    Some((revenue + half) / orders)
}

fn cells(question: &Question, values: &[Option<i64>]) -> Vec<Cell> {
    let cell = |(measure, value): (&Measure, &Option<i64>)| match (measure.unit(), value) {
        (_, None) => Cell::None,
        (Unit::Quantity, Some(milli)) => Cell::quantity(*milli),
        (_, Some(value)) => Cell::Integer(*value),
    };
    question.measures.iter().zip(values).map(cell).collect()
}

/// The keys of the members of a question's levels.
struct Keys<'a> {
    levels: Vec<(CubeLevel, Option<&'a crate::warehouse::Dictionary>)>,
}

impl<'a> Keys<'a> {
    fn of(warehouse: &'a Warehouse, question: &Question) -> Result<Self, Error> {
        let levels = question.levels.iter().map(|level| {
            let dictionary = level
                .member_column()
                .map(|column| warehouse.dictionary(column))
                .transpose()?;
            Ok::<_, Error>((*level, dictionary))
        });
        Ok(Self {
            levels: levels.collect::<Result<_, _>>()?,
        })
    }

    fn key_and_name(&self, column: usize, number: i64) -> (String, String) {
        match self.levels[column] {
            (CubeLevel::Time(step), _) => (step.key(number), step.key(number)),
            (_, dictionary) => dictionary
                .and_then(|dictionary| dictionary.member(number))
                .map_or_else(
                    || (UNASSIGNED.to_owned(), String::new()),
                    |member| (member.key.clone(), member.name.clone()),
                ),
        }
    }

    /// Sorts by `order`; ties by keys, so that pages never overlap. Missing values and
    /// `unassigned` come last.
    fn sort(&self, groups: &mut [Group], order: &[(usize, bool)]) {
        let by_keys = (0..self.levels.len()).map(|column| (column, false));
        let order: Vec<(usize, bool)> = order.iter().copied().chain(by_keys).collect();
        groups.sort_unstable_by(|a, b| {
            order
                .iter()
                .map(|&(column, descending)| self.compare(a, b, column, descending))
                .find(|ordering| ordering.is_ne())
                .unwrap_or(Ordering::Equal)
        });
    }

    fn compare(&self, a: &Group, b: &Group, column: usize, descending: bool) -> Ordering {
        let directed = |ordering: Ordering| {
            if descending {
                ordering.reverse()
            } else {
                ordering
            }
        };
        let Some((level, dictionary)) = self.levels.get(column) else {
            let value = |group: &Group| group.values[column - self.levels.len()];
            return match (value(a), value(b)) {
                (Some(a), Some(b)) => directed(a.cmp(&b)),
                (a, b) => b.is_some().cmp(&a.is_some()),
            };
        };
        let (a, b) = (a.members[column], b.members[column]);
        if matches!(level, CubeLevel::Time(_)) {
            return directed(a.cmp(&b));
        }
        let key = |number| dictionary.and_then(|dictionary| dictionary.member(number));
        match (key(a), key(b)) {
            (Some(a), Some(b)) => directed(a.key.cmp(&b.key)),
            (a, b) => b.is_some().cmp(&a.is_some()),
        }
    }
}
