//! The columns of a layer: key and name of the member, what is known of an account, the figures.

use std::collections::HashMap;
use std::ops::Range;

use crate::cube::{Axis, CubeLevel};
use crate::export::table::Table;
use crate::export::value::{Column, Kind, Value, tell_apart};
use crate::export::words::Names;
use crate::warehouse::{self, AccountRow, Warehouse};

/// Rows whose accounts are looked up at once.
pub(super) const SLICE: usize = 1_000;

/// What formats call columns of their own, which a measure could be called too.
const RESERVED: [&str; 3] = ["fid", "geom", "geometry"];

/// Columns of an account.
const ACCOUNT_COLUMNS: usize = 6;

/// The columns of a layer, and its rows without their places.
pub(super) struct Sheet<'a> {
    table: &'a Table<'a>,
    names: &'a Names<'a>,
    columns: Vec<Column>,
    has_accounts: bool,
}

impl<'a> Sheet<'a> {
    pub(super) fn of(table: &'a Table<'a>, axis: &Axis, names: &'a Names<'a>) -> Self {
        let words = names.words();
        let has_accounts = axis.levels().contains(&CubeLevel::Account);
        let text = |heading: &str| Column {
            heading: heading.to_owned(),
            kind: Kind::Text,
        };
        let mut columns: Vec<Column> = RESERVED.map(text).into();
        columns.extend(match table.head() {
            1 => vec![text(words.map_key)],
            2 => vec![text(words.map_key), text(words.map_name)],
            _ => vec![
                text(words.map_level),
                text(words.map_key),
                text(words.map_name),
            ],
        });
        if has_accounts {
            columns.extend(words.map_account.map(text));
        }
        columns.extend(table.columns()[table.head()..].iter().cloned());
        tell_apart(&mut columns);
        columns.drain(..RESERVED.len());
        Self {
            table,
            names,
            columns,
            has_accounts,
        }
    }

    pub(super) fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The accounts among the members of `rows`, by their keys.
    pub(super) fn accounts(
        &self,
        warehouse: &Warehouse,
        rows: Range<usize>,
    ) -> Result<HashMap<String, AccountRow>, warehouse::Error> {
        if !self.has_accounts {
            return Ok(HashMap::new());
        }
        let dictionary = warehouse.dictionary("account")?;
        let keys = rows.filter(|row| self.table.level(*row, 0) == Some(CubeLevel::Account));
        let numbers = keys.filter_map(|row| dictionary.number(self.table.key(row, 0)));
        let found = warehouse.accounts_of(&numbers.collect::<Vec<_>>())?;
        let found = found.into_iter();
        Ok(found
            .map(|account| (account.key.clone(), account))
            .collect())
    }

    /// The values of a row, one a column.
    pub(super) fn row(&self, row: usize, account: Option<&AccountRow>) -> Vec<Value> {
        let mut values = self.table.row(row);
        if self.has_accounts {
            let known = account.map_or([const { Value::None }; ACCOUNT_COLUMNS], |account| {
                let stage =
                    self.names
                        .member(Some(CubeLevel::Stage), &account.stage, &account.stage);
                [
                    Value::text(stage),
                    Value::text(&account.street),
                    Value::text(&account.postal_code),
                    Value::text(&account.place),
                    Value::text(&account.country),
                    Value::text(self.names.precision(&account.precision)),
                ]
            });
            let head = self.table.head();
            values.splice(head..head, known);
        }
        values
    }
}
