//! Regions, lakes, rivers and borders as tiles.

use fast_mvt::{MvtCoord, MvtGeomType, MvtLayerBuilder};

use crate::place::LonLat;
use crate::record::region::{OwnRegion, Polygon};
use crate::spatial::topology::{PER_DEGREE, Topology};
use crate::tile::anchor::anchor;
use crate::tile::clip::{self, Point, Rectangle};
use crate::tile::thin::least_zooms;
use crate::tile::world::{Frame, project, project_degrees, unproject};
use crate::tile::{BUFFER, EXTENT, Error, TileId};

/// The shapes of one layer, projected once: at one detail, or thinned for each zoom.
///
/// A tile of them is made in these steps:
/// 1. parts whose box does not touch the tile with its buffer are left out;
/// 2. vertices that are drawn at the zoom are rounded to tile units, and repeated ones are left out;
/// 3. rings and lines are cut to the tile with its buffer and tidied;
/// 4. rings without area are dropped with their holes; a shape that would vanish for that is
///    one unit square;
/// 5. rings are wound and encoded as MVT 2.1 asks for.
#[derive(Debug)]
pub struct Shapes {
    shapes: Vec<Shape>,
    /// The parts of all shapes, in their order.
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Shape {
    properties: Vec<(&'static str, String)>,
    /// Index of its largest part.
    main: usize,
}

/// A polygon with its holes, or a line.
#[derive(Debug)]
struct Part {
    shape: usize,
    /// West, north, east, south in the world.
    edges: [u32; 4],
    is_line: bool,
    paths: Vec<Outline>,
}

/// A ring, open, or a line in the world.
#[derive(Debug)]
struct Outline {
    points: Vec<[u32; 2]>,
    /// The least zoom of each point; empty when every zoom draws all of them.
    zooms: Vec<u8>,
}

/// A ring or line in tile units.
struct Path {
    points: Vec<Point>,
    is_outer: bool,
}

impl Shapes {
    /// The shapes of `object` of all `topologies`, with the properties that `properties` gives to a
    /// key and a name. Empty values are left out.
    #[must_use]
    pub fn new(
        topologies: &[Topology],
        object: &str,
        properties: impl Fn(&str, &str) -> Vec<(&'static str, String)>,
    ) -> Self {
        let mut shapes = Self {
            shapes: Vec::new(),
            parts: Vec::new(),
        };
        let all = topologies.iter().flat_map(|topology| {
            let own = topology.shapes(object).iter();
            own.map(move |shape| (topology, shape))
        });
        for (index, (topology, shape)) in all.enumerate() {
            let polygons = shape.polygons.iter().map(|rings| (rings.as_slice(), false));
            let lines = shape
                .lines
                .iter()
                .map(|line| (std::slice::from_ref(line), true));
            let first = shapes.parts.len();
            for (arcs, is_line) in polygons.chain(lines) {
                let whole = |arcs: &Vec<i32>| Outline {
                    points: path(topology, arcs),
                    zooms: Vec::new(),
                };
                let paths = arcs.iter().map(whole).collect();
                shapes.parts.push(Part::new(index, is_line, paths));
            }
            let mut properties = properties(&shape.key, &shape.name);
            properties.retain(|(_, value)| !value.is_empty());
            shapes.close(properties, first);
        }
        shapes
    }

    /// The shapes of own regions, later ones above earlier ones, with the properties `key` and
    /// `name`. Nobody has drawn them for each detail before, so each zoom draws what can be seen of them (see
    /// [`least_zooms`]). O(n log n); 9 bytes a position.
    #[must_use]
    pub fn of_regions(regions: &[&OwnRegion]) -> Self {
        let rings = regions.iter().flat_map(|region| &region.polygons);
        let rings: Vec<_> = rings.flat_map(Polygon::rings).map(projected).collect();
        let zooms = least_zooms(&rings);
        let mut outlines = rings
            .into_iter()
            .zip(zooms)
            .map(|(points, zooms)| Outline { points, zooms });
        let mut shapes = Self {
            shapes: Vec::with_capacity(regions.len()),
            parts: Vec::new(),
        };
        for (index, region) in regions.iter().enumerate() {
            let first = shapes.parts.len();
            for polygon in &region.polygons {
                let paths = outlines.by_ref().take(polygon.rings().count()).collect();
                shapes.parts.push(Part::new(index, false, paths));
            }
            let key = ("key", region.key.to_string());
            shapes.close(vec![key, ("name", region.name.clone())], first);
        }
        shapes
    }

    /// Ends a shape whose parts begin with `first`.
    fn close(&mut self, properties: Vec<(&'static str, String)>, first: usize) {
        let parts = self.parts.iter().enumerate().skip(first);
        let main = parts
            .max_by_key(|(_, part)| part.size())
            .map_or(first, |(index, _)| index);
        self.shapes.push(Shape { properties, main });
    }

    /// How many shapes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shapes.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shapes.is_empty()
    }

    /// The key of each shape that is an area, with a point inside its largest part. O(n log n).
    pub fn anchors(&self) -> impl Iterator<Item = (&str, LonLat)> {
        self.shapes.iter().filter_map(|shape| {
            let (_, key) = shape.properties.iter().find(|(name, _)| *name == "key")?;
            let part = self.parts.get(shape.main).filter(|part| !part.is_line)?;
            let inside = anchor(part.paths.iter().map(|path| path.points.as_slice()))?;
            Some((key.as_str(), unproject(inside)))
        })
    }

    /// The MVT layer `name` of `tile`; `None` when no shape touches the tile.
    ///
    /// # Errors
    /// The encoder must take the features, which it does for up to 2^29 points.
    pub fn encode(&self, name: &str, tile: TileId) -> Result<Option<Vec<u8>>, Error> {
        let frame = Frame::of(tile);
        let edges = frame.edges(BUFFER);
        let mut layer = MvtLayerBuilder::new(name)?;
        let mut scratch = Vec::new();
        // The parts of a shape stand side by side.
        for parts in self.parts.chunk_by(|a, b| a.shape == b.shape) {
            let mut paths = Vec::new();
            for part in parts.iter().filter(|part| part.touches(edges)) {
                part.draw(&frame, &mut scratch, &mut paths);
            }
            let shape = &self.shapes[parts[0].shape];
            if paths.is_empty() {
                paths.extend(self.speck(shape, &frame));
            }
            if !paths.is_empty() {
                layer = add(layer, shape, parts[0].is_line, paths)?;
            }
        }
        let is_empty = layer.num_features() == 0;
        Ok((!is_empty).then(|| layer.encode()))
    }

    /// One unit square for a polygon all of which is too small for the zoom, in the one tile that
    /// has its middle.
    fn speck(&self, shape: &Shape, frame: &Frame) -> Option<Path> {
        let part = self.parts.get(shape.main)?;
        let [west, north, east, south] = part.edges;
        let middle = frame.point([west.midpoint(east), north.midpoint(south)]);
        let is_here = middle.iter().all(|n| (0..EXTENT).contains(n));
        if part.is_line || !is_here {
            return None;
        }
        let [x, y] = middle;
        Some(Path {
            points: vec![[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1]],
            is_outer: true,
        })
    }
}

impl Part {
    fn new(shape: usize, is_line: bool, paths: Vec<Outline>) -> Self {
        let none = [u32::MAX, u32::MAX, 0, 0];
        let points = paths.iter().flat_map(|path| &path.points);
        let edges = points.fold(none, |edges, &[x, y]| {
            [
                edges[0].min(x),
                edges[1].min(y),
                edges[2].max(x),
                edges[3].max(y),
            ]
        });
        Self {
            shape,
            edges,
            is_line,
            paths,
        }
    }

    /// Area of its box.
    fn size(&self) -> u64 {
        let [west, north, east, south] = self.edges.map(u64::from);
        east.saturating_sub(west) * south.saturating_sub(north)
    }

    fn touches(&self, [west, north, east, south]: [i64; 4]) -> bool {
        let own = self.edges.map(i64::from);
        own[0] <= east && own[2] >= west && own[1] <= south && own[3] >= north
    }

    /// Adds what the tile shows of the part to `paths`; `scratch` is any list.
    fn draw(&self, frame: &Frame, scratch: &mut Vec<Point>, paths: &mut Vec<Path>) {
        const TO: Rectangle = Rectangle {
            min: -BUFFER,
            max: EXTENT + BUFFER,
        };
        for (index, path) in self.paths.iter().enumerate() {
            scratch.clear();
            scratch.extend(path.at(frame.zoom()).map(|at| frame.vertex(at)));
            scratch.dedup();
            if self.is_line {
                paths.extend(clip::line(scratch, TO).into_iter().map(|points| Path {
                    points,
                    is_outer: true,
                }));
                continue;
            }
            clip::ring(scratch, TO);
            clip::tidy(scratch);
            let is_outer = index == 0;
            if clip::area_2(scratch) != 0 {
                paths.push(Path {
                    points: scratch.clone(),
                    is_outer,
                });
            } else if is_outer {
                return;
            }
        }
    }
}

impl Outline {
    /// The points that are drawn at `zoom`.
    fn at(&self, zoom: u8) -> impl Iterator<Item = [u32; 2]> {
        let points = self.points.iter().enumerate();
        let is_drawn = move |at: usize| self.zooms.get(at).is_none_or(|least| *least <= zoom);
        points
            .filter(move |(at, _)| is_drawn(*at))
            .map(|(_, point)| *point)
    }
}

/// A closed ring in the world, where it is open.
fn projected(ring: &[LonLat]) -> Vec<[u32; 2]> {
    let mut points: Vec<_> = ring.iter().map(|at| project(*at)).collect();
    points.dedup();
    if points.len() > 1 && points.first() == points.last() {
        points.pop();
    }
    points
}

fn path(topology: &Topology, arcs: &[i32]) -> Vec<[u32; 2]> {
    let mut points: Vec<_> = topology
        .points(arcs)
        .into_iter()
        .map(|point| point.map(|n| f64::from(n) / PER_DEGREE))
        .map(|[lon, lat]| project_degrees(lon, lat))
        .collect();
    if points.len() > 1 && points.first() == points.last() {
        points.pop();
    }
    points
}

fn add(
    layer: MvtLayerBuilder,
    shape: &Shape,
    is_line: bool,
    paths: Vec<Path>,
) -> Result<MvtLayerBuilder, Error> {
    let kind = if is_line {
        MvtGeomType::LineString
    } else {
        MvtGeomType::Polygon
    };
    let mut feature = layer.feature_of(kind);
    for path in paths {
        let points = path.points.into_iter().map(coord);
        if is_line {
            feature.line(points)?;
        } else {
            feature.ring(points, path.is_outer)?;
        }
    }
    for (key, value) in &shape.properties {
        feature.tag_ref(key, fast_mvt::MvtValueRef::String(value))?;
    }
    Ok(feature.end())
}

/// A point of a tile as the encoder takes it.
pub(super) fn coord(point: Point) -> MvtCoord {
    let [x, y] = point.map(|n| i32::try_from(n).expect("points of a tile are within its buffer"));
    MvtCoord { x, y }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tile::tests::{area_2, decode, property, pyramid, rings};

    /// A country from 8° to 12° and 48° to 52° with a hole of 2° in its middle; a second country
    /// in the hole; an islet of 0.01°; and a river from west to east through all of them.
    const TOPOLOGY: &str = r#"{"type":"Topology",
        "transform":{"scale":[0.01,0.01],"translate":[8,48]},
        "objects":{"country":{"type":"GeometryCollection","geometries":[
            {"type":"Polygon","arcs":[[0],[-2]],"properties":{"key":"A"}},
            {"type":"Polygon","arcs":[[1]],"properties":{"key":"B"}},
            {"type":"MultiPolygon","arcs":[[[2]]],"properties":{"key":"C"}}]},
            "rivers":{"type":"GeometryCollection","geometries":[
            {"type":"LineString","arcs":[3],"properties":{"name":"R"}}]}},
        "arcs":[[[0,0],[400,0],[0,400],[-400,0],[0,-400]],
            [[100,100],[200,0],[0,200],[-200,0],[0,-200]],
            [[600,0],[1,0],[0,1],[-1,0],[0,-1]],
            [[-100,200],[800,0]]]}"#;

    fn shapes(object: &str) -> Shapes {
        let topology = Topology::parse(TOPOLOGY.as_bytes()).unwrap();
        Shapes::new(&[topology], object, |key, name| {
            vec![("key", key.to_owned()), ("name", name.to_owned())]
        })
    }

    fn tile(shapes: &Shapes, z: u8, x: u32, y: u32) -> Vec<fast_mvt::MvtFeature> {
        let tile = TileId::parse(z, x, y).unwrap();
        let bytes = shapes.encode("country", tile).unwrap();
        bytes.map_or(Vec::new(), |bytes| decode(&bytes, "country"))
    }

    #[test]
    fn rings_are_wound_as_the_format_asks() {
        let features = tile(&shapes("country"), 4, 8, 5);
        let keys: Vec<_> = features
            .iter()
            .map(|feature| property(feature, "key"))
            .collect();
        assert_eq!(keys, ["A", "B", "C"]);
        assert_eq!(property(&features[0], "name"), "-");
        let signs = |feature| {
            let areas = rings(feature)
                .into_iter()
                .map(|ring| clip::area_2(&ring).signum());
            areas.collect::<Vec<_>>()
        };
        assert_eq!(signs(&features[0]), [1, -1]);
        assert_eq!(signs(&features[1]), [1]);
    }

    #[test]
    fn neighbours_share_their_border() {
        let features = tile(&shapes("country"), 6, 33, 21);
        let sorted = |mut ring: Vec<Point>| {
            ring.sort_unstable();
            ring
        };
        let hole = sorted(rings(&features[0]).pop().unwrap());
        assert_eq!(hole, sorted(rings(&features[1]).remove(0)));
    }

    #[test]
    fn areas_of_tiles_add_up_to_the_whole() {
        let shapes = shapes("country");
        for z in [3_u8, 6, 8] {
            let mut sums = [0_i64; 2];
            for id in pyramid(z) {
                for feature in tile(&shapes, z, id.x(), id.y()) {
                    if let Some(index) = ["A", "B"]
                        .iter()
                        .position(|key| *key == property(&feature, "key"))
                    {
                        sums[index] += area_2(&feature);
                    }
                }
            }
            let unit = f64::from(1_u32 << (20 - z));
            let side = |west: f64, south: f64, east: f64, north: f64| {
                let (a, b) = (project_degrees(west, north), project_degrees(east, south));
                2.0 * f64::from(b[0] - a[0]) * f64::from(b[1] - a[1]) / unit / unit
            };
            let hole = side(9.0, 49.0, 11.0, 51.0);
            let expected = [side(8.0, 48.0, 12.0, 52.0) - hole, hole];
            for (sum, expected) in sums.iter().zip(expected) {
                // Rounding moves each border by at most half a unit.
                let slack = 8.0 * expected.sqrt() + 8.0;
                assert!(
                    (f64::from(i32::try_from(*sum).unwrap()) - expected).abs() < slack,
                    "zoom {z}: {sum}, {expected}"
                );
            }
        }
    }

    #[test]
    fn what_is_too_small_stays_as_a_speck() {
        let shapes = shapes("country");
        for z in 0..=6 {
            let all = pyramid(z).flat_map(|id| tile(&shapes, z, id.x(), id.y()));
            let specks: Vec<_> = all
                .filter(|feature| property(feature, "key") == "C")
                .collect();
            assert_eq!(specks.len(), 1, "zoom {z}");
            assert!(area_2(&specks[0]) >= 2);
        }
    }

    #[test]
    fn far_tiles_are_none_and_deep_tiles_are_full() {
        let shapes = shapes("country");
        assert!(tile(&shapes, 3, 0, 0).is_empty());
        let [x, y] = project_degrees(8.5, 48.5).map(|n| n >> 10);
        let features = tile(&shapes, 22, x, y);
        assert_eq!(features.len(), 1);
        assert_eq!(area_2(&features[0]), 2 * EXTENT * EXTENT);
    }

    #[test]
    fn lines_end_at_the_buffer() {
        let rivers = shapes("rivers");
        let [x, y] = project_degrees(10.0, 50.0).map(|n| n >> (32 - 8));
        let features = tile(&rivers, 8, x, y);
        assert_eq!(property(&features[0], "name"), "R");
        let fast_mvt::MvtGeometry::LineString(line) = &features[0].geometry else {
            panic!("a line");
        };
        let ends: Vec<_> = line.0.iter().map(|at| i64::from(at.x)).collect();
        assert_eq!(ends, [-BUFFER, EXTENT + BUFFER]);
    }
}
