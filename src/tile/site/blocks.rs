//! Sites along the curve in blocks of a few, cut where cells end: a cell from afar begins and ends
//! with a block, so that what is kept of blocks is all that is needed of it.

use std::ops::Range;

use rayon::prelude::*;

/// Sites of a block at most: as many as a `u128` has bits.
pub(super) const MOST: usize = 128;

/// log2 of the side of a cell, in units of the world, that no block reaches beyond: the cells of
/// tiles of zoom 7.
const CELL_SHIFT: u32 = 32 - 13;

/// Fewer blocks than this are not worth a thread.
const MIN_SHARE: usize = 1 << 9;

/// The blocks of sorted keys.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    /// Where each block begins, and the last ends.
    starts: Vec<u32>,
    /// The first key of each block.
    keys: Vec<u64>,
}

/// Between two sites: before one, or behind the last. At first before all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Place {
    /// The site that follows.
    pub(super) site: usize,
    /// The block of this site.
    block: usize,
}

/// Sites that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) start: Place,
    pub(super) end: Place,
}

impl Stretch {
    /// The sites.
    pub(super) fn sites(self) -> Range<usize> {
        self.start.site..self.end.site
    }
}

impl Blocks {
    /// The blocks of these keys, which are in order. O(n).
    pub(super) fn of(keys: &[u64]) -> Self {
        let mut blocks = Self::default();
        for (site, key) in keys.iter().enumerate() {
            let is_new = match blocks.starts.last() {
                Some(start) => {
                    let is_other_cell = (keys[site - 1] ^ key) >> (2 * CELL_SHIFT) != 0;
                    is_other_cell || site - at(*start) == MOST
                }
                None => true,
            };
            if is_new {
                blocks.starts.push(number(site));
                blocks.keys.push(*key);
            }
        }
        blocks.starts.push(number(keys.len()));
        blocks
    }

    fn count(&self) -> usize {
        self.keys.len()
    }

    /// Behind the last site.
    fn end(&self) -> Place {
        Place {
            site: self.starts.last().map_or(0, |start| at(*start)),
            block: self.count(),
        }
    }

    /// Before a site. O(log n).
    pub(super) fn before(&self, site: usize) -> Place {
        let block = self.starts.partition_point(|start| at(*start) <= site);
        let block = block.saturating_sub(1).min(self.count());
        Place { site, block }
    }

    /// Before the first of the sites from `from` on whose key, of `keys`, is above `last`: the end
    /// of a cell of the curve. O(log of the distance).
    pub(super) fn behind(&self, keys: &[u64], last: u64, from: Place) -> Place {
        let Some(next) = last.checked_add(1) else {
            return self.end();
        };
        // Twice as far each time, until beyond.
        let mut reach = 1;
        let is_before = |key: &u64| *key < next;
        while self.keys.get(from.block + reach).is_some_and(is_before) {
            reach *= 2;
        }
        let low = (from.block + reach / 2).min(self.count());
        let high = (from.block + reach).min(self.count());
        let block = low + self.keys[low..high].partition_point(is_before);
        let start = at(self.starts[block]);
        let is_cut_here = next.trailing_zeros() >= 2 * CELL_SHIFT;
        if is_cut_here || block == 0 {
            return Place { site: start, block };
        }
        let begin = at(self.starts[block - 1]);
        let inside = keys[begin..start].partition_point(is_before);
        if begin + inside == start {
            return Place { site: start, block };
        }
        Place {
            site: begin + inside,
            block: block - 1,
        }
    }

    /// The key of the site behind `place`, of `keys`; none behind the last.
    pub(super) fn key(&self, keys: &[u64], place: Place) -> Option<u64> {
        let start = self.starts.get(place.block).map(|start| at(*start));
        if start == Some(place.site) {
            // These are near to each other.
            return self.keys.get(place.block).copied();
        }
        keys.get(place.site).copied()
    }
}

/// Sums of several values over the sites before each block.
#[derive(Debug, Default)]
pub(super) struct Sums {
    width: usize,
    /// One row of values after the other, the last of all sites.
    kept: Vec<i64>,
}

impl Sums {
    /// The sums of `width` values of each site of `blocks`; `add` adds those of the sites of a
    /// block, which it is given with its number. All cores work. O(sites).
    pub(super) fn of(
        blocks: &Blocks,
        width: usize,
        add: impl Fn(usize, Range<usize>, &mut [i64]) + Sync,
    ) -> Self {
        // The first row stays 0: before the first site there is none.
        let mut kept = vec![0; (blocks.count() + 1) * width];
        let rows = kept[width..].par_chunks_mut(width).with_min_len(MIN_SHARE);
        rows.enumerate().for_each(|(block, row)| {
            let sites = at(blocks.starts[block])..at(blocks.starts[block + 1]);
            add(block, sites, row);
        });
        for next in width..kept.len() {
            kept[next] = kept[next].wrapping_add(kept[next - width]);
        }
        Self { width, kept }
    }

    /// How many values there are of each site.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The sums of a block.
    pub(super) fn of_block(&self, block: usize) -> impl Iterator<Item = i64> {
        let rows = &self.kept[block * self.width..(block + 2) * self.width];
        let (before, behind) = rows.split_at(self.width);
        behind
            .iter()
            .zip(before)
            .map(|(behind, before)| behind.wrapping_sub(*before))
    }

    /// The sums of all sites.
    pub(super) fn total(&self) -> &[i64] {
        &self.kept[self.kept.len() - self.width..]
    }

    /// About how many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        self.kept.len() * size_of::<i64>()
    }

    /// Puts the sums over the sites before `place` of `blocks` into `sums`; `add` adds the values of
    /// a site, as it did when the sums were made. O(1).
    pub(super) fn before(
        &self,
        blocks: &Blocks,
        place: Place,
        add: impl Fn(usize, &mut [i64]),
        sums: &mut [i64],
    ) {
        let row = |block: usize| &self.kept[block * self.width..(block + 1) * self.width];
        let start = at(blocks.starts[place.block]);
        let end = blocks
            .starts
            .get(place.block + 1)
            .map_or(start, |end| at(*end));
        if place.site - start <= end - place.site || place.block == blocks.count() {
            sums.copy_from_slice(row(place.block));
            (start..place.site).for_each(|site| add(site, sums));
            return;
        }
        sums.fill(0);
        (place.site..end).for_each(|site| add(site, sums));
        for (sum, kept) in sums.iter_mut().zip(row(place.block + 1)) {
            *sum = kept.wrapping_sub(*sum);
        }
    }

    /// The only site of `stretch` whose first value is not 0, when they add up to one. O(log n).
    pub(super) fn only(
        &self,
        blocks: &Blocks,
        stretch: Stretch,
        add: impl Fn(usize, &mut [i64]),
    ) -> Option<usize> {
        let mut sums = vec![0; self.width];
        let mut first_before = |place: Place| {
            self.before(blocks, place, &add, &mut sums);
            sums[0]
        };
        let before = first_before(stretch.start);
        let (mut start, mut end) = (stretch.start.site, stretch.end.site);
        // It lies in start..end.
        while end - start > 1 {
            let middle = start.midpoint(end);
            if first_before(blocks.before(middle)) == before {
                start = middle;
            } else {
                end = middle;
            }
        }
        (start < end).then_some(start)
    }
}

/// There are fewer sites than accounts, whose numbers have 31 bits.
fn number(site: usize) -> u32 {
    u32::try_from(site).unwrap_or(u32::MAX)
}

fn at(number: u32) -> usize {
    number as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spatial::tests::Random;

    const SEED: u64 = 29;

    /// Sorted keys: many alone, some at the same place, some side by side.
    fn keys(count: usize) -> Vec<u64> {
        let mut random = Random(SEED);
        let mut keys: Vec<u64> = Vec::new();
        while keys.len() < count {
            let key = random.next();
            let many = if key.is_multiple_of(50) { 100 } else { 1 };
            keys.extend((0..many).map(|step| key.saturating_add(step * (key % 3))));
        }
        keys.truncate(count);
        keys.sort_unstable();
        keys
    }

    #[test]
    fn the_end_of_any_cell_is_where_a_scan_finds_it() {
        let mut random = Random(SEED);
        for count in [0, 1, MOST - 1, MOST, MOST + 1, 5_000] {
            let keys = keys(count);
            let blocks = Blocks::of(&keys);
            for _ in 0..500 {
                let bits = u32::try_from(random.next() % 65).unwrap();
                let near = keys.get(usize::try_from(random.next()).unwrap() % count.max(1));
                let last = near.copied().unwrap_or_default()
                    | u64::MAX.checked_shr(64 - bits).unwrap_or(0);
                let found = blocks.behind(&keys, last, Place::default());
                let site = keys.partition_point(|key| *key <= last);
                assert_eq!(found.site, site, "{last} of {count} with seed {SEED}");
                assert_eq!(blocks.key(&keys, found), keys.get(site).copied());
                assert_eq!(blocks.behind(&keys, last, found), found);
                assert_eq!(blocks.before(site).site, site);
            }
        }
    }

    #[test]
    fn any_stretch_is_the_difference_of_two_sums() {
        for count in [0, 1, MOST - 1, MOST, MOST + 1, 2_000] {
            let keys = keys(count);
            let blocks = Blocks::of(&keys);
            let add = |site: usize, sums: &mut [i64]| {
                sums[0] += 1;
                sums[1] += i64::try_from(site * site).unwrap();
            };
            let sums = Sums::of(&blocks, 2, |_, sites, sums| {
                sites.for_each(|site| add(site, sums));
            });
            let plain = |end: usize| {
                let squares = (0..i64::try_from(end).unwrap()).map(|site| site * site);
                [i64::try_from(end).unwrap(), squares.sum()]
            };
            assert_eq!(sums.total(), plain(count));
            for site in 0..=count {
                let mut told = [0; 2];
                sums.before(&blocks, blocks.before(site), add, &mut told);
                assert_eq!(told, plain(site), "{site} of {count}");
            }
        }
    }

    #[test]
    fn the_only_site_of_a_stretch_is_found() {
        let blocks = Blocks::of(&keys(3_000));
        let add = |site: usize, sums: &mut [i64]| sums[0] += i64::from(site == 1_711);
        let sums = Sums::of(&blocks, 1, |_, sites, sums| {
            sites.for_each(|site| add(site, sums));
        });
        for sites in [0..3_000, 1_711..1_712, 1_700..1_712, 1_711..2_900] {
            let [start, end] = [sites.start, sites.end].map(|site| blocks.before(site));
            assert_eq!(sums.only(&blocks, Stretch { start, end }, add), Some(1_711));
        }
    }
}
