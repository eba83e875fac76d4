//! The queue of doubtful positions, and decisions about them.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Server;
use super::error::Problem;
use crate::app::{Decided, Decision, Relocation, Review, ReviewItem};
use crate::place::LonLat;
use crate::record::account::Address;

/// Items or moves of one answer at most.
const MAX_ITEMS: u64 = 200;

/// Radius of a pin that says nothing of it, in metres.
const PIN_M: f64 = 25.0;

/// Which part of the queue.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct QueueParameters {
    /// Only accounts that are doubtful for this reason.
    reason: Option<String>,
    /// Only the account of this key, whether it waits for a decision or not.
    account: Option<String>,
    /// How many to leave out at the start.
    offset: Option<u64>,
    /// How many to give, 20 unless said, at most 200.
    limit: Option<u64>,
}

/// How many changes are shown.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct MovesParameters {
    /// How many to give, 20 unless said, at most 200.
    limit: Option<u64>,
}

/// A page of the queue.
#[derive(Serialize, ToSchema)]
pub(super) struct Items {
    /// Unplaced accounts first, then the least sure.
    items: Vec<ReviewItem>,
}

/// Decisions about accounts, or one about all accounts of a reason.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DecisionsRequest {
    /// One each, at most 1,000.
    decisions: Option<Vec<DecisionRequest>>,
    /// The reason for which all accounts are doubtful whose positions are accepted.
    accept_all: Option<String>,
}

/// A decision about one account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DecisionRequest {
    /// Key of the account.
    account: String,
    /// `accept` the position as it is, `pick` the candidate at `position`, `place` it at
    /// `position`, `correct` its `address`, or `release` it to what the files say.
    #[schema(value_type = String)]
    how: HowWord,
    /// Of `pick` and `place`: longitude and latitude in degrees.
    #[schema(value_type = Option<[f64; 2]>)]
    position: Option<LonLat>,
    /// Of `place`, and of what the other geocoder gave: to within how many metres it is right; 25
    /// unless said.
    radius_m: Option<f64>,
    /// Of `pick`: whether the other geocoder gave the candidate, and not this server.
    #[serde(default)]
    provider: bool,
    /// Of `correct`: the address as it should be.
    #[schema(value_type = Option<Object>)]
    address: Option<Address>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum HowWord {
    Accept,
    Pick,
    Place,
    Correct,
    Release,
}

impl TryFrom<DecisionRequest> for (String, Decision) {
    type Error = Problem;

    fn try_from(request: DecisionRequest) -> Result<Self, Problem> {
        let needs = |what: &str| {
            let account = &request.account;
            Problem::bad_request(format!("the decision about {account:?} needs {what}"))
        };
        let radius_m = request.radius_m.unwrap_or(PIN_M);
        let position = || request.position.ok_or_else(|| needs("a position"));
        let decision = match request.how {
            HowWord::Accept => Decision::Accept,
            HowWord::Pick if request.provider => Decision::Adopt(position()?, radius_m),
            HowWord::Pick => Decision::Pick(position()?),
            HowWord::Place => Decision::Place(position()?, radius_m),
            HowWord::Correct => {
                let address = request.address.clone();
                Decision::Correct(address.ok_or_else(|| needs("an address"))?)
            }
            HowWord::Release => Decision::Release,
        };
        Ok((request.account, decision))
    }
}

/// What waits for a decision, by reason.
#[utoipa::path(get, path = "/api/review", responses((status = 200, body = Review)))]
pub(super) async fn summary(State(server): State<Server>) -> Result<Json<Review>, Problem> {
    Ok(Json(server.app.review().await?))
}

/// A page of the accounts that wait for a decision, with what they may mean.
#[utoipa::path(
    get, path = "/api/review/items", params(QueueParameters),
    responses(
        (status = 200, body = Items),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn items(
    State(server): State<Server>,
    parameters: Result<Query<QueueParameters>, QueryRejection>,
) -> Result<Json<Items>, Problem> {
    let Query(parameters) = parameters?;
    if let Some(key) = &parameters.account {
        let items = vec![server.app.review_item(key).await?];
        return Ok(Json(Items { items }));
    }
    let items = server.app.review_items(
        parameters.reason.as_deref(),
        parameters.offset.unwrap_or_default(),
        parameters.limit.unwrap_or(20).min(MAX_ITEMS),
    );
    let items = items.await?;
    Ok(Json(Items { items }))
}

/// Decides about accounts, as one batch that can be taken back.
#[utoipa::path(
    post, path = "/api/review/decisions", request_body = DecisionsRequest,
    responses(
        (status = 200, body = Decided),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn decide(
    State(server): State<Server>,
    request: Result<Json<DecisionsRequest>, JsonRejection>,
) -> Result<Json<Decided>, Problem> {
    let Json(request) = request?;
    let decided = match (request.decisions, request.accept_all) {
        (Some(decisions), None) => {
            let decisions = decisions.into_iter().map(TryInto::try_into);
            let decisions = decisions.collect::<Result<Vec<_>, Problem>>()?;
            server.app.decide(decisions).await?
        }
        (None, Some(reason)) => server.app.accept_all(reason).await?,
        _ => {
            let detail = "either `decisions` or `accept_all` must be given";
            return Err(Problem::bad_request(detail));
        }
    };
    Ok(Json(decided))
}

/// What locating all accounts again would improve; nothing is changed.
#[utoipa::path(
    get, path = "/api/relocation", params(MovesParameters),
    responses((status = 200, body = Relocation))
)]
pub(super) async fn relocation(
    State(server): State<Server>,
    parameters: Result<Query<MovesParameters>, QueryRejection>,
) -> Result<Json<Relocation>, Problem> {
    let Query(parameters) = parameters?;
    let limit = parameters.limit.unwrap_or(20).min(MAX_ITEMS);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    Ok(Json(server.app.relocation(limit).await?))
}

/// Gives all accounts their better positions, as one batch that can be taken back.
#[utoipa::path(post, path = "/api/relocation", responses((status = 200, body = Decided)))]
pub(super) async fn relocate(State(server): State<Server>) -> Result<Json<Decided>, Problem> {
    Ok(Json(server.app.relocate().await?))
}
