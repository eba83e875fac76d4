//! The cube on several machines: Debian's ClickHouse, three servers on loopback, started by
//! `scripts/cluster.sh`. Where it is not installed there is nothing to test.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, header};
use revier::app::{App, Config, Error};
use revier::cluster::{Cluster, Loaded, Setting};
use revier::cube::{Clustered, Condition, CubeLevel, Embedded, Engine, Part, Scan, TimeStep};
use revier::import::Kind;
use revier::stop::Stop;
use revier::warehouse::{Cut, Warehouse};
use serde_json::json;
use tempfile::TempDir;
use tower::ServiceExt;

use crate::world::{World, file, import, text};

const SEED: u64 = 20_261_122;

/// Scans that are compared; `REVIER_SCANS` compares more.
const SCANS: usize = 120;

/// Three servers that end with the value.
struct Servers {
    script: Child,
    address: String,
    folder: TempDir,
}

impl Servers {
    /// The servers; none where ClickHouse is not installed.
    fn start() -> Option<Self> {
        let found = Command::new("sh")
            .args(["-c", "command -v clickhouse-server"])
            .output();
        if !found.is_ok_and(|found| found.status.success()) {
            eprintln!("clickhouse-server is not installed: nothing was tested");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let doors: Vec<TcpListener> = (0..6)
            .map(|_| TcpListener::bind("127.0.0.1:0").unwrap())
            .collect();
        let port = |door: &TcpListener| door.local_addr().unwrap().port().to_string();
        let ports: Vec<String> = doors.iter().map(port).collect();
        drop(doors);
        let mut script = Command::new(root().join("scripts/cluster.sh"))
            .arg(folder.path())
            .args(ports)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(script.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        assert!(address.starts_with("clickhouse://"), "the servers come up");
        Some(Self {
            script,
            address: address.trim().to_owned(),
            folder,
        })
    }

    fn setting(&self, more: &str) -> Setting {
        format!("{}{more}", self.address).parse().unwrap()
    }

    /// One host of the cluster, asked for itself.
    fn host(&self, index: usize) -> Cluster {
        let mut setting = self.setting("");
        setting.host.clone_from(&setting.hosts[index]);
        setting.hosts.clear();
        setting.cluster = None;
        Cluster::new(setting)
    }

    /// Sends a signal to a server, such as `shard-1`.
    fn signal(&self, server: &str, name: &str) {
        let pid = std::fs::read_to_string(self.folder.path().join(server).join("pid")).unwrap();
        let mut kill = Command::new("kill");
        assert!(kill.arg(name).arg(pid.trim()).status().unwrap().success());
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        // The end of its input ends the script, and it ends the servers.
        drop(self.script.stdin.take());
        let _ = self.script.wait();
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Numbers that look random and are the same in every run (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % end as u64).unwrap()
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

const TOWNS: [(&str, &str, &str); 12] = [
    ("80331", "München", "DE"),
    ("90402", "Nürnberg", "DE"),
    ("10115", "Berlin", "DE"),
    ("20095", "Hamburg", "DE"),
    ("50667", "Köln", "DE"),
    ("01067", "Dresden", "DE"),
    ("86150", "Augsburg", "DE"),
    ("1010", "Wien", "AT"),
    ("8001", "Zürich", "CH"),
    ("94103", "San Francisco", "US"),
    ("60601", "Chicago", "US"),
    ("", "Nirgendwo", ""),
];

/// A company with something at every level: old and new days, unknown costs and accounts,
/// returns, sums near the edge of 64 bits, own regions.
async fn company(world: &World, lines: usize) {
    let mut dice = Dice(SEED);
    let mut accounts = "key;name;stage;industry;postal code;place;country\n".to_owned();
    for number in 0..200 {
        let (code, place, country) = dice.pick(&TOWNS);
        let stage = dice.pick(&["customer", "lead", "prospect"]);
        let industry = dice.pick(&["Bau", "Chemie", ""]);
        writeln!(
            accounts,
            "K{number};Firma {number};{stage};{industry};{code};{place};{country}"
        )
        .unwrap();
    }
    let mut sales =
        "order_id;line;date;customer_id;product;category;rep;quantity;net_amount;cost;currency\n"
            .to_owned();
    for number in 0..lines {
        let year = 1955 + dice.below(71);
        let (month, day) = (1 + dice.below(12), 1 + dice.below(28));
        let product = dice.below(30);
        let rep = dice.pick(&["Ada", "Bo", ""]);
        let revenue = match dice.below(40) {
            0 => dice.below(9_999_999_999_999).cast_signed(),
            1 => -dice.below(9_999_999_999_999).cast_signed(),
            _ => dice.below(100_000).cast_signed() - 10_000,
        };
        let cost = match dice.below(3) {
            0 => String::new(),
            _ => format!("{}.{:02}", dice.below(500), dice.below(100)),
        };
        writeln!(
            sales,
            "o{};{number};{year}-{month:02}-{day:02};K{};P{product};C{};{rep};{};{revenue}.{:02};{cost};{}",
            dice.below(lines / 2),
            dice.below(210),
            product % 5,
            dice.below(20),
            dice.below(100),
            if dice.below(9) == 0 { "USD" } else { "EUR" },
        )
        .unwrap();
    }
    let area = |key: &str, west: f64, east: f64| {
        let ring = [
            [west, 46.0],
            [east, 46.0],
            [east, 55.0],
            [west, 55.0],
            [west, 46.0],
        ];
        json!({"type": "Feature", "properties": {"key": key, "name": key},
               "geometry": {"type": "Polygon", "coordinates": [ring]}})
    };
    let areas = json!({"type": "FeatureCollection",
                       "features": [area("West", 6.0, 10.5), area("Ost", 10.5, 17.0)]});
    // Not for every day: some lines have no amount in the other currency.
    let mut rates = "Date,USD\n".to_owned();
    for month in 0..71 * 12 {
        let (year, month) = (1955 + month / 12, month % 12 + 1);
        let rate = 1_000 + dice.below(500);
        writeln!(
            rates,
            "{year}-{month:02}-05,{}.{:03}",
            rate / 1_000,
            rate % 1_000
        )
        .unwrap();
    }
    for (kind, name, content) in [
        (Kind::Rates, "rates.csv", rates),
        (Kind::Regions, "areas.geojson", areas.to_string()),
        (Kind::Accounts, "accounts.csv", accounts),
        (Kind::Sales, "sales.csv", sales),
    ] {
        let summary = world.import(kind, &world.write(name, content)).await;
        assert_eq!(summary.counts.rejected, 0, "{name}");
    }
}

const PARTS: [Part; 13] = [
    Part::Revenue,
    Part::Cost,
    Part::CostedLines,
    Part::CostedRevenue,
    Part::UnitsMilli,
    Part::Lines,
    Part::Orders,
    Part::Customers,
    Part::NewCustomers,
    Part::LostCustomers,
    Part::WonBackCustomers,
    Part::FirstDay,
    Part::LastDay,
];

/// Scans over `warehouse`: levels, groupings, parts and conditions as the dice fall.
struct Scans<'a> {
    warehouse: &'a Warehouse,
    dice: Dice,
    levels: Vec<CubeLevel>,
    members: HashMap<CubeLevel, Vec<i64>>,
}

impl<'a> Scans<'a> {
    fn of(warehouse: &'a Warehouse) -> Self {
        let fiscal = CubeLevel::Time(TimeStep::FiscalYear(4));
        Self {
            warehouse,
            dice: Dice(SEED),
            levels: CubeLevel::all().chain([fiscal]).collect(),
            members: HashMap::new(),
        }
    }

    fn next(&mut self, place: usize) -> Scan {
        // Every level has its turn.
        let mut levels = vec![self.levels[place % self.levels.len()]];
        for _ in 0..self.dice.below(3) {
            let level = *self.dice.pick(&self.levels);
            if !levels.contains(&level) {
                levels.push(level);
            }
        }
        if self.dice.below(10) == 0 {
            levels.clear();
        }
        let mut sets: Vec<u32> = (0..1 << levels.len()).collect();
        sets.retain(|_| self.dice.below(2) == 0);
        // Every level is in a grouping.
        let all = (1 << levels.len()) - 1;
        if sets.is_empty() || sets.iter().fold(0, |seen, set| seen | set) != all {
            sets.push(all);
        }
        let mut parts = PARTS.to_vec();
        parts.retain(|_| self.dice.below(3) == 0);
        if parts.is_empty() {
            parts.push(PARTS[place % PARTS.len()]);
        }
        let conditions = (0..self.dice.below(4)).map(|_| self.condition());
        let conditions = conditions.collect();
        let conversions = &self.warehouse.summary().conversions;
        let money = match self.dice.below(3) {
            0 => conversions.first().map(|conversion| conversion.currency),
            _ => None,
        };
        Scan {
            conditions,
            money,
            levels,
            sets,
            parts,
            most: 1_000_000,
        }
    }

    fn condition(&mut self) -> Condition {
        let level = *self.dice.pick(&self.levels);
        let members = self.members_of(level);
        if let CubeLevel::Time(step) = level
            && self.dice.below(2) == 0
        {
            let mut bounds = [*self.dice.pick(&members), *self.dice.pick(&members)];
            bounds.sort_unstable();
            let [from, to] = bounds.map(Some);
            return match self.dice.below(5) {
                0 => Condition::Between(step, None, to),
                1 => Condition::Between(step, from, None),
                2 => Condition::Between(step, None, None),
                _ => Condition::Between(step, from, to),
            };
        }
        let mut numbers: Vec<i64> = Vec::new();
        for _ in 0..self.dice.below(members.len().min(300) + 1) {
            numbers.push(*self.dice.pick(&members));
        }
        if self.dice.below(5) == 0 {
            numbers.push(987_654);
        }
        if self.dice.below(3) == 0 {
            Condition::NotIn(level, numbers)
        } else {
            Condition::In(level, numbers)
        }
    }

    fn members_of(&mut self, level: CubeLevel) -> Vec<i64> {
        let read = || {
            let scan = Scan {
                levels: vec![level],
                sets: vec![1],
                parts: vec![Part::Lines],
                conditions: Vec::new(),
                money: None,
                most: 1_000_000,
            };
            let mut members = Embedded(self.warehouse).scan(&scan).unwrap().groups.members;
            members.sort_unstable();
            members
        };
        self.members.entry(level).or_insert_with(read).clone()
    }
}

/// The groups of a scan in order.
fn groups(engine: &dyn Engine, scan: &Scan) -> Vec<(u32, Vec<i64>, Vec<i64>)> {
    let scanned = engine.scan(scan).unwrap();
    let groups = scanned.groups.iter(scan);
    let mut groups: Vec<_> = groups
        .map(|(set, members, values)| (set, members.to_vec(), values.to_vec()))
        .collect();
    groups.sort_unstable();
    groups
}

#[track_caller]
fn check_agree(warehouse: &Warehouse, cluster: &Cluster, loaded: &Loaded, count: usize) {
    let mut scans = Scans::of(warehouse);
    let mut rows = 0;
    for place in 0..count {
        let scan = scans.next(place);
        let here = groups(&Embedded(warehouse), &scan);
        let there = groups(&Clustered { cluster, loaded }, &scan);
        assert_eq!(here, there, "seed {SEED}, scan {place}: {scan:?}");
        rows += here.len();
    }
    eprintln!("{count} scans agree in {rows} groups");
    assert!(rows > count);
}

#[tokio::test(flavor = "multi_thread")]
async fn shards_and_one_server_answer_like_the_warehouse() {
    let Some(servers) = Servers::start() else {
        return;
    };
    let world = World::empty().await;
    company(&world, 6_000).await;
    let derived = world.app.derived().await.unwrap();
    let more = std::env::var("REVIER_SCANS")
        .ok()
        .and_then(|count| count.parse().ok());
    let cluster = Cluster::new(servers.setting(""));
    let loaded = cluster.load(&derived.warehouse).unwrap();
    assert_eq!((loaded.lines, loaded.shards), (6_000, 2));
    check_agree(&derived.warehouse, &cluster, &loaded, more.unwrap_or(SCANS));
    if let Ok(folder) = std::env::var("REVIER_DUMP") {
        let count = more.unwrap_or(SCANS);
        dump(
            Path::new(&folder),
            &derived.warehouse,
            &cluster,
            &loaded,
            count,
        );
    }
    let mut setting = servers.setting("&part=1000");
    setting.cluster = None;
    let alone = Cluster::new(setting);
    let loaded = alone.load(&derived.warehouse).unwrap();
    assert_eq!((loaded.lines, loaded.shards), (6_000, 1));
    check_agree(&derived.warehouse, &alone, &loaded, SCANS / 4);
}

/// Writes what was asked and answered for `scripts/dialect.py`.
fn dump(folder: &Path, warehouse: &Warehouse, cluster: &Cluster, loaded: &Loaded, count: usize) {
    let cut = Cut {
        part_lines: 1_000,
        shards: 1,
    };
    let columns = warehouse.export_columns();
    let columns = columns
        .iter()
        .map(|column| format!(", {} Int{}", column.name, column.bytes * 8));
    let columns = format!("part Int32{}", columns.collect::<String>());
    let lines = warehouse.export(0..loaded.lines, 0, cut).unwrap();
    let mut asked = String::new();
    let mut scans = Scans::of(warehouse);
    for place in 0..count {
        let scan = scans.next(place);
        let is_sum = |part: &&Part| {
            matches!(
                part,
                Part::Revenue | Part::Cost | Part::CostedRevenue | Part::UnitsMilli
            )
        };
        let values = scan.parts.len() + scan.parts.iter().filter(is_sum).count();
        let scanned = Clustered { cluster, loaded }.scan(&scan).unwrap();
        let sets = if scan.levels.is_empty() {
            &[0][..]
        } else {
            &scan.sets
        };
        for (sql, set) in scanned.statements.iter().zip(sets) {
            let width = 1 + scan.levels_of(*set).count() + values;
            let numbers = cluster.numbers(sql, width, &[]).unwrap();
            let rows: Vec<&[i64]> = numbers.chunks_exact(width).collect();
            writeln!(asked, "{}", json!([sql, rows])).unwrap();
        }
    }
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("columns.sql"), columns).unwrap();
    std::fs::write(folder.join("lines.bin"), lines).unwrap();
    std::fs::write(folder.join("asked.jsonl"), asked).unwrap();
}

/// Lines of a table of the cluster.
fn count(cluster: &Cluster, table: &str) -> i64 {
    cluster
        .numbers(&format!("SELECT count() FROM `{table}`"), 1, &[])
        .unwrap()[0]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_that_broke_off_or_went_wrong_is_mended() {
    let Some(servers) = Servers::start() else {
        return;
    };
    let world = World::empty().await;
    company(&world, 4_000).await;
    let World { app, folder } = world;
    let home = folder.path().join("home");
    drop(app);
    drop(opened(&Config::of(&home)).await);
    // Killed at work, later and later.
    let question = folder.path().join("question.json");
    std::fs::write(&question, r#"{"measures": ["lines"], "rollups": false}"#).unwrap();
    let address = format!("{}&part=50", servers.address);
    for patience in [300, 500, 700, 900] {
        let mut ask = Command::new(env!("CARGO_BIN_EXE_revier"));
        ask.arg("--home")
            .arg(&home)
            .args(["--cube", &address, "ask"]);
        let mut asked = ask.arg(&question).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(patience));
        // It may have ended already.
        let _ = asked.kill();
        asked.wait().unwrap();
    }
    let app = opened(&Config::of(&home)).await;
    let derived = app.derived().await.unwrap();
    let cluster = Cluster::new(servers.setting("&part=50"));
    let loaded = cluster.load(&derived.warehouse).unwrap();
    assert_eq!(count(&cluster, &loaded.table), 4_000);
    check_agree(&derived.warehouse, &cluster, &loaded, 20);
    // A doubled part, a lost one, one that should not be, a changed line.
    let table = loaded.table.trim_end_matches("_all");
    for (shard, sql) in [
        (
            0,
            format!("INSERT INTO `{table}` SELECT * FROM `{table}` WHERE part = 3"),
        ),
        (1, format!("ALTER TABLE `{table}` DROP PARTITION 5")),
        (
            0,
            format!("INSERT INTO `{table}` (part, revenue) VALUES (777, 1)"),
        ),
        (
            1,
            format!("INSERT INTO `{table}` (part, revenue) VALUES (7, 0)"),
        ),
    ] {
        servers.host(shard).numbers(&sql, 0, &[]).unwrap();
    }
    assert_ne!(count(&cluster, &loaded.table), 4_000);
    assert_eq!(cluster.load(&derived.warehouse).unwrap(), loaded);
    assert_eq!(count(&cluster, &loaded.table), 4_000);
    check_agree(&derived.warehouse, &cluster, &loaded, 20);
}

async fn clustered(folder: &Path, setting: Setting) -> App {
    let mut config = Config::of(folder.join("home"));
    config.cube = Some(setting);
    opened(&config).await
}

/// An open home; what the one before does in the background may still hold it for a moment.
async fn opened(config: &Config) -> App {
    let begun = Instant::now();
    loop {
        match App::open(config).await {
            Err(Error::Held { .. }) if begun.elapsed() < Duration::from_secs(20) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            result => return result.unwrap(),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cluster_follows_the_home_and_old_tables_go() {
    let Some(servers) = Servers::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let app = clustered(folder.path(), servers.setting("")).await;
    let world = World { app, folder };
    world.import(Kind::Accounts, &file("accounts.csv")).await;
    world.import(Kind::Sales, &file("sales.csv")).await;
    let question = json!({"measures": ["revenue", "customers"], "rows": ["region.country"],
               "explain": true, "rollups": false});
    let expected = ["AT 5550 1", "CH 9999 1", "DE 43000 5", "unassigned 1201 1"];
    let answer = world.ask(question.clone()).await;
    assert_eq!(text(&answer), expected);
    assert!(answer.explain[0].source.ends_with("(2 shards)"));
    let more = world.write(
        "more.csv",
        "order_id,line,date,customer_id,product,net_amount,currency\n\
         u1,1,2025-05-05,A1,P1,10.00,EUR\n",
    );
    import(&world.app, Kind::Sales, &more).await.unwrap();
    assert_eq!(text(&world.ask(question).await)[2], "DE 44000 5");
    let begun = Instant::now();
    for host in [0, 1] {
        let tables = "SELECT count() FROM system.tables WHERE name LIKE 'revier%'";
        while servers.host(host).numbers(tables, 1, &[]).unwrap() != [1] {
            assert!(begun.elapsed() < Duration::from_secs(30), "old tables go");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    assert!(world.app.check().await.unwrap().ok);
}

/// A statement that would take hours, and nobody waits for it: the servers end it.
#[test]
fn what_nobody_waits_for_is_ended_on_the_servers() {
    let Some(servers) = Servers::start() else {
        return;
    };
    let setting = servers.setting("");
    let stop = Stop::default();
    let waiting = stop.waiting();
    let slow = "SELECT toInt64(sum(number % 7)) FROM numbers(1000000000000)";
    let cluster = Cluster::new(setting.clone());
    let worker = std::thread::spawn(move || stop.run(|| cluster.numbers(slow, 1, &[])));
    let looker = Cluster::new(setting);
    let at_work = || {
        let running = "SELECT toInt64(count()) FROM system.processes WHERE query LIKE '%1000000000000%' \
                       AND query NOT LIKE '%processes%'";
        looker.numbers(running, 1, &[]).unwrap()[0]
    };
    while at_work() == 0 {
        std::thread::yield_now();
    }
    drop(waiting);
    assert!(worker.join().unwrap().is_err());
    while at_work() > 0 {
        std::thread::yield_now();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_shard_is_an_error_and_never_a_smaller_sum() {
    let Some(servers) = Servers::start() else {
        return;
    };
    let world = World::empty().await;
    company(&world, 4_000).await;
    let World { app, folder } = world;
    drop(app);
    let setting = servers.setting("");
    let cluster = Cluster::new(setting.clone());
    let app = Arc::new(clustered(folder.path(), setting).await);
    let question = json!({"measures": ["lines", "orders"], "rollups": false}).to_string();
    let right = app.ask(question.as_bytes()).await.unwrap().total;
    let host = "here".parse().unwrap();
    let service = revier::http::service(app.clone(), Some(vec![host]));
    let post = || {
        let request = Request::post("/api/cube")
            .header(header::HOST, "here")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(question.clone()))
            .unwrap();
        let service = service.clone();
        async move {
            let response = service.oneshot(request).await.unwrap();
            let status = response.status().as_u16();
            let body = axum::body::to_bytes(response.into_body(), 1 << 20)
                .await
                .unwrap();
            (status, String::from_utf8(body.to_vec()).unwrap())
        }
    };
    // One that is silent.
    servers.signal("shard-2", "-STOP");
    let begun = Instant::now();
    let (status, body) = post().await;
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(status, 503, "{body}");
    assert!(
        body.contains("/problems/cluster") && body.contains("127.0.0.1:"),
        "{body}"
    );
    servers.signal("shard-2", "-CONT");
    assert_eq!(app.ask(question.as_bytes()).await.unwrap().total, right);
    // One that is killed during a question.
    let derived = app.derived().await.unwrap();
    let loaded = cluster.load(&derived.warehouse).unwrap();
    let slow = format!(
        "SELECT count() FROM `{}` WHERE sleepEachRow(0.001) = 0",
        loaded.table
    );
    let asked = std::thread::spawn(move || cluster.numbers(&slow, 1, &loaded.hosts));
    tokio::time::sleep(Duration::from_millis(500)).await;
    servers.signal("shard-2", "-KILL");
    let begun = Instant::now();
    let answer = asked.join().unwrap();
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    let error = answer.unwrap_err().to_string();
    assert!(error.starts_with("ClickHouse at 127.0.0.1:"), "{error}");
    let begun = Instant::now();
    let (status, body) = post().await;
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(status, 503, "{body}");
}

#[tokio::test]
async fn without_its_cluster_a_home_opens_and_questions_say_why() {
    let folder = tempfile::tempdir().unwrap();
    let setting = "clickhouse://127.0.0.1:1/none".parse().unwrap();
    let app = clustered(folder.path(), setting).await;
    app.derived().await.unwrap();
    let error = app
        .ask(br#"{"measures": ["lines"], "rollups": false}"#)
        .await
        .unwrap_err();
    let message = error.to_string();
    assert!(
        message.starts_with("ClickHouse at 127.0.0.1:1 cannot be reached: "),
        "{message}"
    );
}
