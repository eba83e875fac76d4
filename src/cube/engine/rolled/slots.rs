//! Places for the values of groups, found by the numbers of their members.

use std::collections::HashMap;

use crate::cube::scan::{Groups, Part, Scan};

/// Groupings of at most this many possible groups find their places by counting, others by search.
const DENSE: u64 = 1 << 22;

/// The members of a level: numbers from `first` on.
pub(super) struct Dimension {
    /// Place of the level in the scan.
    pub(super) place: usize,
    pub(super) first: i64,
    pub(super) size: i64,
}

/// The groups of a grouping with their values.
pub(super) struct Slots {
    dimensions: Vec<Dimension>,
    parts: Vec<Part>,
    dense: Vec<u32>,
    sparse: HashMap<u64, u32>,
    keys: Vec<u64>,
    values: Vec<i64>,
}

impl Slots {
    /// None when the possible groups can't be numbered.
    pub(super) fn new(dimensions: Vec<Dimension>, parts: &[Part]) -> Option<Self> {
        let sizes = dimensions
            .iter()
            .map(|dimension| u64::try_from(dimension.size).ok());
        let count = sizes
            .into_iter()
            .try_fold(1_u64, |count, size| count.checked_mul(size?))?;
        let dense = if count <= DENSE { count } else { 0 };
        Some(Self {
            dimensions,
            parts: parts.to_vec(),
            dense: vec![u32::MAX; usize::try_from(dense).ok()?],
            sparse: HashMap::new(),
            keys: Vec::new(),
            values: Vec::new(),
        })
    }

    /// The slot of the group of these members, one a dimension.
    pub(super) fn slot(&mut self, numbers: &[i64]) -> usize {
        let mut key = 0_u64;
        for (dimension, number) in self.dimensions.iter().zip(numbers) {
            let size = dimension.size.unsigned_abs();
            let number = number.wrapping_sub(dimension.first).unsigned_abs();
            key = key.wrapping_mul(size).wrapping_add(number);
        }
        let next = u32::try_from(self.keys.len()).unwrap_or(u32::MAX - 1);
        let place = usize::try_from(key).unwrap_or(usize::MAX);
        let slot = match self.dense.get_mut(place) {
            Some(slot) => slot,
            None => self.sparse.entry(key).or_insert(u32::MAX),
        };
        if *slot == u32::MAX {
            *slot = next;
            self.keys.push(key);
            self.values.extend(self.parts.iter().map(|part| match part {
                Part::FirstDay => i64::MAX,
                Part::LastDay => i64::MIN,
                _ => 0,
            }));
            return next as usize;
        }
        *slot as usize
    }

    /// Adds `value` to a part of a slot; false when the sum does not fit.
    pub(super) fn add(&mut self, slot: usize, part: usize, value: i64) -> bool {
        let kept = &mut self.values[slot * self.parts.len() + part];
        let sum = match self.parts[part] {
            Part::FirstDay => Some((*kept).min(value)),
            Part::LastDay => Some((*kept).max(value)),
            _ => kept.checked_add(value),
        };
        match sum {
            Some(sum) => {
                *kept = sum;
                true
            }
            None => false,
        }
    }

    /// Hands the groups over as those of `set`.
    pub(super) fn put_into(self, groups: &mut Groups, scan: &Scan, set: u32) {
        let width = self.parts.len();
        let mut members = vec![0_i64; scan.levels.len()];
        for (slot, key) in self.keys.iter().enumerate() {
            let mut rest = *key;
            for dimension in self.dimensions.iter().rev() {
                let size = dimension.size.unsigned_abs().max(1);
                let number = i64::try_from(rest % size).unwrap_or_default();
                members[dimension.place] = dimension.first + number;
                rest /= size;
            }
            groups.push(
                set,
                &members,
                &self.values[slot * width..(slot + 1) * width],
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cube::level::CubeLevel;

    #[test]
    fn groups_come_back_with_their_members() {
        let scan = Scan {
            levels: vec![CubeLevel::Category, CubeLevel::Product],
            sets: vec![3],
            parts: vec![Part::Lines, Part::FirstDay],
            conditions: Vec::new(),
            money: None,
            most: 10,
        };
        for size in [10, 1 << 40] {
            let dimensions = [(0, 0, 7), (1, 100, size)];
            let dimensions =
                dimensions.map(|(place, first, size)| Dimension { place, first, size });
            let mut slots = Slots::new(dimensions.into(), &scan.parts).unwrap();
            for (numbers, day) in [([6, 105], 9), ([0, 100], 4), ([6, 105], 3)] {
                let slot = slots.slot(&numbers);
                assert!(slots.add(slot, 0, 1) && slots.add(slot, 1, day));
            }
            let mut groups = Groups::default();
            slots.put_into(&mut groups, &scan, 3);
            assert_eq!(groups.members, [6, 105, 0, 100]);
            assert_eq!(groups.values, [2, 3, 1, 4]);
        }
    }
}
