//! Workbooks: one sheet with data of an XLSX, XLS or ODS file.

use std::fmt::Write;
use std::fs::File;
use std::io::BufReader;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use calamine::{
    Data, DataRef, ExcelDateTime, Ods, Range, Reader, SheetType, SheetVisible, Sheets, Xls, Xlsx,
    open_workbook,
};

use super::MAX_ROW_BYTES;
use super::archive::{Part, parts, unpack};
use super::error::Error;
use super::outline::{MAX_SHEET_COLUMNS, Stretch, Tables};
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
    /// The other sheets with data, which are not read.
    unread: Vec<String>,
    size_bytes: u64,
    body: Body,
}

enum Body {
    /// Read cell by cell from the file.
    Stream(Box<Xlsx<BufReader<File>>>),
    /// Held in memory: the sheet that is read, and all of them until it is chosen.
    Whole(Range<Data>, Option<Box<Sheets<BufReader<File>>>>),
}

impl Workbook {
    /// Opens the workbook at `path` at its first visible sheet, after a look whether it is what
    /// it says.
    pub fn open(path: &Path, name: &str) -> Result<Self, Error> {
        let make = make_of(path, name)?;
        let size_bytes = std::fs::metadata(path).map_or(0, |data| data.len());
        let opened = guarded(name, || open_sheets(path, make))?;
        let sheets = opened.map_err(|error| broken(name, &error))?;
        let mut listed: Vec<_> = sheets.sheets_metadata().to_vec();
        listed.retain(|sheet| sheet.typ == SheetType::WorkSheet);
        listed.sort_by_key(|sheet| sheet.visible != SheetVisible::Visible);
        let body = match sheets {
            Sheets::Xlsx(book) => Body::Stream(Box::new(book)),
            sheets => Body::Whole(Range::empty(), Some(Box::new(sheets))),
        };
        Ok(Self {
            make,
            sheet: String::new(),
            unread: listed.into_iter().map(|sheet| sheet.name).collect(),
            size_bytes,
            body,
        })
    }

    /// Turns to the first sheet with data that `fits`, else to the first with data, the visible
    /// ones before the hidden. `fits` gets `name` with that of the sheet.
    pub fn choose(
        &mut self,
        name: &str,
        fits: &mut dyn FnMut(&str, &mut Self) -> bool,
    ) -> Result<(), Error> {
        let mut filled = Vec::new();
        let mut chosen = None;
        for sheet in std::mem::take(&mut self.unread) {
            let has_data = match self.turn(name, &sheet) {
                Ok(has_data) => has_data,
                Err(error) if chosen.is_none() => return Err(error),
                // What is wrong with a sheet that is not read is no reason to refuse another.
                Err(_) => true,
            };
            if !has_data {
                continue;
            }
            if chosen.is_none() && fits(&self.name(name), self) {
                chosen = Some(filled.len());
            }
            filled.push(sheet);
        }
        if filled.is_empty() {
            return Err(Error::Empty {
                name: name.to_owned(),
            });
        }
        let sheet = filled.remove(chosen.unwrap_or_default());
        self.turn(name, &sheet)?;
        self.unread = filled;
        if let Body::Whole(_, sheets) = &mut self.body {
            *sheets = None;
        }
        Ok(())
    }

    /// Turns to `sheet`; whether there is a filled cell in it.
    fn turn(&mut self, name: &str, sheet: &str) -> Result<bool, Error> {
        sheet.clone_into(&mut self.sheet);
        let filled = match &mut self.body {
            Body::Stream(book) => guarded(name, || is_filled(book, sheet)),
            Body::Whole(_, None) => Ok(Ok(false)),
            Body::Whole(range, Some(sheets)) => guarded(name, || {
                *range = sheets.worksheet_range(sheet)?;
                Ok(range.used_cells().next().is_some())
            }),
        };
        filled?.map_err(|error: calamine::Error| broken(name, &error))
    }

    /// What a sheet of the file `name` is called in messages.
    pub fn name(&self, name: &str) -> String {
        format!("{name} (sheet '{}')", self.sheet)
    }

    /// The format in words, with the sheet that is read and those that are not.
    pub fn format(&self) -> String {
        const NAMED: usize = 5;
        let mut format = format!("{}; sheet '{}'", self.make, self.sheet);
        if !self.unread.is_empty() {
            let named = self.unread.iter().take(NAMED);
            let named: Vec<String> = named.map(|sheet| format!("'{sheet}'")).collect();
            let _ = write!(format, ", not read: {}", named.join(", "));
        }
        if self.unread.len() > NAMED {
            let _ = write!(format, " and {} more", self.unread.len() - NAMED);
        }
        format
    }

    /// Gives every row with a cell, headings and all, to `take` until it breaks.
    pub fn each(
        &mut self,
        name: &str,
        take: &mut dyn FnMut(&Row) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        match &mut self.body {
            Body::Stream(book) => each_of_stream(book, &self.sheet, self.size_bytes, name, take),
            Body::Whole(range, _) => {
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
    let is_sheet = part.name.contains("worksheets/") || part.name == "content.xml";
    if !is_sheet {
        limit(name, part.size, "bytes in one part", MAX_PART_BYTES)?;
    }
    let (mut tables, mut stretch) = (Tables::default(), Stretch::default());
    let content = make == "ODS" && part.name == "content.xml";
    // A sheet may lie in a part of any name, and its texts in another.
    let mut is_xml = is_called_xml(&part.name).then_some(true);
    unpack(path, part, &mut |bytes| {
        if content {
            tables.look(bytes);
        }
        if *is_xml.get_or_insert_with(|| begins_as_xml(bytes)) {
            stretch.look(bytes);
        }
    })
    .map_err(|error| Error::Workbook {
        name: name.to_owned(),
        detail: error.to_string(),
    })?;
    let longest = MAX_ROW_BYTES as u64;
    limit(name, stretch.longest, "bytes in one cell", longest)?;
    limit(name, tables.cells, "cells", MAX_CELLS)?;
    if tables.open {
        return Err(Error::Workbook {
            name: name.to_owned(),
            detail: "a sheet has no end".to_owned(),
        });
    }
    Ok(())
}

fn is_called_xml(part: &str) -> bool {
    let ending = Path::new(part).extension().unwrap_or_default();
    ["xml", "rels"]
        .iter()
        .any(|xml| ending.eq_ignore_ascii_case(xml))
}

/// Whether a part that begins with these bytes may be XML: pictures and macros are not.
fn begins_as_xml(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    text.trim_ascii_start().starts_with(b"<")
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

/// Whether `sheet` has a filled cell.
fn is_filled(book: &mut Xlsx<BufReader<File>>, sheet: &str) -> Result<bool, calamine::Error> {
    let mut cells = book.worksheet_cells_reader(sheet)?;
    while let Some(cell) = cells.next_cell()? {
        if !matches!(cell.get_value(), DataRef::Empty) {
            return Ok(true);
        }
    }
    Ok(false)
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
