//! Accounts: lists by box and text, and the card of one.

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::error::Problem;
use super::{MAX_OFFSET, Server};
use crate::app::AccountCard;
use crate::place::Bounds;
use crate::warehouse::{AccountRow, AccountsQuestion};

/// Which accounts are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListParameters {
    /// `west,south,east,north` in degrees.
    bounds: Option<String>,
    /// Part of a key, name, place or street.
    text: Option<String>,
    /// How many to leave out at the start.
    offset: Option<u64>,
    /// How many to give, 100 unless said, at most 1000.
    limit: Option<u64>,
}

/// A page of accounts.
#[derive(Serialize, ToSchema)]
pub(super) struct Accounts {
    /// How many there are in all.
    total: u64,
    accounts: Vec<AccountRow>,
}

/// Accounts by name.
#[utoipa::path(
    get, path = "/api/accounts", params(ListParameters),
    responses((status = 200, body = Accounts))
)]
pub(super) async fn list(
    State(server): State<Server>,
    parameters: Result<Query<ListParameters>, QueryRejection>,
) -> Result<Json<Accounts>, Problem> {
    let Query(parameters) = parameters?;
    let (total, accounts) = server
        .app
        .accounts(AccountsQuestion {
            bounds: parameters.bounds.as_deref().map(parse_bounds).transpose()?,
            text: parameters.text.unwrap_or_default(),
            offset: parameters.offset.unwrap_or_default().min(MAX_OFFSET),
            limit: parameters.limit.unwrap_or(100).min(1_000),
        })
        .await?;
    Ok(Json(Accounts { total, accounts }))
}

/// One account with its site and what it bought.
#[utoipa::path(
    get, path = "/api/accounts/{key}", params(("key" = String, Path, description = "Account key")),
    responses(
        (status = 200, body = AccountCard),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn card(
    State(server): State<Server>,
    key: Result<Path<String>, PathRejection>,
) -> Result<Json<AccountCard>, Problem> {
    let Path(key) = key?;
    Ok(Json(server.app.account(&key).await?))
}

fn parse_bounds(text: &str) -> Result<Bounds, Problem> {
    let wrong = || Problem::bad_request(format!("bounds \"{text}\" must be west,south,east,north"));
    let numbers = text
        .split(',')
        .map(|part| part.trim().parse().map_err(|_| wrong()))
        .collect::<Result<Vec<f64>, _>>()?;
    let numbers: [f64; 4] = numbers.try_into().map_err(|_| wrong())?;
    Bounds::try_from(numbers).map_err(|error| Problem::bad_request(error.to_string()))
}
