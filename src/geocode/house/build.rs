//! Making a file of streets and houses from what an import found.
//!
//! 1. Finds are gathered in 28 bytes an address, every word once.
//! 2. An address without postal code or place gets those of most addresses near it, of its own
//!    street first; streets without houses likewise. A locality without a country gets that of
//!    its middle.
//! 3. All is sorted by locality, street and number, and written to a temporary file, which is
//!    forced to the disk and then named, so a file is there whole or not at all.

use std::collections::HashMap;
use std::path::Path;

use super::file::{Error, HEADER_BYTES, KINDS};
use super::neighbour::Neighbours;
use super::number::HouseNumber;
use super::section::{Sections, code, distance_2, index, micro, pool, write};
use super::street::street_key;
use crate::import::addresses::{AddressPoint, Find, PlacePoint, StreetPart};
use crate::place::{LonLat, RegionKey};

/// The most addresses of one file.
const MAX_ADDRESSES: usize = 200_000_000;
/// The longest word that is kept, in bytes.
const LONGEST_WORD: usize = 250;

/// Gathers finds for one file.
#[derive(Default)]
pub struct Builder {
    words: Words,
    addresses: Vec<Raw>,
    parts: Vec<Raw>,
    places: Vec<RawPlace>,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Built {
    /// Houses; the same number of a street twice at one position counts once.
    pub houses: u64,
    /// Streets, each in one locality.
    pub streets: u64,
    /// Pairs of postal code and place.
    pub localities: u64,
    /// Places.
    pub places: u64,
    /// Size of the file.
    pub size_bytes: u64,
}

/// An address or, with number 0, a point of a street. Words by their numbers.
#[derive(Clone, Copy)]
pub(super) struct Raw {
    pub street: u32,
    pub postal: u32,
    pub place: u32,
    pub country: [u8; 2],
    pub number: u32,
    pub rest: u32,
    pub x: i32,
    pub y: i32,
}

pub(super) struct RawPlace {
    pub name: u32,
    pub postal: u32,
    pub kind: usize,
    pub population: Option<u32>,
    pub x: i32,
    pub y: i32,
}

impl Builder {
    /// Takes what was found.
    pub fn extend(&mut self, finds: impl IntoIterator<Item = Find>) {
        for find in finds {
            match find {
                Find::Address(address) => self.address(&address),
                Find::Street(part) => self.part(&part),
                Find::Place(place) => self.place(&place),
            }
        }
    }

    /// Writes the file to `path`, `country_of` telling the country of a position.
    ///
    /// # Errors
    /// The folder must be there and take the file.
    pub fn finish(
        mut self,
        path: &Path,
        country_of: &dyn Fn(LonLat) -> Option<RegionKey>,
    ) -> Result<Built, Error> {
        self.complete();
        self.name_countries(country_of);
        let count = self.addresses.len();
        if count > MAX_ADDRESSES {
            return Err(Error::TooMany {
                what: "addresses",
                count,
                limit: MAX_ADDRESSES,
            });
        }
        let sections = self.sections();
        write(path, &sections.bytes).map_err(|source| Error::Unwritable {
            path: path.to_owned(),
            source,
        })?;
        let size: usize = sections.bytes.iter().map(Vec::len).sum();
        Ok(Built {
            size_bytes: (HEADER_BYTES + size + 4) as u64,
            ..sections.built
        })
    }

    fn address(&mut self, address: &AddressPoint) {
        let (x, y) = micro(address.position);
        let street = if address.street.is_empty() {
            &address.place
        } else {
            &address.street
        };
        if street_key(street).is_empty() {
            return;
        }
        let raw = Raw {
            street: self.words.id(street),
            postal: self.words.id(&address.postal_code),
            place: self.words.id(&address.place),
            country: code(&address.country),
            number: 0,
            rest: 0,
            x,
            y,
        };
        for number in HouseNumber::parse_list(&address.house_number) {
            let rest = self.words.id(&number.rest);
            self.addresses.push(Raw {
                number: number.number,
                rest,
                ..raw
            });
        }
    }

    /// A street is kept by its ends and its middle.
    fn part(&mut self, part: &StreetPart) {
        if street_key(&part.street).is_empty() {
            return;
        }
        let street = self.words.id(&part.street);
        let line = &part.line;
        let ends = [line.first(), line.get(line.len() / 2), line.last()];
        for position in ends.into_iter().flatten() {
            let (x, y) = micro(*position);
            self.parts.push(Raw {
                street,
                postal: 0,
                place: 0,
                country: [0; 2],
                number: 0,
                rest: 0,
                x,
                y,
            });
        }
    }

    fn place(&mut self, place: &PlacePoint) {
        let (x, y) = micro(place.position);
        self.places.push(RawPlace {
            name: self.words.id(&place.name),
            postal: self.words.id(&place.postal_code),
            kind: KINDS
                .iter()
                .position(|kind| *kind == place.kind)
                .unwrap_or_default(),
            population: place.population,
            x,
            y,
        });
    }

    /// Gives postal code and place to what has none.
    fn complete(&mut self) {
        let neighbours = Neighbours::of(&self.addresses);
        let places: Vec<&RawPlace> = self.places.iter().filter(|place| place.kind < 3).collect();
        let all = self.addresses.iter_mut().chain(&mut self.parts);
        for raw in all.filter(|raw| raw.postal == 0 || raw.place == 0) {
            if let Some((postal, place, country)) = neighbours.near(raw) {
                if raw.postal == 0 {
                    raw.postal = postal;
                }
                if raw.place == 0 {
                    raw.place = place;
                }
                if raw.country == [0; 2] {
                    raw.country = country;
                }
            } else if raw.place == 0 {
                let nearest = places
                    .iter()
                    .min_by_key(|place| distance_2(raw, place.x, place.y));
                if let Some(place) = nearest {
                    raw.place = place.name;
                    raw.postal = if raw.postal == 0 {
                        place.postal
                    } else {
                        raw.postal
                    };
                }
            }
        }
    }

    /// Gives every locality one country: that of most of its addresses, else `country_of` one of
    /// them.
    fn name_countries(&mut self, country_of: &dyn Fn(LonLat) -> Option<RegionKey>) {
        let mut counts: HashMap<(u32, u32), HashMap<[u8; 2], u32>> = HashMap::new();
        for raw in self.addresses.iter().filter(|raw| raw.country != [0; 2]) {
            let countries = counts.entry((raw.postal, raw.place)).or_default();
            *countries.entry(raw.country).or_default() += 1;
        }
        let most = counts.into_iter().filter_map(|(locality, countries)| {
            let most = countries
                .into_iter()
                .max_by_key(|(code, count)| (*count, *code))?;
            Some((locality, most.0))
        });
        let mut country: HashMap<(u32, u32), [u8; 2]> = most.collect();
        for raw in self.addresses.iter_mut().chain(&mut self.parts) {
            if raw.country == [0; 2] {
                let locality = country.entry((raw.postal, raw.place)).or_insert_with(|| {
                    let found = super::file::position(raw.x, raw.y).and_then(country_of);
                    found.map_or([0; 2], |found| code(found.as_str()))
                });
                raw.country = *locality;
            }
        }
    }

    fn sections(mut self) -> Sections {
        let keys = Keys::of(&self.words, self.addresses.iter().chain(&self.parts));
        let mut texts = Texts::default();
        let localities = self.localities();
        let locality_of = |raw: &Raw| {
            let wanted = self.words.locality(raw);
            let found =
                localities.binary_search_by(|known| self.words.locality(known).cmp(&wanted));
            found.unwrap_or_default()
        };
        let mut houses: Vec<(usize, u32, Raw)> =
            Vec::with_capacity(self.addresses.len() + self.parts.len());
        let all = self
            .addresses
            .iter()
            .map(|raw| (raw, true))
            .chain(self.parts.iter().map(|raw| (raw, false)));
        for (raw, housed) in all {
            let number = if housed { raw.number } else { u32::MAX };
            houses.push((
                locality_of(raw),
                keys.of_street[&raw.street],
                Raw { number, ..*raw },
            ));
        }
        self.addresses = Vec::new();
        self.parts = Vec::new();
        let words = &self.words;
        houses.sort_unstable_by(|a, b| {
            let order = |(locality, key, raw): &(usize, u32, Raw)| (*locality, *key, raw.number);
            order(a)
                .cmp(&order(b))
                .then_with(|| words.text(a.2.rest).cmp(words.text(b.2.rest)))
                .then_with(|| (a.2.x, a.2.y).cmp(&(b.2.x, b.2.y)))
        });
        let mut out = Sections::default();
        let (mut streets_of_key, mut next_locality) = (Vec::new(), 0);
        for street in houses.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let (locality, key, _) = street[0];
            while next_locality <= locality {
                out.locality(&localities[next_locality], &mut texts);
                next_locality += 1;
            }
            streets_of_key.push((key, index(out.built.streets)));
            out.street(key, street, words, &mut texts);
        }
        for locality in localities.iter().skip(next_locality) {
            out.locality(locality, &mut texts);
        }
        out.built.localities = localities.len() as u64;
        let beyond = Raw {
            street: 0,
            postal: 0,
            place: 0,
            country: [0; 2],
            number: 0,
            rest: 0,
            x: 0,
            y: 0,
        };
        out.locality(&beyond, &mut texts);
        streets_of_key.sort_unstable();
        out.bytes[5] = streets_of_key
            .iter()
            .flat_map(|(_, street)| street.to_le_bytes())
            .collect();
        for place in &self.places {
            out.place(place, words, &mut texts);
        }
        out.bytes[0] = pool(keys.sorted.iter().map(String::as_str));
        out.bytes[1] = pool(keys.shown.iter().map(|word| words.text(*word)));
        out.bytes[2] = pool(texts.all.iter().map(|word| words.text(*word)));
        out
    }

    /// One address of each locality, sorted by the words.
    fn localities(&self) -> Vec<Raw> {
        let mut seen = HashMap::new();
        for raw in self.addresses.iter().chain(&self.parts) {
            seen.entry((raw.country, raw.postal, raw.place))
                .or_insert(*raw);
        }
        let mut localities: Vec<Raw> = seen.into_values().collect();
        localities.sort_unstable_by(|a, b| self.words.locality(a).cmp(&self.words.locality(b)));
        localities
    }
}

/// Words by number; 0 is the empty one.
pub(super) struct Words {
    ids: HashMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
}

impl Default for Words {
    fn default() -> Self {
        Self {
            ids: HashMap::from([("".into(), 0)]),
            texts: vec!["".into()],
        }
    }
}

impl Words {
    fn id(&mut self, text: &str) -> u32 {
        let text = text.trim();
        let text = &text[..text.floor_char_boundary(LONGEST_WORD)];
        if let Some(id) = self.ids.get(text) {
            return *id;
        }
        let id = index(self.texts.len() as u64);
        self.ids.insert(text.into(), id);
        self.texts.push(text.into());
        id
    }

    /// The word of that number.
    pub fn text(&self, id: u32) -> &str {
        &self.texts[id as usize]
    }

    fn locality(&self, raw: &Raw) -> ([u8; 2], &str, &str) {
        (raw.country, self.text(raw.postal), self.text(raw.place))
    }
}

/// The keys of the streets, sorted.
struct Keys {
    sorted: Vec<String>,
    /// How each is written most often.
    shown: Vec<u32>,
    of_street: HashMap<u32, u32>,
}

impl Keys {
    fn of<'a>(words: &Words, raws: impl Iterator<Item = &'a Raw>) -> Self {
        let mut uses: HashMap<u32, u32> = HashMap::new();
        for raw in raws {
            *uses.entry(raw.street).or_default() += 1;
        }
        let mut named: Vec<(String, u32, u32)> = uses
            .into_iter()
            .map(|(street, uses)| (street_key(words.text(street)), u32::MAX - uses, street))
            .collect();
        named.sort_unstable();
        let (mut keys, mut shown, mut of_street) = (Vec::new(), Vec::new(), HashMap::new());
        for (key, _, street) in named {
            if keys.last() != Some(&key) {
                keys.push(key);
                shown.push(street);
            }
            of_street.insert(street, index(keys.len() as u64 - 1));
        }
        Self {
            sorted: keys,
            shown,
            of_street,
        }
    }
}

/// The words that the file needs beside the streets, by their new numbers.
#[derive(Default)]
pub(super) struct Texts {
    ids: HashMap<u32, u32>,
    all: Vec<u32>,
}

impl Texts {
    /// The new number of a word.
    pub fn id(&mut self, word: u32) -> u32 {
        *self.ids.entry(word).or_insert_with(|| {
            self.all.push(word);
            index(self.all.len() as u64 - 1)
        })
    }
}
