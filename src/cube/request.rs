//! The JSON document of a question, as untrusted as it comes.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::UNASSIGNED;
use crate::place::LonLat;

/// A question as it is asked.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Question)]
pub struct Request {
    /// Words of measures, at least one: `revenue`, or a figure of it such as
    /// `revenue.share_of_total`.
    pub measures: Vec<String>,
    /// The levels that make the rows; none for the total alone.
    #[serde(default)]
    pub rows: Vec<AxisRequest>,
    /// Further levels; an answer has one row per combination of all levels.
    #[serde(default)]
    pub columns: Vec<AxisRequest>,
    /// Only lines that every filter lets through.
    #[serde(default)]
    pub filters: Vec<FilterRequest>,
    /// Only rows whose figures lie in these bounds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub having: Vec<HavingRequest>,
    /// `previous_year` or `previous_period`: adds the value then and the change since to each
    /// measure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare: Option<String>,
    /// Whether rows without some of the levels are given too, computed from the lines.
    #[serde(default, skip_serializing_if = "is_false")]
    pub subtotals: bool,
    /// Order of the rows; without it by keys.
    #[serde(default)]
    pub sort: Vec<SortRequest>,
    /// How many rows to give at most.
    #[serde(default)]
    pub limit: Option<usize>,
    /// How many rows to leave out at the start.
    #[serde(default)]
    pub offset: usize,
    /// The month that fiscal years begin with, 1 to 12; 1 unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fiscal_year_start: Option<u8>,
    /// The currency of the answer's money: each line is converted at the rate of its day. Without
    /// it money stays as it is, and must be of one currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Whether the answer tells how it was computed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub explain: bool,
    /// Whether roll-ups may answer, which they do unless this is false; the answer is the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollups: Option<bool>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}

/// A level of the rows or columns: its word, or a level with some members opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Axis)]
pub enum AxisRequest {
    /// `"region.state"`
    Level(String),
    /// `{"level": "region.state", "expand": {"09": "region.district"}}`
    Opened(OpenedRequest),
}

/// A level with some members opened to finer ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OpenedAxis)]
pub struct OpenedRequest {
    /// Word of the level.
    pub level: String,
    /// Keys of members, each with the axis that stands in its place.
    #[serde(default)]
    #[schema(no_recursion)]
    pub expand: BTreeMap<String, AxisRequest>,
}

impl From<&str> for AxisRequest {
    fn from(level: &str) -> Self {
        Self::Level(level.to_owned())
    }
}

/// A filter. Of a level: its members `in` or `not_in` a list, those whose name or key has a
/// `text`, a stretch of time `from` … `to`, both included, or the `top` or `bottom` members `by` a
/// measure. Of the map: the accounts `within` a shape.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Filter)]
pub struct FilterRequest {
    /// Word of the level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// Keys of members, `unassigned` among them.
    #[serde(default, rename = "in", skip_serializing_if = "Option::is_none")]
    pub keys: Option<Vec<KeyWord>>,
    /// Keys of members that are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_in: Option<Vec<KeyWord>>,
    /// Only members whose name or key contains this, in any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// First key of a stretch of time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<KeyWord>,
    /// Last key of a stretch of time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<KeyWord>,
    /// How many of the largest members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top: Option<usize>,
    /// How many of the smallest members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bottom: Option<usize>,
    /// The measure that tells which members are the largest or smallest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Whether the other members stand together in a row `others` instead of being left out.
    #[serde(default, skip_serializing_if = "is_false")]
    pub others: bool,
    /// The shape in which an account must lie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<ShapeRequest>,
}

/// A shape on the map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = Shape)]
pub enum ShapeRequest {
    /// A polygon by its corners, longitude and latitude in degrees; edges are straight in them.
    Polygon(Vec<[f64; 2]>),
    /// A circle on the earth.
    Circle(CircleRequest),
}

/// A circle on the earth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Circle)]
pub struct CircleRequest {
    /// Longitude and latitude in degrees.
    #[schema(value_type = [f64; 2])]
    pub center: LonLat,
    /// Radius in metres.
    pub radius_m: f64,
}

/// A key, which may also be written as a number: `2025`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum KeyWord {
    /// `"2025"`
    Text(String),
    /// `2025`
    Number(i64),
}

impl KeyWord {
    pub(super) fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
        }
    }
}

impl<'de> Deserialize<'de> for KeyWord {
    // By hand, because an untagged enum can't say what would have been right.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KeyVisitor)
    }
}

struct KeyVisitor;

impl Visitor<'_> for KeyVisitor {
    type Value = KeyWord;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "a key: a text such as \"09\", a whole number, or \"{UNASSIGNED}\" for what has none"
        )
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<KeyWord, E> {
        Ok(KeyWord::from(text))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<KeyWord, E> {
        Ok(KeyWord::Number(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<KeyWord, E> {
        Ok(i64::try_from(number)
            .map_or_else(|_| KeyWord::Text(number.to_string()), KeyWord::Number))
    }
}

impl From<&str> for KeyWord {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// Bounds of a figure, both included: money in minor units, quantities in whole ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Having)]
pub struct HavingRequest {
    /// Word of a measure of the question.
    pub measure: String,
    /// The smallest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<f64>,
    /// The largest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<f64>,
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
