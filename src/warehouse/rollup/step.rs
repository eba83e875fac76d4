//! Roll-ups that follow a step: what changed lines and accounts brought before leaves them, what
//! they bring now comes.
//!
//! - Of an account that stays where it is only the changed lines count, each on its side: before or
//!   now. Whether it was one customer of a cell, and is one, is seen from all of its lines there.
//! - Of an account that lies elsewhere now, everything leaves and comes.
//!
//! All sums of a cell add up over these, so this is exact; its first and last day are read from the
//! lines again where what left may have been it.

use std::collections::HashSet;

use duckdb::Connection;

use super::super::Error;
use super::make::{listed, visits_of};
use super::{RollupList, SUMS, Shape, list};

/// Columns of `sale` that roll-ups add up, beside those of the levels that they keep.
const SUMMED_COLUMNS: &str = "account, month, day, order_number, revenue, cost, units_milli";

/// Brings the roll-ups in step, after the table `sale` is. The attached file `old` is as it was
/// before; the temporary tables `changes`, `elsewhere` and `reflagged_account` tell what changed.
pub(in crate::warehouse) fn follow(connection: &Connection) -> Result<(), Error> {
    let known = list(connection)?;
    let levels = listed(&levels_of(&known));
    connection.execute_batch(&format!(
        "CREATE TEMP TABLE met AS SELECT -1 AS side, {levels}account, month FROM old.sale \
           WHERE account IN (SELECT account FROM changes UNION SELECT id FROM elsewhere); \
         CREATE TEMP TABLE now AS \
           SELECT {levels}account, month, is_first, is_last, is_return FROM sale \
           WHERE account IN (SELECT account FROM changes UNION SELECT id FROM elsewhere \
             UNION SELECT account FROM reflagged_account); \
         INSERT INTO met BY NAME SELECT 1 AS side, {levels}account, month FROM now; \
         CREATE TEMP TABLE moving AS \
           SELECT -1 AS side, {levels}{SUMMED_COLUMNS} FROM old.sale \
             WHERE account IN (SELECT id FROM elsewhere) \
           UNION ALL SELECT 1, {levels}{SUMMED_COLUMNS} FROM sale \
             WHERE account IN (SELECT id FROM elsewhere); \
         CREATE TEMP TABLE ordering AS \
           SELECT DISTINCT -1 AS side, {levels}account, month, order_number FROM old.sale \
             WHERE order_number IN (SELECT order_number FROM changes) \
           UNION ALL SELECT DISTINCT 1, {levels}account, month, order_number FROM sale \
             WHERE order_number IN (SELECT order_number FROM changes); \
         UPDATE rollup SET orders_add_up = orders_add_up AND NOT EXISTS ( \
           SELECT 1 FROM ordering WHERE side = 1 GROUP BY order_number \
           HAVING min(account) <> max(account) OR min(month) <> max(month))",
    ))?;
    for (id, others) in known.visits.iter().enumerate() {
        follow_visits(connection, id, others)?;
    }
    let mut made = HashSet::new();
    for (id, (shape, _)) in known.cells.iter().enumerate() {
        follow_cells(connection, id, shape, &mut made)?;
    }
    Ok(())
}

/// The levels of lines that any roll-up keeps.
fn levels_of(known: &RollupList) -> Vec<String> {
    let cells = known.cells.iter().flat_map(|(shape, _)| &shape.others);
    let visits = known.visits.iter().flatten();
    let mut levels: Vec<String> = cells.chain(visits).cloned().collect();
    levels.sort_unstable();
    levels.dedup();
    levels
}

fn follow_visits(connection: &Connection, id: usize, others: &[String]) -> Result<(), Error> {
    let accounts = "(SELECT account FROM changes UNION SELECT account FROM reflagged_account)";
    let lines = format!("(SELECT * FROM now WHERE account IN {accounts})");
    connection.execute_batch(&format!(
        "DELETE FROM visits_{id} WHERE account IN {accounts}; \
         INSERT INTO visits_{id} BY NAME {};",
        visits_of(&lines, others)
    ))?;
    Ok(())
}

/// Makes the table of what was brought before and is brought now over the levels and the step of
/// `shape`, by side and account, unless a shape of the like had it made; gives its name.
fn brought(
    connection: &Connection,
    shape: &Shape,
    made: &mut HashSet<String>,
) -> Result<String, Error> {
    let has_class = shape.places.iter().any(|column| column == "abc");
    let name = format!(
        "brought_{}_{}{}",
        shape.others.join("_"),
        shape.step.name(),
        if has_class { "_abc" } else { "" }
    );
    if !made.insert(name.clone()) {
        return Ok(name);
    }
    // Another revenue class alone is nothing to cells without it.
    let elsewhere = format!(
        "SELECT id FROM elsewhere WHERE {}",
        if has_class { "true" } else { "NOT only_class" }
    );
    let (others, step) = (listed(&shape.others), shape.step.expression());
    let same = shape
        .others
        .iter()
        .map(|level| format!("k.{level} = m.{level} AND "));
    let same: String = same.collect();
    connection.execute_batch(&format!(
        "CREATE TEMP TABLE {name} AS \
         WITH lines AS ( \
           SELECT side, {others}{SUMMED_COLUMNS} FROM changes WHERE account NOT IN ({elsewhere}) \
           UNION ALL SELECT side, {others}{SUMMED_COLUMNS} FROM moving \
             WHERE account IN ({elsewhere})), \
         orders AS ( \
           SELECT DISTINCT side, account, {others}month, order_number FROM ( \
             SELECT side, account, {others}month, order_number FROM ordering \
               WHERE account NOT IN ({elsewhere}) \
             UNION ALL SELECT side, account, {others}month, order_number FROM lines \
               WHERE account IN ({elsewhere}))), \
         keys AS (SELECT DISTINCT account, {others}{step} AS step FROM lines WHERE account <> 0) \
         SELECT side, account, {others}{step} AS step, sum(revenue)::BIGINT AS revenue, \
           coalesce(sum(cost), 0)::BIGINT AS cost, count(cost) AS costed_lines, \
           coalesce(sum(revenue) FILTER (cost IS NOT NULL), 0)::BIGINT AS costed_revenue, \
           sum(units_milli)::BIGINT AS units_milli, count(*) AS lines, 0 AS orders, \
           0 AS customers, min(day) AS first_day, max(day) AS last_day \
         FROM lines GROUP BY side, account, {others}step \
         UNION ALL BY NAME \
         SELECT side, account, {others}{step} AS step, count(*) AS orders FROM orders \
         GROUP BY side, account, {others}step \
         UNION ALL BY NAME \
         SELECT DISTINCT side, account, {others}step, 1 AS customers \
         FROM (SELECT *, {step} AS step FROM met) m \
         SEMI JOIN keys k ON {same}k.account = m.account AND k.step = m.step",
    ))?;
    Ok(name)
}

fn follow_cells(
    connection: &Connection,
    id: usize,
    shape: &Shape,
    made: &mut HashSet<String>,
) -> Result<(), Error> {
    let brought = brought(connection, shape, made)?;
    let columns = [shape.places.as_slice(), &shape.others, &["step".to_owned()]].concat();
    let keys = columns.join(", ");
    let same: Vec<String> = columns
        .iter()
        .map(|column| format!("c.{column} = d.{column}"))
        .collect();
    // The account itself is there already.
    let places = shape.places.iter().filter(|column| *column != "account");
    let places: Vec<String> = places
        .map(|column| format!(", coalesce(a.{column}, 0) AS {column}"))
        .collect();
    let places = places.concat();
    let sums = &SUMS[..SUMS.len() - 2];
    let each = |write: &dyn Fn(&str) -> String| -> String {
        let written: Vec<String> = sums.iter().map(|sum| write(sum)).collect();
        written.join(", ")
    };
    let day = |day: &str| format!("({day} - DATE '1970-01-01')::BIGINT");
    connection.execute_batch(&format!(
        "CREATE OR REPLACE TEMP TABLE delta AS SELECT {keys}, {summed}, \
           {first} FILTER (side = 1) AS first_come, {first} FILTER (side = -1) AS first_left, \
           {last} FILTER (side = 1) AS last_come, {last} FILTER (side = -1) AS last_left \
         FROM (SELECT b.*{places} FROM {brought} b LEFT JOIN account a ON a.id = b.account \
             WHERE side = 1 \
           UNION ALL SELECT b.*{places} FROM {brought} b \
             LEFT JOIN old.account a ON a.id = b.account WHERE side = -1) GROUP BY {keys}; \
         CREATE OR REPLACE TEMP TABLE next AS SELECT c.rowid AS cell, d.* REPLACE ({added}), \
           {first_end}, {last_end} FROM delta d LEFT JOIN cells_{id} c ON {same}; \
         DELETE FROM cells_{id} WHERE rowid IN (SELECT cell FROM next); \
         INSERT INTO cells_{id} BY NAME SELECT {keys}, {sums}, first_day, last_day FROM next \
           WHERE lines <> 0; \
         UPDATE cells SET cell_count = (SELECT count(*) FROM cells_{id}) WHERE id = {id};",
        summed = each(&|sum| format!("coalesce(sum({sum} * side), 0)::BIGINT AS {sum}")),
        added = each(&|sum| format!("(coalesce(c.{sum}, 0) + d.{sum})::BIGINT AS {sum}")),
        sums = sums.join(", "),
        same = same.join(" AND "),
        first = format!("min({})", day("first_day")),
        last = format!("max({})", day("last_day")),
        first_end = end("least", "<", "first"),
        last_end = end("greatest", ">", "last"),
    ))?;
    read_ends(connection, id, shape)
}

/// The first or last day of a cell: none when what left may have been it, and nothing that came
/// takes its place.
fn end(outer: &str, before: &str, which: &str) -> String {
    let (kept, comes, left) = (
        format!("c.{which}_day"),
        format!("d.{which}_come"),
        format!("d.{which}_left"),
    );
    format!(
        "CASE WHEN {left} IS NULL OR coalesce({comes} {before}= {left}, false) \
           OR {kept} {before} {left} THEN {outer}({kept}, {comes}) END AS {which}_day"
    )
}

/// Reads first and last days from the lines, of the cells that have none.
fn read_ends(connection: &Connection, id: usize, shape: &Shape) -> Result<(), Error> {
    let open = format!("SELECT * FROM cells_{id} WHERE first_day IS NULL OR last_day IS NULL");
    let count = format!("SELECT count(*) FROM ({open})");
    if connection.query_row(&count, [], |row| row.get::<_, i64>(0))? == 0 {
        return Ok(());
    }
    let keys = [shape.places.as_slice(), &shape.others].concat();
    let step = shape.step.expression();
    let same = |left: &str, right: &str| -> String {
        let same = keys
            .iter()
            .map(|key| format!("{left}.{key} = {right}.{key} AND "));
        format!("{}{left}.step = {right}.step", same.collect::<String>())
    };
    connection.execute_batch(&format!(
        "UPDATE cells_{id} SET first_day = d.first_day, last_day = d.last_day \
         FROM (SELECT {keys}step, (min(day) - DATE '1970-01-01')::BIGINT AS first_day, \
             (max(day) - DATE '1970-01-01')::BIGINT AS last_day \
           FROM (SELECT {keys}day, {step} AS step FROM sale) s SEMI JOIN ({open}) o ON {open_same} \
           GROUP BY ALL) d \
         WHERE {cell_same}",
        keys = listed(&keys),
        open_same = same("s", "o"),
        cell_same = same(&format!("cells_{id}"), "d"),
    ))?;
    Ok(())
}
