//! The rings of a region as ground.

use geo::bool_ops::FillRule;
use geo::{Area, BooleanOps};

use super::ground::{Patch, patches};
use crate::place::LonLat;
use crate::record::region::{OwnRegion, Polygon};

/// Share of a region by which its area may change by rounding alone.
const ROUNDING: f64 = 1e-7;

/// A region read in two ways.
#[derive(Debug)]
pub(super) struct Reading {
    /// Ground within an odd number of rings.
    odd: geo::MultiPolygon,
    /// Ground that outer rings go round more often than holes.
    wound: geo::MultiPolygon,
    /// The area that the rings of the file would have if none crossed, in square degrees.
    stated: f64,
}

impl Reading {
    /// Both readings of `region`.
    pub fn of(region: &OwnRegion) -> Self {
        let drawn = drawn(region);
        let none = geo::MultiPolygon::new(Vec::new());
        Self {
            odd: drawn.union_with_fill_rule(&none, FillRule::EvenOdd),
            wound: drawn.union_with_fill_rule(&none, FillRule::Positive),
            stated: drawn.unsigned_area(),
        }
    }

    /// The ground of the region, doubtful pieces included that rings go round.
    pub fn ground(&self) -> &geo::MultiPolygon {
        &self.wound
    }

    /// The pieces that belong to the region by one reading alone.
    pub fn doubts(&self) -> Vec<Patch> {
        patches(&self.odd.xor(&self.wound))
    }

    /// The polygons of `region` drawn anew; `None` when they need not be, or must not, for doubt.
    pub fn repaired(&self, region: &OwnRegion) -> Option<Vec<Polygon>> {
        let rings = |ground: &geo::MultiPolygon| -> usize {
            ground
                .iter()
                .map(|polygon| 1 + polygon.interiors().len())
                .sum()
        };
        let stated_rings: usize = region.polygons.iter().map(|own| 1 + own.holes.len()).sum();
        let same_area = (self.stated - self.wound.unsigned_area()).abs() <= ROUNDING * self.stated;
        let is_whole = same_area
            && stated_rings == rings(&self.wound)
            && region.polygons.len() == self.wound.0.len()
            && !region.polygons.iter().any(has_spike);
        if is_whole || self.wound.0.is_empty() || !self.doubts().is_empty() {
            return None;
        }
        self.wound.iter().map(polygon).collect()
    }
}

/// Whether a ring goes to a position and straight back.
fn has_spike(polygon: &Polygon) -> bool {
    polygon.rings().any(|ring| {
        let open = &ring[..ring.len() - 1];
        (0..open.len()).any(|at| open[at] == open[(at + 2) % open.len()])
    })
}

/// The rings of `region`, outer ones counterclockwise and holes clockwise.
pub(super) fn drawn(region: &OwnRegion) -> geo::MultiPolygon {
    // By the area as a whole: a corner alone tells nothing of a ring that crosses itself.
    let line = |ring: &[LonLat], is_outer: bool| -> geo::LineString {
        let mut line: geo::LineString = ring.iter().map(|at| (at.lon(), at.lat())).collect();
        let area = geo::Polygon::new(line.clone(), Vec::new()).signed_area();
        if (area > 0.0) != is_outer {
            line.0.reverse();
        }
        line
    };
    let polygons = region.polygons.iter().map(|polygon| {
        let holes = polygon.holes.iter().map(|hole| line(hole, false)).collect();
        geo::Polygon::new(line(&polygon.outer, true), holes)
    });
    polygons.collect()
}

/// The polygon of an overlay, whose outer rings run counterclockwise; `None` when rounding has
/// moved a corner off the earth.
fn polygon(own: &geo::Polygon) -> Option<Polygon> {
    let ring = |ring: &geo::LineString| -> Option<Vec<LonLat>> {
        ring.coords()
            .map(|at| LonLat::parse(at.x, at.y).ok())
            .collect()
    };
    Some(Polygon {
        outer: ring(own.exterior())?,
        holes: own.interiors().iter().map(ring).collect::<Option<_>>()?,
    })
}
