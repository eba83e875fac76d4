//! The official unit that contains a position.

mod many;

use std::sync::LazyLock;

use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use crate::place::{Level, LonLat, RegionKey};
use crate::spatial::polygon::Polygon;
use crate::spatial::topology::{self, Point, Topology, fixed};
use crate::spatial::units::{UnitId, Units};

/// How far off the coast a position still belongs to the unit on the shore, in metres: harbours,
/// lake shores, and coordinates that are a little off.
pub const OFF_SHORE_M: f64 = 15_000.0;

/// The finest official units as areas: German Gemeinden, counties of the United States, and the
/// other countries.
///
/// A position is answered in these steps:
/// 1. it is rounded to 1e-7 degree, the integer space of the areas;
/// 2. a tree of boxes gives the few polygons that may contain it;
/// 3. each says exactly whether it does (see [`crate::spatial::polygon`]); finer units go before
///    countries, so Germany ends where its Gemeinden end; where finer units of two countries
///    overlap at the border, those of the country that was named first win;
/// 4. a position in none of them belongs to the nearest within [`OFF_SHORE_M`].
#[derive(Debug)]
pub struct RegionIndex {
    parts: Vec<Part>,
    boxes: RTree<GeomWithData<Rectangle<[f64; 2]>, u32>>,
}

/// One polygon of a unit.
#[derive(Debug)]
struct Part {
    unit: UnitId,
    polygon: Polygon,
}

/// Why areas do not fit the units.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A topology cannot be read.
    #[error(transparent)]
    Topology(#[from] topology::Error),
    /// An area belongs to no unit.
    #[error("{level} {key} has an area and is no unit")]
    NoUnit {
        /// Level of the area.
        level: Level,
        /// Key of the area.
        key: RegionKey,
    },
}

impl RegionIndex {
    /// The shipped areas at full detail, read once at first use.
    ///
    /// # Panics
    /// Never in a build whose tests passed: they read the shipped areas.
    #[must_use]
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<RegionIndex> = LazyLock::new(|| {
            RegionIndex::read_shipped().expect("the shipped areas are read by the tests")
        });
        &SHIPPED
    }

    fn read_shipped() -> Result<Self, Error> {
        let regions = ["de", "us"].map(|country| format!("regions_{country}_fine"));
        let regions = regions.iter().map(|name| Topology::shipped(name));
        let regions = regions.collect::<Result<Vec<_>, _>>()?;
        let countries = Topology::shipped("countries_fine")?;
        Self::new(Units::shipped(), &regions, &countries)
    }

    /// The index of the `country` shapes of `countries` and, of each of `regions`, the
    /// `municipality` shapes or, where it has none, the `district` shapes. Each of `regions` is one
    /// country, which is made of these; its own shape is left out.
    ///
    /// # Errors
    /// Each shape must belong to a unit.
    pub fn new(units: &Units, regions: &[Topology], countries: &Topology) -> Result<Self, Error> {
        let mut parts = Vec::new();
        let mut covered = Vec::new();
        for topology in regions {
            let finest = [Level::Municipality, Level::District]
                .into_iter()
                .find(|level| !topology.shapes(level.name()).is_empty());
            let own = finest.map_or(Ok(Vec::new()), |level| self::parts(units, level, topology))?;
            let country = own
                .first()
                .map(|part| units.ancestor(part.unit, Level::Country));
            covered.extend(country.flatten());
            parts.extend(own);
        }
        let countries = self::parts(units, Level::Country, countries)?;
        parts.extend(
            countries
                .into_iter()
                .filter(|part| !covered.contains(&part.unit)),
        );
        let boxes = (0..)
            .zip(&parts)
            .map(|(index, part)| {
                let corners = [part.polygon.min(), part.polygon.max()].map(flat);
                GeomWithData::new(Rectangle::from_corners(corners[0], corners[1]), index)
            })
            .collect();
        Ok(Self {
            parts,
            boxes: RTree::bulk_load(boxes),
        })
    }

    /// The finest unit that contains `position`, else the country that does, else the nearest of
    /// them within [`OFF_SHORE_M`]; `None` on the high seas.
    ///
    /// O(log n) and about a microsecond; off shore up to a millisecond.
    #[must_use]
    pub fn unit_of(&self, position: LonLat) -> Option<UnitId> {
        self.unit_among(position, |_| true)
    }

    /// [`RegionIndex::unit_of`] with only those units that `accept` takes: of a place at the
    /// border that is known to belong to one side.
    pub fn unit_among(&self, position: LonLat, accept: impl Fn(UnitId) -> bool) -> Option<UnitId> {
        let point = [fixed(position.lon()), fixed(position.lat())];
        self.containing(point, &accept)
            .or_else(|| self.nearest(point, &accept))
    }

    /// [`RegionIndex::unit_of`] of each position, in their order; a tenth of the time for many
    /// that lie close together.
    #[must_use]
    pub fn units_of(&self, positions: &[LonLat]) -> Vec<Option<UnitId>> {
        let point = |at: &LonLat| [fixed(at.lon()), fixed(at.lat())];
        let points: Vec<Point> = positions.iter().map(point).collect();
        let mut units = many::containing(self, &points);
        for (unit, point) in units.iter_mut().zip(points) {
            *unit = unit.or_else(|| self.nearest(point, &|_| true));
        }
        units
    }

    fn containing(&self, point: Point, accept: &impl Fn(UnitId) -> bool) -> Option<UnitId> {
        // Parts stand in the order in which they win.
        let found = self.boxes.locate_all_at_point(flat(point));
        let part = |found: &GeomWithData<_, u32>| &self.parts[found.data as usize];
        let found = found.filter(|found| {
            let part = part(found);
            accept(part.unit) && part.polygon.contains(point)
        });
        found
            .min_by_key(|found| found.data)
            .map(|found| part(found).unit)
    }

    fn nearest(&self, point: Point, accept: &impl Fn(UnitId) -> bool) -> Option<UnitId> {
        // One degree of a meridian is 111 km; a degree of a parallel shrinks with the latitude.
        let reach = OFF_SHORE_M / 111_000.0 * topology::PER_DEGREE;
        let [x, y] = flat(point);
        let shrink = (y / topology::PER_DEGREE).to_radians().cos().max(0.01);
        let around = AABB::from_corners(
            [x - reach / shrink, y - reach],
            [x + reach / shrink, y + reach],
        );
        self.boxes
            .locate_in_envelope_intersecting(around)
            .map(|found| &self.parts[found.data as usize])
            .filter(|part| accept(part.unit))
            .map(|part| (part.polygon.distance_2(point), part.unit))
            .filter(|(distance_2, _)| *distance_2 <= OFF_SHORE_M.powi(2))
            .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
            .map(|(_, unit)| unit)
    }
}

fn parts(units: &Units, level: Level, topology: &Topology) -> Result<Vec<Part>, Error> {
    let mut parts = Vec::new();
    for shape in topology.shapes(level.name()) {
        let key = RegionKey::new(shape.key.as_str());
        let Some(unit) = units.id(level, &key) else {
            return Err(Error::NoUnit { level, key });
        };
        for rings in &shape.polygons {
            let rings: Vec<_> = rings.iter().map(|arcs| topology.points(arcs)).collect();
            parts.push(Part {
                unit,
                polygon: Polygon::new(&rings),
            });
        }
    }
    Ok(parts)
}

fn flat(point: Point) -> [f64; 2] {
    point.map(f64::from)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::spatial::tests::Random;
    use crate::spatial::units::tests::HEADING;

    const SEED: u64 = 5;

    const UNITS: &str = "country,DE,,Germany,,,,,,10,50,12,51,11,50\n\
        country,PL,,Poland,,,,,,12,50,13,51,12.5,50.5\n\
        state,01,DE,a,,,,,,10,50,12,51,11,50\n\
        district,01001,01,a,,,,,,10,50,12,51,11,50\n\
        municipality,01001001,01001,West,,,,,,10,50,11,51,10.5,50.5\n\
        municipality,01001002,01001,East,,,,,,11,50,12,51,11.5,50.5\n";

    /// Two squares of one degree side by side.
    fn squares(object: &str, keys: [&str; 2], west: i32) -> Topology {
        let json = format!(
            r#"{{"type":"Topology","transform":{{"scale":[1,1],"translate":[{west},50]}},
            "objects":{{"{object}":{{"type":"GeometryCollection","geometries":[
                {{"type":"Polygon","arcs":[[0,1]],"properties":{{"key":"{}"}}}},
                {{"type":"Polygon","arcs":[[-1,2]],"properties":{{"key":"{}"}}}}]}}}},
            "arcs":[[[1,0],[0,1]],[[1,1],[-1,0],[0,-1],[1,0]],[[1,0],[1,0],[0,1],[-1,0]]]}}"#,
            keys[0], keys[1]
        );
        Topology::parse(json.as_bytes()).unwrap()
    }

    /// Two Gemeinden of one degree and Poland east of them; Germany's own shape is misplaced.
    pub(crate) fn tiny() -> (Units, RegionIndex) {
        let units = Units::parse(&[HEADING, UNITS].concat()).unwrap();
        let regions = squares("municipality", ["01001001", "01001002"], 10);
        let countries = squares("country", ["DE", "PL"], 11);
        let index = RegionIndex::new(&units, &[regions], &countries).unwrap();
        (units, index)
    }

    #[track_caller]
    fn check(lon: f64, lat: f64, expected: Option<&str>) {
        let (units, index) = tiny();
        let found = index.unit_of(LonLat::parse(lon, lat).unwrap());
        assert_eq!(found.map(|id| units.get(id).key.as_str()), expected);
    }

    #[test]
    fn a_position_belongs_to_one_unit() {
        check(10.5, 50.5, Some("01001001"));
        check(11.5, 50.5, Some("01001002"));
        check(11.0, 50.5, Some("01001002"));
        check(11.0, 50.0, Some("01001002"));
        check(12.0, 50.5, Some("PL"));
        check(12.5, 50.5, Some("PL"));
    }

    #[test]
    fn off_shore_positions_belong_to_the_nearest_unit() {
        check(9.9, 50.5, Some("01001001"));
        check(12.1, 51.1, Some("PL"));
        check(11.9, 51.1, Some("01001002"));
        check(9.7, 50.5, None);
        check(0.0, 0.0, None);
    }

    #[test]
    fn of_countries_that_overlap_the_first_wins() {
        let rows = "country,CH,,Switzerland,,,,,,11,50,13,51,12,50\n\
            district,CH-1,CH,a,,,,,,11,50,12,51,11.5,50.5\n\
            district,CH-2,CH,b,,,,,,12,50,13,51,12.5,50.5\n";
        let units = Units::parse(&[HEADING, UNITS, rows].concat()).unwrap();
        let german = || squares("municipality", ["01001001", "01001002"], 10);
        let swiss = || squares("district", ["CH-1", "CH-2"], 11);
        let countries = squares("country", ["DE", "CH"], 10);
        let key = |regions: &[Topology], lon| {
            let index = RegionIndex::new(&units, regions, &countries).unwrap();
            let unit = index.unit_of(LonLat::parse(lon, 50.5).unwrap());
            unit.map(|id| units.get(id).key.to_string())
        };
        assert_eq!(key(&[german(), swiss()], 11.5).as_deref(), Some("01001002"));
        assert_eq!(key(&[swiss(), german()], 11.5).as_deref(), Some("CH-1"));
        assert_eq!(key(&[german(), swiss()], 12.5).as_deref(), Some("CH-2"));
    }

    #[test]
    fn areas_without_a_unit_are_refused() {
        let units = Units::parse(&[HEADING, UNITS].concat()).unwrap();
        let regions = squares("municipality", ["01001001", "01001003"], 10);
        let error = RegionIndex::new(&units, std::slice::from_ref(&regions), &regions).unwrap_err();
        assert_eq!(
            error.to_string(),
            "municipality 01001003 has an area and is no unit"
        );
    }

    /// The Gemeinden that contain `point` by a plain count of crossings over all edges, the point
    /// moved by δ east and ε north in numbers instead of symbols.
    fn scan(areas: &[(UnitId, Vec<Vec<Point>>)], point: Point) -> Vec<UnitId> {
        let crosses = |ends: &[Point]| {
            // Scaled by 2^40: δ = 2^20 and ε = 1 in it.
            let [ax, ay, bx, by] = [ends[0][0], ends[0][1], ends[1][0], ends[1][1]]
                .map(|coordinate| i128::from(coordinate) << 40);
            let x = (i128::from(point[0]) << 40) + (1 << 20);
            let y = (i128::from(point[1]) << 40) + 1;
            if (ay > y) == (by > y) {
                return false;
            }
            let turn = (bx - ax) * (y - ay) - (by - ay) * (x - ax);
            (turn > 0) == (by > ay)
        };
        let contains = |rings: &[Vec<Point>]| {
            let edges = rings.iter().flat_map(|ring| ring.windows(2));
            edges.filter(|ends| crosses(ends)).count() % 2 == 1
        };
        let inside = areas.iter().filter(|(_, rings)| contains(rings));
        inside.map(|(unit, _)| *unit).collect()
    }

    fn areas(topology: &Topology) -> Vec<(UnitId, Vec<Vec<Point>>)> {
        let shapes = topology.shapes("municipality").iter();
        let area = |shape: &topology::Shape| {
            let key = RegionKey::new(shape.key.as_str());
            let unit = Units::shipped().id(Level::Municipality, &key).unwrap();
            let rings = shape.polygons.iter().flatten();
            (unit, rings.map(|arcs| topology.points(arcs)).collect())
        };
        shapes.map(area).collect()
    }

    /// Vertices and the middles of edges on borders between two Gemeinden, `count` of each.
    fn border_points(topology: &Topology, count: usize) -> Vec<Point> {
        let mut uses: HashMap<i32, u32> = HashMap::new();
        let shapes = topology.shapes("municipality").iter();
        for &arc in shapes.flat_map(|shape| shape.polygons.iter().flatten().flatten()) {
            *uses.entry(if arc < 0 { !arc } else { arc }).or_default() += 1;
        }
        let mut shared: Vec<_> = uses.into_iter().filter(|(_, n)| *n == 2).collect();
        shared.sort_unstable();
        let mut random = Random(SEED);
        let mut points = Vec::new();
        while points.len() < 2 * count {
            let draw = |random: &mut Random, len: usize| {
                usize::try_from(random.next() % u64::try_from(len).unwrap()).unwrap()
            };
            let arc = topology.points(&[shared[draw(&mut random, shared.len())].0]);
            if arc.len() > 3 {
                let at = 1 + draw(&mut random, arc.len() - 3);
                let (a, b) = (arc[at], arc[at + 1]);
                points.push(a);
                points.push([a[0].midpoint(b[0]), a[1].midpoint(b[1])]);
            }
        }
        points
    }

    fn position(point: Point) -> LonLat {
        let [lon, lat] = point.map(|n| f64::from(n) / topology::PER_DEGREE);
        LonLat::parse(lon, lat).unwrap()
    }

    #[test]
    fn the_index_agrees_with_a_scan_of_all_municipalities() {
        let topology = Topology::shipped("regions_de_fine").unwrap();
        let areas = areas(&topology);
        let index = RegionIndex::shipped();
        let mut random = Random(SEED);
        let mut points = border_points(&topology, 10);
        points.extend((0..10).map(|_| {
            [
                fixed(random.between(8.0, 12.0)),
                fixed(random.between(48.5, 52.5)),
            ]
        }));
        for point in points {
            let scanned = scan(&areas, point);
            let found = index.unit_of(position(point));
            assert_eq!(scanned.len(), 1, "{point:?}, seed {SEED}");
            assert_eq!(found, scanned.first().copied(), "{point:?}, seed {SEED}");
        }
    }

    #[test]
    fn many_positions_are_answered_as_each_alone() {
        let topology = Topology::shipped("regions_de_fine").unwrap();
        let index = RegionIndex::shipped();
        let mut random = Random(SEED);
        let mut points = border_points(&topology, 5_000);
        // A town that is dealt to the finest cells, a country, the world, and its corners.
        for (count, west, south, side) in [
            (20_000, 11.5, 48.1, 0.05),
            (20_000, 6.0, 47.3, 9.0),
            (2_000, -180.0, -80.0, 160.0),
        ] {
            points.extend((0..count).map(|_| {
                let lon = random.between(west, west + side);
                [fixed(lon), fixed(random.between(south, south + side))]
            }));
        }
        points.extend([-180.0, 180.0].map(|lon| [fixed(lon), fixed(lon / 2.0)]));
        let positions: Vec<LonLat> = points.into_iter().map(position).collect();
        let together = index.units_of(&positions);
        for (at, found) in positions.iter().zip(together) {
            assert_eq!(found, index.unit_of(*at), "{at:?}, seed {SEED}");
        }
    }

    #[test]
    fn every_border_point_belongs_to_exactly_one_municipality() {
        let topology = Topology::shipped("regions_de_fine").unwrap();
        let index = RegionIndex::shipped();
        let is_german = |unit| Units::shipped().get(unit).level == Level::Municipality;
        for point in border_points(&topology, 5_000) {
            let inside = index
                .boxes
                .locate_all_at_point(flat(point))
                .filter(|found| {
                    let part = &index.parts[found.data as usize];
                    is_german(part.unit) && part.polygon.contains(point)
                });
            assert_eq!(inside.count(), 1, "{point:?}, seed {SEED}");
        }
    }

    #[test]
    fn well_known_places_lie_where_they_should() {
        let key = |lon, lat| {
            let unit = RegionIndex::shipped().unit_of(LonLat::parse(lon, lat).unwrap());
            unit.map(|id| Units::shipped().get(id).key.as_str())
        };
        assert_eq!(key(11.5755, 48.1374), Some("09162000"));
        assert_eq!(key(13.4050, 52.5200), Some("11000000"));
        assert_eq!(key(-118.2437, 34.0522), Some("US-CA-037"));
        assert_eq!(key(16.3738, 48.2082), Some("AT"));
        assert_eq!(key(-0.1276, 51.5072), Some("GB"));
        assert_eq!(key(139.7671, 35.6812), Some("JP"));
        assert_eq!(key(-30.0, 45.0), None);
    }
}
