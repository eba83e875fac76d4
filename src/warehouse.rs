//! The derived cube data: one immutable DuckDB file per version of the truth.
//!
//! 1. [`Builder`] takes every account, then the current sales lines, and resolves each line to
//!    the regions of its account, so that a question needs no join. Where an earlier file is
//!    there, it copies that and takes a [`Step`]: only what changed since.
//! 2. The finished file gets its name in one rename; a file of another version is never opened.
//! 3. [`Warehouse`] reads one file. A question that has begun sees one version to its end, and a
//!    newer version stands beside it until the last reader is gone.
//!
//! Everything here can be deleted at any time and is built again from store and facts.

mod account;
mod build;
mod conversion;
mod export;
mod ledger;
mod member;
mod rollup;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use duckdb::arrow::array::RecordBatch;
use duckdb::{AccessMode, Config, Connection};
use jiff::civil::Date;

use crate::place::OwnLevel;
use crate::record::money::Currency;
use crate::reference;
use crate::stop;

pub use account::{AccountRow, AccountsQuestion, SiteRow};
pub use build::{Builder, Built, Step, Truth};
pub use conversion::Conversion;
pub(crate) use conversion::{cost_in, revenue_in};
pub use export::{Cut, ExportColumn, Sums};
pub use ledger::{AccountColumn, Amounts, Ledger, LineColumn, Numbers};
pub use member::{Dictionary, Member};
pub use rollup::{BITS, CellStep, Cells, RollupList, SUMS, Shape, Visits, WORD_BITS};

/// Raised whenever the shape of the file changes; files of another shape are built again.
const SHAPE: u32 = 6;

/// Why the warehouse could not be built or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The engine refused.
    #[error("the warehouse failed")]
    Engine(#[from] duckdb::Error),
    /// Columns could not be put together.
    #[error("accounts could not be put into columns")]
    Columns(#[from] duckdb::arrow::error::ArrowError),
    /// Whoever asked has gone.
    #[error("nobody waits for the answer any more")]
    Stopped,
    /// A file could not be written, renamed or removed.
    #[error("the warehouse file {path} could not be written")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}

/// The dimension columns of the tables `sale` and `account` that hold member numbers.
pub const MEMBER_COLUMNS: [&str; 24] = [
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
    "own_1",
    "own_2",
    "own_3",
    "own_4",
    "abc",
    "product",
    "category",
    "rep",
    "account",
    "currency",
];

/// Those of them whose members are numbered from the lines, and may differ from line to line of an
/// account.
const LINE_COLUMNS: [&str; 4] = ["product", "category", "rep", "currency"];

/// The resolution of the H3 cells in the column `h3`; coarser ones are computed from them.
pub const HEXAGON: u8 = 9;

const HEXAGON_RESOLUTION: h3o::Resolution = h3o::Resolution::Nine;

/// One version of the cube data, open for reading.
pub struct Warehouse {
    version: String,
    root: Mutex<Connection>,
    idle: Mutex<Vec<Connection>>,
    dictionaries: [Kept<Dictionary>; MEMBER_COLUMNS.len()],
    summary: Summary,
    rollups: RollupList,
    kept_cells: Vec<Kept<Cells>>,
    kept_visits: Vec<Kept<Visits>>,
    kept_numbers: [Kept<Vec<i32>>; MEMBER_COLUMNS.len()],
    kept_sites: Kept<Vec<SiteRow>>,
}

/// What is read once, at its first use; who comes while it is read waits for it.
#[derive(Debug)]
struct Kept<T> {
    value: OnceLock<T>,
    reading: Mutex<()>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self {
            value: OnceLock::new(),
            reading: Mutex::default(),
        }
    }
}

impl<T> Kept<T> {
    fn get(&self, read: impl FnOnce() -> Result<T, Error>) -> Result<&T, Error> {
        if let Some(kept) = self.value.get() {
            return Ok(kept);
        }
        let _one = lock(&self.reading);
        if let Some(kept) = self.value.get() {
            return Ok(kept);
        }
        let value = read()?;
        Ok(self.value.get_or_init(|| value))
    }
}

/// What the warehouse holds, counted when it is opened.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// Number of accounts.
    pub accounts: u64,
    /// Number of sales lines.
    pub lines: u64,
    /// First day with a line.
    pub first_day: Option<Date>,
    /// Last day with a line.
    pub last_day: Option<Date>,
    /// Whether any line has a cost.
    pub has_cost: bool,
    /// Codes of the currencies of the lines, in alphabetical order.
    pub currencies: Vec<String>,
    /// Number of accounts by the word of their precision.
    pub precision: Vec<(String, u64)>,
    /// The currencies that amounts of the others can be given in.
    pub conversions: Vec<Conversion>,
    /// The hierarchies of own regions, in the order of their levels.
    pub hierarchies: Vec<FilledLevel>,
}

/// A level of own regions that a hierarchy fills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilledLevel {
    /// The level.
    pub level: OwnLevel,
    /// What its hierarchy is called.
    pub name: String,
    /// How many regions there are, with accounts or without.
    pub regions: u64,
}

impl Warehouse {
    /// The file of `version` in `folder`; the name also tells its shape and the region data.
    #[must_use]
    pub fn path(folder: &Path, version: &str) -> PathBuf {
        folder.join(format!("{}.duckdb", name(version)))
    }

    /// Opens the file of `version`; `None` when it has not been built.
    ///
    /// # Errors
    /// The file must be whole.
    pub fn open(folder: &Path, version: &str) -> Result<Option<Self>, Error> {
        let path = Self::path(folder, version);
        if !path.exists() {
            return Ok(None);
        }
        let config = Config::default()
            .access_mode(AccessMode::ReadOnly)?
            .enable_autoload_extension(false)?
            .max_memory("2GB")?;
        let root = Connection::open_with_flags(&path, config)?;
        let summary = summary_of(&root)?;
        let rollups = rollup::list(&root)?;
        Ok(Some(Self {
            kept_cells: rollups.cells.iter().map(|_| Kept::default()).collect(),
            kept_visits: rollups.visits.iter().map(|_| Kept::default()).collect(),
            kept_numbers: Default::default(),
            kept_sites: Kept::default(),
            rollups,
            version: version.to_owned(),
            root: Mutex::new(root),
            idle: Mutex::default(),
            dictionaries: Default::default(),
            summary,
        }))
    }

    /// The version of the truth that this file was built from.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The name of what this file holds: its version, its shape and the region data.
    #[must_use]
    pub fn name(&self) -> String {
        name(&self.version)
    }

    /// What it holds.
    #[must_use]
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// The members of a column of [`MEMBER_COLUMNS`]; read once, then kept.
    ///
    /// # Errors
    /// The engine must answer.
    ///
    /// # Panics
    /// Never for a column of [`MEMBER_COLUMNS`]; other words are a mistake of the caller.
    pub fn dictionary(&self, column: &str) -> Result<&Dictionary, Error> {
        let index = place_of(column);
        self.dictionaries[index].get(|| Dictionary::read(self, column))
    }

    /// Currency and day of the first line without a rate to `currency`, of those that an SQL
    /// condition of numbers lets through.
    ///
    /// # Errors
    /// The engine must answer; there must be amounts in that currency.
    pub fn missing_rate(
        &self,
        currency: Currency,
        condition: &str,
    ) -> Result<Option<(String, Date)>, Error> {
        self.with(|connection| conversion::missing(connection, currency, condition))
    }

    /// Which roll-ups there are.
    #[must_use]
    pub fn rollups(&self) -> &RollupList {
        &self.rollups
    }

    /// The answer of a query that holds no text from outside except through `parameters`.
    ///
    /// # Errors
    /// The engine must understand and answer it.
    pub fn query(&self, sql: &str, parameters: &[String]) -> Result<Vec<RecordBatch>, Error> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let batches = statement.query_arrow(duckdb::params_from_iter(parameters))?;
            Ok(batches.collect())
        })
    }

    /// Hands `columns` of every row of `table` to `take`, in no order, a million rows at a time:
    /// unlike [`Warehouse::query`] it needs no memory for all of them.
    fn each_row(
        &self,
        table: &str,
        columns: &str,
        mut take: impl FnMut(&RecordBatch),
    ) -> Result<(), Error> {
        const ROWS: i64 = 1 << 20;
        let query = format!("SELECT coalesce(max(rowid) + 1, 0) FROM {table}");
        let end: i64 =
            self.with(|connection| Ok(connection.query_row(&query, [], |row| row.get(0))?))?;
        let mut first = 0;
        while first < end {
            let query = format!(
                "SELECT {columns} FROM {table} WHERE rowid >= {first} AND rowid < {}",
                first + ROWS
            );
            self.query(&query, &[])?.iter().for_each(&mut take);
            first += ROWS;
        }
        Ok(())
    }

    /// Hands the rows of a query, which holds no text from outside, to `take` slice by slice. The
    /// engine keeps them aside until the last is taken, on the disk when they are many.
    ///
    /// # Errors
    /// The engine must understand and answer it; an error of `take` ends it.
    pub fn query_slices<E: From<Error>>(
        &self,
        sql: &str,
        take: impl FnMut(&RecordBatch) -> Result<(), E>,
    ) -> Result<(), E> {
        self.with(|connection| Ok(slices(connection, sql, take)))?
    }

    /// Runs `work` on a connection of its own, so that readers do not wait for each other.
    fn with<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
        let idle = lock(&self.idle).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => lock(&self.root).try_clone()?,
        };
        let handle = connection.interrupt_handle();
        let result = stop::interruptible(move || handle.interrupt(), || work(&connection));
        if stop::is_wanted() {
            lock(&self.idle).push(connection);
        }
        // Else it goes, with what an interrupted query may have left on it.
        result.ok_or(Error::Stopped)?
    }
}

/// The place of a column in [`MEMBER_COLUMNS`]: another word is a mistake of the caller.
fn place_of(column: &str) -> usize {
    let place = MEMBER_COLUMNS.iter().position(|known| *known == column);
    place.expect("the cube model names columns of MEMBER_COLUMNS only")
}

fn name(version: &str) -> String {
    let units = reference::fingerprint("units.csv.gz");
    format!("{version}-{SHAPE}-{units}")
}

/// Rows that [`Warehouse::query_slices`] hands over at once.
const SLICE: i64 = 50_000;

/// The rows of `sql` go into a table of the connection's own. A stream of the engine would need
/// none, but it has no way to tell that it broke off.
fn slices<E: From<Error>>(
    connection: &Connection,
    sql: &str,
    mut take: impl FnMut(&RecordBatch) -> Result<(), E>,
) -> Result<(), E> {
    let run = |sql: &str| connection.execute_batch(sql).map_err(Error::from);
    run(&format!("CREATE OR REPLACE TEMP TABLE slice AS {sql}"))?;
    let mut each = || -> Result<(), E> {
        let count = connection.query_row("SELECT count(*) FROM slice", [], |row| row.get(0));
        let count: i64 = count.map_err(Error::from)?;
        let mut statement = connection
            .prepare("SELECT * FROM slice WHERE rowid BETWEEN ? AND ? ORDER BY rowid")
            .map_err(Error::from)?;
        for first in (0..count).step_by(usize::try_from(SLICE).unwrap_or(1)) {
            let rows = statement.query_arrow([first, first + SLICE - 1]);
            let rows: Vec<RecordBatch> = rows.map_err(Error::from)?.collect();
            rows.iter().try_for_each(&mut take)?;
        }
        Ok(())
    };
    let taken = each();
    let dropped = run("DROP TABLE slice");
    taken?;
    Ok(dropped?)
}

/// A connection is whole after a panic of another thread, so a poisoned lock is taken as it is.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn summary_of(connection: &Connection) -> Result<Summary, Error> {
    let count = |sql: &str| -> Result<u64, Error> {
        let count: i64 = connection.query_row(sql, [], |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or_default())
    };
    let (first_day, last_day): (Option<String>, Option<String>) = connection.query_row(
        "SELECT min(day)::VARCHAR, max(day)::VARCHAR FROM sale",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let day = |text: Option<String>| text.and_then(|text| text.parse().ok());
    let mut currencies = connection
        .prepare("SELECT key FROM member WHERE kind = 'currency' ORDER BY key")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<Vec<String>, _>>()?;
    currencies.dedup();
    let precision = connection
        .prepare("SELECT precision, count(*) FROM account GROUP BY ALL ORDER BY ALL")?
        .query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))?
        .map(|row| row.map(|(word, count)| (word, u64::try_from(count).unwrap_or_default())))
        .collect::<Result<Vec<(String, u64)>, _>>()?;
    let hierarchies = connection
        .prepare("SELECT level, name, regions FROM hierarchy ORDER BY level")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<Vec<(String, String, i64)>, _>>()?;
    let filled = |(level, name, regions): (String, String, i64)| {
        Some(FilledLevel {
            level: OwnLevel::parse(&level)?,
            name,
            regions: u64::try_from(regions).unwrap_or_default(),
        })
    };
    Ok(Summary {
        hierarchies: hierarchies.into_iter().filter_map(filled).collect(),
        accounts: count("SELECT count(*) FROM account")?,
        lines: count("SELECT count(*) FROM sale")?,
        first_day: day(first_day),
        last_day: day(last_day),
        has_cost: count(
            "SELECT count(*) FROM (SELECT 1 FROM sale WHERE cost IS NOT NULL LIMIT 1)",
        )? > 0,
        currencies,
        conversions: conversion::conversions(connection)?,
        precision,
    })
}
