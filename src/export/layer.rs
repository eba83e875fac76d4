//! Answers as layers of a map: one feature a row, with the area of its region or the point of its
//! account. The columns are those of a table; what has no place is a feature without a geometry, so
//! that a sum over the features is whole.
//!
//! | | `GeoJSON` | `GeoPackage` | KML | `FlatGeobuf` | `GeoParquet` |
//! |---|---|---|---|---|---|
//! | by | RFC 7946 | OGC 12-128r18 | OGC 12-007r2 | version 3 | version 1.1 |
//! | areas | multi where there are several | multi | `MultiGeometry` | multi | multi |
//! | money, major units | number | `REAL` | `double` | `Double` | `DECIMAL(38, 2)` for EUR |
//! | day | text | `DATE` | text | `DateTime` | `DATE` |
//! | index | none | R-tree | none | packed R-tree, unless a row has no place | none |
//!
//! Positions are degrees of WGS84, longitude first. Outer rings run counterclockwise, holes
//! clockwise, and neighbours have the same positions along their border.

mod column;
mod flatgeobuf;
mod geojson;
mod geopackage;
mod kml;
mod place;
mod sheet;
mod wkb;

use std::path::Path;

use jiff::Timestamp;

use super::about::About;
use super::table::Table;
use super::{Asked, Error, Format, Look, Source, Writer, parquet, words};
use crate::cube::{self, Axis, CubeLevel, Question};
use crate::reference::CREDITS;

pub(super) use column::{Geometries, NAME as GEOMETRY};
pub use geojson::geometry_text;
pub use place::{Geometry, Place};

use self::place::Ground;
use self::sheet::Sheet;

/// What the features of a layer have in common.
pub(super) struct Layer {
    pub(super) name: String,
    /// What it shows, and whom its areas are from.
    pub(super) about: String,
    pub(super) geometry: Geometry,
    /// The columns of keys and of names, which can be the same.
    pub(super) key: usize,
    pub(super) label: usize,
}

/// Writes the answer as a layer to the empty file at `path`; gives the number of features.
pub(super) fn write(
    source: &Source<'_>,
    asked: Asked<'_>,
    look: Look,
    path: &Path,
) -> Result<u64, Error> {
    let axis = axis_of(asked.question)?;
    let names = words::Names::of(look.language, &source.warehouse.summary().hierarchies);
    let table = Table::of(asked.question, asked.answer, &names);
    let sheet = Sheet::of(&table, axis, &names);
    let about = About::answer(&table, asked.request, &names, Timestamp::now());
    let layer = Layer {
        name: names.level(axis.level),
        about: described(&about, axis),
        geometry: geometry_of(axis),
        key: table.head().saturating_sub(2),
        label: table.head().saturating_sub(1),
    };
    let mut writer: Box<dyn Writer> = match look.format {
        Format::Geojson => Box::new(geojson::Features::start(path, sheet.columns(), &layer)?),
        Format::Gpkg => Box::new(geopackage::Table::start(path, sheet.columns(), layer)?),
        Format::Kml => Box::new(kml::Placemarks::start(path, sheet.columns(), &layer)?),
        Format::Fgb => Box::new(flatgeobuf::Features::start(path, sheet.columns(), &layer)?),
        _ => Box::new(parquet::Table::start_layer(path, sheet.columns())?),
    };
    let ground = Ground { source };
    let rows = asked.answer.rows.len();
    for first in (0..rows).step_by(sheet::SLICE) {
        let slice = first..rows.min(first + sheet::SLICE);
        let accounts = sheet.accounts(source.warehouse, slice.clone())?;
        for row in slice {
            let account = accounts.get(table.key(row, 0));
            let place = ground.place(table.level(row, 0), table.key(row, 0), account);
            writer.row(&sheet.row(row, account), place.as_ref())?;
        }
    }
    writer.finish(&about)?;
    Ok(u64::try_from(rows).unwrap_or(u64::MAX))
}

/// The one axis of a question that a map can show.
///
/// # Errors
/// It says what else the question has.
pub(super) fn axis_of(question: &Question) -> Result<&Axis, cube::Error> {
    let refused = |what: String| {
        Err(cube::Error::Combination(format!(
            "a map has one feature a row: {what}; ask for one level of regions such as \
             \"region.district\", or for \"account.account\", in the rows"
        )))
    };
    match &question.axes[..] {
        [] => refused("this question has no rows".to_owned()),
        [axis] => match axis.levels().into_iter().find(|level| !has_place(*level)) {
            None => Ok(axis),
            Some(level) => refused(format!("\"{}\" has no place on it", level.id())),
        },
        axes => {
            let levels: Vec<&str> = axes.iter().map(|axis| axis.level.id()).collect();
            let levels = levels.join("\" and \"");
            refused(format!("this question has the levels \"{levels}\""))
        }
    }
}

/// Whether the members of a level are somewhere.
fn has_place(level: CubeLevel) -> bool {
    match level {
        CubeLevel::Region(_)
        | CubeLevel::PostalDigits(_)
        | CubeLevel::Nuts(_)
        | CubeLevel::Hexagon(_)
        | CubeLevel::Own(_)
        | CubeLevel::Account => true,
        CubeLevel::Time(_)
        | CubeLevel::Category
        | CubeLevel::Product
        | CubeLevel::Stage
        | CubeLevel::Industry
        | CubeLevel::AbcClass
        | CubeLevel::Rep
        | CubeLevel::Currency => false,
    }
}

fn geometry_of(axis: &Axis) -> Geometry {
    let levels = axis.levels();
    let points = levels.iter().filter(|level| **level == CubeLevel::Account);
    match points.count() {
        0 => Geometry::Areas,
        count if count == levels.len() => Geometry::Points,
        _ => Geometry::Both,
    }
}

/// What the file holds in lines, with the credits of the areas that are shipped.
fn described(about: &About, axis: &Axis) -> String {
    let line = |(name, value): (&str, String)| format!("{name}: {value}");
    let mut lines: Vec<String> = about.texts().map(line).collect();
    let is_shipped = |level: &CubeLevel| {
        matches!(
            level,
            CubeLevel::Region(_) | CubeLevel::PostalDigits(_) | CubeLevel::Nuts(_)
        )
    };
    if axis.levels().iter().any(is_shipped) {
        lines.push(CREDITS.join(" · "));
    }
    lines.join("\n")
}
