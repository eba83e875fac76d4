//! Own measures: formulas over other measures.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::Server;
use super::error::Problem;
use crate::app::CheckedMeasure;
use crate::record::measure::MeasureDefinition;

/// Every own measure.
#[derive(Serialize, ToSchema)]
pub(super) struct OwnMeasureList {
    /// By name.
    measures: Vec<MeasureDefinition>,
}

/// Every own measure, by name.
#[utoipa::path(get, path = "/api/measures", responses((status = 200, body = OwnMeasureList)))]
pub(super) async fn list(State(server): State<Server>) -> Json<OwnMeasureList> {
    let measures = server.app.measures();
    let measures = measures.iter().map(|own| own.definition().clone());
    Json(OwnMeasureList {
        measures: measures.collect(),
    })
}

/// Keeps a new own measure.
#[utoipa::path(
    post, path = "/api/measures", request_body = MeasureDefinition,
    responses(
        (status = 201, body = MeasureDefinition),
        (status = 409, body = Problem, content_type = "application/problem+json",
         description = "The name is taken, or there are 200 own measures"),
        (status = 422, body = Problem, content_type = "application/problem+json",
         description = "The name or the formula is wrong; `position` is the place of the first \
                        wrong sign of the formula, counted from 1"),
    )
)]
pub(super) async fn add(
    State(server): State<Server>,
    request: Result<Json<MeasureDefinition>, JsonRejection>,
) -> Result<(StatusCode, Json<MeasureDefinition>), Problem> {
    let Json(measure) = request?;
    let kept = server.app.add_measure(measure).await?;
    Ok((StatusCode::CREATED, Json(kept)))
}

/// What a formula would give; nothing is kept. The name of an own measure that there is stands for
/// changing it.
#[utoipa::path(
    post, path = "/api/measures/check", request_body = MeasureDefinition,
    responses(
        (status = 200, body = CheckedMeasure),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn check(
    State(server): State<Server>,
    request: Result<Json<MeasureDefinition>, JsonRejection>,
) -> Result<Json<CheckedMeasure>, Problem> {
    let Json(measure) = request?;
    Ok(Json(server.app.check_measure(measure).await?))
}

/// Gives an own measure another formula, label or format; its name stays.
#[utoipa::path(
    put, path = "/api/measures/{name}", params(("name" = String, Path, description = "Own measure")),
    request_body = MeasureDefinition,
    responses(
        (status = 200, body = MeasureDefinition),
        (status = 400, body = Problem, content_type = "application/problem+json",
         description = "The name in the document is another one"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json",
         description = "The formula is wrong, or one that uses it would be"),
    )
)]
pub(super) async fn change(
    State(server): State<Server>,
    name: Result<Path<String>, PathRejection>,
    request: Result<Json<MeasureDefinition>, JsonRejection>,
) -> Result<Json<MeasureDefinition>, Problem> {
    let (Path(name), Json(measure)) = (name?, request?);
    if measure.name != name {
        return Err(Problem::bad_request(format!(
            "the name of a measure stays: {name}, not {}",
            crate::word::shortened(&measure.name)
        )));
    }
    Ok(Json(server.app.change_measure(measure).await?))
}

/// Removes an own measure.
#[utoipa::path(
    delete, path = "/api/measures/{name}",
    params(("name" = String, Path, description = "Own measure")),
    responses(
        (status = 204, description = "The measure is gone"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json",
         description = "Another own measure uses it"),
    )
)]
pub(super) async fn remove(
    State(server): State<Server>,
    name: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let Path(name) = name?;
    server.app.remove_measure(&name).await?;
    Ok(StatusCode::NO_CONTENT)
}
