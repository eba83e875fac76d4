//! Own measures, through the app: kept, asked for, refused.

use revier::app::Error;
use revier::cube::MeasureError;
use revier::record::measure::{MeasureDefinition, MeasureFormat};
use serde_json::json;

use crate::world::{World, open, text};

fn measure(name: &str, formula: &str) -> MeasureDefinition {
    MeasureDefinition {
        name: name.to_owned(),
        formula: formula.to_owned(),
        label_de: String::new(),
        label_en: String::new(),
        format: None,
        decimals: None,
    }
}

#[track_caller]
fn says<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result.unwrap_err() {
        Error::Measure(error) => error.to_string(),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn own_measures_are_asked_for_as_others_are() {
    let world = World::counted().await;
    let app = &world.app;
    for (name, formula) in [
        ("price", "revenue / units"),
        ("margin_share", "margin / revenue"),
        ("twice", "2 * price"),
        ("gap", "revenue - 1.1 * revenue.previous_year"),
        ("a_day", "if(orders > 1, revenue / orders, revenue)"),
    ] {
        let mut measure = measure(name, formula);
        if name == "margin_share" {
            measure.format = Some(MeasureFormat::Percent);
        }
        app.add_measure(measure).await.unwrap();
    }
    let question = json!({"measures": ["revenue", "units", "price", "twice", "margin", "margin_share",
                                       "price.share_of_total", "price.rank"],
                          "rows": ["product.category"], "subtotals": true,
                          "sort": [{"by": "price", "descending": true}],
                          "having": [{"measure": "price", "from": 0}]});
    let answer = world.ask(question.clone()).await;
    assert!(!answer.rows.is_empty());
    for row in &answer.rows {
        let row = serde_json::to_value(row).unwrap();
        let (revenue, units) = (row[1].as_f64().unwrap(), row[2].as_f64().unwrap());
        let is_near = |found: &serde_json::Value, expected: f64| {
            (found.as_f64().unwrap() - expected.round()).abs() < 0.5
        };
        assert!(is_near(&row[3], revenue / units), "{row}");
        assert!(is_near(&row[4], 2.0 * revenue / units), "{row}");
        let share = row[5].as_f64().map(|margin| margin / revenue);
        assert_eq!(row[6].as_f64(), share);
    }
    let mut from_lines = question;
    from_lines["rollups"] = json!(false);
    assert_eq!(world.ask(from_lines).await, answer);

    let by_year = json!({"measures": ["revenue", "revenue.previous_year", "gap"],
                         "rows": ["time.year"]});
    for row in world.ask(by_year).await.rows {
        let row = serde_json::to_value(row).unwrap();
        let gap = row[2]
            .as_f64()
            .map(|before| (row[1].as_f64().unwrap() - 1.1 * before).round());
        assert_eq!(row[3].as_f64(), gap, "{row}");
    }
    let best = json!({"measures": ["a_day"], "rows": ["account.account"],
                      "filters": [{"level": "account.account", "top": 2, "by": "a_day"}],
                      "sort": [{"by": "a_day", "descending": true}]});
    assert_eq!(text(&world.ask(best).await).len(), 2);
}

#[tokio::test]
async fn wrong_measures_are_refused_with_the_reason() {
    let world = World::counted().await;
    let app = &world.app;
    let refused =
        async |name: &str, formula: &str| says(app.add_measure(measure(name, formula)).await);
    assert_eq!(
        refused("a", "revenue / custmers").await,
        "sign 11 of the formula: \"custmers\" is no measure; did you mean \"customers\"?"
    );
    assert_eq!(
        refused("a", "revenue - customers").await,
        "sign 11 of the formula: money and a count can't be taken from each other"
    );
    assert_eq!(
        refused("a", "revenue.previous_yaer").await,
        "sign 9 of the formula: \"previous_yaer\" is no other time; did you mean \"previous_year\"?"
    );
    assert_eq!(
        refused("a", "a + revenue").await,
        "sign 1 of the formula: a → a leads back to itself"
    );
    assert_eq!(
        refused("a", "first_purchase").await,
        "sign 1 of the formula: first_purchase is a day, a formula has numbers"
    );
    assert_eq!(
        refused("a", "orders / revenue").await,
        "sign 10 of the formula: a count can't be divided by money: turn it around"
    );
    assert_eq!(
        refused("a", "1 + 1").await,
        "sign 1 of the formula: a formula needs at least one measure, such as revenue"
    );
    assert_eq!(
        refused("revenue", "cost").await,
        "there is a measure \"revenue\" already"
    );
    assert!(
        refused("Preis", "cost")
            .await
            .starts_with("the name of a measure is")
    );
    let mut percent = measure("a", "2 * revenue");
    percent.format = Some(MeasureFormat::Percent);
    assert_eq!(
        says(app.add_measure(percent).await),
        "the formula gives money, which has a format and decimals of its own: leave them out"
    );
    assert_eq!(
        app.ask(br#"{"measures": ["a"]}"#)
            .await
            .unwrap_err()
            .to_string(),
        "\"a\" is no measure; known are revenue, cost, margin, margin_percent, units, orders, lines, \
         customers, new_customers, lost_customers, won_back_customers, average_order, \
         revenue_per_customer, revenue_per_inhabitant, revenue_per_km2, penetration, \
         first_purchase, last_purchase"
    );
}

#[tokio::test]
async fn measures_that_others_use_stay_right() {
    let world = World::counted().await;
    let app = &world.app;
    app.add_measure(measure("base", "revenue - cost"))
        .await
        .unwrap();
    app.add_measure(measure("upper", "base / orders + revenue / orders"))
        .await
        .unwrap();
    assert_eq!(
        says(app.remove_measure("base").await),
        "base is used by upper: change or remove that first"
    );
    assert_eq!(
        says(app.change_measure(measure("base", "upper")).await),
        "sign 1 of the formula: base → upper → base leads back to itself"
    );
    assert_eq!(
        says(app.change_measure(measure("base", "orders")).await),
        "upper uses it and would be wrong: sign 17 of the formula: a plain number and money can't \
         be added up"
    );
    assert_eq!(
        says(app.remove_measure("nothing").await),
        "there is no own measure \"nothing\""
    );
    app.remove_measure("upper").await.unwrap();
    app.remove_measure("base").await.unwrap();
    assert_eq!(app.measures().iter().count(), 0);
    // Doubling of a doubling, and so on: an answer would never come.
    app.add_measure(measure("d0", "revenue + revenue"))
        .await
        .unwrap();
    let mut last = Ok(measure("d0", ""));
    for step in 1..40 {
        let formula = format!("d{} + d{}", step - 1, step - 1);
        last = app
            .add_measure(measure(&format!("d{step}"), &formula))
            .await;
        if last.is_err() {
            break;
        }
    }
    assert!(matches!(
        last.unwrap_err(),
        Error::Measure(MeasureError::Formula(_))
    ));
}

#[tokio::test]
async fn measures_are_there_when_the_home_is_opened_again() {
    let world = World::counted().await;
    let price = MeasureDefinition {
        label_de: "Preis".to_owned(),
        ..measure("price", " revenue / units ")
    };
    let kept = world.app.add_measure(price).await.unwrap();
    assert_eq!(kept.formula, "revenue / units");
    let checked = world.app.check_measure(kept.clone()).await.unwrap();
    assert!(checked.preview.is_some());
    let question = json!({"measures": ["price"], "rows": ["region.country"]});
    let before = world.ask(question.clone()).await;
    world.app.close().await;
    let World { app, folder } = world;
    drop(app);
    let app = open(folder.path()).await;
    assert_eq!(app.measures().get("price").unwrap().definition(), &kept);
    let after = app.ask(question.to_string().as_bytes()).await.unwrap();
    assert_eq!(after, before);
}
