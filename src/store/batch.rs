//! Batches: one import each, whole or not at all, and taken back whole.

use std::fmt;

use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, SqliteConnection, Transaction};
use utoipa::ToSchema;

use super::{Error, Store, write_mapping};
use crate::import;
use crate::place::OwnLevel;

/// What a batch holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Accounts of a file.
    Accounts,
    /// Sales lines of a file.
    Sales,
    /// Streets and houses of a file.
    Addresses,
    /// Regions of a company's own.
    Regions,
    /// Exchange rates.
    Rates,
    /// Positions that a person decided on.
    Review,
    /// Positions that a newer gazetteer, or newer streets and houses, found.
    Relocation,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Accounts,
        Self::Sales,
        Self::Addresses,
        Self::Regions,
        Self::Rates,
        Self::Review,
        Self::Relocation,
    ];

    /// The word of the kind in the API and in SQL.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Sales => "sales",
            Self::Addresses => "addresses",
            Self::Regions => "regions",
            Self::Rates => "rates",
            Self::Review => "review",
            Self::Relocation => "relocation",
        }
    }

    /// The kind of that word; `None` for any other word.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether a batch changes what is derived from the truth; streets and houses only tell later
    /// imports where addresses are.
    fn changes_records(self) -> bool {
        self != Self::Addresses
    }

    /// Whether a batch is compared with the earlier ones of its kind, so that they can't be taken
    /// back before it.
    fn builds_on_earlier(self) -> bool {
        matches!(self, Self::Accounts | Self::Sales)
    }
}

impl From<import::Kind> for Kind {
    fn from(kind: import::Kind) -> Self {
        match kind {
            import::Kind::Accounts => Self::Accounts,
            import::Kind::Sales => Self::Sales,
            import::Kind::Addresses => Self::Addresses,
            import::Kind::Regions => Self::Regions,
            import::Kind::Rates => Self::Rates,
        }
    }
}

/// The number of a batch, ascending, never given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BatchId(pub i64);

impl fmt::Display for BatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What became of the rows of one file. `added + changed + unchanged + rejected` is `rows`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    /// Rows with content, the heading not counted.
    pub rows: u64,
    /// Rows of keys that were not there.
    pub added: u64,
    /// Rows that differ from what was there.
    pub changed: u64,
    /// Rows that say what was there.
    pub unchanged: u64,
    /// Rows that were not taken.
    pub rejected: u64,
    /// Rows that were taken with a remark.
    pub doubtful: u64,
}

impl Counts {
    /// Whether anything of the file is new.
    #[must_use]
    pub fn change_anything(&self) -> bool {
        self.added + self.changed > 0
    }
}

/// A committed batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Its number.
    pub id: BatchId,
    /// What it holds.
    pub kind: Kind,
    /// Name of the file; empty when it came from no file.
    pub file: String,
    /// The hierarchy that its regions fill; empty for every other kind.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hierarchy: String,
    /// The level that this hierarchy fills; none for every other kind.
    #[serde(skip)]
    pub own_level: Option<OwnLevel>,
    /// When it was committed, RFC 3339 UTC.
    pub at: String,
    /// What became of its rows.
    #[serde(flatten)]
    pub counts: Counts,
}

/// A batch that is being written; gone without a trace unless committed.
#[derive(Debug)]
pub struct Draft {
    pub(super) transaction: Transaction<'static, Sqlite>,
    id: BatchId,
    kind: Kind,
}

impl Draft {
    /// The number that the batch will have.
    #[must_use]
    pub fn id(&self) -> BatchId {
        self.id
    }

    /// Keeps `mapping` for the next file of `kind` with these `headings`, if the batch is committed.
    ///
    /// # Errors
    /// The database must take it.
    pub async fn keep_mapping(
        &mut self,
        kind: import::Kind,
        headings: &str,
        mapping: &str,
    ) -> Result<(), Error> {
        write_mapping(&mut self.transaction, [kind.name(), headings, mapping]).await
    }

    /// Says which hierarchy the regions of the batch fill, and which level it fills.
    ///
    /// # Errors
    /// The database must take it.
    pub async fn fill_hierarchy(&mut self, name: &str, level: OwnLevel) -> Result<(), Error> {
        sqlx::query("UPDATE batch SET hierarchy = ?, own_level = ? WHERE id = ?")
            .bind(name)
            .bind(level as i64 + 1)
            .bind(self.id.0)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// Leaves no batch, but keeps the mapping that was written in it.
    ///
    /// # Errors
    /// The database must take it.
    pub async fn discard(mut self) -> Result<(), Error> {
        for statement in [
            "DELETE FROM account_version WHERE batch = ?1",
            "DELETE FROM batch WHERE id = ?1",
        ] {
            sqlx::query(statement)
                .bind(self.id.0)
                .execute(&mut *self.transaction)
                .await?;
        }
        Ok(self.transaction.commit().await?)
    }

    /// Makes the batch the newest, for good. One that changes nothing, because all of its rows
    /// were refused, leaves the version as it was.
    ///
    /// # Errors
    /// The database must take it; otherwise nothing has changed.
    pub async fn commit(mut self, counts: Counts) -> Result<BatchId, Error> {
        sqlx::query(
            "UPDATE batch SET rows = ?, added = ?, changed = ?, unchanged = ?, rejected = ?, \
             doubtful = ? WHERE id = ?",
        )
        .bind(signed(counts.rows))
        .bind(signed(counts.added))
        .bind(signed(counts.changed))
        .bind(signed(counts.unchanged))
        .bind(signed(counts.rejected))
        .bind(signed(counts.doubtful))
        .bind(self.id.0)
        .execute(&mut *self.transaction)
        .await?;
        if counts.change_anything() && self.kind.changes_records() {
            raise_version(&mut self.transaction).await?;
        }
        self.transaction.commit().await?;
        Ok(self.id)
    }
}

impl Store {
    /// A new batch of `kind` from `file`, which is empty when there is none; nobody else sees it until it is committed.
    ///
    /// # Errors
    /// The database must take it.
    pub async fn begin(&self, kind: Kind, file: &str) -> Result<Draft, Error> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let id = sqlx::query("INSERT INTO batch (kind, file, at) VALUES (?, ?, ?)")
            .bind(kind.name())
            .bind(file)
            .bind(now())
            .execute(&mut *transaction)
            .await?
            .last_insert_rowid();
        Ok(Draft {
            transaction,
            id: BatchId(id),
            kind,
        })
    }

    /// Every batch, newest first.
    ///
    /// # Errors
    /// The database must answer.
    pub async fn batches(&self) -> Result<Vec<Batch>, Error> {
        batches(&mut *self.pool.acquire().await?).await
    }

    /// Takes back `id`: its versions are gone, the ones before count again.
    ///
    /// # Errors
    /// The batch must exist, and no later batch of its kind may have been compared with it.
    pub async fn undo(&self, id: BatchId) -> Result<Batch, Error> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let row = sqlx::query("SELECT * FROM batch WHERE id = ?")
            .bind(id.0)
            .fetch_optional(&mut *transaction)
            .await?
            .ok_or(Error::NoSuchBatch(id))?;
        let batch = batch_of(&row)?;
        let later: Option<i64> = sqlx::query(
            "SELECT max(id) FROM batch WHERE kind = ? AND id > ? AND added + changed > 0 \
             AND changed + unchanged > 0",
        )
        .bind(batch.kind.name())
        .bind(id.0)
        .fetch_one(&mut *transaction)
        .await?
        .get(0);
        if let Some(later) = later.filter(|_| batch.kind.builds_on_earlier()) {
            return Err(Error::BuiltUpon {
                batch: id,
                later: BatchId(later),
            });
        }
        for statement in [
            "INSERT INTO undone_account (batch, account) \
             SELECT batch, account FROM account_version WHERE batch = ?1 \
             UNION SELECT batch, account FROM placement WHERE batch = ?1",
            "DELETE FROM account_version WHERE batch = ?1",
            "DELETE FROM placement WHERE batch = ?1",
            // An account that a person placed keeps its number: its file may come again.
            "DELETE FROM account WHERE id NOT IN (SELECT account FROM account_version) \
             AND id NOT IN (SELECT account FROM placement) AND ?1 > 0",
            "DELETE FROM batch WHERE id = ?1",
        ] {
            sqlx::query(statement)
                .bind(id.0)
                .execute(&mut *transaction)
                .await?;
        }
        if batch.kind.changes_records() {
            raise_version(&mut transaction).await?;
        }
        transaction.commit().await?;
        Ok(batch)
    }
}

/// Every batch that `connection` sees, newest first.
pub(super) async fn batches(connection: &mut SqliteConnection) -> Result<Vec<Batch>, Error> {
    sqlx::query("SELECT * FROM batch ORDER BY id DESC")
        .fetch_all(connection)
        .await?
        .iter()
        .map(batch_of)
        .collect()
}

async fn raise_version(transaction: &mut Transaction<'static, Sqlite>) -> Result<(), Error> {
    sqlx::query("UPDATE state SET version = version + 1, token = lower(hex(randomblob(4)))")
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

fn batch_of(row: &SqliteRow) -> Result<Batch, Error> {
    let kind: String = row.get("kind");
    let count = |column: &str| u64::try_from(row.get::<i64, _>(column)).unwrap_or_default();
    Ok(Batch {
        id: BatchId(row.get("id")),
        kind: Kind::parse(&kind).ok_or(Error::Unknown {
            what: "kind of batch",
            value: kind,
        })?,
        file: row.get("file"),
        hierarchy: row.get("hierarchy"),
        own_level: own_level(row.get("own_level"))?,
        at: row.get("at"),
        counts: Counts {
            rows: count("rows"),
            added: count("added"),
            changed: count("changed"),
            unchanged: count("unchanged"),
            rejected: count("rejected"),
            doubtful: count("doubtful"),
        },
    })
}

/// The level of a number in the table, where 0 is none.
fn own_level(number: i64) -> Result<Option<OwnLevel>, Error> {
    if number == 0 {
        return Ok(None);
    }
    let level = OwnLevel::ALL
        .into_iter()
        .find(|level| *level as i64 + 1 == number);
    level.map(Some).ok_or_else(|| Error::Unknown {
        what: "level of own regions",
        value: number.to_string(),
    })
}

/// Now, to the second, RFC 3339 UTC.
pub(super) fn now() -> String {
    jiff::Timestamp::from_second(jiff::Timestamp::now().as_second())
        .expect("whole seconds of a valid time are a valid time")
        .to_string()
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
