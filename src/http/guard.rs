//! What keeps strangers out: the host check, the origin check and the security headers.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_http::csrf::CsrfLayer;

use super::error::Problem;

/// Refuses what a page of another origin sends.
pub(super) fn csrf() -> CsrfLayer {
    CsrfLayer::new()
}

/// Refuses requests for another host than this server's, so that a foreign name that points to
/// the loopback address (DNS rebinding) reads nothing.
pub(super) async fn check_host(
    State(hosts): State<Arc<Option<Vec<String>>>>,
    request: Request,
    next: Next,
) -> Response {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .or_else(|| {
            request
                .uri()
                .authority()
                .map(axum::http::uri::Authority::as_str)
        })
        .unwrap_or_default();
    match hosts.as_ref() {
        Some(known) if !known.iter().any(|name| name.eq_ignore_ascii_case(host)) => {
            Problem::foreign_host(host).into_response()
        }
        _ => next.run(request).await,
    }
}

/// Headers of every answer. The screen loads from this server alone.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; img-src 'self' data: blob:; worker-src 'self' blob:; \
         style-src 'self' 'unsafe-inline'; connect-src 'self'; object-src 'none'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
];

/// Adds the security headers.
pub(super) async fn secure(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}
