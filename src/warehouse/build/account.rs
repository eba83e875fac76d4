//! Accounts on their way into the file: the numbers of their members, slice by slice.

use std::collections::HashMap;
use std::sync::Arc;

use duckdb::Connection;
use duckdb::arrow::array::{
    ArrayRef, Float64Builder, Int32Array, Int32Builder, Int64Array, StringBuilder,
};

use super::super::{Error, HEXAGON_RESOLUTION};
use super::append;
use crate::place::{Level, LonLat, OwnLevel, RegionKey};
use crate::record::site::Precision;
use crate::spatial::hierarchy::HierarchyIndex;
use crate::spatial::units::{UnitId, Units};
use crate::store::Entry;

/// Accounts are handed to the engine in slices of this many.
const SLICE: usize = 8_192;

/// The levels that an account has one member of and that are numbered as they are met: those of
/// [`Level::ALL`] first, in their order.
pub(super) const ACCOUNT_LEVELS: [&str; 14] = [
    "country",
    "state",
    "government_district",
    "district",
    "municipality",
    "postal",
    "postal_1",
    "postal_2",
    "postal_3",
    "nuts_1",
    "nuts_2",
    "nuts_3",
    "stage",
    "industry",
];

/// Places in [`ACCOUNT_LEVELS`].
const POSTAL_DIGITS: [usize; 3] = [6, 7, 8];
const NUTS: [usize; 3] = [9, 10, 11];
const STAGE: usize = 12;
const INDUSTRY: usize = 13;

/// The member numbers of an account, 0 where it has none.
struct Numbers {
    levels: [i32; ACCOUNT_LEVELS.len()],
    own: [i32; OwnLevel::ALL.len()],
    hexagon: i64,
}

/// Numbers given to the keys of one level in the order they are met, from 1.
#[derive(Default)]
struct Numbering {
    numbers: HashMap<String, i32>,
    /// How many of them are in the file already.
    kept: i32,
    /// The others.
    members: Vec<(RegionKey, String)>,
}

impl Numbering {
    /// Takes the member of the next number that the file has.
    fn keep(&mut self, key: String) {
        self.kept += 1;
        self.numbers.insert(key, self.kept);
    }

    fn number(&mut self, key: &str, name: impl FnOnce() -> String) -> i32 {
        if let Some(number) = self.numbers.get(key) {
            return *number;
        }
        self.members.push((RegionKey::new(key), name()));
        let new = i32::try_from(self.members.len()).unwrap_or(i32::MAX);
        let number = self.kept.saturating_add(new);
        self.numbers.insert(key.to_owned(), number);
        number
    }
}

/// Takes accounts and numbers their members.
pub(super) struct AccountColumns {
    table: &'static str,
    units: &'static Units,
    numberings: [Numbering; ACCOUNT_LEVELS.len()],
    hierarchies: Vec<(OwnLevel, Arc<HierarchyIndex>)>,
    slice: Vec<(Entry, Numbers)>,
    taken: i32,
}

impl AccountColumns {
    /// Accounts go into `table` of the file, numbered from 1.
    pub(super) fn start(
        table: &'static str,
        hierarchies: Vec<(OwnLevel, Arc<HierarchyIndex>)>,
    ) -> Self {
        Self {
            table,
            units: Units::shipped(),
            numberings: Default::default(),
            hierarchies,
            slice: Vec::with_capacity(SLICE),
            taken: 0,
        }
    }

    /// Members keep the numbers that they have in the file of `connection`.
    pub(super) fn keep_numbers(&mut self, connection: &Connection) -> Result<(), Error> {
        let mut statement =
            connection.prepare("SELECT key FROM member WHERE kind = ? ORDER BY id")?;
        for (level, numbering) in ACCOUNT_LEVELS.iter().zip(&mut self.numberings) {
            for key in statement.query_map([level], |row| row.get::<_, String>(0))? {
                numbering.keep(key?);
            }
        }
        Ok(())
    }

    /// Takes an account; it is in the file after the next [`AccountColumns::flush`].
    pub(super) fn take(&mut self, entry: Entry, connection: &Connection) -> Result<(), Error> {
        let numbers = Numbers {
            levels: self.levels_of(&entry),
            own: self.own_regions_of(&entry),
            hexagon: hexagon_of(&entry),
        };
        self.slice.push((entry, numbers));
        if self.slice.len() == SLICE {
            self.flush(connection)?;
        }
        Ok(())
    }

    /// How many accounts were taken.
    pub(super) fn taken(&self) -> i32 {
        self.taken
    }

    /// The levels with the numbers, keys and names of the members that the file does not have yet.
    pub(super) fn new_members(
        &self,
    ) -> impl Iterator<Item = (&'static str, i32, &[(RegionKey, String)])> {
        let levels = ACCOUNT_LEVELS.iter().zip(&self.numberings);
        levels.map(|(level, numbering)| (*level, numbering.kept, numbering.members.as_slice()))
    }

    /// The member numbers of the account at every level, 0 where it has none.
    fn levels_of(&mut self, entry: &Entry) -> [i32; ACCOUNT_LEVELS.len()] {
        let mut numbers = [0; ACCOUNT_LEVELS.len()];
        self.put_regions(entry, &mut numbers);
        let account = &entry.account;
        let mut put = |level: usize, key: &str, name: &str| {
            if !key.is_empty() {
                numbers[level] = self.numberings[level].number(key, || name.to_owned());
            }
        };
        let (stage, industry) = (account.stage.name(), account.industry.trim());
        put(STAGE, stage, stage);
        put(INDUSTRY, industry, industry);
        numbers
    }

    /// The regions of the account. A unit of another country than the account's is left out: a
    /// level adds up within the country above it.
    fn put_regions(&mut self, entry: &Entry, numbers: &mut [i32; ACCOUNT_LEVELS.len()]) {
        let (units, site) = (self.units, &entry.site);
        let Some(country) = &site.country else {
            return;
        };
        let mut put = |level: usize, key: &str, name: &dyn Fn() -> String| {
            numbers[level] = self.numberings[level].number(key, name);
        };
        put(Level::Country as usize, country.as_str(), &|| {
            units
                .find(country)
                .map_or_else(|| country.to_string(), |id| units.get(id).name.clone())
        });
        let path = site.unit.as_ref().and_then(|key| units.find(key));
        let path = path.map(|id| units.path(id)).unwrap_or_default();
        let is_inside = |id: &UnitId| units.get(*id).key == *country;
        if path.first().is_some_and(is_inside) {
            for id in &path {
                let unit = units.get(*id);
                put(unit.level as usize, unit.key.as_str(), &|| {
                    unit.name.clone()
                });
            }
            let code = path.iter().map(|id| units.get(*id).nuts.as_str());
            let code = code.max_by_key(|code| code.len()).unwrap_or_default();
            for (digits, level) in (3..).zip(NUTS) {
                if let Some(code) = code.get(..digits) {
                    put(level, code, &|| units.name_of_nuts(code));
                }
            }
        }
        if let Some(postal) = &site.postal {
            let (land, code) = postal.as_str().split_once('-').unwrap_or_default();
            put(Level::Postal as usize, postal.as_str(), &|| {
                format!("{code} {}", entry.account.address.place)
            });
            for (digits, level) in (1..).zip(POSTAL_DIGITS) {
                if let Some(begin) = code.get(..digits) {
                    put(level, &format!("{land}-{begin}"), &|| format!("{begin}…"));
                }
            }
        }
    }

    /// The member numbers of the account in the hierarchies, 0 where it has none.
    fn own_regions_of(&self, entry: &Entry) -> [i32; OwnLevel::ALL.len()] {
        let mut numbers = [0; OwnLevel::ALL.len()];
        let position = particular_position(entry);
        for (level, index) in &self.hierarchies {
            if let Some(region) = position.and_then(|position| index.region_of(position)) {
                numbers[*level as usize] = i32::try_from(region + 1).unwrap_or(i32::MAX);
            }
        }
        numbers
    }

    pub(super) fn flush(&mut self, connection: &Connection) -> Result<(), Error> {
        let slice = std::mem::take(&mut self.slice);
        if slice.is_empty() {
            return Ok(());
        }
        let text = |part: fn(&Entry) -> &str| -> ArrayRef {
            let mut column = StringBuilder::with_capacity(slice.len(), slice.len() * 16);
            for (entry, _) in &slice {
                column.append_value(part(entry));
            }
            Arc::new(column.finish())
        };
        let degrees = |part: fn(LonLat) -> f64| -> ArrayRef {
            let mut column = Float64Builder::with_capacity(slice.len());
            for (entry, _) in &slice {
                column.append_option(entry.site.position.map(part));
            }
            Arc::new(column.finish())
        };
        let mut ids = Int32Builder::with_capacity(slice.len());
        for _ in &slice {
            self.taken += 1;
            ids.append_value(self.taken);
        }
        let mut columns: Vec<(&str, ArrayRef)> = vec![
            ("id", Arc::new(ids.finish())),
            ("key", text(|entry| &entry.account.key)),
            ("name", text(|entry| &entry.account.name)),
            ("stage_word", text(|entry| entry.account.stage.name())),
            ("street", text(|entry| &entry.account.address.street)),
            (
                "postal_code",
                text(|entry| &entry.account.address.postal_code),
            ),
            ("place", text(|entry| &entry.account.address.place)),
            ("country_text", text(|entry| &entry.account.address.country)),
            ("precision", text(|entry| entry.site.precision.name())),
            ("lon", degrees(LonLat::lon)),
            ("lat", degrees(LonLat::lat)),
        ];
        for (level, name) in ACCOUNT_LEVELS.iter().enumerate() {
            let numbers = slice.iter().map(|(_, numbers)| numbers.levels[level]);
            columns.push((*name, Arc::new(Int32Array::from_iter_values(numbers))));
        }
        for level in OwnLevel::ALL {
            let numbers = slice.iter().map(|(_, numbers)| numbers.own[level as usize]);
            let column = Int32Array::from_iter_values(numbers);
            columns.push((level.name(), Arc::new(column)));
        }
        let hexagons = slice.iter().map(|(_, numbers)| numbers.hexagon);
        columns.push(("h3", Arc::new(Int64Array::from_iter_values(hexagons))));
        append(connection, self.table, columns)
    }
}

/// Where the account is. One that is located to a state or country only is nowhere in particular.
fn particular_position(entry: &Entry) -> Option<LonLat> {
    let position = entry.site.position;
    position.filter(|_| entry.site.precision != Precision::Region)
}

/// The number of the hexagon in which the account lies, 0 where it lies in none.
fn hexagon_of(entry: &Entry) -> i64 {
    let cell = particular_position(entry)
        .and_then(|position| h3o::LatLng::new(position.lat(), position.lon()).ok())
        .map(|position| u64::from(position.to_cell(HEXAGON_RESOLUTION)));
    cell.and_then(|cell| i64::try_from(cell).ok())
        .unwrap_or_default()
}
