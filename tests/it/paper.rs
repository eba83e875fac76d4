//! Printed maps of the company of `tests/world`.

use jiff::civil::date;
use revier::app::Error;
use revier::export::Language;
use revier::import::Kind;
use revier::paper::{Format, Look};
use serde_json::{Value, json};

use crate::world::World;

async fn print(world: &World, question: &Value, look: Look) -> Result<Vec<u8>, Error> {
    let question = question.to_string();
    let today = date(2026, 11, 22);
    let paper = world.app.print(question.as_bytes(), look, today).await?;
    let ending = paper.name.rsplit_once('.').unwrap().1;
    assert!(["png", "svg", "pdf"].contains(&ending), "{}", paper.name);
    Ok(paper.bytes)
}

#[tokio::test]
async fn the_figures_of_a_map_are_those_of_the_cube() {
    let world = World::counted().await;
    let question = json!({
        "measures": ["revenue", "customers"], "rows": ["region.state"],
        "filters": [{"level": "region.country", "in": ["DE"]}],
    });
    let look = Look::of(Format::Svg, Language::English);
    let svg = String::from_utf8(print(&world, &question, look).await.unwrap()).unwrap();
    // The README of the world has these.
    assert!(svg.contains("Bayern: €385"), "{svg}");
    assert!(svg.contains("Hamburg: €20"), "{svg}");
    assert!(svg.contains("Revenue by state"), "{svg}");
    let look = Look {
        measure: Some("customers".to_owned()),
        ..Look::of(Format::Svg, Language::German)
    };
    let svg = String::from_utf8(print(&world, &question, look).await.unwrap()).unwrap();
    assert!(svg.contains("Kunden nach Bundesland"), "{svg}");
    assert!(svg.contains("Bayern: 3"), "{svg}");
    for (format, begin) in [
        (Format::Png, b"\x89PNG".as_slice()),
        (Format::Pdf, b"%PDF-1.7"),
    ] {
        let look = Look::of(format, Language::German);
        assert!(
            print(&world, &question, look)
                .await
                .unwrap()
                .starts_with(begin)
        );
    }
}

#[tokio::test]
async fn own_regions_are_drawn_as_they_were_imported() {
    let world = World::counted().await;
    let square = |key: &str, west: f64| {
        let ring = json!([[
            [west, 47.0],
            [west + 4.0, 47.0],
            [west + 4.0, 55.0],
            [west, 55.0],
            [west, 47.0]
        ]]);
        json!({"type": "Feature", "properties": {"key": key, "name": key},
            "geometry": {"type": "Polygon", "coordinates": ring}})
    };
    let file = json!({"type": "FeatureCollection",
        "features": [square("West", 6.0), square("Ost", 10.0)]});
    let path = world.write("gebiete.geojson", file.to_string());
    world.import(Kind::Regions, &path).await;
    let question = json!({"measures": ["revenue"], "rows": ["own.1"]});
    let look = Look::of(Format::Svg, Language::German);
    let svg = String::from_utf8(print(&world, &question, look).await.unwrap()).unwrap();
    assert!(svg.contains("Umsatz nach gebiete"), "{svg}");
    assert!(svg.contains(r#"data-key="Ost""#), "{svg}");
}

#[tokio::test]
async fn regions_of_every_kind_are_drawn() {
    let world = World::counted().await;
    // The figures are those of `every_hierarchy_has_its_levels` in cube.rs.
    for (level, key, figure) in [
        ("region.nuts_1", "DE2", ": €385"),
        ("region.nuts_2", "DE60", ": €20"),
        ("region.nuts_3", "DE300", ": €25"),
        ("region.postal_1", "DE-8", ": €335"),
        ("region.postal_2", "DE-20", ": €20"),
        ("region.h3_4", "84", ": €"),
    ] {
        let question = json!({"measures": ["revenue"], "rows": [level]});
        let look = Look::of(Format::Svg, Language::English);
        let svg = String::from_utf8(print(&world, &question, look).await.unwrap()).unwrap();
        assert!(svg.contains(&format!("data-key=\"{key}")), "{level} {svg}");
        assert!(svg.contains(figure), "{level} {svg}");
    }
}

#[tokio::test]
async fn what_cannot_be_printed_says_why() {
    let world = World::counted().await;
    let question = json!({"measures": ["revenue"], "rows": ["region.state", "time.year"]});
    let look = Look::of(Format::Pdf, Language::English);
    let error = print(&world, &question, look).await.unwrap_err();
    assert!(
        error.to_string().contains("one level of regions"),
        "{error}"
    );
    let question = json!({"measures": ["revenue"], "rows": ["account.industry"]});
    let look = Look::of(Format::Pdf, Language::English);
    let error = print(&world, &question, look).await.unwrap_err();
    assert!(error.to_string().contains("no areas to draw"), "{error}");
}
