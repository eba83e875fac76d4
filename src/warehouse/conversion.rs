//! Amounts of lines in the other currencies of the data, at the rates of their days.
//!
//! Each line is converted by itself and rounded half away from zero, so that converted amounts add
//! up as others do. A day without a rate has that of the last day before it, ten days back at most;
//! where there is none, the converted amount is missing, and a question that needs it is refused.

use std::fmt::Write;

use duckdb::Connection;
use jiff::civil::Date;

use super::Error;
use crate::record::money::Currency;

/// How old a rate may be: over the longest holidays of a central bank.
const MAX_DAYS: i32 = 10;

/// A currency that amounts of other currencies can be given in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversion {
    /// The currency.
    pub currency: Currency,
    /// Currency and day of the first line that has no rate.
    pub missing: Option<(String, Date)>,
}

/// The column of revenue in `currency`.
pub(crate) fn revenue_in(currency: Currency) -> String {
    format!("revenue_in_{}", currency.code().to_lowercase())
}

/// The column of cost in `currency`.
pub(crate) fn cost_in(currency: Currency) -> String {
    format!("cost_in_{}", currency.code().to_lowercase())
}

/// Makes the temporary table `line` of the query `lines`, with the amounts in the other currencies
/// of these and earlier lines where there are several. Gives the columns of these, a comma behind
/// each.
pub(super) fn take_lines(connection: &Connection, lines: &str) -> Result<String, Error> {
    connection.execute_batch(&format!("CREATE TEMP TABLE line AS {lines}"))?;
    let currencies = connection
        .prepare(
            "SELECT currency FROM line UNION SELECT key FROM member WHERE kind = 'currency' \
             ORDER BY currency",
        )?
        .query_map([], |row| row.get(0))?
        .collect::<Result<Vec<String>, _>>()?;
    let currencies: Vec<Currency> = currencies
        .iter()
        .filter_map(|code| Currency::parse(code).ok())
        .collect();
    if currencies.len() < 2 {
        return Ok(String::new());
    }
    let digits: Vec<String> = currencies
        .iter()
        .map(|currency| format!("('{currency}', {})", 10_i64.pow(currency.digits())))
        .collect();
    connection.execute_batch(&format!(
        "CREATE TEMP TABLE day_rate AS \
         SELECT d.day, c.currency, c.scale, \
           CASE WHEN c.currency = 'EUR' THEN 1000000 \
             WHEN r.day >= d.day - {MAX_DAYS} THEN r.micro END AS micro \
         FROM (SELECT DISTINCT day FROM line) d \
         CROSS JOIN (VALUES {digits}) c (currency, scale) \
         ASOF LEFT JOIN (SELECT currency, day::DATE AS day, micro FROM rate) r \
           ON r.currency = c.currency AND r.day <= d.day; \
         ALTER TABLE line RENAME TO plain_line;",
        digits = digits.join(", ")
    ))?;
    let (mut shown, mut joins, mut columns) = (String::new(), String::new(), String::new());
    for currency in currencies {
        let table = format!("to_{}", currency.code().to_lowercase());
        for (amount, column) in [
            ("revenue", revenue_in(currency)),
            ("cost", cost_in(currency)),
        ] {
            let converted = converted(amount, currency, &table);
            let _ = write!(shown, ", {converted} AS {column}");
            let _ = write!(columns, "l.{column}, ");
        }
        let _ = write!(
            joins,
            " LEFT JOIN day_rate {table} ON {table}.day = l.day AND {table}.currency = '{currency}'"
        );
    }
    connection.execute_batch(&format!(
        "CREATE TEMP TABLE line AS SELECT l.*{shown} FROM plain_line l \
         LEFT JOIN day_rate own ON own.day = l.day AND own.currency = l.currency{joins}; \
         DROP TABLE plain_line;"
    ))?;
    Ok(columns)
}

/// The SQL of an amount in `currency`, rounded half away from zero.
fn converted(amount: &str, currency: Currency, table: &str) -> String {
    let value = format!("abs(l.{amount})::HUGEINT * {table}.micro * {table}.scale");
    let whole = "own.micro::HUGEINT * own.scale";
    format!(
        "CASE WHEN l.currency = '{currency}' THEN l.{amount} ELSE TRY_CAST(sign(l.{amount}) * \
         ((2 * {value} + {whole}) // (2 * {whole})) AS BIGINT) END"
    )
}

/// The currencies that amounts can be given in.
pub(super) fn conversions(connection: &Connection) -> Result<Vec<Conversion>, Error> {
    let columns = connection
        .prepare(
            "SELECT column_name FROM duckdb_columns() WHERE table_name = 'sale' \
             AND starts_with(column_name, 'revenue_in_') ORDER BY column_name",
        )?
        .query_map([], |row| row.get(0))?
        .collect::<Result<Vec<String>, _>>()?;
    let mut conversions = Vec::new();
    for column in columns {
        let code = column.rsplit('_').next().unwrap_or_default();
        if let Ok(currency) = Currency::parse(code) {
            conversions.push(Conversion {
                currency,
                missing: missing(connection, currency, "true")?,
            });
        }
    }
    Ok(conversions)
}

/// Currency and day of the first of some lines that has no rate to `currency`.
pub(super) fn missing(
    connection: &Connection,
    currency: Currency,
    condition: &str,
) -> Result<Option<(String, Date)>, Error> {
    let query = format!(
        "SELECT m.key, day::VARCHAR FROM sale JOIN member m ON m.kind = 'currency' \
         AND m.id = sale.currency WHERE {} IS NULL AND ({condition}) ORDER BY day, m.key LIMIT 1",
        revenue_in(currency)
    );
    let mut statement = connection.prepare(&query)?;
    let mut rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
    let first: Option<(String, String)> = rows.next().transpose()?;
    Ok(first.and_then(|(code, day)| Some((code, day.parse().ok()?))))
}
