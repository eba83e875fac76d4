//! An answer as columns and rows.

use super::lines::digits_of;
use super::value::{Column, Kind, Value, tell_apart};
use super::words::Names;
use crate::cube::{
    Answer, Axis, Cell, CubeLevel, Figure, Question, TimeStep, Unit, float, rounded,
};

/// The columns of an answer.
pub(super) struct Table<'a> {
    pub(super) answer: &'a Answer,
    pub(super) question: &'a Question,
    names: &'a Names<'a>,
    columns: Vec<Column>,
    /// Places of the money where the row names no currency.
    digits: u32,
}

impl<'a> Table<'a> {
    pub(super) fn of(question: &'a Question, answer: &'a Answer, names: &'a Names<'a>) -> Self {
        let mut table = Self {
            answer,
            question,
            names,
            columns: Vec::new(),
            digits: answer.currency.as_deref().map_or(2, digits_of),
        };
        let rows = 0..answer.rows.len();
        let most = rows.map(|row| table.digits_of_row(row)).max();
        let money = most.unwrap_or(table.digits).max(table.digits);
        let mut columns = Vec::new();
        for place in 0..question.axes.len() {
            columns.extend(table.axis_columns(place));
        }
        for figure in &question.figures {
            columns.push(Column {
                heading: table.heading(figure),
                kind: kind_of(figure.unit(), money),
            });
        }
        tell_apart(&mut columns);
        table.columns = columns;
        table
    }

    pub(super) fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// How many columns stand before those of the figures.
    pub(super) fn head(&self) -> usize {
        self.columns.len() - self.question.figures.len()
    }

    /// The values of a row, one a column.
    pub(super) fn row(&self, row: usize) -> Vec<Value> {
        let mut values = Vec::with_capacity(self.columns.len());
        for (place, axis) in self.question.axes.iter().enumerate() {
            let key = self.key(row, place);
            let level = self.level(row, place);
            if is_opened(axis) {
                let word = level.map(|level| self.names.level(level));
                values.push(Value::text(word.unwrap_or_default()));
            }
            if has_one_column(axis) {
                values.push(match self.columns[values.len()].kind {
                    Kind::Day => key.parse().map_or(Value::None, Value::Day),
                    _ => Value::text(key),
                });
            } else {
                let known = level.and_then(|level| self.answer.members.get(level.id()));
                let name = known.and_then(|names| names.get(key));
                let name = name.map_or("", String::as_str);
                values.push(Value::text(key));
                values.push(Value::text(self.names.member(level, key, name)));
            }
        }
        let digits = self.digits_of_row(row);
        let cells = &self.answer.rows[row][self.question.axes.len()..];
        for (figure, cell) in self.question.figures.iter().zip(cells) {
            values.push(value_of(cell, figure.unit(), digits));
        }
        values
    }

    /// Each figure over all lines: its name, what it is and its value.
    pub(super) fn totals(&self) -> impl Iterator<Item = (String, Kind, Value)> {
        self.question.figures.iter().filter_map(|figure| {
            let cell = self.answer.total.get(&figure.id())?;
            let value = value_of(cell, figure.unit(), self.digits);
            let kind = kind_of(figure.unit(), self.digits);
            Some((self.heading(figure), kind, value))
        })
    }

    /// The name of a figure, with the currency where it is money.
    fn heading(&self, figure: &Figure) -> String {
        let name = self.names.figure(figure);
        match &self.answer.currency {
            Some(currency) if figure.unit() == Unit::Money => format!("{name} ({currency})"),
            _ => name,
        }
    }

    fn axis_columns(&self, place: usize) -> Vec<Column> {
        let axis = &self.question.axes[place];
        let (name, words) = (self.names.level(axis.level), self.names.words());
        let text = |heading: String| Column {
            heading,
            kind: Kind::Text,
        };
        let mut columns = Vec::new();
        if is_opened(axis) {
            columns.push(text(format!("{name} ({})", words.level)));
        }
        if has_one_column(axis) {
            let mut rows = 0..self.answer.rows.len();
            let is_day = axis.level == CubeLevel::Time(TimeStep::Day)
                && rows.all(|row| self.key(row, place).parse::<jiff::civil::Date>().is_ok());
            columns.push(Column {
                heading: name,
                kind: if is_day { Kind::Day } else { Kind::Text },
            });
        } else {
            columns.push(text(format!("{name} ({})", words.key)));
            columns.push(text(name));
        }
        columns
    }

    /// The key of the member of a row.
    pub(super) fn key(&self, row: usize, place: usize) -> &'a str {
        match self.answer.rows[row].get(place) {
            Some(Cell::Key(key)) => key,
            _ => "",
        }
    }

    /// The level that the member of a row is of; none for what stands together as others.
    pub(super) fn level(&self, row: usize, place: usize) -> Option<CubeLevel> {
        let axis = &self.question.axes[place];
        match self.answer.origins.get(row).and_then(|row| row.get(place)) {
            None => Some(axis.level),
            Some(origin) => {
                let word = origin.level.as_deref()?;
                CubeLevel::parse(word).ok()
            }
        }
    }

    /// Places of the money of a row: of its currency where the rows are split by currency and not
    /// converted to one.
    fn digits_of_row(&self, row: usize) -> u32 {
        if self.answer.currency.is_some() {
            return self.digits;
        }
        let split = |axis: &Axis| axis.level == CubeLevel::Currency;
        let Some(place) = self.question.axes.iter().position(split) else {
            return self.digits;
        };
        let origin = self.answer.origins.get(row).and_then(|row| row.get(place));
        let opened = origin.and_then(|origin| origin.within.first());
        digits_of(opened.map_or(self.key(row, place), String::as_str))
    }
}

fn is_opened(axis: &Axis) -> bool {
    !axis.opened.is_empty()
}

/// Keys of time and of hexagons are names too.
fn has_one_column(axis: &Axis) -> bool {
    matches!(axis.level, CubeLevel::Time(_) | CubeLevel::Hexagon(_)) && !is_opened(axis)
}

fn kind_of(unit: Unit, digits: u32) -> Kind {
    match unit {
        Unit::Money => Kind::Money(digits),
        Unit::Count => Kind::Count,
        Unit::Quantity => Kind::Quantity,
        Unit::Share => Kind::Share,
        Unit::Number => Kind::Number,
        Unit::Day => Kind::Day,
        Unit::Class => Kind::Text,
    }
}

fn value_of(cell: &Cell, unit: Unit, digits: u32) -> Value {
    match (cell, unit) {
        (Cell::None, _) => Value::None,
        (Cell::Integer(minor), Unit::Money) => Value::Fixed(*minor, digits),
        (Cell::Decimal(minor), Unit::Money) => Value::Fixed(rounded(*minor), digits),
        (Cell::Integer(units), Unit::Quantity) => Value::milli(units.saturating_mul(1_000)),
        (Cell::Decimal(units), Unit::Quantity) => Value::milli(rounded(units * 1_000.0)),
        (Cell::Integer(number), Unit::Share | Unit::Number) => Value::Number(float(*number)),
        (Cell::Integer(count), _) => Value::Count(*count),
        (Cell::Decimal(number), Unit::Count) => Value::Count(rounded(*number)),
        (Cell::Decimal(number), _) => Value::Number(*number),
        (Cell::Key(day), Unit::Day) => day.parse().map_or(Value::None, Value::Day),
        (Cell::Key(class), _) => Value::text(class),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::export::Language;

    #[track_caller]
    fn check(currency: Option<&str>, expected: &[Value]) {
        let question = json!({"measures": ["revenue"], "rows": ["sale.currency"]});
        let question = Question::parse(question.to_string().as_bytes()).unwrap();
        let answer = json!({
            "columns": [], "rows": [["EUR", 1050], ["JPY", 2000]], "members": {}, "total": {},
            "row_count": 2, "currency": currency, "version": "1",
        });
        let answer: Answer = serde_json::from_value(answer).unwrap();
        let names = Names::of(Language::English, &[]);
        let table = Table::of(&question, &answer, &names);
        let money: Vec<Value> = (0..2).map(|row| table.row(row)[2].clone()).collect();
        assert_eq!(money, expected);
    }

    #[test]
    fn money_has_the_places_of_the_currency_that_it_is_in() {
        check(None, &[Value::Fixed(1050, 2), Value::Fixed(2000, 0)]);
        // Converted: what was bought in yen is told in euros too.
        check(Some("EUR"), &[Value::Fixed(1050, 2), Value::Fixed(2000, 2)]);
    }
}
