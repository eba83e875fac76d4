//! Answers by region as printed maps.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use utoipa::IntoParams;

use super::Server;
use super::error::Problem;
use crate::cube::Request;
use crate::export::Language;
use crate::paper::{Format, Look, Method, Orientation, Palette, Size, Turn};

/// What a report is in the language of the web.
pub(super) const PDF: &str = Format::Pdf.media_type();

/// How the map is to be.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct MapParameters {
    /// `png`, `svg` or `pdf`, which is a report with key figures and a table.
    #[param(inline)]
    format: Format,
    /// Language of words, figures and names: `de` or `en`, English unless said.
    #[serde(default)]
    #[param(inline)]
    language: Language,
    /// Size of the paper: `a4` or `a3`, A4 unless said.
    #[serde(default)]
    #[param(inline)]
    size: Size,
    /// `portrait`, `landscape`, or the one in which the map is larger.
    #[serde(default)]
    #[param(inline)]
    orientation: Orientation,
    /// Measure of the question that gives the colours; the first one unless said.
    measure: Option<String>,
    /// How values are put into classes: quantiles unless said.
    #[serde(default)]
    #[param(inline)]
    method: Method,
    /// How many classes, 2 to 9; 7 unless said.
    classes: Option<usize>,
    /// The bounds between the classes of the method `manual`, or the two ends of `continuous`,
    /// ascending, with commas between them; money in minor units.
    bounds: Option<String>,
    /// Where a diverging palette turns, of bounds that are given: a number such as the mean, `none`,
    /// or `auto`, which is zero where values lie on both sides of it.
    turn: Option<String>,
    /// The palette; the one that fits the values unless said.
    #[param(inline)]
    palette: Option<Palette>,
    /// How much of what a ratio needs to be judged, such as `customers:5`, which it is unless said.
    /// It counts where the question has that measure.
    least: Option<String>,
    /// The title; what is asked for unless said.
    title: Option<String>,
    /// The day that is printed, such as `2026-11-22`; today unless said.
    #[param(value_type = Option<String>)]
    date: Option<Date>,
}

/// The answer to a question by region as a printed map. The question has one level, a level of
/// regions; the same question, data, day and look give the same bytes.
#[utoipa::path(
    post, path = "/api/map", request_body = Request, params(MapParameters),
    responses(
        (status = 200, description = "The map", content(
            (Vec<u8> = "image/png"),
            (Vec<u8> = "image/svg+xml"),
            (Vec<u8> = "application/pdf"),
        )),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn map(
    State(server): State<Server>,
    parameters: Result<Query<MapParameters>, QueryRejection>,
    question: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let (Query(parameters), question) = (parameters?, question?);
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let today = parameters.date.unwrap_or(today);
    let look = parameters.look()?;
    let kind = look.format.media_type();
    let paper = server.app.print(&question, look, today).await?;
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}\"", paper.name),
        ),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, paper.bytes).into_response())
}

impl MapParameters {
    fn look(self) -> Result<Look, Problem> {
        let parse = |bound: &str| {
            let wrong = || Problem::bad_request(format!("\"{bound}\" in bounds is no number"));
            bound.trim().parse::<f64>().map_err(|_| wrong())
        };
        let breaks = match self.bounds.as_deref() {
            None | Some("") => Vec::new(),
            Some(bounds) => bounds.split(',').map(parse).collect::<Result<_, _>>()?,
        };
        let turn = self.turn.as_deref().unwrap_or("auto").parse::<Turn>();
        let turn = turn.map_err(|wrong| Problem::bad_request(format!("turn: {wrong}")))?;
        let usual = Look::of(self.format, self.language);
        let least = match self.least.as_deref() {
            None => usual.least.clone(),
            Some(text) => least(text).ok_or_else(|| {
                let wrong = format!("\"{text}\" is no measure and number, such as customers:5");
                Problem::bad_request(wrong)
            })?,
        };
        Ok(Look {
            least,
            size: self.size,
            orientation: self.orientation,
            measure: self.measure,
            method: self.method,
            classes: self.classes.unwrap_or(Look::CLASSES),
            breaks,
            turn,
            palette: self.palette,
            title: self.title,
            ..usual
        })
    }
}

/// `customers:5`
fn least(text: &str) -> Option<(String, u32)> {
    let (of, count) = text.split_once(':')?;
    Some((of.to_owned(), count.parse().ok()?))
}
