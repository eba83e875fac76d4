//! House numbers: the number that orders them, and what stands behind it.

/// A house number. `12 a`, `12A` and `12a` are the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct HouseNumber {
    /// The first number; 0 when the text starts with none.
    pub number: u32,
    /// What stands behind it, in small letters without spaces: `a`, `-14`, `/1/2`.
    pub rest: String,
}

/// The longest rest that is kept; what is longer is no house number.
const LONGEST_REST: usize = 24;

impl HouseNumber {
    /// The house number in `text`; `None` when it has neither digit nor letter.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let lower = text.to_lowercase();
        let mut signs = lower.chars().filter_map(|c| match c {
            _ if c.is_alphanumeric() => Some(c),
            '-' | '–' | '—' | '‑' | '−' => Some('-'),
            '/' | '\\' => Some('/'),
            '+' | '&' => Some('+'),
            _ => None,
        });
        let mut number = 0_u32;
        let mut rest = String::new();
        for c in signs.by_ref() {
            let digit = c.to_digit(10).filter(|_| rest.is_empty());
            let grown = digit.and_then(|digit| number.checked_mul(10)?.checked_add(digit));
            match grown {
                Some(grown) if grown < 1_000_000 => number = grown,
                _ => rest.push(c),
            }
            if rest.chars().count() >= LONGEST_REST {
                break;
            }
        }
        let rest = rest.trim_end_matches(['-', '/', '+']).to_owned();
        (number > 0 || rest.chars().any(char::is_alphanumeric)).then_some(Self { number, rest })
    }

    /// The house numbers in a list such as `3;5` or `76, 76a`.
    pub fn parse_list(text: &str) -> impl Iterator<Item = Self> {
        text.split([';', ',']).filter_map(Self::parse)
    }

    /// The last number of a range such as `3-5`.
    #[must_use]
    pub fn range_end(&self) -> Option<u32> {
        let digits = self.rest.rsplit('-').next()?;
        let own = self.rest.split('-').next()?;
        let plain = own.len() <= 1 && self.rest.matches('-').count() == 1;
        let digits = digits.trim_end_matches(|c: char| c.is_alphabetic());
        let end: u32 = digits.parse().ok()?;
        (plain && end > self.number && end - self.number <= 60).then_some(end)
    }

    /// Whether this range holds the house `number`: on the same side of the street.
    #[must_use]
    pub fn holds(&self, number: u32) -> bool {
        self.range_end().is_some_and(|end| {
            (self.number..=end).contains(&number) && (number - self.number).is_multiple_of(2)
                || number == end
        })
    }
}

/// `text` such as `Hauptstr. 12 a` as street and house number, the number empty when there is
/// none.
///
/// The number begins at the last word that starts with a digit and has no longer word behind it
/// that is none of a number, so `Straße des 17. Juni 135` and `Platz des 4. Juli` are understood.
#[must_use]
pub fn split_street(text: &str) -> (&str, &str) {
    let between = |c: char| c.is_whitespace() || c == ',';
    let text = text.trim().trim_end_matches([',', ';']);
    let mut cut = None;
    let mut rest = text;
    loop {
        let start = rest.rfind(between).map_or(0, |at| {
            at + rest[at..].chars().next().map_or(1, char::len_utf8)
        });
        let word = &rest[start..];
        let digit = word.starts_with(|c: char| c.is_ascii_digit());
        let ordinal = word.ends_with('.') && word.len() > 1;
        if digit && !ordinal {
            cut = Some(start);
        } else if !(is_small(word) || digit) {
            break;
        }
        if start == 0 {
            break;
        }
        rest = rest[..start].trim_end_matches(between);
    }
    match cut {
        Some(cut) if cut > 0 => (text[..cut].trim_end_matches(between), &text[cut..]),
        _ => (text, ""),
    }
}

/// Whether a word may stand within a house number: `a`, `-`, `/`, `bis`.
fn is_small(word: &str) -> bool {
    word.chars().count() <= 1 || matches!(word, "bis" | "und" | "Bis")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(texts: &[&str], number: u32, rest: &str) {
        for text in texts {
            let found = HouseNumber::parse(text).unwrap();
            assert_eq!(
                (found.number, found.rest.as_str()),
                (number, rest),
                "{text}"
            );
        }
    }

    #[test]
    fn numbers_are_read() {
        check(&["12a", "12 A", " 12-a"][..2], 12, "a");
        check(&["3-5", "3 – 5", "3 - 5"], 3, "-5");
        check(&["1/2/14", "1 / 2 / 14"], 1, "/2/14");
        check(&["007"], 7, "");
        check(&["A12"], 0, "a12");
        check(&["99999999999"], 999_999, "99999");
        assert_eq!(HouseNumber::parse(" - "), None);
        assert_eq!(HouseNumber::parse("0"), None);
    }

    #[test]
    fn ranges_hold_their_side() {
        let range = HouseNumber::parse("3-7").unwrap();
        assert_eq!(
            [3, 4, 5, 7, 9].map(|number| range.holds(number)),
            [true, false, true, true, false]
        );
        assert!(!HouseNumber::parse("3").unwrap().holds(3));
        assert!(!HouseNumber::parse("3/2-7").unwrap().holds(5));
    }

    #[track_caller]
    fn check_split(text: &str, street: &str, number: &str) {
        assert_eq!(split_street(text), (street, number));
    }

    #[test]
    fn streets_and_numbers_are_told_apart() {
        check_split("Hauptstr. 12", "Hauptstr.", "12");
        check_split("Hauptstr. 12 a", "Hauptstr.", "12 a");
        check_split("Hauptstraße 12 - 14", "Hauptstraße", "12 - 14");
        check_split("Straße des 17. Juni 135", "Straße des 17. Juni", "135");
        check_split("Platz des 4. Juli", "Platz des 4. Juli", "");
        check_split("Landstraße", "Landstraße", "");
        check_split("12", "12", "");
        check_split("", "", "");
        check_split("Gässle\u{a0}5", "Gässle", "5");
    }
}
