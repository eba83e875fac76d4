//! Which regions a question means, told from its filters: those without a row have no data, those
//! that are not meant are neighbours.

use std::collections::HashSet;

use crate::cube::{CubeLevel, Filter, Question};
use crate::place::{Level, RegionKey};
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
    /// Every region of the level.
    All,
    /// Those of these countries that all filters let through.
    Of {
        countries: HashSet<String>,
        filters: Vec<(Level, bool, HashSet<String>)>,
    },
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

    /// Whether the region of `key` is meant.
    pub(in crate::paper) fn means(&self, key: &str) -> bool {
        if self.rows.contains(key) {
            return true;
        }
        match &self.others {
            Others::None => false,
            Others::All => true,
            Others::Of { countries, filters } => {
                if !countries.contains(country_of(key)) {
                    return false;
                }
                let units = Units::shipped();
                let id = units.find(&RegionKey::new(key));
                filters.iter().all(|(level, is_in, keys)| {
                    let at = ancestor(units, id, *level, key);
                    at.is_some_and(|at| keys.contains(at)) == *is_in
                })
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
    let region = match level {
        CubeLevel::Own(_) => return Others::All,
        // The world would be full of them.
        CubeLevel::Region(Level::Country) => return Others::None,
        CubeLevel::Region(level) => level,
        _ => return Others::None,
    };
    let mut filters = Vec::new();
    for filter in &question.filters {
        let (of, keys, is_in) = match filter {
            Filter::In(of, keys) => (*of, keys, true),
            Filter::NotIn(of, keys) => (*of, keys, false),
            _ => continue,
        };
        match of {
            CubeLevel::Region(of) if region != Level::Postal || of == Level::Country => {
                filters.push((of, is_in, keys.iter().cloned().collect()));
            }
            // Whether a region lies in it can't be told from its key.
            CubeLevel::Region(_)
            | CubeLevel::Own(_)
            | CubeLevel::Nuts(_)
            | CubeLevel::PostalDigits(_)
            | CubeLevel::Hexagon(_) => return Others::None,
            _ => {}
        }
    }
    Others::Of {
        countries: keys.iter().map(|key| country_of(key).to_owned()).collect(),
        filters,
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
        let own = json!({"rows": ["own.1"]});
        check(own, &["north"], &["south"], &[]);
    }
}
