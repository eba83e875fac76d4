//! The map's frame on the paper: which part of the earth it shows, and where in it a place lies.
//!
//! Lengths are points of type (1/72 inch), x to the right, y down from the upper left corner of the
//! frame. Outlines are drawn on a grid of tenths of a point, about 0.04 mm: what is closer together can't be
//! seen, and a border has the same corners on both of its sides.

use super::land::Area;
use super::projection::Projection;
use crate::place::LonLat;
use crate::spatial::topology::{PER_DEGREE, Point};
use crate::tile::clip::{self, Rectangle};

/// Grid steps to a point of type.
pub(super) const GRID: f64 = 10.0;

/// The part of the frame that is left free around what is shown, on each side.
const MARGIN: f64 = 0.03;

/// The least part of the earth that is shown, metres across.
const LEAST_M: f64 = 2_000.0;

/// IUGG mean radius of the earth.
const MEAN_RADIUS_M: f64 = 6_371_008.8;

/// How far beyond the frame outlines are cut, in grid steps: their strokes are not to be seen.
const BEYOND: i64 = 50;

/// The part of the earth that is to be shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    projection: Projection,
    /// West, south, east, north in metres of the projection.
    edges: [f64; 4],
}

/// A place in the frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    projection: Projection,
    /// Width and height in points.
    pub(super) size: [f64; 2],
    metres_per_point: f64,
    middle: [f64; 2],
}

impl View {
    /// The view of all `areas`; `None` when there are none.
    pub(super) fn of(areas: &[Area]) -> Option<Self> {
        let points = || {
            let rings = areas.iter().flat_map(|area| &area.rings);
            rings.flatten().map(|point| degrees(*point))
        };
        let middle = middle_of(points)?;
        let reach = points()
            .map(|at| angle_degrees(middle, at))
            .fold(0.0, f64::max);
        let projection = Projection::around(middle, reach);
        let mut edges = [
            f64::INFINITY,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NEG_INFINITY,
        ];
        for [lon, lat] in points() {
            let [x, y] = projection.project(lon, lat);
            edges = [
                edges[0].min(x),
                edges[1].min(y),
                edges[2].max(x),
                edges[3].max(y),
            ];
        }
        Some(Self { projection, edges })
    }

    /// Metres across and up.
    pub(super) fn extent(&self) -> [f64; 2] {
        let [west, south, east, north] = self.edges;
        [east - west, north - south].map(|metres| metres.max(LEAST_M))
    }

    /// The frame of `size` points in which all of the view lies.
    pub(super) fn frame(&self, size: [f64; 2]) -> Frame {
        let extent = self.extent();
        let needed = [0, 1].map(|axis: usize| extent[axis] / (size[axis] * (1.0 - 2.0 * MARGIN)));
        let [west, south, east, north] = self.edges;
        Frame {
            projection: self.projection,
            size,
            metres_per_point: needed[0].max(needed[1]),
            middle: [f64::midpoint(west, east), f64::midpoint(south, north)],
        }
    }
}

impl Frame {
    /// How many metres a point of type is at the middle.
    pub(super) fn metres_per_point(&self) -> f64 {
        self.metres_per_point
    }

    /// Whether a length on the paper is the same on the earth wherever it lies, nearly.
    pub(super) fn has_one_scale(&self) -> bool {
        matches!(self.projection, Projection::Lambert(_))
    }

    /// Where a position in degrees lies, which may be outside the frame.
    pub(super) fn place(&self, lon: f64, lat: f64) -> [f64; 2] {
        let [x, y] = self.projection.project(lon, lat);
        [
            self.size[0] / 2.0 + (x - self.middle[0]) / self.metres_per_point,
            self.size[1] / 2.0 - (y - self.middle[1]) / self.metres_per_point,
        ]
    }

    /// Whether a place lies in the frame, at least `margin` points from its edge.
    pub(super) fn contains(&self, [x, y]: [f64; 2], margin: f64) -> bool {
        let [width, height] = self.size;
        (margin..=width - margin).contains(&x) && (margin..=height - margin).contains(&y)
    }

    /// The rings as a path of SVG in grid steps, cut to the frame; empty where nothing is seen.
    pub(super) fn rings(&self, rings: &[Vec<Point>]) -> String {
        let mut path = String::new();
        for ring in rings {
            let mut points = self.grid(ring);
            // An open ring is what is cut.
            if points.first() == points.last() {
                points.pop();
            }
            clip::ring(&mut points, self.cut());
            clip::tidy(&mut points);
            write_path(&mut path, &points, true);
        }
        path
    }

    /// The lines as a path of SVG in grid steps, cut to the frame.
    pub(super) fn lines(&self, lines: &[Vec<Point>]) -> String {
        let mut path = String::new();
        for line in lines {
            for piece in clip::line(&self.grid(line), self.cut()) {
                write_path(&mut path, &piece, false);
            }
        }
        path
    }

    /// The box around rings in points: left, top, right, bottom.
    pub(super) fn bounds(&self, rings: &[Vec<Point>]) -> [f64; 4] {
        let mut edges = [
            f64::INFINITY,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NEG_INFINITY,
        ];
        for point in rings.iter().flatten() {
            let [lon, lat] = degrees(*point);
            let [x, y] = self.place(lon, lat);
            edges = [
                edges[0].min(x),
                edges[1].min(y),
                edges[2].max(x),
                edges[3].max(y),
            ];
        }
        edges
    }

    fn grid(&self, points: &[Point]) -> Vec<clip::Point> {
        let mut grid: Vec<clip::Point> = Vec::with_capacity(points.len());
        for point in points {
            let [lon, lat] = degrees(*point);
            let at = self.place(lon, lat).map(step);
            if grid.last() != Some(&at) {
                grid.push(at);
            }
        }
        grid
    }

    /// What is cut to: a square around the frame.
    fn cut(&self) -> Rectangle {
        Rectangle {
            min: -BEYOND,
            max: step(self.size[0].max(self.size[1])) + BEYOND,
        }
    }
}

fn degrees([lon, lat]: Point) -> [f64; 2] {
    [f64::from(lon) / PER_DEGREE, f64::from(lat) / PER_DEGREE]
}

/// The grid step of so many points of type.
fn step(points: f64) -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the earth is less than 2^40 steps across"
    )]
    let step = (points * GRID).round() as i64;
    step
}

/// The middle between the outermost positions; across the date line where that is shorter. `None`
/// without positions.
fn middle_of<I: Iterator<Item = [f64; 2]>>(points: impl Fn() -> I) -> Option<LonLat> {
    let mut sum = [0.0; 2];
    for [lon, _] in points() {
        let (sin, cos) = lon.to_radians().sin_cos();
        sum = [sum[0] + cos, sum[1] + sin];
    }
    let mean = sum[1].atan2(sum[0]).to_degrees();
    let mut edges = [
        f64::INFINITY,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NEG_INFINITY,
    ];
    for [lon, lat] in points() {
        let lon = (lon - mean + 540.0).rem_euclid(360.0) - 180.0;
        edges = [
            edges[0].min(lon),
            edges[1].min(lat),
            edges[2].max(lon),
            edges[3].max(lat),
        ];
    }
    let lon = mean + f64::midpoint(edges[0], edges[2]);
    let lon = (lon + 540.0).rem_euclid(360.0) - 180.0;
    LonLat::parse(lon, f64::midpoint(edges[1], edges[3])).ok()
}

/// The arc between two positions on the sphere, in degrees.
fn angle_degrees(from: LonLat, [lon, lat]: [f64; 2]) -> f64 {
    let arc = |to| (from.distance_m(to) / MEAN_RADIUS_M).to_degrees();
    LonLat::parse(lon, lat).map_or(0.0, arc)
}

/// Adds a part to a path in relative steps, which are short.
fn write_path(path: &mut String, points: &[clip::Point], is_closed: bool) {
    use std::fmt::Write;
    let [first, rest @ ..] = points else {
        return;
    };
    if rest.is_empty() {
        return;
    }
    // Writing to a string does not fail.
    let _ = write!(path, "M{} {}l", first[0], first[1]);
    let mut from = *first;
    for (place, to) in rest.iter().enumerate() {
        let gap = if place > 0 { " " } else { "" };
        let _ = write!(path, "{gap}{} {}", to[0] - from[0], to[1] - from[1]);
        from = *to;
    }
    if is_closed {
        path.push('z');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spatial::topology::fixed;

    fn area(corners: &[[f64; 2]]) -> Area {
        let ring = corners.iter().map(|[lon, lat]| [fixed(*lon), fixed(*lat)]);
        let mut ring: Vec<Point> = ring.collect();
        ring.push(ring[0]);
        Area {
            key: "area".to_owned(),
            rings: vec![ring],
        }
    }

    fn square(west: f64, south: f64, side: f64) -> Area {
        area(&[
            [west, south],
            [west + side, south],
            [west + side, south + side],
            [west, south + side],
        ])
    }

    #[test]
    fn everything_lies_in_the_frame() {
        let areas = [square(6.0, 47.0, 1.0), square(13.0, 53.0, 2.0)];
        let frame = View::of(&areas).unwrap().frame([500.0, 700.0]);
        for area in &areas {
            for [lon, lat] in area.rings[0].iter().map(|point| degrees(*point)) {
                assert!(frame.contains(frame.place(lon, lat), 10.0));
            }
        }
        let [x, y] = frame.place(10.25, 51.0);
        assert!(
            (x - 250.0).abs() < 20.0 && (y - 350.0).abs() < 20.0,
            "{x} {y}"
        );
        assert!(View::of(&[]).is_none());
    }

    #[test]
    fn what_lies_across_the_date_line_stays_together() {
        let areas = [square(178.0, 60.0, 1.0), square(-179.0, 60.0, 1.0)];
        let view = View::of(&areas).unwrap();
        assert!(view.extent()[0] < 300_000.0, "{:?}", view.extent());
    }

    #[test]
    fn neighbours_share_the_corners_of_their_border() {
        let areas = [square(8.0, 50.0, 1.0), square(9.0, 50.0, 1.0)];
        let frame = View::of(&areas).unwrap().frame([300.0, 300.0]);
        let grid = |area: &Area| frame.grid(&area.rings[0]);
        let (west, east) = (grid(&areas[0]), grid(&areas[1]));
        let shared = west.iter().filter(|corner| east.contains(corner)).count();
        assert_eq!(shared, 2);
    }

    #[test]
    fn outlines_are_cut_to_the_frame() {
        let shown = [square(8.0, 50.0, 1.0)];
        let frame = View::of(&shown).unwrap().frame([300.0, 300.0]);
        let path = frame.rings(&square(-40.0, 20.0, 60.0).rings);
        let numbers = path.split(|sign: char| !sign.is_ascii_digit() && sign != '-');
        let far = numbers.filter_map(|number| number.parse::<i64>().ok());
        assert!(far.map(i64::abs).max().unwrap() <= 3_100 + 50, "{path}");
        assert_eq!(frame.rings(&square(60.0, 20.0, 1.0).rings), "");
    }
}
