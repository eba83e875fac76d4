//! Whether regions cover their ground once: where rings are wrong, regions overlap, and gaps lie
//! between them.
//!
//! Overlays are those of the crate `geo`, in degrees on a grid of about a millimetre for a region
//! and a centimetre for a continent; areas are measured on the WGS84 ellipsoid (Karney 2013).
//! What is smaller than [`SMALLEST_M2`] or on average narrower than [`NARROWEST_M`] is what
//! drawing and rounding leave along borders, and no fault.

use std::collections::{BTreeMap, HashMap, HashSet};

use geo::{BooleanOps, unary_union};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use self::ground::{Patch, flat, patches};
use self::ring::Reading;
use crate::place::{LonLat, RegionKey};
use crate::record::region::OwnRegion;

mod ground;
mod ring;
#[cfg(test)]
mod tests;

/// Square metres below which an overlap, a gap or a doubtful piece is no fault.
pub const SMALLEST_M2: f64 = 100.0;
/// Average width in metres, area over half the perimeter, below which it is none either.
pub const NARROWEST_M: f64 = 1.0;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultKind {
    /// The rings of a region cross, a hole lies outside or parts lie on each other, so that it
    /// is not clear whether the piece at the point belongs to it. Not repaired.
    Ring,
    /// Two regions of the same step of the hierarchy cover the same ground.
    Overlap,
    /// Ground within the regions that none covers: a hole in their union.
    Gap,
}

impl FaultKind {
    /// The word of the kind in the API and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ring => "ring",
            Self::Overlap => "overlap",
            Self::Gap => "gap",
        }
    }
}

/// One fault, and where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// The region; of a gap the one with most of its edge, if any.
    pub region: Option<RegionKey>,
    /// The other region of an overlap, or the next one around a gap.
    pub other: Option<RegionKey>,
    /// Square metres on the WGS84 ellipsoid.
    pub area_m2: f64,
    /// A position inside.
    pub at: LonLat,
}

/// Repairs the rings of `regions` where there is no doubt, and gives the keys of those repaired,
/// in their order.
///
/// A region is read twice: so that ground within an odd number of rings belongs to it, and so
/// that ground belongs to it that outer rings go round more often than holes do. Where both give
/// the same ground but for less than a fault, that is the region, and rings that touch or cross
/// themselves, spikes and parts with a common edge are drawn anew. Other regions stay as they are
/// and are faults of the kind [`FaultKind::Ring`]. O(n log n) in the positions.
#[must_use]
pub fn repair(regions: &mut [OwnRegion]) -> Vec<RegionKey> {
    let mut repaired = Vec::new();
    for region in regions {
        let reading = Reading::of(region);
        if let Some(polygons) = reading.repaired(region) {
            region.polygons = polygons;
            repaired.push(region.key.clone());
        }
    }
    repaired
}

/// The faults of `regions`: rings, then overlaps, then gaps, each largest first; none when they
/// cover their ground once.
///
/// Regions are held against those of the same step: those without a parent among `regions`
/// against each other, then those whose parents are such ones, and so on. Regions whose rings
/// need it are taken as [`repair`] would leave them. Lakes and enclaves that belong to no region
/// are gaps, as nothing tells them from forgotten ground. About a second for 10,000 regions of
/// 100 positions.
#[must_use]
pub fn check(regions: &[OwnRegion]) -> Vec<Fault> {
    let readings: Vec<Reading> = regions.iter().map(Reading::of).collect();
    let mut faults = Vec::new();
    for (region, reading) in regions.iter().zip(&readings) {
        for patch in reading.doubts() {
            faults.push(fault(FaultKind::Ring, Some(region), None, &patch));
        }
    }
    for step in steps(regions) {
        let members: Vec<Member<'_>> = step
            .into_iter()
            .map(|at| Member {
                region: &regions[at],
                ground: readings[at].ground(),
            })
            .collect();
        overlaps(&members, &mut faults);
        gaps(&members, &mut faults);
    }
    faults.sort_by(|a, b| {
        let largest_first = b.area_m2.total_cmp(&a.area_m2);
        a.kind
            .cmp(&b.kind)
            .then(largest_first)
            .then_with(|| a.region.cmp(&b.region))
    });
    faults
}

/// A region and the ground it covers.
struct Member<'a> {
    region: &'a OwnRegion,
    ground: &'a geo::MultiPolygon,
}

fn fault(
    kind: FaultKind,
    region: Option<&OwnRegion>,
    other: Option<&OwnRegion>,
    patch: &Patch,
) -> Fault {
    let key = |region: &OwnRegion| region.key.clone();
    Fault {
        kind,
        region: region.map(key),
        other: other.map(key),
        area_m2: patch.area_m2,
        at: patch.at,
    }
}

/// The regions by their distance from the top of the hierarchy.
fn steps(regions: &[OwnRegion]) -> Vec<Vec<usize>> {
    let places: HashMap<&RegionKey, usize> = regions.iter().map(|own| &own.key).zip(0..).collect();
    let parent = |at: usize| places.get(regions[at].parent.as_ref()?).copied();
    let mut steps: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in 0..regions.len() {
        // The import leaves no circles; another source may.
        let above = std::iter::successors(parent(at), |&at| parent(at));
        steps
            .entry(above.take(regions.len()).count())
            .or_default()
            .push(at);
    }
    steps.into_values().collect()
}

type Boxes = RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>;

fn boxes(members: &[Member<'_>]) -> Boxes {
    let boxes = members.iter().enumerate().flat_map(|(at, member)| {
        member.ground.iter().filter_map(move |polygon| {
            let [min, max] = flat(polygon)?;
            Some(GeomWithData::new(Rectangle::from_corners(min, max), at))
        })
    });
    RTree::bulk_load(boxes.collect())
}

fn overlaps(members: &[Member<'_>], faults: &mut Vec<Fault>) {
    let boxes = boxes(members);
    for (at, member) in members.iter().enumerate() {
        let mut near = HashSet::new();
        for polygon in member.ground {
            let Some([min, max]) = flat(polygon) else {
                continue;
            };
            let around = boxes.locate_in_envelope_intersecting(AABB::from_corners(min, max));
            near.extend(around.map(|found| found.data).filter(|other| *other > at));
        }
        let mut near: Vec<usize> = near.into_iter().collect();
        near.sort_unstable();
        for other in near {
            let other = &members[other];
            for patch in patches(&member.ground.intersection(other.ground)) {
                let (a, b) = (Some(member.region), Some(other.region));
                faults.push(fault(FaultKind::Overlap, a, b, &patch));
            }
        }
    }
}

fn gaps(members: &[Member<'_>], faults: &mut Vec<Fault>) {
    let union = unary_union(members.iter().map(|member| member.ground));
    let holes = union.iter().flat_map(geo::Polygon::interiors);
    let holes = holes
        .map(|ring| geo::Polygon::new(ring.clone(), Vec::new()))
        .collect();
    // An island of regions in a gap is no part of it.
    let holes = geo::MultiPolygon::new(holes).difference(&union);
    let boxes = boxes(members);
    for polygon in holes {
        let ring = polygon.exterior().clone();
        for patch in patches(&geo::MultiPolygon::new(vec![polygon])) {
            let around = neighbours(&ring, members, &boxes);
            let region = |place: usize| around.get(place).map(|at| members[*at].region);
            faults.push(fault(FaultKind::Gap, region(0), region(1), &patch));
        }
    }
}

/// The members that share corners with `ring`, most first.
fn neighbours(ring: &geo::LineString, members: &[Member<'_>], boxes: &Boxes) -> Vec<usize> {
    // A tenth of a metre: corners of an overlay are rounded.
    const NEAR_DEGREES: f64 = 1e-6;
    let mut counts: HashMap<usize, usize> = HashMap::new();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "180 degrees are 1.8e8 steps"
    )]
    let step = |at: &geo::Coord| [at.x, at.y].map(|n| (n / NEAR_DEGREES).round() as i64);
    let corners: HashSet<[i64; 2]> = ring.coords().map(step).collect();
    let Some([min, max]) = flat(&geo::Polygon::new(ring.clone(), Vec::new())) else {
        return Vec::new();
    };
    let wide = |n: f64, by: f64| n + by * NEAR_DEGREES;
    let around = AABB::from_corners(min.map(|n| wide(n, -1.0)), max.map(|n| wide(n, 1.0)));
    let near: HashSet<usize> = boxes
        .locate_in_envelope_intersecting(around)
        .map(|found| found.data)
        .collect();
    for at in near {
        let rings = members[at]
            .ground
            .iter()
            .flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()));
        let steps = rings.flat_map(geo::LineString::coords).map(step);
        let shared: HashSet<[i64; 2]> = steps.filter(|at| corners.contains(at)).collect();
        let shared = shared.len();
        if shared > 0 {
            counts.insert(at, shared);
        }
    }
    let mut found: Vec<(usize, usize)> = counts.into_iter().collect();
    found.sort_by_key(|&(at, shared)| (std::cmp::Reverse(shared), at));
    found.into_iter().map(|(at, _)| at).collect()
}
