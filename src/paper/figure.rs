//! Figures as people of a language write them. Digits are grouped by three; the minus is a real one.

use super::Language;
use crate::cube::{Cell, Unit, float, rounded};
use crate::record::money::Currency;

/// What stands for no value.
pub(super) const NOTHING: &str = "–";

/// A space at which no line is broken.
const SPACE: char = '\u{a0}';

/// Figures in one language, with money in minor units of one currency.
#[derive(Debug, Clone)]
pub(super) struct Figures {
    language: Language,
    currency: Option<Currency>,
}

/// A power of thousand that figures are given in, and so many digits behind the point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    divisor: f64,
    word: &'static str,
    decimals: usize,
}

impl Figures {
    /// Figures in `language`, with money of the ISO 4217 code `currency`.
    pub(super) fn of(language: Language, currency: Option<&str>) -> Self {
        Self {
            language,
            currency: currency.and_then(|code| Currency::parse(code).ok()),
        }
    }

    /// A cell as exactly as it is known.
    pub(super) fn exact(&self, cell: &Cell, unit: Unit) -> String {
        let value = match cell {
            Cell::None => return NOTHING.to_owned(),
            Cell::Key(day) if unit == Unit::Day => return self.day(day),
            Cell::Key(class) => return class.clone(),
            Cell::Integer(value) => float(*value),
            Cell::Decimal(value) => *value,
        };
        match (cell, unit) {
            (Cell::Integer(minor), Unit::Money) => self.with_symbol(&self.fixed(*minor)),
            (_, Unit::Money) => self.with_symbol(&self.fixed(rounded(value))),
            (_, Unit::Share) => self.percent(value, 1),
            (Cell::Integer(count), _) => self.grouped(*count),
            (_, Unit::Number) => self.number(value, 2),
            _ => self.trimmed(value, 3),
        }
    }

    /// The same without the symbol of its currency, for a column that names it in its heading.
    pub(super) fn bare(&self, cell: &Cell, unit: Unit) -> String {
        let text = self.exact(cell, unit);
        let symbol = self.symbol();
        if unit != Unit::Money || symbol.is_empty() {
            return text;
        }
        let bare = text.replacen(&symbol, "", 1);
        bare.replace(SPACE, "")
    }

    /// What the heading of a column of figures names: the currency of money.
    pub(super) fn heading(&self, name: &str, unit: Unit) -> String {
        match (unit, self.symbol()) {
            (Unit::Money, symbol) if !symbol.is_empty() => format!("{name} ({symbol})"),
            _ => name.to_owned(),
        }
    }

    /// A change such as `+3.2 %`.
    pub(super) fn change(&self, share: f64) -> String {
        let text = self.percent(share, 1);
        if share > 0.0 {
            format!("+{text}")
        } else {
            text
        }
    }

    /// The scale of figures of which one in the middle is given, with digits enough to tell them
    /// apart.
    pub(super) fn scale(&self, middle: f64, unit: Unit) -> Scale {
        let words = match self.language {
            Language::German => ["", "Tsd.", "Mio.", "Mrd."],
            Language::English => ["", "k", "m", "bn"],
        };
        let value = self.major(middle, unit).abs();
        let (power, divisor) = match (unit, value) {
            (Unit::Share | Unit::Number, _) | (_, ..1e4) => (0, 1.0),
            (_, 1e4..1e6) => (1, 1e3),
            (_, 1e6..1e9) => (2, 1e6),
            _ => (3, 1e9),
        };
        let decimals = match (unit, power) {
            (Unit::Share, _) => 1,
            (Unit::Number, _) => 2,
            (_, 0) => usize::from(unit == Unit::Money && value < 10.0),
            _ => 1 + usize::from(value / divisor < 10.0),
        };
        Scale {
            divisor,
            word: words[power],
            decimals,
        }
    }

    /// A figure at a scale, without its unit.
    pub(super) fn scaled(&self, value: f64, unit: Unit, scale: Scale) -> String {
        match unit {
            Unit::Share => self.percent(value, scale.decimals),
            _ => self.number(self.major(value, unit) / scale.divisor, scale.decimals),
        }
    }

    /// The unit of figures at a scale, such as `Mio. €`; empty for plain numbers.
    pub(super) fn unit(&self, unit: Unit, scale: Scale) -> String {
        let symbol = match unit {
            Unit::Money => self.symbol(),
            _ => String::new(),
        };
        let words = match self.language {
            Language::German => [scale.word.to_owned(), symbol],
            Language::English => [symbol, scale.word.to_owned()],
        };
        let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
        words.join(&SPACE.to_string())
    }

    /// A figure in a few signs, such as `1,25 Mio. €`.
    pub(super) fn short(&self, value: f64, unit: Unit) -> String {
        let scale = self.scale(value, unit);
        let text = self.scaled(value, unit, scale);
        let text = if scale.word.is_empty() {
            text
        } else {
            format!("{text}{SPACE}{}", scale.word)
        };
        if unit == Unit::Money {
            self.with_symbol(&text)
        } else {
            text
        }
    }

    /// A day of ISO 8601, such as `24.12.2025` or `24 Dec 2025`; what is none as it is.
    pub(super) fn day(&self, day: &str) -> String {
        let Ok(date) = day.parse::<jiff::civil::Date>() else {
            return day.to_owned();
        };
        let form = match self.language {
            Language::German => "%d.%m.%Y",
            Language::English => "%-d %b %Y",
        };
        date.strftime(form).to_string()
    }

    /// A length on the earth.
    pub(super) fn length(&self, metres: f64) -> String {
        if metres < 1_000.0 {
            format!("{}{SPACE}m", self.number(metres, 0))
        } else {
            format!("{}{SPACE}km", self.number(metres / 1_000.0, 0))
        }
    }

    /// A number with so many digits behind the point.
    pub(super) fn number(&self, value: f64, decimals: usize) -> String {
        let text = format!("{:.decimals$}", value.abs());
        let (major, minor) = text.split_once('.').unwrap_or((&text, ""));
        let is_nothing = text.bytes().all(|sign| matches!(sign, b'0' | b'.'));
        let sign = if value < 0.0 && !is_nothing {
            "\u{2212}"
        } else {
            ""
        };
        let (group, point) = self.signs();
        let mut text = sign.to_owned();
        for (place, digit) in major.chars().enumerate() {
            if place > 0 && (major.len() - place).is_multiple_of(3) {
                text.push(group);
            }
            text.push(digit);
        }
        if !minor.is_empty() {
            text.push(point);
            text.push_str(minor);
        }
        text
    }

    /// A whole number.
    pub(super) fn count(&self, count: usize) -> String {
        self.grouped(i64::try_from(count).unwrap_or(i64::MAX))
    }

    fn grouped(&self, value: i64) -> String {
        // To the last digit, which a float does not have.
        let digits = value.unsigned_abs().to_string();
        let sign = if value < 0 { "\u{2212}" } else { "" };
        let mut text = sign.to_owned();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push(self.signs().0);
            }
            text.push(digit);
        }
        text
    }

    /// Minor units as major ones, to the last digit.
    fn fixed(&self, minor: i64) -> String {
        let digits = self.digits();
        let unit = 10_u64.pow(digits);
        let (major, rest) = (minor.unsigned_abs() / unit, minor.unsigned_abs() % unit);
        let major = self.grouped(i64::try_from(major).unwrap_or(i64::MAX));
        let sign = if minor < 0 { "\u{2212}" } else { "" };
        if digits == 0 {
            return format!("{sign}{major}");
        }
        let places = usize::try_from(digits).unwrap_or_default();
        format!("{sign}{major}{}{rest:0places$}", self.signs().1)
    }

    fn trimmed(&self, value: f64, decimals: usize) -> String {
        let text = self.number(value, decimals);
        let text = text.trim_end_matches('0');
        text.trim_end_matches(self.signs().1).to_owned()
    }

    fn percent(&self, share: f64, decimals: usize) -> String {
        let number = self.number(share * 100.0, decimals);
        match self.language {
            Language::German => format!("{number}{SPACE}%"),
            Language::English => format!("{number}%"),
        }
    }

    fn with_symbol(&self, text: &str) -> String {
        let symbol = self.symbol();
        match self.language {
            _ if symbol.is_empty() => text.to_owned(),
            Language::German => format!("{text}{SPACE}{symbol}"),
            Language::English => {
                let (sign, size) = match text.strip_prefix('\u{2212}') {
                    Some(size) => ("\u{2212}", size),
                    None => ("", text),
                };
                let gap = if symbol.chars().all(char::is_alphabetic) {
                    "\u{a0}"
                } else {
                    ""
                };
                format!("{sign}{symbol}{gap}{size}")
            }
        }
    }

    fn symbol(&self) -> String {
        let code = self.currency.as_ref().map_or("", Currency::code);
        match code {
            "EUR" => "€",
            "USD" => "$",
            "GBP" => "£",
            "JPY" => "¥",
            "PLN" => "zł",
            "CZK" => "Kč",
            code => code,
        }
        .to_owned()
    }

    fn digits(&self) -> u32 {
        self.currency.map_or(2, Currency::digits)
    }

    fn major(&self, value: f64, unit: Unit) -> f64 {
        match unit {
            Unit::Money => value / float(10_i64.pow(self.digits())),
            _ => value,
        }
    }

    /// Between groups of three digits, and before the decimals.
    fn signs(&self) -> (char, char) {
        match self.language {
            Language::German => ('.', ','),
            Language::English => (',', '.'),
        }
    }
}

/// The number in a cell.
pub(super) fn number_of(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Integer(value) => Some(float(*value)),
        Cell::Decimal(value) => Some(*value),
        Cell::None | Cell::Key(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cell: &Cell, unit: Unit, german: &str, english: &str) {
        let told = [Language::German, Language::English].map(|language| {
            Figures::of(language, Some("EUR"))
                .exact(cell, unit)
                .replace('\u{a0}', " ")
        });
        assert_eq!(told, [german, english]);
    }

    #[test]
    fn figures_are_written_as_the_language_does() {
        let money = Cell::Integer(-123_456_789);
        check(&money, Unit::Money, "−1.234.567,89 €", "−€1,234,567.89");
        check(&Cell::Integer(5), Unit::Money, "0,05 €", "€0.05");
        check(&Cell::Integer(12_345), Unit::Count, "12.345", "12,345");
        check(&Cell::Decimal(0.256), Unit::Share, "25,6 %", "25.6%");
        check(&Cell::Decimal(2.5), Unit::Quantity, "2,5", "2.5");
        check(&Cell::Integer(1_000), Unit::Quantity, "1.000", "1,000");
        check(&Cell::Decimal(-0.001), Unit::Number, "0,00", "0.00");
        check(
            &Cell::Key("2025-12-04".to_owned()),
            Unit::Day,
            "04.12.2025",
            "4 Dec 2025",
        );
        check(&Cell::None, Unit::Money, "–", "–");
        let most = Cell::Integer(i64::MAX);
        check(
            &most,
            Unit::Count,
            "9.223.372.036.854.775.807",
            "9,223,372,036,854,775,807",
        );
    }

    #[test]
    fn large_figures_have_a_scale() {
        let short = |value, unit| {
            [Language::German, Language::English].map(|language| {
                let figures = Figures::of(language, Some("EUR"));
                figures.short(value, unit).replace('\u{a0}', " ")
            })
        };
        assert_eq!(
            short(123_456_789.0, Unit::Money),
            ["1,23 Mio. €", "€1.23 m"]
        );
        assert_eq!(short(12_345.0, Unit::Count), ["12,3 Tsd.", "12.3 k"]);
        assert_eq!(short(999.0, Unit::Count), ["999", "999"]);
        assert_eq!(short(0.5, Unit::Share), ["50,0 %", "50.0%"]);
        let german = Figures::of(Language::German, Some("EUR"));
        let scale = german.scale(5e9, Unit::Money);
        assert_eq!(german.scaled(5e9, Unit::Money, scale), "50,0");
        assert_eq!(german.unit(Unit::Money, scale), "Mio.\u{a0}€");
        assert_eq!(german.length(250_000.0), "250\u{a0}km");
    }

    #[test]
    fn a_column_names_its_currency_once() {
        for (language, expected) in [
            (Language::German, "−1.234,50"),
            (Language::English, "−1,234.50"),
        ] {
            let figures = Figures::of(language, Some("EUR"));
            assert_eq!(
                figures.bare(&Cell::Integer(-123_450), Unit::Money),
                expected
            );
            assert_eq!(figures.heading("X", Unit::Money), "X (€)");
            assert_eq!(figures.heading("X", Unit::Count), "X");
        }
    }

    #[test]
    fn changes_have_their_sign() {
        let german = Figures::of(Language::German, None);
        assert_eq!(german.change(0.032), "+3,2\u{a0}%");
        assert_eq!(german.change(-0.5), "−50,0\u{a0}%");
    }
}
