//! Which Gemeinde and which Kreis ten million positions lie in, beside the plain way: a tree of boxes
//! (`rstar`) and the exact test of the polygons in them (`geo`), on one core. Prints both times and
//! how many answers differ.
//!
//! Takes `--points N`; 10,000,000 unless said.

mod tools;

use std::time::Instant;

use geo::{Contains, Intersects, LineString, Polygon};
use revier::place::{Level, LonLat, RegionKey};
use revier::spatial::locate::RegionIndex;
use revier::spatial::topology::{self, PER_DEGREE, Point, Topology};
use revier::spatial::units::{UnitId, Units};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

/// A polygon of a unit with the box around it.
type Area = GeomWithData<Rectangle<[f64; 2]>, (UnitId, Polygon<f64>)>;

fn main() {
    let said = std::env::args()
        .skip_while(|word| word != "--points")
        .nth(1);
    let count = said
        .and_then(|word| word.parse().ok())
        .unwrap_or(10_000_000);
    let (index, units) = (RegionIndex::shipped(), Units::shipped());
    let topology = Topology::shipped("regions_de_fine").expect("the shipped areas");
    let [municipalities, districts] =
        [Level::Municipality, Level::District].map(|level| plain(units, level, &topology));
    let points = points(count, &municipalities);
    println!("{count} positions in Germany, microseconds each on one core\n");

    let started = Instant::now();
    let together = index.units_of(&points);
    report("Gemeinden, all together", started, count);
    let kreis = |unit: &Option<UnitId>| units.ancestor((*unit)?, Level::District);
    let started = Instant::now();
    let in_districts: Vec<Option<UnitId>> = index.units_of(&points).iter().map(kreis).collect();
    report("Kreise, all together", started, count);
    let started = Instant::now();
    let alone: Vec<Option<UnitId>> = points.iter().map(|at| index.unit_of(*at)).collect();
    report("Gemeinden, each alone", started, count);
    println!(
        "  answers that differ                   {}",
        differing(&together, &alone)
    );
    for (name, areas, found) in [
        ("Gemeinden", &municipalities, &together),
        ("Kreise", &districts, &in_districts),
    ] {
        let started = Instant::now();
        let plain: Vec<Plain> = points.iter().map(|at| ask(areas, *at)).collect();
        report(&format!("{name}, rstar and geo"), started, count);
        let on_border = plain.iter().filter(|plain| plain.is_on_border).count();
        let of_plain: Vec<_> = plain.iter().map(|plain| plain.unit).collect();
        println!(
            "  answers that differ                   {} (of {on_border} positions on a border)",
            differing(found, &of_plain)
        );
    }
}

/// What the plain way says of a position.
struct Plain {
    unit: Option<UnitId>,
    is_on_border: bool,
}

fn plain(units: &Units, level: Level, topology: &Topology) -> RTree<Area> {
    let mut areas = Vec::new();
    for shape in topology.shapes(level.name()) {
        let unit = units.id(level, &RegionKey::new(shape.key.as_str()));
        let unit = unit.expect("areas have units");
        for rings in &shape.polygons {
            let ring = |arcs: &topology::Arcs| -> LineString<f64> {
                topology
                    .points(arcs)
                    .into_iter()
                    .map(|at| at.map(f64::from))
                    .collect()
            };
            let mut rings: Vec<_> = rings.iter().map(ring).collect();
            let outer = rings.remove(0);
            let corner = |pick: fn(f64, f64) -> f64, start: f64| {
                let points = outer.0.iter();
                points.fold([start; 2], |[x, y], at| [pick(x, at.x), pick(y, at.y)])
            };
            let (min, max) = (
                corner(f64::min, f64::INFINITY),
                corner(f64::max, f64::NEG_INFINITY),
            );
            let polygon = Polygon::new(outer, rings);
            areas.push(Area::new(
                Rectangle::from_corners(min, max),
                (unit, polygon),
            ));
        }
    }
    RTree::bulk_load(areas)
}

fn ask(areas: &RTree<Area>, at: LonLat) -> Plain {
    let point = fixed(at).map(f64::from);
    let around = areas.locate_in_envelope_intersecting(AABB::from_point(point));
    let point = geo::Point::from(point);
    let mut plain = Plain {
        unit: None,
        is_on_border: false,
    };
    for area in around {
        let (unit, polygon) = &area.data;
        if polygon.contains(&point) {
            plain.unit = Some(*unit);
            return plain;
        }
        plain.is_on_border |= polygon.intersects(&point);
    }
    plain
}

fn fixed(at: LonLat) -> Point {
    #[expect(clippy::cast_possible_truncation, reason = "degrees fit")]
    [at.lon(), at.lat()].map(|degrees| (degrees * PER_DEGREE).round() as i32)
}

/// Positions that look random, each inside one of `areas`.
fn points(count: u64, areas: &RTree<Area>) -> Vec<LonLat> {
    let mut random = tools::Random(7);
    let mut points = Vec::new();
    // Steps of 1e-6 degree, a tenth of a metre.
    let mut degrees = |first: f64, steps: u32| {
        let step = random.below(steps as usize);
        first + f64::from(u32::try_from(step).unwrap_or_default()) * 1e-6
    };
    while (points.len() as u64) < count {
        let lon = degrees(5.8, 9_300_000);
        let at = LonLat::parse(lon, degrees(47.2, 7_900_000)).expect("on the earth");
        if ask(areas, at).unit.is_some() {
            points.push(at);
        }
    }
    points
}

fn differing(some: &[Option<UnitId>], others: &[Option<UnitId>]) -> usize {
    let pairs = some.iter().zip(others);
    pairs.filter(|(one, other)| one != other).count()
}

#[expect(clippy::cast_precision_loss, reason = "counts of positions fit")]
fn report(name: &str, started: Instant, count: u64) {
    let micros = started.elapsed().as_secs_f64() * 1e6 / count as f64;
    println!("{name:<38}  {micros:>7.3}");
}
