//! `make bench`: the figures of the product on the demo company, beside a baseline measured in
//! the same run. Prints, never asserts: machines differ.
//!
//! Takes `--accounts N` and `--lines N`; 100,000 and 1,000,000 unless said.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use duckdb::Connection;
use revier::app::{App, Config};
use revier::demo::{self, Size};
use revier::tile::TileId;
use revier::tile::layer::Layer;
use serde_json::{Value, json};

#[tokio::main]
async fn main() {
    let (accounts, lines) = (
        argument("--accounts", 100_000),
        argument("--lines", 1_000_000),
    );
    let folder = tempfile::tempdir().expect("a temporary folder");
    let size = Size {
        accounts: u32::try_from(accounts).expect("fewer than four thousand million accounts"),
        lines,
    };
    let today = jiff::civil::date(2026, 11, 20);
    let files = demo::write(folder.path(), size, 1, today).expect("the demo files");
    println!("{accounts} accounts, {lines} sales lines\n");

    let (duckdb_alone, peak_alone) = baseline(&files.accounts, &files.sales);
    println!(
        "DuckDB alone loads both CSV files       {}",
        seconds(duckdb_alone)
    );
    println!("  (peak of this process so far {peak_alone} MB)");
    let home = folder.path().join("home");
    let started = Instant::now();
    import_by_binary(&home, "accounts", &files.accounts);
    let with_accounts = started.elapsed();
    import_by_binary(&home, "sales", &files.sales);
    let imported = started.elapsed();
    println!(
        "revier import accounts + sales          {}  (accounts {}, sales {})",
        seconds(imported),
        seconds(with_accounts),
        seconds(imported.checked_sub(with_accounts).unwrap_or_default()),
    );
    println!(
        "  ratio to DuckDB alone                 {:.2}",
        imported.as_secs_f64() / duckdb_alone.as_secs_f64()
    );
    let app = open(&home).await;
    let started = Instant::now();
    app.derived().await.expect("a warehouse");
    println!(
        "warehouse build                         {}",
        seconds(started.elapsed())
    );
    questions(&app).await;
    tiles(&app).await;
    app.close().await;
    drop(app);
    start_up(&home);
}

fn argument(name: &str, otherwise: u64) -> u64 {
    let arguments: Vec<String> = std::env::args().collect();
    let place = arguments.iter().position(|argument| argument == name);
    place
        .and_then(|place| arguments.get(place + 1)?.parse().ok())
        .unwrap_or(otherwise)
}

/// What the engine alone takes to load the same files into tables.
fn baseline(accounts: &Path, sales: &Path) -> (Duration, u64) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let connection = Connection::open(folder.path().join("alone.duckdb")).expect("a database");
    let started = Instant::now();
    for (table, path) in [("accounts", accounts), ("sales", sales)] {
        let load = format!(
            "CREATE TABLE {table} AS SELECT * FROM read_csv('{}', delim = ';', \
             decimal_separator = ',', dateformat = '%d.%m.%Y', header = true)",
            path.display()
        );
        connection
            .execute_batch(&load)
            .expect("the engine reads the file");
    }
    (started.elapsed(), peak_mb("self"))
}

fn import_by_binary(home: &Path, kind: &str, file: &Path) {
    let status = Command::new(env!("CARGO_BIN_EXE_revier"))
        .arg("--home")
        .arg(home)
        .args(["import", kind])
        .arg(file)
        .stdout(Stdio::null())
        .status()
        .expect("the binary runs");
    assert!(status.success(), "the import succeeds");
}

async fn open(home: &Path) -> App {
    App::open(&Config::of(home)).await.expect("the home opens")
}

/// The questions of a manager's morning.
fn morning() -> Vec<(&'static str, Value)> {
    let country = json!({"level": "region.country", "in": ["DE"]});
    let bavaria = json!({"level": "region.state", "in": ["09"]});
    let year = json!({"level": "time.year", "in": ["2026"]});
    let all = ["revenue", "margin", "orders", "customers"];
    vec![
        ("total", json!({"measures": all})),
        (
            "countries",
            json!({"measures": all, "rows": ["region.country"]}),
        ),
        (
            "states",
            json!({"measures": all, "rows": ["region.state"], "filters": [country]}),
        ),
        (
            "states by year",
            json!({"measures": ["revenue"], "rows": ["region.state"], "columns": ["time.year"]}),
        ),
        (
            "districts",
            json!({"measures": ["revenue"], "rows": ["region.district"]}),
        ),
        (
            "districts, one year",
            json!({"measures": all, "rows": ["region.district"], "filters": [year]}),
        ),
        (
            "municipalities of Bayern",
            json!({"measures": all, "rows": ["region.municipality"], "filters": [bavaria]}),
        ),
        (
            "months",
            json!({"measures": ["revenue"], "rows": ["time.month"]}),
        ),
        (
            "months of Bayern",
            json!({"measures": ["revenue"], "rows": ["time.month"], "filters": [bavaria]}),
        ),
        (
            "categories",
            json!({"measures": all, "rows": ["product.category"]}),
        ),
        (
            "products of Bayern",
            json!({"measures": all, "rows": ["product.product"], "filters": [bavaria]}),
        ),
        (
            "best accounts",
            json!({"measures": ["revenue", "orders"], "rows": ["account.account"],
                   "sort": [{"by": "revenue", "descending": true}], "limit": 100}),
        ),
    ]
}

async fn questions(app: &App) {
    println!("\nquestions                               p50 ms   p95 ms");
    let mut all = Vec::new();
    for (name, question) in morning() {
        let question = question.to_string();
        let mut times = Vec::new();
        for _ in 0..30 {
            let started = Instant::now();
            app.ask(question.as_bytes()).await.expect("an answer");
            times.push(started.elapsed());
        }
        println!(
            "  {name:<36}  {:>7.1}  {:>7.1}",
            percentile(&mut times, 50),
            percentile(&mut times, 95)
        );
        all.extend(times);
    }
    println!(
        "  {:<36}  {:>7.1}  {:>7.1}",
        "all",
        percentile(&mut all, 50),
        percentile(&mut all, 95)
    );
}

async fn tiles(app: &App) {
    println!("\ntiles, uncached                         p50 ms   p95 ms   largest KB");
    for layer in Layer::all() {
        let (mut times, mut largest) = (Vec::new(), 0);
        // The first tile of a detail loads its geometry; a running server has it.
        for tile in germany() {
            app.tile(layer, tile).await.expect("a tile");
        }
        for tile in germany() {
            let started = Instant::now();
            let bytes = app.tile(layer, tile).await.expect("a tile");
            times.push(started.elapsed());
            largest = largest.max(bytes.map_or(0, |bytes| bytes.len()));
        }
        println!(
            "  {:<36}  {:>7.2}  {:>7.2}  {:>7}",
            layer.name(),
            percentile(&mut times, 50),
            percentile(&mut times, 95),
            largest / 1024
        );
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "columns and rows over Germany are small and positive"
)]
/// Tiles over Germany: all of zooms 4 to 7, every seventh of 8 and 9, some deeper ones.
fn germany() -> Vec<TileId> {
    let (west, south, east, north) = (5.9_f64, 47.3_f64, 15.0_f64, 55.0_f64);
    let mut tiles = Vec::new();
    for z in 4..=12_u8 {
        let side = f64::from(1_u32 << z);
        let column = |lon: f64| ((lon + 180.0) / 360.0 * side) as u32;
        let row = |lat: f64| {
            let y = lat.to_radians().tan().asinh() / std::f64::consts::PI;
            ((1.0 - y) / 2.0 * side) as u32
        };
        let step = match z {
            ..=7 => 1,
            8..=9 => 7,
            _ => 61 << (z - 10),
        };
        let all = (column(west)..=column(east))
            .flat_map(|x| (row(north)..=row(south)).map(move |y| (x, y)));
        for (x, y) in all.step_by(step) {
            tiles.push(TileId::parse(z, x, y).expect("a tile over Germany"));
        }
    }
    tiles
}

/// From the start of the process to its first answer.
fn start_up(home: &Path) {
    let started = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_revier"))
        .arg("--home")
        .arg(home)
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let mut line = String::new();
    let output = child.stdout.take().expect("a pipe");
    std::io::BufRead::read_line(&mut std::io::BufReader::new(output), &mut line).expect("a line");
    println!(
        "\nstart of a filled home                  {}",
        seconds(started.elapsed())
    );
    println!(
        "  memory of the server at its peak      {} MB",
        peak_mb(&child.id().to_string())
    );
    child.kill().expect("the server ends");
    child.wait().expect("the server has ended");
}

fn peak_mb(process: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = peak.and_then(|peak| peak.trim().split(' ').next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() / 1024
}

fn percentile(times: &mut [Duration], percent: usize) -> f64 {
    times.sort_unstable();
    let place = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times.get(place).map_or(0.0, Duration::as_secs_f64) * 1_000.0
}

fn seconds(duration: Duration) -> String {
    format!("{:>7.2} s", duration.as_secs_f64())
}
