//! The truth of sales lines: immutable Parquet parts, one per batch.
//!
//! 1. [`Facts::start`] opens a part; [`NewPart::append`] takes lines as they are read.
//! 2. [`NewPart::finish`] leaves out lines that say what is there already and writes the part
//!    under its final name, synced to disk.
//! 3. The part counts once its batch is committed in the store; a part without a committed batch
//!    is what a crash left behind, and [`Facts::open`] sweeps it.
//!
//! A line is named by its order and line number; where two parts have the same one, the part of
//! the later batch counts.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use duckdb::Connection;
use duckdb::arrow::array::{ArrayRef, Date32Builder, Int64Builder, RecordBatch, StringBuilder};
use duckdb::arrow::datatypes::{DataType, Field, Schema};
use duckdb::arrow::error::ArrowError;

use crate::import::Row;
use crate::record::sale::Sale;
use crate::store::{BatchId, Counts};

/// Why the parts could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("{path} could not be {what}")]
    File {
        /// What was to be done.
        what: &'static str,
        /// To which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A part is newer than every batch of the store.
    #[error(
        "{part} holds sales lines of a batch that the record store does not know, its last is \
         {last}: was an older records.sqlite put in place? restore the one that belongs to these \
         lines, or move the part away"
    )]
    UnknownLines {
        /// The part.
        part: String,
        /// The last batch that the store knows.
        last: BatchId,
    },
    /// The engine that writes Parquet refused.
    #[error("sales lines could not be written as Parquet")]
    Engine(#[from] duckdb::Error),
    /// Columns could not be put together.
    #[error("sales lines could not be put into columns")]
    Columns(#[from] ArrowError),
}

/// The folder of parts of one home.
#[derive(Debug, Clone)]
pub struct Facts {
    folder: PathBuf,
}

/// Where the engine puts what does not fit into memory while a part is made.
const SPILL: &str = ".spill";

/// The columns of a part as SQL; `replaces` marks a line that an earlier part has too.
const COLUMNS: &str = "order_id VARCHAR, line VARCHAR, day DATE, account VARCHAR, \
     product VARCHAR, category VARCHAR, rep VARCHAR, units_milli BIGINT, revenue BIGINT, \
     cost BIGINT, currency VARCHAR";

impl Facts {
    /// The parts in `folder`, made when missing. `known` are the batches of sales that count,
    /// `last` the highest number that any batch ever had.
    ///
    /// Sweeps what a crash left: drafts, the part of an undone batch, and one part beyond `last`
    /// whose batch was not committed. Other files are left alone.
    ///
    /// # Errors
    /// The folder must be readable and writable, and hold no more parts than the store can have
    /// brought: an older store that was put in place of a newer one must not cost any lines.
    pub fn open(folder: &Path, known: &[BatchId], last: BatchId) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(|source| file_error("made", folder, source))?;
        let facts = Self {
            folder: folder.to_owned(),
        };
        let entries =
            fs::read_dir(folder).map_err(|source| file_error("listed", folder, source))?;
        let mut swept = Vec::new();
        for entry in entries {
            let path = entry
                .map_err(|source| file_error("listed", folder, source))?
                .path();
            let is_draft = path.extension().is_some_and(|ending| ending == "draft");
            match batch_of(&path) {
                Some(batch) if batch.0 > last.0 + 1 => {
                    return Err(Error::UnknownLines {
                        part: path.display().to_string(),
                        last,
                    });
                }
                Some(batch) if !known.contains(&batch) => swept.push(path),
                None if is_draft || path.ends_with(SPILL) => swept.push(path),
                _ => {}
            }
        }
        for path in swept {
            tracing::warn!(path = %path.display(), "swept what a crash left");
            remove(&path)?;
        }
        Ok(facts)
    }

    /// The files of `batches` that brought lines, oldest first.
    #[must_use]
    pub fn parts(&self, batches: &[BatchId]) -> Vec<PathBuf> {
        let mut batches = batches.to_vec();
        batches.sort_unstable();
        batches
            .into_iter()
            .map(|batch| self.path(batch))
            .filter(|path| path.exists())
            .collect()
    }

    /// Opens the part of `batch`, to be compared with the parts of the batches `before` it.
    ///
    /// # Errors
    /// The engine must start.
    pub fn start(&self, batch: BatchId, before: &[BatchId]) -> Result<NewPart, Error> {
        let connection = Connection::open_in_memory()?;
        let spill = self.folder.join(SPILL);
        // A number that was rolled back is given again; what its first bearer left is not ours.
        self.remove(batch)?;
        connection.execute_batch(&format!(
            "SET temp_directory = {}; SET preserve_insertion_order = true; \
             CREATE TABLE new ({COLUMNS});",
            quoted(&spill.to_string_lossy())
        ))?;
        Ok(NewPart {
            connection,
            batch,
            before: self.parts(before),
            path: self.path(batch),
            spill,
        })
    }

    /// Removes the part of `batch`, if it has one.
    ///
    /// # Errors
    /// The file must be removable.
    pub fn remove(&self, batch: BatchId) -> Result<(), Error> {
        let path = self.path(batch);
        if path.exists() { remove(&path) } else { Ok(()) }
    }

    /// Lines that count and their revenue in minor units, by currency, straight from the parts of
    /// `batches`.
    ///
    /// # Errors
    /// Every part must be readable.
    pub fn totals(&self, batches: &[BatchId]) -> Result<Vec<(String, i64, i64)>, Error> {
        let query = format!(
            "SELECT currency, count(*), sum(revenue)::BIGINT FROM ({}) GROUP BY currency \
             ORDER BY currency",
            current_lines(&self.parts(batches))
        );
        let connection = Connection::open_in_memory()?;
        let mut statement = connection.prepare(&query)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn path(&self, batch: BatchId) -> PathBuf {
        self.folder.join(format!("sales-{:06}.parquet", batch.0))
    }
}

/// A part that is being written.
pub struct NewPart {
    connection: Connection,
    batch: BatchId,
    before: Vec<PathBuf>,
    path: PathBuf,
    spill: PathBuf,
}

impl NewPart {
    /// Takes more lines.
    ///
    /// # Errors
    /// The engine must take them.
    pub fn append(&mut self, rows: &[Row<Sale>]) -> Result<(), Error> {
        let batch = columns_of(rows)?;
        self.connection
            .appender("new")?
            .append_record_batch(batch)?;
        Ok(())
    }

    /// Writes what is new or changed as a part, synced; writes no file when nothing is.
    ///
    /// # Errors
    /// The disk must take it; otherwise no part is left.
    pub fn finish(self) -> Result<Counts, Error> {
        let written = self.write();
        self.clear();
        written
    }

    fn write(&self) -> Result<Counts, Error> {
        let (source, counts) = self.compare()?;
        if !counts.change_anything() {
            return Ok(counts);
        }
        let draft = self.path.with_extension("draft");
        self.connection.execute_batch(&format!(
            "COPY ({source}) TO {} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)",
            quoted(&draft.to_string_lossy())
        ))?;
        let publish = || {
            File::open(&draft)?.sync_all()?;
            fs::rename(&draft, &self.path)?;
            self.path
                .parent()
                .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
        };
        publish().map_err(|source| file_error("written", &self.path, source))?;
        Ok(counts)
    }

    /// The query of the lines to keep, and how many are new, changed and as they were.
    fn compare(&self) -> Result<(String, Counts), Error> {
        let batch = self.batch.0;
        let read: i64 = self.count("SELECT count(*) FROM new")?;
        if self.before.is_empty() {
            let query = format!("SELECT *, {batch}::BIGINT AS batch, false AS replaces FROM new");
            return Ok((query, counts(read, 0, 0)));
        }
        let before = current_lines(&self.before);
        self.connection.execute_batch(&format!(
            "CREATE TABLE compared AS SELECT n.*, {batch}::BIGINT AS batch, \
               b.order_id IS NOT NULL AS replaces, \
               (n.day, n.account, n.product, n.category, n.rep, n.units_milli, n.revenue, n.cost, \
                n.currency) IS NOT DISTINCT FROM \
               (b.day, b.account, b.product, b.category, b.rep, b.units_milli, b.revenue, b.cost, \
                b.currency) AS same \
             FROM new n LEFT JOIN ({before}) b \
               ON n.order_id = b.order_id AND n.line = b.line"
        ))?;
        let unchanged = self.count("SELECT count(*) FROM compared WHERE replaces AND same")?;
        let changed = self.count("SELECT count(*) FROM compared WHERE replaces AND NOT same")?;
        let query = "SELECT * EXCLUDE (same) FROM compared WHERE NOT (replaces AND same)";
        Ok((
            query.to_owned(),
            counts(read - unchanged - changed, changed, unchanged),
        ))
    }

    fn count(&self, query: &str) -> Result<i64, Error> {
        Ok(self.connection.query_row(query, [], |row| row.get(0))?)
    }

    /// Removes what does not outlive the part; what can't be removed is swept at the next open.
    fn clear(&self) {
        let _ = fs::remove_file(self.path.with_extension("draft"));
        let _ = fs::remove_dir_all(&self.spill);
    }
}

/// The query of the lines that count among `parts`: per order and line the one of the last batch.
///
/// Lines that replace earlier ones are rare, so only they are looked up, not every line.
#[must_use]
pub fn current_lines(parts: &[PathBuf]) -> String {
    if parts.is_empty() {
        let columns = COLUMNS.replace(", ", "; ");
        let nulls: Vec<String> = columns
            .split("; ")
            .filter_map(|column| column.split_once(' '))
            .map(|(name, kind)| format!("NULL::{kind} AS {name}"))
            .collect();
        return format!(
            "SELECT {}, 0::BIGINT AS batch, false AS replaces WHERE false",
            nulls.join(", ")
        );
    }
    let files: Vec<String> = parts
        .iter()
        .map(|path| quoted(&path.to_string_lossy()))
        .collect();
    let lines = format!("read_parquet([{}])", files.join(", "));
    format!(
        "SELECT s.* FROM {lines} s WHERE NOT EXISTS (\
           SELECT 1 FROM {lines} r WHERE r.replaces AND r.order_id = s.order_id \
             AND r.line = s.line AND r.batch > s.batch)"
    )
}

/// `text` as an SQL string literal.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The batch of a part by its file name; none for other files.
fn batch_of(path: &Path) -> Option<BatchId> {
    let name = path.file_name()?.to_str()?;
    let number = name.strip_prefix("sales-")?.strip_suffix(".parquet")?;
    number.parse().ok().map(BatchId)
}

fn counts(added: i64, changed: i64, unchanged: i64) -> Counts {
    let unsigned = |count: i64| u64::try_from(count).unwrap_or_default();
    Counts {
        added: unsigned(added),
        changed: unsigned(changed),
        unchanged: unsigned(unchanged),
        ..Counts::default()
    }
}

fn remove(path: &Path) -> Result<(), Error> {
    let removed = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    removed.map_err(|source| file_error("removed", path, source))
}

fn file_error(what: &'static str, path: &Path, source: io::Error) -> Error {
    Error::File {
        what,
        path: path.to_owned(),
        source,
    }
}

fn columns_of(rows: &[Row<Sale>]) -> Result<RecordBatch, ArrowError> {
    let text = |part: fn(&Sale) -> &str| -> ArrayRef {
        let mut column = StringBuilder::with_capacity(rows.len(), rows.len() * 12);
        for row in rows {
            column.append_value(part(&row.record));
        }
        Arc::new(column.finish())
    };
    let number = |part: fn(&Sale) -> Option<i64>| -> ArrayRef {
        let mut column = Int64Builder::with_capacity(rows.len());
        for row in rows {
            column.append_option(part(&row.record));
        }
        Arc::new(column.finish())
    };
    let mut days = Date32Builder::with_capacity(rows.len());
    for row in rows {
        days.append_value(days_since_epoch(&row.record));
    }
    let columns: Vec<(&str, DataType, ArrayRef)> = vec![
        ("order_id", DataType::Utf8, text(|sale| &sale.order)),
        ("line", DataType::Utf8, text(|sale| &sale.line)),
        ("day", DataType::Date32, Arc::new(days.finish())),
        ("account", DataType::Utf8, text(|sale| &sale.account)),
        ("product", DataType::Utf8, text(|sale| &sale.product)),
        ("category", DataType::Utf8, text(|sale| &sale.category)),
        ("rep", DataType::Utf8, text(|sale| &sale.rep)),
        (
            "units_milli",
            DataType::Int64,
            number(|sale| Some(sale.units_milli)),
        ),
        (
            "revenue",
            DataType::Int64,
            number(|sale| Some(sale.revenue)),
        ),
        ("cost", DataType::Int64, number(|sale| sale.cost)),
        (
            "currency",
            DataType::Utf8,
            text(|sale| sale.currency.code()),
        ),
    ];
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = columns
        .into_iter()
        .map(|(name, kind, array)| (Field::new(name, kind, true), array))
        .unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
}

/// Days from 1970-01-01 to the day of `sale`, as Arrow and DuckDB count dates.
fn days_since_epoch(sale: &Sale) -> i32 {
    let epoch = jiff::civil::date(1970, 1, 1);
    epoch.until(sale.day).map_or(0, |span| span.get_days())
}
