//! What an address or a name may mean, with how exact and how sure that is.

use serde::Serialize;

use crate::geocode::Located;
use crate::geocode::evidence::mixed_radius_m;
use crate::place::{LonLat, RegionKey};
use crate::record::site::Precision;

/// The most candidates that an answer offers.
pub const MOST_CANDIDATES: usize = 5;

/// A position that may be meant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// Where it is.
    pub position: LonLat,
    /// How exact the position is.
    pub precision: Precision,
    /// Where the position comes from, such as `postal code centre`.
    pub source: &'static str,
    /// The truth lies within this many metres nine times of ten, when this candidate is meant.
    pub radius_m: f64,
    /// How probable it is that this candidate is meant, 0 to 1.
    pub confidence: f64,
    /// What was found, as the gazetteer writes it: `80331 München`.
    pub matched: String,
    /// Its country.
    pub country: RegionKey,
    /// The postal code, where it exists in the country.
    pub postal: Option<RegionKey>,
    /// Whether its name only resembles or begins with what was asked for.
    pub is_suggestion: bool,
}

impl Candidate {
    /// An answer as a candidate; `None` without a position or a country.
    #[must_use]
    pub fn of(located: &Located) -> Option<Self> {
        Some(Self {
            position: located.position?,
            precision: located.precision,
            source: located.source,
            radius_m: located.radius_m?,
            confidence: located.confidence,
            matched: located.matched.clone(),
            country: located.country.clone()?,
            postal: located.postal.clone(),
            is_suggestion: false,
        })
    }
}

/// The radius around the first candidate that holds the truth nine times of ten whichever of them
/// is meant, in metres; 0 without candidates.
pub(super) fn radius_m(candidates: &[Candidate]) -> f64 {
    let Some(first) = candidates.first() else {
        return 0.0;
    };
    let spots: Vec<_> = candidates
        .iter()
        .map(|candidate| {
            let distance_m = candidate.position.distance_m(first.position);
            (candidate.confidence, distance_m, candidate.radius_m)
        })
        .collect();
    mixed_radius_m(&spots)
}
