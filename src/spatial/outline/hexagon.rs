//! The areas of H3 cells.

use h3o::CellIndex;

use super::Rings;
use crate::spatial::topology::{PER_DEGREE, Point, fixed};

/// The polygons of the H3 cell of that index, which RFC 7946 (section 3.1.9) cuts in two where it
/// crosses the date line; `None` when it is no cell, and for the two cells around the poles, which
/// no ring in degrees can show.
pub(super) fn polygons(index: u64) -> Option<Vec<Rings>> {
    let cell = CellIndex::try_from(index).ok()?;
    let corners: Vec<[f64; 2]> = cell
        .boundary()
        .iter()
        .map(|at| [at.lng(), at.lat()].map(|degrees| f64::from(fixed(degrees)) / PER_DEGREE))
        .collect();
    let edges = corners.iter().zip(corners.iter().cycle().skip(1));
    let crossing = edges.filter(|(a, b)| (a[0] - b[0]).abs() > 180.0);
    match crossing.count() {
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
            kept.push([180.0, a[1] + part * (b[1] - a[1])]);
        }
    }
    kept
}

/// The corners as a ring that ends where it begins; `None` when they enclose nothing.
fn closed(corners: &[[f64; 2]]) -> Option<Rings> {
    let ring = corners.iter().chain(corners.first());
    let ring: Vec<Point> = ring.map(|at| at.map(fixed)).collect();
    (ring.len() >= 4).then(|| vec![ring])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::LonLat;
    use crate::spatial::h3::cell;

    fn area_of(lon: f64, lat: f64) -> Vec<Rings> {
        polygons(cell(LonLat::parse(lon, lat).unwrap())).unwrap()
    }

    #[test]
    fn a_cell_is_a_ring_of_its_corners() {
        let area = area_of(11.5755, 48.1374);
        let [polygon] = &area[..] else {
            panic!("one polygon");
        };
        assert_eq!(polygon[0].len(), 7);
        assert_eq!(polygon[0][0], polygon[0][6]);
        assert_eq!(polygons(7), None);
    }

    #[test]
    fn a_cell_at_the_date_line_is_cut_in_two() {
        let area = (0..200).map(|step| area_of(180.0, -17.0 + f64::from(step) / 1_000.0));
        let cut = area.filter(|area| area.len() == 2).collect::<Vec<_>>();
        assert!(!cut.is_empty());
        for [west, east] in cut.iter().map(|area| [&area[0][0], &area[1][0]]) {
            assert!(west.iter().all(|at| at[0] > 1_790_000_000), "{west:?}");
            assert!(east.iter().all(|at| at[0] < -1_790_000_000), "{east:?}");
        }
    }

    #[test]
    fn neighbours_share_their_corners() {
        let cell = CellIndex::try_from(cell(LonLat::parse(10.0, 51.0).unwrap())).unwrap();
        for resolution in [h3o::Resolution::Three, h3o::Resolution::Seven] {
            let cell = cell.parent(resolution).unwrap();
            let ring = |cell: CellIndex| polygons(cell.into()).unwrap()[0][0].clone();
            let corners = ring(cell);
            for other in cell.grid_disk::<Vec<_>>(1) {
                let other_ring = ring(other);
                // What is a centimetre apart is one place on any paper.
                let is_near = |a: &Point| {
                    let near = |b: &Point| (0..2).all(|axis| a[axis].abs_diff(b[axis]) <= 1);
                    other_ring.iter().any(near)
                };
                let shared = corners[1..].iter().filter(|corner| is_near(corner)).count();
                let expected = if other == cell { corners.len() - 1 } else { 2 };
                assert!(shared >= expected, "{other}: {shared} of {expected}");
            }
        }
    }
}
