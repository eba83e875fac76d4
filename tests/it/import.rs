//! Importing: repeatable, whole or not at all, undoable, nothing lost.

use std::sync::Arc;

use revier::app::{ImportRequest, RegionRequest, Summary, Watch};
use revier::import::Kind;
use revier::store::BatchId;
use serde_json::json;

use crate::world::{World, file, import, open, text};

#[track_caller]
fn check(summary: &Summary, [rows, added, changed, unchanged, rejected]: [u64; 5]) {
    let seen = [
        summary.counts.rows,
        summary.counts.added,
        summary.counts.changed,
        summary.counts.unchanged,
        summary.counts.rejected,
    ];
    assert_eq!(seen, [rows, added, changed, unchanged, rejected]);
}

async fn revenue(world: &World) -> i64 {
    let answer = world.ask(json!({"measures": ["revenue"]})).await;
    text(&answer)[0].parse().unwrap()
}

#[tokio::test]
async fn the_same_file_twice_changes_nothing() {
    let world = World::empty().await;
    for (kind, name, rows) in [
        (Kind::Accounts, "accounts.csv", 8),
        (Kind::Sales, "sales.csv", 12),
    ] {
        let first = world.import(kind, &file(name)).await;
        check(&first, [rows, rows, 0, 0, 0]);
        assert!(first.batch.is_some());
        let second = world.import(kind, &file(name)).await;
        check(&second, [rows, 0, 0, rows, 0]);
        assert_eq!(second.batch, None);
    }
    assert_eq!(world.app.batches().await.unwrap().len(), 2);
    assert_eq!(revenue(&world).await, 59_750);
}

#[tokio::test]
async fn a_changed_line_replaces_the_old_one_and_undo_brings_it_back() {
    let world = World::counted().await;
    let changed = world.write(
        "changed.csv",
        "Belegnummer;Position;Datum;Kundennummer;Artikel;Warengruppe;Menge;Netto;Kosten;Währung\n\
         o5;1;10.02.2025;A4;V1;Ventile;4;21,00;;EUR\n\
         o1;1;15.01.2024;A1;P1;Pumpen;2;100,00;60,00;EUR\n",
    );
    let summary = world.import(Kind::Sales, &changed).await;
    check(&summary, [2, 0, 1, 1, 0]);
    assert_eq!(revenue(&world).await, 59_850);
    let first = BatchId(2);
    let refused = world.app.undo(first).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "batch 2 cannot be undone before batch 3, which builds on it"
    );
    world.app.undo(summary.batch.unwrap()).await.unwrap();
    assert_eq!(revenue(&world).await, 59_750);
}

#[tokio::test]
async fn undoing_accounts_keeps_their_lines_as_unassigned() {
    let world = World::counted().await;
    world.app.undo(BatchId(1)).await.unwrap();
    let answer = world
        .ask(json!({"measures": ["revenue", "customers"], "rows": ["region.country"]}))
        .await;
    assert_eq!(text(&answer), ["unassigned 59750 0"]);
    world.import(Kind::Accounts, &file("accounts.csv")).await;
    let answer = world
        .ask(json!({"measures": ["revenue"], "rows": ["region.country"]}))
        .await;
    assert_eq!(
        text(&answer),
        ["AT 5550", "CH 9999", "DE 43000", "unassigned 1201"]
    );
}

#[tokio::test]
async fn a_bad_row_goes_to_the_remarks_and_the_others_stay() {
    let world = World::empty().await;
    let path = world.write(
        "mixed.csv",
        "Kundennummer;Firma;PLZ;Ort;Land\nB1;Gut GmbH;80331;München;DE\n;Ohne Nummer;80331;München;DE\n\
         B3;Ohne Land;;;\n",
    );
    let summary = world.import(Kind::Accounts, &path).await;
    check(&summary, [3, 2, 0, 0, 1]);
    assert_eq!(summary.unlocated, 1);
    let batch = summary.batch.unwrap();
    let remarks = world.app.remarks(batch, 0, 10).await.unwrap();
    let seen: Vec<String> = remarks
        .remarks
        .iter()
        .map(|r| format!("{} {} {} {}", r.line, r.field, r.reason, r.taken))
        .collect();
    assert_eq!(seen[0], "3 key missing_key false");
    assert!(seen[1].starts_with("4 "), "{seen:?}");
    assert!(seen[1].ends_with(" true"), "{seen:?}");
}

#[tokio::test]
async fn a_mapping_once_given_is_kept_for_files_of_the_same_headings() {
    let world = World::empty().await;
    let odd = "Debitor;Bezeichnung 1;Bezeichnung 2\nC1;Erste GmbH;80331\n";
    let path = world.write("odd.csv", odd);
    let refused = import(&world.app, Kind::Accounts, &path).await.unwrap_err();
    assert!(refused.to_string().contains("name"), "{refused}");
    let mapping =
        json!({"key": "Debitor", "name": "Bezeichnung 1", "postal_code": "Bezeichnung 2"});
    let request = ImportRequest {
        path,
        name: "odd.csv".to_owned(),
        kind: Kind::Accounts,
        mapping: Some(serde_json::from_value(mapping).unwrap()),
        currency: None,
        epsg: None,
        regions: RegionRequest::default(),
    };
    let summary = world.app.import(request, Arc::default()).await.unwrap();
    check(&summary, [1, 1, 0, 0, 0]);
    let next = world.write("next.csv", odd.replace("C1", "C2"));
    check(&world.import(Kind::Accounts, &next).await, [1, 1, 0, 0, 0]);
}

#[tokio::test]
async fn an_import_that_is_cancelled_changes_nothing() {
    let world = World::counted().await;
    let watch = Arc::new(Watch::default());
    watch.cancel();
    let path = world.write("more.csv", "Kundennummer;Firma\nD1;Neu GmbH\n");
    let request = ImportRequest {
        path,
        name: "more.csv".to_owned(),
        kind: Kind::Accounts,
        mapping: None,
        currency: None,
        epsg: None,
        regions: RegionRequest::default(),
    };
    let error = world.app.import(request, watch).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the import was cancelled, nothing has changed"
    );
    assert_eq!(world.app.batches().await.unwrap().len(), 2);
    assert!(world.app.account("D1").await.is_err());
}

#[tokio::test]
async fn lines_of_an_unknown_account_are_kept_and_reported() {
    let world = World::empty().await;
    let summary = world.import(Kind::Sales, &file("sales.csv")).await;
    check(&summary, [12, 12, 0, 0, 0]);
    assert_eq!(summary.unknown_accounts, 9);
    assert_eq!(revenue(&world).await, 59_750);
}

#[tokio::test]
async fn a_file_that_is_no_table_changes_nothing() {
    let world = World::counted().await;
    for (name, content) in [("empty.csv", ""), ("words.csv", "nothing of use\nat all\n")] {
        let path = world.write(name, content);
        let error = import(&world.app, Kind::Accounts, &path).await.unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
    assert_eq!(world.app.batches().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_warehouse_that_is_gone_is_built_again_the_same() {
    let world = World::counted().await;
    let question = json!({
        "measures": ["revenue", "margin", "orders", "customers"],
        "rows": ["region.municipality", "time.month", "product.product", "account.account"],
    });
    let before = world.ask(question.clone()).await;
    let World { app, folder } = world;
    app.close().await;
    drop(app);
    std::fs::remove_dir_all(folder.path().join("home/warehouse")).unwrap();
    let world = World {
        app: open(folder.path()).await,
        folder,
    };
    assert_eq!(world.ask(question).await, before);
}

#[tokio::test]
async fn an_undo_whose_asker_goes_away_is_done_to_its_end() {
    let world = World::counted().await;
    revenue(&world).await;
    let app = world.app.clone();
    let undo = tokio::time::timeout(std::time::Duration::ZERO, app.undo(BatchId(2)));
    assert!(undo.await.is_err(), "the asker went away at the first wait");
    // Whoever changes next waits for the change before.
    world.app.check().await.unwrap();
    assert_eq!(revenue(&world).await, 0);
    let report = world.app.check().await.unwrap();
    assert!(report.ok, "{report:?}");
}

#[tokio::test]
async fn a_damaged_warehouse_is_built_again() {
    let World { app, folder } = World::counted().await;
    app.derived().await.unwrap();
    app.close().await;
    drop(app);
    let warehouse = folder.path().join("home/warehouse");
    for entry in std::fs::read_dir(&warehouse).unwrap() {
        std::fs::write(entry.unwrap().path(), "no database").unwrap();
    }
    let world = World {
        app: open(folder.path()).await,
        folder,
    };
    assert_eq!(revenue(&world).await, 59_750);
}

#[tokio::test]
async fn lines_that_an_older_store_does_not_know_are_not_swept() {
    let World { app, folder } = World::counted().await;
    app.close().await;
    drop(app);
    let home = folder.path().join("home");
    for name in ["records.sqlite", "records.sqlite-wal", "records.sqlite-shm"] {
        // The last two are there only while a database is open.
        let _ = std::fs::remove_file(home.join(name));
    }
    let config = revier::app::Config::of(&home);
    let refused = revier::app::App::open(&config).await.err().unwrap();
    assert!(
        refused.to_string().contains("sales-000002.parquet"),
        "{refused}"
    );
    assert!(home.join("facts/sales-000002.parquet").exists());
}

#[tokio::test]
async fn the_same_rejects_twice_are_told_once_and_block_no_undo() {
    let world = World::counted().await;
    let path = world.write(
        "half.csv",
        "Kundennummer;Firma\nE1;Gut GmbH\n;Ohne Nummer\n",
    );
    let first = world.import(Kind::Accounts, &path).await.batch.unwrap();
    let second = world.import(Kind::Accounts, &path).await;
    check(&second, [2, 0, 0, 1, 1]);
    assert_eq!(second.batch, None);
    assert!(second.remarks.is_some());
    world.app.undo(first).await.unwrap();
}

#[tokio::test]
async fn a_kept_mapping_shows_in_the_preview() {
    let world = World::empty().await;
    let path = world.write("odd.csv", "Debitor;Bezeichnung\nC1;Erste GmbH\n");
    let mapping = json!({"key": "Debitor", "name": "Bezeichnung"});
    let request = ImportRequest {
        path: path.clone(),
        name: "odd.csv".to_owned(),
        kind: Kind::Accounts,
        mapping: Some(serde_json::from_value(mapping).unwrap()),
        currency: None,
        epsg: None,
        regions: RegionRequest::default(),
    };
    world.app.import(request, Arc::default()).await.unwrap();
    let preview = world
        .app
        .preview(path, "odd.csv".to_owned(), Some(Kind::Accounts), None)
        .await;
    let fields: Vec<Option<String>> = preview
        .unwrap()
        .columns
        .into_iter()
        .map(|column| column.field)
        .collect();
    assert_eq!(fields, [Some("key".to_owned()), Some("name".to_owned())]);
}

#[tokio::test]
async fn a_damaged_part_is_a_broken_check() {
    let world = World::counted().await;
    revenue(&world).await;
    let part = world.folder.path().join("home/facts/sales-000002.parquet");
    std::fs::write(&part, "no parquet").unwrap();
    let report = world.app.check().await.unwrap();
    assert!(!report.ok);
    assert!(
        report
            .checks
            .iter()
            .any(|check| !check.ok && check.name.contains("part"))
    );
}

#[tokio::test]
async fn the_checks_hold_and_see_what_is_missing() {
    let world = World::counted().await;
    let report = world.app.check().await.unwrap();
    assert!(report.ok, "{report:?}");
    assert!(report.checks.len() > 15);
    let World { app, folder } = world;
    app.close().await;
    drop(app);
    let home = folder.path().join("home");
    std::fs::remove_file(home.join("facts/sales-000002.parquet")).unwrap();
    std::fs::remove_dir_all(home.join("warehouse")).unwrap();
    let report = open(folder.path()).await.check().await.unwrap();
    assert!(!report.ok);
}
