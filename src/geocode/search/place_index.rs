//! The names of places, sorted, in one file that is read in place.
//!
//! The file `data/derived/places.index` holds numbers in little-endian order, positions in hundred
//! thousandths of a degree, and in this order:
//!
//! | part | bytes each | what |
//! |---|---|---|
//! | head | 20 | `RVPLACE1`; counts of names and of places, and bytes of folded names |
//! | names | 16 | start in the folded names, place, length (16 bit), home 1 + other name 2 (8 bit), 0, inhabitants; sorted by name |
//! | places | 24 | start in the texts, bytes of name and of German name (16 bit each), country (two letters), village 1 (16 bit), inhabitants, longitude, latitude |
//! | folded names | | one behind the other |
//! | texts | | name and German name of each place |
//!
//! `cargo run --release --example place_index` makes it from the tables of places and postal codes;
//! a test makes it as well and compares.

use std::borrow::Cow;

use crate::geocode::country::Countries;
use crate::geocode::search::draft::Draft;
use crate::geocode::search::{HOME, HOME_WEIGHT, Place};
use crate::geocode::town::GridPoint;
use crate::reference;

/// The first bytes of the file.
pub(super) const MAGIC: [u8; 8] = *b"RVPLACE1";

/// Bytes of the head, of a name and of a place.
const HEAD: usize = 20;
const NAME: usize = 16;
const PLACE: usize = 24;

/// Marks of a name.
const AT_HOME: u8 = 1;
const OTHER_NAME: u8 = 2;

/// Mark of a place.
const VILLAGE: u16 = 1;

/// Name of the file.
const FILE: &str = "places.index";

/// Every town under its names, and the villages of the home countries, for lookup by prefix.
#[derive(Debug)]
pub struct PlaceIndex {
    bytes: Cow<'static, [u8]>,
    names: usize,
    places: usize,
    folded_len: usize,
}

/// Why bytes are no index of places.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is not shipped.
    #[error(transparent)]
    Reference(#[from] reference::Error),
    /// It does not begin as such files do, or ends too soon.
    #[error("{FILE} of {size_bytes} bytes is no index of places")]
    Broken {
        /// How long it is.
        size_bytes: usize,
    },
}

/// A name of a place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) place: u32,
    name_len: usize,
    population: u32,
    is_home: bool,
    is_other_name: bool,
}

/// A place as it is written to the file.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) text: u32,
    pub(super) name_len: u16,
    pub(super) name_de_len: u16,
    pub(super) country: [u8; 2],
    pub(super) is_village: bool,
    pub(super) population: u32,
    pub(super) at: GridPoint,
}

impl PlaceIndex {
    /// The shipped index. Looks at its head alone.
    ///
    /// # Errors
    /// The file must be shipped and whole.
    pub fn shipped() -> Result<Self, Error> {
        Self::open(reference::in_place(FILE)?)
    }

    /// The index of the towns of all `countries` and of the villages at home. O(n log n), reads
    /// every table of places.
    ///
    /// # Panics
    /// From 2^32 letters on.
    #[must_use]
    pub fn of(countries: &Countries) -> Self {
        let bytes = Draft::of(countries).bytes();
        Self::open(bytes.into()).expect("it was written as it is read")
    }

    /// The bytes of the file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn open(bytes: Cow<'static, [u8]>) -> Result<Self, Error> {
        let size_bytes = bytes.len();
        let broken = Error::Broken { size_bytes };
        if bytes.len() < HEAD || bytes[..8] != MAGIC {
            return Err(broken);
        }
        let count = |at: usize| u32_at(&bytes, at) as usize;
        let (names, places, folded_len) = (count(8), count(12), count(16));
        if size_bytes < HEAD + names * NAME + places * PLACE + folded_len {
            return Err(broken);
        }
        Ok(Self {
            bytes,
            names,
            places,
            folded_len,
        })
    }

    /// The names that start with the folded `prefix`. O(log n + k).
    pub(super) fn from<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = Entry> + 'a {
        let prefix = prefix.as_bytes();
        let (mut start, mut end) = (0, self.names);
        while start < end {
            let middle = usize::midpoint(start, end);
            if self.name(middle) < prefix {
                start = middle + 1;
            } else {
                end = middle;
            }
        }
        (start..self.names)
            .take_while(move |&name| self.name(name).starts_with(prefix))
            .map(|name| self.entry(name))
    }

    /// The place at `index`.
    pub(super) fn place(&self, index: u32) -> Place {
        let at = HEAD + self.names * NAME + index as usize * PLACE;
        let row: &[u8] = &self.bytes[at..at + PLACE];
        let texts = HEAD + self.names * NAME + self.places * PLACE + self.folded_len;
        let start = texts + u32_at(row, 0) as usize;
        let middle = start + usize::from(u16_at(row, 4));
        let end = middle + usize::from(u16_at(row, 6));
        let text = |from, to| String::from_utf8_lossy(&self.bytes[from..to]).into_owned();
        let name = text(start, middle);
        let name_de = text(middle, end);
        let is_village = u16_at(row, 10) & VILLAGE != 0;
        Place {
            name_de: if name_de.is_empty() {
                name.clone()
            } else {
                name_de
            },
            name,
            country: String::from_utf8_lossy(&row[8..10]).into_owned(),
            population: (!is_village).then(|| u32_at(row, 12).into()),
            position: GridPoint::from_bits(u32_at(row, 16), u32_at(row, 20)).position(),
            postal: None,
            is_whole: false,
            spacing_m: 0.0,
        }
    }

    fn name(&self, index: usize) -> &[u8] {
        let row = &self.bytes[HEAD + index * NAME..][..NAME];
        let folded = HEAD + self.names * NAME + self.places * PLACE;
        let start = folded + u32_at(row, 0) as usize;
        &self.bytes[start..start + usize::from(u16_at(row, 8))]
    }

    fn entry(&self, index: usize) -> Entry {
        let row = &self.bytes[HEAD + index * NAME..][..NAME];
        Entry {
            place: u32_at(row, 4),
            name_len: u16_at(row, 8).into(),
            population: u32_at(row, 12),
            is_home: row[10] & AT_HOME != 0,
            is_other_name: row[10] & OTHER_NAME != 0,
        }
    }
}

impl Entry {
    /// The lower the earlier: the very name by weight; then names that go on, at home, abroad,
    /// and other names last; among these the most populous.
    pub(super) fn rank(self, query_len: usize) -> (u8, u64) {
        let population = u64::from(self.population);
        if self.name_len == query_len {
            let weight = population * if self.is_home { HOME_WEIGHT } else { 1 };
            return (0, u64::MAX - weight);
        }
        let class = match (self.is_other_name, self.is_home) {
            (false, true) => 1,
            (false, false) => 2,
            (true, _) => 3,
        };
        (class, u64::MAX - population)
    }
}

/// A name as it is written to the file.
pub(super) fn name_bytes(
    start: u32,
    len: u16,
    place: u32,
    row: &Row,
    is_other: bool,
) -> [u8; NAME] {
    let is_home = HOME.iter().any(|iso2| iso2.as_bytes() == row.country);
    let mut bytes = [0; NAME];
    bytes[..4].copy_from_slice(&start.to_le_bytes());
    bytes[4..8].copy_from_slice(&place.to_le_bytes());
    bytes[8..10].copy_from_slice(&len.to_le_bytes());
    bytes[10] = u8::from(is_home) * AT_HOME + u8::from(is_other) * OTHER_NAME;
    bytes[12..].copy_from_slice(&row.population.to_le_bytes());
    bytes
}

impl Row {
    /// The place as it is written to the file.
    pub(super) fn bytes(&self) -> [u8; PLACE] {
        let (lon, lat) = self.at.bits();
        let mut bytes = [0; PLACE];
        bytes[..4].copy_from_slice(&self.text.to_le_bytes());
        bytes[4..6].copy_from_slice(&self.name_len.to_le_bytes());
        bytes[6..8].copy_from_slice(&self.name_de_len.to_le_bytes());
        bytes[8..10].copy_from_slice(&self.country);
        bytes[10..12].copy_from_slice(&(u16::from(self.is_village) * VILLAGE).to_le_bytes());
        bytes[12..16].copy_from_slice(&self.population.to_le_bytes());
        bytes[16..20].copy_from_slice(&lon.to_le_bytes());
        bytes[20..24].copy_from_slice(&lat.to_le_bytes());
        bytes
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_index_is_that_of_the_tables() {
        let countries = Countries::read_shipped().unwrap();
        let made = PlaceIndex::of(&countries);
        let is_same = PlaceIndex::shipped().unwrap().bytes() == made.bytes();
        assert!(is_same, "run `cargo run --release --example place_index`");
    }

    #[test]
    fn other_bytes_are_refused() {
        for bytes in [b"RVPLACE".as_slice(), b"RVPLACE1\xff\0\0\0\0\0\0\0\0\0\0\0"] {
            let error = PlaceIndex::open(bytes.into()).unwrap_err();
            let said = format!(
                "places.index of {} bytes is no index of places",
                bytes.len()
            );
            assert_eq!(error.to_string(), said);
        }
    }
}
