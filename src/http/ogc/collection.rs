//! Collections and what can be asked of their features.

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::IntoParams;

use super::{CRS84, GEOJSON, JSON, Link, Origin, collection_of, typed};
use crate::app::{Collection, CollectionCard};
use crate::cube::Unit;
use crate::http::Server;
use crate::http::error::Problem;
use crate::ogc::cql::Kind;
use crate::ogc::tiling;

const SCHEMA: &str = "application/schema+json";
const QUERYABLES: &str = "http://www.opengis.net/def/rel/ogc/1.0/queryables";
const TILESETS: &str = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector";

/// Every collection.
#[utoipa::path(
    get, path = "/ogc/collections", tag = "ogc",
    responses((status = 200, content_type = "application/json", description = "Collections"))
)]
pub(in crate::http) async fn list(
    State(server): State<Server>,
    origin: Origin,
) -> Result<Json<Value>, Problem> {
    let cards = server.app.collections().await?;
    let collections: Vec<Value> = cards.iter().map(|card| described(card, &origin)).collect();
    let links = [Link::new(
        "self",
        JSON,
        origin.at("/collections"),
        "This document",
    )];
    Ok(Json(json!({"links": links, "collections": collections})))
}

/// One collection.
#[utoipa::path(
    get, path = "/ogc/collections/{collection}", tag = "ogc",
    params(("collection" = String, Path, description = "Name of the collection")),
    responses(
        (status = 200, content_type = "application/json", description = "The collection"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::http) async fn one(
    State(server): State<Server>,
    word: Result<Path<String>, PathRejection>,
    origin: Origin,
) -> Result<Json<Value>, Problem> {
    let Path(word) = word?;
    let card = card_of(&server, collection_of(&word)?).await?;
    Ok(Json(described(&card, &origin)))
}

/// What properties are asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct QueryablesParameters {
    /// Words of measures with commas between; the usual ones unless given.
    measures: Option<String>,
}

/// The properties that filters may name, as a JSON schema.
#[utoipa::path(
    get, path = "/ogc/collections/{collection}/queryables", tag = "ogc",
    params(
        ("collection" = String, Path, description = "Name of the collection"),
        QueryablesParameters,
    ),
    responses(
        (status = 200, content_type = "application/schema+json", description = "JSON Schema"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::http) async fn queryables(
    State(server): State<Server>,
    word: Result<Path<String>, PathRejection>,
    parameters: Result<Query<QueryablesParameters>, QueryRejection>,
    origin: Origin,
) -> Result<Response, Problem> {
    let (Path(word), Query(parameters)) = (word?, parameters?);
    let collection = collection_of(&word)?;
    let card = card_of(&server, collection).await?;
    let measures = super::item::listed(parameters.measures.as_deref());
    let properties = server.app.properties(collection, &measures).await?;
    let properties: Map<String, Value> = properties
        .into_iter()
        .map(|property| {
            let schema = schema_of(property.queryable.kind, property.unit, collection);
            (property.queryable.name, schema)
        })
        .collect();
    let document = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": origin.at(&format!("/collections/{}/queryables", collection.id())),
        "type": "object",
        "title": card.title,
        "properties": properties,
        "additionalProperties": false,
    });
    Ok(typed(SCHEMA, document))
}

fn schema_of(kind: Kind, unit: Option<Unit>, collection: Collection) -> Value {
    match (kind, unit) {
        (Kind::Geometry, _) => {
            let format = match collection {
                Collection::Accounts => "geometry-point",
                Collection::Regions(_) | Collection::Own(_) => "geometry-multipolygon",
            };
            json!({"format": format, "x-ogc-role": "primary-geometry"})
        }
        (Kind::Number, Some(Unit::Count)) => json!({"type": "integer"}),
        (Kind::Number, Some(Unit::Money)) => {
            json!({"type": "number", "description": "major units of the currency"})
        }
        (Kind::Number, _) => json!({"type": "number"}),
        (Kind::Text, Some(Unit::Day)) => json!({"type": "string", "format": "date"}),
        (Kind::Text, _) => json!({"type": "string"}),
    }
}

/// What is known of a collection.
pub(super) async fn card_of(
    server: &Server,
    collection: Collection,
) -> Result<CollectionCard, Problem> {
    let cards = server.app.collections().await?;
    let mut cards = cards.into_iter();
    cards
        .find(|card| card.collection == collection)
        .ok_or_else(|| {
            let id = collection.id();
            Problem::not_found(format!(
                "no hierarchy of own regions fills \"{id}\": `revier import regions FILE` fills \
                 the first that is free"
            ))
        })
}

fn described(card: &CollectionCard, origin: &Origin) -> Value {
    let id = card.collection.id();
    let below = |path: &str| origin.at(&format!("/collections/{id}{path}"));
    let set = format!("/tiles/{}", tiling::NAME);
    let links = [
        Link::new("self", JSON, below(""), "This collection"),
        Link::new("items", GEOJSON, below("/items"), "Features"),
        Link::new(QUERYABLES, SCHEMA, below("/queryables"), "Queryables"),
        Link::new("describedby", SCHEMA, below("/queryables"), "Properties"),
        Link::new(TILESETS, JSON, below("/tiles"), "Vector tiles"),
        Link::new(
            "describedby",
            super::tiles::TILE_JSON,
            below(&format!("{set}?f=tilejson")),
            "TileJSON",
        ),
    ];
    let mut extent = json!({
        "spatial": {"bbox": [<[f64; 4]>::from(card.bounds)], "crs": CRS84},
    });
    if let Some([first, last]) = &card.days {
        let interval = [format!("{first}T00:00:00Z"), format!("{last}T23:59:59Z")];
        extent["temporal"] = json!({"interval": [interval]});
    }
    json!({
        "id": id,
        "title": card.title,
        "itemType": "feature",
        "crs": [CRS84],
        "extent": extent,
        "links": links,
    })
}
