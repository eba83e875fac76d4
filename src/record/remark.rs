//! What an import says of a row: refused, or taken with a doubt.

use serde::{Deserialize, Serialize};

/// A remark on one row of a file. A row may carry several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// Line of the file on which the row starts, the heading being line 1.
    pub line: u64,
    /// The field it is about, such as `postal_code`; empty when it is the whole row.
    pub field: String,
    /// What stood there.
    pub value: String,
    /// Stable word for the reason, such as `unknown_postal_code`.
    pub reason: String,
    /// The reason as an English sentence with the figures of the case.
    pub detail: String,
    /// Whether the row was taken all the same.
    pub taken: bool,
}
