//! The truth of records: accounts with their sites, and the batches that brought them, in SQLite.
//!
//! 1. A batch is one transaction: [`Store::begin`], versions, [`Draft::commit`].
//! 2. A version belongs to one batch; the newest version of an account counts.
//!    So does a placement, a position that was decided on; no import ever touches those.
//! 3. Every commit raises [`Store::version`], so derived parts know that they are stale.
//! 4. Saved views and own measures stand beside the records: they raise no version.

mod account;
mod batch;
mod measure;
mod placement;
mod question;
mod snapshot;
mod view;

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Row, SqliteConnection, SqlitePool};

use crate::import;

pub use account::Entry;
pub use batch::{Batch, BatchId, Counts, Draft, Kind};
pub use placement::{Decided, DoubtGroup};
pub use snapshot::Snapshot;
pub use view::{MAX_VIEWS, Saved, Taken, View, ViewId};

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused or could not be reached.
    #[error("the record store failed")]
    Database(#[from] sqlx::Error),
    /// The file is of another or a damaged schema.
    #[error("the record store could not be brought to this version's schema")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// There is no batch of that number.
    #[error("there is no batch {0}")]
    NoSuchBatch(BatchId),
    /// A later batch was compared with this one.
    #[error("batch {batch} cannot be undone before batch {later}, which builds on it")]
    BuiltUpon {
        /// The batch to be undone.
        batch: BatchId,
        /// The newest batch that must be undone first.
        later: BatchId,
    },
    /// There is no view of that number.
    #[error("there is no view {0}")]
    NoSuchView(ViewId),
    /// Another view has the name, perhaps in other capitals.
    #[error("there is a view {0:?} already: replace it, or choose another name")]
    NameTaken(String),
    /// There is no room for another view.
    #[error("there are {MAX_VIEWS} views, as many as may be: delete one first")]
    TooManyViews,
    /// A value in the database is not one that this version writes.
    #[error("the record store holds {what} \"{value}\", which this version does not know")]
    Unknown {
        /// What kind of value it is.
        what: &'static str,
        /// The value.
        value: String,
    },
}

/// The record store of one home.
#[derive(Debug, Clone)]
pub struct Store {
    pool: SqlitePool,
}

impl Store {
    /// The store in the file `path`, made when missing and brought to the current schema.
    ///
    /// # Errors
    /// The file must be a SQLite database of this or an earlier version and writable.
    pub async fn open(path: &Path) -> Result<Self, Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A confirmed batch must survive the loss of power, not only of the process.
            .synchronous(SqliteSynchronous::Full)
            .pragma("cache_size", "-65536");
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options)
            .await?;
        sqlx::migrate!().run(&pool).await?;
        Ok(Self { pool })
    }

    /// The name of the last committed change, such as `3-9f1c22ab`; no other home has the same.
    ///
    /// # Errors
    /// The database must answer.
    pub async fn version(&self) -> Result<String, Error> {
        version(&mut *self.pool.acquire().await?).await
    }

    /// The truth as it is now, unmoved by later changes.
    ///
    /// # Errors
    /// The database must answer.
    pub async fn snapshot(&self) -> Result<Snapshot, Error> {
        Snapshot::take(&self.pool).await
    }

    /// The highest number that a committed batch ever had; 0 before the first.
    ///
    /// # Errors
    /// The database must answer.
    pub async fn last_batch(&self) -> Result<BatchId, Error> {
        let row =
            sqlx::query("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'batch'")
                .fetch_one(&self.pool)
                .await?;
        Ok(BatchId(row.get(0)))
    }

    /// The mapping saved for files of `kind` with these `headings`, as JSON.
    ///
    /// # Errors
    /// The database must answer.
    pub async fn mapping(
        &self,
        kind: import::Kind,
        headings: &str,
    ) -> Result<Option<String>, Error> {
        Ok(
            sqlx::query("SELECT mapping FROM mapping WHERE kind = ? AND headings = ?")
                .bind(kind.name())
                .bind(headings)
                .fetch_optional(&self.pool)
                .await?
                .map(|row| row.get(0)),
        )
    }

    /// Keeps `mapping` for the next file of `kind` with these `headings`.
    ///
    /// # Errors
    /// The database must take it.
    pub async fn keep_mapping(
        &self,
        kind: import::Kind,
        headings: &str,
        mapping: &str,
    ) -> Result<(), Error> {
        let mut connection = self.pool.acquire().await?;
        write_mapping(&mut connection, [kind.name(), headings, mapping]).await
    }

    /// Closes every connection; what was committed is in the file.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// The name of the last change that `connection` sees.
async fn version(connection: &mut SqliteConnection) -> Result<String, Error> {
    let row = sqlx::query("SELECT version, token FROM state")
        .fetch_one(connection)
        .await?;
    let (version, token): (i64, String) = (row.get(0), row.get(1));
    Ok(format!("{version}-{token}"))
}

async fn write_mapping(
    connection: &mut SqliteConnection,
    [kind, headings, mapping]: [&str; 3],
) -> Result<(), Error> {
    sqlx::query("INSERT OR REPLACE INTO mapping (kind, headings, mapping) VALUES (?, ?, ?)")
        .bind(kind)
        .bind(headings)
        .bind(mapping)
        .execute(connection)
        .await?;
    Ok(())
}
