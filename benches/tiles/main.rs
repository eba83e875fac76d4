//! The tiles of sites: whether those of a zoom add up to what the cube says, how large the largest
//! are, and how long they take. A wrong sum ends the run; times are printed only.
//!
//! - `--accounts N --lines N`: the size of the company, 100,000 and 1,000,000 unless said
//! - `--keep FOLDER`: keeps the home that is made there, and asks it again when it is there already
//! - `--scatter`: gives each account a position of its own some kilometres around its postal code,
//!   where the demo company has thousands of accounts at one
//! - `--deepest Z`: adds up zooms 0 to Z, 14 unless said
//! - `--postgis`: makes the same tiles by `ST_AsMVT` of `PostGIS`; needs root and Debian's
//!   `postgresql-15-postgis-3`
//! - `--wrk`: asks a server for a tile of about 4 KB again and again; needs Debian's `wrk`

mod company;
mod crawl;
#[path = "../tools/figures.rs"]
mod figures;
#[path = "../tools/home.rs"]
mod home;
mod load;
mod places;
mod postgis;
mod times;
#[path = "../tools/mod.rs"]
mod tools;

use std::path::PathBuf;
use std::time::Instant;

use revier::app::App;
use revier::cube::Cell;
use revier::tile::TileId;
use revier::tile::layer::Layer;
use serde_json::{Value, json};

use figures::{argument, seconds, word};
use places::Places;

/// What is asked of each site.
const MEASURES: [&str; 2] = ["revenue", "customers"];

/// Tiles down to this zoom are all looked at for the largest.
const ALL_LOOKED_AT: u8 = 10;

/// Tiles of deeper zooms that are looked at for the largest.
const DEEPER: usize = 2_000;

/// A question that tiles are asked with.
pub struct Question {
    /// What it is called here.
    pub name: &'static str,
    /// The name under which it is kept.
    pub kept: String,
    filters: Value,
}

#[tokio::main]
async fn main() {
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let folder = word("--keep").map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    let home = folder.join("home");
    if !home.exists() {
        let (accounts, lines) = (
            argument("--accounts", 100_000),
            argument("--lines", 1_000_000),
        );
        company::fill(&folder, accounts, lines, said("--scatter"));
    }
    let app = home::open(&home).await;
    let started = Instant::now();
    let mut places = Places::read(&app).await;
    println!("{} sites", places.at.len());
    println!(
        "opened in                               {}",
        seconds(started.elapsed())
    );
    times::of_new_questions(&app, &mut places).await;
    let questions = questions(&app).await;
    times::by_zoom(&app, &mut places, &questions).await;
    if said("--postgis") {
        postgis::compare(&app, &mut places).await;
    }
    let mut near_4_kb = None;
    for question in &questions {
        let tiles = add_up(&app, &mut places, question).await;
        near_4_kb = near_4_kb.or_else(|| {
            let tiles = tiles.into_iter();
            let nearest = tiles.min_by_key(|(_, bytes)| bytes.abs_diff(4_096))?;
            Some((question.kept.clone(), nearest))
        });
    }
    app.close().await;
    drop(app);
    let server = load::start(&home);
    if said("--wrk")
        && let Some((kept, (tile, bytes))) = near_4_kb
    {
        load::ask_again(
            &server,
            &format!("/tiles/sites/{tile}.mvt?question={kept}"),
            bytes,
        );
    }
}

fn said(flag: &str) -> bool {
    std::env::args().any(|word| word == flag)
}

async fn questions(app: &App) -> Vec<Question> {
    let mut questions = Vec::new();
    for (name, filters) in [
        ("all lines", json!([])),
        ("Bayern", json!([{"level": "region.state", "in": ["09"]}])),
        ("2025", json!([{"level": "time.year", "in": ["2025"]}])),
    ] {
        let kept = keep(app, &filters).await;
        questions.push(Question {
            name,
            kept,
            filters,
        });
    }
    questions
}

/// The name of the question with these filters, which is kept.
pub async fn keep(app: &App, filters: &Value) -> String {
    let question = json!({"measures": MEASURES, "filters": filters}).to_string();
    let kept = app.keep_question(question.as_bytes()).await;
    kept.expect("a question of sites").id
}

/// Adds up the tiles of each zoom, compares the sums with what the cube says, and tells the largest.
/// Gives the tiles that were found down to [`ALL_LOOKED_AT`].
async fn add_up(app: &App, places: &mut Places, question: &Question) -> Vec<(TileId, usize)> {
    println!(
        "\nall tiles of a zoom together; question: {}",
        question.name
    );
    let started = Instant::now();
    let described = app.tile_json(Layer::Sites, Some(&question.kept)).await;
    let described = described.expect("a description");
    let told = |part: &str, word: &str| described[part][word].as_i64().expect("a number");
    let document = json!({"measures": MEASURES, "filters": question.filters}).to_string();
    let answer = app.ask(document.as_bytes()).await.expect("an answer");
    let deepest = u8::try_from(argument("--deepest", 14)).unwrap_or(14);
    let (mut parents, mut looked_at) = (Vec::new(), Vec::new());
    for zoom in 0..=deepest {
        let found = crawl::zoom(app, zoom, &parents, &question.kept).await;
        let sum = |word: &str| found.sums.get(word).copied().unwrap_or_default();
        assert_eq!(
            found.outside, 0,
            "points outside of their tile at zoom {zoom}"
        );
        assert_eq!(
            sum("count") + told("without_site", "count"),
            told("total", "count"),
            "accounts at zoom {zoom}"
        );
        for word in MEASURES {
            let Cell::Integer(total) = answer.total[word] else {
                panic!("{word} is a whole number");
            };
            assert_eq!(
                sum(word) + told("without_site", word),
                total,
                "{word} at zoom {zoom}"
            );
        }
        if zoom <= ALL_LOOKED_AT {
            looked_at.extend_from_slice(&found.tiles);
        }
        parents = found.tiles;
    }
    println!(
        "  zooms 0 to {deepest}, each: revenue {}, customers {}, accounts {}; of these without a site \
         {}, {}, {}",
        told("total", "revenue"),
        told("total", "customers"),
        told("total", "count"),
        told("without_site", "revenue"),
        told("without_site", "customers"),
        told("without_site", "count"),
    );
    println!(
        "  equal to the cube's                   {}",
        seconds(started.elapsed())
    );
    largest(&format!("zooms 0 to {ALL_LOOKED_AT}"), &looked_at);
    largest("zooms 11 to 18", &deeper(app, places, question).await);
    looked_at
}

/// Tiles of deep zooms that aren't empty, drawn as sites lie.
async fn deeper(app: &App, places: &mut Places, question: &Question) -> Vec<(TileId, usize)> {
    let mut tiles = Vec::new();
    // A question may be of few sites.
    for _ in 0..50 * DEEPER {
        if tiles.len() == DEEPER {
            break;
        }
        let zoom = places.between(11, 18);
        let tile = places.tile(zoom);
        let bytes = app.tile(Layer::Sites, tile, Some(&question.kept)).await;
        if let Some(bytes) = bytes.expect("a tile") {
            tiles.push((tile, bytes.len()));
        }
    }
    tiles
}

fn largest(zooms: &str, tiles: &[(TileId, usize)]) {
    if let Some((tile, bytes)) = tiles.iter().max_by_key(|(_, bytes)| bytes) {
        println!(
            "  largest of {:>6} tiles of {zooms:<15} {:>4} KB  ({tile})",
            tiles.len(),
            bytes / 1_000
        );
        assert!(*bytes <= 500_000, "{tile} has {bytes} bytes");
    }
}
