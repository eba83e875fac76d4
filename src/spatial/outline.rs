//! The areas of regions, for files and for paper.
//!
//! Neighbours are made of the same arcs, so their borders have the same positions on both sides,
//! also where a region is put together from smaller ones: NUTS regions from districts, the areas
//! of the first digits of postal codes from those of the whole codes.
//!
//! Rings are closed; outer ones run counterclockwise, holes clockwise.

mod hexagon;
mod join;
mod sheet;

use std::collections::BTreeSet;

use self::sheet::{Land, lands};
use crate::place::{Level, LonLat};
use crate::record::region::Polygon;
use crate::spatial::topology::{PER_DEGREE, Point};
use crate::spatial::units::{Unit, Units};

/// Closed rings of points in 1e-7 degree; of a polygon, the outer one first.
pub type Rings = Vec<Vec<Point>>;

/// Which regions the areas are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Official regions and postal codes: `09162`, `DE-80331`.
    Region(Level),
    /// NUTS 1, 2 or 3, put together from districts: `DE21`.
    Nuts(u8),
    /// The first one, two or three digits of postal codes within their country: `DE-80`.
    PostalDigits(u8),
    /// Cells of H3 by their index in hexadecimal digits: `841f8ddffffffff`.
    Hexagon,
}

/// How exact areas are: to about 5,000, 300 and 50 metres. Hexagons are as exact as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// For a country on a sheet of paper or the world.
    Coarse,
    /// For a state. Postal codes have nothing finer.
    Medium,
    /// For a town.
    Fine,
}

impl Detail {
    /// How the names of the shipped files tell it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Coarse => "coarse",
            Self::Medium => "medium",
            Self::Fine => "fine",
        }
    }
}

/// The area of the region of `key` at the finest detail; `None` where none is known, as for postal
/// codes of other countries than Germany and for the two hexagons around the poles. The first one
/// of a kind takes as long as reading its file, up to half a second.
///
/// # Panics
/// Never in a build whose tests passed: they read the shipped areas.
#[must_use]
pub fn area(kind: Kind, key: &str) -> Option<Vec<Polygon>> {
    let polygons = polygons(kind, key, Detail::Fine)?;
    let polygons = polygons.into_iter().filter_map(polygon_of);
    Some(polygons.collect())
}

/// All rings of the same area at `detail`; what lies in an odd number of them lies inside.
///
/// # Panics
/// As [`area`].
#[must_use]
pub fn rings(kind: Kind, key: &str, detail: Detail) -> Option<Rings> {
    let polygons = polygons(kind, key, detail)?;
    Some(polygons.into_iter().flatten().collect())
}

/// The key of every region of `kind` that has an area, country by country in their order; none of
/// hexagons, of which there are too many.
///
/// # Panics
/// As [`area`].
#[must_use]
pub fn keys(kind: Kind) -> Vec<&'static str> {
    let of_level = |level| {
        let sheets = lands(level).iter().map(|land| land.sheet(Detail::Coarse));
        sheets.flat_map(move |sheet| sheet.keys(level))
    };
    let each_once = |keys: BTreeSet<&'static str>| keys.into_iter().collect();
    match kind {
        Kind::Region(level) => of_level(level).collect(),
        Kind::Nuts(step) => each_once(districts().filter_map(|unit| nuts(unit, step)).collect()),
        Kind::PostalDigits(count) => {
            let keys = of_level(Level::Postal).filter_map(|key| digits(key, count));
            each_once(keys.collect())
        }
        Kind::Hexagon => Vec::new(),
    }
}

/// The borders of all regions of `level` as lines, each once, whoever's it is.
///
/// # Panics
/// As [`area`].
#[must_use]
pub fn borders(level: Level, detail: Detail) -> Vec<Vec<Point>> {
    let sheets = lands(level).iter().map(|land| land.sheet(detail));
    sheets.flat_map(|sheet| sheet.borders(level)).collect()
}

/// At least one polygon, each of at least an outer ring.
fn polygons(kind: Kind, key: &str, detail: Detail) -> Option<Vec<Rings>> {
    let mut polygons = match kind {
        Kind::Region(level) => {
            let mut sheets = lands(level).iter().map(|land| land.sheet(detail));
            sheets.find_map(|sheet| sheet.polygons(level, key))?
        }
        Kind::Nuts(step) => {
            let parts = districts().filter(|unit| nuts(unit, step) == Some(key));
            let keys: Vec<&str> = parts.map(|unit| unit.key.as_str()).collect();
            let sheet = Land::Germany.sheet(detail);
            sheet.joined(Level::District, &keys)
        }
        Kind::PostalDigits(count) => {
            let sheet = Land::PostalAreas.sheet(detail);
            let parts = sheet.keys(Level::Postal);
            let keys: Vec<&str> = parts
                .filter(|part| digits(part, count) == Some(key))
                .collect();
            sheet.joined(Level::Postal, &keys)
        }
        Kind::Hexagon => hexagon::polygons(u64::from_str_radix(key, 16).ok()?)?,
    };
    polygons.retain_mut(|rings| {
        let has_outer = rings.first().is_some_and(|ring| ring.len() >= 4);
        rings.retain(|ring| ring.len() >= 4);
        has_outer
    });
    (!polygons.is_empty()).then_some(polygons)
}

/// The districts that have NUTS codes.
fn districts() -> impl Iterator<Item = &'static Unit> {
    let units = Units::shipped().iter().map(|(_, unit)| unit);
    units.filter(|unit| unit.level == Level::District && !unit.nuts.is_empty())
}

/// The code of the region of NUTS 1, 2 or 3 in which a unit lies: one sign more each behind the two
/// of the country.
fn nuts(unit: &Unit, step: u8) -> Option<&str> {
    unit.nuts.get(..2 + usize::from(step))
}

/// The key of the first digits of a postal code.
fn digits(key: &str, count: u8) -> Option<&str> {
    let (country, _) = key.split_once('-')?;
    key.get(..country.len() + 1 + usize::from(count))
}

/// The polygon of closed rings, the outer one first; `None` without an outer one.
fn polygon_of(rings: Rings) -> Option<Polygon> {
    let positions = |ring: Vec<Point>| ring.into_iter().map(position).collect();
    let mut rings = rings.into_iter().map(positions);
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

    /// Twice the area of a ring in squares of 1e-7 degree, positive when it runs counterclockwise.
    fn turn(ring: &[Point]) -> i128 {
        let wide = |point: Point| point.map(i128::from);
        let edges = ring.windows(2).map(|ends| (wide(ends[0]), wide(ends[1])));
        edges.map(|([ax, ay], [bx, by])| ax * by - bx * ay).sum()
    }

    fn size(rings: &[Vec<Point>]) -> i128 {
        rings.iter().map(|ring| turn(ring)).sum()
    }

    #[track_caller]
    fn drawn(kind: Kind, key: &str, detail: Detail) -> Rings {
        rings(kind, key, detail).unwrap_or_else(|| panic!("{kind:?} {key} {detail:?}"))
    }

    #[track_caller]
    fn check(kind: Kind, count: usize, details: &[Detail]) {
        let keys = keys(kind);
        assert_eq!(keys.len(), count, "{kind:?}");
        for detail in details {
            for key in &keys {
                let polygons = polygons(kind, key, *detail);
                for rings in polygons.unwrap_or_else(|| panic!("{kind:?} {key} {detail:?}")) {
                    assert!(turn(&rings[0]) > 0, "{kind:?} {key}");
                    assert!(rings[1..].iter().all(|hole| turn(hole) < 0), "{key}");
                    assert!(rings.iter().all(|ring| ring.first() == ring.last()));
                }
            }
        }
    }

    #[test]
    fn every_shipped_area_runs_as_it_should() {
        let all = [Detail::Coarse, Detail::Medium, Detail::Fine];
        for (level, count) in Level::ALL
            .into_iter()
            .zip([250, 67, 19, 3_541, 11_297, 8_168])
        {
            check(Kind::Region(level), count, &all);
        }
    }

    #[test]
    fn every_area_that_is_put_together_runs_as_it_should() {
        let details = [Detail::Coarse, Detail::Medium];
        for (step, count) in [(1, 16), (2, 38), (3, 400)] {
            check(Kind::Nuts(step), count, &details);
        }
        for (digits, count) in [(1, 10), (2, 95), (3, 671)] {
            check(Kind::PostalDigits(digits), count, &details);
        }
    }

    fn edges(rings: &[Vec<Point>]) -> HashSet<[Point; 2]> {
        let edges = rings.iter().flat_map(|ring| ring.windows(2));
        edges.map(|ends| [ends[0], ends[1]]).collect()
    }

    #[test]
    fn neighbours_share_the_positions_of_their_border() {
        let districts = Kind::Region(Level::District);
        let munich = edges(&drawn(districts, "09162", Detail::Fine));
        let others = keys(districts).into_iter();
        let others = others.filter(|key| key.starts_with("091") && *key != "09162");
        let around: HashSet<_> = others
            .flat_map(|key| edges(&drawn(districts, key, Detail::Fine)))
            .collect();
        assert!(munich.iter().all(|[a, b]| around.contains(&[*b, *a])));
    }

    /// What is put together covers the ground of its parts, without gap or overlap: no edge is
    /// walked twice, and the sizes add up.
    #[track_caller]
    fn check_tiles(kind: Kind, parts: Kind, detail: Detail) {
        let mut walked = HashSet::new();
        let mut whole = 0;
        for key in keys(kind) {
            let rings = drawn(kind, key, detail);
            whole += size(&rings);
            for edge in edges(&rings) {
                assert!(walked.insert(edge), "{key}: {edge:?}");
            }
        }
        let parts = keys(parts)
            .into_iter()
            .filter(|key| !key.starts_with("US"))
            .map(|key| size(&drawn(parts, key, detail)));
        assert_eq!(whole, parts.sum::<i128>(), "{kind:?} {detail:?}");
    }

    #[test]
    fn what_is_put_together_is_as_large_as_its_parts() {
        let (districts, codes) = (Kind::Region(Level::District), Kind::Region(Level::Postal));
        for detail in [Detail::Coarse, Detail::Medium] {
            for step in 1..=3 {
                check_tiles(Kind::Nuts(step), districts, detail);
            }
            for digits in 1..=3 {
                check_tiles(Kind::PostalDigits(digits), codes, detail);
            }
        }
        // Brandenburg has no government districts, and so no unit of that code.
        let brandenburg = drawn(Kind::Nuts(2), "DE40", Detail::Fine);
        let state = drawn(Kind::Region(Level::State), "12", Detail::Fine);
        assert_eq!(edges(&brandenburg), edges(&state));
        let polygons = area(Kind::Nuts(2), "DE40").unwrap();
        assert_eq!(polygons[0].holes.len(), 1, "Berlin is left out of it");
    }

    #[test]
    fn what_has_no_area_has_none() {
        assert_eq!(area(Kind::Nuts(1), "FR1"), None);
        assert_eq!(area(Kind::Nuts(1), "DE21"), None, "of another step");
        assert_eq!(area(Kind::PostalDigits(1), "AT-1"), None);
        assert_eq!(area(Kind::Region(Level::Postal), "AT-1010"), None);
        assert_eq!(area(Kind::Hexagon, "unassigned"), None);
        assert!(keys(Kind::Hexagon).is_empty());
    }
}
