//! Lines for an engine elsewhere: numbers only, as rows of bytes, with sums that prove that all of
//! them came through.

use std::collections::BTreeMap;

use duckdb::arrow::array::{Array, AsArray, RecordBatch};
use duckdb::arrow::datatypes::{DataType, Int8Type, Int32Type, Int64Type};

use super::{Error, MEMBER_COLUMNS, Warehouse, cost_in, revenue_in};

/// A column of exported lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportColumn {
    /// What it is called there.
    pub name: String,
    /// Bytes of its numbers: 1, 4 or 8.
    pub bytes: usize,
    expression: String,
}

/// The columns beside [`MEMBER_COLUMNS`], with their bytes; days are counted from 1970-01-01.
const FIGURES: [(&str, usize, &str); 9] = [
    ("day", 4, "day - DATE '1970-01-01'"),
    ("month", 4, "month"),
    ("h3", 8, "h3"),
    ("is_first", 1, "is_first"),
    ("is_return", 1, "is_return"),
    ("is_last", 1, "is_last"),
    ("has_cost", 1, "cost IS NOT NULL"),
    ("order_number", 4, "order_number"),
    ("units_milli", 8, "coalesce(units_milli, 0)"),
];

/// How lines are cut into parts and shards. A part is a stretch of neighbours, a shard holds all
/// lines of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Lines of a part, over all shards.
    pub part_lines: u64,
    /// How many shards there are.
    pub shards: u32,
}

/// For each part, from 0, and each shard, from 0: the number of lines, then the sum of every
/// column of [`Warehouse::export_columns`], all modulo 2⁶⁴. What has no line is left out.
pub type Sums = BTreeMap<(u32, u32), Vec<u64>>;

impl Warehouse {
    /// The columns of exported lines, in their order. An unknown amount is 0.
    #[must_use]
    pub fn export_columns(&self) -> Vec<ExportColumn> {
        let column = |name: &str, bytes, expression: &str| ExportColumn {
            name: name.to_owned(),
            bytes,
            expression: expression.to_owned(),
        };
        let mut columns: Vec<ExportColumn> = Vec::new();
        columns.extend(MEMBER_COLUMNS.map(|name| column(name, 4, name)));
        columns.extend(FIGURES.map(|(name, bytes, expression)| column(name, bytes, expression)));
        let mut amounts = vec!["revenue".to_owned(), "cost".to_owned()];
        for conversion in &self.summary.conversions {
            let currency = conversion.currency;
            amounts.extend([revenue_in(currency), cost_in(currency)]);
        }
        let amounts = amounts.iter();
        columns.extend(amounts.map(|name| column(name, 8, &format!("coalesce({name}, 0)"))));
        columns
    }

    /// The lines at the places `lines` of the table that lie in `shard`: row after row, the number
    /// of the part in four bytes and those of the columns one after the other, little-endian.
    ///
    /// # Errors
    /// The engine must answer.
    pub fn export(
        &self,
        lines: std::ops::Range<u64>,
        shard: u32,
        cut: Cut,
    ) -> Result<Vec<u8>, Error> {
        let exported = self.export_columns();
        let columns: Vec<String> = exported
            .iter()
            .map(|column| format!(", ({})::{}", column.expression, kind(column.bytes)))
            .collect();
        let sql = format!(
            "SELECT (rowid // {})::INTEGER{} FROM sale WHERE rowid >= {} AND rowid < {} \
             AND {} = {shard}",
            cut.part_lines,
            columns.concat(),
            lines.start,
            lines.end,
            shard_of(cut),
        );
        let batches = self.query(&sql, &[])?;
        let width = 4 + exported.iter().map(|column| column.bytes).sum::<usize>();
        let mut bytes = Vec::new();
        for batch in &batches {
            let start = bytes.len();
            bytes.resize(start + batch.num_rows() * width, 0);
            write_rows(batch, &mut bytes[start..], width);
        }
        Ok(bytes)
    }

    /// What each part of each shard adds up to.
    ///
    /// # Errors
    /// The engine must answer.
    pub fn export_sums(&self, cut: Cut) -> Result<Sums, Error> {
        let sums: Vec<String> = self
            .export_columns()
            .iter()
            .map(|column| format!(", sum(({})::BIGINT)::VARCHAR", column.expression))
            .collect();
        let sql = format!(
            "SELECT (rowid // {})::VARCHAR, ({})::VARCHAR, count(*)::VARCHAR{} FROM sale \
             GROUP BY ALL",
            cut.part_lines,
            shard_of(cut),
            sums.concat(),
        );
        let batches = self.query(&sql, &[])?;
        let mut found = Sums::new();
        for batch in &batches {
            for row in 0..batch.num_rows() {
                let number =
                    |column: usize| wrapped(batch.column(column).as_string::<i32>().value(row));
                let place = |column: usize| u32::try_from(number(column)).unwrap_or(u32::MAX);
                let sums = (2..batch.num_columns()).map(number).collect();
                found.insert((place(0), place(1)), sums);
            }
        }
        Ok(found)
    }
}

/// The expression of the shard of a line. Lines of no known account are spread by their order.
fn shard_of(cut: Cut) -> String {
    format!(
        "(CASE account WHEN 0 THEN order_number ELSE account END) % {}",
        cut.shards
    )
}

fn kind(bytes: usize) -> &'static str {
    match bytes {
        1 => "TINYINT",
        4 => "INTEGER",
        _ => "BIGINT",
    }
}

fn write_rows(batch: &RecordBatch, rows: &mut [u8], width: usize) {
    let mut offset = 0;
    for column in batch.columns() {
        let rows = rows[offset..].chunks_mut(width);
        offset += match column.data_type() {
            DataType::Int8 => {
                for (row, value) in rows.zip(column.as_primitive::<Int8Type>().values()) {
                    row[..1].copy_from_slice(&value.to_le_bytes());
                }
                1
            }
            DataType::Int32 => {
                for (row, value) in rows.zip(column.as_primitive::<Int32Type>().values()) {
                    row[..4].copy_from_slice(&value.to_le_bytes());
                }
                4
            }
            _ => {
                for (row, value) in rows.zip(column.as_primitive::<Int64Type>().values()) {
                    row[..8].copy_from_slice(&value.to_le_bytes());
                }
                8
            }
        };
    }
}

/// A decimal number modulo 2⁶⁴; 0 for none.
fn wrapped(text: &str) -> u64 {
    let number: i128 = text.parse().unwrap_or_default();
    u64::try_from(number.rem_euclid(1 << 64)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_wrap() {
        assert_eq!(wrapped("-1"), u64::MAX);
        assert_eq!(wrapped("18446744073709551618"), 2);
        assert_eq!(wrapped("7"), 7);
    }
}
