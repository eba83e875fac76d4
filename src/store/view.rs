//! Saved views: names for addresses of the screen. They say what to show, not what is so: none of
//! them is part of [`Store::version`].

use std::fmt;

use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, SqliteConnection, Transaction};
use utoipa::ToSchema;

use super::batch::now;
use super::{Error, Store};

/// Views of one home at most.
pub const MAX_VIEWS: i64 = 1_000;

/// The number of a view, never given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct ViewId(pub i64);

impl fmt::Display for ViewId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A saved view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct View {
    /// Its number.
    #[schema(value_type = i64)]
    pub id: ViewId,
    /// What people call it; no other view has the same name, in small letters or capitals.
    pub name: String,
    /// The query of the screen's address, from its `?` on.
    pub address: String,
    /// When it was last changed, RFC 3339 UTC.
    pub at: String,
}

/// What saving does with the view that has the name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// Leaves it, and saves nothing.
    Refuse,
    /// Gives it the new address.
    Replace,
}

/// What became of a view that was to be saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saved {
    /// The name was free.
    New(View),
    /// The view of that name has a new address.
    Replaced(View),
}

impl Store {
    /// Every view, by name without regard to capitals.
    ///
    /// # Errors
    /// The database must answer.
    pub async fn views(&self) -> Result<Vec<View>, Error> {
        let rows = sqlx::query("SELECT * FROM view")
            .fetch_all(&self.pool)
            .await?;
        let mut views: Vec<View> = rows.iter().map(view_of).collect();
        views.sort_by_cached_key(|view| (view.name.to_lowercase(), view.name.clone()));
        Ok(views)
    }

    /// Keeps `address` under `name`.
    ///
    /// # Errors
    /// The name must be free unless `taken` says to replace, and there must be room for a view more.
    pub async fn save_view(&self, name: &str, address: &str, taken: Taken) -> Result<Saved, Error> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let saved = match (called(&mut transaction, name).await?, taken) {
            (Some(known), Taken::Refuse) => return Err(Error::NameTaken(known.name)),
            (Some(View { id, .. }), Taken::Replace) => {
                sqlx::query("UPDATE view SET name = ?, address = ?, changed_at = ? WHERE id = ?")
                    .bind(name)
                    .bind(address)
                    .bind(now())
                    .bind(id.0)
                    .execute(&mut *transaction)
                    .await?;
                Saved::Replaced(view(&mut transaction, id).await?)
            }
            (None, _) => Saved::New(insert(&mut transaction, name, address).await?),
        };
        transaction.commit().await?;
        Ok(saved)
    }

    /// Gives the view `id` another name.
    ///
    /// # Errors
    /// The view must exist, and no other view may have the name.
    pub async fn rename_view(&self, id: ViewId, name: &str) -> Result<View, Error> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        view(&mut transaction, id).await?;
        let known = called(&mut transaction, name).await?;
        if let Some(other) = known.filter(|known| known.id != id) {
            return Err(Error::NameTaken(other.name));
        }
        sqlx::query("UPDATE view SET name = ?, changed_at = ? WHERE id = ?")
            .bind(name)
            .bind(now())
            .bind(id.0)
            .execute(&mut *transaction)
            .await?;
        let renamed = view(&mut transaction, id).await?;
        transaction.commit().await?;
        Ok(renamed)
    }

    /// Deletes the view `id`.
    ///
    /// # Errors
    /// The view must exist.
    pub async fn delete_view(&self, id: ViewId) -> Result<(), Error> {
        let deleted = sqlx::query("DELETE FROM view WHERE id = ?")
            .bind(id.0)
            .execute(&self.pool)
            .await?;
        if deleted.rows_affected() == 0 {
            return Err(Error::NoSuchView(id));
        }
        Ok(())
    }
}

async fn insert(
    transaction: &mut Transaction<'static, Sqlite>,
    name: &str,
    address: &str,
) -> Result<View, Error> {
    let count: i64 = sqlx::query("SELECT count(*) FROM view")
        .fetch_one(&mut **transaction)
        .await?
        .get(0);
    if count >= MAX_VIEWS {
        return Err(Error::TooManyViews);
    }
    let id = sqlx::query(
        "INSERT INTO view (name, address, created_at, changed_at) VALUES (?1, ?2, ?3, ?3)",
    )
    .bind(name)
    .bind(address)
    .bind(now())
    .execute(&mut **transaction)
    .await?
    .last_insert_rowid();
    view(transaction, ViewId(id)).await
}

/// The view `id`, as `connection` sees it.
async fn view(connection: &mut SqliteConnection, id: ViewId) -> Result<View, Error> {
    let row = sqlx::query("SELECT * FROM view WHERE id = ?")
        .bind(id.0)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(view_of).ok_or(Error::NoSuchView(id))
}

/// The view of that name, without regard to capitals: people would take two such names for one. Homes
/// of before may have both; then the one that is spelled alike is meant.
///
/// The database knows the capitals of the Latin alphabet only, so all names are looked at.
async fn called(connection: &mut SqliteConnection, name: &str) -> Result<Option<View>, Error> {
    let rows = sqlx::query("SELECT * FROM view")
        .fetch_all(connection)
        .await?;
    let folded = name.to_lowercase();
    let alike = rows.iter().map(view_of);
    let alike = alike.filter(|view| view.name.to_lowercase() == folded);
    Ok(alike.max_by_key(|view| view.name == name))
}

fn view_of(row: &SqliteRow) -> View {
    View {
        id: ViewId(row.get("id")),
        name: row.get("name"),
        address: row.get("address"),
        at: row.get("changed_at"),
    }
}
