//! Answers of Nominatim: `/search?format=jsonv2&addressdetails=1`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::found::{Found, candidates, reach_m};
use super::wire::Wire;
use super::{Answer, Error, Kind, Provider, Timeout};
use crate::place::LonLat;
use crate::record::site::Precision;
use crate::word::encoded;

/// A Nominatim service.
pub struct Nominatim(Wire);

impl Nominatim {
    /// The service at `base`.
    #[must_use]
    pub fn at(base: &str, timeout: Timeout) -> Self {
        Self(Wire::to(Kind::Nominatim.name(), base, timeout))
    }
}

impl Provider for Nominatim {
    fn name(&self) -> &'static str {
        Kind::Nominatim.name()
    }

    fn search(&self, query: &str, limit: usize) -> Result<Answer, Error> {
        let path = format!(
            "/search?format=jsonv2&addressdetails=1&accept-language=de&limit={limit}&q={}",
            encoded(query)
        );
        let places: Vec<Place> = self.0.read(&path)?;
        Ok(answer(&places, query, limit))
    }
}

/// A thing in an answer. Numbers of positions and boxes are written as text; the box is south,
/// north, west, east.
#[derive(Debug, Deserialize)]
struct Place {
    lat: String,
    lon: String,
    #[serde(default)]
    licence: String,
    #[serde(default, rename = "place_rank")]
    rank: u32,
    #[serde(default)]
    addresstype: String,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    address: BTreeMap<String, String>,
    #[serde(default)]
    boundingbox: Vec<String>,
}

fn answer(places: &[Place], query: &str, limit: usize) -> Answer {
    let found: Vec<Found> = places.iter().take(limit).filter_map(found).collect();
    let credit = places.iter().map(|place| place.licence.trim());
    Answer {
        candidates: candidates(&found, query, Kind::Nominatim.name()),
        credit: credit
            .filter(|licence| !licence.is_empty())
            .map(str::to_owned)
            .next(),
    }
}

fn found(place: &Place) -> Option<Found> {
    let position = LonLat::parse(place.lon.parse().ok()?, place.lat.parse().ok()?).ok()?;
    let part = |name: &str| place.address.get(name).cloned().unwrap_or_default();
    let words: Vec<&str> = place.address.values().map(String::as_str).collect();
    Some(Found {
        position,
        precision: precision(place),
        reach_m: reach(&place.boundingbox),
        label: place.display_name.clone(),
        country: part("country_code"),
        postal_code: part("postcode"),
        words: words.join(" "),
        own: 1.0,
    })
}

/// By the type of the address, and for types without a word here by the rank, which counts from 4
/// for a country to 30 for a house.
fn precision(place: &Place) -> Precision {
    match place.addresstype.as_str() {
        "postcode" => Precision::Postal,
        "road" => Precision::Street,
        "country" | "state" | "region" | "province" | "county" | "state_district" | "continent" => {
            Precision::Region
        }
        _ => match place.rank {
            28.. => Precision::House,
            26..28 => Precision::Street,
            13..26 => Precision::Place,
            _ => Precision::Region,
        },
    }
}

fn reach(texts: &[String]) -> Option<f64> {
    let numbers: Option<Vec<f64>> = texts.iter().map(|text| text.parse().ok()).collect();
    let [south, north, west, east] = numbers?.try_into().ok()?;
    reach_m([west, south, east, north])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(addresstype: &str, place_rank: u32, expected: Precision) {
        let place = format!(
            r#"{{"lat": "50.1", "lon": "8.7", "addresstype": "{addresstype}", "place_rank": {place_rank}}}"#
        );
        let place: Place = serde_json::from_str(&place).unwrap();
        assert_eq!(precision(&place), expected, "{addresstype}");
    }

    #[test]
    fn types_and_ranks_tell_how_exact() {
        check("building", 30, Precision::House);
        check("amenity", 30, Precision::House);
        check("road", 26, Precision::Street);
        check("postcode", 21, Precision::Postal);
        check("village", 19, Precision::Place);
        check("state", 8, Precision::Region);
    }

    #[test]
    fn answers_become_candidates() {
        let places: Vec<Place> = serde_json::from_str(
            r#"[
            {"place_id": 1, "licence": "Data © Invented, ODbL 1.0", "lat": "50.1", "lon": "8.7",
             "place_rank": 30, "importance": 0.1, "addresstype": "building", "name": "",
             "display_name": "12, Lange Straße, Musterstadt, 60311, Deutschland",
             "address": {"house_number": "12", "road": "Lange Straße", "city": "Musterstadt",
                         "postcode": "60311", "country": "Deutschland", "country_code": "de"},
             "boundingbox": ["50.0999", "50.1001", "8.6999", "8.7001"]},
            {"lat": "north", "lon": "8.7"}]"#,
        )
        .unwrap();
        let answer = answer(&places, "Lange Str. 12, 60311 Musterstadt", 5);
        assert_eq!(answer.credit.as_deref(), Some("Data © Invented, ODbL 1.0"));
        let [house] = answer.candidates.as_slice() else {
            panic!("{answer:?}");
        };
        assert_eq!(house.precision, Precision::House);
        assert_eq!(house.source, "nominatim");
        assert_eq!(house.country.as_str(), "DE");
        assert_eq!(house.postal.as_ref().unwrap().as_str(), "DE-60311");
        assert!((house.radius_m - 100.0).abs() < 1e-9);
        assert!((house.confidence - 0.9).abs() < 1e-9);
        assert!(!house.is_suggestion);
    }
}
