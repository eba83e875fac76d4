//! What a question says of the accounts of a ledger: counted from their lines each time it is
//! asked for, so that nothing is kept of an account but its lines.

use std::ops::Range;
use std::sync::Arc;

use super::Error;
use super::level::CubeLevel;
use super::measure::{Figure, Measure};
use super::plan::{Asker, Plan};
use super::question::Question;
use super::scan::Condition;
use crate::warehouse::{AccountColumn, Ledger, LineColumn, Warehouse};

/// What a question says of each account of a ledger.
#[derive(Debug)]
pub struct Tally {
    ledger: Arc<Ledger>,
    /// What is let through of accounts, by number.
    accounts: Vec<(Of, Vec<bool>)>,
    /// For each day of the ledger whether it is let through; none where all are.
    days: Option<Vec<bool>>,
    /// Columns of lines, with what is let through by number.
    members: Vec<(LineColumn, Vec<bool>)>,
    measures: Vec<(String, Counted)>,
}

/// Which numbers of accounts a condition looks at.
#[derive(Debug, Clone, Copy)]
enum Of {
    /// Their own.
    Themselves,
    /// Those of a level that they lie in.
    Level(AccountColumn),
}

/// A measure of which each line has a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counted {
    Revenue,
    Cost,
    Margin,
    Units,
    Lines,
    /// Each account with a line counts once.
    Customers,
}

impl Tally {
    /// What `question` says of the accounts of `ledger`, which is of the warehouse asked; none when
    /// lines alone don't tell it: converted money, hexagons, and counts of orders and of customers
    /// who come and go.
    pub(super) fn of(
        asker: &Asker<'_>,
        ledger: &Arc<Ledger>,
        question: &Question,
    ) -> Result<Option<Self>, Error> {
        super::check_spread(question)?;
        let measures = question.figures.iter().map(counted);
        let Some(measures) = measures.collect::<Option<Vec<_>>>() else {
            return Ok(None);
        };
        let plan = asker.plan(question)?;
        if asker.converts() || has_hexagon(&plan) {
            return Ok(None);
        }
        let mut tally = Self {
            ledger: ledger.clone(),
            accounts: Vec::new(),
            days: None,
            members: Vec::new(),
            measures,
        };
        for condition in &plan.conditions {
            tally.narrow(asker.warehouse, condition)?;
        }
        Ok(Some(tally))
    }

    /// Lets only those through that `condition` does too.
    fn narrow(&mut self, warehouse: &Warehouse, condition: &Condition) -> Result<(), Error> {
        let ledger = &self.ledger;
        let level = condition.level();
        if let CubeLevel::Time(step) = level {
            let days = ledger.first_day()..=ledger.last_day();
            let takes = |day: i64| condition.takes(step.of_day(day));
            match &mut self.days {
                Some(lets) => lets
                    .iter_mut()
                    .zip(days)
                    .for_each(|(lets, day)| *lets &= takes(day)),
                None => self.days = Some(days.map(takes).collect()),
            }
            return Ok(());
        }
        let Some(column) = level.member_column() else {
            return Ok(());
        };
        if level == CubeLevel::Account {
            let lets = condition.lets_through(ledger.accounts().len());
            self.accounts.push((Of::Themselves, lets));
            return Ok(());
        }
        let lets = condition.lets_through(warehouse.dictionary(column)?.len() + 1);
        if let Some(column) = LineColumn::of(column) {
            self.members.push((column, lets));
        } else {
            let column = warehouse.put_into_ledger(ledger, column)?;
            self.accounts.push((Of::Level(column), lets));
        }
        Ok(())
    }

    /// Words of the measures.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.measures.iter().map(|(word, _)| word.as_str())
    }

    /// The accounts of the ledger.
    #[must_use]
    pub fn accounts(&self) -> &[i32] {
        self.ledger.accounts()
    }

    /// Adds what is said of the account at a place of the ledger to `sums`, one a measure. Whether
    /// the account is meant: by its own members, and by a line where lines are looked at.
    #[must_use]
    pub fn add(&self, account: usize, sums: &mut [i64]) -> bool {
        if !self.lets_account(account) {
            return false;
        }
        let mut has_line = false;
        for line in self.ledger.lines(account) {
            if !self.takes(line) {
                continue;
            }
            has_line = true;
            self.add_line(line, sums);
        }
        if has_line && self.ledger.accounts()[account] != 0 {
            self.count_customers(1, sums);
        }
        has_line || !self.looks_at_lines()
    }

    /// Does so for the accounts at these places, up to 128 known ones; the mask of those that are
    /// meant. The lines of neighbours stand side by side, so that those that are not taken are
    /// passed over without looking whose they are.
    #[must_use]
    pub fn add_all(&self, accounts: Range<usize>, sums: &mut [i64]) -> u128 {
        let mut meant = 0;
        let mut mark = |account: usize| meant |= 1_u128 << (account - accounts.start);
        if accounts.is_empty() {
            return meant;
        }
        if !self.looks_at_lines() {
            accounts
                .clone()
                .filter(|account| self.add(*account, sums))
                .for_each(mark);
            return meant;
        }
        let mut account = accounts.start;
        let mut lines = self.ledger.lines(account);
        let mut rest = lines.start..self.ledger.lines(accounts.end - 1).end;
        while let Some(line) = self.first_taken(rest.clone()) {
            rest.start = line + 1;
            while line >= lines.end {
                account += 1;
                lines = self.ledger.lines(account);
            }
            if self.takes(line) && self.lets_account(account) {
                mark(account);
                self.add_line(line, sums);
            }
        }
        self.count_customers(i64::from(meant.count_ones()), sums);
        meant
    }

    /// The first of these lines that is taken, as far as the first condition tells.
    fn first_taken(&self, lines: Range<usize>) -> Option<usize> {
        match (&self.days, self.members.first()) {
            (Some(days), _) => self.ledger.days().find(lines, days),
            (None, Some((column, lets))) => self.ledger.members(*column).find(lines, lets),
            (None, None) => (!lines.is_empty()).then_some(lines.start),
        }
    }

    fn add_line(&self, line: usize, sums: &mut [i64]) {
        for (sum, (_, counted)) in sums.iter_mut().zip(&self.measures) {
            *sum = sum.wrapping_add(counted.of_line(&self.ledger, line));
        }
    }

    fn count_customers(&self, customers: i64, sums: &mut [i64]) {
        for (sum, (_, counted)) in sums.iter_mut().zip(&self.measures) {
            if *counted == Counted::Customers {
                *sum += customers;
            }
        }
    }

    fn looks_at_lines(&self) -> bool {
        self.days.is_some() || !self.members.is_empty()
    }

    fn lets_account(&self, account: usize) -> bool {
        let mut conditions = self.accounts.iter();
        conditions.all(|(of, lets)| self.lets(*of, lets, account))
    }

    fn lets(&self, of: Of, lets: &[bool], account: usize) -> bool {
        let number = match of {
            Of::Themselves => usize::try_from(self.ledger.accounts()[account]).unwrap_or_default(),
            Of::Level(column) => self.ledger.of_account(column, account),
        };
        lets.get(number).copied().unwrap_or_default()
    }

    fn takes(&self, line: usize) -> bool {
        let ledger = &self.ledger;
        let mut members = self.members.iter();
        self.days
            .as_ref()
            .is_none_or(|days| days[ledger.days().at(line)])
            && members.all(|(column, lets)| lets[ledger.members(*column).at(line)])
    }
}

fn has_hexagon(plan: &Plan) -> bool {
    let mut levels = plan.conditions.iter().map(Condition::level);
    levels.any(|level| matches!(level, CubeLevel::Hexagon(_)))
}

/// How lines tell a figure; none when they don't.
fn counted(figure: &Figure) -> Option<(String, Counted)> {
    let counted = match figure.measure {
        Measure::Revenue => Counted::Revenue,
        Measure::Cost => Counted::Cost,
        Measure::Margin => Counted::Margin,
        Measure::Units => Counted::Units,
        Measure::Lines => Counted::Lines,
        Measure::Customers => Counted::Customers,
        _ => return None,
    };
    Some((figure.id(), counted))
}

impl Counted {
    #[inline]
    fn of_line(self, ledger: &Ledger, line: usize) -> i64 {
        match self {
            Self::Revenue => ledger.revenue().at(line).unwrap_or_default(),
            Self::Cost => ledger.cost().at(line).unwrap_or_default(),
            Self::Margin => match (ledger.revenue().at(line), ledger.cost().at(line)) {
                (Some(revenue), Some(cost)) => revenue.wrapping_sub(cost),
                _ => 0,
            },
            Self::Units => ledger.units_milli().at(line).unwrap_or_default(),
            Self::Lines => 1,
            Self::Customers => 0,
        }
    }
}
