//! `revier demo`

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use revier::app::{App, Config, ImportRequest, RegionRequest, Watch};
use revier::demo::{self, Size};
use revier::import::Kind;

use super::{Failure, print};

/// How large the company is.
#[derive(Args)]
pub struct Arguments {
    /// Number of accounts
    #[arg(long, default_value_t = 25_000)]
    accounts: u32,
    /// Number of sales lines
    #[arg(long, default_value_t = 600_000)]
    lines: u64,
    /// The same seed makes the same company
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Last day of the sales, ISO 8601; today unless said
    #[arg(long)]
    today: Option<jiff::civil::Date>,
    /// Write accounts.csv and sales.csv into this folder and import nothing
    #[arg(long)]
    out: Option<PathBuf>,
}

pub async fn run(config: &Config, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let size = Size {
        accounts: arguments.accounts,
        lines: arguments.lines,
    };
    let today = arguments.today.unwrap_or_else(|| jiff::Zoned::now().date());
    let write = |folder: &std::path::Path| {
        demo::write(folder, size, arguments.seed, today).map_err(|error| Failure(error.to_string()))
    };
    if let Some(folder) = &arguments.out {
        let files = write(folder)?;
        let (accounts, sales) = (files.accounts.display(), files.sales.display());
        print(&format!("{accounts}\n{sales}\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let app = App::open(config).await?;
    if !app.batches().await?.is_empty() {
        return Err(Failure(format!(
            "the home {} is not empty: the demo company needs one of its own, say --home DIR",
            config.home.display()
        )));
    }
    let files = write(&config.home.join("demo"))?;
    for (kind, path) in [(Kind::Accounts, files.accounts), (Kind::Sales, files.sales)] {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let request = ImportRequest {
            path,
            name,
            kind,
            mapping: None,
            currency: None,
            epsg: None,
            regions: RegionRequest::default(),
        };
        let summary = app.import(request, Arc::new(Watch::default())).await?;
        print(&format!(
            "{}: {} rows, {} rejected, {} doubtful, {:.1} s\n",
            summary.file,
            summary.counts.rows,
            summary.counts.rejected,
            summary.counts.doubtful,
            summary.seconds
        ))?;
    }
    app.derived().await?;
    app.close().await;
    let home = config.home.display();
    print(&format!("the demo company is in {home}\n"))?;
    Ok(ExitCode::SUCCESS)
}
