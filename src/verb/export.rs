//! What `revier ask` and `revier lines` write to a file.

use std::io::Read;
use std::path::PathBuf;

use clap::Args;
use revier::app::{App, Draft, ExportSubject, Overwrite};
use revier::export::{Format, Language, Look};

use super::remote::Remote;
use super::{Failure, Reach, print};

/// Which file, and how it is to be.
#[derive(Args)]
pub struct Target {
    /// Write a file of this format instead of JSON to standard output
    #[arg(long, requires = "out")]
    format: Option<Format>,
    /// File to write
    #[arg(long, requires = "format")]
    out: Option<PathBuf>,
    /// Language of headings, and in CSV of numbers and days
    #[arg(long, default_value = "en")]
    language: Language,
    /// Replace the file that is at OUT
    #[arg(long)]
    force: bool,
}

impl Target {
    /// Whether a file is wanted, rather than JSON.
    pub fn is_wanted(&self) -> bool {
        self.format.is_some()
    }

    /// Writes `subject` to the file that is wanted.
    pub async fn write(&self, reach: &Reach, subject: ExportSubject) -> Result<(), Failure> {
        let (Some(format), Some(out)) = (self.format, &self.out) else {
            return Ok(());
        };
        let overwrite = if self.force {
            Overwrite::Allowed
        } else {
            Overwrite::Never
        };
        let mut draft = Draft::start(out, overwrite)?;
        let look = Look {
            format,
            language: self.language,
        };
        let mut source: Box<dyn Read> = match reach {
            Reach::Here(app) => from_here(app, subject, look).await?,
            Reach::There(server) => from_server(server, subject, look)?,
        };
        let written = std::io::copy(&mut source, &mut draft);
        let bytes = written
            .map_err(|error| Failure(format!("{} could not be written: {error}", out.display())))?;
        draft.finish()?;
        print(&format!("{bytes} bytes in {}\n", out.display()))
    }
}

async fn from_here(
    app: &App,
    subject: ExportSubject,
    look: Look,
) -> Result<Box<dyn Read>, Failure> {
    let file = app.export(subject, look).await?.into_file()?;
    Ok(Box::new(file))
}

fn from_server(
    server: &Remote,
    subject: ExportSubject,
    look: Look,
) -> Result<Box<dyn Read>, Failure> {
    let (path, body) = match subject {
        ExportSubject::Answer(question) => ("/api/cube/export", question),
        ExportSubject::Lines(request) => {
            let body = serde_json::to_vec(&request)
                .map_err(|error| Failure(format!("the filters could not be sent: {error}")))?;
            ("/api/lines/export", body)
        }
    };
    let language = match look.language {
        Language::German => "de",
        Language::English => "en",
    };
    let format = look.format.name();
    server.post_for_file(
        &format!("{path}?format={format}&language={language}"),
        &body,
    )
}
