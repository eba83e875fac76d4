//! Places and postal codes by the first letters of their name.

mod draft;
pub mod place_index;

use crate::geocode::country::Countries;
use crate::geocode::fold::fold;
use crate::geocode::postal;
use crate::geocode::search::place_index::PlaceIndex;
use crate::place::LonLat;

/// The countries whose places and postal codes come first.
pub(super) const HOME: [&str; 3] = ["DE", "AT", "CH"];

/// A place at home is as good as one abroad with this many times the inhabitants.
pub(super) const HOME_WEIGHT: u64 = 20;

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

/// The places and postal codes that start with `query`, see [`Gazetteer::search`]. O(log n + hits).
///
/// [`Gazetteer::search`]: crate::geocode::Gazetteer::search
#[must_use]
pub fn find(index: &PlaceIndex, countries: &Countries, query: &str, limit: usize) -> Vec<Place> {
    let mut places = codes(countries, query, limit);
    let folded = fold(query);
    if folded.is_empty() {
        return places;
    }
    let hits = index.from(&folded);
    let mut hits: Vec<_> = hits
        .map(|entry| (entry.rank(folded.len()), entry.place))
        .collect();
    // A town may come under many names that start alike.
    let wanted = limit.saturating_mul(50).min(hits.len());
    if wanted < hits.len() {
        hits.select_nth_unstable(wanted);
        hits.truncate(wanted);
    }
    hits.sort_unstable();
    let mut seen = Vec::new();
    for (rank, place) in hits {
        if places.len() >= limit {
            break;
        }
        if !seen.contains(&place) {
            seen.push(place);
            let is_whole = rank.0 == 0;
            places.push(Place {
                is_whole,
                ..index.place(place)
            });
        }
    }
    places
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
        let index = PlaceIndex::of(&countries);
        let found = find(&index, &countries, query, 4);
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
