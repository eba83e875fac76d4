//! Files that are on the disk whole, or not there.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Puts what `write` writes at `path`, in the place of a file that is there. It is written as
/// `NAME.part` beside its place, forced to the disk and then named, so it is there whole or not at
/// all, also when the power goes.
///
/// # Errors
/// The disk must take it, and `write` must not fail; then nothing is left and what was at `path`
/// stays.
pub fn put(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let part = path.with_extension("part");
    let written = File::create(&part).and_then(|mut file| {
        write(&mut file)?;
        file.sync_all()
    });
    let named = written.and_then(|()| fs::rename(&part, path));
    if named.is_err() {
        // What cannot be written may not be removable either; the first error tells more.
        let _ = fs::remove_file(&part);
    }
    named?;
    // The new name is on disk when the folder is.
    match path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_file_is_whole_or_stays_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        put(&path, |file| file.write_all(b"one")).unwrap();
        put(&path, |file| file.write_all(b"two")).unwrap();
        let failed = put(&path, |file| {
            file.write_all(b"thr")?;
            Err(io::Error::other("disk full"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "disk full");
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
