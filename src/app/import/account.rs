//! Accounts of a file: located chunk by chunk while they are stored.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::doubt::doubt;
use super::{Tally, proceed, write_all};
use crate::app::{App, Error, Watch, joined, remark, site};
use crate::geocode::Geocoder;
use crate::import::{self, Chunk, Outcome, Source};
use crate::record::account::Account;
use crate::record::remark::Remark;
use crate::record::site::Site;
use crate::store::Draft;

/// A chunk with its accounts located.
struct Located {
    entries: Vec<(Account, Site)>,
    lines: Vec<u64>,
    remarks: Vec<Remark>,
}

impl App {
    pub(super) async fn read_accounts(
        &self,
        mut draft: Draft,
        source: Source,
        watch: &Arc<Watch>,
        writer: &mut remark::Writer,
    ) -> Result<(Draft, Outcome, Tally), Error> {
        let (sender, mut receiver) = mpsc::channel::<Located>(2);
        let (watching, geocoder) = (watch.clone(), self.geocoder());
        let reader = tokio::task::spawn_blocking(move || {
            import::accounts(&source, &mut |chunk: Chunk<Account>| {
                watching.read(&chunk.progress);
                let sent = sender.blocking_send(locate(&geocoder, chunk));
                proceed(&watching, sent.is_ok())
            })
        });
        let path = self.home.remarks_draft();
        let mut tally = Tally::default();
        while let Some(chunk) = receiver.recv().await {
            let put = draft.put(&chunk.entries).await?;
            tally.counts.added += put.added;
            tally.counts.changed += put.changed;
            tally.counts.unchanged += put.unchanged;
            let without = |(_, site): &&(Account, Site)| site.position.is_none();
            tally.unlocated += chunk.entries.iter().filter(without).count() as u64;
            let mut remarks = chunk.remarks;
            for ((account, site), line) in chunk.entries.iter().zip(&chunk.lines) {
                if let Some(reason) = &site.reason {
                    remarks.push(doubt(*line, &account.address, reason));
                }
            }
            tally.counts.doubtful += write_all(writer, &path, remarks)?;
        }
        let outcome = joined(reader.await)?;
        Ok((draft, outcome, tally))
    }
}

fn locate(geocoder: &Geocoder, chunk: Chunk<Account>) -> Located {
    let (lines, accounts): (Vec<u64>, Vec<Account>) = chunk
        .rows
        .into_iter()
        .map(|row| (row.line, row.record))
        .unzip();
    let sites = site::locate_all(geocoder, &accounts);
    Located {
        entries: accounts.into_iter().zip(sites).collect(),
        lines,
        remarks: chunk.remarks,
    }
}
