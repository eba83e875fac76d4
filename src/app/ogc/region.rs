//! Pages of regions: all are held against the filter, so that their number is known.

use serde_json::{Map, json};

use super::figures::Figures;
use super::{Candidate, Collection, Items, ItemsRequest};
use crate::app::{Derived, Error};
use crate::cube::{self, Answer, Question};
use crate::export::Place;
use crate::ogc::cql::Filter;
use crate::ogc::overlap::meets;
use crate::place::{Level, RegionKey};
use crate::spatial::outline::{self, Kind};
use crate::spatial::units::Units;

/// What people call the regions of a level.
pub(super) fn title(level: Level) -> &'static str {
    match level {
        Level::Country => "Countries",
        Level::State => "States",
        Level::GovernmentDistrict => "Government districts",
        Level::District => "Districts",
        Level::Municipality => "Municipalities",
        Level::Postal => "Postal areas (approximate)",
    }
}

/// Key and name of a region.
type Member = (String, String);

pub(super) fn page(
    derived: &Derived,
    (request, filter): (&ItemsRequest, Option<Filter>),
    figures: &Figures,
    ask: &dyn Fn(&Question) -> Result<Answer, cube::Error>,
) -> Result<Items, Error> {
    let members = members(derived, request)?;
    // A region that is no member of the cube yet has no figures.
    let told = figures.told(None, ask)?;
    let mut items = Items {
        features: Vec::new(),
        next: None,
        matched: None,
    };
    let mut matched = 0;
    for (place, (key, name)) in (0_u64..).zip(members) {
        if !may_touch(request, &key) {
            continue;
        }
        let mut properties = Map::new();
        properties.insert("key".to_owned(), json!(key));
        properties.insert("name".to_owned(), json!(name));
        told.put(&key, &mut properties);
        let region = RegionKey::new(key.as_str());
        let candidate = Candidate {
            properties,
            place: std::cell::OnceCell::new(),
            placed: Box::new(move || {
                let area = match request.collection {
                    Collection::Regions(level) => {
                        outline::area(Kind::Region(level), region.as_str())
                    }
                    Collection::Own(level) => derived.own_area(level, &region),
                    Collection::Accounts => None,
                };
                area.map(Place::Area)
            }),
            key,
        };
        let is_taken = filter
            .as_ref()
            .is_none_or(|filter| filter.takes(&candidate));
        if !is_taken || !candidate.is_in(&request.boxes) {
            continue;
        }
        matched += 1;
        if place < request.after {
            continue;
        }
        if items.features.len() < request.limit {
            items.features.push(candidate.written());
            items.next = None;
        } else if items.next.is_none() {
            items.next = Some(place);
        }
    }
    items.matched = Some(matched);
    Ok(items)
}

/// The regions of the collection in their order, or the one that is wanted.
fn members(derived: &Derived, request: &ItemsRequest) -> Result<Vec<Member>, Error> {
    let mut members: Vec<Member> = match request.collection {
        Collection::Regions(level) => outline::keys(Kind::Region(level))
            .into_iter()
            .map(|key| (key.to_owned(), name_of(level, key)))
            .collect(),
        Collection::Own(level) => {
            let own = derived.own_at(level);
            if let Some(own) = own {
                own.areas()?;
            }
            let members = own.into_iter().flat_map(|own| own.index.members());
            let member = |(key, name): &(RegionKey, String)| (key.to_string(), name.clone());
            members.map(member).collect()
        }
        Collection::Accounts => Vec::new(),
    };
    if let Some(wanted) = &request.key {
        members.retain(|(key, _)| key == wanted);
    }
    Ok(members)
}

/// A postal area is called by its code.
fn name_of(level: Level, key: &str) -> String {
    let unit = Units::shipped().unit(level, &RegionKey::new(key));
    match (unit, key.split_once('-')) {
        (Some(unit), _) => unit.name.clone(),
        (None, Some((_, code))) => code.to_owned(),
        (None, None) => key.to_owned(),
    }
}

/// Whether the box of the region, where it is known, touches one that is asked for.
fn may_touch(request: &ItemsRequest, key: &str) -> bool {
    let Collection::Regions(level) = request.collection else {
        return true;
    };
    let unit = Units::shipped().unit(level, &RegionKey::new(key));
    unit.is_none_or(|unit| {
        let mut boxes = request.boxes.iter();
        request.boxes.is_empty() || boxes.any(|bounds| meets((*bounds).into(), unit.bounds.into()))
    })
}
