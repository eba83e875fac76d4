//! A first look at a file: what it is and what would be read from it.

use std::ops::ControlFlow;
use std::path::Path;

use serde::Serialize;

use super::error::Error;
use super::field::{Columns, Field, Kind, Mapping};
use super::osm::Packing;
use super::rates::is_rates;
use super::regions;
use super::style::Styles;
use super::table::Table;

const ROWS: usize = 10;
const SAMPLES: usize = 3;
/// Rows in which samples of a column are sought.
const SAMPLE_ROWS: usize = 200;
/// The most signs of a cell that are shown.
const MAX_SIGNS: usize = 200;

/// A first look at a file, as the browser and the command line show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// Name of the file.
    pub name: String,
    /// Size of the file.
    pub size_bytes: u64,
    /// What its rows are, told or guessed; `None` when its headings say nothing.
    pub kind: Option<Kind>,
    /// Its format in words, such as `CSV; delimiter ';', Windows-1252`.
    pub format: String,
    /// Its columns from left to right, with the fields of `kind`.
    pub columns: Vec<Column>,
    /// The fields that columns can be taken for.
    pub fields: Fields,
    /// The first ten rows below the headings.
    pub rows: Vec<Vec<String>>,
}

/// A column of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its heading.
    pub heading: String,
    /// The field that it was recognised as.
    pub field: Option<String>,
    /// Up to three different values.
    pub samples: Vec<String>,
}

/// The fields of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Fields {
    /// Fields of accounts.
    pub accounts: &'static [Field],
    /// Fields of sales.
    pub sales: &'static [Field],
    /// Fields of addresses.
    pub addresses: &'static [Field],
    /// Fields of regions.
    pub regions: &'static [Field],
    /// Fields of exchange rates.
    pub rates: &'static [Field],
}

impl Fields {
    fn all() -> Self {
        Self {
            accounts: Kind::Accounts.fields(),
            sales: Kind::Sales.fields(),
            addresses: Kind::Addresses.fields(),
            regions: Kind::Regions.fields(),
            rates: Kind::Rates.fields(),
        }
    }
}

/// A first look at the file at `path`, called `name` in messages. Without `kind` it is guessed.
///
/// # Errors
/// The file must be readable as a table with at least one heading, or as a map.
pub fn preview(path: &Path, name: &str, kind: Option<Kind>) -> Result<Preview, Error> {
    let is_map = kind.is_none() && regions::is_map(path, name)?;
    if is_map || kind == Some(Kind::Regions) {
        return preview_regions(path, name, None);
    }
    if let (None | Some(Kind::Addresses), Some((format, size_bytes))) =
        (kind, map_file(path, name)?)
    {
        return Ok(Preview {
            name: name.to_owned(),
            size_bytes,
            kind: Some(Kind::Addresses),
            format: format.to_owned(),
            columns: Vec::new(),
            fields: Fields::all(),
            rows: Vec::new(),
        });
    }
    let mut table = Table::open(path, name, &|headings| {
        let kinds = kind.map_or(Kind::TABLES.to_vec(), |kind| vec![kind]);
        let mut kinds = kinds.into_iter();
        kinds.any(|kind| Mapping::recognise(headings, kind).is_complete(kind))
    })?;
    let kind = kind.or_else(|| guess(&table.headings));
    let mapping = kind.map(|kind| Mapping::recognise(&table.headings, kind));
    let mut columns: Vec<Column> = Vec::new();
    let mut taken = Vec::new();
    for heading in &table.headings {
        let field = mapping.iter().flat_map(|mapping| &mapping.0);
        let field = field
            .filter(|(field, from)| *from == heading && !taken.contains(*field))
            .map(|(field, _)| field.clone())
            .next();
        taken.extend(field.clone());
        columns.push(Column {
            heading: heading.clone(),
            field,
            samples: Vec::new(),
        });
    }
    let mut rows = Vec::new();
    let mut seen = 0;
    table.each_row(&mut |row| {
        for (index, column) in columns.iter_mut().enumerate() {
            let text = shown(row.cell(index).text);
            if column.samples.len() < SAMPLES && !text.is_empty() && !column.samples.contains(&text)
            {
                column.samples.push(text);
            }
        }
        if rows.len() < ROWS {
            let cells = (0..columns.len()).map(|index| shown(row.cell(index).text));
            rows.push(cells.collect());
        }
        seen += 1;
        if seen == SAMPLE_ROWS {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    Ok(Preview {
        name: name.to_owned(),
        size_bytes: table.size_bytes,
        kind,
        format: format(&mut table, kind, mapping)?,
        columns,
        fields: Fields::all(),
        rows,
    })
}

/// A first look at the regions of `layer`, the only one without it, of the file at `path`, called
/// `name` in messages. Reads the whole file.
///
/// # Errors
/// The file must be a whole map of a known format.
pub fn preview_regions(path: &Path, name: &str, layer: Option<&str>) -> Result<Preview, Error> {
    let (_, size_bytes) = super::open_file(path, name)?;
    let look = regions::look(path, name, layer)?;
    let column = |(at, heading): (usize, &String)| {
        let field = look.mapping.0.iter().find(|(_, from)| *from == heading);
        let mut samples = Vec::new();
        for row in look.rows.iter().take(SAMPLE_ROWS) {
            let text = shown(&row[at]);
            if samples.len() < SAMPLES && !text.is_empty() && !samples.contains(&text) {
                samples.push(text);
            }
        }
        Column {
            heading: heading.clone(),
            field: field.map(|(field, _)| field.clone()),
            samples,
        }
    };
    let first = look.rows.iter().take(ROWS);
    Ok(Preview {
        name: name.to_owned(),
        size_bytes,
        kind: Some(Kind::Regions),
        format: look.format.to_owned(),
        columns: look.headings.iter().enumerate().map(column).collect(),
        fields: Fields::all(),
        rows: first
            .map(|row| row.iter().map(|text| shown(text)).collect())
            .collect(),
    })
}

/// The format and size of a map of streets and houses; `None` for any other file.
fn map_file(path: &Path, name: &str) -> Result<Option<(&'static str, u64)>, Error> {
    let (mut file, size) = super::open_file(path, name)?;
    let start = super::beginning(&mut file, name)?;
    Ok(Packing::of(&start).map(|packing| (packing.name(), size)))
}

/// The kind whose fields the headings name: completely, else more of them and at least two.
fn guess(headings: &[String]) -> Option<Kind> {
    if is_rates(headings) {
        return Some(Kind::Rates);
    }
    let [accounts, sales, addresses] = [Kind::Accounts, Kind::Sales, Kind::Addresses].map(|kind| {
        let mapping = Mapping::recognise(headings, kind);
        let is_complete = mapping.is_complete(kind);
        // A house number is what tells a list of houses from other things on the earth.
        let is_list = kind != Kind::Addresses || mapping.0.contains_key("house_number");
        (is_complete && is_list, mapping.0.len())
    });
    if addresses.0 && !accounts.0 && !sales.0 {
        return Some(Kind::Addresses);
    }
    match (accounts, sales) {
        ((_, 0 | 1), (false, 0 | 1)) => None,
        (accounts, sales) if sales >= accounts => Some(Kind::Sales),
        _ => Some(Kind::Accounts),
    }
}

/// The format, with the order of days and months where it is the unusual one.
fn format(
    table: &mut Table,
    kind: Option<Kind>,
    mapping: Option<Mapping>,
) -> Result<String, Error> {
    let mut format = table.format();
    if let (Some(Kind::Sales), Some(mapping)) = (kind, mapping)
        && let Ok(columns) = Columns::of(&mapping, Kind::Sales, &table.headings, &table.name)
        && Styles::of(table, &columns)?.date.month_first
    {
        format.push_str(", month before day");
    }
    Ok(format)
}

fn shown(text: &str) -> String {
    text.chars().take(MAX_SIGNS).collect()
}
