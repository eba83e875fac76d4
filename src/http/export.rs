//! Answers and lines as files.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::rejection::{BytesRejection, JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tokio::io::AsyncReadExt;
use utoipa::IntoParams;

use super::Server;
use super::error::Problem;
use crate::app::{Export, ExportSubject};
use crate::cube::{LinesRequest, Request};
use crate::export::{Format, Language, Look};

/// How the file is to be.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ExportParameters {
    /// `csv`, `xlsx` or `parquet`; of an answer by regions or accounts also a layer of a map:
    /// `geojson`, `gpkg`, `kml`, `fgb` or `geoparquet`.
    #[param(inline)]
    format: Format,
    /// Language of headings, and in CSV of numbers and days: `de` or `en`, English unless said.
    #[serde(default)]
    #[param(inline)]
    language: Language,
}

/// The answer to a question as a file. Money is in major units; subtotals are left out.
#[utoipa::path(
    post, path = "/api/cube/export", request_body = Request, params(ExportParameters),
    responses(
        (status = 200, description = "The file", content(
            (Vec<u8> = "text/csv"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (Vec<u8> = "application/vnd.apache.parquet"),
            (Vec<u8> = "application/geo+json"),
            (Vec<u8> = "application/geopackage+sqlite3"),
            (Vec<u8> = "application/vnd.google-earth.kml+xml"),
            (Vec<u8> = "application/flatgeobuf"),
        )),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn answer(
    State(server): State<Server>,
    parameters: Result<Query<ExportParameters>, QueryRejection>,
    question: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let (Query(parameters), question) = (parameters?, question?);
    let look = parameters.look();
    let subject = ExportSubject::Answer(question.to_vec());
    sent(server.app.export(subject, look).await?, look.format)
}

/// Every line behind a cell as a file, newest first; money is in major units. It has all lines, so
/// `offset` and `limit` are refused.
#[utoipa::path(
    post, path = "/api/lines/export", request_body = LinesRequest, params(ExportParameters),
    responses(
        (status = 200, description = "The file", content(
            (Vec<u8> = "text/csv"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (Vec<u8> = "application/vnd.apache.parquet"),
        )),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn lines(
    State(server): State<Server>,
    parameters: Result<Query<ExportParameters>, QueryRejection>,
    request: Result<Json<LinesRequest>, JsonRejection>,
) -> Result<Response, Problem> {
    let (Query(parameters), Json(request)) = (parameters?, request?);
    let look = parameters.look();
    let subject = ExportSubject::Lines(request);
    sent(server.app.export(subject, look).await?, look.format)
}

impl ExportParameters {
    fn look(&self) -> Look {
        Look {
            format: self.format,
            language: self.language,
        }
    }
}

/// Bytes that are read and sent at once.
const CHUNK: usize = 64 << 10;

/// The file piece by piece, so that memory does not grow with it.
fn sent(export: Export, format: Format) -> Result<Response, Problem> {
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}\"", export.name),
        ),
        (header::CONTENT_LENGTH, export.size_bytes.to_string()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    let file = tokio::fs::File::from_std(export.into_file()?);
    let chunks = futures_util::stream::try_unfold(file, async |mut file| {
        let mut chunk = vec![0; CHUNK];
        let length = file.read(&mut chunk).await?;
        chunk.truncate(length);
        let chunk = (length > 0).then(|| (Bytes::from(chunk), file));
        Ok::<_, std::io::Error>(chunk)
    });
    Ok((headers, Body::from_stream(chunks)).into_response())
}
