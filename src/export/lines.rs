//! The lines behind a cell as rows.

use super::Language;
use super::value::{Column, Kind, Value, tell_apart};
use crate::cube::{Cell, Line, rounded};
use crate::record::money::Currency;

/// The columns of lines.
pub(super) struct Sheet {
    columns: Vec<Column>,
}

impl Sheet {
    /// The columns of lines in `currencies`.
    pub(super) fn of(currencies: &[String], language: Language) -> Self {
        let digits = currencies.iter().map(|code| digits_of(code)).max();
        let money = Kind::Money(digits.unwrap_or(2));
        let kinds = [
            Kind::Text,
            Kind::Text,
            Kind::Day,
            Kind::Text,
            Kind::Text,
            Kind::Text,
            Kind::Text,
            Kind::Text,
            Kind::Quantity,
            money,
            money,
            Kind::Text,
        ];
        let headings = language.words().line;
        let columns = headings.iter().zip(kinds).map(|(heading, kind)| Column {
            heading: (*heading).to_owned(),
            kind,
        });
        let mut columns: Vec<Column> = columns.collect();
        tell_apart(&mut columns);
        Self { columns }
    }

    pub(super) fn columns(&self) -> &[Column] {
        &self.columns
    }

    pub(super) fn row(&self, line: Line) -> Vec<Value> {
        debug_assert_eq!(self.columns.len(), 12);
        let digits = digits_of(&line.currency);
        let milli = match line.units {
            Cell::Integer(units) => units.saturating_mul(1_000),
            Cell::Decimal(units) => rounded(units * 1_000.0),
            Cell::None | Cell::Key(_) => 0,
        };
        vec![
            Value::text(line.order),
            Value::text(line.line),
            line.day.parse().map_or(Value::None, Value::Day),
            Value::text(line.account),
            Value::text(line.account_name),
            Value::text(line.product),
            Value::text(line.category),
            Value::text(line.rep),
            Value::milli(milli),
            Value::Fixed(line.revenue, digits),
            line.cost
                .map_or(Value::None, |cost| Value::Fixed(cost, digits)),
            Value::text(line.currency),
        ]
    }
}

/// Places of the money of a currency; 2 where it is unknown.
pub(super) fn digits_of(code: &str) -> u32 {
    Currency::parse(code).map_or(2, Currency::digits)
}
