//! Roll-ups: the sales lines added up ahead of the questions, in the file of the same version.
//!
//! - *Cells* hold the sums over a place (some levels that an account has one member of), a
//!   product level or none, and a step of time.
//! - *Visits* hold for each account the months in which it bought, as bits. The number of
//!   customers of any set of months and any grouping of accounts is counted from them exactly,
//!   which no sum of cells could give.
//!
//! Which cells are made is chosen from [`Shape`]s: the most useful for their size first, until the
//! budget is spent.

use std::collections::HashMap;

use duckdb::Connection;
use duckdb::arrow::array::{AsArray, RecordBatch};
use duckdb::arrow::datatypes::{Int32Type, Int64Type};
use serde::{Deserialize, Serialize};

use super::{Error, Warehouse};

/// Bytes that all cells of a version may take in memory.
const BUDGET: u64 = 400 << 20;

/// Bytes of a cell: its sums, and about eight levels.
const CELL_BYTES: u64 = 120;

/// Cells of so few rows are read in no time.
const SMALL: u64 = 20_000;

/// Bits of a word of visits; one is left for the sign.
pub const WORD_BITS: i64 = 63;

/// The sums of a cell, as columns.
pub const SUMS: [&str; 10] = [
    "revenue",
    "cost",
    "costed_lines",
    "costed_revenue",
    "units_milli",
    "lines",
    "orders",
    "customers",
    "first_day",
    "last_day",
];

/// The bits of visits, as columns: bought, bought first, last before a break, first after one.
pub const BITS: [&str; 4] = ["bought", "first", "last", "back"];

/// A step of time of cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellStep {
    /// All time together.
    Whole,
    /// Years, counted from the year 0.
    Year,
    /// Months, counted from the year 0.
    Month,
}

impl CellStep {
    const ALL: [Self; 3] = [Self::Whole, Self::Year, Self::Month];

    fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Year => "year",
            Self::Month => "month",
        }
    }

    fn expression(self) -> &'static str {
        match self {
            Self::Whole => "0",
            Self::Year => "month // 12",
            Self::Month => "month",
        }
    }
}

/// What cells hold: columns of levels of accounts, columns of other levels, and a step of time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Shape {
    /// Columns of the table `account`.
    pub places: Vec<String>,
    /// Columns of the table `sale` that do not belong to the account.
    pub others: Vec<String>,
    /// The step of time.
    pub step: CellStep,
}

impl Shape {
    /// Whether whatever cells of `other` tell can be told from these.
    fn covers(&self, other: &Self) -> bool {
        let has = |columns: &[String], column: &String| columns.contains(column);
        let places = other.places.iter().all(|column| has(&self.places, column));
        let others = self.others.len() == other.others.len()
            && other.others.iter().all(|column| has(&self.others, column));
        places && others && self.step >= other.step
    }
}

/// The cells of a shape, a value a row in each column.
#[derive(Debug, Default)]
pub struct Cells {
    /// Member numbers by column.
    pub levels: HashMap<String, Vec<i32>>,
    /// The step of time.
    pub times: Vec<i32>,
    /// The columns of [`SUMS`], in their order.
    pub sums: Vec<Vec<i64>>,
    /// How many cells there are.
    pub rows: usize,
}

/// The months in which accounts bought, in the order of accounts.
#[derive(Debug, Default)]
pub struct Visits {
    /// The account of each row.
    pub accounts: Vec<i32>,
    /// Member numbers of the other levels, by column.
    pub others: HashMap<String, Vec<i32>>,
    /// Which stretch of [`WORD_BITS`] months the bits of each row are of.
    pub words: Vec<i32>,
    /// The columns of [`BITS`], in their order.
    pub bits: Vec<Vec<i64>>,
}

/// Which roll-ups a version has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RollupList {
    /// The shapes of cells with their numbers of rows.
    pub cells: Vec<(Shape, u64)>,
    /// For each table of visits its columns of other levels, fewest first.
    pub visits: Vec<Vec<String>>,
    /// The month that the bits of word 0 begin with.
    pub first_month: i64,
    /// Whether each order is of one account and one month, so that numbers of orders add up.
    pub orders_add_up: bool,
}

/// Makes the roll-ups of the file that `connection` writes; `wanted` are shapes with how often
/// they were asked for.
pub(super) fn make(connection: &Connection, wanted: &[(Shape, u64)]) -> Result<(), Error> {
    connection.execute_batch(
        "CREATE TABLE cells (id INTEGER, places VARCHAR, others VARCHAR, step VARCHAR, \
         cell_count BIGINT); \
         CREATE TABLE visits (id INTEGER, others VARCHAR); \
         CREATE TABLE rollup AS SELECT \
           coalesce((SELECT min(month) FROM sale), 0)::BIGINT AS first_month, \
           NOT EXISTS (SELECT 1 FROM sale GROUP BY order_number \
             HAVING min(account) <> max(account) OR min(month) <> max(month)) AS orders_add_up;",
    )?;
    let currencies: i64 = connection.query_row(
        "SELECT count(*) FROM member WHERE kind = 'currency'",
        [],
        |row| row.get(0),
    )?;
    let split: Vec<String> = (currencies > 1)
        .then(|| "currency".to_owned())
        .into_iter()
        .collect();
    for (id, others) in [vec![], vec!["category".to_owned()]]
        .into_iter()
        .enumerate()
    {
        let others = [others, split.clone()].concat();
        make_visits(connection, id, &others)?;
    }
    let mut chosen = Vec::new();
    for (shape, asked) in wanted {
        let mut shape = shape.clone();
        for column in &split {
            if !shape.others.contains(column) {
                shape.others.push(column.clone());
            }
        }
        let size = size_of(connection, &shape)?;
        chosen.push((shape, *asked, size));
    }
    // What saves most lines for each cell comes first.
    let lines: i64 = connection.query_row("SELECT count(*) FROM sale", [], |row| row.get(0))?;
    let lines = u64::try_from(lines).unwrap_or_default();
    chosen.retain(|(_, _, size)| *size * 4 <= lines || *size < SMALL);
    chosen.sort_by_key(|(shape, asked, size)| {
        let saved = asked.saturating_mul(lines.saturating_sub(*size));
        (std::cmp::Reverse(saved / size.max(&1)), shape.clone())
    });
    chosen.dedup_by(|(a, _, _), (b, _, _)| a == b);
    let mut spent = 0;
    let mut made: Vec<(Shape, u64)> = Vec::new();
    for (shape, _, size) in chosen {
        let has_better = made.iter().any(|(known, known_size)| {
            known.covers(&shape) && *known_size <= size.saturating_mul(2).max(SMALL)
        });
        if !has_better && spent + size * CELL_BYTES <= BUDGET {
            make_cells(connection, made.len(), &shape)?;
            spent += size * CELL_BYTES;
            made.push((shape, size));
        }
    }
    Ok(())
}

/// About how many cells a shape has.
fn size_of(connection: &Connection, shape: &Shape) -> Result<u64, Error> {
    let key = [
        shape.places.as_slice(),
        &shape.others,
        &[shape.step.expression().to_owned()],
    ]
    .concat();
    let query = format!(
        "SELECT approx_count_distinct(({})) FROM sale",
        key.join(", ")
    );
    let size: i64 = connection.query_row(&query, [], |row| row.get(0))?;
    Ok(u64::try_from(size).unwrap_or_default())
}

/// Adds lines up by account, the columns `others` and month, in a temporary table; gives its name.
///
/// An account lies in one place, so cells of all places and steps are made from this, which is
/// far less than all lines.
fn make_base(connection: &Connection, others: &[String]) -> Result<String, Error> {
    let name = format!("base_{}", others.join("_"));
    let columns = listed(others);
    connection.execute_batch(&format!(
        "CREATE TEMP TABLE IF NOT EXISTS {name} AS \
         WITH bought AS ( \
           SELECT account, {columns}month, sum(revenue)::BIGINT AS revenue, \
             coalesce(sum(cost), 0)::BIGINT AS cost, count(cost) AS costed_lines, \
             coalesce(sum(revenue) FILTER (cost IS NOT NULL), 0)::BIGINT AS costed_revenue, \
             sum(units_milli)::BIGINT AS units_milli, count(*) AS lines, min(day) AS first_day, \
             max(day) AS last_day, max(is_first) AS is_first, max(is_last) AS is_last, \
             max(is_return) AS is_return \
           FROM sale GROUP BY account, {columns}month), \
         ordered AS ( \
           SELECT account, {columns}month, count(*) AS orders \
           FROM (SELECT DISTINCT account, {columns}month, order_number FROM sale) \
           GROUP BY account, {columns}month) \
         SELECT * FROM bought JOIN ordered USING (account, {columns}month)"
    ))?;
    Ok(name)
}

/// The sums of rows that hold sums already.
const SUMMED: &str = "sum(revenue)::BIGINT AS revenue, sum(cost)::BIGINT AS cost, \
     sum(costed_lines)::BIGINT AS costed_lines, sum(costed_revenue)::BIGINT AS costed_revenue, \
     sum(units_milli)::BIGINT AS units_milli, sum(lines)::BIGINT AS lines, \
     sum(orders)::BIGINT AS orders";

fn make_cells(connection: &Connection, id: usize, shape: &Shape) -> Result<(), Error> {
    let base = make_base(connection, &shape.others)?;
    let others = listed(&shape.others);
    // An account is one customer of a step, in however many months of it it bought.
    let by_account = match shape.step {
        CellStep::Month => format!("SELECT *, month AS step FROM {base}"),
        step => format!(
            "SELECT account, {others}{} AS step, {SUMMED}, min(first_day) AS first_day, \
             max(last_day) AS last_day FROM {base} GROUP BY account, {others}step",
            step.expression()
        ),
    };
    let places: Vec<String> = shape
        .places
        .iter()
        .map(|column| match column.as_str() {
            "account" => "b.account, ".to_owned(),
            column => format!("coalesce(a.{column}, 0) AS {column}, "),
        })
        .collect();
    connection.execute_batch(&format!(
        "CREATE TABLE cells_{id} AS \
         SELECT {places}{others}step, {SUMMED}, count(*) FILTER (account <> 0) AS customers, \
           (min(first_day) - DATE '1970-01-01')::BIGINT AS first_day, \
           (max(last_day) - DATE '1970-01-01')::BIGINT AS last_day \
         FROM ({by_account}) b LEFT JOIN account a ON a.id = b.account GROUP BY ALL ORDER BY ALL; \
         INSERT INTO cells SELECT {id}, '{place_words}', '{other_words}', '{step_word}', \
           (SELECT count(*) FROM cells_{id});",
        places = places.concat(),
        place_words = shape.places.join(" "),
        other_words = shape.others.join(" "),
        step_word = shape.step.name(),
    ))?;
    Ok(())
}

fn make_visits(connection: &Connection, id: usize, others: &[String]) -> Result<(), Error> {
    let base = make_base(connection, others)?;
    let columns = listed(others);
    let bits = |name: &str, flag: &str| {
        format!("bit_or({flag}::BIGINT << ((month - first_month) % {WORD_BITS})) AS {name}")
    };
    let bits: Vec<String> = BITS
        .iter()
        .zip(["1", "is_first", "is_last", "is_return"])
        .map(|(name, flag)| bits(name, flag))
        .collect();
    connection.execute_batch(&format!(
        "CREATE TABLE visits_{id} AS SELECT account, {columns}\
           ((month - first_month) // {WORD_BITS})::INTEGER AS word, {bits} \
         FROM {base}, rollup WHERE account <> 0 GROUP BY account, {columns}word \
         ORDER BY account, {columns}word; \
         INSERT INTO visits VALUES ({id}, '{words}');",
        bits = bits.join(", "),
        words = others.join(" "),
    ))?;
    Ok(())
}

/// Columns with a comma behind each.
fn listed(columns: &[String]) -> String {
    let columns: Vec<String> = columns.iter().map(|column| format!("{column}, ")).collect();
    columns.concat()
}

/// The roll-ups that a file has.
pub(super) fn list(connection: &Connection) -> Result<RollupList, Error> {
    let words = |text: String| {
        text.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let cells = connection
        .prepare("SELECT places, others, step, cell_count FROM cells ORDER BY id")?
        .query_map([], |row| {
            let step: String = row.get(2)?;
            let step = CellStep::ALL.into_iter().find(|known| known.name() == step);
            let shape = Shape {
                places: words(row.get(0)?),
                others: words(row.get(1)?),
                step: step.unwrap_or(CellStep::Whole),
            };
            Ok((
                shape,
                u64::try_from(row.get::<_, i64>(3)?).unwrap_or_default(),
            ))
        })?
        .collect::<Result<_, _>>()?;
    let visits = connection
        .prepare("SELECT others FROM visits ORDER BY id")?
        .query_map([], |row| Ok(words(row.get(0)?)))?
        .collect::<Result<_, _>>()?;
    let (first_month, orders_add_up) =
        connection.query_row("SELECT first_month, orders_add_up FROM rollup", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    Ok(RollupList {
        cells,
        visits,
        first_month,
        orders_add_up,
    })
}

impl Warehouse {
    /// The cells of this place in the list of roll-ups; read once, then kept.
    ///
    /// # Errors
    /// The engine must answer.
    pub fn cells(&self, id: usize) -> Result<&Cells, Error> {
        let (shape, _) = &self.rollups.cells[id];
        self.kept_cells[id].get(|| {
            let columns = [shape.places.as_slice(), &shape.others].concat();
            let (levels, step) = (columns.len(), columns.len() + 1);
            let query = format!(
                "SELECT {}step::INTEGER, {} FROM cells_{id}",
                integers(&columns),
                SUMS.join(", ")
            );
            let batches = self.query(&query, &[])?;
            Ok(Cells {
                levels: named(&columns, &batches),
                times: narrow(&batches, levels),
                sums: (step..step + SUMS.len())
                    .map(|index| wide(&batches, index))
                    .collect(),
                rows: batches.iter().map(RecordBatch::num_rows).sum(),
            })
        })
    }

    /// The visits of this place in the list of roll-ups; read once, then kept.
    ///
    /// # Errors
    /// The engine must answer.
    pub fn visits(&self, id: usize) -> Result<&Visits, Error> {
        self.kept_visits[id].get(|| {
            let others = &self.rollups.visits[id];
            let query = format!(
                "SELECT {}account::INTEGER, word, {} FROM visits_{id} ORDER BY account, word",
                integers(others),
                BITS.join(", ")
            );
            let batches = self.query(&query, &[])?;
            let next = others.len();
            Ok(Visits {
                others: named(others, &batches),
                accounts: narrow(&batches, next),
                words: narrow(&batches, next + 1),
                bits: (next + 2..next + 2 + BITS.len())
                    .map(|index| wide(&batches, index))
                    .collect(),
            })
        })
    }

    /// The member number of every account at a level, the account of number 1 first.
    ///
    /// # Errors
    /// The engine must answer; the column must be one of accounts.
    pub fn numbers_of_accounts(&self, column: &'static str) -> Result<&[i32], Error> {
        let place = super::MEMBER_COLUMNS
            .iter()
            .position(|known| *known == column);
        let place = place.expect("the cube model names columns of MEMBER_COLUMNS only");
        let numbers = self.kept_numbers[place].get(|| {
            let query = format!("SELECT {column}::INTEGER FROM account ORDER BY id");
            Ok(narrow(&self.query(&query, &[])?, 0))
        })?;
        Ok(numbers)
    }
}

fn integers(columns: &[String]) -> String {
    let casts: Vec<String> = columns
        .iter()
        .map(|column| format!("{column}::INTEGER, "))
        .collect();
    casts.concat()
}

fn named(columns: &[String], batches: &[RecordBatch]) -> HashMap<String, Vec<i32>> {
    let columns = columns.iter().enumerate();
    columns
        .map(|(index, column)| (column.clone(), narrow(batches, index)))
        .collect()
}

fn narrow(batches: &[RecordBatch], index: usize) -> Vec<i32> {
    let columns = batches.iter().map(|batch| batch.column(index));
    columns
        .flat_map(|column| column.as_primitive::<Int32Type>().values().iter().copied())
        .collect()
}

fn wide(batches: &[RecordBatch], index: usize) -> Vec<i64> {
    let columns = batches.iter().map(|batch| batch.column(index));
    columns
        .flat_map(|column| column.as_primitive::<Int64Type>().values().iter().copied())
        .collect()
}
