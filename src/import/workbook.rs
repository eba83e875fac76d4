//! Workbooks: the first sheet with data of an XLSX, XLS or ODS file.

use std::fs::File;
use std::io::BufReader;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use calamine::{
    Data, DataRef, ExcelDateTime, Ods, Range, Reader, SheetType, SheetVisible, Sheets, Xls, Xlsx,
    open_workbook,
};

use super::archive::{Part, parts, unpack};
use super::error::Error;
use super::outline::{MAX_SHEET_COLUMNS, Tables};
use super::table::Row;

/// The most bytes the parts of a workbook may unpack to.
const MAX_UNPACKED_BYTES: u64 = 2 << 30;
/// The most bytes of a part that is kept in memory while reading, such as the shared strings.
const MAX_PART_BYTES: u64 = 512 << 20;
/// The most bytes of a workbook that is not an archive (XLS).
const MAX_PLAIN_BYTES: u64 = 256 << 20;
/// The most cells of a workbook that is held in memory as a whole (ODS).
const MAX_CELLS: u64 = 24_000_000;

/// A workbook and the sheet of it that is read.
pub(super) struct Workbook {
    make: &'static str,
    sheet: String,
    size_bytes: u64,
    body: Body,
}

enum Body {
    /// Read cell by cell from the file.
    Stream(Box<Xlsx<BufReader<File>>>),
    /// Held in memory.
    Whole(Range<Data>),
}

impl Workbook {
    /// Opens the workbook at `path` after a look whether it is what it says.
    pub fn open(path: &Path, name: &str) -> Result<Self, Error> {
        let make = make_of(path, name)?;
        let size_bytes = std::fs::metadata(path).map_or(0, |data| data.len());
        let opened = guarded(name, || open_sheets(path, make))?;
        let mut sheets = opened.map_err(|error| broken(name, &error))?;
        let found = guarded(name, || first_with_data(&mut sheets))?;
        let (sheet, range) = found
            .map_err(|error| broken(name, &error))?
            .ok_or_else(|| Error::Empty {
                name: name.to_owned(),
            })?;
        let body = match (sheets, range) {
            (Sheets::Xlsx(book), None) => Body::Stream(Box::new(book)),
            (_, range) => Body::Whole(range.unwrap_or_default()),
        };
        Ok(Self {
            make,
            sheet,
            size_bytes,
            body,
        })
    }

    /// The format in words.
    pub fn format(&self) -> String {
        format!("{}; sheet '{}'", self.make, self.sheet)
    }

    /// Gives every row with a cell, headings and all, to `take` until it breaks.
    pub fn each(
        &mut self,
        name: &str,
        take: &mut dyn FnMut(&Row) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        match &mut self.body {
            Body::Stream(book) => each_of_stream(book, &self.sheet, self.size_bytes, name, take),
            Body::Whole(range) => {
                each_of_range(range, self.size_bytes, take);
                Ok(())
            }
        }
    }
}

/// Which kind of workbook the file is; refuses archives that unpack to too much or are damaged.
fn make_of(path: &Path, name: &str) -> Result<&'static str, Error> {
    let mut start = [0; 2];
    let unreadable = |source| Error::Unreadable {
        name: name.to_owned(),
        source,
    };
    let mut file = File::open(path).map_err(unreadable)?;
    std::io::Read::read_exact(&mut file, &mut start).map_err(unreadable)?;
    if &start != b"PK" {
        let size = file.metadata().map_err(unreadable)?.len();
        limit(name, size, "bytes", MAX_PLAIN_BYTES)?;
        return Ok("XLS");
    }
    let damaged = |error: std::io::Error| Error::Workbook {
        name: name.to_owned(),
        detail: error.to_string(),
    };
    let parts = parts(path).map_err(damaged)?;
    let sizes = parts.iter().map(|part| part.size);
    limit(name, sizes.sum(), "bytes unpacked", MAX_UNPACKED_BYTES)?;
    let has = |part: &str| parts.iter().any(|p| p.name.eq_ignore_ascii_case(part));
    if has("xl/workbook.bin") {
        return Err(Error::Workbook {
            name: name.to_owned(),
            detail: "it is of the binary kind (XLSB); save it as XLSX".to_owned(),
        });
    }
    let make = if has("content.xml") {
        "ODS"
    } else if parts.iter().any(|part| part.name.starts_with("xl/")) {
        "XLSX"
    } else {
        return Err(Error::NotATable {
            name: name.to_owned(),
            found: "a ZIP archive",
        });
    };
    for part in &parts {
        check_part(path, name, make, part)?;
    }
    Ok(make)
}

fn check_part(path: &Path, name: &str, make: &str, part: &Part) -> Result<(), Error> {
    if !part.name.contains("worksheets/") && part.name != "content.xml" {
        limit(name, part.size, "bytes in one part", MAX_PART_BYTES)?;
    }
    let mut tables = Tables::default();
    let content = make == "ODS" && part.name == "content.xml";
    unpack(path, part, &mut |bytes| {
        if content {
            tables.look(bytes);
        }
    })
    .map_err(|error| Error::Workbook {
        name: name.to_owned(),
        detail: error.to_string(),
    })?;
    limit(name, tables.cells, "cells", MAX_CELLS)?;
    if tables.open {
        return Err(Error::Workbook {
            name: name.to_owned(),
            detail: "a sheet has no end".to_owned(),
        });
    }
    Ok(())
}

fn limit(name: &str, size: u64, unit: &'static str, limit: u64) -> Result<(), Error> {
    if size <= limit {
        return Ok(());
    }
    Err(Error::WorkbookTooLarge {
        name: name.to_owned(),
        size,
        unit,
        limit,
    })
}

fn open_sheets(path: &Path, make: &str) -> Result<Sheets<BufReader<File>>, calamine::Error> {
    Ok(match make {
        "XLS" => Sheets::Xls(open_workbook::<Xls<_>, _>(path)?),
        "ODS" => Sheets::Ods(open_workbook::<Ods<_>, _>(path)?),
        _ => Sheets::Xlsx(open_workbook::<Xlsx<_>, _>(path)?),
    })
}

/// The name of a sheet, and what is in it where it had to be read whole.
type Sheet = (String, Option<Range<Data>>);

/// The first visible sheet with a filled cell, else the first hidden one.
fn first_with_data(sheets: &mut Sheets<BufReader<File>>) -> Result<Option<Sheet>, calamine::Error> {
    let mut listed: Vec<_> = sheets.sheets_metadata().to_vec();
    listed.retain(|sheet| sheet.typ == SheetType::WorkSheet);
    listed.sort_by_key(|sheet| sheet.visible != SheetVisible::Visible);
    for sheet in listed {
        if let Sheets::Xlsx(book) = sheets {
            let mut cells = book.worksheet_cells_reader(&sheet.name)?;
            while let Some(cell) = cells.next_cell()? {
                if !matches!(cell.get_value(), DataRef::Empty) {
                    return Ok(Some((sheet.name, None)));
                }
            }
        } else {
            let range = sheets.worksheet_range(&sheet.name)?;
            if range.used_cells().next().is_some() {
                return Ok(Some((sheet.name, Some(range))));
            }
        }
    }
    Ok(None)
}

fn each_of_stream(
    book: &mut Xlsx<BufReader<File>>,
    sheet: &str,
    size_bytes: u64,
    name: &str,
    take: &mut dyn FnMut(&Row) -> ControlFlow<()>,
) -> Result<(), Error> {
    let opened = guarded(name, || book.worksheet_cells_reader(sheet))?;
    let mut reader = opened.map_err(|error| broken(name, &error))?;
    let (last, _) = reader.dimensions().end;
    let mut filling = Filling::default();
    loop {
        let cell = guarded(name, || reader.next_cell())?.map_err(|error| broken(name, &error))?;
        let Some(cell) = cell else { break };
        let (row, column) = cell.get_position();
        if row != filling.row_index && filling.give(done(size_bytes, row, last), take).is_break() {
            return Ok(());
        }
        filling.row_index = row;
        let (text, typed) = text_of(&Data::from(cell.get_value().clone()));
        filling.put(column as usize, text, typed);
    }
    // A break at the last row has nothing left to stop.
    let _ = filling.give(size_bytes, take);
    Ok(())
}

fn each_of_range(
    range: &Range<Data>,
    size_bytes: u64,
    take: &mut dyn FnMut(&Row) -> ControlFlow<()>,
) {
    let (top, left) = range.start().unwrap_or_default();
    let (last, _) = range.end().unwrap_or_default();
    let mut filling = Filling::default();
    for (row, cells) in (top..).zip(range.rows()) {
        filling.row_index = row;
        for (column, cell) in cells.iter().enumerate() {
            let (text, typed) = text_of(cell);
            if !text.is_empty() {
                filling.put(left as usize + column, text, typed);
            }
        }
        if filling.give(done(size_bytes, row, last), take).is_break() {
            return;
        }
    }
}

/// A share of the file as bytes, by the row reached.
fn done(size_bytes: u64, row: u32, last: u32) -> u64 {
    let share = u128::from(size_bytes) * u128::from(row.min(last)) / u128::from(last.max(1));
    u64::try_from(share).unwrap_or(size_bytes)
}

/// The row that is being put together.
#[derive(Default)]
struct Filling {
    row_index: u32,
    cells: Vec<(String, bool)>,
    row: Row,
}

impl Filling {
    fn put(&mut self, column: usize, text: String, typed: bool) {
        if column >= MAX_SHEET_COLUMNS {
            return;
        }
        if column >= self.cells.len() {
            self.cells.resize(column + 1, (String::new(), false));
        }
        self.cells[column] = (text, typed);
    }

    /// Gives the row away, if it has cells, and starts the next.
    fn give(
        &mut self,
        bytes_done: u64,
        take: &mut dyn FnMut(&Row) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if self.cells.is_empty() {
            return ControlFlow::Continue(());
        }
        self.row.line = u64::from(self.row_index) + 1;
        self.row.last_line = self.row.line;
        self.row.bytes_done = bytes_done;
        self.row.cells.clear();
        self.row.typed.clear();
        for (text, typed) in self.cells.drain(..) {
            self.row.cells.push_field(&text);
            self.row.typed.push(typed);
        }
        take(&self.row)
    }
}

/// A cell as text, and whether it was stored as number or date.
fn text_of(value: &Data) -> (String, bool) {
    match value {
        Data::Int(number) => (number.to_string(), true),
        Data::Float(number) => (text_of_number(*number), true),
        Data::DateTime(moment) => (text_of_moment(moment), true),
        Data::DateTimeIso(text) => (text.clone(), true),
        Data::String(text) | Data::DurationIso(text) => (text.clone(), false),
        Data::Bool(truth) => (truth.to_string(), false),
        Data::Error(_) | Data::Empty => (String::new(), false),
    }
}

/// `number` as the shortest decimal of at most 15 digits, which is as many as spreadsheets show:
/// 0.1 + 0.2 is stored as 0.30000000000000004 and meant as 0.3.
fn text_of_number(number: f64) -> String {
    let short = number.to_string();
    if short.bytes().filter(u8::is_ascii_digit).count() <= 15 {
        return short;
    }
    let rounded = format!("{number:.14e}").parse().unwrap_or(number);
    f64::to_string(&rounded)
}

fn text_of_moment(moment: &ExcelDateTime) -> String {
    if moment.is_duration() {
        return text_of_number(moment.as_f64());
    }
    let (year, month, day, ..) = moment.to_ymd_hms_milli();
    format!("{year:04}-{month:02}-{day:02}")
}

fn broken(name: &str, error: &dyn std::error::Error) -> Error {
    Error::Workbook {
        name: name.to_owned(),
        detail: error.to_string(),
    }
}

/// What `read` gives; a workbook so damaged that reading it panics is an error like any other.
fn guarded<T>(name: &str, read: impl FnOnce() -> T) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(read)).map_err(|_| Error::Workbook {
        name: name.to_owned(),
        detail: "its content is damaged".to_owned(),
    })
}
