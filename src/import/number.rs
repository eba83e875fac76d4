//! Decimal numbers as people write them, exactly: `1.234,56 €`, `(123.45)`, `1'234.50`, `12,5-`.

use super::table::Cell;
use crate::record::money::Currency;

/// The sign before the decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decimal {
    /// `1,234.56`
    Point,
    /// `1.234,56`
    Comma,
}

/// How the numbers of a column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NumberStyle {
    /// The decimal sign.
    pub decimal: Decimal,
    /// Whether a value of the column proves it. Else a cell that can be read in one way only
    /// is read that way.
    pub proved: bool,
}

/// What one cell tells of the style of its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evidence {
    /// It can only be read with this decimal sign.
    Proof(Decimal),
    /// `1.234` may be a thousand or one and a bit.
    Ambiguous,
    /// No separator at all.
    Neutral,
}

/// A number as it was written: `mantissa` × 10^-`scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    mantissa: i128,
    scale: u32,
    /// The currency written beside it.
    pub currency: Option<Currency>,
}

/// Why a cell is no number; shown behind the quoted value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NumberError {
    /// There are other signs in it, or none.
    #[error("is not a number")]
    NotANumber,
    /// It fits only the other decimal sign than its column has.
    #[error("does not fit the decimal {} of its column", match .0 { Decimal::Point => "point", Decimal::Comma => "comma" })]
    OtherStyle(Decimal),
    /// It has more digits than any amount.
    #[error("is too large")]
    TooLarge,
}

impl Number {
    /// The number in units of 10^-`digits`, rounded half away from zero, and whether that is
    /// exact; `None` when it does not fit.
    pub fn in_units(self, digits: u32) -> Option<(i64, bool)> {
        let (value, exact) = if self.scale <= digits {
            let factor = 10_i128.checked_pow(digits - self.scale)?;
            (self.mantissa.checked_mul(factor)?, true)
        } else {
            let divisor = 10_i128.checked_pow(self.scale - digits)?;
            let (quotient, rest) = (self.mantissa / divisor, self.mantissa % divisor);
            let away = i128::from(rest.abs() * 2 >= divisor) * rest.signum();
            (quotient + away, rest == 0)
        };
        Some((i64::try_from(value).ok()?, exact))
    }
}

/// The number in `cell`, read in the style of its column. Numbers that a workbook stores as such
/// have a decimal point whatever the column holds.
pub(super) fn parse(cell: Cell<'_>, style: NumberStyle) -> Result<Number, NumberError> {
    if let Some(number) = parse_plain(cell, style) {
        return Ok(number);
    }
    let parts = Parts::split(cell.text)?;
    let decimal = match (cell.typed, evidence_of(parts.body)) {
        (true, _) => Decimal::Point,
        (false, Evidence::Proof(decimal)) if style.proved && decimal != style.decimal => {
            return Err(NumberError::OtherStyle(style.decimal));
        }
        (false, Evidence::Proof(decimal)) => decimal,
        (false, _) => style.decimal,
    };
    let (mantissa, scale) = digits(parts.body, decimal)?;
    Ok(Number {
        mantissa: if parts.negative { -mantissa } else { mantissa },
        scale,
        currency: parts.currency,
    })
}

/// What `cell` tells of the style of its column; nothing when it is no number.
pub(super) fn evidence(cell: Cell<'_>) -> Evidence {
    match Parts::split(cell.text) {
        Ok(parts) if !cell.typed => evidence_of(parts.body),
        _ => Evidence::Neutral,
    }
}

/// The quick way for the usual cell: digits with at most one separator that must be decimal.
fn parse_plain(cell: Cell<'_>, style: NumberStyle) -> Option<Number> {
    let bytes = cell.text.as_bytes();
    let (negative, body) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, bytes),
    };
    if body.is_empty() || body.len() > 18 {
        return None;
    }
    let sign = if cell.typed || style.decimal == Decimal::Point {
        b'.'
    } else {
        b','
    };
    let (mut mantissa, mut point) = (0_i64, None);
    for (at, byte) in body.iter().enumerate() {
        match byte {
            b'0'..=b'9' => mantissa = mantissa * 10 + i64::from(byte - b'0'),
            _ if *byte == sign && point.is_none() && at > 0 => point = Some(at),
            _ => return None,
        }
    }
    let scale = point.map_or(0, |at| body.len() - at - 1);
    let sure = cell.typed || style.proved || scale != 3;
    (sure && (point.is_none() || scale > 0)).then(|| Number {
        mantissa: i128::from(if negative { -mantissa } else { mantissa }),
        scale: u32::try_from(scale).unwrap_or_default(),
        currency: None,
    })
}

/// A written number without what stands around its digits.
struct Parts<'a> {
    body: &'a str,
    negative: bool,
    currency: Option<Currency>,
}

impl<'a> Parts<'a> {
    fn split(text: &'a str) -> Result<Self, NumberError> {
        let mut text = text.trim();
        let mut minuses = 0;
        if let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
            (text, minuses) = (inner, 1);
        }
        let first = text.find(is_digit).ok_or(NumberError::NotANumber)?;
        let last = text.rfind(is_digit).ok_or(NumberError::NotANumber)?;
        // In ",5" the separator belongs to the number, in "Fr.5" to the word.
        let mut before = text[..first].chars().rev();
        let pointed = before.next().is_some_and(|c| matches!(c, '.' | ','))
            && !before.next().is_some_and(char::is_alphabetic);
        let start = first - usize::from(pointed);
        // Dashes behind a separator stand for no cents: "12,-".
        let after = &text[last + 1..];
        let (end, after) = match after.strip_prefix(['.', ',']) {
            Some(rest) => (last + 2, rest.trim_start_matches(['-', '–', '—'])),
            None => (last + 1, after),
        };
        Self::around(&text[start..end], [&text[..start], after], minuses)
    }

    fn around(body: &'a str, sides: [&str; 2], mut minuses: usize) -> Result<Self, NumberError> {
        let mut mark = String::new();
        let mut marks = 0;
        for side in sides {
            let word: String = side
                .chars()
                .filter(|c| !c.is_whitespace() && !is_sign(*c))
                .collect();
            minuses += side.matches(is_minus).count();
            marks += u32::from(!word.is_empty());
            mark.push_str(&word);
        }
        let currency = match mark.as_str() {
            "" => None,
            "Fr" | "Fr." | "SFr" | "SFr." => Currency::parse("CHF").ok(),
            word => Some(Currency::parse(word).map_err(|_| NumberError::NotANumber)?),
        };
        if minuses > 1 || marks > 1 {
            return Err(NumberError::NotANumber);
        }
        Ok(Self {
            body,
            negative: minuses == 1,
            currency,
        })
    }
}

/// `body` starts and ends with a digit or a separator.
fn evidence_of(body: &str) -> Evidence {
    let (points, commas) = (body.matches('.').count(), body.matches(',').count());
    let other = |decimal| match decimal {
        Decimal::Point => Decimal::Comma,
        Decimal::Comma => Decimal::Point,
    };
    let (count, sign, written) = match (points, commas) {
        (0, 0) => return Evidence::Neutral,
        (_, 0) => (points, '.', Decimal::Point),
        (0, _) => (commas, ',', Decimal::Comma),
        _ if body.rfind('.') > body.rfind(',') => return Evidence::Proof(Decimal::Point),
        _ => return Evidence::Proof(Decimal::Comma),
    };
    if count > 1 {
        return Evidence::Proof(other(written));
    }
    let (before, after) = body.split_once(sign).unwrap_or((body, ""));
    let could_group = after.len() == 3
        && (1..=3).contains(&before.len())
        && !before.starts_with('0')
        && before.bytes().all(|byte| byte.is_ascii_digit());
    if could_group {
        Evidence::Ambiguous
    } else {
        Evidence::Proof(written)
    }
}

/// Mantissa and scale of `body`; groups must have three digits and one sort of separator.
fn digits(body: &str, decimal: Decimal) -> Result<(i128, u32), NumberError> {
    let (sign, group) = match decimal {
        Decimal::Point => ('.', ','),
        Decimal::Comma => (',', '.'),
    };
    let (whole, fraction) = body.split_once(sign).unwrap_or((body, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NumberError::NotANumber);
    }
    let separator = whole.chars().find(|c| !is_digit(*c));
    if let Some(separator) = separator {
        let known =
            separator == group || matches!(separator, '\'' | '’') || separator.is_whitespace();
        let mut groups = whole.split(separator);
        let first = groups.next().unwrap_or_default();
        let shaped = (1..=3).contains(&first.len())
            && groups.all(|g| g.len() == 3 && g.bytes().all(|byte| byte.is_ascii_digit()));
        if !known || !shaped {
            return Err(NumberError::NotANumber);
        }
    }
    let mut mantissa = 0_i128;
    for digit in whole
        .chars()
        .chain(fraction.chars())
        .filter_map(|c| c.to_digit(10))
    {
        mantissa = mantissa
            .checked_mul(10)
            .and_then(|m| m.checked_add(i128::from(digit)))
            .ok_or(NumberError::TooLarge)?;
    }
    let scale = u32::try_from(fraction.len()).map_err(|_| NumberError::TooLarge)?;
    Ok((mantissa, scale))
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

fn is_minus(c: char) -> bool {
    matches!(c, '-' | '\u{2212}' | '–')
}

fn is_sign(c: char) -> bool {
    is_minus(c) || c == '+'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, decimal: Decimal, proved: bool) -> String {
        let cell = Cell { text, typed: false };
        match parse(cell, NumberStyle { decimal, proved }) {
            Ok(number) => match number.in_units(2) {
                Some((units, true)) => format!("{units}"),
                Some((units, false)) => format!("{units} rounded"),
                None => "too large".to_owned(),
            },
            Err(error) => error.to_string(),
        }
    }

    #[track_caller]
    fn check(text: &str, decimal: Decimal, expected: &str) {
        assert_eq!(read(text, decimal, true), expected, "{text}");
        if !expected.starts_with("does not") {
            assert_eq!(read(text, decimal, false), expected, "{text}, not proved");
        }
    }

    #[test]
    fn numbers_are_read_with_a_decimal_comma() {
        use Decimal::Comma;
        check("12", Comma, "1200");
        check("-12,5", Comma, "-1250");
        check("−12,5", Comma, "-1250");
        check("12,5-", Comma, "-1250");
        check("+12,5", Comma, "1250");
        check("1.234,56 €", Comma, "123456");
        check("€ -1.234,56", Comma, "-123456");
        check("-EUR 1.234,56", Comma, "-123456");
        check("1 234,56", Comma, "123456");
        check("1\u{202f}234\u{202f}567,8", Comma, "123456780");
        check("1.234", Comma, "123400");
        check("1.234.567", Comma, "123456700");
        check(",5", Comma, "50");
        check("-,5", Comma, "-50");
        check("5,", Comma, "500");
        check("12,-", Comma, "1200");
        check("12,-- €", Comma, "1200");
        check("12,–", Comma, "1200");
        check("0,005", Comma, "1 rounded");
        check("-0,005", Comma, "-1 rounded");
        check("0,0049", Comma, "0 rounded");
        check("0,5000", Comma, "50");
        check(
            "12.50",
            Comma,
            "does not fit the decimal comma of its column",
        );
        check(
            "1,234.56",
            Comma,
            "does not fit the decimal comma of its column",
        );
    }

    #[test]
    fn numbers_are_read_with_a_decimal_point() {
        use Decimal::Point;
        check("168.00", Point, "16800");
        check("(123.45)", Point, "-12345");
        check("$1,234.56", Point, "123456");
        check("(US$ 1,234.56)", Point, "-123456");
        check("1'234.50", Point, "123450");
        check("1’234’567.50", Point, "123456750");
        check("Fr. 12.50", Point, "1250");
        check("CHF 12.–", Point, "1200");
        check("1,234", Point, "123400");
        check(".5", Point, "50");
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "", "-", "abc", "--5", "(-5)", "1.2.3", "1,23,4", "12 Stk", "€5€", "1 23", "5 5 5",
            "1e5", "0x10", "(5", "1'23", "٣", ".", ",-", "5 - 3",
        ] {
            let found = read(text, Decimal::Comma, false);
            assert_eq!(found, "is not a number", "{text}");
        }
        check(&"9".repeat(40), Decimal::Comma, "is too large");
        check(&"9".repeat(30), Decimal::Comma, "too large");
        check(
            "92233720368547758,07",
            Decimal::Comma,
            "9223372036854775807",
        );
        check("92233720368547758,08", Decimal::Comma, "too large");
        check(
            "-92233720368547758,08",
            Decimal::Comma,
            "-9223372036854775808",
        );
    }

    #[test]
    fn an_unproved_style_yields_to_the_cell() {
        assert_eq!(read("12.50", Decimal::Comma, false), "1250");
        assert_eq!(read("1.250", Decimal::Comma, false), "125000");
        assert_eq!(read("1,250", Decimal::Comma, false), "125");
    }

    #[test]
    fn numbers_of_workbooks_have_a_point() {
        let cell = Cell {
            text: "1234.567",
            typed: true,
        };
        let style = NumberStyle {
            decimal: Decimal::Comma,
            proved: true,
        };
        assert_eq!(
            parse(cell, style).unwrap().in_units(3),
            Some((1_234_567, true))
        );
    }

    #[test]
    fn evidence_is_weighed() {
        for (text, expected) in [
            ("1.234", Evidence::Ambiguous),
            ("12,345 €", Evidence::Ambiguous),
            ("1234.567", Evidence::Proof(Decimal::Point)),
            ("0,125", Evidence::Proof(Decimal::Comma)),
            ("1 234,567", Evidence::Proof(Decimal::Comma)),
            ("1.234.567", Evidence::Proof(Decimal::Comma)),
            ("1.234,5", Evidence::Proof(Decimal::Comma)),
            ("12", Evidence::Neutral),
            ("keine", Evidence::Neutral),
        ] {
            assert_eq!(evidence(Cell { text, typed: false }), expected, "{text}");
        }
    }
}
