//! Running sums along the curve: what any stretch of sites adds up to is the difference of two.

use std::ops::Range;

/// Sites between two sums that are kept.
const BLOCK: usize = 64;

/// Fewer blocks than this are not worth a thread.
const MIN_SHARE: usize = 1 << 9;

/// Sums of several values over the sites before every [`BLOCK`]th.
#[derive(Debug, Default)]
pub(super) struct Sums {
    sites: usize,
    width: usize,
    /// One row of values after the other, the last of all sites.
    kept: Vec<i64>,
}

impl Sums {
    /// The sums of `width` values of each of `sites` sites; `add` adds those of a site. All cores
    /// work. O(sites).
    pub(super) fn of(sites: usize, width: usize, add: impl Fn(usize, &mut [i64]) + Sync) -> Self {
        let blocks = sites.div_ceil(BLOCK);
        // The first row stays 0: before the first site there is none.
        let mut kept = vec![0; (blocks + 1) * width];
        in_parallel(&mut kept[width..], width, |first, rows| {
            for (block, row) in (first..).zip(rows.chunks_mut(width)) {
                for site in block * BLOCK..((block + 1) * BLOCK).min(sites) {
                    add(site, row);
                }
            }
        });
        for next in width..kept.len() {
            kept[next] = kept[next].wrapping_add(kept[next - width]);
        }
        Self { sites, width, kept }
    }

    /// How many values there are of each site.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The sums of all sites.
    pub(super) fn total(&self) -> &[i64] {
        &self.kept[self.kept.len() - self.width..]
    }

    /// About how many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        self.kept.len() * size_of::<i64>()
    }

    /// Puts the sums over the sites before `site` into `sums`; `add` adds the values of a site,
    /// as it did when the sums were made. O(1).
    pub(super) fn before(&self, site: usize, add: impl Fn(usize, &mut [i64]), sums: &mut [i64]) {
        let (block, beyond) = (site / BLOCK, site % BLOCK);
        let next = ((block + 1) * BLOCK).min(self.sites);
        if beyond <= BLOCK / 2 {
            sums.copy_from_slice(self.row(block));
            (site - beyond..site).for_each(|site| add(site, sums));
            return;
        }
        sums.fill(0);
        (site..next).for_each(|site| add(site, sums));
        for (sum, kept) in sums.iter_mut().zip(self.row(block + 1)) {
            *sum = kept.wrapping_sub(*sum);
        }
    }

    /// The only one of `sites` whose first value is not 0, when they add up to one. O(log n).
    pub(super) fn only(
        &self,
        sites: &Range<usize>,
        add: impl Fn(usize, &mut [i64]),
    ) -> Option<usize> {
        let mut sums = vec![0; self.width];
        self.before(sites.start, &add, &mut sums);
        let before = sums[0];
        let (mut start, mut end) = (sites.start, sites.end);
        // It lies in start..end.
        while end - start > 1 {
            let middle = start.midpoint(end);
            self.before(middle, &add, &mut sums);
            if sums[0] == before {
                start = middle;
            } else {
                end = middle;
            }
        }
        (start < end).then_some(start)
    }

    fn row(&self, block: usize) -> &[i64] {
        &self.kept[block * self.width..(block + 1) * self.width]
    }
}

/// Hands `work` shares of `items`, of whole groups of `group` of them, each with the number of its
/// first group; one share a core.
fn in_parallel<T: Send>(items: &mut [T], group: usize, work: impl Fn(usize, &mut [T]) + Sync) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let groups = (items.len() / group).div_ceil(cores).max(MIN_SHARE);
    let (work, shares) = (&work, items.chunks_mut(groups * group).enumerate());
    if shares.len() <= 1 {
        shares.for_each(|(_, share)| work(0, share));
        return;
    }
    std::thread::scope(|scope| {
        for (number, share) in shares {
            scope.spawn(move || work(number * groups, share));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_stretch_is_the_difference_of_two_sums() {
        for sites in [
            0,
            1,
            BLOCK - 1,
            BLOCK,
            BLOCK + 1,
            3 * BLOCK + 7,
            2 * MIN_SHARE * BLOCK + 5,
        ] {
            let add = |site: usize, sums: &mut [i64]| {
                sums[0] += 1;
                sums[1] += i64::try_from(site * site).unwrap();
            };
            let sums = Sums::of(sites, 2, add);
            let plain = |end: usize| {
                let squares = (0..i64::try_from(end).unwrap()).map(|site| site * site);
                [i64::try_from(end).unwrap(), squares.sum()]
            };
            assert_eq!(sums.total(), plain(sites));
            for site in (0..=sites).step_by(1 + sites / 1_000) {
                let mut told = [0; 2];
                sums.before(site, add, &mut told);
                assert_eq!(told, plain(site), "{site} of {sites}");
            }
        }
    }

    #[test]
    fn the_only_site_of_a_stretch_is_found() {
        let add = |site: usize, sums: &mut [i64]| sums[0] += i64::from(site == 4_711);
        let sums = Sums::of(10_000, 1, add);
        for stretch in [0..10_000, 4_711..4_712, 4_700..4_712, 4_711..9_000] {
            assert_eq!(sums.only(&stretch, add), Some(4_711));
        }
    }
}
