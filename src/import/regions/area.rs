//! Rings of a file as polygons on the earth.

use super::layer::{Ring, Xy};
use crate::import::projection::Projection;
use crate::place::LonLat;
use crate::record::region::Polygon;

/// Square degrees below which a ring encloses nothing, about a square centimetre.
const NOTHING: f64 = 1e-14;

/// What was tidied in the rings of one feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tidied {
    /// Rings that were not closed.
    pub closed: usize,
    /// Rings that enclose nothing and were left out.
    pub dropped: usize,
}

/// Why rings are no area.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Unfit {
    /// A coordinate is no position.
    Coordinate(Xy),
    /// No outer ring encloses anything; the distinct positions of the longest.
    Ring(usize),
}

/// The polygons of rings, each polygon its outer ring and then its holes. Rings are closed, turn
/// as [`Polygon`] says, and repeat no position; those that enclose nothing are left out, an outer
/// one with its holes.
pub(super) fn polygons(
    polygons: Vec<Vec<Ring>>,
    projection: &Projection,
) -> Result<(Vec<Polygon>, Tidied), Unfit> {
    let mut tidied = Tidied::default();
    let mut found = Vec::new();
    let mut most = 0;
    for rings in polygons {
        let mut tidy = Vec::with_capacity(rings.len());
        for ring in rings {
            let (ring, was_open) = positions(&ring, projection)?;
            let area_2 = area_2(&ring);
            most = most.max(ring.len().saturating_sub(1));
            let encloses = ring.len() > 3 && area_2.abs() > NOTHING;
            tidied.closed += usize::from(was_open && encloses);
            tidied.dropped += usize::from(!encloses);
            tidy.push(encloses.then(|| turned(ring, area_2, tidy.is_empty())));
        }
        let mut tidy = tidy.into_iter();
        if let Some(outer) = tidy.next().flatten() {
            let holes = tidy.flatten().collect();
            found.push(Polygon { outer, holes });
        }
    }
    if found.is_empty() {
        return Err(Unfit::Ring(most));
    }
    Ok((found, tidied))
}

/// The closed ring without repeated positions, and whether it had to be closed.
fn positions(ring: &[Xy], projection: &Projection) -> Result<(Vec<LonLat>, bool), Unfit> {
    let mut positions = Vec::with_capacity(ring.len() + 1);
    for &[x, y] in ring {
        let position = projection.position(x, y).ok_or(Unfit::Coordinate([x, y]))?;
        if positions.last() != Some(&position) {
            positions.push(position);
        }
    }
    let first = positions.first().copied();
    let is_open = positions.len() < 2 || positions.last() != first.as_ref();
    if is_open {
        positions.extend(first);
    }
    Ok((positions, is_open))
}

/// Twice the area in square degrees, positive when the ring runs counterclockwise.
fn area_2(ring: &[LonLat]) -> f64 {
    let Some(base) = ring.first() else { return 0.0 };
    let flat = |at: LonLat| (at.lon() - base.lon(), at.lat() - base.lat());
    ring.windows(2)
        .map(|pair| {
            let (a, b) = (flat(pair[0]), flat(pair[1]));
            a.0 * b.1 - b.0 * a.1
        })
        .sum()
}

fn turned(mut ring: Vec<LonLat>, area_2: f64, is_outer: bool) -> Vec<LonLat> {
    if (area_2 > 0.0) != is_outer {
        ring.reverse();
    }
    ring
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rings: &[&[Xy]], expected: &Result<(usize, Tidied), Unfit>) {
        let degrees = Projection::coded(4326).unwrap();
        let rings = rings.iter().map(|ring| ring.to_vec()).collect();
        let found = polygons(vec![rings], &degrees);
        let found = found.map(|(found, tidied)| (found[0].rings().count(), tidied));
        assert_eq!(found, *expected);
    }

    #[test]
    fn rings_are_closed_or_dropped() {
        const SQUARE: &[Xy] = &[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]];
        const LINE: &[Xy] = &[[0.2, 0.2], [0.4, 0.2], [0.2, 0.2]];
        let tidied = |closed, dropped| Tidied { closed, dropped };
        check(&[SQUARE], &Ok((1, tidied(0, 0))));
        check(&[&SQUARE[..4]], &Ok((1, tidied(1, 0))));
        check(&[SQUARE, LINE], &Ok((1, tidied(0, 1))));
        check(&[LINE, SQUARE], &Err(Unfit::Ring(4)));
        check(&[LINE], &Err(Unfit::Ring(2)));
        check(&[&[]], &Err(Unfit::Ring(0)));
        check(
            &[&[[0.0, 91.0], [1.0, 0.0]]],
            &Err(Unfit::Coordinate([0.0, 91.0])),
        );
        let beyond = polygons(
            vec![vec![vec![[f64::NAN, 1.0]]]],
            &Projection::coded(4326).unwrap(),
        );
        assert!(matches!(beyond, Err(Unfit::Coordinate(_))));
    }

    #[test]
    fn outer_rings_run_counterclockwise() {
        let degrees = Projection::coded(4326).unwrap();
        let clockwise = vec![[0.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.0, 0.0]];
        let hole = vec![[0.2, 0.5], [0.2, 0.6], [0.3, 0.6], [0.2, 0.5]];
        let (found, _) = polygons(vec![vec![clockwise, hole]], &degrees).unwrap();
        let areas: Vec<bool> = found[0].rings().map(|ring| area_2(ring) > 0.0).collect();
        assert_eq!(areas, [true, false]);
    }
}
