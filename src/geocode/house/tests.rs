//! A village of two streets, a street without houses, and its neighbour.

use std::path::PathBuf;

use super::*;
use crate::import::addresses::{AddressPoint, Find, PlaceKind, PlacePoint, StreetPart};
use crate::place::RegionKey;

/// Houses stand 0.0002° (some 22 m) apart, even numbers north of the odd ones.
fn village() -> Vec<Find> {
    let mut finds = Vec::new();
    let mut house = |street: &str, number: &str, code: &str, place: &str, x: f64, y: f64| {
        finds.push(Find::Address(AddressPoint {
            street: street.to_owned(),
            house_number: number.to_owned(),
            postal_code: code.to_owned(),
            place: place.to_owned(),
            country: String::new(),
            position: at(x, y),
        }));
    };
    for number in [1, 3, 5, 9, 11] {
        house(
            "Hauptstraße",
            &number.to_string(),
            "12345",
            "Testingen",
            f64::from(number),
            0.0,
        );
    }
    for number in [2, 4, 6] {
        house(
            "Hauptstraße",
            &number.to_string(),
            "12345",
            "Testingen",
            f64::from(number),
            1.0,
        );
    }
    house("Hauptstraße", "12 a", "12345", "Testingen", 12.0, 1.0);
    house("Hauptstraße", "14-18", "12345", "Testingen", 16.0, 1.0);
    house("Hauptstraße", "20;22", "12345", "Testingen", 21.0, 1.0);
    house("Mühlgasse", "1", "", "", 5.0, 10.0);
    house("Mühlgasse", "2", "12345", "Testingen", 6.0, 10.0);
    house("Hauptstraße", "1", "12346", "Probstadt", 500.0, 0.0);
    house("Weg 7", "1", "12346", "Probstadt", 500.0, 5.0);
    house("Weg 8", "2", "12346", "Probstadt", 500.0, 9.0);
    house("Bachweg", "1", "12346", "Probstadt", 500.0, 20.0);
    house("Dachweg", "1", "12346", "Probstadt", 500.0, 40.0);
    finds.push(Find::Street(StreetPart {
        street: "Am Anger".to_owned(),
        line: vec![at(0.0, 20.0), at(5.0, 20.0), at(10.0, 20.0)],
    }));
    finds.push(Find::Place(PlacePoint {
        name: "Kleintestingen".to_owned(),
        postal_code: String::new(),
        kind: PlaceKind::Hamlet,
        population: Some(12),
        position: at(30.0, 30.0),
    }));
    finds
}

fn at(x: f64, y: f64) -> LonLat {
    LonLat::parse(11.0 + x * 1e-4, 50.0 + y * 1e-4).unwrap()
}

fn written(finds: Vec<Find>) -> (tempfile::TempDir, PathBuf, Built) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("1.houses");
    let mut builder = Builder::default();
    builder.extend(finds);
    let germany = |_| Some(RegionKey::new("DE"));
    let built = builder.finish(&path, &germany).unwrap();
    (folder, path, built)
}

fn houses() -> Houses {
    let (_folder, path, _) = written(village());
    Houses::open([path]).unwrap()
}

fn query(text: &str) -> HouseQuery<'_> {
    let parts: Vec<&str> = text.split('|').collect();
    HouseQuery {
        country: "DE",
        street: parts[0],
        house_number: parts[1],
        is_known: false,
        postal_code: parts[2],
        place: parts[3],
    }
}

/// `expected` is precision, house number and reason of the best answer.
#[track_caller]
fn check(text: &str, expected: &str) {
    let answer = houses().find(&query(text));
    let best = answer.best.as_ref().map_or("nothing".to_owned(), |best| {
        format!(
            "{} {} {}",
            best.precision.name(),
            best.street,
            best.house_number
        )
    });
    let code = answer.reason.map_or(String::new(), |reason| reason.code);
    let found = [best.trim(), &code].join(", ");
    assert_eq!(found.trim_end_matches(", "), expected, "{text}");
}

#[test]
fn houses_are_found_in_every_spelling() {
    check("Hauptstraße|3|12345|Testingen", "house Hauptstraße 3");
    check("HAUPTSTR.|3|D-12345|testingen", "house Hauptstraße 3");
    check("Haupt-Strasse|12A|12345|", "house Hauptstraße 12a");
    check("Muehlgasse|2||Testingen", "house Mühlgasse 2");
    check("Mühlgasse|1|12345|Testingen", "house Mühlgasse 1");
}

#[test]
fn lists_and_ranges_are_houses() {
    check("Hauptstraße|22|12345|Testingen", "house Hauptstraße 22");
    check("Hauptstraße|16|12345|Testingen", "house Hauptstraße 14-18");
    check("Hauptstraße|3-5|12345|Testingen", "house Hauptstraße 3");
}

#[test]
fn an_unknown_number_is_no_house() {
    check(
        "Hauptstraße|7|12345|Testingen",
        "street Hauptstraße, house_number_interpolated",
    );
    check(
        "Hauptstraße|3b|12345|Testingen",
        "street Hauptstraße, house_number_interpolated",
    );
    check(
        "Hauptstraße|99|12345|Testingen",
        "street Hauptstraße, house_number_unknown",
    );
    check(
        "Hauptstraße|3/2|12345|Testingen",
        "street Hauptstraße, house_number_interpolated",
    );
    check(
        "Am Anger|1|12345|Testingen",
        "street Am Anger, house_number_unknown",
    );
    check("Am Anger||12345|Testingen", "street Am Anger");
}

#[test]
fn a_number_between_neighbours_is_between_them() {
    let answer = houses()
        .find(&query("Hauptstraße|7|12345|Testingen"))
        .best
        .unwrap();
    assert!(answer.interpolated);
    assert!(answer.position.distance_m(at(7.0, 0.0)) < 1.0);
}

#[test]
fn typing_errors_are_forgiven() {
    check(
        "Haupstraße|3|12345|Testingen",
        "house Hauptstraße 3, street_spelling",
    );
    check(
        "Mülhgasse|2|12345|Testingen",
        "house Mühlgasse 2, street_spelling",
    );
    check(
        "Hauptstraße|3|12354|Testingen",
        "house Hauptstraße 3, street_elsewhere",
    );
    check(
        "Hauptstraße|3|12345|Tetsingen",
        "house Hauptstraße 3, street_elsewhere",
    );
    check("Mühlgasse|2|54321|Testigen", "nothing");
}

#[test]
fn another_street_is_not_taken() {
    check("Bahnhofstraße|3|12345|Testingen", "nothing");
    check("Weg 9|1|12346|Probstadt", "nothing");
    check("Mühlgasse|2|99999|Anderswo", "nothing");
    check("|3|12345|", "nothing");
    check(" - |3|12345|Testingen", "nothing");
}

#[test]
fn what_fits_as_well_is_left_to_people() {
    check("Wachweg|1|12346|Probstadt", "nothing, ambiguous_street");
    let answer = houses().find(&query("Wachweg|1|12346|Probstadt"));
    let streets: Vec<&str> = answer
        .candidates
        .iter()
        .map(|one| one.street.as_str())
        .collect();
    assert_eq!(streets, ["Bachweg", "Dachweg"]);
    check("Hauptstraße|1||", "nothing, ambiguous_street");
}

#[test]
fn the_nearest_house_and_the_places_are_known() {
    let houses = houses();
    let (nearest, distance_m) = houses.nearest(at(3.2, 0.1), 100.0).unwrap();
    assert_eq!(nearest.label(), "Hauptstraße 3, 12345 Testingen");
    assert!(distance_m < 3.0);
    assert_eq!(houses.nearest(at(9_000.0, 0.0), 100.0), None);
    let place = houses.files()[0]
        .places_named("KLEINTESTINGEN")
        .next()
        .unwrap();
    assert_eq!(
        (place.population, place.kind),
        (Some(12), PlaceKind::Hamlet)
    );
}

#[test]
fn a_damaged_file_is_refused() {
    let (_folder, path, built) = written(village());
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(bytes.len() as u64, built.size_bytes);
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        std::fs::write(&path, &damaged).unwrap();
        assert!(HouseFile::open(&path).is_err(), "byte {at}");
        std::fs::write(&path, &bytes[..at]).unwrap();
        assert!(HouseFile::open(&path).is_err(), "{at} bytes");
    }
}

#[test]
fn an_empty_import_is_a_file() {
    let (_folder, path, built) = written(Vec::new());
    assert_eq!(built.houses, 0);
    let houses = Houses::open([path]).unwrap();
    assert_eq!(houses.find(&query("A|1|1|B")), HouseAnswer::default());
}

#[test]
fn the_same_finds_make_the_same_file() {
    let (_one, one, _) = written(village());
    let (_two, two, _) = written(village());
    assert_eq!(std::fs::read(one).unwrap(), std::fs::read(two).unwrap());
}
