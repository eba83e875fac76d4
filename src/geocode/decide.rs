//! The rules that weigh a postal code against a place.

mod answer;
mod by_place;

use crate::geocode::Located;
use crate::geocode::country::Country;
use crate::geocode::evidence::share;
use crate::geocode::fold::{Folded, Name, edit_distance};
use crate::geocode::spot::{How, Spot, Spots};
use crate::geocode::table::{Code, Delivery, Table};
use crate::place::RegionKey;
use crate::record::account::Address;
use crate::record::site::Reason;

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
    /// Ortsteil or quarter; empty when none is named.
    pub(super) district: Name,
    /// Key of the state, see [`crate::geocode::state::key`].
    pub(super) state: String,
}

/// What the place says about the postal code.
enum Verdict<'a> {
    /// No place is given.
    Silent,
    /// The code delivers to the place.
    Delivers(Delivery<'a>),
    /// The place is known and near, perhaps by a typing error.
    Near(Spot<'a>),
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
            return self.nowhere(Reason::new("no_address", detail));
        }
        if let Some(code) = self.table.code(&self.key) {
            return self.by_code(&code);
        }
        if let Some(code) = self.table.code_without_zeros(&self.key) {
            match self.verdict(&code) {
                Verdict::Delivers(delivery) => return self.delivered(&code, &delivery),
                Verdict::Near(spot) => return self.near_code(&code, &spot),
                Verdict::Silent => return self.with_assumed_zeros(&code),
                Verdict::Unknown | Verdict::Elsewhere(_) => {}
            }
        }
        self.by_place()
    }

    /// Whether the code exists and the place belongs to it: enough to tell the country.
    pub(super) fn is_consistent(&self) -> bool {
        self.table.code(&self.key).is_some_and(|code| {
            matches!(self.verdict(&code), Verdict::Delivers(_) | Verdict::Near(_))
        })
    }

    fn verdict(&self, code: &Code) -> Verdict<'_> {
        if self.name.is_empty() {
            return Verdict::Silent;
        }
        let name = self.name.folded();
        let delivery = |is_it: &dyn Fn(Folded<'_>) -> bool| {
            let mut deliveries = self.table.deliveries(code);
            deliveries.find(|delivery| is_it(delivery.name))
        };
        let same = delivery(&|other| other.full == name.full);
        if let Some(delivery) = same.or_else(|| delivery(&|other| other.agrees(name))) {
            return Verdict::Delivers(delivery);
        }
        let resembling = || delivery(&|other| other.resembles(name));
        let known = Spots::find(self.table, &self.name, &self.state);
        if let Some(spots) = known {
            return match near(spots, code) {
                Ok(spot) => Verdict::Near(spot),
                Err(spots) => resembling().map_or(Verdict::Elsewhere(spots), Verdict::Delivers),
            };
        }
        let sharing = || delivery(&|other| other.shares_word(name));
        if let Some(delivery) = resembling().or_else(sharing) {
            return Verdict::Delivers(delivery);
        }
        let is_near = |spots| near(spots, code).ok();
        self.similar()
            .and_then(is_near)
            .or_else(|| self.in_part().and_then(is_near))
            .map_or(Verdict::Unknown, Verdict::Near)
    }

    pub(super) fn similar(&self) -> Option<Spots<'_>> {
        Spots::find_similar(self.table, &self.name, &self.address.place, &self.state)
    }

    pub(super) fn in_part(&self) -> Option<Spots<'_>> {
        Spots::find_in_part(self.table, &self.name, &self.state)
    }

    /// The places of the very name, unless it is but another name of a small place and rather
    /// a typing error.
    pub(super) fn by_whole_name(&self) -> Option<Spots<'_>> {
        let known = Spots::find(self.table, &self.name, &self.state)?;
        if known.how != How::Other {
            return Some(known);
        }
        let similar = self.similar();
        let spots = known.or_similar(similar);
        (!matches!(spots.how, How::Similar(_))).then_some(spots)
    }

    /// The places of the name: those that bear it, else those that nearly do, else those that
    /// bear a part of it. A typing error is assumed as well when no place of the very name lies in
    /// the state of the address.
    fn spots(&self) -> Option<Spots<'_>> {
        let known = Spots::find(self.table, &self.name, &self.state);
        let is_elsewhere = |spots: &Spots| !self.state.is_empty() && !spots.is_in_state();
        match known {
            Some(known) if is_elsewhere(&known) => {
                self.similar().filter(Spots::is_in_state).or(Some(known))
            }
            Some(known) if known.how == How::Other => {
                let similar = self.similar();
                Some(known.or_similar(similar))
            }
            Some(known) => Some(known),
            None => self
                .similar()
                .or_else(|| Spots::find_in_part(self.table, &self.name, &self.state)),
        }
    }

    fn by_code(&self, code: &Code) -> Located {
        match self.verdict(code) {
            Verdict::Silent => Self::only(self.at_code(code, None, None, share::CODE)),
            Verdict::Near(spot) => self.near_code(code, &spot),
            Verdict::Delivers(delivery) => self.delivered(code, &delivery),
            Verdict::Unknown => {
                let detail = format!(
                    "no place {:?} is known in {}; postal code {} is taken",
                    self.address.place,
                    self.country.name(),
                    code.text
                );
                let reason = self.unknown_name(Reason::new("unknown_place", detail));
                Self::only(self.at_code(code, None, None, share::CODE_UNKNOWN_PLACE))
                    .because(reason.with("taken_code", code.text))
            }
            Verdict::Elsewhere(spots) => self.contradicted(code, &spots),
        }
    }

    fn delivered(&self, code: &Code, delivery: &Delivery) -> Located {
        let share = if delivery.name.full == self.name.full() {
            share::AGREED
        } else {
            share::NEAR
        };
        Self::only(self.at_code(code, Some(delivery), None, share))
    }

    fn near_code(&self, code: &Code, spot: &Spot) -> Located {
        Self::only(self.at_code(code, None, Some(spot), share::NEAR))
    }

    /// A code and a place that lie apart: the place is taken when it can only be that one and
    /// the code looks like a typing error or belongs to another end of the country.
    fn contradicted(&self, code: &Code, spots: &Spots) -> Located {
        let spot = spots.first();
        let is_only_one = spots.rival().is_none() && !spots.is_partial();
        let takes_place = is_only_one
            && match self.state_speaks_for(code, spot) {
                Some(side) => side == Side::Place,
                None => self.is_mistyped(spot),
            };
        let of = self.table.deliveries(code).next();
        let distance_km = format!("{:.0}", code.centre.distance_m(spot.position) / 1000.0);
        let detail = format!(
            "postal code {} ({}) lies {distance_km} km from {}; the {} is taken",
            code.text,
            of.as_ref().map_or("no place", |delivery| delivery.place),
            spot.name(),
            if takes_place { "place" } else { "postal code" },
        );
        let mut reason = Reason::new("postal_code_contradicts_place", detail)
            .with("code", code.text)
            .with("place", spot.name())
            .with("code_km", distance_km);
        if let Some(delivery) = of {
            reason = reason.with("code_place", delivery.place);
        }
        let reason = if takes_place {
            reason.with("taken_place", spot.name())
        } else {
            reason.with("taken_code", code.text)
        };
        let by_code = self.at_code(code, None, None, 1.0);
        let mut by_place = self.at_spots(spots, share::PLACE);
        let mut candidates = if takes_place {
            by_place.truncate(1);
            by_place.push(by_code);
            by_place
        } else {
            by_place.insert(0, by_code);
            by_place
        };
        let rest: f64 = candidates
            .iter()
            .skip(1)
            .map(|other| other.confidence)
            .sum();
        for (index, candidate) in candidates.iter_mut().enumerate() {
            candidate.confidence = match index {
                0 => share::WINNER,
                _ => (1.0 - share::WINNER) * candidate.confidence / rest.max(f64::MIN_POSITIVE),
            };
        }
        Self::first_of(candidates).because(reason)
    }

    /// The side that lies in the state of the address, when the other one does not.
    fn state_speaks_for(&self, code: &Code, spot: &Spot) -> Option<Side> {
        let state = &self.state;
        if state.is_empty() {
            return None;
        }
        let has_code = self
            .table
            .deliveries(code)
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
            .map(|delivery| self.table.code_of(delivery).key)
            .collect();
        let first = self.key.chars().next();
        let is_slip = |key: &str| {
            key.len().abs_diff(self.key.len()) <= 1 && edit_distance(key, &self.key) <= 1
        };
        !own.is_empty()
            && (own.iter().any(|key| is_slip(key))
                || own.iter().all(|key| key.chars().next() != first))
    }

    fn with_assumed_zeros(&self, code: &Code) -> Located {
        let short = self.address.postal_code.trim();
        let detail = format!("postal code {short} is taken for {}", code.text);
        let reason = Reason::new("leading_zero_assumed", detail)
            .with("short_code", short)
            .with("taken_code", code.text);
        Self::only(self.at_code(code, None, None, share::CODE_UNKNOWN_PLACE)).because(reason)
    }

    /// The reason with the place that nobody knows.
    pub(super) fn unknown_name(&self, reason: Reason) -> Reason {
        let country = self.country.iso2();
        reason
            .with("country", country)
            .with("unknown_name", &self.address.place)
    }

    /// The reason with the postal code that nobody knows.
    pub(super) fn unknown_code(&self, reason: Reason) -> Reason {
        let country = self.country.iso2();
        reason
            .with("country", country)
            .with("unknown_code", self.address.postal_code.trim())
    }

    fn nowhere(&self, reason: Reason) -> Located {
        Located {
            country: Some(RegionKey::new(self.country.iso2())),
            ..Located::default()
        }
        .because(reason)
    }
}

/// The first of the places that lies near `code`, else all of them.
fn near<'t>(mut spots: Spots<'t>, code: &Code) -> Result<Spot<'t>, Spots<'t>> {
    let is_near = |spot: &Spot| spot.position.is_within(code.centre, NEAR_M);
    match spots.spots.iter().position(is_near) {
        Some(index) => Ok(spots.spots.swap_remove(index)),
        None => Err(spots),
    }
}
