//! The areas of H3 cells.

use h3o::CellIndex;

use crate::place::LonLat;
use crate::record::region::Polygon;
use crate::spatial::topology::{PER_DEGREE, fixed};

/// The area of the H3 cell of that index, which RFC 7946 (section 3.1.9) cuts in two where it
/// crosses the date line; `None` when it is no cell, and for the two cells around the poles, which
/// no ring in degrees can show.
#[must_use]
pub fn of_hexagon(index: u64) -> Option<Vec<Polygon>> {
    let cell = CellIndex::try_from(index).ok()?;
    let corners: Vec<[f64; 2]> = cell
        .boundary()
        .iter()
        .map(|at| [at.lng(), at.lat()].map(|degrees| f64::from(fixed(degrees)) / PER_DEGREE))
        .collect();
    let crosses = |corners: &[[f64; 2]]| {
        let edges = corners.iter().zip(corners.iter().cycle().skip(1));
        edges.filter(|(a, b)| (a[0] - b[0]).abs() > 180.0).count()
    };
    match crosses(&corners) {
        0 => Some(vec![closed(&corners)?]),
        2 => {
            let east = |[lon, lat]: &[f64; 2]| [if *lon < 0.0 { lon + 360.0 } else { *lon }, *lat];
            let whole: Vec<[f64; 2]> = corners.iter().map(east).collect();
            let west_side = cut(&whole, 1.0);
            let east_side = cut(&whole, -1.0);
            let back = east_side.into_iter().map(|[lon, lat]| [lon - 360.0, lat]);
            let back: Vec<[f64; 2]> = back.collect();
            let sides = [closed(&west_side), closed(&back)];
            Some(sides.into_iter().flatten().collect())
        }
        _ => None,
    }
}

/// What of a convex ring lies on one side of 180°: `side` is 1 for the west, -1 for the east
/// (Sutherland and Hodgman 1974).
fn cut(corners: &[[f64; 2]], side: f64) -> Vec<[f64; 2]> {
    let beyond = |at: &[f64; 2]| (at[0] - 180.0) * side;
    let mut kept = Vec::new();
    for (a, b) in corners.iter().zip(corners.iter().cycle().skip(1)) {
        if beyond(a) <= 0.0 {
            kept.push(*a);
        }
        if (beyond(a) < 0.0 && beyond(b) > 0.0) || (beyond(a) > 0.0 && beyond(b) < 0.0) {
            let part = (180.0 - a[0]) / (b[0] - a[0]);
            let lat = a[1] + part * (b[1] - a[1]);
            kept.push([180.0, f64::from(fixed(lat)) / PER_DEGREE]);
        }
    }
    kept
}

/// The corners as a ring that ends where it begins; `None` when they enclose nothing.
fn closed(corners: &[[f64; 2]]) -> Option<Polygon> {
    let ring = corners.iter().chain(corners.first());
    let outer: Vec<LonLat> = ring
        .map(|at| LonLat::try_from(*at).ok())
        .collect::<Option<_>>()?;
    (outer.len() >= 4).then(|| Polygon {
        outer,
        holes: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spatial::h3::cell;

    fn area_of(lon: f64, lat: f64) -> Vec<Polygon> {
        of_hexagon(cell(LonLat::parse(lon, lat).unwrap())).unwrap()
    }

    #[test]
    fn a_cell_is_a_ring_of_its_corners() {
        let area = area_of(11.5755, 48.1374);
        let [polygon] = &area[..] else {
            panic!("one polygon");
        };
        assert_eq!(polygon.outer.len(), 7);
        assert_eq!(polygon.outer[0], polygon.outer[6]);
        assert_eq!(of_hexagon(7), None);
    }

    #[test]
    fn a_cell_at_the_date_line_is_cut_in_two() {
        let area = (0..200).map(|step| area_of(180.0, -17.0 + f64::from(step) / 1_000.0));
        let cut = area.filter(|area| area.len() == 2).collect::<Vec<_>>();
        assert!(!cut.is_empty());
        for [west, east] in cut.iter().map(|area| [&area[0], &area[1]]) {
            assert!(west.outer.iter().all(|at| at.lon() > 179.0), "{west:?}");
            assert!(east.outer.iter().all(|at| at.lon() < -179.0), "{east:?}");
        }
    }
}
