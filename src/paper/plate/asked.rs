//! Which regions a question means, told from its filters: those without a row have no data, those
//! that are not meant are neighbours.

use std::collections::HashSet;

use crate::cube::{CubeLevel, Filter, Question};
use crate::place::{Level, RegionKey};
use crate::spatial::outline::{self, Kind};
use crate::spatial::units::{UnitId, Units};

/// The regions that are meant.
#[derive(Debug, Clone)]
pub(in crate::paper) struct Asked {
    /// Keys of the rows.
    rows: HashSet<String>,
    others: Others,
}

/// Those that are meant beside the rows.
#[derive(Debug, Clone)]
enum Others {
    /// None that could be told.
    None,
    /// Those of these countries that all filters let through.
    Of {
        countries: HashSet<String>,
        filters: Vec<Within>,
    },
    /// Those with these keys.
    Keys(HashSet<String>),
}

/// A filter of regions that can be told from a key.
#[derive(Debug, Clone)]
struct Within {
    level: CubeLevel,
    keys: HashSet<String>,
    /// Whether those in the regions of `keys` are meant, or all others.
    is_in: bool,
}

impl Asked {
    /// What `question` means, whose rows of `level` have these keys.
    pub(super) fn of(question: &Question, level: CubeLevel, keys: &[&str]) -> Self {
        let rows = keys.iter().map(|key| (*key).to_owned()).collect();
        Self {
            rows,
            others: others(question, level, keys),
        }
    }

    /// The keys of the regions of `kind` that are meant, of all that have an area.
    pub(in crate::paper) fn keys(&self, kind: Kind) -> Vec<&str> {
        if kind == Kind::Hexagon {
            let mut keys: Vec<&str> = self.rows.iter().map(String::as_str).collect();
            keys.sort_unstable();
            return keys;
        }
        let mut keys: Vec<&str> = outline::keys(kind);
        keys.retain(|key| self.means(key));
        keys
    }

    /// Whether the region of `key` is meant.
    fn means(&self, key: &str) -> bool {
        self.rows.contains(key)
            || match &self.others {
                Others::None => false,
                Others::Keys(keys) => keys.contains(key),
                Others::Of { countries, filters } => {
                    countries.contains(country_of(key))
                        && filters.iter().all(|filter| filter.lets_through(key))
                }
            }
    }
}

fn others(question: &Question, level: CubeLevel, keys: &[&str]) -> Others {
    // Rows that are left out are no regions without data.
    let is_cut = question.limit.is_some() || question.offset > 0 || !question.having.is_empty();
    let is_best = |filter: &Filter| match filter {
        Filter::Best(best) => best.level == level,
        Filter::Text(of, _) => *of == level,
        Filter::Within(_) => true,
        _ => false,
    };
    if is_cut || question.filters.iter().any(is_best) {
        return Others::None;
    }
    let kind = match level.outline() {
        // The world would be full of them.
        None | Some(Kind::Region(Level::Country) | Kind::Hexagon) => return Others::None,
        Some(kind) => kind,
    };
    let mut filters = Vec::new();
    for filter in &question.filters {
        let (of, keys, is_in) = match filter {
            Filter::In(of, keys) => (*of, keys, true),
            Filter::NotIn(of, keys) => (*of, keys, false),
            _ => continue,
        };
        if of.outline().is_none() && !matches!(of, CubeLevel::Own(_)) {
            continue;
        }
        if !is_told(kind, of) {
            return Others::None;
        }
        filters.push(Within {
            level: of,
            keys: keys.iter().cloned().collect(),
            is_in,
        });
    }
    let country = |key: &&str| match kind {
        Kind::Nuts(_) => key.get(..2).unwrap_or(key).to_owned(),
        _ => country_of(key).to_owned(),
    };
    let countries = keys.iter().map(country).collect();
    match kind {
        Kind::Nuts(step) => Others::Keys(nuts_codes(step, &countries, &filters)),
        _ => Others::Of { countries, filters },
    }
}

/// Whether the key of a region of `kind` tells in which region of a level it lies.
fn is_told(kind: Kind, of: CubeLevel) -> bool {
    match (kind, of) {
        (_, CubeLevel::Region(Level::Country))
        | (Kind::Region(Level::Postal), CubeLevel::PostalDigits(_)) => true,
        (Kind::PostalDigits(count), CubeLevel::PostalDigits(of)) => of <= count,
        (Kind::Region(Level::Postal) | Kind::PostalDigits(_) | Kind::Hexagon, _) => false,
        (Kind::Region(_) | Kind::Nuts(_), of) => {
            matches!(of, CubeLevel::Region(_) | CubeLevel::Nuts(_))
        }
    }
}

/// The codes of NUTS 1, 2 or 3 in `countries` that have a district which all filters let through.
fn nuts_codes(step: u8, countries: &HashSet<String>, filters: &[Within]) -> HashSet<String> {
    let districts = Units::shipped().iter().map(|(_, unit)| unit);
    let codes = districts.filter_map(|unit| {
        let (country, code) = (unit.nuts.get(..2)?, unit.nuts.get(..2 + usize::from(step))?);
        let is_meant = unit.level == Level::District
            && countries.contains(country)
            && filters
                .iter()
                .all(|filter| filter.lets_through(unit.key.as_str()));
        is_meant.then(|| code.to_owned())
    });
    codes.collect()
}

impl Within {
    /// Whether it lets the region of an official or postal key through.
    fn lets_through(&self, key: &str) -> bool {
        let begins = |key: &str| {
            self.keys
                .iter()
                .any(|begin| key.starts_with(begin.as_str()))
        };
        let units = Units::shipped();
        let id = units.find(&RegionKey::new(key));
        let is_within = match self.level {
            CubeLevel::Region(level) => {
                ancestor(units, id, level, key).is_some_and(|at| self.keys.contains(at))
            }
            CubeLevel::Nuts(_) => nuts_of(units, id).is_some_and(begins),
            CubeLevel::PostalDigits(_) => begins(key),
            _ => false,
        };
        is_within == self.is_in
    }
}

/// The country of a key: units of Germany bear plain numbers, all others their country in front.
fn country_of(key: &str) -> &str {
    match key.split_once('-') {
        Some((country, _)) => country,
        None if key.starts_with(|sign: char| sign.is_ascii_digit()) => "DE",
        None => key,
    }
}

/// The NUTS code of a unit, or of its district.
fn nuts_of(units: &Units, id: Option<UnitId>) -> Option<&str> {
    let unit = units.get(id?);
    if !unit.nuts.is_empty() {
        return Some(&unit.nuts);
    }
    let district = units.ancestor(id?, Level::District)?;
    Some(&units.get(district).nuts)
}

fn ancestor<'a>(
    units: &'a Units,
    id: Option<UnitId>,
    level: Level,
    key: &'a str,
) -> Option<&'a str> {
    match id {
        Some(id) => units
            .ancestor(id, level)
            .map(|id| units.get(id).key.as_str()),
        None if level == Level::Country => Some(country_of(key)),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[track_caller]
    fn check(mut question: Value, rows: &[&str], meant: &[&str], not_meant: &[&str]) {
        question["measures"] = json!(["revenue"]);
        let question = Question::parse(question.to_string().as_bytes()).unwrap();
        let asked = Asked::of(&question, question.axes[0].level, rows);
        for key in meant {
            assert!(asked.means(key), "{key} is meant");
        }
        for key in not_meant {
            assert!(!asked.means(key), "{key} is not meant");
        }
    }

    #[test]
    fn regions_without_rows_are_told_from_the_filters() {
        let plain = json!({"rows": ["region.district"]});
        check(plain, &["09162"], &["01001", "09162"], &["US-CA-037"]);
        let bavaria = json!({"rows": ["region.district"],
            "filters": [{"level": "region.state", "in": ["09"]}]});
        check(bavaria, &["09162"], &["09161"], &["01001"]);
        let without = json!({"rows": ["region.state"],
            "filters": [{"level": "region.state", "not_in": ["09"]}]});
        check(without, &["01"], &["02"], &["09"]);
        let largest = json!({"rows": ["region.state"],
            "filters": [{"level": "region.state", "top": 3, "by": "revenue"}]});
        check(largest, &["09"], &["09"], &["01"]);
        let countries = json!({"rows": ["region.country"]});
        check(countries, &["DE"], &["DE"], &["FR"]);
        let codes = json!({"rows": ["region.postal"],
            "filters": [{"level": "region.country", "in": ["DE"]}]});
        check(codes, &["DE-80331"], &["DE-01067"], &["AT-1010"]);
        let codes = json!({"rows": ["region.postal"],
            "filters": [{"level": "region.state", "in": ["09"]}]});
        check(codes, &["DE-80331"], &["DE-80331"], &["DE-01067"]);
        let codes = json!({"rows": ["region.postal_2"],
            "filters": [{"level": "region.postal_1", "in": ["DE-8"]}]});
        check(codes, &["DE-80"], &["DE-81"], &["DE-70"]);
    }

    #[test]
    fn nuts_regions_without_rows_are_told_by_their_districts() {
        let plain = json!({"rows": ["region.nuts_2"]});
        check(plain, &["DE21"], &["DE22", "DE40"], &["DE2", "FR10"]);
        let bavaria = json!({"rows": ["region.nuts_3"],
            "filters": [{"level": "region.state", "in": ["09"]}]});
        check(bavaria, &["DE212"], &["DE213", "DE224"], &["DE300"]);
        let upper = json!({"rows": ["region.nuts_3"],
            "filters": [{"level": "region.nuts_2", "in": ["DE21"]}]});
        check(upper, &["DE212"], &["DE213"], &["DE224"]);
        let without = json!({"rows": ["region.nuts_1"],
            "filters": [{"level": "region.nuts_1", "not_in": ["DE2"]}]});
        check(without, &["DE1"], &["DE4"], &["DE2"]);
        let districts = json!({"rows": ["region.district"],
            "filters": [{"level": "region.nuts_2", "in": ["DE21"]}]});
        check(districts, &["09162"], &["09161"], &["09261", "01001"]);
        let hexagons = json!({"rows": ["region.h3_3"]});
        check(hexagons, &["831f8dfffffffff"], &[], &["831f89fffffffff"]);
    }
}
