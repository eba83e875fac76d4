//! Files sent by the browser and imports at work.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;
use utoipa::{IntoParams, ToSchema};

use super::Server;
use super::error::Problem;
use crate::app::{App, ImportRequest, Step, Summary, Watch};
use crate::import::{Mapping, Preview};
use crate::record::money::Currency;
use crate::store::Kind;

/// A file of more bytes is refused: it is better imported at the command line.
const MAX_UPLOAD_BYTES: u64 = 4 << 30;

/// The files sent and the imports started since the server began.
#[derive(Clone, Default)]
pub(super) struct Imports {
    next: Arc<AtomicU64>,
    uploads: Arc<Mutex<HashMap<String, SentFile>>>,
    jobs: Arc<Mutex<HashMap<String, Job>>>,
}

#[derive(Clone)]
struct SentFile {
    path: PathBuf,
    name: String,
}

#[derive(Clone)]
struct Job {
    watch: Arc<Watch>,
    ended: Option<Result<Summary, Problem>>,
}

impl Imports {
    fn next_id(&self, prefix: char) -> String {
        format!("{prefix}{}", self.next.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn uploads(&self) -> MutexGuard<'_, HashMap<String, SentFile>> {
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn jobs(&self) -> MutexGuard<'_, HashMap<String, Job>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is sent.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct UploadParameters {
    /// Name of the file.
    name: String,
    /// `accounts` or `sales`; guessed when not given.
    kind: Option<String>,
}

/// A file that was sent, and how its columns would be read.
#[derive(Serialize, ToSchema)]
pub(super) struct Upload {
    /// By which the file is imported.
    upload: String,
    #[serde(flatten)]
    #[schema(value_type = Object)]
    preview: Preview,
}

/// Which file to import, and how.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StartRequest {
    /// Of the answer to the upload.
    upload: String,
    /// `accounts` or `sales`.
    #[schema(value_type = String)]
    kind: Kind,
    /// Field to heading; recognised when not given.
    #[schema(value_type = Option<std::collections::BTreeMap<String, String>>)]
    mapping: Option<Mapping>,
    /// Currency of amounts in a file without a column for it.
    #[schema(value_type = Option<String>)]
    currency: Option<Currency>,
}

/// The state of an import.
#[derive(Serialize, ToSchema)]
pub(super) struct Import {
    id: String,
    /// `queued`, `reading`, `storing`, `refreshing`, `done`, `failed` or `cancelled`.
    state: &'static str,
    /// Share of the file that was read, 0 to 1.
    progress: f64,
    /// Rows read.
    rows: u64,
    summary: Option<Summary>,
    problem: Option<Problem>,
}

/// Takes a file to look at before it is imported.
#[utoipa::path(
    post, path = "/api/uploads", params(UploadParameters),
    request_body(content_type = "application/octet-stream", description = "The bytes of the file"),
    responses(
        (status = 200, body = Upload),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn upload(
    State(server): State<Server>,
    parameters: Result<Query<UploadParameters>, QueryRejection>,
    body: Body,
) -> Result<Json<Upload>, Problem> {
    let Query(UploadParameters { name, kind }) = parameters?;
    let kind = kind.map(|word| parse_kind(&word)).transpose()?;
    let upload = server.imports.next_id('u');
    let path = server.app.home().uploads().join(&upload);
    let previewed = match keep(body, &path).await {
        Ok(()) => server
            .app
            .preview(path.clone(), name.clone(), kind)
            .await
            .map_err(Problem::from),
        Err(problem) => Err(problem),
    };
    match previewed {
        Ok(preview) => {
            let file = SentFile { path, name };
            server.imports.uploads().insert(upload.clone(), file);
            Ok(Json(Upload { upload, preview }))
        }
        Err(problem) => {
            tokio::fs::remove_file(&path).await?;
            Err(problem)
        }
    }
}

/// Starts an import of a file that was sent.
#[utoipa::path(
    post, path = "/api/imports", request_body = StartRequest,
    responses(
        (status = 202, body = Import),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn start(
    State(server): State<Server>,
    request: Result<Json<StartRequest>, JsonRejection>,
) -> Result<(StatusCode, Json<Import>), Problem> {
    let Json(request) = request?;
    let file = server
        .imports
        .uploads()
        .get(&request.upload)
        .cloned()
        .ok_or_else(|| Problem::not_found(format!("no file was sent as \"{}\"", request.upload)))?;
    let (id, watch) = (server.imports.next_id('i'), Arc::new(Watch::default()));
    let job = Job {
        watch: watch.clone(),
        ended: None,
    };
    let state = import_of(&id, &job);
    server.imports.jobs().insert(id.clone(), job);
    let work = ImportRequest {
        path: file.path,
        name: file.name,
        kind: request.kind,
        mapping: request.mapping,
        currency: request.currency,
    };
    let (app, imports) = (server.app.clone(), server.imports.clone());
    tokio::spawn(run(app, imports, id, work, watch));
    Ok((StatusCode::ACCEPTED, Json(state)))
}

/// How far an import is.
#[utoipa::path(
    get, path = "/api/imports/{id}", params(("id" = String, Path, description = "Import")),
    responses(
        (status = 200, body = Import),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn state(
    State(server): State<Server>,
    Path(id): Path<String>,
) -> Result<Json<Import>, Problem> {
    Ok(Json(import_of(&id, &job_of(&server, &id)?)))
}

/// Ends an import early; nothing will have changed.
#[utoipa::path(
    delete, path = "/api/imports/{id}", params(("id" = String, Path, description = "Import")),
    responses(
        (status = 200, body = Import),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn cancel(
    State(server): State<Server>,
    Path(id): Path<String>,
) -> Result<Json<Import>, Problem> {
    let job = job_of(&server, &id)?;
    job.watch.cancel();
    Ok(Json(import_of(&id, &job)))
}

async fn run(app: Arc<App>, imports: Imports, id: String, work: ImportRequest, watch: Arc<Watch>) {
    let path = work.path.clone();
    let result = app.import(work, watch).await.map_err(Problem::from);
    if result.is_ok() {
        imports.uploads().retain(|_, file| file.path != path);
        if let Err(error) = tokio::fs::remove_file(&path).await {
            tracing::warn!(%error, "an imported upload could not be removed");
        }
    }
    if let Some(job) = imports.jobs().get_mut(&id) {
        job.ended = Some(result);
    }
}

fn job_of(server: &Server, id: &str) -> Result<Job, Problem> {
    let job = server.imports.jobs().get(id).cloned();
    job.ok_or_else(|| Problem::not_found(format!("there is no import \"{id}\"")))
}

fn import_of(id: &str, job: &Job) -> Import {
    let (done, total) = job.watch.bytes();
    #[expect(clippy::cast_precision_loss, reason = "a share for a progress bar")]
    let read = if total == 0 {
        0.0
    } else {
        done as f64 / total as f64
    };
    let (state, summary, problem) = match &job.ended {
        None => (working(job.watch.step()), None, None),
        Some(Ok(summary)) => ("done", Some(summary.clone()), None),
        Some(Err(problem)) if problem.kind.ends_with("/cancelled") => ("cancelled", None, None),
        Some(Err(problem)) => ("failed", None, Some(problem.clone())),
    };
    Import {
        id: id.to_owned(),
        state,
        progress: if summary.is_some() {
            1.0
        } else {
            read.min(1.0)
        },
        rows: job.watch.rows(),
        summary,
        problem,
    }
}

fn working(step: Step) -> &'static str {
    match step {
        Step::Queued => "queued",
        Step::Reading => "reading",
        Step::Storing => "storing",
        Step::Refreshing => "refreshing",
    }
}

fn parse_kind(word: &str) -> Result<Kind, Problem> {
    Kind::parse(word)
        .ok_or_else(|| Problem::bad_request(format!("kind \"{word}\" must be accounts or sales")))
}

async fn keep(body: Body, path: &std::path::Path) -> Result<(), Problem> {
    let mut file = tokio::fs::File::create(path).await?;
    let mut size_bytes = 0;
    let mut stream = body.into_data_stream();
    while let Some(bytes) = stream.next().await {
        let bytes =
            bytes.map_err(|error| Problem::bad_request(format!("the file broke off: {error}")))?;
        size_bytes += bytes.len() as u64;
        if size_bytes > MAX_UPLOAD_BYTES {
            return Err(Problem::too_large(format!(
                "the file is larger than {MAX_UPLOAD_BYTES} bytes: use `revier import`"
            )));
        }
        file.write_all(&bytes).await?;
    }
    file.flush().await?;
    Ok(())
}
