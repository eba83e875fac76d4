//! Batches: what was imported, what was remarked, and taking it back.

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Server;
use super::error::Problem;
use crate::app::Remarks;
use crate::store::{Batch, BatchId};

/// Every batch, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct Batches {
    #[schema(value_type = Vec<Object>)]
    batches: Vec<Batch>,
}

/// The batch that was taken back.
#[derive(Serialize, ToSchema)]
pub(super) struct Undone {
    #[schema(value_type = i64)]
    batch: BatchId,
}

/// Which page of the remarks.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PageParameters {
    /// How many to leave out at the start.
    offset: Option<usize>,
    /// How many to give, 100 unless said, at most 1000.
    limit: Option<usize>,
}

/// Every batch, newest first.
#[utoipa::path(get, path = "/api/batches", responses((status = 200, body = Batches)))]
pub(super) async fn list(State(server): State<Server>) -> Result<Json<Batches>, Problem> {
    let batches = server.app.batches().await?;
    Ok(Json(Batches { batches }))
}

/// Takes a batch back.
#[utoipa::path(
    delete, path = "/api/batches/{id}", params(("id" = i64, Path, description = "Batch")),
    responses(
        (status = 200, body = Undone),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn undo(
    State(server): State<Server>,
    id: Result<Path<i64>, PathRejection>,
) -> Result<Json<Undone>, Problem> {
    let Path(id) = id?;
    let batch = server.app.undo(BatchId(id)).await?.id;
    Ok(Json(Undone { batch }))
}

/// A page of the remarks on a batch.
#[utoipa::path(
    get, path = "/api/batches/{id}/remarks",
    params(("id" = i64, Path, description = "Batch"), PageParameters),
    responses((status = 200, body = Remarks))
)]
pub(super) async fn remarks(
    State(server): State<Server>,
    id: Result<Path<i64>, PathRejection>,
    page: Result<Query<PageParameters>, QueryRejection>,
) -> Result<Json<Remarks>, Problem> {
    let (Path(id), Query(page)) = (id?, page?);
    let limit = page.limit.unwrap_or(100).min(1_000);
    let offset = page.offset.unwrap_or_default();
    Ok(Json(server.app.remarks(BatchId(id), offset, limit).await?))
}

/// The remarks on a batch as a CSV file.
#[utoipa::path(
    get, path = "/api/batches/{id}/remarks.csv",
    params(("id" = i64, Path, description = "Batch")),
    responses((status = 200, content_type = "text/csv"))
)]
pub(super) async fn remarks_file(
    State(server): State<Server>,
    id: Result<Path<i64>, PathRejection>,
) -> Result<Response, Problem> {
    let Path(id) = id?;
    let path = server
        .app
        .remarks_file(BatchId(id))
        .await?
        .ok_or_else(|| Problem::not_found(format!("batch {id} has no remarks")))?;
    let text = tokio::fs::read(path).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"remarks-{id}.csv\""),
        ),
    ];
    Ok((headers, Body::from(text)).into_response())
}
