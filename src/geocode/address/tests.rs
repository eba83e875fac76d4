//! Addresses and their parts.

use super::*;

fn countries() -> Countries {
    Countries::parse(
        "DE\tDEU\tGermany|Deutschland|D\nAT\tAUT\tAustria|Österreich|A\n\
         CH\tCHE\tSwitzerland|Schweiz|CH\nGB\tGBR\tUnited Kingdom\n",
    )
}

fn in_short(parsed: &Parsed) -> String {
    let number = parsed.house_number.as_ref().map_or("", HouseNumber::text);
    let parts = [
        ("street", parsed.street.as_str()),
        ("no", number),
        ("code", &parsed.postal_code),
        ("place", &parsed.place),
        ("district", &parsed.district),
        ("country", &parsed.country),
        ("c/o", &parsed.care_of),
        ("box", &parsed.po_box),
        ("floor", &parsed.floor),
        ("rest", &parsed.rest.join("|")),
    ]
    .map(|(name, text)| {
        if text.is_empty() {
            String::new()
        } else {
            format!("{name}={text} ")
        }
    });
    parts.concat().trim_end().to_owned()
}

#[track_caller]
fn check(line: &str, expected: &str) {
    assert_eq!(in_short(&Parsed::of_line(&countries(), line)), expected);
}

#[test]
fn a_number_ends_the_street_before_a_place() {
    check(
        "Türkenstr. 7 München",
        "street=Türkenstr. no=7 place=München",
    );
    check(
        "Am Markt 3a Bad Tölz",
        "street=Am Markt no=3a place=Bad Tölz",
    );
    check("Straße des 17. Juni", "street=Straße des 17. Juni");
}

#[test]
fn lines_are_taken_apart() {
    check(
        "Hauptstr. 12a, 80331 München",
        "street=Hauptstr. no=12a code=80331 place=München",
    );
    check(
        "am knie 9 81241 münchen",
        "street=am knie no=9 code=81241 place=münchen",
    );
    check(
        "christian pless straße 11-13     63069 offenbach am main",
        "street=christian pless straße no=11-13 code=63069 place=offenbach am main",
    );
    check(
        "Adolphsbrücke 7 - 20457 Hamburg",
        "street=Adolphsbrücke no=7 code=20457 place=Hamburg",
    );
    check(
        "Brauhaus Joh. Albrecht - Adolphsbrücke 7 - 20457 Hamburg",
        "street=Adolphsbrücke no=7 code=20457 place=Hamburg rest=Brauhaus Joh. Albrecht",
    );
    check(
        "fröbelstraße 17 / 30451 hannover",
        "street=fröbelstraße no=17 code=30451 place=hannover",
    );
    check(
        "obernburger straße 45 63741 aschaffenburg (de)",
        "street=obernburger straße no=45 code=63741 place=aschaffenburg country=de",
    );
    check(
        "Mariahilfer Straße 1/2/14, A-1060 Wien",
        "street=Mariahilfer Straße no=1/2/14 code=A-1060 place=Wien",
    );
    check(
        "Bahnhofstrasse 3 CH - 8001 Zürich",
        "street=Bahnhofstrasse no=3 code=CH - 8001 place=Zürich",
    );
    check(
        "N2 14, 68161 Mannheim",
        "street=N2 no=14 code=68161 place=Mannheim",
    );
    check(
        "Q 7, 24, 68161 Mannheim",
        "street=Q 7 no=24 code=68161 place=Mannheim",
    );
    check(
        "c/o Müller, Am Markt 3 - 5, 2. OG, D-01067 Dresden, Deutschland",
        "street=Am Markt no=3 - 5 code=D-01067 place=Dresden country=Deutschland c/o=Müller floor=2. OG",
    );
    check(
        "Postfach 10 01 02, 80331 München",
        "code=80331 place=München box=10 01 02",
    );
    check(
        "Straße des 17. Juni 135, 10623 Berlin",
        "street=Straße des 17. Juni no=135 code=10623 place=Berlin",
    );
    check(
        "221B Baker Street, London",
        "street=Baker Street no=221B place=London",
    );
    check(
        "Mühlweg, 14, 80331 München",
        "street=Mühlweg no=14 code=80331 place=München",
    );
    check("Hauptstraße, Ulm", "street=Hauptstraße place=Ulm");
    check("Bad Homburg", "place=Bad Homburg");
    check("Hauptstraße", "street=Hauptstraße");
    check(
        "01067 Dresden OT Cossebaude",
        "code=01067 place=Dresden district=Cossebaude",
    );
    check("", "");
}

#[track_caller]
fn check_fields(street: &str, code: &str, place: &str, expected: &str) {
    let address = Address {
        street: street.to_owned(),
        postal_code: code.to_owned(),
        place: place.to_owned(),
        ..Address::default()
    };
    assert_eq!(
        in_short(&Parsed::of_fields(&countries(), &address)),
        expected
    );
}

#[test]
fn fields_that_hold_too_much_are_taken_apart() {
    check_fields(
        "Ring 1",
        "",
        "80331 München",
        "street=Ring no=1 code=80331 place=München",
    );
    check_fields(
        "Ring 1, 80331 München",
        "",
        "",
        "street=Ring no=1 code=80331 place=München",
    );
    check_fields(
        "Dorfstr. 4",
        "02733",
        "Cunewalde, OT Weigsdorf",
        "street=Dorfstr. no=4 code=02733 place=Cunewalde district=Weigsdorf",
    );
    check_fields(
        "Alte Gasse 51 C EG",
        "1",
        "Ulm",
        "street=Alte Gasse no=51 C code=1 place=Ulm floor=EG",
    );
}

#[test]
fn house_numbers_have_parts() {
    let number = HouseNumber::parse("12 a").unwrap();
    assert_eq!((number.number(), number.suffix()), (12, "a"));
    let range = HouseNumber::parse("3–5").unwrap();
    assert_eq!((range.number(), range.last()), (3, Some(5)));
    let door = HouseNumber::parse("1/2/14").unwrap();
    assert_eq!((door.number(), door.door()), (1, "2/14"));
    assert!(HouseNumber::parse("17. Juni").is_none());
    assert!(HouseNumber::parse("123456").is_none());
    assert!(HouseNumber::parse("").is_none());
}

#[test]
fn nothing_panics() {
    let pieces = [
        "ß", "12", "/", "-", ",", " ", "c/o", "OT", "(", "İ", "\u{301}", "N2", "80331", ".",
    ];
    let mut state: u64 = 7;
    for _ in 0..20_000 {
        let mut line = String::new();
        for _ in 0..8 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            line.push_str(pieces[(state >> 33) as usize % pieces.len()]);
        }
        let _ = Parsed::of_line(&countries(), &line);
        let _ = street_key(&line);
    }
}
