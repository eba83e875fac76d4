//! What people type into a search box: addresses, places, postal codes, countries and states.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::geocode::address::Parsed;
use crate::geocode::candidate::Candidate;
use crate::geocode::country::Country;
use crate::geocode::evidence::{ABROAD, UNKNOWN_INHABITANTS, code_radius_m, place_radius_m, share};
use crate::geocode::fold::fold;
use crate::geocode::postal;
use crate::geocode::search::{HOME, HOME_WEIGHT, Place};
use crate::geocode::spot::How;
use crate::geocode::town::shipped_text;
use crate::geocode::{Gazetteer, Located};
use crate::place::{LonLat, RegionKey};
use crate::record::account::Address;
use crate::record::site::Precision;

/// Answers this near to each other with one name are one.
const SAME_M: f64 = 5_000.0;

/// How sure a name is that goes on behind what was typed.
const BEGUN: f64 = 0.45;

/// What a misspelt place in a neighbouring country counts beside one in the first country.
const NEIGHBOUR: f64 = 0.3;

/// What an answer loses when words of the query could not be used.
const WORDS_LEFT: f64 = 0.8;

/// A state gives way to a place of its name from this weight on, wherever that is: `New York`.
const GREAT: u64 = 500_000;

/// A country or state with a point inside.
#[derive(Debug)]
struct Area {
    is_state: bool,
    /// ISO 3166 alpha-2 code of the country.
    country: String,
    name: String,
    position: LonLat,
    radius_m: f64,
}

#[derive(Deserialize)]
struct Row {
    level: String,
    key: String,
    name: String,
    name_de: String,
    min_lon: f64,
    min_lat: f64,
    max_lon: f64,
    max_lat: f64,
    label_lon: f64,
    label_lat: f64,
}

/// Countries by code and states by folded name.
static AREAS: LazyLock<HashMap<String, Area>> = LazyLock::new(|| {
    let units = shipped_text("units.csv.gz");
    let rows = csv::Reader::from_reader(units.as_bytes())
        .into_deserialize()
        .filter_map(Result::ok);
    let mut areas = HashMap::new();
    for row in rows.filter(|row: &Row| matches!(row.level.as_str(), "country" | "state")) {
        let name = if row.name_de.is_empty() {
            &row.name
        } else {
            &row.name_de
        };
        let corners = (
            LonLat::parse(row.min_lon, row.min_lat),
            LonLat::parse(row.max_lon, row.max_lat),
            LonLat::parse(row.label_lon, row.label_lat),
        );
        if let (Ok(min), Ok(max), Ok(position)) = corners {
            let key = match row.level.as_str() {
                "country" => row.key.clone(),
                _ => fold(&row.name),
            };
            let area = Area {
                is_state: row.level == "state",
                country: match (row.level.as_str(), row.key.split_once('-')) {
                    ("country", _) => row.key.clone(),
                    // German keys are plain numbers.
                    (_, None) => "DE".to_owned(),
                    (_, Some((country, _))) => country.to_owned(),
                },
                name: name.clone(),
                position,
                radius_m: min.distance_m(max) / 2.0,
            };
            areas.insert(key, area);
        }
    }
    areas
});

impl Gazetteer {
    /// What `query` may mean, most probable first, at most `limit`: an address, a place, a postal
    /// code, a country or a state of Germany or the United States, or the beginning of one; with typing errors and without
    /// a country those of Germany, Austria and Switzerland.
    ///
    /// Candidates whose name only resembles or begins with what was typed are marked
    /// [`Candidate::is_suggestion`]. The first call reads the tables of Germany, Austria and
    /// Switzerland, some 150 ms; later ones take a few milliseconds at most.
    #[must_use]
    pub fn geocode(&self, query: &str, limit: usize) -> Vec<Candidate> {
        let query = query.trim();
        if query.is_empty() || limit == 0 {
            return Vec::new();
        }
        let parsed = Parsed::of_line(&self.countries, query);
        let mut found = if parsed.postal_code.is_empty() {
            self.by_words(query, &parsed)
        } else {
            self.by_address(&parsed.address())
        };
        let hits = self.search(query, limit);
        let begun = hits
            .iter()
            .filter(|hit| !hit.is_whole || hit.postal.is_some());
        for (rank, hit) in begun.enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "a small number")]
            let share = BEGUN / (rank + 1) as f64;
            found.push(of_hit(hit, share, !hit.is_whole));
        }
        // Of equally sure ones the order stays.
        found.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        let mut kept: Vec<Candidate> = Vec::new();
        for candidate in found {
            let is_same = |other: &Candidate| {
                other.matched == candidate.matched
                    && other.position.distance_m(candidate.position) < SAME_M
            };
            if kept.len() < limit && !kept.iter().any(is_same) {
                kept.push(candidate);
            }
        }
        kept
    }

    /// Candidates for a query without a postal code.
    fn by_words(&self, query: &str, parsed: &Parsed) -> Vec<Candidate> {
        let mut found = self.by_name(query, None);
        if !found.is_empty() {
            return found;
        }
        let country = self.countries.named(&parsed.country);
        if !parsed.place.is_empty() && parsed.place != query {
            found = self.by_name(&parsed.place, country);
            scale(
                &mut found,
                if parsed.rest.is_empty() {
                    1.0
                } else {
                    WORDS_LEFT
                },
            );
        }
        if found.is_empty() {
            found = self.by_some_words(query);
            // Words beside a place that are no street may be its other half.
            let is_suggestion = parsed.street.is_empty();
            for candidate in &mut found {
                candidate.is_suggestion |= is_suggestion;
            }
        }
        if found.is_empty() {
            found = self.similar(query, country);
        }
        found
    }

    /// Places, countries and states of the very name.
    fn by_name(&self, text: &str, country: Option<&Country>) -> Vec<Candidate> {
        let named = self.countries.named(text);
        let named = named.filter(|_| text.chars().count() > 3);
        let area = named
            .and_then(|country| AREAS.get(country.iso2()))
            .or_else(|| AREAS.get(&fold(text)))
            .filter(|_| country.is_none());
        let mut places = Vec::new();
        for country in self.asked(country) {
            let query = Address {
                place: text.to_owned(),
                ..Address::default()
            };
            let query = self.query(country, &query);
            if let Some(spots) = query.by_whole_name() {
                let is_suggestion = spots.how == How::Base;
                let weights = spots.spots.iter().map(|spot| spot.population * HOME_WEIGHT);
                let named = query.at_spots(&spots, share::PLACE).into_iter();
                let named = named.map(|place| Candidate {
                    is_suggestion,
                    ..place
                });
                places.extend(weights.zip(named));
            }
        }
        if country.is_none() {
            let abroad = self.search(text, 20).into_iter();
            let abroad = abroad.filter(|hit| hit.is_whole && hit.postal.is_none());
            places.extend(
                abroad
                    .filter(|hit| !HOME.contains(&hit.country.as_str()))
                    .map(|hit| {
                        (
                            hit.population.unwrap_or(0),
                            of_hit(&hit, share::PLACE, false),
                        )
                    }),
            );
        }
        // A part of the name counts only where the whole name is nowhere.
        if places.iter().any(|(_, place)| !place.is_suggestion) {
            places.retain(|(_, place)| !place.is_suggestion);
        }
        let total: u64 = places.iter().map(|(weight, _)| weight).sum();
        // What no file has may be meant as well.
        let total = total + UNKNOWN_INHABITANTS * HOME_WEIGHT;
        // A state that is a city as well is the city.
        let is_kept = |area: &&Area| {
            places.iter().all(|(weight, place)| {
                let is_great = area.is_state && *weight >= GREAT;
                !is_great && place.position.distance_m(area.position) > area.radius_m.min(50_000.0)
            })
        };
        let mut found: Vec<Candidate> = area.filter(is_kept).map(of_area).into_iter().collect();
        places.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        found.extend(places.into_iter().map(|(weight, place)| {
            #[expect(clippy::cast_precision_loss, reason = "inhabitants of a planet")]
            let part = weight as f64 / total as f64;
            Candidate {
                confidence: share::PLACE * part,
                ..place
            }
        }));
        found
    }

    /// The place at the end of the words, or at their start, the longest first.
    fn by_some_words(&self, query: &str) -> Vec<Candidate> {
        /// Places have no more words than this.
        const MOST_WORDS: usize = 5;
        let words: Vec<&str> = query
            .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|'))
            .filter(|word| !word.is_empty())
            .take(40)
            .collect();
        for len in (1..words.len()).rev().filter(|len| *len <= MOST_WORDS) {
            for part in [&words[words.len() - len..], &words[..len]] {
                let name = part.join(" ");
                if name.chars().count() < 3 {
                    continue;
                }
                for country in self.asked(None) {
                    let address = Address {
                        place: name.clone(),
                        ..Address::default()
                    };
                    let query = self.query(country, &address);
                    if query.table.named(query.name.full()).next().is_none() {
                        continue;
                    }
                    if let Some(spots) = query.by_whole_name() {
                        return query.at_spots(&spots, share::PLACE * WORDS_LEFT);
                    }
                }
            }
        }
        Vec::new()
    }

    /// Places whose name resembles `text` or has it as a part.
    fn similar(&self, text: &str, country: Option<&Country>) -> Vec<Candidate> {
        let address = Address {
            place: text.to_owned(),
            ..Address::default()
        };
        let mut found = Vec::new();
        for country in self.asked(country) {
            let query = self.query(country, &address);
            let spots = query.similar().or_else(|| query.in_part());
            let abroad = if found.is_empty() { 1.0 } else { NEIGHBOUR };
            found.extend(
                spots
                    .iter()
                    .flat_map(|spots| query.at_spots(spots, share::PLACE * abroad)),
            );
        }
        found
    }

    fn by_address(&self, address: &Address) -> Vec<Candidate> {
        let named = self.countries.named(&address.country).or_else(|| {
            let prefix = postal::prefix(&address.postal_code).filter(|prefix| prefix.len() < 3);
            self.countries.named(prefix?)
        });
        let asked = self.asked(named);
        let mut all: Vec<_> = asked
            .map(|country| self.locate_in(country, address))
            .collect();
        // Where one country knows the address, the guesses of the others say nothing.
        if all.iter().any(is_certain) {
            all.retain(is_certain);
        }
        all.into_iter().flat_map(candidates).collect()
    }

    /// The country that is named, else those at home.
    fn asked<'a>(&'a self, named: Option<&'a Country>) -> impl Iterator<Item = &'a Country> {
        let home = HOME.iter().filter_map(|iso2| self.countries.coded(iso2));
        let home = home.filter(move |_| named.is_none());
        named.into_iter().chain(home)
    }
}

fn is_certain(located: &Located) -> bool {
    located.position.is_some() && located.reason.is_none()
}

fn candidates(located: Located) -> Vec<Candidate> {
    if located.candidates.is_empty() {
        Candidate::of(&located).into_iter().collect()
    } else {
        located.candidates
    }
}

fn scale(candidates: &mut [Candidate], by: f64) {
    for candidate in candidates {
        candidate.confidence *= by;
    }
}

fn of_area(area: &Area) -> Candidate {
    Candidate {
        position: area.position,
        precision: Precision::Region,
        source: "region",
        radius_m: area.radius_m,
        confidence: share::AGREED,
        matched: area.name.clone(),
        country: RegionKey::new(area.country.as_str()),
        postal: None,
        is_suggestion: false,
    }
}

fn of_hit(hit: &Place, confidence: f64, is_suggestion: bool) -> Candidate {
    let reserve = if hit.country == "DE" { 1.0 } else { ABROAD };
    let (precision, source, radius_m) = match hit.postal {
        Some(_) => (
            Precision::Postal,
            "postal code centre",
            code_radius_m(hit.spacing_m),
        ),
        None => (
            Precision::Place,
            "place centre",
            place_radius_m(hit.population.unwrap_or(0)),
        ),
    };
    let code = hit.postal.as_deref().unwrap_or_default();
    Candidate {
        position: hit.position,
        precision,
        source,
        radius_m: radius_m * reserve,
        confidence,
        matched: format!("{code} {}", hit.name_de).trim().to_owned(),
        country: RegionKey::new(hit.country.as_str()),
        postal: hit
            .postal
            .as_deref()
            .map(|code| RegionKey::postal(&hit.country, code)),
        is_suggestion,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geocode::country::tests::tiny;

    /// `expected` is what matched, with a question mark behind suggestions.
    #[track_caller]
    fn check(query: &str, expected: &[&str]) {
        let found = Gazetteer::new(tiny()).geocode(query, 3);
        let found: Vec<_> = found
            .iter()
            .map(|one| {
                format!(
                    "{}{}",
                    one.matched,
                    if one.is_suggestion { "?" } else { "" }
                )
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn queries_are_answered() {
        check("Musterstadt", &["Musterstadt"]);
        check("01100 Musterstadt", &["01100 Musterstadt"]);
        check("Ring 3, 01100 Musterstadt", &["01100 Musterstadt"]);
        check("Ring Musterstadt", &["Musterstadt"]);
        check("Mustersatdt", &["Musterstadt?"]);
        check("Muster", &["Musterstadt?"]);
        check("Deutschland", &["Deutschland"]);
        check("Xanadu", &[]);
        check(" ", &[]);
    }

    #[track_caller]
    fn check_confidence(query: &str, expected: f64) {
        let found = Gazetteer::new(tiny()).geocode(query, 1);
        assert!((found[0].confidence - expected).abs() < 0.005, "{query}");
    }

    #[test]
    fn small_places_may_be_villages_that_no_file_has() {
        check_confidence("Musterstadt", 0.92);
        check_confidence("Waldheim", 0.92 * 800.0 / 1_000.0);
        check_confidence("Bergen", 0.92 * 500.0 / 700.0);
    }

    #[track_caller]
    fn check_first(query: &str, country: &str, precision: Precision) {
        let found = Gazetteer::shipped().geocode(query, 1);
        assert_eq!(found[0].country.as_str(), country, "{query}");
        assert_eq!(found[0].precision, precision, "{query}");
    }

    #[test]
    fn states_lie_in_their_country() {
        check_first("Hessen", "DE", Precision::Region);
        check_first("Texas", "US", Precision::Region);
        check_first("Berlin", "DE", Precision::Place);
        check_first("New York", "US", Precision::Place);
    }
}
