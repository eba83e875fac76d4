//! Places and postal codes by the first letters of their name.

use crate::geocode::country::{Countries, Country};
use crate::geocode::fold::fold;
use crate::geocode::postal;
use crate::geocode::table::Table;
use crate::place::LonLat;

/// The countries whose places and postal codes come first.
pub(super) const HOME: [&str; 3] = ["DE", "AT", "CH"];

/// A place at home is as good as one abroad with this many times the inhabitants.
pub(super) const HOME_WEIGHT: u64 = 20;

/// Only towns of this size are found by their other names as well, such as `Monaco di Baviera`.
const KNOWN_ABROAD: u64 = 100_000;

/// A place or postal code that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Name in English or in the language of the country.
    pub name: String,
    /// German name.
    pub name_de: String,
    /// ISO 3166 alpha-2 code of its country.
    pub country: String,
    /// Inhabitants; `None` for a postal code or where unknown.
    pub population: Option<u64>,
    /// Where it is.
    pub position: LonLat,
    /// The postal code, when that is what was found.
    pub postal: Option<String>,
    /// Whether its whole name was asked for, not only the first letters.
    pub is_whole: bool,
    /// How far the third nearest other postal code is, in metres; 0 for a place.
    pub spacing_m: f64,
}

/// Every town under its names, and the villages of the home countries, sorted for lookup by
/// prefix.
#[derive(Debug)]
pub struct SearchIndex {
    /// All names, one behind the other.
    text: String,
    /// Sorted by name.
    names: Vec<Entry>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    start: u32,
    len: u16,
    country: u16,
    /// Index of a town, or of a village among the deliveries.
    index: u32,
    is_village: bool,
    population: u32,
    is_home: bool,
    is_alternate: bool,
}

impl SearchIndex {
    /// The towns of all countries. O(n log n), reads every table of places.
    #[must_use]
    pub fn new(countries: &Countries) -> Self {
        let mut index = Self {
            text: String::new(),
            names: Vec::new(),
        };
        for (number, country) in (0..).zip(countries.all()) {
            let is_home = HOME.contains(&country.iso2());
            for (town, place) in (0..).zip(country.towns().iter()) {
                let population = u32::try_from(place.population).unwrap_or(u32::MAX);
                let entry = |is_alternate| Entry {
                    start: 0,
                    len: 0,
                    country: number,
                    index: town,
                    is_village: false,
                    population,
                    is_home,
                    is_alternate,
                };
                index.push(place.name, entry(false));
                index.push(place.name_de, entry(false));
                if place.population >= KNOWN_ABROAD {
                    for name in place.alternates().filter(|name| name.chars().count() > 2) {
                        index.push(name, entry(true));
                    }
                }
            }
            if is_home {
                index.push_villages(country.table(countries), number);
            }
        }
        let Self { text, names } = &mut index;
        names.sort_unstable_by_key(|entry| (entry.name(text), entry.country, entry.index));
        index
    }

    fn push_villages(&mut self, table: &Table, country: u16) {
        for village in table.villages() {
            let entry = Entry {
                start: 0,
                len: 0,
                country,
                index: village,
                is_village: true,
                population: 0,
                is_home: true,
                is_alternate: false,
            };
            self.push(table.delivery(village).place, entry);
        }
    }

    fn push(&mut self, name: &str, entry: Entry) {
        let name = fold(name);
        let (Ok(start), Ok(len)) = (u32::try_from(self.text.len()), u16::try_from(name.len()))
        else {
            return;
        };
        if len > 0 {
            self.text.push_str(&name);
            self.names.push(Entry {
                start,
                len,
                ..entry
            });
        }
    }

    /// The places and postal codes that start with `query`. O(log n + hits).
    #[must_use]
    pub fn find(&self, countries: &Countries, query: &str, limit: usize) -> Vec<Place> {
        let mut places = codes(countries, query, limit);
        let folded = fold(query);
        if folded.is_empty() {
            return places;
        }
        let start = self
            .names
            .partition_point(|entry| entry.name(&self.text) < folded.as_str());
        let hits = self.names[start..]
            .iter()
            .take_while(|entry| entry.name(&self.text).starts_with(&folded));
        let mut hits: Vec<_> = hits
            .map(|entry| {
                let rank = entry.rank(folded.len());
                (rank, entry.country, entry.index, entry.is_village)
            })
            .collect();
        // A town may come under many names that start alike.
        let wanted = limit.saturating_mul(50).min(hits.len());
        if wanted < hits.len() {
            hits.select_nth_unstable(wanted);
            hits.truncate(wanted);
        }
        hits.sort_unstable();
        let mut seen = Vec::new();
        for (rank, country, index, is_village) in hits {
            if places.len() >= limit {
                break;
            }
            if seen.contains(&(country, index, is_village)) {
                continue;
            }
            seen.push((country, index, is_village));
            let country = &countries.all()[usize::from(country)];
            let place = if is_village {
                village(countries, country, index)
            } else {
                town(country, index)
            };
            let is_whole = rank.0 == 0;
            places.push(Place { is_whole, ..place });
        }
        places
    }
}

impl Entry {
    /// The lower the earlier: the very name by weight; then names that go on, at home, abroad,
    /// and other names last; among these the most populous.
    fn rank(self, query_len: usize) -> (u8, u64) {
        let population = u64::from(self.population);
        if usize::from(self.len) == query_len {
            let weight = population * if self.is_home { HOME_WEIGHT } else { 1 };
            return (0, u64::MAX - weight);
        }
        let class = match (self.is_alternate, self.is_home) {
            (false, true) => 1,
            (false, false) => 2,
            (true, _) => 3,
        };
        (class, u64::MAX - population)
    }

    fn name(self, text: &str) -> &str {
        let start = self.start as usize;
        &text[start..start + usize::from(self.len)]
    }
}

fn town(country: &Country, index: u32) -> Place {
    let town = country.towns().at(index);
    Place {
        name: town.name.to_owned(),
        name_de: town.german_name().to_owned(),
        country: country.iso2().to_owned(),
        population: Some(town.population),
        position: town.position,
        postal: None,
        is_whole: false,
        spacing_m: 0.0,
    }
}

fn village(countries: &Countries, country: &Country, index: u32) -> Place {
    let delivery = country.table(countries).delivery(index);
    Place {
        name: delivery.place.to_owned(),
        name_de: delivery.place.to_owned(),
        country: country.iso2().to_owned(),
        population: None,
        position: delivery.position,
        postal: None,
        is_whole: false,
        spacing_m: 0.0,
    }
}

/// Postal codes that start with `query`: of the country of its prefix, else of the home countries.
fn codes(countries: &Countries, query: &str, limit: usize) -> Vec<Place> {
    if !query.contains(|c: char| c.is_ascii_digit()) {
        return Vec::new();
    }
    let prefixed = postal::prefix(query).and_then(|prefix| countries.named(prefix));
    let home = HOME.iter().filter_map(|iso2| countries.coded(iso2));
    let among: Vec<_> = match prefixed {
        Some(country) => vec![country],
        None => home.collect(),
    };
    let mut found = Vec::new();
    for country in among {
        let table = country.table(countries);
        let key = postal::normalise(countries, country.iso2(), query);
        // Codes of single companies have no area and come up only when they are typed in full.
        let codes = table
            .codes_from(&key)
            .filter(|code| code.key == key || code.is_area_centre || !table.has_area_centres());
        for code in codes.take(limit - found.len()) {
            let name = table.deliveries(&code).next();
            let name = name.map_or(String::new(), |delivery| delivery.place.to_owned());
            found.push(Place {
                name_de: name.clone(),
                name,
                country: country.iso2().to_owned(),
                population: None,
                position: code.centre,
                postal: Some(code.text.to_owned()),
                is_whole: code.key == key,
                spacing_m: code.spacing_m,
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::geocode::country::tests::tiny;

    use super::*;

    #[track_caller]
    fn check(query: &str, expected: &[&str]) {
        let countries = tiny();
        let found = SearchIndex::new(&countries).find(&countries, query, 4);
        let found: Vec<_> = found
            .iter()
            .map(|place| {
                format!(
                    "{} {}",
                    place.name_de,
                    place.postal.as_deref().unwrap_or("-")
                )
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn places_come_by_weight() {
        check("musterst", &["Musterstadt -"]);
        check(
            "MÜHL",
            &["Mühlhausen -", "Mühlhausen am Bach -", "Mühlbach -"],
        );
        check("Mühlbach", &["Mühlbach -"]);
        check("model", &["Musterstadt -"]);
        check("bergen", &["Bergen -"]);
        check("muster vers", &[]);
        check("xyz", &[]);
        check("", &[]);
    }

    #[test]
    fn postal_codes_come_by_their_first_digits() {
        check("011", &["Musterstadt 01100"]);
        check("0", &["Musterstadt 01100", "Mühlhausen 01200"]);
        check("01990", &["Muster Versand AG 01990"]);
        check("F-69", &["Mühlbach 69000"]);
    }
}
