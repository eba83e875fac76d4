//! Features of a collection.

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::value::RawValue;

use super::collection::card_of;
use super::{CRS84, GEOJSON, JSON, Link, Origin, collection_of, encoded};
use crate::app::{Items, ItemsRequest};
use crate::http::Server;
use crate::http::error::Problem;
use crate::ogc::period;
use crate::place::Bounds;
use crate::word;

/// Features of a page at most.
pub(super) const MAX_LIMIT: usize = 10_000;

/// Features of a page unless said.
pub(super) const USUAL_LIMIT: usize = 100;

/// The names of an address, in their order.
type Parameters = Vec<(String, String)>;

/// A page of features.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(rename = "type")]
    kind: &'static str,
    links: Vec<Link>,
    time_stamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    number_matched: Option<u64>,
    number_returned: usize,
    features: Vec<Box<RawValue>>,
}

/// Features of a collection with their figures, page by page: follow the link `next`. A property can
/// be a parameter too: `?name=Berlin`.
#[utoipa::path(
    get, path = "/ogc/collections/{collection}/items", tag = "ogc",
    params(
        ("collection" = String, Path, description = "Name of the collection"),
        ("limit" = Option<usize>, Query, description = "Features at most: 100 unless said, 10,000"),
        ("bbox" = Option<String>, Query, description = "West, south, east, north in degrees"),
        ("datetime" = Option<String>, Query,
            description = "The days of the sales lines that figures are made of, such as \
                           `2025-01-01/2025-12-31`; `..` for an open end"),
        ("filter" = Option<String>, Query, description = "CQL2 text, such as `revenue > 1000`"),
        ("filter-lang" = Option<String>, Query, description = "`cql2-text`"),
        ("measures" = Option<String>, Query,
            description = "Words of measures with commas between; the usual ones unless given"),
        ("currency" = Option<String>, Query, description = "The currency of money"),
        ("after" = Option<u64>, Query, description = "Where the page begins; from the link `next`"),
    ),
    responses(
        (status = 200, content_type = "application/geo+json", description = "A page of features"),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::http) async fn list(
    State(server): State<Server>,
    word: Result<Path<String>, PathRejection>,
    parameters: Result<Query<Parameters>, QueryRejection>,
    origin: Origin,
) -> Result<Response, Problem> {
    let (Path(word), Query(parameters)) = (word?, parameters?);
    let collection = collection_of(&word)?;
    card_of(&server, collection).await?;
    let request = request_of(ItemsRequest::all_of(collection), &parameters)?;
    let items = server.app.items(request).await?;
    let page = page_of(items, &format!("/collections/{word}"), &parameters, &origin);
    Ok(sent(serde_json::to_string(&page).unwrap_or_default()))
}

/// One feature.
#[utoipa::path(
    get, path = "/ogc/collections/{collection}/items/{feature}", tag = "ogc",
    params(
        ("collection" = String, Path, description = "Name of the collection"),
        ("feature" = String, Path, description = "Key of the region or account"),
        ("datetime" = Option<String>, Query,
            description = "The days of the sales lines that figures are made of"),
        ("measures" = Option<String>, Query,
            description = "Words of measures with commas between; the usual ones unless given"),
        ("currency" = Option<String>, Query, description = "The currency of money"),
    ),
    responses(
        (status = 200, content_type = "application/geo+json", description = "The feature"),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::http) async fn one(
    State(server): State<Server>,
    words: Result<Path<(String, String)>, PathRejection>,
    parameters: Result<Query<Parameters>, QueryRejection>,
    origin: Origin,
) -> Result<Response, Problem> {
    let (Path((word, key)), Query(parameters)) = (words?, parameters?);
    let collection = collection_of(&word)?;
    card_of(&server, collection).await?;
    let request = ItemsRequest {
        key: Some(key.clone()),
        ..ItemsRequest::all_of(collection)
    };
    let items = server.app.items(request_of(request, &parameters)?).await?;
    let Some(feature) = items.features.first() else {
        let key = word::shortened(&key);
        return Err(Problem::not_found(format!(
            "{word} has no feature \"{key}\""
        )));
    };
    let collection = origin.at(&format!("/collections/{word}"));
    let itself = format!("{collection}/items/{}", encoded(&key));
    let links = [
        Link::new("self", GEOJSON, itself, "This feature"),
        Link::new("collection", JSON, collection, "Its collection"),
    ];
    let links = serde_json::to_string(&links).unwrap_or_default();
    let feature = feature.get();
    let open = feature.strip_suffix('}').unwrap_or(feature);
    Ok(sent(format!("{open},\"links\":{links}}}")))
}

fn sent(text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE.as_str(), GEOJSON.to_owned()),
        ("content-crs", format!("<{CRS84}>")),
    ];
    (headers, text).into_response()
}

fn page_of(items: Items, path: &str, parameters: &Parameters, origin: &Origin) -> Page {
    let others = |after: Option<u64>| {
        let kept = parameters.iter().filter(|(name, _)| name != "after");
        let kept = kept.map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        let after = after.map(|after| format!("after={after}"));
        let all: Vec<String> = kept.chain(after).collect();
        let mark = if all.is_empty() { "" } else { "?" };
        origin.at(&format!("{path}/items{mark}{}", all.join("&")))
    };
    let here = parameters.iter().find(|(name, _)| name == "after");
    let here = here.and_then(|(_, value)| value.parse().ok());
    let mut links = vec![
        Link::new("self", GEOJSON, others(here), "This page"),
        Link::new("collection", JSON, origin.at(path), "The collection"),
    ];
    if let Some(next) = items.next {
        links.push(Link::new(
            "next",
            GEOJSON,
            others(Some(next)),
            "The next page",
        ));
    }
    Page {
        kind: "FeatureCollection",
        links,
        time_stamp: jiff::Timestamp::now()
            .strftime("%Y-%m-%dT%H:%M:%SZ")
            .to_string(),
        number_matched: items.matched,
        number_returned: items.features.len(),
        features: items.features,
    }
}

/// What the parameters add to `request`.
fn request_of(mut request: ItemsRequest, parameters: &Parameters) -> Result<ItemsRequest, Problem> {
    request.limit = USUAL_LIMIT;
    for (name, value) in parameters {
        match name.as_str() {
            "limit" => request.limit = limit_of(value)?,
            "after" => request.after = whole(name, value)?,
            "bbox" => request.boxes = boxes_of(value)?,
            "datetime" => {
                let period = period::parse(value);
                request.period = period.map_err(|error| Problem::bad_request(error.to_string()))?;
            }
            "filter" => request.filter = Some(value.clone()),
            "measures" => request.measures = listed(Some(value)),
            "currency" => request.currency = Some(value.clone()),
            "filter-lang" => only(name, value, &["cql2-text"])?,
            "bbox-crs" | "filter-crs" | "crs" => only(name, value, &[CRS84])?,
            "f" => only(name, value, &["json", "geojson"])?,
            _ => request.equal.push((name.clone(), value.clone())),
        }
    }
    Ok(request)
}

/// The words of a list with commas between.
pub(super) fn listed(words: Option<&str>) -> Vec<String> {
    let words = words.unwrap_or_default().split(',').map(str::trim);
    let words = words.filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

fn only(name: &str, value: &str, right: &[&str]) -> Result<(), Problem> {
    if right.contains(&value) {
        return Ok(());
    }
    let (value, right) = (word::shortened(value), right.join("\" or \""));
    Err(Problem::bad_request(format!(
        "{name} can be \"{right}\" here, not \"{value}\""
    )))
}

fn whole(name: &str, value: &str) -> Result<u64, Problem> {
    value.parse().map_err(|_| {
        let value = word::shortened(value);
        Problem::bad_request(format!("{name} is a whole number, not \"{value}\""))
    })
}

/// More than the most is the most, as the standard wants it (clause 7.15.2).
fn limit_of(value: &str) -> Result<usize, Problem> {
    let limit = usize::try_from(whole("limit", value)?).unwrap_or(MAX_LIMIT);
    if limit == 0 {
        return Err(Problem::bad_request("limit is at least 1"));
    }
    Ok(limit.min(MAX_LIMIT))
}

/// The boxes of four numbers, or of six with heights: two where they reach over the date line.
fn boxes_of(value: &str) -> Result<Vec<Bounds>, Problem> {
    let wrong = || {
        let value = word::shortened(value);
        Problem::bad_request(format!(
            "bbox is west,south,east,north in degrees, such as 11.3,48.0,11.8,48.3, not \"{value}\""
        ))
    };
    let numbers = value.split(',').map(|number| number.trim().parse());
    let numbers: Vec<f64> = numbers.collect::<Result<_, _>>().map_err(|_| wrong())?;
    let ([west, south, east, north] | [west, south, _, east, north, _]) = numbers[..] else {
        return Err(wrong());
    };
    let boxes = if west > east {
        vec![[west, south, 180.0, north], [-180.0, south, east, north]]
    } else {
        vec![[west, south, east, north]]
    };
    let boxes = boxes.into_iter().map(Bounds::try_from);
    boxes.collect::<Result<_, _>>().map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bbox: &str, expected: &[[f64; 4]]) {
        let boxes = boxes_of(bbox).ok().unwrap_or_default();
        let boxes: Vec<[f64; 4]> = boxes.into_iter().map(<[f64; 4]>::from).collect();
        assert_eq!(boxes, expected);
    }

    #[test]
    fn boxes_can_have_heights_and_reach_over_the_date_line() {
        check("11,48,12,49", &[[11.0, 48.0, 12.0, 49.0]]);
        check("11,48,-5,12,49,500", &[[11.0, 48.0, 12.0, 49.0]]);
        check(
            "170,-20,-170,-10",
            &[[170.0, -20.0, 180.0, -10.0], [-180.0, -20.0, -170.0, -10.0]],
        );
        check("11,49,12,48", &[]);
        check("11,48,12", &[]);
        check("a,b,c,d", &[]);
        check("NaN,0,1,1", &[]);
    }

    #[test]
    fn a_limit_is_never_more_than_the_most() {
        assert_eq!(limit_of("5").ok(), Some(5));
        assert_eq!(limit_of("18446744073709551615").ok(), Some(MAX_LIMIT));
        assert!(limit_of("0").is_err());
        assert!(limit_of("-1").is_err());
    }
}
