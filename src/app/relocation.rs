//! Better positions for accounts that are there already: a newer gazetteer, or streets and houses
//! that were imported since, may know more than the import did.
//!
//! Positions that a person chose, and those that a file gave, are never touched.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use utoipa::ToSchema;

use super::review::Decided;
use super::{App, Error, blocking, site, to_its_end};
use crate::geocode::Geocoder;
use crate::place::LonLat;
use crate::record::placement::{How, Placement};
use crate::record::site::{Precision, Site};
use crate::store::{Entry, Kind};

/// Accounts located at once.
const CHUNK: usize = 8_192;

/// What locating all accounts again would change.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
pub struct Relocation {
    /// Accounts looked at.
    pub accounts: u64,
    /// Accounts whose position a person chose or a file gave; they stay.
    pub fixed: u64,
    /// Accounts that would get a better position.
    pub better: u64,
    /// How many of those have none now.
    pub placed: u64,
    /// How many of those are doubtful now and would not be.
    pub settled: u64,
    /// The first of them, by their numbers in this home.
    pub moves: Vec<Move>,
}

/// An account that would get a better position.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Move {
    /// Key of the account.
    pub key: String,
    /// Company or household.
    pub name: String,
    /// Where it is.
    pub from: Spot,
    /// Where it would be.
    pub to: Spot,
    /// How far that is, in whole metres; none when it is nowhere now.
    pub distance_m: Option<f64>,
}

/// A position with how exact it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Spot {
    /// Longitude and latitude in degrees.
    #[schema(value_type = Option<[f64; 2]>)]
    pub position: Option<LonLat>,
    /// How exact it is.
    #[schema(value_type = String)]
    pub precision: Precision,
    /// The true point lies within this many metres nine times of ten.
    pub radius_m: Option<f64>,
    /// Stable word for what is doubtful.
    pub reason: Option<String>,
}

impl App {
    /// What locating all accounts again would change, with the first `limit` of the changes.
    ///
    /// O(accounts): some seconds a million.
    ///
    /// # Errors
    /// The store must answer.
    pub async fn relocation(&self, limit: usize) -> Result<Relocation, Error> {
        let mut seen = Relocation::default();
        self.better_sites(&mut |entry, better| {
            seen.accounts += 1;
            match better {
                Better::Fixed => seen.fixed += 1,
                Better::No => {}
                Better::Yes(site) => seen.meet(entry, &site, limit),
            }
        })
        .await?;
        Ok(seen)
    }

    /// Gives every account the better position as one batch.
    ///
    /// # Errors
    /// The store must take them; otherwise nothing has changed.
    pub async fn relocate(&self) -> Result<Decided, Error> {
        let app = self.clone();
        to_its_end(async move {
            let one = app.change.lock().await;
            let mut placements = Vec::new();
            app.better_sites(&mut |entry, better| {
                if let Better::Yes(site) = better {
                    let corrected = entry.account.address != entry.file_address;
                    let placement = Placement {
                        how: How::Relocated,
                        address: corrected.then_some(entry.account.address),
                        for_address: entry.file_address,
                        site: *site,
                    };
                    placements.push((entry.id, placement));
                }
            })
            .await?;
            let decided = app.place(Kind::Relocation, "", &placements).await?;
            drop(one);
            app.follow_later();
            Ok(decided)
        })
        .await
    }

    /// Locates every account again and gives each to `take`.
    async fn better_sites(
        &self,
        take: &mut (dyn FnMut(Entry, Better) + Send),
    ) -> Result<(), Error> {
        let mut snapshot = self.store.snapshot().await?;
        let (sender, mut receiver) = mpsc::channel(CHUNK);
        let reading = async move {
            let read = snapshot.send_accounts(&sender).await;
            drop(sender);
            read
        };
        let geocoder = self.geocoder();
        let locating = async {
            loop {
                let mut chunk = Vec::with_capacity(CHUNK);
                while chunk.len() < CHUNK
                    && let Some(entry) = receiver.recv().await
                {
                    chunk.extend(entry);
                }
                if chunk.is_empty() {
                    return;
                }
                let geocoder = geocoder.clone();
                for (entry, better) in blocking(move || again(&geocoder, chunk)).await {
                    take(entry, better);
                }
            }
        };
        let (read, ()) = tokio::join!(reading, locating);
        Ok(read?)
    }
}

impl Relocation {
    fn meet(&mut self, entry: Entry, site: &Site, limit: usize) {
        let old = &entry.site;
        self.better += 1;
        self.placed += u64::from(old.position.is_none());
        let settled = old.position.is_some() && old.reason.is_some() && site.reason.is_none();
        self.settled += u64::from(settled);
        if self.moves.len() >= limit {
            return;
        }
        let distance_m = old.position.zip(site.position);
        self.moves.push(Move {
            from: Spot::of(old),
            to: Spot::of(site),
            distance_m: distance_m.map(|(from, to)| from.distance_m(to).round()),
            key: entry.account.key,
            name: entry.account.name,
        });
    }
}

impl Spot {
    fn of(site: &Site) -> Self {
        Self {
            position: site.position,
            precision: site.precision,
            radius_m: site.radius_m,
            reason: site.reason.as_ref().map(|reason| reason.code.clone()),
        }
    }
}

/// What locating an account again gives.
enum Better {
    /// Nobody but a person may move it.
    Fixed,
    /// Nothing better.
    No,
    /// A better site.
    Yes(Box<Site>),
}

/// The accounts with their better sites.
fn again(geocoder: &Geocoder, entries: Vec<Entry>) -> Vec<(Entry, Better)> {
    let addresses: Vec<_> = entries
        .iter()
        .map(|entry| (entry.account.address.clone(), None))
        .collect();
    let sites = site::sites_of(geocoder.locate_all(&addresses));
    let better = entries.into_iter().zip(sites).map(|(entry, site)| {
        let by_person = entry.decided.as_ref().map(|decided| decided.how);
        let better =
            if by_person.is_some_and(How::fixes_position) || entry.account.position.is_some() {
                Better::Fixed
            } else if is_better(&entry.site, &site) {
                Better::Yes(Box::new(site))
            } else {
                Better::No
            };
        (entry, better)
    });
    better.collect()
}

/// Whether `new` is the better position: found where there was none, finer, less doubtful,
/// with a clearly smaller radius, or elsewhere and no less sure.
fn is_better(old: &Site, new: &Site) -> bool {
    /// A radius below this share of the old one is clearly smaller.
    const CLEARLY: f64 = 0.8;
    /// Positions nearer to each other are the same, in metres.
    const SAME_M: f64 = 25.0;
    let Some(to) = new.position else {
        return false;
    };
    let Some(from) = old.position else {
        return true;
    };
    match new.precision.cmp(&old.precision) {
        Ordering::Less => true,
        Ordering::Greater => old.reason.is_some() && new.reason.is_none(),
        Ordering::Equal if new.reason.is_some() && old.reason.is_none() => false,
        Ordering::Equal => {
            let is_smaller = match (new.radius_m, old.radius_m) {
                (Some(new), Some(old)) => new < CLEARLY * old,
                _ => false,
            };
            let is_elsewhere = from.distance_m(to) > SAME_M && new.confidence >= old.confidence;
            old.reason.is_some() && new.reason.is_none() || is_smaller || is_elsewhere
        }
    }
}
