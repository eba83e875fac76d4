//! Addresses and their positions, without any network: by postal code and place.
//!
//! An address is located in these steps, and what is doubtful about it is said in a [`Reason`]
//! with a stable code:
//!
//! 1. The country is the one that the address names, in any language or code; else the one of
//!    the prefix of the postal code (`A-1010`), else Germany when the code and the place belong
//!    together there (`country_assumed`). No other country is guessed: `no_country`,
//!    `unknown_country`.
//! 2. A coordinate that the file gives is the position (precision `house`). It is doubted when
//!    it lies far from the address (`coordinate_far_from_address`).
//! 3. A known postal code is the position (precision `postal`) when the place is one that it
//!    delivers to, or lies near, or is not given; a place below [`evidence::CITY`] inhabitants
//!    is it by its own centre (precision `place`), which is nearer to the truth. A typing error
//!    or two in the place change nothing. A place that nobody knows leaves a doubt
//!    (`unknown_place`).
//! 4. A place that lies elsewhere contradicts the code (`postal_code_contradicts_place`). The
//!    code wins, unless the place can only be that one and either it alone lies in the state of
//!    the address, or the code looks mistyped: one typing error away from a code of the place,
//!    or with another first digit than all of them.
//! 5. A code that lost its leading zeros to a spreadsheet gets them back when the place agrees,
//!    and without a place with a doubt (`leading_zero_assumed`).
//! 6. Else the place alone is the position (precision `place`), most populous first. It is
//!    doubted when the code is unknown (`unknown_postal_code`), when another place of the name
//!    may be meant (`ambiguous_place`), when its name has a typing error (`similar_place`), or
//!    when only a part of it or its first words are known (`place_known_in_part`).
//! 7. When that leaves doubts, the fields are taken apart and the place is looked for in the
//!    street; what is found there says so (`other_field`).
//! 8. Else there is no position: `place_not_found`, `no_address`. A country is no position.
//!
//! Every answer tells how exact and how sure it is, and what else may be meant: [`evidence`] has
//! the measurements behind. [`Gazetteer::geocode`] answers what people type into a search box.

pub mod address;
pub mod candidate;
pub mod country;
mod decide;
pub mod evidence;
pub mod fold;
mod free;
pub mod fuzzy;
mod geocoder;
pub mod house;
pub mod postal;
pub mod search;
pub mod spot;
pub mod state;
pub mod table;
#[cfg(test)]
mod tests;
pub mod town;
pub mod words;

use std::sync::{LazyLock, OnceLock};

use serde::Serialize;

use crate::geocode::address::{HouseNumber, Parsed};
use crate::geocode::candidate::Candidate;
use crate::geocode::country::{Countries, Country};
use crate::geocode::decide::Query;
use crate::geocode::fold::Name;
use crate::geocode::search::place_index::PlaceIndex;
use crate::place::{LonLat, RegionKey};
use crate::record::account::Address;
use crate::record::site::{Precision, Reason};

pub use self::geocoder::Geocoder;

/// A coordinate farther than this from the place of its address is doubted, in metres.
pub const FAR_M: f64 = 50_000.0;

/// Where an address is, as far as it tells.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Located {
    /// The position, where one was found.
    pub position: Option<LonLat>,
    /// How exact the position is.
    pub precision: Precision,
    /// Where the position comes from: `file`, `postal code centre`, `place centre`; empty
    /// without a position.
    pub source: &'static str,
    /// Why the position is missing or doubtful.
    pub reason: Option<Reason>,
    /// The country of the address; `None` also when only the position could tell it.
    pub country: Option<RegionKey>,
    /// The postal code, where it exists in the country and the place does not speak against it.
    pub postal: Option<RegionKey>,
    /// The truth lies within this many metres nine times of ten; `None` without a position.
    pub radius_m: Option<f64>,
    /// How probable it is that this is what is meant, 0 to 1; 0 without a position.
    pub confidence: f64,
    /// What was found, as the gazetteer writes it: `80331 München`; empty without a position.
    pub matched: String,
    /// What else may be meant, this answer first, at most five; empty when nothing else may.
    pub candidates: Vec<Candidate>,
}

impl Located {
    fn because(self, reason: Reason) -> Self {
        Self {
            reason: Some(reason),
            ..self
        }
    }

    /// The same with a doubt about the country, behind the doubt that there is.
    fn doubting(self, doubt: Option<Reason>) -> Self {
        let reason = match (self.reason, doubt) {
            (Some(own), Some(doubt)) => Some(Reason {
                detail: format!("{}; {}", own.detail, doubt.detail),
                ..own.with_facts_of(&doubt)
            }),
            (own, doubt) => own.or(doubt),
        };
        Self { reason, ..self }
    }
}

/// A place of the gazetteer.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedPlace {
    /// German name, else the only one.
    pub name: String,
    /// ISO 3166 alpha-2 code of its country.
    pub country: String,
    /// Inhabitants; 0 where unknown.
    pub population: u64,
    /// Where it is.
    pub position: LonLat,
}

/// The postal codes and places of the world.
#[derive(Debug)]
pub struct Gazetteer {
    countries: Countries,
    places: OnceLock<PlaceIndex>,
}

impl Gazetteer {
    /// The shipped gazetteer. Each country is read when it first occurs: Germany takes some
    /// 70 ms, the largest five times as long.
    ///
    /// # Panics
    /// Never in a build whose tests passed: they read the shipped files.
    #[must_use]
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<Gazetteer> = LazyLock::new(|| {
            let countries =
                Countries::read_shipped().expect("the tests read the shipped countries");
            let places = PlaceIndex::shipped().expect("the tests read the shipped index");
            Gazetteer {
                countries,
                places: OnceLock::from(places),
            }
        });
        &SHIPPED
    }

    #[cfg(test)]
    fn new(countries: Countries) -> Self {
        Self {
            countries,
            places: OnceLock::new(),
        }
    }

    /// Where these addresses are, each with the coordinate that its file gives, in their order.
    #[must_use]
    pub fn locate_all(&self, addresses: &[(Address, Option<LonLat>)]) -> Vec<Located> {
        addresses
            .iter()
            .map(|(address, given)| self.locate(address, *given))
            .collect()
    }

    /// The country of a name or code in any language.
    #[must_use]
    pub fn country(&self, text: &str) -> Option<&Country> {
        self.countries.named(text)
    }

    /// The places and postal codes whose name starts with `query`, at most `limit`: places of
    /// the very name first, then those of Germany, Austria and Switzerland, then the others,
    /// the most populous first each time.
    ///
    /// Their index lies ready in the binary; a postal code reads the tables of Germany, Austria and
    /// Switzerland.
    #[must_use]
    pub fn search(&self, query: &str, limit: usize) -> Vec<search::Place> {
        let places = self.places.get_or_init(|| PlaceIndex::of(&self.countries));
        search::find(places, &self.countries, query, limit)
    }

    /// Every place of every country with 500 inhabitants or more, and the German Gemeinden that
    /// have fewer, country by country. The first call reads them, some 200 ms.
    #[must_use]
    pub fn named_places(&self) -> Vec<NamedPlace> {
        let places = self.countries.all().iter().flat_map(|country| {
            country.towns().iter().map(|town| NamedPlace {
                name: town.german_name().to_owned(),
                country: country.iso2().to_owned(),
                population: town.population,
                position: town.position,
            })
        });
        places.collect()
    }

    fn locate(&self, address: &Address, given: Option<LonLat>) -> Located {
        let (country, doubt) = self.country_of(address);
        let located = match country {
            Some(country) => self.locate_in(country, address),
            None => Located::default(),
        };
        match given {
            None => located.doubting(doubt),
            // The position tells the country, so nothing has to be assumed.
            Some(position) if country.is_none() && address.country.trim().is_empty() => {
                at_file(located, position)
            }
            Some(position) => at_file(located, position).doubting(doubt),
        }
    }

    /// Where an address in a country is. When its fields as they stand tell little, they are taken
    /// apart, and the place is looked for in the street; what that finds must be clearly surer.
    fn locate_in(&self, country: &Country, address: &Address) -> Located {
        /// Surer than this nothing else is tried.
        const SURE: f64 = 0.9;
        /// How much surer another reading must be.
        const CLEARLY: f64 = 0.1;
        let located = self.query(country, address).locate();
        if located.confidence >= SURE || address.street.trim().is_empty() && !has_code(address) {
            return located;
        }
        let parsed = Parsed::of_fields(&self.countries, address).address();
        let swapped = Address {
            place: HouseNumber::split(&address.street).0.to_owned(),
            street: address.place.clone(),
            ..address.clone()
        };
        for other in [parsed, swapped] {
            if other.place == address.place && other.postal_code == address.postal_code {
                continue;
            }
            let found = self.query(country, &other).locate();
            if found.confidence <= located.confidence + CLEARLY {
                continue;
            }
            match found.reason.as_ref().map(|reason| reason.code.as_str()) {
                None => {
                    let detail = format!("{} was found in another field", found.matched);
                    let reason = Reason::new("other_field", detail).with("found", &found.matched);
                    return found.because(reason);
                }
                Some("ambiguous_place") => return found,
                // Other doubts are no better than those of the fields as they stand, unless
                // these tell nothing.
                Some("unknown_place" | "unknown_postal_code" | "postal_code_contradicts_place")
                    if located.position.is_none() =>
                {
                    return found;
                }
                Some(_) => {}
            }
        }
        located
    }

    /// The country of an address, and what is doubtful about it.
    fn country_of(&self, address: &Address) -> (Option<&Country>, Option<Reason>) {
        let text = address.country.trim();
        if !text.is_empty() {
            let country = self.countries.named(text);
            let unknown = || {
                let detail = format!("no country is called {text:?}");
                Some(Reason::new("unknown_country", detail).with("unknown_country", text))
            };
            return (country, country.map_or_else(unknown, |_| None));
        }
        let prefixed = postal::prefix(&address.postal_code)
            .filter(|prefix| prefix.len() < 3)
            .and_then(|prefix| self.countries.named(prefix));
        let assumed = [prefixed, self.countries.coded("DE")]
            .into_iter()
            .flatten()
            .find(|country| self.query(country, address).is_consistent());
        let Some(country) = assumed else {
            let detail = "the address names no country".to_owned();
            return (None, Some(Reason::new("no_country", detail)));
        };
        let detail = format!(
            "no country is given; {} has {} {}",
            country.name(),
            address.postal_code.trim(),
            address.place.trim()
        );
        let reason = Reason::new("country_assumed", detail);
        let reason = reason.with("assumed_country", country.iso2());
        (Some(country), Some(reason))
    }

    fn query<'a>(&'a self, country: &'a Country, address: &'a Address) -> Query<'a> {
        let (place, district) = address::split_district(&address.place);
        Query {
            country,
            table: country.table(&self.countries),
            address,
            key: postal::normalise(&self.countries, country.iso2(), &address.postal_code),
            name: Name::parse(place),
            district: Name::parse(district.unwrap_or_default()),
            state: state::key(country.iso2(), &address.state),
        }
    }
}

/// Whether the place holds digits, perhaps a postal code.
fn has_code(address: &Address) -> bool {
    address.place.contains(|c: char| c.is_ascii_digit())
}

/// The coordinate of the file instead of the one that was found by the address.
fn at_file(located: Located, position: LonLat) -> Located {
    let distance_m = located
        .position
        .map_or(0.0, |found| found.distance_m(position));
    let found = located.source;
    let located = Located {
        position: Some(position),
        precision: Precision::House,
        source: "file",
        reason: None,
        radius_m: Some(evidence::FILE_M),
        confidence: evidence::share::AGREED,
        ..located
    };
    if distance_m <= FAR_M {
        return located;
    }
    let far_km = format!("{:.0}", distance_m / 1000.0);
    let detail =
        format!("the coordinate of the file lies {far_km} km from the {found} of the address");
    let reason = Reason::new("coordinate_far_from_address", detail);
    located.because(reason.with("file_km", far_km))
}
