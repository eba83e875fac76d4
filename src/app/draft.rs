//! A file that is there when it is whole, and not before.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::Error;
use super::home::file_error;

/// Whether a file may take the place of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overwrite {
    /// What is there stays.
    Never,
    /// The new file replaces it.
    Allowed,
}

/// A file that is being written as `NAME.part` beside its place. Dropped before it is finished, it
/// leaves nothing; a killed process leaves the `.part`, which the next one writes over.
#[derive(Debug)]
pub struct Draft {
    path: PathBuf,
    part: PathBuf,
    file: File,
    overwrite: Overwrite,
}

impl Draft {
    /// Starts the file that will be at `path`.
    ///
    /// # Errors
    /// Nothing may be at `path` unless it may be overwritten, no other process may be writing the
    /// same file, and the folder must be writable.
    pub fn start(path: &Path, overwrite: Overwrite) -> Result<Self, Error> {
        check_free(path, overwrite)?;
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let part = path.with_file_name(name);
        let failed = |source| file_error("written", &part, source);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&part)
            .map_err(failed)?;
        // Where files cannot be locked, two writers are not kept apart.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            let taken = io::Error::other("another process is writing it");
            return Err(failed(taken));
        }
        file.set_len(0).map_err(failed)?;
        Ok(Self {
            path: path.to_owned(),
            part,
            file,
            overwrite,
        })
    }

    /// Puts the whole file in its place.
    ///
    /// # Errors
    /// The disk must have taken it, and nothing may have come to its place in the meantime unless
    /// that may be overwritten.
    pub fn finish(self) -> Result<(), Error> {
        check_free(&self.path, self.overwrite)?;
        let failed = |source| file_error("written", &self.path, source);
        self.file.sync_all().map_err(failed)?;
        fs::rename(&self.part, &self.path).map_err(failed)
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Gone already when the file is in its place.
        let _ = fs::remove_file(&self.part);
    }
}

fn check_free(path: &Path, overwrite: Overwrite) -> Result<(), Error> {
    let refused = |why: &str| {
        let why = io::Error::new(ErrorKind::AlreadyExists, why);
        Err(file_error("written", path, why))
    };
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => refused("it is a folder or device"),
        Ok(_) if overwrite == Overwrite::Never => refused("it exists already"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_whole_or_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let names = || fs::read_dir(folder.path()).unwrap().count();
        let mut draft = Draft::start(&path, Overwrite::Never).unwrap();
        draft.write_all(b"half").unwrap();
        assert!(!path.exists());
        drop(draft);
        assert_eq!(names(), 0);
        // What a killed process left is written over.
        fs::write(folder.path().join("a.csv.part"), "much longer rest").unwrap();
        let mut draft = Draft::start(&path, Overwrite::Never).unwrap();
        draft.write_all(b"whole").unwrap();
        draft.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(names(), 1);
    }

    #[test]
    fn what_is_there_stays_unless_it_may_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let late = Draft::start(&path, Overwrite::Never).unwrap();
        assert!(
            Draft::start(&path, Overwrite::Never).is_err(),
            "two writers"
        );
        fs::write(&path, "old").unwrap();
        assert!(late.finish().is_err());
        assert!(Draft::start(&path, Overwrite::Never).is_err());
        assert!(Draft::start(folder.path(), Overwrite::Allowed).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        Draft::start(&path, Overwrite::Allowed)
            .unwrap()
            .finish()
            .unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"");
    }
}
