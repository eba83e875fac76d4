//! The company as a whole, read back through the import.

use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;

use jiff::civil::date;

use super::*;
use crate::import::{self, Source};
use crate::record::account::{Account, Stage};
use crate::record::sale::Sale;

const SIZE: Size = Size {
    accounts: 2_000,
    lines: 20_000,
};

fn today() -> Date {
    date(2026, 6, 30)
}

fn source(path: &Path) -> Source {
    Source {
        path: path.to_owned(),
        name: "demo".to_owned(),
        mapping: None,
        currency: None,
    }
}

fn read(files: &Files) -> (Vec<Account>, Vec<Sale>) {
    let (mut accounts, mut sales) = (Vec::new(), Vec::new());
    let outcome = import::accounts(&source(&files.accounts), &mut |chunk| {
        assert_eq!(chunk.remarks, []);
        accounts.extend(chunk.rows.into_iter().map(|row| row.record));
        ControlFlow::Continue(())
    });
    outcome.unwrap();
    let outcome = import::sales(&source(&files.sales), &mut |chunk| {
        assert_eq!(chunk.remarks, []);
        sales.extend(chunk.rows.into_iter().map(|row| row.record));
        ControlFlow::Continue(())
    });
    outcome.unwrap();
    (accounts, sales)
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let written = |name: &str, seed| {
        let files = write(&folder.path().join(name), SIZE, seed, today()).unwrap();
        (
            fs::read(files.accounts).unwrap(),
            fs::read(files.sales).unwrap(),
        )
    };
    let first = written("a", 7);
    assert!(first == written("b", 7));
    let other = written("c", 8);
    assert!(first.0 != other.0 && first.1 != other.1);
}

#[test]
fn the_company_is_as_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let (accounts, sales) = read(&write(folder.path(), SIZE, 1, today()).unwrap());
    assert_eq!((accounts.len(), sales.len()), (2_000, 20_000));
    let share = |count: usize, of: usize| count * 100 / of;
    let german = accounts
        .iter()
        .filter(|a| a.address.country == "Deutschland")
        .count();
    assert!((75..85).contains(&share(german, 2_000)), "{german}");
    assert!(
        accounts
            .iter()
            .all(|a| a.email.ends_with(".example") && a.phone.contains(" 000 "))
    );
    let keys: HashSet<&str> = accounts.iter().map(|a| a.key.as_str()).collect();
    assert!(
        sales
            .iter()
            .all(|sale| keys.contains(sale.account.as_str()))
    );
    let first = sales.iter().map(|sale| sale.day).min().unwrap();
    let last = sales.iter().map(|sale| sale.day).max().unwrap();
    assert_eq!((first, last), (date(2022, 7, 1), today()));
    let stages: HashSet<Stage> = accounts.iter().map(|a| a.stage).collect();
    assert_eq!(stages.len(), Stage::ALL.len());
}

#[test]
fn business_has_a_shape() {
    let folder = tempfile::tempdir().unwrap();
    let (accounts, sales) = read(&write(folder.path(), SIZE, 1, today()).unwrap());
    let mut by_account: BTreeMap<&str, i64> = BTreeMap::new();
    let mut by_category: BTreeMap<&str, i64> = BTreeMap::new();
    for sale in &sales {
        *by_account.entry(&sale.account).or_default() += sale.revenue;
        *by_category.entry(&sale.category).or_default() += sale.revenue;
    }
    let total: i64 = sales.iter().map(|sale| sale.revenue).sum();
    let mut largest: Vec<i64> = by_account.values().copied().collect();
    largest.sort_unstable_by_key(|revenue| -revenue);
    let fifth: i64 = largest[..largest.len() / 5].iter().sum();
    assert!(
        (55..80).contains(&(fifth * 100 / total)),
        "{}",
        fifth * 100 / total
    );
    assert_eq!(by_category.len(), 10);
    for (category, revenue) in by_category {
        assert!(
            (3..25).contains(&(revenue * 100 / total)),
            "{category} {}",
            revenue * 100 / total
        );
    }
    // 20,000 lines are a thirtieth of the usual size, which sells for 500 million a year.
    let expected = 4 * 50_000_000_000 / 30;
    assert!(
        (expected * 85 / 100..expected * 115 / 100).contains(&total),
        "{total} {expected}"
    );
    let margin: i64 = sales
        .iter()
        .map(|sale| sale.revenue - sale.cost.unwrap())
        .sum();
    assert!(
        (12..28).contains(&(margin * 100 / total)),
        "{}",
        margin * 100 / total
    );
    for account in accounts
        .iter()
        .filter(|a| matches!(a.stage, Stage::Lead | Stage::Prospect))
    {
        assert!(!by_account.contains_key(account.key.as_str()));
    }
}

#[test]
fn a_few_addresses_are_dirty() {
    let folder = tempfile::tempdir().unwrap();
    let size = Size {
        lines: 0,
        accounts: 10_000,
    };
    let (accounts, _) = read(&write(folder.path(), size, 1, today()).unwrap());
    let known = Towns::shipped().unwrap();
    let clean = |account: &Account| known.has(&account.address.postal_code, &account.address.place);
    let dirty = accounts
        .iter()
        .filter(|account| account.address.country.is_empty() || !clean(account))
        .count();
    assert!((200..400).contains(&dirty), "{dirty}");
}

#[test]
fn odd_sizes_are_no_trouble() {
    let folder = tempfile::tempdir().unwrap();
    let check = |accounts, lines, today| {
        let size = Size { accounts, lines };
        write(folder.path(), size, 1, today).map(|files| {
            let (accounts, sales) = read(&files);
            (accounts.len(), sales.len())
        })
    };
    assert_eq!(check(0, 0, today()).unwrap(), (0, 0));
    assert_eq!(check(1, 10, date(2024, 2, 29)).unwrap(), (1, 10));
    assert_eq!(check(3, 0, today()).unwrap(), (3, 0));
    assert_eq!(
        check(0, 5, today()).unwrap_err().to_string(),
        "5 lines need at least 1 account, not 0"
    );
    assert_eq!(
        check(1, 5, Date::MAX).unwrap_err().to_string(),
        "9999-12-31 is outside the years 1904 to 2199"
    );
}
