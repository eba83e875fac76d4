//! Towns with people and postal codes, from the reference data.

use std::collections::{HashMap, HashSet};

use super::random::{Random, running};
use crate::reference;

/// A country of the company: its code, name, and share of the accounts.
pub(super) struct Country {
    /// ISO 3166 alpha-2.
    pub code: &'static str,
    /// Its German name.
    pub name: &'static str,
    /// Share of the accounts.
    pub share: f64,
}

/// Where the company sells.
pub(super) const COUNTRIES: [Country; 3] = [
    Country {
        code: "DE",
        name: "Deutschland",
        share: 0.80,
    },
    Country {
        code: "AT",
        name: "Österreich",
        share: 0.12,
    },
    Country {
        code: "CH",
        name: "Schweiz",
        share: 0.08,
    },
];

/// A town.
#[derive(Debug, Clone)]
pub(super) struct Town {
    /// Index in [`COUNTRIES`].
    pub country: usize,
    /// Name as the post writes it.
    pub name: String,
    /// Degrees east.
    pub lon: f64,
    /// Degrees north.
    pub lat: f64,
    /// People.
    pub population: f64,
    /// Its postal codes; never empty.
    pub codes: Vec<String>,
}

/// The towns of all countries.
pub(super) struct Towns {
    countries: [Vec<Town>; 3],
    sums: [Vec<f64>; 3],
}

impl Towns {
    /// Every place of the reference data that the post knows under the same name nearby.
    pub fn shipped() -> Result<Self, reference::Error> {
        let mut countries: [Vec<Town>; 3] = Default::default();
        for (index, towns) in countries.iter_mut().enumerate() {
            *towns = towns_of(index)?;
        }
        // The added people keep villages on the map.
        let sums = countries
            .each_ref()
            .map(|towns| running(towns.iter().map(|t| t.population + 300.0)));
        Ok(Self { countries, sums })
    }

    /// A town, drawn by the share of its country and by its people.
    pub fn draw(&self, random: &mut Random) -> &Town {
        let shares = running(COUNTRIES.iter().map(|country| country.share));
        let country = random.weighted(&shares);
        &self.countries[country][random.weighted(&self.sums[country])]
    }
}

#[cfg(test)]
impl Towns {
    /// Whether a town of that name has that code.
    pub fn has(&self, code: &str, name: &str) -> bool {
        let mut towns = self.countries.iter().flatten();
        towns.any(|town| town.name == name && town.codes.iter().any(|known| known == code))
    }
}

/// Codes with their position by the name of their place.
type Codes<'a> = HashMap<&'a str, Vec<(&'a str, f64, f64)>>;

fn towns_of(country: usize) -> Result<Vec<Town>, reference::Error> {
    let code = COUNTRIES[country].code;
    let postal = reference::text(&format!("postal/{code}.tsv.gz"))?;
    let places = reference::text(&format!("places/{code}.tsv.gz"))?;
    // Many German codes belong to one company each; those with an area are listed apart.
    let centres = match code {
        "DE" => Some(reference::text("postal_centres_de.tsv.gz")?),
        _ => None,
    };
    let areas: Option<HashSet<&str>> = centres.as_ref().map(|text| {
        text.lines()
            .filter_map(|line| line.split('\t').next())
            .collect()
    });
    let mut codes = Codes::new();
    for line in postal.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let [code, place, _, lon, lat] = cells[..] else {
            continue;
        };
        if let (Ok(lon), Ok(lat)) = (lon.parse(), lat.parse())
            && areas.as_ref().is_none_or(|areas| areas.contains(code))
        {
            codes.entry(place).or_default().push((code, lon, lat));
            // The post of Austria cuts towns up: "Wien, Innere Stadt", "Villach-Lind".
            if let Some((town, _)) = place.split_once([',', '-']) {
                codes.entry(town).or_default().push((code, lon, lat));
            }
        }
    }
    let towns = places
        .lines()
        .filter_map(|line| town(country, line, &codes));
    Ok(towns.collect())
}

fn town(country: usize, line: &str, codes: &Codes<'_>) -> Option<Town> {
    let cells: Vec<&str> = line.split('\t').collect();
    let [_, name, name_de, population, lon, lat, _, alternates, ..] = cells[..] else {
        return None;
    };
    let (lon, lat): (f64, f64) = (lon.parse().ok()?, lat.parse().ok()?);
    let short = name.split_once(" (").map_or(name, |(short, _)| short);
    let mut names = [name, name_de, short]
        .into_iter()
        .chain(alternates.split('|'));
    let (name, codes) = names.find_map(|name| {
        let near = near(codes.get(name)?, lon, lat);
        (!near.is_empty()).then_some((name, near))
    })?;
    Some(Town {
        country,
        name: name.to_owned(),
        lon,
        lat,
        population: population.parse().unwrap_or_default(),
        codes,
    })
}

/// Those of `codes` within about 22 km.
fn near(codes: &[(&str, f64, f64)], lon: f64, lat: f64) -> Vec<String> {
    const NEAR_DEGREES_2: f64 = 0.04;
    let near = codes.iter().filter(|(_, other_lon, other_lat)| {
        let (dx, dy) = ((other_lon - lon) * 0.65, other_lat - lat);
        dx * dx + dy * dy < NEAR_DEGREES_2
    });
    let mut near: Vec<String> = near.map(|(code, ..)| (*code).to_owned()).collect();
    near.dedup();
    near
}
