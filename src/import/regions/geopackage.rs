//! GeoPackages: one table with polygons of an SQLite file.
//!
//! Tables by OGC 12-128r18 (GeoPackage 1.3). The file is opened for reading alone; of what a
//! hostile file could hold, views and virtual tables are not read, as they run code of the file.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row};

use super::layer::{Crs, Layer, damaged};
use super::{wkb, wkt};
use crate::import::error::Error;

/// The first bytes of an SQLite file.
pub(super) const MAGIC: [u8; 16] = *b"SQLite format 3\0";
/// The most bytes of one geometry.
const MAX_GEOMETRY_BYTES: i64 = 256 << 20;
/// The most signs of one value.
const MAX_VALUE_CHARS: i64 = 65_536;

/// A table with geometries.
#[derive(sqlx::FromRow)]
struct Content {
    table_name: String,
    column_name: String,
    srs_id: i64,
    sql: String,
}

/// The features of the table `wanted` of the file at `path`, or of its only one.
///
/// # Errors
/// The file must be a GeoPackage with that table, or with one of areas alone.
pub(super) fn read(path: &Path, name: &str, wanted: Option<&str>) -> Result<Layer, Error> {
    // A thread of its own: the caller may be within another runtime, which allows no second.
    std::thread::scope(|scope| {
        let reading = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let runtime = runtime.map_err(|error| damaged(name, 0, error.to_string()))?;
            runtime.block_on(read_file(path, name, wanted))
        });
        let gone = |_| Err(damaged(name, 0, "its content is damaged"));
        reading.join().unwrap_or_else(gone)
    })
}

async fn read_file(path: &Path, name: &str, wanted: Option<&str>) -> Result<Layer, Error> {
    let broken = |error: sqlx::Error| damaged(name, 0, error.to_string());
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .immutable(true)
        .pragma("trusted_schema", "OFF")
        .disable_statement_logging();
    let mut connection = SqliteConnection::connect_with(&options)
        .await
        .map_err(broken)?;
    let contents = contents(&mut connection, name).await?;
    let content = choose(contents, name, wanted)?;
    let mut layer = Layer::new("GeoPackage", name);
    layer.crs = crs(&mut connection, content.srs_id).await.map_err(broken)?;
    features(&mut connection, &content, &mut layer, name).await?;
    Ok(layer)
}

/// The tables with geometries.
async fn contents(connection: &mut SqliteConnection, name: &str) -> Result<Vec<Content>, Error> {
    let tables = sqlx::query_as(
        "SELECT g.table_name, g.column_name, g.srs_id, s.sql \
         FROM gpkg_geometry_columns g JOIN sqlite_master s ON s.name = g.table_name \
         WHERE s.type = 'table' AND s.sql LIKE 'CREATE TABLE%' ORDER BY g.table_name LIMIT 1000",
    );
    tables.fetch_all(connection).await.map_err(|error| {
        if error.to_string().contains("no such table") {
            return Error::NotRegions {
                name: name.to_owned(),
                found: "an SQLite file without the tables of a GeoPackage",
            };
        }
        damaged(name, 0, error.to_string())
    })
}

fn choose(contents: Vec<Content>, name: &str, wanted: Option<&str>) -> Result<Content, Error> {
    let layers: Vec<String> = contents.iter().map(|own| own.table_name.clone()).collect();
    let mut fitting = contents
        .into_iter()
        .filter(|own| wanted.is_none_or(|wanted| own.table_name.eq_ignore_ascii_case(wanted)));
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => Ok(only),
        _ => Err(Error::Layers {
            name: name.to_owned(),
            wanted: wanted.map(str::to_owned),
            layers: layers.join(", "),
        }),
    }
}

async fn crs(connection: &mut SqliteConnection, srs_id: i64) -> Result<Crs, sqlx::Error> {
    // -1 and 0 mean that nothing is known.
    if srs_id <= 0 {
        return Ok(Crs::Unsaid);
    }
    let row: Option<(String, i64, String)> = sqlx::query_as(
        "SELECT organization, organization_coordsys_id, definition \
         FROM gpkg_spatial_ref_sys WHERE srs_id = ?",
    )
    .bind(srs_id)
    .fetch_optional(connection)
    .await?;
    let Some((organization, code, definition)) = row else {
        return Ok(u32::try_from(srs_id).map_or(Crs::Unsaid, Crs::Epsg));
    };
    Ok(match u32::try_from(code) {
        Ok(code) if organization.eq_ignore_ascii_case("EPSG") => Crs::Epsg(code),
        _ => wkt::epsg(&definition).map_or_else(Crs::Unknown, Crs::Epsg),
    })
}

async fn features(
    connection: &mut SqliteConnection,
    content: &Content,
    layer: &mut Layer,
    name: &str,
) -> Result<(), Error> {
    let broken = |error: sqlx::Error| damaged(name, 0, error.to_string());
    let fields: Vec<(String, String)> =
        sqlx::query_as("SELECT name, type FROM pragma_table_info(?)")
            .bind(&content.table_name)
            .fetch_all(&mut *connection)
            .await
            .map_err(broken)?;
    let geometry = quoted(&content.column_name);
    let mut chosen = vec![format!(
        "CASE WHEN length({geometry}) <= {MAX_GEOMETRY_BYTES} THEN {geometry} END"
    )];
    let mut columns = Vec::new();
    for (field, kind) in fields {
        let is_text = !kind.to_uppercase().contains("BLOB");
        if is_text && !field.eq_ignore_ascii_case(&content.column_name) {
            columns.push(layer.column(&field)?);
            chosen.push(format!(
                "substr(CAST({} AS TEXT), 1, {MAX_VALUE_CHARS})",
                quoted(&field)
            ));
        }
    }
    let mut query = format!(
        "SELECT {} FROM {}",
        chosen.join(", "),
        quoted(&content.table_name)
    );
    if !content.sql.to_uppercase().contains("WITHOUT ROWID") {
        query.push_str(" ORDER BY rowid");
    }
    // Row by row: a transaction that is read to its end holds no more than one.
    let mut rows = sqlx::query(AssertSqlSafe(query)).fetch(connection);
    while let Some(row) = futures_util::TryStreamExt::try_next(&mut rows)
        .await
        .map_err(broken)?
    {
        let blob: Option<Vec<u8>> = row.try_get_unchecked(0).unwrap_or_default();
        let shape = wkb::shape(&blob.unwrap_or_default());
        let cells = columns.iter().enumerate().map(|(at, column)| {
            let text: Option<String> = row.try_get_unchecked(at + 1).unwrap_or_default();
            (*column, text.unwrap_or_default())
        });
        layer.push(cells.collect(), shape)?;
    }
    Ok(())
}

/// A name as SQLite takes it, whatever stands in it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\"").replace('\0', ""))
}

#[cfg(test)]
pub(super) mod tests {
    use std::path::Path;

    use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

    /// Makes a database of `statements` at `path`.
    pub(in crate::import::regions) fn geopackage(path: &Path, statements: &[String]) {
        let make = async {
            let url = format!("sqlite://{}?mode=rwc", path.display());
            let mut connection = SqliteConnection::connect(&url).await.unwrap();
            for statement in statements {
                sqlx::query(AssertSqlSafe(statement.clone()))
                    .execute(&mut connection)
                    .await
                    .unwrap();
            }
            connection.close().await.unwrap();
        };
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(make);
    }
}
