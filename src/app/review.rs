//! What is doubtful or unplaced, and what people decide about it.
//!
//! A decision is a batch of its own, so it is undone like any other. It never waits for the
//! derived parts: they follow in the background, and the queue is read from the truth.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{App, Error, blocking, site, to_its_end};
use crate::geocode::candidate::{Candidate, MOST_CANDIDATES};
use crate::geocode::{Geocoder, Located};
use crate::place::LonLat;
use crate::record::account::{Account, Address};
use crate::record::placement::{How, Placement};
use crate::record::site::{Precision, Reason, Site};
use crate::store::{BatchId, Counts, Entry, Kind};

/// Decisions of one request at most.
pub const MAX_DECISIONS: usize = 1_000;

/// A picked position is a candidate when it lies this near to it, in metres.
const SAME_M: f64 = 1.0;

/// How sure a person is.
const CERTAIN: f64 = 1.0;

/// What waits for a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Review {
    /// Accounts that are doubtful or unplaced.
    pub open: u64,
    /// Accounts that a person decided on.
    pub decided: u64,
    /// The reasons, the most frequent first.
    pub groups: Vec<ReviewGroup>,
}

/// Accounts that are doubtful or unplaced for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReviewGroup {
    /// Stable word of the reason.
    pub reason: String,
    /// How many accounts.
    pub accounts: u64,
    /// How many of them have no position.
    pub unplaced: u64,
}

/// An account that waits for a decision.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ReviewItem {
    /// Key of the account.
    pub key: String,
    /// Company or household.
    pub name: String,
    /// The address that counts.
    #[schema(value_type = Object)]
    pub address: Address,
    /// The address of the files, where it is another one.
    #[schema(value_type = Option<Object>)]
    pub file_address: Option<Address>,
    /// Where it is now.
    #[schema(value_type = Option<[f64; 2]>)]
    pub position: Option<LonLat>,
    /// How exact that is.
    #[schema(value_type = String)]
    pub precision: Precision,
    /// Where the position comes from.
    pub source: String,
    /// The true point lies within this many metres nine times of ten.
    pub radius_m: Option<f64>,
    /// How probable it is that this is the place that is meant, 0 to 1.
    pub confidence: f64,
    /// What is doubtful.
    #[schema(value_type = Object)]
    pub reason: Option<Reason>,
    /// How a person decided before, if one did.
    #[schema(value_type = Option<String>)]
    pub decided: Option<How>,
    /// What may be meant, the most probable first; at most five.
    #[schema(value_type = Vec<Object>)]
    pub candidates: Vec<Candidate>,
}

/// What a person decides about an account.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// The position is good as it is.
    Accept,
    /// The candidate at this position is meant.
    Pick(LonLat),
    /// What the other geocoder found here is meant, to within so many metres.
    Adopt(LonLat, f64),
    /// The account is here, to within so many metres.
    Place(LonLat, f64),
    /// The address should be this one.
    Correct(Address),
    /// The files shall tell the position again.
    Release,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Decided {
    /// By which it can be taken back; none when nothing was to be decided.
    #[schema(value_type = Option<i64>)]
    pub batch: Option<BatchId>,
    /// How many accounts were decided on.
    pub accounts: u64,
}

/// Why a decision cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum DecisionError {
    /// Too many at once, or none.
    #[error("{0} decisions: send 1 to {MAX_DECISIONS} at a time")]
    Count(usize),
    /// Two decisions about one account.
    #[error("there are two decisions about the account {0:?}")]
    Twice(String),
    /// Nothing to accept.
    #[error(
        "the account {0:?} has no position to accept: pick a candidate, place it on the map or correct its address"
    )]
    NoPosition(String),
    /// The candidates have changed since they were shown.
    #[error("the account {0:?} has no candidate at that position any more: load it again")]
    NoCandidate(String),
    /// Nobody else can have found it.
    #[error("no other geocoder is set up that could have given the position")]
    NoProvider,
    /// The radius is no distance.
    #[error("radius_m of the account {0:?} must be a number from 1 to 100000")]
    Radius(String),
}

impl App {
    /// What waits for a decision, by reason.
    ///
    /// # Errors
    /// The store must answer.
    pub async fn review(&self) -> Result<Review, Error> {
        let (groups, decided) = (self.store.doubts().await?, self.store.decided().await?);
        Ok(Review {
            open: groups.iter().map(|group| group.accounts).sum(),
            decided,
            groups: groups
                .into_iter()
                .map(|group| ReviewGroup {
                    reason: group.reason,
                    accounts: group.accounts,
                    unplaced: group.unplaced,
                })
                .collect(),
        })
    }

    /// A page of the queue, for `reason` alone when one is given: unplaced accounts first, then
    /// the least sure.
    ///
    /// # Errors
    /// The store must answer.
    pub async fn review_items(
        &self,
        reason: Option<&str>,
        offset: u64,
        limit: u64,
    ) -> Result<Vec<ReviewItem>, Error> {
        let entries = self.store.doubtful(reason, offset, limit).await?;
        let geocoder = self.geocoder();
        let items = move || {
            let item = |entry| item_of(&geocoder, entry);
            entries.into_iter().map(item).collect()
        };
        Ok(blocking(items).await)
    }

    /// The account of `key` as the queue shows it, whether it waits for a decision or not.
    ///
    /// # Errors
    /// The account must exist.
    pub async fn review_item(&self, key: &str) -> Result<ReviewItem, Error> {
        let entry = self.store.account(key).await?;
        let entry = entry.ok_or_else(|| Error::NoSuchAccount(key.to_owned()))?;
        let geocoder = self.geocoder();
        Ok(blocking(move || item_of(&geocoder, entry)).await)
    }

    /// Takes decisions about accounts as one batch.
    ///
    /// # Errors
    /// The accounts must exist and the decisions fit them; otherwise nothing has changed.
    pub async fn decide(&self, decisions: Vec<(String, Decision)>) -> Result<Decided, Error> {
        check(&decisions)?;
        let app = self.clone();
        to_its_end(async move {
            let one = app.change.lock().await;
            let mut entries = Vec::with_capacity(decisions.len());
            for (key, decision) in decisions {
                let entry = app.store.account(&key).await?;
                entries.push((entry.ok_or(Error::NoSuchAccount(key))?, decision));
            }
            let name = match entries.as_slice() {
                [(entry, _)] => entry.account.name.clone(),
                _ => String::new(),
            };
            let (geocoder, provider) = (app.geocoder(), app.provider());
            let placements = blocking(move || {
                let placed = entries
                    .into_iter()
                    .map(|(entry, decision)| placement(&geocoder, provider, entry, decision));
                placed.collect::<Result<Vec<_>, _>>()
            });
            let decided = app.place(Kind::Review, &name, &placements.await?).await?;
            drop(one);
            app.follow_later();
            Ok(decided)
        })
        .await
    }

    /// Accepts the positions of all accounts that are doubtful for `reason` as one batch; those
    /// without a position stay.
    ///
    /// # Errors
    /// The store must take them.
    pub async fn accept_all(&self, reason: String) -> Result<Decided, Error> {
        let app = self.clone();
        to_its_end(async move {
            let one = app.change.lock().await;
            let entries = app.store.doubtful(Some(&reason), 0, u64::MAX).await?;
            let placed = entries.into_iter().filter_map(|entry| {
                let id = entry.id;
                Some((id, accepted(entry)?))
            });
            let placed: Vec<_> = placed.collect();
            let decided = app.place(Kind::Review, "", &placed).await?;
            drop(one);
            app.follow_later();
            Ok(decided)
        })
        .await
    }

    /// Makes `placements` one batch.
    pub(super) async fn place(
        &self,
        kind: Kind,
        name: &str,
        placements: &[(i64, Placement)],
    ) -> Result<Decided, Error> {
        let accounts = placements.len() as u64;
        if accounts == 0 {
            let batch = None;
            return Ok(Decided { batch, accounts });
        }
        let mut draft = self.store.begin(kind, name).await?;
        draft.place(placements).await?;
        let counts = Counts {
            rows: accounts,
            changed: accounts,
            ..Counts::default()
        };
        Ok(Decided {
            batch: Some(draft.commit(counts).await?),
            accounts,
        })
    }
}

fn check(decisions: &[(String, Decision)]) -> Result<(), DecisionError> {
    if decisions.is_empty() || decisions.len() > MAX_DECISIONS {
        return Err(DecisionError::Count(decisions.len()));
    }
    let mut seen = std::collections::HashSet::new();
    for (key, decision) in decisions {
        if !seen.insert(key) {
            return Err(DecisionError::Twice(key.clone()));
        }
        if let Decision::Place(_, radius_m) | Decision::Adopt(_, radius_m) = decision
            && !(1.0..=100_000.0).contains(radius_m)
        {
            return Err(DecisionError::Radius(key.clone()));
        }
    }
    Ok(())
}

fn item_of(geocoder: &Geocoder, entry: Entry) -> ReviewItem {
    let candidates = candidates(geocoder, &entry);
    let reason = reason_of(geocoder, &entry);
    let Entry {
        account,
        site,
        file_address,
        decided,
        ..
    } = entry;
    ReviewItem {
        key: account.key,
        name: account.name,
        file_address: Some(file_address).filter(|address| *address != account.address),
        address: account.address,
        position: site.position,
        precision: site.precision,
        source: site.source,
        radius_m: site.radius_m,
        confidence: site.confidence,
        reason,
        decided: decided
            .map(|decided| decided.how)
            .filter(|how| *how != How::Relocated),
        candidates,
    }
}

/// Why the account is doubtful, with the facts that its address still gives for it.
fn reason_of(geocoder: &Geocoder, entry: &Entry) -> Option<Reason> {
    let stored = entry.site.reason.clone()?;
    let Account {
        address, position, ..
    } = &entry.account;
    let located = geocoder.locate_all(&[(address.clone(), *position)]);
    let site = site::sites_of(located).pop();
    let found = site.and_then(|site| site.reason);
    let is_same = |found: &Reason| found.code == stored.code && found.detail == stored.detail;
    Some(found.filter(is_same).unwrap_or(stored))
}

/// What the address may mean; what its words may mean when it tells nothing as a whole.
fn candidates(geocoder: &Geocoder, entry: &Entry) -> Vec<Candidate> {
    let mut found = found_for(geocoder, &entry.account.address);
    if entry.file_address != entry.account.address {
        found.extend(found_for(geocoder, &entry.file_address));
    }
    found.truncate(MOST_CANDIDATES);
    found
}

fn found_for(geocoder: &Geocoder, address: &Address) -> Vec<Candidate> {
    let located = locate(geocoder, address);
    if !located.candidates.is_empty() {
        return located.candidates;
    }
    if let Some(only) = Candidate::of(&located) {
        return vec![only];
    }
    let place = [address.postal_code.as_str(), &address.place].join(" ");
    let parts = [&address.street, place.trim(), &address.country];
    let line: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let whole = geocoder.geocode(&line.join(", "), MOST_CANDIDATES);
    if whole.is_empty() {
        return geocoder.geocode(&address.place, MOST_CANDIDATES);
    }
    whole
}

fn locate(geocoder: &Geocoder, address: &Address) -> Located {
    let mut located = geocoder.locate_all(&[(address.clone(), None)]);
    located.pop().unwrap_or_default()
}

/// The placement of an account by a decision; `provider` is the word of the other geocoder.
fn placement(
    geocoder: &Geocoder,
    provider: Option<&'static str>,
    entry: Entry,
    decision: Decision,
) -> Result<(i64, Placement), DecisionError> {
    let id = entry.id;
    let placement = match decision {
        Decision::Accept => {
            let key = entry.account.key.clone();
            accepted(entry).ok_or(DecisionError::NoPosition(key))?
        }
        Decision::Pick(position) => {
            let picked = candidates(geocoder, &entry)
                .into_iter()
                .find(|candidate| candidate.position.distance_m(position) < SAME_M)
                .ok_or_else(|| DecisionError::NoCandidate(entry.account.key.clone()))?;
            placed(entry, How::Picked, picked_site(picked))
        }
        Decision::Adopt(position, radius_m) => {
            let source = provider.ok_or(DecisionError::NoProvider)?;
            let site = site_at(geocoder, &entry, position, (radius_m, source));
            placed(entry, How::Picked, site)
        }
        Decision::Place(position, radius_m) => {
            let site = site_at(geocoder, &entry, position, (radius_m, "person"));
            placed(entry, How::Placed, site)
        }
        Decision::Correct(address) => {
            let site = site_of(locate(geocoder, &address));
            Placement {
                how: How::Corrected,
                for_address: entry.file_address,
                address: Some(address),
                site,
            }
        }
        Decision::Release => placed(entry, How::Released, Site::default()),
    };
    Ok((id, placement))
}

/// A position that somebody gave, right to within a radius in metres, with its source.
fn site_at(
    geocoder: &Geocoder,
    entry: &Entry,
    position: LonLat,
    (radius_m, source): (f64, &'static str),
) -> Site {
    site_of(Located {
        position: Some(position),
        precision: precision_of(radius_m),
        source,
        radius_m: Some(radius_m),
        confidence: CERTAIN,
        postal: locate(geocoder, &entry.account.address).postal,
        ..Located::default()
    })
}

fn accepted(entry: Entry) -> Option<Placement> {
    entry.site.position?;
    let site = Site {
        reason: None,
        confidence: CERTAIN,
        ..entry.site.clone()
    };
    Some(placed(entry, How::Accepted, site))
}

/// The account at `site`, with the address that a person gave it before.
fn placed(entry: Entry, how: How, site: Site) -> Placement {
    let corrected = entry.account.address != entry.file_address && how != How::Released;
    Placement {
        how,
        address: corrected.then_some(entry.account.address),
        for_address: entry.file_address,
        site,
    }
}

fn picked_site(picked: Candidate) -> Site {
    site_of(Located {
        position: Some(picked.position),
        precision: picked.precision,
        source: picked.source,
        radius_m: Some(picked.radius_m),
        confidence: CERTAIN,
        country: Some(picked.country),
        postal: picked.postal,
        ..Located::default()
    })
}

fn site_of(located: Located) -> Site {
    let mut sites = site::sites_of(vec![located]);
    sites.pop().unwrap_or_default()
}

/// How exact a pin is that is right to within `radius_m` metres.
fn precision_of(radius_m: f64) -> Precision {
    const HOUSE_M: f64 = 100.0;
    const STREET_M: f64 = 1_000.0;
    if radius_m <= HOUSE_M {
        Precision::House
    } else if radius_m <= STREET_M {
        Precision::Street
    } else {
        Precision::Place
    }
}
