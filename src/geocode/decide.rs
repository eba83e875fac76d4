//! The rules that weigh a postal code against a place.

use crate::geocode::Located;
use crate::geocode::candidate::{Candidate, MOST_CANDIDATES, radius_m};
use crate::geocode::country::Country;
use crate::geocode::evidence::{
    ABROAD, CITY, UNKNOWN_VILLAGE, code_radius_m, place_radius_m, share,
};
use crate::geocode::fold::{Folded, Name, edit_distance};
use crate::geocode::spot::{How, Spot, Spots};
use crate::geocode::table::{Code, Delivery, Table};
use crate::place::RegionKey;
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
            return self.nowhere("no_address", detail);
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
            Verdict::Silent => self.only(self.at_code(code, None, None, share::CODE)),
            Verdict::Near(spot) => self.near_code(code, &spot),
            Verdict::Delivers(delivery) => self.delivered(code, &delivery),
            Verdict::Unknown => {
                let detail = format!(
                    "no place {:?} is known in {}; postal code {} is taken",
                    self.address.place,
                    self.country.name(),
                    code.text
                );
                self.only(self.at_code(code, None, None, share::CODE_UNKNOWN_PLACE))
                    .because("unknown_place", detail)
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
        self.only(self.at_code(code, Some(delivery), None, share))
    }

    fn near_code(&self, code: &Code, spot: &Spot) -> Located {
        self.only(self.at_code(code, None, Some(spot), share::NEAR))
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
        let detail = format!(
            "postal code {} ({}) lies {:.0} km from {}; the {} is taken",
            code.text,
            of.map_or("no place", |delivery| delivery.place),
            code.centre.distance_m(spot.position) / 1000.0,
            spot.name(),
            if takes_place { "place" } else { "postal code" },
        );
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
        self.first_of(candidates)
            .because("postal_code_contradicts_place", detail)
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
        let located = self.first_of(self.at_spots(&spots, share::PLACE));
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

    fn with_assumed_zeros(&self, code: &Code) -> Located {
        let detail = format!(
            "postal code {} is taken for {}",
            self.address.postal_code.trim(),
            code.text
        );
        self.only(self.at_code(code, None, None, share::CODE_UNKNOWN_PLACE))
            .because("leading_zero_assumed", detail)
    }

    /// The position of a code: the centre of the place that it delivers to where that is no large
    /// city, else the centre of the code.
    fn at_code(
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
        let matched = format!("{} {name}", code.text).trim_end().to_owned();
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
    pub(super) fn at_spots(&self, spots: &Spots, share: f64) -> Vec<Candidate> {
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
    fn code_speaks_for(&self, spot: &Spot) -> f64 {
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

    fn only(&self, candidate: Candidate) -> Located {
        self.first_of(vec![candidate])
    }

    /// The first candidate as the answer, the others offered.
    fn first_of(&self, mut candidates: Vec<Candidate>) -> Located {
        let radius_m = radius_m(&candidates);
        candidates.truncate(MOST_CANDIDATES);
        let Some(first) = candidates.first() else {
            return Located::default();
        };
        Located {
            position: Some(first.position),
            precision: first.precision,
            source: first.source,
            reason: None,
            country: Some(RegionKey::new(self.country.iso2())),
            postal: first.postal.clone(),
            radius_m: Some(radius_m),
            confidence: first.confidence,
            matched: first.matched.clone(),
            candidates: if candidates.len() > 1 {
                candidates
            } else {
                Vec::new()
            },
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

/// The first of the places that lies near `code`, else all of them.
fn near<'t>(mut spots: Spots<'t>, code: &Code) -> Result<Spot<'t>, Spots<'t>> {
    let is_near = |spot: &Spot| spot.position.distance_m(code.centre) < NEAR_M;
    match spots.spots.iter().position(is_near) {
        Some(index) => Ok(spots.spots.swap_remove(index)),
        None => Err(spots),
    }
}
