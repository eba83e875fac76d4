//! Sales lines of a file: written as one part and compared with those before.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::doubt::UnknownAccounts;
use super::{Tally, proceed, write_all};
use crate::app::{App, Error, Step, Watch, blocking, joined, remark, sales_batches};
use crate::import::{self, Chunk, Outcome, Source};
use crate::record::sale::Sale;
use crate::store::Draft;

impl App {
    pub(super) async fn read_sales(
        &self,
        draft: Draft,
        source: Source,
        watch: &Arc<Watch>,
        writer: &mut remark::Writer,
    ) -> Result<(Draft, Outcome, Tally), Error> {
        let known = self.store.account_keys().await?;
        let before = sales_batches(&self.store.batches().await?);
        let mut part = self.facts.start(draft.id(), &before)?;
        let (sender, mut receiver) = mpsc::channel::<Chunk<Sale>>(2);
        let watching = watch.clone();
        let reader = tokio::task::spawn_blocking(move || {
            import::sales(&source, &mut |chunk: Chunk<Sale>| {
                watching.read(&chunk.progress);
                let sent = sender.blocking_send(chunk);
                proceed(&watching, sent.is_ok())
            })
        });
        let path = self.home.remarks_draft();
        let mut tally = Tally::default();
        let mut unknown = UnknownAccounts::of(known);
        while let Some(chunk) = receiver.recv().await {
            let mut remarks = chunk.remarks;
            for row in &chunk.rows {
                remarks.extend(unknown.meet(&row.record.account, row.line));
            }
            let appended;
            (part, appended) = blocking(move || {
                let appended = part.append(&chunk.rows);
                (part, appended)
            })
            .await;
            appended?;
            tally.counts.doubtful += write_all(writer, &path, remarks)?;
        }
        let outcome = joined(reader.await)?;
        if outcome.cancelled {
            return Ok((draft, outcome, tally));
        }
        watch.enter(Step::Storing);
        let compared = blocking(move || part.finish()).await?;
        tally.counts.added = compared.added;
        tally.counts.changed = compared.changed;
        tally.counts.unchanged = compared.unchanged;
        tally.unknown_accounts = unknown.count();
        Ok((draft, outcome, tally))
    }
}
