//! Questions that are kept, so that tiles can be asked with them.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::Server;
use super::error::Problem;
use crate::app::KeptQuestion;
use crate::cube::Request;

/// Keeps a question; the same document has the same name.
#[utoipa::path(
    post, path = "/api/questions", request_body = Request,
    responses(
        (status = 200, body = KeptQuestion),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json",
         description = "Sites can't show what it asks"),
    )
)]
pub(super) async fn keep(
    State(server): State<Server>,
    question: Result<Bytes, BytesRejection>,
) -> Result<Json<KeptQuestion>, Problem> {
    Ok(Json(server.app.keep_question(&question?).await?))
}

/// The document of a kept question.
#[utoipa::path(
    get, path = "/api/questions/{id}",
    params(("id" = String, Path, description = "Its name")),
    responses(
        (status = 200, body = Request),
        (status = 404, body = Problem, content_type = "application/problem+json",
         description = "It is not known, or was forgotten: send the document again"),
    )
)]
pub(super) async fn document(
    State(server): State<Server>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let Path(id) = id?;
    let document = server.app.question(&id).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], document).into_response())
}
