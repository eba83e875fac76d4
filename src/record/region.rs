//! A region of a company's own: a sales area, a branch's area, or official areas that are not
//! shipped.

use std::collections::BTreeMap;

use crate::place::{LonLat, RegionKey};

/// A region that a user brought, with its area.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnRegion {
    /// Its key, unique within the file it came from.
    pub key: RegionKey,
    /// What it is called.
    pub name: String,
    /// The key of the region it belongs to, which may be of the same file or not.
    pub parent: Option<RegionKey>,
    /// What else the file says of it, heading to value; no value is empty.
    pub attributes: BTreeMap<String, String>,
    /// Its area, at least one polygon.
    pub polygons: Vec<Polygon>,
}

/// A polygon in WGS84. Rings are closed, the first position comes again at the end, and each
/// encloses something: at least four positions.
#[derive(Debug, Clone, PartialEq)]
pub struct Polygon {
    /// The ring around it, counterclockwise.
    pub outer: Vec<LonLat>,
    /// The rings around what is left out of it, clockwise.
    pub holes: Vec<Vec<LonLat>>,
}

impl Polygon {
    /// Its rings, the outer one first.
    pub fn rings(&self) -> impl Iterator<Item = &[LonLat]> {
        let holes = self.holes.iter().map(Vec::as_slice);
        std::iter::once(self.outer.as_slice()).chain(holes)
    }
}

/// The regions of one file, which a company sees side by side: its sales areas, say.
#[derive(Debug, Clone, PartialEq)]
pub struct Hierarchy {
    /// What it is called; a later file of the same name takes its place.
    pub name: String,
    /// Its regions, in the order of the file.
    pub regions: Vec<OwnRegion>,
}
