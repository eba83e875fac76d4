//! `revier geocode`

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use revier::app::{self, Config, Draft, Enriched, Overwrite, Watch, enrich, geocoder_of};
use revier::geocode::Geocoder;
use revier::import::addressed::Addressed;
use revier::import::{Mapping, Source};
use revier::word::with_causes;

use super::import::read_mapping;
use super::progress::Bar;
use super::{Failure, Reach, batch, print, print_json};

/// Which file to read, and where to write.
#[derive(Args)]
pub struct Arguments {
    /// CSV, XLSX, XLS or ODS; `-` reads standard input
    file: PathBuf,
    /// CSV to write, in UTF-8 with the separator of FILE; standard output without it
    #[arg(long)]
    out: Option<PathBuf>,
    /// Replace the file that is at OUT
    #[arg(long)]
    force: bool,
    /// JSON object of field to heading, where headings are not recognised
    #[arg(long)]
    mapping: Option<PathBuf>,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(config: &Config, arguments: Arguments) -> Result<ExitCode, Failure> {
    let mapping = arguments.mapping.as_deref().map(read_mapping).transpose()?;
    let out = arguments.out.filter(|out| out.as_os_str() != "-");
    let overwrite = if arguments.force {
        Overwrite::Allowed
    } else {
        Overwrite::Never
    };
    // Before anything is read, which may take long.
    let draft = out
        .as_deref()
        .map(|out| start(out, overwrite))
        .transpose()?;
    let input = Input::of(arguments.file).await?;
    let source = Source {
        path: input.path().to_owned(),
        name: input.name(),
        mapping,
        currency: None,
    };
    let geocoder = geocoder(config).await?;
    let watch = Arc::new(Watch::default());
    let bar = Bar::of(watch.clone());
    let done = until_interrupted(source, geocoder, draft, watch).await;
    bar.end();
    let Some(enriched) = done? else {
        return Ok(ExitCode::SUCCESS);
    };
    match (&out, arguments.json) {
        (Some(_), true) => print_json(&enriched)?,
        (Some(out), false) => print(&in_words(&enriched, &out.display().to_string()))?,
        // The rows have standard output for themselves.
        (None, true) => eprintln!("{}", serde_json::json!(enriched)),
        (None, false) => eprint!("{}", in_words(&enriched, "standard output")),
    }
    Ok(ExitCode::SUCCESS)
}

/// The gazetteer with the streets and houses of the home, if there is a home.
async fn geocoder(config: &Config) -> Result<Geocoder, Failure> {
    if !config.home.exists() {
        return Ok(Geocoder::shipped());
    }
    Ok(match Reach::of(config).await? {
        Reach::Here(app) => {
            let geocoder = app.geocoder();
            app.close().await;
            geocoder
        }
        Reach::There(server) => geocoder_of(&config.home, &batch::all(&server)?),
    })
}

/// Reads and writes, and ends early when the process is interrupted. None when whoever read
/// standard output has gone.
async fn until_interrupted(
    source: Source,
    geocoder: Geocoder,
    draft: Option<Draft>,
    watch: Arc<Watch>,
) -> Result<Option<Enriched>, Failure> {
    let cancel = watch.clone();
    let interrupted = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            cancel.cancel();
        }
    });
    let done = tokio::task::spawn_blocking(move || write(&source, &geocoder, draft, &watch)).await;
    interrupted.abort();
    done.map_err(|error| Failure(error.to_string()))?
}

fn write(
    source: &Source,
    geocoder: &Geocoder,
    draft: Option<Draft>,
    watch: &Watch,
) -> Result<Option<Enriched>, Failure> {
    let mut file = Addressed::open(source).map_err(|error| Failure(with_causes(&error)))?;
    let is_piped = draft.is_none();
    let done = match draft {
        Some(mut draft) => enrich(&mut file, geocoder, &mut draft, watch)
            .and_then(|enriched| draft.finish().map(|()| enriched)),
        None => enrich(&mut file, geocoder, &mut io::stdout().lock(), watch),
    };
    match done {
        Ok(enriched) => Ok(Some(enriched)),
        Err(app::Error::File { source, .. })
            if is_piped && source.kind() == io::ErrorKind::BrokenPipe =>
        {
            Ok(None)
        }
        Err(app::Error::Cancelled) if is_piped => Err(Failure(
            "cancelled; standard output has a part of the rows".to_owned(),
        )),
        Err(app::Error::Cancelled) => Err(Failure("cancelled; nothing was written".to_owned())),
        Err(error) => Err(error.into()),
    }
}

fn start(out: &Path, overwrite: Overwrite) -> Result<Draft, Failure> {
    Draft::start(out, overwrite).map_err(|error| {
        let exists = overwrite == Overwrite::Never && out.is_file();
        let hint = if exists { "; --force replaces it" } else { "" };
        Failure(format!("{}{hint}", with_causes(&error)))
    })
}

/// The file to read.
enum Input {
    Named(PathBuf),
    /// A copy of standard input, which goes with the value: files are read more than once.
    Copied(PathBuf),
}

impl Input {
    /// The file at `path`; for `-` a copy of standard input, which an interrupt ends.
    async fn of(path: PathBuf) -> Result<Self, Failure> {
        if path.as_os_str() != "-" {
            return Ok(Self::Named(path));
        }
        let name = format!("revier-stdin-{}.csv", std::process::id());
        let path = std::env::temp_dir().join(name);
        let failed =
            |error: io::Error| Failure(format!("standard input could not be kept: {error}"));
        let mut copy: File = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        let input = Self::Copied(path);
        let copied =
            tokio::task::spawn_blocking(move || io::copy(&mut io::stdin().lock(), &mut copy));
        tokio::select! {
            copied = copied => {
                copied.map_err(|error| Failure(error.to_string()))?.map_err(failed)?;
                Ok(input)
            }
            _ = tokio::signal::ctrl_c() => {
                Err(Failure("cancelled; nothing was written".to_owned()))
            }
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::Named(path) | Self::Copied(path) => path,
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Copied(_) => "standard input".to_owned(),
            Self::Named(path) => path.file_name().map_or_else(
                || path.display().to_string(),
                |name| name.to_string_lossy().into_owned(),
            ),
        }
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        if let Self::Copied(path) = self {
            // What cannot be removed lies where such files are swept.
            let _ = std::fs::remove_file(path);
        }
    }
}

fn in_words(enriched: &Enriched, out: &str) -> String {
    use std::fmt::Write;
    let rate = enriched.rows_per_second();
    let mut text = format!(
        "{out}: {} rows in {:.1} s, {rate:.0} rows/s, written in UTF-8 (read: {})\n",
        enriched.rows, enriched.seconds, enriched.format
    );
    let Mapping(mapping) = &enriched.mapping;
    let columns = mapping
        .iter()
        .map(|(field, heading)| format!("{field} = {heading}"));
    let columns: Vec<String> = columns.collect();
    let _ = writeln!(text, "  columns: {}", columns.join(", "));
    let precision = enriched.precision.iter();
    let precision: Vec<String> = precision
        .map(|(name, rows)| format!("{rows} {name}"))
        .collect();
    let _ = writeln!(text, "  precision: {}", precision.join(", "));
    let _ = writeln!(
        text,
        "  {} doubtful, {} not found",
        enriched.doubtful, enriched.not_found
    );
    if !enriched.reasons.is_empty() {
        let mut reasons: Vec<_> = enriched.reasons.iter().collect();
        reasons.sort_by_key(|(_, rows)| std::cmp::Reverse(**rows));
        let reasons = reasons.iter().map(|(code, rows)| format!("{rows} {code}"));
        let _ = writeln!(
            text,
            "  reasons: {}",
            reasons.collect::<Vec<_>>().join(", ")
        );
    }
    let renamed = enriched.renamed();
    if !renamed.is_empty() {
        let _ = writeln!(
            text,
            "  the file has columns of these names already, so the new ones are {}",
            renamed.join(", ")
        );
    }
    if enriched.is_answer {
        let _ = writeln!(
            text,
            "  the file holds an earlier answer, whose positions were not taken for its own"
        );
    }
    text
}
