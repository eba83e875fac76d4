//! Answers of Pelias: `/v1/search?text=`, `GeoJSON` (RFC 7946).

use serde::Deserialize;

use super::found::{Found, candidates, reach_m};
use super::wire::Wire;
use super::{Answer, Error, Kind, Provider, Timeout};
use crate::place::LonLat;
use crate::record::site::Precision;
use crate::word::encoded;

/// A Pelias service.
pub struct Pelias(Wire);

impl Pelias {
    /// The service at `base`.
    #[must_use]
    pub fn at(base: &str, timeout: Timeout) -> Self {
        Self(Wire::to(Kind::Pelias.name(), base, timeout))
    }
}

impl Provider for Pelias {
    fn name(&self) -> &'static str {
        Kind::Pelias.name()
    }

    fn search(&self, query: &str, limit: usize) -> Result<Answer, Error> {
        let path = format!("/v1/search?lang=de&size={limit}&text={}", encoded(query));
        let body: Body = self.0.read(&path)?;
        answer(&body, query, limit).map_err(|detail| self.0.unclear(&detail))
    }
}

#[derive(Debug, Deserialize)]
struct Body {
    #[serde(default)]
    geocoding: Geocoding,
    features: Vec<Feature>,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
struct Geocoding {
    attribution: String,
    errors: Vec<String>,
}

/// A thing; its box is west, south, east, north.
#[derive(Debug, Deserialize)]
struct Feature {
    geometry: Geometry,
    properties: Properties,
    #[serde(default)]
    bbox: Vec<f64>,
}

#[derive(Debug, Deserialize)]
struct Geometry {
    coordinates: Vec<f64>,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
struct Properties {
    layer: String,
    accuracy: String,
    label: String,
    name: String,
    street: String,
    housenumber: String,
    postalcode: String,
    neighbourhood: String,
    borough: String,
    locality: String,
    localadmin: String,
    county: String,
    region: String,
    country: String,
    country_a: String,
    country_code: String,
    confidence: Option<f64>,
}

fn answer(body: &Body, query: &str, limit: usize) -> Result<Answer, String> {
    if let Some(error) = body.geocoding.errors.first() {
        return Err(error.clone());
    }
    let features = body.features.iter().take(limit);
    let found: Vec<Found> = features.filter_map(found).collect();
    let credit = body.geocoding.attribution.trim();
    Ok(Answer {
        candidates: candidates(&found, query, Kind::Pelias.name()),
        credit: (!credit.is_empty()).then(|| credit.to_owned()),
    })
}

fn found(feature: &Feature) -> Option<Found> {
    let [lon, lat, ..] = feature.geometry.coordinates.as_slice() else {
        return None;
    };
    let it = &feature.properties;
    let corners: Option<[f64; 4]> = feature.bbox.as_slice().try_into().ok();
    let countries = [&it.country_code, &it.country_a, &it.country];
    let country = countries.into_iter().find(|country| !country.is_empty());
    let words = [
        &it.name,
        &it.street,
        &it.housenumber,
        &it.postalcode,
        &it.neighbourhood,
        &it.borough,
        &it.locality,
        &it.localadmin,
        &it.county,
        &it.region,
        &it.country,
    ];
    Some(Found {
        position: LonLat::parse(*lon, *lat).ok()?,
        precision: precision(it),
        reach_m: corners.and_then(reach_m),
        label: it.label.clone(),
        country: country.cloned().unwrap_or_default(),
        postal_code: it.postalcode.clone(),
        words: words.map(String::as_str).join(" "),
        own: it.confidence.unwrap_or(1.0),
    })
}

/// By the layer. A house whose position is the centre of something else is none.
fn precision(it: &Properties) -> Precision {
    match it.layer.as_str() {
        "address" | "venue" if it.accuracy == "centroid" && !it.street.is_empty() => {
            Precision::Street
        }
        "address" | "venue" => Precision::House,
        "street" | "intersection" => Precision::Street,
        "postalcode" => Precision::Postal,
        "county" | "macrocounty" | "region" | "macroregion" | "country" | "dependency"
        | "continent" | "empire" => Precision::Region,
        _ => Precision::Place,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Answer, String> {
        answer(
            &serde_json::from_str(json).unwrap(),
            "Lange Straße 12 Musterstadt",
            5,
        )
    }

    #[test]
    fn answers_become_candidates() {
        let answer = read(
            r#"{"geocoding": {"version": "0.2", "attribution": "http://geo.example/attribution"},
            "type": "FeatureCollection", "features": [
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": [8.7, 50.1]},
             "properties": {"layer": "address", "accuracy": "point", "confidence": 0.8,
              "name": "Lange Straße 12", "housenumber": "12", "street": "Lange Straße",
              "postalcode": "60311", "locality": "Musterstadt", "country_a": "DEU",
              "label": "Lange Straße 12, Musterstadt, Deutschland"}},
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": [9.0, 50.0]},
             "properties": {"layer": "locality", "name": "Musterstadt", "country": "Germany",
              "label": "Musterstadt, Deutschland"}, "bbox": [8.9, 49.9, 9.1, 50.1]}]}"#,
        )
        .unwrap();
        assert_eq!(
            answer.credit.as_deref(),
            Some("http://geo.example/attribution")
        );
        let [house, place] = answer.candidates.as_slice() else {
            panic!("{answer:?}");
        };
        assert_eq!(
            (house.precision, house.country.as_str()),
            (Precision::House, "DE")
        );
        assert!((house.confidence - 0.72).abs() < 1e-9, "{house:?}");
        assert_eq!(
            (place.precision, place.is_suggestion),
            (Precision::Place, true)
        );
        assert!((place.radius_m - 13_219.0).abs() < 20.0, "{place:?}");
    }

    #[test]
    fn a_refusal_in_the_answer_is_none() {
        let refused = read(r#"{"geocoding": {"errors": ["text is empty"]}, "features": []}"#);
        assert_eq!(refused, Err("text is empty".to_owned()));
    }

    #[test]
    fn layers_tell_how_exact() {
        let precision_of = |layer: &str, accuracy: &str, street: &str| {
            precision(&Properties {
                layer: layer.to_owned(),
                accuracy: accuracy.to_owned(),
                street: street.to_owned(),
                ..Properties::default()
            })
        };
        assert_eq!(precision_of("venue", "", ""), Precision::House);
        assert_eq!(
            precision_of("address", "centroid", "Weg"),
            Precision::Street
        );
        assert_eq!(
            precision_of("postalcode", "centroid", ""),
            Precision::Postal
        );
        assert_eq!(precision_of("region", "", ""), Precision::Region);
        assert_eq!(precision_of("borough", "", ""), Precision::Place);
    }
}
