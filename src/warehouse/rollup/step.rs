//! Roll-ups that follow a step: what changed lines and accounts brought before leaves them, what
//! they bring now comes.
//!
//! What an account brings to a step of time, over the levels of a roll-up, is computed again from
//! all of its lines there, before and now; of every other account and step nothing is read. All
//! sums of a cell add up over these, so this is exact; its first and last day are read from the
//! lines again where what left may have been it.

use std::collections::HashSet;

use duckdb::Connection;

use super::super::Error;
use super::make::{cells_of, listed, make_base, visits_of};
use super::{RollupList, SUMS, Shape, list};

/// Columns of `sale` that roll-ups add up, beside those of the levels that they keep.
const SUMMED_COLUMNS: &str = "account, month, day, order_number, revenue, cost, units_milli, \
     is_first, is_last, is_return";

/// Brings the roll-ups in step, after the table `sale` is. The attached file `old` is as it was
/// before; the temporary tables `changes`, `elsewhere` and `reflagged_account` tell what changed.
pub(in crate::warehouse) fn follow(connection: &Connection) -> Result<(), Error> {
    let known = list(connection)?;
    let levels = listed(&levels_of(&known));
    connection.execute_batch(&format!(
        "CREATE TEMP TABLE past AS SELECT {levels}{SUMMED_COLUMNS} FROM old.sale \
           WHERE account IN (SELECT account FROM changes UNION SELECT id FROM elsewhere); \
         CREATE TEMP TABLE now AS SELECT {levels}{SUMMED_COLUMNS} FROM sale \
           WHERE account IN (SELECT account FROM changes UNION SELECT id FROM elsewhere \
             UNION SELECT account FROM reflagged_account); \
         UPDATE rollup SET orders_add_up = orders_add_up AND NOT EXISTS ( \
           SELECT 1 FROM sale s SEMI JOIN changes c ON c.order_number = s.order_number \
           GROUP BY order_number \
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

/// Makes what was brought before and what is brought now, of the accounts and steps of time that
/// changed for cells of `shape`, unless cells of the like had it made; gives their names.
fn bases(
    connection: &Connection,
    shape: &Shape,
    made: &mut HashSet<String>,
) -> Result<[String; 2], Error> {
    let has_class = shape.places.iter().any(|column| column == "abc");
    let like = format!(
        "{}_{}{}",
        shape.others.join("_"),
        shape.step.name(),
        if has_class { "_abc" } else { "" }
    );
    let (others, step) = (listed(&shape.others), shape.step.expression());
    if made.insert(like.clone()) {
        let elsewhere = if has_class { "true" } else { "NOT only_class" };
        let keys = |source: &str| {
            format!(
                "SELECT account, {others}{step} AS step FROM {source} \
                 WHERE account IN (SELECT id FROM elsewhere WHERE {elsewhere})"
            )
        };
        connection.execute_batch(&format!(
            "CREATE TEMP TABLE keys_{like} AS \
             SELECT account, {others}{step} AS step FROM changes UNION {} UNION {}",
            keys("past"),
            keys("now")
        ))?;
        let same = shape
            .others
            .iter()
            .map(|level| format!("k.{level} = s.{level} AND "));
        let same = format!("{}k.account = s.account", same.collect::<String>());
        for source in ["past", "now"] {
            connection.execute_batch(&format!(
                "CREATE TEMP TABLE {source}_{like} AS \
                 SELECT s.* EXCLUDE (step) FROM (SELECT *, {step} AS step FROM {source}) s \
                 SEMI JOIN keys_{like} k ON {same} AND k.step = s.step"
            ))?;
        }
    }
    Ok([
        make_base(connection, &format!("past_{like}"), &shape.others)?,
        make_base(connection, &format!("now_{like}"), &shape.others)?,
    ])
}

fn follow_cells(
    connection: &Connection,
    id: usize,
    shape: &Shape,
    made: &mut HashSet<String>,
) -> Result<(), Error> {
    let [past, now] = bases(connection, shape, made)?;
    let columns = [shape.places.as_slice(), &shape.others, &["step".to_owned()]].concat();
    let keys = columns.join(", ");
    let same: Vec<String> = columns
        .iter()
        .map(|column| format!("c.{column} = d.{column}"))
        .collect();
    let sums = &SUMS[..SUMS.len() - 2];
    let each = |write: &dyn Fn(&str) -> String| -> String {
        sums.iter()
            .map(|sum| write(sum))
            .collect::<Vec<_>>()
            .join(", ")
    };
    connection.execute_batch(&format!(
        "CREATE OR REPLACE TEMP TABLE delta AS SELECT {keys}, {summed}, \
           min(first_day) FILTER (part = 1) AS first_come, \
           min(first_day) FILTER (part = -1) AS first_left, \
           max(last_day) FILTER (part = 1) AS last_come, \
           max(last_day) FILTER (part = -1) AS last_left \
         FROM (SELECT *, 1 AS part FROM ({comes}) \
           UNION ALL BY NAME SELECT *, -1 AS part FROM ({leaves})) GROUP BY {keys}; \
         CREATE OR REPLACE TEMP TABLE next AS SELECT c.rowid AS cell, d.* REPLACE ({added}), \
           {first}, {last} FROM delta d LEFT JOIN cells_{id} c ON {same}; \
         DELETE FROM cells_{id} WHERE rowid IN (SELECT cell FROM next); \
         INSERT INTO cells_{id} BY NAME SELECT {keys}, {sums}, first_day, last_day FROM next \
           WHERE lines <> 0; \
         UPDATE cells SET cell_count = (SELECT count(*) FROM cells_{id}) WHERE id = {id};",
        summed = each(&|sum| format!("sum({sum} * part)::BIGINT AS {sum}")),
        added = each(&|sum| format!("(coalesce(c.{sum}, 0) + d.{sum})::BIGINT AS {sum}")),
        sums = sums.join(", "),
        same = same.join(" AND "),
        first = end("least", "<", "first"),
        last = end("greatest", ">", "last"),
        comes = cells_of(&now, "account", shape),
        leaves = cells_of(&past, "old.account", shape),
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
