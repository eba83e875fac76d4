//! The open home: configuration, the three rests, and what is derived from them.
//!
//! [`App`] is opened once and shared. Every change goes through it, so that the derived parts
//! follow: [`App::import`] and [`App::undo`] change the truth, then `refresh` builds what
//! is derived beside the old and puts it in its place. Readers never wait for a change.

mod account;
mod ask;
mod check;
mod config;
mod home;
mod import;
mod remark;
mod search;
mod site;
mod tile;
mod watch;

use std::sync::{Arc, PoisonError, RwLock};

use crate::facts::Facts;
use crate::store::{Batch, BatchId, Kind, Store};
use crate::tile::site::Sites;
use crate::warehouse::{Builder, Warehouse};
use crate::{cube, facts, import as table, store, warehouse};

pub use account::{AccountCard, RegionStep, YearFigures};
pub use ask::RegionCard;
pub use check::{Check, Report};
pub use config::Config;
pub use home::{Holder, Home};
pub use import::{ImportRequest, Summary};
pub use remark::Remarks;
pub use search::{Found, FoundKind};
pub use watch::{Step, Watch};

/// Why the home could not do it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process holds the home.
    #[error("the home {folder} is held by process {}{}", .holder.pid, .holder.described())]
    Held {
        /// The home.
        folder: String,
        /// Who holds it.
        holder: Holder,
    },
    /// A file or folder of the home could not be read or written.
    #[error("{path} could not be {what}")]
    File {
        /// What was to be done.
        what: &'static str,
        /// To which file.
        path: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The import was cancelled; nothing has changed.
    #[error("the import was cancelled, nothing has changed")]
    Cancelled,
    /// There is no account of that key.
    #[error("there is no account \"{0}\"")]
    NoSuchAccount(String),
    /// The file to import is not usable.
    #[error(transparent)]
    Import(#[from] table::Error),
    /// The record store failed or refused.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The sales lines could not be read or written.
    #[error(transparent)]
    Facts(#[from] facts::Error),
    /// The warehouse could not be built or read.
    #[error(transparent)]
    Warehouse(#[from] warehouse::Error),
    /// A question to the cube has no answer.
    #[error(transparent)]
    Cube(#[from] cube::Error),
    /// A tile could not be made.
    #[error(transparent)]
    Tile(#[from] crate::tile::Error),
}

/// The open home.
pub struct App {
    home: Home,
    store: Store,
    facts: Facts,
    derived: RwLock<Option<Arc<Derived>>>,
    /// One change at a time; readers are not kept out.
    change: tokio::sync::Mutex<()>,
}

/// What is derived from one version of the truth.
pub struct Derived {
    /// The cube data.
    pub warehouse: Warehouse,
    sites: Sites,
}

impl App {
    /// Opens the home of `config`, made when missing, and takes hold of it.
    ///
    /// # Errors
    /// Nobody else may hold the home, and its files must be readable and of this version.
    pub async fn open(config: &Config) -> Result<Self, Error> {
        let home = Home::take(&config.home)?;
        let store = Store::open(&home.records()).await?;
        let batches = store.batches().await?;
        let facts = Facts::open(&home.facts(), &sales_batches(&batches))?;
        home.sweep(&batches.iter().map(|batch| batch.id).collect::<Vec<_>>())?;
        Ok(Self {
            home,
            store,
            facts,
            derived: RwLock::default(),
            change: tokio::sync::Mutex::default(),
        })
    }

    /// The folders of the home.
    #[must_use]
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// What is derived from the truth; built now if it never was.
    ///
    /// # Errors
    /// The truth must be readable and the disk must take the warehouse.
    pub async fn derived(&self) -> Result<Arc<Derived>, Error> {
        if let Some(derived) = self.current() {
            return Ok(derived);
        }
        let _one = self.change.lock().await;
        match self.current() {
            Some(derived) => Ok(derived),
            None => self.refresh().await,
        }
    }

    /// Every batch, newest first.
    ///
    /// # Errors
    /// The store must answer.
    pub async fn batches(&self) -> Result<Vec<Batch>, Error> {
        Ok(self.store.batches().await?)
    }

    /// Takes back `batch` and brings the derived parts in step.
    ///
    /// # Errors
    /// The batch must exist and no later batch may build on it.
    pub async fn undo(&self, batch: BatchId) -> Result<Batch, Error> {
        let _one = self.change.lock().await;
        let undone = self.store.undo(batch).await?;
        self.facts.remove(batch)?;
        self.home.remove_remarks(batch)?;
        if self.current().is_some() {
            self.refresh().await?;
        }
        Ok(undone)
    }

    /// Lets go of the home; what was confirmed is on disk.
    pub async fn close(&self) {
        self.store.close().await;
    }

    /// Builds what is derived from the truth as it is now, unless it is there already, and puts
    /// it in the place of what was derived before.
    async fn refresh(&self) -> Result<Arc<Derived>, Error> {
        let version = self.store.version().await?;
        if let Some(derived) = self.current()
            && derived.warehouse.version() == version
        {
            return Ok(derived);
        }
        let folder = self.home.warehouse();
        if !Warehouse::path(&folder, version).exists() {
            self.build(version).await?;
        }
        let derived = blocking(move || -> Result<Derived, Error> {
            let warehouse = Warehouse::open(&folder, version)?
                .expect("the file of this version was built or found above");
            let sites = tile::sites_of(&warehouse)?;
            Ok(Derived { warehouse, sites })
        })
        .await?;
        let derived = Arc::new(derived);
        *self.derived.write().unwrap_or_else(PoisonError::into_inner) = Some(derived.clone());
        Ok(derived)
    }

    async fn build(&self, version: i64) -> Result<(), Error> {
        let folder = self.home.warehouse();
        let parts = self
            .facts
            .parts(&sales_batches(&self.store.batches().await?));
        let (sender, mut receiver) = tokio::sync::mpsc::channel(8_192);
        let builder = tokio::task::spawn_blocking(move || -> Result<(), warehouse::Error> {
            let mut builder = Builder::start(&folder, version)?;
            while let Some(entry) = receiver.blocking_recv() {
                builder.account(entry)?;
            }
            builder.finish(&parts)
        });
        let read = self.store.send_accounts(sender).await;
        joined(builder.await)?;
        read?;
        Ok(())
    }

    fn current(&self) -> Option<Arc<Derived>> {
        self.derived
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

fn sales_batches(batches: &[Batch]) -> Vec<BatchId> {
    batches
        .iter()
        .filter(|batch| batch.kind == Kind::Sales)
        .map(|batch| batch.id)
        .collect()
}

/// Runs `work`, which may block, beside the asynchronous tasks.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    joined(tokio::task::spawn_blocking(work).await)
}

/// The result of a task; a panic in it goes on here.
fn joined<T>(result: Result<T, tokio::task::JoinError>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
