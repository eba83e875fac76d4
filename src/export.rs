//! Answers and sales lines as files for other programs: CSV, XLSX and Parquet, and answers as layers
//! of a map: `GeoJSON`, `GeoPackage`, KML, `FlatGeobuf` and `GeoParquet` (see `layer`).
//!
//! 1. `table` makes columns and rows of an answer, `lines` of the lines behind a cell; both know
//!    what a number is, so that money, shares and days are that in the file too.
//! 2. `words` has the headings in German and English.
//! 3. A `Writer` a format takes the rows one by one and keeps none of them in memory.
//!
//! | | CSV | XLSX | Parquet |
//! |---|---|---|---|
//! | text | as it is; `'` before `=`, `+`, `-`, `@` | text cell, never a formula | `VARCHAR` |
//! | money, major units | `1234.50`, German `1234,50` | number, two places for EUR | `DECIMAL(38, 2)` for EUR |
//! | quantity | up to three places | number | `DECIMAL(38, 3)` |
//! | share | `0.25` | number shown as `25.0%` | `DOUBLE`, 0.25 |
//! | day | ISO 8601, German `24.12.2025` | date | `DATE` |
//! | no value | empty | empty | `NULL` |
//!
//! A level has a column of keys and one of names. Steps of time and hexagons, whose keys are their
//! names, have one. A level with opened members has one more, which tells the level of each row.

mod about;
mod delimited;
mod layer;
mod lines;
mod parquet;
mod table;
mod value;
mod words;
mod workbook;

use std::fs::File;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::about::About;
use self::value::{Column, Value};
use crate::cube::{self, Answer, FilterRequest, Question, Request};
use crate::place::{OwnLevel, RegionKey};
use crate::record::region::Polygon;
use crate::warehouse::{self, Warehouse};

pub use layer::{Place, geometry_text};
pub use words::{Language, Names};

/// A sheet of XLSX has this many rows, the heading among them.
pub const MAX_SHEET_ROWS: u64 = 1_048_576;

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Text with separators.
    Csv,
    /// A workbook of Excel.
    Xlsx,
    /// Columns with types.
    Parquet,
    /// A layer of a map as text: JSON.
    Geojson,
    /// A layer of a map as a database.
    Gpkg,
    /// A layer of a map for Google Earth.
    Kml,
    /// A layer of a map as a file that can be read in parts.
    Fgb,
    /// A layer of a map as columns with types.
    Geoparquet,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 8] = [
        Self::Csv,
        Self::Xlsx,
        Self::Parquet,
        Self::Geojson,
        Self::Gpkg,
        Self::Kml,
        Self::Fgb,
        Self::Geoparquet,
    ];

    /// The word of the format in the API and at the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Parquet => "parquet",
            Self::Geojson => "geojson",
            Self::Gpkg => "gpkg",
            Self::Kml => "kml",
            Self::Fgb => "fgb",
            Self::Geoparquet => "geoparquet",
        }
    }

    /// How the name of such a file ends.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Geoparquet => Self::Parquet.name(),
            other => other.name(),
        }
    }

    /// Whether such a file shows places on a map.
    #[must_use]
    pub fn is_map(self) -> bool {
        match self {
            Self::Csv | Self::Xlsx | Self::Parquet => false,
            Self::Geojson | Self::Gpkg | Self::Kml | Self::Fgb | Self::Geoparquet => true,
        }
    }

    /// What such a file is in the language of the web.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Parquet | Self::Geoparquet => "application/vnd.apache.parquet",
            Self::Geojson => "application/geo+json",
            Self::Gpkg => "application/geopackage+sqlite3",
            Self::Kml => "application/vnd.google-earth.kml+xml",
            // Not registered; what its makers use.
            Self::Fgb => "application/flatgeobuf",
        }
    }
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The question has no answer.
    #[error(transparent)]
    Cube(#[from] cube::Error),
    /// A sheet has no room for the rows.
    #[error(
        "{rows} rows are more than the {max} of an XLSX sheet: export CSV or Parquet, or filter"
    )]
    TooManyRows {
        /// Rows of the export.
        rows: u64,
        /// Rows at most, without the heading.
        max: u64,
    },
    /// Whoever wanted the file has gone.
    #[error("the export was cancelled")]
    Cancelled,
    /// The disk did not take the file.
    #[error("the export could not be written")]
    File(#[from] std::io::Error),
    /// The workbook could not be made.
    #[error("the workbook could not be written")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// The engine that writes Parquet refused.
    #[error("the Parquet file could not be written")]
    Parquet(#[from] duckdb::Error),
    /// Columns could not be put together.
    #[error("rows could not be put into columns")]
    Columns(#[from] duckdb::arrow::error::ArrowError),
}

impl From<warehouse::Error> for Error {
    fn from(error: warehouse::Error) -> Self {
        Self::Cube(error.into())
    }
}

/// How the file is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Its form.
    pub format: Format,
    /// The language of its headings, and of numbers and days where they are text.
    pub language: Language,
}

/// Takes the rows of an export one by one.
trait Writer {
    /// Takes a row: one value a column, and where it is, which tables have no column for.
    fn row(&mut self, row: &[Value], place: Option<&Place>) -> Result<(), Error>;

    /// Ends the file; `about` tells what it holds, where the format has a place for it.
    fn finish(self: Box<Self>, about: &About) -> Result<(), Error>;
}

/// Where exports get from what an answer does not hold.
pub struct Source<'a> {
    /// What was asked.
    pub warehouse: &'a Warehouse,
    /// The area of the own region of that key, where there is one.
    pub own: &'a dyn Fn(OwnLevel, &RegionKey) -> Option<Vec<Polygon>>,
}

/// A question and its answer.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The question as it was asked.
    pub request: &'a Request,
    /// The same in known words.
    pub question: &'a Question,
    /// What the warehouse said.
    pub answer: &'a Answer,
}

/// Whether the answer to `question` can be such a file, before it is asked.
///
/// # Errors
/// On a map each row must have one place: it says which part of the question has none.
pub fn check(question: &Question, format: Format) -> Result<(), Error> {
    if format.is_map() {
        layer::axis_of(question)?;
    }
    Ok(())
}

/// Writes an answer of the warehouse of `source` to the empty file at `path`; gives the number of
/// rows. Subtotals are left out: a sum over the rows would count them twice.
///
/// # Errors
/// The disk must take the file, a sheet must have room for the rows, and on a map each row must
/// have one place.
pub fn write_answer(
    source: &Source<'_>,
    asked: Asked<'_>,
    look: Look,
    path: &Path,
) -> Result<u64, Error> {
    if look.format.is_map() {
        return layer::write(source, asked, look, path);
    }
    let Asked {
        request,
        question,
        answer,
    } = asked;
    let hierarchies = &source.warehouse.summary().hierarchies;
    let names = words::Names::of(look.language, hierarchies);
    let rows = u64::try_from(answer.rows.len()).unwrap_or(u64::MAX);
    check_room(look.format, rows)?;
    let table = table::Table::of(question, answer, &names);
    let mut writer = start(look, table.columns(), path)?;
    for row in 0..answer.rows.len() {
        writer.row(&table.row(row), None)?;
    }
    writer.finish(&About::answer(&table, request, &names, Timestamp::now()))?;
    Ok(rows)
}

/// Writes every line that all `filters` let through, newest first, to the empty file at `path`;
/// gives their number. `go_on` is asked now and then whether anybody still wants it.
///
/// # Errors
/// The filters must be right, the disk must take the file, and a sheet must have room for the
/// rows.
pub fn write_lines(
    warehouse: &Warehouse,
    filters: &[FilterRequest],
    look: Look,
    path: &Path,
    go_on: &dyn Fn() -> bool,
) -> Result<u64, Error> {
    if look.format.is_map() {
        let message = "sales lines are no layer of a map: export CSV, XLSX or Parquet, or the \
                       answer to a question by regions or accounts";
        return Err(cube::Error::Combination(message.to_owned()).into());
    }
    let count = cube::count_lines(warehouse, filters)?;
    check_room(look.format, count)?;
    let summary = warehouse.summary();
    let names = words::Names::of(look.language, &summary.hierarchies);
    let sheet = lines::Sheet::of(&summary.currencies, look.language);
    let mut writer = start(look, sheet.columns(), path)?;
    let mut rows = 0_u64;
    cube::each_line(warehouse, filters, |line| {
        if rows.is_multiple_of(4_096) && !go_on() {
            return Err(Error::Cancelled);
        }
        rows += 1;
        writer.row(&sheet.row(line), None)
    })?;
    let (version, now) = (warehouse.version(), Timestamp::now());
    writer.finish(&About::lines(filters, rows, version, &names, now))?;
    Ok(rows)
}

/// A name for the file of an answer to `question`, such as `revier-revenue-state-2026-11-22.csv`.
#[must_use]
pub fn answer_name(warehouse: &Warehouse, question: &Question, look: Look) -> String {
    let names = words::Names::of(look.language, &warehouse.summary().hierarchies);
    let figure = question.figures.first().map(|figure| names.figure(figure));
    let levels = question.axes.iter().map(|axis| names.level(axis.level));
    let words: Vec<String> = figure.into_iter().chain(levels).collect();
    file_name(&words.join(" "), look.format.ending(), today())
}

/// A name for the file of lines.
#[must_use]
pub fn lines_name(look: Look) -> String {
    file_name(look.language.words().lines, look.format.ending(), today())
}

fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

/// `words` as the name of a file that every system takes, with the day `today`.
#[must_use]
pub fn file_name(words: &str, ending: &str, today: Date) -> String {
    let mut name = "revier".to_owned();
    let folded = words.to_lowercase();
    let mut is_begin = true;
    for sign in folded.chars() {
        let text = match sign {
            'ä' => "ae".to_owned(),
            'ö' => "oe".to_owned(),
            'ü' => "ue".to_owned(),
            'ß' => "ss".to_owned(),
            sign if sign.is_ascii_alphanumeric() => sign.to_string(),
            _ => {
                is_begin = true;
                continue;
            }
        };
        if name.len() >= 80 {
            break;
        }
        if std::mem::take(&mut is_begin) {
            name.push('-');
        }
        name.push_str(&text);
    }
    format!("{name}-{today}.{ending}")
}

fn check_room(format: Format, rows: u64) -> Result<(), Error> {
    let max = MAX_SHEET_ROWS - 1;
    if format == Format::Xlsx && rows > max {
        return Err(Error::TooManyRows { rows, max });
    }
    Ok(())
}

/// Begins a table; layers of a map are begun in `layer`.
fn start(look: Look, columns: &[Column], path: &Path) -> Result<Box<dyn Writer>, Error> {
    Ok(match look.format {
        Format::Csv => Box::new(delimited::Delimited::start(
            File::create(path)?,
            columns,
            look.language,
        )?),
        Format::Xlsx => Box::new(workbook::Sheets::start(path, columns, look.language)?),
        _ => Box::new(parquet::Table::start(path, columns)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_plain() {
        let day = jiff::civil::date(2026, 11, 22);
        let name = file_name("Umsatz / Verkäufe: Größe..\\\"", "csv", day);
        assert_eq!(name, "revier-umsatz-verkaeufe-groesse-2026-11-22.csv");
        assert!(file_name(&"x".repeat(500), "xlsx", day).len() < 110);
    }

    #[test]
    fn a_sheet_has_room_for_a_million_rows() {
        assert!(check_room(Format::Xlsx, 1_048_575).is_ok());
        assert!(check_room(Format::Csv, 1_048_576).is_ok());
        assert_eq!(
            check_room(Format::Xlsx, 1_048_576).unwrap_err().to_string(),
            "1048576 rows are more than the 1048575 of an XLSX sheet: export CSV or Parquet, or \
             filter"
        );
    }
}
