//! Where the rows of an answer are.

use crate::cube::CubeLevel;
use crate::export::Source;
use crate::place::{LonLat, RegionKey};
use crate::record::region::Polygon;
use crate::spatial::outline;
use crate::warehouse::AccountRow;

/// Where a feature is.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// At a point.
    Point(LonLat),
    /// In an area of at least one polygon.
    Area(Vec<Polygon>),
}

/// What the features of a layer can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Geometry {
    /// Points.
    Points,
    /// Areas.
    Areas,
    /// Points and areas.
    Both,
}

impl Place {
    /// A position to seven places, a centimetre; more would claim what no source knows.
    #[must_use]
    pub fn at(position: LonLat) -> Self {
        let round = |degrees: f64| (degrees * 1e7).round() / 1e7;
        let rounded = LonLat::parse(round(position.lon()), round(position.lat()));
        Self::Point(rounded.unwrap_or(position))
    }

    /// West, south, east and north of it; a polygon has no holes outside of its outer ring.
    #[must_use]
    pub fn edges(&self) -> [f64; 4] {
        let none = [
            f64::INFINITY,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NEG_INFINITY,
        ];
        match self {
            Self::Point(at) => widened(none, *at),
            Self::Area(polygons) => {
                let positions = polygons.iter().flat_map(|polygon| &polygon.outer);
                positions.fold(none, |edges, at| widened(edges, *at))
            }
        }
    }
}

/// The least box around `edges` and a position.
pub(super) fn widened([west, south, east, north]: [f64; 4], at: LonLat) -> [f64; 4] {
    [
        west.min(at.lon()),
        south.min(at.lat()),
        east.max(at.lon()),
        north.max(at.lat()),
    ]
}

/// The least box around two boxes.
pub(super) fn united(a: [f64; 4], b: [f64; 4]) -> [f64; 4] {
    [
        a[0].min(b[0]),
        a[1].min(b[1]),
        a[2].max(b[2]),
        a[3].max(b[3]),
    ]
}

/// Knows where members are.
pub(super) struct Ground<'a> {
    pub(super) source: &'a Source<'a>,
}

impl Ground<'_> {
    /// Where the member of `key` at `level` is; `account` where it is one.
    pub(super) fn place(
        &self,
        level: Option<CubeLevel>,
        key: &str,
        account: Option<&AccountRow>,
    ) -> Option<Place> {
        let area = match level? {
            CubeLevel::Account => return account?.position.map(Place::at),
            CubeLevel::Own(level) => (self.source.own)(level, &RegionKey::new(key)),
            level => outline::area(level.outline()?, key),
        };
        area.map(Place::Area)
    }
}
