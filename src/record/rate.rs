//! Exchange rates of a day.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::money::Currency;

/// How many units of a currency one euro was worth on a day, as the European Central Bank states
/// its reference rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rate {
    /// The currency, never the euro.
    pub currency: Currency,
    /// The day.
    pub day: Date,
    /// Millionths of a unit; more than 0.
    pub micro: i64,
}
