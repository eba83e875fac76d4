//! The search box: accounts, regions and places of a name.

use serde::Serialize;
use utoipa::ToSchema;

use super::account::region_path;
use super::own::OwnNamed;
use super::{App, Derived, Error, blocking};
use crate::cube::CubeLevel;
use crate::geocode::Gazetteer;
use crate::place::{Bounds, Level, LonLat};
use crate::spatial::units::Units;
use crate::warehouse::{AccountsQuestion, Warehouse};

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FoundKind {
    /// An account of the company.
    Account,
    /// An official region or one of the company's own.
    Region,
    /// A town, a village or a postal code.
    Place,
}

/// A hit of the search.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Found {
    /// What it is.
    pub kind: FoundKind,
    /// Key of the account or region; empty for a place.
    pub key: String,
    /// Level of a region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// Its name.
    pub name: String,
    /// What tells it from others of the name.
    pub detail: String,
    /// Where it is.
    #[schema(value_type = Option<[f64; 2]>)]
    pub position: Option<LonLat>,
    /// West, south, east, north of a region.
    #[schema(value_type = Option<[f64; 4]>)]
    pub bounds: Option<Bounds>,
}

impl App {
    /// Up to `limit` accounts, regions and places whose name begins with or contains `query`.
    ///
    /// # Errors
    /// The warehouse must answer.
    pub async fn search(&self, query: &str, limit: usize) -> Result<Vec<Found>, Error> {
        let query = query.trim().to_owned();
        if query.is_empty() {
            return Ok(Vec::new());
        }
        let derived = self.derived().await?;
        blocking(move || {
            let others = [
                own_regions(&derived, &query, limit),
                regions(&query, limit),
                places(&query, limit),
            ];
            let others = others.into_iter().filter(|found| !found.is_empty());
            let others: Vec<Vec<Found>> = others.collect();
            // Each kind has its share; what the others leave of theirs is for accounts.
            let share = limit.div_ceil(others.len().max(2) + 1);
            let taken: usize = others.iter().map(|found| found.len().min(share)).sum();
            let mut found = accounts(&derived.warehouse, &query, limit)?;
            found.truncate(share.max(limit.saturating_sub(taken)));
            for kind in others {
                found.extend(kind.into_iter().take(share));
            }
            found.truncate(limit);
            Ok(found)
        })
        .await
    }
}

/// The company's own regions of which a word begins with `query`, those whose name begins with it
/// first. O(regions).
fn own_regions(derived: &Derived, query: &str, limit: usize) -> Vec<Found> {
    let mut hits: Vec<_> = derived.own_named(query).collect();
    hits.sort_by_cached_key(|hit| (hit.place, hit.step.name.clone()));
    hits.truncate(limit);
    let found = |OwnNamed {
                     step, of, bounds, ..
                 }| Found {
        kind: FoundKind::Region,
        key: step.key,
        level: Some(step.level),
        name: step.name,
        detail: of,
        position: Some(bounds.middle()),
        bounds: Some(bounds),
    };
    hits.into_iter().map(found).collect()
}

fn accounts(warehouse: &Warehouse, query: &str, limit: usize) -> Result<Vec<Found>, Error> {
    let (_, rows) = warehouse.accounts(&AccountsQuestion {
        bounds: None,
        text: query.to_owned(),
        offset: 0,
        limit: limit as u64,
    })?;
    Ok(rows
        .into_iter()
        .map(|row| Found {
            kind: FoundKind::Account,
            detail: format!("{} {} · {}", row.postal_code, row.place, row.key),
            key: row.key,
            level: None,
            name: row.name,
            position: row.position,
            bounds: None,
        })
        .collect())
}

/// Regions whose name begins with `query`, large ones first, of equal level German ones first: the
/// United States alone have 3,000 counties.
fn regions(query: &str, limit: usize) -> Vec<Found> {
    let units = Units::shipped();
    let query = query.to_lowercase();
    let begins = |name: &str| {
        name.get(..query.len()).is_some_and(|start| start == query)
            || name.to_lowercase().starts_with(&query)
    };
    let mut hits: Vec<_> = units
        .iter()
        .filter(|(_, unit)| begins(&unit.name) || begins(&unit.name_de))
        .collect();
    hits.sort_by_cached_key(|(id, unit)| {
        let country = units.ancestor(*id, Level::Country);
        let is_abroad = country.is_none_or(|id| units.get(id).key.as_str() != "DE");
        (unit.level, is_abroad, unit.name.clone())
    });
    hits.into_iter()
        .take(limit)
        .map(|(_, unit)| {
            let path = region_path(units, &unit.key);
            let above = path
                .len()
                .checked_sub(2)
                .map(|index| path[index].name.clone());
            let detail: Vec<String> = [Some(unit.kind.clone()), above]
                .into_iter()
                .flatten()
                .filter(|part| !part.is_empty())
                .collect();
            Found {
                kind: FoundKind::Region,
                key: unit.key.to_string(),
                level: Some(CubeLevel::Region(unit.level).id().to_owned()),
                name: unit.name.clone(),
                detail: detail.join(" · "),
                position: Some(unit.label),
                bounds: Some(unit.bounds),
            }
        })
        .collect()
}

fn places(query: &str, limit: usize) -> Vec<Found> {
    Gazetteer::shipped()
        .search(query, limit)
        .into_iter()
        .map(|place| Found {
            kind: FoundKind::Place,
            key: String::new(),
            level: None,
            name: place.name,
            detail: place.country,
            position: Some(place.position),
            bounds: None,
        })
        .collect()
}
