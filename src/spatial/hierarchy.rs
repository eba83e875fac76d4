//! Hierarchies of own regions: each is one immutable file, and tells which region contains a
//! position.

use rstar::RTree;
use rstar::primitives::{GeomWithData, Rectangle};

use crate::place::{LonLat, RegionKey};
use crate::record::region::{self, Hierarchy, OwnRegion};
use crate::spatial::polygon::Polygon;
use crate::spatial::topology::{Point, fixed};

pub mod file;

/// The regions of a hierarchy as areas.
///
/// A position is answered in these steps:
/// 1. it is rounded to 1e-7 degree, the integer space of the areas;
/// 2. a tree of boxes gives the few polygons that may contain it;
/// 3. each says exactly whether it does (see [`crate::spatial::polygon`]), so that of regions
///    that share their corners one contains it;
/// 4. of regions that lie on each other the smallest is taken.
#[derive(Debug)]
pub struct HierarchyIndex {
    name: String,
    members: Vec<(RegionKey, String)>,
    /// Square metres of each region.
    areas: Vec<f64>,
    parts: Vec<Part>,
    boxes: RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>,
}

/// One polygon of a region.
#[derive(Debug)]
struct Part {
    region: usize,
    polygon: Polygon,
}

impl HierarchyIndex {
    /// The index of `hierarchy`. O(n log n); 20 to 30 bytes a position.
    #[must_use]
    pub fn new(hierarchy: &Hierarchy) -> Self {
        let regions = &hierarchy.regions;
        let parts: Vec<Part> = (0..).zip(regions).flat_map(parts).collect();
        let boxes = (0..)
            .zip(&parts)
            .map(|(at, part)| {
                let [min, max] = [part.polygon.min(), part.polygon.max()].map(flat);
                GeomWithData::new(Rectangle::from_corners(min, max), at)
            })
            .collect();
        Self {
            name: hierarchy.name.clone(),
            members: regions
                .iter()
                .map(|region| (region.key.clone(), region.name.clone()))
                .collect(),
            areas: regions.iter().map(area_m2).collect(),
            parts,
            boxes: RTree::bulk_load(boxes),
        }
    }

    /// What the hierarchy is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Key and name of each region, in the order of the file.
    #[must_use]
    pub fn members(&self) -> &[(RegionKey, String)] {
        &self.members
    }

    /// Square kilometres of the region at that place among the members, on a sphere; 0 beyond them.
    #[must_use]
    pub fn area_km2(&self, region: usize) -> f64 {
        self.areas.get(region).map_or(0.0, |area_m2| area_m2 / 1e6)
    }

    /// The place among the members of the smallest region that contains `position`, of equally
    /// large ones the first; `None` where there is none. O(log n + k), about a microsecond.
    #[must_use]
    pub fn region_of(&self, position: LonLat) -> Option<usize> {
        let point = [fixed(position.lon()), fixed(position.lat())];
        self.boxes
            .locate_all_at_point(flat(point))
            .map(|found| &self.parts[found.data])
            .filter(|part| part.polygon.contains(point))
            .map(|part| part.region)
            .min_by(|a, b| self.areas[*a].total_cmp(&self.areas[*b]).then(a.cmp(b)))
    }
}

fn parts((region, own): (usize, &OwnRegion)) -> impl Iterator<Item = Part> {
    let point = |at: &LonLat| [fixed(at.lon()), fixed(at.lat())];
    own.polygons.iter().map(move |polygon| {
        let rings = polygon.rings().map(|ring| ring.iter().map(point).collect());
        Part {
            region,
            polygon: Polygon::new(&rings.collect::<Vec<_>>()),
        }
    })
}

fn flat(point: Point) -> [f64; 2] {
    point.map(f64::from)
}

/// Square metres of `region` on a sphere of the mean earth radius, by which regions are told
/// larger and smaller (Chamberlain and Duquette 2007, “Some algorithms for polygons on a
/// sphere”, eq. 1 as trapezoids). Holes turn the other way and so are taken off.
fn area_m2(region: &OwnRegion) -> f64 {
    const MEAN_RADIUS_M: f64 = 6_371_008.8;
    let trapezoid = |ends: &[LonLat]| {
        let width = (ends[0].lon() - ends[1].lon()).to_radians();
        let sines = ends.iter().map(|at| at.lat().to_radians().sin());
        width * sines.sum::<f64>()
    };
    let rings = region.polygons.iter().flat_map(region::Polygon::rings);
    let sum: f64 = rings.flat_map(|ring| ring.windows(2).map(trapezoid)).sum();
    (sum / 2.0 * MEAN_RADIUS_M.powi(2)).abs()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    use crate::spatial::tests::Random;

    const SEED: u64 = 7;

    fn square(key: &str, [west, south]: [f64; 2], side: f64) -> OwnRegion {
        let (east, north) = (west + side, south + side);
        let ring = [[west, south], [east, south], [east, north], [west, north]];
        let ring = ring.iter().chain(&ring[..1]);
        OwnRegion {
            key: RegionKey::new(key),
            name: key.to_owned(),
            parent: None,
            attributes: BTreeMap::new(),
            polygons: vec![region::Polygon {
                outer: ring.map(|at| LonLat::try_from(*at).unwrap()).collect(),
                holes: Vec::new(),
            }],
        }
    }

    fn index(regions: Vec<OwnRegion>) -> HierarchyIndex {
        HierarchyIndex::new(&Hierarchy {
            name: "Vertrieb".to_owned(),
            regions,
        })
    }

    #[track_caller]
    fn check(index: &HierarchyIndex, at: [f64; 2], expected: Option<&str>) {
        let found = index.region_of(LonLat::try_from(at).unwrap());
        assert_eq!(found.map(|at| index.members()[at].0.as_str()), expected);
    }

    #[test]
    fn the_smallest_region_that_contains_it_is_taken() {
        let large = square("large", [10.0, 50.0], 2.0);
        let small = square("small", [11.0, 51.0], 0.5);
        let same = square("same", [11.0, 51.0], 0.5);
        let index = index(vec![large, small, same]);
        check(&index, [10.5, 50.5], Some("large"));
        check(&index, [11.2, 51.2], Some("small"));
        check(&index, [11.7, 51.7], Some("large"));
        check(&index, [9.9, 50.5], None);
    }

    #[test]
    fn areas_are_those_of_the_sphere() {
        // A degree at the equator is 111.195 km on the sphere of mean radius.
        let area = area_m2(&square("a", [10.0, -0.5], 1.0));
        assert!((area / 111_195.08_f64.powi(2) - 1.0).abs() < 1e-4, "{area}");
    }

    #[test]
    fn every_position_of_a_grid_belongs_to_the_square_it_lies_in() {
        let places = (0..20_u32).flat_map(|x| (0..20_u32).map(move |y| (x, y)));
        let place = |(x, y)| square(&format!("{x} {y}"), [f64::from(x), f64::from(y)], 1.0);
        let index = index(places.map(place).collect());
        let mut random = Random(SEED);
        for round in 0..2_000 {
            let [x, y] = [0, 1].map(|_| random.between(-1.0, 21.0));
            // Every other one lies on a border.
            let x = if round % 2 == 0 { x.floor() } else { x };
            let is_inside = (0.0..20.0).contains(&x) && (0.0..20.0).contains(&y);
            let expected = is_inside.then(|| format!("{} {}", x.floor(), y.floor()));
            check(&index, [x, y], expected.as_deref());
        }
    }
}
