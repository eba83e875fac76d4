//! `revier batches` and `revier undo`

use std::fmt::Write;
use std::process::ExitCode;

use clap::Args;
use revier::app::Config;
use revier::store::{Batch, BatchId};

use super::remote::Remote;
use super::{Failure, Reach, print};

/// Which batch.
#[derive(Args)]
pub struct Arguments {
    /// Number of the batch, as `revier batches` lists it
    batch: i64,
}

pub async fn list(config: &Config) -> Result<ExitCode, Failure> {
    let batches: Vec<Batch> = match Reach::of(config).await? {
        Reach::Here(app) => app.batches().await?,
        Reach::There(server) => all(&server)?,
    };
    if batches.is_empty() {
        print("no batches yet: `revier import accounts FILE` makes the first\n")?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut text = String::new();
    for Batch {
        id,
        kind,
        mut file,
        hierarchy,
        at,
        counts,
        ..
    } in batches
    {
        if !hierarchy.is_empty() {
            file = format!("{hierarchy} from {file}");
        }
        let _ = writeln!(
            text,
            "{id:>6}  {at}  {:<8}  {:>9} added {:>9} changed {:>7} rejected  {file}",
            kind.name(),
            counts.added,
            counts.changed,
            counts.rejected
        );
    }
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// The batches of the home that `server` holds.
pub fn all(server: &Remote) -> Result<Vec<Batch>, Failure> {
    super::clear(server.read("/api/batches")?["batches"].take())
}

pub async fn undo(config: &Config, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let batch = arguments.batch;
    match Reach::of(config).await? {
        Reach::Here(app) => {
            app.undo(BatchId(batch)).await?;
        }
        Reach::There(server) => {
            server.delete(&format!("/api/batches/{batch}"))?;
        }
    }
    print(&format!("batch {batch} is taken back\n"))?;
    Ok(ExitCode::SUCCESS)
}
