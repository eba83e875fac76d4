//! `TopoJSON` as it is shipped: arcs that neighbouring shapes share, so that they share borders.
//!
//! Coordinates come out in 1e-7 degree (about 1 cm) as integers `[lon, lat]`. An arc is converted
//! once, whoever uses it, so a border has the same vertices on both of its sides.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::reference;

/// Integer coordinates per degree.
pub const PER_DEGREE: f64 = 1e7;

/// A point `[lon, lat]` in 1e-7 degree.
pub type Point = [i32; 2];

/// The arcs of a path, in order; `!n` is arc `n` walked backwards.
pub type Arcs = Vec<i32>;

/// Shapes by object name and the arcs that they are made of.
#[derive(Debug, Clone)]
pub struct Topology {
    objects: BTreeMap<String, Vec<Shape>>,
    arcs: Vec<Vec<Point>>,
}

/// A shape of a topology. Either `polygons` or `lines` is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// Key of the region; empty where the shape is none.
    pub key: String,
    /// Name, where the topology has one, else empty.
    pub name: String,
    /// Polygons as rings, the outer ring first, holes behind it.
    pub polygons: Vec<Vec<Arcs>>,
    /// Lines.
    pub lines: Vec<Arcs>,
}

/// Why a text is no topology.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The shipped file cannot be read.
    #[error(transparent)]
    Reference(#[from] reference::Error),
    /// The text is not `TopoJSON`, or uses parts of it that are not shipped.
    #[error("not a quantised TopoJSON topology")]
    Json(#[from] serde_json::Error),
    /// An arc leaves the earth.
    #[error("arc {0} leaves -180..=180, -90..=90")]
    Range(usize),
    /// A shape names an arc that is not there.
    #[error("shape {key:?} names arc {arc} of {count}")]
    Arc {
        /// Key of the shape.
        key: String,
        /// The arc it names.
        arc: i32,
        /// How many arcs there are.
        count: usize,
    },
}

impl Topology {
    /// The shipped topology `name`, such as `regions_de_fine` for
    /// `data/files/regions_de_fine.topojson.gz`.
    ///
    /// # Errors
    /// The file must be shipped and be a quantised topology.
    pub fn shipped(name: &str) -> Result<Self, Error> {
        Self::parse(&reference::bytes(&format!("{name}.topojson.gz"))?)
    }

    /// The topology of a quantised `TopoJSON` text (`TopoJSON` 1.0, sections 2.1.2 and 2.1.3).
    ///
    /// # Errors
    /// The text must have a `transform`, arcs within the earth, and shapes of existing arcs.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        let raw: RawTopology = serde_json::from_slice(json)?;
        let arcs = raw
            .arcs
            .iter()
            .enumerate()
            .map(|(index, deltas)| raw.transform.absolute(deltas).ok_or(Error::Range(index)))
            .collect::<Result<Vec<_>, _>>()?;
        let objects: BTreeMap<String, Vec<Shape>> = raw
            .objects
            .into_iter()
            .map(|(name, object)| {
                (
                    name,
                    object.geometries.into_iter().map(Shape::from).collect(),
                )
            })
            .collect();
        for shape in objects.values().flatten() {
            check_arcs(shape, arcs.len())?;
        }
        Ok(Self { objects, arcs })
    }

    /// The shapes of object `name` in the order of the file; empty when there is no such object.
    #[must_use]
    pub fn shapes(&self, name: &str) -> &[Shape] {
        self.objects.get(name).map_or(&[], Vec::as_slice)
    }

    /// The points along `arcs`; the first comes again at the end when the path is a ring.
    #[must_use]
    pub fn points(&self, arcs: &[i32]) -> Vec<Point> {
        let mut points: Vec<Point> = Vec::new();
        for &arc in arcs {
            // An arc starts where the one before it ends.
            points.pop();
            if arc >= 0 {
                points.extend(&self.arcs[index(arc)]);
            } else {
                points.extend(self.arcs[index(arc)].iter().rev());
            }
        }
        points
    }
}

fn index(arc: i32) -> usize {
    (if arc < 0 { !arc } else { arc }).unsigned_abs() as usize
}

fn check_arcs(shape: &Shape, count: usize) -> Result<(), Error> {
    let rings = shape.polygons.iter().flatten();
    match rings
        .chain(&shape.lines)
        .flatten()
        .find(|&&arc| index(arc) >= count)
    {
        None => Ok(()),
        Some(&arc) => Err(Error::Arc {
            key: shape.key.clone(),
            arc,
            count,
        }),
    }
}

/// The grid of a topology may end a rounding error beyond the edge of the world.
const SLACK_DEGREES: f64 = 1e-6;

#[derive(Deserialize)]
struct RawTopology {
    transform: Transform,
    objects: BTreeMap<String, RawObject>,
    arcs: Vec<Vec<[i32; 2]>>,
}

#[derive(Deserialize)]
struct Transform {
    scale: [f64; 2],
    translate: [f64; 2],
}

impl Transform {
    /// The points of an arc whose first point stands whole and the others as steps.
    fn absolute(&self, deltas: &[[i32; 2]]) -> Option<Vec<Point>> {
        let mut at = [0_i64; 2];
        deltas
            .iter()
            .map(|delta| {
                at = [at[0] + i64::from(delta[0]), at[1] + i64::from(delta[1])];
                Some([self.fixed(at, 0, 180.0)?, self.fixed(at, 1, 90.0)?])
            })
            .collect()
    }

    /// One coordinate in 1e-7 degree; `None` outside of `-limit..=limit` degrees.
    fn fixed(&self, at: [i64; 2], axis: usize, limit: f64) -> Option<i32> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "sums of grid steps are far below 2^52"
        )]
        let degrees = at[axis] as f64 * self.scale[axis] + self.translate[axis];
        (degrees.abs() <= limit + SLACK_DEGREES).then(|| fixed(degrees.clamp(-limit, limit)))
    }
}

/// Degrees in -180..=180 as 1e-7 degree, rounded to nearest.
#[must_use]
pub fn fixed(degrees: f64) -> i32 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "180 degrees are 1.8e9, within i32"
    )]
    let fixed = (degrees * PER_DEGREE).round() as i32;
    fixed
}

#[derive(Deserialize)]
struct RawObject {
    geometries: Vec<RawGeometry>,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum RawGeometry {
    Polygon {
        arcs: Vec<Arcs>,
        #[serde(default)]
        properties: Properties,
    },
    MultiPolygon {
        arcs: Vec<Vec<Arcs>>,
        #[serde(default)]
        properties: Properties,
    },
    LineString {
        arcs: Arcs,
        #[serde(default)]
        properties: Properties,
    },
    MultiLineString {
        arcs: Vec<Arcs>,
        #[serde(default)]
        properties: Properties,
    },
}

#[derive(Default, Deserialize)]
struct Properties {
    key: Option<String>,
    name: Option<String>,
}

impl From<RawGeometry> for Shape {
    fn from(raw: RawGeometry) -> Self {
        let (properties, polygons, lines) = match raw {
            RawGeometry::Polygon { arcs, properties } => (properties, vec![arcs], Vec::new()),
            RawGeometry::MultiPolygon { arcs, properties } => (properties, arcs, Vec::new()),
            RawGeometry::LineString { arcs, properties } => (properties, Vec::new(), vec![arcs]),
            RawGeometry::MultiLineString { arcs, properties } => (properties, Vec::new(), arcs),
        };
        Self {
            key: properties.key.unwrap_or_default(),
            name: properties.name.unwrap_or_default(),
            polygons,
            lines,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_SQUARES: &str = r#"{"type":"Topology",
        "transform":{"scale":[0.5,0.5],"translate":[10,50]},
        "objects":{"state":{"type":"GeometryCollection","geometries":[
            {"type":"Polygon","arcs":[[0,1]],"properties":{"key":"01"}},
            {"type":"Polygon","arcs":[[-1,2]],"properties":{"key":"02","name":"Ost"}}]}},
        "arcs":[[[2,0],[0,2]],[[2,2],[-2,0],[0,-2],[2,0]],[[2,0],[2,0],[0,2],[-2,0]]]}"#;

    #[test]
    fn neighbours_walk_their_border_in_opposite_directions() {
        let topology = Topology::parse(TWO_SQUARES.as_bytes()).unwrap();
        let [west, east] = topology.shapes("state") else {
            panic!("two shapes");
        };
        let west = topology.points(&west.polygons[0][0]);
        let east = topology.points(&east.polygons[0][0]);
        assert_eq!(
            west[..2],
            [[110_000_000, 500_000_000], [110_000_000, 510_000_000]]
        );
        assert_eq!(
            east[..2],
            [[110_000_000, 510_000_000], [110_000_000, 500_000_000]]
        );
        assert_eq!(west.first(), west.last());
        assert!(topology.shapes("district").is_empty());
    }

    #[track_caller]
    fn check_refused(from: &str, to: &str, message: &str) {
        let error = Topology::parse(TWO_SQUARES.replace(from, to).as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn broken_topologies_are_refused() {
        check_refused("[-1,2]", "[-1,3]", "shape \"02\" names arc 3 of 3");
        check_refused("[10,50]", "[10,89.5]", "arc 0 leaves -180..=180, -90..=90");
        check_refused("transform", "transfer", "not a quantised TopoJSON topology");
    }
}
