//! Names with typing errors, found by what is left of them when letters are taken away.
//!
//! Symmetric deletion (Garbe 2012, `SymSpell`): a name and a query that differ by at most two
//! edits have a common remainder after at most two deletions from each. Only the first letters
//! take part, so each name has a bounded number of remainders. Remainders are kept as hashes; what
//! they lead to is verified by the true distance, so a collision costs time and nothing else.

use crate::geocode::fold::edits_within;
use crate::geocode::words::{Texts, index};

/// Letters at the start of a name that take part in the lookup.
const PREFIX: usize = 8;

/// The same where names are many, as in India and Mexico: half of the remainders, which are longer
/// to verify.
const SHORT_PREFIX: usize = 6;

/// More names than this are many.
const MANY: usize = 16_000;

/// The most edits that are looked for.
pub const MOST_EDITS: usize = 2;

/// Names by their remainders. Some 140 bytes a name, 90 where names are many.
#[derive(Debug, Default)]
pub struct Fuzzy {
    /// Without spaces.
    compact: Texts,
    prefix: usize,
    /// Where the names of a bucket start in `numbers`.
    buckets: Vec<u32>,
    /// Names by number, three bytes each, least first.
    numbers: Vec<[u8; 3]>,
}

impl Fuzzy {
    /// The index of these folded names; spaces are ignored. O(n) for n names, some 40 remainders
    /// each.
    ///
    /// # Panics
    /// From 2^24 names on, more than the world has.
    #[must_use]
    pub fn new(names: &[&str]) -> Self {
        let mut index = Self {
            prefix: if names.len() > MANY {
                SHORT_PREFIX
            } else {
                PREFIX
            },
            ..Self::default()
        };
        let mut compact = String::new();
        for name in names {
            compact.clear();
            compact.extend(name.chars().filter(|c| *c != ' '));
            index.compact.push(&compact);
        }
        index.compact.shrink();
        index.fill();
        index
    }

    /// Counts the remainders of each bucket, then puts them there.
    fn fill(&mut self) {
        let mut count = 0;
        self.each_remainder(|_, _| count += 1);
        // Two remainders share a bucket, more where names are many.
        let load = if self.compact.len() > MANY { 8 } else { 2 };
        let slots = usize::next_power_of_two(count / load).max(2);
        let mut ends = vec![0_u32; slots + 1];
        self.each_remainder(|_, hash| ends[bucket(hash, slots) + 1] += 1);
        for at in 1..=slots {
            ends[at] += ends[at - 1];
        }
        let mut numbers = vec![[0; 3]; count];
        self.each_remainder(|id, hash| {
            let at = &mut ends[bucket(hash, slots)];
            numbers[*at as usize] = id;
            *at += 1;
        });
        // Each start has moved to the end of its bucket, which is the start of the next one.
        ends.rotate_right(1);
        ends[0] = 0;
        (self.buckets, self.numbers) = (ends, numbers);
    }

    fn each_remainder(&self, mut take: impl FnMut([u8; 3], u64)) {
        for id in 0..index(self.compact.len()) {
            let [a, b, c, rest] = id.to_le_bytes();
            assert_eq!(rest, 0, "the world has fewer than 2^24 names");
            remainders(
                self.compact.text(id),
                self.prefix,
                MOST_EDITS,
                &mut |hash| {
                    take([a, b, c], hash);
                },
            );
        }
    }

    /// The names within `edits` (at most [`MOST_EDITS`]) of the folded `query`, spaces ignored: index
    /// in the order of [`Fuzzy::new`], and distance; nearest first, then by index.
    #[must_use]
    pub fn find(&self, query: &str, edits: usize) -> Vec<(u32, usize)> {
        let query: String = query.chars().filter(|c| *c != ' ').collect();
        let count = self.buckets.len().saturating_sub(1);
        if query.is_empty() || count == 0 {
            return Vec::new();
        }
        let mut ids = Vec::new();
        remainders(&query, self.prefix, edits.min(MOST_EDITS), &mut |hash| {
            let at = bucket(hash, count);
            let range = self.buckets[at] as usize..self.buckets[at + 1] as usize;
            let numbers = self.numbers[range].iter();
            ids.extend(numbers.map(|&[a, b, c]| u32::from_le_bytes([a, b, c, 0])));
        });
        ids.sort_unstable();
        ids.dedup();
        let mut found: Vec<_> = ids
            .into_iter()
            .filter_map(|id| Some((id, edits_within(&query, self.compact.text(id), edits)?)))
            .collect();
        found.sort_unstable_by_key(|&(id, distance)| (distance, id));
        found
    }
}

fn bucket(hash: u64, count: usize) -> usize {
    // Only the upper bits of a multiplicative hash are well mixed.
    let upper = usize::try_from(hash >> 32).unwrap_or(0);
    upper & (count - 1)
}

/// Hashes of what is left of the first `prefix` letters of `name` after up to `edits` deletions.
fn remainders(name: &str, prefix: usize, edits: usize, take: &mut impl FnMut(u64)) {
    let mut letters = ['\0'; PREFIX];
    let mut len = 0;
    for (slot, c) in letters[..prefix].iter_mut().zip(name.chars()) {
        *slot = c;
        len += 1;
    }
    let letters = &letters[..len];
    let without = |first: usize, second: usize| {
        let kept = letters.iter().enumerate();
        kept.filter(|(at, _)| *at != first && *at != second)
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, (_, c)| {
                (hash ^ u64::from(*c))
                    .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                    .rotate_left(29)
            })
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
    };
    take(without(usize::MAX, usize::MAX));
    for first in 0..letters.len() {
        if edits >= 1 {
            take(without(first, usize::MAX));
        }
        if edits >= 2 {
            for second in first + 1..letters.len() {
                take(without(first, second));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geocode::fold::edit_distance;

    const NAMES: [&str; 7] = [
        "munchen",
        "munster",
        "neu ulm",
        "ulm",
        "frankfurt am main",
        "hannover",
        "hanover",
    ];

    #[track_caller]
    fn check(query: &str, edits: usize, expected: &[(&str, usize)]) {
        let found = Fuzzy::new(&NAMES).find(query, edits);
        let found = found.into_iter();
        let found: Vec<_> = found
            .map(|(id, distance)| (NAMES[id as usize], distance))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn names_are_found_in_spite_of_errors() {
        check("munhcen", 1, &[("munchen", 1)]);
        check("neuulm", 1, &[("neu ulm", 0)]);
        check("hanover", 1, &[("hanover", 0), ("hannover", 1)]);
        check("frankfrut am mian", 2, &[("frankfurt am main", 2)]);
        check("xyz", 2, &[]);
        check("", 2, &[]);
    }

    #[test]
    fn the_index_agrees_with_a_scan() {
        let mut state: u64 = 3;
        let mut next = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % below
        };
        let names: Vec<String> = (0..300)
            .map(|_| {
                let len = 1 + next(11);
                (0..len)
                    .map(|_| if next(2) == 0 { 'a' } else { 'b' })
                    .collect()
            })
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let index = Fuzzy::new(&names);
        for &query in &names[..40] {
            let mut scanned: Vec<_> = (0_u32..)
                .zip(&names)
                .map(|(id, name)| (id, edit_distance(query, name)))
                .filter(|(_, distance)| *distance <= 2)
                .collect();
            scanned.sort_by_key(|&(id, distance)| (distance, id));
            assert_eq!(index.find(query, 2), scanned, "{query}");
        }
    }
}
