//! A warehouse that followed the truth in steps is the one that is made whole from it.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use duckdb::Connection;
use revier::app::{App, Decision};
use revier::import::Kind;
use revier::place::LonLat;

use crate::world::{Dice, World, import, open};

const PLACES: [(&str, &str, &str); 6] = [
    ("80331", "München", "DE"),
    ("90402", "Nürnberg", "DE"),
    ("20095", "Hamburg", "DE"),
    ("1010", "Wien", "AT"),
    ("8001", "Zürich", "CH"),
    ("", "", ""),
];

/// Accounts under some of thirty keys: new ones, and known ones that are elsewhere or something
/// else now.
fn accounts(dice: &mut Dice, count: usize) -> String {
    let mut text = "Kundennummer;Firma;PLZ;Ort;Land;Branche;Kundenstatus\n".to_owned();
    let first = dice.below(30);
    for number in first..first + count {
        let (code, place, country) = *dice.pick(&PLACES);
        let industry = *dice.pick(&["Bau", "Handel", "Chemie", ""]);
        let stage = *dice.pick(&["Kunde", "Interessent"]);
        let number = number % 30;
        writeln!(
            text,
            "A{number};Firma {number};{code};{place};{country};{industry};{stage}"
        )
        .unwrap();
    }
    text
}

/// Lines under some of eighty orders: new ones, and known ones that say something else now. Some
/// are of accounts that come later.
fn sales(dice: &mut Dice, count: usize, currencies: &[&str], last: i64) -> String {
    let mut text = "Belegnummer;Position;Datum;Kundennummer;Artikel;Warengruppe;Außendienst;Menge;\
                    Netto;Kosten;Währung\n"
        .to_owned();
    for number in 0..count {
        let (order, line) = (dice.below(80), number);
        let days = i64::try_from(dice.below(1_000)).unwrap() + last;
        let day = jiff::civil::date(2022, 3, 1)
            .checked_add(jiff::Span::new().days(days))
            .unwrap();
        let account = dice.below(34);
        let product = dice.below(9);
        let category = *dice.pick(&["Pumpen", "Ventile", "Filter", ""]);
        let rep = *dice.pick(&["Abel", "Berg", ""]);
        let currency = dice.pick(currencies);
        let cost = if dice.one_in(4) {
            String::new()
        } else {
            dice.below(900).to_string()
        };
        writeln!(
            text,
            "o{order};{line};{};A{account};P{product};{category};{rep};{};{};{cost};{currency}",
            day.strftime("%d.%m.%Y"),
            dice.below(20),
            dice.below(3_000),
        )
        .unwrap();
    }
    text
}

/// A rate a week, of some weeks none.
fn rates(dice: &mut Dice) -> String {
    let mut text = "Date,CHF\n".to_owned();
    for week in 0..180 {
        let day = jiff::civil::date(2022, 2, 28)
            .checked_add(jiff::Span::new().weeks(week))
            .unwrap();
        if !dice.one_in(5) {
            writeln!(text, "{day},0.9{}", 100 + dice.below(800)).unwrap();
        }
    }
    text
}

/// The warehouse file of an open home, and how many steps led to it.
async fn file_of(app: &App) -> (PathBuf, i64) {
    let report = app.check().await.unwrap();
    assert!(report.ok, "{report:#?}");
    let files = std::fs::read_dir(app.home().warehouse()).unwrap();
    let files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    let files: Vec<&PathBuf> = files.iter().filter(|path| path.is_file()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    let connection = Connection::open(files[0]).unwrap();
    let steps = connection.query_row("SELECT count(*) FROM step", [], |row| row.get(0));
    (files[0].clone(), steps.unwrap())
}

/// Everything that a file holds, by the keys of members and not their numbers, as sorted lines.
fn content(path: &Path) -> Vec<(String, Vec<String>)> {
    let connection = Connection::open(path).unwrap();
    let texts = |sql: &str| -> Vec<String> {
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let columns = |table: &str| {
        texts(&format!(
            "SELECT column_name FROM duckdb_columns() WHERE table_name = '{table}' ORDER BY 1"
        ))
    };
    let levels = texts("SELECT DISTINCT kind FROM member");
    let keyed = |table: &str| {
        let shown = columns(table).into_iter().filter(|column| {
            // Numbers that only tell rows apart.
            column != "order_number" && !(table == "account" && column == "id")
        });
        let shown = shown.map(|column| {
            let key = if column == "account" {
                "(SELECT a.key FROM account a WHERE a.id = t.account)".to_owned()
            } else if levels.contains(&column) {
                format!(
                    "(SELECT m.key FROM member m WHERE m.kind = '{column}' AND m.id = t.{column})"
                )
            } else {
                format!("t.{column}")
            };
            format!("'{column}=' || coalesce({key}::VARCHAR, '-')")
        });
        let shown: Vec<String> = shown.collect();
        let mut rows = texts(&format!(
            "SELECT concat_ws(' ', {}) FROM {table} t",
            shown.join(", ")
        ));
        rows.sort_unstable();
        rows
    };
    let mut content = vec![
        ("account".to_owned(), keyed("account")),
        ("sale".to_owned(), keyed("sale")),
        (
            "orders".to_owned(),
            texts(
                "SELECT concat_ws(' ', count(DISTINCT order_id), count(DISTINCT order_number), \
                 count(DISTINCT (order_id, order_number))) FROM sale",
            ),
        ),
    ];
    let cells = texts("SELECT concat_ws('|', id, places, others, step) FROM cells");
    for cell in cells {
        let (id, shape) = cell.split_once('|').unwrap();
        content.push((shape.to_owned(), keyed(&format!("cells_{id}"))));
    }
    // The bits are counted from the first month.
    let first = texts("SELECT first_month::VARCHAR FROM rollup").concat();
    for visit in texts("SELECT concat_ws('|', id, others) FROM visits") {
        let (id, others) = visit.split_once('|').unwrap();
        content.push((
            format!("visits {others} {first}"),
            keyed(&format!("visits_{id}")),
        ));
    }
    content
}

/// Makes the warehouse of the home whole, compares, and puts the one of steps back. Tells how many
/// tables were compared.
async fn compare(world: World, what: &str) -> (World, usize) {
    let (stepped, _) = file_of(&world.app).await;
    world.app.close().await;
    let World { app, folder } = world;
    drop(app);
    let aside = folder.path().join("aside.duckdb");
    std::fs::rename(&stepped, &aside).unwrap();
    let app = open(folder.path()).await;
    let (whole, steps) = file_of(&app).await;
    assert_eq!(steps, 0);
    let (expected, found) = (content(&whole), content(&aside));
    let mut compared = 0;
    for (name, rows) in &expected {
        if let Some((_, found)) = found.iter().find(|(known, _)| known == name) {
            compared += 1;
            let missing: Vec<_> = rows
                .iter()
                .filter(|row| !found.contains(row))
                .take(3)
                .collect();
            let more: Vec<_> = found
                .iter()
                .filter(|row| !rows.contains(row))
                .take(3)
                .collect();
            assert!(
                rows == found,
                "{what}: {name}: missing {missing:#?}, too many {more:#?}"
            );
        }
    }
    app.close().await;
    drop(app);
    std::fs::rename(&aside, &stepped).unwrap();
    let app = open(folder.path()).await;
    (World { app, folder }, compared)
}

#[tokio::test]
async fn steps_lead_to_the_warehouse_that_is_made_whole() {
    follow(20_261_122, &["EUR"]).await;
}

#[tokio::test]
async fn steps_in_several_currencies_lead_there_as_well() {
    follow(7, &["EUR", "CHF"]).await;
}

/// Changes a random company round by round; `REVIER_STEPS` says how often, 6 times unless said.
async fn follow(seed: u64, currencies: &[&str]) {
    let rounds: usize = std::env::var("REVIER_STEPS").map_or(6, |text| text.parse().unwrap());
    let mut dice = Dice(seed);
    let mut world = World::empty().await;
    let text = accounts(&mut dice, 20);
    world
        .import(Kind::Accounts, &world.write("accounts.csv", text))
        .await;
    let rates = rates(&mut dice);
    world
        .import(Kind::Rates, &world.write("rates.csv", rates))
        .await;
    let text = sales(&mut dice, 200, currencies, 0);
    world
        .import(Kind::Sales, &world.write("sales.csv", text))
        .await;
    world.app.derived().await.unwrap();
    let (mut in_steps, mut tables) = (0, 0);
    for round in 0..rounds {
        let (_, before) = file_of(&world.app).await;
        let begin = i64::try_from(round).unwrap() * 20;
        let what = match dice.below(6) {
            0 => {
                let text = accounts(&mut dice, 4);
                import(
                    &world.app,
                    Kind::Accounts,
                    &world.write("accounts.csv", text),
                )
                .await
                .unwrap();
                "accounts"
            }
            1 => {
                let text = sales(&mut dice, 40, currencies, begin);
                import(&world.app, Kind::Sales, &world.write("sales.csv", text))
                    .await
                    .unwrap();
                "many lines"
            }
            2 | 3 => {
                let text = sales(&mut dice, 3, currencies, begin);
                import(&world.app, Kind::Sales, &world.write("sales.csv", text))
                    .await
                    .unwrap();
                "few lines"
            }
            4 => {
                let (lon, lat) = *dice.pick(&[(9.99, 53.55), (16.37, 48.21), (11.58, 48.14)]);
                let place = Decision::Place(LonLat::parse(lon, lat).unwrap(), 50.0);
                let derived = world.app.derived().await.unwrap();
                let members = derived.warehouse.dictionary("account").unwrap().members();
                let keys: Vec<String> = members.map(|member| member.key.to_owned()).collect();
                let key = dice.pick(&keys).clone();
                world.app.decide(vec![(key, place)]).await.unwrap();
                "a decision"
            }
            _ => {
                let newest = world.app.batches().await.unwrap()[0].id;
                if newest.0 > 3 {
                    world.app.undo(newest).await.unwrap();
                }
                "undo"
            }
        };
        let (_, after) = file_of(&world.app).await;
        in_steps += usize::from(after > before);
        let compared;
        (world, compared) = compare(world, &format!("round {round}, {what}")).await;
        tables += compared;
    }
    println!("{in_steps} of {rounds} in steps, {tables} tables compared");
    assert!(in_steps * 2 > rounds, "only {in_steps} steps of {rounds}");
    assert!(
        tables > rounds * 6,
        "only {tables} tables of {rounds} rounds"
    );
}
