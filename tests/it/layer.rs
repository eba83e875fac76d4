//! Exports of the company of `tests/world` as layers of a map: read back by the import of regions
//! and by other readers, the areas are the same and the figures add up to the cube's.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use duckdb::Connection;
use flatgeobuf::{FallibleStreamingIterator, FeatureProperties, FgbReader};
use revier::app::{ExportSubject, ImportRequest, RegionRequest};
use revier::cube::LinesRequest;
use revier::export::{Format, Language, Look};
use revier::import::Kind;
use serde_json::{Value, json};
use sqlx::Connection as _;

use crate::world::{World, text};

const MAPS: [Format; 5] = [
    Format::Geojson,
    Format::Gpkg,
    Format::Kml,
    Format::Fgb,
    Format::Geoparquet,
];

/// The layer as a file beside the home, called `name`.
async fn export(world: &World, question: &Value, format: Format, name: &str) -> PathBuf {
    let look = Look {
        format,
        language: Language::English,
    };
    let subject = ExportSubject::Answer(question.to_string().into_bytes());
    let export = world.app.export(subject, look).await.unwrap();
    let path = world
        .folder
        .path()
        .join(format!("{name}.{}", format.ending()));
    let mut file = export.into_file().unwrap();
    std::io::copy(&mut file, &mut std::fs::File::create(&path).unwrap()).unwrap();
    let left = std::fs::read_dir(world.app.home().exports()).unwrap();
    assert_eq!(left.count(), 0, "nothing is left in the home");
    path
}

async fn features(world: &World, question: &Value) -> Vec<Value> {
    let path = export(world, question, Format::Geojson, "features").await;
    let map: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(map["type"], "FeatureCollection");
    map["features"].as_array().unwrap().clone()
}

fn by(level: &Value) -> Value {
    json!({"measures": ["revenue", "customers", "last_purchase"], "rows": [level]})
}

fn by_district() -> Value {
    by(&json!("region.district"))
}

/// The sum of a property in cents.
fn cents(features: &[Value], property: &str) -> i64 {
    let number = |feature: &Value| feature["properties"][property].as_f64().unwrap();
    let sum: f64 = features.iter().map(number).sum();
    format!("{:.0}", sum * 100.0).parse().unwrap()
}

/// The edges of each area by key, whichever corner its rings begin with.
fn edges(features: &[Value]) -> BTreeMap<String, BTreeSet<String>> {
    let ring = |ring: &Value| -> Vec<String> {
        let corners = ring.as_array().unwrap();
        let edges = corners
            .windows(2)
            .map(|ends| format!("{} {}", ends[0], ends[1]));
        edges.collect()
    };
    let rings = |feature: &Value| -> Vec<Value> {
        let coordinates = feature["geometry"]["coordinates"]
            .as_array()
            .unwrap()
            .clone();
        if feature["geometry"]["type"] == "Polygon" {
            return coordinates;
        }
        let polygons = coordinates
            .iter()
            .map(|polygon| polygon.as_array().unwrap().clone());
        polygons.flatten().collect()
    };
    let placed = features
        .iter()
        .filter(|feature| !feature["geometry"].is_null());
    placed
        .map(|feature| {
            let edges = rings(feature).iter().flat_map(ring).collect();
            (feature["id"].as_str().unwrap().to_owned(), edges)
        })
        .collect()
}

#[tokio::test]
async fn geojson_has_numbers_and_what_has_no_place() {
    let world = World::counted().await;
    let features = features(&world, &by_district()).await;
    let asked = world.ask(by_district()).await;
    assert_eq!(features.len(), asked.rows.len());
    assert_eq!(cents(&features, "Revenue (EUR)"), 59_750);
    let munich = features.iter().find(|one| one["id"] == "09162").unwrap();
    assert_eq!(
        munich["properties"],
        json!({"Key": "09162", "Name": "München", "Revenue (EUR)": 335.0, "Customers": 2,
               "Last purchase": "2025-12-24"})
    );
    assert_eq!(munich["geometry"]["type"], "MultiPolygon");
    let nowhere = features.last().unwrap();
    assert_eq!(nowhere["id"], "unassigned");
    assert_eq!(nowhere["geometry"], Value::Null);
    assert_eq!(nowhere["properties"]["Revenue (EUR)"], 167.5);
}

/// Imports the regions of a layer as a hierarchy of its own.
async fn import(world: &World, path: &Path, name: &str) -> u64 {
    let request = ImportRequest {
        path: path.to_owned(),
        name: path.file_name().unwrap().to_string_lossy().into_owned(),
        kind: Kind::Regions,
        mapping: None,
        currency: None,
        epsg: None,
        regions: RegionRequest {
            name: Some(name.to_owned()),
            ..RegionRequest::default()
        },
    };
    let summary = world.app.import(request, Arc::default()).await.unwrap();
    summary.counts.added
}

#[tokio::test]
async fn exported_regions_are_imported_as_they_were() {
    let world = World::counted().await;
    let question = by(&json!({"level": "region.state", "expand": {"09": "region.district"}}));
    let first = features(&world, &question).await;
    let expected = world.ask(question.clone()).await;
    for (place, format) in (1..).zip([Format::Geojson, Format::Gpkg, Format::Kml]) {
        let name = format!("own {place}");
        let path = export(&world, &question, format, &name).await;
        // Two districts and two states have areas, `unassigned` has none.
        assert_eq!(import(&world, &path, &name).await, 4, "{format:?}");
        let again = by(&json!(format!("own.{place}")));
        let answer = world.ask(again.clone()).await;
        let mut rows = text(&answer);
        let mut were = text(&expected);
        rows.sort();
        were.sort();
        assert_eq!(rows, were, "{format:?}");
        assert_eq!(
            edges(&features(&world, &again).await),
            edges(&first),
            "{format:?}"
        );
    }
}

#[tokio::test]
async fn a_geopackage_has_its_tables_and_an_index() {
    let world = World::counted().await;
    let path = export(&world, &by_district(), Format::Gpkg, "district").await;
    let url = format!("sqlite://{}?mode=ro", path.display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let row: (i64, f64, i64, i64, String) = sqlx::query_as(
        "SELECT count(*), sum(\"Revenue (EUR)\"), sum(geom IS NULL), \
         (SELECT count(*) FROM \"rtree_District_geom\"), max(\"Last purchase\") FROM \"District\"",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert_eq!(row, (5, 597.5, 1, 4, "2025-12-24".to_owned()));
    let (kind, about): (String, String) = sqlx::query_as(
        "SELECT geometry_type_name, description FROM gpkg_geometry_columns \
         JOIN gpkg_contents USING (table_name)",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert_eq!(kind, "MULTIPOLYGON");
    assert!(about.contains("GeoBasis-DE / BKG"), "{about}");
}

#[tokio::test]
async fn flatgeobuf_is_indexed_where_all_have_a_place() {
    let world = World::counted().await;
    let mut question = by_district();
    let read = async |question: &Value| {
        let path = export(&world, question, Format::Fgb, "district").await;
        let file = std::io::BufReader::new(std::fs::File::open(path).unwrap());
        let reader = FgbReader::open(file).unwrap();
        let header = reader.header();
        let (count, node_size) = (header.features_count(), header.index_node_size());
        let mut sum = 0.0;
        let mut features = reader.select_all().unwrap();
        while let Some(feature) = features.next().unwrap() {
            let revenue: f64 = feature.property("Revenue (EUR)").unwrap();
            sum += revenue;
        }
        (count, node_size, sum)
    };
    assert_eq!(read(&question).await, (5, 0, 597.5));
    question["filters"] = json!([{"level": "region.country", "in": ["DE"]}]);
    assert_eq!(read(&question).await, (4, 16, 430.0));
}

#[tokio::test]
async fn geoparquet_says_where_its_geometries_are() {
    let world = World::counted().await;
    let path = export(&world, &by_district(), Format::Geoparquet, "district").await;
    let connection = Connection::open_in_memory().unwrap();
    let (sum, without): (String, i64) = connection
        .query_row(
            &format!(
                "SELECT sum(\"Revenue (EUR)\")::VARCHAR, count(*) - count(geometry) FROM '{}'",
                path.display()
            ),
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    assert_eq!((sum.as_str(), without), ("597.50", 1));
    let metadata: String = connection
        .query_row(
            &format!(
                "SELECT decode(value) FROM parquet_kv_metadata('{}') WHERE decode(key) = 'geo'",
                path.display()
            ),
            [],
            |row| row.get(0),
        )
        .unwrap();
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    assert_eq!(metadata["version"], "1.1.0");
    let column = &metadata["columns"]["geometry"];
    assert_eq!(column["encoding"], "WKB");
    assert_eq!(column["geometry_types"], json!(["MultiPolygon"]));
    assert!(column["bbox"][0].as_f64().unwrap() > 8.0, "{column}");
}

#[tokio::test]
async fn accounts_are_points_with_what_is_known_of_them() {
    let world = World::counted().await;
    let features = features(&world, &by(&json!("account.account"))).await;
    assert_eq!(cents(&features, "Revenue (EUR)"), 59_750);
    let first = features.iter().find(|one| one["id"] == "A1").unwrap();
    assert_eq!(first["geometry"]["type"], "Point");
    let lon = first["geometry"]["coordinates"][0].as_f64().unwrap();
    assert!((11.0..12.0).contains(&lon), "{lon}");
    let mut known = first["properties"].clone();
    known.as_object_mut().unwrap().remove("Precision");
    assert_eq!(
        known,
        json!({"Key": "A1", "Name": "Alpha GmbH", "Stage": "Customer",
               "Street": "Marienplatz 1", "Postal code": "80331", "Place": "München",
               "Country": "Deutschland", "Revenue (EUR)": 300.0, "Customers": 1,
               "Last purchase": "2025-01-01"})
    );
    let nowhere = features.iter().find(|one| one["id"] == "A7").unwrap();
    assert_eq!(nowhere["geometry"], Value::Null);
    for format in MAPS {
        export(&world, &by(&json!("account.account")), format, "accounts").await;
    }
}

#[tokio::test]
async fn every_level_of_places_has_areas() {
    let world = World::counted().await;
    let levels = [
        "region.country",
        "region.state",
        "region.government_district",
        "region.district",
        "region.municipality",
        "region.postal_1",
        "region.postal_2",
        "region.postal_3",
        "region.postal",
        "region.nuts_1",
        "region.nuts_2",
        "region.nuts_3",
        "region.h3_3",
        "region.h3_9",
    ];
    for level in levels {
        let mut question = by(&json!(level));
        question["filters"] = json!([{"level": "region.country", "in": ["DE"]}]);
        let features = features(&world, &question).await;
        assert_eq!(cents(&features, "Revenue (EUR)"), 43_000, "{level}");
        for feature in features {
            let has_area = feature["geometry"]["type"]
                .as_str()
                .unwrap_or("-")
                .ends_with("olygon");
            let is_unassigned = feature["id"] == "unassigned";
            assert_ne!(has_area, is_unassigned, "{level} {}", feature["id"]);
        }
    }
}

#[track_caller]
fn check_refused(result: Result<revier::app::Export, revier::app::Error>, message: &str) {
    let error = result.unwrap_err().to_string();
    assert!(error.contains(message), "{error}");
}

#[tokio::test]
async fn what_has_no_one_place_is_refused() {
    let world = World::counted().await;
    for format in MAPS {
        let look = Look {
            format,
            language: Language::German,
        };
        let refused = async |question: Value, message: &str| {
            let subject = ExportSubject::Answer(question.to_string().into_bytes());
            check_refused(world.app.export(subject, look).await, message);
        };
        let measures = json!(["revenue"]);
        refused(json!({"measures": measures}), "this question has no rows").await;
        refused(
            json!({"measures": measures, "rows": ["time.year"]}),
            "\"time.year\" has no place on it",
        )
        .await;
        refused(
            json!({"measures": measures, "rows": ["region.state"], "columns": ["time.year"]}),
            "this question has the levels \"region.state\" and \"time.year\"",
        )
        .await;
        let lines = ExportSubject::Lines(LinesRequest::default());
        check_refused(
            world.app.export(lines, look).await,
            "sales lines are no layer of a map",
        );
    }
}
