//! Members of dimension levels: dense numbers in the tables, keys and names outside.

use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;

use duckdb::arrow::array::{AsArray, RecordBatch};

use super::{Error, Warehouse};

/// Accounts that are read at once.
const ACCOUNTS: usize = 500_000;

/// A member of a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member<'a> {
    /// Its key in questions and answers.
    pub key: &'a str,
    /// Its name for people.
    pub name: &'a str,
}

/// The members of one level. Number 0 is `unassigned` and not among them.
///
/// There may be ten million of them, so they stand in one text, one behind the other.
#[derive(Debug, Default)]
pub struct Dictionary {
    text: String,
    /// Where key and name of each member end.
    ends: Vec<[usize; 2]>,
    numbers: OnceLock<Numbers>,
}

/// The numbers of members by their keys: a table of slots, 0 where there is none, each at or
/// behind the place that the key hashes to. At least every second is empty.
#[derive(Debug)]
struct Numbers {
    slots: Vec<u32>,
    hasher: RandomState,
}

impl Dictionary {
    /// The members of the column `kind`, in the order of their numbers 1, 2, 3 …
    pub(super) fn read(warehouse: &Warehouse, kind: &str) -> Result<Self, Error> {
        let mut dictionary = Self::default();
        if kind == "account" {
            // Some at a time, so that the engine does not need memory for all of them as well.
            let accounts = warehouse.summary().accounts;
            for first in (0..accounts).step_by(ACCOUNTS) {
                dictionary.take(&warehouse.query(
                    &format!(
                        "SELECT key, name FROM account WHERE id > {first} \
                         AND id <= {first} + {ACCOUNTS} ORDER BY id"
                    ),
                    &[],
                )?);
            }
        } else {
            let query = "SELECT key, name FROM member WHERE kind = ? ORDER BY id";
            dictionary.take(&warehouse.query(query, &[kind.to_owned()])?);
        }
        dictionary.text.shrink_to_fit();
        dictionary.ends.shrink_to_fit();
        Ok(dictionary)
    }

    fn take(&mut self, batches: &[RecordBatch]) {
        for members in batches {
            let (keys, names) = (members.column(0), members.column(1));
            let (keys, names) = (keys.as_string::<i32>(), names.as_string::<i32>());
            for row in 0..members.num_rows() {
                self.push(keys.value(row), names.value(row));
            }
        }
    }

    fn push(&mut self, key: &str, name: &str) {
        self.text.push_str(key);
        let end_of_key = self.text.len();
        self.text.push_str(name);
        self.ends.push([end_of_key, self.text.len()]);
    }

    /// How many members there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The member of `number`; `None` for 0, which is `unassigned`.
    #[must_use]
    pub fn member(&self, number: i64) -> Option<Member<'_>> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        let [end_of_key, end] = *self.ends.get(index)?;
        let start = index
            .checked_sub(1)
            .map_or(0, |before| self.ends[before][1]);
        Some(Member {
            key: &self.text[start..end_of_key],
            name: &self.text[end_of_key..end],
        })
    }

    /// The number of the member with `key`.
    #[must_use]
    pub fn number(&self, key: &str) -> Option<i64> {
        let numbers = self.numbers.get_or_init(|| self.numbered());
        let found = numbers.behind(key).take_while(|number| *number != 0);
        let mut found = found.map(i64::from);
        found.find(|number| self.member(*number).is_some_and(|member| member.key == key))
    }

    /// Every member, in the order of numbers.
    pub fn members(&self) -> impl Iterator<Item = Member<'_>> {
        (1..).map_while(|number| self.member(number))
    }

    fn numbered(&self) -> Numbers {
        let mut numbers = Numbers {
            slots: vec![0; (2 * self.len() + 1).next_power_of_two()],
            hasher: RandomState::new(),
        };
        for (number, member) in (1..).zip(self.members()) {
            let place = numbers
                .places(member.key)
                .find(|place| numbers.slots[*place] == 0);
            if let Some(place) = place {
                numbers.slots[place] = number;
            }
        }
        numbers
    }
}

impl Numbers {
    /// Every place, beginning with the one that `key` hashes to.
    fn places(&self, key: &str) -> impl Iterator<Item = usize> + use<> {
        let count = self.slots.len();
        let first = usize::try_from(self.hasher.hash_one(key)).unwrap_or_default();
        (0..count).map(move |step| first.wrapping_add(step) & (count - 1))
    }

    /// What stands at the places of `key`, one after the other.
    fn behind(&self, key: &str) -> impl Iterator<Item = u32> {
        self.places(key).map(|place| self.slots[place])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_by_number_and_by_key() {
        let mut dictionary = Dictionary::default();
        let words = (0..1_000).map(|n| (format!("k{n}"), format!("Müller {n}")));
        let words: Vec<(String, String)> = words.chain([(String::new(), String::new())]).collect();
        for (key, name) in &words {
            dictionary.push(key, name);
        }
        for (number, (key, name)) in (1..).zip(&words) {
            assert_eq!(dictionary.number(key), Some(number));
            assert_eq!(dictionary.member(number), Some(Member { key, name }));
        }
        assert_eq!(dictionary.number("Müller 1"), None);
        assert_eq!(dictionary.member(0), None);
        assert_eq!(dictionary.member(1_002), None);
        assert_eq!(dictionary.members().count(), 1_001);
        assert_eq!(Dictionary::default().number("k1"), None);
    }
}
