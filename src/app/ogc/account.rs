//! Pages of accounts. They are read slice by slice behind the last of the page before, so that
//! a page of a great many costs no more than one of few, unless a filter takes hardly any.

use serde_json::{Map, json};

use super::figures::{ACCOUNT_PROPERTIES, Figures};
use super::{Candidate, Items, ItemsRequest, text};
use crate::app::Error;
use crate::cube::{self, Answer, Question};
use crate::export::Place;
use crate::ogc::cql::Filter;
use crate::stop;
use crate::warehouse::{AccountRow, Warehouse};

/// Accounts that are read at once.
const SLICE: usize = 10_000;

/// What tells figures: the question's answer.
type Ask<'a> = &'a dyn Fn(&Question) -> Result<Answer, cube::Error>;

pub(super) fn page(
    warehouse: &Warehouse,
    (request, filter): (&ItemsRequest, Option<Filter>),
    figures: &Figures,
    ask: Ask<'_>,
) -> Result<Items, Error> {
    if let Some(key) = &request.key {
        let number = warehouse.dictionary("account")?.number(key);
        let found = warehouse.accounts_of(number.as_slice())?;
        let mut candidates: Vec<_> = found.into_iter().map(candidate).collect();
        tell(&mut candidates.iter_mut().collect::<Vec<_>>(), figures, ask)?;
        return Ok(Items {
            matched: Some(candidates.len() as u64),
            features: candidates.iter().map(Candidate::written).collect(),
            next: None,
        });
    }
    // Figures are asked of those alone that stay, unless the filter needs them of all.
    let mut named = figures.names();
    named.push("currency".to_owned());
    let needs_all = filter
        .as_ref()
        .is_some_and(|filter| filter.names_any(&named));
    let told = needs_all.then_some((figures, ask));
    let mut kept = kept(warehouse, (request, filter.as_ref()), told)?;
    let has_next = kept.len() > request.limit;
    kept.truncate(request.limit);
    if !needs_all {
        let mut untold: Vec<_> = kept.iter_mut().map(|(_, one)| one).collect();
        tell(&mut untold, figures, ask)?;
    }
    let matched = match filter {
        Some(_) => None,
        None => Some(warehouse.count_accounts(&request.boxes)?),
    };
    Ok(Items {
        next: kept.last().map(|(number, _)| *number).filter(|_| has_next),
        features: kept.iter().map(|(_, one)| one.written()).collect(),
        matched,
    })
}

/// The accounts of the page with their numbers, and one more where there is a next page. The filter
/// sees figures where `told` gives them.
fn kept(
    warehouse: &Warehouse,
    (request, filter): (&ItemsRequest, Option<&Filter>),
    told: Option<(&Figures, Ask<'_>)>,
) -> Result<Vec<(u64, Candidate<'static>)>, Error> {
    let wanted = request.limit.saturating_add(1);
    let slice = if filter.is_some() { SLICE } else { wanted };
    let (mut kept, mut after) = (Vec::new(), request.after);
    while kept.len() < wanted && stop::is_wanted() {
        let read = warehouse.accounts_after(after, &request.boxes, slice)?;
        let is_last = read.len() < slice;
        after = read.last().map_or(after, |(number, _)| *number);
        let read = read.into_iter();
        let mut read: Vec<_> = read.map(|(number, row)| (number, candidate(row))).collect();
        if let Some((figures, ask)) = told {
            let mut untold: Vec<_> = read.iter_mut().map(|(_, one)| one).collect();
            tell(&mut untold, figures, ask)?;
        }
        let takes = |one: &Candidate<'_>| filter.is_none_or(|filter| filter.takes(one));
        kept.extend(read.into_iter().filter(|(_, one)| takes(one)));
        if is_last {
            break;
        }
    }
    Ok(kept)
}

/// Adds the figures of candidates.
fn tell(
    candidates: &mut [&mut Candidate<'static>],
    figures: &Figures,
    ask: Ask<'_>,
) -> Result<(), cube::Error> {
    if candidates.is_empty() {
        return Ok(());
    }
    let keys: Vec<String> = candidates.iter().map(|one| one.key.clone()).collect();
    let told = figures.told(Some(&keys), ask)?;
    for candidate in candidates {
        told.put(&candidate.key, &mut candidate.properties);
    }
    Ok(())
}

fn candidate(account: AccountRow) -> Candidate<'static> {
    let mut properties = Map::new();
    properties.insert("key".to_owned(), json!(account.key));
    properties.insert("name".to_owned(), text(&account.name));
    let values = [
        &account.stage,
        &account.street,
        &account.postal_code,
        &account.place,
        &account.country,
        &account.precision,
    ];
    for (name, value) in ACCOUNT_PROPERTIES.iter().zip(values) {
        properties.insert((*name).to_owned(), text(value));
    }
    let place = account.position.map(Place::at);
    Candidate {
        key: account.key,
        properties,
        place: std::cell::OnceCell::new(),
        placed: Box::new(move || place.clone()),
    }
}
