//! Countries by any of their names.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use crate::geocode::fold::fold;
use crate::geocode::table::Table;
use crate::geocode::town::Towns;
use crate::reference;

/// A country: its codes, its name, and what is known of its postal codes and places.
#[derive(Debug)]
pub struct Country {
    iso2: String,
    name: String,
    towns: OnceLock<Arc<Towns>>,
    table: OnceLock<Table>,
}

impl Country {
    /// ISO 3166 alpha-2 code.
    #[must_use]
    pub fn iso2(&self) -> &str {
        &self.iso2
    }

    /// English name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its towns, most populous first, read at first use.
    #[must_use]
    pub fn towns(&self) -> &Arc<Towns> {
        self.towns
            .get_or_init(|| Arc::new(Towns::shipped(&self.iso2)))
    }

    /// Its postal codes and towns under all their names, read at first use. `countries` know the
    /// prefixes of postal codes.
    #[must_use]
    pub fn table(&self, countries: &Countries) -> &Table {
        self.table
            .get_or_init(|| Table::shipped(&self.iso2, countries, Arc::clone(self.towns())))
    }
}

/// Every country under all names that files use for it.
#[derive(Debug)]
pub struct Countries {
    countries: Vec<Country>,
    by_name: HashMap<String, usize>,
}

impl Countries {
    /// The countries of the shipped `countries.tsv`.
    ///
    /// # Errors
    /// The file must be shipped.
    pub fn read_shipped() -> Result<Self, reference::Error> {
        Ok(Self::parse(&reference::text("countries.tsv")?))
    }

    /// The countries of lines `iso2 iso3 name|name|…`, separated by tabs. Codes go before names;
    /// where two countries claim a name, the first keeps it.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let rows: Vec<[&str; 3]> = text
            .lines()
            .filter_map(|line| line.split('\t').collect::<Vec<_>>().try_into().ok())
            .collect();
        let mut by_name = HashMap::new();
        for column in [0, 1] {
            for (index, row) in rows.iter().enumerate() {
                by_name.entry(key(row[column])).or_insert(index);
                // Most files write codes in capitals, which then need no folding.
                by_name.entry(row[column].to_owned()).or_insert(index);
            }
        }
        for (index, row) in rows.iter().enumerate() {
            for name in row[2].split('|') {
                by_name.entry(key(name)).or_insert(index);
            }
        }
        let country = |[iso2, _, names]: [&str; 3]| Country {
            iso2: iso2.to_owned(),
            name: names.split('|').next().unwrap_or(iso2).to_owned(),
            towns: OnceLock::new(),
            table: OnceLock::new(),
        };
        by_name.remove("");
        Self {
            countries: rows.into_iter().map(country).collect(),
            by_name,
        }
    }

    /// The country of a name or code in any language and case.
    #[must_use]
    pub fn named(&self, text: &str) -> Option<&Country> {
        let index = self
            .by_name
            .get(text)
            .or_else(|| self.by_name.get(&key(text)))?;
        self.countries.get(*index)
    }

    /// The country of ISO 3166 code `iso2`.
    #[must_use]
    pub fn coded(&self, iso2: &str) -> Option<&Country> {
        self.named(iso2).filter(|country| country.iso2 == iso2)
    }

    /// Every country in the order of the file.
    #[must_use]
    pub fn all(&self) -> &[Country] {
        &self.countries
    }
}

/// The letters of a name, so that `U.A.E.`, `UAE` and `uae` are one. Codes of up to three letters
/// are left as they are: folding would make `AE` one with `A`.
fn key(name: &str) -> String {
    let mut key: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
    if key.is_ascii() && key.len() <= 3 {
        key.make_ascii_lowercase();
        return key;
    }
    key = fold(name);
    key.retain(|c| c != ' ');
    key
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::geocode::postal::normalise;

    /// Germany with a town of 200,000 and two villages of one name, France with one town, and
    /// Spain of which nothing is known but its name.
    pub(crate) fn tiny() -> Countries {
        let countries = Countries::parse(
            "DE\tDEU\tGermany|Deutschland|D\nFR\tFRA\tFrance|Frankreich|F\nES\tESP\tSpain|E\n",
        );
        let fill = |iso2: &str, postal: &str, centres: &str, towns: &str| {
            let country = countries.coded(iso2).unwrap();
            let towns = country
                .towns
                .get_or_init(|| Arc::new(Towns::parse(fold, towns)));
            let code = |text: &str| normalise(&countries, iso2, text);
            let table = Table::parse(code, fold, postal, centres, Arc::clone(towns));
            country.table.get_or_init(|| table);
        };
        fill(
            "DE",
            "01100\tMusterstadt\tNord\t10.0\t50.0\n\
             01200\tMühlhausen\tNord\t11.0\t50.0\n\
             01990\tMuster Versand AG\tNord\t10.0\t50.0\n\
             92000\tMühlhausen am Bach\tSüd\t11.0\t48.0\n\
             95100\tBergen\tSüd\t12.0\t48.0\n",
            "01100\t10.01\t50.01\n01200\t11.01\t50.01\n95100\t12\t48\n",
            "1\tMusterstadt\t\t200000\t10.02\t50.02\t\tModelville|Modelo\n\
             2\tMühlhausen\t\t900\t11.02\t50.02\t\t\n\
             3\tMühlhausen am Bach\t\t800\t11.02\t48.02\t\t\n\
             4\tWaldheim\t\t800\t10.1\t50.05\t\t\n",
        );
        fill(
            "FR",
            "69000\tMühlbach\t\t4.0\t45.0\n",
            "",
            "5\tMulbach\tMühlbach\t5000\t4.0\t45.0\t\t\n",
        );
        fill("ES", "", "", "");
        countries
    }

    const TEXT: &str = "DE\tDEU\tGermany|Deutschland|D|BRD\nAT\tAUT\tAustria|Österreich|A\n\
        DM\tDMA\tDominica|BRD\nAE\tARE\tUnited Arab Emirates|U.A.E.\n";

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let countries = Countries::parse(TEXT);
        assert_eq!(countries.named(text).map(Country::iso2), expected);
    }

    #[test]
    fn countries_are_found_by_any_name() {
        check("Germany", Some("DE"));
        check(" DEUTSCHLAND ", Some("DE"));
        check("deu", Some("DE"));
        check("d", Some("DE"));
        check("BRD", Some("DE"));
        check("Oesterreich", Some("AT"));
        check("UAE", Some("AE"));
        check("AE", Some("AE"));
        check("A", Some("AT"));
        check("Atlantis", None);
        check("", None);
    }
}
