//! From an untrusted JSON document to a question of known words.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{CubeLevel, Measure, unknown};
use super::{Error, UNASSIGNED};

/// A question as it is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Question)]
pub struct Request {
    /// Words of measures, at least one.
    pub measures: Vec<String>,
    /// Words of the levels that make the rows; none for the total alone.
    #[serde(default)]
    pub rows: Vec<String>,
    /// Words of further levels; an answer has one row per combination of all levels.
    #[serde(default)]
    pub columns: Vec<String>,
    /// Only lines that every filter lets through.
    #[serde(default)]
    pub filters: Vec<FilterRequest>,
    /// Order of the rows; without it by keys.
    #[serde(default)]
    pub sort: Vec<SortRequest>,
    /// How many rows to give at most.
    #[serde(default)]
    pub limit: Option<usize>,
    /// How many rows to leave out at the start.
    #[serde(default)]
    pub offset: usize,
}

/// A filter: the members `in` a level, or a stretch of time `from` … `to`, both included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Filter)]
pub struct FilterRequest {
    /// Word of the level.
    pub level: String,
    /// Keys of members, `unassigned` among them.
    #[serde(default, rename = "in", skip_serializing_if = "Option::is_none")]
    pub keys: Option<Vec<KeyWord>>,
    /// First key of a stretch of time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<KeyWord>,
    /// Last key of a stretch of time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<KeyWord>,
}

/// A key, which may also be written as a number: `2025`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum KeyWord {
    /// `"2025"`
    Text(String),
    /// `2025`
    Number(i64),
}

impl KeyWord {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
        }
    }
}

impl From<&str> for KeyWord {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// One step of the order of rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Sort)]
pub struct SortRequest {
    /// Word of a measure or level of the question.
    pub by: String,
    /// Largest first.
    #[serde(default)]
    pub descending: bool,
}

/// A question of known words.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Question {
    /// What is computed, at least one.
    pub measures: Vec<Measure>,
    /// The levels that span the answer: rows, then columns.
    pub levels: Vec<CubeLevel>,
    /// All must let a line through.
    pub filters: Vec<Filter>,
    /// Column number of the answer and whether it descends, most important first.
    pub sort: Vec<(usize, bool)>,
    /// Rows at most.
    pub limit: Option<usize>,
    /// Rows left out at the start.
    pub offset: usize,
}

/// A filter of known words; keys are not yet looked up.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Filter {
    /// The member is one of these keys.
    In(CubeLevel, Vec<String>),
    /// The number of the step of time lies between, both included.
    Between(super::TimeStep, Option<i64>, Option<i64>),
}

impl Question {
    /// The question of a JSON text.
    ///
    /// # Errors
    /// It must be of the form of [`Request`] and use words of the model.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        Self::try_from(serde_json::from_slice::<Request>(json)?)
    }

    /// The headings of the answer: the levels, then the measures.
    pub fn headings(&self) -> impl Iterator<Item = &'static str> {
        let levels = self.levels.iter().map(|level| level.id());
        levels.chain(self.measures.iter().map(|measure| measure.id()))
    }
}

impl TryFrom<Request> for Question {
    type Error = Error;

    fn try_from(request: Request) -> Result<Self, Error> {
        if request.measures.is_empty() {
            return Err(Error::Combination(
                "a question needs at least one measure, such as \"revenue\"".to_owned(),
            ));
        }
        let mut question = Self {
            measures: unique(&request.measures, Measure::parse)?,
            levels: Vec::new(),
            filters: parse_filters(request.filters)?,
            sort: Vec::new(),
            limit: request.limit,
            offset: request.offset,
        };
        let levels: Vec<String> = request.rows.into_iter().chain(request.columns).collect();
        question.levels = unique(&levels, CubeLevel::parse)?;
        let headings: Vec<&str> = question.headings().collect();
        let sort = request.sort.iter().map(|sort| {
            let column = headings.iter().position(|heading| *heading == sort.by);
            column
                .map(|column| (column, sort.descending))
                .ok_or_else(|| unknown("measure or level of this question", &sort.by, &headings))
        });
        question.sort = sort.collect::<Result<_, _>>()?;
        Ok(question)
    }
}

/// The filters of a request.
///
/// # Errors
/// They must use words of the model and have one of the two forms.
pub(super) fn parse_filters(filters: Vec<FilterRequest>) -> Result<Vec<Filter>, Error> {
    filters.into_iter().map(parse_filter).collect()
}

fn parse_filter(filter: FilterRequest) -> Result<Filter, Error> {
    let level = CubeLevel::parse(&filter.level)?;
    match (filter.keys, filter.from, filter.to) {
        (Some(keys), None, None) => {
            let keys: Vec<String> = keys.into_iter().map(KeyWord::into_text).collect();
            if let CubeLevel::Time(step) = level {
                for key in keys.iter().filter(|key| *key != UNASSIGNED) {
                    number_of(level, step, key)?;
                }
            }
            Ok(Filter::In(level, keys))
        }
        (None, from, to) if from.is_some() || to.is_some() => {
            let CubeLevel::Time(step) = level else {
                return Err(Error::Combination(format!(
                    "\"from\" and \"to\" are for levels of time, {} takes \"in\"",
                    level.id()
                )));
            };
            let number = |key: Option<KeyWord>| {
                key.map(|key| number_of(level, step, &key.into_text()))
                    .transpose()
            };
            Ok(Filter::Between(step, number(from)?, number(to)?))
        }
        _ => Err(Error::Combination(format!(
            "the filter of {} needs either \"in\" or \"from\" and \"to\"",
            level.id()
        ))),
    }
}

fn number_of(level: CubeLevel, step: super::TimeStep, key: &str) -> Result<i64, Error> {
    step.number(key).ok_or_else(|| Error::UnknownKey {
        level: level.id(),
        key: key.to_owned(),
        suggestions: vec![step.example().to_owned()],
    })
}

fn unique<T: PartialEq>(
    words: &[String],
    parse: impl Fn(&str) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let mut parsed = Vec::with_capacity(words.len());
    for word in words {
        let value = parse(word)?;
        if parsed.contains(&value) {
            return Err(Error::Combination(format!("\"{word}\" is asked for twice")));
        }
        parsed.push(value);
    }
    Ok(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_refused(json: &str, message: &str) {
        assert_eq!(
            Question::parse(json.as_bytes()).unwrap_err().to_string(),
            message
        );
    }

    #[test]
    fn wrong_questions_say_what_would_be_right() {
        check_refused(
            r#"{"measures": []}"#,
            "a question needs at least one measure, such as \"revenue\"",
        );
        check_refused(
            r#"{"measures": ["revenue"], "rows": ["region.kreis"]}"#,
            "\"region.kreis\" is no level; known are region.country, region.state, \
             region.government_district, region.district, region.municipality, region.postal, \
             own.1, own.2, own.3, own.4, time.year, time.quarter, time.month, time.day, product.category, product.product, \
             account.account, sale.currency",
        );
        check_refused(
            r#"{"measures": ["revenue"], "filters": [{"level": "time.month", "in": ["March"]}]}"#,
            "\"March\" is no key of time.month; did you mean \"2025-03\"?",
        );
        check_refused(
            r#"{"measures": ["revenue"], "filters": [{"level": "region.state", "from": "09"}]}"#,
            "\"from\" and \"to\" are for levels of time, region.state takes \"in\"",
        );
        check_refused(
            r#"{"measures": ["revenue", "revenue"]}"#,
            "\"revenue\" is asked for twice",
        );
        check_refused(
            r#"{"measures": ["revenue"], "sort": [{"by": "margin"}]}"#,
            "\"margin\" is no measure or level of this question; did you mean \"revenue\"?",
        );
    }

    #[test]
    fn a_year_may_be_a_number() {
        let json = r#"{"measures": ["lines"], "filters": [{"level": "time.year", "in": [2025]}]}"#;
        let question = Question::parse(json.as_bytes()).unwrap();
        let year = CubeLevel::Time(super::super::TimeStep::Year);
        assert_eq!(
            question.filters,
            [Filter::In(year, vec!["2025".to_owned()])]
        );
    }
}
