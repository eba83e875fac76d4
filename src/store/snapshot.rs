//! The truth at one moment, from which derived parts are built while others change it.

use futures_util::TryStreamExt;
use sqlx::{Sqlite, SqlitePool, Transaction};
use tokio::sync::mpsc::Sender;

use super::account::entry_of;
use super::{Batch, Entry, Error, batch};

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
        let mut rows = sqlx::query("SELECT * FROM account_current ORDER BY account")
            .fetch(&mut *self.transaction);
        while let Some(row) = rows.try_next().await? {
            if receiver.send(Some(entry_of(&row)?)).await.is_err() {
                break;
            }
        }
        Ok(())
    }
}
