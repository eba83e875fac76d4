//! Choosing and making roll-ups.

use duckdb::Connection;

use super::super::Error;
use super::{BITS, CellStep, Shape, WORD_BITS};

/// Bytes that all cells of a version may take in memory.
const BUDGET: u64 = 400 << 20;

/// Bytes of a cell: its sums, and about eight levels.
const CELL_BYTES: u64 = 120;

/// Cells of so few rows are read in no time.
const SMALL: u64 = 20_000;

/// Makes the roll-ups of the file that `connection` writes; `wanted` are shapes with how often
/// they were asked for.
pub(in crate::warehouse) fn make(
    connection: &Connection,
    wanted: &[(Shape, u64)],
) -> Result<(), Error> {
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
    connection.execute_batch(&format!(
        "CREATE TABLE cells_{id} AS {cells} ORDER BY ALL; \
         INSERT INTO cells SELECT {id}, '{place_words}', '{other_words}', '{step_word}', \
           (SELECT count(*) FROM cells_{id});",
        cells = cells_of(&base, shape),
        place_words = shape.places.join(" "),
        other_words = shape.others.join(" "),
        step_word = shape.step.name(),
    ))?;
    Ok(())
}

/// The query of the cells of a shape: `base` by the places of its accounts.
fn cells_of(base: &str, shape: &Shape) -> String {
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
    format!(
        "SELECT {places}{others}step, {SUMMED}, \
           (count(*) FILTER (account <> 0))::BIGINT AS customers, \
           (min(first_day) - DATE '1970-01-01')::BIGINT AS first_day, \
           (max(last_day) - DATE '1970-01-01')::BIGINT AS last_day \
         FROM ({by_account}) b LEFT JOIN account a ON a.id = b.account GROUP BY ALL",
        places = places.concat(),
    )
}

fn make_visits(connection: &Connection, id: usize, others: &[String]) -> Result<(), Error> {
    let base = make_base(connection, others)?;
    connection.execute_batch(&format!(
        "CREATE TABLE visits_{id} AS {visits} ORDER BY account, {columns}word; \
         INSERT INTO visits VALUES ({id}, '{words}');",
        visits = visits_of(&base, others),
        columns = listed(others),
        words = others.join(" "),
    ))?;
    Ok(())
}

/// The query of the visits that `lines`, or a base of them, tell of.
pub(super) fn visits_of(lines: &str, others: &[String]) -> String {
    let columns = listed(others);
    let bits = |name: &str, flag: &str| {
        format!("bit_or({flag}::BIGINT << ((month - first_month) % {WORD_BITS})) AS {name}")
    };
    let bits: Vec<String> = BITS
        .iter()
        .zip(["1", "is_first", "is_last", "is_return"])
        .map(|(name, flag)| bits(name, flag))
        .collect();
    format!(
        "SELECT account, {columns}((month - first_month) // {WORD_BITS})::INTEGER AS word, {bits} \
         FROM {lines}, rollup WHERE account <> 0 GROUP BY account, {columns}word",
        bits = bits.join(", "),
    )
}

/// Columns with a comma behind each.
pub(super) fn listed(columns: &[String]) -> String {
    let columns: Vec<String> = columns.iter().map(|column| format!("{column}, ")).collect();
    columns.concat()
}
