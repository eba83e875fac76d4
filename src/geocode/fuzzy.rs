//! Names with typing errors, found by what is left of them when letters are taken away.
//!
//! Symmetric deletion (Garbe 2012, `SymSpell`): a name and a query that differ by at most two
//! edits have a common remainder after at most two deletions from each. Only the first letters
//! take part, so each name has a bounded number of remainders. Remainders are kept as hashes; what
//! they lead to is verified by the true distance, so a collision costs time and nothing else.

use crate::geocode::fold::edits_within;

/// Letters at the start of a name that take part in the lookup.
const PREFIX: usize = 8;

/// The most edits that are looked for.
pub const MOST_EDITS: usize = 2;

/// Names by their remainders.
#[derive(Debug, Default)]
pub struct Fuzzy {
    /// Compact names, one behind the other.
    text: String,
    ends: Vec<u32>,
    /// Where the names of a bucket start in `names`.
    buckets: Vec<u32>,
    names: Vec<u32>,
}

impl Fuzzy {
    /// The index of these folded names; spaces are ignored. O(n) for n names, some 40 remainders
    /// each.
    #[must_use]
    pub fn new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let mut index = Self::default();
        let mut hashes = Vec::new();
        for (id, name) in (0_u32..).zip(names) {
            index.text.extend(name.chars().filter(|c| *c != ' '));
            let start = index.ends.last().map_or(0, |end| *end as usize);
            index
                .ends
                .push(u32::try_from(index.text.len()).unwrap_or(u32::MAX));
            remainders(&index.text[start..], MOST_EDITS, &mut |hash| {
                hashes.push((hash, id));
            });
        }
        let count = hashes.len().next_power_of_two().max(2);
        let bucket = |hash: u64| bucket(hash, count);
        index.buckets = vec![0; count + 1];
        for &(hash, _) in &hashes {
            index.buckets[bucket(hash) + 1] += 1;
        }
        for at in 1..=count {
            index.buckets[at] += index.buckets[at - 1];
        }
        let mut next = index.buckets.clone();
        index.names = vec![0; hashes.len()];
        for (hash, id) in hashes {
            let at = &mut next[bucket(hash)];
            index.names[*at as usize] = id;
            *at += 1;
        }
        index
    }

    /// The names within `edits` (at most [`MOST_EDITS`]) of the folded `query`, spaces ignored:
    /// index in the order of [`Fuzzy::new`], and distance; nearest first, then by index.
    #[must_use]
    pub fn find(&self, query: &str, edits: usize) -> Vec<(u32, usize)> {
        let query: String = query.chars().filter(|c| *c != ' ').collect();
        let count = self.buckets.len().saturating_sub(1);
        if query.is_empty() || count == 0 {
            return Vec::new();
        }
        let mut ids = Vec::new();
        remainders(&query, edits.min(MOST_EDITS), &mut |hash| {
            let at = bucket(hash, count);
            let range = self.buckets[at] as usize..self.buckets[at + 1] as usize;
            ids.extend_from_slice(&self.names[range]);
        });
        ids.sort_unstable();
        ids.dedup();
        let mut found: Vec<_> = ids
            .into_iter()
            .filter_map(|id| Some((id, edits_within(&query, self.name(id), edits)?)))
            .collect();
        found.sort_unstable_by_key(|&(id, distance)| (distance, id));
        found
    }

    fn name(&self, id: u32) -> &str {
        let id = id as usize;
        let start = id
            .checked_sub(1)
            .map_or(0, |before| self.ends[before] as usize);
        &self.text[start..self.ends[id] as usize]
    }
}

fn bucket(hash: u64, count: usize) -> usize {
    // Only the upper bits of a multiplicative hash are well mixed.
    let upper = usize::try_from(hash >> 32).unwrap_or(0);
    upper & (count - 1)
}

/// Hashes of what is left of the first letters of `name` after up to `edits` deletions.
fn remainders(name: &str, edits: usize, take: &mut impl FnMut(u64)) {
    let letters: Vec<char> = name.chars().take(PREFIX).collect();
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
        let index = Fuzzy::new(NAMES.into_iter());
        let found: Vec<_> = index
            .find(query, edits)
            .into_iter()
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
        let index = Fuzzy::new(names.iter().map(String::as_str));
        for query in &names[..40] {
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
