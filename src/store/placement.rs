//! Placements: positions that were decided on, and what waits for a decision.

use sqlx::{QueryBuilder, Row, Sqlite};

use super::account::{entry_of, push_site};
use super::{Draft, Entry, Error, Store};
use crate::record::account::Address;
use crate::record::placement::{How, Placement};

/// How and when a position was decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// How.
    pub how: How,
    /// When, RFC 3339 UTC.
    pub at: String,
}

/// Accounts that are doubtful or unplaced for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoubtGroup {
    /// The reason.
    pub reason: String,
    /// How many accounts.
    pub accounts: u64,
    /// How many of them have no position.
    pub unplaced: u64,
}

/// `SQLite` takes 32 766 values in one statement; a placement has 25.
const ROWS_PER_STATEMENT: usize = 1_000;

impl Draft {
    /// Places the accounts of these numbers.
    ///
    /// # Errors
    /// The database must take them. Numbers must be known and differ from each other.
    pub async fn place(&mut self, placements: &[(i64, Placement)]) -> Result<(), Error> {
        let batch = self.id();
        for slice in placements.chunks(ROWS_PER_STATEMENT) {
            let mut query = QueryBuilder::<Sqlite>::new(
                "INSERT INTO placement (account, batch, how, for_street, for_postal_code, \
                 for_place, for_state, for_country, street, postal_code, place, state, country, \
                 lon, lat, precision, source, radius_m, confidence, reason_code, reason_detail, \
                 site_country, site_unit, site_postal, h3) ",
            );
            query.push_values(slice, |mut row, (account, placement)| {
                let (site, address) = (&placement.site, placement.address.as_ref());
                row.push_bind(*account)
                    .push_bind(batch.0)
                    .push_bind(placement.how.name());
                for part in parts(&placement.for_address) {
                    row.push_bind(part);
                }
                for part in address.map_or([None; 5], |address| parts(address).map(Some)) {
                    row.push_bind(part);
                }
                push_site(&mut row, site);
            });
            query.build().execute(&mut *self.transaction).await?;
        }
        Ok(())
    }
}

impl Store {
    /// The reasons for which accounts are doubtful or unplaced, the most frequent first.
    ///
    /// O(accounts): about a second a million.
    ///
    /// # Errors
    /// The database must answer.
    pub async fn doubts(&self) -> Result<Vec<DoubtGroup>, Error> {
        let rows = sqlx::query(
            "SELECT reason_code, count(*), sum(lon IS NULL) FROM account_current \
             WHERE reason_code IS NOT NULL GROUP BY reason_code ORDER BY 2 DESC, 1",
        )
        .fetch_all(&self.pool)
        .await?;
        let group = |row: &sqlx::sqlite::SqliteRow| DoubtGroup {
            reason: row.get(0),
            accounts: count(row.get(1)),
            unplaced: count(row.get(2)),
        };
        Ok(rows.iter().map(group).collect())
    }

    /// How many accounts a person decided on.
    ///
    /// # Errors
    /// The database must answer.
    pub async fn decided(&self) -> Result<u64, Error> {
        let row = sqlx::query(
            "SELECT count(DISTINCT account) FROM placement WHERE how <> 'relocated' \
             AND account IN (SELECT account FROM account_version)",
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(count(row.get(0)))
    }

    /// A page of the accounts that are doubtful or unplaced, for `reason` alone when one is
    /// given; unplaced ones first, then the least sure.
    ///
    /// # Errors
    /// The database must answer.
    pub async fn doubtful(
        &self,
        reason: Option<&str>,
        offset: u64,
        limit: u64,
    ) -> Result<Vec<Entry>, Error> {
        let rows = sqlx::query(
            "SELECT * FROM account_current WHERE reason_code IS NOT NULL \
             AND (?1 IS NULL OR reason_code = ?1) \
             ORDER BY lon IS NOT NULL, confidence, account LIMIT ?2 OFFSET ?3",
        )
        .bind(reason)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .bind(i64::try_from(offset).unwrap_or(i64::MAX))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(entry_of).collect()
    }
}

fn parts(address: &Address) -> [&str; 5] {
    [
        &address.street,
        &address.postal_code,
        &address.place,
        &address.state,
        &address.country,
    ]
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
