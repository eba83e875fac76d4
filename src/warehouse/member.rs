//! Members of dimension levels: dense numbers in the tables, keys and names outside.

use std::collections::HashMap;

use duckdb::Connection;

use super::Error;

/// A member of a level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its key in questions and answers.
    pub key: String,
    /// Its name for people.
    pub name: String,
}

/// The members of one level. Number 0 is `unassigned` and not among them.
#[derive(Debug, Default)]
pub struct Dictionary {
    members: Vec<Member>,
    numbers: HashMap<String, i64>,
}

impl Dictionary {
    /// The members of the column `kind`, in the order of their numbers 1, 2, 3 …
    pub(super) fn read(connection: &Connection, kind: &str) -> Result<Self, Error> {
        let query = if kind == "account" {
            "SELECT key, name FROM account WHERE ? = 'account' ORDER BY id"
        } else {
            "SELECT key, name FROM member WHERE kind = ? ORDER BY id"
        };
        let members = connection
            .prepare(query)?
            .query_map([kind], |row| {
                Ok(Member {
                    key: row.get(0)?,
                    name: row.get(1)?,
                })
            })?
            .collect::<Result<Vec<_>, _>>()?;
        let numbers = (1..)
            .zip(&members)
            .map(|(number, member)| (member.key.clone(), number))
            .collect();
        Ok(Self { members, numbers })
    }

    /// The member of `number`; `None` for 0, which is `unassigned`.
    #[must_use]
    pub fn member(&self, number: i64) -> Option<&Member> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        self.members.get(index)
    }

    /// The number of the member with `key`.
    #[must_use]
    pub fn number(&self, key: &str) -> Option<i64> {
        self.numbers.get(key).copied()
    }

    /// Every member, in the order of numbers.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.iter()
    }
}
