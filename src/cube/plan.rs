//! From a question to one statement over the fact table.
//!
//! The statement holds numbers and words of the model only; keys of the question have become
//! member numbers before, so nothing of the outside stands in it.

use std::fmt::Write;

use super::model::{CubeLevel, Measure, Unit};
use super::question::{Filter, Question};
use super::{Error, UNASSIGNED};
use crate::place::{Level, RegionKey};
use crate::spatial::units::Units;
use crate::warehouse::Warehouse;
use crate::word;

/// A question as one statement.
///
/// The result has a row per group and one for the total. Its columns: `total` (1 in the row of
/// the total), a number per level, then the parts of the measures as [`parts`] lists them; all
/// BIGINT.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) sql: String,
    condition: String,
}

impl Plan {
    pub(super) fn of(warehouse: &Warehouse, question: &Question) -> Result<Self, Error> {
        let condition = condition(warehouse, &question.filters)?;
        let mut columns = String::new();
        let mut group = Vec::new();
        for (index, level) in question.levels.iter().enumerate() {
            let _ = write!(columns, ", ({})::BIGINT AS l{index}", expression(*level));
            group.push(format!("l{index}"));
        }
        for (index, part) in parts(&question.measures).iter().enumerate() {
            let _ = write!(columns, ", {} AS m{index}", part.expression());
        }
        let (total, sets) = if group.is_empty() {
            ("1::BIGINT".to_owned(), String::new())
        } else {
            let group = group.join(", ");
            // GROUPING gives one bit a level, all of them set in the row of the total.
            let all = (1_u64 << question.levels.len()) - 1;
            (
                format!("(GROUPING({group}) = {all})::BIGINT"),
                format!(" GROUP BY GROUPING SETS (({group}), ())"),
            )
        };
        Ok(Self {
            sql: format!("SELECT {total} AS total{columns} FROM sale WHERE {condition}{sets}"),
            condition,
        })
    }
}

/// An aggregate of the fact table from which measures are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Revenue,
    Margin,
    UnitsMilli,
    Orders,
    Lines,
    Customers,
}

impl Part {
    /// The aggregate as SQL. Sums are cast from HUGEINT, which fails rather than wraps when a
    /// sum is too large.
    fn expression(self) -> &'static str {
        match self {
            Self::Revenue => "coalesce(sum(revenue), 0)::BIGINT",
            Self::Margin => "sum(revenue - cost)::BIGINT",
            Self::UnitsMilli => "coalesce(sum(units_milli), 0)::BIGINT",
            Self::Orders => "count(DISTINCT order_number)",
            Self::Lines => "count(*)",
            Self::Customers => "count(DISTINCT nullif(account, 0))",
        }
    }

    /// The parts that `measure` is made of.
    pub(super) fn of(measure: Measure) -> &'static [Self] {
        match measure {
            Measure::Revenue => &[Self::Revenue],
            Measure::Margin => &[Self::Margin],
            Measure::Units => &[Self::UnitsMilli],
            Measure::Orders => &[Self::Orders],
            Measure::Lines => &[Self::Lines],
            Measure::Customers => &[Self::Customers],
            Measure::AverageOrder => &[Self::Revenue, Self::Orders],
        }
    }
}

/// The parts that `measures` need, each once, in the order of the plan's columns.
pub(super) fn parts(measures: &[Measure]) -> Vec<Part> {
    let mut parts = Vec::new();
    for part in measures.iter().flat_map(|measure| Part::of(*measure)) {
        if !parts.contains(part) {
            parts.push(*part);
        }
    }
    parts
}

/// The currency of the lines that the question counts; `None` when there is no line.
///
/// # Errors
/// When money is asked for, the lines must be of one currency.
pub(super) fn currency(
    warehouse: &Warehouse,
    question: &Question,
    plan: &Plan,
) -> Result<Option<String>, Error> {
    let known = &warehouse.summary().currencies;
    if known.len() < 2 {
        return Ok(known.first().cloned());
    }
    let sql = format!(
        "SELECT DISTINCT currency::BIGINT FROM sale WHERE {}",
        plan.condition
    );
    let dictionary = warehouse.dictionary("currency")?;
    let mut currencies: Vec<String> = integers(&warehouse.query(&sql, &[])?, 0)
        .flatten()
        .filter_map(|number| dictionary.member(number))
        .map(|member| member.key.clone())
        .collect();
    currencies.sort_unstable();
    let is_money = |measure: &Measure| measure.unit() == Unit::Money;
    if currencies.len() > 1 && question.measures.iter().any(is_money) {
        return Err(Error::MixedCurrencies(currencies));
    }
    Ok(currencies.pop().filter(|_| currencies.is_empty()))
}

/// The SQL expression of the member number of `level`.
fn expression(level: CubeLevel) -> &'static str {
    match level {
        CubeLevel::Time(step) => step.expression(),
        other => other
            .member_column()
            .expect("every level but those of time has a member column"),
    }
}

/// The SQL condition of `filters`.
pub(super) fn condition(warehouse: &Warehouse, filters: &[Filter]) -> Result<String, Error> {
    let mut conditions = vec!["true".to_owned()];
    for filter in filters {
        conditions.push(match filter {
            Filter::In(level, keys) => {
                let numbers = keys
                    .iter()
                    .map(|key| number_of(warehouse, *level, key))
                    .collect::<Result<Vec<_>, _>>()?;
                let numbers: Vec<String> = numbers
                    .into_iter()
                    .flatten()
                    .map(|number| number.to_string())
                    .collect();
                if numbers.is_empty() {
                    "false".to_owned()
                } else {
                    format!("{} IN ({})", expression(*level), numbers.join(", "))
                }
            }
            Filter::Between(step, from, to) => {
                let from = from.map(|from| format!("{} >= {from}", step.expression()));
                let to = to.map(|to| format!("{} <= {to}", step.expression()));
                [from, to]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join(" AND ")
            }
        });
    }
    Ok(conditions.join(" AND "))
}

/// The member number of `key`; `None` for a right key of which there is no line.
fn number_of(warehouse: &Warehouse, level: CubeLevel, key: &str) -> Result<Option<i64>, Error> {
    let column = match level {
        CubeLevel::Time(step) => return Ok(step.number(key)),
        other => other.member_column().unwrap_or_default(),
    };
    if key == UNASSIGNED {
        return Ok(Some(0));
    }
    let dictionary = warehouse.dictionary(column)?;
    let number = dictionary.number(key);
    if number.is_some() || exists(level, key) {
        return Ok(number);
    }
    let mut suggestions = word::nearest(key, dictionary.keys(), 1);
    if suggestions.is_empty() {
        suggestions = dictionary.keys().take(5).map(str::to_owned).collect();
    }
    Err(Error::UnknownKey {
        level: level.id(),
        key: key.to_owned(),
        suggestions,
    })
}

/// Whether there is a region of that key though no account lies in it.
fn exists(level: CubeLevel, key: &str) -> bool {
    match level {
        CubeLevel::Region(Level::Postal) => key
            .split_once('-')
            .is_some_and(|(country, code)| country.len() == 2 && !code.is_empty()),
        CubeLevel::Region(level) => {
            let units = Units::shipped();
            units
                .find(&RegionKey::new(key))
                .is_some_and(|id| units.get(id).level == level)
        }
        _ => false,
    }
}

/// The numbers of column `index` through all `batches`.
pub(super) fn integers(
    batches: &[duckdb::arrow::array::RecordBatch],
    index: usize,
) -> impl Iterator<Item = Option<i64>> {
    use duckdb::arrow::array::{Array, AsArray};
    use duckdb::arrow::datatypes::Int64Type;
    batches.iter().flat_map(move |batch| {
        let column = batch.column(index).as_primitive::<Int64Type>();
        (0..column.len()).map(move |row| column.is_valid(row).then(|| column.value(row)))
    })
}
