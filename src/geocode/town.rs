//! Towns and villages.

use std::sync::Arc;

use crate::geocode::fold::fold;
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
    /// Code of the state or province, folded.
    pub admin1: String,
}

impl Town {
    /// The shipped towns of country `iso2`, most populous first; none when none are shipped.
    ///
    /// # Panics
    /// Never in a build whose tests passed: they read the shipped files.
    #[must_use]
    pub fn shipped(iso2: &str) -> Arc<[Self]> {
        Self::parse_all(&shipped_text(&format!("places/{iso2}.tsv.gz")))
    }

    /// The towns of tab separated lines without a heading, in their order:
    /// `id name name_de population lon lat admin1 alternates`. Lines without a position are
    /// left out.
    #[must_use]
    pub fn parse_all(text: &str) -> Arc<[Self]> {
        text.lines().filter_map(Self::parse).collect()
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
        })
    }
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
