//! Accounts as the warehouse knows them: lists by box and text, and the points of the map.

use duckdb::arrow::array::{Array, AsArray, Float64Array};
use duckdb::arrow::datatypes::{Float64Type, Int32Type};
use duckdb::types::Value;
use duckdb::{Connection, Row, params_from_iter};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Error, Warehouse};
use crate::place::{Bounds, LonLat};
use crate::record::site::Precision;

/// Which accounts are wanted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AccountsQuestion {
    /// Only accounts in this box.
    pub bounds: Option<Bounds>,
    /// Only accounts whose key, name, place or street contains this, in any case.
    pub text: String,
    /// How many to leave out at the start.
    pub offset: u64,
    /// How many to give at most.
    pub limit: u64,
}

/// An account in a list.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AccountRow {
    /// Key of the account in the company's own files.
    pub key: String,
    /// Company or household.
    pub name: String,
    /// Stage of life.
    pub stage: String,
    /// Street with house number, as written.
    pub street: String,
    /// Postal code, as written.
    pub postal_code: String,
    /// Town or village, as written.
    pub place: String,
    /// Country, as written.
    pub country: String,
    /// Longitude and latitude in degrees (WGS84), where it was located.
    #[schema(value_type = Option<[f64; 2]>)]
    pub position: Option<LonLat>,
    /// How exact the position is.
    pub precision: String,
}

/// An account as a point of the map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SiteRow {
    /// Number of the account in this warehouse.
    pub account: i32,
    /// Where it is.
    pub position: LonLat,
    /// How exact that is.
    pub precision: Precision,
}

const COLUMNS: &str =
    "key, name, stage_word, street, postal_code, place, country_text, lon, lat, precision";

impl Warehouse {
    /// How many accounts there are, and a page of them by name.
    ///
    /// # Errors
    /// The engine must answer.
    pub fn accounts(&self, question: &AccountsQuestion) -> Result<(u64, Vec<AccountRow>), Error> {
        let mut conditions = vec!["true".to_owned()];
        let mut parameters: Vec<Value> = Vec::new();
        if let Some(bounds) = question.bounds {
            let [west, south, east, north] = bounds.into();
            conditions.push("lon BETWEEN ? AND ? AND lat BETWEEN ? AND ?".to_owned());
            parameters.extend([west, east, south, north].map(Value::Double));
        }
        let text = question.text.trim().to_lowercase();
        if !text.is_empty() {
            let columns = ["key", "name", "place", "street"]
                .map(|column| format!("contains(lower({column}), ?)"));
            conditions.push(format!("({})", columns.join(" OR ")));
            parameters.extend(std::iter::repeat_n(Value::Text(text), columns.len()));
        }
        let condition = conditions.join(" AND ");
        self.with(|connection| {
            let total: i64 = connection
                .prepare_cached(&format!("SELECT count(*) FROM account WHERE {condition}"))?
                .query_row(params_from_iter(&parameters), |row| row.get(0))?;
            let page = format!(
                "SELECT {COLUMNS} FROM account WHERE {condition} ORDER BY name, key \
                 LIMIT {} OFFSET {}",
                question.limit, question.offset
            );
            let rows = rows_of(connection, &page, &parameters)?;
            Ok((u64::try_from(total).unwrap_or_default(), rows))
        })
    }

    /// The accounts of these numbers, in the order of numbers; those that there are.
    ///
    /// # Errors
    /// The engine must answer.
    pub fn accounts_of(&self, numbers: &[i64]) -> Result<Vec<AccountRow>, Error> {
        let numbers: Vec<String> = numbers.iter().map(i64::to_string).collect();
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        let query = format!(
            "SELECT {COLUMNS} FROM account WHERE id IN ({}) ORDER BY id",
            numbers.join(", ")
        );
        self.with(|connection| rows_of(connection, &query, &[]))
    }

    /// Up to `limit` accounts whose numbers are above `after` and whose points lie in one of the
    /// boxes, or anywhere and nowhere when there are none, with their numbers and in their order.
    ///
    /// # Errors
    /// The engine must answer.
    pub fn accounts_after(
        &self,
        after: u64,
        boxes: &[Bounds],
        limit: usize,
    ) -> Result<Vec<(u64, AccountRow)>, Error> {
        let (condition, parameters) = in_boxes(boxes);
        let query = format!(
            "SELECT {COLUMNS}, id FROM account WHERE id > {after} AND {condition} \
             ORDER BY id LIMIT {limit}"
        );
        self.with(|connection| {
            let mut statement = connection.prepare(&query)?;
            let rows = statement.query_map(params_from_iter(&parameters), |row| {
                let number: i64 = row.get(COLUMNS.split(", ").count())?;
                Ok((u64::try_from(number).unwrap_or_default(), row_of(row)?))
            })?;
            Ok(rows.collect::<Result<Vec<_>, _>>()?)
        })
    }

    /// How many accounts [`Warehouse::accounts_after`] gives in all.
    ///
    /// # Errors
    /// The engine must answer.
    pub fn count_accounts(&self, boxes: &[Bounds]) -> Result<u64, Error> {
        let (condition, parameters) = in_boxes(boxes);
        let query = format!("SELECT count(*) FROM account WHERE {condition}");
        self.with(|connection| {
            let mut statement = connection.prepare(&query)?;
            let count: i64 =
                statement.query_row(params_from_iter(&parameters), |row| row.get(0))?;
            Ok(u64::try_from(count).unwrap_or_default())
        })
    }

    /// The box around the accounts of the postal code of this number; none without a position.
    ///
    /// # Errors
    /// The engine must answer.
    pub fn bounds_of_postal_code(&self, number: i64) -> Result<Option<Bounds>, Error> {
        self.with(|connection| {
            let corners: [Option<f64>; 4] = connection.query_row(
                "SELECT min(lon), min(lat), max(lon), max(lat) FROM account WHERE postal = ?",
                [number],
                |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]),
            )?;
            let [Some(west), Some(south), Some(east), Some(north)] = corners else {
                return Ok(None);
            };
            Ok(Bounds::try_from([west, south, east, north]).ok())
        })
    }

    /// Every account with a position, by number; read once, then kept.
    ///
    /// # Errors
    /// The engine must answer.
    pub fn sites(&self) -> Result<&[SiteRow], Error> {
        let sites = self.kept_sites.get(|| {
            let mut sites = Vec::new();
            self.each_site(|site| sites.push(site))?;
            sites.sort_unstable_by_key(|site| site.account);
            Ok(sites)
        });
        sites.map(Vec::as_slice)
    }

    /// Hands every account with a position to `take`, in no order.
    ///
    /// # Errors
    /// The engine must answer.
    pub fn each_site(&self, mut take: impl FnMut(SiteRow)) -> Result<(), Error> {
        self.each_row("account", "id::INTEGER, lon, lat, precision", |batch| {
            let accounts = batch.column(0).as_primitive::<Int32Type>();
            let degrees = |column: usize| batch.column(column).as_primitive::<Float64Type>();
            let (lon, lat) = (degrees(1), degrees(2));
            let precisions = batch.column(3).as_string::<i32>();
            for row in 0..batch.num_rows() {
                let degrees = |degrees: &Float64Array| {
                    Some(degrees.value(row)).filter(|_| degrees.is_valid(row))
                };
                let position = degrees(lon).zip(degrees(lat));
                if let Some((lon, lat)) = position
                    && let Ok(position) = LonLat::parse(lon, lat)
                {
                    take(SiteRow {
                        account: accounts.value(row),
                        position,
                        precision: Precision::parse(precisions.value(row)).unwrap_or_default(),
                    });
                }
            }
        })
    }
}

/// The condition that a point lies in one of the boxes, and its parameters.
fn in_boxes(boxes: &[Bounds]) -> (String, Vec<Value>) {
    if boxes.is_empty() {
        return ("true".to_owned(), Vec::new());
    }
    let one = "(lon BETWEEN ? AND ? AND lat BETWEEN ? AND ?)";
    let edges = boxes.iter().flat_map(|bounds| {
        let [west, south, east, north] = <[f64; 4]>::from(*bounds);
        [west, east, south, north].map(Value::Double)
    });
    let conditions = vec![one; boxes.len()].join(" OR ");
    (format!("({conditions})"), edges.collect())
}

fn rows_of(
    connection: &Connection,
    query: &str,
    parameters: &[Value],
) -> Result<Vec<AccountRow>, Error> {
    let mut statement = connection.prepare(query)?;
    let rows = statement.query_map(params_from_iter(parameters), row_of)?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?)
}

fn row_of(row: &Row<'_>) -> duckdb::Result<AccountRow> {
    let (lon, lat): (Option<f64>, Option<f64>) = (row.get(7)?, row.get(8)?);
    Ok(AccountRow {
        key: row.get(0)?,
        name: row.get(1)?,
        stage: row.get(2)?,
        street: row.get(3)?,
        postal_code: row.get(4)?,
        place: row.get(5)?,
        country: row.get(6)?,
        position: lon
            .zip(lat)
            .and_then(|(lon, lat)| LonLat::parse(lon, lat).ok()),
        precision: row.get(9)?,
    })
}
