//! What is printed, in words: an answer by region with its title, filters, figures and rows.

mod asked;

use jiff::civil::Date;

use super::figure::{Figures, number_of};
use super::words::{self, Words};
use super::{Error, Look, font};
use crate::cube::{
    Additivity, Answer, Cell, CubeLevel, Figure, Filter, Modifier, Question, UNASSIGNED, Unit,
};
use crate::export::Names;
use crate::place::RegionKey;
use crate::record::region::OwnRegion;
use crate::spatial::outline::Kind;
use crate::spatial::units::Units;

/// An answer that is to be printed.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The question, which has one level, a level of regions.
    pub question: &'a Question,
    /// Its answer.
    pub answer: &'a Answer,
    /// The words of the language.
    pub names: &'a Names<'a>,
    /// The own regions of the level, where it is one of these.
    pub own: Option<&'a [OwnRegion]>,
    /// The first and last day with a line.
    pub days: Option<(Date, Date)>,
    /// The day that is printed.
    pub today: Date,
}

/// A column of figures.
#[derive(Debug, Clone)]
pub(super) struct Heading {
    pub(super) name: String,
    pub(super) figure: Figure,
}

/// A row of the table: a region with its figures.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) cells: Vec<Cell>,
}

/// Where the areas of the regions come from.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// The shipped ones.
    Shipped(Kind),
    /// A company's own.
    Own(Vec<OwnRegion>),
}

/// What is printed.
#[derive(Debug, Clone)]
pub struct Plate {
    pub(super) title: String,
    /// The question in words: a heading and what there is to say.
    pub(super) about: Vec<(String, String)>,
    /// The level, in the singular.
    pub(super) level: String,
    pub(super) headings: Vec<Heading>,
    /// Place of the figure that gives the colours.
    pub(super) drawn: usize,
    pub(super) rows: Vec<Row>,
    /// Each figure over all lines.
    pub(super) total: Vec<Cell>,
    pub(super) figures: Figures,
    pub(super) source: Source,
    /// Which regions are shown without a row too.
    pub(super) asked: asked::Asked,
    /// Whether too little lies behind the value of each row to judge it.
    pub(super) few: Vec<bool>,
    /// Version and last day of the data, and the day of printing, in words.
    pub(super) made: Vec<String>,
    pub(super) today: Date,
    pub(super) words: &'static Words,
}

impl Plate {
    /// What is printed of `subject`.
    ///
    /// # Errors
    /// The only level must be one of regions that have areas, the measure must be a number and one
    /// of the question, and there must be rows.
    pub fn of(subject: &Subject<'_>, look: &Look) -> Result<Self, Error> {
        look.check()?;
        let (question, answer, names) = (subject.question, subject.answer, subject.names);
        let level = level_of(question)?;
        let source = source_of(level, subject.own, names)?;
        let drawn = drawn_of(question, look)?;
        if answer.rows.is_empty() {
            return Err(Error::Nothing(
                "the answer has no rows, so there is nothing to draw".to_owned(),
            ));
        }
        let words = words::of(look.language);
        let figures = Figures::of(look.language, answer.currency.as_deref());
        let rows = rows_of(answer, level, names);
        let keys: Vec<&str> = rows.iter().map(|row| row.key.as_str()).collect();
        let cell = |figure: &Figure| answer.total.get(&figure.id()).cloned();
        let heading = |figure: &Figure| Heading {
            name: names.figure(figure),
            figure: figure.clone(),
        };
        Ok(Self {
            title: title_of(question, level, names, drawn, look),
            about: about(subject, &figures, words),
            level: names.level(level),
            headings: question.figures.iter().map(heading).collect(),
            drawn,
            total: question
                .figures
                .iter()
                .map(|figure| cell(figure).unwrap_or(Cell::None))
                .collect(),
            few: few(question, drawn, &rows, look),
            asked: asked::Asked::of(question, level, &keys),
            rows,
            made: made(subject, &figures, words),
            today: subject.today,
            figures,
            source,
            words,
        })
    }

    /// What it is called.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The same in signs that the shipped fonts have.
    pub(super) fn in_font(&self) -> Self {
        let mut plate = self.clone();
        let shown = |text: &mut String| *text = font::shown(text);
        shown(&mut plate.title);
        shown(&mut plate.level);
        plate.about.iter_mut().for_each(|(heading, text)| {
            shown(heading);
            shown(text);
        });
        plate
            .headings
            .iter_mut()
            .for_each(|heading| shown(&mut heading.name));
        for row in &mut plate.rows {
            shown(&mut row.name);
            for cell in &mut row.cells {
                if let Cell::Key(key) = cell {
                    shown(key);
                }
            }
        }
        plate
    }

    /// The figure that gives the colours.
    pub(super) fn heading(&self) -> &Heading {
        &self.headings[self.drawn]
    }

    /// What its numbers are.
    pub(super) fn unit(&self) -> Unit {
        self.heading().figure.unit()
    }

    /// The value of a row that gives its colour.
    pub(super) fn value(&self, row: &Row) -> Option<f64> {
        number_of(row.cells.get(self.drawn)?)
    }

    /// The rows with whether their value can't be judged.
    pub(super) fn judged(&self) -> impl Iterator<Item = (&Row, bool)> {
        self.rows.iter().zip(self.few.iter().copied())
    }
}

/// The level of the rows.
fn level_of(question: &Question) -> Result<CubeLevel, Error> {
    let refused = |what: String| {
        Err(Error::Question(format!(
            "a map needs one level of regions and no other, such as {{\"rows\": [\"region.state\"]}}; {what}"
        )))
    };
    let [axis] = question.axes.as_slice() else {
        let levels: Vec<&str> = question.axes.iter().map(|axis| axis.level.id()).collect();
        return refused(match levels.as_slice() {
            [] => "the question has none".to_owned(),
            levels => format!("the question has {}", levels.join(" and ")),
        });
    };
    if !axis.opened.is_empty() {
        return refused(format!("the question opens members of {}", axis.level.id()));
    }
    Ok(axis.level)
}

fn source_of(
    level: CubeLevel,
    own: Option<&[OwnRegion]>,
    names: &Names<'_>,
) -> Result<Source, Error> {
    match (level.outline(), own) {
        (Some(kind), _) => Ok(Source::Shipped(kind)),
        (None, Some(own)) => Ok(Source::Own(own.to_vec())),
        (None, None) => Err(Error::Question(format!(
            "{} ({}) has no areas to draw: ask for a level of regions, such as \"region.district\"",
            level.id(),
            names.level(level)
        ))),
    }
}

/// The place of the figure that gives the colours.
fn drawn_of(question: &Question, look: &Look) -> Result<usize, Error> {
    let is_number = |figure: &Figure| {
        let is_rank = matches!(figure.modifier, Modifier::AbcClass);
        !is_rank && !matches!(figure.unit(), Unit::Day | Unit::Class)
    };
    let ids: Vec<String> = question.figures.iter().map(Figure::id).collect();
    let place = match &look.measure {
        None => question.figures.iter().position(is_number),
        Some(wanted) => ids.iter().position(|id| id == wanted),
    };
    match (place, &look.measure) {
        (Some(place), _) if is_number(&question.figures[place]) => Ok(place),
        (Some(place), _) => Err(Error::Question(format!(
            "{} is no number, so it gives no colours",
            ids[place]
        ))),
        (None, Some(wanted)) => Err(Error::Look(format!(
            "\"{wanted}\" is no measure of the question; it has {}",
            ids.join(", ")
        ))),
        (None, None) => Err(Error::Question(
            "the question has no measure that is a number".to_owned(),
        )),
    }
}

fn rows_of(answer: &Answer, level: CubeLevel, names: &Names<'_>) -> Vec<Row> {
    let known = answer.members.get(level.id());
    let row = |cells: &Vec<Cell>| {
        let (key, cells) = match cells.split_first() {
            Some((Cell::Key(key), cells)) => (key.clone(), cells.to_vec()),
            _ => (UNASSIGNED.to_owned(), Vec::new()),
        };
        let name = known.and_then(|names| names.get(&key));
        Row {
            name: names.member(Some(level), &key, name.map_or("", String::as_str)),
            key,
            cells,
        }
    };
    answer.rows.iter().map(row).collect()
}

/// For each row whether its figure is a ratio of so little that it says nothing. What was not
/// counted is not held against it.
fn few(question: &Question, drawn: usize, rows: &[Row], look: &Look) -> Vec<bool> {
    let (of, least) = &look.least;
    let figure = &question.figures[drawn];
    let is_ratio = figure.measure.additivity() == Additivity::Nowhere;
    let base = question
        .figures
        .iter()
        .position(|figure| figure.id() == *of);
    let count = |row: &Row| number_of(row.cells.get(base?)?);
    rows.iter()
        .map(|row| is_ratio && count(row).is_some_and(|count| count < f64::from(*least)))
        .collect()
}

fn title_of(
    question: &Question,
    level: CubeLevel,
    names: &Names<'_>,
    drawn: usize,
    look: &Look,
) -> String {
    if let Some(title) = look
        .title
        .as_deref()
        .map(str::trim)
        .filter(|title| !title.is_empty())
    {
        return title.to_owned();
    }
    let (figure, level_name) = (names.figure(&question.figures[drawn]), names.level(level));
    let is_name = matches!(level, CubeLevel::Own(_)) || look.language == super::Language::German;
    let level_name = if is_name {
        level_name
    } else {
        lowered(&level_name)
    };
    format!("{figure} {} {level_name}", words::of(look.language).by)
}

/// A word as it stands within a sentence: `state`, but `NUTS 1`.
fn lowered(word: &str) -> String {
    let mut signs = word.chars();
    match (signs.next(), signs.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(signs).collect()
        }
        _ => word.to_owned(),
    }
}

/// The question in words.
fn about(subject: &Subject<'_>, figures: &Figures, words: &Words) -> Vec<(String, String)> {
    let filters = &subject.question.filters;
    let mut about: Vec<(String, String)> = Vec::new();
    let is_of_time = |filter: &Filter| {
        matches!(
            filter,
            Filter::Between(..) | Filter::In(CubeLevel::Time(_), _)
        )
    };
    if let Some((from, to)) = subject.days.filter(|_| !filters.iter().any(is_of_time)) {
        let [from, to] = [from, to].map(|day| figures.day(&day.to_string()));
        about.push((
            words.period.to_owned(),
            format!("{} ({from} {} {to})", words.all_data, words.to),
        ));
    }
    let lines = filters
        .iter()
        .map(|filter| filter_line(filter, subject, figures, words));
    about.extend(lines);
    about
}

/// Keys of a filter that are named at most.
const MOST_KEYS: usize = 12;

fn filter_line(
    filter: &Filter,
    subject: &Subject<'_>,
    figures: &Figures,
    words: &Words,
) -> (String, String) {
    let names = subject.names;
    let members = |level: CubeLevel, keys: &[String]| {
        let shown = keys
            .iter()
            .take(MOST_KEYS)
            .map(|key| member(level, key, subject, figures));
        let more = (keys.len() > MOST_KEYS).then(|| "…".to_owned());
        shown.chain(more).collect::<Vec<_>>().join(", ")
    };
    match filter {
        Filter::In(level, keys) => (names.level(*level), members(*level, keys)),
        Filter::NotIn(level, keys) => {
            let keys = members(*level, keys);
            (names.level(*level), format!("{} {keys}", words.without))
        }
        Filter::Text(level, part) => (names.level(*level), format!("{} „{part}“", words.contains)),
        Filter::Between(step, from, to) => {
            let key = |number: Option<i64>| {
                let key = number.map(|number| step.key(number));
                key.map(|key| member(CubeLevel::Time(*step), &key, subject, figures))
            };
            let text = match (key(*from), key(*to)) {
                (Some(from), Some(to)) if from == to => from,
                (Some(from), Some(to)) => format!("{from} {} {to}", words.to),
                (Some(from), None) => format!("{} {from}", words.since),
                (None, Some(to)) => format!("{} {to}", words.until),
                (None, None) => words.all_data.to_owned(),
            };
            (words.period.to_owned(), text)
        }
        Filter::Best(best) => {
            let which = if best.largest {
                words.largest
            } else {
                words.smallest
            };
            let by = names.measure(&best.by);
            let count = figures.count(best.count);
            (
                names.level(best.level),
                format!("{which} {count} {} {by}", words.by),
            )
        }
        Filter::Within(_) => (words.map.to_owned(), words.within.to_owned()),
    }
}

/// A member of a level for people.
fn member(level: CubeLevel, key: &str, subject: &Subject<'_>, figures: &Figures) -> String {
    use crate::cube::TimeStep;
    let known = subject.answer.members.get(level.id());
    let name = known.and_then(|names| names.get(key)).cloned();
    match level {
        CubeLevel::Region(_) => {
            let units = Units::shipped();
            let unit = units.find(&RegionKey::new(key)).map(|id| units.get(id));
            let name = unit.map(|unit| unit.name.clone()).or(name);
            // The key of a postal code tells it.
            subject
                .names
                .member(Some(level), key, name.as_deref().unwrap_or(key))
        }
        CubeLevel::Time(TimeStep::Day) => figures.day(key),
        CubeLevel::Time(TimeStep::Month) => match key.split_once('-') {
            Some((year, month)) => format!("{month}/{year}"),
            None => key.to_owned(),
        },
        _ => subject
            .names
            .member(Some(level), key, name.as_deref().unwrap_or(key)),
    }
}

fn made(subject: &Subject<'_>, figures: &Figures, words: &Words) -> Vec<String> {
    let mut made = vec![format!("{} {}", words.version, subject.answer.version)];
    if let Some((_, last)) = subject.days {
        made.push(format!(
            "{} {}",
            words.data_until,
            figures.day(&last.to_string())
        ));
    }
    let today = figures.day(&subject.today.to_string());
    made.push(format!("{} {today}", words.printed));
    made
}
