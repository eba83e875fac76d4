//! Streets and houses, decisions about positions, and locating again.

use revier::app::{Decision, Error, ReviewItem};
use revier::import::Kind;
use revier::place::LonLat;
use revier::record::account::Address;
use revier::store::BatchId;
use serde_json::json;

use crate::world::{World, open, text};

const HOUSES: &str = "LON,LAT,NUMBER,STREET,CITY,POSTCODE\n\
    11.5700,48.1400,3,Türkenstraße,München,80333\n\
    11.5710,48.1410,7,Türkenstraße,München,80333\n";

/// One address to the house, one doubtful, one nowhere.
const ACCOUNTS: &str = "Kundennummer;Firma;Straße;PLZ;Ort;Land\n\
    K1;Adler;Türkenstr. 7;80333;München;DE\n\
    K2;Bär;Hauptstr. 1;;Neustadt;DE\n\
    K3;Carl;Hauptstr. 1;;Nirgendheimshausen;DE\n";

async fn world() -> World {
    let world = World::empty().await;
    let accounts = world.write("accounts.csv", ACCOUNTS);
    world.import(Kind::Accounts, &accounts).await;
    world
}

async fn decide(world: &World, key: &str, decision: Decision) -> Result<BatchId, Error> {
    let decided = world.app.decide(vec![(key.to_owned(), decision)]).await?;
    Ok(decided.batch.unwrap())
}

async fn items(world: &World) -> Vec<ReviewItem> {
    world.app.review_items(None, 0, 10).await.unwrap()
}

/// Key and reason of what waits for a decision.
async fn queue(world: &World) -> Vec<String> {
    let line = |item: &ReviewItem| format!("{} {}", item.key, item.reason.as_ref().unwrap().code);
    items(world).await.iter().map(line).collect()
}

/// Precision, source and decision of an account.
async fn card(world: &World, key: &str) -> String {
    let card = world.app.account(key).await.unwrap();
    let decided = card.decided.map_or("-", |how| how.name());
    format!("{} {} {decided}", card.account.precision, card.source)
}

async fn first_found(world: &World, query: &str) -> String {
    let found = world.app.geocode(query.to_owned(), 1).await;
    format!("{} {}", found[0].precision.name(), found[0].matched)
}

fn at(lon: f64, lat: f64) -> LonLat {
    LonLat::parse(lon, lat).unwrap()
}

#[tokio::test]
async fn imported_houses_locate_later_accounts_and_are_undone() {
    let world = World::empty().await;
    let houses = world.write("houses.csv", HOUSES);
    let first = world.import(Kind::Addresses, &houses).await;
    assert_eq!([first.counts.rows, first.counts.added], [2, 2]);
    let again = world.import(Kind::Addresses, &houses).await;
    assert_eq!((again.batch, again.counts.unchanged), (None, 2));
    let accounts = world.write("accounts.csv", ACCOUNTS);
    world.import(Kind::Accounts, &accounts).await;
    assert_eq!(card(&world, "K1").await, "house house -");
    let query = "Türkenstr 7, 80333 München";
    let found = first_found(&world, query).await;
    assert_eq!(found, "house Türkenstraße 7, 80333 München");
    world.app.undo(first.batch.unwrap()).await.unwrap();
    assert!(first_found(&world, query).await.starts_with("postal "));
    assert_eq!(card(&world, "K1").await, "house house -");
}

#[tokio::test]
async fn houses_are_there_again_after_a_restart() {
    let World { app, folder } = World::empty().await;
    let world = World { app, folder };
    let houses = world.write("houses.csv", HOUSES);
    world.import(Kind::Addresses, &houses).await;
    world.app.close().await;
    let World { app, folder } = world;
    drop(app);
    let app = open(folder.path()).await;
    let world = World { app, folder };
    let found = first_found(&world, "Türkenstraße 3 80333 München").await;
    assert_eq!(found, "house Türkenstraße 3, 80333 München");
}

#[tokio::test]
async fn what_is_better_known_now_is_offered_and_undone() {
    let world = world().await;
    assert_eq!(world.app.relocation(5).await.unwrap().better, 0);
    let houses = world.write("houses.csv", HOUSES);
    world.import(Kind::Addresses, &houses).await;
    let offered = world.app.relocation(5).await.unwrap();
    assert_eq!([offered.accounts, offered.better, offered.fixed], [3, 1, 0]);
    let only = &offered.moves[0];
    assert_eq!(
        (only.key.as_str(), only.to.precision.name()),
        ("K1", "house")
    );
    let relocated = world.app.relocate().await.unwrap();
    assert_eq!(relocated.accounts, 1);
    assert_eq!(card(&world, "K1").await, "house house relocated");
    assert_eq!(world.app.relocation(5).await.unwrap().better, 0);
    world.app.undo(relocated.batch.unwrap()).await.unwrap();
    assert_eq!(card(&world, "K1").await, "postal postal code centre -");
}

#[tokio::test]
async fn a_position_of_a_person_is_never_moved() {
    let world = world().await;
    let pin = Decision::Place(at(11.55, 48.13), 20.0);
    decide(&world, "K1", pin).await.unwrap();
    assert_eq!(card(&world, "K1").await, "house person placed");
    let houses = world.write("houses.csv", HOUSES);
    world.import(Kind::Addresses, &houses).await;
    let offered = world.app.relocation(5).await.unwrap();
    assert_eq!([offered.fixed, offered.better], [1, 0]);
    // The same address with a telephone, then another address.
    let phone = "Kundennummer;Firma;Straße;PLZ;Ort;Land;Telefon\n\
                 K1;Adler;Türkenstr. 7;80333;München;DE;089 1\n";
    let phone = world.write("phone.csv", phone);
    world.import(Kind::Accounts, &phone).await;
    assert_eq!(card(&world, "K1").await, "house person placed");
    assert_eq!(queue(&world).await.len(), 2);
    let moved = "Kundennummer;Firma;Straße;PLZ;Ort;Land\nK1;Adler;Markt 1;01067;Dresden;DE\n";
    let moved = world.write("moved.csv", moved);
    world.import(Kind::Accounts, &moved).await;
    assert_eq!(card(&world, "K1").await, "house person placed");
    let changed = "K1 address_changed".to_owned();
    assert!(queue(&world).await.contains(&changed));
    // A person may give it back to the files.
    decide(&world, "K1", Decision::Release).await.unwrap();
    assert_eq!(card(&world, "K1").await, "postal postal code centre -");
}

#[tokio::test]
async fn decisions_settle_doubts_and_are_undone() {
    let world = world().await;
    assert_eq!(
        queue(&world).await,
        ["K3 place_not_found", "K2 ambiguous_place"]
    );
    let review = world.app.review().await.unwrap();
    assert_eq!([review.open, review.decided], [2, 0]);
    // Candidates are offered; the picked one is the position.
    let item = items(&world).await.pop().unwrap();
    let facts = item.reason.as_ref().unwrap().facts.clone();
    assert_eq!(facts["same_name"], "Neustadt", "{facts:?}");
    assert!(facts["count"].parse::<u64>().unwrap() > 1, "{facts:?}");
    // Nobody but the other geocoder finds what is adopted, and there is none.
    let adopted = decide(&world, "K2", Decision::Adopt(at(11.0, 50.0), 20.0)).await;
    let refused = adopted.unwrap_err().to_string();
    assert!(refused.contains("no other geocoder"), "{refused}");
    let second = item.candidates[1].position;
    let picked = decide(&world, "K2", Decision::Pick(second)).await.unwrap();
    assert_eq!(card(&world, "K2").await, "place place centre picked");
    assert_eq!(queue(&world).await, ["K3 place_not_found"]);
    assert_eq!(world.app.review().await.unwrap().decided, 1);
    // The address is corrected, which keeps the one of the file.
    let corrected = Address {
        street: "Türkenstr. 7".to_owned(),
        postal_code: "80333".to_owned(),
        place: "München".to_owned(),
        country: "DE".to_owned(),
        ..Address::default()
    };
    let corrected = Decision::Correct(corrected);
    decide(&world, "K3", corrected).await.unwrap();
    let shown = world.app.account("K3").await.unwrap();
    assert_eq!(shown.account.place, "München");
    assert_eq!(shown.file_address.unwrap().place, "Nirgendheimshausen");
    assert!(queue(&world).await.is_empty());
    // The same file again changes nothing of it.
    let again = world.write("again.csv", ACCOUNTS);
    let again = world.import(Kind::Accounts, &again).await;
    assert_eq!(again.counts.unchanged, 3);
    world.app.undo(picked).await.unwrap();
    assert_eq!(queue(&world).await, ["K2 ambiguous_place"]);
}

#[tokio::test]
async fn one_account_is_looked_at_whether_doubtful_or_not() {
    let world = world().await;
    let item = async |key: &str| world.app.review_item(key).await;
    let sure = item("K1").await.unwrap();
    assert_eq!((sure.key.as_str(), sure.reason), ("K1", None));
    let doubtful = items(&world).await.pop().unwrap();
    assert_eq!(item("K2").await.unwrap(), doubtful);
    let error = item("K9").await.unwrap_err().to_string();
    assert!(error.contains("there is no account"), "{error}");
}

#[tokio::test]
async fn a_whole_group_is_accepted() {
    let world = world().await;
    let accept = async |reason: &str| world.app.accept_all(reason.to_owned()).await.unwrap();
    assert_eq!(accept("ambiguous_place").await.accounts, 1);
    assert_eq!(card(&world, "K2").await, "place place centre accepted");
    let none = accept("place_not_found").await;
    assert_eq!((none.batch, none.accounts), (None, 0));
}

#[tokio::test]
async fn wrong_decisions_change_nothing() {
    let world = world().await;
    let cases = [
        ("K9", Decision::Accept, "there is no account \"K9\""),
        ("K3", Decision::Accept, "has no position to accept"),
        (
            "K2",
            Decision::Pick(at(0.0, 0.0)),
            "has no candidate at that",
        ),
        ("K2", Decision::Place(at(10.0, 50.0), f64::NAN), "radius_m"),
    ];
    for (key, decision, expected) in cases {
        let error = decide(&world, key, decision).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    assert_eq!(queue(&world).await.len(), 2);
    assert_eq!(world.app.batches().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_decision_reaches_the_figures_and_outlives_its_import() {
    let world = world().await;
    let pin = Decision::Place(at(13.74, 51.05), 20.0);
    decide(&world, "K3", pin).await.unwrap();
    world.app.undo(BatchId(1)).await.unwrap();
    assert!(queue(&world).await.is_empty());
    let again = world.write("again.csv", ACCOUNTS);
    world.import(Kind::Accounts, &again).await;
    assert_eq!(card(&world, "K3").await, "house person placed");
    let sales = "Belegnummer;Datum;Kundennummer;Netto\n1;01.02.2024;K3;10,00\n";
    let sales = world.write("sales.csv", sales);
    world.import(Kind::Sales, &sales).await;
    let states = json!({"measures": ["revenue"], "rows": ["region.state"]});
    assert_eq!(text(&world.ask(states).await), ["14 1000"]);
}
