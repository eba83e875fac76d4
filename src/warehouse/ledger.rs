//! The sales lines in memory: those of an account side by side, the accounts in an order of the
//! caller's, so that who looks at all of them in that order reads memory from its begin to its end.

mod make;

use std::ops::Range;
use std::sync::OnceLock;

use super::LINE_COLUMNS;

/// What is known of accounts, by columns of member numbers.
const ACCOUNT_COLUMNS: usize = super::MEMBER_COLUMNS.len();

/// The lines of a version.
#[derive(Debug)]
pub struct Ledger {
    /// Numbers of the accounts in the order that was asked for, then all others; 0 is what has
    /// no account.
    accounts: Vec<i32>,
    /// Where the lines of each account begin, and the last end.
    begins: Vec<u32>,
    first_day: i64,
    last_day: i64,
    days: Numbers,
    members: [Numbers; LINE_COLUMNS.len()],
    revenue: Amounts,
    cost: Amounts,
    units_milli: Amounts,
    of_accounts: [OnceLock<Numbers>; ACCOUNT_COLUMNS],
}

/// A column of member numbers of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineColumn(usize);

/// A column of member numbers of accounts that a ledger knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountColumn(usize);

impl LineColumn {
    /// The column of this name, where it is one of lines.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        LINE_COLUMNS
            .iter()
            .position(|known| *known == name)
            .map(Self)
    }
}

/// Numbers from 0 on, in as few bytes as the largest takes.
#[derive(Debug)]
pub enum Numbers {
    /// Up to 255.
    One(Vec<u8>),
    /// Up to 65,535.
    Two(Vec<u16>),
    /// Larger ones.
    Four(Vec<u32>),
}

impl Numbers {
    /// Bytes of a number where this is the largest.
    fn width(largest: usize) -> usize {
        match largest {
            0..=0xff => 1,
            0x100..=0xffff => 2,
            _ => 4,
        }
    }

    /// As many zeros, with room for numbers up to `largest`.
    fn zeros(count: usize, largest: usize) -> Self {
        match Self::width(largest) {
            1 => Self::One(vec![0; count]),
            2 => Self::Two(vec![0; count]),
            _ => Self::Four(vec![0; count]),
        }
    }

    /// The number at a place.
    #[must_use]
    #[inline]
    pub fn at(&self, place: usize) -> usize {
        match self {
            Self::One(numbers) => usize::from(numbers[place]),
            Self::Two(numbers) => usize::from(numbers[place]),
            // Without a loss on machines of 32 bits and more.
            Self::Four(numbers) => numbers[place] as usize,
        }
    }

    /// The first of some places whose number is `wanted`.
    #[must_use]
    pub fn find(&self, places: Range<usize>, wanted: &[bool]) -> Option<usize> {
        fn find<N: Copy>(
            numbers: &[N],
            places: Range<usize>,
            is_wanted: impl Fn(N) -> bool,
        ) -> Option<usize> {
            let mut numbers = numbers[places.clone()].iter();
            let found = numbers.position(|number| is_wanted(*number))?;
            Some(places.start + found)
        }
        match self {
            Self::One(numbers) => find(numbers, places, |number| wanted[usize::from(number)]),
            Self::Two(numbers) => find(numbers, places, |number| wanted[usize::from(number)]),
            Self::Four(numbers) => find(numbers, places, |number| wanted[number as usize]),
        }
    }

    /// Puts a number, which is no larger than was said, to a place.
    fn put(&mut self, place: usize, number: i64) {
        match self {
            Self::One(numbers) => numbers[place] = u8::try_from(number).unwrap_or_default(),
            Self::Two(numbers) => numbers[place] = u16::try_from(number).unwrap_or_default(),
            Self::Four(numbers) => numbers[place] = u32::try_from(number).unwrap_or_default(),
        }
    }
}

/// Whole numbers of which some are unknown, in as few bytes as they take.
#[derive(Debug)]
pub enum Amounts {
    /// None is known.
    Unknown,
    /// The smallest number stands for an unknown one.
    Narrow(Vec<i32>),
    /// The smallest number stands for an unknown one.
    Wide(Vec<i64>),
}

impl Amounts {
    /// Places for as many amounts between these, both included; none if there is none.
    fn between(count: usize, bounds: Option<(i64, i64)>) -> Self {
        match bounds {
            None => Self::Unknown,
            Some((least, most)) if least > i64::from(i32::MIN) && most <= i64::from(i32::MAX) => {
                Self::Narrow(vec![i32::MIN; count])
            }
            Some(_) => Self::Wide(vec![i64::MIN; count]),
        }
    }

    /// The amount at a place; none when it is unknown.
    #[must_use]
    #[inline]
    pub fn at(&self, place: usize) -> Option<i64> {
        match self {
            Self::Unknown => None,
            Self::Narrow(amounts) => Some(amounts[place])
                .filter(|amount| *amount != i32::MIN)
                .map(i64::from),
            Self::Wide(amounts) => Some(amounts[place]).filter(|amount| *amount != i64::MIN),
        }
    }

    fn put(&mut self, place: usize, amount: i64) {
        match self {
            Self::Unknown => {}
            Self::Narrow(amounts) => {
                amounts[place] = i32::try_from(amount).unwrap_or(i32::MIN);
            }
            Self::Wide(amounts) => amounts[place] = amount,
        }
    }

    /// Bytes of an amount.
    fn width(&self) -> usize {
        match self {
            Self::Unknown => 0,
            Self::Narrow(_) => 4,
            Self::Wide(_) => 8,
        }
    }
}

impl Ledger {
    /// The accounts: those that were asked for in their order, then all others.
    #[must_use]
    pub fn accounts(&self) -> &[i32] {
        &self.accounts
    }

    /// The places of the lines of the account at a place.
    #[must_use]
    #[inline]
    pub fn lines(&self, account: usize) -> Range<usize> {
        self.begins[account] as usize..self.begins[account + 1] as usize
    }

    /// The first day that a line may have, from 1970-01-01.
    #[must_use]
    pub fn first_day(&self) -> i64 {
        self.first_day
    }

    /// The last day that a line may have, from 1970-01-01.
    #[must_use]
    pub fn last_day(&self) -> i64 {
        self.last_day
    }

    /// The day of each line, counted from the first.
    #[must_use]
    pub fn days(&self) -> &Numbers {
        &self.days
    }

    /// The member of each line in the column of lines at a place.
    #[must_use]
    pub fn members(&self, place: LineColumn) -> &Numbers {
        &self.members[place.0]
    }

    /// The net amount of each line in minor units.
    #[must_use]
    pub fn revenue(&self) -> &Amounts {
        &self.revenue
    }

    /// The cost of each line in minor units, where it is known.
    #[must_use]
    pub fn cost(&self) -> &Amounts {
        &self.cost
    }

    /// The quantity of each line in thousandths.
    #[must_use]
    pub fn units_milli(&self) -> &Amounts {
        &self.units_milli
    }

    /// The member that each account has at a level, in the order of the accounts; made by
    /// [`super::Warehouse::put_into_ledger`].
    #[must_use]
    #[inline]
    pub fn of_account(&self, column: AccountColumn, account: usize) -> usize {
        self.of_accounts[column.0]
            .get()
            .map_or(0, |numbers| numbers.at(account))
    }
}
