//! The file of remarks of a batch: rows that were refused, and rows taken with a doubt.

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
pub(super) struct Writer {
    csv: csv::Writer<File>,
}

impl Writer {
    pub(super) fn start(path: &Path) -> Result<Self, Error> {
        let csv = csv::Writer::from_path(path).map_err(|error| csv_error(path, error))?;
        Ok(Self { csv })
    }

    pub(super) fn write(&mut self, path: &Path, remark: &Remark) -> Result<(), Error> {
        self.csv
            .serialize(remark)
            .map_err(|error| csv_error(path, error))
    }

    pub(super) fn finish(mut self, path: &Path) -> Result<(), Error> {
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
