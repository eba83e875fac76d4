//! How a ledger is made from the fact table.

use std::sync::OnceLock;

use duckdb::arrow::array::{Array, AsArray};
use duckdb::arrow::datatypes::{Int32Type, Int64Type};

use super::super::{Error, LINE_COLUMNS, Warehouse, place_of};
use super::{AccountColumn, Amounts, Ledger, Numbers};

/// A ledger that would take more memory is not made.
const MAX_BYTES: u64 = 512 << 20;

/// The columns of amounts.
const AMOUNTS: [&str; 3] = ["revenue", "cost", "units_milli"];

/// What is known of the lines before one of them is read.
struct Extent {
    accounts: usize,
    lines: usize,
    /// First and last day.
    days: [i64; 2],
    /// How many members each of [`LINE_COLUMNS`] has.
    members: Vec<usize>,
    /// The smallest and the largest of each of [`AMOUNTS`]; none where all are unknown.
    amounts: Vec<Option<(i64, i64)>>,
}

impl Extent {
    /// How many days there are beside the first.
    fn last_day(&self) -> usize {
        usize::try_from(self.days[1] - self.days[0]).unwrap_or_default()
    }

    /// Whether a ledger of it takes no more than [`MAX_BYTES`], and can tell what is unknown.
    fn fits(&self) -> bool {
        let amounts = self.amounts.iter();
        let amounts = amounts.map(|bounds| Amounts::between(0, *bounds).width());
        let members = self
            .members
            .iter()
            .chain([&self.last_day()])
            .map(|most| Numbers::width(*most))
            .sum::<usize>();
        let a_line = (amounts.sum::<usize>() + members) as u64;
        let an_account = 2 * size_of::<u32>() as u64;
        let bytes = (self.lines as u64).saturating_mul(a_line);
        let is_told = |bounds: &(i64, i64)| bounds.0 > i64::MIN;
        u32::try_from(self.lines).is_ok()
            && bytes.saturating_add(self.accounts as u64 * an_account) <= MAX_BYTES
            && self.amounts.iter().flatten().all(is_told)
    }
}

impl Warehouse {
    /// The lines, with the accounts of `order` first; none when they would take too much memory.
    ///
    /// # Errors
    /// The engine must answer.
    pub fn ledger(&self, order: impl Iterator<Item = i32>) -> Result<Option<Ledger>, Error> {
        let extent = self.extent_of_lines()?;
        if !extent.fits() {
            return Ok(None);
        }
        let (mut ledger, places) = self.empty_ledger(order, &extent)?;
        let mut next = ledger.begins.clone();
        self.each_row("sale", &columns(), |batch| {
            let whole = |column: usize| batch.column(column).as_primitive::<Int64Type>();
            let accounts = batch.column(0).as_primitive::<Int32Type>();
            let days = whole(1);
            let amounts = [2, 3, 4].map(whole);
            let members =
                [5, 6, 7, 8].map(|column| batch.column(column).as_primitive::<Int32Type>());
            for row in 0..batch.num_rows() {
                let account = usize::try_from(accounts.value(row)).unwrap_or_default();
                let next = &mut next[places[account] as usize];
                let place = *next as usize;
                *next += 1;
                ledger.days.put(place, days.value(row) - ledger.first_day);
                for (numbers, given) in ledger.members.iter_mut().zip(&members) {
                    numbers.put(place, i64::from(given.value(row)));
                }
                let kept = [
                    &mut ledger.revenue,
                    &mut ledger.cost,
                    &mut ledger.units_milli,
                ];
                for (kept, given) in kept.into_iter().zip(&amounts) {
                    if given.is_valid(row) {
                        kept.put(place, given.value(row));
                    }
                }
            }
        })?;
        Ok(Some(ledger))
    }

    /// Sees to it that `ledger` knows the member that each account has in `column`.
    ///
    /// # Errors
    /// The engine must answer; the column must be one of accounts.
    pub fn put_into_ledger(
        &self,
        ledger: &Ledger,
        column: &'static str,
    ) -> Result<AccountColumn, Error> {
        let known = AccountColumn(place_of(column));
        if ledger.of_accounts[known.0].get().is_some() {
            return Ok(known);
        }
        let numbers = self.numbers_of_accounts(column)?;
        let largest = numbers.iter().copied().max().unwrap_or_default();
        let largest = usize::try_from(largest).unwrap_or_default();
        let mut ordered = Numbers::zeros(ledger.accounts.len(), largest);
        for (place, account) in ledger.accounts.iter().enumerate() {
            let account = usize::try_from(*account).ok();
            let number = account.and_then(|account| numbers.get(account.checked_sub(1)?));
            ordered.put(place, i64::from(number.copied().unwrap_or_default()));
        }
        // Another thread may have been quicker, with the same.
        let _ = ledger.of_accounts[known.0].set(ordered);
        Ok(known)
    }

    fn extent_of_lines(&self) -> Result<Extent, Error> {
        let count = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        let members = LINE_COLUMNS
            .iter()
            .map(|column| Ok(self.dictionary(column)?.len()));
        let amounts = AMOUNTS.iter().map(|column| self.bounds_of_amounts(column));
        Ok(Extent {
            accounts: count(self.summary().accounts).saturating_add(1),
            lines: count(self.summary().lines),
            days: self.days_of_lines()?,
            members: members.collect::<Result<_, Error>>()?,
            amounts: amounts.collect::<Result<_, Error>>()?,
        })
    }

    /// A ledger with room for every line, and the place of each account in it by its number.
    fn empty_ledger(
        &self,
        order: impl Iterator<Item = i32>,
        extent: &Extent,
    ) -> Result<(Ledger, Vec<u32>), Error> {
        let (accounts, places) = in_order(order, extent.accounts);
        let mut begins = vec![0_u32; accounts.len() + 1];
        self.each_row("sale", "account", |batch| {
            for account in batch.column(0).as_primitive::<Int32Type>().values() {
                let account = usize::try_from(*account).unwrap_or_default();
                begins[places[account] as usize + 1] += 1;
            }
        })?;
        let mut before = 0;
        for begin in &mut begins {
            before += *begin;
            *begin = before;
        }
        let members = |place: usize| Numbers::zeros(extent.lines, extent.members[place]);
        let amounts = |place: usize| Amounts::between(extent.lines, extent.amounts[place]);
        let ledger = Ledger {
            accounts,
            begins,
            first_day: extent.days[0],
            last_day: extent.days[1],
            days: Numbers::zeros(extent.lines, extent.last_day()),
            members: std::array::from_fn(members),
            revenue: amounts(0),
            cost: amounts(1),
            units_milli: amounts(2),
            of_accounts: std::array::from_fn(|_| OnceLock::new()),
        };
        Ok((ledger, places))
    }

    /// First and last day of the lines, from 1970-01-01; without lines both are 0.
    fn days_of_lines(&self) -> Result<[i64; 2], Error> {
        let day = |end: &str| format!("coalesce({end}(day) - DATE '1970-01-01', 0)::BIGINT");
        let query = format!("SELECT {}, {} FROM sale", day("min"), day("max"));
        self.with(|connection| {
            Ok(connection.query_row(&query, [], |row| Ok([row.get(0)?, row.get(1)?]))?)
        })
    }

    /// The smallest and the largest amount of a column of lines; none where all are unknown.
    fn bounds_of_amounts(&self, column: &str) -> Result<Option<(i64, i64)>, Error> {
        let query = format!("SELECT min({column})::BIGINT, max({column})::BIGINT FROM sale");
        self.with(|connection| {
            let bounds: (Option<i64>, Option<i64>) =
                connection.query_row(&query, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(bounds.0.zip(bounds.1))
        })
    }
}

/// What [`Warehouse::ledger`] reads of a line.
fn columns() -> String {
    let members = LINE_COLUMNS.map(|column| format!("{column}::INTEGER"));
    let amounts = AMOUNTS.map(|column| format!("{column}::BIGINT"));
    format!(
        "account::INTEGER, (day - DATE '1970-01-01')::BIGINT, {}, {}",
        amounts.join(", "),
        members.join(", ")
    )
}

/// `count` accounts in `order`, those that it leaves out behind; and the place of each by number.
fn in_order(order: impl Iterator<Item = i32>, count: usize) -> (Vec<i32>, Vec<u32>) {
    const NOWHERE: u32 = u32::MAX;
    let mut places = vec![NOWHERE; count];
    let mut accounts = Vec::with_capacity(count);
    let rest = (0..).take(count);
    for account in order.chain(rest) {
        let known = usize::try_from(account).ok();
        if let Some(place) = known.and_then(|account| places.get_mut(account))
            && *place == NOWHERE
        {
            *place = u32::try_from(accounts.len()).unwrap_or(NOWHERE);
            accounts.push(account);
        }
    }
    (accounts, places)
}
