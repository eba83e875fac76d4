//! `revier ask`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use revier::app::Config;

use super::{Failure, Reach, print_json, read_input};

/// Which question.
#[derive(Args)]
pub struct Arguments {
    /// JSON file of a question, or - for standard input
    question: PathBuf,
}

pub async fn run(config: &Config, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let question = read_input(&arguments.question)?;
    match Reach::of(config).await? {
        Reach::Here(app) => print_json(&app.ask(&question).await?)?,
        Reach::There(server) => print_json(&server.post("/api/cube", &question)?)?,
    }
    Ok(ExitCode::SUCCESS)
}
