//! The geometries of `GeoParquet` 1.1: a column of well-known binary, and what the metadata of the
//! file say of it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::place::{Place, united};
use super::wkb;

/// The name of the column.
pub(in crate::export) const NAME: &str = "geometry";

/// Geometries that wait for the engine, and what is known of all.
#[derive(Default)]
pub(in crate::export) struct Geometries {
    waiting: Vec<Option<Vec<u8>>>,
    waiting_bytes: usize,
    kinds: BTreeSet<&'static str>,
    edges: Option<[f64; 4]>,
}

/// Bytes that wait at most before they are handed over.
const MAX_WAITING_BYTES: usize = 16 << 20;

impl Geometries {
    pub(in crate::export) fn push(&mut self, place: Option<&Place>) {
        let bytes = place.map(wkb::bytes);
        self.waiting_bytes += bytes.as_ref().map_or(0, Vec::len);
        self.waiting.push(bytes);
        let Some(place) = place else {
            return;
        };
        self.kinds.insert(match place {
            Place::Point(_) => "Point",
            Place::Area(_) => "MultiPolygon",
        });
        let edges = place.edges();
        self.edges = Some(self.edges.map_or(edges, |known| united(known, edges)));
    }

    /// Whether more should not wait.
    pub(in crate::export) fn are_many(&self) -> bool {
        self.waiting_bytes > MAX_WAITING_BYTES
    }

    /// Those that wait.
    pub(in crate::export) fn take(&mut self) -> Vec<Option<Vec<u8>>> {
        self.waiting_bytes = 0;
        std::mem::take(&mut self.waiting)
    }

    /// What stands under `geo` in the metadata. Without `crs` it is longitude and latitude in
    /// WGS 84.
    pub(in crate::export) fn metadata(&self) -> Value {
        let mut column = json!({
            "encoding": "WKB",
            "geometry_types": self.kinds,
            "orientation": "counterclockwise",
        });
        if let Some(edges) = self.edges {
            column["bbox"] = json!(edges);
        }
        json!({
            "version": "1.1.0",
            "primary_column": NAME,
            "columns": {NAME: column},
        })
    }
}
