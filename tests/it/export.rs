//! Exports of the company of `tests/world`: read back with other readers, the figures are those of
//! its README.

use std::path::PathBuf;

use calamine::{Data, Reader, Xlsx, open_workbook};
use duckdb::Connection;
use revier::app::{Error, ExportSubject};
use revier::cube::LinesRequest;
use revier::export::{Format, Language, Look, write_lines};
use revier::import::Kind;
use serde_json::{Value, json};

use crate::world::World;

fn answer(question: &Value) -> ExportSubject {
    ExportSubject::Answer(question.to_string().into_bytes())
}

fn lines(filters: Value) -> ExportSubject {
    let filters = serde_json::from_value(filters).unwrap();
    ExportSubject::Lines(LinesRequest {
        filters,
        ..LinesRequest::default()
    })
}

/// The export as a file beside the home.
async fn export(
    world: &World,
    subject: ExportSubject,
    format: Format,
    language: Language,
) -> PathBuf {
    let look = Look { format, language };
    let export = world.app.export(subject, look).await.unwrap();
    let path = world.folder.path().join(&export.name);
    let mut file = export.into_file().unwrap();
    std::io::copy(&mut file, &mut std::fs::File::create(&path).unwrap()).unwrap();
    let left = std::fs::read_dir(world.app.home().exports()).unwrap();
    assert_eq!(left.count(), 0, "nothing is left in the home");
    path
}

async fn text(world: &World, subject: ExportSubject, language: Language) -> Vec<String> {
    let path = export(world, subject, Format::Csv, language).await;
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(str::to_owned).collect()
}

async fn sheet(world: &World, subject: ExportSubject, language: Language) -> [Vec<Vec<Data>>; 2] {
    let path = export(world, subject, Format::Xlsx, language).await;
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    let names = book.sheet_names();
    [0, 1].map(|index: usize| {
        let range = book.worksheet_range(&names[index]).unwrap();
        range.rows().map(<[Data]>::to_vec).collect()
    })
}

fn by_state() -> Value {
    json!({
        "measures": ["revenue", "margin_percent", "units", "customers", "last_purchase",
                     "revenue.share_of_total"],
        "rows": ["region.state"],
        "filters": [{"level": "region.country", "in": ["DE"]}],
    })
}

#[tokio::test]
async fn an_answer_is_csv_of_either_language() {
    let world = World::counted().await;
    assert_eq!(
        text(&world, answer(&by_state()), Language::English).await,
        [
            "State (key),State,Revenue (EUR),Margin rate,Units,Customers,Last purchase,\
             \"Revenue, share of the total\"",
            "02,Hamburg,20.00,,4,1,2025-02-10,0.046511627906976744",
            "09,Bayern,385.00,0.3974025974025974,16,3,2025-12-24,0.8953488372093024",
            "11,Berlin,25.00,0.4,5,1,2024-12-31,0.05813953488372093",
        ]
    );
    let german = text(&world, answer(&by_state()), Language::German).await;
    assert_eq!(
        german[..3],
        [
            "\u{feff}Bundesland (Schlüssel);Bundesland;Umsatz (EUR);Margenquote;Menge;Kunden;\
             Letzter Kauf;Umsatz, Anteil an der Summe",
            "02;Hamburg;20,00;;4;1;10.02.2025;0,046511627906976744",
            "09;Bayern;385,00;0,3974025974025974;16;3;24.12.2025;0,8953488372093024",
        ]
    );
}

#[tokio::test]
async fn a_workbook_holds_numbers_days_and_what_they_are() {
    let world = World::counted().await;
    let [rows, about] = sheet(&world, answer(&by_state()), Language::German).await;
    assert_eq!(
        rows[0][0],
        Data::String("Bundesland (Schlüssel)".to_owned())
    );
    let bavaria = &rows[2];
    assert_eq!(bavaria[0], Data::String("09".to_owned()));
    assert_eq!(bavaria[1], Data::String("Bayern".to_owned()));
    assert_eq!(bavaria[2], Data::Float(385.0));
    let Data::DateTime(day) = &bavaria[6] else {
        panic!("{:?} is no day", bavaria[6]);
    };
    assert_eq!(day.to_ymd_hms_milli(), (2025, 12, 24, 0, 0, 0, 0));
    assert_eq!(rows[1][3], Data::Empty, "Hamburg has no known cost");
    let sum: f64 = rows[1..].iter().map(|row| row[2].as_f64_of()).sum();
    let asked = world.ask(by_state()).await;
    let revenue = serde_json::to_value(&asked.total["revenue"]).unwrap();
    assert_eq!(
        json!((sum * 100.0).round()),
        json!(revenue.as_f64().unwrap())
    );
    let line = |name: &str| {
        let found = about
            .iter()
            .find(|row| row[0] == Data::String(name.to_owned()));
        found.unwrap_or_else(|| panic!("{name} is missing in {about:?}"))[1].clone()
    };
    assert_eq!(line("Währung"), Data::String("EUR".to_owned()));
    assert_eq!(line("Filter"), Data::String("Land: DE".to_owned()));
    assert_eq!(line("Datenstand"), Data::String(asked.version));
    assert_eq!(line("Summe: Umsatz (EUR)"), Data::Float(430.0));
    assert!(line("Exportiert am (UTC)").to_string().starts_with("20"));
    assert!(line("Frage").to_string().contains("region.state"));
}

trait AsNumber {
    fn as_f64_of(&self) -> f64;
}

impl AsNumber for Data {
    fn as_f64_of(&self) -> f64 {
        match self {
            Self::Float(number) => *number,
            other => panic!("{other:?} is no number"),
        }
    }
}

#[tokio::test]
async fn parquet_has_types_that_duckdb_reads() {
    let world = World::counted().await;
    let path = export(&world, lines(json!([])), Format::Parquet, Language::English).await;
    let connection = Connection::open_in_memory().unwrap();
    let file = path.display();
    let types: Vec<(String, String)> = connection
        .prepare(&format!("DESCRIBE SELECT * FROM '{file}'"))
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let kind = |heading: &str| {
        let found = types.iter().find(|(name, _)| name == heading);
        found
            .unwrap_or_else(|| panic!("{heading} is missing in {types:?}"))
            .1
            .clone()
    };
    assert_eq!(kind("Day"), "DATE");
    assert_eq!(kind("Revenue"), "DECIMAL(38,2)");
    assert_eq!(kind("Units"), "DECIMAL(38,3)");
    assert_eq!(kind("Account (key)"), "VARCHAR");
    let sums: (String, String, String, i64, String) = connection
        .query_row(
            &format!(
                "SELECT sum(\"Revenue\")::VARCHAR, sum(\"Cost\")::VARCHAR, \
                 sum(\"Units\")::VARCHAR, count(*), max(\"Day\")::VARCHAR FROM '{file}'"
            ),
            [],
            |row| {
                Ok((
                    row.get(0)?,
                    row.get(1)?,
                    row.get(2)?,
                    row.get(3)?,
                    row.get(4)?,
                ))
            },
        )
        .unwrap();
    let [revenue, cost, units, day] =
        ["597.50", "344.00", "30.000", "2025-12-24"].map(str::to_owned);
    assert_eq!(sums, (revenue, cost, units, 12, day));
    let path = export(
        &world,
        answer(&by_state()),
        Format::Parquet,
        Language::German,
    )
    .await;
    let share: f64 = connection
        .query_row(
            &format!(
                "SELECT \"Umsatz, Anteil an der Summe\" FROM '{}' WHERE \"Bundesland\" = 'Bayern'",
                path.display()
            ),
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert!((share - 385.0 / 430.0).abs() < 1e-12);
}

#[tokio::test]
async fn lines_are_all_the_lines_newest_first() {
    let world = World::counted().await;
    let in_munich = json!([{"level": "region.district", "in": ["09162"]}]);
    assert_eq!(
        text(&world, lines(in_munich.clone()), Language::German).await,
        [
            "\u{feff}Auftrag;Position;Tag;Kunde (Schlüssel);Kunde;Produkt;Warengruppe;\
             Außendienstmitarbeiter;Menge;Umsatz;Kosten;Währung",
            "o10;1;24.12.2025;A8;Theta GmbH;P1;Pumpen;;1;40,00;25,00;EUR",
            "o10;2;24.12.2025;A8;Theta GmbH;V1;Ventile;;-1;-5,00;-3,00;EUR",
            "o4;1;01.01.2025;A1;Alpha GmbH;P1;Pumpen;;3;150,00;90,00;EUR",
            "o1;1;15.01.2024;A1;Alpha GmbH;P1;Pumpen;;2;100,00;60,00;EUR",
            "o1;2;15.01.2024;A1;Alpha GmbH;V1;Ventile;;10;50,00;30,00;EUR",
        ]
    );
    let [rows, about] = sheet(&world, lines(in_munich), Language::English).await;
    let revenue: f64 = rows[1..].iter().map(|row| row[9].as_f64_of()).sum();
    assert!((revenue - 335.0).abs() < 1e-9);
    assert_eq!(about[0][1], Data::String("District: 09162".to_owned()));
}

#[tokio::test]
async fn texts_of_a_file_become_no_formulas() {
    let world = World::empty().await;
    let accounts = "Kundennummer;Firma;Straße;PLZ;Ort;Land\n\
                    E1;=cmd|' /C calc'!A0;Marienplatz 1;80331;München;DE\n\
                    E2;+49 Handel;Marienplatz 2;80331;München;DE\n";
    let sales = "Belegnummer;Position;Datum;Kundennummer;Artikel;Menge;Netto;Währung\n\
                 1;1;02.01.2025;E1;@SUM(A1);1;-10,00;EUR\n\
                 2;1;02.01.2025;E2;-1+2;1;20,00;EUR\n";
    world
        .import(Kind::Accounts, &world.write("accounts.csv", accounts))
        .await;
    world
        .import(Kind::Sales, &world.write("sales.csv", sales))
        .await;
    let rows = text(&world, lines(json!([])), Language::English).await;
    assert_eq!(
        rows[1],
        "2,1,2025-01-02,E2,'+49 Handel,'-1+2,,,1,20.00,,EUR"
    );
    assert_eq!(
        rows[2],
        "1,1,2025-01-02,E1,'=cmd|' /C calc'!A0,'@SUM(A1),,,1,-10.00,,EUR"
    );
    let path = export(&world, lines(json!([])), Format::Xlsx, Language::English).await;
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    let formulas = book.worksheet_formula("Sales lines").unwrap();
    assert!(formulas.used_cells().next().is_none(), "{formulas:?}");
    let rows = book.worksheet_range("Sales lines").unwrap();
    assert_eq!(
        rows.get_value((2, 4)),
        Some(&Data::String("=cmd|' /C calc'!A0".to_owned()))
    );
    assert_eq!(rows.get_value((2, 9)), Some(&Data::Float(-10.0)));
}

#[tokio::test]
async fn money_has_the_places_of_its_currency() {
    let world = World::empty().await;
    let sales = "Belegnummer;Position;Datum;Kundennummer;Artikel;Menge;Netto;Währung\n\
                 1;1;02.01.2025;E1;p;1;10,50;EUR\n\
                 2;1;02.01.2025;E1;p;1;2000;JPY\n";
    world
        .import(Kind::Sales, &world.write("sales.csv", sales))
        .await;
    let question = json!({"measures": ["revenue"], "rows": ["sale.currency"]});
    let rows = text(&world, answer(&question), Language::English).await;
    assert_eq!(
        rows,
        [
            "Currency (key),Currency,Revenue",
            "EUR,EUR,10.50",
            "JPY,JPY,2000"
        ]
    );
    let path = export(
        &world,
        answer(&question),
        Format::Parquet,
        Language::English,
    )
    .await;
    let yen: String = Connection::open_in_memory()
        .unwrap()
        .query_row(
            &format!(
                "SELECT \"Revenue\"::VARCHAR FROM '{}' WHERE \"Currency\" = 'JPY'",
                path.display()
            ),
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(yen, "2000.00");
}

#[tokio::test]
async fn opened_members_others_and_steps_of_time_have_their_names() {
    let world = World::counted().await;
    let question = json!({
        "measures": ["revenue"],
        "rows": [{"level": "region.country", "expand": {"DE": "region.state"}}],
    });
    let rows = text(&world, answer(&question), Language::German).await;
    assert_eq!(
        rows,
        [
            "\u{feff}Land (Ebene);Land (Schlüssel);Land;Umsatz (EUR)",
            "Land;AT;Österreich;55,50",
            "Land;CH;Schweiz;99,99",
            "Bundesland;02;Hamburg;20,00",
            "Bundesland;09;Bayern;385,00",
            "Bundesland;11;Berlin;25,00",
            "Land;unassigned;ohne Zuordnung;12,01",
        ]
    );
    let question = json!({
        "measures": ["revenue"], "rows": ["time.year"], "columns": ["time.day"],
        "filters": [{"level": "time.day", "from": "2025-07-01", "to": "2025-07-02"}],
    });
    let rows = text(&world, answer(&question), Language::German).await;
    assert_eq!(rows[1..], ["2025;01.07.2025;5,01", "2025;02.07.2025;7,00"]);
    let question = json!({
        "measures": ["revenue"], "rows": ["time.day"],
        "filters": [{"level": "time.day", "top": 1, "by": "revenue", "others": true}],
    });
    let rows = text(&world, answer(&question), Language::English).await;
    assert_eq!(
        rows,
        ["Day,Revenue (EUR)", "2024-01-15,150.00", "others,447.50"]
    );
}

#[tokio::test]
async fn what_cannot_be_exported_says_why_and_leaves_nothing() {
    let world = World::counted().await;
    let refused = async |subject: ExportSubject| -> Error {
        let look = Look {
            format: Format::Xlsx,
            language: Language::English,
        };
        let error = world.app.export(subject, look).await.unwrap_err();
        let left = std::fs::read_dir(world.app.home().exports()).unwrap();
        assert_eq!(left.count(), 0);
        error
    };
    let error = refused(answer(&json!({"measures": ["revenu"]}))).await;
    assert_eq!(
        error.to_string(),
        "\"revenu\" is no measure; did you mean \"revenue\"?"
    );
    let error = refused(lines(json!([{"level": "region.state", "in": ["99"]}]))).await;
    assert!(
        error
            .to_string()
            .starts_with("\"99\" is no key of region.state"),
        "{error}"
    );
    let page = LinesRequest {
        limit: Some(5),
        ..LinesRequest::default()
    };
    let error = refused(ExportSubject::Lines(page)).await;
    assert_eq!(
        error.to_string(),
        "an export has every line: leave out \"limit\" and \"offset\""
    );
}

#[tokio::test]
async fn an_export_ends_when_nobody_wants_it() {
    let world = World::counted().await;
    let derived = world.app.derived().await.unwrap();
    let path = world.folder.path().join("lines.csv");
    let look = Look {
        format: Format::Csv,
        language: Language::English,
    };
    let ended = write_lines(&derived.warehouse, &[], look, &path, &|| false);
    assert!(matches!(ended, Err(revier::export::Error::Cancelled)));
    // The same connection serves the next one.
    let written = write_lines(&derived.warehouse, &[], look, &path, &|| true);
    assert_eq!(written.unwrap(), 12);
}

#[tokio::test]
async fn an_answer_without_rows_is_a_file_with_headings() {
    let world = World::counted().await;
    let question = json!({
        "measures": ["revenue"], "rows": ["region.state"],
        "filters": [{"level": "time.year", "in": ["1999"]}],
    });
    for format in Format::ALL {
        let path = export(&world, answer(&question), format, Language::English).await;
        assert!(std::fs::metadata(path).unwrap().len() > 0);
    }
    let rows = text(&world, answer(&question), Language::English).await;
    assert_eq!(rows, ["State (key),State,Revenue (EUR)"]);
}
