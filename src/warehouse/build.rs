//! Building the file of one version: accounts with their regions, then lines with theirs.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use duckdb::Connection;
use duckdb::arrow::array::{
    ArrayRef, Float64Builder, Int32Array, Int32Builder, Int64Array, RecordBatch, StringArray,
    StringBuilder,
};
use duckdb::arrow::datatypes::{DataType, Field, Schema};

use super::{Error, HEXAGON_RESOLUTION, Shape, Warehouse, conversion, rollup};
use crate::facts;
use crate::place::{Level, LonLat, OwnLevel, RegionKey};
use crate::record::rate::Rate;
use crate::record::site::Precision;
use crate::spatial::hierarchy::HierarchyIndex;
use crate::spatial::units::{UnitId, Units};
use crate::store::Entry;

/// Accounts are handed to the engine in slices of this many.
const SLICE: usize = 8_192;

/// A warehouse file in the making; nothing is left of it unless [`Builder::finish`] succeeds.
pub struct Builder {
    connection: Connection,
    folder: PathBuf,
    version: String,
    units: &'static Units,
    numberings: [Numbering; ACCOUNT_LEVELS.len()],
    hierarchies: Vec<(OwnLevel, Arc<HierarchyIndex>)>,
    rates: Vec<Rate>,
    slice: Vec<(Entry, Numbers)>,
    accounts: i32,
}

/// The levels that an account has one member of and that are numbered as they are met: those of
/// [`Level::ALL`] first, in their order.
const ACCOUNT_LEVELS: [&str; 14] = [
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
    members: Vec<(RegionKey, String)>,
}

impl Numbering {
    fn number(&mut self, key: &str, name: impl FnOnce() -> String) -> i32 {
        if let Some(number) = self.numbers.get(key) {
            return *number;
        }
        self.members.push((RegionKey::new(key), name()));
        let number = i32::try_from(self.members.len()).unwrap_or(i32::MAX);
        self.numbers.insert(key.to_owned(), number);
        number
    }
}

impl Builder {
    /// Starts the file of `version` in `folder`, which is made when missing, with the own regions
    /// of `hierarchies` and the exchange `rates`.
    ///
    /// # Errors
    /// The folder must be writable.
    pub fn start(
        folder: &Path,
        version: &str,
        hierarchies: Vec<(OwnLevel, Arc<HierarchyIndex>)>,
        rates: Vec<Rate>,
    ) -> Result<Self, Error> {
        let draft = draft_path(folder, version);
        fs::create_dir_all(folder).map_err(|source| file_error(folder, source))?;
        if draft.exists() {
            fs::remove_file(&draft).map_err(|source| file_error(&draft, source))?;
        }
        let connection = Connection::open(&draft)?;
        connection.execute_batch(include_str!("tables.sql"))?;
        Ok(Self {
            connection,
            folder: folder.to_owned(),
            version: version.to_owned(),
            units: Units::shipped(),
            numberings: Default::default(),
            hierarchies,
            rates,
            slice: Vec::with_capacity(SLICE),
            accounts: 0,
        })
    }

    /// Takes an account.
    ///
    /// # Errors
    /// The engine must take it.
    pub fn account(&mut self, entry: Entry) -> Result<(), Error> {
        let numbers = Numbers {
            levels: self.levels_of(&entry),
            own: self.own_regions_of(&entry),
            hexagon: hexagon_of(&entry),
        };
        self.slice.push((entry, numbers));
        if self.slice.len() == SLICE {
            self.flush()?;
        }
        Ok(())
    }

    /// Takes the current lines of `parts`, makes roll-ups of the `wanted` shapes, each with how
    /// often it was asked for, and puts the file in its place.
    ///
    /// # Errors
    /// The parts must be readable and the disk must take the file.
    pub fn finish(mut self, parts: &[PathBuf], wanted: &[(Shape, u64)]) -> Result<(), Error> {
        self.flush()?;
        self.write_account_members()?;
        self.write_hierarchies()?;
        self.write_rates()?;
        let lines = facts::current_lines(parts);
        let converted = conversion::take_lines(&self.connection, &lines)?;
        let sales = include_str!("sales.sql").replace("{converted}", &converted);
        self.connection.execute_batch(&sales)?;
        rollup::make(&self.connection, wanted)?;
        self.connection.close().map_err(|(_, error)| error)?;
        let (draft, path) = (
            draft_path(&self.folder, &self.version),
            Warehouse::path(&self.folder, &self.version),
        );
        let publish = || {
            fs::File::open(&draft)?.sync_all()?;
            fs::rename(&draft, &path)
        };
        publish().map_err(|source| file_error(&path, source))?;
        sweep(&self.folder, &path)
    }

    /// Leaves no file: the accounts broke off.
    ///
    /// # Errors
    /// The draft must be removable.
    pub fn abandon(self) -> Result<(), Error> {
        let draft = draft_path(&self.folder, &self.version);
        drop(self.connection);
        fs::remove_file(&draft).map_err(|source| file_error(&draft, source))
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

    fn flush(&mut self) -> Result<(), Error> {
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
            self.accounts += 1;
            ids.append_value(self.accounts);
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
        self.append("account", columns)
    }

    fn write_account_members(&mut self) -> Result<(), Error> {
        let numberings = std::mem::take(&mut self.numberings);
        for (level, numbering) in ACCOUNT_LEVELS.iter().zip(&numberings) {
            self.write_members(level, &numbering.members)?;
        }
        Ok(())
    }

    /// Every region of a hierarchy is a member, also where no account is, with the number of its
    /// place in the file.
    fn write_hierarchies(&mut self) -> Result<(), Error> {
        for (level, index) in std::mem::take(&mut self.hierarchies) {
            let members = index.members();
            self.write_members(level.name(), members)?;
            let regions = i64::try_from(members.len()).unwrap_or(i64::MAX);
            let columns: Vec<(&str, ArrayRef)> = vec![
                ("level", Arc::new(StringArray::from(vec![level.name()]))),
                ("name", Arc::new(StringArray::from(vec![index.name()]))),
                ("regions", Arc::new(Int64Array::from(vec![regions]))),
            ];
            self.append("hierarchy", columns)?;
        }
        Ok(())
    }

    fn write_rates(&mut self) -> Result<(), Error> {
        let rates = std::mem::take(&mut self.rates);
        let codes = rates.iter().map(|rate| rate.currency.code());
        let days = rates.iter().map(|rate| rate.day.to_string());
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("currency", Arc::new(StringArray::from_iter_values(codes))),
            ("day", Arc::new(StringArray::from_iter_values(days))),
            (
                "micro",
                Arc::new(Int64Array::from_iter_values(
                    rates.iter().map(|rate| rate.micro),
                )),
            ),
        ];
        self.append("rate", columns)
    }

    fn write_members(&self, kind: &str, members: &[(RegionKey, String)]) -> Result<(), Error> {
        let (mut kinds, mut ids) = (StringBuilder::new(), Int32Builder::new());
        let (mut keys, mut names) = (StringBuilder::new(), StringBuilder::new());
        for (number, (key, name)) in (1..).zip(members) {
            kinds.append_value(kind);
            ids.append_value(number);
            keys.append_value(key.as_str());
            names.append_value(name.trim());
        }
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("kind", Arc::new(kinds.finish())),
            ("id", Arc::new(ids.finish())),
            ("key", Arc::new(keys.finish())),
            ("name", Arc::new(names.finish())),
        ];
        self.append("member", columns)
    }

    fn append(&self, table: &str, columns: Vec<(&str, ArrayRef)>) -> Result<(), Error> {
        let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = columns
            .into_iter()
            .map(|(name, array)| {
                let kind: DataType = array.data_type().clone();
                (Field::new(name, kind, true), array)
            })
            .unzip();
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?;
        self.connection
            .appender(table)?
            .append_record_batch(batch)?;
        Ok(())
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

fn draft_path(folder: &Path, version: &str) -> PathBuf {
    folder.join(format!("{version}.draft"))
}

/// Removes every other file of the folder: older versions, and what a crash left.
fn sweep(folder: &Path, keep: &Path) -> Result<(), Error> {
    let entries = fs::read_dir(folder).map_err(|source| file_error(folder, source))?;
    for entry in entries.filter_map(Result::ok) {
        let path = entry.path();
        if path != keep && path.is_file() {
            // Readers of an older version keep it open; its space is freed with the last of them.
            fs::remove_file(&path).map_err(|source| file_error(&path, source))?;
        }
    }
    Ok(())
}

fn file_error(path: &Path, source: std::io::Error) -> Error {
    Error::File {
        path: path.to_owned(),
        source,
    }
}
