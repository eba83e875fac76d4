//! States and provinces under one key, however they are written.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::geocode::fold::fold;

/// Names of a state, its abbreviation, and its number in the list of places, by country. The
/// first name is the key.
const STATES: [(&str, &str, &str, &[&str]); 51] = [
    ("DE", "BW", "01", &["Baden-Württemberg"]),
    ("DE", "BY", "02", &["Bayern", "Bavaria", "Freistaat Bayern"]),
    ("DE", "HB", "03", &["Bremen", "Freie Hansestadt Bremen"]),
    (
        "DE",
        "HH",
        "04",
        &["Hamburg", "Freie und Hansestadt Hamburg"],
    ),
    ("DE", "HE", "05", &["Hessen", "Hesse"]),
    ("DE", "NI", "06", &["Niedersachsen", "Lower Saxony", "NDS"]),
    (
        "DE",
        "NW",
        "07",
        &["Nordrhein-Westfalen", "North Rhine-Westphalia", "NRW"],
    ),
    (
        "DE",
        "RP",
        "08",
        &["Rheinland-Pfalz", "Rhineland-Palatinate", "RLP"],
    ),
    ("DE", "SL", "09", &["Saarland"]),
    ("DE", "SH", "10", &["Schleswig-Holstein"]),
    ("DE", "BB", "11", &["Brandenburg"]),
    (
        "DE",
        "MV",
        "12",
        &[
            "Mecklenburg-Vorpommern",
            "Mecklenburg-Western Pomerania",
            "Meck-Pomm",
        ],
    ),
    (
        "DE",
        "SN",
        "13",
        &["Sachsen", "Saxony", "Freistaat Sachsen"],
    ),
    ("DE", "ST", "14", &["Sachsen-Anhalt", "Saxony-Anhalt"]),
    (
        "DE",
        "TH",
        "15",
        &["Thüringen", "Thuringia", "Freistaat Thüringen"],
    ),
    ("DE", "BE", "16", &["Berlin", "Land Berlin"]),
    ("AT", "B", "01", &["Burgenland"]),
    ("AT", "K", "02", &["Kärnten", "Carinthia"]),
    ("AT", "NÖ", "03", &["Niederösterreich", "Lower Austria"]),
    ("AT", "OÖ", "04", &["Oberösterreich", "Upper Austria"]),
    ("AT", "S", "05", &["Salzburg"]),
    ("AT", "ST", "06", &["Steiermark", "Styria"]),
    ("AT", "T", "07", &["Tirol", "Tyrol"]),
    ("AT", "V", "08", &["Vorarlberg"]),
    ("AT", "W", "09", &["Wien", "Vienna"]),
    ("CH", "AG", "AG", &["Aargau", "Argovie"]),
    ("CH", "AI", "AI", &["Appenzell Innerrhoden"]),
    ("CH", "AR", "AR", &["Appenzell Ausserrhoden"]),
    ("CH", "BE", "BE", &["Bern", "Berne", "Kanton Bern"]),
    ("CH", "BL", "BL", &["Basel-Landschaft", "Baselland"]),
    ("CH", "BS", "BS", &["Basel-Stadt"]),
    ("CH", "FR", "FR", &["Freiburg", "Fribourg"]),
    ("CH", "GE", "GE", &["Genf", "Genève", "Geneva"]),
    ("CH", "GL", "GL", &["Glarus"]),
    ("CH", "GR", "GR", &["Graubünden", "Grigioni", "Grisons"]),
    ("CH", "JU", "JU", &["Jura"]),
    ("CH", "LU", "LU", &["Luzern", "Lucerne"]),
    ("CH", "NE", "NE", &["Neuenburg", "Neuchâtel"]),
    ("CH", "NW", "NW", &["Nidwalden"]),
    ("CH", "OW", "OW", &["Obwalden"]),
    ("CH", "SG", "SG", &["Sankt Gallen", "Saint-Gall"]),
    ("CH", "SH", "SH", &["Schaffhausen"]),
    ("CH", "SO", "SO", &["Solothurn"]),
    ("CH", "SZ", "SZ", &["Schwyz"]),
    ("CH", "TG", "TG", &["Thurgau"]),
    ("CH", "TI", "TI", &["Tessin", "Ticino"]),
    ("CH", "UR", "UR", &["Uri"]),
    ("CH", "VD", "VD", &["Waadt", "Vaud"]),
    ("CH", "VS", "VS", &["Wallis", "Valais"]),
    ("CH", "ZG", "ZG", &["Zug"]),
    ("CH", "ZH", "ZH", &["Zürich", "Zurich", "Kanton Zürich"]),
];

/// The keys by folded name, abbreviation and number, by country.
static KEYS: LazyLock<HashMap<&str, HashMap<String, String>>> = LazyLock::new(|| {
    let mut keys: HashMap<&str, HashMap<String, String>> = HashMap::new();
    for (country, short, number, names) in STATES {
        let own = keys.entry(country).or_default();
        for name in names.iter().copied().chain([short, number]) {
            own.entry(fold(name)).or_insert_with(|| fold(names[0]));
        }
    }
    keys
});

/// The key of a state of country `iso2` by its name, abbreviation, or number in the list of
/// places; the folded text itself where the country's states have no list.
#[must_use]
pub fn key(iso2: &str, text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let folded = fold(text);
    let own = KEYS.get(iso2).and_then(|keys| keys.get(&folded));
    own.cloned().unwrap_or(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(iso2: &str, text: &str, expected: &str) {
        assert_eq!(key(iso2, text), expected);
    }

    #[test]
    fn states_have_one_key() {
        check("DE", "Bavaria", "bayern");
        check("DE", "BY", "bayern");
        check("DE", "02", "bayern");
        check("DE", " nrw", "nordrhein westfalen");
        check("CH", "BE", "bern");
        check("DE", "BE", "berlin");
        check("US", "CA", "ca");
        check("DE", "", "");
    }
}
