//! The file of streets and houses of one import batch.
//!
//! Written once and never changed. All numbers are little-endian, positions in millionths of a
//! degree (11 cm).
//!
//! ```text
//! magic, version, then where each section stands and how long it is (u64, u64)
//! keys        street keys, sorted            offsets u32, then the text
//! shown       how each of them is written    offsets u32, then the text
//! texts       all other words                offsets u32, then the text
//! localities  country, postal code, place, first street; sorted, and one beyond the last
//! streets     key, middle, reach, houses     sorted by locality and key
//! by_key      the streets by key
//! houses      per street, sorted by number   varints: steps of number, rest, steps of position
//! places      name, postal code, position, people, kind
//! CRC-32 of all before it
//! ```
//!
//! A file is read whole: the house forbids the unsafe code that a memory map needs. Its checksum
//! guards against damage; what is read is checked all the same, so that no file can do more
//! than give wrong answers.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use flate2::Crc;

use super::number::HouseNumber;
use crate::geocode::fold::{Name, fold};
use crate::import::addresses::PlaceKind;
use crate::place::LonLat;

/// The first bytes of a file.
pub(super) const MAGIC: &[u8; 8] = b"REVHOUSE";
/// The layout that is read and written.
pub(super) const VERSION: u32 = 1;
/// Bytes before the first section.
pub(super) const HEADER_BYTES: usize = 12 + SECTIONS * 16;
/// Number of sections.
pub(super) const SECTIONS: usize = 8;
/// Bytes of one locality.
pub(super) const LOCALITY_BYTES: usize = 16;
/// Bytes of one street.
pub(super) const STREET_BYTES: usize = 24;
/// Bytes of one place.
pub(super) const PLACE_BYTES: usize = 24;
/// Every size of a place, in the order of their numbers.
pub(super) const KINDS: [PlaceKind; 5] = [
    PlaceKind::City,
    PlaceKind::Town,
    PlaceKind::Village,
    PlaceKind::Suburb,
    PlaceKind::Hamlet,
];

/// Why a file of houses cannot be used or made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It cannot be written.
    #[error("{} cannot be written", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is no file of houses, of another version, or damaged; importing again makes it anew.
    #[error("{} {detail}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// There are more addresses than a file can hold.
    #[error("{count} {what} are too many for one file; at most {limit} fit")]
    TooMany {
        /// What is counted.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many fit.
        limit: usize,
    },
}

/// A file of streets and houses, opened.
pub struct HouseFile {
    bytes: Vec<u8>,
    sections: [(usize, usize); SECTIONS],
    names: Vec<Name>,
    by_postal: HashMap<String, Vec<u32>>,
    by_place: HashMap<String, Vec<u32>>,
    places: HashMap<String, Vec<u32>>,
}

impl std::fmt::Debug for HouseFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sizes = (self.bytes.len(), self.names.len());
        write!(f, "HouseFile({} bytes, {} localities)", sizes.0, sizes.1)
    }
}

/// A street of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Street {
    pub key: u32,
    pub x: i32,
    pub y: i32,
    /// Nine of ten houses lie within this distance of the middle, in metres.
    pub reach_m: u32,
    houses_at: u32,
    pub houses: u32,
}

/// A house of a street.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct House<'a> {
    pub number: u32,
    pub rest: &'a str,
    pub x: i32,
    pub y: i32,
}

impl House<'_> {
    pub fn is(&self, number: &HouseNumber) -> bool {
        self.number == number.number && self.rest == number.rest
    }
}

/// A named place of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct HousePlace<'a> {
    /// Its name as the file writes it.
    pub name: &'a str,
    /// Its postal code; empty when unknown.
    pub postal_code: &'a str,
    /// How large it is.
    pub kind: PlaceKind,
    /// People living there, where known.
    pub population: Option<u32>,
    /// Its middle.
    pub position: LonLat,
}

impl HouseFile {
    /// Opens the file. Takes as long as reading it, and memory for it and some 200 bytes for each
    /// pair of postal code and place.
    ///
    /// # Errors
    /// It must be a whole file of this version.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let bytes = std::fs::read(path).map_err(|source| Error::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(bytes).map_err(|detail| Error::Damaged {
            path: path.to_owned(),
            detail,
        })
    }

    fn parse(bytes: Vec<u8>) -> Result<Self, String> {
        if !bytes.starts_with(MAGIC) {
            return Err("is no file of houses".to_owned());
        }
        let version = u32_at(&bytes, 8);
        if version != VERSION {
            return Err(format!("has version {version}; read is {VERSION}"));
        }
        let end = bytes.len().saturating_sub(4);
        let mut crc = Crc::new();
        crc.update(&bytes[..end]);
        if end < HEADER_BYTES || crc.sum() != u32_at(&bytes, end) {
            return Err("is damaged: its checksum is wrong".to_owned());
        }
        let mut sections = [(0, 0); SECTIONS];
        for (index, section) in sections.iter_mut().enumerate() {
            let at = usize::try_from(u64_at(&bytes, 12 + index * 16));
            let length = usize::try_from(u64_at(&bytes, 20 + index * 16));
            let (Ok(at), Ok(length)) = (at, length) else {
                return Err("is damaged: a section is too long".to_owned());
            };
            if at
                .checked_add(length)
                .is_none_or(|section_end| section_end > end)
            {
                return Err("is damaged: a section lies outside".to_owned());
            }
            *section = (at, length);
        }
        let mut file = Self {
            bytes,
            sections,
            names: Vec::new(),
            by_postal: HashMap::new(),
            by_place: HashMap::new(),
            places: HashMap::new(),
        };
        file.index();
        Ok(file)
    }

    fn index(&mut self) {
        let mut names = Vec::new();
        let mut by_postal: HashMap<String, Vec<u32>> = HashMap::new();
        let mut by_place: HashMap<String, Vec<u32>> = HashMap::new();
        for id in 0..self.locality_count() {
            let name = Name::parse(self.place(id));
            let postal = postal_key(self.postal(id));
            if !postal.is_empty() {
                by_postal.entry(postal).or_default().push(id);
            }
            if !name.is_empty() {
                by_place.entry(name.full().to_owned()).or_default().push(id);
                if name.base() != name.full() {
                    by_place.entry(name.base().to_owned()).or_default().push(id);
                }
            }
            names.push(name);
        }
        let mut places: HashMap<String, Vec<u32>> = HashMap::new();
        for (index, place) in (0..).zip(self.places()) {
            places.entry(fold(place.name)).or_default().push(index);
        }
        (self.names, self.by_postal, self.by_place, self.places) =
            (names, by_postal, by_place, places);
    }

    /// Size of the file.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Every place of the file.
    pub fn places(&self) -> impl Iterator<Item = HousePlace<'_>> {
        let count = self.sections[7].1 / PLACE_BYTES;
        (0..count).filter_map(|index| self.place_point(index))
    }

    /// The places of that name in any spelling.
    pub fn places_named(&self, name: &str) -> impl Iterator<Item = HousePlace<'_>> {
        let found = self.places.get(&fold(name)).map_or(&[][..], Vec::as_slice);
        found
            .iter()
            .filter_map(|index| self.place_point(*index as usize))
    }

    fn place_point(&self, index: usize) -> Option<HousePlace<'_>> {
        let record = self.record(7, index, PLACE_BYTES)?;
        let population = u32_at(record, 16);
        Some(HousePlace {
            name: self.word(2, u32_at(record, 0)),
            postal_code: self.word(2, u32_at(record, 4)),
            position: position(
                u32_at(record, 8).cast_signed(),
                u32_at(record, 12).cast_signed(),
            )?,
            population: (population != u32::MAX).then_some(population),
            kind: *KINDS.get(usize::from(record[20]))?,
        })
    }

    pub(super) fn locality_count(&self) -> u32 {
        let count = (self.sections[3].1 / LOCALITY_BYTES).saturating_sub(1);
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    pub(super) fn street_count(&self) -> u32 {
        u32::try_from(self.sections[4].1 / STREET_BYTES).unwrap_or(u32::MAX)
    }

    fn locality(&self, id: u32) -> &[u8] {
        self.record(3, id as usize, LOCALITY_BYTES)
            .unwrap_or(&[0; LOCALITY_BYTES])
    }

    /// ISO 3166 alpha-2 code of the country; empty when unknown.
    pub(super) fn country(&self, locality: u32) -> &str {
        let code = std::str::from_utf8(&self.locality(locality)[..2]).unwrap_or_default();
        code.trim_end_matches('\0')
    }

    pub(super) fn postal(&self, locality: u32) -> &str {
        self.word(2, u32_at(self.locality(locality), 4))
    }

    pub(super) fn place(&self, locality: u32) -> &str {
        self.word(2, u32_at(self.locality(locality), 8))
    }

    pub(super) fn name(&self, locality: u32) -> &Name {
        &self.names[locality as usize]
    }

    /// The streets of a locality, sorted by key.
    pub(super) fn streets(&self, locality: u32) -> std::ops::Range<u32> {
        let count = self.street_count();
        let first = |id| u32_at(self.locality(id), 12).min(count);
        let start = first(locality);
        start..first(locality + 1).max(start)
    }

    pub(super) fn street(&self, id: u32) -> Street {
        let record = self
            .record(4, id as usize, STREET_BYTES)
            .unwrap_or(&[0; STREET_BYTES]);
        Street {
            key: u32_at(record, 0),
            x: u32_at(record, 4).cast_signed(),
            y: u32_at(record, 8).cast_signed(),
            reach_m: u32_at(record, 12),
            houses_at: u32_at(record, 16),
            houses: u32_at(record, 20),
        }
    }

    /// The locality of a street. O(log localities).
    pub(super) fn locality_of(&self, street: u32) -> u32 {
        partition(0..self.locality_count(), |id| {
            self.streets(id).start <= street
        })
        .saturating_sub(1)
    }

    pub(super) fn key_text(&self, key: u32) -> &str {
        self.word(0, key)
    }

    pub(super) fn shown(&self, key: u32) -> &str {
        self.word(1, key)
    }

    /// The number of a street key. O(log keys).
    pub(super) fn key(&self, text: &str) -> Option<u32> {
        let count = self.word_count(0);
        let at = partition(0..count, |key| self.key_text(key) < text);
        (at < count && self.key_text(at) == text).then_some(at)
    }

    /// The streets of every locality with that key. O(log streets).
    pub(super) fn streets_of_key(&self, key: u32) -> impl Iterator<Item = u32> {
        let by_key = |at: u32| {
            let record = self.record(5, at as usize, 4);
            record.map_or(u32::MAX, |record| u32_at(record, 0))
        };
        let first = partition(0..self.street_count(), |at| {
            self.street(by_key(at)).key < key
        });
        (first..self.street_count())
            .map(by_key)
            .take_while(move |street| self.street(*street).key == key)
    }

    pub(super) fn localities_of_postal(&self, key: &str) -> &[u32] {
        self.by_postal.get(key).map_or(&[], Vec::as_slice)
    }

    pub(super) fn localities_of_place(&self, folded: &str) -> &[u32] {
        self.by_place.get(folded).map_or(&[], Vec::as_slice)
    }

    pub(super) fn place_names(&self) -> impl Iterator<Item = (&str, &[u32])> {
        self.by_place
            .iter()
            .map(|(name, ids)| (name.as_str(), ids.as_slice()))
    }

    pub(super) fn postal_keys(&self) -> impl Iterator<Item = (&str, &[u32])> {
        self.by_postal
            .iter()
            .map(|(key, ids)| (key.as_str(), ids.as_slice()))
    }

    /// The houses of a street, sorted by number.
    pub(super) fn houses(&self, street: Street) -> impl Iterator<Item = House<'_>> {
        let (at, length) = self.sections[6];
        let section = &self.bytes[at..at + length];
        let mut left = section.get(street.houses_at as usize..).unwrap_or_default();
        let (mut number, mut x, mut y) = (0_u32, street.x, street.y);
        (0..street.houses).map_while(move |_| {
            number = number.wrapping_add(u32::try_from(varint(&mut left)?).ok()?);
            let rest = u32::try_from(varint(&mut left)?).ok()?;
            x = x.wrapping_add(unzigzag(varint(&mut left)?));
            y = y.wrapping_add(unzigzag(varint(&mut left)?));
            Some(House {
                number,
                rest: self.word(2, rest),
                x,
                y,
            })
        })
    }

    fn record(&self, section: usize, index: usize, size: usize) -> Option<&[u8]> {
        let (at, length) = self.sections[section];
        let start = index.checked_mul(size)?;
        (start + size <= length).then(|| &self.bytes[at + start..at + start + size])
    }

    fn word_count(&self, section: usize) -> u32 {
        let (at, length) = self.sections[section];
        if length < 4 {
            0
        } else {
            u32_at(&self.bytes, at)
        }
    }

    /// A word of a section of words: how many there are, the end of each, then the text.
    fn word(&self, section: usize, index: u32) -> &str {
        let (at, length) = self.sections[section];
        let section = &self.bytes[at..at + length];
        let count = u32_at(section, 0) as usize;
        let index = index as usize;
        if index >= count {
            return "";
        }
        let start = if index == 0 {
            0
        } else {
            u32_at(section, 4 * index)
        };
        let end = u32_at(section, 4 * index + 4);
        let text = section.get(4 + 4 * count..).unwrap_or_default();
        let word = text.get(start as usize..end as usize).unwrap_or_default();
        std::str::from_utf8(word).unwrap_or_default()
    }
}

/// A postal code as it is compared: letters and digits alone, in capitals, without the country
/// before it.
#[must_use]
pub fn postal_key(code: &str) -> String {
    let code = code.trim();
    let code = match code.split_once(['-', ' ']) {
        Some((country, rest))
            if country.len() <= 3
                && country.bytes().all(|byte| byte.is_ascii_alphabetic())
                && rest.trim_start().starts_with(|c: char| c.is_ascii_digit())
                && rest.trim().bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            rest
        }
        _ => code,
    };
    let signs = code.chars().filter(|c| c.is_alphanumeric());
    signs.take(16).flat_map(char::to_uppercase).collect()
}

/// Millionths of a degree as a position; `None` outside the earth.
pub(super) fn position(x: i32, y: i32) -> Option<LonLat> {
    LonLat::parse(f64::from(x) / 1e6, f64::from(y) / 1e6).ok()
}

/// The first of a sorted range for which `before` no longer holds.
fn partition(range: std::ops::Range<u32>, before: impl Fn(u32) -> bool) -> u32 {
    let (mut low, mut high) = (range.start, range.end);
    while low < high {
        let middle = low.midpoint(high);
        if before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// The number at `at`; 0 beyond the end.
fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let four = bytes.get(at..at + 4).and_then(|four| four.try_into().ok());
    u32::from_le_bytes(four.unwrap_or_default())
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let eight = bytes
        .get(at..at + 8)
        .and_then(|eight| eight.try_into().ok());
    u64::from_le_bytes(eight.unwrap_or_default())
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for (index, byte) in bytes.iter().take(10).enumerate() {
        number |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            *bytes = &bytes[index + 1..];
            return Some(number);
        }
    }
    None
}

fn unzigzag(number: u64) -> i32 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "steps between positions fit an i32"
    )]
    let number = number as u32;
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}
