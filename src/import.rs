//! Files of a company as records: `file -> table -> rows -> accounts or sales, and remarks`.
//!
//! [`addressed`] gives every row of a file as it stands, with the address in it.
//! [`preview()`] shows what a file is, [`accounts()`] and [`sales()`] read it in chunks. The format is
//! found from the content, the columns from the headings ([`Mapping`]), the way of writing
//! numbers and dates from the values. A row that cannot be taken becomes a remark ([`Reason`]),
//! never an error; an [`Error`] means that the file as a whole is refused.
//! Memory does not grow with a text file but for 17 to 34 bytes a row, by which keys that come
//! twice are found.

use std::fs::File;
use std::io::{Read, Seek};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

pub use self::error::Error;
pub use self::field::{Field, Kind, Mapping};
pub use self::preview::{Column, Fields, Preview, preview, preview_regions};
pub use self::reason::Reason;

use self::accounts::Accounts;
use self::field::Columns;
use self::sales::Sales;
use self::style::Styles;
use self::table::{Row as TableRow, Table};
use crate::record::account::Account;
use crate::record::money::Currency;
use crate::record::remark::Remark;
use crate::record::sale::Sale;

mod accounts;
pub mod addressed;
pub mod addresses;
mod archive;
mod date;
mod delimited;
mod distinct;
mod encoding;
mod error;
mod field;
mod number;
mod osm;
mod outline;
mod preview;
mod projection;
mod quote;
pub mod rates;
mod reason;
pub mod regions;
mod sales;
mod style;
mod table;
mod workbook;

/// The most columns a file may have.
pub const MAX_COLUMNS: usize = 1_024;
/// The most bytes a row of text may have.
pub const MAX_ROW_BYTES: usize = 1 << 20;
/// The most signs a field may have.
pub const MAX_FIELD_CHARS: usize = 4_096;
/// The most rows in a chunk.
const CHUNK_ROWS: usize = 16_384;
/// Bytes of text after which a chunk ends.
const CHUNK_TEXT_BYTES: usize = 16 << 20;

/// A file to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Where the file is.
    pub path: PathBuf,
    /// What the file is called in messages.
    pub name: String,
    /// Which heading each field is read from, nothing else being read; recognised from the
    /// headings without it.
    pub mapping: Option<Mapping>,
    /// Currency of amounts in rows that name none; without it that of the heading of the
    /// amounts, such as `Netto (CHF)`, and else the euro.
    pub currency: Option<Currency>,
}

/// How far the reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Bytes of the file that were read.
    pub bytes_done: u64,
    /// Size of the file.
    pub bytes_total: u64,
    /// Rows read so far, refused ones included.
    pub rows: u64,
}

/// A record and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<T> {
    /// Line of the file, or row of the sheet, on which it starts; the first is 1.
    pub line: u64,
    /// What it holds.
    pub record: T,
}

/// Some rows of the file in its order, at most about 16,000 or 16 MB of text, with what is to say
/// of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk<T> {
    /// The rows that were taken.
    pub rows: Vec<Row<T>>,
    /// Remarks on rows of this chunk, refused or taken with a doubt.
    pub remarks: Vec<Remark>,
    /// How far the reading is after this chunk.
    pub progress: Progress,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Rows below the headings, blank ones not counted.
    pub rows: u64,
    /// Rows refused; each has exactly one remark that is not `taken`.
    pub rejected: u64,
    /// The mapping by which the file was read.
    pub mapping: Mapping,
    /// Whether the receiver broke off, so that the rest was not read.
    pub cancelled: bool,
}

/// Reads a file of accounts into `sink`, which may break off.
///
/// # Errors
/// The file must be a readable table with columns for key and name, and a mapping must name
/// fields and headings that exist.
pub fn accounts(
    source: &Source,
    sink: &mut dyn FnMut(Chunk<Account>) -> ControlFlow<()>,
) -> Result<Outcome, Error> {
    let (mut table, mapping, columns) = open(source, Kind::Accounts)?;
    let mut accounts = Accounts::new(columns.clone());
    read(&mut table, mapping, &columns, sink, |row, doubts| {
        accounts.read(row, doubts)
    })
}

/// Reads a file of sales into `sink`, which may break off.
///
/// # Errors
/// The file must be a readable table with columns for date and net amount, and a mapping must
/// name fields and headings that exist.
pub fn sales(
    source: &Source,
    sink: &mut dyn FnMut(Chunk<Sale>) -> ControlFlow<()>,
) -> Result<Outcome, Error> {
    let (mut table, mapping, columns) = open(source, Kind::Sales)?;
    let styles = Styles::of(&mut table, &columns)?;
    let mut sales = Sales::new(&columns, styles, &table.headings, source.currency);
    read(&mut table, mapping, &columns, sink, |row, doubts| {
        sales.read(row, doubts)
    })
}

/// The file at `path`, called `name` in messages, and its size in bytes.
fn open_file(path: &Path, name: &str) -> Result<(File, u64), Error> {
    let unreadable = |source| Error::Unreadable {
        name: name.to_owned(),
        source,
    };
    // Before it is opened: a pipe would wait for its other end.
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(Error::NotAFile {
            name: name.to_owned(),
            found: if metadata.is_dir() {
                "a folder"
            } else {
                "a pipe or device"
            },
        });
    }
    let file = File::open(path).map_err(unreadable)?;
    Ok((file, metadata.len()))
}

/// The first bytes of `file`, by which its format is known; it is read from its start after that.
fn beginning(file: &mut File, name: &str) -> Result<Vec<u8>, Error> {
    let mut start = Vec::new();
    let read = file
        .by_ref()
        .take(16)
        .read_to_end(&mut start)
        .and_then(|_| file.rewind());
    read.map_err(|source| Error::Unreadable {
        name: name.to_owned(),
        source,
    })?;
    Ok(start)
}

fn open(source: &Source, kind: Kind) -> Result<(Table, Mapping, Columns), Error> {
    let mapping_of = |headings: &[String]| match &source.mapping {
        Some(mapping) => mapping.clone(),
        None => Mapping::recognise(headings, kind),
    };
    let table = Table::open(&source.path, &source.name, &|headings| {
        Columns::of(&mapping_of(headings), kind, headings, &source.name).is_ok()
    })?;
    let mapping = mapping_of(&table.headings);
    let columns = Columns::of(&mapping, kind, &table.headings, &table.name)?;
    Ok((table, mapping, columns))
}

fn read<T>(
    table: &mut Table,
    mapping: Mapping,
    columns: &Columns,
    sink: &mut dyn FnMut(Chunk<T>) -> ControlFlow<()>,
    mut record_of: impl FnMut(&TableRow, &mut Vec<Remark>) -> Result<T, Remark>,
) -> Result<Outcome, Error> {
    let headings = table.headings.len();
    let mut progress = Progress {
        bytes_total: table.size_bytes,
        ..Progress::default()
    };
    let (mut rejected, mut cancelled) = (0, false);
    let (mut rows, mut remarks) = (Vec::new(), Vec::new());
    let mut chunk_bytes = 0;
    table.each_row(&mut |row| {
        progress.rows += 1;
        progress.bytes_done = row.bytes_done.min(progress.bytes_total);
        let doubts = remarks.len();
        let record = shape(row, headings).and_then(|()| {
            chunk_bytes += text_bytes(row, columns)?;
            record_of(row, &mut remarks)
        });
        match record {
            Ok(record) => rows.push(Row {
                line: row.line,
                record,
            }),
            Err(remark) => {
                // Doubts about a refused row are of no use.
                remarks.truncate(doubts);
                remarks.push(remark);
                rejected += 1;
            }
        }
        if rows.len().max(remarks.len()) < CHUNK_ROWS && chunk_bytes < CHUNK_TEXT_BYTES {
            return ControlFlow::Continue(());
        }
        chunk_bytes = 0;
        let flow = sink(Chunk {
            rows: std::mem::replace(&mut rows, Vec::with_capacity(CHUNK_ROWS)),
            remarks: std::mem::take(&mut remarks),
            progress,
        });
        cancelled = flow.is_break();
        flow
    })?;
    let left = !rows.is_empty() || !remarks.is_empty();
    if left && !cancelled {
        progress.bytes_done = progress.bytes_total;
        cancelled = sink(Chunk {
            rows,
            remarks,
            progress,
        })
        .is_break();
    }
    Ok(Outcome {
        rows: progress.rows,
        rejected,
        mapping,
        cancelled,
    })
}

/// Refuses rows that the headings do not fit.
fn shape(row: &TableRow, headings: usize) -> Result<(), Remark> {
    let TableRow {
        line, last_line, ..
    } = *row;
    let width = row.width();
    if row.open_quote {
        let fields = match row.cells.len() {
            fields if fields == headings => String::new(),
            fields => format!(" of {fields} fields instead of {headings}"),
        };
        let detail = if last_line > line {
            format!(
                "lines {line} to {last_line} would be one row{fields}; perhaps a quotation mark is not closed; reading goes on at line {}",
                line + 1
            )
        } else {
            "the file ends before a quotation mark is closed".to_owned()
        };
        return Err(Reason::OpenQuote.remark(line, "", row.cell(0).text, detail));
    }
    if width > headings {
        let detail = format!("the row has {width} fields, the file {headings} headings");
        let value = row.cell(width - 1).text;
        return Err(Reason::TooManyFields.remark(line, "", value, detail));
    }
    Ok(())
}

/// Bytes of text in the fields of `row` that are read, or somewhat more; refuses rows with a
/// field that is too long.
fn text_bytes(row: &TableRow, columns: &Columns) -> Result<usize, Remark> {
    let all = row.cells.as_slice().len();
    if all <= MAX_FIELD_CHARS {
        return Ok(all);
    }
    let mut bytes = 0;
    for (field, column) in columns.iter() {
        let text = row.cell(column).text;
        bytes += text.len();
        if text.len() > MAX_FIELD_CHARS && text.chars().nth(MAX_FIELD_CHARS).is_some() {
            let detail = format!(
                "the field has {} signs; at most {MAX_FIELD_CHARS} are kept",
                text.chars().count()
            );
            return Err(Reason::FieldTooLong.remark(row.line, field, text, detail));
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
