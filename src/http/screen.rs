//! The page and its files, embedded in the binary.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use super::error::Problem;

#[derive(RustEmbed)]
#[folder = "web/dist/"]
#[allow_missing = true]
struct Files;

/// The file at the address; the page for an address of the screen; a problem for anything else.
pub(super) async fn file(uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if let Some(file) = Files::get(path) {
        // Names under assets/ carry a hash of their content, so they never change.
        let keep = if path.starts_with("assets/") {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        return embedded(path, &file, keep, &headers);
    }
    let is_of_the_screen =
        !path.contains('.') && !path.starts_with("api/") && !path.starts_with("tiles/");
    match Files::get("index.html").filter(|_| is_of_the_screen) {
        Some(page) => embedded("index.html", &page, "no-cache", &headers),
        None => Problem::not_found(format!("nothing is at /{path}")).into_response(),
    }
}

/// A JSON text that is made once.
pub(super) fn json(text: &str) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (kind, text.to_owned()).into_response()
}

fn embedded(
    path: &str,
    file: &rust_embed::EmbeddedFile,
    keep: &'static str,
    headers: &HeaderMap,
) -> Response {
    use std::fmt::Write;
    let mut tag = String::from("\"");
    for byte in &file.metadata.sha256_hash()[..12] {
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    if has_tag(headers, &tag) {
        return not_modified(&tag);
    }
    let kind = match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "webmanifest") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("ico") => "image/x-icon",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CACHE_CONTROL, keep.to_owned()),
        (header::ETAG, tag),
    ];
    (headers, Body::from(file.data.clone().into_owned())).into_response()
}

/// Whether the asker has what `tag` names; a compressing layer weakens tags on their way out.
pub(super) fn has_tag(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get(header::IF_NONE_MATCH)
        .and_then(|tags| tags.to_str().ok())
        .is_some_and(|tags| {
            tags.split(',')
                .any(|known| known.trim().trim_start_matches("W/") == tag)
        })
}

/// The answer to an asker who has the newest.
pub(super) fn not_modified(tag: &str) -> Response {
    let mut response = axum::http::StatusCode::NOT_MODIFIED.into_response();
    if let Ok(tag) = HeaderValue::from_str(tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}
