//! What computes scans: the embedded engine reads the warehouse file, its roll-ups first; the
//! clustered one has the same lines on other machines.

mod clickhouse;
mod embedded;
mod rolled;

pub use clickhouse::Clustered;
pub use embedded::Embedded;
pub(super) use embedded::{condition, integers};
pub use rolled::{Asked, Rolled, usual_shapes};

use super::Error;
use super::level::CubeLevel;
use super::scan::{Groups, Scan};
use crate::warehouse::HEXAGON;

/// Computes scans over the sales lines of one version.
pub trait Engine: Send + Sync {
    /// The groups of `scan`; a grouping without lines has none, not even the total.
    ///
    /// # Errors
    /// The engine must answer, and a sum must fit into 64 bits.
    fn scan(&self, scan: &Scan) -> Result<Scanned, Error>;
}

/// The answer to a scan and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    /// The groups in any order.
    pub groups: Groups,
    /// Name of the table that was read.
    pub source: String,
    /// Rows of that table.
    pub rows: u64,
    /// What the engine was told, in its own language.
    pub statements: Vec<String>,
}

/// The column of member numbers of a level that needs no computing.
fn member_column(level: CubeLevel) -> &'static str {
    level
        .member_column()
        .expect("every level but those of time and hexagons has a member column")
}

/// What makes a cell of the finest resolution its parent at `resolution`: what is taken off to
/// lower its resolution, then the bits that fill up the digits below. None for the finest itself.
fn parent_of_hexagon(resolution: u8) -> Option<(i64, i64)> {
    let coarser = HEXAGON.checked_sub(resolution).filter(|steps| *steps > 0)?;
    let digits = resolution + 1..=HEXAGON;
    let filled = digits.map(|step| 7_i64 << (3 * (15 - i64::from(step))));
    Some((i64::from(coarser) << 52, filled.sum()))
}
