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
                let reason = Reason::new("unknown_postal_code", unknown_code());
                return self.nowhere(self.unknown_code(reason));
            }
            let place = &self.address.place;
            let reason = |detail| self.unknown_name(Reason::new("place_not_found", detail));
            return self.nowhere(if is_doubtful {
                let detail = format!("{}, nor is place {place:?}", unknown_code());
                self.unknown_code(reason(detail))
            } else {
                let country = self.country.name();
                reason(format!("no place {place:?} is known in {country}"))
            });
        };
        let weight = |spot: &Spot| spot.weight() * self.code_speaks_for(spot);
        spots.spots.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
        let located = Self::first_of(self.at_spots(&spots, share::PLACE));
        let doubt = self.doubt(&spots);
        match (is_doubtful, doubt) {
            (true, None) => {
                let taken = spots.first().name();
                let detail = format!("{}; {taken} is taken", unknown_code());
                let reason = self.unknown_code(Reason::new("unknown_postal_code", detail));
                located.because(reason.with("taken_place", taken))
            }
            (true, Some(doubt)) => {
                let detail = format!("{}; {}", unknown_code(), doubt.detail);
                let reason = self.unknown_code(Reason::new("unknown_postal_code", detail));
                located.because(reason.with_facts_of(&doubt))
            }
            (false, Some(doubt)) => located.because(doubt),
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
            let detail = format!(
                "no place {:?} is known in {}; {} is taken",
                self.address.place,
                self.country.name(),
                spot.name()
            );
            let reason = self.unknown_name(Reason::new(code, detail));
            return Some(reason.with("taken_place", spot.name()));
        }
        let rival = spots.rival()?;
        let taken = match spot.known_population() {
            Some(population) => format!("the one with {population} inhabitants"),
            None => "one of them".to_owned(),
        };
        let apart_km = format!("{:.0}", spot.position.distance_m(rival.position) / 1000.0);
        let detail = format!(
            "{} places in {} are called {:?}, two of them {apart_km} km apart; {taken} is taken",
            spots.spots.len(),
            self.country.name(),
            self.address.place,
        );
        let reason = Reason::new("ambiguous_place", detail)
            .with("count", spots.spots.len().to_string())
            .with("same_name", &self.address.place)
            .with("apart_km", apart_km);
        Some(match spot.known_population() {
            Some(population) => reason.with("population", population.to_string()),
            None => reason,
        })
    }
}
