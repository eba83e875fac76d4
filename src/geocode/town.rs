//! Towns and villages.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;

use crate::geocode::fold::{Name, fold};
use crate::geocode::state;
use crate::place::LonLat;
use crate::reference;

/// A town or village, with its population.
#[derive(Debug)]
pub struct Town {
    /// Name in English or in the language of the country.
    pub name: String,
    /// German name, where it is another one, else empty.
    pub name_de: String,
    alternates: Box<str>,
    /// Inhabitants; 0 where unknown.
    pub population: u64,
    /// Where it is.
    pub position: LonLat,
    /// Key of the state or province, see [`state::key`].
    pub admin1: String,
    /// Whether it is a Gemeinde that the list of places lacks, with a point well inside its area.
    pub is_municipality: bool,
}

/// A Gemeinde this near to a place of its name is that place.
const SAME_PLACE_M: f64 = 15_000.0;

/// The columns of the table of units that are read.
#[derive(Deserialize)]
struct UnitRow {
    level: String,
    key: String,
    name: String,
    label_lon: f64,
    label_lat: f64,
}

impl Town {
    /// The shipped towns of country `iso2`, most populous first; none when none are shipped. In
    /// Germany the Gemeinden follow that the list of places lacks.
    ///
    /// # Panics
    /// Never in a build whose tests passed: they read the shipped files.
    #[must_use]
    pub fn shipped(iso2: &str) -> Arc<[Self]> {
        let text = shipped_text(&format!("places/{iso2}.tsv.gz"));
        let mut towns: Vec<Self> = text.lines().filter_map(Self::parse).collect();
        if iso2 == "DE" {
            let gemeinden = municipalities(&shipped_text("units.csv.gz"), &towns);
            towns.extend(gemeinden);
        }
        for town in &mut towns {
            town.admin1 = state::key(iso2, &town.admin1);
        }
        towns.into()
    }

    /// The towns of tab separated lines without a heading, in their order:
    /// `id name name_de population lon lat admin1 alternates`. Lines without a position are
    /// left out.
    #[must_use]
    pub fn parse_all(text: &str) -> Arc<[Self]> {
        text.lines().filter_map(Self::parse).collect()
    }

    /// The German name, else the only one.
    #[must_use]
    pub fn german_name(&self) -> &str {
        if self.name_de.is_empty() {
            &self.name
        } else {
            &self.name_de
        }
    }

    /// Other names.
    pub fn alternates(&self) -> impl Iterator<Item = &str> {
        self.alternates.split('|').filter(|name| !name.is_empty())
    }

    fn parse(line: &str) -> Option<Self> {
        let fields: Vec<_> = line.split('\t').collect();
        let [_, name, name_de, population, lon, lat, admin1, alternates] = fields[..] else {
            return None;
        };
        Some(Self {
            name: name.to_owned(),
            name_de: name_de.to_owned(),
            alternates: alternates.into(),
            population: population.parse().unwrap_or(0),
            position: position(lon, lat)?,
            admin1: fold(admin1),
            is_municipality: false,
        })
    }
}

/// The Gemeinden of the table of units that have no place of their name among `towns`.
fn municipalities(units: &str, towns: &[Town]) -> Vec<Town> {
    let rows: Vec<UnitRow> = csv::Reader::from_reader(units.as_bytes())
        .deserialize()
        .filter_map(Result::ok)
        .collect();
    let states: HashMap<&str, &str> = rows
        .iter()
        .filter(|row| row.level == "state")
        .map(|row| (row.key.as_str(), row.name.as_str()))
        .collect();
    let mut known: HashMap<String, Vec<LonLat>> = HashMap::new();
    for town in towns {
        for name in [&town.name, &town.name_de] {
            known.entry(fold(name)).or_default().push(town.position);
        }
    }
    let gemeinde = |row: &UnitRow| {
        let position = LonLat::parse(row.label_lon, row.label_lat).ok()?;
        let name = Name::parse(&row.name);
        let same = [name.full(), name.base()].map(|name| known.get(name));
        let is_near = |at: &LonLat| at.distance_m(position) < SAME_PLACE_M;
        let is_known = same.into_iter().flatten().flatten().any(is_near);
        let state = *states.get(row.key.get(..2)?)?;
        let is_gemeinde = row.level == "municipality" && !is_known;
        is_gemeinde.then(|| Town {
            name: row.name.clone(),
            name_de: String::new(),
            alternates: Box::default(),
            population: 0,
            position,
            admin1: state.to_owned(),
            is_municipality: true,
        })
    };
    rows.iter().filter_map(gemeinde).collect()
}

/// The text of a shipped file; empty when it is not shipped.
pub(super) fn shipped_text(name: &str) -> String {
    if reference::exists(name) {
        reference::text(name).expect("the shipped files are read by the tests")
    } else {
        String::new()
    }
}

/// The position of two numbers in a file.
pub(super) fn position(lon: &str, lat: &str) -> Option<LonLat> {
    LonLat::parse(lon.parse().ok()?, lat.parse().ok()?).ok()
}
