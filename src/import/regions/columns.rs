//! Which attribute is the key, the name and the parent of a region.

use std::collections::BTreeMap;

use super::layer::Feature;
use crate::import::error::Error;
use crate::import::field::{Mapping, folded, listed};
use crate::word;

/// The fields of a region, each with the headings by which it is recognised, the first being the
/// best; case, umlauts and marks do not matter.
pub const FIELDS: [(&str, &[&str]); 3] = [
    (
        "key",
        &[
            "key",
            "region_key",
            "schluessel",
            "regionsschluessel",
            "gebietsschluessel",
            "gebietsnummer",
            "gebiet_nr",
            "gebietsnr",
            "territory_id",
            "territory_key",
            "plz",
            "plz_code",
            "plz5",
            "postleitzahl",
            "postal_code",
            "postcode",
            "zip",
            "zip_code",
            "zcta5ce20",
            "zcta5ce10",
            "ags",
            "ags_0",
            "ags8",
            "gemeindeschluessel",
            "gemeindekennzahl",
            "gkz",
            "g_id",
            "bfs_nummer",
            "bfs_nr",
            "gdenr",
            "kennziffer",
            "kennzahl",
            "ars",
            "rs",
            "rs_0",
            "nuts",
            "nuts_id",
            "nuts_code",
            "iso_3166_2",
            "iso",
            "iso2",
            "iso_a2",
            "geoid",
            "fips",
            "insee",
            "code_insee",
            "code",
            "kennung",
            "kuerzel",
            "abbreviation",
            "nummer",
            "nr",
            "number",
            "no",
            "id",
        ],
    ),
    (
        "name",
        &[
            "name",
            "region_name",
            "regionsname",
            "gebietsname",
            "territory_name",
            "bezeichnung",
            "benennung",
            "plz_name",
            "gen",
            "g_name",
            "gemeindename",
            "gemeinde",
            "name_de",
            "nuts_name",
            "namelsad",
            "name_long",
            "title",
            "titel",
            "label",
            "gebiet",
            "region",
            "territory",
            "ort",
            "note",
            "text",
        ],
    ),
    (
        "parent",
        &[
            "parent",
            "parent_key",
            "parent_id",
            "parent_code",
            "uebergeordnet",
            "uebergeordnetes_gebiet",
            "uebergeordnete_region",
            "uebergeordneter_schluessel",
            "obergebiet",
            "oberregion",
            "gehoert_zu",
            "belongs_to",
            "part_of",
            "krs_code",
            "kreisschluessel",
        ],
    ),
];

/// The columns of the fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    key: Option<usize>,
    name: Option<usize>,
    parent: Option<usize>,
}

impl Columns {
    /// The columns that `mapping` names or, without one, that are recognised. A file without a
    /// key needs names that are keys, one without names needs keys that are names.
    pub fn of(headings: &[String], mapping: Option<&Mapping>, name: &str) -> Result<Self, Error> {
        let columns = match mapping {
            Some(mapping) => mapped(headings, mapping, name)?,
            None => recognised(headings),
        };
        if columns.key.or(columns.name).is_none() {
            let words = FIELDS[0].1.iter().take(5).chain(FIELDS[1].1.iter().take(3));
            let words: Vec<String> = words.map(|word| format!("\"{word}\"")).collect();
            return Err(Error::NoColumn {
                name: name.to_owned(),
                field: "key",
                headings: listed(headings),
                accepted: words.join(", "),
            });
        }
        Ok(columns)
    }

    /// Which heading each field is read from.
    pub fn mapping(&self, headings: &[String]) -> Mapping {
        let columns = [self.key, self.name, self.parent];
        let fields = FIELDS.iter().map(|(field, _)| (*field).to_owned());
        let pairs = fields.zip(columns);
        let pairs = pairs.filter_map(|(field, column)| Some((field, headings[column?].clone())));
        Mapping(pairs.collect())
    }

    pub fn key<'a>(&self, feature: &'a Feature) -> &'a str {
        self.key
            .or(self.name)
            .map_or("", |column| feature.text(column))
    }

    pub fn name<'a>(&self, feature: &'a Feature) -> &'a str {
        self.name
            .or(self.key)
            .map_or("", |column| feature.text(column))
    }

    pub fn parent<'a>(&self, feature: &'a Feature) -> &'a str {
        self.parent.map_or("", |column| feature.text(column))
    }

    /// The other attributes of `feature`, heading to value.
    pub fn rest(&self, headings: &[String], feature: Feature) -> BTreeMap<String, String> {
        let own = [self.key, self.name, self.parent];
        let cells = feature.cells.into_iter();
        cells
            .filter(|(column, _)| !own.contains(&Some(*column)))
            .map(|(column, text)| (headings[column].clone(), text))
            .collect()
    }
}

fn recognised(headings: &[String]) -> Columns {
    let find = |field: usize, taken: &[Option<usize>]| {
        FIELDS[field].1.iter().find_map(|known| {
            let known = folded(known);
            let mut columns = (0..headings.len()).filter(|at| !taken.contains(&Some(*at)));
            columns.find(|at| folded(&headings[*at]) == known)
        })
    };
    let key = find(0, &[]);
    let name = find(1, &[key]);
    Columns {
        key,
        name,
        parent: find(2, &[key, name]),
    }
}

fn mapped(headings: &[String], mapping: &Mapping, name: &str) -> Result<Columns, Error> {
    let mut columns = [None; 3];
    for (field, heading) in &mapping.0 {
        let ids = || FIELDS.iter().map(|(id, _)| *id);
        let Some(at) = ids().position(|id| id == field) else {
            return Err(Error::UnknownField {
                field: field.clone(),
                nearest: word::nearest(field, ids(), 1).pop(),
                known: ids().collect::<Vec<_>>().join(", "),
            });
        };
        if heading.trim().is_empty() {
            continue;
        }
        let exact = headings.iter().position(|found| found == heading.trim());
        let column = exact.or_else(|| {
            let wanted = folded(heading);
            headings.iter().position(|found| folded(found) == wanted)
        });
        if column.is_none() {
            return Err(Error::UnknownHeading {
                name: name.to_owned(),
                field: field.clone(),
                heading: heading.clone(),
                nearest: word::nearest(heading, headings.iter().map(String::as_str), 1).pop(),
                headings: listed(headings),
            });
        }
        columns[at] = column;
    }
    let [key, name, parent] = columns;
    Ok(Columns { key, name, parent })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &str) {
        let headings: Vec<String> = line.split(';').map(str::to_owned).collect();
        let found = recognised(&headings).mapping(&headings);
        let found: Vec<&str> = FIELDS
            .iter()
            .map(|(field, _)| found.0.get(*field).map_or("-", String::as_str))
            .collect();
        assert_eq!(found.join(";"), expected);
    }

    #[test]
    fn headings_are_recognised() {
        check("plz_code;plz_name;krs_code", "plz_code;plz_name;krs_code");
        check("ADE;GF;AGS;GEN;BEZ;NUTS", "AGS;GEN;-");
        check("g_id;g_name", "g_id;g_name;-");
        check(
            "Schlüssel;Bezeichnung;Übergeordnet",
            "Schlüssel;Bezeichnung;Übergeordnet",
        );
        check("Region Key;Region", "Region Key;Region;-");
        check("id;name;parent_id", "id;name;parent_id");
        check("color;Name", "-;Name;-");
        check("a;b", "-;-;-");
    }
}
