//! Streets and houses of a file: gathered, and written as the one file of their batch.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::{Tally, proceed, write_all};
use crate::app::{App, Error, Step, Watch, blocking, joined, remark};
use crate::geocode::house::Builder;
use crate::import::addresses::{AddressSource, Finds, addresses};
use crate::import::{Outcome, Source};
use crate::place::{Level, LonLat, RegionKey};
use crate::spatial::locate::RegionIndex;
use crate::spatial::units::Units;
use crate::store::{Draft, Kind};

impl App {
    pub(super) async fn read_addresses(
        &self,
        draft: Draft,
        source: Source,
        epsg: Option<u32>,
        watch: &Arc<Watch>,
        writer: &mut remark::Writer,
    ) -> Result<(Draft, Outcome, Tally), Error> {
        let (sender, mut receiver) = mpsc::channel::<Finds>(2);
        let watching = watch.clone();
        let source = AddressSource { source, epsg };
        let reader = tokio::task::spawn_blocking(move || {
            addresses(&source, &mut |finds: Finds| {
                watching.read(&finds.progress);
                let sent = sender.blocking_send(finds);
                proceed(&watching, sent.is_ok())
            })
        });
        let mut builder = Builder::default();
        while let Some(finds) = receiver.recv().await {
            write_all(writer, &self.home.remarks_draft(), finds.remarks)?;
            let found = finds.finds;
            builder = blocking(move || {
                builder.extend(found);
                builder
            })
            .await;
        }
        let reading = joined(reader.await)?;
        let found = reading.addresses + reading.streets + reading.places;
        let outcome = Outcome {
            rows: found + reading.rejected,
            rejected: reading.rejected,
            mapping: reading.mapping,
            cancelled: reading.cancelled,
        };
        let mut tally = Tally::default();
        if outcome.cancelled || found == 0 {
            return Ok((draft, outcome, tally));
        }
        watch.enter(Step::Storing);
        let path = self.home.houses(draft.id());
        blocking(move || builder.finish(&path, &country_of)).await?;
        if self.is_known(&draft).await? {
            self.home.remove_files(draft.id())?;
            tally.counts.unchanged = found;
        } else {
            tally.counts.added = found;
        }
        Ok((draft, outcome, tally))
    }

    /// Whether an earlier batch holds the very same houses.
    async fn is_known(&self, draft: &Draft) -> Result<bool, Error> {
        let batches = self.store.batches().await?;
        let earlier = batches
            .into_iter()
            .filter(|batch| batch.kind == Kind::Addresses);
        let paths: Vec<_> = earlier.map(|batch| self.home.houses(batch.id)).collect();
        let path = self.home.houses(draft.id());
        let same = blocking(move || {
            let size = std::fs::metadata(&path)?.len();
            let mut own = None;
            for other in paths {
                if std::fs::metadata(&other).is_ok_and(|other| other.len() == size) {
                    let own = match &mut own {
                        Some(own) => own,
                        empty => empty.insert(std::fs::read(&path)?),
                    };
                    if std::fs::read(&other)? == *own {
                        return Ok(true);
                    }
                }
            }
            Ok(false)
        });
        let path = self.home.houses(draft.id());
        same.await
            .map_err(|source| crate::app::home::file_error("compared", &path, source))
    }
}

/// The country that contains `position`.
fn country_of(position: LonLat) -> Option<RegionKey> {
    let units = Units::shipped();
    let unit = RegionIndex::shipped().unit_of(position)?;
    let country = units.ancestor(unit, Level::Country)?;
    Some(units.get(country).key.clone())
}
