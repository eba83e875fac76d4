//! What a provider found, as candidates.
//!
//! # How exact
//!
//! The precision is that of the kind of thing that was found. The radius is half the diagonal of
//! its box, where the answer has one, but no less than the table says; else what the table says
//! for a thing of that kind. The table is a judgement, nothing measured:
//!
//! | precision | least, m | without a box, m |
//! |---|---|---|
//! | house | 100 ([`evidence::FILE_M`]) | 100 |
//! | street | 100 | 500 |
//! | postal | 500 | 3,800 ([`evidence::code_radius_m`] at 5 km) |
//! | place | 500 | 3,200 ([`evidence::place_radius_m`] of a small town) |
//! | region | 5,000 | 50,000 |
//!
//! # How sure
//!
//! Providers tell how prominent a thing is, not how probable it is that it was meant. So the
//! confidence is a judgement of ours: [`TRUST`], times the share of the words asked for that the
//! answer has, times what the provider itself doubts, shared among all answers that lie apart and
//! fit as well. An answer that lacks a word is a suggestion.

use crate::geocode::Gazetteer;
use crate::geocode::address::street_key;
use crate::geocode::candidate::Candidate;
use crate::geocode::evidence;
use crate::place::{LonLat, RegionKey};
use crate::record::site::Precision;
use crate::spatial::locate::RegionIndex;
use crate::spatial::units::Units;

/// The confidence in an answer without rivals that has all words.
pub const TRUST: f64 = 0.9;

/// A thing that a provider found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    /// Where it is.
    pub position: LonLat,
    /// How exact that is.
    pub precision: Precision,
    /// Half the diagonal of its box, in metres.
    pub reach_m: Option<f64>,
    /// What it is called.
    pub label: String,
    /// Its country as code or name; empty where the answer has none.
    pub country: String,
    /// Its postal code; empty where the answer has none.
    pub postal_code: String,
    /// All words of its address, in any order.
    pub words: String,
    /// How sure the provider itself is, 0 to 1; 1 where it does not say.
    pub own: f64,
}

/// Half the diagonal of the box between two corners, in metres; `None` when they are none.
pub(super) fn reach_m([west, south, east, north]: [f64; 4]) -> Option<f64> {
    let min = LonLat::parse(west, south).ok()?;
    let max = LonLat::parse(east, north).ok()?;
    Some(min.distance_m(max) / 2.0)
}

/// What was found for `query` as candidates of `source`, the surest first; of equally sure ones
/// the order stays. What lies in no country is left out.
pub(super) fn candidates(found: &[Found], query: &str, source: &'static str) -> Vec<Candidate> {
    let asked = words(query);
    let mut candidates: Vec<Candidate> = found
        .iter()
        .filter_map(|found| candidate(found, &asked, source))
        .collect();
    let fits: Vec<_> = candidates
        .iter()
        .map(|candidate| (candidate.position, candidate.radius_m, candidate.confidence))
        .collect();
    for candidate in &mut candidates {
        let rivals = fits.iter().filter(|(position, radius_m, fit)| {
            let distance_m = position.distance_m(candidate.position);
            *fit >= candidate.confidence && distance_m > radius_m + candidate.radius_m
        });
        #[expect(clippy::cast_precision_loss, reason = "a handful")]
        let sharers = (rivals.count() + 1) as f64;
        candidate.confidence *= TRUST / sharers;
    }
    candidates.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    candidates
}

/// The candidate of `found`, with how well it fits as its confidence.
fn candidate(found: &Found, asked: &[String], source: &'static str) -> Option<Candidate> {
    let country = country(found)?;
    let own_words = words(&format!(
        "{} {} {}",
        found.label, found.words, found.country
    ));
    let is_there = |word: &&String| {
        own_words.iter().any(|own| is_begun(own, word))
            || Gazetteer::shipped()
                .country(word)
                .is_some_and(|named| named.iso2() == country.as_str())
    };
    let there = asked.iter().filter(is_there).count();
    #[expect(clippy::cast_precision_loss, reason = "words of one line")]
    let share = there as f64 / asked.len().max(1) as f64;
    let code = found.postal_code.trim();
    let is_code = !code.is_empty() && !code.contains([';', ',']);
    Some(Candidate {
        position: found.position,
        precision: found.precision,
        source,
        radius_m: radius_m(found.precision, found.reach_m),
        confidence: share * found.own.clamp(0.0, 1.0),
        matched: found.label.clone(),
        postal: is_code.then(|| RegionKey::postal(country.as_str(), code)),
        country,
        is_suggestion: there < asked.len(),
    })
}

/// The country as the answer has it, else the one of the position.
fn country(found: &Found) -> Option<RegionKey> {
    if let Some(country) = Gazetteer::shipped().country(&found.country) {
        return Some(RegionKey::new(country.iso2()));
    }
    let units = Units::shipped();
    let unit = RegionIndex::shipped().unit_of(found.position)?;
    let country = *units.path(unit).first()?;
    Some(units.get(country).key.clone())
}

fn radius_m(precision: Precision, reach_m: Option<f64>) -> f64 {
    const SMALL_TOWN: u64 = 20_000;
    const SPACING_M: f64 = 5_000.0;
    let (least_m, usual_m) = match precision {
        Precision::House => (evidence::FILE_M, evidence::FILE_M),
        Precision::Street => (evidence::FILE_M, 500.0),
        Precision::Postal => (500.0, evidence::code_radius_m(SPACING_M)),
        Precision::Place => (500.0, evidence::place_radius_m(SMALL_TOWN)),
        Precision::Region | Precision::None => (5_000.0, 50_000.0),
    };
    reach_m.map_or(usual_m, |reach_m| reach_m.max(least_m))
}

/// Whether `word` is `own` or, of three letters and more, its beginning; numbers must be whole.
fn is_begun(own: &str, word: &str) -> bool {
    let is_name = word.len() > 2 && !word.contains(|sign: char| sign.is_ascii_digit());
    own == word || is_name && own.starts_with(word)
}

/// The words of `text` as streets are compared: folded, `Straße` as `str`.
fn words(text: &str) -> Vec<String> {
    let cut = text.split(|sign: char| !sign.is_alphanumeric() && sign != '\'');
    let keys = cut.map(street_key);
    keys.filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(label: &str, lon: f64) -> Found {
        Found {
            position: LonLat::parse(lon, 50.0).unwrap(),
            precision: Precision::Place,
            reach_m: None,
            label: label.to_owned(),
            country: "de".to_owned(),
            postal_code: String::new(),
            words: String::new(),
            own: 1.0,
        }
    }

    #[track_caller]
    fn check(found: &[Found], query: &str, expected: &[(&str, f64, bool)]) {
        let candidates = candidates(found, query, "test");
        let seen: Vec<_> = candidates
            .iter()
            .map(|found| {
                let confidence = (found.confidence * 1000.0).round() / 1000.0;
                (found.matched.as_str(), confidence, found.is_suggestion)
            })
            .collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn what_fits_alone_is_surer_than_what_has_rivals() {
        let far = [found("Neustadt", 8.0), found("Neustadt", 9.0)];
        check(&far[..1], "Neustadt", &[("Neustadt", 0.9, false)]);
        check(
            &far,
            "Neustadt",
            &[("Neustadt", 0.45, false), ("Neustadt", 0.45, false)],
        );
        let near = [found("Neustadt", 8.0), found("Neustadt", 8.001)];
        check(
            &near,
            "Neustadt",
            &[("Neustadt", 0.9, false), ("Neustadt", 0.9, false)],
        );
        let other = [found("Altstadt", 8.0), found("Neustadt", 9.0)];
        check(
            &other,
            "Neustadt",
            &[("Neustadt", 0.9, false), ("Altstadt", 0.0, true)],
        );
    }

    #[test]
    fn words_are_compared_as_streets_are() {
        let street = [found("Hauptstraße 5, Köln", 8.0)];
        check(
            &street,
            "Hauptstr. 5 Koeln, Deutschland",
            &[("Hauptstraße 5, Köln", 0.9, false)],
        );
        check(
            &street,
            "Hauptstrasse 7 Köln",
            &[("Hauptstraße 5, Köln", 0.6, true)],
        );
        let doubted = [Found {
            own: 0.5,
            ..found("Köln", 8.0)
        }];
        check(&doubted, "Köln", &[("Köln", 0.45, false)]);
    }

    #[test]
    fn the_country_is_the_one_of_the_position_where_none_is_told() {
        let untold = |lon: f64| Found {
            country: String::new(),
            ..found("x", lon)
        };
        let told = candidates(&[untold(8.0)], "x", "test");
        assert_eq!(told[0].country.as_str(), "DE");
        assert_eq!(candidates(&[untold(-30.0)], "x", "test"), []);
    }

    #[test]
    fn boxes_tell_the_radius() {
        let reach_m = reach_m([8.0, 50.0, 8.0, 50.1]).unwrap();
        assert!((reach_m - 5_560.0).abs() < 10.0, "{reach_m}");
        assert!((radius_m(Precision::Place, Some(reach_m)) - reach_m).abs() < 1.0);
        assert!((radius_m(Precision::House, Some(3.0)) - 100.0).abs() < 1.0);
        assert!((radius_m(Precision::Place, None) - 3_200.0).abs() < 1.0);
        assert_eq!(super::reach_m([8.0, 50.0, 999.0, 50.1]), None);
    }
}
