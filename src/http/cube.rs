//! Questions to the cube and the lines behind its cells.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::{BytesRejection, JsonRejection};

use super::error::Problem;
use super::{MAX_OFFSET, Server};
use crate::cube::{Answer, Lines, LinesRequest, Request};

/// The answer to a question.
#[utoipa::path(
    post, path = "/api/cube", request_body = Request,
    responses(
        (status = 200, body = Answer),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn ask(
    State(server): State<Server>,
    question: Result<Bytes, BytesRejection>,
) -> Result<Json<Answer>, Problem> {
    Ok(Json(server.app.ask(&question?).await?))
}

/// The lines behind a cell, newest first.
#[utoipa::path(
    post, path = "/api/lines", request_body = LinesRequest,
    responses(
        (status = 200, body = Lines),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn lines(
    State(server): State<Server>,
    request: Result<Json<LinesRequest>, JsonRejection>,
) -> Result<Json<Lines>, Problem> {
    let Json(mut request) = request?;
    request.offset = request.offset.min(MAX_OFFSET);
    Ok(Json(server.app.lines(request).await?))
}
