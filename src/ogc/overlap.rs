//! Whether a box touches a place, edges included. On the plane of degrees, as RFC 7946 has it.

use crate::export::Place;
use crate::place::{Bounds, LonLat};
use crate::record::region::Polygon;

/// Whether `place` touches `bounds`. O(positions).
#[must_use]
pub fn touches(place: &Place, bounds: Bounds) -> bool {
    let edges: [f64; 4] = bounds.into();
    if !meets(place.edges(), edges) {
        return false;
    }
    match place {
        Place::Point(_) => true,
        Place::Area(polygons) => polygons
            .iter()
            .any(|polygon| polygon_touches(polygon, edges)),
    }
}

/// Whether two boxes of west, south, east and north touch.
#[must_use]
pub fn meets(a: [f64; 4], b: [f64; 4]) -> bool {
    a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3]
}

/// An edge of the polygon crosses the box, or the box lies within the polygon.
fn polygon_touches(polygon: &Polygon, edges: [f64; 4]) -> bool {
    let mut lines = polygon.rings().flat_map(|ring| ring.windows(2));
    lines.any(|ends| line_touches(ends[0], ends[1], edges))
        || contains(polygon, [edges[0], edges[1]])
}

/// Whether the line from `a` to `b` has a position in the box (Liang and Barsky 1984).
fn line_touches(a: LonLat, b: LonLat, [west, south, east, north]: [f64; 4]) -> bool {
    let (step_x, step_y) = (b.lon() - a.lon(), b.lat() - a.lat());
    let sides = [
        (-step_x, a.lon() - west),
        (step_x, east - a.lon()),
        (-step_y, a.lat() - south),
        (step_y, north - a.lat()),
    ];
    let (mut from, mut to) = (0.0_f64, 1.0_f64);
    for (step, room) in sides {
        if step == 0.0 {
            if room < 0.0 {
                return false;
            }
        } else if step < 0.0 {
            from = from.max(room / step);
        } else {
            to = to.min(room / step);
        }
    }
    from <= to
}

/// Whether a ray from `[x, y]` crosses the rings an odd number of times.
fn contains(polygon: &Polygon, [x, y]: [f64; 2]) -> bool {
    let lines = polygon.rings().flat_map(|ring| ring.windows(2));
    let crossed = lines.filter(|ends| {
        let (a, b) = (ends[0], ends[1]);
        let across = (a.lat() > y) != (b.lat() > y);
        across && x < (b.lon() - a.lon()) * (y - a.lat()) / (b.lat() - a.lat()) + a.lon()
    });
    crossed.count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A square from 0 to 10 with a square hole from 4 to 6.
    fn frame() -> Place {
        let ring = |min: f64, max: f64| -> Vec<LonLat> {
            let corners = [[min, min], [max, min], [max, max], [min, max], [min, min]];
            corners.map(|at| LonLat::try_from(at).unwrap()).into()
        };
        Place::Area(vec![Polygon {
            outer: ring(0.0, 10.0),
            holes: vec![ring(4.0, 6.0)],
        }])
    }

    #[track_caller]
    fn check(edges: [f64; 4], expected: bool) {
        let bounds = Bounds::try_from(edges).unwrap();
        assert_eq!(touches(&frame(), bounds), expected);
    }

    #[test]
    fn boxes_touch_what_they_cross_hold_or_lie_in() {
        check([-1.0, -1.0, 1.0, 1.0], true);
        check([-1.0, -1.0, 11.0, 11.0], true);
        check([1.0, 1.0, 2.0, 2.0], true);
        check([10.0, 10.0, 11.0, 11.0], true);
        check([10.1, 0.0, 11.0, 1.0], false);
        check([4.5, 4.5, 5.5, 5.5], false);
        check([4.5, 4.5, 6.5, 5.5], true);
        check([-1.0, 4.9, 11.0, 5.1], true);
        check([1.0, 1.0, 1.0, 1.0], true);
    }

    #[test]
    fn a_point_touches_the_box_that_it_is_in() {
        let point = Place::Point(LonLat::parse(1.0, 2.0).unwrap());
        let bounds = |edges: [f64; 4]| Bounds::try_from(edges).unwrap();
        assert!(touches(&point, bounds([1.0, 2.0, 3.0, 4.0])));
        assert!(!touches(&point, bounds([1.1, 2.0, 3.0, 4.0])));
    }
}
