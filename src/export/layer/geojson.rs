//! `GeoJSON` (RFC 7946): one feature a line, its `id` being the key.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use super::place::Place;
use super::{Error, Layer, Writer};
use crate::export::about::About;
use crate::export::value::{Column, Kind, Value, fixed_text};
use crate::place::LonLat;
use crate::record::region::Polygon;

/// The file in the making.
pub(in crate::export) struct Features {
    file: BufWriter<File>,
    columns: Vec<Column>,
    /// The column of keys.
    key: usize,
    is_first: bool,
}

impl Features {
    pub(super) fn start(path: &Path, columns: &[Column], layer: &Layer) -> Result<Self, Error> {
        let mut file = BufWriter::new(File::create(path)?);
        let (name, about) = (quoted(&layer.name), quoted(&layer.about));
        write!(
            file,
            "{{\"type\":\"FeatureCollection\",\"name\":{name},\"description\":{about},\
             \"features\":["
        )?;
        Ok(Self {
            file,
            columns: columns.to_vec(),
            key: layer.key,
            is_first: true,
        })
    }
}

impl Writer for Features {
    fn row(&mut self, row: &[Value], place: Option<&Place>) -> Result<(), Error> {
        let mut text = String::new();
        let separator = if std::mem::take(&mut self.is_first) {
            "\n"
        } else {
            ",\n"
        };
        text.push_str(separator);
        text.push_str("{\"type\":\"Feature\",");
        if let Some(Value::Text(key)) = row.get(self.key) {
            // Writing to a text does not fail, here and below.
            let _ = write!(text, "\"id\":{},", quoted(key));
        }
        text.push_str("\"geometry\":");
        put_place(&mut text, place);
        text.push_str(",\"properties\":{");
        for (index, (column, value)) in self.columns.iter().zip(row).enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let _ = write!(text, "{comma}{}:", quoted(&column.heading));
            put_value(&mut text, value, column.kind);
        }
        text.push_str("}}");
        Ok(self.file.write_all(text.as_bytes())?)
    }

    fn finish(mut self: Box<Self>, _about: &About) -> Result<(), Error> {
        self.file.write_all(b"\n]}\n")?;
        Ok(self.file.flush()?)
    }
}

/// The geometry of a place as `GeoJSON`; `null` without one.
#[must_use]
pub fn geometry_text(place: Option<&Place>) -> String {
    let mut text = String::new();
    put_place(&mut text, place);
    text
}

/// Writes a value as JSON: money and quantities to the last place, days by ISO 8601.
fn put_value(text: &mut String, value: &Value, kind: Kind) {
    match value {
        Value::Text(value) => text.push_str(&quoted(value)),
        Value::Day(day) => text.push_str(&quoted(&day.to_string())),
        Value::Count(count) => {
            let _ = write!(text, "{count}");
        }
        Value::Fixed(value, digits) => {
            text.push_str(&fixed_text(*value, *digits, '.', kind == Kind::Quantity));
        }
        Value::Number(number) if number.is_finite() => {
            let _ = write!(text, "{number}");
        }
        Value::Number(_) | Value::None => text.push_str("null"),
    }
}

/// Writes a geometry; `null` for no place.
fn put_place(text: &mut String, place: Option<&Place>) {
    match place {
        None => text.push_str("null"),
        Some(Place::Point(at)) => {
            text.push_str("{\"type\":\"Point\",\"coordinates\":");
            put_position(text, *at);
            text.push('}');
        }
        Some(Place::Area(polygons)) if polygons.len() == 1 => {
            text.push_str("{\"type\":\"Polygon\",\"coordinates\":");
            put_polygon(text, &polygons[0]);
            text.push('}');
        }
        Some(Place::Area(polygons)) => {
            text.push_str("{\"type\":\"MultiPolygon\",\"coordinates\":");
            put_list(text, polygons.iter(), put_polygon);
            text.push('}');
        }
    }
}

fn put_polygon(text: &mut String, polygon: &Polygon) {
    put_list(text, polygon.rings(), |text, ring| {
        put_list(text, ring.iter(), |text, at| put_position(text, *at));
    });
}

fn put_position(text: &mut String, at: LonLat) {
    let _ = write!(text, "[{},{}]", at.lon(), at.lat());
}

fn put_list<T>(text: &mut String, items: impl Iterator<Item = T>, put: impl Fn(&mut String, T)) {
    text.push('[');
    for (index, item) in items.enumerate() {
        if index > 0 {
            text.push(',');
        }
        put(text, item);
    }
    text.push(']');
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
