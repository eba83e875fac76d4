//! The parameter `datetime` (OGC 17-069r4, clause 7.15.4): an instant of RFC 3339, or two with `/`
//! between them, `..` or nothing standing for an open end.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Days, both included; none where it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Period {
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
}

/// A text is no period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is no datetime: a day such as 2026-11-22, an instant such as 2026-11-22T00:00:00Z, or \
     two of them with / between, .. for an open end"
)]
pub struct NoPeriod(String);

/// The days of a text; instants stand for their day in UTC.
///
/// # Errors
/// It must be of the form that the module tells, and not end before it begins.
pub fn parse(text: &str) -> Result<Period, NoPeriod> {
    let wrong = || NoPeriod(crate::word::shortened(text));
    let end = |text: &str| match text {
        "" | ".." => Some(None),
        text => day(text).map(Some),
    };
    let Some((from, to)) = text.split_once('/') else {
        let day = day(text).ok_or_else(wrong)?;
        return Ok(Period {
            from: Some(day),
            to: Some(day),
        });
    };
    let (from, to) = (end(from).ok_or_else(wrong)?, end(to).ok_or_else(wrong)?);
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        return Err(wrong());
    }
    Ok(Period { from, to })
}

fn day(text: &str) -> Option<Date> {
    if let [_, _, _, _, b'-', _, _, b'-', _, _] = text.as_bytes() {
        return text.parse().ok();
    }
    // A `+` of an address is a space.
    let instant: Timestamp = text.replace(' ', "+").parse().ok()?;
    Some(instant.to_zoned(TimeZone::UTC).date())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<[&str; 2]>) {
        let text_of = |day: Option<Date>| day.map_or("..".to_owned(), |day| day.to_string());
        let found = parse(text).ok();
        let found = found.map(|period| [text_of(period.from), text_of(period.to)]);
        assert_eq!(found, expected.map(|days| days.map(str::to_owned)));
    }

    #[test]
    fn instants_and_stretches() {
        check("2025-03-01", Some(["2025-03-01", "2025-03-01"]));
        check("2025-03-01T23:00:00-02:00", Some(["2025-03-02"; 2]));
        check("2025-01-01/2025-12-31", Some(["2025-01-01", "2025-12-31"]));
        check("../2025-12-31", Some(["..", "2025-12-31"]));
        check("2025-01-01T00:00:00Z/", Some(["2025-01-01", ".."]));
        check("../..", Some(["..", ".."]));
        check("2025-12-31/2025-01-01", None);
        check("2025", None);
        check("2025-02-30", None);
        check("", None);
    }
}
