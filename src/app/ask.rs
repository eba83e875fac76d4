//! Questions: the app hands them to the cube of the version that stands.

use std::sync::Arc;

use serde::Serialize;
use tokio::sync::Semaphore;
use utoipa::ToSchema;

use super::account::region_path;
use super::{App, Derived, Error, OwnWithin, RegionStep, blocking};
use crate::cube::{self, Answer, CubeLevel, Lines, LinesRequest, Question, Request};
use crate::place::{Bounds, Level, LonLat, RegionKey};
use crate::spatial::units::Units;
use crate::stop::Stop;
use crate::tile::layer::Layer;
use crate::warehouse::{AccountRow, AccountsQuestion};

/// A region with its place in the hierarchy.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RegionCard {
    /// Word of the level, such as `region.district`.
    pub level: String,
    /// Key of the region.
    pub key: String,
    /// Name of the region.
    pub name: String,
    /// German name.
    pub name_de: String,
    /// Official kind, such as `Kreisfreie Stadt`; empty for countries.
    pub kind: String,
    /// From the country down to itself.
    pub path: Vec<RegionStep>,
    /// The own regions in which its customers are, by hierarchy; without customers those around its
    /// `label`. None for an own region.
    pub own: Vec<OwnWithin>,
    /// West, south, east, north.
    #[schema(value_type = [f64; 4])]
    pub bounds: Bounds,
    /// A point well inside.
    #[schema(value_type = [f64; 2])]
    pub label: LonLat,
    /// Inhabitants, where known.
    pub population: Option<u64>,
    /// Area in square kilometres, where known.
    pub area_km2: Option<f64>,
    /// The level of the regions it consists of; none at the finest.
    pub child_level: Option<String>,
}

impl App {
    /// The answer to a question of JSON.
    ///
    /// # Errors
    /// The question must be right and the warehouse must answer.
    pub async fn ask(&self, question: &[u8]) -> Result<Answer, Error> {
        let request = serde_json::from_slice::<Request>(question).map_err(cube::Error::from)?;
        self.answer(Question::of(request, &self.measures())?).await
    }

    /// The answer to a question of known words.
    pub(super) async fn answer(&self, question: Question) -> Result<Answer, Error> {
        let derived = self.derived().await?;
        let engine = self.engine(&derived).await?;
        let asked = self.asked.clone();
        let ask = move || engine.ask(&derived.warehouse, &asked, &question);
        Ok(in_turn(&self.questions, ask).await?)
    }

    /// The lines behind a cell.
    ///
    /// # Errors
    /// The filters must be right and the warehouse must answer.
    pub async fn lines(&self, request: LinesRequest) -> Result<Lines, Error> {
        let derived = self.derived().await?;
        let page = move || cube::drill_through(&derived.warehouse, &request);
        Ok(in_turn(&self.questions, page).await?)
    }

    /// A page of accounts and how many there are.
    ///
    /// # Errors
    /// The warehouse must answer.
    pub async fn accounts(
        &self,
        question: AccountsQuestion,
    ) -> Result<(u64, Vec<AccountRow>), Error> {
        let derived: Arc<Derived> = self.derived().await?;
        Ok(blocking(move || derived.warehouse.accounts(&question)).await?)
    }

    /// The region of `key` at `level`, which has the word of its tiles; `None` when there is none.
    ///
    /// # Errors
    /// The warehouse must answer: it knows the bounds of postal codes and the customers.
    pub async fn region(&self, level: &str, key: &str) -> Result<Option<RegionCard>, Error> {
        let Some(layer) = Layer::parse(level) else {
            return Ok(None);
        };
        let (derived, key) = (self.derived().await?, key.to_owned());
        let find = move || {
            let (level, card) = match layer {
                Layer::Own(level) => return Ok(derived.own_card(level, &key)),
                Layer::Regions(Level::Postal) => (Level::Postal, postal_card(&derived, &key)?),
                Layer::Regions(level) => (level, unit_card(level, &key)),
                Layer::Sites | Layer::Base | Layer::Streets => return Ok(None),
            };
            let Some(mut card) = card else {
                return Ok(None);
            };
            card.own = derived.own_regions_within(CubeLevel::Region(level), &key, card.label)?;
            Ok(Some(card))
        };
        in_turn(&self.questions, find).await
    }
}

/// What `work` gives, when its turn has come. Whoever drops this does not wait any more: the work is
/// told to stop, and its turn is over when it has.
pub(super) async fn in_turn<T: Send + 'static>(
    turns: &Arc<Semaphore>,
    work: impl FnOnce() -> T + Send + 'static,
) -> T {
    let turn = turns.clone().acquire_owned().await;
    let turn = turn.expect("the semaphore is never closed");
    let stop = Stop::default();
    let _waiting = stop.waiting();
    blocking(move || {
        let _turn = turn;
        stop.run(work)
    })
    .await
}

fn unit_card(level: Level, key: &str) -> Option<RegionCard> {
    let units = Units::shipped();
    let id = units.find(&RegionKey::new(key))?;
    let unit = units.get(id);
    (unit.level == level).then(|| RegionCard {
        level: CubeLevel::Region(level).id().to_owned(),
        key: key.to_owned(),
        name: unit.name.clone(),
        name_de: unit.name_de.clone(),
        kind: unit.kind.clone(),
        path: region_path(units, &unit.key),
        own: Vec::new(),
        bounds: unit.bounds,
        label: unit.label,
        population: unit.population,
        area_km2: unit.area_km2,
        child_level: units
            .child_level(id)
            .map(|level| CubeLevel::Region(level).id().to_owned()),
    })
}

/// A postal code, as large as the accounts that stand in it; none without a located account.
fn postal_card(derived: &Derived, key: &str) -> Result<Option<RegionCard>, Error> {
    let warehouse = &derived.warehouse;
    let dictionary = warehouse.dictionary("postal")?;
    let Some(number) = dictionary.number(key) else {
        return Ok(None);
    };
    let (Some(member), Some(bounds)) = (
        dictionary.member(number),
        warehouse.bounds_of_postal_code(number)?,
    ) else {
        return Ok(None);
    };
    let country = key.split_once('-').map_or("", |(country, _)| country);
    let level = CubeLevel::Region(Level::Postal).id().to_owned();
    let mut path = region_path(Units::shipped(), &RegionKey::new(country));
    path.push(RegionStep {
        level: level.clone(),
        key: key.to_owned(),
        name: member.name.to_owned(),
    });
    Ok(Some(RegionCard {
        level,
        key: key.to_owned(),
        name: member.name.to_owned(),
        name_de: member.name.to_owned(),
        kind: String::new(),
        path,
        own: Vec::new(),
        bounds,
        label: bounds.middle(),
        population: None,
        area_km2: None,
        child_level: None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stop;

    /// Without an end to the work that is dropped, this test has none.
    #[tokio::test]
    async fn work_that_nobody_waits_for_gives_its_turn_back() {
        let turns = Arc::new(Semaphore::new(1));
        let (started, has_started) = tokio::sync::oneshot::channel();
        let work = in_turn(&turns, move || {
            let _ = started.send(());
            while stop::is_wanted() {
                std::thread::yield_now();
            }
        });
        tokio::select! {
            () = work => panic!("the work was wanted and has ended"),
            _ = has_started => {}
        }
        assert_eq!(in_turn(&turns, || 7).await, 7);
    }
}
