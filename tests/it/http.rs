//! The server as a browser and as a stranger see it, without a network.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Request, Response, header};
use revier::http::service;
use revier::import::Kind;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::world::{World, file};

struct Site {
    service: Router,
    // The folder lives as long as the service that works in it.
    _folder: tempfile::TempDir,
}

async fn counted() -> Site {
    let World { app, folder } = World::counted().await;
    Site {
        service: service(Arc::new(app), Some(vec!["here".parse().unwrap()])),
        _folder: folder,
    }
}

impl Site {
    async fn send(&self, request: axum::http::request::Builder, body: Body) -> Response<Body> {
        let request: Request<Body> = request.header(header::HOST, "here").body(body).unwrap();
        self.service.clone().oneshot(request).await.unwrap()
    }

    async fn read(&self, path: &str) -> (u16, Value) {
        let response = self.send(Request::get(path), Body::empty()).await;
        json_of(response).await
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        json_of(self.send(request, Body::from(body.to_string())).await).await
    }
}

impl Site {
    /// The summary of an import, waited for.
    async fn import(&self, start: Value) -> Value {
        let (status, import) = self.post("/api/imports", start).await;
        assert_eq!(status, 202);
        let path = format!("/api/imports/{}", import["id"].as_str().unwrap());
        loop {
            let (_, import) = self.read(&path).await;
            match import["state"].as_str().unwrap() {
                "done" => break import["summary"].clone(),
                "failed" | "cancelled" => panic!("{import}"),
                _ => tokio::task::yield_now().await,
            }
        }
    }
}

async fn bytes_of(response: Response<Body>) -> Vec<u8> {
    let body = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    body.to_vec()
}

async fn json_of(response: Response<Body>) -> (u16, Value) {
    let status = response.status().as_u16();
    let bytes = bytes_of(response).await;
    (
        status,
        serde_json::from_slice(&bytes).unwrap_or(Value::Null),
    )
}

/// The keys of the regions of an answer, country first.
fn region_keys(answer: &Value) -> Vec<&str> {
    let steps = answer["region"].as_array().unwrap().iter();
    steps.map(|step| step["key"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_cube_answers_over_http_as_it_does_inside() {
    let site = counted().await;
    let question = json!({"measures": ["revenue"], "rows": ["region.country"]});
    let (status, answer) = site.post("/api/cube", question).await;
    assert_eq!(status, 200);
    assert_eq!(
        answer["rows"],
        json!([
            ["AT", 5550],
            ["CH", 9999],
            ["DE", 43000],
            ["unassigned", 1201]
        ])
    );
    assert_eq!(answer["total"]["revenue"], 59_750);
}

#[tokio::test]
async fn wrong_questions_are_problems_that_name_the_right_word() {
    let site = counted().await;
    let (status, problem) = site
        .post("/api/cube", json!({"measures": ["revenu"]}))
        .await;
    assert_eq!(status, 422);
    assert_eq!(problem["type"], "/problems/unknown-measure");
    assert_eq!(problem["word"], "revenu");
    assert_eq!(problem["suggestions"], json!(["revenue"]));
    let (status, problem) = site.post("/api/cube", json!({"rows": []})).await;
    assert_eq!(
        (status, problem["type"].as_str()),
        (400, Some("/problems/not-a-question"))
    );
    let (status, _) = site.post("/api/lines", json!({"filter": []})).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn strangers_and_other_origins_are_kept_out() {
    let site = counted().await;
    let foreign = Request::get("/health").header(header::HOST, "evil.example");
    let foreign = foreign.body(Body::empty()).unwrap();
    let response = site.service.clone().oneshot(foreign).await.unwrap();
    assert_eq!(response.status(), 421);
    let crossed = Request::delete("/api/batches/1").header(header::ORIGIN, "http://evil.example");
    let (status, problem) = json_of(site.send(crossed, Body::empty()).await).await;
    assert_eq!(
        (status, problem["type"].as_str()),
        (403, Some("/problems/foreign-origin"))
    );
    let response = site.send(Request::get("/health"), Body::empty()).await;
    for name in [
        "content-security-policy",
        "x-content-type-options",
        "x-frame-options",
    ] {
        assert!(response.headers().contains_key(name), "{name}");
    }
}

#[tokio::test]
async fn addresses_that_are_nothing_are_problems() {
    let site = counted().await;
    for (path, expected) in [
        ("/api/nothing", 404),
        ("/api/accounts/NOBODY", 404),
        ("/api/regions/district/99999", 404),
        ("/api/regions/sites", 404),
        ("/api/regions/own-4", 404),
        ("/api/batches/77/remarks", 404),
        ("/api/accounts?bounds=1,2,3", 400),
        ("/api/accounts?limit=many", 400),
        ("/tiles/nothing/0/0/0.mvt", 404),
        ("/tiles/district/1/5/0.mvt", 404),
        ("/tiles/district/99/0/0.mvt", 404),
        ("/api/search", 400),
        ("/api/batches/abc/remarks", 400),
        ("/api/batches/99999999999999999999/remarks.csv", 400),
        ("/api/accounts/%FF", 400),
        ("/api/regions/state/%FF", 400),
        ("/api/imports/%FF", 400),
        ("/tiles/%FF", 400),
        ("/tiles/sites/0/0/%FF", 400),
    ] {
        let (status, problem) = site.read(path).await;
        assert_eq!(status, expected, "{path}");
        assert_eq!(problem["status"], expected, "{path}");
        assert!(
            problem["detail"]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn bodies_that_are_too_large_or_of_another_kind_are_problems() {
    let site = counted().await;
    for path in ["/api/cube", "/api/lines"] {
        let (status, problem) = site.post(path, json!(" ".repeat(1 << 20))).await;
        assert_eq!(status, 413, "{path}");
        assert_eq!(problem["type"], "/problems/too-large", "{path}");
    }
    let (status, problem) = json_of(
        site.send(Request::post("/api/lines"), Body::from("{}"))
            .await,
    )
    .await;
    assert_eq!(
        (status, problem["type"].as_str()),
        (415, Some("/problems/unsupported-media-type"))
    );
}

#[tokio::test]
async fn a_page_beyond_the_last_is_empty() {
    let site = counted().await;
    let path = format!("/api/accounts?offset={}", u64::MAX);
    let (status, page) = site.read(&path).await;
    assert_eq!((status, &page["accounts"]), (200, &json!([])));
    let (status, page) = site.post("/api/lines", json!({"offset": u64::MAX})).await;
    assert_eq!((status, &page["lines"]), (200, &json!([])));
}

#[tokio::test]
async fn a_card_tells_site_regions_and_years() {
    let site = counted().await;
    let (status, card) = site.read("/api/accounts/A1").await;
    assert_eq!(status, 200);
    assert_eq!(card["precision"], "postal");
    assert_eq!(region_keys(&card), ["DE", "09", "091", "09162", "09162000"]);
    assert_eq!(
        card["years"],
        json!([{"year": "2024", "revenue": 15000, "orders": 1},
               {"year": "2025", "revenue": 15000, "orders": 1}])
    );
    assert_eq!(card["first_order"], "2024-01-15");
    assert_eq!(card["last_order"], "2025-01-01");
}

#[tokio::test]
async fn tiles_come_with_tags_and_empty_ones_with_204() {
    let site = counted().await;
    let (status, description) = site.read("/tiles/sites.json").await;
    assert_eq!(
        (status, description["tilejson"].as_str()),
        (200, Some("3.0.0"))
    );
    for layer in ["country", "state", "district", "sites", "base"] {
        let path = format!("/tiles/{layer}/4/8/5.mvt");
        let response = site.send(Request::get(&path), Body::empty()).await;
        assert_eq!(response.status(), 200, "{layer}");
        let tag = response.headers()[header::ETAG].clone();
        let again = Request::get(&path).header(header::IF_NONE_MATCH, tag);
        assert_eq!(
            site.send(again, Body::empty()).await.status(),
            304,
            "{layer}"
        );
    }
    let south_sea = site
        .send(Request::get("/tiles/sites/6/3/40.mvt"), Body::empty())
        .await;
    assert_eq!(south_sea.status(), 204);
}

/// An answer without what changes with time: status, headers, body.
async fn whole(response: Response<Body>) -> (u16, HeaderMap, Vec<u8>) {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    (status, headers, bytes_of(response).await)
}

#[tokio::test]
async fn a_tile_that_was_sent_is_sent_again_as_it_was() {
    let site = counted().await;
    let ask = async |path: &str, packing: Option<&str>| {
        let mut request = Request::get(path);
        if let Some(packing) = packing {
            request = request.header(header::ACCEPT_ENCODING, packing);
        }
        whole(site.send(request, Body::empty()).await).await
    };
    for (path, status) in [
        ("/tiles/sites/0/0/0.mvt", 200),
        ("/tiles/district/6/33/21.mvt?v=1", 200),
        ("/tiles/sites/6/3/40.mvt", 204),
        ("/tiles/sites/6/3/99.mvt", 404),
    ] {
        for packing in [None, Some("gzip"), Some("gzip, br"), Some("identity")] {
            let first = ask(path, packing).await;
            assert_eq!(first.0, status, "{path} {packing:?}");
            assert_eq!(ask(path, packing).await, first, "{path} {packing:?}");
            assert!(first.1.contains_key(header::CONTENT_SECURITY_POLICY));
        }
    }
    let plain = ask("/tiles/district/6/33/21.mvt?v=1", None).await;
    for (packing, name) in [("gzip", "gzip"), ("gzip, br", "br")] {
        let (_, headers, packed) = ask("/tiles/district/6/33/21.mvt?v=1", Some(packing)).await;
        assert_eq!(headers[header::CONTENT_ENCODING], name);
        assert_eq!(headers[header::VARY], "accept-encoding");
        assert!(packed.len() < plain.2.len());
    }
}

#[tokio::test]
async fn a_tile_that_was_sent_is_kept_from_strangers_and_follows_the_data() {
    let World { app, folder } = World::counted().await;
    let world = World {
        app: app.clone(),
        folder,
    };
    let service = service(Arc::new(app), Some(vec!["here".parse().unwrap()]));
    let ask = async |host: &str, tag: Option<&HeaderValue>| {
        let mut request = Request::get("/tiles/sites/0/0/0.mvt").header(header::HOST, host);
        if let Some(tag) = tag {
            request = request.header(header::IF_NONE_MATCH, tag);
        }
        let request = request.body(Body::empty()).unwrap();
        whole(service.clone().oneshot(request).await.unwrap()).await
    };
    let (status, headers, tile) = ask("here", None).await;
    assert_eq!((status, tile.is_empty()), (200, false));
    assert_eq!(ask("evil.example", None).await.0, 421);
    let tag = &headers[header::ETAG];
    let (status, known, body) = ask("here", Some(tag)).await;
    assert_eq!((status, body.len()), (304, 0));
    assert_eq!(&known[header::ETAG], tag);
    assert!(!known.contains_key(header::CONTENT_TYPE));
    let more = "Kundennummer;Firma;lat;lon\nK99;Neu;48,1;11,5\n";
    world
        .import(Kind::Accounts, &world.write("more.csv", more))
        .await;
    let (status, headers, _) = ask("here", Some(tag)).await;
    assert_eq!(status, 200);
    assert_ne!(&headers[header::ETAG], tag);
    assert_ne!(ask("here", None).await.2, tile);
}

#[tokio::test]
async fn answers_are_compressed_for_those_who_ask() {
    let site = counted().await;
    let request =
        Request::get("/tiles/district/6/33/21.mvt").header(header::ACCEPT_ENCODING, "gzip");
    let response = site.send(request, Body::empty()).await;
    assert_eq!(response.headers()[header::CONTENT_ENCODING], "gzip");
}

#[tokio::test]
async fn a_file_is_sent_looked_at_imported_and_undone() {
    let World { app, folder } = World::empty().await;
    let site = Site {
        service: service(Arc::new(app), Some(vec!["here".parse().unwrap()])),
        _folder: folder,
    };
    let bytes = std::fs::read(file("accounts.csv")).unwrap();
    let request = Request::post("/api/uploads?name=accounts.csv");
    let (status, upload) = json_of(site.send(request, Body::from(bytes)).await).await;
    assert_eq!(status, 200, "{upload}");
    assert_eq!(upload["kind"], "accounts");
    let postal = upload["columns"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["heading"] == "PLZ");
    assert_eq!(postal.unwrap()["field"], "postal_code");
    let start = json!({"upload": upload["upload"], "kind": "accounts"});
    let summary = site.import(start).await;
    assert_eq!(summary["added"], 8);
    let (_, batches) = site.read("/api/batches").await;
    assert_eq!(batches["batches"][0]["file"], "accounts.csv");
    let undo = Request::delete(format!("/api/batches/{}", summary["batch"]));
    assert_eq!(site.send(undo, Body::empty()).await.status(), 200);
    let (_, batches) = site.read("/api/batches").await;
    assert_eq!(batches["batches"], json!([]));
}

#[tokio::test]
async fn every_region_of_a_level_has_an_anchor() {
    let site = counted().await;
    for (level, key, [west, south, east, north], least) in [
        ("state", "09", [8.9, 47.2, 13.9, 50.6], 16),
        ("municipality", "09162000", [11.3, 48.0, 11.8, 48.3], 10_000),
        ("postal", "DE-80331", [11.5, 48.1, 11.6, 48.2], 8_000),
    ] {
        let (status, answer) = site.read(&format!("/api/regions/{level}")).await;
        assert_eq!(status, 200);
        let anchors = answer["anchors"].as_object().unwrap();
        assert!(anchors.len() >= least, "{} of {level}", anchors.len());
        let [lon, lat] = [0, 1].map(|axis| anchors[key][axis].as_f64().unwrap());
        assert!(
            (west..east).contains(&lon) && (south..north).contains(&lat),
            "{lon} {lat}"
        );
    }
}

#[tokio::test]
async fn search_finds_accounts_regions_and_places() {
    let site = counted().await;
    let (_, hits) = site.read("/api/search?q=m%C3%BCnchen").await;
    let kinds: Vec<&str> = hits["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| hit["kind"].as_str().unwrap())
        .collect();
    for kind in ["account", "region", "place"] {
        assert!(kinds.contains(&kind), "{hits}");
    }
}

#[tokio::test]
async fn every_route_is_described() {
    let site = counted().await;
    let (_, description) = site.read("/api/openapi.json").await;
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
    let paths: Vec<&String> = description["paths"].as_object().unwrap().keys().collect();
    let described = paths.len();
    let routed = std::fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http.rs"),
    )
    .unwrap()
    .matches("routes!(")
    .count();
    assert_eq!(described, routed, "{paths:?}");
}

#[tokio::test]
async fn addresses_are_looked_up_without_being_kept() {
    let site = counted().await;
    let (status, found) = site.read("/api/geocode?q=80331%20M%C3%BCnchen").await;
    assert_eq!(status, 200);
    let best = &found["candidates"][0];
    assert_eq!(best["matched"], "80331 München");
    assert!(best["radius_m"].as_f64().unwrap() > 100.0);
    let request = json!({"addresses": [
        {"street": "", "postal_code": "90402", "place": "Nürnbreg", "state": "", "country": "DE"},
        {"street": "", "postal_code": "", "place": "Nirgendwoheim", "state": "", "country": "DE"},
    ]});
    let (status, answer) = site.post("/api/geocode", request).await;
    assert_eq!(status, 200);
    assert_eq!(answer["results"][0]["postal"], "DE-90402");
    assert_eq!(answer["results"][1]["position"], Value::Null);
    assert_eq!(answer["results"][1]["precision"], "none");
    let (_, around) = site.read("/api/reverse?lon=11.5755&lat=48.1374").await;
    assert_eq!(
        region_keys(&around),
        ["DE", "09", "091", "09162", "09162000"]
    );
    assert_eq!(around["place"]["name"], "München");
    let (status, _) = site.read("/api/reverse?lon=200&lat=0").await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn a_map_that_is_sent_becomes_a_level_of_its_name() {
    let site = counted().await;
    let ring = [[9, 52], [14, 52], [14, 54], [9, 54], [9, 52]];
    let north = json!({"type": "Feature", "properties": {"key": "N", "name": "Nord"},
                       "geometry": {"type": "Polygon", "coordinates": [ring]}});
    let request = Request::post("/api/uploads?name=a.geojson");
    let (status, upload) = json_of(site.send(request, Body::from(north.to_string())).await).await;
    assert_eq!(status, 200, "{upload}");
    assert_eq!(upload["kind"], "regions");
    assert_eq!(upload["fields"]["regions"][2]["id"], "parent");
    let start = json!({"upload": upload["upload"], "kind": "regions", "name": "Vertrieb"});
    let summary = site.import(start).await;
    assert_eq!(
        (&summary["added"], &summary["hierarchy"]),
        (&json!(1), &json!("Vertrieb"))
    );
    let (_, model) = site.read("/api/model").await;
    let expected = json!([{"level": "own.1", "name": "Vertrieb", "regions": 1}]);
    assert_eq!(model["hierarchies"], expected);
    let levels = model["levels"].as_array().unwrap();
    assert!(levels.contains(&json!("own.1")) && !levels.contains(&json!("own.2")));
    let (status, problem) = site
        .post(
            "/api/cube",
            json!({"measures": ["revenue"], "rows": ["own.2"]}),
        )
        .await;
    assert_eq!(status, 422);
    assert_eq!(problem["type"], "/problems/no-hierarchy");
}

#[tokio::test]
async fn an_export_is_a_file_with_a_name() {
    let site = counted().await;
    let send = async |path: &str, body: Value| {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT_ENCODING, "gzip");
        site.send(request, Body::from(body.to_string())).await
    };
    let question = json!({"measures": ["revenue"], "rows": ["region.state"]});
    let path = "/api/cube/export?format=csv&language=de";
    let response = send(path, question.clone()).await;
    assert_eq!(response.status(), 200);
    let head = |response: &Response<Body>, name: header::HeaderName| {
        let value = response.headers().get(name);
        value.map(|value| value.to_str().unwrap().to_owned())
    };
    let kind = head(&response, header::CONTENT_TYPE);
    assert_eq!(kind.as_deref(), Some("text/csv; charset=utf-8"));
    let name = head(&response, header::CONTENT_DISPOSITION).unwrap();
    assert!(
        name.starts_with("attachment; filename=\"revier-umsatz-bundesland-20"),
        "{name}"
    );
    assert_eq!(
        head(&response, header::CACHE_CONTROL).as_deref(),
        Some("no-store")
    );
    let path = "/api/lines/export?format=xlsx";
    let response = send(path, json!({"filters": []})).await;
    // Packed already, so it is sent as it is, with its length.
    assert_eq!(head(&response, header::CONTENT_ENCODING), None);
    let length = head(&response, header::CONTENT_LENGTH).unwrap();
    let bytes = bytes_of(response).await;
    assert_eq!(length, bytes.len().to_string());
    assert!(bytes.starts_with(b"PK"));
    let response = send("/api/lines/export?format=parquet", json!({})).await;
    assert!(bytes_of(response).await.starts_with(b"PAR1"));
}

#[tokio::test]
async fn an_export_that_cannot_be_is_a_problem() {
    let site = counted().await;
    let check = async |path: &str, body: Value, status: u16, kind: &str| {
        let (found, problem) = site.post(path, body).await;
        assert_eq!(
            (found, problem["type"].as_str()),
            (status, Some(kind)),
            "{problem}"
        );
    };
    let right = json!({"measures": ["revenue"]});
    let csv = "/api/cube/export?format=csv";
    check(
        csv,
        json!({"measures": ["revenu"]}),
        422,
        "/problems/unknown-measure",
    )
    .await;
    check(csv, json!({"rows": []}), 400, "/problems/not-a-question").await;
    let bad = "/problems/bad-request";
    check("/api/cube/export", right.clone(), 400, bad).await;
    check("/api/cube/export?format=pdf", right.clone(), 400, bad).await;
    check("/api/cube/export?format=csv&language=fr", right, 400, bad).await;
    let lines = "/api/lines/export?format=csv";
    check(lines, json!({"limit": 5}), 422, "/problems/wrong-question").await;
    let wrong = json!({"filters": [{"level": "region.state", "in": ["99"]}]});
    check(lines, wrong, 422, "/problems/unknown-key").await;
}
