//! Vector tiles and their descriptions.

use axum::body::{Body, Bytes};
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};

use serde::Deserialize;
use utoipa::IntoParams;

use super::Server;
use super::error::Problem;
use super::ready::Lasting;
use super::screen::{has_tag, not_modified};
use crate::tile::TileId;
use crate::tile::layer::Layer;

/// Tiles that were encoded lately, by version with question, layer and address.
#[derive(Clone)]
pub(super) struct Cache {
    tiles: moka::sync::Cache<(String, Layer, TileId), Option<Bytes>>,
}

/// What tiles are asked with.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TileParameters {
    /// The name of a kept question: its sites only, with its measures.
    question: Option<String>,
}

/// Bytes of tiles kept at most; what was sent is kept as it was sent, too.
const CACHE_BYTES: u64 = 64 << 20;

impl Cache {
    pub(super) fn new() -> Self {
        let weigh = |_: &_, tile: &Option<Bytes>| {
            u32::try_from(64 + tile.as_ref().map_or(0, Bytes::len)).unwrap_or(u32::MAX)
        };
        Self {
            tiles: moka::sync::Cache::builder()
                .max_capacity(CACHE_BYTES)
                .weigher(weigh)
                .build(),
        }
    }
}

/// The `TileJSON` of a layer.
#[utoipa::path(
    get, path = "/tiles/{layer}",
    params(
        ("layer" = String, Path, description = "Name of the layer and `.json`"),
        TileParameters,
    ),
    responses(
        (status = 200, content_type = "application/json", description = "TileJSON 3.0"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn describe(
    State(server): State<Server>,
    file: Result<Path<String>, PathRejection>,
    parameters: Result<Query<TileParameters>, QueryRejection>,
) -> Result<Json<serde_json::Value>, Problem> {
    let (Path(file), Query(parameters)) = (file?, parameters?);
    let layer = parse_layer(file.strip_suffix(".json").unwrap_or(&file))?;
    let described = server.app.tile_json(layer, parameters.question.as_deref());
    Ok(Json(described.await?))
}

/// A vector tile; 204 when nothing is in it.
#[utoipa::path(
    get, path = "/tiles/{layer}/{z}/{x}/{y}",
    params(
        ("layer" = String, Path, description = "Name of the layer"),
        ("z" = u8, Path, description = "Zoom, 0 to 22"),
        ("x" = u32, Path, description = "Column from the west"),
        ("y" = String, Path, description = "Row from the north, and `.mvt`"),
        TileParameters,
    ),
    responses(
        (status = 200, content_type = "application/vnd.mapbox-vector-tile"),
        (status = 204, description = "Nothing is in the tile"),
        (status = 304, description = "The asker has it"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn tile(
    State(server): State<Server>,
    address: Result<Path<(String, String, String, String)>, PathRejection>,
    parameters: Result<Query<TileParameters>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (Path((layer, z, x, y)), Query(parameters)) = (address?, parameters?);
    let layer = parse_layer(&layer)?;
    let tile = parse_tile(&z, &x, y.strip_suffix(".mvt").unwrap_or(&y))?;
    sent(
        &server,
        (layer, tile),
        parameters.question.as_deref(),
        &headers,
    )
    .await
}

/// A tile of a layer with what tells the asker whether to ask again.
pub(super) async fn sent(
    server: &Server,
    (layer, tile): (Layer, TileId),
    question: Option<&str>,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let shown = server.app.tile_version(layer).await?;
    let version = match question {
        Some(question) => format!("{shown}-{question}"),
        None => shown.clone(),
    };
    let tag = format!("\"{version}\"");
    if has_tag(headers, &tag) {
        return Ok(not_modified(&tag));
    }
    let key = (version, layer, tile);
    let bytes = if let Some(bytes) = server.tiles.tiles.get(&key) {
        bytes
    } else {
        let bytes = server
            .app
            .tile(layer, tile, question)
            .await?
            .map(Bytes::from);
        server.tiles.tiles.insert(key, bytes.clone());
        bytes
    };
    let headers = [
        (header::ETAG, tag),
        // The address carries the version, so what it names never changes.
        (header::CACHE_CONTROL, "private, max-age=3600".to_owned()),
    ];
    let lasting = Extension(Lasting {
        layer,
        version: shown,
    });
    Ok(match bytes {
        None => (StatusCode::NO_CONTENT, headers, lasting).into_response(),
        Some(bytes) => {
            let kind = [(header::CONTENT_TYPE, "application/vnd.mapbox-vector-tile")];
            (headers, kind, lasting, Body::from(bytes)).into_response()
        }
    })
}

fn parse_layer(word: &str) -> Result<Layer, Problem> {
    Layer::parse(word).ok_or_else(|| {
        let known: Vec<&str> = Layer::all().map(Layer::name).collect();
        let known = known.join(", ");
        Problem::not_found(format!("there is no layer \"{word}\"; known are {known}"))
    })
}

pub(super) fn parse_tile(z: &str, x: &str, y: &str) -> Result<TileId, Problem> {
    let wrong = || Problem::not_found(format!("there is no tile {z}/{x}/{y}"));
    let (z, x, y) = (
        z.parse().map_err(|_| wrong())?,
        x.parse().map_err(|_| wrong())?,
        y.parse().map_err(|_| wrong())?,
    );
    TileId::parse(z, x, y).map_err(|error| Problem::not_found(error.to_string()))
}
