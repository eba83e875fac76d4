//! `make bench`: the figures of the product on the demo company, beside a baseline measured in
//! the same run. Prints, never asserts: machines differ.
//!
//! Takes `--accounts N` and `--lines N`; 100,000 and 1,000,000 unless said. `--keep FOLDER` keeps
//! what was made there, and asks it again when it is there already.

#[path = "tools/figures.rs"]
mod figures;
#[path = "tools/home.rs"]
mod home;

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use duckdb::Connection;
use revier::app::{App, Derived};
use revier::demo::{self, Size};
use revier::tile::TileId;
use revier::tile::layer::Layer;
use serde_json::{Value, json};

use figures::{argument, cpu_seconds, peak_mb, percentile, resident_mb, seconds, word};
use home::{Serving, TODAY, import_by_binary, open};

#[tokio::main]
async fn main() {
    let (accounts, lines) = (
        argument("--accounts", 100_000),
        argument("--lines", 1_000_000),
    );
    println!("{accounts} accounts, {lines} sales lines\n");
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let folder = word("--keep").map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    let (home, more) = (folder.join("home"), folder.join("sales.more.csv"));
    if !more.exists() {
        let accounts = u32::try_from(accounts).expect("fewer than four thousand million accounts");
        fill(&folder, &home, accounts, lines);
    }
    let app = open(&home).await;
    let started = Instant::now();
    app.derived().await.expect("a warehouse");
    println!(
        "warehouse build                         {}",
        seconds(started.elapsed())
    );
    questions(&app).await;
    tiles(&app).await;
    asked_tiles(&app).await;
    app.close().await;
    drop(app);
    start_up(&home);
    refresh(&home, &more).await;
}

/// Invents a company, has the engine alone load its files, and imports them into a home.
fn fill(folder: &Path, home: &Path, accounts: u32, lines: u64) {
    std::fs::create_dir_all(folder).expect("a folder");
    let size = Size {
        accounts,
        lines: lines + MORE_LINES,
    };
    let files = demo::write(folder, size, 1, TODAY).expect("the demo files");
    let more = split(&files.sales, lines);
    let (duckdb_alone, peak_alone) = baseline(&files.accounts, &files.sales);
    println!(
        "DuckDB alone loads both CSV files       {}",
        seconds(duckdb_alone)
    );
    println!("  (peak of this process so far {peak_alone} MB)");
    let started = Instant::now();
    import_by_binary(home, "accounts", &files.accounts);
    let with_accounts = started.elapsed();
    import_by_binary(home, "sales", &files.sales);
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
    std::fs::remove_file(&files.sales).expect("the lines were there");
    // What is there last says that all is.
    std::fs::rename(more, folder.join("sales.more.csv")).expect("a file of more lines");
}

/// Lines that come after all others are there.
const MORE_LINES: u64 = 100_000;

/// Leaves the first `lines` lines in a file of sales, and puts the others into one beside it.
fn split(sales: &Path, lines: u64) -> PathBuf {
    let (first, more) = (
        sales.with_extension("first.csv"),
        sales.with_extension("more.draft.csv"),
    );
    let mut reader = BufReader::new(File::open(sales).expect("the sales"));
    let writer = |path: &Path| BufWriter::new(File::create(path).expect("a file"));
    let mut writers = [writer(&first), writer(&more)];
    let mut line = Vec::new();
    let mut read = 0;
    while reader.read_until(b'\n', &mut line).expect("a line") > 0 {
        // The heading is the first line of both.
        let both = read == 0;
        for (is_more, writer) in [false, true].into_iter().zip(&mut writers) {
            if both || (read > lines) == is_more {
                writer.write_all(&line).expect("room on the disk");
            }
        }
        read += 1;
        line.clear();
    }
    drop(writers);
    std::fs::rename(&first, sales).expect("a file of the first lines");
    more
}

/// How long the warehouse takes to follow more lines.
async fn refresh(home: &Path, more: &Path) {
    let started = Instant::now();
    import_by_binary(home, "sales", more);
    println!(
        "\nimport of {MORE_LINES} more lines             {}",
        seconds(started.elapsed())
    );
    let app = open(home).await;
    let (started, cpu) = (Instant::now(), cpu_seconds("self"));
    app.derived().await.expect("a warehouse");
    println!(
        "refresh after them                      {}  (CPU {:.1} s, peak of this process {} MB)",
        seconds(started.elapsed()),
        cpu_seconds("self") - cpu,
        peak_mb("self"),
    );
    app.close().await;
}

/// Tiles of sites with a question, a new one each time at first: what it says of each account is
/// computed then.
async fn asked_tiles(app: &App) {
    println!("\ntiles of a question                     first ms   p50 ms   p95 ms   largest KB");
    for (name, filters) in [
        ("all", json!([])),
        ("Bayern", json!([{"level": "region.state", "in": ["09"]}])),
        ("one year", json!([{"level": "time.year", "in": ["2025"]}])),
        (
            "one day",
            json!([{"level": "time.day", "in": ["2025-06-10"]}]),
        ),
    ] {
        let question = json!({"measures": ["revenue", "customers"], "filters": filters});
        let kept = app.keep_question(question.to_string().as_bytes()).await;
        let kept = kept.expect("a question of sites").id;
        let (mut first, mut times, mut largest) = (None, Vec::new(), 0);
        for tile in germany() {
            let started = Instant::now();
            let bytes = app
                .tile(Layer::Sites, tile, Some(&kept))
                .await
                .expect("a tile");
            largest = largest.max(bytes.map_or(0, |bytes| bytes.len()));
            match first {
                None => first = Some(started.elapsed()),
                Some(_) => times.push(started.elapsed()),
            }
        }
        println!(
            "  {name:<36}  {:>7.1}  {:>7.2}  {:>7.2}  {:>7}",
            first.unwrap_or_default().as_secs_f64() * 1_000.0,
            percentile(&mut times, 50),
            percentile(&mut times, 95),
            largest / 1024,
        );
    }
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

/// A question of a manager's morning: its name, the document, and the same in plain SQL over the
/// table of lines.
struct Asked {
    name: &'static str,
    question: Value,
    sql: String,
}

/// The questions of a manager's morning.
fn morning(app: &Derived) -> Vec<Asked> {
    let country = json!({"level": "region.country", "in": ["DE"]});
    let bavaria = json!({"level": "region.state", "in": ["09"]});
    let year = json!({"level": "time.year", "in": ["2026"]});
    let all = ["revenue", "margin", "orders", "customers"];
    let of = |column: &str, key: &str| {
        let dictionary = app.warehouse.dictionary(column).expect("a dictionary");
        format!("{column} = {}", dictionary.number(key).unwrap_or_default())
    };
    let (in_germany, in_bavaria) = (of("country", "DE"), of("state", "09"));
    let figures = "sum(revenue), sum(revenue - cost), count(DISTINCT order_number), \
                   count(DISTINCT nullif(account, 0))";
    let sql = |columns: &str, figures: &str, filter: &str| {
        let group = if columns.is_empty() {
            ""
        } else {
            "GROUP BY ALL"
        };
        let comma = if columns.is_empty() { "" } else { ", " };
        format!("SELECT {columns}{comma}{figures} FROM sale WHERE {filter} {group}")
    };
    let asked = |name, question, sql| Asked {
        name,
        question,
        sql,
    };
    vec![
        asked("total", json!({"measures": all}), sql("", figures, "true")),
        asked(
            "countries",
            json!({"measures": all, "rows": ["region.country"]}),
            sql("country", figures, "true"),
        ),
        asked(
            "states",
            json!({"measures": all, "rows": ["region.state"], "filters": [country]}),
            sql("state", figures, &in_germany),
        ),
        asked(
            "states by year",
            json!({"measures": ["revenue"], "rows": ["region.state"], "columns": ["time.year"]}),
            sql("state, month // 12", "sum(revenue)", "true"),
        ),
        asked(
            "districts",
            json!({"measures": ["revenue"], "rows": ["region.district"]}),
            sql("district", "sum(revenue)", "true"),
        ),
        asked(
            "districts, one year",
            json!({"measures": all, "rows": ["region.district"], "filters": [year]}),
            sql("district", figures, "month // 12 = 2026"),
        ),
        asked(
            "municipalities of Bayern",
            json!({"measures": all, "rows": ["region.municipality"], "filters": [bavaria]}),
            sql("municipality", figures, &in_bavaria),
        ),
        asked(
            "months",
            json!({"measures": ["revenue"], "rows": ["time.month"]}),
            sql("month", "sum(revenue)", "true"),
        ),
        asked(
            "months of Bayern",
            json!({"measures": ["revenue"], "rows": ["time.month"], "filters": [bavaria]}),
            sql("month", "sum(revenue)", &in_bavaria),
        ),
        asked(
            "categories",
            json!({"measures": all, "rows": ["product.category"]}),
            sql("category", figures, "true"),
        ),
        asked(
            "products of Bayern",
            json!({"measures": all, "rows": ["product.product"], "filters": [bavaria]}),
            sql("product", figures, &in_bavaria),
        ),
        asked(
            "best accounts",
            json!({"measures": ["revenue", "orders"], "rows": ["account.account"],
                   "sort": [{"by": "revenue", "descending": true}], "limit": 100}),
            sql(
                "account",
                "sum(revenue), count(DISTINCT order_number)",
                "true",
            ) + " ORDER BY 2 DESC LIMIT 100",
        ),
    ]
}

/// Each question from roll-ups, from the lines, and as plain SQL over the lines: the times of one
/// after the other, and the CPU time of all cores.
async fn questions(app: &App) {
    let derived = app.derived().await.expect("a warehouse");
    let morning = morning(&derived);
    let started = Instant::now();
    for asked in &morning {
        let question = asked.question.to_string();
        app.ask(question.as_bytes()).await.expect("an answer");
    }
    println!(
        "first answers to all questions          {}",
        seconds(started.elapsed())
    );
    println!(
        "\nquestions, ms                           p50      p99      CPU   lines CPU  SQL CPU"
    );
    let (mut all, mut cpu_of_all) = (Vec::new(), [0.0; 3]);
    for asked in &morning {
        let mut question = asked.question.clone();
        let mut cpu = [0.0; 3];
        let mut times = Vec::new();
        for (place, (rounds, cpu)) in [30, 3, 3].into_iter().zip(&mut cpu).enumerate() {
            if place == 1 {
                question["rollups"] = json!(false);
            }
            let text = question.to_string();
            let before = cpu_seconds("self");
            for _ in 0..rounds {
                let started = Instant::now();
                if place == 2 {
                    let batches = derived.warehouse.query(&asked.sql, &[]);
                    batches.expect("the engine answers");
                } else {
                    app.ask(text.as_bytes()).await.expect("an answer");
                }
                if place == 0 {
                    times.push(started.elapsed());
                }
            }
            *cpu = (cpu_seconds("self") - before) * 1_000.0 / f64::from(rounds);
        }
        println!(
            "  {:<34}  {:>7.2}  {:>7.2}  {:>7.2}  {:>9.1}  {:>7.1}",
            asked.name,
            percentile(&mut times, 50),
            percentile(&mut times, 99),
            cpu[0],
            cpu[1],
            cpu[2],
        );
        all.extend(times);
        for (sum, cpu) in cpu_of_all.iter_mut().zip(cpu) {
            *sum += cpu;
        }
    }
    println!(
        "  {:<34}  {:>7.2}  {:>7.2}  {:>7.2}  {:>9.1}  {:>7.1}",
        "all",
        percentile(&mut all, 50),
        percentile(&mut all, 99),
        cpu_of_all[0],
        cpu_of_all[1],
        cpu_of_all[2],
    );
    println!(
        "  plain SQL takes {:.0} times the CPU of roll-ups",
        cpu_of_all[2] / cpu_of_all[0]
    );
    println!(
        "  (memory of this process: now {} MB, peak {} MB)",
        resident_mb("self"),
        peak_mb("self")
    );
    over_http(app, &morning).await;
}

/// The same questions over HTTP on loopback, by a client that keeps its connection: until the whole
/// answer is there.
async fn over_http(app: &App, morning: &[Asked]) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = revier::http::serve(listener, Arc::new(app.clone()), None, async {
        let _ = stopped.await;
    });
    let server = tokio::spawn(server);
    let questions = morning.iter().map(|asked| asked.question.to_string());
    let questions: Vec<String> = questions.collect();
    let ask = move || {
        let agent = ureq::Agent::new_with_defaults();
        let whole = |question: &str| {
            let started = Instant::now();
            let mut answer = agent
                .post(format!("http://{address}/api/cube"))
                .header("content-type", "application/json")
                .send(question)
                .expect("an answer");
            let bytes = answer.body_mut().read_to_vec().expect("a whole answer");
            (started.elapsed(), bytes.len())
        };
        let times = questions.iter().map(|question| {
            whole(question);
            let (times, sizes): (Vec<_>, Vec<_>) = (0..100).map(|_| whole(question)).unzip();
            (times, sizes.last().copied().unwrap_or_default())
        });
        times.collect::<Vec<(Vec<Duration>, usize)>>()
    };
    let answered = tokio::task::spawn_blocking(ask).await;
    println!("\nquestions over HTTP, ms                 p50      p99       KB");
    let mut all = Vec::new();
    for (asked, (mut times, bytes)) in morning.iter().zip(answered.expect("the client ends")) {
        println!(
            "  {:<34}  {:>7.2}  {:>7.2}  {:>7}",
            asked.name,
            percentile(&mut times, 50),
            percentile(&mut times, 99),
            bytes / 1024,
        );
        all.extend(times);
    }
    println!(
        "  {:<34}  {:>7.2}  {:>7.2}",
        "all",
        percentile(&mut all, 50),
        percentile(&mut all, 99),
    );
    let _ = stop.send(());
    let ended = server.await.expect("the server ends");
    ended.expect("the server works to its end");
}

async fn tiles(app: &App) {
    println!("\ntiles, uncached                         p50 ms   p95 ms   largest KB");
    for layer in Layer::all() {
        let (mut times, mut largest) = (Vec::new(), 0);
        // The first tile of a detail loads its geometry; a running server has it.
        for tile in germany() {
            app.tile(layer, tile, None).await.expect("a tile");
        }
        for tile in germany() {
            let started = Instant::now();
            let bytes = app.tile(layer, tile, None).await.expect("a tile");
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
    let server = Serving::start(home);
    let answer = ureq::get(format!("{}/health", server.address())).call();
    answer.expect("an answer");
    println!(
        "\nstart of a filled home                  {}",
        seconds(started.elapsed())
    );
    println!(
        "  memory of the server at its peak      {} MB",
        peak_mb(&server.process())
    );
}
