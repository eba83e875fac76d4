//! The gazetteer and the streets and houses of one home, asked as one.
//!
//! 1. The gazetteer finds postal code and place and what is doubtful about them.
//! 2. The imported files find the street and the house there. What they find is nearer to the
//!    truth than any centre, so it is the position, unless two streets fit equally well: then all
//!    of them are offered beside the centre (`ambiguous_street`).
//! 3. A place that only an imported file knows is found by its name there.
//!
//! A coordinate that the file of the address gives goes before all of them.

use std::borrow::Cow;
use std::sync::Arc;

use crate::geocode::address::{HouseNumber, Parsed};
use crate::geocode::candidate::{Candidate, MOST_CANDIDATES};
use crate::geocode::evidence::{place_radius_m, share};
use crate::geocode::house::{HouseMatch, HousePlace, HouseQuery, Houses};
use crate::geocode::{Gazetteer, Located};
use crate::import::addresses::PlaceKind;
use crate::place::{LonLat, RegionKey};
use crate::record::account::Address;
use crate::record::site::{Precision, Reason};

/// From here on a house or street is what settles a doubt about postal code and place.
const SETTLES: f64 = 0.85;

/// From here on an answer of the gazetteer tells the locality, so no other spelling is tried.
const KNOWN: f64 = 0.9;

/// Places of one name this near to each other are one.
const SAME_PLACE_M: f64 = 5_000.0;

/// Everything that tells where an address is. Its copies ask the same files.
#[derive(Debug, Clone)]
pub struct Geocoder {
    gazetteer: &'static Gazetteer,
    houses: Arc<Houses>,
}

impl Geocoder {
    /// The shipped gazetteer with these houses.
    #[must_use]
    pub fn with(houses: Arc<Houses>) -> Self {
        Self {
            gazetteer: Gazetteer::shipped(),
            houses,
        }
    }

    /// The shipped gazetteer alone.
    #[must_use]
    pub fn shipped() -> Self {
        Self::with(Arc::default())
    }

    /// The imported streets and houses.
    #[must_use]
    pub fn houses(&self) -> &Houses {
        &self.houses
    }

    /// Where these addresses are, each with the coordinate that its file gives, in their order.
    #[must_use]
    pub fn locate_all(&self, addresses: &[(Address, Option<LonLat>)]) -> Vec<Located> {
        let mut located = self.gazetteer.locate_all(addresses);
        if self.houses.is_empty() {
            return located;
        }
        for (located, (address, given)) in located.iter_mut().zip(addresses) {
            if given.is_none() {
                self.refine(located, address);
            }
        }
        located
    }

    /// What `query` may mean, most probable first, at most `limit`; see [`Gazetteer::geocode`].
    /// Houses and streets of imported files come first where the query names one.
    #[must_use]
    pub fn geocode(&self, query: &str, limit: usize) -> Vec<Candidate> {
        let mut found = self.in_files(query);
        for candidate in self.gazetteer.geocode(query, limit) {
            let is_same = |other: &Candidate| other.matched == candidate.matched;
            if !found.iter().any(is_same) {
                found.push(candidate);
            }
        }
        found.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        found.truncate(limit);
        found
    }

    /// Houses, streets and places of the files that `query` names.
    fn in_files(&self, query: &str) -> Vec<Candidate> {
        if self.houses.is_empty() || query.trim().is_empty() {
            return Vec::new();
        }
        let parsed = Parsed::of_line(&self.gazetteer.countries, query);
        let country = self.gazetteer.country(&parsed.country);
        let country = country.map_or("", |country| country.iso2());
        if parsed.street.is_empty() {
            return self.places(&parsed.place, &parsed.postal_code, country);
        }
        let number = parsed.house_number.as_ref().map_or("", HouseNumber::text);
        let answer = self.houses.find(&HouseQuery {
            country,
            postal_code: &parsed.postal_code,
            place: &parsed.place,
            street: &parsed.street,
            house_number: number,
            is_known: false,
        });
        let found = answer.candidates.iter();
        found
            .filter_map(|house| candidate(house, country))
            .collect()
    }

    /// Puts the street or house of `address` in the place of the centre that the gazetteer found.
    fn refine(&self, located: &mut Located, address: &Address) {
        let parsed = Parsed::of_fields(&self.gazetteer.countries, address);
        let country = located.country.as_ref().map_or("", RegionKey::as_str);
        let answer = self.houses.find(&HouseQuery {
            country,
            postal_code: &parsed.postal_code,
            place: &place_of(located, &parsed),
            street: &parsed.street,
            house_number: parsed.house_number.as_ref().map_or("", HouseNumber::text),
            is_known: located.reason.is_none() && located.confidence >= KNOWN,
        });
        let offered = answer
            .candidates
            .iter()
            .filter_map(|house| candidate(house, country));
        let offered: Vec<Candidate> = offered.collect();
        let best = answer
            .best
            .as_ref()
            .and_then(|house| candidate(house, country));
        match best {
            Some(best) => settle(located, best, offered, answer.reason),
            None if !offered.is_empty() => offer(located, offered, answer.reason),
            None if located.position.is_none() => self.by_place(located, &parsed),
            None => {}
        }
    }

    /// The position of a place that only the files know.
    fn by_place(&self, located: &mut Located, parsed: &Parsed) {
        let country = located.country.as_ref().map_or("", RegionKey::as_str);
        let places = self.places(&parsed.place, &parsed.postal_code, country);
        let Some(first) = places.first() else {
            return;
        };
        let (first, rivals) = (first.clone(), places.len() > 1);
        let reason = rivals.then(|| {
            let (count, place) = (places.len(), &parsed.place);
            let detail = format!("{count} places of the imported files are called {place:?}");
            Reason::new("ambiguous_place", detail)
                .with("count", count.to_string())
                .with("same_name", place)
        });
        *located = Located {
            country: located.country.take().or(Some(first.country.clone())),
            postal: located.postal.take(),
            reason,
            candidates: if rivals { places } else { Vec::new() },
            ..at(first)
        };
    }

    /// The places of the files that are called `name`, the largest first; those of the postal code
    /// alone when one of them has it.
    fn places(&self, name: &str, postal_code: &str, country: &str) -> Vec<Candidate> {
        if name.trim().is_empty() {
            return Vec::new();
        }
        let files = self.houses.files().iter();
        let mut places: Vec<HousePlace<'_>> =
            files.flat_map(|file| file.places_named(name)).collect();
        if !postal_code.is_empty() && places.iter().any(|place| place.postal_code == postal_code) {
            places.retain(|place| place.postal_code == postal_code);
        }
        places.sort_by_key(|place| place.kind);
        let mut apart: Vec<HousePlace<'_>> = Vec::new();
        for place in places {
            let is_near =
                |other: &HousePlace<'_>| other.position.distance_m(place.position) < SAME_PLACE_M;
            if !apart.iter().any(is_near) {
                apart.push(place);
            }
        }
        apart.truncate(MOST_CANDIDATES);
        #[expect(clippy::cast_precision_loss, reason = "at most five")]
        let each = share::PLACE / apart.len().max(1) as f64;
        let candidates = apart.iter().map(|place| Candidate {
            position: place.position,
            precision: Precision::Place,
            source: "place of an imported file",
            radius_m: reach_m(place),
            confidence: each,
            matched: format!("{} {}", place.postal_code, place.name)
                .trim()
                .to_owned(),
            country: RegionKey::new(country),
            postal: None,
            is_suggestion: false,
        });
        candidates.collect()
    }
}

/// The place as the gazetteer corrected it, else as it is written.
fn place_of<'a>(located: &'a Located, parsed: &'a Parsed) -> Cow<'a, str> {
    let code = located.reason.as_ref().map(|reason| reason.code.as_str());
    if matches!(code, Some("similar_place")) {
        Cow::Borrowed(&located.matched)
    } else {
        Cow::Borrowed(&parsed.place)
    }
}

/// The house or street as the answer. It settles what was doubtful about postal code and place
/// when it is sure enough itself.
fn settle(located: &mut Located, best: Candidate, offered: Vec<Candidate>, doubt: Option<Reason>) {
    let left = located.reason.take();
    let unsettled = left.filter(|_| best.confidence < SETTLES);
    let postal = located.postal.take().or_else(|| best.postal.clone());
    *located = Located {
        reason: doubt.or(unsettled),
        country: located.country.take().or(Some(best.country.clone())),
        candidates: if offered.len() > 1 {
            offered
        } else {
            Vec::new()
        },
        postal,
        ..at(best)
    };
}

/// Streets that fit equally well, offered behind the centre that holds all of them.
fn offer(located: &mut Located, offered: Vec<Candidate>, doubt: Option<Reason>) {
    let centre = Candidate::of(located);
    let mut candidates: Vec<Candidate> = centre.into_iter().chain(offered).collect();
    candidates.truncate(MOST_CANDIDATES);
    located.candidates = candidates;
    if located.reason.is_none() {
        located.reason = doubt;
    }
}

fn at(candidate: Candidate) -> Located {
    Located {
        position: Some(candidate.position),
        precision: candidate.precision,
        source: candidate.source,
        radius_m: Some(candidate.radius_m),
        confidence: candidate.confidence,
        matched: candidate.matched,
        ..Located::default()
    }
}

/// A match as a candidate; a file that names no country lies in the one that was asked for.
fn candidate(house: &HouseMatch, country: &str) -> Option<Candidate> {
    let country = match house.country.as_str() {
        "" => country,
        own => own,
    };
    if country.is_empty() {
        return None;
    }
    Some(Candidate {
        position: house.position,
        precision: house.precision,
        source: match (house.precision, house.interpolated) {
            (Precision::House, _) => "house",
            (_, true) => "between houses",
            (_, false) => "street",
        },
        radius_m: house.radius_m,
        confidence: house.confidence,
        matched: house.label(),
        country: RegionKey::new(country),
        postal: (!house.postal_code.is_empty())
            .then(|| RegionKey::postal(country, &house.postal_code)),
        is_suggestion: house.cost >= 1.0,
    })
}

/// The truth lies within this distance of the middle of a place nine times of ten, in metres.
fn reach_m(place: &HousePlace<'_>) -> f64 {
    match (place.population, place.kind) {
        (Some(people), _) => place_radius_m(u64::from(people)),
        (None, PlaceKind::City) => place_radius_m(200_000),
        (None, PlaceKind::Town) => place_radius_m(30_000),
        (None, PlaceKind::Village | PlaceKind::Suburb | PlaceKind::Hamlet) => place_radius_m(0),
    }
}
