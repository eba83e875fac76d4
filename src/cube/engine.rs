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
use super::scan::{Groups, Scan};

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
