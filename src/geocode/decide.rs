//! The rules that weigh a postal code against a place.

use crate::geocode::Located;
use crate::geocode::country::Country;
use crate::geocode::fold::{Name, edit_distance, fold};
use crate::geocode::spot::{Spot, Spots};
use crate::geocode::table::{Code, Delivery, Table};
use crate::place::{LonLat, RegionKey};
use crate::record::account::Address;
use crate::record::site::{Precision, Reason};

/// A place this near to the centre of a postal code may belong to it.
const NEAR_M: f64 = 20_000.0;

/// What is asked: an address within a country.
pub(super) struct Query<'a> {
    pub(super) country: &'a Country,
    pub(super) table: &'a Table,
    pub(super) address: &'a Address,
    /// The postal code in the form in which it is looked up; empty when there is none.
    pub(super) key: String,
    pub(super) name: Name,
}

/// What the place says about the postal code.
enum Verdict<'a> {
    /// No place is given.
    Silent,
    /// The code delivers to the place.
    Delivers(&'a Delivery),
    /// The place is known and near.
    Near,
    /// Nobody knows the place.
    Unknown,
    /// The place is known, elsewhere.
    Elsewhere(Spots<'a>),
}

/// The two that may contradict each other.
#[derive(PartialEq)]
enum Side {
    Code,
    Place,
}

impl Query<'_> {
    /// The position by the rules that [`crate::geocode`] tells.
    pub(super) fn locate(&self) -> Located {
        if self.key.is_empty() && self.name.is_empty() {
            let detail = "the address has neither a postal code nor a place".to_owned();
            return self.nowhere("no_address", detail);
        }
        if let Some(code) = self.table.code(&self.key) {
            return self.by_code(code);
        }
        if let Some(code) = self.table.code_without_zeros(&self.key) {
            match self.verdict(code) {
                Verdict::Delivers(delivery) => return self.at_code(code, Some(delivery)),
                Verdict::Near => return self.at_code(code, None),
                Verdict::Silent => return self.with_assumed_zeros(code),
                Verdict::Unknown | Verdict::Elsewhere(_) => {}
            }
        }
        self.by_place()
    }

    /// Whether the code exists and the place belongs to it: enough to tell the country.
    pub(super) fn is_consistent(&self) -> bool {
        self.table
            .code(&self.key)
            .is_some_and(|code| matches!(self.verdict(code), Verdict::Delivers(_) | Verdict::Near))
    }

    fn verdict(&self, code: &Code) -> Verdict<'_> {
        if self.name.is_empty() {
            return Verdict::Silent;
        }
        let deliveries = self.table.deliveries(code);
        let same = |delivery: &&Delivery| delivery.name.full() == self.name.full();
        let agreeing = |delivery: &&Delivery| delivery.name.agrees(&self.name);
        if let Some(delivery) = deliveries
            .iter()
            .find(same)
            .or_else(|| deliveries.iter().find(agreeing))
        {
            return Verdict::Delivers(delivery);
        }
        let spots = self.spots();
        let is_near = |spot: &Spot| spot.position.distance_m(code.centre) < NEAR_M;
        if spots.iter().flat_map(|spots| &spots.spots).any(is_near) {
            return Verdict::Near;
        }
        let resembling = |delivery: &&Delivery| delivery.name.resembles(&self.name);
        if let Some(delivery) = deliveries.iter().find(resembling) {
            return Verdict::Delivers(delivery);
        }
        let sharing = |delivery: &&Delivery| delivery.name.shares_word(&self.name);
        match spots {
            Some(spots) => Verdict::Elsewhere(spots),
            None => deliveries
                .iter()
                .find(sharing)
                .map_or(Verdict::Unknown, Verdict::Delivers),
        }
    }

    fn spots(&self) -> Option<Spots<'_>> {
        Spots::find(self.table, &self.name, &fold(&self.address.state))
    }

    fn by_code(&self, code: &Code) -> Located {
        match self.verdict(code) {
            Verdict::Silent | Verdict::Near => self.at_code(code, None),
            Verdict::Delivers(delivery) => self.at_code(code, Some(delivery)),
            Verdict::Unknown => {
                let detail = format!(
                    "no place {:?} is known in {}; postal code {} is taken",
                    self.address.place,
                    self.country.name(),
                    code.text
                );
                self.at_code(code, None).because("unknown_place", detail)
            }
            Verdict::Elsewhere(spots) => self.contradicted(code, &spots),
        }
    }

    /// A code and a place that lie apart: the place is taken when it can only be that one and
    /// the code looks like a typing error or belongs to another end of the country.
    fn contradicted(&self, code: &Code, spots: &Spots) -> Located {
        let spot = spots.first();
        let is_only_one = spots.rival().is_none() && !spots.is_partial;
        let takes_place = is_only_one
            && match self.state_speaks_for(code, spot) {
                Some(side) => side == Side::Place,
                None => self.is_mistyped(spot),
            };
        let of = self.table.deliveries(code).first();
        let detail = format!(
            "postal code {} ({}) lies {:.0} km from {}; the {} is taken",
            code.text,
            of.map_or("no place", |delivery| &delivery.place),
            code.centre.distance_m(spot.position) / 1000.0,
            spot.local_name(),
            if takes_place { "place" } else { "postal code" },
        );
        if takes_place {
            self.at_spot(spot)
        } else {
            self.at_code(code, None)
        }
        .because("postal_code_contradicts_place", detail)
    }

    /// The side that lies in the state of the address, when the other one does not.
    fn state_speaks_for(&self, code: &Code, spot: &Spot) -> Option<Side> {
        let state = fold(&self.address.state);
        if state.is_empty() {
            return None;
        }
        let has_code = self
            .table
            .deliveries(code)
            .iter()
            .any(|delivery| delivery.state == state);
        let has_place = spot
            .deliveries
            .iter()
            .any(|delivery| delivery.state == state);
        match (has_code, has_place) {
            (true, false) => Some(Side::Code),
            (false, true) => Some(Side::Place),
            _ => None,
        }
    }

    /// Whether the code is one typing error away from a code of the place, or has not even the
    /// first digit in common with any of them.
    fn is_mistyped(&self, spot: &Spot) -> bool {
        let own = spot.deliveries.iter();
        let own: Vec<_> = own
            .map(|delivery| &self.table.code_of(delivery).key)
            .collect();
        let first = self.key.chars().next();
        let is_slip = |key: &str| {
            key.len().abs_diff(self.key.len()) <= 1 && edit_distance(key, &self.key) <= 1
        };
        !own.is_empty()
            && (own.iter().any(|key| is_slip(key))
                || own.iter().all(|key| key.chars().next() != first))
    }

    fn by_place(&self) -> Located {
        // Where no code of the country is known, an unknown code tells nothing.
        let is_doubtful = !self.key.is_empty() && self.table.has_codes();
        let unknown_code = || {
            format!(
                "postal code {} is not known in {}",
                self.address.postal_code.trim(),
                self.country.name()
            )
        };
        let Some(spots) = self.spots() else {
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
        let located = self.at_spot(spots.first());
        let doubt = self.doubt(&spots);
        match (is_doubtful, doubt) {
            (true, None) => {
                let detail = format!(
                    "{}; {} is taken",
                    unknown_code(),
                    spots.first().local_name()
                );
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
        if spots.is_partial {
            return Some(Reason {
                code: "place_known_in_part".to_owned(),
                detail: format!(
                    "no place {:?} is known in {}; {} is taken",
                    self.address.place,
                    self.country.name(),
                    spot.local_name()
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

    fn with_assumed_zeros(&self, code: &Code) -> Located {
        let detail = format!(
            "postal code {} is taken for {}",
            self.address.postal_code.trim(),
            code.text
        );
        self.at_code(code, None)
            .because("leading_zero_assumed", detail)
    }

    fn at_code(&self, code: &Code, delivery: Option<&Delivery>) -> Located {
        let position = match delivery {
            Some(delivery) if !code.is_area_centre => delivery.position,
            _ => code.centre,
        };
        Located {
            postal: Some(RegionKey::postal(self.country.iso2(), &code.text)),
            ..self.at(position, Precision::Postal, "postal code centre")
        }
    }

    fn at_spot(&self, spot: &Spot) -> Located {
        self.at(spot.position, Precision::Place, "place centre")
    }

    fn at(&self, position: LonLat, precision: Precision, source: &'static str) -> Located {
        Located {
            position: Some(position),
            precision,
            source,
            reason: None,
            country: Some(RegionKey::new(self.country.iso2())),
            postal: None,
        }
    }

    fn nowhere(&self, code: &str, detail: String) -> Located {
        Located {
            country: Some(RegionKey::new(self.country.iso2())),
            ..Located::default()
        }
        .because(code, detail)
    }
}
