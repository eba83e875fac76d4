//! Words of the Open Geospatial Consortium: filters in its query language, and what it calls the
//! tiles of the web. Pure: values in, values out.

pub mod cql;
pub mod overlap;
pub mod period;
pub mod tiling;

/// The parameters of features beside the properties.
pub const PARAMETERS: [&str; 12] = [
    "limit",
    "after",
    "bbox",
    "bbox-crs",
    "crs",
    "datetime",
    "filter",
    "filter-lang",
    "filter-crs",
    "measures",
    "currency",
    "f",
];
