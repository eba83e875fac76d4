//! The rules of the geocoder on a tiny world.

use super::*;

fn address(text: &str) -> Address {
    let mut parts = text.split('|').map(|part| part.trim().to_owned());
    let mut next = || parts.next().unwrap_or_default();
    Address {
        country: next(),
        postal_code: next(),
        place: next(),
        state: next(),
        street: String::new(),
    }
}

fn located(text: &str, given: Option<[f64; 2]>) -> Located {
    let gazetteer = Gazetteer::new(country::tests::tiny());
    let given = given.map(|at| LonLat::try_from(at).unwrap());
    gazetteer.locate_all(&[(address(text), given)]).remove(0)
}

fn in_short(located: &Located) -> String {
    let position = located
        .position
        .map_or("-".to_owned(), |at| format!("{},{}", at.lon(), at.lat()));
    let reason = located.reason.as_ref().map_or("", |reason| &reason.code);
    let key = |key: &Option<RegionKey>| key.as_ref().map_or("-".to_owned(), RegionKey::to_string);
    let (country, postal) = (key(&located.country), key(&located.postal));
    format!(
        "{position} {} {country} {postal} {reason}",
        located.precision.name()
    )
}

/// `address` is `country|postal code|place|state`; what is expected is
/// `lon,lat precision country postal-code reason`.
#[track_caller]
fn check(address: &str, expected: &str) {
    assert_eq!(in_short(&located(address, None)).trim_end(), expected);
}

#[test]
fn codes_with_their_places_are_positions() {
    check("DE|01100|Musterstadt", "10.01,50.01 postal DE DE-01100");
    check(
        "Deutschland|D-01100|MUSTERSTADT",
        "10.01,50.01 postal DE DE-01100",
    );
    check("DE|01100|", "10.01,50.01 postal DE DE-01100");
    check("DE|01100|Musterstatd", "10.01,50.01 postal DE DE-01100");
    // The centre of a small place says more than that of its code.
    check("DE|01100|Waldheim", "10.1,50.05 place DE DE-01100");
    check("DE|01100|Modelville", "10.01,50.01 postal DE DE-01100");
    check("DE|92000|Muehlhausen", "11.02,48.02 place DE DE-92000");
    check("F|69000|Mühlbach", "4,45 place FR FR-69000");
}

#[test]
fn lost_zeros_come_back() {
    check("DE|1100|Musterstadt", "10.01,50.01 postal DE DE-01100");
    check(
        "DE|1100|",
        "10.01,50.01 postal DE DE-01100 leading_zero_assumed",
    );
    check("DE|1100|Bergen", "12,48 place DE - unknown_postal_code");
}

#[test]
fn doubtful_addresses_say_so() {
    check(
        "DE|01100|Xanadu",
        "10.01,50.01 postal DE DE-01100 unknown_place",
    );
    check(
        "DE|01101|Musterstadt",
        "10.02,50.02 place DE - unknown_postal_code",
    );
    check("DE||Mühlhausen", "11.02,50.02 place DE - ambiguous_place");
    check("DE||Mühlhausen|Süd", "11.02,48.02 place DE -");
    check("DE||Mühlhausen a. B.", "11.02,48.02 place DE -");
    check("DE||Musterstadt", "10.02,50.02 place DE -");
    check(
        "DE||Musterstadt Nordend",
        "10.02,50.02 place DE - place_known_in_part",
    );
    check("FR||Mulbach|", "4,45 place FR -");
}

#[test]
fn contradictions_are_decided() {
    // The codes share the first digit and nothing else.
    check(
        "DE|92000|Bergen",
        "11,48 postal DE DE-92000 postal_code_contradicts_place",
    );
    // 01200 and 01100 differ in one digit.
    check(
        "DE|01200|Musterstadt",
        "10.02,50.02 place DE - postal_code_contradicts_place",
    );
    // Another first digit.
    check(
        "DE|01100|Bergen",
        "12,48 place DE - postal_code_contradicts_place",
    );
    // The state speaks for the code.
    check(
        "DE|01100|Bergen|Nord",
        "10.01,50.01 postal DE DE-01100 postal_code_contradicts_place",
    );
    let reason = located("DE|92000|Bergen", None).reason.unwrap();
    assert_eq!(
        reason.detail,
        "postal code 92000 (Mühlhausen am Bach) lies 74 km from Bergen; \
         the postal code is taken"
    );
}

#[test]
fn countries_are_not_guessed() {
    check(
        "|01100|Musterstadt",
        "10.01,50.01 postal DE DE-01100 country_assumed",
    );
    check(
        "|F-69000|Mühlbach",
        "4,45 place FR FR-69000 country_assumed",
    );
    check("|01100|", "- none - - no_country");
    check("|69000|Mühlbach", "- none - - no_country");
    check("|92000|Bergen", "- none - - no_country");
    check("Atlantis|01100|Musterstadt", "- none - - unknown_country");
}

#[test]
fn a_country_alone_is_no_position() {
    check("DE||", "- none DE - no_address");
    check("DE||Xanadu", "- none DE - place_not_found");
    check("DE|99999|", "- none DE - unknown_postal_code");
    check("DE|99999|Xanadu", "- none DE - place_not_found");
    check("ES|28001|Madrid", "- none ES - place_not_found");
    check("ES|28001|", "- none ES - unknown_postal_code");
}

#[track_caller]
fn check_given(address: &str, lon: f64, lat: f64, expected: &str) {
    let located = located(address, Some([lon, lat]));
    assert_eq!(in_short(&located).trim_end(), expected);
    assert_eq!(located.source, "file");
}

#[test]
fn coordinates_of_the_file_go_first() {
    check_given(
        "DE|01100|Musterstadt",
        10.1,
        50.1,
        "10.1,50.1 house DE DE-01100",
    );
    check_given("DE|01101|Musterstadt", 10.1, 50.1, "10.1,50.1 house DE -");
    check_given("|||", 10.1, 50.1, "10.1,50.1 house - -");
    check_given(
        "|01100|Musterstadt",
        10.1,
        50.1,
        "10.1,50.1 house DE DE-01100 country_assumed",
    );
    check_given(
        "Atlantis",
        10.1,
        50.1,
        "10.1,50.1 house - - unknown_country",
    );
    check_given(
        "DE|01100|Musterstadt",
        50.1,
        10.1,
        "50.1,10.1 house DE DE-01100 coordinate_far_from_address",
    );
}

#[test]
fn every_shipped_table_is_read() {
    let countries = Countries::read_shipped().unwrap();
    let towns: usize = countries
        .all()
        .iter()
        .map(|country| country.towns().len())
        .sum();
    assert!(towns > 200_000, "{towns} towns");
    let germany = countries.coded("DE").unwrap().table(&countries);
    assert_eq!(germany.code("80331").unwrap().text, "80331");
}

#[test]
fn typing_errors_are_found_and_said() {
    check("DE||Mustersatdt", "10.02,50.02 place DE - similar_place");
    check(
        "DE|99999|Musterstatd",
        "10.02,50.02 place DE - unknown_postal_code",
    );
    check("DE|01100|Wladheim", "10.1,50.05 place DE DE-01100");
    check("DE||Bad Waldheim", "10.1,50.05 place DE -");
}

#[test]
fn places_in_other_fields_are_found() {
    let gazetteer = Gazetteer::new(country::tests::tiny());
    let address = |street: &str, place: &str| Address {
        street: street.to_owned(),
        place: place.to_owned(),
        country: "DE".to_owned(),
        ..Address::default()
    };
    for (street, place) in [
        ("Musterstadt", "Ring 3"),
        ("Ring 3, 01100 Musterstadt", ""),
        ("Ring 3", "01100 Musterstadt"),
    ] {
        let located = gazetteer
            .locate_all(&[(address(street, place), None)])
            .remove(0);
        let reason = located.reason.map(|reason| reason.code);
        assert_eq!(reason.as_deref(), Some("other_field"), "{street} | {place}");
        assert!(located.matched.ends_with("Musterstadt"));
    }
}

#[test]
fn answers_know_how_exact_and_sure_they_are() {
    let sure = located("DE|01100|Musterstadt", None);
    assert!(sure.confidence > 0.95 && sure.candidates.is_empty());
    assert_eq!(sure.matched, "01100 Musterstadt");
    let torn = located("DE||Mühlhausen", None);
    assert!(torn.confidence < 0.6);
    assert_eq!(torn.candidates.len(), 2);
    // The other Mühlhausen is 222 km away.
    assert!(torn.radius_m.unwrap() > 200_000.0);
    let both = located("DE|92000|Bergen", None);
    assert_eq!(both.candidates.len(), 2);
    assert_eq!(located("DE||Xanadu", None).radius_m, None);
}
