//! Importing a file: read, locate or compare, store, and make it one batch.
//!
//! A thread reads and locates while this task stores, chunk by chunk, so memory does not grow
//! with the file. Nothing counts before the batch is committed in the store; whatever lies about
//! until then is swept when the home is opened next.

mod account;
mod address;
mod doubt;
pub(super) mod rate;
mod region;
mod sale;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::watch::{Step, Watch};
use super::{App, Error, blocking, remark};
use crate::import::regions::SameKey;
use crate::import::{self, Kind, Mapping, Source};
use crate::record::money::Currency;
use crate::record::remark::Remark;
use crate::store::{BatchId, Counts, Draft};

/// What is to be imported.
#[derive(Debug, Clone)]
pub struct ImportRequest {
    /// The file.
    pub path: PathBuf,
    /// Its name for people.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Which heading is which field; recognised when not given.
    pub mapping: Option<Mapping>,
    /// Currency of amounts in a file without a column for it.
    pub currency: Option<Currency>,
    /// EPSG number of the coordinates of addresses whose rows name none, 4326 unless given, and
    /// of regions whose file names none.
    pub epsg: Option<u32>,
    /// What a file of regions does not say of itself.
    pub regions: RegionRequest,
}

/// Which regions of a file are meant, and what they are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegionRequest {
    /// The hierarchy that they fill, in the place of an earlier one of that name; the name of the
    /// file without its ending unless given.
    pub name: Option<String>,
    /// The table or document of the file; the only one unless given.
    pub layer: Option<String>,
    /// What becomes of keys that come twice.
    pub same_key: SameKey,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Summary {
    /// Number of the batch; none when the file said nothing new.
    #[schema(value_type = Option<i64>)]
    pub batch: Option<BatchId>,
    /// What the file held.
    #[schema(value_type = String)]
    pub kind: Kind,
    /// Name of the file.
    pub file: String,
    /// What became of its rows; the remarks tell of those that were rejected or doubtful.
    #[serde(flatten)]
    pub counts: Counts,
    /// Accounts of the file without a position.
    pub unlocated: u64,
    /// Account keys of the file's sales lines that no account has.
    pub unknown_accounts: u64,
    /// The hierarchy that the regions of the file fill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hierarchy: Option<String>,
    /// Which heading was read as which field.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub mapping: Mapping,
    /// Path of the remarks in the home.
    pub remarks: Option<String>,
    /// How long it took.
    pub seconds: f64,
}

/// What a run over the rows of a file adds up to.
#[derive(Default)]
struct Tally {
    counts: Counts,
    unlocated: u64,
    unknown_accounts: u64,
    hierarchy: Option<String>,
}

impl App {
    /// Imports a file as one batch and brings the derived parts in step, if there are any yet.
    ///
    /// # Errors
    /// The file must be usable and the home writable; otherwise nothing has changed.
    pub async fn import(
        &self,
        request: ImportRequest,
        watch: Arc<Watch>,
    ) -> Result<Summary, Error> {
        let started = Instant::now();
        let one = self.change.lock().await;
        watch.enter(Step::Reading);
        let (source, headings) = self.source_of(&request).await?;
        let draft = self.store.begin(request.kind.into(), &request.name).await?;
        let remarks = self.home.remarks_draft();
        let mut writer = remark::Writer::start(&remarks)?;
        let (mut draft, outcome, mut tally) = match request.kind {
            Kind::Accounts => {
                self.read_accounts(draft, source, &watch, &mut writer)
                    .await?
            }
            Kind::Sales => self.read_sales(draft, source, &watch, &mut writer).await?,
            Kind::Addresses => {
                self.read_addresses(draft, source, request.epsg, &watch, &mut writer)
                    .await?
            }
            Kind::Rates => self.read_rates(draft, source, &watch, &mut writer).await?,
            Kind::Regions => {
                let how = (request.regions.clone(), request.epsg);
                self.read_regions(draft, source, how, &watch, &mut writer)
                    .await?
            }
        };
        if outcome.cancelled {
            return Err(Error::Cancelled);
        }
        writer.finish(&remarks)?;
        watch.enter(Step::Storing);
        tally.counts.rows = outcome.rows;
        tally.counts.rejected = outcome.rejected;
        let counts = tally.counts;
        if request.mapping.is_some() {
            let mapping = serde_json::to_string(&outcome.mapping).expect("a mapping is plain JSON");
            draft
                .keep_mapping(request.kind, &headings, &mapping)
                .await?;
        }
        let told = self.same_rejects(&request, counts).await?;
        let batch = if counts.change_anything() || (counts.rejected > 0 && told.is_none()) {
            Some(self.commit(draft, counts).await?)
        } else {
            // Nothing to take back: only the mapping is kept.
            draft.discard().await?;
            None
        };
        watch.enter(Step::Refreshing);
        if request.kind == Kind::Addresses && batch.is_some() {
            self.reopen_houses().await?;
        }
        drop(one);
        self.follow().await;
        Ok(Summary {
            batch,
            kind: request.kind,
            file: request.name,
            counts,
            unlocated: tally.unlocated,
            unknown_accounts: tally.unknown_accounts,
            hierarchy: tally.hierarchy,
            mapping: outcome.mapping,
            remarks: batch
                .or(told)
                .filter(|_| counts.rejected + counts.doubtful > 0)
                .map(|batch| self.home.remarks(batch).display().to_string()),
            seconds: started.elapsed().as_secs_f64(),
        })
    }

    /// Makes the batch permanent, remarks first: they count with it.
    async fn commit(&self, draft: Draft, counts: Counts) -> Result<BatchId, Error> {
        let id = draft.id();
        let published = remark::publish(&self.home.remarks_draft(), &self.home.remarks(id));
        let committed = match published {
            Ok(()) => draft.commit(counts).await.map_err(Error::from),
            Err(error) => Err(error),
        };
        if committed.is_err() {
            self.facts.remove(id)?;
            self.home.remove_files(id)?;
        }
        committed
    }

    /// The batch that has told of these rejected rows already: the same file came before and
    /// brings nothing new.
    async fn same_rejects(
        &self,
        request: &ImportRequest,
        counts: Counts,
    ) -> Result<Option<BatchId>, Error> {
        let batches = self.store.batches().await?;
        let same = batches.into_iter().find(|batch| {
            batch.kind == request.kind.into()
                && batch.file == request.name
                && batch.counts.rows == counts.rows
                && batch.counts.rejected == counts.rejected
        });
        Ok(same
            .filter(|_| !counts.change_anything())
            .map(|batch| batch.id))
    }

    /// What a file looks like and how its columns would be read: as a file of the same headings
    /// was before, if there was one. Of regions `layer` says which are meant where there are
    /// several.
    ///
    /// # Errors
    /// The file must be a table or a map.
    pub async fn preview(
        &self,
        path: PathBuf,
        name: String,
        kind: Option<Kind>,
        layer: Option<String>,
    ) -> Result<import::Preview, Error> {
        let look = move || match layer {
            Some(layer) if kind == Some(Kind::Regions) => {
                import::preview_regions(&path, &name, Some(&layer))
            }
            _ => import::preview(&path, &name, kind),
        };
        let mut preview = blocking(look).await?;
        if let Some(kind) = preview.kind
            && let Some(mapping) = self.kept_mapping(kind, &headings_of(&preview)).await?
        {
            for column in &mut preview.columns {
                let field = mapping
                    .0
                    .iter()
                    .find(|(_, heading)| **heading == column.heading);
                column.field = field.map(|(field, _)| field.clone());
            }
        }
        Ok(preview)
    }

    async fn kept_mapping(&self, kind: Kind, headings: &str) -> Result<Option<Mapping>, Error> {
        let kept = self.store.mapping(kind, headings).await?;
        Ok(kept.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// The source of a request and the headings of its file, by which its mapping is kept. A
    /// file of the same headings as one before is read as that one was.
    async fn source_of(&self, request: &ImportRequest) -> Result<(Source, String), Error> {
        let preview = self
            .preview(
                request.path.clone(),
                request.name.clone(),
                Some(request.kind),
                request.regions.layer.clone(),
            )
            .await?;
        let headings = headings_of(&preview);
        let mapping = match &request.mapping {
            Some(mapping) => Some(mapping.clone()),
            None => self.kept_mapping(request.kind, &headings).await?,
        };
        let source = Source {
            path: request.path.clone(),
            name: request.name.clone(),
            mapping,
            currency: request.currency,
        };
        Ok((source, headings))
    }
}

/// The headings of a file as one text, by which its mapping is kept.
fn headings_of(preview: &import::Preview) -> String {
    let headings: Vec<&str> = preview
        .columns
        .iter()
        .map(|column| column.heading.as_str())
        .collect();
    headings.join("\u{1f}")
}

fn proceed(watch: &Watch, is_wanted: bool) -> ControlFlow<()> {
    if watch.is_cancelled() || !is_wanted {
        ControlFlow::Break(())
    } else {
        ControlFlow::Continue(())
    }
}

/// Writes `remarks` and counts those of rows that were taken.
fn write_all(
    writer: &mut remark::Writer,
    path: &std::path::Path,
    remarks: Vec<Remark>,
) -> Result<u64, Error> {
    let mut taken = 0;
    for remark in remarks {
        taken += u64::from(remark.taken);
        writer.write(path, &remark)?;
    }
    Ok(taken)
}
