//! Files sent by the browser, looked at and kept until they are imported.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;
use utoipa::{IntoParams, ToSchema};

use super::Server;
use super::error::Problem;
use crate::app::App;
use crate::import::{Kind, Preview};

/// A file of more bytes is refused: it is better imported at the command line.
const MAX_UPLOAD_BYTES: u64 = 4 << 30;

/// Files that wait to be imported; the oldest go when there are more.
const MAX_UPLOADS: usize = 8;

/// A sender that is silent for longer has gone.
const MAX_SILENCE: Duration = Duration::from_mins(1);

/// The files sent since the server began and not yet imported, oldest first.
#[derive(Clone, Default)]
pub(super) struct Uploads {
    next: Arc<AtomicU64>,
    files: Arc<Mutex<VecDeque<SentFile>>>,
}

/// A file that was sent.
pub(super) struct SentFile {
    id: String,
    /// Where its bytes are.
    pub(super) path: PathBuf,
    /// Its name for people.
    pub(super) name: String,
}

impl Uploads {
    /// The file sent as `id`; nobody else can take it then.
    pub(super) fn take(&self, id: &str) -> Result<SentFile, Problem> {
        let mut files = self.files();
        let place = files.iter().position(|file| file.id == id);
        place
            .and_then(|place| files.remove(place))
            .ok_or_else(|| Problem::not_found(format!("no file was sent as \"{id}\"")))
    }

    /// Keeps `file` as the newest and removes those that are too many.
    pub(super) async fn keep(&self, file: SentFile) {
        let old: Vec<SentFile> = {
            let mut files = self.files();
            files.push_back(file);
            let too_many = files.len().saturating_sub(MAX_UPLOADS);
            files.drain(..too_many).collect()
        };
        for file in old {
            remove(&file.path).await;
        }
    }

    fn next_id(&self) -> String {
        format!("u{}", self.next.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn files(&self) -> MutexGuard<'_, VecDeque<SentFile>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes the file of an upload; that it stays until the next start is no reason to fail.
pub(super) async fn remove(path: &Path) {
    if let Err(error) = tokio::fs::remove_file(path).await
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(%error, path = %path.display(), "an upload could not be removed");
    }
}

/// What is sent.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct UploadParameters {
    /// Name of the file.
    name: String,
    /// `accounts`, `sales`, `addresses` or `regions`; guessed when not given.
    kind: Option<String>,
    /// The table or document that holds the regions, where a file has several.
    layer: Option<String>,
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

/// Takes a file to look at before it is imported.
#[utoipa::path(
    post, path = "/api/uploads", params(UploadParameters),
    request_body(content_type = "application/octet-stream", description = "The bytes of the file"),
    responses(
        (status = 200, body = Upload),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn upload(
    State(server): State<Server>,
    parameters: Result<Query<UploadParameters>, QueryRejection>,
    body: Body,
) -> Result<Json<Upload>, Problem> {
    let Query(UploadParameters { name, kind, layer }) = parameters?;
    let kind = kind.map(|word| parse_kind(&word)).transpose()?;
    let upload = server.uploads.next_id();
    let path = server.app.home().uploads().join(&upload);
    let id = upload.clone();
    let file = SentFile { id, path, name };
    let preview = receive(&server.app, body, &file, (kind, layer)).await?;
    server.uploads.keep(file).await;
    Ok(Json(Upload { upload, preview }))
}

/// Writes `body` into `file` and looks at it; nothing stays of a file that is not usable.
async fn receive(
    app: &App,
    body: Body,
    file: &SentFile,
    (kind, layer): (Option<Kind>, Option<String>),
) -> Result<Preview, Problem> {
    let work = async {
        write(body, &file.path, MAX_SILENCE).await?;
        let (path, name) = (file.path.clone(), file.name.clone());
        Ok(app.preview(path, name, kind, layer).await?)
    };
    let previewed = work.await;
    if previewed.is_err() {
        remove(&file.path).await;
    }
    previewed
}

async fn write(body: Body, path: &Path, max_silence: Duration) -> Result<(), Problem> {
    let mut file = tokio::fs::File::create(path).await?;
    let mut size_bytes = 0;
    let mut stream = body.into_data_stream();
    let silent = |_| {
        let seconds = max_silence.as_secs();
        Problem::stalled(format!("nothing of the file came for {seconds} seconds"))
    };
    while let Some(bytes) = tokio::time::timeout(max_silence, stream.next())
        .await
        .map_err(silent)?
    {
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

fn parse_kind(word: &str) -> Result<Kind, Problem> {
    let known = || Kind::ALL.map(Kind::name).join(", ");
    Kind::parse(word)
        .ok_or_else(|| Problem::bad_request(format!("kind \"{word}\" must be one of {}", known())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_newest_uploads_stay() {
        let (folder, uploads) = (tempfile::tempdir().unwrap(), Uploads::default());
        for _ in 0..=MAX_UPLOADS {
            let id = uploads.next_id();
            let path = folder.path().join(&id);
            std::fs::write(&path, "name").unwrap();
            let name = id.clone();
            uploads.keep(SentFile { id, path, name }).await;
        }
        assert!(uploads.take("u1").is_err());
        assert!(!folder.path().join("u1").exists());
        assert!(uploads.take("u2").unwrap().path.exists());
        assert!(uploads.take("u2").is_err(), "it is taken");
    }

    #[tokio::test]
    async fn a_silent_sender_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let silence = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
        let body = Body::from_stream(silence);
        let problem = write(body, &folder.path().join("u1"), Duration::ZERO).await;
        assert_eq!(problem.unwrap_err().kind, "/problems/stalled");
    }
}
