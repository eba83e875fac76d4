//! OGC API – Features (OGC 17-069r4, 19-079r2) and Tiles (OGC 20-057), by which programs such as
//! QGIS open the layers of the home.
//!
//! Addresses in documents are absolute, made of the host under which the server was asked, which
//! `guard` has checked.

pub(super) mod api;
pub(super) mod collection;
pub(super) mod item;
pub(super) mod tiles;

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};
use std::convert::Infallible;

use super::error::Problem;
use crate::app::Collection;
use crate::word;

/// The one projection: longitude and latitude in WGS 84.
const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";

/// What the routes keep to.
const CONFORMANCE: [&str; 18] = [
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
];

const JSON: &str = "application/json";
const GEOJSON: &str = "application/geo+json";
const PROBLEM: &str = "application/problem+json";

/// Where the server was asked, such as `http://127.0.0.1:8080`.
pub(super) struct Origin(String);

impl<S: Sync> FromRequestParts<S> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let text = |name: &str| {
            let value = parts.headers.get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        let authority = parts.uri.authority().map(ToString::to_string);
        let host = text(header::HOST.as_str()).or(authority);
        let is_safe = text("x-forwarded-proto").as_deref() == Some("https");
        let scheme = if is_safe { "https" } else { "http" };
        let host = host.unwrap_or_else(|| "localhost".to_owned());
        Ok(Self(format!("{scheme}://{host}")))
    }
}

impl Origin {
    /// The address of `path` below `/ogc`.
    fn at(&self, path: &str) -> String {
        format!("{}/ogc{path}", self.0)
    }
}

/// A link of a document.
#[derive(Serialize)]
struct Link {
    href: String,
    rel: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    #[serde(skip_serializing_if = "is_false")]
    templated: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}

impl Link {
    fn new(rel: &'static str, kind: &'static str, href: String, title: &'static str) -> Self {
        Self {
            href,
            rel,
            kind,
            title,
            templated: false,
        }
    }
}

/// A document of another type than plain JSON.
fn typed(kind: &'static str, document: impl Serialize) -> Response {
    ([(header::CONTENT_TYPE, kind)], Json(document)).into_response()
}

/// The collection of that word.
fn collection_of(word: &str) -> Result<Collection, Problem> {
    let mut all = Collection::all();
    all.find(|known| known.id() == word).ok_or_else(|| {
        let known: Vec<&str> = Collection::all().map(Collection::id).collect();
        let near = word::nearest(word, known.iter().copied(), 1);
        let hint = match near.first() {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("known are {}", known.join(", ")),
        };
        let word = word::shortened(word);
        Problem::not_found(format!("there is no collection \"{word}\"; {hint}"))
    })
}

/// A text as part of an address (RFC 3986, section 2.3).
fn encoded(text: &str) -> String {
    let sign = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(sign).collect()
}

/// The landing page: what there is, as links.
#[utoipa::path(
    get, path = "/ogc", tag = "ogc",
    responses((status = 200, content_type = "application/json", description = "Landing page"))
)]
pub(super) async fn landing(origin: Origin) -> Json<Value> {
    let link = Link::new;
    let links = [
        link("self", JSON, origin.at(""), "This document"),
        link(
            "service-desc",
            api::MEDIA_TYPE,
            origin.at("/api"),
            "The API",
        ),
        link(
            "conformance",
            JSON,
            origin.at("/conformance"),
            "Conformance",
        ),
        link("data", JSON, origin.at("/collections"), "Collections"),
        link(
            "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes",
            JSON,
            origin.at("/tileMatrixSets"),
            "Tile matrix sets",
        ),
    ];
    Json(json!({
        "title": "Revier",
        "description": "Regions and accounts with the figures of their sales",
        "attribution": crate::reference::CREDITS.join(" · "),
        "links": links,
    }))
}

/// The parts of the standards that the routes keep to.
#[utoipa::path(
    get, path = "/ogc/conformance", tag = "ogc",
    responses((status = 200, content_type = "application/json", description = "Conformance"))
)]
pub(super) async fn conformance() -> Json<Value> {
    Json(json!({"conformsTo": CONFORMANCE}))
}

/// Whether the asker wants `kind`, by the parameter `f` or the header `Accept`.
fn wants(format: Option<&str>, headers: &HeaderMap, word: &str, kind: &str) -> bool {
    if let Some(format) = format {
        return format == word;
    }
    let accepted = headers.get(header::ACCEPT);
    let accepted = accepted.and_then(|value| value.to_str().ok());
    accepted.is_some_and(|accepted| accepted.contains(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_parts_of_addresses() {
        assert_eq!(encoded("DE-80331"), "DE-80331");
        assert_eq!(encoded("K/1 ü&?"), "K%2F1%20%C3%BC%26%3F");
    }
}
