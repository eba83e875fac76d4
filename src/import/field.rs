//! Fields of accounts and sales, the headings they go by, and which column holds which.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::error::Error;
use crate::record::money::Currency;
use crate::word;

/// What the rows of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Companies and households, one a row.
    Accounts,
    /// Sold lines, one a row.
    Sales,
    /// Houses and where they are, one a row, or a map of streets and houses.
    Addresses,
    /// Regions of a company's own, a map of them.
    Regions,
    /// Exchange rates, the days in rows and the currencies in columns.
    Rates,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Accounts,
        Self::Sales,
        Self::Addresses,
        Self::Regions,
        Self::Rates,
    ];

    /// The kinds that come as tables of rows.
    pub const TABLES: [Self; 4] = [Self::Accounts, Self::Sales, Self::Addresses, Self::Rates];

    /// The word of the kind in the API and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Sales => "sales",
            Self::Addresses => "addresses",
            Self::Regions => "regions",
            Self::Rates => "rates",
        }
    }

    /// The kind of that word; `None` for any other word.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The fields of the kind, in the order in which people think of them.
    #[must_use]
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::Accounts => &ACCOUNT_FIELDS,
            Self::Sales => &SALE_FIELDS,
            Self::Addresses => &ADDRESS_FIELDS,
            Self::Regions => &REGION_FIELDS,
            Self::Rates => &RATE_FIELDS,
        }
    }
}

/// A field that a column may be taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Field {
    /// The word of the field in mappings and remarks.
    pub id: &'static str,
    /// Whether a file must have a column for it.
    pub required: bool,
}

const fn needed(id: &'static str) -> Field {
    Field { id, required: true }
}

const fn free(id: &'static str) -> Field {
    Field {
        id,
        required: false,
    }
}

const ACCOUNT_FIELDS: [Field; 16] = [
    needed("key"),
    needed("name"),
    free("stage"),
    free("industry"),
    free("contact"),
    free("phone"),
    free("email"),
    free("website"),
    free("street"),
    free("house_number"),
    free("postal_code"),
    free("place"),
    free("state"),
    free("country"),
    free("lon"),
    free("lat"),
];

const SALE_FIELDS: [Field; 11] = [
    free("order"),
    free("line"),
    needed("date"),
    free("account"),
    free("product"),
    free("category"),
    free("rep"),
    free("quantity"),
    needed("net_amount"),
    free("cost"),
    free("currency"),
];

const ADDRESS_FIELDS: [Field; 9] = [
    free("street"),
    free("house_number"),
    free("house_suffix"),
    free("postal_code"),
    free("place"),
    free("country"),
    needed("lon"),
    needed("lat"),
    free("epsg"),
];

/// A file needs one of the first two, which then stands for the other.
const REGION_FIELDS: [Field; 3] = [free("key"), free("name"), free("parent")];

/// The other columns are the currencies.
const RATE_FIELDS: [Field; 1] = [needed("date")];

/// Which heading each field is read from. As JSON an object of field to heading:
/// `{"key": "Kundennummer", "postal_code": "PLZ"}`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mapping(pub BTreeMap<String, String>);

impl Mapping {
    /// The mapping that a JSON text holds.
    ///
    /// # Errors
    /// The text must be an object of field to heading. Whether they exist is seen by the import.
    pub fn parse(json: &str) -> Result<Self, Error> {
        Ok(serde_json::from_str(json)?)
    }

    /// The mapping that the headings of a file suggest. Of two headings for one field the one
    /// that stands first in `headings.csv` wins, and then the left one.
    #[must_use]
    pub fn recognise(headings: &[String], kind: Kind) -> Self {
        let mut best: BTreeMap<&str, (usize, &String)> = BTreeMap::new();
        for heading in headings {
            let Some((rank, field)) = field_of(heading, kind) else {
                continue;
            };
            let held = best.get(field).map(|(rank, _)| *rank);
            if held.is_none_or(|held| rank < held) {
                best.insert(field, (rank, heading));
            }
        }
        let pairs = best.into_iter();
        Self(
            pairs
                .map(|(field, (_, heading))| (field.to_owned(), heading.clone()))
                .collect(),
        )
    }

    /// Whether every required field of `kind` has a heading.
    #[must_use]
    pub fn is_complete(&self, kind: Kind) -> bool {
        let mut needed = kind.fields().iter().filter(|field| field.required);
        needed.all(|field| self.0.contains_key(field.id))
    }
}

/// The column of each field of a kind.
#[derive(Debug, Clone)]
pub(super) struct Columns(Vec<(&'static str, Option<usize>)>);

impl Columns {
    /// The columns by which `mapping` reads a file of `kind` with `headings`, those included that
    /// every row needs.
    pub fn of(
        mapping: &Mapping,
        kind: Kind,
        headings: &[String],
        name: &str,
    ) -> Result<Self, Error> {
        let columns = Self::found(mapping, kind, headings, name)?;
        let mut needed = kind.fields().iter().filter(|field| field.required);
        match needed.find(|field| columns.get(field.id).is_none()) {
            None => Ok(columns),
            Some(field) => Err(no_column(field.id, kind, headings, name)),
        }
    }

    /// The columns by which `mapping` reads a file of `kind` with `headings`, which may lack those
    /// that every row needs.
    pub fn found(
        mapping: &Mapping,
        kind: Kind,
        headings: &[String],
        name: &str,
    ) -> Result<Self, Error> {
        for field in mapping.0.keys() {
            if !kind.fields().iter().any(|known| known.id == field) {
                let known: Vec<&str> = kind.fields().iter().map(|field| field.id).collect();
                return Err(Error::UnknownField {
                    field: field.clone(),
                    nearest: word::nearest(field, known.iter().copied(), 1).pop(),
                    known: known.join(", "),
                });
            }
        }
        let mut columns = Vec::new();
        for field in kind.fields() {
            let heading = mapping
                .0
                .get(field.id)
                .filter(|heading| !heading.trim().is_empty());
            let missing = |heading: &String| Error::UnknownHeading {
                name: name.to_owned(),
                field: field.id.to_owned(),
                heading: heading.clone(),
                nearest: word::nearest(heading, headings.iter().map(String::as_str), 1).pop(),
                headings: listed(headings),
            };
            let column =
                heading.map(|heading| column_of(heading, headings).ok_or_else(|| missing(heading)));
            columns.push((field.id, column.transpose()?));
        }
        Ok(Self(columns))
    }

    /// The fields that are read, and their columns.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, usize)> {
        let pairs = self.0.iter();
        pairs.filter_map(|(field, column)| Some((*field, (*column)?)))
    }

    /// The column of `field`.
    pub fn get(&self, field: &str) -> Option<usize> {
        let found = self.0.iter().find(|(id, _)| *id == field);
        found.and_then(|(_, column)| *column)
    }
}

/// The error for a file of `kind` without a column for `field`.
pub(super) fn no_column(field: &'static str, kind: Kind, headings: &[String], name: &str) -> Error {
    Error::NoColumn {
        name: name.to_owned(),
        field,
        headings: listed(headings),
        accepted: examples(field, kind),
    }
}

/// The column with that heading: letter by letter first, else but for case, umlauts and marks.
pub(super) fn column_of(heading: &str, headings: &[String]) -> Option<usize> {
    let exact = headings.iter().position(|found| found == heading.trim());
    exact.or_else(|| {
        let wanted = folded(heading);
        headings.iter().position(|found| folded(found) == wanted)
    })
}

/// One line of `headings.csv`.
struct Known {
    field: String,
    kind: Kind,
    heading: String,
    folded: String,
}

fn known() -> &'static [Known] {
    static KNOWN: OnceLock<Vec<Known>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let mut reader = csv::Reader::from_reader(include_str!("headings.csv").as_bytes());
        let rows = reader.records().filter_map(|row| {
            let row = row.ok()?;
            Some(Known {
                field: row.get(0)?.to_owned(),
                kind: Kind::parse(row.get(1)?)?,
                heading: row.get(2)?.to_owned(),
                folded: folded(row.get(2)?),
            })
        });
        rows.collect()
    })
}

/// The field that `heading` stands for, and its rank among the headings of that field; a unit
/// behind it is passed over, as in `Netto (EUR)` and `Umsatz in €`, but not in
/// `Umsatz [TEUR]`.
fn field_of(heading: &str, kind: Kind) -> Option<(usize, &'static str)> {
    let find = |heading: &str| {
        let wanted = folded(heading);
        let found = known()
            .iter()
            .position(|known| known.kind == kind && known.folded == wanted);
        found.map(|rank| (rank, known()[rank].field.as_str()))
    };
    find(heading).or_else(|| {
        let (rest, _) = split_currency(heading)?;
        find(rest)
    })
}

/// A heading such as `Netto (EUR)` without its currency, and that.
pub(super) fn split_currency(heading: &str) -> Option<(&str, Currency)> {
    let text = heading.trim_end_matches([')', ']', ' ']);
    let cut = text.rfind([' ', '(', '[', '/', '_'])?;
    let cut = cut + text[cut..].chars().next().map_or(0, char::len_utf8);
    let currency = Currency::parse(&text[cut..]).ok()?;
    let rest = text[..cut].trim_end_matches([' ', '(', '[', '/', '_']);
    Some((rest.strip_suffix(" in").unwrap_or(rest), currency))
}

/// `heading` in small letters and digits alone, umlauts written out.
pub(super) fn folded(heading: &str) -> String {
    let mut text = String::with_capacity(heading.len());
    for c in heading.chars().flat_map(char::to_lowercase) {
        match c {
            'ä' => text.push_str("ae"),
            'ö' => text.push_str("oe"),
            'ü' => text.push_str("ue"),
            'ß' => text.push_str("ss"),
            _ if c.is_alphanumeric() => text.push(c),
            _ => {}
        }
    }
    text
}

/// Headings quoted and comma-separated.
pub(super) fn listed(headings: &[String]) -> String {
    let quoted: Vec<String> = headings
        .iter()
        .map(|heading| format!("\"{heading}\""))
        .collect();
    quoted.join(", ")
}

/// Some headings by which `field` is recognised, from the German and the English ones.
pub(super) fn examples(field: &str, kind: Kind) -> String {
    let known = known().iter();
    let words: Vec<String> = known
        .filter(|known| known.kind == kind && known.field == field)
        .map(|known| format!("\"{}\"", known.heading))
        .collect();
    let step = words.len().div_ceil(8).max(1);
    let words: Vec<String> = words.into_iter().step_by(step).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(';').map(str::to_owned).collect()
    }

    #[track_caller]
    fn check(kind: Kind, line: &str, expected: &str) {
        let headings = words(line);
        let mapping = Mapping::recognise(&headings, kind);
        let fields: Vec<&str> = headings
            .iter()
            .map(|heading| {
                let found = mapping.0.iter().find(|(_, taken)| *taken == heading);
                found.map_or("-", |(field, _)| field.as_str())
            })
            .collect();
        assert_eq!(fields.join(";"), expected);
    }

    #[test]
    fn every_known_heading_means_one_field() {
        let mut seen: HashMap<(&str, &str), &str> = HashMap::new();
        for known in known() {
            let ids = known.kind.fields().iter().map(|field| field.id);
            assert!(ids.clone().any(|id| id == known.field), "{}", known.field);
            let before = seen.insert((known.kind.name(), &known.folded), &known.field);
            assert!(
                before.is_none_or(|field| field == known.field),
                "{} is {before:?} and {}",
                known.heading,
                known.field
            );
        }
        for kind in Kind::TABLES {
            assert!(
                kind.fields()
                    .iter()
                    .all(|field| !examples(field.id, kind).is_empty())
            );
        }
    }

    #[test]
    fn headings_are_recognised() {
        check(
            Kind::Accounts,
            "CustomerID;CompanyName;ContactName;ContactTitle;Address;City;Region;PostalCode;Country",
            "key;name;contact;-;street;place;state;postal_code;country",
        );
        check(
            Kind::Accounts,
            "Kunden-Nr.;Firma;Name;STRASSE;Haus-Nr.;Plz;Ort;Land;Laengengrad;Breitengrad",
            "key;name;-;street;house_number;postal_code;place;country;lon;lat",
        );
        check(
            Kind::Sales,
            "Rechnungs-Nr.;Pos.;Belegdatum;Kunde;Artikel;Warengruppe;Menge;Umsatz in €;Kosten [EUR]",
            "order;line;date;account;product;category;quantity;net_amount;cost",
        );
        check(
            Kind::Sales,
            "Datum;Umsatz;Nettoumsatz;Netto (TEUR)",
            "date;-;net_amount;-",
        );
    }

    #[test]
    fn a_wrong_mapping_says_what_would_be_right() {
        let headings = words("Nummer;Firma;PLZ");
        let fail = |json: &str| {
            let mapping = Mapping::parse(json).unwrap();
            Columns::of(&mapping, Kind::Accounts, &headings, "a.csv")
                .unwrap_err()
                .to_string()
        };
        assert!(fail(r#"{"postalcode":"PLZ"}"#).starts_with(
            "the mapping names the unknown field \"postalcode\" (did you mean \"postal_code\"?)"
        ));
        assert!(
            fail(r#"{"key":"Numer","name":"Firma"}"#).starts_with(
                "the mapping takes key from \"Numer\", which a.csv does not have (did you mean \"Nummer\"?)"
            )
        );
        assert!(
            fail(r#"{"key":"Nummer"}"#).starts_with(
                "a.csv has no column for name: its headings are \"Nummer\", \"Firma\", \"PLZ\"; accepted are such as \"Firma\", "
            )
        );
        assert!(Mapping::parse("[1]").is_err());
    }
}
