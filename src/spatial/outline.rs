//! The areas of regions as polygons in degrees, at the finest detail that is shipped.
//!
//! Neighbours are made of the same arcs, so their borders have the same positions on both sides,
//! also where a region is put together from smaller ones: NUTS regions from districts, the areas
//! of the first digits of postal codes from those of the whole codes.
//!
//! Rings are closed; outer ones run counterclockwise, holes clockwise.

mod hexagon;
mod join;

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::place::{Level, LonLat, RegionKey};
use crate::record::region::Polygon;
use crate::spatial::topology::{Arcs, PER_DEGREE, Point, Topology};
use crate::spatial::units::Units;

pub use hexagon::of_hexagon;

/// A topology and where in it the shape of each key is.
struct Sheet {
    topology: Topology,
    /// By the name of the object and the key.
    places: HashMap<(&'static str, String), usize>,
}

static GERMANY: LazyLock<Sheet> = LazyLock::new(|| {
    let levels = [
        Level::State,
        Level::GovernmentDistrict,
        Level::District,
        Level::Municipality,
    ];
    Sheet::shipped("regions_de_fine", &levels)
});
static UNITED_STATES: LazyLock<Sheet> =
    LazyLock::new(|| Sheet::shipped("regions_us_fine", &[Level::State, Level::District]));
static COUNTRIES: LazyLock<Sheet> =
    LazyLock::new(|| Sheet::shipped("countries_fine", &[Level::Country]));
static POSTAL_AREAS: LazyLock<Sheet> =
    LazyLock::new(|| Sheet::shipped("postal_areas_de_medium", &[Level::Postal]));

/// The area of the region of `key` at `level`; `None` where none is shipped, as for postal codes
/// of other countries than Germany. The first one of a level takes as long as reading its file, up
/// to half a second.
///
/// # Panics
/// Never in a build whose tests passed: they read the shipped areas.
#[must_use]
pub fn of_region(level: Level, key: &RegionKey) -> Option<Vec<Polygon>> {
    sheets(level)
        .iter()
        .find_map(|sheet| sheet.area(level, key.as_str()))
}

/// Every region of `level` that has an area, country by country in the order of keys.
pub fn keys(level: Level) -> impl Iterator<Item = &'static str> {
    sheets(level)
        .into_iter()
        .flat_map(move |sheet| sheet.keys(level))
}

/// The area of the NUTS region of `code`, put together from its districts; `None` where it has
/// none.
#[must_use]
pub fn of_nuts(code: &str) -> Option<Vec<Polygon>> {
    let units = Units::shipped();
    let districts = units.iter().filter(|(_, unit)| {
        unit.level == Level::District && !code.is_empty() && unit.nuts.starts_with(code)
    });
    let keys: Vec<&str> = districts.map(|(_, unit)| unit.key.as_str()).collect();
    GERMANY.joined(Level::District, &keys)
}

/// The area of all postal codes whose keys begin with `begin`, such as `DE-80`; `None` where no
/// area of them is shipped.
#[must_use]
pub fn of_postal_codes(begin: &str) -> Option<Vec<Polygon>> {
    let keys = POSTAL_AREAS.keys(Level::Postal);
    let keys: Vec<&str> = keys.filter(|key| key.starts_with(begin)).collect();
    POSTAL_AREAS.joined(Level::Postal, &keys)
}

fn sheets(level: Level) -> Vec<&'static Sheet> {
    match level {
        Level::Country => vec![&COUNTRIES],
        Level::Postal => vec![&POSTAL_AREAS],
        Level::State | Level::District => vec![&GERMANY, &UNITED_STATES],
        Level::GovernmentDistrict | Level::Municipality => vec![&GERMANY],
    }
}

impl Sheet {
    fn shipped(name: &str, levels: &[Level]) -> Self {
        let topology = Topology::shipped(name).expect("the shipped areas are read by the tests");
        let mut places = HashMap::new();
        for level in levels {
            for (place, shape) in topology.shapes(level.name()).iter().enumerate() {
                places.insert((level.name(), shape.key.clone()), place);
            }
        }
        Self { topology, places }
    }

    fn keys(&self, level: Level) -> impl Iterator<Item = &str> {
        let shapes = self.topology.shapes(level.name()).iter();
        shapes.map(|shape| shape.key.as_str())
    }

    /// The polygons of a shape as rings of arcs that run as they should.
    fn rings(&self, level: Level, key: &str) -> Option<Vec<Vec<Arcs>>> {
        let place = self.places.get(&(level.name(), key.to_owned()))?;
        let shape = self.topology.shapes(level.name()).get(*place)?;
        let polygons = shape.polygons.iter().map(|rings| {
            let rings = rings.iter().enumerate();
            let rings = rings.map(|(index, ring)| join::turned(&self.topology, ring, index == 0));
            rings.collect()
        });
        Some(polygons.collect())
    }

    fn area(&self, level: Level, key: &str) -> Option<Vec<Polygon>> {
        let polygons = self.rings(level, key)?;
        let points = |ring: &Arcs| self.topology.points(ring);
        let polygons = polygons
            .iter()
            .map(|rings| polygon_of(rings.iter().map(points)));
        let polygons: Vec<Polygon> = polygons.flatten().collect();
        (!polygons.is_empty()).then_some(polygons)
    }

    /// The area of several shapes without the borders between them.
    fn joined(&self, level: Level, keys: &[&str]) -> Option<Vec<Polygon>> {
        let shapes = keys.iter().filter_map(|key| self.rings(level, key));
        let rings = shapes.flatten().flatten();
        let polygons = join::polygons(&self.topology, rings);
        let polygons = polygons.into_iter().map(IntoIterator::into_iter);
        let polygons: Vec<Polygon> = polygons.filter_map(polygon_of).collect();
        (!polygons.is_empty()).then_some(polygons)
    }
}

/// The polygon of closed rings, the outer one first; `None` without an outer one.
fn polygon_of(rings: impl Iterator<Item = Vec<Point>>) -> Option<Polygon> {
    let mut rings = rings.filter_map(|ring| {
        let ring: Vec<LonLat> = ring.into_iter().map(position).collect();
        (ring.len() >= 4).then_some(ring)
    });
    Some(Polygon {
        outer: rings.next()?,
        holes: rings.collect(),
    })
}

/// A point in degrees; the nearest position where it lies beyond the edge of the world, which no
/// shipped one does.
fn position(point: Point) -> LonLat {
    let [lon, lat] = point.map(|fixed| f64::from(fixed) / PER_DEGREE);
    LonLat::parse(lon.clamp(-180.0, 180.0), lat.clamp(-90.0, 90.0))
        .expect("a clamped number is within its range")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::spatial::topology::fixed;

    fn area(level: Level, key: &str) -> Vec<Polygon> {
        of_region(level, &RegionKey::new(key)).unwrap()
    }

    /// Twice the area of a ring in square degrees, positive when it runs counterclockwise.
    fn turn(ring: &[LonLat]) -> f64 {
        let across =
            |ends: &[LonLat]| ends[0].lon() * ends[1].lat() - ends[1].lon() * ends[0].lat();
        ring.windows(2).map(across).sum()
    }

    fn size(area: &[Polygon]) -> f64 {
        area.iter().flat_map(Polygon::rings).map(turn).sum()
    }

    #[test]
    fn every_shipped_area_runs_as_it_should() {
        for level in Level::ALL {
            let mut count = 0;
            for key in keys(level) {
                let area = area(level, key);
                for polygon in &area {
                    assert!(turn(&polygon.outer) > 0.0, "{level} {key}");
                    assert!(polygon.holes.iter().all(|hole| turn(hole) < 0.0), "{key}");
                    let mut ends = polygon.rings().map(|ring| (ring.first(), ring.last()));
                    assert!(ends.all(|(first, last)| first == last), "{key}");
                }
                count += 1;
            }
            let expected = [250, 67, 19, 3_541, 11_297, 8_168][level as usize];
            assert_eq!(count, expected, "{level}");
        }
    }

    fn edges(area: &[Polygon]) -> HashSet<[[i32; 2]; 2]> {
        let point = |at: LonLat| [fixed(at.lon()), fixed(at.lat())];
        let rings = area.iter().flat_map(Polygon::rings);
        let edges = rings.flat_map(|ring| ring.windows(2));
        edges.map(|ends| [point(ends[0]), point(ends[1])]).collect()
    }

    #[test]
    fn neighbours_share_the_positions_of_their_border() {
        let munich = edges(&area(Level::District, "09162"));
        let others = keys(Level::District).filter(|key| key.starts_with("091") && *key != "09162");
        let around: HashSet<_> = others
            .flat_map(|key| edges(&area(Level::District, key)))
            .collect();
        assert!(munich.iter().all(|[a, b]| around.contains(&[*b, *a])));
    }

    #[test]
    fn what_is_put_together_is_as_large_as_its_parts() {
        // Brandenburg has no government districts, and so no unit of that code.
        let brandenburg = of_nuts("DE40").unwrap();
        let state = area(Level::State, "12");
        assert!((size(&brandenburg) - size(&state)).abs() < 1e-9);
        assert_eq!(edges(&brandenburg), edges(&state));
        assert_eq!(brandenburg[0].holes.len(), 1, "Berlin is left out of it");
        let parts = keys(Level::Postal).filter(|key| key.starts_with("DE-80"));
        let parts: f64 = parts.map(|key| size(&area(Level::Postal, key))).sum();
        assert!((size(&of_postal_codes("DE-80").unwrap()) - parts).abs() < 1e-9);
        assert_eq!(of_nuts("FR1"), None);
        assert_eq!(of_postal_codes("AT-1"), None);
        assert_eq!(of_region(Level::Postal, &RegionKey::new("AT-1010")), None);
    }
}
