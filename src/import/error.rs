//! Why a file as a whole cannot be imported.

use std::io;

/// Why a file as a whole cannot be imported. Bad rows are not errors but remarks.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be opened or read.
    #[error("{name} cannot be read")]
    Unreadable {
        /// Name of the file.
        name: String,
        /// What the system says.
        source: io::Error,
    },
    /// It is a pipe, a folder or a device.
    #[error("{name} is {found}, no regular file; save the rows in a file and import that")]
    NotAFile {
        /// Name of the file.
        name: String,
        /// What it is, such as `a pipe`.
        found: &'static str,
    },
    /// There is nothing in the file, or no more than blank lines.
    #[error("{name} is empty")]
    Empty {
        /// Name of the file.
        name: String,
    },
    /// The content is neither delimited text nor a workbook.
    #[error("{name} is {found}, neither delimited text (CSV) nor a workbook (XLSX, XLS, ODS)")]
    NotATable {
        /// Name of the file.
        name: String,
        /// What it seems to be, such as `a PDF document`.
        found: &'static str,
    },
    /// No column was recognised for a field that every row needs.
    #[error(
        "{name} has no column for {field}: its headings are {headings}; accepted are such as {accepted}"
    )]
    NoColumn {
        /// Name of the file.
        name: String,
        /// The field without a column.
        field: &'static str,
        /// The headings of the file, quoted and comma-separated.
        headings: String,
        /// Some headings that would be recognised.
        accepted: String,
    },
    /// The mapping names a field that the kind of file does not have.
    #[error("the mapping names the unknown field \"{field}\"{}; fields are {known}", meant(.nearest.as_ref()))]
    UnknownField {
        /// The word in the mapping.
        field: String,
        /// The known field most like it.
        nearest: Option<String>,
        /// All known fields.
        known: String,
    },
    /// The mapping names a heading that the file does not have.
    #[error("the mapping takes {field} from \"{heading}\", which {name} does not have{}; its headings are {headings}", meant(.nearest.as_ref()))]
    UnknownHeading {
        /// Name of the file.
        name: String,
        /// The field of the mapping.
        field: String,
        /// The heading of the mapping.
        heading: String,
        /// The heading of the file most like it.
        nearest: Option<String>,
        /// The headings of the file, quoted and comma-separated.
        headings: String,
    },
    /// The mapping cannot be read as JSON.
    #[error("the mapping is no JSON object of field to heading")]
    BadMapping(#[from] serde_json::Error),
    /// A row is longer than [`super::MAX_ROW_BYTES`].
    #[error(
        "line {line} of {name} starts a row of more than {limit} bytes; perhaps a quotation mark is not closed"
    )]
    RowTooLong {
        /// Name of the file.
        name: String,
        /// Line on which the row starts.
        line: u64,
        /// The most a row may have.
        limit: usize,
    },
    /// The headings hold a quotation mark without end, or so many rows do that the file is not
    /// to be read.
    #[error("{name} cannot be cut into rows: a quotation mark on line {line} is not closed")]
    OpenQuote {
        /// Name of the file.
        name: String,
        /// Line on which the row with the mark starts.
        line: u64,
    },
    /// There are more columns than [`super::MAX_COLUMNS`].
    #[error("{name} has {columns} columns; at most {limit} can be read")]
    TooWide {
        /// Name of the file.
        name: String,
        /// Columns found.
        columns: usize,
        /// The most a file may have.
        limit: usize,
    },
    /// The workbook is broken, protected by a password, or of a make that cannot be read.
    #[error("{name} cannot be read as a workbook: {detail}")]
    Workbook {
        /// Name of the file.
        name: String,
        /// What is wrong with it.
        detail: String,
    },
    /// The file breaks the rules of its format, ends too early, or goes beyond a limit.
    #[error("{name} is damaged at byte {at}: {detail}")]
    Damaged {
        /// Name of the file.
        name: String,
        /// Bytes from its start.
        at: u64,
        /// What is wrong.
        detail: String,
    },
    /// The coordinates are of a kind that cannot be read.
    #[error("{name} has coordinates in {found}; read are longitude and latitude, and {known}")]
    UnknownProjection {
        /// Name of the file.
        name: String,
        /// What the file says, such as `EPSG:3857`.
        found: String,
        /// The EPSG codes that are known.
        known: String,
    },
    /// The content is none of the formats of regions.
    #[error("{name} is {found}, neither GeoJSON, a shapefile, a GeoPackage nor KML")]
    NotRegions {
        /// Name of the file.
        name: String,
        /// What it seems to be, such as `a PDF document`.
        found: &'static str,
    },
    /// There is not exactly one table or document to be read.
    #[error("{name} {}; it has: {layers}", which(.wanted.as_ref()))]
    Layers {
        /// Name of the file.
        name: String,
        /// The one that was asked for.
        wanted: Option<String>,
        /// Those that are there, comma-separated.
        layers: String,
    },
    /// There is more in the file than can be read.
    #[error("{name} is too large: {size} {unit}, at most {limit} can be read")]
    TooLarge {
        /// Name of the file.
        name: String,
        /// How much there is, or where the counting stopped.
        size: u64,
        /// What is counted, such as `features`.
        unit: &'static str,
        /// The most that is read.
        limit: u64,
    },
    /// The workbook would unpack to more than can be read.
    #[error(
        "{name} is too large for a workbook: {size} {unit}, at most {limit} can be read; save it as CSV"
    )]
    WorkbookTooLarge {
        /// Name of the file.
        name: String,
        /// Its size.
        size: u64,
        /// What is counted, such as `bytes unpacked`.
        unit: &'static str,
        /// The most that is read.
        limit: u64,
    },
}

fn meant(nearest: Option<&String>) -> String {
    nearest.map_or_else(String::new, |word| format!(" (did you mean \"{word}\"?)"))
}

fn which(wanted: Option<&String>) -> String {
    wanted.map_or_else(
        || {
            "does not have one layer of areas alone, so the one that is meant must be named"
                .to_owned()
        },
        |wanted| format!("does not have the layer \"{wanted}\""),
    )
}
