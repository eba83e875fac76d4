//! Exchange rates of a file, kept as the one file of their batch.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;

use super::{Tally, write_all};
use crate::app::home::{Home, file_error};
use crate::app::{App, Error, Step, Watch, blocking, remark};
use crate::disk;
use crate::import::rates::rates;
use crate::import::{Outcome, Source};
use crate::record::money::Currency;
use crate::record::rate::Rate;
use crate::store::{Batch, Draft, Kind};

impl App {
    /// Reads rates; a day that is known with the same rate says nothing new.
    pub(super) async fn read_rates(
        &self,
        draft: Draft,
        source: Source,
        watch: &Arc<Watch>,
        writer: &mut remark::Writer,
    ) -> Result<(Draft, Outcome, Tally), Error> {
        let known = standing(&self.home, &self.store.batches().await?)?;
        let read = blocking(move || rates(&source)).await?;
        let mut tally = Tally::default();
        let remarks = self.home.remarks_draft();
        tally.counts.doubtful = write_all(writer, &remarks, read.remarks)?;
        let mut outcome = read.outcome;
        outcome.cancelled = watch.is_cancelled();
        if outcome.cancelled {
            return Ok((draft, outcome, tally));
        }
        watch.enter(Step::Storing);
        let mut days: BTreeMap<Date, (bool, bool)> = BTreeMap::new();
        for rate in &read.rates {
            let (is_new, is_changed) = days.entry(rate.day).or_default();
            match known.get(&(rate.currency, rate.day)) {
                None => *is_new = true,
                Some(micro) => *is_changed |= *micro != rate.micro,
            }
        }
        let count = |is_it: &dyn Fn(&(bool, bool)) -> bool| {
            u64::try_from(days.values().filter(|day| is_it(day)).count()).unwrap_or_default()
        };
        tally.counts.changed = count(&|(_, is_changed)| *is_changed);
        tally.counts.added = count(&|(is_new, is_changed)| *is_new && !is_changed);
        // A row counts once, also when two rows are of one day.
        let taken = outcome.rows - outcome.rejected;
        tally.counts.unchanged = taken
            .saturating_sub(tally.counts.added)
            .saturating_sub(tally.counts.changed);
        if tally.counts.change_anything() {
            let path = self.home.rates(draft.id());
            blocking(move || write(&path, &read.rates)).await?;
        }
        Ok((draft, outcome, tally))
    }
}

/// Writes the rates of a batch, a line each: currency, day, millionths.
fn write(path: &Path, rates: &[Rate]) -> Result<(), Error> {
    let line = |rate: &Rate| format!("{},{},{}\n", rate.currency, rate.day, rate.micro);
    let lines: Vec<String> = rates.iter().map(line).collect();
    let written = disk::put(path, |file| file.write_all(lines.concat().as_bytes()));
    written.map_err(|source| file_error("written", path, source))
}

/// The rates that stand: of each currency and day that of the newest batch.
pub(in crate::app) fn standing(
    home: &Home,
    batches: &[Batch],
) -> Result<BTreeMap<(Currency, Date), i64>, Error> {
    let mut rates = BTreeMap::new();
    let brought = |batch: &&Batch| batch.kind == Kind::Rates && batch.counts.change_anything();
    // Batches come newest first.
    for batch in batches.iter().rev().filter(brought) {
        let path = home.rates(batch.id);
        let text = std::fs::read_to_string(&path);
        let text = text.map_err(|source| file_error("read", &path, source))?;
        for line in text.lines() {
            let rate = rate_of(line).ok_or_else(|| {
                let source = io::Error::new(io::ErrorKind::InvalidData, line.to_owned());
                file_error("understood", &path, source)
            })?;
            rates.insert((rate.currency, rate.day), rate.micro);
        }
    }
    Ok(rates)
}

fn rate_of(line: &str) -> Option<Rate> {
    let mut fields = line.split(',');
    Some(Rate {
        currency: Currency::parse(fields.next()?).ok()?,
        day: fields.next()?.parse().ok()?,
        micro: fields.next()?.parse().ok()?,
    })
}
