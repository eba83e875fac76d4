//! `revier check`

use std::process::ExitCode;

use revier::app::{Config, Report};

use super::{Failure, Reach};

pub async fn run(config: &Config) -> Result<ExitCode, Failure> {
    let report: Report = match Reach::of(config).await? {
        Reach::Here(app) => app.check().await?,
        Reach::There(server) => serde_json::from_value(server.read("/api/check")?)
            .map_err(|error| Failure(format!("the server's answer is unclear: {error}")))?,
    };
    for check in &report.checks {
        let mark = if check.ok { "ok    " } else { "BROKEN" };
        println!("{mark}  {}: {}", check.name, check.detail);
    }
    Ok(if report.ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
