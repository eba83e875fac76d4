//! What is at a position: its regions, and the place that is nearest.

use std::sync::LazyLock;

use crate::geocode::{Gazetteer, NamedPlace};
use crate::place::LonLat;
use crate::spatial::locate::RegionIndex;
use crate::spatial::nearest::Points;
use crate::spatial::units::{UnitId, Units};

/// What is at a position.
#[derive(Debug, Clone, PartialEq)]
pub struct Surroundings {
    /// The units around it, from the country down; empty on the high seas.
    pub path: Vec<UnitId>,
    /// The nearest place, and its distance in metres.
    pub nearest: Option<(NamedPlace, f64)>,
}

/// The places of the world by position.
#[derive(Debug)]
struct Places {
    all: Vec<NamedPlace>,
    points: Points,
}

/// The units around `position` and the place nearest to it. A few microseconds; the first call
/// reads the places of all countries, which takes about a second.
#[must_use]
pub fn reverse(position: LonLat) -> Surroundings {
    static PLACES: LazyLock<Places> = LazyLock::new(|| {
        let all = Gazetteer::shipped().named_places();
        let points: Vec<_> = all.iter().map(|place| place.position).zip(0..).collect();
        let points = Points::new(&points);
        Places { all, points }
    });
    let units = Units::shipped();
    let unit = RegionIndex::shipped().unit_of(position);
    let nearest = PLACES.points.nearest(position, 1);
    Surroundings {
        path: unit.map(|unit| units.path(unit)).unwrap_or_default(),
        nearest: nearest.first().and_then(|found| {
            let place = PLACES.all.get(found.id as usize)?;
            Some((place.clone(), found.distance_m))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(lon: f64, lat: f64, expected: &[&str], place: &str) {
        let found = reverse(LonLat::parse(lon, lat).unwrap());
        let units = Units::shipped();
        let names: Vec<_> = found
            .path
            .iter()
            .map(|&id| units.get(id).name_de.as_str())
            .collect();
        assert_eq!(names, expected);
        assert_eq!(
            found.nearest.map(|(place, _)| place.name).as_deref(),
            Some(place)
        );
    }

    #[test]
    fn positions_have_surroundings() {
        check(
            11.576,
            48.137,
            &["Deutschland", "Bayern", "Oberbayern", "München", "München"],
            "München",
        );
        check(
            -87.6298,
            41.8781,
            &["Vereinigte Staaten", "Illinois", "Cook"],
            "Chicago Loop",
        );
        check(16.3726, 48.2083, &["Österreich"], "Wien");
        check(-30.0, 40.0, &[], "Santa Cruz das Flores");
    }
}
