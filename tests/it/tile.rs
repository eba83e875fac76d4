//! Tiles of sites say what the cube says.

use std::collections::BTreeMap;

use fast_mvt::{MvtReaderRef, MvtValue};
use revier::app::App;
use revier::cube::Cell;
use revier::import::Kind;
use revier::tile::layer::Layer;
use revier::tile::{MAX_ZOOM, TileId};
use serde_json::{Value, json};

use crate::world::World;

/// The sums of `count` and of the measures over all tiles of each zoom, from the first down.
async fn sums(app: &App, asked: &str, words: &[&str]) -> Vec<BTreeMap<String, i64>> {
    let mut zooms = Vec::new();
    let mut tiles = vec![TileId::parse(0, 0, 0).unwrap()];
    for z in 0..=MAX_ZOOM {
        let mut sums = BTreeMap::new();
        let mut finer = Vec::new();
        for tile in tiles {
            let Some(bytes) = app.tile(Layer::Sites, tile, Some(asked)).await.unwrap() else {
                continue;
            };
            assert!(bytes.len() <= 500_000, "{tile} has {} bytes", bytes.len());
            add(&mut sums, &bytes, words);
            for (x, y) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                finer.push(TileId::parse(z + 1, tile.x() * 2 + x, tile.y() * 2 + y).unwrap());
            }
        }
        zooms.push(sums);
        tiles = finer;
    }
    zooms
}

/// Adds `count` and what stands under `words` of every feature of a tile.
pub fn add(sums: &mut BTreeMap<String, i64>, bytes: &[u8], words: &[&str]) {
    let reader = MvtReaderRef::new(bytes).unwrap();
    for layer in reader.layers() {
        for feature in layer.features() {
            for (key, value) in feature.to_feature().unwrap().properties {
                let number = match value {
                    MvtValue::UInt(number) => i64::try_from(number).unwrap(),
                    MvtValue::SInt(number) => number,
                    _ => continue,
                };
                if key == "count" || words.contains(&key.as_str()) {
                    *sums.entry(key).or_default() += number;
                }
            }
        }
    }
}

/// The tiles of every zoom add up to what the cube says of the same question, less what has no
/// site.
async fn check_sums(world: &World, filters: Value, accounts: u64) {
    let words = ["revenue", "units", "lines", "customers"];
    let question = json!({"measures": words, "filters": filters});
    let kept = world
        .app
        .keep_question(question.to_string().as_bytes())
        .await
        .unwrap();
    let described = world
        .app
        .tile_json(Layer::Sites, Some(&kept.id))
        .await
        .unwrap();
    let answer = world.ask(question).await;
    assert_eq!(described["total"]["count"], accounts);
    let mut expected = BTreeMap::new();
    let part = |part: &str, word: &str| described[part][word].as_i64().unwrap();
    expected.insert(
        "count".to_owned(),
        part("total", "count") - part("without_site", "count"),
    );
    for word in words {
        // Quantities are thousandths in tiles.
        let told = match &answer.total[word] {
            Cell::Integer(value) => *value,
            Cell::Decimal(value) => format!("{:.0}", value * 1_000.0).parse().unwrap(),
            other => panic!("{word} is {other:?}"),
        };
        let factor = if word == "units" && matches!(answer.total[word], Cell::Integer(_)) {
            1_000
        } else {
            1
        };
        assert_eq!(part("total", word), told * factor, "{word} of {filters}");
        expected.insert(
            word.to_owned(),
            part("total", word) - part("without_site", word),
        );
    }
    for (zoom, sums) in sums(&world.app, &kept.id, &words)
        .await
        .into_iter()
        .enumerate()
    {
        assert_eq!(sums, expected, "zoom {zoom} of {filters}");
    }
}

#[tokio::test]
async fn tiles_add_up_to_the_cube_at_every_zoom() {
    let world = World::counted().await;
    let accounts = world
        .app
        .derived()
        .await
        .unwrap()
        .warehouse
        .summary()
        .accounts;
    check_sums(&world, json!([]), accounts).await;
    let bavaria = json!([{"level": "region.state", "in": ["09"]}]);
    // A customer without sales is in Bavaria all the same.
    let document = json!({"measures": ["revenue"], "filters": bavaria}).to_string();
    let kept = world.app.keep_question(document.as_bytes());
    let kept = kept.await.unwrap();
    let described = world
        .app
        .tile_json(Layer::Sites, Some(&kept.id))
        .await
        .unwrap();
    let count = described["total"]["count"].as_u64().unwrap();
    check_sums(&world, bavaria, count).await;
    let sold = json!([{"level": "time.year", "in": ["2025"]}]);
    let customers = world
        .ask(json!({"measures": ["customers"], "filters": sold}))
        .await;
    let Cell::Integer(customers) = customers.total["customers"] else {
        panic!("a number of customers");
    };
    check_sums(&world, sold, u64::try_from(customers).unwrap()).await;
}

#[tokio::test]
async fn a_question_is_kept_and_follows_the_data() {
    let world = World::counted().await;
    let document = json!({"measures": ["revenue"], "filters": []}).to_string();
    let kept = world.app.keep_question(document.as_bytes()).await.unwrap();
    let again = world.app.keep_question(document.as_bytes()).await.unwrap();
    assert_eq!(kept, again);
    let told: Value = serde_json::from_str(&world.app.question(&kept.id).await.unwrap()).unwrap();
    assert_eq!(told["measures"], json!(["revenue"]));
    let total = async || {
        let described = world
            .app
            .tile_json(Layer::Sites, Some(&kept.id))
            .await
            .unwrap();
        described["total"]["revenue"].as_i64().unwrap()
    };
    let before = total().await;
    let more = "Belegnummer;Position;Datum;Kundennummer;Netto\nX1;1;05.03.2026;K1;12,34\n";
    world
        .import(Kind::Sales, &world.write("more.csv", more))
        .await;
    assert_eq!(total().await, before + 1_234);
}

#[tokio::test]
async fn questions_that_sites_cannot_show_are_refused() {
    let world = World::counted().await;
    let refusal = async |question: Value| {
        let refused = world
            .app
            .keep_question(question.to_string().as_bytes())
            .await;
        refused.unwrap_err().to_string()
    };
    let rows = refusal(json!({"measures": ["revenue"], "rows": ["region.state"]})).await;
    assert!(rows.contains("can't show rows"), "{rows}");
    let ratio = refusal(json!({"measures": ["margin_percent"]})).await;
    assert!(ratio.contains("does not add up over customers"), "{ratio}");
    let misspelt = refusal(json!({"measures": ["revenu"]})).await;
    assert!(misspelt.contains("did you mean \"revenue\""), "{misspelt}");
    let unknown = world.app.tile(
        Layer::Sites,
        TileId::parse(0, 0, 0).unwrap(),
        Some("nought"),
    );
    let unknown = unknown.await.unwrap_err().to_string();
    assert!(
        unknown.contains("there is no question \"nought\""),
        "{unknown}"
    );
}
