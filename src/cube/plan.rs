//! From a question to one statement over the fact table.
//!
//! The statement holds numbers and words of the model only; keys of the question have become
//! member numbers before, so nothing of the outside stands in it.

use std::fmt::Write;

use super::model::{CubeLevel, Measure, Unit};
use super::question::{Filter, Question};
use super::{Error, MAX_GROUPS, UNASSIGNED};
use crate::place::{Level, RegionKey};
use crate::spatial::units::Units;
use crate::warehouse::{Dictionary, Warehouse};
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
        for level in &question.levels {
            level.require(warehouse)?;
        }
        let condition = condition(warehouse, &question.filters)?;
        let sql = statement(&question.levels, &parts(&question.measures), &condition);
        Ok(Self { sql, condition })
    }
}

/// The statement of a plan: sums in one pass for groups and total together, each distinct count
/// beside them in a pass of its own. Counting the rows of a `DISTINCT` is twice as fast here as
/// `count(DISTINCT …)` under the same grouping.
fn statement(levels: &[CubeLevel], parts: &[Part], condition: &str) -> String {
    let numbers = numbers(levels);
    let (mut sums, mut wanted, mut joins) = (String::new(), String::new(), String::new());
    for (index, part) in parts.iter().enumerate() {
        match part.aggregate() {
            Aggregate::Sum(expression) => {
                let _ = write!(sums, ", {expression} AS m{index}");
                let _ = write!(wanted, ", b.m{index}");
            }
            Aggregate::Distinct(member) => {
                let counts = distinct_counts(levels, member, condition);
                let _ = write!(joins, " LEFT JOIN ({counts}) d{index} ON true");
                for level in 0..levels.len() {
                    let _ = write!(
                        joins,
                        " AND b.l{level} IS NOT DISTINCT FROM d{index}.l{level}"
                    );
                }
                let _ = write!(wanted, ", coalesce(d{index}.n, 0)::BIGINT");
            }
        }
    }
    let (total, sets) = if levels.is_empty() {
        ("1::BIGINT".to_owned(), String::new())
    } else {
        let group = names("l", levels.len()).join(", ");
        // GROUPING gives one bit a level, all of them set in the row of the total.
        let all = (1_u64 << levels.len()) - 1;
        (
            format!("(GROUPING({group}) = {all})::BIGINT"),
            format!(" GROUP BY GROUPING SETS (({group}), ())"),
        )
    };
    let shown = [
        &["b.total".to_owned()],
        names("b.l", levels.len()).as_slice(),
    ]
    .concat();
    let shown = shown.join(", ");
    format!(
        "SELECT {shown}{wanted} FROM (SELECT {numbers}{total} AS total{sums} FROM sale \
         WHERE {condition}{sets}) b{joins} LIMIT {most}",
        most = MAX_GROUPS + 2,
    )
}

/// The query of how many different values of `member` each group has, and all lines together in
/// a row whose levels are null; 0 is no value.
fn distinct_counts(levels: &[CubeLevel], member: &str, condition: &str) -> String {
    let nulls = "NULL::BIGINT, ".repeat(levels.len());
    let total = format!(
        "SELECT {nulls}count(DISTINCT nullif({member}, 0)) AS n FROM sale WHERE {condition}"
    );
    if levels.is_empty() {
        return total;
    }
    let (numbers, group) = (numbers(levels), names("l", levels.len()).join(", "));
    format!(
        "SELECT {group}, count(*) AS n FROM (SELECT DISTINCT {numbers}{member} AS member \
         FROM sale WHERE {condition}) WHERE member <> 0 GROUP BY {group} UNION ALL {total}"
    )
}

/// The member numbers of `levels` as columns `l0`, `l1` … with a comma behind each.
fn numbers(levels: &[CubeLevel]) -> String {
    let column = |(index, level): (usize, &CubeLevel)| {
        format!("({})::BIGINT AS l{index}, ", expression(*level))
    };
    levels.iter().enumerate().map(column).collect()
}

fn names(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|index| format!("{prefix}{index}")).collect()
}

/// How a part is computed from lines.
enum Aggregate {
    /// An SQL expression over the lines of a group.
    Sum(&'static str),
    /// How many different values a column has, 0 left out.
    Distinct(&'static str),
}

/// What is aggregated from the fact table to make measures of.
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
    /// How the fact table gives it. Sums are cast from HUGEINT, which fails rather than wraps
    /// when a sum is too large.
    fn aggregate(self) -> Aggregate {
        match self {
            Self::Revenue => Aggregate::Sum("coalesce(sum(revenue), 0)::BIGINT"),
            Self::Margin => Aggregate::Sum("sum(revenue - cost)::BIGINT"),
            Self::UnitsMilli => Aggregate::Sum("coalesce(sum(units_milli), 0)::BIGINT"),
            Self::Lines => Aggregate::Sum("count(*)"),
            Self::Orders => Aggregate::Distinct("order_number"),
            Self::Customers => Aggregate::Distinct("account"),
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

/// The currency of the lines that the question counts; `None` for no line or several currencies.
///
/// # Errors
/// When money is asked for, the lines must be of one currency or the rows split by it.
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
    let is_split = question.levels.contains(&CubeLevel::Currency);
    if currencies.len() > 1 && !is_split && question.measures.iter().any(is_money) {
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
                level.require(warehouse)?;
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
    Err(Error::UnknownKey {
        level: level.id(),
        key: word::shortened(key),
        suggestions: suggestions(dictionary, key),
    })
}

/// The key that was meant: that of the member of this name, those that begin with the word, the
/// nearest ones, or else some that there are.
fn suggestions(dictionary: &Dictionary, word: &str) -> Vec<String> {
    let lower = word.to_lowercase();
    let named = dictionary
        .members()
        .find(|member| member.name.to_lowercase() == lower);
    if let Some(member) = named {
        return vec![member.key.clone()];
    }
    let keys = || dictionary.members().map(|member| member.key.as_str());
    let begin = |key: &&str| key.get(..word.len()).is_some_and(|start| start == word);
    let longer: Vec<String> = keys().filter(begin).take(5).map(str::to_owned).collect();
    if !longer.is_empty() && !word.is_empty() {
        return longer;
    }
    let near = word::nearest(word, keys(), 1);
    if near.is_empty() {
        return keys().take(5).map(str::to_owned).collect();
    }
    near
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
