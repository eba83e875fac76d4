//! A company to measure on.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use revier::demo::{self, Size};

use crate::home::{TODAY, import_by_binary};
use crate::tools::Random;

/// The sum of this many numbers that look random, each at most [`STEP`], is how far an account is from
/// its postal code: about three kilometres.
const STEPS: usize = 4;

/// Degrees of latitude.
const STEP: f64 = 0.03;

/// Invents a company in `folder` and imports it into a home there; its files are removed.
pub fn fill(folder: &Path, accounts: u64, lines: u64, scatter: bool) {
    std::fs::create_dir_all(folder).expect("a folder");
    let accounts = u32::try_from(accounts).expect("fewer than four thousand million accounts");
    let files = demo::write(folder, Size { accounts, lines }, 1, TODAY).expect("the demo files");
    let draft = folder.join("home.draft");
    if draft.exists() {
        std::fs::remove_dir_all(&draft).expect("an old draft goes");
    }
    let accounts = if scatter {
        scattered(folder, &files.accounts)
    } else {
        files.accounts
    };
    for (kind, file) in [("accounts", accounts), ("sales", files.sales)] {
        import_by_binary(&draft, kind, &file);
        std::fs::remove_file(file).expect("a file that was there");
    }
    // What is there under its name is whole.
    std::fs::rename(draft, folder.join("home")).expect("a home");
}

/// The same accounts with a position of their own.
fn scattered(folder: &Path, accounts: &Path) -> PathBuf {
    let (located, scattered) = (folder.join("located.csv"), folder.join("scattered.csv"));
    let status = Command::new(env!("CARGO_BIN_EXE_revier"))
        .arg("--home")
        .arg(folder.join("no-home"))
        .arg("geocode")
        .arg(accounts)
        .args(["--force", "--out"])
        .arg(&located)
        .stdout(Stdio::null())
        .status()
        .expect("the binary runs");
    assert!(status.success(), "the accounts are located");
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.delimiter(b';').from_path(&located).expect("a file");
    let headings = reader.byte_headers().expect("headings").clone();
    let place_of = |name: &[u8]| headings.iter().position(|heading| heading == name);
    let [lon, lat] = [b"lon", b"lat"].map(|name| place_of(name).expect("a column of degrees"));
    let mut writer = csv::WriterBuilder::new();
    let mut writer = writer
        .delimiter(b';')
        .from_path(&scattered)
        .expect("a file");
    // What else the program tells of a position is left away.
    writer
        .write_byte_record(&first(&headings, lat + 1))
        .expect("room on the disk");
    let mut random = Random(11);
    let mut row = csv::ByteRecord::new();
    while reader.read_byte_record(&mut row).expect("a row") {
        let moved: csv::ByteRecord = row
            .iter()
            .take(lat + 1)
            .enumerate()
            .map(|(place, cell)| match degrees(cell) {
                Some(degrees) if place == lat => text(degrees + shift(&mut random)),
                // Degrees of longitude are shorter.
                Some(degrees) if place == lon => text(degrees + 1.5 * shift(&mut random)),
                _ => cell.to_vec(),
            })
            .collect();
        writer.write_byte_record(&moved).expect("room on the disk");
    }
    writer.flush().expect("room on the disk");
    for file in [accounts, &located] {
        std::fs::remove_file(file).expect("a file that was there");
    }
    scattered
}

fn first(row: &csv::ByteRecord, cells: usize) -> csv::ByteRecord {
    row.iter().take(cells).collect()
}

fn degrees(cell: &[u8]) -> Option<f64> {
    std::str::from_utf8(cell).ok()?.parse().ok()
}

fn text(degrees: f64) -> Vec<u8> {
    format!("{degrees:.6}").into_bytes()
}

/// Degrees to the north or to the south.
fn shift(random: &mut Random) -> f64 {
    let steps = (0..STEPS).map(|_| {
        let part = u32::try_from(random.below(2_000_001)).unwrap_or_default();
        (f64::from(part) / 1e6 - 1.0) * STEP
    });
    steps.sum::<f64>() / 2.0
}
