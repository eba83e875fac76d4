//! Questions that tiles are asked with. They say what to show, not what is so: none of them is
//! part of [`Store::version`].

use sqlx::Row;

use super::{Error, Store};

/// Questions of one home at most; the oldest are forgotten, and whoever asks with one says it
/// again.
const MAX_QUESTIONS: i64 = 10_000;

impl Store {
    /// Keeps the question `document` under the name `id`.
    ///
    /// # Errors
    /// The database must take it.
    pub async fn keep_question(&self, id: &str, document: &str) -> Result<(), Error> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("INSERT OR IGNORE INTO question (id, document) VALUES (?, ?)")
            .bind(id)
            .bind(document)
            .execute(&mut *transaction)
            .await?;
        sqlx::query("DELETE FROM question WHERE number <= (SELECT max(number) FROM question) - ?")
            .bind(MAX_QUESTIONS)
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// The document of the question `id`.
    ///
    /// # Errors
    /// The database must answer.
    pub async fn question(&self, id: &str) -> Result<Option<String>, Error> {
        let row = sqlx::query("SELECT document FROM question WHERE id = ?")
            .bind(id)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|row| row.get(0)))
    }
}
