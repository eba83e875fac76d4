//! The measures as data: what each is made of, its unit, where it adds up, and what a missing
//! value means.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::Error;
use super::level::unknown;
use super::own::{OwnMeasure, OwnMeasures};
use super::scan::Part;

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
    /// A part of a whole: 0.25 is 25 %.
    Share,
    /// A plain number with decimals.
    Number,
    /// A day, ISO 8601.
    Day,
    /// A, B or C.
    Class,
}

/// Where the numbers of children add up to their parent's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Additivity {
    /// In every dimension.
    Everywhere,
    /// Over regions and whatever else an account has one of, but not over time and products: a
    /// customer buys in several years.
    OverAccounts,
    /// Nowhere: ratios, ranks and days.
    Nowhere,
}

/// A number that the cube computes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measure {
    /// Sum of net amounts.
    Revenue,
    /// Sum of the known costs.
    Cost,
    /// Revenue less cost over the lines whose cost is known.
    Margin,
    /// Margin over the revenue of the lines whose cost is known.
    MarginPercent,
    /// Sum of quantities.
    Units,
    /// Number of different orders.
    Orders,
    /// Number of lines.
    Lines,
    /// Number of different known accounts with at least one line.
    Customers,
    /// Number of accounts whose first purchase ever is among the lines.
    NewCustomers,
    /// Number of accounts with a purchase among the lines after which they bought nothing for
    /// twelve months.
    LostCustomers,
    /// Number of accounts with a purchase among the lines before which they had bought nothing
    /// for twelve months, but once had.
    WonBackCustomers,
    /// Revenue over orders.
    AverageOrder,
    /// Revenue over customers.
    RevenuePerCustomer,
    /// Revenue over the inhabitants of the region.
    RevenuePerInhabitant,
    /// Revenue over the area of the region in square kilometres.
    RevenuePerKm2,
    /// Customers for each thousand inhabitants of the region.
    Penetration,
    /// The first day with a line.
    FirstPurchase,
    /// The last day with a line.
    LastPurchase,
    /// A formula over other measures.
    Own(Arc<OwnMeasure>),
}

/// What a measure is, for people and for programs.
struct Description {
    measure: Measure,
    id: &'static str,
    unit: Unit,
    additivity: Additivity,
    parts: &'static [Part],
    missing: &'static str,
}

/// A row of the table of measures.
const fn row(
    measure: Measure,
    id: &'static str,
    unit: Unit,
    additivity: Additivity,
    parts: &'static [Part],
    missing: &'static str,
) -> Description {
    Description {
        measure,
        id,
        unit,
        additivity,
        parts,
        missing,
    }
}

const NEVER: &str = "never missing: 0 without lines";
const NO_COST: &str = "no line has a cost";
const NO_REGION: &str = "the row names no region, or the number of its inhabitants is unknown";

#[rustfmt::skip]
static DESCRIPTIONS: [Description; 18] = {
    use Additivity::{Everywhere, Nowhere, OverAccounts};
    use Measure as M;
    use Unit::{Count, Day, Money, Number, Quantity, Share};
    [
        row(M::Revenue, "revenue", Money, Everywhere, &[Part::Revenue], NEVER),
        row(M::Cost, "cost", Money, Everywhere, &[Part::Cost, Part::CostedLines], NO_COST),
        row(M::Margin, "margin", Money, Everywhere, &[Part::CostedRevenue, Part::Cost, Part::CostedLines], NO_COST),
        row(M::MarginPercent, "margin_percent", Share, Nowhere, &[Part::CostedRevenue, Part::Cost, Part::CostedLines], "no line has a cost, or their revenue is 0"),
        row(M::Units, "units", Quantity, Everywhere, &[Part::UnitsMilli], NEVER),
        row(M::Orders, "orders", Count, OverAccounts, &[Part::Orders], NEVER),
        row(M::Lines, "lines", Count, Everywhere, &[Part::Lines], NEVER),
        row(M::Customers, "customers", Count, OverAccounts, &[Part::Customers], NEVER),
        row(M::NewCustomers, "new_customers", Count, OverAccounts, &[Part::NewCustomers], NEVER),
        row(M::LostCustomers, "lost_customers", Count, OverAccounts, &[Part::LostCustomers], NEVER),
        row(M::WonBackCustomers, "won_back_customers", Count, OverAccounts, &[Part::WonBackCustomers], NEVER),
        row(M::AverageOrder, "average_order", Money, Nowhere, &[Part::Revenue, Part::Orders], "no orders"),
        row(M::RevenuePerCustomer, "revenue_per_customer", Money, Nowhere, &[Part::Revenue, Part::Customers], "no known customer"),
        row(M::RevenuePerInhabitant, "revenue_per_inhabitant", Money, Nowhere, &[Part::Revenue], NO_REGION),
        row(M::RevenuePerKm2, "revenue_per_km2", Money, Nowhere, &[Part::Revenue], "the row names no region, or its area is unknown"),
        row(M::Penetration, "penetration", Number, Nowhere, &[Part::Customers], NO_REGION),
        row(M::FirstPurchase, "first_purchase", Day, Nowhere, &[Part::FirstDay, Part::Lines], "no lines"),
        row(M::LastPurchase, "last_purchase", Day, Nowhere, &[Part::LastDay, Part::Lines], "no lines"),
    ]
};

impl Measure {
    /// Every measure that comes with the product.
    pub fn all() -> impl Iterator<Item = Self> {
        DESCRIPTIONS.iter().map(|known| known.measure.clone())
    }

    /// Its row of the table; none for an own measure.
    fn description(&self) -> Option<&'static Description> {
        DESCRIPTIONS.iter().find(|known| known.measure == *self)
    }

    /// The word of the measure.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Own(own) => &own.definition().name,
            known => known.description().map_or("", |known| known.id),
        }
    }

    /// The measure of `word` that comes with the product.
    #[must_use]
    pub fn built_in(word: &str) -> Option<Self> {
        Self::all().find(|measure| measure.id() == word)
    }

    /// The measure of `word`, which may be one of `own`.
    ///
    /// # Errors
    /// The word must be one of the model.
    pub fn parse(word: &str, own: &OwnMeasures) -> Result<Self, Error> {
        if let Some(own) = own.get(word) {
            return Ok(Self::Own(own.clone()));
        }
        Self::built_in(word).ok_or_else(|| {
            let mut known: Vec<&str> = DESCRIPTIONS.iter().map(|known| known.id).collect();
            known.extend(own.iter().map(|own| own.definition().name.as_str()));
            unknown("measure", word, &known)
        })
    }

    /// What its numbers are.
    #[must_use]
    pub fn unit(&self) -> Unit {
        match self {
            Self::Own(own) => own.unit(),
            known => known.description().map_or(Unit::Number, |known| known.unit),
        }
    }

    /// Where the numbers of children add up to their parent's.
    #[must_use]
    pub fn additivity(&self) -> Additivity {
        self.description()
            .map_or(Additivity::Nowhere, |known| known.additivity)
    }

    /// Whether the numbers of the children of a member add up to its own, in every dimension.
    #[must_use]
    pub fn is_additive(&self) -> bool {
        self.additivity() == Additivity::Everywhere
    }

    /// What a missing value means.
    #[must_use]
    pub fn missing(&self) -> &'static str {
        let own = "a measure of the formula is missing, or the formula divides by 0";
        self.description().map_or(own, |known| known.missing)
    }

    /// What is aggregated from the lines to make it of.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        match self {
            Self::Own(own) => own.parts(),
            known => known.description().map_or(&[], |known| known.parts),
        }
    }

    /// Whether it can't be told without costs.
    #[must_use]
    pub fn needs_cost(&self) -> bool {
        self.parts().contains(&Part::CostedLines)
    }

    /// Whether it can't be told of money in several currencies.
    #[must_use]
    pub fn needs_one_currency(&self) -> bool {
        let money = [Part::Revenue, Part::Cost, Part::CostedRevenue];
        self.parts().iter().any(|part| money.contains(part))
    }

    /// Whether it looks at what is known of the region of a row.
    pub(super) fn needs_region(&self) -> bool {
        match self {
            Self::RevenuePerInhabitant | Self::RevenuePerKm2 | Self::Penetration => true,
            Self::Own(own) => own.needs_region(),
            _ => false,
        }
    }

    /// The other times that it looks at.
    #[must_use]
    pub fn compares(&self) -> &[Compare] {
        match self {
            Self::Own(own) => own.compares(),
            _ => &[],
        }
    }
}

/// What is made of a measure by looking at other rows or at another time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Modifier {
    /// The value itself.
    Plain,
    /// The value at the time of the comparison.
    Before(Compare),
    /// The value less the one of the comparison.
    Change(Compare),
    /// The change over the value of the comparison.
    ChangePercent(Compare),
    /// The value over that of the parent: of the row without its last level, of the region that
    /// the region lies in, of the year of a month; of the total where there is none.
    ShareOfParent,
    /// The value over the total.
    ShareOfTotal,
    /// A hundred times the value over that of the parent.
    Index,
    /// 1 for the largest among the rows that share all levels but the last; equals share a rank.
    Rank,
    /// The sum of the rows up to this one, in the order of time or else of the answer.
    RunningTotal,
    /// The mean over this and the preceding steps of time, as many as this in all; a step without
    /// lines counts as 0.
    MovingAverage(u8),
    /// The sum of this row and all larger ones over the sum of all: Pareto.
    CumulativeShare,
    /// A for rows that begin before 80 % of the sum is reached, largest first, B before 95 %,
    /// else C.
    AbcClass,
}

/// Which time a question compares with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Compare {
    /// The stretch of the same length before, or the step before.
    PreviousPeriod,
    /// The same stretch a year before.
    PreviousYear,
}

impl Compare {
    /// Every comparison.
    pub const ALL: [Self; 2] = [Self::PreviousPeriod, Self::PreviousYear];

    /// The word of the comparison.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::PreviousPeriod => "previous_period",
            Self::PreviousYear => "previous_year",
        }
    }

    /// The comparison of `word`.
    ///
    /// # Errors
    /// The word must be one of the model.
    pub fn parse(word: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|compare| compare.id() == word)
            .ok_or_else(|| unknown("comparison", word, &Self::ALL.map(Self::id)))
    }
}

impl Modifier {
    /// The word behind the point; none for the value itself.
    ///
    /// The words of changes name no comparison: a question has one.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Before(compare) => compare.id(),
            Self::Change(_) => "change",
            Self::ChangePercent(_) => "change_percent",
            Self::ShareOfParent => "share_of_parent",
            Self::ShareOfTotal => "share_of_total",
            Self::Index => "index",
            Self::Rank => "rank",
            Self::RunningTotal => "running_total",
            Self::MovingAverage(3) => "moving_average_3",
            Self::MovingAverage(_) => "moving_average_12",
            Self::CumulativeShare => "cumulative_share",
            Self::AbcClass => "abc",
        }
    }

    /// Every modifier of a question that compares with `compare`.
    fn all(compare: Compare) -> [Self; 12] {
        [
            Self::Before(compare),
            Self::Change(compare),
            Self::ChangePercent(compare),
            Self::ShareOfParent,
            Self::ShareOfTotal,
            Self::Index,
            Self::Rank,
            Self::RunningTotal,
            Self::MovingAverage(3),
            Self::MovingAverage(12),
            Self::CumulativeShare,
            Self::AbcClass,
        ]
    }

    /// The words of all modifiers.
    pub fn words() -> impl Iterator<Item = &'static str> {
        let others = Self::all(Compare::PreviousYear);
        std::iter::once(Compare::PreviousPeriod.id()).chain(others.map(Self::id))
    }

    /// The comparison that it needs.
    #[must_use]
    pub fn compare(self) -> Option<Compare> {
        match self {
            Self::Before(compare) | Self::Change(compare) | Self::ChangePercent(compare) => {
                Some(compare)
            }
            _ => None,
        }
    }
}

/// A column of figures: a measure, or what a modifier makes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// The measure.
    pub measure: Measure,
    /// What is made of it.
    pub modifier: Modifier,
}

impl Figure {
    /// The measure itself.
    #[must_use]
    pub fn plain(measure: Measure) -> Self {
        Self {
            measure,
            modifier: Modifier::Plain,
        }
    }

    /// The figure of a word such as `revenue` or `revenue.share_of_total`; changes are those of
    /// `compare`, and measures may be of `own`.
    ///
    /// # Errors
    /// The words must be of the model, and the modifier must make sense for the measure.
    pub fn parse(word: &str, compare: Compare, own: &OwnMeasures) -> Result<Self, Error> {
        let Some((measure, modifier)) = word.split_once('.') else {
            return Measure::parse(word, own).map(Self::plain);
        };
        let measure = Measure::parse(measure, own)?;
        let modifier = match Compare::ALL
            .into_iter()
            .find(|known| known.id() == modifier)
        {
            Some(compare) => Modifier::Before(compare),
            None => Modifier::all(compare)
                .into_iter()
                .find(|known| known.id() == modifier)
                .ok_or_else(|| {
                    let words: Vec<&str> = Modifier::words().collect();
                    unknown("figure of a measure", modifier, &words)
                })?,
        };
        let figure = Self { measure, modifier };
        figure.check()?;
        Ok(figure)
    }

    fn check(&self) -> Result<(), Error> {
        let additive = self.measure.is_additive();
        let refused = match self.modifier {
            Modifier::RunningTotal | Modifier::MovingAverage(_) => {
                (!additive).then_some("does not add up over time")
            }
            Modifier::CumulativeShare | Modifier::AbcClass => {
                (!additive).then_some("does not add up over the rows")
            }
            Modifier::Plain | Modifier::Rank => None,
            _ if !self.measure.compares().is_empty() => Some("looks at another time already"),
            Modifier::Before(_) => None,
            _ => (self.measure.unit() == Unit::Day).then_some("is a day"),
        };
        match refused {
            None => Ok(()),
            Some(why) => Err(Error::Combination(format!(
                "{} has no {}: it {why}",
                self.measure.id(),
                self.modifier.id()
            ))),
        }
    }

    /// The other times that it looks at.
    pub fn compares(&self) -> impl Iterator<Item = Compare> {
        let measure = self.measure.compares().iter().copied();
        self.modifier.compare().into_iter().chain(measure)
    }

    /// The heading of its column.
    #[must_use]
    pub fn id(&self) -> String {
        match self.modifier {
            Modifier::Plain => self.measure.id().to_owned(),
            modifier => format!("{}.{}", self.measure.id(), modifier.id()),
        }
    }

    /// What its numbers are.
    #[must_use]
    pub fn unit(&self) -> Unit {
        match self.modifier {
            Modifier::Plain
            | Modifier::Before(_)
            | Modifier::Change(_)
            | Modifier::RunningTotal
            | Modifier::MovingAverage(_) => self.measure.unit(),
            Modifier::ChangePercent(_)
            | Modifier::ShareOfParent
            | Modifier::ShareOfTotal
            | Modifier::CumulativeShare => Unit::Share,
            Modifier::Index => Unit::Number,
            Modifier::Rank => Unit::Count,
            Modifier::AbcClass => Unit::Class,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back() {
        for measure in Measure::all() {
            assert_eq!(Measure::built_in(measure.id()), Some(measure.clone()));
            assert!(measure.description().is_some());
            assert!(!measure.missing().is_empty());
        }
        for modifier in Modifier::words() {
            let word = format!("revenue.{modifier}");
            let figure =
                Figure::parse(&word, Compare::PreviousYear, &OwnMeasures::default()).unwrap();
            assert_eq!(figure.id(), word);
        }
    }

    #[track_caller]
    fn check_refused(word: &str, message: &str) {
        let error =
            Figure::parse(word, Compare::PreviousYear, &OwnMeasures::default()).unwrap_err();
        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn wrong_figures_say_why() {
        check_refused(
            "revenu",
            "\"revenu\" is no measure; did you mean \"revenue\"?",
        );
        check_refused(
            "revenue.share",
            "\"share\" is no figure of a measure; did you mean \"share_of_total\"?",
        );
        check_refused(
            "customers.running_total",
            "customers has no running_total: it does not add up over time",
        );
        check_refused(
            "first_purchase.share_of_total",
            "first_purchase has no share_of_total: it is a day",
        );
    }
}
