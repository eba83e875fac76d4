//! Looking up addresses without keeping them: what a text may mean, what lies around a position.

use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::account::region_path;
use super::home::houses_file;
use super::{App, Error, RegionStep, blocking};
use crate::geocode::candidate::Candidate;
use crate::geocode::house::{HouseFile, HouseMatch, Houses};
use crate::geocode::{Geocoder, Located};
use crate::place::LonLat;
use crate::provider::Answer;
use crate::record::account::Address;
use crate::spatial::h3;
use crate::spatial::reverse::reverse;
use crate::spatial::units::Units;
use crate::store::{Batch, Kind};
use crate::word::with_causes;

/// What lies around a position.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Surroundings {
    /// The official units that contain it, country first; empty at sea.
    pub region: Vec<RegionStep>,
    /// The nearest place of the gazetteer.
    pub place: Option<NearPlace>,
    /// The nearest house of the imported files, at most 500 m away.
    pub house: Option<NearHouse>,
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

/// A house and how far away it is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct NearHouse {
    /// Its address in one line.
    pub address: String,
    /// Longitude and latitude in degrees.
    #[schema(value_type = [f64; 2])]
    pub position: LonLat,
    /// How far away it is, in whole metres.
    pub distance_m: f64,
}

/// A house farther than this is not what lies at a position, in metres.
const NEAR_M: f64 = 500.0;

/// The gazetteer with the houses of `batches` of the home in `folder`, the newest first. Nobody has
/// to hold the home: files of houses never change. A damaged file tells nothing until it is imported
/// again.
#[must_use]
pub fn geocoder_of(folder: &Path, batches: &[Batch]) -> Geocoder {
    let brought = batches.iter().filter(|batch| batch.kind == Kind::Addresses);
    let files = brought.filter_map(|batch| {
        HouseFile::open(&houses_file(folder, batch.id))
            .inspect_err(|error| {
                let error = with_causes(error);
                tracing::warn!(
                    error,
                    batch = batch.id.0,
                    "houses are left out: import them again"
                );
            })
            .ok()
    });
    Geocoder::with(Arc::new(Houses::of(files.collect())))
}

impl App {
    /// What `query` may mean, the most probable first.
    pub async fn geocode(&self, query: String, limit: usize) -> Vec<Candidate> {
        let geocoder = self.geocoder();
        blocking(move || geocoder.geocode(&query, limit)).await
    }

    /// The name of the other geocoder; none where none is configured.
    #[must_use]
    pub fn provider(&self) -> Option<&'static str> {
        self.provider.as_ref().map(|provider| provider.name())
    }

    /// What `query` may mean: what we know, at most `limit`, and behind it as much of the other
    /// geocoder, to which the query is sent.
    ///
    /// # Errors
    /// [`Error::NoProvider`] without another geocoder; else it must answer.
    pub async fn geocode_widely(&self, query: String, limit: usize) -> Result<Answer, Error> {
        let provider = self.provider.clone().ok_or(Error::NoProvider)?;
        let mut candidates = self.geocode(query.clone(), limit).await;
        let answer = blocking(move || provider.search(&query, limit)).await?;
        candidates.extend(answer.candidates);
        Ok(Answer {
            candidates,
            credit: answer.credit,
        })
    }

    /// Where `addresses` are, in their order.
    pub async fn geocode_all(&self, addresses: Vec<Address>) -> Vec<Located> {
        let geocoder = self.geocoder();
        blocking(move || {
            let addresses: Vec<_> = addresses
                .into_iter()
                .map(|address| (address, None))
                .collect();
            geocoder.locate_all(&addresses)
        })
        .await
    }

    /// What lies around `position`.
    pub async fn reverse(&self, position: LonLat) -> Surroundings {
        let geocoder = self.geocoder();
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
                house: geocoder.houses().nearest(position, NEAR_M).map(near_house),
                h3: format!("{:x}", h3::cell(position)),
            }
        })
        .await
    }
}

fn near_house((house, distance_m): (HouseMatch, f64)) -> NearHouse {
    NearHouse {
        address: house.label(),
        position: house.position,
        distance_m: distance_m.round(),
    }
}
