//! What a question says of each account: the figures behind the sites of a map.

use super::Error;
use super::level::CubeLevel;
use super::measure::{Additivity, Figure, Measure, Modifier};
use super::plan::{Asker, Plan};
use super::question::Question;
use super::scan::{Groups, Part, Scan};
use super::value::{self, Given, Value};
use crate::warehouse::Warehouse;

/// The figures of accounts, by their numbers; 0 is what has no account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spread {
    /// Whether the question means the account.
    pub meant: Vec<bool>,
    /// Words of measures with the value of each account; a missing one is 0.
    pub measures: Vec<(String, Vec<i64>)>,
}

impl Spread {
    /// The value of an account in `values`, which are of this spread; of one beyond them 0.
    #[must_use]
    pub fn value(values: &[i64], account: i32) -> i64 {
        let place = usize::try_from(account).ok();
        place
            .and_then(|place| values.get(place))
            .copied()
            .unwrap_or_default()
    }

    /// Whether the question means the account.
    #[must_use]
    pub fn means(&self, account: i32) -> bool {
        let place = usize::try_from(account).ok();
        place
            .and_then(|place| self.meant.get(place))
            .copied()
            .unwrap_or_default()
    }
}

/// Whether sites can show what `question` asks: measures that add up over accounts, and nothing
/// that makes rows, which the tiles do.
///
/// # Errors
/// It says which part of the question they can't show.
pub fn check(question: &Question) -> Result<(), Error> {
    let refused = |what: &str| {
        Err(Error::Combination(format!(
            "sites can't show {what}: their question has measures, filters and a currency only"
        )))
    };
    if !question.axes.is_empty() {
        return refused("rows or columns");
    }
    if !question.having.is_empty() || question.subtotals {
        return refused("bounds of figures or subtotals");
    }
    if !question.sort.is_empty() || question.limit.is_some() || question.offset > 0 {
        return refused("an order or a limit");
    }
    for figure in &question.figures {
        let Figure { measure, modifier } = figure;
        if *modifier != Modifier::Plain || measure.additivity() == Additivity::Nowhere {
            return Err(Error::Combination(format!(
                "{} does not add up over customers, so cells of several can't show it: ask for \
                 what it is made of",
                figure.id()
            )));
        }
    }
    Ok(())
}

/// What `question` says of each account.
///
/// # Errors
/// [`check`] must let it through, and the engine must answer.
pub(super) fn spread(asker: &Asker<'_>, question: &Question) -> Result<Spread, Error> {
    check(question)?;
    let warehouse = asker.warehouse;
    let counts_orders = question
        .figures
        .iter()
        .any(|figure| figure.measure == Measure::Orders);
    if counts_orders && !warehouse.rollups().orders_add_up {
        return Err(Error::Combination(
            "orders don't add up over customers here: an order has lines of several customers or \
             months"
                .to_owned(),
        ));
    }
    let plan = asker.plan(question)?;
    let (scan, groups) = asker.by_account(&plan)?;
    let accounts = usize::try_from(warehouse.summary().accounts).unwrap_or(usize::MAX);
    let mut spread = Spread {
        meant: meant(warehouse, &plan, accounts)?,
        measures: Vec::new(),
    };
    for figure in &question.figures {
        let values = values(&figure.measure, &scan, &groups, accounts);
        spread.measures.push((figure.id(), values));
    }
    if spread.meant.is_empty() {
        spread.meant = vec![false; accounts.saturating_add(1)];
        for (_, members, _) in groups.iter(&scan) {
            if let Some(meant) = place_of(members).and_then(|place| spread.meant.get_mut(place)) {
                *meant = true;
            }
        }
    }
    Ok(spread)
}

fn place_of(members: &[i64]) -> Option<usize> {
    members
        .first()
        .and_then(|account| usize::try_from(*account).ok())
}

fn values(measure: &Measure, scan: &Scan, groups: &Groups, accounts: usize) -> Vec<i64> {
    let mut values = vec![0; accounts.saturating_add(1)];
    let mut parts = scan.parts.clone();
    parts.push(Part::Customers);
    let mut given = Vec::with_capacity(parts.len());
    for (_, members, summed) in groups.iter(scan) {
        given.clear();
        given.extend_from_slice(summed);
        // Each account is one customer; what has none is none.
        given.push(i64::from(members != [0]));
        let place = place_of(members).and_then(|place| values.get_mut(place));
        if let (Some(place), Value::Integer(value)) =
            (place, value::of(measure, &Given::now(&parts, &given, None)))
        {
            *place = value;
        }
    }
    values
}

/// Which accounts are meant, when nothing is asked in which the lines of an account differ;
/// otherwise nothing: then those are meant that have lines.
fn meant(warehouse: &Warehouse, plan: &Plan, accounts: usize) -> Result<Vec<bool>, Error> {
    let mut meant = vec![true; accounts.saturating_add(1)];
    for condition in &plan.conditions {
        let level = condition.level();
        let Some(column) = level.member_column().filter(|_| level.is_of_account()) else {
            return Ok(Vec::new());
        };
        let members = if level == CubeLevel::Account {
            accounts
        } else {
            warehouse.dictionary(column)?.len()
        };
        let holds = condition.lets_through(members.saturating_add(1));
        if level == CubeLevel::Account {
            for (meant, holds) in meant.iter_mut().zip(holds) {
                *meant &= holds;
            }
        } else {
            let of_accounts = warehouse.numbers_of_accounts(column)?;
            for (meant, number) in meant.iter_mut().skip(1).zip(of_accounts) {
                let place = usize::try_from(*number).ok();
                let holds = place.and_then(|place| holds.get(place));
                *meant &= holds.copied().unwrap_or_default();
            }
        }
    }
    Ok(meant)
}
