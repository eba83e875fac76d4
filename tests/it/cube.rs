//! Questions to the company of `tests/world`, against the figures of its README.

use revier::cube::Cell;
use revier::import::Kind;
use serde_json::json;

use crate::world::{World, text};

#[track_caller]
fn check(answer: &revier::cube::Answer, expected: &[&str]) {
    assert_eq!(text(answer), expected);
}

#[tokio::test]
async fn totals_are_those_counted_by_hand() {
    let world = World::counted().await;
    let answer = world
        .ask(
            json!({"measures": ["revenue", "margin", "units", "orders", "lines", "customers",
                                 "average_order"]}),
        )
        .await;
    check(&answer, &["59750 23350 30 10 12 8 5975"]);
    assert_eq!(answer.total["revenue"], Cell::Integer(59_750));
    assert_eq!(answer.currency.as_deref(), Some("EUR"));
}

#[tokio::test]
async fn every_level_of_regions_adds_up() {
    let world = World::counted().await;
    let by = |level: &str| json!({"measures": ["revenue", "customers"], "rows": [level]});
    check(
        &world.ask(by("region.country")).await,
        &["AT 5550 1", "CH 9999 1", "DE 43000 5", "unassigned 1201 1"],
    );
    let answer = world.ask(by("region.state")).await;
    check(
        &answer,
        &["02 2000 1", "09 38500 3", "11 2500 1", "unassigned 16750 3"],
    );
    assert_eq!(answer.members["region.state"]["09"], "Bayern");
    check(
        &world.ask(by("region.district")).await,
        &[
            "02000 2000 1",
            "09162 33500 2",
            "09564 5000 1",
            "11000 2500 1",
            "unassigned 16750 3",
        ],
    );
    let postal = world.ask(by("region.postal")).await;
    assert_eq!(postal.members["region.postal"]["AT-1010"], "1010 Wien");
    assert_eq!(postal.rows.len(), 8);
}

#[tokio::test]
async fn a_country_without_municipalities_ends_at_the_district() {
    let world = World::empty().await;
    let accounts = "Kundennummer;Firma;Straße;PLZ;Ort;Land\n\
                    B1;Bay;1 Main St;94103;San Francisco;US\n\
                    B2;Bow;1 Main St;60601;Chicago;US\n\
                    B3;Bar;1 Main St;94110;San Francisco;US\n";
    let lines = "Belegnummer;Position;Datum;Kundennummer;Artikel;Menge;Netto;Währung\n\
                 1;1;02.01.2025;B1;p;1;10,00;USD\n\
                 2;1;02.01.2025;B2;p;1;20,00;USD\n\
                 3;1;02.01.2025;B3;p;1;40,00;USD\n";
    let accounts = world.write("accounts.csv", accounts);
    let lines = world.write("sales.csv", lines);
    world.import(Kind::Accounts, &accounts).await;
    world.import(Kind::Sales, &lines).await;
    let by = |level: &str, within: serde_json::Value| json!({"measures": ["revenue"], "rows": [level], "filters": within});
    let us = json!([{"level": "region.country", "in": ["US"]}]);
    check(
        &world.ask(by("region.state", us.clone())).await,
        &["US-CA 5000", "US-IL 2000"],
    );
    check(
        &world.ask(by("region.district", us.clone())).await,
        &["US-CA-075 5000", "US-IL-031 2000"],
    );
    check(
        &world.ask(by("region.municipality", us)).await,
        &["unassigned 7000"],
    );
    let california = json!([{"level": "region.state", "in": ["US-CA"]}]);
    check(
        &world.ask(by("region.district", california)).await,
        &["US-CA-075 5000"],
    );
}

#[tokio::test]
async fn two_levels_and_filters() {
    let world = World::counted().await;
    let answer = world
        .ask(json!({
            "measures": ["revenue", "orders"],
            "rows": ["region.state"], "columns": ["time.year"],
            "filters": [{"level": "region.country", "in": ["DE"]}],
        }))
        .await;
    check(
        &answer,
        &[
            "02 2025 2000 1",
            "09 2024 20000 2",
            "09 2025 18500 2",
            "11 2024 2500 1",
        ],
    );
    let answer = world
        .ask(json!({
            "measures": ["revenue"], "rows": ["product.category"],
            "filters": [{"level": "time.day", "from": "2024-12-31", "to": "2025-01-01"}],
        }))
        .await;
    check(&answer, &["Pumpen 15000", "Ventile 2500"]);
    assert_eq!(answer.total["revenue"], Cell::Integer(17_500));
}

#[tokio::test]
async fn time_has_its_keys() {
    let world = World::counted().await;
    let by = |level: &str| json!({"measures": ["revenue"], "rows": [level], "limit": 2});
    check(
        &world.ask(by("time.year")).await,
        &["2024 22500", "2025 37250"],
    );
    check(
        &world.ask(by("time.quarter")).await,
        &["2024-Q1 20000", "2024-Q4 2500"],
    );
    check(
        &world.ask(by("time.month")).await,
        &["2024-01 15000", "2024-03 5000"],
    );
    check(
        &world.ask(by("time.day")).await,
        &["2024-01-15 15000", "2024-03-31 5000"],
    );
}

#[tokio::test]
async fn rows_are_sorted_and_cut_and_the_total_stays() {
    let world = World::counted().await;
    let answer = world
        .ask(json!({
            "measures": ["revenue", "margin"], "rows": ["account.account"],
            "sort": [{"by": "revenue", "descending": true}], "limit": 2, "offset": 1,
        }))
        .await;
    check(&answer, &["A6 9999 3999", "A5 5550 2550"]);
    assert_eq!(answer.row_count, 9);
    assert_eq!(answer.total["revenue"], Cell::Integer(59_750));
}

#[tokio::test]
async fn a_margin_without_costs_is_no_margin() {
    let world = World::counted().await;
    let answer = world
        .ask(json!({
            "measures": ["margin"], "filters": [{"level": "account.account", "in": ["A4"]}],
        }))
        .await;
    check(&answer, &["-"]);
}

#[tokio::test]
async fn a_region_without_lines_is_empty_and_a_wrong_one_is_refused() {
    let world = World::counted().await;
    let in_state = |key: &str| {
        json!({"measures": ["revenue"], "rows": ["region.state"],
               "filters": [{"level": "region.state", "in": [key]}]})
    };
    let saxony = world.ask(in_state("14")).await;
    assert!(saxony.rows.is_empty());
    assert_eq!(saxony.total["revenue"], Cell::Integer(0));
    let wrong = in_state("99").to_string();
    let error = world.app.ask(wrong.as_bytes()).await.unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("\"99\" is no key of region.state; "),
        "{error}"
    );
}

#[tokio::test]
async fn a_name_in_the_place_of_a_key_finds_the_key() {
    let world = World::counted().await;
    for (level, word, key) in [
        ("region.country", "Germany", "DE"),
        ("region.district", "0956", "09564"),
        ("product.category", "Pumpe", "Pumpen"),
    ] {
        let question =
            json!({"measures": ["revenue"], "filters": [{"level": level, "in": [word]}]});
        let error = world
            .app
            .ask(question.to_string().as_bytes())
            .await
            .unwrap_err();
        let expected = format!("\"{word}\" is no key of {level}; did you mean \"{key}\"?");
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn money_of_two_currencies_is_not_added() {
    let world = World::counted().await;
    let more = world.write(
        "usd.csv",
        "order_id,line,date,customer_id,product,net_amount,currency\n\
         u1,1,2025-05-05,A1,P1,10.00,USD\n",
    );
    world.import(revier::import::Kind::Sales, &more).await;
    let question = json!({"measures": ["revenue"]});
    let error = world
        .app
        .ask(question.to_string().as_bytes())
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the lines are in EUR and USD: filter by sale.currency, money of several currencies is \
         not added"
    );
    let answer = world
        .ask(json!({"measures": ["revenue"],
                    "filters": [{"level": "sale.currency", "in": ["USD"]}]}))
        .await;
    check(&answer, &["1000"]);
    assert_eq!(answer.currency.as_deref(), Some("USD"));
    let split = world
        .ask(json!({"measures": ["revenue"], "rows": ["sale.currency"]}))
        .await;
    check(&split, &["EUR 59750", "USD 1000"]);
    assert_eq!(split.total["revenue"], Cell::None);
    let lines = world.ask(json!({"measures": ["lines"]})).await;
    check(&lines, &["13"]);
}

#[tokio::test]
async fn lines_behind_a_cell_come_newest_first() {
    let world = World::counted().await;
    let request = json!({"filters": [{"level": "region.district", "in": ["09162"]}], "limit": 2});
    let lines = world
        .app
        .lines(serde_json::from_value(request).unwrap())
        .await
        .unwrap();
    assert_eq!(lines.total, 5);
    let seen: Vec<String> = lines
        .lines
        .iter()
        .map(|l| {
            format!(
                "{} {} {} {} {}",
                l.order, l.line, l.day, l.account_name, l.revenue
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            "o10 1 2025-12-24 Theta GmbH 4000",
            "o10 2 2025-12-24 Theta GmbH -500"
        ]
    );
}

#[tokio::test]
async fn opened_members_stand_beside_the_others_and_add_up() {
    let world = World::counted().await;
    let answer = world
        .ask(json!({
            "measures": ["revenue", "revenue.share_of_parent"],
            "rows": [{"level": "region.state", "expand": {"09": "region.district"}}],
            "filters": [{"level": "region.country", "in": ["DE"]}],
        }))
        .await;
    check(
        &answer,
        &[
            "02 2000 0.046511627906976744",
            "09162 33500 0.8701298701298701",
            "09564 5000 0.12987012987012986",
            "11 2500 0.05813953488372093",
        ],
    );
    assert_eq!(answer.total["revenue"], Cell::Integer(43_000));
    let origin = &answer.origins[1][0];
    assert_eq!(origin.level.as_deref(), Some("region.district"));
    assert_eq!(origin.within, ["09"]);
    assert_eq!(answer.members["region.district"]["09564"], "Nürnberg");
}

#[tokio::test]
async fn a_year_is_compared_with_the_one_before() {
    let world = World::counted().await;
    let answer = world
        .ask(json!({
            "measures": ["revenue"], "rows": ["region.state"], "compare": "previous_year",
            "filters": [{"level": "region.country", "in": ["DE"]},
                        {"level": "time.year", "in": [2025]}],
        }))
        .await;
    check(
        &answer,
        &[
            "02 2000 0 2000 -",
            "09 18500 20000 -1500 -0.075",
            "11 0 2500 -2500 -1",
        ],
    );
    assert_eq!(answer.total["revenue.previous_year"], Cell::Integer(22_500));
    let by_month = world
        .ask(json!({
            "measures": ["revenue"], "rows": ["time.month"], "compare": "previous_period",
            "filters": [{"level": "time.month", "from": "2025-01", "to": "2025-03"}],
        }))
        .await;
    check(
        &by_month,
        &[
            "2025-01 15000 2500 12500 5",
            "2025-02 7550 15000 -7450 -0.49666666666666665",
            "2025-03 0 7550 -7550 -1",
        ],
    );
    let alone = world
        .ask(json!({
            "measures": ["revenue.previous_period"],
            "filters": [{"level": "time.day", "from": "2025-01-01", "to": "2025-12-31"}],
        }))
        .await;
    check(&alone, &["22500"]);
}

#[tokio::test]
async fn the_largest_stand_beside_all_others() {
    let world = World::counted().await;
    let best = |others: bool| {
        json!({
            "measures": ["revenue", "customers"], "rows": ["account"],
            "filters": [{"level": "account", "top": 2, "by": "revenue", "others": others}],
        })
    };
    check(
        &world.ask(best(true)).await,
        &["A1 30000 1", "A6 9999 1", "others 19751 6"],
    );
    for descending in [true, false] {
        let mut sorted = best(true);
        sorted["sort"] = json!([{"by": "revenue", "descending": descending}]);
        let answer = world.ask(sorted).await;
        let last = answer.rows.last().unwrap();
        assert_eq!(
            last[0],
            Cell::Key("others".to_owned()),
            "no member, whatever its figure"
        );
    }
    let alone = world.ask(best(false)).await;
    check(&alone, &["A1 30000 1", "A6 9999 1"]);
    assert_eq!(alone.total["revenue"], Cell::Integer(39_999));
    let bottom = world
        .ask(json!({
            "measures": ["revenue"],
            "filters": [{"level": "product.category", "bottom": 1}],
        }))
        .await;
    check(&bottom, &["10201"]);
}

#[tokio::test]
async fn subtotals_count_customers_once() {
    let world = World::counted().await;
    let answer = world
        .ask(json!({
            "measures": ["revenue", "customers"],
            "rows": ["product.category"], "columns": ["time.year"], "subtotals": true,
        }))
        .await;
    assert_eq!(answer.subtotals.len(), 2);
    let rows = |index: usize| {
        let rows = answer.subtotals[index].rows.iter();
        rows.map(|row| serde_json::to_string(row).unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(rows(0), [r#"["2024",22500,3]"#, r#"["2025",37250,6]"#]);
    assert_eq!(rows(1), [r#"["Pumpen",49549,5]"#, r#"["Ventile",10201,5]"#]);
}

#[tokio::test]
async fn customers_are_new_once_and_lost_after_twelve_months() {
    let world = World::counted().await;
    let answer = world
        .ask(json!({
            "measures": ["new_customers", "lost_customers", "won_back_customers",
                         "first_purchase", "last_purchase"],
            "rows": ["time.year"],
        }))
        .await;
    check(
        &answer,
        &[
            "2024 3 1 0 2024-01-15 2024-12-31",
            "2025 5 0 0 2025-01-01 2025-12-24",
        ],
    );
}

#[tokio::test]
async fn figures_look_at_the_other_rows() {
    let world = World::counted().await;
    let answer = world
        .ask(json!({
            "measures": ["revenue", "revenue.rank", "revenue.cumulative_share", "revenue.abc"],
            "rows": ["product.category"],
        }))
        .await;
    check(
        &answer,
        &["Pumpen 49549 1 0.8292719665271967 A", "Ventile 10201 2 1 B"],
    );
    let years = world
        .ask(json!({"measures": ["revenue.running_total"], "rows": ["time.year"]}))
        .await;
    check(&years, &["2024 22500", "2025 59750"]);
    let large = world
        .ask(json!({
            "measures": ["revenue"], "rows": ["account"],
            "having": [{"measure": "revenue", "from": 9999}],
        }))
        .await;
    check(&large, &["A1 30000", "A6 9999"]);
}

#[tokio::test]
async fn every_hierarchy_has_its_levels() {
    let world = World::counted().await;
    let by = |level: &str| json!({"measures": ["revenue"], "rows": [level]});
    check(
        &world.ask(by("region.nuts_1")).await,
        &["DE2 38500", "DE3 2500", "DE6 2000", "unassigned 16750"],
    );
    check(
        &world.ask(by("region.postal_1")).await,
        &[
            "AT-1 5550",
            "CH-8 9999",
            "DE-1 2500",
            "DE-2 2000",
            "DE-8 33500",
            "DE-9 5000",
            "unassigned 1201",
        ],
    );
    check(
        &world.ask(by("account.stage")).await,
        &["customer 59050", "unassigned 700"],
    );
    let fiscal = world
        .ask(
            json!({"measures": ["revenue"], "rows": ["time.fiscal_year"],
                    "fiscal_year_start": 7}),
        )
        .await;
    check(&fiscal, &["2023/24 20000", "2024/25 35049", "2025/26 4701"]);
    let week = json!({"measures": ["revenue"], "rows": ["time.week"],
                      "filters": [{"level": "time.year", "in": [2025]}], "limit": 1});
    check(&world.ask(week).await, &["2025-W01 15000"]);
    let hexagons = world.ask(by("region.h3_3")).await;
    let sum: i64 = hexagons
        .rows
        .iter()
        .map(|row| match row[1] {
            Cell::Integer(value) => value,
            _ => 0,
        })
        .sum();
    assert_eq!(sum, 59_750);
    assert_eq!(hexagons.rows.len(), 7);
}

#[tokio::test]
async fn lines_are_filtered_by_shape_and_text() {
    let world = World::counted().await;
    let within =
        |shape: serde_json::Value| json!({"measures": ["revenue"], "filters": [{"within": shape}]});
    let circle = json!({"circle": {"center": [11.57, 48.14], "radius_m": 20_000}});
    check(&world.ask(within(circle)).await, &["33500"]);
    let bavaria = json!({"polygon": [[10.0, 47.0], [13.0, 47.0], [13.0, 50.0], [10.0, 50.0]]});
    check(&world.ask(within(bavaria)).await, &["38500"]);
    let text = json!({"measures": ["revenue"], "rows": ["account"],
                      "filters": [{"level": "account", "text": "GMBH"},
                                  {"level": "region.country", "not_in": ["AT"]}]});
    check(&world.ask(text).await, &["A1 30000", "A8 3500"]);
}

#[tokio::test]
async fn an_answer_tells_how_it_was_computed() {
    let world = World::counted().await;
    let answer = world
        .ask(
            json!({"measures": ["revenue", "orders"], "rows": ["region.state"], "explain": true,
                    "rollups": false}),
        )
        .await;
    let [step] = answer.explain.as_slice() else {
        panic!("one scan for groups and total: {:?}", answer.explain);
    };
    assert_eq!((step.source.as_str(), step.source_rows), ("sale", 12));
    assert_eq!(step.statements.len(), 2);
}

#[tokio::test]
async fn money_is_converted_line_by_line_at_the_rate_of_its_day() {
    let world = World::counted().await;
    let more = world.write(
        "usd.csv",
        "order_id,line,date,customer_id,product,net_amount,cost,currency\n\
         u1,1,2025-05-05,A1,P1,10.00,5.00,USD\nu2,1,2025-05-06,A2,P1,-0.07,,USD\n",
    );
    world.import(Kind::Sales, &more).await;
    let rates = world.write(
        "eurofxref-hist.csv",
        "Date,USD,JPY,\n2025-05-06,1.4,160,\n2025-05-02,1.25,N/A,\n",
    );
    let summary = world.import(Kind::Rates, &rates).await;
    assert_eq!((summary.counts.added, summary.counts.rejected), (2, 0));
    let again = world.import(Kind::Rates, &rates).await;
    assert_eq!((again.batch, again.counts.unchanged), (None, 2));
    // 10.00 USD at 1.25 is 8.00 EUR; -0.07 USD at 1.4 is -0.05 EUR.
    let answer = world
        .ask(json!({"measures": ["revenue", "cost", "margin"], "currency": "EUR"}))
        .await;
    check(&answer, &["60545 34800 23750"]);
    assert_eq!(answer.currency.as_deref(), Some("EUR"));
    let in_may = json!({"measures": ["revenue"], "currency": "USD", "rows": ["time.day"],
                        "filters": [{"level": "time.month", "in": ["2025-05"]}]});
    check(
        &world.ask(in_may).await,
        &["2025-05-05 1000", "2025-05-06 -7"],
    );
    let refused = |question: serde_json::Value| {
        let app = &world.app;
        async move {
            app.ask(question.to_string().as_bytes())
                .await
                .unwrap_err()
                .to_string()
        }
    };
    assert_eq!(
        refused(json!({"measures": ["revenue"], "currency": "USD"})).await,
        "no rate from EUR to USD on 2024-01-15 or in the ten days before: import rates that reach \
         that day (`revier import rates FILE`), or leave such lines out by a filter"
    );
    assert_eq!(
        refused(json!({"measures": ["revenue"], "currency": "CHF"})).await,
        "money can be given in EUR or USD, not in CHF: no line is in it"
    );
    world.app.undo(summary.batch.unwrap()).await.unwrap();
    let without = refused(json!({"measures": ["revenue"], "currency": "EUR"})).await;
    assert!(
        without.starts_with("no rate from USD to EUR on 2025-05-05"),
        "{without}"
    );
}
