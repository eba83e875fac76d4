//! The index of places while it is written.

use crate::geocode::country::{Countries, Country};
use crate::geocode::fold::fold;
use crate::geocode::search::HOME;
use crate::geocode::search::place_index::{MAGIC, Row, name_bytes};
use crate::geocode::town::{GridPoint, Town};
use crate::geocode::words::index;

/// Only towns of this size are found by their other names as well, such as `Monaco di Baviera`.
const KNOWN_ABROAD: u64 = 100_000;

/// Places, and the names under which they are found.
#[derive(Default)]
pub(super) struct Draft {
    names: Vec<Name>,
    places: Vec<Row>,
    texts: String,
}

struct Name {
    folded: String,
    place: u32,
    is_other: bool,
}

impl Draft {
    pub(super) fn of(countries: &Countries) -> Self {
        let mut draft = Self::default();
        for country in countries.all() {
            for town in country.towns().iter() {
                draft.push_town(country, &town);
            }
            if HOME.contains(&country.iso2()) {
                draft.push_villages(countries, country);
            }
        }
        draft
            .names
            .sort_by(|a, b| (&a.folded, a.place).cmp(&(&b.folded, b.place)));
        draft
    }

    pub(super) fn bytes(self) -> Vec<u8> {
        let mut folded = String::new();
        let mut names = Vec::new();
        for name in &self.names {
            // A name that others share stands once.
            if !folded.ends_with(&name.folded) {
                folded.push_str(&name.folded);
            }
            let start = index(folded.len() - name.folded.len());
            let len = u16::try_from(name.folded.len()).expect("a name has at most 200 letters");
            let row = &self.places[name.place as usize];
            names.extend(name_bytes(start, len, name.place, row, name.is_other));
        }
        let counts = [self.names.len(), self.places.len(), folded.len()];
        let mut bytes = MAGIC.to_vec();
        bytes.extend(
            counts
                .into_iter()
                .flat_map(|count| index(count).to_le_bytes()),
        );
        bytes.extend(names);
        bytes.extend(self.places.iter().flat_map(Row::bytes));
        bytes.extend(folded.into_bytes());
        bytes.extend(self.texts.into_bytes());
        bytes
    }

    fn push_town(&mut self, country: &Country, town: &Town) {
        let population = u32::try_from(town.population).unwrap_or(u32::MAX);
        let at = GridPoint::of(town.position);
        let place = self.push_place(country, [town.name, town.name_de], Some(population), at);
        self.push_name(town.name, place, false);
        self.push_name(town.name_de, place, false);
        if town.population >= KNOWN_ABROAD {
            for name in town.alternates().filter(|name| name.chars().count() > 2) {
                self.push_name(name, place, true);
            }
        }
    }

    fn push_villages(&mut self, countries: &Countries, country: &Country) {
        let table = country.table(countries);
        for village in table.villages() {
            let village = table.delivery(village);
            let at = GridPoint::of(village.position);
            let place = self.push_place(country, [village.place, ""], None, at);
            self.push_name(village.place, place, false);
        }
    }

    /// Adds a place, a village without inhabitants, and gives its number.
    fn push_place(
        &mut self,
        country: &Country,
        names: [&str; 2],
        population: Option<u32>,
        at: GridPoint,
    ) -> u32 {
        let len = |name: &str| u16::try_from(name.len()).expect("no name is as long");
        let mut letters = country.iso2().bytes();
        self.places.push(Row {
            text: index(self.texts.len()),
            name_len: len(names[0]),
            name_de_len: len(names[1]),
            country: [(); 2].map(|()| letters.next().unwrap_or_default()),
            is_village: population.is_none(),
            population: population.unwrap_or_default(),
            at,
        });
        self.texts.extend(names);
        index(self.places.len() - 1)
    }

    fn push_name(&mut self, name: &str, place: u32, is_other: bool) {
        let folded = fold(name);
        if !folded.is_empty() {
            self.names.push(Name {
                folded,
                place,
                is_other,
            });
        }
    }
}
