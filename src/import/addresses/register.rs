//! The Austrian address register, whose words stand in tables of their own.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::Path;

use super::{AddressPoint, column_of};
use crate::import::error::Error;
use crate::import::field;
use crate::import::table::{Row as TableRow, Table};

/// The other tables of the Austrian address register, and its columns in the main one.
///
/// By the description of the tables of the register (BEV, "Adressregister,
/// Schnittstellenbeschreibung, relationale Tabellen").
pub(super) struct Register {
    streets: HashMap<String, String>,
    settlements: HashMap<String, String>,
    municipalities: HashMap<String, String>,
    street: usize,
    municipality: usize,
    settlement: Option<usize>,
    number: Vec<usize>,
}

impl Register {
    /// The register whose `ADRESSE.csv` has these headings; `None` when they are of another file.
    pub fn open(headings: &[String], path: &Path) -> Result<Option<Self>, Error> {
        let at = |heading| column_of(heading, headings);
        let (Some(street), Some(municipality), Some(_)) = (at("SKZ"), at("GKZ"), at("ADRCD"))
        else {
            return Ok(None);
        };
        let parts = [
            "HAUSNRZAHL1",
            "HAUSNRBUCHSTABE1",
            "HAUSNRVERBINDUNG1",
            "HAUSNRZAHL2",
            "HAUSNRBUCHSTABE2",
        ];
        Ok(Some(Self {
            streets: names(path, "STRASSE.csv", &["SKZ"], "STRASSENNAME")?,
            settlements: names(path, "ORTSCHAFT.csv", &["GKZ", "OKZ"], "ORTSNAME")?,
            municipalities: names(path, "GEMEINDE.csv", &["GKZ"], "GEMEINDENAME")?,
            street,
            municipality,
            settlement: at("OKZ"),
            number: parts.into_iter().filter_map(at).collect(),
        }))
    }

    pub fn complete(&self, row: &TableRow, address: &mut AddressPoint) {
        let cell = |column: usize| row.cell(column).text;
        let municipality = cell(self.municipality);
        let key = format!("{municipality} {}", self.settlement.map_or("", cell));
        let name = |names: &HashMap<String, String>, key: &str| names.get(key).cloned();
        let settlement = name(&self.settlements, key.trim_end());
        let own = name(&self.municipalities, municipality);
        address.street = name(&self.streets, cell(self.street))
            .or_else(|| settlement.clone())
            .unwrap_or_default();
        address.place = own.or(settlement).unwrap_or_default();
        address.house_number = self.number.iter().map(|column| cell(*column)).collect();
        if address.country.is_empty() {
            "AT".clone_into(&mut address.country);
        }
    }
}

/// The column `value` of the table `file` beside `path`, by the columns `keys`.
fn names(
    path: &Path,
    file: &str,
    keys: &[&str],
    value: &str,
) -> Result<HashMap<String, String>, Error> {
    let mut table = Table::open(&path.with_file_name(file), file, &|_| true)?;
    let column = |heading: &str| {
        column_of(heading, &table.headings).ok_or_else(|| Error::UnknownHeading {
            name: file.to_owned(),
            field: value.to_owned(),
            heading: heading.to_owned(),
            nearest: None,
            headings: field::listed(&table.headings),
        })
    };
    let keys = keys
        .iter()
        .map(|key| column(key))
        .collect::<Result<Vec<_>, _>>()?;
    let value = column(value)?;
    let mut names = HashMap::new();
    table.each_row(&mut |row| {
        let key: Vec<&str> = keys.iter().map(|column| row.cell(*column).text).collect();
        names.insert(key.join(" "), row.cell(value).text.to_owned());
        ControlFlow::Continue(())
    })?;
    Ok(names)
}
