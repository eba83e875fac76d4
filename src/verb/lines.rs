//! `revier lines`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use revier::app::{Config, ExportSubject};
use revier::cube::LinesRequest;

use super::{Failure, Reach, export, print_json, read_input};

/// Which lines.
#[derive(Args)]
pub struct Arguments {
    /// JSON file of the filters, as POST /api/lines takes it, or - for standard input
    filters: PathBuf,
    #[command(flatten)]
    target: export::Target,
}

pub async fn run(config: &Config, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let text = read_input(&arguments.filters)?;
    let request: LinesRequest = serde_json::from_slice(&text)
        .map_err(|error| Failure(format!("{}: {error}", arguments.filters.display())))?;
    let reach = Reach::of(config).await?;
    if arguments.target.is_wanted() {
        let subject = ExportSubject::Lines(request);
        arguments.target.write(&reach, subject).await?;
        return Ok(ExitCode::SUCCESS);
    }
    match reach {
        Reach::Here(app) => print_json(&app.lines(request).await?)?,
        Reach::There(server) => print_json(&server.post("/api/lines", &text)?)?,
    }
    Ok(ExitCode::SUCCESS)
}
