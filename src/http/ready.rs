//! Answers of tiles that were sent lately, packed and with all their headers: who asks the same
//! again gets them before any layer works on the request.

use std::convert::Infallible;
use std::future::Ready as Now;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use futures_util::future::Either;
use tower::Service;

use super::error::Problem;
use super::guard::{Hosts, is_for};
use super::screen::has_tag;
use crate::app::App;
use crate::tile::layer::Layer;

/// Bytes of answers kept at most.
const KEPT_BYTES: u64 = 128 << 20;

/// About what an answer takes beside its key and body: a dozen headers.
const HEADER_BYTES: usize = 1_024;

/// Where the answers are that may be kept.
const PLACE: &str = "/tiles/";

/// What a handler puts beside an answer that stays the same for as long as its layer has the version.
#[derive(Debug, Clone)]
pub(super) struct Lasting {
    /// What the answer shows.
    pub layer: Layer,
    /// The version of that.
    pub version: String,
}

/// The server with answers in front of it.
#[derive(Clone)]
pub(super) struct Ready {
    router: Router,
    shared: Arc<Shared>,
}

struct Shared {
    app: Arc<App>,
    hosts: Hosts,
    /// By address and by what packing the asker takes.
    answers: moka::sync::Cache<Vec<u8>, Arc<Answer>>,
}

/// An answer as it was sent.
struct Answer {
    lasting: Lasting,
    tag: HeaderValue,
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Ready {
    /// The answers that `router` gives for `app` to those who ask for `hosts`.
    pub fn new(router: Router, app: Arc<App>, hosts: Hosts) -> Self {
        let weigh = |key: &Vec<u8>, answer: &Arc<Answer>| {
            u32::try_from(key.len() + HEADER_BYTES + answer.body.len()).unwrap_or(u32::MAX)
        };
        let answers = moka::sync::Cache::builder()
            .max_capacity(KEPT_BYTES)
            .weigher(weigh)
            .build();
        Self {
            router,
            shared: Arc::new(Shared {
                app,
                hosts,
                answers,
            }),
        }
    }
}

impl Service<Request> for Ready {
    type Response = Response;
    type Error = Infallible;
    type Future = Either<
        Now<Result<Response, Infallible>>,
        Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>,
    >;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // A router is always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let key = key_of(&request);
        if let Some(key) = &key
            && is_for(&self.shared.hosts, &request)
            && let Some(answer) = self.shared.kept(key)
        {
            tracing::debug!(uri = %request.uri(), "sent again");
            return Either::Left(std::future::ready(Ok(answer.to(request.headers()))));
        }
        let (answer, shared) = (self.router.call(request), self.shared.clone());
        Either::Right(Box::pin(async move {
            let answer = answer.await?;
            Ok(match key {
                Some(key) => shared.keep(key, answer).await,
                None => answer,
            })
        }))
    }
}

/// What tells an answer from others: the address, and what packing the asker takes. `None` for what is
/// not kept.
fn key_of(request: &Request) -> Option<Vec<u8>> {
    let address = request.uri().path_and_query()?.as_str();
    if request.method() != Method::GET || !address.starts_with(PLACE) {
        return None;
    }
    let mut packings = request.headers().get_all(header::ACCEPT_ENCODING).iter();
    let packing = packings
        .next()
        .map_or(b"".as_slice(), HeaderValue::as_bytes);
    if packings.next().is_some() {
        return None;
    }
    let mut key = Vec::with_capacity(address.len() + 1 + packing.len());
    key.extend_from_slice(address.as_bytes());
    // No address has a space.
    key.push(b' ');
    key.extend_from_slice(packing);
    Some(key)
}

impl Shared {
    /// The answer of `key` if what it shows is still the same.
    fn kept(&self, key: &[u8]) -> Option<Arc<Answer>> {
        let answer = self.answers.get(key)?;
        // The version is known at once unless the home has just changed.
        let version = self.app.tile_version(answer.lasting.layer).now_or_never();
        (version?.ok()? == answer.lasting.version).then_some(answer)
    }

    /// Sends `answer`, and keeps it if it says that it lasts.
    async fn keep(&self, key: Vec<u8>, answer: Response) -> Response {
        let (mut parts, body) = answer.into_parts();
        let (Some(lasting), Some(tag), StatusCode::OK | StatusCode::NO_CONTENT) = (
            parts.extensions.remove::<Lasting>(),
            parts.headers.get(header::ETAG).cloned(),
            parts.status,
        ) else {
            return Response::from_parts(parts, body);
        };
        let body = match axum::body::to_bytes(body, usize::MAX).await {
            Ok(body) => body,
            Err(error) => return Problem::internal(&error).into_response(),
        };
        let answer = Answer {
            lasting,
            tag,
            status: parts.status,
            headers: parts.headers,
            body,
        };
        let sent = answer.whole();
        self.answers.insert(key, Arc::new(answer));
        sent
    }
}

impl Answer {
    /// The answer to an asker who may have it.
    fn to(&self, asker: &HeaderMap) -> Response {
        let is_known = asker.contains_key(header::IF_NONE_MATCH)
            && self.tag.to_str().is_ok_and(|tag| has_tag(asker, tag));
        if is_known {
            self.not_modified()
        } else {
            self.whole()
        }
    }

    fn whole(&self) -> Response {
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response
    }

    fn not_modified(&self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        let headers = response.headers_mut();
        headers.clone_from(&self.headers);
        // These tell of a body (RFC 9110, section 15.4.5).
        for name in [
            header::CONTENT_TYPE,
            header::CONTENT_ENCODING,
            header::CONTENT_LENGTH,
        ] {
            headers.remove(name);
        }
        response
    }
}
