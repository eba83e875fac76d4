//! The same points in a `PostgreSQL` with `PostGIS` of its own, which makes the same tiles of them.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use revier::app::App;
use revier::tile::TileId;
use revier::tile::layer::Layer;

use crate::figures::{percentile, seconds};
use crate::places::Places;

/// Who runs it: it refuses to be root.
const USER: &str = "postgres";

/// Tiles of each zoom; from afar there are fewer, and `PostGIS` takes seconds for each.
const TILES: usize = 20;

/// Half the side of the square of the world in metres of web mercator.
const HALF_M: f64 = 20_037_508.342_789_244;

/// A server that nobody else reaches; stopped, and its files removed, when the value is dropped.
struct Cluster {
    folder: tempfile::TempDir,
    programs: PathBuf,
}

/// Tiles of zooms 5 to 10 by `PostGIS` and by this product.
pub async fn compare(app: &App, places: &mut Places) {
    let cluster = Cluster::start();
    let started = Instant::now();
    cluster.load(places);
    println!(
        "\nPostGIS took the same points in         {}",
        seconds(started.elapsed())
    );
    println!("  ({})", cluster.ask("SELECT postgis_lib_version()").trim());
    println!("  zoom  tiles   PostGIS p50 ms      p95   Revier p50 ms     p95    factor");
    for zoom in 5..=10 {
        let mut tiles: Vec<TileId> = (0..TILES).map(|_| places.tile(zoom)).collect();
        tiles.sort_unstable();
        tiles.dedup();
        // The first round warms both.
        cluster.time(&tiles);
        let mut by_postgis = cluster.time(&tiles);
        let mut own = Vec::new();
        for tile in &tiles {
            for round in 0..2 {
                let started = Instant::now();
                app.tile(Layer::Sites, *tile, None).await.expect("a tile");
                if round == 1 {
                    own.push(started.elapsed());
                }
            }
        }
        let medians = [percentile(&mut by_postgis, 50), percentile(&mut own, 50)];
        println!(
            "  {zoom:>4}  {:>5}  {:>15.1}  {:>7.1}  {:>14.3}  {:>6.3}  {:>8.0}",
            tiles.len(),
            medians[0],
            percentile(&mut by_postgis, 95),
            medians[1],
            percentile(&mut own, 95),
            medians[0] / medians[1],
        );
    }
}

impl Cluster {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let owned = Command::new("chown").arg(USER).arg(folder.path()).status();
        assert!(owned.is_ok_and(|status| status.success()), "needs root");
        let cluster = Self {
            programs: newest_programs(),
            folder,
        };
        cluster.run("initdb", &["--auth=trust", "--no-sync"]);
        let options = format!(
            "-k {} -c listen_addresses= -c shared_buffers=4GB -c work_mem=256MB \
             -c maintenance_work_mem=2GB -c max_wal_size=8GB -c fsync=off",
            cluster.folder.path().display()
        );
        let log = cluster.folder.path().join("log");
        let log = log.to_string_lossy();
        cluster.run("pg_ctl", &["--wait", "-o", &options, "-l", &log, "start"]);
        cluster
    }

    /// Runs one of the server's programs on the cluster.
    fn run(&self, program: &str, arguments: &[&str]) {
        let ended = self.tool(program, arguments).status();
        assert!(
            ended.is_ok_and(|status| status.success()),
            "{program} fails"
        );
    }

    fn tool(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = self.as_user(&self.programs.join(program));
        let data = self.folder.path().join("data");
        command.arg("-D").arg(data).args(arguments);
        command.stdout(Stdio::null());
        command
    }

    fn as_user(&self, program: &Path) -> Command {
        let mut command = Command::new("runuser");
        command.args(["-u", USER, "--"]).arg(program);
        command.current_dir(self.folder.path());
        command
    }

    fn client(&self) -> Command {
        let mut command = self.as_user(Path::new("psql"));
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h"]);
        command.arg(self.folder.path()).args(["-d", "postgres"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command
    }

    /// What the server prints for a script that `write` writes.
    fn tell(&self, write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> String {
        let mut process = self.client().spawn().expect("psql starts");
        let mut input = BufWriter::new(process.stdin.take().expect("a pipe"));
        write(&mut input)
            .and_then(|()| input.flush())
            .expect("psql reads");
        drop(input);
        let output = process.wait_with_output().expect("psql ends");
        assert!(output.status.success(), "psql fails");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn ask(&self, sql: &str) -> String {
        self.tell(|input| writeln!(input, "{sql};"))
    }

    fn load(&self, places: &Places) {
        self.ask(
            "CREATE EXTENSION postgis; CREATE UNLOGGED TABLE place (account int, x float8, y float8)",
        );
        self.tell(|input| {
            writeln!(input, "COPY place FROM STDIN;")?;
            for (account, [x, y]) in places.at.iter().enumerate() {
                let metres = |n: u32| (f64::from(n) / 2_147_483_648.0 - 1.0) * HALF_M;
                writeln!(input, "{account}\t{}\t{}", metres(*x), -metres(*y))?;
            }
            writeln!(input, "\\.")
        });
        self.ask(
            "CREATE UNLOGGED TABLE site AS SELECT account, \
             ST_SetSRID(ST_MakePoint(x, y), 3857)::geometry(Point, 3857) AS geom FROM place; \
             DROP TABLE place; CREATE INDEX ON site USING gist (geom); VACUUM ANALYZE site",
        );
    }

    /// How long each of `tiles` takes, as the client sees it; the tile itself stays there.
    fn time(&self, tiles: &[TileId]) -> Vec<Duration> {
        let told = self.tell(|input| {
            writeln!(input, "\\timing on")?;
            tiles.iter().try_for_each(|tile| {
                let (z, x, y) = (tile.z(), tile.x(), tile.y());
                writeln!(
                    input,
                    "SELECT length(ST_AsMVT(m, 'sites', 4096, 'geom')) FROM (SELECT account, \
                     ST_AsMVTGeom(geom, ST_TileEnvelope({z}, {x}, {y}), 4096, 0) AS geom \
                     FROM site WHERE geom && ST_TileEnvelope({z}, {x}, {y})) m;"
                )
            })
        });
        let told = told.lines().filter_map(|line| {
            let milliseconds = line
                .strip_prefix("Time: ")?
                .split(' ')
                .next()?
                .parse::<f64>();
            Some(Duration::from_secs_f64(milliseconds.ok()? / 1_000.0))
        });
        let measured: Vec<Duration> = told.collect();
        assert_eq!(measured.len(), tiles.len(), "each tile has a time");
        measured
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let stop = ["--wait", "-m", "immediate", "stop"];
        // What could not be started can't be stopped.
        let _ = self.tool("pg_ctl", &stop).status();
    }
}

/// Where Debian puts the programs of the newest server.
fn newest_programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let versions = versions.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    let found = versions
        .filter(|folder| folder.join("initdb").exists())
        .max();
    found.expect("PostgreSQL: scripts/debian.sh postgresql-15:initdb")
}
