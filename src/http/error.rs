//! Errors as RFC 9457 problems. The policy:
//!
//! - what the asker can mend is 4xx, with a stable `type` and a detail that says what is right;
//! - what we broke is 500: logged once with its causes, the detail is not sent;
//! - what the cluster of the cube broke is 503, with the host and the reason;
//! - what another geocoder broke is 502, 503 or 504, with what can be done about it;
//! - no other module names a status code of an error.

use std::any::Any;

use axum::Json;
use axum::extract::rejection::{BytesRejection, JsonRejection, PathRejection, QueryRejection};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ogc::cql::FilterError;
use crate::word::with_causes;
use crate::{app, cluster, cube, export, import, paper, provider, store};

/// An RFC 9457 problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Stable address of the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// HTTP status code.
    pub status: u16,
    /// What happened, to what, and the way out.
    pub detail: String,
    /// The word that is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub word: Option<String>,
    /// What would have been right.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<String>,
    /// The place of the first wrong sign of a formula, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<usize>,
}

impl Problem {
    fn new(status: StatusCode, kind: &str, title: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("/problems/{kind}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            word: None,
            suggestions: Vec::new(),
            position: None,
        }
    }

    fn about(mut self, word: &str, suggestions: &[String]) -> Self {
        self.word = Some(word.to_owned());
        self.suggestions = suggestions.to_vec();
        self
    }

    /// Nothing is at this address.
    pub(super) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found", detail)
    }

    /// The request can't be understood.
    pub(super) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "bad-request",
            "Bad request",
            detail,
        )
    }

    /// The body is larger than this server takes.
    pub(super) fn too_large(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            "Too large",
            detail,
        )
    }

    /// The asker stopped in the middle of a request.
    pub(super) fn stalled(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "stalled", "Stalled", detail)
    }

    /// A page of another origin asks for a change.
    pub(super) fn foreign_origin() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "foreign-origin",
            "Foreign origin",
            "a page of another origin may change nothing here",
        )
    }

    /// The request is for another server.
    pub(super) fn foreign_host(host: &str) -> Self {
        Self::new(
            StatusCode::MISDIRECTED_REQUEST,
            "foreign-host",
            "Foreign host",
            format!("this server does not answer for the host \"{host}\"; start it with --host"),
        )
    }

    /// A part of the request that axum refuses; it knows the status.
    fn unreadable(status: StatusCode, detail: String) -> Self {
        match status {
            StatusCode::PAYLOAD_TOO_LARGE => Self::too_large(detail),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::new(
                status,
                "unsupported-media-type",
                "Unsupported media type",
                detail,
            ),
            // JSON of another shape is as unclear here as it is in a question to the cube.
            StatusCode::UNPROCESSABLE_ENTITY => Self::bad_request(detail),
            status => Self::new(status, "bad-request", "Bad request", detail),
        }
    }

    pub(super) fn internal(error: &dyn std::error::Error) -> Self {
        tracing::error!(error = with_causes(error), "a request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Internal error",
            "the server could not do it; its log says why",
        )
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (status, kind, Json(self)).into_response()
    }
}

impl From<app::Error> for Problem {
    fn from(error: app::Error) -> Self {
        match &error {
            app::Error::Cube(cube) | app::Error::Export(export::Error::Cube(cube)) => {
                Self::from(cube)
            }
            app::Error::Export(export::Error::TooManyRows { .. }) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "too-many-rows",
                "Too many rows",
                error.to_string(),
            ),
            app::Error::Paper(
                paper::Error::Question(_) | paper::Error::Look(_) | paper::Error::Nothing(_),
            ) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "no-map",
                "No map of it",
                error.to_string(),
            ),
            app::Error::Import(import) => Self::from(import),
            app::Error::NoSuchAccount(_)
            | app::Error::NoSuchQuestion(_)
            | app::Error::NoStreets
            | app::Error::Store(store::Error::NoSuchBatch(_) | store::Error::NoSuchView(_)) => {
                Self::not_found(error.to_string())
            }
            app::Error::Store(store::Error::NameTaken(name)) => Self::new(
                StatusCode::CONFLICT,
                "name-taken",
                "The name is taken",
                error.to_string(),
            )
            .about(name, &[]),
            app::Error::Store(store::Error::TooManyViews) => Self::new(
                StatusCode::CONFLICT,
                "too-many-views",
                "Too many views",
                error.to_string(),
            ),
            app::Error::View(view) => Self::from(view),
            app::Error::Measure(measure) => Self::from(measure),
            app::Error::Store(store::Error::BuiltUpon { .. }) => Self::new(
                StatusCode::CONFLICT,
                "built-upon",
                "A later batch builds on it",
                error.to_string(),
            ),
            app::Error::Decision(
                app::DecisionError::NoPosition(_) | app::DecisionError::NoCandidate(_),
            ) => Self::new(
                StatusCode::CONFLICT,
                "decision",
                "Not as it was shown",
                error.to_string(),
            ),
            app::Error::Hierarchy(_) => Self::new(
                StatusCode::CONFLICT,
                "hierarchy",
                "No room for these regions",
                error.to_string(),
            ),
            app::Error::NoProvider | app::Error::Decision(app::DecisionError::NoProvider) => {
                Self::new(
                    StatusCode::CONFLICT,
                    "no-provider",
                    "No other geocoder",
                    error.to_string(),
                )
            }
            app::Error::Decision(_) => Self::bad_request(error.to_string()),
            app::Error::Provider(provider) => Self::from(provider),
            app::Error::Filter(filter) => Self::from(filter),
            app::Error::Parameter(unknown) => Self::new(
                StatusCode::BAD_REQUEST,
                "unknown-parameter",
                "Unknown parameter",
                error.to_string(),
            )
            .about(&unknown.word, &unknown.suggestions),
            app::Error::Cancelled => Self::new(
                StatusCode::CONFLICT,
                "cancelled",
                "Cancelled",
                error.to_string(),
            ),
            _ => Self::internal(&error),
        }
    }
}

impl From<&cube::Error> for Problem {
    fn from(error: &cube::Error) -> Self {
        let bad = |kind: &str, title: &str| {
            Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                kind,
                title,
                error.to_string(),
            )
        };
        match error {
            cube::Error::Form(_) => Self::new(
                StatusCode::BAD_REQUEST,
                "not-a-question",
                "Not a question",
                error.to_string(),
            ),
            cube::Error::UnknownWord {
                what,
                word,
                suggestions,
            } => {
                let kind = format!("unknown-{}", what.split(' ').next().unwrap_or(what));
                bad(&kind, "Unknown word").about(word, suggestions)
            }
            cube::Error::UnknownKey {
                key, suggestions, ..
            } => bad("unknown-key", "Unknown key").about(key, suggestions),
            cube::Error::NoHierarchy { level, .. } => {
                bad("no-hierarchy", "No hierarchy of own regions").about(level, &[])
            }
            cube::Error::Combination(_) => bad("wrong-question", "Wrong question"),
            cube::Error::NoRate { .. } => bad("no-rate", "No exchange rate"),
            cube::Error::MixedCurrencies(currencies) => {
                bad("mixed-currencies", "Several currencies").about("sale.currency", currencies)
            }
            cube::Error::TooManyRows { .. } => bad("too-many-rows", "Too many rows"),
            cube::Error::SumTooLarge => bad("sum-too-large", "Sum too large"),
            cube::Error::Warehouse(_) | cube::Error::Cluster(cluster::Error::Warehouse(_)) => {
                Self::internal(error)
            }
            cube::Error::Cluster(cluster) => {
                tracing::error!(error = with_causes(cluster), "the cluster failed");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "cluster",
                    "The cluster gave no answer",
                    error.to_string(),
                )
            }
        }
    }
}

impl From<cube::Error> for Problem {
    fn from(error: cube::Error) -> Self {
        Self::from(&error)
    }
}

impl From<&provider::Error> for Problem {
    fn from(error: &provider::Error) -> Self {
        use provider::Error as E;
        let (status, kind, title) = match error {
            E::Timeout { .. } => (
                StatusCode::GATEWAY_TIMEOUT,
                "provider-timeout",
                "The other geocoder is too slow",
            ),
            E::Busy { .. } | E::TooOften { .. } => (
                StatusCode::SERVICE_UNAVAILABLE,
                "provider-busy",
                "The other geocoder wants to be asked more slowly",
            ),
            E::Unreachable { .. }
            | E::Refused { .. }
            | E::Failed { .. }
            | E::Redirected { .. }
            | E::TooLarge { .. }
            | E::Unclear { .. } => (
                StatusCode::BAD_GATEWAY,
                "provider-failed",
                "The other geocoder gave no answer",
            ),
        };
        tracing::warn!(error = with_causes(error), "the other geocoder failed");
        Self::new(status, kind, title, error.to_string())
    }
}

impl From<&app::ViewError> for Problem {
    fn from(error: &app::ViewError) -> Self {
        use app::ViewError as E;
        let (kind, title) = match error {
            E::NameLength(_) | E::NameSigns => ("view-name", "Unfit for a name"),
            E::AddressLength(_) | E::Address => ("view-address", "Unfit for an address"),
        };
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            kind,
            title,
            error.to_string(),
        )
    }
}

impl From<&cube::MeasureError> for Problem {
    fn from(error: &cube::MeasureError) -> Self {
        use cube::MeasureError as E;
        let new = |status, kind, title| Self::new(status, kind, title, error.to_string());
        let conflict = |kind, title| new(StatusCode::CONFLICT, kind, title);
        match error {
            E::Formula(formula) => Self::from(formula),
            E::Breaks { name, .. } => new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "measure-breaks",
                "Another measure would be wrong",
            )
            .about(name, &[]),
            E::Unfit(_) => new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "measure-unfit",
                "Unfit for a measure",
            ),
            E::Taken(name) => conflict("measure-taken", "The name is taken").about(name, &[]),
            E::None(_) => Self::not_found(error.to_string()),
            E::Used { by, .. } => {
                let first = by.first().map_or("", String::as_str);
                conflict("measure-used", "Another measure uses it").about(first, &[])
            }
            E::TooMany => conflict("too-many-measures", "Too many own measures"),
        }
    }
}

impl From<&FilterError> for Problem {
    fn from(error: &FilterError) -> Self {
        let mut problem = Self::new(
            StatusCode::BAD_REQUEST,
            "wrong-filter",
            "Wrong filter",
            error.to_string(),
        );
        if let Some(word) = &error.word {
            problem = problem.about(word, &error.suggestions);
        }
        problem.position = Some(error.at);
        problem
    }
}

impl From<&cube::FormulaError> for Problem {
    fn from(error: &cube::FormulaError) -> Self {
        use cube::FormulaReason as R;
        let (kind, title) = match &error.reason {
            R::Expected { .. } => ("formula-sign", "Something else is expected"),
            R::Word { .. } => ("formula-word", "Unknown word"),
            R::Units(_) => ("formula-units", "These do not go together"),
            R::Cycle(_) => ("formula-cycle", "The measure leads back to itself"),
            R::Size { .. } => ("formula-size", "The formula is too large"),
        };
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let mut problem = Self::new(status, kind, title, error.to_string());
        if let R::Word {
            word, suggestions, ..
        } = &error.reason
        {
            problem = problem.about(word, suggestions);
        }
        problem.position = Some(error.at);
        problem
    }
}

impl From<&import::Error> for Problem {
    fn from(error: &import::Error) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "unusable-file",
            "The file can't be imported",
            with_causes(error),
        )
    }
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        Self::unreadable(rejection.status(), rejection.body_text())
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::unreadable(rejection.status(), rejection.body_text())
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        Self::unreadable(rejection.status(), rejection.body_text())
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        Self::unreadable(rejection.status(), rejection.body_text())
    }
}

impl From<tokio::task::JoinError> for Problem {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::internal(&error)
    }
}

impl From<std::io::Error> for Problem {
    fn from(error: std::io::Error) -> Self {
        Self::internal(&error)
    }
}

/// The answer to a method that the address doesn't take.
pub(super) async fn method_not_allowed() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method-not-allowed",
        "Method not allowed",
        "this address does not take that method; /api/openapi.json lists which it takes",
    )
}

/// The answer when a handler panicked: the others go on.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that the layer asks for"
)]
pub(super) fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("unknown");
    Problem::internal(&std::io::Error::other(format!("panic: {message}"))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unusable_file_tells_why() {
        let error = import::Error::Unreadable {
            name: "sales.csv".to_owned(),
            source: std::io::Error::other("disk on fire"),
        };
        let problem = Problem::from(app::Error::from(error));
        assert_eq!(problem.detail, "sales.csv cannot be read: disk on fire");
    }
}
