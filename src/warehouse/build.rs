//! Building the file of one version: accounts with their regions, then lines with theirs.
//!
//! A file is made *whole* from the truth, or in a *step*: from a copy of an earlier file, to which
//! what changed since is brought. Both hold the same, only numbers of members may differ.

mod account;
mod sale;
mod step;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use duckdb::Connection;
use duckdb::arrow::array::{
    ArrayRef, Int32Builder, Int64Array, RecordBatch, StringArray, StringBuilder,
};
use duckdb::arrow::datatypes::{DataType, Field, Schema};

use self::account::{ACCOUNT_LEVELS, AccountColumns};
use super::{Error, Shape, Warehouse, conversion, rollup};
use crate::facts;
use crate::place::{OwnLevel, RegionKey};
use crate::record::rate::Rate;
use crate::spatial::hierarchy::HierarchyIndex;
use crate::store::{Batch, BatchId, Entry};

pub use step::Step;

/// What the engine may take of the memory; the rest goes to the disk meanwhile.
const MEMORY: &str = "4GB";

/// Where the engine puts what does not fit into memory.
const SPILL: &str = ".spill";

/// What a file is made from, beside the accounts.
#[derive(Clone)]
pub struct Truth {
    /// Every batch.
    pub batches: Vec<Batch>,
    /// The parts with sales lines, oldest first.
    pub parts: Vec<(BatchId, PathBuf)>,
    /// The own regions.
    pub hierarchies: Vec<(OwnLevel, Arc<HierarchyIndex>)>,
    /// What a euro was worth.
    pub rates: Vec<Rate>,
    /// The shapes that roll-ups should have, each with how often it was asked for.
    pub wanted: Vec<(Shape, u64)>,
}

impl Truth {
    fn paths(&self) -> Vec<PathBuf> {
        self.parts.iter().map(|(_, path)| path.clone()).collect()
    }
}

/// Whether a file was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Built {
    /// It is in its place.
    Done,
    /// It must be made whole, for this reason: a step does not lead to it.
    NotInSteps(&'static str),
}

/// A warehouse file in the making; nothing is left of it unless [`Builder::finish`] succeeds.
pub struct Builder {
    connection: Connection,
    folder: PathBuf,
    version: String,
    accounts: AccountColumns,
    truth: Truth,
    step: Option<Step>,
}

impl Builder {
    /// Starts the file of `version` in `folder`, which is made when missing: whole, or as the
    /// `step` from an earlier one.
    ///
    /// # Errors
    /// The folder must be writable, and the earlier file readable.
    pub fn start(
        folder: &Path,
        version: &str,
        truth: Truth,
        step: Option<Step>,
    ) -> Result<Self, Error> {
        let (draft, spill) = (draft_path(folder, version), folder.join(SPILL));
        prepare(folder, &draft, step.as_ref().map(Step::previous))
            .map_err(|source| file_error(&draft, source))?;
        let connection = Connection::open(&draft)?;
        connection.execute_batch(&format!(
            "SET memory_limit = '{MEMORY}'; SET temp_directory = {};",
            quoted(&spill)
        ))?;
        let table = match &step {
            None => {
                connection.execute_batch(include_str!("build/tables.sql"))?;
                "account"
            }
            Some(step) => {
                step.begin(&connection)?;
                step::TAKEN
            }
        };
        let mut accounts = AccountColumns::start(table, truth.hierarchies.clone());
        accounts.keep_numbers(&connection)?;
        Ok(Self {
            connection,
            folder: folder.to_owned(),
            version: version.to_owned(),
            accounts,
            truth,
            step,
        })
    }

    /// Takes an account; of a step only those that its batches touched.
    ///
    /// # Errors
    /// The engine must take it.
    pub fn account(&mut self, entry: Entry) -> Result<(), Error> {
        self.accounts.take(entry, &self.connection)
    }

    /// Takes the lines, makes the roll-ups, and puts the file in its place.
    ///
    /// # Errors
    /// The parts must be readable and the disk must take the file.
    pub fn finish(mut self) -> Result<Built, Error> {
        self.accounts.flush(&self.connection)?;
        for (level, kept, members) in self.accounts.new_members() {
            write_members(&self.connection, level, kept, members)?;
        }
        match &self.step {
            None => self.make_whole()?,
            Some(step) => {
                let built = step.apply(&self.connection, &self.truth, self.accounts.taken())?;
                if built != Built::Done {
                    self.abandon()?;
                    return Ok(built);
                }
            }
        }
        self.write_origin()?;
        self.publish()?;
        Ok(Built::Done)
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

    fn make_whole(&self) -> Result<(), Error> {
        self.write_hierarchies()?;
        self.write_rates()?;
        let lines = facts::current_lines(&self.truth.paths());
        let converted = conversion::take_lines(&self.connection, &lines)?;
        sale::make(&self.connection, &converted)?;
        rollup::make(&self.connection, &self.truth.wanted)
    }

    /// Every region of a hierarchy is a member, also where no account is, with the number of its
    /// place in the file.
    fn write_hierarchies(&self) -> Result<(), Error> {
        for (level, index) in &self.truth.hierarchies {
            let members = index.members();
            write_members(&self.connection, level.name(), 0, members)?;
            let regions = i64::try_from(members.len()).unwrap_or(i64::MAX);
            let columns: Vec<(&str, ArrayRef)> = vec![
                ("level", Arc::new(StringArray::from(vec![level.name()]))),
                ("name", Arc::new(StringArray::from(vec![index.name()]))),
                ("regions", Arc::new(Int64Array::from(vec![regions]))),
            ];
            append(&self.connection, "hierarchy", columns)?;
        }
        Ok(())
    }

    fn write_rates(&self) -> Result<(), Error> {
        let rates = &self.truth.rates;
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
        append(&self.connection, "rate", columns)
    }

    /// Says what the file was made from, for the next step.
    fn write_origin(&self) -> Result<(), Error> {
        self.connection.execute_batch("DELETE FROM origin")?;
        let batches = &self.truth.batches;
        let numbers = batches.iter().map(|batch| batch.id.0);
        let kinds = batches.iter().map(|batch| batch.kind.name());
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("batch", Arc::new(Int64Array::from_iter_values(numbers))),
            ("kind", Arc::new(StringArray::from_iter_values(kinds))),
            (
                "mark",
                Arc::new(StringArray::from_iter_values(
                    batches.iter().map(step::mark),
                )),
            ),
        ];
        append(&self.connection, "origin", columns)
    }

    fn publish(self) -> Result<(), Error> {
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
}

/// Makes the folder with no draft in it, or with one that is a copy of the file `previous`.
fn prepare(folder: &Path, draft: &Path, previous: Option<&Path>) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    // What a killed run left; its log would be taken for one of the new draft.
    for left in [draft.to_owned(), draft.with_added_extension("wal")] {
        if left.exists() {
            fs::remove_file(&left)?;
        }
    }
    let spill = folder.join(SPILL);
    if spill.exists() {
        fs::remove_dir_all(&spill)?;
    }
    previous.map_or(Ok(()), |previous| fs::copy(previous, draft).map(|_| ()))
}

/// Adds members of a level, numbered on from those that are `kept`.
fn write_members(
    connection: &Connection,
    kind: &str,
    kept: i32,
    members: &[(RegionKey, String)],
) -> Result<(), Error> {
    let (mut kinds, mut ids) = (StringBuilder::new(), Int32Builder::new());
    let (mut keys, mut names) = (StringBuilder::new(), StringBuilder::new());
    for (number, (key, name)) in (kept + 1..).zip(members) {
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
    append(connection, "member", columns)
}

fn append(
    connection: &Connection,
    table: &str,
    columns: Vec<(&str, ArrayRef)>,
) -> Result<(), Error> {
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = columns
        .into_iter()
        .map(|(name, array)| {
            let kind: DataType = array.data_type().clone();
            (Field::new(name, kind, true), array)
        })
        .unzip();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?;
    connection.appender(table)?.append_record_batch(batch)?;
    Ok(())
}

/// A path as an SQL string literal.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.to_string_lossy().replace('\'', "''"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_run_left_is_not_taken_for_the_new_draft() {
        let folder = tempfile::tempdir().unwrap();
        let (previous, draft) = (folder.path().join("1"), draft_path(folder.path(), "2"));
        let whole = Connection::open(&previous).unwrap();
        whole
            .execute_batch("CREATE TABLE sale (id INTEGER)")
            .unwrap();
        whole.close().unwrap();
        // A step that is killed leaves its copy and the log of what it had done.
        fs::copy(&previous, &draft).unwrap();
        let killed = Connection::open(&draft).unwrap();
        killed.execute_batch("INSERT INTO sale VALUES (1)").unwrap();
        let log = draft.with_added_extension("wal");
        let logged = fs::read(&log).unwrap();
        killed.close().unwrap();
        fs::write(&log, logged).unwrap();
        prepare(folder.path(), &draft, Some(&previous)).unwrap();
        let again = Connection::open(&draft).unwrap();
        let lines: i64 = again
            .query_row("SELECT count(*) FROM sale", [], |row| row.get(0))
            .unwrap();
        assert_eq!(lines, 0);
    }
}
