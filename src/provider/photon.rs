//! Answers of Photon: `/api?q=&limit=&lang=`, `GeoJSON` (RFC 7946).

use serde::Deserialize;

use super::found::{Found, candidates, reach_m};
use super::wire::Wire;
use super::{Answer, Error, Kind, Provider, Timeout};
use crate::place::LonLat;
use crate::record::site::Precision;
use crate::word::encoded;

/// A Photon service.
pub struct Photon(Wire);

impl Photon {
    /// The service at `base`.
    #[must_use]
    pub fn at(base: &str, timeout: Timeout) -> Self {
        Self(Wire::to(Kind::Photon.name(), base, timeout))
    }
}

impl Provider for Photon {
    fn name(&self) -> &'static str {
        Kind::Photon.name()
    }

    fn search(&self, query: &str, limit: usize) -> Result<Answer, Error> {
        let path = format!("/api?lang=de&limit={limit}&q={}", encoded(query));
        let features: Features = self.0.read(&path)?;
        Ok(answer(&features, query, limit))
    }
}

#[derive(Debug, Deserialize)]
struct Features {
    features: Vec<Feature>,
}

#[derive(Debug, Deserialize)]
struct Feature {
    geometry: Geometry,
    properties: Properties,
}

#[derive(Debug, Deserialize)]
struct Geometry {
    coordinates: Vec<f64>,
}

/// What is told of a thing; the extent is west, north, east, south.
#[derive(Debug, Deserialize, Default)]
#[serde(default)]
struct Properties {
    #[serde(rename = "type")]
    kind: String,
    osm_value: String,
    name: String,
    housenumber: String,
    street: String,
    postcode: String,
    locality: String,
    district: String,
    city: String,
    county: String,
    state: String,
    country: String,
    countrycode: String,
    extent: Vec<f64>,
}

/// Answers carry no credit, and none is made up here.
fn answer(features: &Features, query: &str, limit: usize) -> Answer {
    let features = features.features.iter().take(limit);
    let found: Vec<Found> = features.filter_map(found).collect();
    Answer {
        candidates: candidates(&found, query, Kind::Photon.name()),
        credit: None,
    }
}

fn found(feature: &Feature) -> Option<Found> {
    let [lon, lat, ..] = feature.geometry.coordinates.as_slice() else {
        return None;
    };
    let it = &feature.properties;
    let extent: Option<[f64; 4]> = it.extent.as_slice().try_into().ok();
    let words = [&it.locality, &it.district, &it.county, &it.state];
    Some(Found {
        position: LonLat::parse(*lon, *lat).ok()?,
        precision: precision(it),
        reach_m: extent.and_then(|[west, north, east, south]| reach_m([west, south, east, north])),
        label: label(it),
        country: if it.countrycode.is_empty() {
            it.country.clone()
        } else {
            it.countrycode.clone()
        },
        postal_code: it.postcode.clone(),
        words: words.map(String::as_str).join(" "),
        own: 1.0,
    })
}

fn precision(it: &Properties) -> Precision {
    match it.kind.as_str() {
        _ if it.osm_value == "postcode" || it.osm_value == "postal_code" => Precision::Postal,
        "house" => Precision::House,
        "street" => Precision::Street,
        "county" | "state" | "country" => Precision::Region,
        "locality" | "district" | "city" => Precision::Place,
        _ if !it.housenumber.is_empty() => Precision::House,
        // Of a thing of no known kind no more is believed than its place.
        _ => Precision::Place,
    }
}

/// Name, street with number, code with place, country: what there is, nothing twice.
fn label(it: &Properties) -> String {
    let joined = |first: &str, second: &str| format!("{first} {second}").trim().to_owned();
    let parts = [
        it.name.clone(),
        joined(&it.street, &it.housenumber),
        joined(&it.postcode, &it.city),
        it.country.clone(),
    ];
    let mut kept: Vec<String> = Vec::new();
    for part in parts {
        if !part.is_empty() && !kept.contains(&part) {
            kept.push(part);
        }
    }
    kept.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_become_candidates() {
        let features: Features = serde_json::from_str(
            r#"{"type": "FeatureCollection", "features": [
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": [8.7, 50.1]},
             "properties": {"osm_id": 1, "osm_key": "place", "osm_value": "house", "type": "house",
              "housenumber": "12", "street": "Lange Straße", "postcode": "60311",
              "city": "Musterstadt", "country": "Deutschland", "countrycode": "DE"}},
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": [9.0, 50.0]},
             "properties": {"osm_value": "city", "type": "city", "name": "Musterstadt",
              "country": "Deutschland", "extent": [8.9, 50.1, 9.1, 49.9]}},
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": [9.0, 50.0]},
             "properties": {"osm_value": "postcode", "type": "other", "name": "60311"}},
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": []},
             "properties": {"name": "nowhere"}}]}"#,
        )
        .unwrap();
        let answer = answer(&features, "Lange Straße 12 Musterstadt", 5);
        let seen: Vec<_> = answer
            .candidates
            .iter()
            .map(|found| {
                let code = found.postal.as_ref().map_or("", |code| code.as_str());
                format!(
                    "{} {} {:.0} {code}",
                    found.matched,
                    found.precision.name(),
                    found.radius_m
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                "Lange Straße 12, 60311 Musterstadt, Deutschland house 100 DE-60311",
                "Musterstadt, Deutschland place 13219 ",
                "60311 postal 3800 ",
            ]
        );
        assert_eq!(answer.credit, None);
    }
}
