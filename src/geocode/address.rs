//! Addresses as people write them, taken apart.
//!
//! What is understood: the forms of Germany, Austria and Switzerland (`Hauptstr. 12a`, `3-5`,
//! `Gasse 1/2/14`, the squares of Mannheim `N2, 14`, `D-`/`CH-` before the postal code, c/o,
//! Postfach, Ortsteil, floors), and house numbers in front as abroad (`221B Baker Street`).
//! What nobody can place is kept in [`Parsed::rest`]; no letter is lost.

mod line;
mod number;
#[cfg(test)]
mod tests;

pub use line::street_key;
pub use number::HouseNumber;

use crate::geocode::country::Countries;
use crate::record::account::Address;

use line::Segment;

/// The parts of an address as they were written, trimmed; empty where the address has none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parsed {
    /// To whom it goes in the care of: what follows `c/o` or `z. Hd.`.
    pub care_of: String,
    /// Number of the post-office box, or `Postfach` where it has none.
    pub po_box: String,
    /// Street without the house number; a square of Mannheim such as `N2`.
    pub street: String,
    /// House number.
    pub house_number: Option<HouseNumber>,
    /// Floor, flat, door or building.
    pub floor: String,
    /// Postal code as written, country prefix and all.
    pub postal_code: String,
    /// Town or village.
    pub place: String,
    /// Ortsteil or quarter of the place.
    pub district: String,
    /// State or province.
    pub state: String,
    /// Country in any language or code.
    pub country: String,
    /// What could not be used, in its order.
    pub rest: Vec<String>,
}

impl Parsed {
    /// The parts of an address whose fields are given.
    ///
    /// Fields that hold more than their name says are taken apart: a postal code before the
    /// place, a whole address in the street, an Ortsteil behind the place.
    #[must_use]
    pub fn of_fields(countries: &Countries, address: &Address) -> Self {
        let mut parsed = Self {
            postal_code: address.postal_code.trim().to_owned(),
            state: address.state.trim().to_owned(),
            country: address.country.trim().to_owned(),
            ..Self::default()
        };
        parsed.take_place_field(&address.place);
        parsed.take_line(countries, &address.street);
        parsed
    }

    /// The parts of an address that is written in one line or in several.
    ///
    /// Without commas and without a postal code the end of the street can only be told by its
    /// house number, which may stand before the place; a line without either is a place.
    #[must_use]
    pub fn of_line(countries: &Countries, text: &str) -> Self {
        let mut parsed = Self::default();
        parsed.take_line(countries, text);
        let is_alone = parsed.place.is_empty() && parsed.postal_code.is_empty();
        if is_alone
            && parsed.house_number.is_none()
            && let Some((street, number, place)) = HouseNumber::split_middle(&parsed.street)
        {
            return Self {
                place: place.to_owned(),
                street: street.to_owned(),
                house_number: Some(number),
                ..parsed
            };
        }
        // A lone name is a place rather than a street, unless it looks like one.
        if is_alone && parsed.house_number.is_none() && !line::is_street(&parsed.street) {
            parsed.place = std::mem::take(&mut parsed.street);
        }
        parsed
    }

    /// The fields in which the rest of the house knows an address.
    #[must_use]
    pub fn address(&self) -> Address {
        let number = self.house_number.as_ref().map_or("", HouseNumber::text);
        Address {
            street: format!("{} {number}", self.street).trim().to_owned(),
            postal_code: self.postal_code.clone(),
            place: self.place.clone(),
            state: self.state.clone(),
            country: self.country.clone(),
        }
    }

    fn take_place_field(&mut self, text: &str) {
        let text = text.trim();
        if self.postal_code.is_empty()
            && let Some((before, code, place)) = line::around_postal_code(text)
            && before.is_empty()
        {
            code.clone_into(&mut self.postal_code);
            return self.take_place(place);
        }
        self.take_place(text);
    }

    fn take_place(&mut self, text: &str) {
        let (place, district) = split_district(text);
        place.clone_into(&mut self.place);
        if let Some(district) = district {
            district.clone_into(&mut self.district);
        }
    }

    fn take_line(&mut self, countries: &Countries, text: &str) {
        let segments = line::segments(text);
        let last = segments.len().saturating_sub(1);
        for (index, segment) in segments.iter().enumerate() {
            let is_last = index == last && index > 0;
            if is_last && self.country.is_empty() && countries.named(segment).is_some() {
                segment.clone_into(&mut self.country);
            } else {
                self.take_segment(countries, segment);
            }
        }
    }

    fn take_segment(&mut self, countries: &Countries, segment: &str) {
        match line::kind(segment) {
            Segment::CareOf(name) => fill(&mut self.care_of, name, &mut self.rest),
            Segment::PoBox(number) => fill(&mut self.po_box, number, &mut self.rest),
            Segment::Floor(floor) => append(&mut self.floor, floor),
            Segment::District(name) => fill(&mut self.district, name, &mut self.rest),
            Segment::Other => self.take_words(countries, segment),
        }
    }

    fn take_words(&mut self, countries: &Countries, segment: &str) {
        let segment = match line::behind_country(countries, segment) {
            Some((words, country)) if self.country.is_empty() => {
                country.clone_into(&mut self.country);
                words
            }
            _ => segment,
        };
        if self.postal_code.is_empty()
            && let Some((before, code, place)) = line::around_postal_code(segment)
        {
            code.clone_into(&mut self.postal_code);
            if !before.is_empty() {
                self.take_street(before);
            }
            if !place.is_empty() && self.place.is_empty() {
                self.take_place(place);
            }
            return;
        }
        if self.street.is_empty() || self.house_number.is_none() && has_number(segment) {
            return self.take_street(segment);
        }
        if self.place.is_empty() {
            return self.take_place(segment);
        }
        self.rest.push(segment.to_owned());
    }

    fn take_street(&mut self, text: &str) {
        let (text, floor) = line::split_floor(text);
        append(&mut self.floor, floor);
        let (street, number) = HouseNumber::split(text);
        // `Mühlenhof, 14`: the number stands in a segment of its own.
        if street.is_empty() && number.is_some() && !self.street.is_empty() {
            self.house_number = number;
            return;
        }
        if !self.street.is_empty() {
            let before = std::mem::take(&mut self.street);
            self.rest.push(before);
        }
        street.clone_into(&mut self.street);
        self.house_number = number;
    }
}

/// The place and the Ortsteil behind it: after `OT`, `Ortsteil` or `Stadtteil`.
#[must_use]
pub fn split_district(text: &str) -> (&str, Option<&str>) {
    let trim = |text: &'_ str| -> usize { text.trim_end_matches([' ', ',', '(', '-', '/']).len() };
    for word in ["OT", "Ortsteil", "Stadtteil", "ot"] {
        for (at, _) in text.match_indices(word) {
            let (before, behind) = (&text[..at], &text[at + word.len()..]);
            let stands_alone =
                before.ends_with([' ', ',', '(', '-', '/']) && behind.starts_with([' ', '.', ':']);
            let district = behind.trim_matches([' ', '.', ':', ')', ',']);
            if stands_alone && trim(before) > 0 && !district.is_empty() {
                return (&text[..trim(before)], Some(district));
            }
        }
    }
    (text.trim(), None)
}

fn has_number(segment: &str) -> bool {
    HouseNumber::split(segment).1.is_some()
}

/// Fills a part that has nothing yet; else the text is kept in the rest.
fn fill(part: &mut String, text: &str, rest: &mut Vec<String>) {
    if part.is_empty() {
        text.clone_into(part);
    } else {
        rest.push(text.to_owned());
    }
}

fn append(part: &mut String, text: &str) {
    if text.is_empty() {
        return;
    }
    if !part.is_empty() {
        part.push_str(", ");
    }
    part.push_str(text);
}
