//! An own measure: a formula under a name.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An own measure as it is kept: checked, but not yet understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OwnMeasure)]
pub struct MeasureDefinition {
    /// Its word in questions and formulas: a lower-case letter, then such letters, digits and `_`,
    /// 40 signs at most.
    pub name: String,
    /// What it is computed by, such as `margin / customers`; 500 signs at most.
    pub formula: String,
    /// What people call it in German; the name where it is empty. 60 signs at most.
    #[serde(default)]
    pub label_de: String,
    /// What people call it in English; the name where it is empty. 60 signs at most.
    #[serde(default)]
    pub label_en: String,
    /// How a number without a unit is shown; as its formula suggests where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<MeasureFormat>,
    /// Decimals that a number without a unit is shown with, 0 to 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u8>,
}

/// How a number without a unit is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MeasureFormat {
    /// As it is.
    Number,
    /// As a part of a whole: 0.25 as 25 %.
    Percent,
}

impl MeasureFormat {
    /// The word of the format.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Percent => "percent",
        }
    }

    /// The format of `word`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Number, Self::Percent]
            .into_iter()
            .find(|format| format.name() == word)
    }
}
