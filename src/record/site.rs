//! The place of an account on the earth: where, how exactly, and how we know.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::place::{LonLat, RegionKey};

/// How exact a position is, best first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// The house.
    House,
    /// The street.
    Street,
    /// The centre of the postal code's area.
    Postal,
    /// The centre of the town or village.
    Place,
    /// A state, province or country only.
    Region,
    /// No position.
    #[default]
    None,
}

impl Precision {
    /// Every precision, best first.
    pub const ALL: [Self; 6] = [
        Self::House,
        Self::Street,
        Self::Postal,
        Self::Place,
        Self::Region,
        Self::None,
    ];

    /// The word of the precision in the API and in SQL.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::House => "house",
            Self::Street => "street",
            Self::Postal => "postal",
            Self::Place => "place",
            Self::Region => "region",
            Self::None => "none",
        }
    }

    /// The precision of that word; `None` for any other word.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.name() == name)
    }
}

/// Why a position is missing or doubtful: a stable word for machines, a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Stable word, such as `unknown_postal_code`.
    pub code: String,
    /// English sentence with the figures of the case.
    pub detail: String,
    /// What the sentence says as values by name, for sentences in other languages. They follow from
    /// the address and are not stored: a reason of the store has none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, String>,
}

impl Reason {
    /// A reason without facts.
    #[must_use]
    pub fn new(code: &str, detail: String) -> Self {
        Self {
            code: code.to_owned(),
            detail,
            facts: BTreeMap::new(),
        }
    }

    /// The same with a fact more: kilometres and counts as whole numbers, countries as ISO 3166
    /// alpha-2 codes, all else as it is written.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.facts.insert(name.to_owned(), value.into());
        self
    }

    /// The same with those facts of `other` that it has not itself.
    #[must_use]
    pub fn with_facts_of(mut self, other: &Self) -> Self {
        for (name, value) in &other.facts {
            self.facts
                .entry(name.clone())
                .or_insert_with(|| value.clone());
        }
        self
    }
}

/// Where an account is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Site {
    /// The position, where one was found.
    pub position: Option<LonLat>,
    /// How exact the position is.
    pub precision: Precision,
    /// Where the position comes from, such as `postal code centre`; empty without a position.
    pub source: String,
    /// The true point lies within this many metres nine times of ten; none without a position.
    pub radius_m: Option<f64>,
    /// How probable it is that this is the place that is meant, 0 to 1; 0 without a position.
    pub confidence: f64,
    /// Why it is missing or doubtful.
    pub reason: Option<Reason>,
    /// The country, from the address first, else from the position.
    pub country: Option<RegionKey>,
    /// The finest official unit that contains the position: in Germany the Gemeinde.
    pub unit: Option<RegionKey>,
    /// The postal code, where it exists in the country.
    pub postal: Option<RegionKey>,
    /// H3 cell of resolution 9 that contains the position.
    pub h3: Option<u64>,
}
