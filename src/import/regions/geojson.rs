//! `GeoJSON` (RFC 7946), and its `crs` member of 2008 (section 3 of the old specification).
//!
//! The features are cut out of the text first and then read one by one, so that one that is
//! broken does not harm the others and memory is bounded by the largest.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::layer::{Crs, Layer, Ring, Shape, Xy, damaged};
use crate::import::error::Error;

/// The most features in the list, before any is read.
const MAX_LISTED: usize = 1_000_000;
/// The most bytes of one geometry.
const MAX_GEOMETRY_BYTES: usize = 128 << 20;
/// The most bytes of the attributes of one feature.
const MAX_PROPERTIES_BYTES: usize = 1 << 20;
/// The deepest that collections of geometries may stand in each other.
const MAX_DEPTH: usize = 8;

/// The features of the text of the file called `name`.
pub(super) fn read(text: &str, name: &str) -> Result<Layer, Error> {
    let document: Document<'_> = serde_json::from_str(text)
        .map_err(|error| damaged(name, byte_of(text, &error), error.to_string()))?;
    let single;
    let features = match (document.kind.as_deref(), document.features) {
        (Some("FeatureCollection"), Some(features)) => features.0,
        (Some("Feature"), _) => {
            single = serde_json::from_str::<&RawValue>(text);
            single.into_iter().collect()
        }
        (Some("Topology"), _) => return Err(other(name, "TopoJSON")),
        _ => return Err(other(name, "JSON without features")),
    };
    let mut layer = Layer::new("GeoJSON", name);
    layer.crs = document.crs.map_or(Crs::Unsaid, |crs| crs_of(crs.get()));
    for feature in features {
        push(&mut layer, feature.get())?;
    }
    Ok(layer)
}

fn other(name: &str, found: &'static str) -> Error {
    Error::NotRegions {
        name: name.to_owned(),
        found,
    }
}

/// Where in `text` the error is.
fn byte_of(text: &str, error: &serde_json::Error) -> usize {
    let before = text.split_inclusive('\n').take(error.line().max(1) - 1);
    let start: usize = before.map(str::len).sum();
    (start + error.column().max(1) - 1).min(text.len())
}

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(rename = "type", borrow)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    crs: Option<&'a RawValue>,
    #[serde(borrow)]
    features: Option<Capped<&'a RawValue>>,
}

/// A list of at most [`MAX_LISTED`].
struct Capped<T>(Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Capped<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(CappedVisitor(PhantomData))
    }
}

struct CappedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for CappedVisitor<T> {
    type Value = Capped<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {MAX_LISTED}")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            if items.len() == MAX_LISTED {
                return Err(serde::de::Error::invalid_length(MAX_LISTED + 1, &self));
            }
            items.push(item);
        }
        Ok(Capped(items))
    }
}

/// What the `crs` member says.
fn crs_of(crs: &str) -> Crs {
    const MAX_BYTES: usize = 4_096;
    let unknown = || Crs::Unknown(crs.chars().take(200).collect());
    let value = match serde_json::from_str::<Value>(crs.get(..MAX_BYTES).unwrap_or(crs)) {
        Ok(Value::Null) => return Crs::Unsaid,
        Ok(value) => value,
        Err(_) => return unknown(),
    };
    let properties = &value["properties"];
    if let Some(code) = properties["code"].as_u64() {
        return u32::try_from(code).map_or_else(|_| unknown(), Crs::Epsg);
    }
    let Some(name) = properties["name"].as_str() else {
        return unknown();
    };
    if name.ends_with("CRS84") || name.ends_with("CRS83") {
        return Crs::Epsg(4326);
    }
    // `urn:ogc:def:crs:EPSG::25832`, `EPSG:25832` or `http://www.opengis.net/def/crs/EPSG/0/25832`.
    let code = name.rsplit([':', '/']).next().unwrap_or_default();
    match code.parse() {
        Ok(code) if name.to_uppercase().contains("EPSG") => Crs::Epsg(code),
        _ => Crs::Unknown(name.chars().take(200).collect()),
    }
}

#[derive(Deserialize)]
struct RawFeature<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    properties: Option<&'a RawValue>,
    #[serde(borrow)]
    geometry: Option<&'a RawValue>,
}

fn push(layer: &mut Layer, feature: &str) -> Result<(), Error> {
    let raw: RawFeature<'_> = match serde_json::from_str(feature) {
        Ok(raw) => raw,
        Err(error) => {
            let detail = format!("the feature is not GeoJSON: {error}");
            return layer.push(Vec::new(), Shape::Broken(detail));
        }
    };
    let properties = raw.properties.map_or("null", RawValue::get);
    let properties: Value = if properties.len() > MAX_PROPERTIES_BYTES {
        Value::Null
    } else {
        serde_json::from_str(properties).unwrap_or_default()
    };
    let mut cells = Vec::new();
    if let Value::Object(properties) = properties {
        for (heading, value) in properties {
            cells.push((layer.column(&heading)?, text_of(value)));
        }
    }
    let id = raw.id.map(RawValue::get).filter(|id| id.len() < 256);
    if let Some(id) = id.and_then(|id| serde_json::from_str(id).ok()) {
        let column = layer.column("id")?;
        if cells.iter().all(|(at, _)| *at != column) {
            cells.push((column, text_of(id)));
        }
    }
    let shape = raw.geometry.map_or(Shape::Nothing, |geometry| {
        shape_of(geometry.get(), MAX_DEPTH)
    });
    layer.push(cells, shape)
}

fn text_of(value: Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text,
        Value::Number(number) => {
            let text = number.to_string();
            text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
        }
        value => value.to_string(),
    }
}

#[derive(Deserialize)]
struct RawGeometry<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    coordinates: Option<&'a RawValue>,
    #[serde(borrow)]
    geometries: Option<Capped<&'a RawValue>>,
}

fn shape_of(geometry: &str, depth: usize) -> Shape {
    if geometry == "null" {
        return Shape::Nothing;
    }
    if geometry.len() > MAX_GEOMETRY_BYTES || depth == 0 {
        return Shape::Broken(format!(
            "the geometry has {} bytes, of which at most {MAX_GEOMETRY_BYTES} are read, or collections too deep in each other",
            geometry.len()
        ));
    }
    let raw: RawGeometry<'_> = match serde_json::from_str(geometry) {
        Ok(raw) => raw,
        Err(error) => return Shape::Broken(format!("the geometry is not GeoJSON: {error}")),
    };
    let coordinates = raw.coordinates.map_or("null", RawValue::get);
    let polygons = match &*raw.kind {
        "Polygon" => {
            serde_json::from_str::<Option<Rings>>(coordinates).map(|one| one.map(|one| vec![one]))
        }
        "MultiPolygon" => serde_json::from_str(coordinates),
        "GeometryCollection" => {
            return collection(raw.geometries.map_or(Vec::new(), |list| list.0), depth);
        }
        "Point" | "MultiPoint" => return Shape::Other("a point"),
        "LineString" | "MultiLineString" => return Shape::Other("a line"),
        kind => return Shape::Broken(format!("there is no geometry of the kind {kind:.40}")),
    };
    match polygons {
        Ok(polygons) => area_of(polygons.unwrap_or_default()),
        Err(error) => Shape::Broken(format!("the coordinates cannot be read: {error}")),
    }
}

type Rings = Vec<Vec<Position>>;

fn area_of(polygons: Vec<Rings>) -> Shape {
    let ring = |ring: Vec<Position>| ring.into_iter().map(|position| position.0).collect();
    let polygons: Vec<Vec<Ring>> = polygons
        .into_iter()
        .filter(|rings| rings.iter().any(|ring| !ring.is_empty()))
        .map(|rings| rings.into_iter().map(ring).collect())
        .collect();
    if polygons.is_empty() {
        Shape::Nothing
    } else {
        Shape::Area(polygons)
    }
}

fn collection(geometries: Vec<&RawValue>, depth: usize) -> Shape {
    let mut areas = Vec::new();
    let mut last = Shape::Nothing;
    for geometry in geometries {
        match shape_of(geometry.get(), depth - 1) {
            Shape::Area(polygons) => areas.extend(polygons),
            broken @ Shape::Broken(_) => return broken,
            other => last = other,
        }
    }
    if areas.is_empty() {
        last
    } else {
        Shape::Area(areas)
    }
}

/// Two numbers, and others that are left out.
struct Position(Xy);

impl<'de> Deserialize<'de> for Position {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(PositionVisitor)
    }
}

struct PositionVisitor;

impl<'de> Visitor<'de> for PositionVisitor {
    type Value = Position;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a position of two or more numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Position, A::Error> {
        let mut next = |count| {
            let number: Option<f64> = list.next_element()?;
            number.ok_or_else(|| serde::de::Error::invalid_length(count, &self))
        };
        let position = [next(0)?, next(1)?];
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Position(position))
    }
}
