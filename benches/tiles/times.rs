//! How long a tile takes that nobody keeps, and the first tile of a question that is new.

use std::time::{Duration, Instant};

use revier::app::App;
use revier::cube::Cell;
use revier::tile::TileId;
use revier::tile::layer::Layer;
use serde_json::json;

use crate::figures::{cpu_seconds, percentile};
use crate::places::Places;
use crate::{Question, keep};

/// Tiles of a zoom that are asked for.
const SAMPLE: usize = 300;

/// New questions of a level at most.
const QUESTIONS: usize = 24;

/// Each zoom of sites without a question, and with each of these.
pub async fn by_zoom(app: &App, places: &mut Places, questions: &[Question]) {
    println!("\nuncached tile, ms: {SAMPLE} of each zoom, drawn as sites lie");
    let unfiltered = std::iter::once(("none", None));
    let asked = questions.iter();
    let asked = asked.map(|question| (question.name, Some(question.kept.as_str())));
    for (name, asked) in unfiltered.chain(asked) {
        println!("  question: {name}\n    zoom      p50      p95      p99");
        let mut all = Vec::new();
        for zoom in 0..=14 {
            let mut times = Vec::new();
            for _ in 0..SAMPLE {
                times.push(timed(app, places.tile(zoom), asked).await);
            }
            all.extend_from_slice(&times);
            line(&format!("{zoom}"), &mut times);
        }
        line("all", &mut all);
    }
}

/// The first tile of each of many questions that were never asked.
pub async fn of_new_questions(app: &App, places: &mut Places) {
    println!("\nfirst tile of a new question, ms: zooms 4 to 12, revenue and customers");
    // A server makes ready in the background what the first question of all waits for.
    let kept = keep(app, &json!([{"level": "region.country", "in": ["DE"]}])).await;
    let tile = places.tile(8);
    println!(
        "    the first since the start {:>9.1}",
        timed(app, tile, Some(&kept)).await.as_secs_f64() * 1_000.0
    );
    println!("    level (questions)         p50      p95      p99");
    let mut all = Vec::new();
    for level in [
        "time.month",
        "time.year",
        "region.state",
        "product.category",
    ] {
        let (mut times, cpu) = (Vec::new(), cpu_seconds("self"));
        for key in members(app, level).await.into_iter().take(QUESTIONS) {
            let kept = keep(app, &json!([{"level": level, "in": [key]}])).await;
            let zoom = places.between(4, 12);
            times.push(timed(app, places.tile(zoom), Some(&kept)).await);
        }
        all.extend_from_slice(&times);
        let cpu = (cpu_seconds("self") - cpu) * 1_000.0;
        line(&format!("{level} ({})", times.len()), &mut times);
        // The clock of a busy machine says little.
        println!(
            "      CPU of all cores, mean  {:>7.1}",
            cpu / f64::from(u32::try_from(times.len()).unwrap_or(1).max(1))
        );
    }
    line(&format!("all ({})", all.len()), &mut all);
}

async fn timed(app: &App, tile: TileId, asked: Option<&str>) -> Duration {
    let started = Instant::now();
    app.tile(Layer::Sites, tile, asked).await.expect("a tile");
    started.elapsed()
}

/// The keys of `level` that have revenue.
async fn members(app: &App, level: &str) -> Vec<String> {
    let question = json!({"measures": ["revenue"], "rows": [level]}).to_string();
    let answer = app.ask(question.as_bytes()).await.expect("an answer");
    let keys = answer.rows.into_iter().map(|row| row.into_iter().next());
    keys.filter_map(|cell| match cell {
        Some(Cell::Key(key)) => Some(key),
        _ => None,
    })
    .collect()
}

fn line(name: &str, times: &mut [Duration]) {
    println!(
        "    {name:<22}  {:>7.3}  {:>7.3}  {:>7.3}",
        percentile(times, 50),
        percentile(times, 95),
        percentile(times, 99)
    );
}
