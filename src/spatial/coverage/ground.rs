//! Ground in degrees and in metres.

use geo::{BoundingRect, GeodesicArea, InteriorPoint};

use super::{NARROWEST_M, SMALLEST_M2};
use crate::place::LonLat;

/// A piece of ground.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Patch {
    /// Square metres.
    pub area_m2: f64,
    /// A position inside.
    pub at: LonLat,
}

/// The corners of the box around `polygon`; `None` when it is empty.
pub(super) fn flat(polygon: &geo::Polygon) -> Option<[[f64; 2]; 2]> {
    let found = polygon.bounding_rect()?;
    Some([found.min(), found.max()].map(|corner| [corner.x, corner.y]))
}

/// The pieces of `ground` that are large and wide enough to matter, in its order.
pub(super) fn patches(ground: &geo::MultiPolygon) -> Vec<Patch> {
    ground.iter().filter_map(patch).collect()
}

fn patch(polygon: &geo::Polygon) -> Option<Patch> {
    // Signed, as the unsigned area of a sliver that rounding turns round is the rest of the earth.
    let (perimeter_m, area_m2) = polygon.geodesic_perimeter_area_signed();
    let area_m2 = area_m2.abs();
    let width_m = 2.0 * area_m2 / perimeter_m;
    if area_m2 < SMALLEST_M2 || width_m < NARROWEST_M {
        return None;
    }
    let at = polygon.interior_point()?;
    let at = LonLat::parse(at.x(), at.y()).ok()?;
    Some(Patch { area_m2, at })
}
