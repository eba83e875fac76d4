//! Addresses of which only the place is known.

use crate::geocode::Located;
use crate::geocode::decide::Query;
use crate::geocode::evidence::share;
use crate::geocode::spot::{How, Spot, Spots};
use crate::record::site::Reason;

impl Query<'_> {
    pub(super) fn by_place(&self) -> Located {
        // Where no code of the country is known, an unknown code tells nothing.
        let is_doubtful = !self.key.is_empty() && self.table.has_codes();
        let unknown_code = || {
            format!(
                "postal code {} is not known in {}",
                self.address.postal_code.trim(),
                self.country.name()
            )
        };
        let Some(mut spots) = self.spots() else {
            if self.name.is_empty() {
                return self.nowhere("unknown_postal_code", unknown_code());
            }
            let detail = if is_doubtful {
                format!("{}, nor is place {:?}", unknown_code(), self.address.place)
            } else {
                format!(
                    "no place {:?} is known in {}",
                    self.address.place,
                    self.country.name()
                )
            };
            return self.nowhere("place_not_found", detail);
        };
        let weight = |spot: &Spot| spot.weight() * self.code_speaks_for(spot);
        spots.spots.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
        let located = Self::first_of(self.at_spots(&spots, share::PLACE));
        let doubt = self.doubt(&spots);
        match (is_doubtful, doubt) {
            (true, None) => {
                let detail = format!("{}; {} is taken", unknown_code(), spots.first().name());
                located.because("unknown_postal_code", detail)
            }
            (true, Some(doubt)) => {
                let detail = format!("{}; {}", unknown_code(), doubt.detail);
                located.because("unknown_postal_code", detail)
            }
            (false, Some(doubt)) => located.because(&doubt.code, doubt.detail),
            (false, None) => located,
        }
    }

    /// Why the first of the places may not be the one that is meant.
    fn doubt(&self, spots: &Spots) -> Option<Reason> {
        let spot = spots.first();
        if spots.how > How::Variant {
            let code = match spots.how {
                How::Similar(_) => "similar_place",
                _ => "place_known_in_part",
            };
            return Some(Reason {
                code: code.to_owned(),
                detail: format!(
                    "no place {:?} is known in {}; {} is taken",
                    self.address.place,
                    self.country.name(),
                    spot.name()
                ),
            });
        }
        let rival = spots.rival()?;
        let taken = match spot.known_population() {
            Some(population) => format!("the one with {population} inhabitants"),
            None => "one of them".to_owned(),
        };
        Some(Reason {
            code: "ambiguous_place".to_owned(),
            detail: format!(
                "{} places in {} are called {:?}, two of them {:.0} km apart; {taken} is taken",
                spots.spots.len(),
                self.country.name(),
                self.address.place,
                spot.position.distance_m(rival.position) / 1000.0,
            ),
        })
    }
}
