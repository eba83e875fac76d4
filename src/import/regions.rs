//! Regions of a company's own from the files that map programs write.
//!
//! Read are `GeoJSON`, shapefiles (loose or in a ZIP archive), `GeoPackages`, and KML with its
//! archive KMZ; what a file is is found from its content. A file is read in these steps:
//!
//! 1. its features with attributes and rings, as they stand in it, within limits;
//! 2. which attributes are key, name and parent, by mapping or by known headings;
//! 3. what the coordinates are, and each ring as positions in WGS84, closed and turned.
//!
//! A feature that cannot be taken becomes a remark ([`Reason`]), its line being the number of
//! the feature; an [`Error`] means that the file as a whole is refused. Whether rings cross and
//! regions overlap is seen by `spatial::coverage`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::Path;

pub use self::columns::FIELDS;
pub use self::content::is_map;

use self::area::{Tidied, Unfit, polygons};
use self::columns::Columns;
use self::layer::{Crs, Feature, Layer, Shape};
use super::error::Error;
use super::field::Mapping;
use super::projection::Projection;
use super::reason::Reason;
use super::{MAX_FIELD_CHARS, Source};
use crate::place::RegionKey;
use crate::record::region::OwnRegion;
use crate::record::remark::Remark;

mod area;
mod attributes;
mod columns;
mod content;
mod geojson;
mod geopackage;
mod kml;
mod layer;
mod shapefile;
#[cfg(test)]
mod tests;
mod wkb;
mod wkt;

/// What becomes of a feature whose key an earlier one has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SameKey {
    /// It is refused.
    #[default]
    Refuse,
    /// Its area is added to the region that has the key: of files that hold regions in pieces.
    Join,
}

/// A file of regions, and what it does not say of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionSource {
    /// The file; of its mapping the fields are [`FIELDS`]. A shapefile lies with its `.dbf`,
    /// `.prj` and `.cpg` in one folder, or in one ZIP archive.
    pub source: Source,
    /// Which table of a `GeoPackage` or document of an archive is read; the only one without it.
    pub layer: Option<String>,
    /// EPSG number of coordinates of which the file says nothing.
    pub epsg: Option<u32>,
    /// What becomes of keys that come twice.
    pub same_key: SameKey,
}

/// What a file of regions holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Regions {
    /// The regions that were taken, at most 200,000, in the order of the file.
    pub regions: Vec<OwnRegion>,
    /// The number of the feature that each of them starts with, the first is 1.
    pub numbers: Vec<u64>,
    /// Remarks on features, refused or taken with a doubt.
    pub remarks: Vec<Remark>,
    /// Features of the file.
    pub features: u64,
    /// Features refused; each has exactly one remark that is not `taken`.
    pub rejected: u64,
    /// The mapping by which the file was read.
    pub mapping: Mapping,
    /// The attributes that a mapping may name, in the order of the file.
    pub headings: Vec<String>,
    /// The format in words, such as `GeoJSON`.
    pub format: &'static str,
    /// EPSG number of the coordinates in the file.
    pub epsg: u32,
}

/// Reads a file of regions. Memory grows with the file, up to its limits: 512 MB of file or
/// unpacked archive, 200,000 features, 24 million positions.
///
/// # Errors
/// The file must be whole and of a known format and projection, with an attribute for the key or
/// the name, and a mapping must name fields and attributes that exist.
pub fn regions(source: &RegionSource) -> Result<Regions, Error> {
    let name = &source.source.name;
    let layer = content::layer(source)?;
    if layer.features.is_empty() {
        return Err(Error::Empty { name: name.clone() });
    }
    let columns = Columns::of(&layer.headings, source.source.mapping.as_ref(), name)?;
    let projection = projection(&layer, source)?;
    let mut regions = Regions {
        regions: Vec::new(),
        numbers: Vec::new(),
        remarks: Vec::new(),
        features: layer.features.len() as u64,
        rejected: 0,
        mapping: columns.mapping(&layer.headings),
        headings: layer.headings,
        format: layer.format,
        epsg: projection.epsg,
    };
    let mut seen = HashMap::new();
    for feature in layer.features {
        let number = feature.number;
        let region = region(feature, &columns, &regions.headings, &projection);
        let kept = region.and_then(|(region, tidied)| {
            regions.remarks.extend(tidied.remarks(number, &region));
            regions.keep(region, number, &mut seen, source.same_key)
        });
        if let Err(remark) = kept {
            // Doubts about a refused feature are of no use.
            regions.remarks.retain(|doubt| doubt.line != number);
            regions.remarks.push(remark);
            regions.rejected += 1;
        }
    }
    regions.break_circles(&seen);
    Ok(regions)
}

/// A first look at a file of regions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The format in words, such as `GeoJSON`.
    pub format: &'static str,
    /// The attributes that a mapping may name, in the order of the file.
    pub headings: Vec<String>,
    /// Which of them would be read as which field.
    pub mapping: Mapping,
    /// The attributes of the first features, at most 200, a value per heading.
    pub rows: Vec<Vec<String>>,
}

/// A first look at `layer` of the file at `path`, called `name` in messages; reads it whole.
///
/// # Errors
/// The file must be whole and of a known format.
pub fn look(path: &Path, name: &str, layer: Option<&str>) -> Result<Look, Error> {
    const FEATURES: usize = 200;
    let source = RegionSource {
        source: Source {
            path: path.to_owned(),
            name: name.to_owned(),
            mapping: None,
            currency: None,
        },
        layer: layer.map(str::to_owned),
        epsg: None,
        same_key: SameKey::default(),
    };
    let layer = content::layer(&source)?;
    let columns = Columns::of(&layer.headings, None, name);
    let row = |feature: &Feature| {
        let columns = 0..layer.headings.len();
        columns.map(|at| feature.text(at).to_owned()).collect()
    };
    Ok(Look {
        format: layer.format,
        mapping: columns.map_or_else(
            |_| Mapping::default(),
            |columns| columns.mapping(&layer.headings),
        ),
        rows: layer.features.iter().take(FEATURES).map(row).collect(),
        headings: layer.headings,
    })
}

impl Regions {
    fn keep(
        &mut self,
        region: OwnRegion,
        number: u64,
        seen: &mut HashMap<RegionKey, (usize, u64)>,
        same_key: SameKey,
    ) -> Result<(), Remark> {
        match seen.entry(region.key.clone()) {
            Entry::Vacant(place) => {
                place.insert((self.regions.len(), number));
                self.regions.push(region);
                self.numbers.push(number);
                Ok(())
            }
            Entry::Occupied(place) if same_key == SameKey::Join => {
                let (at, _) = *place.get();
                self.regions[at].polygons.extend(region.polygons);
                Ok(())
            }
            Entry::Occupied(place) => {
                let (_, first) = *place.get();
                let detail = format!("feature {first} has the same key");
                Err(Reason::DuplicateKey.remark(number, "key", region.key.as_str(), detail))
            }
        }
    }

    /// Takes the parent from regions that would lie within themselves.
    fn break_circles(&mut self, seen: &HashMap<RegionKey, (usize, u64)>) {
        let parents: Vec<Option<usize>> = self
            .regions
            .iter()
            .map(|region| Some(seen.get(region.parent.as_ref()?)?.0))
            .collect();
        for at in circles(&parents) {
            let region = &mut self.regions[at];
            let parent = region.parent.take();
            let parent = parent.map_or_else(String::new, |parent| parent.to_string());
            let number = seen.get(&region.key).map_or(0, |(_, number)| *number);
            let detail = format!("{} would lie within itself", region.key);
            self.remarks
                .push(Reason::BadParent.remark(number, "parent", &parent, detail));
        }
    }
}

/// One member of each circle of parents. O(n).
fn circles(parents: &[Option<usize>]) -> Vec<usize> {
    const NEW: usize = usize::MAX;
    let mut walk_of = vec![NEW; parents.len()];
    let mut found = Vec::new();
    for start in 0..parents.len() {
        let mut at = start;
        while walk_of[at] == NEW {
            walk_of[at] = start;
            match parents[at] {
                Some(parent) if walk_of[parent] == start => found.push(at),
                Some(parent) => at = parent,
                None => {}
            }
        }
    }
    found
}

impl Tidied {
    fn remarks(self, number: u64, region: &OwnRegion) -> Vec<Remark> {
        let remark = |count: usize, reason: Reason, what: &str| {
            let detail = format!("{count} of its rings {what}");
            (count > 0).then(|| reason.remark(number, "geometry", region.key.as_str(), detail))
        };
        let closed = remark(
            self.closed,
            Reason::ClosedRing,
            "were not closed, and are now",
        );
        let dropped = remark(
            self.dropped,
            Reason::DroppedRing,
            "enclosed nothing and are left out",
        );
        closed.into_iter().chain(dropped).collect()
    }
}

/// What the coordinates of `layer` are.
fn projection(layer: &Layer, source: &RegionSource) -> Result<Projection, Error> {
    let unknown = |found: String| Error::UnknownProjection {
        name: source.source.name.clone(),
        found,
        known: Projection::known(),
    };
    let epsg = match (layer.crs.clone(), source.epsg) {
        (Crs::Epsg(epsg), _) | (Crs::Unsaid, Some(epsg)) => epsg,
        (Crs::Unknown(found), _) => return Err(unknown(found)),
        (Crs::Unsaid, None) => {
            // Degrees are what RFC 7946 and KML know; a plane is seen by its large numbers.
            let first = layer
                .features
                .iter()
                .find_map(|feature| match &feature.shape {
                    Shape::Area(polygons) => polygons.iter().flatten().flatten().next(),
                    _ => None,
                });
            if first.is_some_and(|[x, y]| x.abs() > 1_000.0 || y.abs() > 1_000.0) {
                return Err(unknown("a plane that it does not name".to_owned()));
            }
            4326
        }
    };
    Projection::coded(epsg).ok_or_else(|| unknown(format!("EPSG:{epsg}")))
}

fn region(
    mut feature: Feature,
    columns: &Columns,
    headings: &[String],
    projection: &Projection,
) -> Result<(OwnRegion, Tidied), Remark> {
    let number = feature.number;
    let key = columns.key(&feature).to_owned();
    let refuse = |reason: Reason, field: &str, value: &str, detail: String| {
        reason.remark(number, field, value, detail)
    };
    if key.is_empty() {
        let detail = "the feature has no key".to_owned();
        return Err(refuse(Reason::MissingKey, "key", "", detail));
    }
    let name = columns.name(&feature).to_owned();
    if name.is_empty() {
        let detail = format!("{key:.60} has no name");
        return Err(refuse(Reason::MissingName, "name", "", detail));
    }
    let parent = columns.parent(&feature);
    let parent = (!parent.is_empty()).then(|| RegionKey::new(parent));
    let long = [("key", key.as_str()), ("name", &name)]
        .into_iter()
        .chain(parent.as_ref().map(|parent| ("parent", parent.as_str())))
        .find(|(_, text)| text.chars().nth(MAX_FIELD_CHARS).is_some());
    if let Some((field, text)) = long {
        let detail = format!("the field has more than {MAX_FIELD_CHARS} signs");
        return Err(refuse(Reason::FieldTooLong, field, text, detail));
    }
    let shape = std::mem::replace(&mut feature.shape, Shape::Nothing);
    let (polygons, tidied) = area(shape, projection)
        .map_err(|(reason, value, detail)| refuse(reason, "geometry", &value, detail))?;
    let region = OwnRegion {
        key: RegionKey::new(key),
        name,
        parent,
        attributes: columns.rest(headings, feature),
        polygons,
    };
    Ok((region, tidied))
}

type Area = (Vec<crate::record::region::Polygon>, Tidied);

/// The polygons of `shape`; else reason, value and detail.
fn area(shape: Shape, projection: &Projection) -> Result<Area, (Reason, String, String)> {
    let rings = match shape {
        Shape::Area(rings) => rings,
        Shape::Nothing => {
            let detail = "the feature has no geometry".to_owned();
            return Err((Reason::MissingGeometry, String::new(), detail));
        }
        Shape::Other(word) => {
            let detail = format!("the feature is {word}; a region needs an area");
            return Err((Reason::NotAnArea, word.to_owned(), detail));
        }
        Shape::Broken(detail) => return Err((Reason::BadGeometry, String::new(), detail)),
    };
    polygons(rings, projection).map_err(|unfit| match unfit {
        Unfit::Coordinate([x, y]) => {
            let detail = format!("there is no such position in EPSG:{}", projection.epsg);
            (Reason::BadCoordinate, format!("{x} {y}"), detail)
        }
        Unfit::Ring(positions) => {
            let detail = format!(
                "none of its rings encloses anything; the longest has {positions} positions"
            );
            (Reason::BadRing, String::new(), detail)
        }
    })
}
