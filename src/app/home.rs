//! The folder of one company: what lies where, and who holds it.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use super::Error;
use crate::store::BatchId;

/// The process that holds a home.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Holder {
    /// Number of the process.
    pub pid: u32,
    /// Where it answers, such as `127.0.0.1:8080`, when it is a server.
    pub address: Option<String>,
}

impl Holder {
    pub(super) fn described(&self) -> String {
        match &self.address {
            Some(address) => format!(", the server on http://{address}"),
            None => ", which is at work on it: wait until it has ended".to_owned(),
        }
    }
}

/// A home that this process holds until the value is dropped, however the process ends.
#[derive(Debug)]
pub struct Home {
    folder: PathBuf,
    lock: Mutex<File>,
}

impl Home {
    /// Takes hold of `folder`, made when missing.
    ///
    /// # Errors
    /// Nobody else may hold it, and it must be writable.
    pub fn take(folder: &Path) -> Result<Self, Error> {
        make(folder)?;
        let path = folder.join("lock");
        let mut lock = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|source| file_error("opened", &path, source))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                // A holder that has not yet written who it is counts as an unknown one.
                let _ = lock.read_to_string(&mut text);
                return Err(Error::Held {
                    folder: folder.display().to_string(),
                    holder: serde_json::from_str(&text).unwrap_or_default(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(file_error("locked", &path, source)),
        }
        let home = Self {
            folder: folder.to_owned(),
            lock: Mutex::new(lock),
        };
        home.announce(None)?;
        for sub in [
            home.uploads(),
            home.remarks_folder(),
            home.houses_folder(),
            home.regions_folder(),
            home.rates_folder(),
            home.exports(),
            home.warehouse(),
        ] {
            make(&sub)?;
        }
        Ok(home)
    }

    /// Tells whoever finds the home held that this process answers at `address`.
    ///
    /// # Errors
    /// The lock file must be writable.
    pub fn announce(&self, address: Option<String>) -> Result<(), Error> {
        let holder = Holder {
            pid: std::process::id(),
            address,
        };
        let text = serde_json::to_string(&holder).expect("a holder is plain JSON");
        let mut lock = self
            .lock
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut write = || {
            lock.set_len(0)?;
            lock.rewind()?;
            lock.write_all(text.as_bytes())
        };
        write().map_err(|source| file_error("written", &self.folder.join("lock"), source))
    }

    /// The folder itself.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file of the record store.
    #[must_use]
    pub fn records(&self) -> PathBuf {
        self.folder.join("records.sqlite")
    }

    /// The folder of sales lines.
    #[must_use]
    pub fn facts(&self) -> PathBuf {
        self.folder.join("facts")
    }

    /// What was asked for so far.
    #[must_use]
    pub fn questions(&self) -> PathBuf {
        self.folder.join("questions.json")
    }

    /// The folder of the derived warehouse; may be deleted at any time.
    #[must_use]
    pub fn warehouse(&self) -> PathBuf {
        self.folder.join("warehouse")
    }

    /// The folder of files that were sent and not yet imported.
    #[must_use]
    pub fn uploads(&self) -> PathBuf {
        self.folder.join("uploads")
    }

    /// The folder of exports that are being written or sent.
    #[must_use]
    pub fn exports(&self) -> PathBuf {
        self.folder.join("exports")
    }

    /// The file of remarks on the rows of `batch`.
    #[must_use]
    pub fn remarks(&self, batch: BatchId) -> PathBuf {
        self.remarks_folder().join(format!("{:06}.csv", batch.0))
    }

    /// The file of streets and houses of `batch`.
    pub(super) fn houses(&self, batch: BatchId) -> PathBuf {
        houses_file(&self.folder, batch)
    }

    /// The file of own regions of `batch`.
    pub(super) fn regions(&self, batch: BatchId) -> PathBuf {
        self.regions_folder()
            .join(format!("{:06}.regions", batch.0))
    }

    /// The file of exchange rates of `batch`.
    pub(super) fn rates(&self, batch: BatchId) -> PathBuf {
        self.rates_folder().join(format!("{:06}.rates", batch.0))
    }

    /// The file of remarks of an import at work.
    pub(super) fn remarks_draft(&self) -> PathBuf {
        self.remarks_folder().join("draft.csv")
    }

    /// Removes what a crash or an undone batch left: remarks, houses and regions of unknown
    /// batches, what was not written to its end, old uploads and exports.
    pub(super) fn sweep(&self, known: &[BatchId]) -> Result<(), Error> {
        let keep: Vec<PathBuf> = known.iter().flat_map(|batch| self.files(*batch)).collect();
        for folder in [
            self.remarks_folder(),
            self.houses_folder(),
            self.regions_folder(),
            self.rates_folder(),
            self.uploads(),
            self.exports(),
        ] {
            let entries =
                fs::read_dir(&folder).map_err(|source| file_error("listed", &folder, source))?;
            for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
                if path.is_file() && !keep.contains(&path) {
                    fs::remove_file(&path)
                        .map_err(|source| file_error("removed", &path, source))?;
                }
            }
        }
        Ok(())
    }

    /// What `batch` may have beside the store: its remarks, its houses, its regions, its rates.
    fn files(&self, batch: BatchId) -> [PathBuf; 4] {
        [
            self.remarks(batch),
            self.houses(batch),
            self.regions(batch),
            self.rates(batch),
        ]
    }

    /// Removes what `batch` has beside the store.
    pub(super) fn remove_files(&self, batch: BatchId) -> Result<(), Error> {
        for path in self.files(batch) {
            if path.exists() {
                fs::remove_file(&path).map_err(|source| file_error("removed", &path, source))?;
            }
        }
        Ok(())
    }

    fn houses_folder(&self) -> PathBuf {
        self.folder.join(HOUSES)
    }

    fn regions_folder(&self) -> PathBuf {
        self.folder.join("regions")
    }

    fn rates_folder(&self) -> PathBuf {
        self.folder.join("rates")
    }

    fn remarks_folder(&self) -> PathBuf {
        self.folder.join("remarks")
    }
}

/// The folder of streets and houses in a home.
const HOUSES: &str = "houses";

/// The file of streets and houses of `batch` in the home in `folder`.
pub(super) fn houses_file(folder: &Path, batch: BatchId) -> PathBuf {
    folder.join(HOUSES).join(format!("{:06}.houses", batch.0))
}

fn make(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|source| file_error("made", folder, source))
}

pub(super) fn file_error(what: &'static str, path: &Path, source: std::io::Error) -> Error {
    Error::File {
        what,
        path: path.display().to_string(),
        source,
    }
}
