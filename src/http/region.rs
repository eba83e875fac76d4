//! Regions: name, place in the hierarchy, bounds.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};

use super::Server;
use super::error::Problem;
use crate::app::{Anchors, RegionCard};

/// One region and the way to it from its country.
#[utoipa::path(
    get, path = "/api/regions/{level}/{key}",
    params(
        ("level" = String, Path, description = "Level without its dimension, such as `state`"),
        ("key" = String, Path, description = "Key of the region"),
    ),
    responses(
        (status = 200, body = RegionCard),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn region(
    State(server): State<Server>,
    region: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<RegionCard>, Problem> {
    let Path((level, key)) = region?;
    server
        .app
        .region(&level, &key)
        .await?
        .map(Json)
        .ok_or_else(|| Problem::not_found(format!("there is no region \"{key}\" at {level}")))
}

/// A point well inside each region of a level, where what is told of it can stand.
#[utoipa::path(
    get, path = "/api/regions/{level}",
    params(("level" = String, Path, description = "Level without its dimension, such as `state`")),
    responses(
        (status = 200, body = Anchors),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn anchors(
    State(server): State<Server>,
    level: Result<Path<String>, PathRejection>,
) -> Result<Json<Anchors>, Problem> {
    let Path(level) = level?;
    let anchors = server.app.anchors(&level).await?;
    let found =
        anchors.ok_or_else(|| Problem::not_found(format!("there is no level \"{level}\"")))?;
    Ok(Json(found))
}
