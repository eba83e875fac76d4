//! Own regions over the company of `tests/world`, counted by hand: München has revenue of 335.00,
//! Nürnberg 50.00, Berlin 25.00 and Hamburg 20.00; 167.50 lies elsewhere.

use std::path::Path;
use std::sync::Arc;

use revier::app::{App, Error, ImportRequest, RegionRequest, Summary};
use revier::cube::Cell;
use revier::import::Kind;
use revier::import::regions::SameKey;
use revier::place::Bounds;
use revier::tile::TileId;
use revier::tile::layer::Layer;
use serde_json::{Value, json};

use crate::world::{World, import, open, text};

/// A box as a feature: west, south, east, north.
fn area(key: &str, name: &str, [west, south, east, north]: [f64; 4]) -> Value {
    let ring = [
        [west, south],
        [east, south],
        [east, north],
        [west, north],
        [west, south],
    ];
    json!({
        "type": "Feature",
        "properties": {"key": key, "name": name},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    })
}

fn map(features: &[Value]) -> String {
    json!({"type": "FeatureCollection", "features": features}).to_string()
}

/// Bayern and more, without Berlin.
fn south() -> Value {
    area("S", "Süd", [10.0, 47.0, 13.0, 50.0])
}

/// Berlin and Hamburg.
fn north() -> Value {
    area("N", "Nord", [9.0, 52.0, 14.0, 54.0])
}

/// München, within the south.
fn munich() -> Value {
    area("M", "München", [11.0, 48.0, 12.0, 48.5])
}

async fn named(app: &App, path: &Path, name: &str, same_key: SameKey) -> Result<Summary, Error> {
    let request = ImportRequest {
        path: path.to_owned(),
        name: path.file_name().unwrap().to_string_lossy().into_owned(),
        kind: Kind::Regions,
        mapping: None,
        currency: None,
        epsg: None,
        regions: RegionRequest {
            name: Some(name.to_owned()),
            layer: None,
            same_key,
        },
    };
    app.import(request, Arc::default()).await
}

#[track_caller]
fn check(summary: &Summary, [rows, added, changed, unchanged, rejected]: [u64; 5]) {
    let seen = [
        summary.counts.rows,
        summary.counts.added,
        summary.counts.changed,
        summary.counts.unchanged,
        summary.counts.rejected,
    ];
    assert_eq!(seen, [rows, added, changed, unchanged, rejected]);
}

/// Line, reason, whether taken, and detail of each remark.
async fn remarks(world: &World, summary: &Summary) -> Vec<String> {
    let batch = summary.batch.unwrap();
    let page = world.app.remarks(batch, 0, 100).await.unwrap();
    let line = |remark: &revier::record::remark::Remark| {
        let (line, reason, taken) = (remark.line, &remark.reason, remark.taken);
        format!("{line} {reason} {taken}: {}", remark.detail)
    };
    page.remarks.iter().map(line).collect()
}

#[tokio::test]
async fn a_file_fills_the_hierarchy_of_its_name_once() {
    let world = World::counted().await;
    let path = world.write("gebiete.geojson", map(&[south(), north()]));
    let first = world.import(Kind::Regions, &path).await;
    check(&first, [2, 2, 0, 0, 0]);
    assert_eq!(first.hierarchy.as_deref(), Some("gebiete"));
    let again = world.import(Kind::Regions, &path).await;
    check(&again, [2, 0, 0, 2, 0]);
    assert_eq!(again.batch, None);
    let folder = world.folder.path().join("home/regions");
    let files = || std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(files(), 1);
    // One is changed, one is new, one stays.
    let wider = area("N", "Nord", [9.0, 52.0, 15.0, 54.0]);
    let more = world.write("gebiete.geojson", map(&[south(), wider, munich()]));
    let more = world.import(Kind::Regions, &more).await;
    check(&more, [3, 1, 1, 1, 0]);
    // One is left out: the whole is another.
    let fewer = world.write("gebiete.geojson", map(&[south()]));
    let fewer = world.import(Kind::Regions, &fewer).await;
    check(&fewer, [1, 0, 1, 0, 0]);
    assert_eq!(files(), 3);
    world.app.undo(first.batch.unwrap()).await.unwrap();
    assert_eq!(files(), 2);
}

#[tokio::test]
async fn faults_and_refused_features_become_remarks() {
    let world = World::empty().await;
    let point = json!({"type": "Feature", "properties": {"key": "P", "name": "Punkt"},
                       "geometry": {"type": "Point", "coordinates": [11, 48]}});
    let bow = json!({"type": "Feature", "properties": {"key": "B", "name": "Schleife"},
        "geometry": {"type": "Polygon",
                     "coordinates": [[[1, 1], [3, 3], [3, 1], [1, 2], [1, 1]]]}});
    let path = world.write("a.geojson", map(&[south(), point, munich(), bow]));
    let summary = world.import(Kind::Regions, &path).await;
    check(&summary, [4, 3, 0, 0, 1]);
    let seen = remarks(&world, &summary).await;
    let starts = |start: &str| seen.iter().filter(|line| line.starts_with(start)).count();
    assert_eq!(starts("2 not_an_area false"), 1, "{seen:?}");
    let overlap = seen.iter().find(|line| line.contains(" overlap true: "));
    let overlap = overlap.unwrap_or_else(|| panic!("{seen:?}"));
    // A degree of longitude at 48.25 degrees is 74.2 km wide, half one of latitude 55.6 km high.
    assert!(overlap.contains("both cover 41"), "{overlap}");
    assert!(overlap.contains("S and M"), "{overlap}");
    assert_eq!(starts("4 "), 1, "{seen:?}");
    let doubtful = summary.counts.doubtful;
    assert_eq!(doubtful, seen.len() as u64 - 1);
}

#[tokio::test]
async fn pieces_of_the_same_key_are_joined_when_asked_for() {
    let world = World::empty().await;
    let east = area("S", "Süd", [13.0, 47.0, 14.0, 50.0]);
    let path = world.write("a.geojson", map(&[south(), east]));
    let refused = named(&world.app, &path, "A", SameKey::Refuse)
        .await
        .unwrap();
    check(&refused, [2, 1, 0, 0, 1]);
    let joined = named(&world.app, &path, "B", SameKey::Join).await.unwrap();
    check(&joined, [1, 1, 0, 0, 0]);
    // The common edge is drawn anew.
    let seen = remarks(&world, &joined).await;
    assert!(seen[0].starts_with("1 repaired true"), "{seen:?}");
}

#[tokio::test]
async fn a_fifth_name_is_refused_with_the_way_out() {
    let world = World::empty().await;
    let path = world.write("a.geojson", map(&[south()]));
    for name in ["A", "B", "C", "D"] {
        let summary = named(&world.app, &path, name, SameKey::Refuse).await;
        assert!(summary.unwrap().batch.is_some());
    }
    let error = named(&world.app, &path, "E", SameKey::Refuse).await;
    let error = error.unwrap_err().to_string();
    assert!(error.starts_with("there are 4 hierarchies"), "{error}");
    assert!(error.contains("`revier undo`"), "{error}");
    assert!(error.ends_with("(A, B, C, D)"), "{error}");
    let known = world.write("b.geojson", map(&[south(), north()]));
    let known = named(&world.app, &known, "D", SameKey::Refuse).await;
    check(&known.unwrap(), [2, 1, 0, 1, 0]);
    assert_eq!(world.app.batches().await.unwrap().len(), 5);
}

#[tokio::test]
async fn a_file_without_regions_changes_nothing() {
    let world = World::empty().await;
    for (name, content) in [
        ("empty.geojson", map(&[])),
        ("cut.geojson", "{\"type\": \"Feat".to_owned()),
        ("words.txt", "nothing of use".to_owned()),
    ] {
        let path = world.write(name, content);
        let error = import(&world.app, Kind::Regions, &path).await.unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
    assert!(world.app.batches().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_map_is_known_by_its_content_and_keeps_its_mapping() {
    let world = World::empty().await;
    let area = json!({"type": "Feature", "properties": {"vb": "7", "wer": "Jörg"},
        "geometry": {"type": "Polygon", "coordinates": [[[1, 1], [2, 1], [2, 2], [1, 1]]]}});
    let path = world.write("a.txt", map(&[area]));
    let look = async || {
        let preview = world
            .app
            .preview(path.clone(), "a.txt".to_owned(), None, None);
        preview.await.unwrap()
    };
    let preview = look().await;
    assert_eq!(preview.kind, Some(Kind::Regions));
    assert_eq!(preview.format, "GeoJSON");
    let column = &preview.columns[0];
    assert_eq!(
        (column.heading.as_str(), column.field.as_deref()),
        ("vb", None)
    );
    assert_eq!(column.samples, ["7"]);
    assert_eq!(preview.rows, [["7", "Jörg"]]);
    let mapping = json!({"key": "vb", "name": "wer"});
    let request = ImportRequest {
        path: path.clone(),
        name: "a.txt".to_owned(),
        kind: Kind::Regions,
        mapping: Some(serde_json::from_value(mapping).unwrap()),
        currency: None,
        epsg: None,
        regions: RegionRequest::default(),
    };
    world.app.import(request, Arc::default()).await.unwrap();
    assert_eq!(look().await.columns[1].field.as_deref(), Some("name"));
    let again = world.import(Kind::Regions, &path).await;
    check(&again, [1, 0, 0, 1, 0]);
}

#[tokio::test]
async fn what_a_crash_left_is_swept_and_the_rest_stays() {
    let World { app, folder } = World::empty().await;
    let world = World { app, folder };
    let path = world.write("a.geojson", map(&[south()]));
    world.import(Kind::Regions, &path).await;
    world.app.close().await;
    let World { app, folder } = world;
    drop(app);
    let regions = folder.path().join("home/regions");
    for left in ["000009.regions", "000002.draft"] {
        std::fs::write(regions.join(left), "half").unwrap();
    }
    let _app = open(folder.path()).await;
    let left: Vec<_> = std::fs::read_dir(&regions).unwrap().collect();
    assert_eq!(left.len(), 1);
}

#[tokio::test]
async fn a_damaged_file_is_named_by_the_check_and_healed_by_its_import() {
    let world = World::counted().await;
    let path = world.write("a.geojson", map(&[south()]));
    let summary = world.import(Kind::Regions, &path).await;
    let file = format!("{:06}.regions", summary.batch.unwrap().0);
    let file = world.folder.path().join("home/regions").join(file);
    std::fs::write(&file, "no regions").unwrap();
    let report = world.app.check().await.unwrap();
    let broken: Vec<_> = report.checks.iter().filter(|check| !check.ok).collect();
    assert_eq!(broken.len(), 1, "{report:?}");
    assert!(broken[0].detail.contains("\"a\""), "{:?}", broken[0]);
    check(&world.import(Kind::Regions, &path).await, [1, 1, 0, 0, 0]);
    assert!(world.app.check().await.unwrap().ok);
}

/// Revenue and customers of each region at `level`.
async fn figures(world: &World, level: &str) -> Vec<String> {
    let question = json!({"measures": ["revenue", "customers"], "rows": [level]});
    text(&world.ask(question).await)
}

async fn refused(world: &World, question: Value) -> String {
    let error = world.app.ask(question.to_string().as_bytes()).await;
    error.unwrap_err().to_string()
}

#[tokio::test]
async fn a_hierarchy_is_a_level_that_adds_up() {
    let world = World::counted().await;
    let path = world.write("a.geojson", map(&[south(), north(), munich()]));
    let summary = named(&world.app, &path, "Vertrieb", SameKey::Refuse).await;
    check(&summary.unwrap(), [3, 3, 0, 0, 0]);
    // Of the south and München within it, the smaller has the customers.
    let by = json!({"measures": ["revenue", "customers"], "rows": ["own.1"]});
    let answer = world.ask(by).await;
    let expected = ["M 33500 2", "N 4500 2", "S 5000 1", "unassigned 16750 3"];
    assert_eq!(text(&answer), expected);
    assert_eq!(answer.members["own.1"]["S"], "Süd");
    assert_eq!(answer.total["revenue"], Cell::Integer(59_750));
    let split = json!({"measures": ["revenue"], "rows": ["own.1", "region.state"],
                       "filters": [{"level": "own.1", "in": ["N", "S"]}]});
    let split = world.ask(split).await;
    assert_eq!(text(&split), ["N 02 2000", "N 11 2500", "S 09 5000"]);
    let report = world.app.check().await.unwrap();
    assert!(report.ok, "{report:?}");
    let name = "own.1 adds up to the total in EUR";
    assert!(report.checks.iter().any(|check| check.name == name));
}

#[tokio::test]
async fn a_later_file_of_the_name_counts_and_undo_brings_the_earlier_back() {
    let world = World::counted().await;
    let path = world.write("a.geojson", map(&[south(), north()]));
    world.import(Kind::Regions, &path).await;
    let both = ["N 4500 2", "S 38500 3", "unassigned 16750 3"];
    assert_eq!(figures(&world, "own.1").await, both);
    let path = world.write("a.geojson", map(&[north()]));
    let later = world.import(Kind::Regions, &path).await.batch.unwrap();
    assert_eq!(
        figures(&world, "own.1").await,
        ["N 4500 2", "unassigned 55250 6"]
    );
    world.app.undo(later).await.unwrap();
    assert_eq!(figures(&world, "own.1").await, both);
}

#[tokio::test]
async fn levels_come_in_the_order_of_their_names_and_missing_ones_say_so() {
    let world = World::counted().await;
    let own = json!({"measures": ["revenue"], "rows": ["own.1"]});
    assert_eq!(
        refused(&world, own).await,
        "own.1 has no regions: `revier import regions FILE` fills the first level that is free"
    );
    for (name, region) in [("B", north()), ("A", south())] {
        let path = world.write("a.geojson", map(&[region]));
        named(&world.app, &path, name, SameKey::Refuse)
            .await
            .unwrap();
    }
    assert_eq!(
        figures(&world, "own.2").await,
        ["S 38500 3", "unassigned 21250 5"]
    );
    let third = json!({"measures": ["revenue"], "filters": [{"level": "own.3", "in": ["S"]}]});
    let error = refused(&world, third).await;
    assert!(
        error.starts_with("own.3 has no regions (own.1 is \"B\", own.2 is \"A\"): "),
        "{error}"
    );
    let in_south =
        |key: &str| json!({"measures": ["lines"], "filters": [{"level": "own.2", "in": [key]}]});
    // Three of A1, one of A2, two of A8.
    assert_eq!(text(&world.ask(in_south("S")).await), ["6"]);
    assert_eq!(
        refused(&world, in_south("Süd")).await,
        "\"Süd\" is no key of own.2; did you mean \"S\"?"
    );
}

#[tokio::test]
async fn a_region_without_customers_is_known_and_empty() {
    let world = World::counted().await;
    let sea = area("X", "Nordsee", [3.0, 54.5, 5.0, 56.0]);
    let path = world.write("a.geojson", map(&[south(), sea]));
    world.import(Kind::Regions, &path).await;
    let question = json!({"measures": ["revenue"], "rows": ["own.1"],
                          "filters": [{"level": "own.1", "in": ["X"]}]});
    assert!(world.ask(question).await.rows.is_empty());
}

#[tokio::test]
async fn a_damaged_hierarchy_leaves_the_others_their_level() {
    let world = World::counted().await;
    let mut first = None;
    for (name, region) in [("A", south()), ("B", north())] {
        let path = world.write("a.geojson", map(&[region]));
        let summary = named(&world.app, &path, name, SameKey::Refuse).await;
        first = first.or(summary.unwrap().batch);
    }
    let file = format!("home/regions/{:06}.regions", first.unwrap().0);
    std::fs::write(world.folder.path().join(file), "no regions").unwrap();
    let north = ["N 4500 2", "unassigned 55250 6"];
    assert_eq!(figures(&world, "own.2").await, north);
    let own = json!({"measures": ["revenue"], "rows": ["own.1"]});
    let error = refused(&world, own).await;
    assert!(
        error.starts_with("own.1 has no regions (own.2 is \"B\")"),
        "{error}"
    );
}

/// Whether the tile of `layer` over München at zoom 7 has each of `words`; `None` without a tile.
async fn drawn(world: &World, layer: &str, words: &[&str]) -> Option<Vec<bool>> {
    let munich = TileId::parse(7, 68, 44).unwrap();
    let tile = world
        .app
        .tile(Layer::parse(layer).unwrap(), munich, None)
        .await;
    let tile = tile.unwrap()?;
    let has = |word: &&str| tile.windows(word.len()).any(|part| part == word.as_bytes());
    Some(words.iter().map(has).collect())
}

#[tokio::test]
async fn a_hierarchy_is_drawn_and_its_tiles_follow_its_file() {
    let world = World::counted().await;
    assert_eq!(drawn(&world, "own-1", &[]).await, None);
    let path = world.write("a.geojson", map(&[south(), north()]));
    world.import(Kind::Regions, &path).await;
    let seen = drawn(&world, "own-1", &["own-1", "Süd", "Nord"]).await;
    assert_eq!(seen, Some(vec![true, true, false]));
    assert_eq!(drawn(&world, "own-2", &[]).await, None);
    let first = world
        .app
        .tile_json(Layer::parse("own-1").unwrap(), None)
        .await
        .unwrap();
    assert_eq!(first["bounds"], json!([9.0, 47.0, 14.0, 54.0]));
    let path = world.write("a.geojson", map(&[munich(), north()]));
    let later = world.import(Kind::Regions, &path).await.batch.unwrap();
    let seen = drawn(&world, "own-1", &["München", "Süd"]).await;
    assert_eq!(seen, Some(vec![true, false]));
    let second = world
        .app
        .tile_json(Layer::parse("own-1").unwrap(), None)
        .await
        .unwrap();
    assert_ne!(
        first["tiles"], second["tiles"],
        "a browser asks for the new ones"
    );
    world.app.undo(later).await.unwrap();
    assert_eq!(drawn(&world, "own-1", &["Süd"]).await, Some(vec![true]));
}

#[tokio::test]
async fn what_the_map_names_is_what_the_figures_name_and_they_add_up() {
    let world = World::counted().await;
    let path = world.write("a.geojson", map(&[south(), north(), munich()]));
    world.import(Kind::Regions, &path).await;
    let answer = world
        .ask(json!({"measures": ["revenue"], "rows": ["own.1"]}))
        .await;
    let mut sum = 0;
    for row in &answer.rows {
        let [Cell::Key(key), Cell::Integer(revenue)] = &row[..] else {
            panic!("{row:?}");
        };
        sum += revenue;
        if key != "unassigned" {
            let card = world.app.region("own-1", key).await.unwrap().unwrap();
            assert_eq!(card.name, answer.members["own.1"][key]);
            let [west, south, ..]: [f64; 4] = card.bounds.into();
            let seen = world.app.tile(
                Layer::parse("own-1").unwrap(),
                TileId::parse(0, 0, 0).unwrap(),
                None,
            );
            let tile = seen.await.unwrap().unwrap();
            let name = card.name.as_bytes();
            assert!(
                tile.windows(name.len()).any(|part| part == name),
                "{west} {south}"
            );
        }
    }
    assert_eq!(answer.total["revenue"], Cell::Integer(sum));
}

/// Level, key and name of each step.
fn steps(steps: &[revier::app::RegionStep]) -> Vec<String> {
    let text =
        |step: &revier::app::RegionStep| format!("{} {} {}", step.level, step.key, step.name);
    steps.iter().map(text).collect()
}

#[tokio::test]
async fn cards_name_the_own_regions() {
    let world = World::counted().await;
    let path = world.write("a.geojson", map(&[south(), north(), munich()]));
    named(&world.app, &path, "Vertrieb", SameKey::Refuse)
        .await
        .unwrap();
    let account = world.app.account("A1").await.unwrap();
    assert_eq!(steps(&account.own), ["own.1 M München"]);
    let region = async |level: &str, key: &str| world.app.region(level, key).await.unwrap();
    // Of the customers of Bayern two are in München, one in the rest of the south.
    let bavaria = region("state", "09").await.unwrap();
    let [within] = &bavaria.own[..] else {
        panic!("{:?}", bavaria.own);
    };
    assert_eq!((within.level.as_str(), within.count), ("own.1", 2));
    assert_eq!(steps(&within.regions), ["own.1 M München", "own.1 S Süd"]);
    // Nobody is in Sachsen, whose middle is in no own region.
    assert!(region("state", "14").await.unwrap().own.is_empty());
    let own = region("own-1", "S").await.unwrap();
    assert_eq!(
        (own.level.as_str(), own.kind.as_str()),
        ("own.1", "Vertrieb")
    );
    assert_eq!(
        own.bounds,
        Bounds::try_from([10.0, 47.0, 13.0, 50.0]).unwrap()
    );
    // Three degrees square at 48.5 degrees are some 222 km by 334 km.
    assert!(
        (own.area_km2.unwrap() - 73_800.0).abs() < 500.0,
        "{:?}",
        own.area_km2
    );
    assert_eq!(
        (own.child_level, steps(&own.path)),
        (None, vec!["own.1 S Süd".to_owned()])
    );
    assert!(region("own-1", "nothing").await.is_none());
    assert!(region("own-2", "S").await.is_none());
    assert!(region("sites", "S").await.is_none());
}

#[tokio::test]
async fn own_regions_are_found_by_the_beginning_of_a_word() {
    let world = World::counted().await;
    let west = area("W", "Gebiet West-Süd", [8.0, 47.0, 10.0, 50.0]);
    let path = world.write("gebiete.geojson", map(&[west, south(), north(), munich()]));
    world.import(Kind::Regions, &path).await;
    let found = async |text: &str| {
        let found = world.app.search(text, 10).await.unwrap();
        let own = found.into_iter().filter(|hit| hit.detail == "gebiete");
        own.map(|hit| format!("{} {}", hit.key, hit.level.unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(found("süd").await, ["S own.1", "W own.1"]);
    assert_eq!(found("gebiet w").await, ["W own.1"]);
    // The official one of the name is found as well.
    assert_eq!(found("münchen").await, ["M own.1"]);
    let both = world.app.search("münchen", 10).await.unwrap();
    let official = both
        .iter()
        .find(|hit| hit.level.as_deref() == Some("region.district"));
    assert!(official.is_some(), "{both:?}");
    assert_eq!(found("est").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_parent_of_another_hierarchy_is_the_way_up_and_down() {
    let world = World::counted().await;
    let path = world.write("a.geojson", map(&[south(), north()]));
    named(&world.app, &path, "Regionen", SameKey::Refuse)
        .await
        .unwrap();
    let mut district = munich();
    district["properties"]["parent"] = json!("S");
    let path = world.write("a.geojson", map(&[district]));
    named(&world.app, &path, "Bezirke", SameKey::Refuse)
        .await
        .unwrap();
    let card = async |level: &str, key: &str| {
        let card = world.app.region(level, key).await.unwrap().unwrap();
        (steps(&card.path), card.child_level)
    };
    let (path, child) = card("own-2", "M").await;
    assert_eq!(path, ["own.1 S Süd", "own.2 M München"]);
    assert_eq!(child, None);
    assert_eq!(card("own-1", "S").await.1.as_deref(), Some("own.2"));
    assert_eq!(card("own-1", "N").await.1, None);
    let within = json!({"measures": ["revenue"], "rows": ["own.2"],
                        "filters": [{"level": "own.1", "in": ["S"]}]});
    assert_eq!(
        text(&world.ask(within).await),
        ["M 33500", "unassigned 5000"]
    );
}

#[tokio::test]
async fn a_hierarchy_keeps_its_level_when_another_is_taken_back() {
    let world = World::counted().await;
    let mut batches = Vec::new();
    for (name, region) in [("A", south()), ("B", north())] {
        let path = world.write("a.geojson", map(&[region]));
        let summary = named(&world.app, &path, name, SameKey::Refuse).await;
        batches.push(summary.unwrap().batch.unwrap());
    }
    world.app.undo(batches[0]).await.unwrap();
    let north = ["N 4500 2", "unassigned 55250 6"];
    assert_eq!(figures(&world, "own.2").await, north);
    let own = json!({"measures": ["revenue"], "rows": ["own.1"]});
    assert!(
        refused(&world, own)
            .await
            .starts_with("own.1 has no regions")
    );
    assert_eq!(drawn(&world, "own-1", &[]).await, None);
    // The next name takes the level that is free.
    let path = world.write("a.geojson", map(&[munich()]));
    named(&world.app, &path, "C", SameKey::Refuse)
        .await
        .unwrap();
    assert_eq!(figures(&world, "own.1").await[0], "M 33500 2");
    assert_eq!(figures(&world, "own.2").await, north);
}
