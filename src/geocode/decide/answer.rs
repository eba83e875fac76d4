//! Positions with how exact and how sure they are.

use crate::geocode::Located;
use crate::geocode::candidate::{Candidate, MOST_CANDIDATES, radius_m};
use crate::geocode::decide::{NEAR_M, Query};
use crate::geocode::evidence::{
    ABROAD, CITY, UNKNOWN_VILLAGE, code_radius_m, place_radius_m, share,
};
use crate::geocode::fold::edit_distance;
use crate::geocode::spot::{How, Spot, Spots};
use crate::geocode::table::{Code, Delivery};
use crate::place::RegionKey;
use crate::record::site::Precision;

impl Query<'_> {
    /// The position of a code: the centre of the place that it delivers to where that is no large
    /// city, else the centre of the code.
    pub(super) fn at_code(
        &self,
        code: &Code,
        delivery: Option<&Delivery>,
        spot: Option<&Spot>,
        confidence: f64,
    ) -> Candidate {
        let near = |name: &str| self.table.town_near(name, code.centre, NEAR_M);
        let district = (!self.district.is_empty())
            .then(|| near(self.district.full()))
            .flatten()
            .map(|town| (town.position, town.population));
        let place = || match (spot, delivery) {
            (Some(spot), _) => Some((spot.position, spot.population)),
            (None, Some(delivery)) => near(self.name.full())
                .or_else(|| near(delivery.name.full))
                .filter(|town| !town.is_municipality)
                .map(|town| (town.position, town.population)),
            (None, None) => None,
        };
        let name = match (delivery, spot) {
            (Some(delivery), _) => delivery.place,
            (None, Some(spot)) => spot.name(),
            (None, None) => {
                let mut deliveries = self.table.deliveries(code);
                let only = deliveries.next().filter(|_| deliveries.len() == 0);
                only.map_or("", |only| only.place)
            }
        };
        let matched = if name.is_empty() {
            code.text.to_owned()
        } else {
            [code.text, " ", name].concat()
        };
        let postal = Some(RegionKey::postal(self.country.iso2(), code.text));
        let centre = match delivery {
            Some(delivery) if !code.is_area_centre => delivery.position,
            _ => code.centre,
        };
        let (position, precision, source, radius_m) =
            match district.or_else(place).filter(|place| place.1 < CITY) {
                Some((position, population)) => (
                    position,
                    Precision::Place,
                    "place centre",
                    place_radius_m(population),
                ),
                None => (
                    centre,
                    Precision::Postal,
                    "postal code centre",
                    code_radius_m(code.spacing_m),
                ),
            };
        Candidate {
            position,
            precision,
            source,
            radius_m: radius_m * self.reserve(),
            confidence,
            matched,
            country: RegionKey::new(self.country.iso2()),
            postal,
            is_suggestion: false,
        }
    }

    /// The places as candidates, most probable first, which together are as sure as `share`.
    pub(in crate::geocode) fn at_spots(&self, spots: &Spots, share: f64) -> Vec<Candidate> {
        let share = if spots.is_partial() {
            share::PART
        } else {
            share
        };
        let unknown = match spots.how {
            How::Similar(_) => UNKNOWN_VILLAGE,
            _ => 0.0,
        };
        let mut weighted: Vec<_> = spots
            .spots
            .iter()
            .map(|spot| (spot.weight() * self.code_speaks_for(spot), spot))
            .collect();
        weighted.sort_by(|a, b| b.0.total_cmp(&a.0));
        let total: f64 = weighted.iter().map(|(weight, _)| weight).sum();
        let best = weighted.iter().take(MOST_CANDIDATES);
        best.map(|&(weight, spot)| Candidate {
            position: spot.position,
            precision: Precision::Place,
            source: "place centre",
            radius_m: place_radius_m(spot.population) * self.reserve(),
            confidence: share * weight / (total + unknown),
            matched: spot.name().to_owned(),
            country: RegionKey::new(self.country.iso2()),
            postal: None,
            is_suggestion: matches!(spots.how, How::Similar(_) | How::FirstWords),
        })
        .collect()
    }

    /// How many times more probable an unknown code makes a place one of whose codes it resembles.
    pub(super) fn code_speaks_for(&self, spot: &Spot) -> f64 {
        if self.key.is_empty() {
            return 1.0;
        }
        let deliveries = spot.deliveries.iter();
        let likeness = deliveries.map(|delivery| {
            let key = self.table.code_of(delivery).key;
            let pairs = key.bytes().zip(self.key.bytes());
            let same = pairs.take_while(|(a, b)| a == b).count();
            match edit_distance(key, &self.key) {
                0 | 1 => 30.0,
                _ if same >= 2 => 10.0,
                _ if same == 1 => 3.0,
                _ => 1.0,
            }
        });
        likeness.fold(1.0, f64::max)
    }

    fn reserve(&self) -> f64 {
        if self.country.iso2() == "DE" {
            1.0
        } else {
            ABROAD
        }
    }

    /// The only candidate as the answer.
    pub(super) fn only(candidate: Candidate) -> Located {
        Located {
            position: Some(candidate.position),
            precision: candidate.precision,
            source: candidate.source,
            reason: None,
            country: Some(candidate.country),
            postal: candidate.postal,
            radius_m: Some(candidate.radius_m),
            confidence: candidate.confidence,
            matched: candidate.matched,
            candidates: Vec::new(),
        }
    }

    /// The first candidate as the answer, the others offered.
    pub(super) fn first_of(mut candidates: Vec<Candidate>) -> Located {
        let radius_m = radius_m(&candidates);
        candidates.truncate(MOST_CANDIDATES);
        let others = if candidates.len() > 1 {
            candidates.clone()
        } else {
            Vec::new()
        };
        let Some(first) = candidates.into_iter().next() else {
            return Located::default();
        };
        Located {
            radius_m: Some(radius_m),
            candidates: others,
            ..Self::only(first)
        }
    }
}
