//! `revier import`

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use revier::app::{App, Config, ImportRequest, RegionRequest, Summary, Watch};
use revier::import::regions::SameKey;
use revier::import::{Kind, Mapping};
use revier::record::money::Currency;
use revier::word::encoded;
use serde_json::{Value, json};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::progress::Bar;
use super::remote::Remote;
use super::{Failure, Reach, print, print_json};

/// How often a server is asked how far it is.
const POLL: Duration = Duration::from_millis(100);

/// What to import, and how to read it.
#[derive(Args)]
pub struct Arguments {
    /// What the file holds
    kind: KindWord,
    /// CSV, XLSX, XLS or ODS; addresses also .osm.pbf, .osm.gz or .osm; regions `GeoJSON`, .shp,
    /// its .zip, .gpkg, .kml or .kmz
    file: PathBuf,
    /// JSON object of field to heading; kept and used again for files of the same headings
    #[arg(long)]
    mapping: Option<PathBuf>,
    /// Currency of amounts in a file without a column for it
    #[arg(long)]
    currency: Option<String>,
    /// EPSG number of the coordinates of addresses whose rows, or regions whose file, name none
    #[arg(long)]
    epsg: Option<u32>,
    /// Hierarchy that the regions fill, in the place of an earlier one of that name [default: the
    /// file's name without its ending]
    #[arg(long)]
    name: Option<String>,
    /// Table or document that holds the regions, where the file has several
    #[arg(long)]
    layer: Option<String>,
    /// Take regions of the same key as one, instead of refusing the later ones
    #[arg(long)]
    join: bool,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum KindWord {
    Accounts,
    Sales,
    /// Streets and houses, by which later addresses are located to the doorstep
    Addresses,
    /// Own regions, such as sales areas, which become a level of the cube
    Regions,
    /// Exchange rates: days in rows, currencies in columns, what one euro was worth
    Rates,
}

impl From<KindWord> for Kind {
    fn from(word: KindWord) -> Self {
        match word {
            KindWord::Accounts => Self::Accounts,
            KindWord::Sales => Self::Sales,
            KindWord::Addresses => Self::Addresses,
            KindWord::Regions => Self::Regions,
            KindWord::Rates => Self::Rates,
        }
    }
}

pub async fn run(config: &Config, arguments: Arguments) -> Result<ExitCode, Failure> {
    let name = arguments.file.file_name().map_or_else(
        || arguments.file.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    );
    let mapping = arguments.mapping.as_deref().map(read_mapping).transpose()?;
    let currency = arguments
        .currency
        .as_deref()
        .map(Currency::parse)
        .transpose()
        .map_err(|error| Failure(error.to_string()))?;
    let request = ImportRequest {
        path: arguments.file,
        name,
        kind: arguments.kind.into(),
        mapping,
        currency,
        epsg: arguments.epsg,
        regions: RegionRequest {
            name: arguments.name,
            layer: arguments.layer,
            same_key: if arguments.join {
                SameKey::Join
            } else {
                SameKey::Refuse
            },
        },
    };
    let summary = match Reach::of(config).await? {
        Reach::Here(app) => {
            let watch = Arc::new(Watch::default());
            let bar = Bar::of(watch.clone());
            let summary = import_here(*app, request, watch).await;
            bar.end();
            summary?
        }
        Reach::There(server) => import_there(&server, &request).await?,
    };
    if arguments.json {
        print_json(&summary)?;
    } else {
        print(&in_words(&summary))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Imports and, when the process is interrupted, ends with nothing changed.
async fn import_here(
    app: App,
    request: ImportRequest,
    watch: Arc<Watch>,
) -> Result<Summary, Failure> {
    let cancel = watch.clone();
    let interrupted = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            cancel.cancel();
        }
    });
    let summary = app.import(request, watch).await;
    interrupted.abort();
    app.close().await;
    Ok(summary?)
}

async fn import_there(server: &Remote, request: &ImportRequest) -> Result<Summary, Failure> {
    let (name, kind) = (encoded(&request.name), request.kind.name());
    // Until here an interrupt ends this process, and the server drops what it has of the file.
    let mut path = format!("/api/uploads?name={name}&kind={kind}");
    if let Some(layer) = &request.regions.layer {
        path.push_str("&layer=");
        path.push_str(&encoded(layer));
    }
    let upload = server.post_file(&path, &request.path)?;
    let start = json!({
        "upload": upload["upload"],
        "kind": kind,
        "mapping": request.mapping,
        "currency": request.currency,
        "epsg": request.epsg,
        "name": request.regions.name,
        "layer": request.regions.layer,
        "join": request.regions.same_key == SameKey::Join,
    });
    let interrupt = signal(SignalKind::interrupt())
        .map_err(|error| Failure(format!("interrupts cannot be seen: {error}")))?;
    let import = server.post("/api/imports", start.to_string().as_bytes())?;
    let bar = Bar::new(std::fs::metadata(&request.path).map_or(0, |file| file.len()));
    let ended = follow(server, import, interrupt, &bar).await;
    bar.end();
    let mut ended = ended?;
    super::clear(ended["summary"].take())
}

/// The state of `import` when it is done. The first interrupt cancels it, a second one ends the
/// waiting.
async fn follow(
    server: &Remote,
    mut import: Value,
    mut interrupt: Signal,
    bar: &Bar,
) -> Result<Value, Failure> {
    let path = format!("/api/imports/{}", import["id"].as_str().unwrap_or_default());
    let mut is_cancelled = false;
    loop {
        match import["state"].as_str() {
            Some("done") => return Ok(import),
            Some("failed" | "cancelled") => return Err(reason(&import)),
            _ => {}
        }
        let share = import["progress"].as_f64().unwrap_or_default();
        bar.show(share, import["rows"].as_u64().unwrap_or_default());
        import = tokio::select! {
            _ = interrupt.recv() => {
                if is_cancelled {
                    let text = "the import was asked to end, and the server is still at it";
                    return Err(Failure(text.to_owned()));
                }
                is_cancelled = true;
                server.delete(&path)?
            }
            () = tokio::time::sleep(POLL) => server.read(&path)?,
        };
    }
}

fn reason(import: &Value) -> Failure {
    let detail = import["problem"]["detail"].as_str();
    Failure(
        detail
            .unwrap_or("the import was cancelled, nothing has changed")
            .to_owned(),
    )
}

pub(super) fn read_mapping(path: &Path) -> Result<Mapping, Failure> {
    let bytes = super::read_input(path)?;
    serde_json::from_slice(&bytes).map_err(|error| {
        Failure(format!(
            "{} is no mapping, a JSON object of field to heading: {error}",
            path.display()
        ))
    })
}

fn in_words(summary: &Summary) -> String {
    use std::fmt::Write;
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{}: {} rows in {:.1} s",
        summary.file, summary.counts.rows, summary.seconds
    );
    let columns: Vec<String> = summary
        .mapping
        .0
        .iter()
        .map(|(field, heading)| format!("{field} = {heading}"))
        .collect();
    if !columns.is_empty() {
        let _ = writeln!(text, "  columns: {}", columns.join(", "));
    }
    let _ = writeln!(
        text,
        "  {} added, {} changed, {} unchanged, {} rejected, {} doubtful",
        summary.counts.added,
        summary.counts.changed,
        summary.counts.unchanged,
        summary.counts.rejected,
        summary.counts.doubtful
    );
    if let Some(hierarchy) = &summary.hierarchy {
        let _ = writeln!(text, "  hierarchy: {hierarchy}");
    }
    if summary.unlocated > 0 {
        let _ = writeln!(text, "  {} accounts have no position", summary.unlocated);
    }
    if summary.unknown_accounts > 0 {
        let _ = writeln!(
            text,
            "  {} accounts of the lines are unknown; the lines are kept as unassigned",
            summary.unknown_accounts
        );
    }
    if let Some(remarks) = &summary.remarks {
        let _ = writeln!(text, "  remarks: {remarks}");
    }
    let _ = match summary.batch {
        Some(batch) => writeln!(text, "  batch {batch}; `revier undo {batch}` takes it back"),
        None => writeln!(text, "  nothing new, nothing changed"),
    };
    text
}
