//! Natural breaks: the classes whose values differ least from each other.

use super::number;

/// Sums over the distinct values up to each one, so that the spread of any run of them costs one
/// step.
struct Sums {
    weight: Vec<f64>,
    sum: Vec<f64>,
    square: Vec<f64>,
}

/// The bounds between the `count` classes with the least sum of squared distances from the mean of
/// their class, exactly (ckmeans: Wang and Song 2011, with the halving of Song and Zhong 2020).
/// `sorted` is ascending and has more than `count` distinct values. O(count n log n).
pub(super) fn breaks(sorted: &[f64], count: usize) -> Vec<f64> {
    let mut distinct = sorted.to_vec();
    distinct.dedup();
    let sums = Sums::of(sorted, &distinct);
    let most = distinct.len() - 1;
    // Of the values up to each one: the least spread with so many classes, and where the last of
    // them begins.
    let mut spread: Vec<f64> = (0..=most).map(|end| sums.spread(0, end)).collect();
    let mut starts: Vec<Vec<usize>> = Vec::new();
    for classes in 2..=count {
        let mut row = Row {
            before: &spread,
            next: vec![0.0; distinct.len()],
            start: vec![0; distinct.len()],
            sums: &sums,
        };
        row.fill((classes - 1, distinct.len()), (classes - 1, most));
        let (next, start) = (row.next, row.start);
        starts.push(start);
        spread = next;
    }
    let mut end = most;
    let mut breaks: Vec<f64> = Vec::new();
    for start in starts.iter().rev() {
        let begin = start[end];
        breaks.push(distinct[begin]);
        end = begin.saturating_sub(1);
    }
    breaks.reverse();
    breaks
}

struct Row<'a> {
    before: &'a [f64],
    next: Vec<f64>,
    start: Vec<usize>,
    sums: &'a Sums,
}

impl Row<'_> {
    /// The best start of the last class moves only upwards with its end: half of the `ends`, the
    /// last excluded, bound the others. `begins` are where it may be.
    fn fill(&mut self, ends: (usize, usize), begins: (usize, usize)) {
        let ((low, high), (from, to)) = (ends, begins);
        if low >= high {
            return;
        }
        let end = low + (high - 1 - low) / 2;
        let (mut best, mut at) = (f64::INFINITY, from);
        for begin in (from..=end.min(to)).rev() {
            let cost = self.before[begin - 1] + self.sums.spread(begin, end);
            if cost < best {
                (best, at) = (cost, begin);
            }
        }
        self.next[end] = best;
        self.start[end] = at;
        self.fill((low, end), (from, at));
        self.fill((end + 1, high), (at, to));
    }
}

impl Sums {
    fn of(sorted: &[f64], distinct: &[f64]) -> Self {
        // Around the middle, so that squares of great figures keep their digits.
        let middle = sorted[sorted.len() / 2];
        let mut sums = Self {
            weight: vec![0.0],
            sum: vec![0.0],
            square: vec![0.0],
        };
        let mut rest = sorted;
        let mut all = [0.0; 3];
        for value in distinct {
            let times = rest.partition_point(|other| other <= value);
            rest = &rest[times..];
            let (times, shifted) = (number(times), value - middle);
            all[0] += times;
            all[1] += times * shifted;
            all[2] += times * shifted * shifted;
            sums.weight.push(all[0]);
            sums.sum.push(all[1]);
            sums.square.push(all[2]);
        }
        sums
    }

    /// The sum of squared distances from their mean of the distinct values `from` to `to`, both
    /// included.
    fn spread(&self, from: usize, to: usize) -> f64 {
        let part = |sums: &[f64]| sums[to + 1] - sums[from];
        let (weight, sum) = (part(&self.weight), part(&self.sum));
        (part(&self.square) - sum * sum / weight).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The least spread of all divisions of `sorted` into `count` runs, by trying each.
    fn least(sorted: &[f64], count: usize) -> f64 {
        let spread = |values: &[f64]| {
            let mean = values.iter().sum::<f64>() / number(values.len());
            values
                .iter()
                .map(|value| (value - mean).powi(2))
                .sum::<f64>()
        };
        if count == 1 {
            return spread(sorted);
        }
        (count - 1..sorted.len())
            .map(|begin| least(&sorted[..begin], count - 1) + spread(&sorted[begin..]))
            .fold(f64::INFINITY, f64::min)
    }

    #[test]
    fn no_division_has_less_spread() {
        let mut seed = 20_261_122_u64;
        let mut random = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            f64::from(u32::try_from(seed >> 40).unwrap() % 97)
        };
        for round in 0..40 {
            let mut sorted: Vec<f64> = (0..18).map(|_| random()).collect();
            sorted.sort_by(f64::total_cmp);
            for count in 2..=5 {
                let breaks = breaks(&sorted, count);
                assert_eq!(breaks.len(), count - 1);
                let mut begin = 0;
                let mut spread = 0.0;
                for bound in breaks.iter().chain([&f64::INFINITY]) {
                    let end = sorted.iter().filter(|value| *value < bound).count();
                    spread += least(&sorted[begin..end], 1);
                    begin = end;
                }
                assert!(
                    (spread - least(&sorted, count)).abs() < 1e-6,
                    "{round} {count}"
                );
            }
        }
    }
}
