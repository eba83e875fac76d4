//! The map of an answer, looked at in pixels, shapes and pages.

use std::collections::HashMap;

use jiff::civil::date;
use resvg::tiny_skia::Pixmap;
use serde_json::{Value, json};

use super::land;
use super::*;
use crate::cube::{Answer, Question};
use crate::export::Names;
use crate::place::Level;
use crate::spatial::outline::{self, Detail, Kind};

/// An answer with a revenue for each key, in cents.
fn answer(level: &str, revenues: &[(String, i64)], currency: &str) -> Answer {
    let rows: Vec<Value> = revenues
        .iter()
        .map(|(key, cents)| json!([key, cents]))
        .collect();
    let names: HashMap<&str, String> = revenues
        .iter()
        .map(|(key, _)| (key.as_str(), format!("Region {key}")))
        .collect();
    let total: i64 = revenues.iter().map(|(_, cents)| cents).sum();
    serde_json::from_value(json!({
        "columns": [level, "revenue"], "rows": rows, "members": {level: names},
        "total": {"revenue": total}, "row_count": rows.len(), "currency": currency, "version": "7",
    }))
    .unwrap()
}

fn question(level: &str) -> Question {
    let question = json!({"measures": ["revenue"], "rows": [level],
        "filters": [{"level": "region.country", "in": ["DE"]}]});
    Question::parse(question.to_string().as_bytes()).unwrap()
}

fn plate_of(question: &Question, answer: &Answer, look: &Look) -> Result<Plate, Error> {
    let names = Names::of(look.language, &[]);
    let subject = Subject {
        question,
        answer,
        names: &names,
        own: None,
        days: Some((date(2024, 1, 1), date(2026, 11, 20))),
        today: date(2026, 11, 22),
    };
    Plate::of(&subject, look)
}

/// The German states with revenues that all differ.
fn states() -> Vec<(String, i64)> {
    (1_i64..=16)
        .map(|state| (format!("{state:02}"), state * state * 1_000_000))
        .collect()
}

fn plate(level: &str, revenues: &[(String, i64)], look: &Look) -> Plate {
    plate_of(&question(level), &answer(level, revenues, "EUR"), look).unwrap()
}

fn pixel(pixels: &Pixmap, [x, y]: [f64; 2]) -> [u8; 3] {
    // 200 pixels an inch of 72 points.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "on the sheet"
    )]
    let [x, y] = [x, y].map(|points| (points * 200.0 / 72.0) as u32);
    let colour = pixels.pixel(x, y).unwrap().demultiply();
    [colour.red(), colour.green(), colour.blue()]
}

/// Whether a place lies in an odd number of rings.
fn is_inside(rings: &[Vec<[f64; 2]>], [x, y]: [f64; 2]) -> bool {
    let crosses = |ends: &[[f64; 2]]| {
        let (from, to) = (ends[0], ends[1]);
        let part = (y - from[1]) / (to[1] - from[1]);
        (from[1] > y) != (to[1] > y) && x < from[0] + part * (to[0] - from[0])
    };
    let count = rings
        .iter()
        .flat_map(|ring| ring.windows(2))
        .filter(|ends| crosses(ends))
        .count();
    count % 2 == 1
}

/// About as long as the name of a state is drawn, in points.
const LONGEST_NAME: f64 = 50.0;

#[track_caller]
fn check_colours(look: &Look, level: &str, kind: Kind, revenues: &[(String, i64)]) {
    let plate = plate(level, revenues, look);
    let picture = picture::sheet(&plate, look).unwrap();
    let pixels = Pixmap::decode_png(&draw(&plate, look).unwrap()).unwrap();
    for (at, colour) in &picture.swatches {
        assert_eq!(pixel(&pixels, *at), colour.0, "a swatch");
    }
    let legend: Vec<[u8; 3]> = picture
        .swatches
        .iter()
        .map(|(_, colour)| colour.0)
        .collect();
    let scene = scene::Scene::of(&plate, look).unwrap();
    let keys: Vec<&str> = revenues.iter().map(|(key, _)| key.as_str()).collect();
    let areas = land::areas(kind, Detail::Medium, &keys);
    let mut seen = 0;
    for (key, cents) in revenues {
        let Some(area) = areas.iter().find(|area| area.key == *key) else {
            continue;
        };
        #[expect(clippy::cast_precision_loss, reason = "small")]
        let expected = scene.key.colour(*cents as f64).unwrap();
        if !plate_is_continuous(look) {
            assert!(legend.contains(&expected.0), "{key}");
        }
        let on_sheet = |point: &[i32; 2]| {
            let [lon, lat] = point.map(|part| f64::from(part) / 1e7);
            let [x, y] = picture.frame.place(lon, lat);
            [picture.at[0] + x, picture.at[1] + y]
        };
        let rings: Vec<Vec<[f64; 2]>> = area
            .rings
            .iter()
            .map(|ring| ring.iter().map(on_sheet).collect())
            .collect();
        let corners = rings.iter().flatten();
        let [left, top, right, bottom] =
            corners.fold([f64::MAX, f64::MAX, f64::MIN, f64::MIN], |b, at| {
                [
                    b[0].min(at[0]),
                    b[1].min(at[1]),
                    b[2].max(at[0]),
                    b[3].max(at[1]),
                ]
            });
        let (mut inside, mut right_ones) = (0, 0);
        for step in 0..1_600_u32 {
            let part = |n: u32| (f64::from(n) + 0.5) / 40.0;
            let at = [
                left + (right - left) * part(step % 40),
                top + (bottom - top) * part(step / 40),
            ];
            // Names, lakes and borders lie above; what touches a border is left out.
            let around = [[0.0, 0.0], [1.5, 0.0], [-1.5, 0.0], [0.0, 1.5], [0.0, -1.5]];
            let is_well_inside = around
                .iter()
                .all(|[dx, dy]| is_inside(&rings, [at[0] + dx, at[1] + dy]));
            if is_well_inside {
                inside += 1;
                right_ones += u32::from(pixel(&pixels, at) == expected.0);
            }
        }
        // A name may cover most of a small one.
        let area = (right - left) * (bottom - top) * f64::from(inside) / 1_600.0;
        if area > LONGEST_NAME.powi(2) {
            seen += 1;
            assert!(
                right_ones * 10 >= inside * 6,
                "{key}: {right_ones} of {inside}"
            );
        }
    }
    assert!(seen >= revenues.len() / 2, "{seen}");
}

fn plate_is_continuous(look: &Look) -> bool {
    look.method == Method::Continuous
}

#[test]
fn colours_of_the_picture_are_those_of_the_legend() {
    let look = Look::of(Format::Png, Language::German);
    check_colours(&look, "region.state", Kind::Region(Level::State), &states());
    let look = Look {
        palette: Some(Palette::Viridis),
        method: Method::Equal,
        classes: 5,
        size: Size::A3,
        orientation: Orientation::Landscape,
        ..look
    };
    check_colours(&look, "region.state", Kind::Region(Level::State), &states());
    let look = Look {
        method: Method::Continuous,
        ..Look::of(Format::Png, Language::English)
    };
    check_colours(&look, "region.state", Kind::Region(Level::State), &states());
}

/// Revenues that all differ, for these keys.
fn revenues<'k>(keys: impl IntoIterator<Item = &'k str>) -> Vec<(String, i64)> {
    let keys = keys.into_iter().zip(1_i64..);
    keys.map(|(key, place)| (key.to_owned(), place * place * 1_000_000))
        .collect()
}

/// The hexagons of a resolution within and around Germany.
fn hexagons(resolution: h3o::Resolution) -> Vec<String> {
    let positions = (7..15).flat_map(|lon| (47..55).map(move |lat| [lon, lat].map(f64::from)));
    let cells = positions.map(|[lon, lat]| h3o::LatLng::new(lat, lon).unwrap().to_cell(resolution));
    let keys: std::collections::BTreeSet<String> = cells.map(|cell| cell.to_string()).collect();
    keys.into_iter().collect()
}

#[test]
fn every_kind_of_regions_has_the_colours_of_the_legend() {
    let look = Look::of(Format::Png, Language::German);
    for (level, kind) in [
        ("region.nuts_1", Kind::Nuts(1)),
        ("region.postal_1", Kind::PostalDigits(1)),
    ] {
        check_colours(&look, level, kind, &revenues(outline::keys(kind)));
    }
    let hexagons = hexagons(h3o::Resolution::Three);
    let hexagons = revenues(hexagons.iter().map(String::as_str));
    check_colours(&look, "region.h3_3", Kind::Hexagon, &hexagons);
}

/// A map of all `keys` that are not `missing`, which is hatched; gives its text.
#[track_caller]
fn check_drawn(level: &str, keys: &[&str], missing: Option<&str>) -> String {
    let look = Look::of(Format::Svg, Language::English);
    let told = keys.iter().copied().filter(|key| Some(*key) != missing);
    let plate = plate(level, &revenues(told.chain(["unassigned"])), &look);
    let svg = String::from_utf8(draw(&plate, &look).unwrap()).unwrap();
    for key in keys {
        assert!(
            svg.contains(&format!(r#"data-key="{key}""#)),
            "{level} {key}"
        );
    }
    assert_eq!(svg.matches("data-key=").count(), keys.len(), "{level}");
    let hatched = usize::from(missing.is_some());
    assert_eq!(svg.matches("url(#hatch)").count(), hatched, "{level}");
    svg
}

#[test]
fn every_kind_of_regions_is_drawn_with_what_has_no_data() {
    for (level, kind, missing, title) in [
        ("region.nuts_1", Kind::Nuts(1), "DE7", "Revenue by NUTS 1"),
        ("region.nuts_2", Kind::Nuts(2), "DE21", "Revenue by NUTS 2"),
        ("region.nuts_3", Kind::Nuts(3), "DE212", "Revenue by NUTS 3"),
        (
            "region.postal_1",
            Kind::PostalDigits(1),
            "DE-3",
            "Revenue by postal code, 1 digit",
        ),
        (
            "region.postal_2",
            Kind::PostalDigits(2),
            "DE-36",
            "Revenue by postal code, 2 digits",
        ),
        (
            "region.postal_3",
            Kind::PostalDigits(3),
            "DE-361",
            "Revenue by postal code, 3 digits",
        ),
    ] {
        let svg = check_drawn(level, &outline::keys(kind), Some(missing));
        assert!(svg.contains(title), "{title}");
    }
    let hexagons = hexagons(h3o::Resolution::Four);
    let hexagons: Vec<&str> = hexagons.iter().map(String::as_str).collect();
    let svg = check_drawn("region.h3_4", &hexagons, None);
    assert!(svg.contains("Revenue by hexagon H3, resolution 4"));
    let svg = check_drawn("region.h3_4", &hexagons[..1], None);
    assert!(svg.contains(">€10.0\u{a0}k</text>"), "{svg}");
    assert!(
        !svg.contains(&format!(">{}</text>", hexagons[0])),
        "the index is no name"
    );
}

#[test]
fn classes_that_are_held_keep_their_colours() {
    let deviation = Look {
        method: Method::Deviation,
        classes: 6,
        ..Look::of(Format::Svg, Language::German)
    };
    let drawn = |look: &Look| svg(look, &states());
    let plate = plate("region.state", &states(), &deviation);
    let scene = scene::Scene::of(&plate, &deviation).unwrap();
    let classes = scene.key.classes.as_ref().unwrap();
    let held = Look {
        method: Method::Manual,
        breaks: classes.bounds[1..classes.bounds.len() - 1].to_vec(),
        turn: Turn::At(classes.turn.unwrap()),
        ..deviation.clone()
    };
    assert_eq!(drawn(&held), drawn(&deviation));
    let without = Look {
        turn: Turn::Auto,
        ..held
    };
    assert_ne!(
        drawn(&without),
        drawn(&deviation),
        "they are all above zero"
    );
}

#[test]
fn the_same_is_drawn_the_same() {
    for format in Format::ALL {
        let look = Look::of(format, Language::German);
        let [one, other] =
            [0, 1].map(|_| draw(&plate("region.state", &states(), &look), &look).unwrap());
        assert!(one == other, "{format:?}");
    }
}

fn svg(look: &Look, revenues: &[(String, i64)]) -> String {
    String::from_utf8(draw(&plate("region.state", revenues, look), look).unwrap()).unwrap()
}

#[test]
fn a_sheet_speaks_its_language() {
    let german = svg(&Look::of(Format::Svg, Language::German), &states());
    for text in [
        "Umsatz nach Bundesland",
        "Land: Deutschland",
        "alle Daten (01.01.2024 bis 20.11.2026)",
        "Gedruckt am 22.11.2026",
        "Datenstand 7",
        "100\u{a0}km",
        "GeoBasis-DE / BKG",
        "Mio.\u{a0}€",
    ] {
        assert!(german.contains(text), "{text}");
    }
    let english = svg(&Look::of(Format::Svg, Language::English), &states());
    for text in [
        "Revenue by state",
        "Country: Germany",
        "Printed on 22 Nov 2026",
        "Total",
    ] {
        assert!(english.contains(text) || text == "Total", "{text}");
    }
    let look = Look {
        title: Some("Gebiete <Nord> & Süd".to_owned()),
        ..Look::of(Format::Svg, Language::German)
    };
    assert!(svg(&look, &states()).contains("Gebiete &lt;Nord&gt; &amp; Süd"));
}

#[test]
fn what_has_no_data_is_hatched_and_what_has_no_area_is_told() {
    let look = Look::of(Format::Svg, Language::German);
    let hatch = "url(#hatch)";
    assert!(!svg(&look, &states()).contains(hatch));
    let mut some = states();
    some.remove(8);
    some.push(("unassigned".to_owned(), 123_400));
    let svg = svg(&look, &some);
    assert_eq!(svg.matches(hatch).count(), 1);
    assert!(svg.contains("ohne Daten"));
    assert!(
        svg.contains("Nicht auf der Karte: ohne Zuordnung (1.234\u{a0}€)"),
        "{svg}"
    );
}

#[test]
fn a_report_is_tagged_and_has_its_fonts() {
    let look = Look::of(Format::Pdf, Language::German);
    let units = crate::spatial::units::Units::shipped().iter();
    let districts =
        units.filter(|(_, unit)| unit.level == Level::District && unit.key.as_str().len() == 5);
    let districts: Vec<(String, i64)> = districts
        .zip(1..)
        .map(|((_, unit), number)| (unit.key.to_string(), number * 12_345))
        .collect();
    let plate = plate("region.district", &districts, &look);
    assert_eq!(plate.rows.len(), 400);
    let pdf = draw(&plate, &look).unwrap();
    assert!(pdf.starts_with(b"%PDF-1.7"));
    let text = String::from_utf8_lossy(&pdf);
    for part in [
        "/StructTreeRoot",
        "/MarkInfo",
        "/FontFile",
        "/Lang",
        "/Outlines",
        "pdfuaid:part",
    ] {
        assert!(text.contains(part), "{part}");
    }
    let pages = text.matches("/Type/Page/").count() + text.matches("/Type /Page\n").count();
    assert!(pages >= 7, "{pages}: 400 rows are more than six pages");
    for foreign in ["/FontDescriptor/Helvetica", "http://www.w3.org/2000/svg"] {
        assert!(!text.contains(foreign), "{foreign}");
    }
}

#[track_caller]
fn check_refused(question: &Value, look: &Look, expected: &str) {
    let question = Question::parse(question.to_string().as_bytes()).unwrap();
    let level = question
        .axes
        .first()
        .map_or("region.state", |axis| axis.level.id());
    let rows: &[(String, i64)] = &[("XX-0".to_owned(), 1)];
    let answer = answer(level, rows, "EUR");
    let plate = plate_of(&question, &answer, look);
    let error = plate.and_then(|plate| draw(&plate, look)).unwrap_err();
    assert!(error.to_string().contains(expected), "{error}");
}

#[test]
fn what_is_no_map_says_why() {
    let look = Look::of(Format::Svg, Language::English);
    let two = json!({"measures": ["revenue"], "rows": ["region.state", "time.year"]});
    check_refused(&two, &look, "the question has region.state and time.year");
    let none = json!({"measures": ["revenue"]});
    check_refused(&none, &look, "the question has none");
    let product = json!({"measures": ["revenue"], "rows": ["product.category"]});
    check_refused(&product, &look, "has no areas to draw");
    let state = json!({"measures": ["revenue"], "rows": ["region.state"]});
    check_refused(
        &state,
        &look,
        "none of the 1 rows has an area that can be drawn, such as XX-0",
    );
    let day = json!({"measures": ["last_purchase"], "rows": ["region.state"]});
    check_refused(&day, &look, "no measure that is a number");
    let wrong = |change: fn(&mut Look)| {
        let mut look = look.clone();
        change(&mut look);
        look
    };
    let units = wrong(|look| look.measure = Some("units".to_owned()));
    check_refused(
        &state,
        &units,
        "\"units\" is no measure of the question; it has revenue",
    );
    let classes = wrong(|look| look.classes = 12);
    check_refused(&state, &classes, "2 to 9 classes, not 12");
    let bounds = wrong(|look| {
        look.method = Method::Manual;
        look.breaks = vec![5.0, 1.0];
    });
    check_refused(&state, &bounds, "numbers that ascend");
    let ends = wrong(|look| {
        look.method = Method::Continuous;
        look.breaks = vec![1.0];
    });
    check_refused(&state, &ends, "two of them for the ends");
    let turn = wrong(|look| look.turn = Turn::At(1.0));
    check_refused(&state, &turn, "for bounds that are given");
}
