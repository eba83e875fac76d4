//! What an export holds, in words: the question, the data it was asked of, and when.

use jiff::{Timestamp, Unit};

use super::table::Table;
use super::value::{Kind, Value};
use super::words::Names;
use crate::cube::{AxisRequest, CubeLevel, Filter, FilterRequest, KeyWord, Question, Request};

/// Lines of a name and what there is to say under it.
pub(super) struct About {
    /// What the rows are called.
    pub(super) rows_title: &'static str,
    /// What this is called.
    pub(super) title: &'static str,
    pub(super) lines: Vec<(String, Kind, Value)>,
}

impl About {
    pub(super) fn answer(
        table: &Table<'_>,
        request: &Request,
        names: &Names<'_>,
        now: Timestamp,
    ) -> Self {
        let (words, answer, question) = (names.words(), table.answer, table.question);
        let figures = question.figures.iter().map(|figure| names.figure(figure));
        let axes = request.rows.iter().chain(&request.columns);
        let levels = axes.map(|axis| axis_text(axis, names));
        let currency = answer.currency.as_deref();
        let mut lines = vec![
            text(words.measures, joined(figures)),
            text(words.levels, joined(levels)),
        ];
        lines.extend(filter_lines(&request.filters, names, Some(question)));
        lines.push(text(words.question, json(request)));
        lines.push(text(words.version, &answer.version));
        lines.push(text(words.currency, currency.unwrap_or(words.several)));
        lines.push(count(words.rows, answer.rows.len()));
        lines.push(count(words.rows_in_all, answer.row_count));
        lines.push(text(words.time, time_text(now)));
        let totals = table.totals();
        lines.extend(
            totals.map(|(name, kind, value)| (format!("{}: {name}", words.total), kind, value)),
        );
        Self {
            rows_title: words.answer,
            title: words.about,
            lines,
        }
    }

    pub(super) fn lines(
        filters: &[FilterRequest],
        rows: u64,
        version: &str,
        names: &Names<'_>,
        now: Timestamp,
    ) -> Self {
        let words = names.words();
        let mut lines = filter_lines(filters, names, None);
        lines.push(text(words.question, json(&filters)));
        lines.push(text(words.version, version));
        lines.push(count(
            words.rows,
            usize::try_from(rows).unwrap_or(usize::MAX),
        ));
        lines.push(text(words.time, time_text(now)));
        Self {
            rows_title: words.lines,
            title: words.about,
            lines,
        }
    }
}

impl About {
    /// What is said in texts.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&str, String)> {
        self.lines
            .iter()
            .filter_map(|(name, _, value)| match value {
                Value::Text(text) => Some((name.as_str(), text.clone())),
                _ => None,
            })
    }
}

fn text(name: &str, value: impl Into<String>) -> (String, Kind, Value) {
    (name.to_owned(), Kind::Text, Value::text(value))
}

fn count(name: &str, value: usize) -> (String, Kind, Value) {
    let value = i64::try_from(value).unwrap_or(i64::MAX);
    (name.to_owned(), Kind::Count, Value::Count(value))
}

fn json(document: &impl serde::Serialize) -> String {
    serde_json::to_string(document).unwrap_or_default()
}

fn joined(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(" · ")
}

fn time_text(now: Timestamp) -> String {
    let seconds = now.round(Unit::Second).unwrap_or(now);
    seconds.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A level by its name; an unknown word, which a question does not get this far with, as it is.
fn level_text(word: &str, names: &Names<'_>) -> String {
    CubeLevel::parse(word).map_or_else(|_| word.to_owned(), |level| names.level(level))
}

fn axis_text(axis: &AxisRequest, names: &Names<'_>) -> String {
    match axis {
        AxisRequest::Level(word) => level_text(word, names),
        AxisRequest::Opened(opened) => {
            let keys: Vec<&str> = opened.expand.keys().map(String::as_str).collect();
            format!("{} ({})", level_text(&opened.level, names), keys.join(", "))
        }
    }
}

/// The filters in words; `question` knows the measures that they name.
fn filter_lines(
    filters: &[FilterRequest],
    names: &Names<'_>,
    question: Option<&Question>,
) -> Vec<(String, Kind, Value)> {
    let words = names.words();
    if filters.is_empty() {
        return vec![text(words.filters, words.all)];
    }
    let known = |place: usize| question.and_then(|question| question.filters.get(place));
    let lines = filters.iter().enumerate();
    lines
        .map(|(place, filter)| text(words.filters, filter_text(filter, names, known(place))))
        .collect()
}

/// Keys of a filter that are named at most.
const MAX_KEYS: usize = 50;

fn filter_text(filter: &FilterRequest, names: &Names<'_>, known: Option<&Filter>) -> String {
    let words = names.words();
    let keys = |keys: &[KeyWord]| {
        let shown = keys.iter().take(MAX_KEYS).map(key_text);
        let more = (keys.len() > MAX_KEYS).then(|| "…".to_owned());
        shown.chain(more).collect::<Vec<_>>().join(", ")
    };
    let mut text = Vec::new();
    if let Some(of) = &filter.keys {
        text.push(keys(of));
    }
    if let Some(of) = &filter.not_in {
        text.push(format!("{} {}", words.without, keys(of)));
    }
    if let Some(part) = &filter.text {
        text.push(format!("{} \"{part}\"", words.contains));
    }
    if let Some(from) = &filter.from {
        text.push(format!("{} {}", words.from, key_text(from)));
    }
    if let Some(to) = &filter.to {
        text.push(format!("{} {}", words.to, key_text(to)));
    }
    for (word, most) in [(words.largest, filter.top), (words.smallest, filter.bottom)] {
        if let Some(most) = most {
            text.push(format!("{word} {most}"));
        }
    }
    if let Some(by) = &filter.by {
        let measure = match known {
            Some(Filter::Best(best)) => names.measure(&best.by),
            _ => by,
        };
        text.push(format!("{} {measure}", words.by));
    }
    if filter.within.is_some() {
        text.push(words.within.to_owned());
    }
    match &filter.level {
        Some(level) => format!("{}: {}", level_text(level, names), text.join(" ")),
        None => text.join(" "),
    }
}

fn key_text(key: &KeyWord) -> String {
    match key {
        KeyWord::Text(text) => text.clone(),
        KeyWord::Number(number) => number.to_string(),
    }
}
