//! Towns and villages.

use std::collections::HashMap;

use crate::geocode::fold::{Name, fold};
use crate::geocode::state;
use crate::geocode::words::{ListsDraft, Texts, Words, index};
use crate::place::LonLat;
use crate::reference;

/// A town or village, with its population.
#[derive(Debug, Clone, Copy)]
pub struct Town<'t> {
    /// Name in English or in the language of the country.
    pub name: &'t str,
    /// German name, where it is another one, else empty.
    pub name_de: &'t str,
    alternates: &'t str,
    /// Inhabitants; 0 where unknown.
    pub population: u64,
    /// Where it is.
    pub position: LonLat,
    /// Key of the state or province, see [`state::key`].
    pub admin1: &'t str,
    /// Whether it is a Gemeinde that the list of places lacks, with a point well inside its area.
    pub is_municipality: bool,
}

/// The towns of a country, in the order of its file. Some 30 bytes each beside their names.
#[derive(Debug, Default)]
pub struct Towns {
    rows: Vec<Row>,
    /// Name, German name and alternates of each.
    names: Texts,
    states: Words,
}

#[derive(Debug)]
struct Row {
    at: GridPoint,
    population: u32,
    state: u32,
    is_municipality: bool,
}

/// A Gemeinde this near to a place of its name is that place.
const SAME_PLACE_M: f64 = 15_000.0;

impl Towns {
    /// The shipped towns of country `iso2`, most populous first; none when none are shipped. In
    /// Germany the Gemeinden follow that the list of places lacks.
    ///
    /// # Panics
    /// Never in a build whose tests passed: they read the shipped files.
    #[must_use]
    pub fn shipped(iso2: &str) -> Self {
        let text = shipped_text(&format!("places/{iso2}.tsv.gz"));
        let mut towns = Self::parse(|state| state::key(iso2, state), &text);
        if iso2 == "DE" {
            let units = shipped_text("units.csv.gz");
            for gemeinde in municipalities(&units, &towns) {
                towns.push(&gemeinde.town());
            }
        }
        towns.rows.shrink_to_fit();
        towns.names.shrink();
        towns
    }

    /// The towns of tab separated lines without a heading, in their order:
    /// `id name name_de population lon lat admin1 alternates`. Lines without a position are
    /// left out. `state` gives the key of a state.
    #[must_use]
    pub fn parse(state: impl Fn(&str) -> String, text: &str) -> Self {
        let mut towns = Self::default();
        // States are few, towns are many.
        let mut keys: HashMap<&str, String> = HashMap::new();
        for line in text.lines() {
            let Some(town) = Town::parse(line) else {
                continue;
            };
            let admin1 = keys
                .entry(town.admin1)
                .or_insert_with_key(|text| state(text));
            towns.push(&Town { admin1, ..town });
        }
        towns
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The town at `index`. O(1).
    #[must_use]
    pub fn at(&self, index: u32) -> Town<'_> {
        let row = &self.rows[index as usize];
        Town {
            name: self.names.text(3 * index),
            name_de: self.names.text(3 * index + 1),
            alternates: self.names.text(3 * index + 2),
            population: row.population.into(),
            position: row.at.position(),
            admin1: self.states.text(row.state),
            is_municipality: row.is_municipality,
        }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = Town<'_>> {
        (0..index(self.len())).map(|index| self.at(index))
    }

    fn push(&mut self, town: &Town) {
        self.rows.push(Row {
            at: GridPoint::of(town.position),
            population: u32::try_from(town.population).unwrap_or(u32::MAX),
            state: self.states.add(town.admin1),
            is_municipality: town.is_municipality,
        });
        for name in [town.name, town.name_de, town.alternates] {
            self.names.push(name);
        }
    }
}

impl<'t> Town<'t> {
    /// The German name, else the only one.
    #[must_use]
    pub fn german_name(&self) -> &'t str {
        if self.name_de.is_empty() {
            self.name
        } else {
            self.name_de
        }
    }

    /// Other names.
    pub fn alternates(&self) -> impl Iterator<Item = &'t str> + use<'t> {
        self.alternates.split('|').filter(|name| !name.is_empty())
    }

    fn parse(line: &'t str) -> Option<Self> {
        let [_, name, name_de, population, lon, lat, admin1, alternates] = cells(line)?;
        Some(Self {
            name,
            name_de,
            alternates,
            population: population.parse().unwrap_or(0),
            position: position(lon, lat)?,
            admin1,
            is_municipality: false,
        })
    }
}

/// A position in hundred thousandths of a degree (about a metre), which is what the files have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct GridPoint {
    lon: i32,
    lat: i32,
}

impl GridPoint {
    const PER_DEGREE: f64 = 100_000.0;

    /// The point next to `position`.
    pub(super) fn of(position: LonLat) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "at most 18 million")]
        let grid = |degrees: f64| (degrees * Self::PER_DEGREE).round() as i32;
        Self {
            lon: grid(position.lon()),
            lat: grid(position.lat()),
        }
    }

    /// Longitude and latitude as they are written to files.
    pub(super) fn bits(self) -> (u32, u32) {
        (self.lon.cast_unsigned(), self.lat.cast_unsigned())
    }

    /// The point that [`GridPoint::bits`] gave.
    pub(super) fn from_bits(lon: u32, lat: u32) -> Self {
        Self {
            lon: lon.cast_signed(),
            lat: lat.cast_signed(),
        }
    }

    /// The position that the decimal number of the file is.
    pub(super) fn position(self) -> LonLat {
        let degrees = |grid: i32| f64::from(grid) / Self::PER_DEGREE;
        LonLat::parse(degrees(self.lon), degrees(self.lat)).expect("it came from a position")
    }
}

/// A Gemeinde that the list of places lacks.
struct Gemeinde {
    name: String,
    state: String,
    position: LonLat,
}

impl Gemeinde {
    fn town(&self) -> Town<'_> {
        Town {
            name: &self.name,
            name_de: "",
            alternates: "",
            population: 0,
            position: self.position,
            admin1: &self.state,
            is_municipality: true,
        }
    }
}

/// The German Gemeinden of the table of units that have no place of their name among `towns`.
fn municipalities(units: &str, towns: &Towns) -> Vec<Gemeinde> {
    let mut known = ListsDraft::default();
    for (index, town) in (0..).zip(towns.iter()) {
        for name in [town.name, town.name_de] {
            known.add(&fold(name), index);
        }
    }
    let known = known.finish();
    let is_known = |name: &str, position: LonLat| {
        let towns = known.of(name).iter().map(|town| towns.at(*town));
        let mut towns = towns.map(|town| town.position.distance_m(position));
        towns.any(|distance_m| distance_m < SAME_PLACE_M)
    };
    let mut states: HashMap<String, String> = HashMap::new();
    let mut gemeinden = Vec::new();
    let mut rows = csv::Reader::from_reader(units.as_bytes());
    let column = |name: &str| {
        let columns = units.lines().next().unwrap_or_default();
        let at = columns.split(',').position(|column| column == name);
        at.expect("the tests read the shipped units")
    };
    let columns = ["level", "key", "name", "label_lon", "label_lat"].map(column);
    let mut row = csv::StringRecord::new();
    // States come before their Gemeinden.
    while rows.read_record(&mut row).unwrap_or(false) {
        let [level, key, name, lon, lat] = columns.map(|column| &row[column]);
        // Keys of other countries begin with letters.
        if !key.starts_with(|first: char| first.is_ascii_digit()) {
            continue;
        }
        if level == "state" {
            states.insert(key.to_owned(), state::key("DE", name));
        }
        let Some(position) = position(lon, lat).filter(|_| level == "municipality") else {
            continue;
        };
        let folded = Name::parse(name);
        let is_known = is_known(folded.full(), position) || is_known(folded.base(), position);
        if let Some(state) = key.get(..2).and_then(|key| states.get(key))
            && !is_known
        {
            gemeinden.push(Gemeinde {
                name: name.to_owned(),
                state: state.clone(),
                position,
            });
        }
    }
    gemeinden
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

/// The cells of a tab separated line, when it has just so many.
pub(super) fn cells<const N: usize>(line: &str) -> Option<[&str; N]> {
    let mut cells = [""; N];
    let mut rest = line.split('\t');
    for cell in &mut cells {
        *cell = rest.next()?;
    }
    rest.next().is_none().then_some(cells)
}
