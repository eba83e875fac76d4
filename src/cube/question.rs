//! From an untrusted document to a question of known words.

use super::level::{CubeLevel, unknown};
use super::measure::{Compare, Figure, Measure, Modifier};
use super::own::OwnMeasures;
use super::request::{
    AxisRequest, FilterRequest, HavingRequest, KeyWord, Request, ShapeRequest, SortRequest,
};
use super::time::TimeStep;
use super::{Error, UNASSIGNED};
use crate::place::LonLat;
use crate::record::money::Currency;

/// Levels of a question at most; each doubles the number of subtotals.
const MAX_LEVELS: usize = 6;

/// Members that a question opens at most.
const MAX_OPENED: usize = 64;

/// Corners of a shape at most.
const MAX_CORNERS: usize = 10_000;

/// The largest radius of a circle: half the way around the earth.
const MAX_RADIUS_M: f64 = 20_100_000.0;

/// A question of known words.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// What is computed, at least one.
    pub figures: Vec<Figure>,
    /// The levels that span the answer: rows, then columns.
    pub axes: Vec<Axis>,
    /// All must let a line through.
    pub filters: Vec<Filter>,
    /// All must let a row through.
    pub having: Vec<Having>,
    /// Whether rows without some of the levels are wanted too.
    pub subtotals: bool,
    /// Column number of the answer and whether it descends, most important first.
    pub sort: Vec<(usize, bool)>,
    /// Rows at most.
    pub limit: Option<usize>,
    /// Rows left out at the start.
    pub offset: usize,
    /// Whether the answer tells how it was computed.
    pub explain: bool,
    /// Whether roll-ups may answer.
    pub rollups: bool,
    /// The currency that money is wanted in, whatever the lines are in.
    pub currency: Option<Currency>,
}

/// A level of the answer with the members that are opened to finer ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axis {
    /// The level.
    pub level: CubeLevel,
    /// Keys of its members with what stands in their place.
    pub opened: Vec<(String, Axis)>,
}

/// A filter of known words; keys are not yet looked up.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// The member is one of these keys.
    In(CubeLevel, Vec<String>),
    /// The member is none of these keys.
    NotIn(CubeLevel, Vec<String>),
    /// The name or key of the member contains this.
    Text(CubeLevel, String),
    /// The number of the step of time lies between, both included.
    Between(TimeStep, Option<i64>, Option<i64>),
    /// The member is one of the largest or smallest.
    Best(Best),
    /// The account lies in a shape.
    Within(Shape),
}

/// The largest or smallest members of a level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Best {
    /// The level.
    pub level: CubeLevel,
    /// How many.
    pub count: usize,
    /// What they are compared by.
    pub by: Measure,
    /// Whether the largest are meant.
    pub largest: bool,
    /// Whether the others stand together in a row.
    pub others: bool,
}

/// A shape on the map.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A polygon by at least three corners.
    Polygon(Vec<LonLat>),
    /// A circle: centre and radius in metres.
    Circle(LonLat, f64),
}

/// Bounds of a figure, both included.
#[derive(Debug, Clone, PartialEq)]
pub struct Having {
    /// Place of the figure in the question.
    pub figure: usize,
    /// The smallest value.
    pub from: Option<f64>,
    /// The largest value.
    pub to: Option<f64>,
}

impl Question {
    /// The question of a JSON text.
    ///
    /// # Errors
    /// It must be of the form of [`Request`] and use words of the model.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        Self::try_from(serde_json::from_slice::<Request>(json)?)
    }

    /// The question of a request that may name measures of `own`.
    ///
    /// # Errors
    /// It must use words of the model.
    pub fn of(request: Request, own: &OwnMeasures) -> Result<Self, Error> {
        let words = Words::of(&request, own)?;
        let axes = request.rows.iter().chain(&request.columns);
        let mut question = Self {
            figures: figures(&request.measures, request.compare.as_deref(), own)?,
            axes: axes
                .map(|axis| words.axis(axis))
                .collect::<Result<_, Error>>()?,
            filters: request
                .filters
                .into_iter()
                .map(|filter| words.filter(filter))
                .collect::<Result<_, _>>()?,
            having: Vec::new(),
            subtotals: request.subtotals,
            sort: Vec::new(),
            limit: request.limit,
            offset: request.offset,
            explain: request.explain,
            rollups: request.rollups.unwrap_or(true),
            currency: currency_of(request.currency.as_deref())?,
        };
        question.check_axes()?;
        let headings = question.headings();
        question.sort = sort(&request.sort, &headings)?;
        let having = request.having.iter();
        question.having = having
            .map(|bounds| having_of(bounds, &question.figures))
            .collect::<Result<_, _>>()?;
        Ok(question)
    }

    /// The headings of the answer: the levels, then the figures.
    #[must_use]
    pub fn headings(&self) -> Vec<String> {
        let levels = self.axes.iter().map(|axis| axis.level.id().to_owned());
        levels.chain(self.figures.iter().map(Figure::id)).collect()
    }
}

impl TryFrom<Request> for Question {
    type Error = Error;

    /// Without own measures.
    fn try_from(request: Request) -> Result<Self, Error> {
        Self::of(request, &OwnMeasures::default())
    }
}

impl Question {
    fn check_axes(&self) -> Result<(), Error> {
        let refused = |message: String| Err(Error::Combination(message));
        if self.axes.len() > MAX_LEVELS {
            return refused(format!("a question has at most {MAX_LEVELS} levels"));
        }
        for (index, axis) in self.axes.iter().enumerate() {
            let twice = |other: &Axis| other.level == axis.level;
            if self.axes[..index].iter().any(twice) {
                return refused(format!("\"{}\" is asked for twice", axis.level.id()));
            }
        }
        let opened: usize = self.axes.iter().map(|axis| axis.pieces() - 1).sum();
        if opened > MAX_OPENED {
            return refused(format!("a question opens at most {MAX_OPENED} members"));
        }
        let averages = |figure: &&Figure| matches!(figure.modifier, Modifier::MovingAverage(_));
        let is_over_time = |axis: &Axis| matches!(axis.level, CubeLevel::Time(_));
        if let Some(figure) = self.figures.iter().find(averages)
            && !self.axes.last().is_some_and(is_over_time)
        {
            return refused(format!(
                "{} goes over steps of time: the last level must be one, such as \"time.month\"",
                figure.id()
            ));
        }
        let others = self.filters.iter().filter_map(|filter| match filter {
            Filter::Best(best) if best.others => Some(best.level),
            _ => None,
        });
        for level in others {
            if !self.axes.iter().any(|axis| axis.level == level) {
                return refused(format!(
                    "\"others\" of {0} needs {0} among the rows or columns",
                    level.id()
                ));
            }
        }
        Ok(())
    }
}

impl Axis {
    /// A level with no member opened.
    #[must_use]
    pub fn of(level: CubeLevel) -> Self {
        Self {
            level,
            opened: Vec::new(),
        }
    }

    /// The level, and those that its members are opened to.
    #[must_use]
    pub fn levels(&self) -> Vec<CubeLevel> {
        let opened = self.opened.iter().flat_map(|(_, axis)| axis.levels());
        std::iter::once(self.level).chain(opened).collect()
    }

    /// Into how many pieces, each with one level, the axis falls.
    fn pieces(&self) -> usize {
        let opened = self.opened.iter().map(|(_, axis)| axis.pieces());
        1 + opened.sum::<usize>()
    }
}

fn currency_of(word: Option<&str>) -> Result<Option<Currency>, Error> {
    let currency = word.map(Currency::parse).transpose();
    currency.map_err(|error| Error::Combination(error.to_string()))
}

/// The figures of `words`, each with its changes where the question compares.
fn figures(
    words: &[String],
    compare: Option<&str>,
    own: &OwnMeasures,
) -> Result<Vec<Figure>, Error> {
    if words.is_empty() {
        return Err(Error::Combination(
            "a question needs at least one measure, such as \"revenue\"".to_owned(),
        ));
    }
    let all = compare.map(Compare::parse).transpose()?;
    let mut figures: Vec<Figure> = Vec::with_capacity(words.len());
    for word in words {
        let figure = Figure::parse(word, all.unwrap_or(Compare::PreviousYear), own)?;
        if figures.contains(&figure) {
            return Err(Error::Combination(format!("\"{word}\" is asked for twice")));
        }
        figures.push(figure);
    }
    let Some(compare) = all else {
        return Ok(figures);
    };
    let changes = [
        Modifier::Before(compare),
        Modifier::Change(compare),
        Modifier::ChangePercent(compare),
    ];
    let mut with_changes: Vec<Figure> = Vec::new();
    for figure in figures {
        let is_compared = figure.modifier == Modifier::Plain
            && figure.measure.unit() != super::Unit::Day
            && figure.measure.compares().is_empty();
        let wanted = changes.iter().filter(|_| is_compared);
        let wanted = wanted.map(|modifier| Figure {
            measure: figure.measure.clone(),
            modifier: *modifier,
        });
        let wanted: Vec<Figure> = wanted.collect();
        for figure in std::iter::once(figure).chain(wanted) {
            if !with_changes.contains(&figure) {
                with_changes.push(figure);
            }
        }
    }
    Ok(with_changes)
}

fn sort(steps: &[SortRequest], headings: &[String]) -> Result<Vec<(usize, bool)>, Error> {
    let step = |sort: &SortRequest| {
        let column = headings.iter().position(|heading| *heading == sort.by);
        column
            .map(|column| (column, sort.descending))
            .ok_or_else(|| {
                let known: Vec<&str> = headings.iter().map(String::as_str).collect();
                unknown("measure or level of this question", &sort.by, &known)
            })
    };
    steps.iter().map(step).collect()
}

fn having_of(bounds: &HavingRequest, figures: &[Figure]) -> Result<Having, Error> {
    let ids: Vec<String> = figures.iter().map(Figure::id).collect();
    let figure = ids.iter().position(|id| *id == bounds.measure);
    let figure = figure.ok_or_else(|| {
        let known: Vec<&str> = ids.iter().map(String::as_str).collect();
        unknown("measure of this question", &bounds.measure, &known)
    })?;
    if bounds.from.is_none() && bounds.to.is_none() {
        return Err(Error::Combination(format!(
            "the bounds of {} need \"from\" or \"to\"",
            bounds.measure
        )));
    }
    if let (Some(from), Some(to)) = (bounds.from, bounds.to)
        && from > to
    {
        return Err(Error::Combination(format!(
            "the bounds of {} leave nothing: \"from\" {from} is more than \"to\" {to}",
            bounds.measure
        )));
    }
    Ok(Having {
        figure,
        from: bounds.from,
        to: bounds.to,
    })
}

/// Words as one question means them.
pub(super) struct Words<'a> {
    fiscal_year_start: u8,
    /// None where a request has filters only.
    own: Option<&'a OwnMeasures>,
}

impl<'a> Words<'a> {
    fn of(request: &Request, own: &'a OwnMeasures) -> Result<Self, Error> {
        let fiscal_year_start = request.fiscal_year_start.unwrap_or(1);
        if !(1..=12).contains(&fiscal_year_start) {
            return Err(Error::Combination(
                "\"fiscal_year_start\" is a month, 1 to 12".to_owned(),
            ));
        }
        Ok(Self {
            fiscal_year_start,
            own: Some(own),
        })
    }

    /// The words of a request that has filters only.
    pub(super) fn plain() -> Self {
        Self {
            fiscal_year_start: 1,
            own: None,
        }
    }

    fn level(&self, word: &str) -> Result<CubeLevel, Error> {
        Ok(match CubeLevel::parse(word)? {
            CubeLevel::Time(TimeStep::FiscalYear(_)) => {
                CubeLevel::Time(TimeStep::FiscalYear(self.fiscal_year_start))
            }
            level => level,
        })
    }

    fn axis(&self, request: &AxisRequest) -> Result<Axis, Error> {
        let opened = match request {
            AxisRequest::Level(word) => return Ok(Axis::of(self.level(word)?)),
            AxisRequest::Opened(opened) => opened,
        };
        let level = self.level(&opened.level)?;
        let mut axis = Axis::of(level);
        for (key, request) in &opened.expand {
            let inner = self.axis(request)?;
            if inner.level == level {
                return Err(Error::Combination(format!(
                    "{key} can't be opened to {0}: it is of {0}",
                    level.id()
                )));
            }
            axis.opened.push((key.clone(), inner));
        }
        Ok(axis)
    }

    /// The filter of a request.
    ///
    /// # Errors
    /// It must use words of the model and have one of the known forms.
    pub(super) fn filter(&self, request: FilterRequest) -> Result<Filter, Error> {
        if let Some(shape) = &request.within {
            let alone = FilterRequest {
                within: request.within.clone(),
                ..FilterRequest::default()
            };
            if request != alone {
                return Err(Error::Combination(
                    "a filter \"within\" a shape has nothing else".to_owned(),
                ));
            }
            return Ok(Filter::Within(shape_of(shape)?));
        }
        let Some(word) = &request.level else {
            return Err(Error::Combination(
                "a filter needs a \"level\" or \"within\"".to_owned(),
            ));
        };
        let level = self.level(word)?;
        let forms = [
            request.keys.is_some(),
            request.not_in.is_some(),
            request.text.is_some(),
            request.from.is_some() || request.to.is_some(),
            request.top.is_some(),
            request.bottom.is_some(),
        ];
        if forms.iter().filter(|given| **given).count() != 1 {
            return Err(Error::Combination(format!(
                "the filter of {} needs one of \"in\", \"not_in\", \"text\", \"from\" and \"to\", \
                 \"top\", \"bottom\"",
                level.id()
            )));
        }
        if let Some(count) = request.top.or(request.bottom) {
            let by = request.by.as_deref().unwrap_or("revenue");
            let none = OwnMeasures::default();
            let by = Measure::parse(by, self.own.unwrap_or(&none))?;
            if !by.compares().is_empty() {
                return Err(Error::Combination(format!(
                    "{} looks at another time: no \"top\" or \"bottom\" is told by it",
                    by.id()
                )));
            }
            return Ok(Filter::Best(Best {
                level,
                count,
                by,
                largest: request.top.is_some(),
                others: request.others,
            }));
        }
        if request.by.is_some() || request.others {
            return Err(Error::Combination(
                "\"by\" and \"others\" belong to \"top\" or \"bottom\"".to_owned(),
            ));
        }
        if let Some(keys) = request.keys {
            return Ok(Filter::In(level, keys_of(level, keys)?));
        }
        if let Some(keys) = request.not_in {
            return Ok(Filter::NotIn(level, keys_of(level, keys)?));
        }
        if let Some(text) = request.text {
            if matches!(level, CubeLevel::Time(_) | CubeLevel::Hexagon(_)) {
                return Err(Error::Combination(format!(
                    "{} has no names to look for a \"text\" in",
                    level.id()
                )));
            }
            return Ok(Filter::Text(level, text));
        }
        let CubeLevel::Time(step) = level else {
            return Err(Error::Combination(format!(
                "\"from\" and \"to\" are for levels of time, {} takes \"in\"",
                level.id()
            )));
        };
        stretch_of(level, step, request.from, request.to)
    }
}

/// The stretch between two keys, each of which may be missing.
fn stretch_of(
    level: CubeLevel,
    step: TimeStep,
    from: Option<KeyWord>,
    to: Option<KeyWord>,
) -> Result<Filter, Error> {
    let (from, to) = (from.map(KeyWord::into_text), to.map(KeyWord::into_text));
    let number = |key: &Option<String>| {
        let key = key.as_deref();
        key.map(|key| number_of(level, step, key)).transpose()
    };
    let (first, last) = (number(&from)?, number(&to)?);
    if let (Some(first), Some(last)) = (first, last)
        && first > last
    {
        return Err(Error::Combination(format!(
            "the stretch of {} goes backwards: \"from\" {} lies after \"to\" {}",
            level.id(),
            from.unwrap_or_default(),
            to.unwrap_or_default()
        )));
    }
    Ok(Filter::Between(step, first, last))
}

/// The keys of a list; those of time are looked at now, they need no dictionary.
fn keys_of(level: CubeLevel, keys: Vec<KeyWord>) -> Result<Vec<String>, Error> {
    let keys: Vec<String> = keys.into_iter().map(KeyWord::into_text).collect();
    if let CubeLevel::Time(step) = level {
        for key in keys.iter().filter(|key| *key != UNASSIGNED) {
            number_of(level, step, key)?;
        }
    }
    Ok(keys)
}

fn number_of(level: CubeLevel, step: TimeStep, key: &str) -> Result<i64, Error> {
    step.number(key).ok_or_else(|| Error::UnknownKey {
        level: level.id(),
        key: key.to_owned(),
        suggestions: vec![step.example().to_owned()],
    })
}

fn shape_of(shape: &ShapeRequest) -> Result<Shape, Error> {
    match shape {
        ShapeRequest::Polygon(corners) if !(3..=MAX_CORNERS).contains(&corners.len()) => {
            Err(Error::Combination(format!(
                "a polygon has 3 to {MAX_CORNERS} corners, this one has {}",
                corners.len()
            )))
        }
        ShapeRequest::Polygon(corners) => {
            let corners = corners.iter().map(|corner| LonLat::try_from(*corner));
            let corners = corners.collect::<Result<_, _>>();
            corners
                .map(Shape::Polygon)
                .map_err(|error| Error::Combination(error.to_string()))
        }
        ShapeRequest::Circle(circle) if !(0.0..=MAX_RADIUS_M).contains(&circle.radius_m) => {
            Err(Error::Combination(format!(
                "the radius of a circle is 0 to {MAX_RADIUS_M} metres"
            )))
        }
        ShapeRequest::Circle(circle) => Ok(Shape::Circle(circle.center, circle.radius_m)),
    }
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
            r#"{"measures": ["revenue"], "rows": ["region.stat"]}"#,
            "\"region.stat\" is no level; did you mean \"region.state\"?",
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
        check_refused(
            r#"{"measures": ["revenue"], "rows": ["time.year", "time.year"]}"#,
            "\"time.year\" is asked for twice",
        );
        check_refused(
            r#"{"measures": ["revenue"], "filters": [{"level": "rep", "top": 3, "others": true}]}"#,
            "\"others\" of rep.rep needs rep.rep among the rows or columns",
        );
        check_refused(
            r#"{"measures": ["revenue"], "filters": [{"within": {"polygon": [[1, 2]]}}]}"#,
            "a polygon has 3 to 10000 corners, this one has 1",
        );
        check_refused(
            r#"{"measures": ["revenue.moving_average_3"], "rows": ["region.country"]}"#,
            "revenue.moving_average_3 goes over steps of time: the last level must be one, such as \
             \"time.month\"",
        );
        check_refused(
            r#"{"measures": ["revenue"], "compare": "previous_yaer"}"#,
            "\"previous_yaer\" is no comparison; did you mean \"previous_year\"?",
        );
    }

    #[test]
    fn filters_that_let_nothing_through_by_mistake_are_refused() {
        check_refused(
            r#"{"measures": ["revenue"], "filters": [{"level": "time.month", "from": "2025-06", "to": "2025-03"}]}"#,
            "the stretch of time.month goes backwards: \"from\" 2025-06 lies after \"to\" 2025-03",
        );
        check_refused(
            r#"{"measures": ["revenue"], "having": [{"measure": "revenue", "from": 2, "to": 1}]}"#,
            "the bounds of revenue leave nothing: \"from\" 2 is more than \"to\" 1",
        );
        for (key, what) in [
            ("null", "null"),
            ("1.5", "floating point `1.5`"),
            ("[]", "sequence"),
        ] {
            let json = format!(
                r#"{{"measures": ["revenue"], "filters": [{{"level": "region.state", "in": ["09", {key}]}}]}}"#
            );
            let error = Question::parse(json.as_bytes()).unwrap_err().to_string();
            let expected = format!(
                "not a question: invalid type: {what}, expected a key: a text such as \"09\", a \
                 whole number, or \"unassigned\" for what has none"
            );
            assert!(error.starts_with(&expected), "{error}");
        }
    }

    #[test]
    fn a_year_may_be_a_number() {
        let json = r#"{"measures": ["lines"], "filters": [{"level": "time.year", "in": [2025]}]}"#;
        let question = Question::parse(json.as_bytes()).unwrap();
        let year = CubeLevel::Time(TimeStep::Year);
        assert_eq!(
            question.filters,
            [Filter::In(year, vec!["2025".to_owned()])]
        );
    }

    #[test]
    fn a_comparison_adds_its_figures() {
        let json = r#"{"measures": ["revenue", "first_purchase"], "rows": ["time.year"],
                       "compare": "previous_period"}"#;
        let question = Question::parse(json.as_bytes()).unwrap();
        assert_eq!(
            question.headings(),
            [
                "time.year",
                "revenue",
                "revenue.previous_period",
                "revenue.change",
                "revenue.change_percent",
                "first_purchase"
            ]
        );
    }
}
