//! A first look at a file: what it is and what would be read from it.

use std::ops::ControlFlow;
use std::path::Path;

use serde::Serialize;

use super::error::Error;
use super::field::{Columns, Field, Kind, Mapping};
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
}

/// A first look at the file at `path`, called `name` in messages. Without `kind` it is guessed.
///
/// # Errors
/// The file must be readable as a table with at least one heading.
pub fn preview(path: &Path, name: &str, kind: Option<Kind>) -> Result<Preview, Error> {
    let mut table = Table::open(path, name, &|headings| {
        let kinds = kind.map_or(vec![Kind::Accounts, Kind::Sales], |kind| vec![kind]);
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
        fields: Fields {
            accounts: Kind::Accounts.fields(),
            sales: Kind::Sales.fields(),
        },
        rows,
    })
}

/// The kind whose fields the headings name: completely, else more of them and at least two.
fn guess(headings: &[String]) -> Option<Kind> {
    let [accounts, sales] = [Kind::Accounts, Kind::Sales].map(|kind| {
        let mapping = Mapping::recognise(headings, kind);
        (mapping.is_complete(kind), mapping.0.len())
    });
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
