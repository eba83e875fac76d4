//! Dimensions and measures as data: which words exist and what they stand for.

use serde::Serialize;
use utoipa::ToSchema;

use super::Error;
use super::time::TimeStep;
use crate::place::{Level, OwnLevel};
use crate::warehouse::{FilledLevel, Warehouse};
use crate::word;

/// A level of a dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CubeLevel {
    /// A level of the region dimension.
    Region(Level),
    /// A hierarchy of own regions.
    Own(OwnLevel),
    /// A step of the time dimension.
    Time(TimeStep),
    /// Category of the product.
    Category,
    /// The product.
    Product,
    /// The account.
    Account,
    /// Currency of the line.
    Currency,
}

/// Every level with its word.
const LEVELS: [(CubeLevel, &str); 18] = [
    (CubeLevel::Region(Level::Country), "region.country"),
    (CubeLevel::Region(Level::State), "region.state"),
    (
        CubeLevel::Region(Level::GovernmentDistrict),
        "region.government_district",
    ),
    (CubeLevel::Region(Level::District), "region.district"),
    (
        CubeLevel::Region(Level::Municipality),
        "region.municipality",
    ),
    (CubeLevel::Region(Level::Postal), "region.postal"),
    (CubeLevel::Own(OwnLevel::First), "own.1"),
    (CubeLevel::Own(OwnLevel::Second), "own.2"),
    (CubeLevel::Own(OwnLevel::Third), "own.3"),
    (CubeLevel::Own(OwnLevel::Fourth), "own.4"),
    (CubeLevel::Time(TimeStep::Year), "time.year"),
    (CubeLevel::Time(TimeStep::Quarter), "time.quarter"),
    (CubeLevel::Time(TimeStep::Month), "time.month"),
    (CubeLevel::Time(TimeStep::Day), "time.day"),
    (CubeLevel::Category, "product.category"),
    (CubeLevel::Product, "product.product"),
    (CubeLevel::Account, "account.account"),
    (CubeLevel::Currency, "sale.currency"),
];

impl CubeLevel {
    /// Every level, dimension by dimension, coarse to fine.
    pub fn all() -> impl Iterator<Item = Self> {
        LEVELS.iter().map(|(level, _)| *level)
    }

    /// The word of the level, such as `region.state`.
    #[must_use]
    pub fn id(self) -> &'static str {
        LEVELS
            .iter()
            .find(|(level, _)| *level == self)
            .map_or("", |(_, id)| id)
    }

    /// The level of `word`; `product` stands for `product.product`, `account` for itself too.
    ///
    /// # Errors
    /// The word must be one of the model.
    pub fn parse(word: &str) -> Result<Self, Error> {
        LEVELS
            .iter()
            .find(|(_, id)| *id == word || id.split_once('.') == Some((word, word)))
            .map(|(level, _)| *level)
            .ok_or_else(|| unknown("level", word, &LEVELS.map(|(_, id)| id)))
    }

    /// Whether `warehouse` has members of the level; only own regions may be missing.
    #[must_use]
    pub fn is_filled(self, warehouse: &Warehouse) -> bool {
        let Self::Own(own) = self else {
            return true;
        };
        let mut filled = warehouse.summary().hierarchies.iter();
        filled.any(|filled| filled.level == own)
    }

    /// The error for a level that `warehouse` has no members of.
    ///
    /// # Errors
    /// A hierarchy must fill the level.
    pub(super) fn require(self, warehouse: &Warehouse) -> Result<(), Error> {
        if self.is_filled(warehouse) {
            return Ok(());
        }
        let hierarchies = &warehouse.summary().hierarchies;
        let word = |filled: &FilledLevel| {
            format!("{} is \"{}\"", Self::Own(filled.level).id(), filled.name)
        };
        Err(Error::NoHierarchy {
            level: self.id(),
            known: hierarchies.iter().map(word).collect(),
        })
    }

    /// The column of member numbers; `None` for the levels of time, which are computed.
    #[must_use]
    pub fn member_column(self) -> Option<&'static str> {
        match self {
            Self::Region(level) => Some(level.name()),
            Self::Own(level) => Some(level.name()),
            Self::Time(_) => None,
            Self::Category => Some("category"),
            Self::Product => Some("product"),
            Self::Account => Some("account"),
            Self::Currency => Some("currency"),
        }
    }
}

/// What the numbers of a measure are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Minor units of the answer's currency.
    Money,
    /// A whole number of things.
    Count,
    /// A number with up to three decimals.
    Quantity,
}

/// A number that the cube computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Sum of net amounts.
    Revenue,
    /// Revenue less cost over the lines whose cost is known; none where no cost is known.
    Margin,
    /// Sum of quantities.
    Units,
    /// Number of different orders.
    Orders,
    /// Number of lines.
    Lines,
    /// Number of different known accounts with at least one line.
    Customers,
    /// Revenue over orders; none without orders.
    AverageOrder,
}

impl Measure {
    /// Every measure.
    pub const ALL: [Self; 7] = [
        Self::Revenue,
        Self::Margin,
        Self::Units,
        Self::Orders,
        Self::Lines,
        Self::Customers,
        Self::AverageOrder,
    ];

    /// The word of the measure.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Revenue => "revenue",
            Self::Margin => "margin",
            Self::Units => "units",
            Self::Orders => "orders",
            Self::Lines => "lines",
            Self::Customers => "customers",
            Self::AverageOrder => "average_order",
        }
    }

    /// The measure of `word`.
    ///
    /// # Errors
    /// The word must be one of the model.
    pub fn parse(word: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|measure| measure.id() == word)
            .ok_or_else(|| unknown("measure", word, &Self::ALL.map(Self::id)))
    }

    /// What its numbers are.
    #[must_use]
    pub fn unit(self) -> Unit {
        match self {
            Self::Revenue | Self::Margin | Self::AverageOrder => Unit::Money,
            Self::Units => Unit::Quantity,
            Self::Orders | Self::Lines | Self::Customers => Unit::Count,
        }
    }

    /// Whether the numbers of the children of a member add up to its own, in every dimension.
    /// Distinct counts and ratios do not: a customer buys in several years.
    #[must_use]
    pub fn is_additive(self) -> bool {
        matches!(
            self,
            Self::Revenue | Self::Margin | Self::Units | Self::Lines
        )
    }
}

/// The error of a word that is none of `known`, with the nearest or else all of them.
pub(super) fn unknown(what: &'static str, word: &str, known: &[&str]) -> Error {
    let near = word::nearest(word, known.iter().copied(), 1);
    Error::UnknownWord {
        what,
        word: word::shortened(word),
        suggestions: if near.is_empty() {
            known.iter().map(|&word| word.to_owned()).collect()
        } else {
            near
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::warehouse::MEMBER_COLUMNS;

    #[test]
    fn words_come_back() {
        for level in CubeLevel::all() {
            assert_eq!(CubeLevel::parse(level.id()).unwrap(), level);
        }
        for measure in Measure::ALL {
            assert_eq!(Measure::parse(measure.id()).unwrap(), measure);
        }
        assert_eq!(CubeLevel::parse("product").unwrap(), CubeLevel::Product);
    }

    #[test]
    fn every_member_column_is_in_the_warehouse() {
        for column in CubeLevel::all().filter_map(CubeLevel::member_column) {
            assert!(MEMBER_COLUMNS.contains(&column), "{column}");
        }
    }

    #[test]
    fn a_wrong_word_is_named_with_the_right_one() {
        assert_eq!(
            Measure::parse("revenu").unwrap_err().to_string(),
            "\"revenu\" is no measure; did you mean \"revenue\"?"
        );
        assert_eq!(
            CubeLevel::parse("region.stat").unwrap_err().to_string(),
            "\"region.stat\" is no level; did you mean \"region.state\"?"
        );
    }
}
