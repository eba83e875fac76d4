//! A position that was decided on, and by what.

use serde::{Deserialize, Serialize};

use crate::record::account::Address;
use crate::record::site::Site;

/// How a position was decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// A person found the position good as it was.
    Accepted,
    /// A person took one of the candidates.
    Picked,
    /// A person put the pin where it belongs.
    Placed,
    /// A person wrote another address, which was located.
    Corrected,
    /// A person gave the position back to the files.
    Released,
    /// A newer gazetteer, or streets and houses that were imported since, found a better one.
    Relocated,
}

impl How {
    /// Every way.
    pub const ALL: [Self; 6] = [
        Self::Accepted,
        Self::Picked,
        Self::Placed,
        Self::Corrected,
        Self::Released,
        Self::Relocated,
    ];

    /// The word in the API and in SQL.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Picked => "picked",
            Self::Placed => "placed",
            Self::Corrected => "corrected",
            Self::Released => "released",
            Self::Relocated => "relocated",
        }
    }

    /// The way of that word; `None` for any other word.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|how| how.name() == name)
    }

    /// Whether a person chose the very position, so that nothing but a person may move it.
    #[must_use]
    pub fn fixes_position(self) -> bool {
        matches!(self, Self::Accepted | Self::Picked | Self::Placed)
    }
}

/// A position that takes the place of the one that an import found.
#[derive(Debug, Clone, PartialEq)]
pub struct Placement {
    /// How it was decided on.
    pub how: How,
    /// The address of the files for which it was.
    pub for_address: Address,
    /// The address that a person put in its place.
    pub address: Option<Address>,
    /// The position; of no matter when it is given back to the files.
    pub site: Site,
}
