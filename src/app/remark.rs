//! The file of remarks of a batch: rows that were refused, and rows taken with a doubt.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::home::file_error;
use super::{App, Error};
use crate::record::remark::Remark;
use crate::store::BatchId;

/// A page of remarks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Remarks {
    /// How many remarks there are in all.
    pub total: u64,
    /// The page, in the order of lines of the file.
    #[schema(value_type = Vec<Object>)]
    pub remarks: Vec<Remark>,
}

/// Writes remarks as CSV while an import runs.
///
/// Every refused row is written. Of the rows that were taken with the same doubt the first
/// [`MAX_DOUBTS`] are; a last remark counts the others.
pub(super) struct Writer {
    csv: csv::Writer<File>,
    doubts: BTreeMap<String, u64>,
}

/// Doubts of one reason that are written out at most.
const MAX_DOUBTS: u64 = 10_000;

impl Writer {
    pub(super) fn start(path: &Path) -> Result<Self, Error> {
        let csv = csv::Writer::from_path(path).map_err(|error| csv_error(path, error))?;
        Ok(Self {
            csv,
            doubts: BTreeMap::new(),
        })
    }

    pub(super) fn write(&mut self, path: &Path, remark: &Remark) -> Result<(), Error> {
        if remark.taken {
            let met = self.doubts.entry(remark.reason.clone()).or_default();
            *met += 1;
            if *met > MAX_DOUBTS {
                return Ok(());
            }
        }
        self.csv
            .serialize(remark)
            .map_err(|error| csv_error(path, error))
    }

    pub(super) fn finish(mut self, path: &Path) -> Result<(), Error> {
        for (reason, met) in std::mem::take(&mut self.doubts) {
            let more = met.saturating_sub(MAX_DOUBTS);
            if more > 0 {
                let remark = Remark {
                    line: 0,
                    field: String::new(),
                    value: String::new(),
                    detail: format!("{more} more rows were taken with this doubt"),
                    reason,
                    taken: true,
                };
                self.csv
                    .serialize(remark)
                    .map_err(|error| csv_error(path, error))?;
            }
        }
        self.csv
            .flush()
            .and_then(|()| self.csv.get_ref().sync_all())
            .map_err(|source| file_error("written", path, source))
    }
}

impl App {
    /// A page of the remarks on `batch`.
    ///
    /// # Errors
    /// The batch must exist.
    pub async fn remarks(
        &self,
        batch: BatchId,
        offset: usize,
        limit: usize,
    ) -> Result<Remarks, Error> {
        let Some(path) = self.remarks_file(batch).await? else {
            return Ok(Remarks {
                total: 0,
                remarks: Vec::new(),
            });
        };
        super::blocking(move || {
            let mut reader = csv::Reader::from_path(&path).map_err(|e| csv_error(&path, e))?;
            let (mut total, mut remarks) = (0, Vec::new());
            for (index, remark) in reader.deserialize::<Remark>().enumerate() {
                total += 1;
                if (offset..offset.saturating_add(limit)).contains(&index) {
                    remarks.push(remark.map_err(|error| csv_error(&path, error))?);
                }
            }
            Ok(Remarks { total, remarks })
        })
        .await
    }

    /// The file of the remarks on `batch`; `None` when it has none.
    ///
    /// # Errors
    /// The batch must exist.
    pub async fn remarks_file(&self, batch: BatchId) -> Result<Option<std::path::PathBuf>, Error> {
        if !self.batches().await?.iter().any(|known| known.id == batch) {
            return Err(crate::store::Error::NoSuchBatch(batch).into());
        }
        Ok(Some(self.home.remarks(batch)).filter(|path| path.exists()))
    }
}

/// Puts the remarks of an import at work in the place of `batch`.
pub(super) fn publish(draft: &Path, path: &Path) -> Result<(), Error> {
    fs::rename(draft, path).map_err(|source| file_error("written", path, source))
}

fn csv_error(path: &Path, error: csv::Error) -> Error {
    file_error("read or written", path, std::io::Error::other(error))
}
