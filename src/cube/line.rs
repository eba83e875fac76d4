//! Drill-through: the sales lines behind a cell.

use duckdb::arrow::array::{Array, AsArray, RecordBatch};
use duckdb::arrow::datatypes::Int64Type;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::engine::{Embedded, condition, integers};
use super::plan::Asker;
use super::question::{Filter, Words};
use super::request::FilterRequest;
use super::{Cell, Error};
use crate::warehouse::{self, Warehouse};

/// Which lines are wanted.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinesRequest {
    /// Only lines that every filter lets through.
    #[serde(default)]
    pub filters: Vec<FilterRequest>,
    /// How many lines to leave out at the start.
    #[serde(default)]
    pub offset: u64,
    /// How many lines to give, 100 unless said, at most 1000.
    #[serde(default)]
    pub limit: Option<u64>,
}

/// A page of lines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Lines {
    /// How many lines there are in all.
    pub total: i64,
    /// The version of the data that was seen.
    pub version: String,
    /// The lines, newest first.
    pub lines: Vec<Line>,
}

/// A sales line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Line {
    /// Number of the order.
    pub order: String,
    /// Number of the line within the order.
    pub line: String,
    /// The day it counts for, ISO 8601.
    pub day: String,
    /// Key of the account as the file has it, known or not.
    pub account: String,
    /// Name of the account; empty when it is unknown.
    pub account_name: String,
    /// What was sold.
    pub product: String,
    /// Category of the product.
    pub category: String,
    /// Who sold it.
    pub rep: String,
    /// Quantity.
    #[schema(value_type = f64)]
    pub units: Cell,
    /// Net amount in minor units.
    pub revenue: i64,
    /// Cost in minor units, where it is known.
    pub cost: Option<i64>,
    /// Currency of the money.
    pub currency: String,
}

/// Lines of one page at most.
const MAX_LINES: u64 = 1_000;

/// The columns of a line, as [`line_of`] reads them.
const COLUMNS: &str = "order_id, line, day::VARCHAR, account_key, rep::BIGINT, account::BIGINT, \
                       product::BIGINT, category::BIGINT, currency::BIGINT, units_milli, revenue, \
                       cost";

/// Newest first.
const ORDER: &str = "ORDER BY day DESC, order_id DESC, line";

/// The page of lines that `request` asks for.
pub(super) fn page(warehouse: &Warehouse, request: &LinesRequest) -> Result<Lines, Error> {
    let condition = condition_of(warehouse, &request.filters)?;
    let total = counted(warehouse, &condition)?;
    let limit = request.limit.unwrap_or(100).min(MAX_LINES);
    let page = format!(
        "SELECT {COLUMNS} FROM sale WHERE {condition} {ORDER} LIMIT {limit} OFFSET {}",
        request.offset
    );
    let mut lines = Vec::new();
    for batch in warehouse.query(&page, &[])? {
        for row in 0..batch.num_rows() {
            lines.push(line_of(warehouse, &batch, row)?);
        }
    }
    Ok(Lines {
        total,
        version: warehouse.version().to_owned(),
        lines,
    })
}

/// How many lines all `filters` let through.
pub(super) fn count(warehouse: &Warehouse, filters: &[FilterRequest]) -> Result<u64, Error> {
    let total = counted(warehouse, &condition_of(warehouse, filters)?)?;
    Ok(u64::try_from(total).unwrap_or_default())
}

/// Every line that all `filters` let through.
pub(super) fn each<E: From<Error> + From<warehouse::Error>>(
    warehouse: &Warehouse,
    filters: &[FilterRequest],
    mut take: impl FnMut(Line) -> Result<(), E>,
) -> Result<(), E> {
    let condition = condition_of(warehouse, filters)?;
    let lines = format!("SELECT {COLUMNS} FROM sale WHERE {condition} {ORDER}");
    warehouse.query_slices(&lines, |batch| {
        for row in 0..batch.num_rows() {
            take(line_of(warehouse, batch, row)?)?;
        }
        Ok(())
    })
}

fn condition_of(warehouse: &Warehouse, filters: &[FilterRequest]) -> Result<String, Error> {
    let engine = Embedded(warehouse);
    let asker = Asker::new(warehouse, &engine);
    let mut conditions = Vec::new();
    for filter in filters.iter().cloned() {
        let filter = Words::plain().filter(filter)?;
        if let Filter::Best(best) = &filter {
            return Err(Error::Combination(format!(
                "lines have no \"top\" or \"bottom\" of {}: filter \"in\" its keys",
                best.level.id()
            )));
        }
        conditions.extend(asker.condition(&filter)?);
    }
    Ok(condition(&conditions))
}

fn counted(warehouse: &Warehouse, condition: &str) -> Result<i64, Error> {
    let count = format!("SELECT count(*) FROM sale WHERE {condition}");
    let counted = warehouse.query(&count, &[])?;
    Ok(integers(&counted).first().copied().unwrap_or_default())
}

fn line_of(warehouse: &Warehouse, batch: &RecordBatch, row: usize) -> Result<Line, Error> {
    let text = |column: usize| {
        batch
            .column(column)
            .as_string::<i32>()
            .value(row)
            .to_owned()
    };
    let number = |column: usize| {
        let column = batch.column(column).as_primitive::<Int64Type>();
        column.is_valid(row).then(|| column.value(row))
    };
    let name = |level: &str, column: usize| -> Result<String, Error> {
        let member = warehouse
            .dictionary(level)?
            .member(number(column).unwrap_or_default());
        Ok(member.map_or_else(String::new, |member| member.name.to_owned()))
    };
    let milli = number(9).unwrap_or_default();
    Ok(Line {
        order: text(0),
        line: text(1),
        day: text(2),
        account: text(3),
        rep: name("rep", 4)?,
        account_name: name("account", 5)?,
        product: name("product", 6)?,
        category: name("category", 7)?,
        currency: name("currency", 8)?,
        units: Cell::quantity(milli),
        revenue: number(10).unwrap_or_default(),
        cost: number(11),
    })
}
