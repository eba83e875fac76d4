//! Accounts: versions written by batches, the current ones read back.

use std::collections::{HashMap, HashSet};

use futures_util::TryStreamExt;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};
use tokio::sync::mpsc::Sender;

use super::{Counts, Draft, Error, Store};
use crate::place::{LonLat, RegionKey};
use crate::record::account::{Account, Address, Stage};
use crate::record::site::{Precision, Reason, Site};

/// An account as it stands, with its site.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its number in this home, kept as long as the account exists.
    pub id: i64,
    /// What the files say of it.
    pub account: Account,
    /// Where it is.
    pub site: Site,
}

/// `SQLite` takes 32 766 values in one statement; a version has 28.
const ROWS_PER_STATEMENT: usize = 1_000;

impl Draft {
    /// Adds a version for each account that is new or differs from its current version.
    ///
    /// # Errors
    /// The database must take them. Keys must differ from each other.
    pub async fn put(&mut self, entries: &[(Account, Site)]) -> Result<Counts, Error> {
        let mut counts = Counts::default();
        for slice in entries.chunks(ROWS_PER_STATEMENT) {
            let current = self.current_of(slice).await?;
            let mut next: i64 = sqlx::query("SELECT coalesce(max(id), 0) + 1 FROM account")
                .fetch_one(&mut *self.transaction)
                .await?
                .get(0);
            let (mut ids, mut versions) = (Vec::new(), Vec::new());
            for (account, site) in slice {
                match current.get(&account.key) {
                    Some(entry) if entry.account == *account => counts.unchanged += 1,
                    Some(entry) => {
                        counts.changed += 1;
                        versions.push((entry.id, account, site));
                    }
                    None => {
                        counts.added += 1;
                        ids.push((next, &account.key));
                        versions.push((next, account, site));
                        next += 1;
                    }
                }
            }
            self.insert(&ids, &versions).await?;
        }
        Ok(counts)
    }

    async fn current_of(
        &mut self,
        slice: &[(Account, Site)],
    ) -> Result<HashMap<String, Entry>, Error> {
        let mut query = QueryBuilder::<Sqlite>::new("SELECT * FROM account_current WHERE key IN (");
        let mut keys = query.separated(", ");
        for (account, _) in slice {
            keys.push_bind(account.key.as_str());
        }
        query.push(")");
        let rows = query.build().fetch_all(&mut *self.transaction).await?;
        rows.iter()
            .map(|row| Ok((row.get("key"), entry_of(row)?)))
            .collect()
    }

    async fn insert(
        &mut self,
        ids: &[(i64, &String)],
        versions: &[(i64, &Account, &Site)],
    ) -> Result<(), Error> {
        if !ids.is_empty() {
            let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO account (id, key) ");
            query.push_values(ids, |mut row, (id, key)| {
                row.push_bind(*id).push_bind(key.as_str());
            });
            query.build().execute(&mut *self.transaction).await?;
        }
        if versions.is_empty() {
            return Ok(());
        }
        let batch = self.id();
        let mut query = QueryBuilder::<Sqlite>::new(
            "INSERT INTO account_version (account, batch, name, stage, industry, contact, phone, \
             email, website, street, postal_code, place, state, country, given_lon, given_lat, \
             lon, lat, precision, source, radius_m, confidence, reason_code, reason_detail, site_country, site_unit, \
             site_postal, h3) ",
        );
        query.push_values(versions, |mut row, (id, account, site)| {
            let Address {
                street,
                postal_code,
                place,
                state,
                country,
            } = &account.address;
            let reason = site.reason.as_ref();
            row.push_bind(*id)
                .push_bind(batch.0)
                .push_bind(account.name.as_str())
                .push_bind(account.stage.name())
                .push_bind(account.industry.as_str())
                .push_bind(account.contact.as_str())
                .push_bind(account.phone.as_str())
                .push_bind(account.email.as_str())
                .push_bind(account.website.as_str())
                .push_bind(street.as_str())
                .push_bind(postal_code.as_str())
                .push_bind(place.as_str())
                .push_bind(state.as_str())
                .push_bind(country.as_str())
                .push_bind(account.position.map(LonLat::lon))
                .push_bind(account.position.map(LonLat::lat))
                .push_bind(site.position.map(LonLat::lon))
                .push_bind(site.position.map(LonLat::lat))
                .push_bind(site.precision.name())
                .push_bind(site.source.as_str())
                .push_bind(site.radius_m)
                .push_bind(site.confidence)
                .push_bind(reason.map(|reason| reason.code.as_str()))
                .push_bind(reason.map(|reason| reason.detail.as_str()))
                .push_bind(site.country.as_ref().map(RegionKey::as_str))
                .push_bind(site.unit.as_ref().map(RegionKey::as_str))
                .push_bind(site.postal.as_ref().map(RegionKey::as_str))
                .push_bind(site.h3.map(u64::cast_signed));
        });
        query.build().execute(&mut *self.transaction).await?;
        Ok(())
    }
}

impl Store {
    /// Sends every current account to `receiver`, in the order of ids, but no end mark; ends early
    /// when it closes.
    ///
    /// # Errors
    /// The database must answer.
    pub async fn send_accounts(&self, receiver: &Sender<Option<Entry>>) -> Result<(), Error> {
        let mut rows =
            sqlx::query("SELECT * FROM account_current ORDER BY account").fetch(&self.pool);
        while let Some(row) = rows.try_next().await? {
            if receiver.send(Some(entry_of(&row)?)).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    /// The keys of all accounts.
    ///
    /// # Errors
    /// The database must answer.
    pub async fn account_keys(&self) -> Result<HashSet<String>, Error> {
        let rows = sqlx::query("SELECT key FROM account")
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// The current version of the account with `key`.
    ///
    /// # Errors
    /// The database must answer.
    pub async fn account(&self, key: &str) -> Result<Option<Entry>, Error> {
        sqlx::query("SELECT * FROM account_current WHERE key = ?")
            .bind(key)
            .fetch_optional(&self.pool)
            .await?
            .map(|row| entry_of(&row))
            .transpose()
    }
}

fn entry_of(row: &SqliteRow) -> Result<Entry, Error> {
    let stage: &str = row.get("stage");
    let precision: &str = row.get("precision");
    let region = |column: &str| row.get::<Option<String>, _>(column).map(RegionKey::new);
    Ok(Entry {
        id: row.get("account"),
        account: Account {
            key: row.get("key"),
            name: row.get("name"),
            stage: Stage::parse(stage).ok_or_else(|| unknown("stage", stage))?,
            industry: row.get("industry"),
            contact: row.get("contact"),
            phone: row.get("phone"),
            email: row.get("email"),
            website: row.get("website"),
            address: Address {
                street: row.get("street"),
                postal_code: row.get("postal_code"),
                place: row.get("place"),
                state: row.get("state"),
                country: row.get("country"),
            },
            position: position_of(row, "given_lon", "given_lat"),
        },
        site: Site {
            position: position_of(row, "lon", "lat"),
            precision: Precision::parse(precision)
                .ok_or_else(|| unknown("precision", precision))?,
            source: row.get("source"),
            radius_m: row.get("radius_m"),
            confidence: row.get("confidence"),
            reason: row
                .get::<Option<String>, _>("reason_code")
                .map(|code| Reason {
                    code,
                    detail: row
                        .get::<Option<String>, _>("reason_detail")
                        .unwrap_or_default(),
                }),
            country: region("site_country"),
            unit: region("site_unit"),
            postal: region("site_postal"),
            h3: row.get::<Option<i64>, _>("h3").map(i64::cast_unsigned),
        },
    })
}

fn position_of(row: &SqliteRow, lon: &str, lat: &str) -> Option<LonLat> {
    let (lon, lat): (Option<f64>, Option<f64>) = (row.get(lon), row.get(lat));
    LonLat::parse(lon?, lat?).ok()
}

fn unknown(what: &'static str, value: &str) -> Error {
    Error::Unknown {
        what,
        value: value.to_owned(),
    }
}
