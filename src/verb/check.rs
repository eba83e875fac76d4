//! `revier check`

use std::fmt::Write;
use std::process::ExitCode;

use revier::app::{Config, Report};

use super::{Failure, Reach, print};

pub async fn run(config: &Config) -> Result<ExitCode, Failure> {
    let report: Report = match Reach::of(config).await? {
        Reach::Here(app) => app.check().await?,
        Reach::There(server) => serde_json::from_value(server.read("/api/check")?)
            .map_err(|error| Failure(format!("the server's answer is unclear: {error}")))?,
    };
    let mut text = String::new();
    for check in &report.checks {
        let mark = if check.ok { "ok    " } else { "BROKEN" };
        let _ = writeln!(text, "{mark}  {}: {}", check.name, check.detail);
    }
    print(&text)?;
    Ok(if report.ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
