//! Points that can be asked for by box and by distance.

use rstar::primitives::GeomWithData;
use rstar::{AABB, RTree};

use crate::place::{Bounds, LonLat};

/// Points with the id that the caller knows them by.
///
/// Boxes are looked up in degrees. Distances are looked up as chords of the unit sphere, which
/// grow as the great circle does, so neither the poles nor the date line are special.
#[derive(Debug, Default)]
pub struct Points {
    flat: RTree<GeomWithData<[f64; 2], u32>>,
    sphere: RTree<GeomWithData<[f64; 3], u32>>,
}

/// A point that was found, and how far away it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbour {
    /// Id of the point.
    pub id: u32,
    /// Metres from the position asked about, great circle as in [`LonLat::distance_m`].
    pub distance_m: f64,
}

impl Points {
    /// The index of these points. O(n log n).
    #[must_use]
    pub fn new(points: &[(LonLat, u32)]) -> Self {
        let flat = points
            .iter()
            .map(|&(at, id)| GeomWithData::new(at.into(), id));
        let sphere = points
            .iter()
            .map(|&(at, id)| GeomWithData::new(on_sphere(at), id));
        Self {
            flat: RTree::bulk_load(flat.collect()),
            sphere: RTree::bulk_load(sphere.collect()),
        }
    }

    /// The ids of the points in `bounds`, edges included, in no order. O(log n + k).
    pub fn within(&self, bounds: Bounds) -> impl Iterator<Item = u32> + '_ {
        let corners = AABB::from_corners(bounds.min.into(), bounds.max.into());
        self.flat
            .locate_in_envelope(corners)
            .map(|point| point.data)
    }

    /// The `count` points nearest to `position`, nearest first, of equal ones the lower id first;
    /// all of them when there are fewer. O(log n + count).
    #[must_use]
    pub fn nearest(&self, position: LonLat, count: usize) -> Vec<Neighbour> {
        let mut found: Vec<Neighbour> = Vec::new();
        let mut last_2 = 0.0;
        for (point, distance_2) in self
            .sphere
            .nearest_neighbor_iter_with_distance_2(on_sphere(position))
        {
            // Points as far as the last one are all looked at, so that the ids decide.
            if found.len() >= count && distance_2 > last_2 {
                break;
            }
            last_2 = distance_2;
            found.push(Neighbour {
                id: point.data,
                distance_m: arc_m(distance_2),
            });
        }
        found.sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m).then(a.id.cmp(&b.id)));
        found.truncate(count);
        found
    }
}

/// The position as a point of the unit sphere.
fn on_sphere(position: LonLat) -> [f64; 3] {
    let (lon_sin, lon_cos) = position.lon().to_radians().sin_cos();
    let (lat_sin, lat_cos) = position.lat().to_radians().sin_cos();
    [lat_cos * lon_cos, lat_cos * lon_sin, lat_sin]
}

/// The great circle of a squared chord of the unit sphere, in metres on the mean earth radius.
fn arc_m(chord_2: f64) -> f64 {
    const MEAN_RADIUS_M: f64 = 6_371_008.8;
    2.0 * MEAN_RADIUS_M * (chord_2.sqrt() / 2.0).min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spatial::tests::Random;

    const SEED: u64 = 11;

    fn points(count: u32) -> Vec<(LonLat, u32)> {
        let mut random = Random(SEED);
        (0..count)
            .map(|id| {
                // A coarse grid makes many points coincide.
                let lon = (random.between(-180.0, 180.0) * 2.0).round() / 2.0;
                let lat = (random.between(-85.0, 85.0) * 2.0).round() / 2.0;
                (LonLat::parse(lon, lat).unwrap(), id)
            })
            .collect()
    }

    #[test]
    fn boxes_agree_with_a_scan() {
        let points = points(2_000);
        let index = Points::new(&points);
        let bounds = Bounds::try_from([-10.0, 30.0, 40.5, 60.0]).unwrap();
        let mut found: Vec<_> = index.within(bounds).collect();
        found.sort_unstable();
        let scanned = points.iter().filter(|(at, _)| bounds.contains(*at));
        assert_eq!(found, scanned.map(|(_, id)| *id).collect::<Vec<_>>());
        assert!(!found.is_empty());
    }

    #[test]
    fn nearest_agree_with_a_scan_even_across_the_date_line() {
        let points = points(2_000);
        let index = Points::new(&points);
        for (lon, lat) in [
            (179.9, 10.2),
            (-179.9, 10.2),
            (8.3, 50.1),
            (0.0, 90.0),
            (0.1, -84.9),
        ] {
            let from = LonLat::parse(lon, lat).unwrap();
            let mut scanned: Vec<_> = points.iter().map(|(at, _)| from.distance_m(*at)).collect();
            scanned.sort_by(f64::total_cmp);
            let found = index.nearest(from, 20);
            assert_eq!(found.len(), 20);
            for (neighbour, expected) in found.iter().zip(scanned) {
                let (at, _) = points[neighbour.id as usize];
                assert!(
                    (neighbour.distance_m - expected).abs() < 0.01,
                    "seed {SEED}"
                );
                assert!((neighbour.distance_m - from.distance_m(at)).abs() < 0.01);
            }
        }
    }

    #[test]
    fn fewer_points_than_asked_for_are_all_there_are() {
        let points = points(3);
        let index = Points::new(&points);
        assert_eq!(index.nearest(points[0].0, 10).len(), 3);
        assert!(Points::default().nearest(points[0].0, 10).is_empty());
    }

    #[test]
    fn coinciding_points_come_by_id() {
        let at = LonLat::parse(10.0, 50.0).unwrap();
        let index = Points::new(&[(at, 7), (at, 3), (at, 5)]);
        let ids: Vec<_> = index.nearest(at, 2).iter().map(|n| n.id).collect();
        assert_eq!(ids, [3, 5]);
    }
}
