//! Classes of the map: where one colour ends and the next begins.
//!
//! The screen says the same in `web/src/view/classes.ts`; `tests/classes.json` has cases that both
//! are tested with, so that a printed map has the classes that were seen.

mod natural;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How values are put into classes.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Classes of as many regions each.
    #[default]
    Quantile,
    /// Classes of the same width.
    Equal,
    /// Classes whose values differ least from each other.
    Natural,
    /// Classes as wide as the standard deviation, around the mean.
    Deviation,
    /// Classes between given bounds.
    Manual,
    /// No classes: a colour for each value.
    Continuous,
}

/// The value at which a diverging palette turns.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Turn {
    /// Zero, where values lie on both sides of it; with [`Method::Deviation`] the mean.
    #[default]
    Auto,
    /// None: the middle class has the middle of the palette.
    None,
    /// This one, in the units of the answer.
    At(f64),
}

impl FromStr for Turn {
    type Err = String;

    /// `auto`, `none` or a number.
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "none" => Ok(Self::None),
            number => match number.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(Self::At(number)),
                _ => Err(format!("\"{text}\" is neither auto, none nor a number")),
            },
        }
    }
}

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::None => f.write_str("none"),
            Self::At(value) => value.fmt(f),
        }
    }
}

/// From so many values on, a continuous scale ends short of the outermost ones.
const ENOUGH_FOR_TAILS: usize = 50;

/// One of so many values is left out by a continuous scale at each end.
const TAIL: usize = 50;

/// The part of the values on the lesser side of zero from which on both sides count: one of so many.
const ENOUGH_OUTSIDE: usize = 20;

/// What the classes are to be made by.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wish<'a> {
    pub(super) method: Method,
    pub(super) count: usize,
    /// Bounds between classes, ascending, for [`Method::Manual`]; the two ends of
    /// [`Method::Continuous`], which has its own where there are none.
    pub(super) breaks: &'a [f64],
    /// Whether the palette is to turn at zero, where there are values on both sides of it.
    pub(super) turns: bool,
    /// Where it is to turn instead, of bounds that are given.
    pub(super) turn: Turn,
}

/// Where classes begin and end, whatever values are put into them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fit {
    /// The bounds between the classes, ascending; of a continuous scale its two ends.
    pub(super) breaks: Vec<f64>,
    /// The value at which a diverging palette turns; none for the middle class.
    pub(super) turn: Option<f64>,
}

/// Classes of values.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Classes {
    /// Ascending, one more than there are classes; class i holds `bounds[i] <= value <
    /// bounds[i + 1]`, the last both. Of a continuous scale its two ends.
    pub(super) bounds: Vec<f64>,
    /// How many values each class holds.
    pub(super) counts: Vec<usize>,
    /// Whether each class holds one value, which stands at its lower bound.
    pub(super) is_single: bool,
    /// As that of the fit.
    pub(super) turn: Option<f64>,
    pub(super) is_continuous: bool,
}

impl Fit {
    /// The classes that fit `values`; `None` where there are none. Equal values never fall into two
    /// classes, so there may be fewer than asked for; of quantiles and natural breaks, few values
    /// that differ have a class each. O(n log n).
    pub(super) fn of(values: &[f64], wish: &Wish<'_>) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (first, last) = (*sorted.first()?, *sorted.last()?);
        let mut breaks = breaks_of(&sorted, wish);
        if wish.method == Method::Deviation {
            let turn = Some(mean(&sorted));
            return Some(Self { breaks, turn });
        }
        let turns = wish.turns && first < 0.0 && last > 0.0;
        // Of the others a bound may be moved without making the method untrue.
        if turns && matches!(wish.method, Method::Quantile | Method::Natural) {
            with_zero(&mut breaks);
        }
        let turn = match wish.turn {
            Turn::Auto => turns.then_some(0.0),
            Turn::None => None,
            Turn::At(value) => Some(value),
        };
        Some(Self { breaks, turn })
    }
}

/// Whether values lie on both sides of zero, not just a few of them. O(n).
pub(super) fn is_two_sided(values: &[f64]) -> bool {
    let below = values.iter().filter(|value| **value < 0.0).count();
    let above = values.iter().filter(|value| **value > 0.0).count();
    below > 0 && below.min(above) * ENOUGH_OUTSIDE >= values.len()
}

fn breaks_of(sorted: &[f64], wish: &Wish<'_>) -> Vec<f64> {
    let count = wish.count.max(1);
    match wish.method {
        Method::Manual | Method::Continuous if !wish.breaks.is_empty() => {
            return wish.breaks.to_vec();
        }
        Method::Continuous => return tails(sorted),
        Method::Equal => return intervals(sorted, count),
        Method::Deviation => return deviations(sorted, count),
        Method::Natural | Method::Quantile | Method::Manual => {}
    }
    let mut distinct = sorted.to_vec();
    distinct.dedup();
    if distinct.len() <= count {
        return distinct.split_off(1);
    }
    match wish.method {
        Method::Natural => natural::breaks(sorted, count),
        _ => quantiles(sorted, count),
    }
}

/// Puts zero in the place of the bound that is nearest to it: no class holds gains and losses.
fn with_zero(breaks: &mut Vec<f64>) {
    let nearest = breaks.iter_mut().reduce(|best, bound| {
        if bound.abs() < best.abs() {
            bound
        } else {
            best
        }
    });
    match nearest {
        Some(nearest) => *nearest = 0.0,
        None => breaks.push(0.0),
    }
}

impl Classes {
    /// The classes of `fit` with their `values`; `None` where there are none. The outer ends are
    /// those of the values.
    pub(super) fn of(values: &[f64], fit: &Fit, method: Method) -> Option<Self> {
        let least = values.iter().copied().reduce(f64::min)?;
        let greatest = values.iter().copied().reduce(f64::max)?;
        let low = fit.breaks.first().copied().unwrap_or(least);
        let high = fit.breaks.last().copied().unwrap_or(greatest);
        let is_continuous = method == Method::Continuous;
        let mut bounds = vec![low, high];
        if !is_continuous {
            bounds = std::iter::once(least.min(low))
                .chain(fit.breaks.iter().copied())
                .collect();
            bounds.push(greatest.max(high));
        }
        #[expect(clippy::float_cmp, reason = "bounds are taken from the values")]
        let is_single = bounds[bounds.len() - 1] == bounds[bounds.len() - 2]
            && values.iter().all(|value| bounds.contains(value));
        let mut classes = Self {
            counts: vec![0; bounds.len() - 1],
            bounds,
            is_single,
            turn: fit.turn,
            is_continuous,
        };
        for value in values {
            let class = classes.class_of(*value);
            classes.counts[class] += 1;
        }
        Some(classes)
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.counts.len()
    }

    /// The class of a value; one outside belongs to the class at that end. O(classes).
    pub(super) fn class_of(&self, value: f64) -> usize {
        let inner = &self.bounds[1..self.bounds.len() - 1];
        inner.iter().filter(|bound| value >= **bound).count()
    }

    /// Where a value stands on a continuous scale, 0 to 1.
    pub(super) fn position_of(&self, value: f64) -> f64 {
        let (low, high) = (self.bounds[0], self.bounds[self.bounds.len() - 1]);
        if high > low {
            ((value - low) / (high - low)).clamp(0.0, 1.0)
        } else {
            0.5
        }
    }
}

/// As many values in each class as in the others; a value that fills one alone leaves the rest to
/// the others.
fn quantiles(sorted: &[f64], count: usize) -> Vec<f64> {
    let mut breaks: Vec<f64> = Vec::new();
    let mut start = 0;
    for left in (2..=count).rev() {
        // Half of a value goes up.
        let rest = sorted.len() - start;
        let next = start + (2 * rest + left) / (2 * left);
        // What is equal stays together: with the value that the class begins with, or else above.
        let same = sorted.partition_point(|value| *value <= sorted[start]);
        let next = next.max(same);
        let Some(bound) = sorted.get(next) else {
            break;
        };
        breaks.push(*bound);
        start = sorted.partition_point(|value| value < bound);
    }
    breaks
}

/// Classes of the same width.
fn intervals(sorted: &[f64], count: usize) -> Vec<f64> {
    let (first, last) = (sorted[0], sorted[sorted.len() - 1]);
    if first >= last {
        return Vec::new();
    }
    (1..count)
        .map(|part| first + (last - first) * number(part) / number(count))
        .collect()
}

/// Classes as wide as the standard deviation, around the mean; those without a place for values are
/// left out.
fn deviations(sorted: &[f64], count: usize) -> Vec<f64> {
    let middle = mean(sorted);
    let squares: Vec<f64> = sorted
        .iter()
        .map(|value| (value - middle).powi(2))
        .collect();
    let width = mean(&squares).sqrt();
    let (first, last) = (sorted[0], sorted[sorted.len() - 1]);
    (0..count - 1)
        .map(|index| middle + (number(index) - (number(count) - 2.0) / 2.0) * width)
        .filter(|bound| *bound > first && *bound <= last)
        .collect()
}

/// The ends of a continuous scale: a few values far out would leave one colour for all the others.
fn tails(sorted: &[f64]) -> Vec<f64> {
    let most = sorted.len() - 1;
    let cut = if sorted.len() < ENOUGH_FOR_TAILS {
        0
    } else {
        sorted.len() / TAIL
    };
    vec![sorted[cut], sorted[most - cut]]
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / number(values.len())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "regions are far fewer than 2^52"
)]
fn number(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Case {
        about: String,
        values: Vec<f64>,
        method: Method,
        count: usize,
        #[serde(default)]
        breaks: Vec<f64>,
        bounds: Vec<f64>,
        counts: Vec<usize>,
        #[serde(default)]
        turns: bool,
        turn: Option<f64>,
    }

    #[track_caller]
    fn check_near(about: &str, found: &[f64], expected: &[f64]) {
        let is_near = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-9 * b.abs().max(1.0);
        let near = found.len() == expected.len() && found.iter().zip(expected).all(is_near);
        assert!(near, "{about}: {found:?}, not {expected:?}");
    }

    #[test]
    fn classes_are_those_of_the_screen() {
        let cases: Vec<Case> =
            serde_json::from_str(include_str!("../../tests/classes.json")).unwrap();
        assert!(cases.len() > 10);
        for case in cases {
            let wish = Wish {
                method: case.method,
                count: case.count,
                breaks: &case.breaks,
                turns: case.turns,
                turn: Turn::Auto,
            };
            let Some(fit) = Fit::of(&case.values, &wish) else {
                assert!(case.bounds.is_empty(), "{}", case.about);
                continue;
            };
            let classes = Classes::of(&case.values, &fit, case.method).unwrap();
            check_near(&case.about, &classes.bounds, &case.bounds);
            assert_eq!(classes.counts, case.counts, "{}", case.about);
            let turns: Vec<f64> = classes.turn.into_iter().collect();
            let expected: Vec<f64> = case.turn.into_iter().collect();
            check_near(&case.about, &turns, &expected);
        }
    }

    #[test]
    fn bounds_that_are_given_turn_where_it_is_said() {
        let fit = |method, turn| {
            let wish = Wish {
                method,
                count: 7,
                breaks: &[-5.0, 15.0],
                turns: true,
                turn,
            };
            Fit::of(&[-10.0, 0.0, 20.0], &wish).unwrap()
        };
        for method in [Method::Manual, Method::Continuous] {
            for (turn, expected) in [
                (Turn::Auto, Some(0.0)),
                (Turn::None, None),
                (Turn::At(3.5), Some(3.5)),
            ] {
                let fit = fit(method, turn);
                assert_eq!(fit.breaks, [-5.0, 15.0]);
                assert_eq!(fit.turn, expected);
                assert_eq!(turn.to_string().parse(), Ok(turn));
            }
        }
        assert!("infinity".parse::<Turn>().is_err());
    }

    #[test]
    fn values_stand_on_a_continuous_scale() {
        let classes = |values: &[f64]| {
            let wish = Wish {
                method: Method::Continuous,
                count: 7,
                breaks: &[],
                turns: false,
                turn: Turn::Auto,
            };
            Classes::of(values, &Fit::of(values, &wish).unwrap(), Method::Continuous).unwrap()
        };
        let three = classes(&[0.0, 5.0, 10.0]);
        assert!((three.position_of(2.5) - 0.25).abs() < 1e-12);
        assert!((three.position_of(99.0) - 1.0).abs() < 1e-12);
        assert!((classes(&[3.0]).position_of(3.0) - 0.5).abs() < 1e-12);
    }
}
