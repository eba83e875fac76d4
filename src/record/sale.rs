//! A sold line: when, who, where, what, how much.

use jiff::civil::Date;

use super::money::Currency;

/// One sold line as a file gives it. `order` and `line` together are its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// Number of the order, invoice or receipt; made from the content where the file has none.
    pub order: String,
    /// Number of the line within the order.
    pub line: String,
    /// The day it counts for.
    pub day: Date,
    /// Key of the account; empty when the file has none.
    pub account: String,
    /// What was sold; empty when the file has none.
    pub product: String,
    /// Category of the product; empty when the file has none.
    pub category: String,
    /// Who sold it; empty when the file has none.
    pub rep: String,
    /// Quantity in thousandths of a unit.
    pub units_milli: i64,
    /// Net amount in minor units of `currency`; negative for a credit.
    pub revenue: i64,
    /// Cost in minor units of `currency`, where it is given.
    pub cost: Option<i64>,
    /// Currency of `revenue` and `cost`.
    pub currency: Currency,
}
