//! House numbers with their suffixes, ranges, stairs and doors.

/// A house number: `12`, `12a`, `3-5`, `1/2/14`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HouseNumber {
    text: String,
    number: u32,
    suffix: String,
    last: Option<u32>,
    door: String,
}

impl HouseNumber {
    /// The number in `text`: digits, then perhaps a letter, a second number after a dash, or
    /// stair and door after slashes. `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let compact = compact.replace(['–', '+', '&'], "-").replace("bis", "-");
        let (number, behind) = digits(&compact)?;
        let (suffix, behind) = letter(behind);
        let (last, behind) = match behind.strip_prefix('-') {
            Some(range) => {
                let (last, behind) = digits(range)?;
                (Some(last), letter(behind).1)
            }
            None => (None, behind),
        };
        let door = match behind.strip_prefix('/') {
            Some(door)
                if door
                    .chars()
                    .all(|c| c.is_alphanumeric() || matches!(c, '/' | '-')) =>
            {
                door
            }
            None if behind.is_empty() => "",
            _ => return None,
        };
        Some(Self {
            text: text.to_owned(),
            number,
            suffix: suffix.to_lowercase(),
            last,
            door: door.to_owned(),
        })
    }

    /// The street and the house number behind it, or before it as in `221B Baker Street`.
    #[must_use]
    pub fn split(text: &str) -> (&str, Option<Self>) {
        let text = text.trim().trim_end_matches([',', ';']);
        if let Some(found) = square(text) {
            return found;
        }
        if let Some(number) = Self::parse(text) {
            return ("", Some(number));
        }
        let starts: Vec<usize> = word_starts(text).collect();
        // The longest tail that is a number wins: `3 - 5` before `5`.
        for &start in &starts {
            let (street, tail) = text.split_at(start);
            if tail.starts_with(|c: char| c.is_ascii_digit())
                && let Some(number) = Self::parse(tail)
            {
                return (street.trim_end_matches([' ', ',', '-', '/']), Some(number));
            }
        }
        if let Some((head, street)) = text.split_once(' ')
            && let Some(number) = Self::parse(head.trim_end_matches(','))
            && street.contains(char::is_alphabetic)
        {
            return (street.trim(), Some(number));
        }
        (text, None)
    }

    /// The street, the house number and the place behind it: `Türkenstr. 7 München`.
    #[must_use]
    pub fn split_middle(text: &str) -> Option<(&str, Self, &str)> {
        word_starts(text).find_map(|start| {
            let (street, rest) = text.split_at(start);
            let (number, place) = rest.split_once(' ')?;
            let is_place = place.trim_start().starts_with(char::is_alphabetic);
            let is_street = street.chars().filter(|c| c.is_alphabetic()).count() > 2;
            if !is_place || !is_street || !number.starts_with(|c: char| c.is_ascii_digit()) {
                return None;
            }
            Some((street.trim_end(), Self::parse(number)?, place.trim()))
        })
    }

    /// As it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The number itself, of a range the first.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The letter behind the number in lower case; empty when there is none.
    #[must_use]
    pub fn suffix(&self) -> &str {
        &self.suffix
    }

    /// The last number of a range.
    #[must_use]
    pub fn last(&self) -> Option<u32> {
        self.last
    }

    /// Stair and door behind a slash; empty when there are none.
    #[must_use]
    pub fn door(&self) -> &str {
        &self.door
    }
}

/// A square of Mannheim, `N2 14` or `N 2, 14`, with its house.
fn square(text: &str) -> Option<(&str, Option<HouseNumber>)> {
    let letter = text.bytes().next()?;
    let behind = text.get(1..)?.trim_start();
    let digit = behind.bytes().next()?;
    if !(b'A'..=b'U').contains(&letter) || !(b'1'..=b'9').contains(&digit) {
        return None;
    }
    let house = behind.get(1..)?;
    if !house.is_empty() && !house.starts_with([' ', ',']) {
        return None;
    }
    let name = &text[..text.len() - house.len()];
    let house = house.trim_matches([' ', ',']);
    if house.is_empty() {
        return Some((name, None));
    }
    HouseNumber::parse(house).map(|house| (name, Some(house)))
}

/// The number at the start, of at most five digits, and what follows it.
fn digits(text: &str) -> Option<(u32, &str)> {
    let len = text.bytes().take_while(u8::is_ascii_digit).count();
    let is_number = (1..=5).contains(&len);
    let number = text[..len].parse().ok()?;
    is_number.then_some((number, &text[len..]))
}

/// The single letter at the start, which no other letter follows.
fn letter(text: &str) -> (&str, &str) {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(c), next) if c.is_ascii_alphabetic() && !next.is_some_and(char::is_alphabetic) => {
            text.split_at(1)
        }
        _ => ("", text),
    }
}

/// Where words start, the first one left out; `Hauptstr.12` has one behind its full stop.
fn word_starts(text: &str) -> impl Iterator<Item = usize> + '_ {
    let pairs = text.char_indices().zip(text.chars().skip(1));
    pairs.filter_map(|((at, c), next)| {
        let is_start = c.is_whitespace() || matches!(c, '.' | ',') && next.is_ascii_digit();
        (is_start && !next.is_whitespace()).then_some(at + c.len_utf8())
    })
}
