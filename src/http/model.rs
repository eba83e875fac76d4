//! What there is to ask: the state of the server, the words of the cube, the health of the home.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

use super::Server;
use super::error::Problem;
use crate::app::Report;
use crate::cube::{Additivity, Compare, CubeLevel, Measure, Modifier, Unit};
use crate::record::measure::MeasureDefinition;
use crate::reference;
use crate::warehouse::FilledLevel;

/// Whether the server answers.
#[derive(Serialize, ToSchema)]
pub(super) struct Health {
    status: &'static str,
    version: &'static str,
}

/// The words of the cube and what the home holds.
#[derive(Serialize, ToSchema)]
pub(super) struct Model {
    /// The one currency of all lines; none without lines or with several.
    currency: Option<String>,
    currencies: Vec<String>,
    /// Currencies that all money can be converted into at the rates of its days.
    conversions: Vec<String>,
    /// Version of the data; changes with every change.
    version: String,
    accounts: u64,
    lines: u64,
    /// ISO 8601.
    first_day: Option<String>,
    /// ISO 8601.
    last_day: Option<String>,
    /// Number of accounts by the precision of their position.
    precision: BTreeMap<String, u64>,
    measures: Vec<MeasureWord>,
    /// What can be made of a measure, such as `revenue.share_of_total`.
    figures: Vec<&'static str>,
    /// What a question can compare with.
    comparisons: Vec<&'static str>,
    /// Words of the levels that have members.
    levels: Vec<&'static str>,
    /// What the levels of own regions are called, in their order.
    hierarchies: Vec<HierarchyWord>,
    /// Who made the geographic data.
    credits: Vec<&'static str>,
    /// The other geocoder that can be asked, such as `nominatim`; none where none is configured.
    provider: Option<&'static str>,
    /// Who made the base map of streets, which may be empty; none where no such map is named.
    streets: Option<String>,
}

/// A measure.
#[derive(Serialize, ToSchema)]
pub(super) struct MeasureWord {
    id: String,
    unit: Unit,
    /// Whether the numbers of children add up to their parent's.
    additive: bool,
    additivity: Additivity,
    /// What a missing value means.
    missing: &'static str,
    /// Whether the data has what it needs: a margin needs costs.
    available: bool,
    /// Whether it looks at another time itself, so that nothing can be compared with one.
    compares: bool,
    /// What an own measure is made of; absent for the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    own: Option<MeasureDefinition>,
}

/// A hierarchy of own regions.
#[derive(Serialize, ToSchema)]
pub(super) struct HierarchyWord {
    /// The level that it fills, such as `own.1`.
    level: &'static str,
    /// What it is called.
    name: String,
    /// How many regions it has.
    regions: u64,
}

/// Whether the server answers.
#[utoipa::path(get, path = "/health", responses((status = 200, body = Health)))]
pub(super) async fn health() -> Json<Health> {
    Json(Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// The words of the cube and what the home holds.
#[utoipa::path(get, path = "/api/model", responses((status = 200, body = Model)))]
pub(super) async fn model(State(server): State<Server>) -> Result<Json<Model>, Problem> {
    let derived = server.app.derived().await?;
    let summary = derived.warehouse.summary();
    let own = server.app.measures();
    let own = own.iter().map(|own| Measure::Own(own.clone()));
    let measures = Measure::all().chain(own);
    let measures = measures.map(|measure| measure_word(&measure, summary.has_cost));
    Ok(Json(Model {
        currency: match summary.currencies.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        },
        currencies: summary.currencies.clone(),
        conversions: summary
            .conversions
            .iter()
            .filter(|known| known.missing.is_none())
            .map(|known| known.currency.to_string())
            .collect(),
        version: derived.warehouse.version().to_string(),
        accounts: summary.accounts,
        lines: summary.lines,
        first_day: summary.first_day.map(|day| day.to_string()),
        last_day: summary.last_day.map(|day| day.to_string()),
        precision: summary.precision.iter().cloned().collect(),
        measures: measures.collect(),
        figures: Modifier::words().collect(),
        comparisons: Compare::ALL.map(Compare::id).to_vec(),
        levels: CubeLevel::all()
            .filter(|level| level.is_filled(&derived.warehouse))
            .map(CubeLevel::id)
            .collect(),
        hierarchies: summary.hierarchies.iter().map(hierarchy_word).collect(),
        credits: reference::CREDITS.to_vec(),
        provider: server.app.provider(),
        streets: server.app.streets_credit(),
    }))
}

fn measure_word(measure: &Measure, has_cost: bool) -> MeasureWord {
    MeasureWord {
        id: measure.id().to_owned(),
        unit: measure.unit(),
        additive: measure.is_additive(),
        additivity: measure.additivity(),
        missing: measure.missing(),
        available: !measure.needs_cost() || has_cost,
        compares: !measure.compares().is_empty(),
        own: match measure {
            Measure::Own(own) => Some(own.definition().clone()),
            _ => None,
        },
    }
}

fn hierarchy_word(filled: &FilledLevel) -> HierarchyWord {
    HierarchyWord {
        level: CubeLevel::Own(filled.level).id(),
        name: filled.name.clone(),
        regions: filled.regions,
    }
}

/// Whether the invariants of the home hold.
#[utoipa::path(get, path = "/api/check", responses((status = 200, body = Report)))]
pub(super) async fn check(State(server): State<Server>) -> Result<Json<Report>, Problem> {
    Ok(Json(server.app.check().await?))
}
