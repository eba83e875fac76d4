//! The layers of the company of `tests/world` as programs of others read them: OGC API – Features
//! and Tiles.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use revier::http::service;
use revier::import::Kind;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::world::World;

struct Site {
    service: Router,
    // The folder lives as long as the service that works in it.
    _folder: tempfile::TempDir,
}

struct Answer {
    status: u16,
    kind: String,
    bytes: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }
}

impl Site {
    async fn counted() -> Self {
        Self::of(World::counted().await)
    }

    fn of(World { app, folder }: World) -> Self {
        Self {
            service: service(Arc::new(app), Some(vec!["here".parse().unwrap()])),
            _folder: folder,
        }
    }

    async fn get(&self, address: &str) -> Answer {
        let path = address.strip_prefix("http://here").unwrap_or(address);
        let request = Request::get(path).header(header::HOST, "here");
        let request = request.body(Body::empty()).unwrap();
        let response = self.service.clone().oneshot(request).await.unwrap();
        let kind = response.headers().get(header::CONTENT_TYPE);
        let kind = kind.map_or(String::new(), |kind| kind.to_str().unwrap().to_owned());
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX);
        Answer {
            status,
            kind,
            bytes: bytes.await.unwrap().into(),
        }
    }

    /// The document at an address that must have one.
    async fn read(&self, address: &str) -> Value {
        let answer = self.get(address).await;
        assert_eq!(answer.status, 200, "{address}: {}", answer.json());
        answer.json()
    }

    /// The keys of the features at an address below the collections.
    async fn keys(&self, address: &str) -> Vec<String> {
        let page = self.read(&format!("/ogc/collections/{address}")).await;
        keys_of(&page)
    }

    /// Status and word of the problem at an address below the collections.
    async fn refused(&self, address: &str) -> (u16, Value) {
        let answer = self.get(&format!("/ogc/collections/{address}")).await;
        assert_eq!(answer.kind, "application/problem+json", "{address}");
        (answer.status, answer.json()["suggestions"].clone())
    }
}

fn keys_of(page: &Value) -> Vec<String> {
    let features = page["features"].as_array().unwrap().iter();
    features
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect()
}

fn link<'a>(document: &'a Value, rel: &str) -> Option<&'a str> {
    let links = document["links"].as_array().unwrap();
    let found = links.iter().find(|link| link["rel"] == rel)?;
    found["href"].as_str()
}

#[tokio::test]
async fn every_link_from_the_landing_page_leads_somewhere() {
    let site = Site::counted().await;
    let landing = site.read("/ogc").await;
    assert_eq!(site.read("/ogc/").await, landing);
    for rel in ["self", "service-desc", "conformance", "data"] {
        site.read(link(&landing, rel).unwrap()).await;
    }
    let collections = site.read(link(&landing, "data").unwrap()).await;
    let collections = collections["collections"].as_array().unwrap();
    let ids: Vec<&str> = collections
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    let expected = [
        "country",
        "state",
        "government_district",
        "district",
        "municipality",
        "postal",
    ];
    assert_eq!(ids, [&expected[..], &["accounts"]].concat());
    for collection in collections {
        for found in collection["links"].as_array().unwrap() {
            let answer = site.get(found["href"].as_str().unwrap()).await;
            assert_eq!(answer.status, 200, "{found}");
            assert_eq!(answer.kind, found["type"].as_str().unwrap());
        }
        let extent = &collection["extent"];
        assert_eq!(extent["temporal"]["interval"][0][1], "2025-12-24T23:59:59Z");
    }
    let api = site.read("/ogc/api").await;
    assert_eq!(api["openapi"], "3.0.3");
    assert_eq!(
        api["components"]["parameters"]["limit"]["schema"]["maximum"],
        10_000
    );
}

#[tokio::test]
async fn features_have_areas_and_figures() {
    let site = Site::counted().await;
    let page = site.read("/ogc/collections/state/items?limit=100").await;
    // Sixteen of Germany, fifty-one of the United States.
    assert_eq!(page["numberMatched"], 67);
    assert_eq!(page["numberReturned"], 67);
    assert!(link(&page, "next").is_none());
    let states = page["features"].as_array().unwrap();
    let bavaria = states.iter().find(|one| one["id"] == "09").unwrap();
    assert_eq!(
        bavaria["properties"],
        json!({"key": "09", "name": "Bayern", "revenue": 385.0, "orders": 4, "customers": 3,
               "currency": "EUR"})
    );
    assert!(
        bavaria["geometry"]["type"]
            .as_str()
            .unwrap()
            .ends_with("Polygon")
    );
    let saxony = states.iter().find(|one| one["id"] == "14").unwrap();
    assert_eq!(saxony["properties"]["revenue"], Value::Null);
    let sum: f64 = states
        .iter()
        .filter_map(|one| one["properties"]["revenue"].as_f64())
        .sum();
    assert!((sum - 430.0).abs() < 1e-9);
    let one = site
        .read(
            "/ogc/collections/state/items/09?measures=margin_percent,units&datetime=2025-01-01/..",
        )
        .await;
    assert_eq!(one["properties"]["units"], 3);
    assert_eq!(
        link(&one, "collection"),
        Some("http://here/ogc/collections/state")
    );
}

#[tokio::test]
async fn pages_follow_each_other_without_loss() {
    let site = Site::counted().await;
    for (collection, limit, count) in [("state", 10, 67), ("accounts", 3, 8), ("country", 100, 250)]
    {
        let mut address = format!("/ogc/collections/{collection}/items?limit={limit}");
        let mut keys = Vec::new();
        loop {
            let page = site.read(&address).await;
            let found = keys_of(&page);
            assert_eq!(page["numberMatched"], count);
            assert!(found.len() <= limit);
            keys.extend(found);
            match link(&page, "next") {
                Some(next) => next.clone_into(&mut address),
                None => break,
            }
        }
        let mut different = keys.clone();
        different.sort();
        different.dedup();
        assert_eq!(
            (keys.len(), different.len()),
            (count, count),
            "{collection}"
        );
    }
}

#[tokio::test]
async fn filters_boxes_and_values_choose() {
    let site = Site::counted().await;
    let check = async |address: &str, expected: &[&str]| {
        assert_eq!(site.keys(address).await, expected, "{address}");
    };
    check("state/items?filter=revenue%20%3E%20100", &["09"]).await;
    check(
        "state/items?filter=revenue%20BETWEEN%2020%20AND%2025",
        &["02", "11"],
    )
    .await;
    check("state/items?name=Berlin", &["11"]).await;
    check(
        "state/items?filter=name%20LIKE%20'Ber%25'%20AND%20revenue%20IS%20NOT%20NULL",
        &["11"],
    )
    .await;
    // Around Munich: of Bayern alone; the box reaches into no other state.
    check("state/items?bbox=11,48,12,48.5", &["09"]).await;
    check(
        "state/items?filter=S_INTERSECTS(geometry,BBOX(11,48,12,48.5))",
        &["09"],
    )
    .await;
    // Not those whose box alone touches it: Berlin is a hole of Brandenburg.
    check("state/items?bbox=13.38,52.50,13.42,52.54", &["11"]).await;
    check("accounts/items?bbox=11,48,12,48.5", &["A1", "A8"]).await;
    check(
        "accounts/items?filter=place%20IN%20('Wien','Berlin')%20OR%20revenue%20%3E%3D%20300",
        &["A1", "A3", "A5"],
    )
    .await;
    check("accounts/items?filter=precision%20%3D%20'none'", &["A7"]).await;
    check(
        "accounts/items?limit=1&filter=place%20%3D%20'M%C3%BCnchen'",
        &["A1"],
    )
    .await;
    let without = site.read("/ogc/collections/accounts/items/A7").await;
    assert_eq!(without["geometry"], Value::Null);
    let period = "state/items/09?datetime=2024-01-01/2024-12-31";
    let period = site.read(&format!("/ogc/collections/{period}")).await;
    let before = period["properties"]["revenue"].as_f64().unwrap();
    let period = site
        .read("/ogc/collections/state/items/09?datetime=2025-01-01/..")
        .await;
    let since = period["properties"]["revenue"].as_f64().unwrap();
    assert!((before + since - 385.0).abs() < 1e-9, "{before} {since}");
}

#[tokio::test]
async fn wrong_words_get_the_right_ones() {
    let site = Site::counted().await;
    let check = async |address: &str, status: u16, suggestion: Value| {
        assert_eq!(
            site.refused(address).await,
            (status, suggestion),
            "{address}"
        );
    };
    check("state/items?filter=revenu%3E1", 400, json!(["revenue"])).await;
    check("state/items?limt=5", 400, json!(["limit"])).await;
    check("state/items?measures=revenu", 422, json!(["revenue"])).await;
    check("state/items?bbox=1,2,3", 400, Value::Null).await;
    check("state/items?datetime=2025", 400, Value::Null).await;
    check("state/items?limit=0", 400, Value::Null).await;
    check(
        "state/items?filter-lang=cql2-json&filter=1",
        400,
        Value::Null,
    )
    .await;
    check("state/items/99", 404, Value::Null).await;
    check("stat/items", 404, Value::Null).await;
    check("own-1/items", 404, Value::Null).await;
    check("state/tiles/WorldCRS84Quad", 404, Value::Null).await;
    check("state/tiles/WebMercatorQuad/1/2/0", 404, Value::Null).await;
}

#[tokio::test]
async fn own_regions_are_a_collection() {
    let world = World::counted().await;
    let ring = [
        [10.0, 47.0],
        [13.0, 47.0],
        [13.0, 50.0],
        [10.0, 50.0],
        [10.0, 47.0],
    ];
    let south = json!({"type": "FeatureCollection", "features": [{
        "type": "Feature", "properties": {"key": "S", "name": "Süd"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }]});
    let path = world.write("Vertrieb.geojson", south.to_string());
    world.import(Kind::Regions, &path).await;
    let site = Site::of(world);
    let own = site.read("/ogc/collections/own-1").await;
    assert_eq!(own["title"], "Vertrieb");
    let page = site.read("/ogc/collections/own-1/items").await;
    assert_eq!(page["features"][0]["properties"]["revenue"], 385.0);
    assert_eq!(page["features"][0]["geometry"]["type"], "Polygon");
    assert_eq!(site.keys("own-1/items?bbox=11,48,12,49").await, ["S"]);
    assert!(site.keys("own-1/items?bbox=14,48,15,49").await.is_empty());
}

#[tokio::test]
async fn tiles_are_those_of_the_map() {
    let site = Site::counted().await;
    for (collection, layer) in [("district", "district"), ("accounts", "sites")] {
        let sets = site
            .read(&format!("/ogc/collections/{collection}/tiles"))
            .await;
        let set = site.read(link(&sets["tilesets"][0], "self").unwrap()).await;
        let template = link(&set, "item").unwrap();
        // Munich: column 34 and row 22 at zoom 6.
        let address = template.replace("{tileMatrix}", "6");
        let address = address
            .replace("{tileRow}", "22")
            .replace("{tileCol}", "34");
        let tile = site.get(&address).await;
        assert_eq!(tile.kind, "application/vnd.mapbox-vector-tile");
        assert!(!tile.bytes.is_empty());
        let same = site.get(&format!("/tiles/{layer}/6/34/22.mvt")).await;
        assert!(tile.bytes == same.bytes, "{collection}");
        let described = site.read(link(&set, "describedby").unwrap()).await;
        let template = described["tiles"][0].as_str().unwrap();
        let address = template
            .replace("{z}", "6")
            .replace("{x}", "34")
            .replace("{y}", "22");
        assert!(site.get(&address).await.bytes == tile.bytes, "{address}");
    }
    let sets = site.read("/ogc/tileMatrixSets").await;
    let definition = link(&sets["tileMatrixSets"][0], "self").unwrap();
    assert_eq!(site.read(definition).await["id"], "WebMercatorQuad");
}
