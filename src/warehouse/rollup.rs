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

mod make;
mod step;

use std::collections::HashMap;

use duckdb::Connection;
use duckdb::arrow::array::{AsArray, RecordBatch};
use duckdb::arrow::datatypes::{Int32Type, Int64Type};
use serde::{Deserialize, Serialize};

use super::{Error, Warehouse};

pub(super) use make::make;
pub(super) use step::follow;

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
        let place = super::place_of(column);
        let numbers = self.kept_numbers[place].get(|| {
            let accounts = usize::try_from(self.summary().accounts).unwrap_or_default();
            let mut numbers = vec![0; accounts];
            self.each_row(
                "account",
                &format!("id::INTEGER, {column}::INTEGER"),
                |batch| {
                    let column =
                        |place: usize| batch.column(place).as_primitive::<Int32Type>().values();
                    for (account, number) in column(0).iter().zip(column(1)) {
                        let place = usize::try_from(*account).ok();
                        let place = place.and_then(|account| account.checked_sub(1));
                        if let Some(known) = place.and_then(|place| numbers.get_mut(place)) {
                            *known = *number;
                        }
                    }
                },
            )?;
            Ok(numbers)
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
