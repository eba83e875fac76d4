//! Saved views: names for addresses of the screen.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Server;
use super::error::Problem;
use crate::store::{Saved, Taken, View, ViewId};

/// Every saved view.
#[derive(Serialize, ToSchema)]
pub(super) struct Views {
    /// By name.
    views: Vec<View>,
}

/// A view to be saved.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SaveRequest {
    /// 1 to 80 signs; spaces around them do not count.
    name: String,
    /// The query of the screen's address, from its `?` on; 4,000 bytes at most.
    address: String,
    /// Whether a view that has the name already gets the new address.
    #[serde(default)]
    replace: bool,
}

/// Another name for a view.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RenameRequest {
    /// 1 to 80 signs; spaces around them do not count.
    name: String,
}

/// Every saved view, by name.
#[utoipa::path(get, path = "/api/views", responses((status = 200, body = Views)))]
pub(super) async fn list(State(server): State<Server>) -> Result<Json<Views>, Problem> {
    let views = server.app.views().await?;
    Ok(Json(Views { views }))
}

/// Saves a view under a name. The figures are not part of it: whoever opens it sees those of then.
#[utoipa::path(
    post, path = "/api/views", request_body = SaveRequest,
    responses(
        (status = 201, body = View, description = "The view is new"),
        (status = 200, body = View, description = "The view of that name has the new address"),
        (status = 409, body = Problem, content_type = "application/problem+json",
         description = "The name is taken, or there are 1,000 views"),
        (status = 422, body = Problem, content_type = "application/problem+json",
         description = "The name or the address is unfit"),
    )
)]
pub(super) async fn save(
    State(server): State<Server>,
    request: Result<Json<SaveRequest>, JsonRejection>,
) -> Result<(StatusCode, Json<View>), Problem> {
    let Json(SaveRequest {
        name,
        address,
        replace,
    }) = request?;
    let taken = if replace {
        Taken::Replace
    } else {
        Taken::Refuse
    };
    Ok(match server.app.save_view(&name, address, taken).await? {
        Saved::New(view) => (StatusCode::CREATED, Json(view)),
        Saved::Replaced(view) => (StatusCode::OK, Json(view)),
    })
}

/// Gives a view another name.
#[utoipa::path(
    patch, path = "/api/views/{id}", params(("id" = i64, Path, description = "View")),
    request_body = RenameRequest,
    responses(
        (status = 200, body = View),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json",
         description = "Another view has the name"),
        (status = 422, body = Problem, content_type = "application/problem+json",
         description = "The name is unfit"),
    )
)]
pub(super) async fn rename(
    State(server): State<Server>,
    id: Result<Path<i64>, PathRejection>,
    request: Result<Json<RenameRequest>, JsonRejection>,
) -> Result<Json<View>, Problem> {
    let (Path(id), Json(request)) = (id?, request?);
    let renamed = server.app.rename_view(ViewId(id), &request.name).await?;
    Ok(Json(renamed))
}

/// Deletes a view.
#[utoipa::path(
    delete, path = "/api/views/{id}", params(("id" = i64, Path, description = "View")),
    responses(
        (status = 204, description = "The view is gone"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn delete(
    State(server): State<Server>,
    id: Result<Path<i64>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let Path(id) = id?;
    server.app.delete_view(ViewId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
