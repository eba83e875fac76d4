//! A company that does not exist: a wholesaler for building and house technology with customers
//! in Germany, Austria and Switzerland, as two files for the import.
//!
//! Accounts lie where people live (`town`), are plainly invented (`name`), buy by trade and by
//! region (`catalogue`, `customer`), come, pause, go and return (`customer`). Sales follow
//! weekday, holidays, season, growth and decline (`calendar`, `sales`). The same seed gives the
//! same bytes: one generator (`random`), and no arithmetic that differs between machines, so
//! roots but no powers or exponentials.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use self::calendar::Calendar;
use self::customer::Customers;
use self::random::Random;
use self::town::Towns;
use crate::reference;

mod calendar;
mod catalogue;
mod customer;
mod name;
mod random;
mod sales;
mod town;

/// How large the company is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Accounts, a fifth of which have not bought yet.
    pub accounts: u32,
    /// Sold lines over four years. 150,000 a year make about 500 million euro.
    pub lines: u64,
}

/// The files of the company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// Its accounts.
    pub accounts: PathBuf,
    /// Its sold lines, oldest first.
    pub sales: PathBuf,
}

/// Why the company cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The places that it lies in cannot be read.
    #[error(transparent)]
    Reference(#[from] reference::Error),
    /// A file cannot be written.
    #[error("{} cannot be written", path.display())]
    Unwritable {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There are lines to be sold and nobody to buy them.
    #[error("{lines} lines need at least 1 account, not 0")]
    NoAccounts {
        /// Lines asked for.
        lines: u64,
    },
    /// The last day is out of range.
    #[error("{today} is outside the years 1904 to 2199")]
    Day {
        /// Day asked for.
        today: Date,
    },
}

/// Writes the company into `folder` as `accounts.csv` and `sales.csv`, which replace what is
/// there. Its sales end at `today` and begin four years before.
///
/// Memory does not grow with the lines. About a million lines a second.
///
/// # Errors
/// The folder must be writable, `today` in 1904..=2199, and lines need an account.
pub fn write(folder: &Path, size: Size, seed: u64, today: Date) -> Result<Files, Error> {
    if size.accounts == 0 && size.lines > 0 {
        return Err(Error::NoAccounts { lines: size.lines });
    }
    let calendar = Calendar::up_to(today).ok_or(Error::Day { today })?;
    let towns = Towns::shipped()?;
    let mut random = Random::new(seed);
    let unwritable = |path: &Path| {
        let path = path.to_owned();
        |source| Error::Unwritable { path, source }
    };
    fs::create_dir_all(folder).map_err(unwritable(folder))?;
    let files = Files {
        accounts: folder.join("accounts.csv"),
        sales: folder.join("sales.csv"),
    };
    let customers = with_file(&files.accounts, |out| {
        Customers::write(size.accounts, &towns, &mut random, out)
    })
    .map_err(unwritable(&files.accounts))?;
    with_file(&files.sales, |out| {
        sales::write(size.lines, &calendar, &customers, &mut random, out)
    })
    .map_err(unwritable(&files.sales))?;
    Ok(files)
}

fn with_file<T>(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<T>,
) -> io::Result<T> {
    let mut out = BufWriter::with_capacity(1 << 18, File::create(path)?);
    let result = write(&mut out)?;
    out.flush()?;
    Ok(result)
}

#[cfg(test)]
mod tests;
