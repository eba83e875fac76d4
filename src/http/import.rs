//! Imports at work: started, watched and cancelled.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use utoipa::ToSchema;

use super::Server;
use super::error::Problem;
use super::upload::{self, SentFile};
use crate::app::{self, ImportRequest, RegionRequest, Step, Summary, Watch};
use crate::import::regions::SameKey;
use crate::import::{Kind, Mapping};
use crate::record::money::Currency;

/// The imports started since the server began.
#[derive(Clone, Default)]
pub(super) struct Imports {
    next: Arc<AtomicU64>,
    jobs: Arc<Mutex<HashMap<String, Job>>>,
    /// Every import at work holds a receiver.
    at_work: Arc<watch::Sender<()>>,
}

#[derive(Clone)]
struct Job {
    watch: Arc<Watch>,
    ended: Option<Result<Summary, Problem>>,
}

impl Imports {
    /// Asks every import to end.
    pub(super) fn cancel_all(&self) {
        for job in self.jobs().values() {
            job.watch.cancel();
        }
    }

    /// Ready when no import is at work.
    pub(super) async fn ended(&self) {
        self.at_work.closed().await;
    }

    fn next_id(&self) -> String {
        format!("i{}", self.next.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn jobs(&self) -> MutexGuard<'_, HashMap<String, Job>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which file to import, and how.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StartRequest {
    /// Of the answer to the upload.
    upload: String,
    /// `accounts`, `sales`, `addresses` or `regions`.
    #[schema(value_type = String)]
    kind: Kind,
    /// Field to heading; recognised when not given.
    #[schema(value_type = Option<std::collections::BTreeMap<String, String>>)]
    mapping: Option<Mapping>,
    /// Currency of amounts in a file without a column for it.
    #[schema(value_type = Option<String>)]
    currency: Option<Currency>,
    /// EPSG number of the coordinates of addresses whose rows, or regions whose file, name none.
    epsg: Option<u32>,
    /// The hierarchy that regions fill; the name of the file without its ending unless given.
    name: Option<String>,
    /// The table or document that holds the regions, where a file has several.
    layer: Option<String>,
    /// Whether regions of the same key are one; otherwise the later ones are refused.
    #[serde(default)]
    join: bool,
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
    let file = server.uploads.take(&request.upload)?;
    let import = begin(&server, file, request);
    Ok((StatusCode::ACCEPTED, Json(import)))
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
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Import>, Problem> {
    let Path(id) = id?;
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
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Import>, Problem> {
    let Path(id) = id?;
    let job = job_of(&server, &id)?;
    job.watch.cancel();
    Ok(Json(import_of(&id, &job)))
}

/// Starts the import of `file`.
fn begin(server: &Server, file: SentFile, request: StartRequest) -> Import {
    let (id, watch) = (server.imports.next_id(), Arc::new(Watch::default()));
    let job = Job {
        watch: watch.clone(),
        ended: None,
    };
    let state = import_of(&id, &job);
    server.imports.jobs().insert(id.clone(), job);
    let work = ImportRequest {
        path: file.path.clone(),
        name: file.name.clone(),
        kind: request.kind,
        mapping: request.mapping,
        currency: request.currency,
        epsg: request.epsg,
        regions: RegionRequest {
            name: request.name,
            layer: request.layer,
            same_key: if request.join {
                SameKey::Join
            } else {
                SameKey::Refuse
            },
        },
    };
    let app = server.app.clone();
    let import = tokio::spawn(async move { app.import(work, watch).await });
    let (server, at_work) = (server.clone(), server.imports.at_work.subscribe());
    tokio::spawn(async move {
        conclude(&server, &id, file, import).await;
        drop(at_work);
    });
    state
}

/// Waits for `import` and keeps how it ended. A file that was not imported can be tried again.
async fn conclude(
    server: &Server,
    id: &str,
    file: SentFile,
    import: JoinHandle<Result<Summary, app::Error>>,
) {
    let result = outcome(import).await;
    if result.is_ok() {
        upload::remove(&file.path).await;
    } else {
        server.uploads.keep(file).await;
    }
    if let Some(job) = server.imports.jobs().get_mut(id) {
        job.ended = Some(result);
    }
}

/// How `import` ended; a panic in it is a problem too, so that nobody waits for ever.
async fn outcome(import: JoinHandle<Result<Summary, app::Error>>) -> Result<Summary, Problem> {
    Ok(import.await??)
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn an_import_that_panics_ends_with_a_problem() {
        let outcome = outcome(tokio::spawn(async { panic!("on purpose") })).await;
        assert!(outcome.is_err_and(|problem| problem.kind == "/problems/internal"));
    }

    #[tokio::test]
    async fn a_stop_cancels_and_awaits_the_imports() {
        let (imports, watch) = (Imports::default(), Arc::new(Watch::default()));
        let (job, at_work) = (watch.clone(), imports.at_work.subscribe());
        let ended = None;
        imports
            .jobs()
            .insert("i1".to_owned(), Job { watch: job, ended });
        imports.cancel_all();
        assert!(watch.is_cancelled());
        let mut end = std::pin::pin!(imports.ended());
        let at_once = tokio::time::timeout(Duration::ZERO, &mut end).await;
        assert!(at_once.is_err(), "the import is still at work");
        drop(at_work);
        end.await;
    }
}
