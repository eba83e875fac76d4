//! Days as people write them: `2025-12-31`, `31.12.25`, `12/31/2025`, `31. Dez. 2025`, 46022.

use jiff::civil::{Date, date};

use super::table::Cell;

/// Years that a sale can have; others are slips of the pen.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2199;

/// Whether `3/4/2025` is the fourth of March or the third of April in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct DateStyle {
    /// The month stands before the day.
    pub month_first: bool,
}

/// What one cell tells of the style of its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evidence {
    /// `31/12/2025`
    DayFirst,
    /// `12/31/2025`
    MonthFirst,
    /// `3/4/2025`
    Ambiguous,
    /// `31.12.2025`, which is German and tells so.
    Dotted,
    /// Anything else.
    Neutral,
}

/// The day in `cell`; a time behind it is passed over and no zone is converted. `None` when it
/// cannot be read or is no day of the years 1900 to 2199.
///
/// Years of two digits are those of 1969 to 2068, as POSIX has it.
pub(super) fn parse(cell: Cell<'_>, style: DateStyle) -> Option<Date> {
    let bytes = cell.text.as_bytes();
    if let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, rest @ ..] = bytes
        && matches!(rest.first(), None | Some(b' ' | b'T'))
    {
        let year = number(&[*y0, *y1, *y2, *y3])?;
        return day(year, number(&[*m0, *m1])?, number(&[*d0, *d1])?);
    }
    if bytes.iter().all(u8::is_ascii_digit) || cell.typed {
        return of_digits(cell.text);
    }
    let (text, _) = split_time(cell.text);
    let parts = Parts::split(text)?;
    let [first, second, third] = parts.words;
    if let Some(month) = month_of(first) {
        return day(year(third)?, month, number(second.as_bytes())?);
    }
    if let Some(month) = month_of(second) {
        return day(year(third)?, month, number(first.as_bytes())?);
    }
    let (first_number, second_number) = (number(first.as_bytes())?, number(second.as_bytes())?);
    if first.len() == 4 {
        return day(first_number, second_number, number(third.as_bytes())?);
    }
    if style.month_first && parts.sign != '.' {
        day(year(third)?, first_number, second_number)
    } else {
        day(year(third)?, second_number, first_number)
    }
}

/// What `cell` tells of the style of its column.
pub(super) fn evidence(cell: Cell<'_>) -> Evidence {
    let (text, _) = split_time(cell.text);
    let Some(parts) = Parts::split(text) else {
        return Evidence::Neutral;
    };
    let [first, second] = [parts.words[0], parts.words[1]].map(|word| number(word.as_bytes()));
    match (first, second) {
        (Some(_), Some(_)) if parts.words[0].len() > 2 => Evidence::Neutral,
        (Some(1..=31), Some(1..=12)) if parts.sign == '.' => Evidence::Dotted,
        (Some(13..=31), Some(1..=12)) => Evidence::DayFirst,
        (Some(1..=12), Some(13..=31)) if parts.sign != '.' => Evidence::MonthFirst,
        (Some(1..=12), Some(1..=12)) => Evidence::Ambiguous,
        _ => Evidence::Neutral,
    }
}

/// `20251231`, or the days since 1899-12-30 by which spreadsheets count (46022 and a fraction).
fn of_digits(text: &str) -> Option<Date> {
    let (whole, _) = text.split_once('.').unwrap_or((text, ""));
    let bytes = whole.as_bytes();
    match bytes.len() {
        8 => day(
            number(&bytes[..4])?,
            number(&bytes[4..6])?,
            number(&bytes[6..])?,
        ),
        4 | 5 => {
            let days: i32 = whole.parse().ok()?;
            // Below lie years and other numbers; 7000 is 1919.
            let since = jiff::Span::new().try_days(days).ok()?;
            let found = date(1899, 12, 30).checked_add(since).ok()?;
            (days >= 7_000).then_some(found)
        }
        _ => None,
    }
}

/// The day before a time such as ` 13:45` or `T13:45`, and the time.
fn split_time(text: &str) -> (&str, &str) {
    let Some(colon) = text.find(':') else {
        return (text, "");
    };
    let cut = text[..colon].rfind([' ', 'T', ',']);
    let (day, time) = text.split_at(cut.unwrap_or(text.len()));
    (day.trim_end_matches([' ', ',']), time)
}

struct Parts<'a> {
    words: [&'a str; 3],
    sign: char,
}

impl<'a> Parts<'a> {
    /// The three words of a date and the sign behind the first.
    fn split(text: &'a str) -> Option<Self> {
        let sign = text.chars().find(|c| is_separator(*c))?;
        let mut words = text.split(is_separator).filter(|word| !word.is_empty());
        let three = [words.next()?, words.next()?, words.next()?];
        let weekday = three[0].chars().all(char::is_alphabetic) && month_of(three[0]).is_none();
        let words = match (weekday, words.next()) {
            (true, Some(fourth)) => [three[1], three[2], fourth],
            (false, None) => three,
            _ => return None,
        };
        Some(Self { words, sign })
    }
}

fn is_separator(c: char) -> bool {
    matches!(c, '.' | '/' | '-' | ' ' | ',')
}

/// A year of four digits, or of two.
fn year(word: &str) -> Option<i16> {
    let year = number(word.as_bytes())?;
    match word.len() {
        4 => Some(year),
        2 if year < 69 => Some(2000 + year),
        2 => Some(1900 + year),
        _ => None,
    }
}

fn month_of(word: &str) -> Option<i16> {
    const MONTHS: [[&str; 3]; 12] = [
        ["jan", "jän", ""],
        ["feb", "", ""],
        ["mar", "mär", "mrz"],
        ["apr", "", ""],
        ["mai", "may", ""],
        ["jun", "", ""],
        ["jul", "", ""],
        ["aug", "", ""],
        ["sep", "", ""],
        ["okt", "oct", ""],
        ["nov", "", ""],
        ["dez", "dec", ""],
    ];
    if !word.chars().all(char::is_alphabetic) {
        return None;
    }
    let start: String = word.chars().take(3).flat_map(char::to_lowercase).collect();
    let is_start =
        |names: &[&str; 3]| start.chars().count() == 3 && names.contains(&start.as_str());
    (1..)
        .zip(&MONTHS)
        .find(|(_, names)| is_start(names))
        .map(|(month, _)| month)
}

/// One to four digits as a number.
fn number(digits: &[u8]) -> Option<i16> {
    if digits.is_empty() || digits.len() > 4 {
        return None;
    }
    digits.iter().try_fold(0, |number, digit| {
        digit
            .is_ascii_digit()
            .then(|| number * 10 + i16::from(digit - b'0'))
    })
}

fn day(year: i16, month: i16, day: i16) -> Option<Date> {
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    let found = Date::new(year, month, day).ok()?;
    YEARS.contains(&year).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> Cell<'_> {
        Cell { text, typed: false }
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = parse(cell(text), DateStyle::default());
        let found = found.map_or_else(|| "none".to_owned(), |date| date.to_string());
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn days_are_read() {
        check("2025-12-31", "2025-12-31");
        check("2025-12-31 13:45:00.000", "2025-12-31");
        check("2025-12-31T23:59:59Z", "2025-12-31");
        check("2025/12/31", "2025-12-31");
        check("2025.1.2", "2025-01-02");
        check("31.12.2025", "2025-12-31");
        check("1.2.25", "2025-02-01");
        check("1. 2. 2025", "2025-02-01");
        check("31.12.2025 08:15", "2025-12-31");
        check("31.12.69", "1969-12-31");
        check("31/12/2025", "2025-12-31");
        check("3/4/2025 1:00 PM", "2025-04-03");
        check("31-12-2025", "2025-12-31");
        check("31-DEC-25", "2025-12-31");
        check("31. Dezember 2025", "2025-12-31");
        check("Mi, 31. Dez. 2025", "2025-12-31");
        check("Dec 31, 2025", "2025-12-31");
        check("5. März 2025", "2025-03-05");
        check("20251231", "2025-12-31");
        check("46022", "2025-12-31");
        check("46022.75", "none");
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in [
            "",
            "31.02.2025",
            "12/31/2025",
            "2025-13-01",
            "0205-01-01",
            "31.12",
            "heute",
            "2025",
            "1.2.3.4",
            "2025-12-31x",
            "31.12.202",
            "99999999",
            "-",
            "ab cd ef",
            "12:30",
            "٣١.١٢.٢٠٢٥",
            "1.1.2300",
        ] {
            check(text, "none");
        }
    }

    #[test]
    fn the_column_tells_which_comes_first() {
        let style = DateStyle { month_first: true };
        let read = |text| parse(cell(text), style).map(|date| date.to_string());
        assert_eq!(read("12/31/2025").as_deref(), Some("2025-12-31"));
        assert_eq!(read("3.4.2025").as_deref(), Some("2025-04-03"));
        assert_eq!(read("31/12/2025"), None);
        for (text, expected) in [
            ("31/12/2025", Evidence::DayFirst),
            ("12/31/2025", Evidence::MonthFirst),
            ("3/4/2025 12:30", Evidence::Ambiguous),
            ("3.4.2025", Evidence::Dotted),
            ("2025/04/03", Evidence::Neutral),
            ("2025-04-03", Evidence::Neutral),
            ("45/45/2025", Evidence::Neutral),
        ] {
            assert_eq!(evidence(cell(text)), expected, "{text}");
        }
    }

    #[test]
    fn numbers_of_workbooks_are_days() {
        let read = |text| parse(Cell { text, typed: true }, DateStyle::default());
        assert_eq!(read("46022.75"), Some(date(2025, 12, 31)));
        assert_eq!(read("2025-12-31"), Some(date(2025, 12, 31)));
        assert_eq!(read("12.5"), None);
    }
}
