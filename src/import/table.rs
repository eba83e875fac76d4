//! A file as a table: headings and rows of cells, whatever its format.

use std::ops::ControlFlow;
use std::path::Path;

use csv::StringRecord;

use super::MAX_COLUMNS;
use super::delimited::Delimited;
use super::error::Error;
use super::workbook::Workbook;

/// One row of a table. Cells beyond the end are empty.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// Line of the file, or row of the sheet, on which it starts; from 1.
    pub line: u64,
    /// Line on which it ends.
    pub last_line: u64,
    /// Bytes of the file read so far.
    pub bytes_done: u64,
    /// The cells as text.
    pub cells: StringRecord,
    /// Whether a quotation mark in it seems not to be closed. Below the headings, the next row
    /// then starts on the line below `line`, not below `last_line`.
    pub open_quote: bool,
    /// Of a row below the headings with an open quotation mark: the cells of its first line, cut
    /// as if quotation marks meant nothing. Empty for other rows.
    pub torn: StringRecord,
    /// Which cells a workbook stores as number or date; empty for text files.
    pub typed: Vec<bool>,
}

impl Row {
    /// The cell in `column`, trimmed.
    pub fn cell(&self, column: usize) -> Cell<'_> {
        Cell {
            text: trim(self.cells.get(column).unwrap_or_default()),
            typed: self.typed.get(column).copied().unwrap_or_default(),
        }
    }

    /// Whether every cell is empty.
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| trim(cell).is_empty())
    }

    /// How many cells there are up to the last that is not empty.
    pub fn width(&self) -> usize {
        let mut width = self.cells.len();
        while width > 0 && self.cell(width - 1).text.is_empty() {
            width -= 1;
        }
        width
    }
}

/// One cell, trimmed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cell<'a> {
    /// What stands there; numbers of workbooks with decimal point, dates as `2025-12-31`.
    pub text: &'a str,
    /// Whether a workbook stores it as number or date.
    pub typed: bool,
}

/// Where the headings of a table stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Headed {
    /// Line of the file, or row of the sheet, from 1.
    pub line: u64,
    /// How many headings there are.
    pub columns: usize,
}

/// A file opened as a table.
pub(super) struct Table {
    /// The headings, trimmed; the empty one is a column without.
    pub headings: Vec<String>,
    /// Size of the file.
    pub size_bytes: u64,
    /// What the table is called in messages: the file, and the sheet of a workbook.
    pub name: String,
    headed: Headed,
    body: Body,
}

enum Body {
    Delimited(Delimited),
    Workbook(Workbook),
}

impl Table {
    /// Opens the file at `path`, called `name` in messages, by its content. Of a workbook the
    /// first sheet is taken whose headings are `wanted`, else the first with data.
    pub fn open(
        path: &Path,
        name: &str,
        wanted: &dyn Fn(&[String]) -> bool,
    ) -> Result<Self, Error> {
        let (mut file, size_bytes) = super::open_file(path, name)?;
        let start = super::beginning(&mut file, name)?;
        if let Some(found) = foreign(&start) {
            return Err(Error::NotATable {
                name: name.to_owned(),
                found,
            });
        }
        let is_workbook = start.starts_with(b"PK\x03\x04")
            || start.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
        let mut name = name.to_owned();
        let mut body = if is_workbook {
            let mut workbook = Workbook::open(path, &name)?;
            workbook.choose(&name, &mut |name, workbook| {
                let found = headings(name, &mut |take| workbook.each(name, take));
                found.is_ok_and(|(headings, _)| wanted(&headings))
            })?;
            name = workbook.name(&name);
            Body::Workbook(workbook)
        } else {
            Body::Delimited(Delimited::open(path, &name)?)
        };
        let (headings, headed) = headings(&name, &mut |take| each(&mut body, &name, None, take))?;
        Ok(Self {
            headings,
            size_bytes,
            name,
            headed,
            body,
        })
    }

    /// Gives every row below the headings that is not blank to `take`, from the first one at
    /// each call, until it breaks.
    pub fn each_row(&mut self, take: &mut dyn FnMut(&Row) -> ControlFlow<()>) -> Result<(), Error> {
        let headed = self.headed;
        each(&mut self.body, &self.name, Some(headed), &mut |row| {
            if row.line <= headed.line || row.is_blank() {
                ControlFlow::Continue(())
            } else {
                take(row)
            }
        })
    }

    /// Gives every row to `take` until it breaks: what stands above the headings, the headings,
    /// and the rows below them, those without a filled cell included. Empty lines are no rows.
    pub fn each_row_as_it_is(
        &mut self,
        take: &mut dyn FnMut(&Row) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        each(&mut self.body, &self.name, Some(self.headed), take)
    }

    /// Line of the headings, from 1.
    pub fn headings_line(&self) -> u64 {
        self.headed.line
    }

    /// The sign between cells; none in a workbook.
    pub fn delimiter(&self) -> Option<u8> {
        match &self.body {
            Body::Delimited(delimited) => Some(delimited.delimiter),
            Body::Workbook(_) => None,
        }
    }

    /// The format in words, such as `CSV; delimiter ';', UTF-8`.
    pub fn format(&self) -> String {
        match &self.body {
            Body::Delimited(delimited) => delimited.format(),
            Body::Workbook(workbook) => workbook.format(),
        }
    }

    /// Whether numbers without proof have a decimal comma: in a file cut by semicolons, which
    /// stand where the comma is taken.
    pub fn leans_to_comma(&self) -> bool {
        matches!(&self.body, Body::Delimited(delimited) if delimited.delimiter == b';')
    }
}

fn each(
    body: &mut Body,
    name: &str,
    headed: Option<Headed>,
    take: &mut dyn FnMut(&Row) -> ControlFlow<()>,
) -> Result<(), Error> {
    match body {
        Body::Delimited(delimited) => delimited.each(name, headed, take),
        Body::Workbook(workbook) => workbook.each(name, take),
    }
}

/// Gives rows to a receiver until it breaks.
type Rows<'a> = &'a mut dyn FnMut(&mut dyn FnMut(&Row) -> ControlFlow<()>) -> Result<(), Error>;

/// The headings are the first row with two cells filled, so that titles above it are passed
/// over; the first row at all when the file has one column.
fn headings(name: &str, rows: Rows<'_>) -> Result<(Vec<String>, Headed), Error> {
    const TITLE_ROWS: usize = 20;
    let mut seen = 0;
    let (mut first, mut found) = (None, None);
    rows(&mut |row| {
        if row.is_blank() {
            return ControlFlow::Continue(());
        }
        let cells = || {
            let cells = (0..row.width()).map(|column| row.cell(column).text.to_owned());
            (cells.collect::<Vec<_>>(), row.line, row.open_quote)
        };
        if first.is_none() {
            first = Some(cells());
        }
        seen += 1;
        if is_heading(row) {
            found = Some(cells());
        }
        if found.is_some() || seen == TITLE_ROWS {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    let (headings, line, open_quote) = found.or(first).ok_or_else(|| Error::Empty {
        name: name.to_owned(),
    })?;
    if open_quote {
        return Err(Error::OpenQuote {
            name: name.to_owned(),
            line,
        });
    }
    let columns = headings.len();
    if columns > MAX_COLUMNS {
        return Err(Error::TooWide {
            name: name.to_owned(),
            columns,
            limit: MAX_COLUMNS,
        });
    }
    Ok((headings, Headed { line, columns }))
}

fn is_heading(row: &Row) -> bool {
    let filled = (0..row.cells.len()).filter(|column| !row.cell(*column).text.is_empty());
    filled.take(2).count() == 2
}

/// What a file is that starts with `bytes` and is surely no table.
fn foreign(bytes: &[u8]) -> Option<&'static str> {
    const SIGNS: [(&[u8], &str); 9] = [
        (b"%PDF", "a PDF document"),
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
        (b"GIF8", "a picture"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"7z\xbc\xaf", "a 7z archive"),
        (b"Rar!", "a RAR archive"),
        (b"{\\rtf", "a text document"),
        (b"SQLite format 3", "a database"),
    ];
    let text = bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .to_ascii_lowercase();
    if text.starts_with(b"<html") || text.starts_with(b"<!doctype") {
        return Some("a web page");
    }
    if text.starts_with(b"<?xml") {
        return Some("an XML document");
    }
    let sign = SIGNS.iter().find(|(sign, _)| bytes.starts_with(sign));
    sign.map(|(_, found)| *found)
}

/// `text` without white space around; quick where there is none.
fn trim(text: &str) -> &str {
    match text.as_bytes() {
        [] => text,
        [only] if only.is_ascii_graphic() => text,
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}
