//! Scans as SQL over the warehouse file.
//!
//! The statements hold numbers and words of the model only; keys of the question have become
//! member numbers before, so nothing of the outside stands in them.

use std::collections::HashMap;

use duckdb::arrow::array::{Array, AsArray, RecordBatch};
use duckdb::arrow::datatypes::Int64Type;

use super::{Engine, Scanned, member_column, parent_of_hexagon};
use crate::cube::Error;
use crate::cube::level::CubeLevel;
use crate::cube::scan::{Condition, Groups, Part, Scan};
use crate::cube::time::TimeStep;
use crate::record::money::Currency;
use crate::warehouse::{Warehouse, cost_in, revenue_in};

/// The engine inside this process, over one version of the warehouse.
#[derive(Clone, Copy)]
pub struct Embedded<'a>(pub &'a Warehouse);

impl Engine for Embedded<'_> {
    fn scan(&self, scan: &Scan) -> Result<Scanned, Error> {
        let levels = scan.levels.len();
        let (sums, distincts): (Vec<usize>, Vec<usize>) = (0..scan.parts.len())
            .partition(|index| sum_of(scan.parts[*index], scan.money).is_some());
        let mut groups = Groups::default();
        let sql = sums_statement(scan, &sums);
        let mut values = vec![0; scan.parts.len()];
        let batches = self.0.query(&sql, &[])?;
        each_row(&batches, 1 + levels + sums.len(), |row| {
            for (part, value) in sums.iter().zip(&row[1 + levels..]) {
                values[*part] = *value;
            }
            groups.push(set_of(scan, row[0]), &row[1..=levels], &values);
        });
        let mut statements = vec![sql];
        if !distincts.is_empty() {
            let sql = distinct_statement(scan, &distincts);
            self.put_counts(scan, &sql, &mut groups)?;
            statements.push(sql);
        }
        Ok(Scanned {
            groups,
            source: "sale".to_owned(),
            rows: self.0.summary().lines,
            statements,
        })
    }
}

impl Embedded<'_> {
    /// Puts distinct counts into the groups that the sums have made.
    fn put_counts(self, scan: &Scan, sql: &str, groups: &mut Groups) -> Result<(), Error> {
        let (levels, parts) = (scan.levels.len(), scan.parts.len());
        let Groups {
            sets,
            members,
            values,
        } = groups;
        let of = |place: usize| &members[place * levels..(place + 1) * levels];
        let places = sets.iter().enumerate();
        let places: HashMap<(u32, &[i64]), usize> = places
            .map(|(place, set)| ((*set, of(place)), place))
            .collect();
        each_row(&self.0.query(sql, &[])?, levels + 3, |row| {
            let (Ok(part), Ok(set)) = (usize::try_from(row[0]), u32::try_from(row[1])) else {
                return;
            };
            if let Some(place) = places.get(&(set, &row[2..levels + 2])) {
                values[place * parts + part] = row[levels + 2];
            }
        });
        Ok(())
    }
}

/// The statement of the sums of every grouping: the bits of GROUPING, a number per level, a value
/// per part; all BIGINT.
fn sums_statement(scan: &Scan, sums: &[usize]) -> String {
    let numbers = numbers(&scan.levels);
    let sums = sums
        .iter()
        .filter_map(|index| sum_of(scan.parts[*index], scan.money));
    let parts = each(sums, |sum| format!(", {sum}"));
    let (grouping, sets) = if scan.levels.is_empty() {
        // The total of no line is no group.
        ("0::BIGINT".to_owned(), " HAVING count(*) > 0".to_owned())
    } else {
        let group = names(scan, (1_u32 << scan.levels.len()) - 1);
        let sets: Vec<String> = scan
            .sets
            .iter()
            .map(|set| format!("({})", names(scan, *set)))
            .collect();
        (
            format!("GROUPING({group})::BIGINT"),
            format!(
                " GROUP BY GROUPING SETS ({}) HAVING count(*) > 0",
                sets.join(", ")
            ),
        )
    };
    let shown = each(0..scan.levels.len(), |index| format!(", l{index}"));
    format!(
        "SELECT {grouping}{shown}{parts} FROM (SELECT {numbers}* FROM sale WHERE {condition}){sets} \
         LIMIT {most}",
        condition = condition(&scan.conditions),
        most = scan.most,
    )
}

/// The grouping of the bits that GROUPING gives: one a level, the first level the highest, set
/// where the level is left out.
fn set_of(scan: &Scan, bits: i64) -> u32 {
    let count = scan.levels.len();
    let left_out = |index: usize| bits >> (count - 1 - index) & 1 == 1;
    (0..count)
        .filter(|index| !left_out(*index))
        .fold(0, |set, index| set | 1 << index)
}

/// The statement of the distinct counts of every grouping: place of the part, grouping, a number
/// per level, the count. Counting the rows of a `DISTINCT` is faster here than `count(DISTINCT …)`
/// under the same grouping.
fn distinct_statement(scan: &Scan, distincts: &[usize]) -> String {
    let condition = condition(&scan.conditions);
    let mut counts = Vec::new();
    for part in distincts {
        let member = distinct_of(scan.parts[*part]);
        for set in &scan.sets {
            let levels: Vec<CubeLevel> = scan.levels_of(*set).map(|(_, level)| level).collect();
            let shown = each(0..scan.levels.len(), |index| {
                let place = scan.levels_of(*set).position(|(at, _)| at == index);
                place.map_or(", 0::BIGINT".to_owned(), |place| format!(", l{place}"))
            });
            counts.push(if levels.is_empty() {
                format!(
                    "SELECT {part}::BIGINT, 0::BIGINT{shown}, count(DISTINCT nullif({member}, 0)) \
                     FROM sale WHERE {condition} HAVING count(*) > 0"
                )
            } else {
                let group: Vec<String> =
                    (0..levels.len()).map(|index| format!("l{index}")).collect();
                format!(
                    "SELECT {part}::BIGINT, {set}::BIGINT{shown}, count(*) FROM \
                     (SELECT DISTINCT {}{member} AS member FROM sale WHERE {condition}) \
                     WHERE member <> 0 GROUP BY {}",
                    numbers(&levels),
                    group.join(", ")
                )
            });
        }
    }
    format!(
        "{} LIMIT {}",
        counts.join(" UNION ALL "),
        scan.most.saturating_mul(distincts.len())
    )
}

/// The member numbers of `levels` as columns `l0`, `l1` … with a comma behind each.
fn numbers(levels: &[CubeLevel]) -> String {
    each(levels.iter().enumerate(), |(index, level)| {
        format!("({})::BIGINT AS l{index}, ", expression(*level))
    })
}

/// What `text` says of each item, one after the other.
fn each<T>(items: impl IntoIterator<Item = T>, text: impl Fn(T) -> String) -> String {
    let texts: Vec<String> = items.into_iter().map(text).collect();
    texts.concat()
}

/// The names of the columns of the levels of `set`.
fn names(scan: &Scan, set: u32) -> String {
    let names: Vec<String> = scan
        .levels_of(set)
        .map(|(index, _)| format!("l{index}"))
        .collect();
    names.join(", ")
}

/// The sum of a part; none for distinct counts. Sums are cast from HUGEINT, which fails rather
/// than wraps when a sum is too large.
fn sum_of(part: Part, money: Option<Currency>) -> Option<String> {
    let revenue = money.map_or("revenue".to_owned(), revenue_in);
    let cost = money.map_or("cost".to_owned(), cost_in);
    Some(match part {
        Part::Revenue => format!("sum({revenue})::BIGINT"),
        Part::Cost => format!("coalesce(sum({cost}), 0)::BIGINT"),
        Part::CostedLines => "count(cost)".to_owned(),
        Part::CostedRevenue => {
            format!("coalesce(sum({revenue}) FILTER (cost IS NOT NULL), 0)::BIGINT")
        }
        Part::UnitsMilli => "sum(units_milli)::BIGINT".to_owned(),
        Part::Lines => "count(*)".to_owned(),
        Part::FirstDay => "(min(day) - DATE '1970-01-01')::BIGINT".to_owned(),
        Part::LastDay => "(max(day) - DATE '1970-01-01')::BIGINT".to_owned(),
        Part::Orders
        | Part::Customers
        | Part::NewCustomers
        | Part::LostCustomers
        | Part::WonBackCustomers => return None,
    })
}

/// What a distinct count counts the different values of, 0 left out.
fn distinct_of(part: Part) -> &'static str {
    match part {
        Part::Orders => "order_number",
        Part::NewCustomers => "account * is_first",
        Part::LostCustomers => "account * is_last",
        Part::WonBackCustomers => "account * is_return",
        _ => "account",
    }
}

/// The SQL expression of the member number of `level`.
fn expression(level: CubeLevel) -> String {
    match level {
        CubeLevel::Time(step) => time_expression(step),
        CubeLevel::Hexagon(resolution) => hexagon_expression(resolution),
        other => member_column(other).to_owned(),
    }
}

fn time_expression(step: TimeStep) -> String {
    match step {
        TimeStep::Year | TimeStep::FiscalYear(1) => "month // 12".to_owned(),
        TimeStep::FiscalYear(first) => format!("(month - {}) // 12", first - 1),
        TimeStep::Quarter => "month // 3".to_owned(),
        TimeStep::Month => "month".to_owned(),
        // Division rounds to 0, so the weeks before 1970 are counted from far below.
        TimeStep::Week => "((day - DATE '1970-01-01') + 7000003) // 7 - 1000000".to_owned(),
        TimeStep::Day => "(day - DATE '1970-01-01')".to_owned(),
    }
}

/// The SQL of the parent of a cell at `resolution`.
fn hexagon_expression(resolution: u8) -> String {
    let Some((lowered, digits)) = parent_of_hexagon(resolution) else {
        return "h3".to_owned();
    };
    format!("CASE WHEN h3 = 0 THEN 0 ELSE (h3 - {lowered}) | {digits} END")
}

/// The SQL condition that all of `conditions` let a line through.
pub(in crate::cube) fn condition(conditions: &[Condition]) -> String {
    let mut all = vec!["true".to_owned()];
    for condition in conditions {
        all.push(match condition {
            Condition::In(_, numbers) if numbers.is_empty() => "false".to_owned(),
            Condition::In(level, numbers) => {
                format!("{} IN ({})", expression(*level), list(numbers))
            }
            Condition::NotIn(_, numbers) if numbers.is_empty() => continue,
            Condition::NotIn(level, numbers) => {
                format!("{} NOT IN ({})", expression(*level), list(numbers))
            }
            Condition::Between(step, from, to) => {
                let expression = time_expression(*step);
                let from = from.map(|from| format!("{expression} >= {from}"));
                let to = to.map(|to| format!("{expression} <= {to}"));
                let bounds: Vec<String> = [from, to].into_iter().flatten().collect();
                if bounds.is_empty() {
                    continue;
                }
                bounds.join(" AND ")
            }
        });
    }
    all.join(" AND ")
}

fn list(numbers: &[i64]) -> String {
    let numbers: Vec<String> = numbers.iter().map(i64::to_string).collect();
    numbers.join(", ")
}

/// Hands the first `width` numbers of each row of `batches` to `take`, 0 where there is none.
fn each_row(batches: &[RecordBatch], width: usize, mut take: impl FnMut(&[i64])) {
    let mut row = vec![0; width];
    for batch in batches {
        let column = |index: usize| batch.column(index).as_primitive::<Int64Type>();
        let columns: Vec<_> = (0..width).map(column).collect();
        for place in 0..batch.num_rows() {
            for (number, column) in row.iter_mut().zip(&columns) {
                let is_there = column.is_valid(place);
                *number = if is_there { column.value(place) } else { 0 };
            }
            take(&row);
        }
    }
}

/// The numbers of the first column of `batches`.
pub(in crate::cube) fn integers(batches: &[RecordBatch]) -> Vec<i64> {
    let mut numbers = Vec::new();
    each_row(batches, 1, |row| numbers.push(row[0]));
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bits_of_a_grouping_become_its_set() {
        let scan = Scan {
            levels: vec![CubeLevel::Category, CubeLevel::Product, CubeLevel::Rep],
            sets: vec![0b111, 0b011, 0],
            parts: vec![Part::Lines],
            conditions: Vec::new(),
            money: None,
            most: 10,
        };
        assert_eq!(set_of(&scan, 0b000), 0b111);
        assert_eq!(set_of(&scan, 0b001), 0b011);
        assert_eq!(set_of(&scan, 0b111), 0);
    }

    #[test]
    fn a_hexagon_has_the_parents_that_h3_gives() {
        let cell = h3o::LatLng::new(48.137, 11.575).unwrap();
        let finest = cell.to_cell(h3o::Resolution::Nine);
        let connection = duckdb::Connection::open_in_memory().unwrap();
        for resolution in 3..=9_u8 {
            let resolution_of = h3o::Resolution::try_from(resolution).unwrap();
            let expected = finest.parent(resolution_of).unwrap();
            let query = format!(
                "SELECT {} FROM (SELECT {}::BIGINT AS h3)",
                hexagon_expression(resolution),
                u64::from(finest)
            );
            let parent: i64 = connection.query_row(&query, [], |row| row.get(0)).unwrap();
            assert_eq!(u64::try_from(parent).unwrap(), u64::from(expected));
        }
    }

    /// A query that would take days: it ends, or this test does not.
    #[test]
    fn a_query_is_interrupted() {
        let stop = crate::stop::Stop::default();
        let waiting = stop.waiting();
        let (started, has_started) = std::sync::mpsc::channel();
        let worker = std::thread::spawn(move || {
            let connection = duckdb::Connection::open_in_memory().unwrap();
            let handle = connection.interrupt_handle();
            let long =
                "SELECT sum(a.range % 7 * b.range) FROM range(100000000) a, range(100000000) b";
            stop.run(|| {
                crate::stop::interruptible(
                    move || handle.interrupt(),
                    || {
                        started.send(()).unwrap();
                        connection.execute_batch(long)
                    },
                )
            })
        });
        has_started.recv().unwrap();
        drop(waiting);
        // Interrupted, or told to stop before it began.
        assert!(worker.join().unwrap().is_none_or(|done| done.is_err()));
    }
}
