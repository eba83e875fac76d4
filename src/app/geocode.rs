//! Looking up addresses without keeping them: what a text may mean, what lies around a position.

use serde::Serialize;
use utoipa::ToSchema;

use super::account::region_path;
use super::{App, RegionStep, blocking};
use crate::geocode::candidate::Candidate;
use crate::geocode::{Gazetteer, Located};
use crate::place::LonLat;
use crate::record::account::Address;
use crate::spatial::h3;
use crate::spatial::reverse::reverse;
use crate::spatial::units::Units;

/// What lies around a position.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Surroundings {
    /// The official units that contain it, country first; empty at sea.
    pub region: Vec<RegionStep>,
    /// The nearest place of the gazetteer.
    pub place: Option<NearPlace>,
    /// H3 cell of resolution 9, hexadecimal.
    pub h3: String,
}

/// A place and how far away it is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct NearPlace {
    /// German name, else the only one.
    pub name: String,
    /// ISO 3166 alpha-2 code of its country.
    pub country: String,
    /// Longitude and latitude in degrees.
    #[schema(value_type = [f64; 2])]
    pub position: LonLat,
    /// How far away its centre is, in whole metres.
    pub distance_m: f64,
}

impl App {
    /// What `query` may mean, the most probable first.
    pub async fn geocode(&self, query: String, limit: usize) -> Vec<Candidate> {
        blocking(move || Gazetteer::shipped().geocode(&query, limit)).await
    }

    /// Where `addresses` are, in their order.
    pub async fn geocode_all(&self, addresses: Vec<Address>) -> Vec<Located> {
        blocking(move || {
            let addresses: Vec<_> = addresses
                .into_iter()
                .map(|address| (address, None))
                .collect();
            Gazetteer::shipped().locate_all(&addresses)
        })
        .await
    }

    /// What lies around `position`.
    pub async fn reverse(&self, position: LonLat) -> Surroundings {
        blocking(move || {
            let units = Units::shipped();
            let found = reverse(position);
            Surroundings {
                region: found
                    .path
                    .last()
                    .map_or_else(Vec::new, |id| region_path(units, &units.get(*id).key)),
                place: found.nearest.map(|(place, distance_m)| NearPlace {
                    name: place.name,
                    country: place.country,
                    position: place.position,
                    distance_m: distance_m.round(),
                }),
                h3: format!("{:x}", h3::cell(position)),
            }
        })
        .await
    }
}
