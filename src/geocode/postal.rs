//! Postal codes in the one form under which they are looked up.

use crate::geocode::country::Countries;

/// The code in `text` as it is looked up in the country `iso2`: letters and digits only, in
/// capitals, without the prefix of the country, and as long as the tables know it.
///
/// Great Britain: the outward code. Canada, Ireland: three characters. Portugal, the
/// Netherlands: four digits. United States: five digits. Argentina: the four digits.
#[must_use]
pub fn normalise(countries: &Countries, iso2: &str, text: &str) -> String {
    let text = without_prefix(countries, iso2, without_decimals(text.trim()));
    let mut code: String = text
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    if let Some(at) = code.find("CEDEX") {
        code.truncate(at);
    }
    shorten(iso2, &mut code);
    code
}

/// The country that the prefix of a code names, as in `A-1010`, and nothing for a plain code.
#[must_use]
pub fn prefix(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let letters = text.find(|c: char| !c.is_ascii_alphabetic())?;
    let behind = text[letters..].trim_start_matches(['-', ' ', '.']);
    let is_prefix = (1..=3).contains(&letters) && behind.starts_with(|c: char| c.is_ascii_digit());
    is_prefix.then(|| &text[..letters])
}

/// Spreadsheets write the code 80331 as 80331.0 when they take it for a number.
fn without_decimals(text: &str) -> &str {
    match text.strip_suffix(".0") {
        Some(number) if number.bytes().all(|c| c.is_ascii_digit()) => number,
        _ => text,
    }
}

fn without_prefix<'a>(countries: &Countries, iso2: &str, text: &'a str) -> &'a str {
    let plain_head = || text.split_once('-').map(|(head, _)| head.trim());
    let is_own = |head: &&str| {
        !head.is_empty()
            && head.len() <= 3
            && head.bytes().all(|c| c.is_ascii_alphabetic())
            && countries
                .named(head)
                .is_some_and(|country| country.iso2() == iso2)
    };
    if !text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return text;
    }
    prefix(text)
        .filter(is_own)
        .or_else(|| plain_head().filter(is_own))
        .map_or(text, |head| &text[head.len()..])
}

fn shorten(iso2: &str, code: &mut String) {
    match iso2 {
        "GB" | "GG" | "IM" | "JE" => {
            let inward = code.len().saturating_sub(3);
            let shape = code.as_bytes()[inward..].iter().map(u8::is_ascii_digit);
            if code.len() >= 5 && shape.eq([true, false, false]) {
                code.truncate(inward);
            }
        }
        "CA" | "IE" => code.truncate(3),
        "NL" | "PT" => code.truncate(4),
        "US" | "PR" | "VI" | "GU" | "AS" | "MP" => code.truncate(5),
        "AR" if code.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            code.retain(|c| c.is_ascii_digit());
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(iso2: &str, text: &str, expected: &str) {
        let countries = Countries::parse(
            "DE\tDEU\tGermany|D\nAT\tAUT\tAustria|A\nSE\tSWE\tSweden|S\nGB\tGBR\tUK\n\
             LV\tLVA\tLatvia\nFR\tFRA\tFrance|F\n",
        );
        assert_eq!(normalise(&countries, iso2, text), expected);
    }

    #[test]
    fn codes_take_the_form_of_their_country() {
        check("DE", " 80331 ", "80331");
        check("DE", "D-80331", "80331");
        check("DE", "DE 80331", "80331");
        check("DE", "80331.0", "80331");
        check("DE", "A-80331", "A80331");
        check("AT", "A-1010", "1010");
        check("SE", "s-112 34", "11234");
        check("LV", "LV-5101", "5101");
        check("GB", "wa1 1dp", "WA1");
        check("GB", "GB-SW1A 1AA", "SW1A");
        check("GB", "SW1A", "SW1A");
        check("NL", "1011 AB", "1011");
        check("PT", "1000-001", "1000");
        check("PL", "00-001", "00001");
        check("BR", "05432-043", "05432043");
        check("CA", "h1j 1c3", "H1J");
        check("US", "02139-1234", "02139");
        check("AR", "C1425ABC", "1425");
        check("FR", "97201 CEDEX 2", "97201");
        check("FR", "F-75001", "75001");
        check("DE", "ü", "");
    }

    #[test]
    fn prefixes_name_a_country() {
        assert_eq!(prefix("A-1010"), Some("A"));
        assert_eq!(prefix("D 80331"), Some("D"));
        assert_eq!(prefix("80331"), None);
        assert_eq!(prefix("WA1 1DP"), Some("WA"));
        assert_eq!(prefix("ABCD1"), None);
    }
}
