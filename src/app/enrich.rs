//! A file of addresses with their positions: every row as it stands, and eight columns more.
//!
//! One thread reads, as many as there are cores locate, and this one writes in the order of the
//! file. What lies between them is a few chunks, so memory does not grow with the file.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::num::NonZero;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use csv::{Terminator, WriterBuilder};
use serde::Serialize;

use super::Error;
use super::home::file_error;
use super::watch::{Step, Watch};
use crate::geocode::{Geocoder, Located};
use crate::import::Mapping;
use crate::import::addressed::{Addressed, AddressedChunk, AddressedRow, Said};
use crate::import::{Progress, Reason};
use crate::place::LonLat;
use crate::record::account::Address;
use crate::record::site::Precision;

/// The columns that are added, in their order: degrees with six decimals, whole metres, a share
/// with two decimals, words and codes. All have a decimal point.
pub const ADDED: [&str; 8] = [
    "lon",
    "lat",
    "precision",
    "radius_m",
    "confidence",
    "source",
    "matched",
    "reason",
];

/// The sign between cells where the file has none: a workbook.
const WORKBOOK_DELIMITER: u8 = b';';

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Enriched {
    /// Rows below the headings; as many were written.
    pub rows: u64,
    /// Rows by the precision of their position, `none` included.
    pub precision: BTreeMap<&'static str, u64>,
    /// Rows with a position and a reason to doubt it.
    pub doubtful: u64,
    /// Rows without a position.
    pub not_found: u64,
    /// Rows by reason.
    pub reasons: BTreeMap<String, u64>,
    /// Which heading was read as which field.
    pub mapping: Mapping,
    /// The format of the file in words; what is written is UTF-8.
    pub format: String,
    /// The headings that were added; numbered where the file has one of that name already.
    pub added: Vec<String>,
    /// Whether the file has positions that were added to it earlier, which were not read.
    pub is_answer: bool,
    /// How long it took.
    pub seconds: f64,
}

impl Enriched {
    /// Rows written in a second.
    #[must_use]
    pub fn rows_per_second(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "no file has 2^52 rows")]
        let rows = self.rows as f64;
        rows / self.seconds.max(f64::EPSILON)
    }

    /// The headings that were added under another name, because the file has theirs already.
    #[must_use]
    pub fn renamed(&self) -> Vec<&str> {
        let pairs = self.added.iter().zip(ADDED);
        let renamed = pairs.filter(|(added, name)| added != name);
        renamed.map(|(added, _)| added.as_str()).collect()
    }
}

/// Counts of rows.
#[derive(Debug, Default)]
struct Tally {
    precision: BTreeMap<&'static str, u64>,
    reasons: BTreeMap<String, u64>,
    doubtful: u64,
    not_found: u64,
}

/// A chunk as it is written.
struct Piece {
    bytes: Vec<u8>,
    tally: Tally,
    progress: Progress,
}

/// How rows are written.
struct Style {
    delimiter: u8,
    added: Vec<String>,
}

/// Writes `file` to `out` as CSV in UTF-8 with the delimiter and the line ends of the file, each
/// row with what `geocoder` knows of its address.
///
/// Every row stays, in its order and with its cells. A row with more cells than there are headings
/// has those behind the added ones; what stands above the headings stays there.
///
/// # Errors
/// The file must stay readable and `out` writable; [`Error::Cancelled`] when `watch` was told so.
pub fn enrich(
    file: &mut Addressed,
    geocoder: &Geocoder,
    out: &mut dyn Write,
    watch: &Watch,
) -> Result<Enriched, Error> {
    let started = Instant::now();
    watch.enter(Step::Reading);
    let style = Style {
        delimiter: file.delimiter().unwrap_or(WORKBOOK_DELIMITER),
        added: added(file.headings()),
    };
    let (mapping, format, is_answer) = (file.mapping.clone(), file.format(), file.is_answer());
    let (tally, rows) = pipe(file, geocoder, &style, out, watch)?;
    if watch.is_cancelled() {
        return Err(Error::Cancelled);
    }
    Ok(Enriched {
        rows,
        precision: tally.precision,
        doubtful: tally.doubtful,
        not_found: tally.not_found,
        reasons: tally.reasons,
        mapping,
        format,
        added: style.added,
        is_answer,
        seconds: started.elapsed().as_secs_f64(),
    })
}

/// The headings to add beside `headings`: one that is there already gets the next free number.
fn added(headings: &[String]) -> Vec<String> {
    let is_free = |name: &str| {
        let mut headings = headings.iter();
        headings.all(|heading| !heading.eq_ignore_ascii_case(name))
    };
    let numbered = |name: &str| {
        let mut names = (2_u32..).map(|number| format!("{name}_{number}"));
        names.find(|name| is_free(name)).unwrap_or_default()
    };
    let name = |name: &&str| {
        if is_free(name) {
            (*name).to_owned()
        } else {
            numbered(name)
        }
    };
    ADDED.iter().map(name).collect()
}

/// A chunk to be answered, and where its answer goes.
type Job = (AddressedChunk, SyncSender<Piece>);

/// Reads, locates and writes at the same time; the counts and the number of rows.
fn pipe(
    file: &mut Addressed,
    geocoder: &Geocoder,
    style: &Style,
    out: &mut dyn Write,
    watch: &Watch,
) -> Result<(Tally, u64), Error> {
    let cores = thread::available_parallelism().map_or(2, NonZero::get);
    let (jobs, taken) = sync_channel::<Job>(cores);
    // The answers to come, in the order of the file.
    let (order, answers) = sync_channel::<Receiver<Piece>>(2 * cores);
    thread::scope(|scope| {
        let reader = scope.spawn(move || {
            file.each_chunk(&mut |chunk| {
                let (give, take) = sync_channel(1);
                let is_over = watch.is_cancelled()
                    || order.send(take).is_err()
                    || jobs.send((chunk, give)).is_err();
                if is_over {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            })
        });
        let taken = Arc::new(Mutex::new(taken));
        for _ in 0..cores {
            let taken = taken.clone();
            scope.spawn(move || {
                loop {
                    let job = taken.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((chunk, give)) = job else { return };
                    // Nobody waits for it when writing has failed.
                    let _ = give.send(piece(&chunk, geocoder, style));
                }
            });
        }
        // So that the reader sees when nobody works any more.
        drop(taken);
        let written = write(answers, out, watch);
        match reader.join() {
            Ok(read) => read?,
            Err(panic) => std::panic::resume_unwind(panic),
        }
        written.map_err(|source| file_error("written", "the answer".as_ref(), source))
    })
}

fn write(
    answers: Receiver<Receiver<Piece>>,
    out: &mut dyn Write,
    watch: &Watch,
) -> io::Result<(Tally, u64)> {
    let (mut tally, mut rows) = (Tally::default(), 0);
    for answer in answers {
        // The one who should have answered panicked, which the end of the scope tells.
        let Ok(piece) = answer.recv() else { break };
        out.write_all(&piece.bytes)?;
        watch.read(&piece.progress);
        rows = piece.progress.rows;
        tally.add(piece.tally);
    }
    out.flush()?;
    Ok((tally, rows))
}

fn piece(chunk: &AddressedChunk, geocoder: &Geocoder, style: &Style) -> Piece {
    let mut addresses: Vec<(Address, Option<LonLat>)> = Vec::with_capacity(chunk.rows.len());
    for row in &chunk.rows {
        if let Said::Address { address, given, .. } = &row.said {
            addresses.push((address.clone(), *given));
        }
    }
    let mut located = geocoder.locate_all(&addresses).into_iter();
    let mut tally = Tally::default();
    let mut csv = WriterBuilder::new()
        .delimiter(style.delimiter)
        .flexible(true)
        .terminator(if chunk.has_returns {
            Terminator::CRLF
        } else {
            Terminator::Any(b'\n')
        })
        .from_writer(Vec::new());
    for row in &chunk.rows {
        let cells = match &row.said {
            Said::Title => <[String; 8]>::default().into(),
            Said::Headings => style.added.clone(),
            Said::Refused(reason) => tally.count(&Located::default(), Some(*reason)),
            Said::Address { doubt, .. } => {
                let located = located.next().expect("every address is located");
                tally.count(&located, *doubt)
            }
        };
        csv.write_record(whole(row, chunk.columns, &cells))
            .expect("memory takes every row");
    }
    Piece {
        bytes: csv.into_inner().expect("memory takes every row"),
        tally,
        progress: chunk.progress,
    }
}

/// The cells of `row` filled up to `columns`, those of `added`, and what goes beyond the headings.
fn whole<'a>(
    row: &'a AddressedRow,
    columns: usize,
    added: &'a [String],
) -> impl Iterator<Item = &'a str> {
    let own = row.cells.iter().chain(std::iter::repeat("")).take(columns);
    let mut filled = (0..row.cells.len()).rev();
    let filled = filled.find(|column| !row.cells[*column].trim().is_empty());
    let end = filled.map_or(0, |last| last + 1).max(columns);
    let beyond = row.cells.iter().take(end).skip(columns);
    own.chain(added.iter().map(String::as_str)).chain(beyond)
}

impl Tally {
    /// The cells that are added to a row, which is counted. What the geocoder doubts goes before
    /// what the reading does.
    fn count(&mut self, located: &Located, doubt: Option<Reason>) -> Vec<String> {
        let code = located.reason.as_ref().map(|reason| reason.code.as_str());
        let reason = code.or(doubt.map(Reason::name)).unwrap_or_default();
        let is_found = located.precision != Precision::None;
        *self.precision.entry(located.precision.name()).or_default() += 1;
        self.not_found += u64::from(!is_found);
        if !reason.is_empty() {
            self.doubtful += u64::from(is_found);
            if let Some(count) = self.reasons.get_mut(reason) {
                *count += 1;
            } else {
                self.reasons.insert(reason.to_owned(), 1);
            }
        }
        let degrees = |of: fn(LonLat) -> f64| {
            let position = located
                .position
                .map(|position| format!("{:.6}", of(position)));
            position.unwrap_or_default()
        };
        vec![
            degrees(LonLat::lon),
            degrees(LonLat::lat),
            located.precision.name().to_owned(),
            located
                .radius_m
                .map_or_else(String::new, |radius_m| format!("{radius_m:.0}")),
            format!("{:.2}", located.confidence),
            located.source.to_owned(),
            located.matched.clone(),
            reason.to_owned(),
        ]
    }

    fn add(&mut self, other: Self) {
        for (precision, rows) in other.precision {
            *self.precision.entry(precision).or_default() += rows;
        }
        for (reason, rows) in other.reasons {
            *self.reasons.entry(reason).or_default() += rows;
        }
        self.doubtful += other.doubtful;
        self.not_found += other.not_found;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::Source;

    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn run(content: &str, out: &mut dyn Write, watch: &Watch) -> Result<Enriched, Error> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        let mut file = Addressed::open(&Source {
            path: file.path().to_owned(),
            name: "a.csv".to_owned(),
            mapping: None,
            currency: None,
        })?;
        enrich(&mut file, &Geocoder::shipped(), out, watch)
    }

    #[test]
    fn names_that_are_taken_get_a_number() {
        let headings = ["Lon", "lat", "lat_2"].map(str::to_owned);
        assert_eq!(added(&headings)[..3], ["lon_2", "lat_3", "precision"]);
    }

    #[test]
    fn many_chunks_keep_their_order() {
        let rows: Vec<String> = (0..20_000)
            .map(|row| format!("{row};80331;München"))
            .collect();
        let content = format!("Nr;PLZ;Ort\n{}\n", rows.join("\n"));
        let mut out = Vec::new();
        let enriched = run(&content, &mut out, &Watch::default()).unwrap();
        assert_eq!((enriched.rows, enriched.doubtful), (20_000, 20_000));
        assert_eq!(enriched.precision["postal"], 20_000);
        let text = String::from_utf8(out).unwrap();
        let cut = text
            .lines()
            .skip(1)
            .map(|line| line.split(";11.").next().unwrap());
        assert_eq!(cut.collect::<Vec<_>>(), rows);
    }

    #[test]
    fn a_full_disk_and_a_cancelled_run_end() {
        let content = format!("PLZ;Ort\n{}", "80331;München\n".repeat(60_000));
        let full = run(&content, &mut Full, &Watch::default()).unwrap_err();
        assert!(matches!(full, Error::File { .. }), "{full}");
        let watch = Watch::default();
        watch.cancel();
        let cancelled = run(&content, &mut Vec::new(), &watch).unwrap_err();
        assert!(matches!(cancelled, Error::Cancelled), "{cancelled}");
    }

    #[test]
    fn cells_beyond_the_headings_stay_behind_the_added() {
        let mut out = Vec::new();
        run(
            "Kunden\nPLZ;Ort;\n;;\n1;2;;;\n1;2;3;4;\n",
            &mut out,
            &Watch::default(),
        )
        .unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "Kunden;;;;;;;;;;");
        assert_eq!(
            lines[1],
            "PLZ;Ort;;lon;lat;precision;radius_m;confidence;source;matched;reason"
        );
        assert_eq!(lines[2], ";;;;;none;;0.00;;;no_country");
        assert_eq!(lines[3], "1;2;;;;none;;0.00;;;no_country");
        assert_eq!(lines[4], "1;2;3;;;none;;0.00;;;too_many_fields;4");
    }
}
