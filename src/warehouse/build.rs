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

use super::{Error, Warehouse};
use crate::facts;
use crate::place::{Level, LonLat, OwnLevel, RegionKey};
use crate::record::site::Precision;
use crate::spatial::hierarchy::HierarchyIndex;
use crate::spatial::units::Units;
use crate::store::Entry;

/// Accounts are handed to the engine in slices of this many.
const SLICE: usize = 8_192;

/// A warehouse file in the making; nothing is left of it unless [`Builder::finish`] succeeds.
pub struct Builder {
    connection: Connection,
    folder: PathBuf,
    version: String,
    units: &'static Units,
    regions: [Numbering; Level::ALL.len()],
    hierarchies: Vec<(OwnLevel, HierarchyIndex)>,
    slice: Vec<(Entry, Numbers)>,
    accounts: i32,
}

/// The member numbers of an account, 0 where it has none.
struct Numbers {
    regions: [i32; Level::ALL.len()],
    own: [i32; OwnLevel::ALL.len()],
}

/// Numbers given to the keys of one level in the order they are met, from 1.
#[derive(Default)]
struct Numbering {
    numbers: HashMap<RegionKey, i32>,
    members: Vec<(RegionKey, String)>,
}

impl Numbering {
    fn number(&mut self, key: &RegionKey, name: impl FnOnce() -> String) -> i32 {
        if let Some(number) = self.numbers.get(key) {
            return *number;
        }
        self.members.push((key.clone(), name()));
        let number = i32::try_from(self.members.len()).unwrap_or(i32::MAX);
        self.numbers.insert(key.clone(), number);
        number
    }
}

impl Builder {
    /// Starts the file of `version` in `folder`, which is made when missing, with the own regions
    /// of `hierarchies`.
    ///
    /// # Errors
    /// The folder must be writable.
    pub fn start(
        folder: &Path,
        version: &str,
        hierarchies: Vec<(OwnLevel, HierarchyIndex)>,
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
            regions: Default::default(),
            hierarchies,
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
            regions: self.regions_of(&entry),
            own: self.own_regions_of(&entry),
        };
        self.slice.push((entry, numbers));
        if self.slice.len() == SLICE {
            self.flush()?;
        }
        Ok(())
    }

    /// Takes the current lines of `parts` and puts the file in its place.
    ///
    /// # Errors
    /// The parts must be readable and the disk must take the file.
    pub fn finish(mut self, parts: &[PathBuf]) -> Result<(), Error> {
        self.flush()?;
        self.write_region_members()?;
        self.write_hierarchies()?;
        let lines = facts::current_lines(parts);
        self.connection
            .execute_batch(&format!("CREATE TEMP TABLE line AS {lines}"))?;
        self.connection.execute_batch(include_str!("sales.sql"))?;
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
    ///
    /// A unit of another country than the account's is left out: a level adds up within the
    /// country above it.
    fn regions_of(&mut self, entry: &Entry) -> [i32; Level::ALL.len()] {
        let mut numbers = [0; Level::ALL.len()];
        let site = &entry.site;
        let Some(country) = &site.country else {
            return numbers;
        };
        let name = |units: &Units| {
            units
                .find(country)
                .map_or_else(|| country.to_string(), |id| units.get(id).name.clone())
        };
        numbers[Level::Country as usize] =
            self.regions[Level::Country as usize].number(country, || name(self.units));
        let path = site.unit.as_ref().and_then(|key| self.units.find(key));
        let path = path.map(|id| self.units.path(id)).unwrap_or_default();
        if path
            .first()
            .is_some_and(|id| self.units.get(*id).key == *country)
        {
            for id in path {
                let unit = self.units.get(id);
                let level = unit.level as usize;
                numbers[level] = self.regions[level].number(&unit.key, || unit.name.clone());
            }
        }
        if let Some(postal) = &site.postal {
            let code = postal.as_str().split_once('-').map_or("", |(_, code)| code);
            numbers[Level::Postal as usize] = self.regions[Level::Postal as usize]
                .number(postal, || format!("{code} {}", entry.account.address.place));
        }
        numbers
    }

    /// The member numbers of the account in the hierarchies, 0 where it has none. One that is
    /// located to a state or country only is nowhere in particular.
    fn own_regions_of(&self, entry: &Entry) -> [i32; OwnLevel::ALL.len()] {
        let mut numbers = [0; OwnLevel::ALL.len()];
        let position = entry.site.position;
        let position = position.filter(|_| entry.site.precision != Precision::Region);
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
            ("stage", text(|entry| entry.account.stage.name())),
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
        for level in Level::ALL {
            let mut column = Int32Builder::with_capacity(slice.len());
            for (_, numbers) in &slice {
                column.append_value(numbers.regions[level as usize]);
            }
            columns.push((level.name(), Arc::new(column.finish())));
        }
        for level in OwnLevel::ALL {
            let numbers = slice.iter().map(|(_, numbers)| numbers.own[level as usize]);
            let column = Int32Array::from_iter_values(numbers);
            columns.push((level.name(), Arc::new(column)));
        }
        self.append("account", columns)
    }

    fn write_region_members(&mut self) -> Result<(), Error> {
        let regions = std::mem::take(&mut self.regions);
        for (level, numbering) in Level::ALL.into_iter().zip(&regions) {
            self.write_members(level.name(), &numbering.members)?;
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
