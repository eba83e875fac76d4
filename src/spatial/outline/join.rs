//! Areas put together from their parts: the arcs between two parts are walked in both directions
//! and go, the others are linked to rings again.

use std::collections::{BTreeMap, BTreeSet};

use crate::spatial::polygon;
use crate::spatial::topology::{Arcs, Point, Topology};

/// `ring` in the direction that it should run: outer ones counterclockwise, holes clockwise.
pub(super) fn turned(topology: &Topology, ring: &Arcs, is_outer: bool) -> Arcs {
    if (area_2(&topology.points(ring)) > 0) == is_outer {
        return ring.clone();
    }
    ring.iter().rev().map(|arc| !arc).collect()
}

/// The polygons of the area of all `rings` together, which run as they should and do not overlap;
/// of each its rings as points, the outer one first.
pub(super) fn polygons(
    topology: &Topology,
    rings: impl Iterator<Item = Arcs>,
) -> Vec<Vec<Vec<Point>>> {
    let mut arcs: BTreeSet<i32> = BTreeSet::new();
    for arc in rings.flatten() {
        if !arcs.remove(&!arc) {
            arcs.insert(arc);
        }
    }
    let (outer, holes): (Vec<_>, Vec<_>) = linked(topology, &arcs)
        .into_iter()
        .partition(|ring| area_2(ring) > 0);
    let mut found: Vec<(polygon::Polygon, Vec<Vec<Point>>)> = outer
        .into_iter()
        .map(|ring| {
            let rings = vec![ring];
            (polygon::Polygon::new(&rings), rings)
        })
        .collect();
    for hole in holes {
        // A hole touches the ring around it in corners at most, so the middle of an edge is inside.
        let middle = [0, 1].map(|axis| hole[0][axis].midpoint(hole[1][axis]));
        let around = found.iter_mut().filter(|(area, _)| area.contains(middle));
        if let Some((_, rings)) = around.min_by_key(|(_, rings)| area_2(&rings[0])) {
            rings.push(hole);
        }
    }
    found.into_iter().map(|(_, rings)| rings).collect()
}

/// Rings of all `arcs`. One that comes back to where it was is cut there, so that none touches
/// itself.
fn linked(topology: &Topology, arcs: &BTreeSet<i32>) -> Vec<Vec<Point>> {
    let mut leaving: BTreeMap<Point, Vec<Vec<Point>>> = BTreeMap::new();
    for arc in arcs {
        let points = topology.points(&[*arc]);
        if let [first, _, ..] = points[..] {
            leaving.entry(first).or_default().push(points);
        }
    }
    let mut rings = Vec::new();
    let mut path: Vec<Vec<Point>> = Vec::new();
    while let Some(mut at) = leaving.keys().next().copied() {
        while let Some(arc) = take(&mut leaving, at) {
            at = arc[arc.len() - 1];
            path.push(arc);
            if let Some(start) = path.iter().position(|arc| arc[0] == at) {
                rings.push(ring_of(path.drain(start..)));
            }
        }
        // What leads nowhere is no ring; whole parts have none of it.
        path.clear();
    }
    rings
}

fn take(leaving: &mut BTreeMap<Point, Vec<Vec<Point>>>, from: Point) -> Option<Vec<Point>> {
    let arcs = leaving.get_mut(&from)?;
    let arc = arcs.pop();
    if arcs.is_empty() {
        leaving.remove(&from);
    }
    arc
}

fn ring_of(arcs: impl Iterator<Item = Vec<Point>>) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    for arc in arcs {
        points.pop();
        points.extend(arc);
    }
    points
}

/// Twice the area of a closed ring in squares of 1e-7 degree, positive when it runs
/// counterclockwise.
fn area_2(ring: &[Point]) -> i128 {
    let wide = |point: Point| point.map(i128::from);
    let edges = ring.windows(2).map(|ends| (wide(ends[0]), wide(ends[1])));
    edges.map(|([ax, ay], [bx, by])| ax * by - bx * ay).sum()
}
