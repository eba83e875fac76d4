//! Scans as SQL that ClickHouse understands, of 18.16 as of today: one statement a grouping, no
//! joins, no windows.
//!
//! A sum of `Int64` wraps silently there. So the upper and the lower half of the numbers are added
//! up apart, which cannot wrap over as many lines as are loaded, and are put together here.
//! As in the embedded engine, the statements hold numbers and words of the model only.

use super::{Engine, Scanned, member_column, parent_of_hexagon};
use crate::cluster::{Cluster, Loaded};
use crate::cube::Error;
use crate::cube::level::CubeLevel;
use crate::cube::scan::{Condition, Groups, Part, Scan};
use crate::cube::time::TimeStep;
use crate::record::money::Currency;
use crate::warehouse::{cost_in, revenue_in};

/// The engine on other machines, over one version that is completely there.
#[derive(Clone, Copy)]
pub struct Clustered<'a> {
    /// Where they are.
    pub cluster: &'a Cluster,
    /// What they have.
    pub loaded: &'a Loaded,
}

impl Engine for Clustered<'_> {
    fn scan(&self, scan: &Scan) -> Result<Scanned, Error> {
        let mut groups = Groups::default();
        let mut statements = Vec::new();
        let parts: Vec<Values> = scan
            .parts
            .iter()
            .map(|part| values(*part, scan.money))
            .collect();
        let mut members = vec![0; scan.levels.len()];
        // Without levels there is the total only.
        let sets = if scan.levels.is_empty() {
            &[0][..]
        } else {
            &scan.sets
        };
        for set in sets {
            let most = scan.most.saturating_sub(groups.len());
            if most == 0 {
                break;
            }
            let places: Vec<usize> = scan.levels_of(*set).map(|(place, _)| place).collect();
            let sql = statement(scan, *set, &parts, &self.loaded.table, most);
            let width = 1 + places.len() + parts.iter().map(Values::width).sum::<usize>();
            let numbers = self.cluster.numbers(&sql, width, &self.loaded.hosts)?;
            statements.push(sql);
            for row in numbers.chunks_exact(width) {
                // The total of no line is no group.
                if row[0] == 0 {
                    continue;
                }
                members.fill(0);
                for (place, number) in places.iter().zip(&row[1..]) {
                    members[*place] = *number;
                }
                let values = joined(&parts, &row[1 + places.len()..])?;
                groups.push(*set, &members, &values);
            }
        }
        Ok(Scanned {
            groups,
            source: format!(
                "sale on {} ({} shards)",
                self.cluster.host(),
                self.loaded.shards
            ),
            rows: self.loaded.lines,
            statements,
        })
    }
}

/// How a part is computed.
enum Values {
    /// By one expression.
    One(String),
    /// By the sums of the upper and the lower 32 bits.
    Halves([String; 2]),
}

impl Values {
    fn width(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Halves(_) => 2,
        }
    }

    fn expressions(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Halves(halves) => halves,
        }
    }
}

/// The statement of one grouping: the number of lines, a number per level, the values of the parts.
fn statement(scan: &Scan, set: u32, parts: &[Values], table: &str, most: usize) -> String {
    let mut shown = vec!["count()".to_owned()];
    let mut names = Vec::new();
    for (place, level) in scan.levels_of(set) {
        shown.push(format!("toInt64({}) AS l{place}", expression(level)));
        names.push(format!("l{place}"));
    }
    let values = parts.iter().flat_map(Values::expressions);
    shown.extend(values.map(|value| format!("toInt64({value})")));
    let group = if names.is_empty() {
        String::new()
    } else {
        format!(" GROUP BY {}", names.join(", "))
    };
    format!(
        "SELECT {} FROM `{table}` WHERE {}{group} LIMIT {most}",
        shown.join(", "),
        condition(&scan.conditions)
    )
}

/// The values of `parts` from the numbers of a row.
fn joined(parts: &[Values], mut numbers: &[i64]) -> Result<Vec<i64>, Error> {
    let mut values = Vec::with_capacity(parts.len());
    for part in parts {
        let (mine, rest) = numbers.split_at(part.width());
        numbers = rest;
        values.push(match mine {
            [upper, lower] => {
                let sum = i128::from(*upper) * (1 << 32) + i128::from(*lower);
                i64::try_from(sum).map_err(|_| Error::SumTooLarge)?
            }
            _ => mine[0],
        });
    }
    Ok(values)
}

fn values(part: Part, money: Option<Currency>) -> Values {
    let revenue = money.map_or("revenue".to_owned(), revenue_in);
    let cost = money.map_or("cost".to_owned(), cost_in);
    let one = |text: &str| Values::One(text.to_owned());
    // Of two's complement, the upper half with its sign times 2³² plus the lower without is the
    // number.
    let sum = |column: &str| {
        Values::Halves([
            format!("sum(bitShiftRight({column}, 32))"),
            format!("sum(bitAnd({column}, 4294967295))"),
        ])
    };
    let distinct = |column: &str, flag: &str| {
        Values::One(format!("uniqExactIf({column}, {column} != 0{flag})"))
    };
    match part {
        Part::Revenue => sum(&revenue),
        // An unknown cost is 0.
        Part::Cost => sum(&cost),
        Part::CostedLines => one("sum(has_cost)"),
        Part::CostedRevenue => sum(&format!("({revenue} * has_cost)")),
        Part::UnitsMilli => sum("units_milli"),
        Part::Lines => one("count()"),
        Part::FirstDay => one("min(day)"),
        Part::LastDay => one("max(day)"),
        Part::Orders => distinct("order_number", ""),
        Part::Customers => distinct("account", ""),
        Part::NewCustomers => distinct("account", " AND is_first = 1"),
        Part::LostCustomers => distinct("account", " AND is_last = 1"),
        Part::WonBackCustomers => distinct("account", " AND is_return = 1"),
    }
}

/// The expression of the member number of `level`.
fn expression(level: CubeLevel) -> String {
    match level {
        CubeLevel::Time(step) => time_expression(step),
        CubeLevel::Hexagon(resolution) => hexagon_expression(resolution),
        other => member_column(other).to_owned(),
    }
}

fn time_expression(step: TimeStep) -> String {
    match step {
        TimeStep::Year | TimeStep::FiscalYear(1) => "intDiv(month, 12)".to_owned(),
        TimeStep::FiscalYear(first) => format!("intDiv(month - {}, 12)", first - 1),
        TimeStep::Quarter => "intDiv(month, 3)".to_owned(),
        TimeStep::Month => "month".to_owned(),
        // Division rounds to 0, so the weeks before 1970 are counted from far below.
        TimeStep::Week => "(intDiv(day + 7000003, 7) - 1000000)".to_owned(),
        TimeStep::Day => "day".to_owned(),
    }
}

/// The SQL of the parent of a cell at `resolution`.
fn hexagon_expression(resolution: u8) -> String {
    let Some((lowered, digits)) = parent_of_hexagon(resolution) else {
        return "h3".to_owned();
    };
    format!("if(h3 = 0, toInt64(0), toInt64(bitOr(h3 - {lowered}, {digits})))")
}

/// The condition that all of `conditions` let a line through.
fn condition(conditions: &[Condition]) -> String {
    let mut all = Vec::new();
    for condition in conditions {
        match condition {
            Condition::In(_, numbers) if numbers.is_empty() => return "0".to_owned(),
            Condition::In(level, numbers) => {
                all.push(format!("{} IN ({})", expression(*level), list(numbers)));
            }
            Condition::NotIn(_, numbers) if numbers.is_empty() => {}
            Condition::NotIn(level, numbers) => {
                all.push(format!("{} NOT IN ({})", expression(*level), list(numbers)));
            }
            Condition::Between(step, from, to) => {
                let expression = time_expression(*step);
                all.extend(from.map(|from| format!("{expression} >= {from}")));
                all.extend(to.map(|to| format!("{expression} <= {to}")));
            }
        }
    }
    if all.is_empty() {
        return "1".to_owned();
    }
    all.join(" AND ")
}

fn list(numbers: &[i64]) -> String {
    let numbers: Vec<String> = numbers.iter().map(i64::to_string).collect();
    numbers.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(parts: Vec<Part>, conditions: Vec<Condition>) -> Scan {
        Scan {
            levels: vec![CubeLevel::Category, CubeLevel::Time(TimeStep::Week)],
            sets: vec![0b11, 0b10, 0],
            parts,
            conditions,
            money: None,
            most: 10,
        }
    }

    #[track_caller]
    fn check(set: u32, parts: &[Part], conditions: &[Condition], expected: &str) {
        let scan = scan(parts.to_vec(), conditions.to_vec());
        let values: Vec<Values> = parts.iter().map(|part| values(*part, None)).collect();
        assert_eq!(statement(&scan, set, &values, "t", 10), expected);
    }

    #[test]
    fn a_grouping_is_a_statement() {
        check(
            0b10,
            &[Part::Customers],
            &[],
            "SELECT count(), toInt64((intDiv(day + 7000003, 7) - 1000000)) AS l1, \
             toInt64(uniqExactIf(account, account != 0)) FROM `t` WHERE 1 GROUP BY l1 LIMIT 10",
        );
        check(
            0,
            &[Part::Revenue],
            &[
                Condition::In(CubeLevel::Rep, vec![1, 2]),
                Condition::NotIn(CubeLevel::Product, Vec::new()),
                Condition::Between(TimeStep::Day, Some(-3), None),
            ],
            "SELECT count(), toInt64(sum(bitShiftRight(revenue, 32))), \
             toInt64(sum(bitAnd(revenue, 4294967295))) FROM `t` \
             WHERE rep IN (1, 2) AND day >= -3 LIMIT 10",
        );
        check(
            0,
            &[Part::Lines],
            &[Condition::In(CubeLevel::Rep, Vec::new())],
            "SELECT count(), toInt64(count()) FROM `t` WHERE 0 LIMIT 10",
        );
    }

    #[test]
    fn halves_become_sums() {
        let parts = [values(Part::Revenue, None), values(Part::Lines, None)];
        for number in [0, 1, -1, i64::MAX, i64::MIN, -5_000_000_000] {
            let row = [number >> 32, number & 0xFFFF_FFFF, 7];
            assert_eq!(joined(&parts, &row).unwrap(), [number, 7]);
        }
        // Three lines of half the largest number.
        let half = i64::MAX / 2;
        let row = [3 * (half >> 32), 3 * (half & 0xFFFF_FFFF), 3];
        assert!(matches!(joined(&parts, &row), Err(Error::SumTooLarge)));
    }
}
