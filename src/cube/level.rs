//! The levels of the dimensions as data: which words exist and what they stand for.

use super::Error;
use super::time::TimeStep;
use crate::place::{Level, OwnLevel};
use crate::spatial::outline;
use crate::warehouse::{FilledLevel, Warehouse};
use crate::word;

/// A level of a dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CubeLevel {
    /// A level of the region dimension.
    Region(Level),
    /// The first digits of the postal code, within its country: 1, 2 or 3 of them.
    PostalDigits(u8),
    /// NUTS 1, 2 or 3, where the official units have codes.
    Nuts(u8),
    /// A hexagon of H3, resolution 3 to 9.
    Hexagon(u8),
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
    /// Stage of life of the account.
    Stage,
    /// Industry of the account in the company's own words.
    Industry,
    /// A, B or C: which part of the revenue of the last twelve months the account belongs to.
    AbcClass,
    /// Who sold.
    Rep,
    /// Currency of the line.
    Currency,
}

/// Every level with its word, dimension by dimension, coarse to fine.
const LEVELS: [(CubeLevel, &str); 37] = [
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
    (CubeLevel::PostalDigits(1), "region.postal_1"),
    (CubeLevel::PostalDigits(2), "region.postal_2"),
    (CubeLevel::PostalDigits(3), "region.postal_3"),
    (CubeLevel::Region(Level::Postal), "region.postal"),
    (CubeLevel::Nuts(1), "region.nuts_1"),
    (CubeLevel::Nuts(2), "region.nuts_2"),
    (CubeLevel::Nuts(3), "region.nuts_3"),
    (CubeLevel::Hexagon(3), "region.h3_3"),
    (CubeLevel::Hexagon(4), "region.h3_4"),
    (CubeLevel::Hexagon(5), "region.h3_5"),
    (CubeLevel::Hexagon(6), "region.h3_6"),
    (CubeLevel::Hexagon(7), "region.h3_7"),
    (CubeLevel::Hexagon(8), "region.h3_8"),
    (CubeLevel::Hexagon(9), "region.h3_9"),
    (CubeLevel::Own(OwnLevel::First), "own.1"),
    (CubeLevel::Own(OwnLevel::Second), "own.2"),
    (CubeLevel::Own(OwnLevel::Third), "own.3"),
    (CubeLevel::Own(OwnLevel::Fourth), "own.4"),
    (CubeLevel::Time(TimeStep::Year), "time.year"),
    (CubeLevel::Time(TimeStep::FiscalYear(1)), "time.fiscal_year"),
    (CubeLevel::Time(TimeStep::Quarter), "time.quarter"),
    (CubeLevel::Time(TimeStep::Month), "time.month"),
    (CubeLevel::Time(TimeStep::Week), "time.week"),
    (CubeLevel::Time(TimeStep::Day), "time.day"),
    (CubeLevel::Category, "product.category"),
    (CubeLevel::Product, "product.product"),
    (CubeLevel::Stage, "account.stage"),
    (CubeLevel::Industry, "account.industry"),
    (CubeLevel::AbcClass, "account.abc"),
    (CubeLevel::Account, "account.account"),
    (CubeLevel::Rep, "rep.rep"),
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
        let known = match self {
            Self::Time(TimeStep::FiscalYear(_)) => Self::Time(TimeStep::FiscalYear(1)),
            other => other,
        };
        LEVELS
            .iter()
            .find(|(level, _)| *level == known)
            .map_or("", |(_, id)| id)
    }

    /// The level of `word`; `product`, `account` and `rep` stand for the finest of their
    /// dimension too.
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

    /// The column of member numbers; `None` for the levels of time and of hexagons, whose numbers
    /// are computed.
    #[must_use]
    pub fn member_column(self) -> Option<&'static str> {
        match self {
            Self::Region(level) => Some(level.name()),
            Self::PostalDigits(1) => Some("postal_1"),
            Self::PostalDigits(2) => Some("postal_2"),
            Self::PostalDigits(_) => Some("postal_3"),
            Self::Nuts(1) => Some("nuts_1"),
            Self::Nuts(2) => Some("nuts_2"),
            Self::Nuts(_) => Some("nuts_3"),
            Self::Own(level) => Some(level.name()),
            Self::Time(_) | Self::Hexagon(_) => None,
            Self::Category => Some("category"),
            Self::Product => Some("product"),
            Self::Account => Some("account"),
            Self::Stage => Some("stage"),
            Self::Industry => Some("industry"),
            Self::AbcClass => Some("abc"),
            Self::Rep => Some("rep"),
            Self::Currency => Some("currency"),
        }
    }

    /// Which areas its members have; `None` for own regions, which have those that were imported,
    /// and for what is no region.
    #[must_use]
    pub fn outline(self) -> Option<outline::Kind> {
        match self {
            Self::Region(level) => Some(outline::Kind::Region(level)),
            Self::PostalDigits(count) => Some(outline::Kind::PostalDigits(count)),
            Self::Nuts(step) => Some(outline::Kind::Nuts(step)),
            Self::Hexagon(_) => Some(outline::Kind::Hexagon),
            Self::Own(_)
            | Self::Time(_)
            | Self::Category
            | Self::Product
            | Self::Account
            | Self::Stage
            | Self::Industry
            | Self::AbcClass
            | Self::Rep
            | Self::Currency => None,
        }
    }

    /// Whether an account lies in one member of the level, whatever it buys and when.
    #[must_use]
    pub fn is_of_account(self) -> bool {
        match self {
            Self::Time(_) | Self::Category | Self::Product | Self::Rep | Self::Currency => false,
            Self::Region(_)
            | Self::PostalDigits(_)
            | Self::Nuts(_)
            | Self::Hexagon(_)
            | Self::Own(_)
            | Self::Account
            | Self::Stage
            | Self::Industry
            | Self::AbcClass => true,
        }
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
        assert_eq!(CubeLevel::parse("product").unwrap(), CubeLevel::Product);
        let fiscal = CubeLevel::Time(TimeStep::FiscalYear(4));
        assert_eq!(fiscal.id(), "time.fiscal_year");
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
            CubeLevel::parse("region.stat").unwrap_err().to_string(),
            "\"region.stat\" is no level; did you mean \"region.state\"?"
        );
    }
}
