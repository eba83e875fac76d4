//! What every format of regions is read into: features with attributes and rings as they stand
//! in the file, within limits.

use std::collections::HashMap;

use crate::import::error::Error;
use crate::import::{MAX_COLUMNS, MAX_FIELD_CHARS};

/// The most features a file may have; Germany has 11,000 municipalities and 8,200 postal codes.
const MAX_FEATURES: usize = 200_000;
/// The most positions in all rings, 16 bytes each; the German municipalities have 1.3 million at
/// 1 : 250,000, the French ones 10 million in full.
const MAX_POSITIONS: usize = 24_000_000;
/// The most bytes of text in all attributes.
const MAX_TEXT_BYTES: usize = 256 << 20;
/// What a ring and an attribute take beside their content.
const RING_AS_POSITIONS: usize = 2;
const CELL_AS_BYTES: usize = 32;

/// A position as it stands in the file: x or longitude, then y or latitude.
pub(super) type Xy = [f64; 2];

/// A ring as it stands in the file.
pub(super) type Ring = Vec<Xy>;

/// What a feature is on the map.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// Polygons, each its outer ring and then its holes.
    Area(Vec<Vec<Ring>>),
    /// Nothing.
    Nothing,
    /// Something that is no area, such as `a point`.
    Other(&'static str),
    /// What cannot be read, and why.
    Broken(String),
}

/// One feature of a file.
#[derive(Debug)]
pub(super) struct Feature {
    /// Its place in the file, the first is 1.
    pub number: u64,
    /// Column and value of its attributes that are not empty.
    pub cells: Vec<(usize, String)>,
    /// Where it is.
    pub shape: Shape,
}

impl Feature {
    /// The value in `column`, trimmed; empty when there is none.
    pub fn text(&self, column: usize) -> &str {
        let cell = self.cells.iter().find(|(at, _)| *at == column);
        cell.map_or("", |(_, text)| text.trim())
    }
}

/// What a file says of its coordinates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Crs {
    /// Their number in the EPSG registry.
    Epsg(u32),
    /// Something that is not understood, in its own words.
    Unknown(String),
    /// Nothing.
    Unsaid,
}

/// The features of a file.
#[derive(Debug)]
pub(super) struct Layer {
    /// The format in words, such as `GeoJSON`.
    pub format: &'static str,
    /// The names of the attributes, in the order in which they were seen.
    pub headings: Vec<String>,
    /// The features, in the order of the file.
    pub features: Vec<Feature>,
    /// What the coordinates are.
    pub crs: Crs,
    columns: HashMap<String, usize>,
    name: String,
    positions: usize,
    text_bytes: usize,
}

impl Layer {
    /// A layer without features for the file called `name`.
    pub fn new(format: &'static str, name: &str) -> Self {
        Self {
            format,
            headings: Vec::new(),
            features: Vec::new(),
            crs: Crs::Unsaid,
            columns: HashMap::new(),
            name: name.to_owned(),
            positions: 0,
            text_bytes: 0,
        }
    }

    /// The column of `heading`, which is new or known.
    pub fn column(&mut self, heading: &str) -> Result<usize, Error> {
        if let Some(&column) = self.columns.get(heading) {
            return Ok(column);
        }
        let column = self.headings.len();
        if column == MAX_COLUMNS || heading.len() > MAX_FIELD_CHARS {
            return Err(Error::TooWide {
                name: self.name.clone(),
                columns: column + 1,
                limit: MAX_COLUMNS,
            });
        }
        self.headings.push(heading.to_owned());
        self.columns.insert(heading.to_owned(), column);
        Ok(column)
    }

    /// Adds a feature with the values of its columns; empty ones are left out.
    pub fn push(&mut self, mut cells: Vec<(usize, String)>, shape: Shape) -> Result<(), Error> {
        cells.retain(|(_, text)| !text.trim().is_empty());
        let text: usize = cells
            .iter()
            .map(|(_, text)| text.len() + CELL_AS_BYTES)
            .sum();
        let rings = match &shape {
            Shape::Area(polygons) => polygons.iter().flatten(),
            _ => [].iter().flatten(),
        };
        let positions: usize = rings.map(|ring| ring.len() + RING_AS_POSITIONS).sum();
        self.text_bytes += text;
        self.positions += positions;
        let number = self.features.len() + 1;
        self.limit(number, "features", MAX_FEATURES)?;
        self.limit(self.positions, "positions", MAX_POSITIONS)?;
        self.limit(self.text_bytes, "bytes of attributes", MAX_TEXT_BYTES)?;
        self.features.push(Feature {
            number: number as u64,
            cells,
            shape,
        });
        Ok(())
    }

    fn limit(&self, size: usize, unit: &'static str, limit: usize) -> Result<(), Error> {
        if size <= limit {
            return Ok(());
        }
        Err(Error::TooLarge {
            name: self.name.clone(),
            size: size as u64,
            unit,
            limit: limit as u64,
        })
    }
}

/// The error for a file called `name` that is damaged at byte `at`.
pub(super) fn damaged(name: &str, at: usize, detail: impl Into<String>) -> Error {
    Error::Damaged {
        name: name.to_owned(),
        at: at as u64,
        detail: detail.into(),
    }
}
