//! The truth at one moment, from which derived parts are built while others change it.

use futures_util::TryStreamExt;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Sqlite, SqlitePool, Transaction};
use tokio::sync::mpsc::Sender;

use super::account::entry_of;
use super::{Batch, BatchId, Entry, Error, batch};

/// What was committed at one moment.
#[derive(Debug)]
pub struct Snapshot {
    transaction: Transaction<'static, Sqlite>,
    version: String,
}

impl Snapshot {
    pub(super) async fn take(pool: &SqlitePool) -> Result<Self, Error> {
        let mut transaction = pool.begin().await?;
        // The first read is the moment.
        let version = super::version(&mut transaction).await?;
        Ok(Self {
            transaction,
            version,
        })
    }

    /// The name of the last change before that moment.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Every batch, newest first.
    ///
    /// # Errors
    /// The database must answer.
    pub async fn batches(&mut self) -> Result<Vec<Batch>, Error> {
        batch::batches(&mut self.transaction).await
    }

    /// Sends every account to `receiver`, in the order of ids, but no end mark; ends early when it
    /// closes.
    ///
    /// # Errors
    /// The database must answer.
    pub async fn send_accounts(&mut self, receiver: &Sender<Option<Entry>>) -> Result<(), Error> {
        let query = sqlx::query("SELECT * FROM account_current ORDER BY account");
        self.send(query, receiver).await
    }

    /// Sends the accounts that `batches`, which may have been taken back since, brought, changed
    /// or placed, as [`Snapshot::send_accounts`] sends all.
    ///
    /// # Errors
    /// The database must answer.
    pub async fn send_accounts_of(
        &mut self,
        batches: &[BatchId],
        receiver: &Sender<Option<Entry>>,
    ) -> Result<(), Error> {
        let batches = serde_json::to_string(batches).expect("numbers are plain JSON");
        let query = sqlx::query(
            "SELECT * FROM account_current WHERE account IN ( \
               SELECT account FROM account_version WHERE batch IN (SELECT value FROM json_each(?1)) \
               UNION SELECT account FROM placement WHERE batch IN (SELECT value FROM json_each(?1)) \
               UNION SELECT account FROM undone_account \
                 WHERE batch IN (SELECT value FROM json_each(?1))) \
             ORDER BY account",
        );
        self.send(query.bind(batches), receiver).await
    }

    async fn send(
        &mut self,
        query: Query<'_, Sqlite, SqliteArguments>,
        receiver: &Sender<Option<Entry>>,
    ) -> Result<(), Error> {
        let mut rows = query.fetch(&mut *self.transaction);
        while let Some(row) = rows.try_next().await? {
            if receiver.send(Some(entry_of(&row)?)).await.is_err() {
                break;
            }
        }
        Ok(())
    }
}
