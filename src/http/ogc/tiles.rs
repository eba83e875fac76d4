//! Tiles of a collection: the same as those below `/tiles`, in the words of the standard.

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;

use super::collection::card_of;
use super::{CRS84, JSON, Link, Origin, collection_of, typed, wants};
use crate::app::CollectionCard;
use crate::http::Server;
use crate::http::error::Problem;
use crate::http::tile;
use crate::ogc::tiling;
use crate::tile::MAX_ZOOM;
use crate::word;

const MVT: &str = "application/vnd.mapbox-vector-tile";
pub(super) const TILE_JSON: &str = "application/vnd.mapbox.tile+json";
const SCHEME: &str = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme";

/// Collection, matrix set, zoom, row and column.
type TileWords = (String, String, String, String, String);

/// How tilesets are described.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct TilesetParameters {
    /// `json` or `tilejson`.
    f: Option<String>,
}

/// The ways in which tiles are cut: one.
#[utoipa::path(
    get, path = "/ogc/tileMatrixSets", tag = "ogc",
    responses((status = 200, content_type = "application/json", description = "Matrix sets"))
)]
pub(in crate::http) async fn matrix_sets(origin: Origin) -> Json<Value> {
    let address = origin.at(&format!("/tileMatrixSets/{}", tiling::NAME));
    let links = [Link::new("self", JSON, address, "Its definition")];
    let set = json!({"id": tiling::NAME, "uri": tiling::URI, "crs": tiling::CRS, "links": links});
    Json(json!({"tileMatrixSets": [set]}))
}

/// The definition of a tile matrix set.
#[utoipa::path(
    get, path = "/ogc/tileMatrixSets/{set}", tag = "ogc",
    params(("set" = String, Path, description = "`WebMercatorQuad`")),
    responses(
        (status = 200, content_type = "application/json", description = "Tile matrix set"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::http) async fn matrix_set(
    set: Result<Path<String>, PathRejection>,
) -> Result<Json<Value>, Problem> {
    let Path(set) = set?;
    check_set(&set)?;
    Ok(Json(tiling::definition()))
}

/// The tilesets of a collection: one.
#[utoipa::path(
    get, path = "/ogc/collections/{collection}/tiles", tag = "ogc",
    params(("collection" = String, Path, description = "Name of the collection")),
    responses(
        (status = 200, content_type = "application/json", description = "Tilesets"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::http) async fn tilesets(
    State(server): State<Server>,
    word: Result<Path<String>, PathRejection>,
    origin: Origin,
) -> Result<Json<Value>, Problem> {
    let Path(word) = word?;
    let card = card_of(&server, collection_of(&word)?).await?;
    let address = origin.at(&format!("/collections/{word}/tiles"));
    let links = [Link::new("self", JSON, address, "This document")];
    let sets = [described(&card, &origin)];
    Ok(Json(json!({"links": links, "tilesets": sets})))
}

/// A tileset of a collection, or its `TileJSON`.
#[utoipa::path(
    get, path = "/ogc/collections/{collection}/tiles/{set}", tag = "ogc",
    params(
        ("collection" = String, Path, description = "Name of the collection"),
        ("set" = String, Path, description = "`WebMercatorQuad`"),
        TilesetParameters,
    ),
    responses(
        (status = 200, description = "The tileset", content(
            (Value = "application/json"), (Value = "application/vnd.mapbox.tile+json"),
        )),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::http) async fn tileset(
    State(server): State<Server>,
    words: Result<Path<(String, String)>, PathRejection>,
    parameters: Result<Query<TilesetParameters>, QueryRejection>,
    headers: HeaderMap,
    origin: Origin,
) -> Result<Response, Problem> {
    let (Path((word, set)), Query(parameters)) = (words?, parameters?);
    check_set(&set)?;
    let card = card_of(&server, collection_of(&word)?).await?;
    let format = parameters.f.as_deref();
    if format.is_some_and(|format| !["json", "tilejson"].contains(&format)) {
        return Err(Problem::bad_request(
            "f can be \"json\" or \"tilejson\" here",
        ));
    }
    if wants(format, &headers, "tilejson", TILE_JSON) {
        let layer = card.collection.layer();
        let mut document = server.app.tile_json(layer, None).await?;
        document["tiles"] = json!([origin.at(&template(&card)
            .replace("{tileMatrix}", "{z}")
            .replace("{tileRow}", "{y}")
            .replace("{tileCol}", "{x}"))]);
        return Ok(typed(TILE_JSON, document));
    }
    Ok(Json(described(&card, &origin)).into_response())
}

/// A vector tile; 204 when nothing is in it.
#[utoipa::path(
    get, path = "/ogc/collections/{collection}/tiles/{set}/{matrix}/{row}/{column}", tag = "ogc",
    params(
        ("collection" = String, Path, description = "Name of the collection"),
        ("set" = String, Path, description = "`WebMercatorQuad`"),
        ("matrix" = u8, Path, description = "Zoom, 0 to 22"),
        ("row" = u32, Path, description = "Row from the north"),
        ("column" = u32, Path, description = "Column from the west"),
    ),
    responses(
        (status = 200, content_type = "application/vnd.mapbox-vector-tile"),
        (status = 204, description = "Nothing is in the tile"),
        (status = 304, description = "The asker has it"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::http) async fn tile(
    State(server): State<Server>,
    words: Result<Path<TileWords>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Path((word, set, matrix, row, column)) = words?;
    check_set(&set)?;
    let layer = collection_of(&word)?.layer();
    let tile = tile::parse_tile(&matrix, &column, &row)?;
    tile::sent(&server, (layer, tile), None, &headers).await
}

fn check_set(set: &str) -> Result<(), Problem> {
    if set == tiling::NAME {
        return Ok(());
    }
    let (set, name) = (word::shortened(set), tiling::NAME);
    Err(Problem::not_found(format!(
        "there is no tile matrix set \"{set}\"; did you mean \"{name}\"?"
    )))
}

/// The address of a tile below `/ogc`.
fn template(card: &CollectionCard) -> String {
    format!(
        "/collections/{}/tiles/{}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}",
        card.collection.id(),
        tiling::NAME
    )
}

fn described(card: &CollectionCard, origin: &Origin) -> Value {
    let id = card.collection.id();
    let own = origin.at(&format!("/collections/{id}/tiles/{}", tiling::NAME));
    let mut tiles = Link::new("item", MVT, origin.at(&template(card)), "Tiles");
    tiles.templated = true;
    let set = origin.at(&format!("/tileMatrixSets/{}", tiling::NAME));
    let links = [
        Link::new("self", JSON, own.clone(), "This tileset"),
        Link::new(SCHEME, JSON, set, "How it is cut"),
        Link::new(
            "describedby",
            TILE_JSON,
            format!("{own}?f=tilejson"),
            "TileJSON",
        ),
        tiles,
    ];
    let layer = card.collection.layer();
    let limits: Vec<Value> = (layer.min_zoom()..=MAX_ZOOM)
        .map(|zoom| {
            let most = (1_u32 << zoom) - 1;
            json!({
                "tileMatrix": zoom.to_string(),
                "minTileRow": 0, "maxTileRow": most, "minTileCol": 0, "maxTileCol": most,
            })
        })
        .collect();
    let [west, south, east, north]: [f64; 4] = card.bounds.into();
    json!({
        "title": card.title,
        "dataType": "vector",
        "crs": tiling::CRS,
        "tileMatrixSetURI": tiling::URI,
        "tileMatrixSetLimits": limits,
        "boundingBox": {
            "lowerLeft": [west, south], "upperRight": [east, north], "crs": CRS84,
        },
        "layers": [{"id": layer.name(), "dataType": "vector"}],
        "links": links,
    })
}
