//! The routes below `/ogc` in OpenAPI 3.0, which the standard asks for and its clients read; the
//! description of all routes is OpenAPI 3.1, at `/api/openapi.json`.

use axum::response::Response;
use serde_json::{Map, Value, json};

use super::item::{MAX_LIMIT, USUAL_LIMIT};
use super::{GEOJSON, JSON, Origin, PROBLEM, typed};

pub(super) const MEDIA_TYPE: &str = "application/vnd.oai.openapi+json;version=3.0";

/// Of each route its path, what it is, the type of its answer, and the names of its parameters in
/// the query.
const ROUTES: [(&str, &str, &str, &[&str]); 13] = [
    ("/", "Landing page", JSON, &[]),
    ("/api", "This description", MEDIA_TYPE, &[]),
    ("/conformance", "Conformance", JSON, &[]),
    ("/collections", "Collections", JSON, &[]),
    ("/collections/{collectionId}", "A collection", JSON, &[]),
    (
        "/collections/{collectionId}/queryables",
        "The properties that filters may name",
        "application/schema+json",
        &["measures"],
    ),
    (
        "/collections/{collectionId}/items",
        "Features",
        GEOJSON,
        &[
            "limit",
            "bbox",
            "datetime",
            "filter",
            "filter-lang",
            "measures",
            "currency",
            "after",
        ],
    ),
    (
        "/collections/{collectionId}/items/{featureId}",
        "A feature",
        GEOJSON,
        &["datetime", "measures", "currency"],
    ),
    ("/tileMatrixSets", "Tile matrix sets", JSON, &[]),
    (
        "/tileMatrixSets/{tileMatrixSetId}",
        "A tile matrix set",
        JSON,
        &[],
    ),
    ("/collections/{collectionId}/tiles", "Tilesets", JSON, &[]),
    (
        "/collections/{collectionId}/tiles/{tileMatrixSetId}",
        "A tileset",
        JSON,
        &["f"],
    ),
    (
        "/collections/{collectionId}/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}",
        "A vector tile",
        "application/vnd.mapbox-vector-tile",
        &[],
    ),
];

/// The description of these routes in OpenAPI 3.0.
#[utoipa::path(
    get, path = "/ogc/api", tag = "ogc",
    responses((
        status = 200, content_type = "application/vnd.oai.openapi+json;version=3.0",
        description = "OpenAPI 3.0",
    ))
)]
pub(in crate::http) async fn describe(origin: Origin) -> Response {
    let paths: Map<String, Value> = ROUTES
        .iter()
        .map(|(path, title, kind, query)| {
            let operation = operation(path, title, kind, query);
            ((*path).to_owned(), json!({"get": operation}))
        })
        .collect();
    let parameters: Map<String, Value> = ROUTES
        .iter()
        .flat_map(|(_, _, _, query)| query.iter())
        .map(|name| ((*name).to_owned(), parameter(name)))
        .collect();
    let document = json!({
        "openapi": "3.0.3",
        "info": {"title": "Revier", "version": env!("CARGO_PKG_VERSION")},
        "servers": [{"url": origin.at("")}],
        "paths": paths,
        "components": {"parameters": parameters},
    });
    typed(MEDIA_TYPE, document)
}

fn operation(path: &str, title: &str, kind: &str, query: &[&str]) -> Value {
    let named = path.split('{').skip(1);
    let named = named.filter_map(|part| part.split('}').next());
    let in_path = named.map(
        |name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}),
    );
    let in_query = query
        .iter()
        .map(|name| json!({"$ref": format!("#/components/parameters/{name}")}));
    let parameters: Vec<Value> = in_path.chain(in_query).collect();
    let schema = json!({"type": if kind.ends_with("tile") { "string" } else { "object" }});
    let problem = json!({"description": "Problem", "content": {PROBLEM: {"schema": {}}}});
    json!({
        "summary": title,
        "operationId": operation_id(path),
        "parameters": parameters,
        "responses": {
            "200": {"description": title, "content": {kind: {"schema": schema}}},
            "default": problem,
        },
    })
}

/// The words of a path, such as `collections.collectionId.items`.
fn operation_id(path: &str) -> String {
    let words = path.split('/').filter(|word| !word.is_empty());
    let words: Vec<&str> = words.map(|word| word.trim_matches(['{', '}'])).collect();
    if words.is_empty() {
        return "landing".to_owned();
    }
    words.join(".")
}

fn parameter(name: &str) -> Value {
    let schema = match name {
        "limit" => {
            json!({"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": USUAL_LIMIT})
        }
        "after" => json!({"type": "integer", "minimum": 0, "default": 0}),
        "bbox" => {
            json!({"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}})
        }
        "measures" => json!({"type": "array", "items": {"type": "string"}}),
        "filter-lang" => {
            json!({"type": "string", "enum": ["cql2-text"], "default": "cql2-text"})
        }
        "f" => json!({"type": "string", "enum": ["json", "tilejson"]}),
        _ => json!({"type": "string"}),
    };
    json!({
        "name": name,
        "in": "query",
        "required": false,
        "schema": schema,
        "style": "form",
        "explode": false,
    })
}
