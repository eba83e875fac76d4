//! Which points of outlines are drawn at which zoom.
//!
//! Every point gets its least zoom once, and a tile takes the points of its zoom. It is found in
//! these steps:
//! 1. points at which outlines part from each other are always drawn, so that neighbours go on
//!    meeting there;
//! 2. between two of them lies a stretch, which all its outlines share; it is thinned once, so
//!    that a border stays the same on both of its sides;
//! 3. points of a stretch go in the order of the triangle that each makes with its neighbours, the
//!    smallest first (Visvalingam and Whyatt 1993, “Line generalisation by repeated elimination of
//!    points”);
//! 4. a point is drawn from the zoom at which its triangle can be seen.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use crate::tile::MAX_ZOOM;

/// A point of the world.
type Point = [u32; 2];

/// Twice the area in tile units of the smallest triangle that is drawn: half a pixel by half a
/// pixel, of the 512 pixels that a tile is wide on the screen.
const LEAST_AREA_2: u64 = 32;

/// log2 of the world units to each side of a tile unit at zoom 0.
const UNIT_BITS: u8 = 20;

/// What is known of a point that outlines go through.
struct Stop {
    /// The points before and behind it, in the order of their coordinates.
    neighbours: [Point; 2],
    /// Whether outlines part here.
    is_junction: bool,
    zoom: Option<u8>,
}

/// The least zoom of each point of `rings`, which are open: 0 to [`MAX_ZOOM`], from which on every
/// point is drawn. O(n log n).
#[must_use]
pub fn least_zooms(rings: &[Vec<Point>]) -> Vec<Vec<u8>> {
    let mut stops = stops(rings);
    for ring in rings {
        thin(ring, &mut stops);
    }
    let zoom = |at: &Point| stops.get(at).and_then(|stop| stop.zoom).unwrap_or(0);
    rings
        .iter()
        .map(|ring| ring.iter().map(zoom).collect())
        .collect()
}

fn stops(rings: &[Vec<Point>]) -> HashMap<Point, Stop> {
    let mut stops: HashMap<Point, Stop> = HashMap::new();
    for ring in rings {
        for (at, point) in ring.iter().enumerate() {
            let before = ring[(at + ring.len() - 1) % ring.len()];
            let behind = ring[(at + 1) % ring.len()];
            let neighbours = [before.min(behind), before.max(behind)];
            stops
                .entry(*point)
                .and_modify(|stop| stop.is_junction |= stop.neighbours != neighbours)
                .or_insert(Stop {
                    neighbours,
                    is_junction: false,
                    zoom: None,
                });
        }
    }
    stops
}

/// Gives the points of `ring` their zooms, stretch by stretch. A ring without a junction is one
/// stretch from its first point back to it.
fn thin(ring: &[Point], stops: &mut HashMap<Point, Stop>) {
    let is_junction = |point: &Point| stops.get(point).is_some_and(|stop| stop.is_junction);
    let mut ends: Vec<usize> = (0..ring.len())
        .filter(|at| is_junction(&ring[*at]))
        .collect();
    if ends.is_empty() && !ring.is_empty() {
        ends.push(0);
    }
    for (index, &start) in ends.iter().enumerate() {
        let end = match ends.get(index + 1) {
            Some(end) => *end,
            None => ends[0] + ring.len(),
        };
        let stretch: Vec<Point> = (start..=end).map(|at| ring[at % ring.len()]).collect();
        let is_known = |point: &Point| stops.get(point).is_some_and(|stop| stop.zoom.is_some());
        if stretch.len() < 3 || is_known(&stretch[1]) {
            continue;
        }
        let zooms = areas_2(&stretch).into_iter().map(zoom_of);
        for (point, zoom) in stretch.iter().zip(zooms) {
            if let Some(stop) = stops.get_mut(point).filter(|stop| stop.zoom.is_none()) {
                stop.zoom = Some(if stop.is_junction { 0 } else { zoom });
            }
        }
    }
}

/// Twice the area that each point of `stretch` stands for, never less than that of the points
/// which go before it; without end for its ends.
fn areas_2(stretch: &[Point]) -> Vec<u64> {
    let last = stretch.len() - 1;
    let mut areas = vec![u64::MAX; stretch.len()];
    let mut before: Vec<usize> = (0..=last).map(|at| at.saturating_sub(1)).collect();
    let mut behind: Vec<usize> = (0..=last).map(|at| at + 1).collect();
    let triangle = |a: usize, b: usize, c: usize| area_2(stretch[a], stretch[b], stretch[c]);
    let mut waiting: BinaryHeap<Reverse<(u64, usize)>> = BinaryHeap::new();
    for (at, area) in areas.iter_mut().enumerate().take(last).skip(1) {
        *area = triangle(at - 1, at, at + 1);
        waiting.push(Reverse((*area, at)));
    }
    let mut is_gone = vec![false; stretch.len()];
    let mut reached = 0;
    while let Some(Reverse((area, at))) = waiting.pop() {
        // A neighbour that went has given the point another triangle, which waits too.
        if is_gone[at] || area != areas[at] {
            continue;
        }
        is_gone[at] = true;
        reached = reached.max(area);
        areas[at] = reached;
        let (left, right) = (before[at], behind[at]);
        behind[left] = right;
        before[right] = left;
        for next in [left, right] {
            if next != 0 && next != last {
                areas[next] = triangle(before[next], next, behind[next]);
                waiting.push(Reverse((areas[next], next)));
            }
        }
    }
    areas
}

/// Twice the area of a triangle in world units, at most `u64::MAX`.
fn area_2(a: Point, b: Point, c: Point) -> u64 {
    let from = |at: Point| [0, 1].map(|axis| i128::from(at[axis]) - i128::from(a[axis]));
    let (b, c) = (from(b), from(c));
    let area = (b[0] * c[1] - b[1] * c[0]).unsigned_abs();
    u64::try_from(area).unwrap_or(u64::MAX)
}

fn zoom_of(area_2: u64) -> u8 {
    let seen = |zoom: &u8| area_2 >= LEAST_AREA_2 << (2 * (UNIT_BITS - zoom));
    (0..MAX_ZOOM).find(seen).unwrap_or(MAX_ZOOM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rings: &[&[Point]], expected: &[&[u8]]) {
        let rings: Vec<_> = rings.iter().map(|ring| ring.to_vec()).collect();
        assert_eq!(least_zooms(&rings), expected);
    }

    #[test]
    fn a_bend_is_drawn_from_the_zoom_at_which_it_is_seen() {
        // A tile unit of zoom 4 is 2^16 wide, one of zoom 10 1024.
        let unit = 1 << 16;
        let far = 1 << 30;
        let (x, y) = (2 * far, 2 * far);
        let bend = |height: u32| [x + unit, y - height];
        let ring = |height| {
            vec![
                [x, y],
                bend(height),
                [x + 2 * unit, y],
                [x + 2 * unit, y + far],
                [x, y + far],
            ]
        };
        check(&[&ring(16 * unit)], &[&[0, 4, 0, 0, 0]]);
        check(&[&ring(unit / 256)], &[&[0, 10, 0, 0, 0]]);
        check(&[&ring(0)], &[&[0, 14, 0, 0, 0]]);
    }

    #[test]
    fn neighbours_draw_their_border_alike() {
        // Two squares with a border of many small bends, walked up by the one and down by the other.
        let far = 1 << 28;
        let mut random: u32 = 7;
        let mut bends = vec![[far, 0]];
        for step in 1..200_u32 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            bends.push([far + (random >> 12), step * (far / 200)]);
        }
        bends.push([far, far]);
        let mut west = vec![[0, far], [0, 0]];
        west.extend(&bends);
        let mut east = vec![[2 * far, 0], [2 * far, far]];
        east.extend(bends.iter().rev());
        let zooms = least_zooms(&[west, east]);
        let mut back = zooms[1][2..].to_vec();
        back.reverse();
        assert_eq!(zooms[0][2..], back);
        assert_eq!((zooms[0][2], zooms[0].last()), (0, Some(&0)));
        let early = zooms[0].iter().filter(|zoom| **zoom <= 2).count();
        let late = zooms[0].iter().filter(|zoom| **zoom <= 8).count();
        assert!(early < 150 && late > 190, "{early}, {late}");
    }

    #[test]
    fn rings_of_nothing_are_no_trouble() {
        check(&[], &[]);
        check(&[&[], &[[1, 1]], &[[1, 1], [2, 2]]], &[&[], &[0], &[0, 14]]);
    }
}
