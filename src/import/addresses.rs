//! Addresses, streets and places from files that a user has.
//!
//! Read are OpenStreetMap files (`.osm.pbf`, `.osm.gz`, `.osm`) and tables: the columns of
//! `OpenAddresses`, the Austrian address register (`ADRESSE.csv` beside `STRASSE.csv`,
//! `ORTSCHAFT.csv` and `GEMEINDE.csv`), and others by mapping. What a file is is found from its
//! content. All comes as one stream of [`Find`]s; memory does not grow with the file.

use std::collections::HashMap;
use std::ops::ControlFlow;

use self::register::Register;
use super::error::Error;
use super::field::{Columns, Kind, Mapping, column_of, no_column};
use super::osm::{self, Packing};
use super::projection::Projection;
use super::reason::Reason;
use super::table::{Row as TableRow, Table};
use super::{CHUNK_ROWS, CHUNK_TEXT_BYTES, Progress, Source};
use crate::place::LonLat;
use crate::record::remark::Remark;

mod register;

/// A house and where it is. Words as the file has them, trimmed; empty where it has none.
#[derive(Debug, Clone, PartialEq)]
pub struct AddressPoint {
    /// Street, or the place where houses are numbered without streets.
    pub street: String,
    /// Number with all that belongs to it, such as `12 a`; several as `3;5`.
    pub house_number: String,
    /// Postal code.
    pub postal_code: String,
    /// Town or village.
    pub place: String,
    /// Country as ISO 3166 alpha-2 or as the file names it.
    pub country: String,
    /// Where the house is.
    pub position: LonLat,
}

/// A piece of a street, at least one position long.
#[derive(Debug, Clone, PartialEq)]
pub struct StreetPart {
    /// Its name.
    pub street: String,
    /// Its course.
    pub line: Vec<LonLat>,
}

/// A named place and where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacePoint {
    /// Its name.
    pub name: String,
    /// Its postal code, where the file has one.
    pub postal_code: String,
    /// How large it is.
    pub kind: PlaceKind,
    /// People living there, where the file tells.
    pub population: Option<u32>,
    /// Its middle.
    pub position: LonLat,
}

/// How large a place is, largest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlaceKind {
    /// A large town.
    City,
    /// A town.
    Town,
    /// A village.
    Village,
    /// A part of a town.
    Suburb,
    /// Some houses.
    Hamlet,
}

/// One thing that was found in a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Find {
    /// A house.
    Address(AddressPoint),
    /// A piece of a street.
    Street(StreetPart),
    /// A place.
    Place(PlacePoint),
}

impl Find {
    /// Bytes of its words and positions.
    fn size_bytes(&self) -> usize {
        match self {
            Self::Address(address) => {
                let words = [
                    &address.street,
                    &address.house_number,
                    &address.postal_code,
                    &address.place,
                    &address.country,
                ];
                words.iter().map(|word| word.len()).sum()
            }
            Self::Street(part) => part.street.len() + size_of_val(part.line.as_slice()),
            Self::Place(place) => place.name.len() + place.postal_code.len(),
        }
    }
}

/// A file of addresses, and what it does not say of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressSource {
    /// The file; a mapping names fields of [`Kind::Addresses`].
    pub source: Source,
    /// EPSG number of the coordinates of a table whose rows name none.
    pub epsg: Option<u32>,
}

/// Some finds, about 16,000, with what is to say of refused rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Finds {
    /// What was found.
    pub finds: Vec<Find>,
    /// Remarks on refused rows; none for OpenStreetMap.
    pub remarks: Vec<Remark>,
    /// How far the reading is; of OpenStreetMap the bytes are an estimate and the rows are
    /// finds.
    pub progress: Progress,
}

/// What became of a file of addresses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// The mapping by which a table was read; empty for OpenStreetMap.
    pub mapping: Mapping,
    /// Houses found.
    pub addresses: u64,
    /// Pieces of streets found.
    pub streets: u64,
    /// Places found.
    pub places: u64,
    /// Rows refused; each has exactly one remark.
    pub rejected: u64,
    /// Whether the receiver broke off, so that the rest was not read.
    pub cancelled: bool,
}

/// Reads a file of addresses into `sink`, which may break off.
///
/// # Errors
/// The file must be a whole OpenStreetMap file or a readable table with columns for street or
/// place, house number and coordinates, and a mapping must name fields and headings that exist.
pub fn addresses(
    source: &AddressSource,
    sink: &mut dyn FnMut(Finds) -> ControlFlow<()>,
) -> Result<Reading, Error> {
    let Source { path, name, .. } = &source.source;
    let (mut file, size) = super::open_file(path, name)?;
    let start = super::beginning(&mut file, name)?;
    let mut chunks = Chunks::new(sink, size);
    match Packing::of(&start) {
        Some(packing) => osm::read(file, packing, name, &mut |find, share| {
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "an estimate between 0 and the size"
            )]
            let bytes_done = (size as f64 * share.clamp(0.0, 1.0)) as u64;
            chunks.progress.bytes_done = chunks.progress.bytes_done.max(bytes_done);
            chunks.find(find)
        })?,
        None => read_table(source, &mut chunks)?,
    }
    Ok(chunks.end())
}

/// Gathers finds and gives them on.
struct Chunks<'a> {
    sink: &'a mut dyn FnMut(Finds) -> ControlFlow<()>,
    finds: Vec<Find>,
    remarks: Vec<Remark>,
    /// Bytes of the finds.
    held: usize,
    progress: Progress,
    reading: Reading,
}

impl<'a> Chunks<'a> {
    fn new(sink: &'a mut dyn FnMut(Finds) -> ControlFlow<()>, bytes_total: u64) -> Self {
        Self {
            sink,
            finds: Vec::new(),
            remarks: Vec::new(),
            held: 0,
            progress: Progress {
                bytes_total,
                ..Progress::default()
            },
            reading: Reading::default(),
        }
    }

    fn find(&mut self, find: Find) -> ControlFlow<()> {
        self.progress.rows += 1;
        match &find {
            Find::Address(_) => self.reading.addresses += 1,
            Find::Street(_) => self.reading.streets += 1,
            Find::Place(_) => self.reading.places += 1,
        }
        self.held += find.size_bytes();
        self.finds.push(find);
        self.flush_when(CHUNK_ROWS)
    }

    fn refuse(&mut self, remark: Remark) -> ControlFlow<()> {
        self.progress.rows += 1;
        self.reading.rejected += 1;
        self.remarks.push(remark);
        self.flush_when(CHUNK_ROWS)
    }

    fn flush_when(&mut self, rows: usize) -> ControlFlow<()> {
        if self.finds.len().max(self.remarks.len()) < rows && self.held < CHUNK_TEXT_BYTES {
            return ControlFlow::Continue(());
        }
        self.held = 0;
        let flow = (self.sink)(Finds {
            finds: std::mem::take(&mut self.finds),
            remarks: std::mem::take(&mut self.remarks),
            progress: self.progress,
        });
        self.reading.cancelled |= flow.is_break();
        flow
    }

    fn end(mut self) -> Reading {
        if !self.reading.cancelled {
            self.progress.bytes_done = self.progress.bytes_total;
            // A break behind the last chunk leaves nothing unread.
            let _ = self.flush_when(1);
            self.reading.cancelled = false;
        }
        self.reading
    }
}

/// Where each field of a table stands.
struct AddressColumns {
    at: Columns,
    register: Option<Register>,
}

impl AddressColumns {
    fn text<'a>(&self, row: &'a TableRow, field: &str) -> &'a str {
        self.at
            .get(field)
            .map_or("", |column| row.cell(column).text)
    }
}

fn read_table(source: &AddressSource, chunks: &mut Chunks<'_>) -> Result<(), Error> {
    let Source { path, name, .. } = &source.source;
    let mut table = Table::open(path, name, &|headings| {
        columns(headings, &source.source).is_ok()
    })?;
    let (columns, mapping) = columns(&table.headings, &source.source)?;
    chunks.reading.mapping = mapping;
    let mut projections: HashMap<u32, Option<Projection>> = HashMap::new();
    let mut failure = None;
    let headings = table.headings.len();
    table.each_row(&mut |row| {
        chunks.progress.bytes_done = row.bytes_done.min(chunks.progress.bytes_total);
        if let Err(remark) = super::shape(row, headings) {
            return chunks.refuse(remark);
        }
        let epsg = match columns.text(row, "epsg") {
            "" => source.epsg.unwrap_or(4326),
            text => match text.rsplit(':').next().and_then(|code| code.parse().ok()) {
                Some(epsg) => epsg,
                None => {
                    return chunks.refuse(unplaced(
                        row,
                        &columns,
                        "the projection is no EPSG code",
                    ));
                }
            },
        };
        let projection = projections
            .entry(epsg)
            .or_insert_with(|| Projection::coded(epsg));
        let Some(projection) = projection else {
            failure = Some(Error::UnknownProjection {
                name: name.clone(),
                found: format!("EPSG:{epsg}"),
                known: Projection::known(),
            });
            return ControlFlow::Break(());
        };
        match address(row, &columns, projection) {
            Ok(address) => chunks.find(Find::Address(address)),
            Err(remark) => chunks.refuse(remark),
        }
    })?;
    failure.map_or(Ok(()), Err)
}

fn address(
    row: &TableRow,
    columns: &AddressColumns,
    projection: &Projection,
) -> Result<AddressPoint, Remark> {
    let text = |field| columns.text(row, field);
    let number = |field| text(field).replacen(',', ".", 1).parse::<f64>().ok();
    let position = number("lon")
        .zip(number("lat"))
        .and_then(|(x, y)| projection.position(x, y))
        .ok_or_else(|| {
            let detail = format!(
                "the coordinates are no position in EPSG:{}",
                projection.epsg
            );
            unplaced(row, columns, &detail)
        })?;
    let mut address = AddressPoint {
        street: text("street").to_owned(),
        house_number: format!("{}{}", text("house_number"), text("house_suffix")),
        postal_code: text("postal_code").to_owned(),
        place: text("place").to_owned(),
        country: text("country").to_owned(),
        position,
    };
    if let Some(register) = &columns.register {
        register.complete(row, &mut address);
    }
    if address.street.is_empty() {
        address.street.clone_from(&address.place);
    }
    if address.street.is_empty() || address.house_number.is_empty() {
        let detail = "the address has no street or no house number".to_owned();
        return Err(Reason::MissingStreet.remark(row.line, "street", &address.street, detail));
    }
    Ok(address)
}

fn unplaced(row: &TableRow, columns: &AddressColumns, detail: &str) -> Remark {
    let value = format!("{} {}", columns.text(row, "lon"), columns.text(row, "lat"));
    Reason::MissingPosition.remark(row.line, "position", &value, detail.to_owned())
}

/// The columns of a table of addresses. The Austrian register has the words of a street, place and
/// number in columns and tables of its own.
fn columns(headings: &[String], source: &Source) -> Result<(AddressColumns, Mapping), Error> {
    let register = match source.mapping {
        None => Register::open(headings, &source.path)?,
        Some(_) => None,
    };
    let mapping = source
        .mapping
        .clone()
        .unwrap_or_else(|| Mapping::recognise(headings, Kind::Addresses));
    let at = Columns::of(&mapping, Kind::Addresses, headings, &source.name)?;
    let has = |field| at.get(field).is_some() || register.is_some();
    let missing = match (has("street") || has("place"), has("house_number")) {
        (false, _) => Some("street"),
        (_, false) => Some("house_number"),
        _ => None,
    };
    match missing {
        Some(field) => Err(no_column(field, Kind::Addresses, headings, &source.name)),
        None => Ok((AddressColumns { at, register }, mapping)),
    }
}

#[cfg(test)]
mod tests;
