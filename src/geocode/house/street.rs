//! Names of streets made comparable.

use crate::geocode::fold::fold;

/// Ends of words as they are abbreviated, and in full. Folded as [`fold`] does.
const ENDS: [(&str, &str); 4] = [
    ("str", "strasse"),
    ("gass", "gasse"),
    ("pl", "platz"),
    ("all", "allee"),
];
/// Ends that tell little of which street it is.
const COMMON_ENDS: [&str; 9] = [
    "strasse", "gasse", "platz", "allee", "weg", "ring", "damm", "ufer", "hof",
];
/// Whole words and how they are kept.
const WORDS: [(&str, &str); 13] = [
    ("doktor", "dr"),
    ("professor", "prof"),
    ("burgermeister", "bgm"),
    ("brgm", "bgm"),
    ("burgerm", "bgm"),
    ("ingenieur", "ing"),
    ("avenue", "av"),
    ("ave", "av"),
    ("boulevard", "bd"),
    ("blvd", "bd"),
    ("street", "st"),
    ("road", "rd"),
    ("chemin", "ch"),
];

/// The key of a street: its name folded, with the usual abbreviations in one spelling, and
/// without spaces and hyphens. `Sankt-Martins-Straße`, `St. Martins Str.` and `st martinsstrasse`
/// have the same key.
#[must_use]
pub fn street_key(name: &str) -> String {
    let folded = fold(name);
    let mut key = String::with_capacity(folded.len());
    for word in folded.split(' ') {
        if let Some((_, short)) = WORDS.iter().find(|(long, _)| *long == word) {
            key.push_str(short);
            continue;
        }
        let end = ENDS.iter().find_map(|(short, long)| {
            let stem = word.strip_suffix(short)?;
            // `All` and `Pl` alone may be anything, and so may what is hardly longer.
            (*short == "str" || stem.len() > 3 || stem.is_empty() && !key.is_empty())
                .then_some((stem, *long))
        });
        match end {
            Some((stem, long)) => {
                key.push_str(stem);
                key.push_str(long);
            }
            None => key.push_str(word),
        }
    }
    key
}

/// The letters of a key that tell which street it is.
pub(super) fn telling_letters(key: &str) -> usize {
    let stem = COMMON_ENDS.iter().find_map(|end| key.strip_suffix(end));
    stem.filter(|stem| !stem.is_empty())
        .unwrap_or(key)
        .chars()
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(names: &[&str], key: &str) {
        for name in names {
            assert_eq!(street_key(name), key, "{name}");
        }
    }

    #[test]
    fn spellings_have_one_key() {
        check(
            &[
                "Hauptstraße",
                "HAUPTSTRASSE",
                "Hauptstr.",
                "Haupt Str",
                "Haupt-Straße",
            ],
            "hauptstrasse",
        );
        check(
            &[
                "Sankt-Martins-Straße",
                "St. Martins Str.",
                "st.martinsstrasse",
            ],
            "stmartinsstrasse",
        );
        check(&["Dr.-Külz-Ring", "Doktor Kuelz Ring"], "drkulzring");
        check(&["Marktplatz", "Marktpl."], "marktplatz");
        check(&["Platz"], "platz");
        check(&["Gässle"], "gassle");
        check(&[" - "], "");
    }
}
