//! Which numbers of a formula go together: money is added to money, and divided by a count it is
//! still money.

use super::{Leaf, units};
use crate::cube::formula::{FormulaError, Node, Operator, Term};
use crate::cube::measure::Unit;

/// What a term gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The number 0, which is so much of anything.
    Nothing,
    Money,
    Count,
    Quantity,
    Share,
    Number,
}

impl Kind {
    fn words(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Money => "money",
            Self::Count => "a count",
            Self::Quantity => "a quantity",
            Self::Share => "a share",
            Self::Number => "a plain number",
        }
    }

    /// What `term` gives.
    ///
    /// # Errors
    /// What it adds up, compares, multiplies and divides must go together.
    pub(super) fn of(term: &Term<Leaf>) -> Result<Self, FormulaError> {
        Ok(match &term.node {
            Node::Number(number) if *number == 0.0 => Self::Nothing,
            Node::Number(_) => Self::Number,
            Node::Leaf(leaf) => match leaf.measure.unit() {
                Unit::Money => Self::Money,
                Unit::Count => Self::Count,
                Unit::Quantity => Self::Quantity,
                Unit::Share => Self::Share,
                Unit::Number | Unit::Day | Unit::Class => Self::Number,
            },
            Node::Negative(term) | Node::Size(term) => Self::of(term)?,
            Node::Least(terms) | Node::Greatest(terms) => Self::alike(terms, "chosen among")?,
            Node::If(_, terms) => {
                Self::alike(&terms[..2], "compared")?;
                Self::alike(&terms[2..], "chosen among")?
            }
            Node::Pair(operator, both) => {
                let [left, right] = &**both;
                match operator {
                    Operator::Plus => Self::alike(&**both, "added up")?,
                    Operator::Minus => Self::alike(&**both, "taken from each other")?,
                    Operator::Times => Self::of(left)?.times(Self::of(right)?, right.at)?,
                    Operator::Over => Self::of(left)?.over(Self::of(right)?, right.at)?,
                }
            }
        })
    }

    /// The one kind of all terms.
    fn alike(terms: &[Term<Leaf>], what: &str) -> Result<Self, FormulaError> {
        let mut one = Self::Nothing;
        for term in terms {
            let kind = Self::of(term)?;
            one = match (one, kind) {
                (Self::Nothing, other) | (other, Self::Nothing) => other,
                (one, other) if one == other => one,
                // So many of anything that is counted.
                (Self::Number, other @ (Self::Share | Self::Count | Self::Quantity))
                | (other @ (Self::Share | Self::Count | Self::Quantity), Self::Number) => {
                    if other == Self::Quantity {
                        Self::Quantity
                    } else {
                        Self::Number
                    }
                }
                (one, other) => {
                    let (one, other) = (one.words(), other.words());
                    let reason = format!("{one} and {other} can't be {what}");
                    return Err(units(term.at, reason));
                }
            };
        }
        Ok(one)
    }

    fn times(self, other: Self, at: usize) -> Result<Self, FormulaError> {
        Ok(match (self, other) {
            (Self::Money, Self::Money) => {
                let reason = "money times money is nothing that could be shown";
                return Err(units(at, reason.to_owned()));
            }
            (Self::Money, _) | (_, Self::Money) => Self::Money,
            (Self::Quantity, Self::Quantity) => Self::Number,
            (Self::Quantity, _) | (_, Self::Quantity) => Self::Quantity,
            (Self::Share, Self::Share) => Self::Share,
            _ => Self::Number,
        })
    }

    fn over(self, other: Self, at: usize) -> Result<Self, FormulaError> {
        Ok(match (self, other) {
            (kind, Self::Money) if !matches!(kind, Self::Money | Self::Nothing) => {
                let reason = format!("{} can't be divided by money: turn it around", kind.words());
                return Err(units(at, reason));
            }
            (Self::Money, other) if other != Self::Money => Self::Money,
            (Self::Quantity, other) if other != Self::Quantity => Self::Quantity,
            _ => Self::Number,
        })
    }
}
