//! How the numbers and dates of a file are written, found from its first rows and, where those
//! leave it open, from all of them.

use std::ops::ControlFlow;

use super::date::{self, DateStyle};
use super::error::Error;
use super::field::Columns;
use super::number::{self, Decimal, NumberStyle};
use super::table::Table;

/// Rows that are looked at in any case.
const SAMPLE_ROWS: u64 = 1_000;

/// The styles of the columns that hold numbers and dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Styles {
    /// Of the quantity.
    pub quantity: NumberStyle,
    /// Of the net amount.
    pub amount: NumberStyle,
    /// Of the cost.
    pub cost: NumberStyle,
    /// Of the date.
    pub date: DateStyle,
}

#[derive(Default)]
struct Numbers {
    points: u64,
    commas: u64,
    ambiguous: u64,
}

#[derive(Default)]
struct Dates {
    day_first: u64,
    month_first: u64,
    ambiguous: u64,
    dotted: u64,
}

impl Styles {
    /// The styles of a table of sales.
    ///
    /// The first 1,000 rows are weighed. When all that a column shows in them can be read in two
    /// ways (`1.234`, `3/4/2025`), the rows after them are weighed as well, until one decides: a
    /// file sorted by date may begin with a thousand lines of the third of April. What remains
    /// open is decided by the other columns, and then by the delimiter: a semicolon goes with
    /// the decimal comma. Dates have the month first only when a value proves it.
    pub fn of(table: &mut Table, columns: &Columns) -> Result<Self, Error> {
        let numbers = ["quantity", "net_amount", "cost"].map(|field| columns.get(field));
        let date = columns.get("date");
        let mut tallies: [Numbers; 3] = Default::default();
        let mut dates = Dates::default();
        let mut rows = 0;
        table.each_row(&mut |row| {
            for (tally, column) in tallies.iter_mut().zip(numbers) {
                if let Some(column) = column {
                    tally.add(number::evidence(row.cell(column)));
                }
            }
            if let Some(column) = date {
                dates.add(date::evidence(row.cell(column)));
            }
            rows += 1;
            if rows >= SAMPLE_ROWS && !dates.is_open() && !tallies.iter().any(Numbers::is_open) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
        let sum = |count: fn(&Numbers) -> u64| tallies.iter().map(count).sum::<u64>();
        let (points, commas) = (sum(|t| t.points), sum(|t| t.commas));
        let comma = if points == commas {
            table.leans_to_comma() || dates.dotted > 0
        } else {
            commas > points
        };
        let [quantity, amount, cost] = tallies.map(|tally| tally.style(comma));
        let month_first = dates.month_first > dates.day_first;
        Ok(Self {
            quantity,
            amount,
            cost,
            date: DateStyle { month_first },
        })
    }
}

impl Numbers {
    fn add(&mut self, evidence: number::Evidence) {
        match evidence {
            number::Evidence::Proof(Decimal::Point) => self.points += 1,
            number::Evidence::Proof(Decimal::Comma) => self.commas += 1,
            number::Evidence::Ambiguous => self.ambiguous += 1,
            number::Evidence::Neutral => {}
        }
    }

    fn is_open(&self) -> bool {
        self.points + self.commas == 0 && self.ambiguous > 0
    }

    fn style(&self, comma: bool) -> NumberStyle {
        let proved = self.points != self.commas;
        let comma = if proved {
            self.commas > self.points
        } else {
            comma
        };
        NumberStyle {
            decimal: if comma {
                Decimal::Comma
            } else {
                Decimal::Point
            },
            proved,
        }
    }
}

impl Dates {
    fn add(&mut self, evidence: date::Evidence) {
        match evidence {
            date::Evidence::DayFirst => self.day_first += 1,
            date::Evidence::MonthFirst => self.month_first += 1,
            date::Evidence::Ambiguous => self.ambiguous += 1,
            date::Evidence::Dotted => self.dotted += 1,
            date::Evidence::Neutral => {}
        }
    }

    fn is_open(&self) -> bool {
        self.day_first + self.month_first + self.dotted == 0 && self.ambiguous > 0
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use crate::import::field::{Kind, Mapping};

    #[track_caller]
    fn check(lines: &[&str], expected: &str) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(
            file.path(),
            format!("date|quantity|net_amount\n{}\n", lines.join("\n")),
        )
        .unwrap();
        let mut table = Table::open(file.path(), "a.csv", &|_| true).unwrap();
        let mapping = Mapping::recognise(&table.headings, Kind::Sales);
        let columns = Columns::of(&mapping, Kind::Sales, &table.headings, "a.csv").unwrap();
        let styles = Styles::of(&mut table, &columns).unwrap();
        let mut found = String::new();
        for style in [styles.quantity, styles.amount] {
            let proved = if style.proved { "" } else { "?" };
            write!(found, "{:?}{proved} ", style.decimal).unwrap();
        }
        let first = if styles.date.month_first {
            "month"
        } else {
            "day"
        };
        assert_eq!(found + first, expected);
    }

    #[test]
    fn columns_decide_for_themselves() {
        check(&["2025-01-01|1.500|12,50"], "Comma? Comma day");
        check(
            &["2025-01-01|1.5|12,50", "2025-01-01|2.5|13,50"],
            "Point Comma day",
        );
        check(
            &["2025-01-01|1|1.234", "2025-01-01|2|5.678"],
            "Point? Point? day",
        );
        check(&["31.12.2025|1|1.234"], "Comma? Comma? day");
        check(
            &["12/31/2025|1|1,234", "1/2/2025|1|1.5"],
            "Point? Point month",
        );
        check(&["1/2/2025|1|12"], "Point? Point? day");
    }

    #[test]
    fn proof_is_sought_beyond_the_sample() {
        let mut lines = vec!["3/4/2025|1|1,234"; 3_000];
        lines.push("3/14/2025|1|2,345.50");
        check(&lines, "Point? Point month");
    }
}
