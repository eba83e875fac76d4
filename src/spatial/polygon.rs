//! A polygon that answers exactly whether it contains a point.
//!
//! All arithmetic is on integers, so nothing is rounded. A point that lies on an edge or a vertex
//! is decided as if every point were moved east by δ and north by ε, with ε far smaller than δ
//! and both smaller than any distance that occurs ("simulation of simplicity", Edelsbrunner and
//! Mücke 1990):
//!
//! - an edge is crossed by the ray that runs east from the point when one end is at the height
//!   of the point or below and the other end is above: that is the move north;
//! - a point on the edge itself counts as east of it, and its ray does not cross: that is the
//!   move east, which outweighs the move north on every edge that is not level.
//!
//! The moved point lies on no edge at all. The move is the same for all polygons, so where
//! polygons share their vertices and cover a country without overlap, a point belongs to exactly
//! one of them.

use crate::spatial::topology::Point;

/// Edges that a band holds on average before bands are made thinner.
const EDGES_PER_BAND: usize = 8;

/// The two ends of an edge.
pub(super) type Ends = [Point; 2];

/// Rings of a polygon, outer and holes alike, cut into level bands for quick answers.
#[derive(Debug)]
pub struct Polygon {
    min: Point,
    max: Point,
    band_height: i64,
    /// Where the edges of each band start in `edges`, and a last entry for their end.
    starts: Vec<u32>,
    /// Edges by band; an edge stands in each band that it touches.
    edges: Vec<Edge>,
}

/// An edge between two different points, lower end first.
#[derive(Debug, Clone, Copy)]
struct Edge {
    low: Point,
    high: Point,
}

impl Polygon {
    /// The polygon of closed rings in 1e-7 degree, or of none.
    #[must_use]
    pub fn new(rings: &[Vec<Point>]) -> Self {
        let (min, max) = corners(rings);
        let edges: Vec<Edge> = rings
            .iter()
            .flat_map(|ring| ring.windows(2))
            .filter_map(|ends| Edge::new(ends[0], ends[1]))
            .collect();
        let bands = (edges.len() / EDGES_PER_BAND).max(1);
        let height = i64::from(max[1]) - i64::from(min[1]);
        let band_height = height / i64::try_from(bands).unwrap_or(i64::MAX) + 1;
        let mut polygon = Self {
            min,
            max,
            band_height,
            starts: Vec::new(),
            edges: Vec::new(),
        };
        polygon.sort_into_bands(&edges, bands);
        polygon
    }

    /// South-west corner of the box around the polygon.
    #[must_use]
    pub fn min(&self) -> Point {
        self.min
    }

    /// North-east corner of the box around the polygon.
    #[must_use]
    pub fn max(&self) -> Point {
        self.max
    }

    /// Whether the point is inside, on the border as the module says. O(edges of one band).
    #[must_use]
    pub fn contains(&self, point: Point) -> bool {
        let inside_box = (self.min[0]..=self.max[0]).contains(&point[0])
            && (self.min[1]..=self.max[1]).contains(&point[1]);
        if !inside_box {
            return false;
        }
        let band = self.band(point[1]);
        let range = self.starts[band] as usize..self.starts[band + 1] as usize;
        self.edges[range]
            .iter()
            .fold(false, |inside, edge| inside ^ edge.is_crossed_from(point))
    }

    /// Square of the distance in metres from the point to the nearest edge, on a plane that
    /// touches the earth at the point: good within some hundred kilometres. O(edges).
    #[must_use]
    pub fn distance_2(&self, point: Point) -> f64 {
        self.edges
            .iter()
            .map(|edge| edge.distance_2(point))
            .fold(f64::INFINITY, f64::min)
    }

    /// The edges whose box touches that between two corners; a long one several times.
    pub(super) fn edges_in(&self, min: Point, max: Point) -> impl Iterator<Item = Ends> {
        let is_apart = max[1] < self.min[1] || min[1] > self.max[1];
        let bands = if is_apart {
            0..0
        } else {
            self.band(min[1].max(self.min[1]))..self.band(max[1].min(self.max[1])) + 1
        };
        let range = self.starts[bands.start] as usize..self.starts[bands.end] as usize;
        let touches = move |edge: &&Edge| {
            edge.low[1] <= max[1]
                && edge.high[1] >= min[1]
                && edge.low[0].min(edge.high[0]) <= max[0]
                && edge.low[0].max(edge.high[0]) >= min[0]
        };
        let edges = self.edges[range].iter().filter(touches);
        edges.map(|edge| [edge.low, edge.high])
    }

    fn band(&self, y: i32) -> usize {
        let band = (i64::from(y) - i64::from(self.min[1])) / self.band_height;
        usize::try_from(band).unwrap_or(0)
    }

    fn sort_into_bands(&mut self, edges: &[Edge], bands: usize) {
        let mut counts = vec![0_u32; bands + 1];
        for edge in edges {
            for band in self.band(edge.low[1])..=self.band(edge.high[1]) {
                counts[band + 1] += 1;
            }
        }
        for band in 0..bands {
            counts[band + 1] += counts[band];
        }
        self.starts.clone_from(&counts);
        let nothing = Edge {
            low: [0; 2],
            high: [0; 2],
        };
        self.edges = vec![nothing; counts[bands] as usize];
        for edge in edges {
            for next in &mut counts[self.band(edge.low[1])..=self.band(edge.high[1])] {
                self.edges[*next as usize] = *edge;
                *next += 1;
            }
        }
    }
}

fn corners(rings: &[Vec<Point>]) -> (Point, Point) {
    rings
        .iter()
        .flatten()
        .fold(([i32::MAX; 2], [i32::MIN; 2]), |(min, max), point| {
            (
                [min[0].min(point[0]), min[1].min(point[1])],
                [max[0].max(point[0]), max[1].max(point[1])],
            )
        })
}

impl Edge {
    /// The edge between two points; `None` when they are the same.
    fn new(a: Point, b: Point) -> Option<Self> {
        let (low, high) = if a[1] <= b[1] { (a, b) } else { (b, a) };
        (a != b).then_some(Self { low, high })
    }

    /// Whether the ray that runs east from `point` crosses the edge; never when it is level.
    /// The products are at most
    /// 3.6e9 × 1.8e9, which fits into 63 bits.
    fn is_crossed_from(self, point: Point) -> bool {
        if point[1] < self.low[1] || point[1] >= self.high[1] {
            return false;
        }
        let wide =
            |from: Point, to: Point, axis: usize| i64::from(to[axis]) - i64::from(from[axis]);
        wide(self.low, self.high, 0) * wide(self.low, point, 1)
            > wide(self.low, self.high, 1) * wide(self.low, point, 0)
    }

    fn distance_2(self, point: Point) -> f64 {
        // One degree of a meridian on the sphere of mean radius 6 371 008.8 m, per 1e-7 degree.
        const METRES: f64 = 111_195.08 / 1e7;
        let across = METRES * (f64::from(point[1]) / 1e7).to_radians().cos();
        let plane = |to: Point| {
            [
                (f64::from(to[0]) - f64::from(point[0])) * across,
                (f64::from(to[1]) - f64::from(point[1])) * METRES,
            ]
        };
        let (low, high) = (plane(self.low), plane(self.high));
        let along = [high[0] - low[0], high[1] - low[1]];
        let length_2 = along[0].powi(2) + along[1].powi(2);
        let part = (-(low[0] * along[0] + low[1] * along[1]) / length_2).clamp(0.0, 1.0);
        (low[0] + part * along[0]).powi(2) + (low[1] + part * along[1]).powi(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A square of 8 with a square hole of 4 in its middle.
    fn frame() -> Polygon {
        let ring =
            |min: i32, max: i32| vec![[min, min], [max, min], [max, max], [min, max], [min, min]];
        Polygon::new(&[ring(0, 8), ring(2, 6)])
    }

    #[track_caller]
    fn check(point: Point, inside: bool) {
        assert_eq!(frame().contains(point), inside, "{point:?}");
    }

    #[test]
    fn south_and_west_borders_are_inside() {
        check([1, 1], true);
        check([4, 4], false);
        check([9, 4], false);
        check([0, 4], true);
        check([8, 4], false);
        check([4, 0], true);
        check([4, 8], false);
        check([0, 0], true);
        check([8, 8], false);
        check([2, 4], false);
        check([6, 4], true);
        check([4, 2], false);
        check([4, 6], true);
    }

    #[test]
    fn no_rings_contain_nothing() {
        assert!(!Polygon::new(&[]).contains([0, 0]));
    }

    #[test]
    fn the_widest_edges_do_not_overflow() {
        let world = [[-1_800_000_000, -900_000_000], [1_800_000_000, 900_000_000]];
        let triangle = vec![world[0], world[1], [-1_800_000_000, 900_000_000], world[0]];
        let triangle = Polygon::new(&[triangle]);
        assert!(triangle.contains([-1_799_999_999, 899_999_999]));
        assert!(!triangle.contains([1_799_999_999, -899_999_999]));
    }

    #[test]
    fn distance_is_in_metres() {
        let degree = 10_000_000;
        let meridian = Polygon::new(&[vec![[0, 0], [0, 60 * degree], [0, 0]]]);
        let distance_m = meridian.distance_2([degree, 60 * degree]).sqrt();
        assert!((distance_m - 111_195.08 / 2.0).abs() < 1.0, "{distance_m}");
    }
}
