//! Filters of features in CQL2 text (OGC 21-065r2): comparisons, `LIKE`, `BETWEEN`, `IN`, `IS NULL`,
//! `AND`, `OR`, `NOT`, and `S_INTERSECTS` with a box or a point.
//!
//! ```text
//! revenue > 1000 AND name LIKE 'Mün%'
//! NOT stage IN ('lost', 'dormant') AND S_INTERSECTS(geometry, BBOX(11, 48, 12, 49))
//! ```
//!
//! A comparison with a missing value is neither true nor false, as in SQL; a feature is kept when
//! the whole is true.

mod parse;
mod token;

use std::cmp::Ordering;

use serde_json::Value as Json;

use crate::place::Bounds;

/// A filter of known properties.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    root: Expression,
}

/// What a property holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Texts, and days as ISO 8601.
    Text,
    /// Numbers.
    Number,
    /// The one geometry.
    Geometry,
}

/// A property that filters may name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queryable {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
}

/// Why a text is no filter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the filter is wrong at sign {at}: {problem}")]
pub struct FilterError {
    /// The place of the first wrong sign, counted from 1.
    pub at: usize,
    /// What is wrong, and what would be right.
    pub problem: String,
    /// The word that is wrong, where it is one.
    pub word: Option<String>,
    /// The nearest right ones.
    pub suggestions: Vec<String>,
}

/// A feature as a filter sees it.
pub trait Item {
    /// The value of a property; null where it has none.
    fn property(&self, name: &str) -> &Json;

    /// Whether the geometry touches the box; `None` without a geometry.
    fn touches(&self, bounds: Bounds) -> Option<bool>;
}

#[derive(Debug, Clone, PartialEq)]
enum Expression {
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Not(Box<Expression>),
    Truth(bool),
    Compare(Operand, Comparison, Operand),
    Like(String, Pattern),
    IsNull(String),
    Touches(Bounds),
}

#[derive(Debug, Clone, PartialEq)]
enum Operand {
    Property(String),
    Text(String),
    Number(f64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A pattern of `LIKE`: `%` stands for any signs, `_` for one, `\` takes the next as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern(Vec<Sign>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Any,
    One,
    Same(char),
}

impl Filter {
    /// The filter of a text that may name `known`.
    ///
    /// # Errors
    /// It must be CQL2, of the parts that the module tells, and name known properties only.
    pub fn parse(text: &str, known: &[Queryable]) -> Result<Self, FilterError> {
        let root = parse::expression(text, known)?;
        Ok(Self { root })
    }

    /// The filter of features that have this value.
    #[must_use]
    pub fn equal(property: &Queryable, value: &str) -> Self {
        let number = value.parse().ok().filter(|_| property.kind == Kind::Number);
        let value = number.map_or_else(|| Operand::Text(value.to_owned()), Operand::Number);
        let name = Operand::Property(property.name.clone());
        Self {
            root: Expression::Compare(name, Comparison::Equal, value),
        }
    }

    /// Both filters.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            root: Expression::And(vec![self.root, other.root]),
        }
    }

    /// Whether it lets `item` through. O(filter), and O(geometry) for spatial parts.
    #[must_use]
    pub fn takes(&self, item: &impl Item) -> bool {
        self.root.is_true(item) == Some(true)
    }

    /// Whether it names one of these properties.
    #[must_use]
    pub fn names_any(&self, properties: &[String]) -> bool {
        self.root.names_any(properties)
    }
}

impl Expression {
    /// `None` where a missing value leaves it open.
    fn is_true(&self, item: &impl Item) -> Option<bool> {
        match self {
            Self::And(parts) => all(parts.iter().map(|part| part.is_true(item))),
            Self::Or(parts) => {
                let none = all(parts.iter().map(|part| part.is_true(item).map(|is| !is)));
                none.map(|none| !none)
            }
            Self::Not(part) => part.is_true(item).map(|is| !is),
            Self::Truth(truth) => Some(*truth),
            Self::Compare(a, comparison, b) => {
                let ordering = a.compared(b, item)?;
                Some(comparison.holds(ordering))
            }
            Self::Like(property, pattern) => match item.property(property) {
                Json::String(text) => Some(pattern.fits(text)),
                _ => None,
            },
            Self::IsNull(property) => Some(item.property(property).is_null()),
            Self::Touches(bounds) => item.touches(*bounds),
        }
    }

    fn names_any(&self, properties: &[String]) -> bool {
        let is_one = |name: &String| properties.contains(name);
        match self {
            Self::And(parts) | Self::Or(parts) => {
                parts.iter().any(|part| part.names_any(properties))
            }
            Self::Not(part) => part.names_any(properties),
            Self::Truth(_) | Self::Touches(_) => false,
            Self::Compare(a, _, b) => [a, b].into_iter().any(|operand| match operand {
                Operand::Property(name) => is_one(name),
                Operand::Text(_) | Operand::Number(_) => false,
            }),
            Self::Like(name, _) | Self::IsNull(name) => is_one(name),
        }
    }
}

/// Whether all are true: no as soon as one is not, open where one is open.
fn all(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut result = Some(true);
    for part in parts {
        match part {
            Some(false) => return Some(false),
            None => result = None,
            Some(true) => {}
        }
    }
    result
}

impl Operand {
    fn compared(&self, other: &Self, item: &impl Item) -> Option<Ordering> {
        match (self.value(item)?, other.value(item)?) {
            (Held::Text(a), Held::Text(b)) => Some(a.cmp(b)),
            (Held::Number(a), Held::Number(b)) => a.partial_cmp(&b),
            _ => None,
        }
    }

    fn value<'a>(&'a self, item: &'a impl Item) -> Option<Held<'a>> {
        match self {
            Self::Text(text) => Some(Held::Text(text)),
            Self::Number(number) => Some(Held::Number(*number)),
            Self::Property(name) => match item.property(name) {
                Json::String(text) => Some(Held::Text(text)),
                Json::Number(number) => number.as_f64().map(Held::Number),
                _ => None,
            },
        }
    }
}

enum Held<'a> {
    Text(&'a str),
    Number(f64),
}

impl Comparison {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

impl Pattern {
    fn of(text: &str) -> Self {
        let mut signs = Vec::new();
        let mut rest = text.chars();
        while let Some(sign) = rest.next() {
            signs.push(match sign {
                '%' => Sign::Any,
                '_' => Sign::One,
                '\\' => Sign::Same(rest.next().unwrap_or('\\')),
                sign => Sign::Same(sign),
            });
        }
        Self(signs)
    }

    /// Whether it fits the whole of `text`; case counts. O(pattern × text).
    fn fits(&self, text: &str) -> bool {
        // Which beginnings of the pattern fit what was read so far.
        let mut fitting = vec![false; self.0.len() + 1];
        fitting[0] = true;
        let spread = |fitting: &mut Vec<bool>| {
            for (place, sign) in self.0.iter().enumerate() {
                fitting[place + 1] |= fitting[place] && *sign == Sign::Any;
            }
        };
        spread(&mut fitting);
        for read in text.chars() {
            let mut next = vec![false; fitting.len()];
            for (place, sign) in self
                .0
                .iter()
                .enumerate()
                .filter(|(place, _)| fitting[*place])
            {
                match sign {
                    Sign::Any => next[place] = true,
                    Sign::One => next[place + 1] = true,
                    Sign::Same(sign) => next[place + 1] |= *sign == read,
                }
            }
            spread(&mut next);
            fitting = next;
        }
        fitting[self.0.len()]
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct Feature(Json, Option<[f64; 2]>);

    impl Item for Feature {
        fn property(&self, name: &str) -> &Json {
            &self.0[name]
        }

        fn touches(&self, bounds: Bounds) -> Option<bool> {
            let [lon, lat] = self.1?;
            let [west, south, east, north]: [f64; 4] = bounds.into();
            Some((west..=east).contains(&lon) && (south..=north).contains(&lat))
        }
    }

    fn known() -> Vec<Queryable> {
        let named = |(name, kind): (&str, Kind)| Queryable {
            name: name.to_owned(),
            kind,
        };
        let all = [
            ("name", Kind::Text),
            ("stage", Kind::Text),
            ("revenue", Kind::Number),
            ("last_purchase", Kind::Text),
            ("revenue.share_of_total", Kind::Number),
            ("geometry", Kind::Geometry),
        ];
        all.map(named).into()
    }

    #[track_caller]
    fn check(filter: &str, expected: bool) {
        let item = Feature(
            json!({"name": "Müller's", "stage": null, "revenue": 1500.5,
                   "last_purchase": "2025-03-01", "revenue.share_of_total": 0.25}),
            Some([11.5, 48.1]),
        );
        let filter = Filter::parse(filter, &known()).unwrap();
        assert_eq!(filter.takes(&item), expected, "{filter:?}");
    }

    #[test]
    fn comparisons() {
        check("revenue > 1000", true);
        check("1000<revenue", true);
        check("revenue <= 1500.5", true);
        check("revenue <> 1.5005e3", false);
        check("revenue < -1", false);
        check("name = 'Müller''s'", true);
        check("last_purchase >= DATE('2025-03-01')", true);
        check("last_purchase >= '2025-03-02'", false);
        check("\"revenue.share_of_total\" = 0.25", true);
        check("revenue.share_of_total = 0.25", true);
    }

    #[test]
    fn lists_stretches_patterns() {
        check("revenue BETWEEN 1500 AND 1600 AND name LIKE 'M%'", true);
        check("revenue NOT BETWEEN 1500 AND 1600", false);
        check("revenue IN (1, 1500.5)", true);
        check("name not in ('Müller', 'Meier')", true);
        check("name LIKE 'm%'", false);
        check("name LIKE '_üller%s'", true);
        check("name LIKE '%\\_%'", false);
        check("name NOT LIKE '%ll%'", false);
    }

    #[test]
    fn a_missing_value_is_neither_true_nor_false() {
        check("stage = 'lost'", false);
        check("NOT stage = 'lost'", false);
        check("stage <> 'lost' OR revenue > 1", true);
        check("stage IS NULL", true);
        check("stage IS NOT NULL OR name IS NULL", false);
        check("NOT (stage = 'lost' AND revenue < 1)", true);
    }

    #[test]
    fn and_binds_closer_than_or() {
        check("revenue > 1 OR revenue > 1 AND revenue < 1", true);
        check("(revenue > 1 OR revenue > 1) AND revenue < 1", false);
        check("TRUE AND NOT FALSE", true);
    }

    #[test]
    fn boxes_and_points() {
        check("S_INTERSECTS(geometry, BBOX(11, 48, 12, 49))", true);
        check("NOT s_intersects(geometry,BBOX(11,48,12,49))", false);
        check("S_INTERSECTS(geometry, POINT(11.5 48.1))", true);
        check("S_INTERSECTS(geometry, POINT(11.5 48.2))", false);
    }

    #[track_caller]
    fn check_refused(filter: &str, expected: &str) {
        let error = Filter::parse(filter, &known()).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("the filter is wrong at sign {expected}")
        );
    }

    #[test]
    fn wrong_words_are_named_with_the_right_ones() {
        check_refused(
            "revenu > 1",
            "1: \"revenu\" is no property; did you mean \"revenue\"?",
        );
        check_refused(
            "revenue >",
            "10: a property, a text or a number is expected",
        );
        check_refused("revenue > 1 revenue", "13: AND, OR or the end is expected");
        check_refused("revenue > 'a'", "9: a number and a text are never compared");
        check_refused("(revenue > 1", "13: ) is expected");
        check_refused("name = 'abc", "8: the text has no end");
        check_refused("revenue ! 1", "9: the sign \"!\" has no meaning here");
        check_refused("name LIKE 5", "11: a pattern in quotes is expected");
        check_refused(
            "S_INTERSECTS(geometry, BBOX(12, 48, 11, 49))",
            "24: west, south, east, north are expected, in degrees",
        );
        check_refused(
            "S_WITHIN(geometry, BBOX(11, 48, 12, 49))",
            "1: of functions there are S_INTERSECTS and DATE",
        );
        check_refused(
            "S_INTERSECTS(name, BBOX(11, 48, 12, 49))",
            "14: \"name\" is no geometry; did you mean \"geometry\"?",
        );
        check_refused("", "1: a comparison is expected");
    }

    #[test]
    fn deep_and_long_filters_are_refused() {
        let deep = format!("{}TRUE{}", "(".repeat(5_000), ")".repeat(5_000));
        assert!(Filter::parse(&deep, &known()).is_err());
        let nots = format!("{}TRUE", "NOT ".repeat(1_000));
        assert!(Filter::parse(&nots, &known()).is_err());
    }
}
