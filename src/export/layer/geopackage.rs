//! `GeoPackage` 1.3 (OGC 12-128r18): one table of features in an SQLite file, with its R-tree.
//!
//! SQLite is asked on a thread of its own, as its library waits by itself; rows go there one by
//! one, so that a few are in memory.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use super::place::{Geometry, Place, united};
use super::{Error, Layer, Writer, wkb};
use crate::export::about::About;
use crate::export::value::{Column, Kind, Value};

/// Rows that wait for the disk at most.
const WAITING: usize = 64;

/// What every `GeoPackage` has (clause 1.1.2 and annex C); WGS 84 is 4326.
const TABLES: &str = include_str!("geopackage.sql");

/// What makes a table known, with `?` for texts from outside.
const KNOWN: [&str; 2] = [
    "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id) \
     VALUES (?1, 'features', ?1, ?2, 4326)",
    "INSERT INTO gpkg_geometry_columns VALUES (?1, 'geom', ?2, 4326, 0, 0)",
];

/// The file in the making.
pub(in crate::export) struct Table {
    rows: Option<SyncSender<Row>>,
    writing: Option<JoinHandle<io::Result<()>>>,
}

/// A row with its geometry as a blob, and the box of it.
struct Row {
    values: Vec<Value>,
    geometry: Option<(Vec<u8>, [f64; 4])>,
}

impl Table {
    pub(super) fn start(path: &Path, columns: &[Column], layer: Layer) -> Result<Self, Error> {
        let (rows, received) = sync_channel(WAITING);
        let (path, columns) = (path.to_owned(), columns.to_vec());
        let write = move || -> io::Result<()> {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            let written = runtime.block_on(write(path, &columns, &layer, &received));
            written.map_err(io::Error::other)
        };
        let writing = std::thread::Builder::new()
            .name("geopackage".to_owned())
            .spawn(write)?;
        Ok(Self {
            rows: Some(rows),
            writing: Some(writing),
        })
    }

    /// Waits for the thread.
    fn end(&mut self) -> Result<(), Error> {
        self.rows = None;
        let Some(writing) = self.writing.take() else {
            return Ok(());
        };
        let gone = |_| Err(io::Error::other("the thread that writes it is gone"));
        Ok(writing.join().unwrap_or_else(gone)?)
    }
}

impl Writer for Table {
    fn row(&mut self, row: &[Value], place: Option<&Place>) -> Result<(), Error> {
        let row = Row {
            values: row.to_vec(),
            geometry: place.map(|place| (blob(place), place.edges())),
        };
        let sent = self.rows.as_ref().map(|rows| rows.send(row));
        match sent {
            Some(Ok(())) => Ok(()),
            // It ended before its time, and says why.
            _ => self.end(),
        }
    }

    fn finish(mut self: Box<Self>, _about: &About) -> Result<(), Error> {
        self.end()
    }
}

/// A geometry as the blob of clause 2.1.3: a header with the box, unless it is a point, then
/// well-known binary.
fn blob(place: &Place) -> Vec<u8> {
    const LITTLE_ENDIAN: u8 = 1;
    const WITH_BOX: u8 = 1 << 1;
    let mut blob = b"GP\0".to_vec();
    match place {
        Place::Point(_) => blob.push(LITTLE_ENDIAN),
        Place::Area(_) => blob.push(LITTLE_ENDIAN | WITH_BOX),
    }
    blob.extend(4326_i32.to_le_bytes());
    if let Place::Area(_) = place {
        let [west, south, east, north] = place.edges();
        for edge in [west, east, south, north] {
            blob.extend(edge.to_le_bytes());
        }
    }
    blob.extend(wkb::bytes(place));
    blob
}

async fn write(
    path: PathBuf,
    columns: &[Column],
    layer: &Layer,
    rows: &Receiver<Row>,
) -> Result<(), sqlx::Error> {
    // Nobody has the file before it is whole, so there is nothing to go back to.
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Off)
        .synchronous(SqliteSynchronous::Off)
        .disable_statement_logging();
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let table = table_name(&layer.name);
    make(&mut connection, columns, layer, &table).await?;
    let places = vec!["?"; columns.len() + 2].join(", ");
    let insert = format!("INSERT INTO \"{table}\" VALUES ({places})");
    let index = format!("INSERT INTO \"rtree_{table}_geom\" VALUES (?, ?, ?, ?, ?)");
    let mut extent: Option<[f64; 4]> = None;
    for (number, row) in (1_i64..).zip(rows.iter()) {
        let (blob, edges) = row.geometry.unzip();
        let mut query = sqlx::query(AssertSqlSafe(insert.as_str()))
            .bind(number)
            .bind(blob);
        for value in row.values {
            query = match value {
                Value::None => query.bind(None::<String>),
                Value::Text(text) => query.bind(text),
                Value::Day(day) => query.bind(day.to_string()),
                Value::Count(count) => query.bind(count),
                number @ (Value::Fixed(..) | Value::Number(_)) => query.bind(number.number()),
            };
        }
        query.execute(&mut connection).await?;
        if let Some([west, south, east, north]) = edges {
            extent = Some(extent.map_or([west, south, east, north], |known| {
                united(known, [west, south, east, north])
            }));
            let mut query = sqlx::query(AssertSqlSafe(index.as_str())).bind(number);
            for edge in [west, east, south, north] {
                query = query.bind(edge);
            }
            query.execute(&mut connection).await?;
        }
    }
    if let Some([west, south, east, north]) = extent {
        sqlx::query("UPDATE gpkg_contents SET min_x = ?, min_y = ?, max_x = ?, max_y = ?")
            .bind(west)
            .bind(south)
            .bind(east)
            .bind(north)
            .execute(&mut connection)
            .await?;
    }
    run(&mut connection, triggers(&table)).await?;
    run(&mut connection, "COMMIT".to_owned()).await?;
    connection.close().await
}

/// Makes the tables, and begins the transaction that all rows go into.
async fn make(
    connection: &mut SqliteConnection,
    columns: &[Column],
    layer: &Layer,
    table: &str,
) -> Result<(), sqlx::Error> {
    run(connection, TABLES.to_owned()).await?;
    let columns: Vec<String> = columns
        .iter()
        .map(|column| format!(", {} {}", quoted(&column.heading), type_of(column.kind)))
        .collect();
    let geometry = match layer.geometry {
        Geometry::Points => "POINT",
        Geometry::Areas => "MULTIPOLYGON",
        Geometry::Both => "GEOMETRY",
    };
    run(
        connection,
        format!(
            "CREATE TABLE \"{table}\" (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, \
             geom {geometry}{})",
            columns.concat()
        ),
    )
    .await?;
    for (statement, second) in KNOWN.iter().zip([layer.about.as_str(), geometry]) {
        sqlx::query(*statement)
            .bind(table)
            .bind(second)
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query(
        "INSERT INTO gpkg_extensions VALUES (?, 'geom', 'gpkg_rtree_index', \
         'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')",
    )
    .bind(table)
    .execute(&mut *connection)
    .await?;
    let index = format!(
        "CREATE VIRTUAL TABLE \"rtree_{table}_geom\" USING rtree(id, minx, maxx, miny, maxy)"
    );
    run(connection, index).await
}

async fn run(connection: &mut SqliteConnection, statements: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(statements))
        .execute(connection)
        .await?;
    Ok(())
}

/// What keeps the index in step when a program changes the table (annex F.3).
fn triggers(table: &str) -> String {
    include_str!("geopackage.triggers.sql").replace("{table}", table)
}

fn type_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "TEXT",
        Kind::Day => "DATE",
        Kind::Count => "INTEGER",
        Kind::Money(_) | Kind::Quantity | Kind::Share | Kind::Number => "REAL",
    }
}

/// `name` as that of a table: letters, digits and spaces, and no beginning that SQLite or the
/// standard keep for themselves.
fn table_name(name: &str) -> String {
    let sign = |sign: char| if sign.is_alphanumeric() { sign } else { ' ' };
    let words: String = name.chars().take(60).map(sign).collect();
    let words: Vec<&str> = words.split_whitespace().collect();
    let words = words.join(" ");
    let lower = words.to_lowercase();
    let is_kept = ["gpkg", "sqlite", "rtree"]
        .iter()
        .any(|kept| lower.starts_with(kept));
    if words.is_empty() || is_kept {
        return format!("layer {words}").trim_end().to_owned();
    }
    words
}

/// A name as SQLite takes it, whatever stands in it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\"").replace('\0', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_a_plain_name() {
        assert_eq!(table_name("Kreis"), "Kreis");
        assert_eq!(table_name("Süd\"; DROP--"), "Süd DROP");
        assert_eq!(table_name("gpkg_contents"), "layer gpkg contents");
        assert_eq!(table_name("\u{1f600}"), "layer");
    }
}
