//! The open home: configuration, the three rests, and what is derived from them.
//!
//! [`App`] is opened once and shared. Every change goes through it, so that the derived parts
//! follow: [`App::import`] and [`App::undo`] change the truth, then `refresh` builds what
//! is derived beside the old and puts it in its place. Readers never wait for a change.

mod account;
mod ask;
mod asked;
mod check;
mod cluster;
mod config;
mod draft;
mod enrich;
mod export;
mod geocode;
mod hierarchy;
mod home;
mod import;
mod measure;
mod ogc;
mod own;
mod paper;
mod relocation;
mod remark;
mod review;
mod search;
mod site;
mod tile;
mod view;
mod watch;

use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use self::hierarchy::Standing;
use self::own::OwnHierarchy;
use crate::cluster::{Cluster, Loaded};
use crate::cube::{Asked, OwnMeasures};
use crate::facts::Facts;
use crate::geocode::Geocoder;
use crate::provider::{self, Provider};
use crate::record::rate::Rate;
use crate::store::{Batch, BatchId, Kind, Snapshot, Store};
use crate::tile::site::Sites;
use crate::tile::streets::{self, Streets};
use crate::warehouse::{Builder, Built, Ledger, Truth, Warehouse};
use crate::word::with_causes;
use crate::{cube, facts, import as table, store, warehouse};

pub use account::{AccountCard, RegionStep, YearFigures};
pub use ask::RegionCard;
pub use check::{Check, Report};
pub use config::{Config, GeocoderConfig};
pub use draft::{Draft, Overwrite};
pub use enrich::{Enriched, enrich};
pub use export::{Export, ExportSubject};
pub use geocode::{NearHouse, NearPlace, Surroundings, geocoder_of};
pub use hierarchy::HierarchyError;
pub use home::{Holder, Home};
pub use import::{ImportRequest, RegionRequest, Summary};
pub use measure::{CheckedMeasure, Preview};
pub use ogc::{Collection, CollectionCard, Items, ItemsRequest, PropertyCard, UnknownParameter};
pub use own::OwnWithin;
pub use paper::Paper;
pub use relocation::{Move, Relocation, Spot};
pub use remark::Remarks;
pub use review::{Decided, Decision, DecisionError, Review, ReviewGroup, ReviewItem};
pub use search::{Found, FoundKind};
pub use tile::{Anchors, KeptQuestion};
pub use view::ViewError;
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
    /// A decision about a position cannot be taken.
    #[error(transparent)]
    Decision(#[from] DecisionError),
    /// A view is unfit to be saved.
    #[error(transparent)]
    View(#[from] ViewError),
    /// An own measure can't be kept, changed or removed.
    #[error(transparent)]
    Measure(#[from] cube::MeasureError),
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
    /// The file of streets and houses could not be made.
    #[error(transparent)]
    Houses(#[from] crate::geocode::house::Error),
    /// The file of own regions could not be made or read.
    #[error(transparent)]
    Regions(#[from] crate::spatial::hierarchy::file::Error),
    /// Regions cannot become a hierarchy.
    #[error(transparent)]
    Hierarchy(#[from] HierarchyError),
    /// A filter of features is wrong.
    #[error(transparent)]
    Filter(#[from] crate::ogc::cql::FilterError),
    /// Features are asked for with a parameter that is none.
    #[error(transparent)]
    Parameter(#[from] UnknownParameter),
    /// A question to the cube has no answer.
    #[error(transparent)]
    Cube(#[from] cube::Error),
    /// An export could not be written.
    #[error(transparent)]
    Export(#[from] crate::export::Error),
    /// A map could not be printed.
    #[error(transparent)]
    Paper(#[from] crate::paper::Error),
    /// There is no question of that name, or it was forgotten.
    #[error("there is no question \"{0}\": send its document to /api/questions")]
    NoSuchQuestion(String),
    /// No other geocoder is configured.
    #[error(
        "no other geocoder is configured: start Revier with --geocoder, such as --geocoder nominatim=http://127.0.0.1:8088"
    )]
    NoProvider,
    /// The other geocoder gave no answer.
    #[error(transparent)]
    Provider(#[from] provider::Error),
    /// The base map of streets can't be read.
    #[error(transparent)]
    Streets(#[from] streets::Error),
    /// No base map of streets is named.
    #[error("there are no streets: start with --basemap FILE.pmtiles")]
    NoStreets,
    /// A tile could not be made.
    #[error(transparent)]
    Tile(#[from] crate::tile::Error),
}

/// The open home. Its copies are the same home.
#[derive(Clone)]
pub struct App {
    home: Arc<Home>,
    store: Store,
    facts: Facts,
    derived: Arc<RwLock<Option<Arc<Derived>>>>,
    geocoder: Arc<RwLock<Geocoder>>,
    /// One change at a time; readers are not kept out.
    change: Arc<tokio::sync::Mutex<()>>,
    /// One refresh of the derived parts at a time. Changes go on beside it, as it works on a
    /// snapshot; only who removes sales lines waits for it, holding `change` already.
    derive: Arc<tokio::sync::Mutex<()>>,
    /// As many questions at a time as there are cores; the others wait their turn.
    questions: Arc<tokio::sync::Semaphore>,
    /// One export of lines at a time.
    exports: Arc<tokio::sync::Semaphore>,
    /// What was asked for, for the roll-ups of the next version.
    asked: Arc<Asked>,
    /// The own measures that there are.
    measures: Arc<RwLock<Arc<OwnMeasures>>>,
    /// Another geocoder, where one is configured.
    provider: Option<Arc<dyn Provider>>,
    /// A base map of streets, where one is named.
    streets: Option<Arc<Streets>>,
    /// What adds up in the place of the warehouse, where one is configured.
    cluster: Option<Arc<Cluster>>,
}

/// What is derived from one version of the truth.
pub struct Derived {
    /// The cube data.
    pub warehouse: Warehouse,
    sites: Sites,
    /// The lines of the accounts in the order of their sites, where they are few enough; made for
    /// the first question about sites.
    ledger: OnceLock<Option<Arc<Ledger>>>,
    /// One question about all sites at a time.
    asking: Mutex<()>,
    /// What kept questions say of the sites.
    figures: tile::AskedCache,
    /// The own regions that stand, in the order of their levels.
    own: Vec<Arc<OwnHierarchy>>,
    /// The same lines in the cluster, once they are there.
    loaded: tokio::sync::OnceCell<Loaded>,
}

impl App {
    /// Opens the home of `config`, made when missing, and takes hold of it.
    ///
    /// # Errors
    /// Nobody else may hold the home, and its files must be readable and of this version.
    pub async fn open(config: &Config) -> Result<Self, Error> {
        let streets = match &config.basemap {
            Some(file) => Some(Arc::new(Streets::open(file).await?)),
            None => None,
        };
        let home = Home::take(&config.home)?;
        let store = Store::open(&home.records()).await?;
        let batches = store.batches().await?;
        let known = sales_batches(&batches);
        let facts = Facts::open(&home.facts(), &known, store.last_batch().await?)?;
        home.sweep(&batches.iter().map(|batch| batch.id).collect::<Vec<_>>())?;
        let geocoder = geocoder_of(home.folder(), &batches);
        let asked = Arc::new(asked::read(&home));
        let measures = measure::read(&store).await?;
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Ok(Self {
            home: Arc::new(home),
            store,
            facts,
            derived: Arc::default(),
            geocoder: Arc::new(RwLock::new(geocoder)),
            change: Arc::default(),
            derive: Arc::default(),
            questions: Arc::new(tokio::sync::Semaphore::new(cores)),
            exports: Arc::new(tokio::sync::Semaphore::new(1)),
            asked,
            measures: Arc::new(RwLock::new(Arc::new(measures))),
            provider: config.geocoder.setting.as_ref().map(|setting| {
                let (rate, timeout) = (config.geocoder.rate, config.geocoder.timeout);
                Arc::new(provider::open(setting, rate, timeout)) as Arc<dyn Provider>
            }),
            streets,
            cluster: config
                .cube
                .clone()
                .map(|setting| Arc::new(Cluster::new(setting))),
        })
    }

    /// The folders of the home.
    #[must_use]
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Makes in the background what the first question about sites would wait for.
    ///
    /// # Errors
    /// As [`App::derived`].
    pub async fn prepare(&self) -> Result<(), Error> {
        self.derived().await?.prepare();
        Ok(())
    }

    /// What is derived from the truth; built now if it never was.
    ///
    /// # Errors
    /// The truth must be readable and the disk must take the warehouse.
    pub async fn derived(&self) -> Result<Arc<Derived>, Error> {
        if let Some(derived) = self.current() {
            return Ok(derived);
        }
        let app = self.clone();
        to_its_end(async move {
            match app.current() {
                Some(derived) => Ok(derived),
                None => app.refresh().await,
            }
        })
        .await
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
    /// The batch must exist and no later batch may build on it; otherwise nothing has changed.
    pub async fn undo(&self, batch: BatchId) -> Result<Batch, Error> {
        let app = self.clone();
        to_its_end(async move {
            let one = app.change.lock().await;
            let undone = app.store.undo(batch).await?;
            if matches!(undone.kind, Kind::Review | Kind::Relocation) {
                // Nothing of it lies anywhere else.
                drop(one);
                app.follow_later();
                return Ok(undone);
            }
            // From here on the batch is gone; what of it still lies about is swept at the next
            // opening if it can't be removed now.
            let reading = app.derive.lock().await;
            let removed = app.facts.remove(batch).map_err(Error::from);
            if let Err(error) = removed.and_then(|()| app.home.remove_files(batch)) {
                tracing::warn!(error = with_causes(&error), "an undone batch left files");
            }
            drop(reading);
            if undone.kind == Kind::Addresses {
                app.reopen_houses().await?;
            }
            drop(one);
            app.follow().await;
            Ok(undone)
        })
        .await
    }

    /// Everything that tells where an address is.
    #[must_use]
    pub fn geocoder(&self) -> Geocoder {
        self.geocoder
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Asks the houses of the batches that there are now.
    async fn reopen_houses(&self) -> Result<(), Error> {
        let (home, batches) = (self.home.clone(), self.store.batches().await?);
        let geocoder = blocking(move || geocoder_of(home.folder(), &batches)).await;
        *self
            .geocoder
            .write()
            .unwrap_or_else(PoisonError::into_inner) = geocoder;
        Ok(())
    }

    /// Lets go of the home; what was confirmed is on disk.
    pub async fn close(&self) {
        asked::write(&self.home, &self.asked);
        self.store.close().await;
    }

    /// Brings the derived parts in step with a change, if there are any yet. The change stands
    /// whatever becomes of them: what can't be derived now is derived for the next question.
    async fn follow(&self) {
        if self.current().is_none() {
            return;
        }
        if let Err(error) = self.refresh().await {
            tracing::error!(
                error = with_causes(&error),
                "derived parts could not follow"
            );
            self.put(None);
        }
    }

    /// Brings the derived parts in step in the background; several changes may be followed at once.
    fn follow_later(&self) {
        let app = self.clone();
        tokio::spawn(async move { app.follow().await });
    }

    /// Builds what is derived from the truth as it is now, unless it is there already, and puts
    /// it in the place of what was derived before.
    async fn refresh(&self) -> Result<Arc<Derived>, Error> {
        let _one = self.derive.lock().await;
        let mut snapshot = self.store.snapshot().await?;
        let version = snapshot.version().to_owned();
        if let Some(derived) = self.current()
            && derived.warehouse.version() == version
        {
            return Ok(derived);
        }
        let standing = hierarchy::standing(&snapshot.batches().await?);
        let own = self.own_hierarchies(standing).await;
        let found = match self.read(&version, &own).await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(
                    error = with_causes(&error),
                    "a damaged warehouse is built again"
                );
                let path = Warehouse::path(&self.home.warehouse(), &version);
                std::fs::remove_file(&path)
                    .map_err(|source| home::file_error("removed", &path, source))?;
                None
            }
        };
        let derived = if let Some(derived) = found {
            derived
        } else {
            self.build(snapshot, &own).await?;
            let built = self.read(&version, &own).await?;
            built.expect("a warehouse that was built a moment ago is there")
        };
        let derived = Arc::new(derived);
        self.follow_in_cluster(&derived).await;
        let before = self.current();
        self.put(Some(derived.clone()));
        if before.is_some_and(|before| before.ledger.get().is_some()) {
            derived.prepare();
        }
        Ok(derived)
    }

    /// The own regions of `standing`; files are written once, so what was read before is kept.
    async fn own_hierarchies(&self, standing: Vec<Standing>) -> Vec<Arc<OwnHierarchy>> {
        let (home, before) = (self.home.clone(), self.current());
        let known = before.map_or_else(Vec::new, |derived| derived.own.clone());
        blocking(move || own::read(&home, &standing, &known)).await
    }

    /// What is derived from `version`; none when it was not built yet.
    async fn read(
        &self,
        version: &str,
        own: &[Arc<OwnHierarchy>],
    ) -> Result<Option<Derived>, Error> {
        let (folder, version) = (self.home.warehouse(), version.to_owned());
        let own = own.to_vec();
        blocking(move || {
            let Some(warehouse) = Warehouse::open(&folder, &version)? else {
                return Ok(None);
            };
            let sites = tile::sites_of(&warehouse)?;
            Ok(Some(Derived {
                warehouse,
                sites,
                ledger: OnceLock::new(),
                asking: Mutex::default(),
                figures: tile::asked_cache(),
                own,
                loaded: tokio::sync::OnceCell::new(),
            }))
        })
        .await
    }

    /// Makes the warehouse of the snapshot, as a step from the one before where that leads to it.
    async fn build(&self, mut snapshot: Snapshot, own: &[Arc<OwnHierarchy>]) -> Result<(), Error> {
        let truth = self.truth_of(&mut snapshot, own).await?;
        let (folder, version) = (self.home.warehouse(), snapshot.version().to_owned());
        let batches = truth.batches.clone();
        let step = blocking(move || warehouse::Step::find(&folder, &version, &batches)).await;
        if let Some(step) = step {
            match self
                .build_by(&mut snapshot, truth.clone(), Some(step))
                .await
            {
                Ok(Built::Done) => return Ok(()),
                Ok(Built::NotInSteps(why)) => {
                    tracing::info!(why, "the warehouse is made whole");
                }
                Err(error) => {
                    let error = with_causes(&error);
                    tracing::warn!(error, "a step failed, the warehouse is made whole");
                }
            }
        }
        self.build_by(&mut snapshot, truth, None).await?;
        Ok(())
    }

    /// What the warehouse of the snapshot is made from, beside the accounts.
    async fn truth_of(
        &self,
        snapshot: &mut Snapshot,
        own: &[Arc<OwnHierarchy>],
    ) -> Result<Truth, Error> {
        let batches = snapshot.batches().await?;
        let mut parts = Vec::new();
        let mut sales = sales_batches(&batches);
        sales.sort_unstable();
        for batch in sales {
            let part = self.facts.parts(&[batch]).into_iter();
            parts.extend(part.map(|path| (batch, path)));
        }
        let rates = import::rate::standing(&self.home, &batches)?.into_iter();
        let rates = rates.map(|((currency, day), micro)| Rate {
            currency,
            day,
            micro,
        });
        asked::write(&self.home, &self.asked);
        Ok(Truth {
            parts,
            hierarchies: own
                .iter()
                .map(|own| (own.level, own.index.clone()))
                .collect(),
            rates: rates.collect(),
            wanted: asked::wanted(&self.asked),
            batches,
        })
    }

    async fn build_by(
        &self,
        snapshot: &mut Snapshot,
        truth: Truth,
        step: Option<warehouse::Step>,
    ) -> Result<Built, Error> {
        let (folder, version) = (self.home.warehouse(), snapshot.version().to_owned());
        let touching = step.as_ref().map(|step| step.touching().to_vec());
        // None is the end of the accounts; a channel that closes before it broke off.
        let (sender, mut receiver) = tokio::sync::mpsc::channel(8_192);
        let builder = tokio::task::spawn_blocking(move || -> Result<Built, warehouse::Error> {
            let mut builder = Builder::start(&folder, &version, truth, step)?;
            while let Some(message) = receiver.blocking_recv() {
                match message {
                    Some(entry) => builder.account(entry)?,
                    None => return builder.finish(),
                }
            }
            builder.abandon()?;
            Ok(Built::NotInSteps("the accounts broke off"))
        });
        let read = match touching {
            Some(batches) => snapshot.send_accounts_of(&batches, &sender).await,
            None => snapshot.send_accounts(&sender).await,
        };
        if read.is_ok() {
            // A builder that is gone says why below.
            let _ = sender.send(None).await;
        }
        drop(sender);
        let built = joined(builder.await);
        read?;
        Ok(built?)
    }

    fn put(&self, derived: Option<Arc<Derived>>) {
        *self.derived.write().unwrap_or_else(PoisonError::into_inner) = derived;
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

/// Runs a change to its end even when whoever asked for it goes away.
async fn to_its_end<T: Send + 'static>(change: impl Future<Output = T> + Send + 'static) -> T {
    joined(tokio::spawn(change).await)
}

/// The result of a task; a panic in it goes on here.
fn joined<T>(result: Result<T, tokio::task::JoinError>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
