//! The search box.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Server;
use super::error::Problem;
use crate::app::Found;

/// What is searched.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchParameters {
    /// The beginning of a name, or a part of an account's.
    q: String,
    /// How many hits to give, 10 unless said, at most 50.
    limit: Option<usize>,
}

/// Hits of the search.
#[derive(Serialize, ToSchema)]
pub(super) struct Hits {
    results: Vec<Found>,
}

/// Accounts, regions and places by name.
#[utoipa::path(
    get, path = "/api/search", params(SearchParameters), responses((status = 200, body = Hits))
)]
pub(super) async fn search(
    State(server): State<Server>,
    parameters: Result<Query<SearchParameters>, QueryRejection>,
) -> Result<Json<Hits>, Problem> {
    let Query(parameters) = parameters?;
    let limit = parameters.limit.unwrap_or(10).min(50);
    let results = server.app.search(&parameters.q, limit).await?;
    Ok(Json(Hits { results }))
}
