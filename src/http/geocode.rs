//! Looking up addresses: a text, a batch of addresses, a position.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Server;
use super::error::Problem;
use crate::app::Surroundings;
use crate::geocode::Located;
use crate::geocode::candidate::{Candidate, MOST_CANDIDATES};
use crate::place::LonLat;
use crate::provider::Answer;
use crate::record::account::Address;

/// Addresses of one request at most.
const MAX_ADDRESSES: usize = 10_000;

/// What is looked up.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TextParameters {
    /// An address, a place or a postal code, or the beginning of one.
    q: String,
    /// How many candidates to give, at most 5.
    limit: Option<usize>,
    /// Whether the other geocoder is asked as well, to which the text is then sent. Its candidates
    /// stand behind, named in their `source`.
    provider: Option<bool>,
}

/// What a text may mean.
#[derive(Serialize, ToSchema)]
pub(super) struct Candidates {
    /// The most probable first.
    #[schema(value_type = Vec<Object>)]
    candidates: Vec<Candidate>,
    /// Whom to name as the origin of what the other geocoder gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    credit: Option<String>,
}

/// Addresses in parts; what is not known stays empty.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AddressesRequest {
    /// At most 10,000.
    #[schema(value_type = Vec<Object>)]
    addresses: Vec<Address>,
}

/// Where addresses are.
#[derive(Serialize, ToSchema)]
pub(super) struct Results {
    /// One per address, in their order.
    #[schema(value_type = Vec<Object>)]
    results: Vec<Located>,
}

/// A position.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PositionParameters {
    /// Degrees east.
    lon: f64,
    /// Degrees north.
    lat: f64,
}

/// What a text may mean: an address, a place or a postal code.
#[utoipa::path(
    get, path = "/api/geocode", params(TextParameters),
    responses((status = 200, body = Candidates))
)]
pub(super) async fn text(
    State(server): State<Server>,
    parameters: Result<Query<TextParameters>, QueryRejection>,
) -> Result<Json<Candidates>, Problem> {
    let Query(parameters) = parameters?;
    let limit = parameters
        .limit
        .unwrap_or(MOST_CANDIDATES)
        .min(MOST_CANDIDATES);
    let Answer { candidates, credit } = if parameters.provider.unwrap_or_default() {
        server.app.geocode_widely(parameters.q, limit).await?
    } else {
        Answer {
            candidates: server.app.geocode(parameters.q, limit).await,
            credit: None,
        }
    };
    Ok(Json(Candidates { candidates, credit }))
}

/// Where addresses are; nothing of them is kept.
#[utoipa::path(
    post, path = "/api/geocode", request_body = AddressesRequest,
    responses((status = 200, body = Results))
)]
pub(super) async fn addresses(
    State(server): State<Server>,
    request: Result<Json<AddressesRequest>, JsonRejection>,
) -> Result<Json<Results>, Problem> {
    let Json(AddressesRequest { addresses }) = request?;
    if addresses.len() > MAX_ADDRESSES {
        return Err(Problem::bad_request(format!(
            "{} addresses are more than {MAX_ADDRESSES}: send them in parts",
            addresses.len()
        )));
    }
    let results = server.app.geocode_all(addresses).await;
    Ok(Json(Results { results }))
}

/// The regions around a position and the nearest place.
#[utoipa::path(
    get, path = "/api/reverse", params(PositionParameters),
    responses((status = 200, body = Surroundings))
)]
pub(super) async fn reverse(
    State(server): State<Server>,
    parameters: Result<Query<PositionParameters>, QueryRejection>,
) -> Result<Json<Surroundings>, Problem> {
    let Query(PositionParameters { lon, lat }) = parameters?;
    let position =
        LonLat::parse(lon, lat).map_err(|error| Problem::bad_request(error.to_string()))?;
    Ok(Json(server.app.reverse(position).await))
}
