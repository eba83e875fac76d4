//! Every row of a file as it stands, with the address in it: nothing is left out.
//!
//! Rows above the headings, the headings and the rows below them come in their order. A row that
//! an import would refuse comes with the reason instead of an address.

use std::cmp::Ordering;
use std::ops::ControlFlow;

use csv::StringRecord;

use super::accounts::Accounts;
use super::error::Error;
use super::field::{Columns, Kind, Mapping, examples, listed};
use super::reason::Reason;
use super::table::{Row as TableRow, Table};
use super::{Progress, Source, text_bytes};
use crate::place::LonLat;
use crate::record::account::Address;

/// The most rows in a chunk.
const CHUNK_ROWS: usize = 4_096;
/// Bytes of text after which a chunk ends.
const CHUNK_TEXT_BYTES: usize = 2 << 20;
/// Headings that stand together only where positions were added to a file before.
const ADDED: [&str; 4] = ["precision", "radius_m", "confidence", "matched"];

/// A file whose rows hold addresses.
pub struct Addressed {
    table: Table,
    /// The mapping by which it is read.
    pub mapping: Mapping,
    accounts: Accounts,
    columns: Columns,
    is_answer: bool,
}

/// A row as it stands in the file, and what it is.
#[derive(Debug, Clone, PartialEq)]
pub struct AddressedRow {
    /// Its cells as they are, untrimmed, as many as it has.
    pub cells: StringRecord,
    /// What it is.
    pub said: Said,
}

/// What a row is.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// It stands above the headings, such as a title.
    Title,
    /// The headings.
    Headings,
    /// It has an address, empty where its cells are.
    Address {
        /// The address.
        address: Address,
        /// The coordinate that the file gives.
        given: Option<LonLat>,
        /// Why a coordinate that is meant cannot be had.
        doubt: Option<Reason>,
    },
    /// An import would refuse it for its shape.
    Refused(Reason),
}

/// Some rows of the file in its order, at most about 4,000 or 2 MB of text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AddressedChunk {
    /// The rows.
    pub rows: Vec<AddressedRow>,
    /// How many cells the headings have, empty ones included.
    pub columns: usize,
    /// Whether the lines of the file end in `\r\n`.
    pub has_returns: bool,
    /// How far the reading is after this chunk; its rows are those below the headings.
    pub progress: Progress,
}

impl Addressed {
    /// Opens the file of `source`, whose columns are recognised by their headings unless it has a
    /// mapping. Coordinates that this program added to the file earlier are not taken for those of
    /// the file.
    ///
    /// # Errors
    /// The file must be a readable table with a column for place, postal code or street, or with
    /// both coordinates, and a mapping must name fields and headings that exist.
    pub fn open(source: &Source) -> Result<Self, Error> {
        let table = Table::open(&source.path, &source.name, &|headings| {
            columns_of(source, headings, &source.name).is_ok()
        })?;
        let (mapping, columns) = columns_of(source, &table.headings, &table.name)?;
        Ok(Self {
            is_answer: source.mapping.is_none() && is_answer(&table.headings),
            accounts: Accounts::new(columns.clone()),
            columns,
            mapping,
            table,
        })
    }

    /// The headings, trimmed, without empty ones at the end.
    #[must_use]
    pub fn headings(&self) -> &[String] {
        &self.table.headings
    }

    /// The sign between cells; none in a workbook.
    #[must_use]
    pub fn delimiter(&self) -> Option<u8> {
        self.table.delimiter()
    }

    /// The format in words, such as `CSV; delimiter ';', Windows-1252`.
    #[must_use]
    pub fn format(&self) -> String {
        self.table.format()
    }

    /// Whether the file has coordinates that were added to it earlier, which are not read.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        self.is_answer
    }

    /// Gives every row, chunk by chunk, to `sink`, which may break off.
    ///
    /// # Errors
    /// The file must stay readable to its end.
    pub fn each_chunk(
        &mut self,
        sink: &mut dyn FnMut(AddressedChunk) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let Self {
            table,
            accounts,
            columns,
            ..
        } = self;
        let headings_line = table.headings_line();
        let mut progress = Progress {
            bytes_total: table.size_bytes,
            ..Progress::default()
        };
        let mut rows = Vec::new();
        let mut chunk_bytes = 0;
        let (mut all_columns, mut has_returns) = (0, false);
        let mut flow = ControlFlow::Continue(());
        table.each_row_as_it_is(&mut |row| {
            if is_empty_line(row) {
                return ControlFlow::Continue(());
            }
            let said = match row.line.cmp(&headings_line) {
                Ordering::Less => Said::Title,
                Ordering::Equal => {
                    all_columns = row.cells.len();
                    let end = row.cells.as_slice().as_bytes().last();
                    has_returns = end == Some(&b'\r');
                    Said::Headings
                }
                Ordering::Greater => {
                    progress.rows += 1;
                    said(row, all_columns, accounts, columns)
                }
            };
            progress.bytes_done = row.bytes_done.min(progress.bytes_total);
            let cells = as_it_stands(row);
            chunk_bytes += cells.as_slice().len();
            rows.push(AddressedRow { cells, said });
            if rows.len() < CHUNK_ROWS && chunk_bytes < CHUNK_TEXT_BYTES {
                return ControlFlow::Continue(());
            }
            chunk_bytes = 0;
            let rows = std::mem::replace(&mut rows, Vec::with_capacity(CHUNK_ROWS));
            flow = sink(AddressedChunk {
                rows,
                columns: all_columns,
                has_returns,
                progress,
            });
            flow
        })?;
        if flow.is_continue() && !rows.is_empty() {
            progress.bytes_done = progress.bytes_total;
            // A break at the last chunk has nothing left to stop.
            let _ = sink(AddressedChunk {
                rows,
                columns: all_columns,
                has_returns,
                progress,
            });
        }
        Ok(())
    }
}

fn columns_of(
    source: &Source,
    headings: &[String],
    name: &str,
) -> Result<(Mapping, Columns), Error> {
    let mapping = source.mapping.clone().unwrap_or_else(|| {
        let mut mapping = Mapping::recognise(headings, Kind::Accounts);
        if is_answer(headings) {
            mapping
                .0
                .retain(|field, _| field != "lon" && field != "lat");
        }
        mapping
    });
    let columns = Columns::found(&mapping, Kind::Accounts, headings, name)?;
    let has = |field| columns.get(field).is_some();
    if has("place") || has("postal_code") || has("street") || has("lon") && has("lat") {
        return Ok((mapping, columns));
    }
    let accepted = ["postal_code", "place"].map(|field| examples(field, Kind::Accounts));
    Err(Error::NoColumn {
        name: name.to_owned(),
        field: "postal_code, place or street",
        headings: listed(headings),
        accepted: accepted.join(", "),
    })
}

fn is_answer(headings: &[String]) -> bool {
    ADDED
        .iter()
        .all(|added| headings.iter().any(|heading| heading == added))
}

/// An empty line of a file whose lines end in `\r\n`; other empty lines are never given.
fn is_empty_line(row: &TableRow) -> bool {
    row.cells.len() == 1 && &row.cells[0] == "\r"
}

/// The cells of `row` without the `\r` of its line end.
fn as_it_stands(row: &TableRow) -> StringRecord {
    let cells = if row.torn.is_empty() {
        &row.cells
    } else {
        &row.torn
    };
    let last = cells.len().saturating_sub(1);
    match cells.get(last).and_then(|cell| cell.strip_suffix('\r')) {
        None => cells.clone(),
        Some(text) => cells.iter().take(last).chain([text]).collect(),
    }
}

/// What a row below headings of `all_columns` cells is.
fn said(row: &TableRow, all_columns: usize, accounts: &Accounts, columns: &Columns) -> Said {
    if row.open_quote {
        return Said::Refused(Reason::OpenQuote);
    }
    if row.width() > all_columns {
        return Said::Refused(Reason::TooManyFields);
    }
    if text_bytes(row, columns).is_err() {
        return Said::Refused(Reason::FieldTooLong);
    }
    let mut doubts = Vec::new();
    Said::Address {
        address: accounts.address(row),
        given: accounts.position(row, &mut doubts),
        doubt: (!doubts.is_empty()).then_some(Reason::BadPosition),
    }
}

#[cfg(test)]
mod tests {
    use tempfile::NamedTempFile;

    use super::*;

    fn file(content: impl AsRef<[u8]>) -> NamedTempFile {
        let file = NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        file
    }

    fn open(file: &NamedTempFile) -> Result<Addressed, Error> {
        Addressed::open(&Source {
            path: file.path().to_owned(),
            name: "a.csv".to_owned(),
            mapping: None,
            currency: None,
        })
    }

    #[track_caller]
    fn check(content: impl AsRef<[u8]>, expected: &[&str]) {
        let file = file(content);
        let mut file = open(&file).unwrap();
        let mut rows = Vec::new();
        file.each_chunk(&mut |chunk| {
            rows.extend(chunk.rows.iter().map(|row| {
                let cells: Vec<&str> = row.cells.iter().collect();
                let said = match &row.said {
                    Said::Title => "title".to_owned(),
                    Said::Headings => "headings".to_owned(),
                    Said::Address {
                        address,
                        given,
                        doubt,
                    } => format!(
                        "{} {}{}{}",
                        address.postal_code,
                        address.place,
                        given.map_or_else(String::new, |at| format!(" {},{}", at.lon(), at.lat())),
                        doubt.map_or_else(String::new, |doubt| format!(" {doubt}"))
                    ),
                    Said::Refused(reason) => reason.to_string(),
                };
                format!("{} = {said}", cells.join("|"))
            }));
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(rows, expected);
    }

    #[test]
    fn no_row_is_left_out() {
        check(
            "Kunden am 1. Mai\n\nPLZ;Ort\n80331;München\n;\n 1 ; x \n",
            &[
                "Kunden am 1. Mai = title",
                "PLZ|Ort = headings",
                "80331|München = 80331 München",
                "| =  ",
                " 1 | x  = 1 x",
            ],
        );
        check(
            "sep=;\r\nPLZ;Ort\r\n\r\n80331;\"M\r\nX\"\r\n",
            &["PLZ|Ort = headings", "80331|M\r\nX = 80331 M\r\nX"],
        );
    }

    #[test]
    fn rows_that_an_import_refuses_come_with_the_reason() {
        check(
            "PLZ;Ort;Menge\n1;\"a;b\n2;c;d\n3;e;f;g\n4;h\n5;i;j;\n",
            &[
                "PLZ|Ort|Menge = headings",
                "1|\"a|b = open_quote",
                "2|c|d = 2 c",
                "3|e|f|g = too_many_fields",
                "4|h = 4 h",
                "5|i|j| = 5 i",
            ],
        );
        check(
            format!("PLZ;Ort\n1;{}\n", "x".repeat(4_097)),
            &[
                "PLZ|Ort = headings",
                &format!("1|{} = field_too_long", "x".repeat(4_097)),
            ],
        );
    }

    #[test]
    fn coordinates_of_the_file_are_read_but_not_those_of_an_answer() {
        check(
            "PLZ;lon;lat\n1;9,5;50\n2;0;0\n",
            &[
                "PLZ|lon|lat = headings",
                "1|9,5|50 = 1  9.5,50",
                "2|0|0 = 2  bad_position",
            ],
        );
        let answer = "PLZ,lon,lat,precision,radius_m,confidence,source,matched,reason\n\
                      1,9.5,50,postal,900,0.9,x,y,\n";
        let file = file(answer);
        let file = open(&file).unwrap();
        assert!(file.is_answer());
        assert_eq!(file.mapping.0.keys().collect::<Vec<_>>(), ["postal_code"]);
    }

    #[test]
    fn a_file_without_addresses_says_what_it_lacks() {
        let message = open(&file("Name;Menge\na;1\n")).err().unwrap().to_string();
        assert!(
            message.starts_with("a.csv has no column for postal_code, place or street: its headings are \"Name\", \"Menge\""),
            "{message}"
        );
    }
}
