//! What stands in the cells of an export, and what a column holds.

use jiff::civil::Date;

use crate::cube::float;

/// A column of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) heading: String,
    pub(super) kind: Kind,
}

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Day,
    /// A whole number.
    Count,
    /// Money in major units with so many places at most.
    Money(u32),
    /// A number with up to three places.
    Quantity,
    /// A part of a whole: 0.25 is 25 %.
    Share,
    /// A plain number with decimals.
    Number,
}

/// Places of a quantity.
pub(super) const QUANTITY_DIGITS: u32 = 3;

/// The value of a cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    None,
    Text(String),
    Day(Date),
    Count(i64),
    /// So many units of the last place, and how many places there are: 12.50 is 1250 with 2.
    Fixed(i64, u32),
    Number(f64),
}

impl Value {
    /// A text; none where it is empty.
    pub(super) fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() {
            Self::None
        } else {
            Self::Text(text)
        }
    }

    /// A quantity in thousandths.
    pub(super) fn milli(milli: i64) -> Self {
        Self::Fixed(milli, QUANTITY_DIGITS)
    }

    /// The number that it is; none for texts and days.
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Count(value) => Some(float(*value)),
            Self::Fixed(value, digits) => Some(float(*value) / 10_f64.powi(whole(*digits))),
            Self::Number(value) => Some(*value),
            Self::None | Self::Text(_) | Self::Day(_) => None,
        }
    }
}

/// Makes the headings of `columns` different from each other, in any case of letters.
pub(super) fn tell_apart(columns: &mut [Column]) {
    for index in 1..columns.len() {
        let (before, rest) = columns.split_at_mut(index);
        let is_taken = |heading: &str| {
            let folded = heading.to_lowercase();
            before
                .iter()
                .any(|other| other.heading.to_lowercase() == folded)
        };
        let column = &mut rest[0];
        let plain = column.heading.clone();
        for number in 2.. {
            if !is_taken(&column.heading) {
                break;
            }
            column.heading = format!("{plain} {number}");
        }
    }
}

/// A fixed number as text: `1234.50`, with `point` before its places. Without places where it is
/// `trimmed` and they are 0.
pub(super) fn fixed_text(value: i64, digits: u32, point: char, trimmed: bool) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let unit = 10_u64.pow(digits.min(18));
    let size = value.unsigned_abs();
    let (major, minor) = (size / unit, size % unit);
    let places = usize::try_from(digits).unwrap_or_default();
    let mut minor = format!("{minor:0places$}");
    if trimmed {
        minor.truncate(minor.trim_end_matches('0').len());
    }
    if digits == 0 || minor.is_empty() {
        return format!("{sign}{major}");
    }
    format!("{sign}{major}{point}{minor}")
}

fn whole(digits: u32) -> i32 {
    i32::try_from(digits).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: i64, digits: u32, trimmed: bool, expected: &str) {
        assert_eq!(fixed_text(value, digits, '.', trimmed), expected);
    }

    #[test]
    fn fixed_numbers_are_written_exactly() {
        check(123_450, 2, false, "1234.50");
        check(-5, 2, false, "-0.05");
        check(1_000, 0, false, "1000");
        check(30_000, 3, true, "30");
        check(-2_500, 3, true, "-2.5");
        check(0, 3, true, "0");
        check(i64::MIN, 2, false, "-92233720368547758.08");
        assert_eq!(Value::Fixed(-150, 2).number(), Some(-1.5));
    }

    #[test]
    fn headings_are_told_apart() {
        let column = |heading: &str| Column {
            heading: heading.to_owned(),
            kind: Kind::Text,
        };
        let mut columns = ["Kreis", "kreis", "Kreis", "Tag"].map(column);
        tell_apart(&mut columns);
        let headings = columns.map(|column| column.heading);
        assert_eq!(headings, ["Kreis", "kreis 2", "Kreis 3", "Tag"]);
    }
}
