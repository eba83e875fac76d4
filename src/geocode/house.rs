//! Streets and houses from files that the user imported: the doorstep behind an address.
//!
//! Each import batch has one immutable [`HouseFile`], made by a [`Builder`]; [`Houses`] searches
//! all of them, newest first.
//!
//! A question is answered in these steps:
//!
//! 1. The localities of the postal code and of the place are taken together; how far they are
//!    from what was asked is counted in typing errors.
//! 2. The street is looked up in them by its key, else with one or two typing errors.
//! 3. The house is looked up on the street. A number that is not there is never taken for
//!    another: its position is between its neighbours on its side of the street
//!    (`interpolated`), or the middle of the street, and the precision is `street`.
//! 4. When two streets or houses fit equally well and are apart, none is chosen
//!    (`ambiguous_street`); all are offered.

mod build;
mod file;
mod find;
mod neighbour;
mod number;
mod section;
mod spot;
mod street;
#[cfg(test)]
mod tests;

use std::path::Path;

pub use self::build::{Builder, Built};
pub use self::file::{Error, HouseFile, HousePlace, postal_key};
pub use self::number::{HouseNumber, split_street};
pub use self::street::street_key;

use crate::place::LonLat;
use crate::record::site::{Precision, Reason};

/// What is asked for; empty text is unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HouseQuery<'a> {
    /// ISO 3166 alpha-2 code.
    pub country: &'a str,
    /// Postal code as it is written.
    pub postal_code: &'a str,
    /// Town or village.
    pub place: &'a str,
    /// Street without number.
    pub street: &'a str,
    /// House number with all that belongs to it.
    pub house_number: &'a str,
    /// Whether postal code and place are known to be written right, so that no others are tried.
    pub is_known: bool,
}

/// A house or street that fits.
#[derive(Debug, Clone, PartialEq)]
pub struct HouseMatch {
    /// The house, a point between its neighbours, or the middle of the street.
    pub position: LonLat,
    /// `house` or `street`.
    pub precision: Precision,
    /// Whether the position was taken between neighbours.
    pub interpolated: bool,
    /// Within this distance the true point lies 9 times of 10.
    pub radius_m: f64,
    /// How likely it is what was meant, 0 to 1.
    pub confidence: f64,
    /// Street as the file writes it.
    pub street: String,
    /// The number of the house found; empty for a street.
    pub house_number: String,
    /// Postal code of the file.
    pub postal_code: String,
    /// Place of the file.
    pub place: String,
    /// ISO 3166 alpha-2 code; empty when unknown.
    pub country: String,
    /// How far it is from what was asked, in typing errors; 0 when all is the same.
    pub cost: f64,
}

impl HouseMatch {
    /// The address in one line, such as `Hauptstraße 12, 80331 München`.
    #[must_use]
    pub fn label(&self) -> String {
        let street = [self.street.as_str(), self.house_number.as_str()].join(" ");
        let place = [self.postal_code.as_str(), self.place.as_str()].join(" ");
        format!("{}, {}", street.trim(), place.trim())
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HouseAnswer {
    /// The one that is meant; `None` when nothing fits or when it cannot be decided.
    pub best: Option<HouseMatch>,
    /// Up to five that fit, best first, `best` among them.
    pub candidates: Vec<HouseMatch>,
    /// What is doubtful: `house_number_unknown`, `house_number_interpolated`,
    /// `street_spelling`, `street_elsewhere` or `ambiguous_street`.
    pub reason: Option<Reason>,
}

/// The files of streets and houses of all imports.
#[derive(Debug, Default)]
pub struct Houses {
    /// Newest first.
    files: Vec<HouseFile>,
}

impl Houses {
    /// These files, the newest first.
    #[must_use]
    pub fn of(files: Vec<HouseFile>) -> Self {
        Self { files }
    }

    /// The files at `paths`, the newest first.
    ///
    /// # Errors
    /// Each must be a whole file of the current version.
    pub fn open<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Result<Self, Error> {
        let files = paths.into_iter().map(|path| HouseFile::open(path.as_ref()));
        Ok(Self {
            files: files.collect::<Result<_, _>>()?,
        })
    }

    /// Whether there is no file.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The files, newest first.
    #[must_use]
    pub fn files(&self) -> &[HouseFile] {
        &self.files
    }

    /// Where the house is that `query` asks for.
    ///
    /// Some microseconds for what is written right, some tens with a typing error in the street,
    /// and up to a millisecond in a file of a whole country when neither the postal code nor the
    /// place is known.
    #[must_use]
    pub fn find(&self, query: &HouseQuery<'_>) -> HouseAnswer {
        find::find(&self.files, query)
    }

    /// The house nearest to `position` within `within_m` metres, and how far it is.
    ///
    /// O(streets): some milliseconds in a file of a whole country.
    #[must_use]
    pub fn nearest(&self, position: LonLat, within_m: f64) -> Option<(HouseMatch, f64)> {
        find::nearest(&self.files, position, within_m)
    }
}
