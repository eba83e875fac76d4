//! One account with all that is known of it.

use serde::Serialize;
use utoipa::ToSchema;

use super::{App, Error};
use crate::cube::{self, Cell, CubeLevel, FilterRequest, KeyWord, Question, Request};
use crate::place::{LonLat, RegionKey};
use crate::record::account::Address;
use crate::record::placement::How;
use crate::record::site::Reason;
use crate::spatial::units::Units;
use crate::store::Entry;
use crate::warehouse::AccountRow;

/// An account with its site, its regions and what it bought.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AccountCard {
    /// What a list shows of it.
    #[serde(flatten)]
    pub account: AccountRow,
    /// Industry in the company's own words.
    pub industry: String,
    /// Name of the person to speak to.
    pub contact: String,
    /// Telephone number as written.
    pub phone: String,
    /// Electronic mail address as written.
    pub email: String,
    /// Address of the web site as written.
    pub website: String,
    /// State or province as written.
    pub state: String,
    /// The official units that contain it, country first.
    pub region: Vec<RegionStep>,
    /// The own regions that contain it, one of a hierarchy at most.
    pub own: Vec<RegionStep>,
    /// Where the position comes from.
    pub source: String,
    /// The true point lies within this many metres nine times of ten.
    pub radius_m: Option<f64>,
    /// How probable it is that this is the place that is meant, 0 to 1.
    pub confidence: f64,
    /// Why the position is missing or doubtful.
    #[schema(value_type = Option<Object>)]
    pub reason: Option<Reason>,
    /// How the position was decided on, unless it is the one that the import found.
    #[schema(value_type = Option<String>)]
    pub decided: Option<How>,
    /// When, RFC 3339 UTC.
    pub decided_at: Option<String>,
    /// The address of the files, where a person put another one in its place.
    #[schema(value_type = Option<Object>)]
    pub file_address: Option<Address>,
    /// H3 cell of resolution 9, hexadecimal.
    pub h3: Option<String>,
    /// Day of the first line, ISO 8601.
    pub first_order: Option<String>,
    /// Day of the last line, ISO 8601.
    pub last_order: Option<String>,
    /// Currency of `revenue`; none without lines or with lines of several currencies.
    pub currency: Option<String>,
    /// Figures by year, oldest first.
    pub years: Vec<YearFigures>,
}

/// A unit on the way from the country down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RegionStep {
    /// Word of the level, such as `region.state`.
    pub level: String,
    /// Key of the unit.
    pub key: String,
    /// Name of the unit.
    pub name: String,
}

/// What an account bought in a year.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct YearFigures {
    /// The year.
    pub year: String,
    /// Minor units of the currency.
    #[schema(value_type = Option<i64>)]
    pub revenue: Cell,
    /// Number of orders.
    #[schema(value_type = i64)]
    pub orders: Cell,
}

impl App {
    /// The card of the account with `key`.
    ///
    /// # Errors
    /// The account must exist.
    pub async fn account(&self, key: &str) -> Result<AccountCard, Error> {
        let entry = self
            .store
            .account(key)
            .await?
            .ok_or_else(|| Error::NoSuchAccount(key.to_owned()))?;
        let derived = self.derived().await?;
        let bought = super::blocking({
            let (key, derived) = (key.to_owned(), derived.clone());
            move || Bought::of(&derived.warehouse, &key)
        })
        .await?;
        let own = derived.own_regions_of(&entry.site);
        Ok(AccountCard {
            own,
            ..card_of(entry, bought)
        })
    }
}

/// What an account bought, as the cube answers.
struct Bought {
    first: Option<String>,
    last: Option<String>,
    currency: Option<String>,
    years: Vec<YearFigures>,
}

impl Bought {
    fn of(warehouse: &crate::warehouse::Warehouse, key: &str) -> Result<Self, cube::Error> {
        if warehouse.dictionary("account")?.number(key).is_none() {
            // Imported since: the figures follow with the next version of the warehouse.
            return Ok(Self {
                first: None,
                last: None,
                currency: None,
                years: Vec::new(),
            });
        }
        let ask = |measures: &[&str], rows: &[&str]| {
            let question = Question::try_from(Request {
                measures: measures.iter().map(|&word| word.to_owned()).collect(),
                rows: rows.iter().map(|&level| level.into()).collect(),
                filters: vec![FilterRequest {
                    level: Some(CubeLevel::Account.id().to_owned()),
                    keys: Some(vec![KeyWord::from(key)]),
                    ..FilterRequest::default()
                }],
                ..Request::default()
            })?;
            cube::ask(warehouse, &question)
        };
        let days = ask(&["first_purchase", "last_purchase"], &[])?.total;
        let years = match ask(&["revenue", "orders"], &["time.year"]) {
            Err(cube::Error::MixedCurrencies(_)) => ask(&["orders"], &["time.year"]),
            other => other,
        }?;
        let day = |measure: &str| match days.get(measure) {
            Some(Cell::Key(day)) => Some(day.clone()),
            _ => None,
        };
        Ok(Self {
            first: day("first_purchase"),
            last: day("last_purchase"),
            currency: years.currency,
            years: years.rows.into_iter().filter_map(year_of).collect(),
        })
    }
}

fn year_of(row: Vec<Cell>) -> Option<YearFigures> {
    match <[Cell; 3]>::try_from(row) {
        Ok([Cell::Key(year), revenue, orders]) => Some(YearFigures {
            year,
            revenue,
            orders,
        }),
        Ok(_) => None,
        Err(row) => match <[Cell; 2]>::try_from(row) {
            Ok([Cell::Key(year), orders]) => Some(YearFigures {
                year,
                revenue: Cell::None,
                orders,
            }),
            _ => None,
        },
    }
}

fn card_of(entry: Entry, bought: Bought) -> AccountCard {
    let Entry {
        account,
        site,
        file_address,
        decided,
        ..
    } = entry;
    let file_address = Some(file_address).filter(|address| *address != account.address);
    let units = Units::shipped();
    let region = site
        .unit
        .as_ref()
        .or(site.country.as_ref())
        .map_or_else(Vec::new, |key| region_path(units, key));
    AccountCard {
        account: AccountRow {
            key: account.key,
            name: account.name,
            stage: account.stage.name().to_owned(),
            street: account.address.street,
            postal_code: account.address.postal_code,
            place: account.address.place,
            country: account.address.country,
            position: site.position.map(rounded),
            precision: site.precision.name().to_owned(),
        },
        industry: account.industry,
        contact: account.contact,
        phone: account.phone,
        email: account.email,
        website: account.website,
        state: account.address.state,
        region,
        own: Vec::new(),
        source: site.source,
        radius_m: site.radius_m.map(f64::round),
        confidence: site.confidence,
        reason: site.reason,
        decided: decided.as_ref().map(|decided| decided.how),
        decided_at: decided.map(|decided| decided.at),
        file_address,
        h3: site.h3.map(|cell| format!("{cell:x}")),
        first_order: bought.first,
        last_order: bought.last,
        currency: bought.currency,
        years: bought.years,
    }
}

/// Seven decimals are a centimetre; more would claim what no source knows.
fn rounded(position: LonLat) -> LonLat {
    let round = |degrees: f64| (degrees * 1e7).round() / 1e7;
    LonLat::parse(round(position.lon()), round(position.lat())).unwrap_or(position)
}

/// The units from the country down to the one of `key`; empty when there is none.
pub(super) fn region_path(units: &Units, key: &RegionKey) -> Vec<RegionStep> {
    let path = units.find(key).map(|id| units.path(id)).unwrap_or_default();
    path.into_iter()
        .map(|id| {
            let unit = units.get(id);
            RegionStep {
                level: CubeLevel::Region(unit.level).id().to_owned(),
                key: unit.key.to_string(),
                name: unit.name.clone(),
            }
        })
        .collect()
}
