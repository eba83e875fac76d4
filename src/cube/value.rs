//! Values of measures: computed from parts, ratios last.

use std::cmp::Ordering;

use super::answer::Cell;
use super::measure::{Compare, Measure, Unit};
use super::scan::Part;
use super::time::TimeStep;

/// A value of a figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value {
    /// There is none.
    None,
    /// Minor units, a count, thousandths of a quantity or a day.
    Integer(i64),
    /// A share or a number with decimals.
    Decimal(f64),
    /// A class.
    Class(&'static str),
}

/// What is known of the region of a row.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Land {
    pub(super) inhabitants: Option<u64>,
    pub(super) area_km2: Option<f64>,
}

/// What is known of the lines of a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given<'a> {
    /// What was aggregated.
    pub(super) parts: &'a [Part],
    /// A value for each part; none when there are no lines.
    pub(super) values: &'a [i64],
    /// What is known of the region.
    pub(super) land: Option<Land>,
    /// The values at each other time in the order of [`Compare::ALL`]; none where there is no such
    /// time.
    pub(super) before: [Option<&'a [i64]>; Compare::ALL.len()],
}

impl<'a> Given<'a> {
    /// What is known when no other time is looked at.
    pub(super) fn now(parts: &'a [Part], values: &'a [i64], land: Option<Land>) -> Self {
        Self {
            parts,
            values,
            land,
            before: [None; Compare::ALL.len()],
        }
    }

    /// What is known of another time.
    pub(super) fn at(&self, compare: Compare) -> Option<Self> {
        let values = self.before[place_of(compare)]?;
        Some(Self::now(self.parts, values, self.land))
    }
}

/// The place of a comparison among all.
pub(super) fn place_of(compare: Compare) -> usize {
    match compare {
        Compare::PreviousPeriod => 0,
        Compare::PreviousYear => 1,
    }
}

/// The value of `measure` from what is known of the lines of a row.
pub(super) fn of(measure: &Measure, given: &Given<'_>) -> Value {
    let part = |wanted: Part| {
        let place = given.parts.iter().position(|part| *part == wanted);
        place
            .and_then(|place| given.values.get(place))
            .copied()
            .unwrap_or_default()
    };
    let when = |known: i64, value: Value| if known == 0 { Value::None } else { value };
    let land = given.land.unwrap_or_default();
    match measure {
        Measure::Revenue => Value::Integer(part(Part::Revenue)),
        Measure::Cost => when(part(Part::CostedLines), Value::Integer(part(Part::Cost))),
        Measure::Margin => when(
            part(Part::CostedLines),
            Value::Integer(part(Part::CostedRevenue) - part(Part::Cost)),
        ),
        Measure::MarginPercent => {
            let revenue = part(Part::CostedRevenue);
            share(revenue - part(Part::Cost), revenue)
        }
        Measure::Units => Value::Integer(part(Part::UnitsMilli)),
        Measure::Orders => Value::Integer(part(Part::Orders)),
        Measure::Lines => Value::Integer(part(Part::Lines)),
        Measure::Customers => Value::Integer(part(Part::Customers)),
        Measure::NewCustomers => Value::Integer(part(Part::NewCustomers)),
        Measure::LostCustomers => Value::Integer(part(Part::LostCustomers)),
        Measure::WonBackCustomers => Value::Integer(part(Part::WonBackCustomers)),
        Measure::AverageOrder => divided(part(Part::Revenue), part(Part::Orders)),
        Measure::RevenuePerCustomer => divided(part(Part::Revenue), part(Part::Customers)),
        Measure::RevenuePerInhabitant => {
            let inhabitants = land.inhabitants.and_then(|count| i64::try_from(count).ok());
            inhabitants.map_or(Value::None, |count| divided(part(Part::Revenue), count))
        }
        Measure::RevenuePerKm2 => match land.area_km2 {
            Some(area) if area > 0.0 => Value::Integer(rounded(float(part(Part::Revenue)) / area)),
            _ => Value::None,
        },
        Measure::Penetration => match land.inhabitants {
            Some(count) if count > 0 => {
                let inhabitants = i64::try_from(count).unwrap_or(i64::MAX);
                Value::Decimal(float(part(Part::Customers)) * 1_000.0 / float(inhabitants))
            }
            _ => Value::None,
        },
        Measure::FirstPurchase => when(part(Part::Lines), Value::Integer(part(Part::FirstDay))),
        Measure::LastPurchase => when(part(Part::Lines), Value::Integer(part(Part::LastDay))),
        Measure::Own(own) => own.value(given),
    }
}

/// `value` over `whole`, rounded half away from zero; none where the whole is 0.
pub(super) fn divided(value: i64, whole: i64) -> Value {
    if whole == 0 {
        return Value::None;
    }
    let (size, parts) = (i128::from(value).abs(), i128::from(whole).abs());
    let quotient = (2 * size + parts) / (2 * parts);
    let quotient = i64::try_from(quotient).unwrap_or(i64::MAX);
    Value::Integer(quotient * value.signum() * whole.signum())
}

/// `value` over `whole` as a share; none where the whole is 0.
pub(super) fn share(value: i64, whole: i64) -> Value {
    if whole == 0 {
        return Value::None;
    }
    Value::Decimal(float(value) / float(whole))
}

impl Value {
    /// The value as a number with decimals.
    pub(super) fn number(self) -> Option<f64> {
        match self {
            Self::Integer(value) => Some(float(value)),
            Self::Decimal(value) => Some(value),
            Self::None | Self::Class(_) => None,
        }
    }

    /// This value over another.
    pub(super) fn over(self, whole: Self) -> Self {
        match (self.number(), whole.number()) {
            (Some(value), Some(whole)) if whole != 0.0 => Self::Decimal(value / whole),
            _ => Self::None,
        }
    }

    /// This value less another; none where one of them is missing.
    pub(super) fn less(self, other: Self) -> Self {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => Self::Integer(a.saturating_sub(b)),
            (Self::Decimal(a), Self::Decimal(b)) => Self::Decimal(a - b),
            _ => Self::None,
        }
    }

    /// This value as a cell of its unit.
    pub(super) fn cell(self, unit: Unit) -> Cell {
        match (self, unit) {
            (Self::None, _) => Cell::None,
            (Self::Integer(milli), Unit::Quantity) => Cell::quantity(milli),
            (Self::Integer(day), Unit::Day) => Cell::Key(TimeStep::Day.key(day)),
            (Self::Integer(value), _) => Cell::Integer(value),
            (Self::Decimal(value), _) => Cell::Decimal(value),
            (Self::Class(class), _) => Cell::Key(class.to_owned()),
        }
    }
}

/// The order of two values, missing ones last either way.
pub(super) fn compare(a: &Value, b: &Value, descending: bool) -> Ordering {
    let ordering = match (a, b) {
        (Value::None, Value::None) => return Ordering::Equal,
        (Value::None, _) => return Ordering::Greater,
        (_, Value::None) => return Ordering::Less,
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Class(a), Value::Class(b)) => a.cmp(b),
        (a, b) => {
            let number = |value: &Value| value.number().unwrap_or_default();
            number(a).total_cmp(&number(b))
        }
    };
    if descending {
        ordering.reverse()
    } else {
        ordering
    }
}

/// `value` as a number with decimals.
#[expect(
    clippy::cast_precision_loss,
    reason = "exact up to 90 million million units; shares, colours and workbooks need no more"
)]
pub(crate) fn float(value: i64) -> f64 {
    value as f64
}

/// The whole number that is nearest to `value`, halves away from zero.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a cast of a float that is too large gives the largest number"
)]
pub(crate) fn rounded(value: f64) -> i64 {
    value.round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotient_is_rounded_half_away_from_zero() {
        for (value, whole, expected) in [(5, 2, 3), (-5, 2, -3), (4, 3, 1), (-4, 3, -1), (7, 7, 1)]
        {
            assert_eq!(
                divided(value, whole),
                Value::Integer(expected),
                "{value}/{whole}"
            );
        }
        assert_eq!(divided(5, 0), Value::None);
    }

    #[test]
    fn missing_values_come_last_either_way() {
        for descending in [false, true] {
            let ordering = compare(&Value::None, &Value::Integer(1), descending);
            assert_eq!(ordering, Ordering::Greater);
        }
    }
}
