//! Scans as SQL over the warehouse file.
//!
//! The statements hold numbers and words of the model only; keys of the question have become
//! member numbers before, so nothing of the outside stands in them.

use std::collections::HashMap;

use super::{Engine, Scanned};
use crate::cube::Error;
use crate::cube::level::CubeLevel;
use crate::cube::scan::{Condition, Group, Part, Scan};
use crate::cube::time::TimeStep;
use crate::warehouse::Warehouse;

/// The engine inside this process, over one version of the warehouse.
#[derive(Clone, Copy)]
pub struct Embedded<'a>(pub &'a Warehouse);

impl Engine for Embedded<'_> {
    fn scan(&self, scan: &Scan) -> Result<Scanned, Error> {
        let mut groups = Groups::default();
        let mut statements = Vec::new();
        let (sums, distincts): (Vec<usize>, Vec<usize>) =
            (0..scan.parts.len()).partition(|index| sum_of(scan.parts[*index]).is_some());
        // Without sums something must still tell which groups there are.
        let sql = sums_statement(scan, &sums);
        let batches = self.0.query(&sql, &[])?;
        let levels = scan.levels.len();
        let columns: Vec<Vec<Option<i64>>> = (0..=levels + sums.len())
            .map(|index| integers(&batches, index).collect())
            .collect();
        for row in 0..columns[0].len() {
            let value = |column: usize| columns[column][row].unwrap_or_default();
            let set = set_of(scan, value(0));
            let members = (1..=levels).map(value).collect();
            let group = groups.group(scan, set, members);
            for (place, part) in sums.iter().enumerate() {
                group.values[*part] = value(1 + levels + place);
            }
        }
        statements.push(sql);
        if !distincts.is_empty() {
            let sql = distinct_statement(scan, &distincts);
            let batches = self.0.query(&sql, &[])?;
            let columns: Vec<Vec<Option<i64>>> = (0..levels + 3)
                .map(|index| integers(&batches, index).collect())
                .collect();
            for row in 0..columns[0].len() {
                let value = |column: usize| columns[column][row].unwrap_or_default();
                let (part, set) = (value(0), value(1));
                let members = (2..levels + 2).map(value).collect();
                let (Ok(part), Ok(set)) = (usize::try_from(part), u32::try_from(set)) else {
                    continue;
                };
                groups.group(scan, set, members).values[part] = value(levels + 2);
            }
            statements.push(sql);
        }
        Ok(Scanned {
            groups: groups.all,
            source: "sale".to_owned(),
            rows: self.0.summary().lines,
            statements,
        })
    }
}

/// Groups as they are put together from several statements.
#[derive(Default)]
struct Groups {
    all: Vec<Group>,
    places: HashMap<(u32, Vec<i64>), usize>,
}

impl Groups {
    fn group(&mut self, scan: &Scan, set: u32, members: Vec<i64>) -> &mut Group {
        let place = *self
            .places
            .entry((set, members))
            .or_insert_with_key(|(set, members)| {
                self.all.push(Group {
                    set: *set,
                    members: members.clone(),
                    values: vec![0; scan.parts.len()],
                });
                self.all.len() - 1
            });
        &mut self.all[place]
    }
}

/// The statement of the sums of every grouping: the bits of GROUPING, a number per level, a value
/// per part; all BIGINT.
fn sums_statement(scan: &Scan, sums: &[usize]) -> String {
    let numbers = numbers(&scan.levels);
    let parts: String = sums
        .iter()
        .filter_map(|index| sum_of(scan.parts[*index]))
        .map(|sum| format!(", {sum}"))
        .collect();
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
    let shown: String = (0..scan.levels.len())
        .map(|index| format!(", l{index}"))
        .collect();
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
            let shown: String = (0..scan.levels.len())
                .map(|index| {
                    if set >> index & 1 == 1 {
                        let place = scan.levels_of(*set).position(|(at, _)| at == index);
                        format!(", l{}", place.unwrap_or_default())
                    } else {
                        ", 0::BIGINT".to_owned()
                    }
                })
                .collect();
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
    let column = |(index, level): (usize, &CubeLevel)| {
        format!("({})::BIGINT AS l{index}, ", expression(*level))
    };
    levels.iter().enumerate().map(column).collect()
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
fn sum_of(part: Part) -> Option<&'static str> {
    Some(match part {
        Part::Revenue => "sum(revenue)::BIGINT",
        Part::Cost => "coalesce(sum(cost), 0)::BIGINT",
        Part::CostedLines => "count(cost)",
        Part::CostedRevenue => "coalesce(sum(revenue) FILTER (cost IS NOT NULL), 0)::BIGINT",
        Part::UnitsMilli => "sum(units_milli)::BIGINT",
        Part::Lines => "count(*)",
        Part::FirstDay => "(min(day) - DATE '1970-01-01')::BIGINT",
        Part::LastDay => "(max(day) - DATE '1970-01-01')::BIGINT",
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
        other => other
            .member_column()
            .expect("every level but those of time and hexagons has a member column")
            .to_owned(),
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

/// The parent of a cell of resolution 9: its resolution lowered, the digits below it filled up.
fn hexagon_expression(resolution: u8) -> String {
    let finest = crate::warehouse::HEXAGON;
    if resolution >= finest {
        return "h3".to_owned();
    }
    let lowered = i64::from(finest - resolution) << 52;
    let digits = (resolution + 1..=finest)
        .map(|step| 7_i64 << (3 * (15 - i64::from(step))))
        .sum::<i64>();
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

/// The numbers of column `index` through all `batches`.
pub(in crate::cube) fn integers(
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
            let expected = cell.to_cell(h3o::Resolution::try_from(resolution).unwrap());
            let query = format!(
                "SELECT {} FROM (SELECT {}::BIGINT AS h3)",
                hexagon_expression(resolution),
                u64::from(finest)
            );
            let parent: i64 = connection.query_row(&query, [], |row| row.get(0)).unwrap();
            assert_eq!(u64::try_from(parent).unwrap(), u64::from(expected));
        }
    }
}
