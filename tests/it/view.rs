//! Saved views: in the store through the app, and over HTTP.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use revier::app::{Error, ViewError};
use revier::http::service;
use revier::import::Kind;
use revier::store::{self, Saved, Taken, View, ViewId};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::world::{World, file, open};

const PIVOT: &str = "?at=country:DE&tab=pivot&rows=region.state";

async fn save(world: &World, name: &str, address: &str, taken: Taken) -> Result<Saved, Error> {
    world.app.save_view(name, address.to_owned(), taken).await
}

async fn saved(world: &World, name: &str, address: &str) -> View {
    match save(world, name, address, Taken::Refuse).await.unwrap() {
        Saved::New(view) => view,
        Saved::Replaced(view) => panic!("{view:?} was there"),
    }
}

/// Name and address of every view.
async fn listed(world: &World) -> Vec<String> {
    let line = |view: &View| format!("{} {}", view.name, view.address);
    world.app.views().await.unwrap().iter().map(line).collect()
}

#[tokio::test]
async fn views_are_saved_replaced_renamed_and_deleted() {
    let world = World::empty().await;
    let zones = saved(&world, "Zonen", "?at=world").await;
    let states = saved(&world, "  länder ", PIVOT).await;
    assert_eq!(
        listed(&world).await,
        [format!("länder {PIVOT}"), "Zonen ?at=world".to_owned()]
    );
    let refused = save(&world, "Zonen", PIVOT, Taken::Refuse).await;
    assert!(
        matches!(&refused, Err(Error::Store(store::Error::NameTaken(name))) if name == "Zonen"),
        "{refused:?}"
    );
    let replaced = save(&world, "Zonen", "?at=country:AT", Taken::Replace).await;
    assert!(
        matches!(replaced.unwrap(), Saved::Replaced(view) if view.id == zones.id
            && view.address == "?at=country:AT")
    );
    // Names that differ by capitals alone are one name, beyond the letters of ASCII too.
    for alike in ["länder", "LÄNDER"] {
        let taken = world.app.rename_view(zones.id, alike).await;
        assert!(
            matches!(&taken, Err(Error::Store(store::Error::NameTaken(name))) if name == "länder"),
            "{taken:?}"
        );
    }
    let capital = save(&world, "Länder", PIVOT, Taken::Replace).await;
    assert!(
        matches!(capital.unwrap(), Saved::Replaced(view) if view.id == states.id
            && view.name == "Länder")
    );
    let renamed = world.app.rename_view(states.id, "Anders").await.unwrap();
    assert_eq!(
        (renamed.id, renamed.address.as_str()),
        (states.id, PIVOT),
        "only the name is another"
    );
    world.app.rename_view(states.id, "Anders").await.unwrap();
    world.app.delete_view(zones.id).await.unwrap();
    let gone = world.app.delete_view(zones.id).await;
    assert!(matches!(gone, Err(Error::Store(store::Error::NoSuchView(id))) if id == zones.id));
    assert_eq!(listed(&world).await, [format!("Anders {PIVOT}")]);
    let next = saved(&world, "Zonen", "?at=world").await;
    assert!(next.id != zones.id, "a number is never given twice");
}

#[tokio::test]
async fn views_are_there_again_after_a_restart() {
    let world = World::empty().await;
    saved(&world, "Länder", PIVOT).await;
    let World { app, folder } = world;
    app.close().await;
    drop(app);
    let app = open(folder.path()).await;
    let world = World { app, folder };
    assert_eq!(listed(&world).await, [format!("Länder {PIVOT}")]);
}

/// The version and the warehouse files of it.
async fn derived(world: &World) -> (String, Vec<String>) {
    let version = world.app.derived().await.unwrap();
    let version = version.warehouse.version().to_owned();
    let folder = std::fs::read_dir(world.app.home().warehouse()).unwrap();
    let files = folder.map(|entry| {
        let entry = entry.unwrap();
        let changed = entry.metadata().unwrap().modified().unwrap();
        format!("{} {changed:?}", entry.file_name().display())
    });
    let mut files: Vec<_> = files.collect();
    files.sort();
    (version, files)
}

#[tokio::test]
async fn a_view_is_no_part_of_the_version_of_the_figures() {
    let world = World::counted().await;
    let before = derived(&world).await;
    let view = saved(&world, "Länder", PIVOT).await;
    world.app.rename_view(view.id, "Staaten").await.unwrap();
    save(&world, "Staaten", "?at=world", Taken::Replace)
        .await
        .unwrap();
    assert_eq!(derived(&world).await, before);
    let World { app, folder } = world;
    app.close().await;
    drop(app);
    let app = open(folder.path()).await;
    let world = World { app, folder };
    assert_eq!(
        derived(&world).await,
        before,
        "nor is it built at the start"
    );
    world.app.delete_view(view.id).await.unwrap();
    assert_eq!(derived(&world).await, before);
    let batch = world.app.batches().await.unwrap()[0].id;
    saved(&world, "Länder", PIVOT).await;
    world.app.undo(batch).await.unwrap();
    assert_eq!(
        listed(&world).await.len(),
        1,
        "an undone import takes no view with it"
    );
    world.import(Kind::Sales, &file("sales.csv")).await;
    assert_eq!(listed(&world).await.len(), 1);
}

#[tokio::test]
async fn what_is_no_view_is_refused() {
    let world = World::empty().await;
    let unfit = |result: Result<Saved, Error>| match result {
        Err(Error::View(error)) => error,
        other => panic!("{other:?}"),
    };
    for name in ["", " \t ", &"ä".repeat(81)] {
        let error = unfit(save(&world, name, "?at=world", Taken::Refuse).await);
        assert!(matches!(error, ViewError::NameLength(_)), "{name:?}");
    }
    let error = unfit(save(&world, "a\nb", "?at=world", Taken::Refuse).await);
    assert!(matches!(error, ViewError::NameSigns));
    for address in ["", "at=world", "https://evil.example/?at", "?a\u{7f}"] {
        let error = unfit(save(&world, "Länder", address, Taken::Refuse).await);
        assert!(matches!(error, ViewError::Address), "{address:?}");
    }
    let long = format!("?{}", "x".repeat(4_000));
    let error = unfit(save(&world, "Länder", &long, Taken::Refuse).await);
    assert_eq!(
        error.to_string(),
        "the address of a view has 4001 bytes: it may have 4000"
    );
    assert!(world.app.views().await.unwrap().is_empty());
    saved(&world, &"ä".repeat(80), &long[..4_000]).await;
}

#[tokio::test]
async fn there_is_room_for_a_thousand() {
    let world = World::empty().await;
    for number in 0..1_000 {
        saved(&world, &format!("V{number}"), "?at=world").await;
    }
    let full = save(&world, "V1000", "?at=world", Taken::Replace).await;
    assert!(matches!(
        full,
        Err(Error::Store(store::Error::TooManyViews))
    ));
    save(&world, "V7", PIVOT, Taken::Replace).await.unwrap();
    world.app.delete_view(ViewId(1)).await.unwrap();
    saved(&world, "V1000", "?at=world").await;
}

#[tokio::test]
async fn of_many_who_save_one_name_at_once_one_is_first() {
    let world = World::empty().await;
    let tries = (0..12).map(|number| {
        let app = world.app.clone();
        tokio::spawn(async move {
            let address = format!("?at=world&try={number}");
            app.save_view("Länder", address, Taken::Refuse).await
        })
    });
    let mut first = Vec::new();
    for one in tries.collect::<Vec<_>>() {
        match one.await.unwrap() {
            Ok(Saved::New(view)) => first.push(view),
            Err(Error::Store(store::Error::NameTaken(_))) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(first.len(), 1);
    assert_eq!(world.app.views().await.unwrap(), first);
}

struct Site {
    service: Router,
    // The folder lives as long as the service that works in it.
    _folder: tempfile::TempDir,
}

impl Site {
    async fn empty() -> Self {
        let World { app, folder } = World::empty().await;
        Self {
            service: service(Arc::new(app), Some(vec!["here".parse().unwrap()])),
            _folder: folder,
        }
    }

    async fn send(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let request = Request::builder().method(method).uri(path);
        let request = request
            .header(header::HOST, "here")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        let response = self.service.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await;
        let body = serde_json::from_slice(&body.unwrap()).unwrap_or(Value::Null);
        (status, body)
    }

    async fn save(&self, body: Value) -> (u16, Value) {
        self.send("POST", "/api/views", body).await
    }
}

#[tokio::test]
async fn views_over_http() {
    let site = Site::empty().await;
    let (status, list) = site.send("GET", "/api/views", Value::Null).await;
    assert_eq!((status, list), (200, json!({"views": []})));
    let (status, view) = site
        .save(json!({"name": " Länder ", "address": PIVOT}))
        .await;
    assert_eq!(status, 201);
    assert_eq!(
        (view["name"].as_str(), view["address"].as_str()),
        (Some("Länder"), Some(PIVOT))
    );
    assert!(view["at"].as_str().unwrap().ends_with('Z'), "{view}");
    let again = json!({"name": "Länder", "address": "?at=world"});
    let (status, problem) = site.save(again).await;
    assert_eq!(
        (status, &problem["type"]),
        (409, &json!("/problems/name-taken"))
    );
    assert_eq!(problem["word"], "Länder");
    let again = json!({"name": "Länder", "address": "?at=world", "replace": true});
    let (status, replaced) = site.save(again).await;
    assert_eq!((status, &replaced["id"]), (200, &view["id"]));
    let path = format!("/api/views/{}", view["id"]);
    let (status, renamed) = site.send("PATCH", &path, json!({"name": "Staaten"})).await;
    assert_eq!((status, &renamed["name"]), (200, &json!("Staaten")));
    let (_, list) = site.send("GET", "/api/views", Value::Null).await;
    assert_eq!(list, json!({"views": [renamed]}));
    let (status, _) = site.send("DELETE", &path, Value::Null).await;
    assert_eq!(status, 204);
    for (method, body) in [("DELETE", Value::Null), ("PATCH", json!({"name": "X"}))] {
        let (status, problem) = site.send(method, &path, body).await;
        assert_eq!(
            (status, &problem["type"]),
            (404, &json!("/problems/not-found"))
        );
    }
}

#[tokio::test]
async fn wrong_requests_about_views_are_problems() {
    let site = Site::empty().await;
    for (body, status, kind) in [
        (json!({"name": "", "address": "?"}), 422, "view-name"),
        (json!({"name": "a\u{0}", "address": "?"}), 422, "view-name"),
        (json!({"name": "a", "address": "/x"}), 422, "view-address"),
        (json!({"name": "a"}), 400, "bad-request"),
        (
            json!({"name": "a", "address": "?", "at": 1}),
            400,
            "bad-request",
        ),
    ] {
        let (found, problem) = site.save(body.clone()).await;
        assert_eq!(
            (found, problem["type"].as_str().unwrap()),
            (status, format!("/problems/{kind}").as_str()),
            "{body}"
        );
    }
    let (status, _) = site.send("DELETE", "/api/views/first", Value::Null).await;
    assert_eq!(status, 400);
    let (status, _) = site.send("PUT", "/api/views/1", json!({"name": "a"})).await;
    assert_eq!(status, 405);
}
