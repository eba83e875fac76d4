//! Accounts: versions written by batches, the current ones read back.

use std::collections::{HashMap, HashSet};

use sqlx::query_builder::Separated;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

use super::{Counts, Decided, Draft, Error, Store};
use crate::place::{LonLat, RegionKey};
use crate::record::account::{Account, Address, Stage};
use crate::record::placement::How;
use crate::record::site::{Precision, Reason, Site};

/// An account as it stands, with its site.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its number in this home, kept as long as the account exists.
    pub id: i64,
    /// What the files say of it, with the address that counts.
    pub account: Account,
    /// Where it is.
    pub site: Site,
    /// The address of the files.
    pub file_address: Address,
    /// How the position was decided on, unless it is the one that the import found.
    pub decided: Option<Decided>,
}

/// Accounts by key: their numbers and what the newest file says.
type Known = HashMap<String, (i64, Option<Account>)>;

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
                    Some((_, Some(known))) if known == account => counts.unchanged += 1,
                    Some((id, Some(_))) => {
                        counts.changed += 1;
                        versions.push((*id, account, site));
                    }
                    // A person placed it; the batch that brought it was taken back since.
                    Some((id, None)) => {
                        counts.added += 1;
                        versions.push((*id, account, site));
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

    /// The accounts of `slice` that are known: their numbers and what the newest file says of
    /// them, if there is one.
    async fn current_of(&mut self, slice: &[(Account, Site)]) -> Result<Known, Error> {
        let mut known = Known::new();
        for (table, column) in [("account", "id"), ("account_file", "account")] {
            let mut query =
                QueryBuilder::<Sqlite>::new(format!("SELECT * FROM {table} WHERE key IN ("));
            let mut keys = query.separated(", ");
            for (account, _) in slice {
                keys.push_bind(account.key.as_str());
            }
            query.push(")");
            for row in query.build().fetch_all(&mut *self.transaction).await? {
                let account = (table == "account_file").then(|| account_of(&row));
                known.insert(row.get("key"), (row.get(column), account.transpose()?));
            }
        }
        Ok(known)
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
                .push_bind(account.position.map(LonLat::lat));
            push_site(&mut row, site);
        });
        query.build().execute(&mut *self.transaction).await?;
        Ok(())
    }
}

impl Store {
    /// The keys of all accounts.
    ///
    /// # Errors
    /// The database must answer.
    pub async fn account_keys(&self) -> Result<HashSet<String>, Error> {
        let rows = sqlx::query(
            "SELECT key FROM account WHERE id IN (SELECT account FROM account_version)",
        )
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

/// A row of `account_current`.
pub(super) fn entry_of(row: &SqliteRow) -> Result<Entry, Error> {
    let how: Option<&str> = row.get("how");
    let decided = how.map(|how| {
        Ok::<_, Error>(Decided {
            how: How::parse(how).ok_or_else(|| unknown("way of placing", how))?,
            at: row.get("placed_at"),
        })
    });
    Ok(Entry {
        id: row.get("account"),
        account: account_of(row)?,
        site: site_of(row)?,
        file_address: address_of(row, "file_"),
        decided: decided.transpose()?,
    })
}

/// What a row of `account_current` or `account_file` says of the account.
fn account_of(row: &SqliteRow) -> Result<Account, Error> {
    let stage: &str = row.get("stage");
    Ok(Account {
        key: row.get("key"),
        name: row.get("name"),
        stage: Stage::parse(stage).ok_or_else(|| unknown("stage", stage))?,
        industry: row.get("industry"),
        contact: row.get("contact"),
        phone: row.get("phone"),
        email: row.get("email"),
        website: row.get("website"),
        address: address_of(row, ""),
        position: position_of(row, "given_lon", "given_lat"),
    })
}

fn address_of(row: &SqliteRow, prefix: &str) -> Address {
    let text = |column: &str| row.get(format!("{prefix}{column}").as_str());
    Address {
        street: text("street"),
        postal_code: text("postal_code"),
        place: text("place"),
        state: text("state"),
        country: text("country"),
    }
}

fn site_of(row: &SqliteRow) -> Result<Site, Error> {
    let precision: &str = row.get("precision");
    let region = |column: &str| row.get::<Option<String>, _>(column).map(RegionKey::new);
    let detail = || row.get::<Option<String>, _>("reason_detail");
    let code: Option<String> = row.get("reason_code");
    Ok(Site {
        position: position_of(row, "lon", "lat"),
        precision: Precision::parse(precision).ok_or_else(|| unknown("precision", precision))?,
        source: row.get("source"),
        radius_m: row.get("radius_m"),
        confidence: row.get("confidence"),
        reason: code.map(|code| Reason::new(&code, detail().unwrap_or_default())),
        country: region("site_country"),
        unit: region("site_unit"),
        postal: region("site_postal"),
        h3: row.get::<Option<i64>, _>("h3").map(i64::cast_unsigned),
    })
}

/// Binds the columns of a site, from `lon` to `h3`, in the order of the tables.
pub(super) fn push_site(row: &mut Separated<'_, Sqlite, &'static str>, site: &Site) {
    let reason = site.reason.as_ref();
    row.push_bind(site.position.map(LonLat::lon))
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
