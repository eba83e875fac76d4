//! Names with typing errors, found by what is left of them when letters are taken away.
//!
//! Symmetric deletion (Garbe 2012, `SymSpell`): a name and a query that differ by at most two
//! edits have a common remainder after at most two deletions from each. Only the first letters
//! take part, so each name has a bounded number of remainders. Remainders are kept as hashes; what
//! they lead to is verified by the true distance, so a collision costs time and nothing else.

use std::borrow::Cow;

use crate::geocode::fold::edits_within;
use crate::geocode::words::index;

/// Letters at the start of a name that take part in the lookup.
const PREFIX: usize = 8;

/// The same where names are many, as in India and Mexico: half of the remainders, which are longer
/// to verify.
const SHORT_PREFIX: usize = 6;

/// More names than this are many.
const MANY: usize = 16_000;

/// Remainders that share a bucket, and the same where names are many.
const LOAD: usize = 4;
const HIGH_LOAD: usize = 6;

/// Names of one part, so that two bytes number them.
const PART: usize = 1 << 16;

/// The most edits that are looked for.
pub const MOST_EDITS: usize = 2;

/// Names by their remainders. Some 110 bytes a name, 60 where names are many; the names themselves
/// stay where they are.
#[derive(Debug, Default)]
pub struct Fuzzy {
    prefix: usize,
    parts: Vec<Part>,
}

/// The remainders of [`PART`] names, fewer in the last part.
#[derive(Debug)]
struct Part {
    /// Where the names of a bucket start in `numbers`.
    buckets: Vec<u32>,
    /// Names by number within the part, least first.
    numbers: Vec<u16>,
    /// What each name is made of.
    letters: Vec<Letters>,
}

/// How many letters a name has, and which: a bit for each of the 26, below them the count.
#[derive(Debug, Clone, Copy)]
struct Letters(u32);

impl Fuzzy {
    /// The index of these folded names; spaces are ignored. O(n) for n names, some 40 remainders
    /// each.
    #[must_use]
    pub fn new(names: &[&str]) -> Self {
        let (prefix, load) = if names.len() > MANY {
            (SHORT_PREFIX, HIGH_LOAD)
        } else {
            (PREFIX, LOAD)
        };
        let parts = names.chunks(PART);
        let parts = parts.map(|names| Part::new(names, prefix, load)).collect();
        Self { prefix, parts }
    }

    /// The names within `edits` (at most [`MOST_EDITS`]) of the folded `query`, spaces ignored: index
    /// in the order of [`Fuzzy::new`], and distance; nearest first, then by index. `name` gives the
    /// name of an index.
    #[must_use]
    pub fn find<'n>(
        &self,
        query: &str,
        edits: usize,
        name: impl Fn(u32) -> &'n str,
    ) -> Vec<(u32, usize)> {
        let query = compact(query);
        if query.is_empty() {
            return Vec::new();
        }
        let letters = Letters::of(&query);
        let mut ids = Vec::new();
        remainders(&query, self.prefix, edits.min(MOST_EDITS), &mut |hash| {
            for (first, part) in (0..).step_by(PART).zip(&self.parts) {
                let numbers = part.of(hash).iter().copied();
                let near = numbers.filter(|&number| {
                    let other = part.letters[usize::from(number)];
                    letters.may_become(other, edits)
                });
                ids.extend(near.map(|number| first + u32::from(number)));
            }
        });
        ids.sort_unstable();
        ids.dedup();
        let mut found: Vec<_> = ids
            .into_iter()
            .filter_map(|id| Some((id, edits_within(&query, &compact(name(id)), edits)?)))
            .collect();
        found.sort_unstable_by_key(|&(id, distance)| (distance, id));
        found
    }
}

impl Part {
    /// Counts the remainders of each bucket, then puts them there.
    fn new(names: &[&str], prefix: usize, load: usize) -> Self {
        let each_remainder = |take: &mut dyn FnMut(u16, u64)| {
            for (number, name) in (0..=u16::MAX).zip(names) {
                let name = compact(name);
                remainders(&name, prefix, MOST_EDITS, &mut |hash| take(number, hash));
            }
        };
        let mut count = 0;
        each_remainder(&mut |_, _| count += 1);
        let slots = (count / load).max(1);
        let mut ends = vec![0_u32; slots + 1];
        each_remainder(&mut |_, hash| ends[bucket(hash, slots) + 1] += 1);
        for at in 1..=slots {
            ends[at] += ends[at - 1];
        }
        let mut numbers = vec![0; count];
        each_remainder(&mut |number, hash| {
            let at = &mut ends[bucket(hash, slots)];
            numbers[*at as usize] = number;
            *at += 1;
        });
        // Each start has moved to the end of its bucket, which is the start of the next one.
        ends.rotate_right(1);
        ends[0] = 0;
        Self {
            buckets: ends,
            numbers,
            letters: names.iter().map(|name| Letters::of(name)).collect(),
        }
    }

    /// The names of the bucket of `hash`.
    fn of(&self, hash: u64) -> &[u16] {
        let at = bucket(hash, self.buckets.len() - 1);
        &self.numbers[self.buckets[at] as usize..self.buckets[at + 1] as usize]
    }
}

impl Letters {
    const COUNT_BITS: u32 = 6;
    const MOST: u32 = (1 << Self::COUNT_BITS) - 1;

    /// The letters of `name`, spaces ignored; those of other alphabets share the bits.
    fn of(name: &str) -> Self {
        let letters = name.chars().filter(|c| *c != ' ').map(u32::from);
        let (count, set) = letters.fold((0, 0), |(count, set), c| {
            (Self::MOST.min(count + 1), set | 1 << (c % 26))
        });
        Self(set << Self::COUNT_BITS | count)
    }

    /// Whether so many edits may make one of the other: each adds a letter, drops one or does both.
    fn may_become(self, other: Self, edits: usize) -> bool {
        let counts = (self.0 & Self::MOST).abs_diff(other.0 & Self::MOST);
        let changed = ((self.0 ^ other.0) >> Self::COUNT_BITS).count_ones();
        counts as usize <= edits && changed as usize <= 2 * edits
    }
}

/// `name` without spaces.
fn compact(name: &str) -> Cow<'_, str> {
    if name.contains(' ') {
        Cow::Owned(name.replace(' ', ""))
    } else {
        Cow::Borrowed(name)
    }
}

/// One of `count` buckets, by the upper bits of a hash: only they are well mixed by multiplication.
fn bucket(hash: u64, count: usize) -> usize {
    let share = (u64::from(index(count)) * (hash >> 32)) >> 32;
    usize::try_from(share).unwrap_or(0)
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
        let found = Fuzzy::new(&NAMES).find(query, edits, |id| NAMES[id as usize]);
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
            let found = index.find(query, 2, |id| names[id as usize]);
            assert_eq!(found, scanned, "{query}");
        }
    }
}
