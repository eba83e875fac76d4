//! The server: every address on one screen, each handler extracts, asks the app once and encodes.
//!
//! - Errors are RFC 9457 problems; `error` is the one place that knows status codes.
//! - `guard` keeps out foreign hosts and pages of other origins and sets the security headers.
//! - `ready` sends tiles that were sent before again, in front of all layers.
//! - `screen` gives the page and its files, which are embedded in the binary.

mod account;
mod batch;
mod cube;
mod error;
mod export;
mod geocode;
mod guard;
mod import;
mod measure;
mod model;
mod ogc;
mod paper;
mod question;
mod ready;
mod region;
mod review;
mod screen;
mod search;
mod tile;
mod upload;
mod view;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::{Router, ServiceExt};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::trace::TraceLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::ready::Ready;
use crate::app::App;
use crate::export::Format;

pub use guard::{Host, NoHost, own_hosts};

/// What every handler can reach.
#[derive(Clone)]
struct Server {
    app: Arc<App>,
    uploads: upload::Uploads,
    imports: import::Imports,
    tiles: tile::Cache,
}

impl Server {
    fn of(app: Arc<App>) -> Self {
        Self {
            app,
            uploads: upload::Uploads::default(),
            imports: import::Imports::default(),
            tiles: tile::Cache::new(),
        }
    }
}

#[derive(OpenApi)]
#[openapi(info(
    title = "Revier",
    description = "Customers and sales on the map. Money is integer minor units; keys of regions \
                   are ISO 3166 codes and AGS; errors are RFC 9457 problems."
))]
struct Description;

/// A question of this size is a mistake or an attack.
const MAX_QUESTION_BYTES: usize = 1 << 20;

/// The engine counts rows in 64 bits with a sign.
const MAX_OFFSET: u64 = i64::MAX.unsigned_abs();

/// Every route and the description of the API.
fn routes(server: Server) -> (Router, utoipa::openapi::OpenApi) {
    let (router, description) = OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(model::health))
        .routes(routes!(model::model))
        .routes(routes!(model::check))
        .routes(routes!(cube::ask))
        .routes(routes!(cube::lines))
        .routes(routes!(export::answer))
        .routes(routes!(export::lines))
        .routes(routes!(paper::map))
        .routes(routes!(account::list))
        .routes(routes!(account::card))
        .routes(routes!(region::region))
        .routes(routes!(region::anchors))
        .routes(routes!(search::search))
        .routes(routes!(geocode::text, geocode::addresses))
        .routes(routes!(geocode::reverse))
        .routes(routes!(review::summary))
        .routes(routes!(review::items))
        .routes(routes!(review::decide))
        .routes(routes!(review::relocation, review::relocate))
        .routes(routes!(upload::upload))
        .routes(routes!(import::start))
        .routes(routes!(import::state, import::cancel))
        .routes(routes!(batch::list))
        .routes(routes!(batch::undo))
        .routes(routes!(batch::remarks))
        .routes(routes!(batch::remarks_file))
        .routes(routes!(view::list, view::save))
        .routes(routes!(view::rename, view::delete))
        .routes(routes!(measure::list, measure::add))
        .routes(routes!(measure::check))
        .routes(routes!(measure::change, measure::remove))
        .routes(routes!(question::keep))
        .routes(routes!(question::document))
        .routes(routes!(tile::describe))
        .routes(routes!(tile::tile))
        .routes(routes!(ogc::landing))
        .routes(routes!(ogc::conformance))
        .routes(routes!(ogc::api::describe))
        .routes(routes!(ogc::collection::list))
        .routes(routes!(ogc::collection::one))
        .routes(routes!(ogc::collection::queryables))
        .routes(routes!(ogc::item::list))
        .routes(routes!(ogc::item::one))
        .routes(routes!(ogc::tiles::matrix_sets))
        .routes(routes!(ogc::tiles::matrix_set))
        .routes(routes!(ogc::tiles::tilesets))
        .routes(routes!(ogc::tiles::tileset))
        .routes(routes!(ogc::tiles::tile))
        .split_for_parts();
    // Some programs end every address with a stroke.
    let router = router.route("/ogc/", axum::routing::get(ogc::landing));
    (router.with_state(server), description)
}

/// The service of `app`, as it answers at `hosts`; any host when that is `None`.
pub fn service(app: Arc<App>, hosts: Option<Vec<Host>>) -> Router {
    Router::new().fallback_service(service_of(Server::of(app), hosts))
}

fn service_of(server: Server, hosts: Option<Vec<Host>>) -> Ready {
    let (app, hosts) = (server.app.clone(), Arc::new(hosts));
    let (router, description) = routes(server);
    // These are packed already.
    let packed = DefaultPredicate::new()
        .and(NotForContentType::const_new(Format::Xlsx.media_type()))
        .and(NotForContentType::const_new(Format::Parquet.media_type()))
        .and(NotForContentType::const_new(paper::PDF));
    let description = Arc::new(description.to_pretty_json().unwrap_or_default());
    let router = router
        .route(
            "/api/openapi.json",
            axum::routing::get(move || std::future::ready(screen::json(&description))),
        )
        .fallback(screen::file)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(DefaultBodyLimit::max(MAX_QUESTION_BYTES))
        .layer(
            CompressionLayer::new()
                .gzip(true)
                .br(true)
                .compress_when(packed),
        )
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(guard::csrf())
        .layer(axum::middleware::from_fn_with_state(
            hosts.clone(),
            guard::check_host,
        ))
        .layer(axum::middleware::map_response(guard::secure))
        .layer(TraceLayer::new_for_http());
    Ready::new(router, app, hosts)
}

/// Serves `app` at `listener` until `stop` is ready, then cancels the imports at work and ends when
/// they have ended and the requests under way are answered.
///
/// # Errors
/// The socket must keep working.
pub async fn serve(
    listener: tokio::net::TcpListener,
    app: Arc<App>,
    hosts: Option<Vec<Host>>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let server = Server::of(app);
    let (imports, stopping) = (server.imports.clone(), server.imports.clone());
    axum::serve(
        listener,
        service_of(server, hosts).into_make_service_with_connect_info::<SocketAddr>(),
    )
    .with_graceful_shutdown(async move {
        stop.await;
        stopping.cancel_all();
    })
    .await?;
    imports.ended().await;
    Ok(())
}
