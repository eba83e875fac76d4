//! Points along the Morton curve (Z-order), on which the points of a tile stand side by side.

use crate::tile::TileId;

/// The place of a point of the world on the curve: the bits of y and x in turn, y first.
#[must_use]
pub fn key([x, y]: [u32; 2]) -> u64 {
    spread(y) << 1 | spread(x)
}

/// The point of the world at a place on the curve.
#[must_use]
pub fn point(key: u64) -> [u32; 2] {
    [gather(key), gather(key >> 1)]
}

/// Points sorted along the curve, each with a value.
#[derive(Debug)]
pub struct Curve<T> {
    points: Vec<Stop<T>>,
}

/// A point on the curve.
#[derive(Debug)]
pub struct Stop<T> {
    /// Its place on the curve.
    pub key: u64,
    /// The point in the world.
    pub at: [u32; 2],
    /// What is there.
    pub value: T,
}

impl<T> Curve<T> {
    /// The curve through these points; points at the same place keep their order. O(n log n).
    #[must_use]
    pub fn new(points: impl IntoIterator<Item = ([u32; 2], T)>) -> Self {
        let stop = |(at, value)| Stop {
            key: key(at),
            at,
            value,
        };
        let mut points: Vec<_> = points.into_iter().map(stop).collect();
        points.sort_by_key(|stop| stop.key);
        Self { points }
    }

    /// How many points there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// The points in `tile`, its west and north edge included. Each point is in exactly one tile
    /// of a zoom. O(log n).
    #[must_use]
    pub fn within(&self, tile: TileId) -> &[Stop<T>] {
        let side_bits = 32 - u32::from(tile.z());
        let corner = |index: u32| u32::try_from(u64::from(index) << side_bits).unwrap_or(0);
        let first = key([corner(tile.x()), corner(tile.y())]);
        let last = first | bits_below(2 * side_bits);
        let start = self.points.partition_point(|stop| stop.key < first);
        let end = self.points.partition_point(|stop| stop.key <= last);
        &self.points[start..end]
    }
}

/// So many low bits set.
#[must_use]
pub fn bits_below(count: u32) -> u64 {
    u64::MAX.checked_shr(64 - count).unwrap_or(0)
}

/// Every second bit of `n`, beginning with the lowest: what [`spread`] makes of them, back.
fn gather(n: u64) -> u32 {
    let n = n & 0x5555_5555_5555_5555;
    let n = (n | n >> 1) & 0x3333_3333_3333_3333;
    let n = (n | n >> 2) & 0x0f0f_0f0f_0f0f_0f0f;
    let n = (n | n >> 4) & 0x00ff_00ff_00ff_00ff;
    let n = (n | n >> 8) & 0x0000_ffff_0000_ffff;
    let n = (n | n >> 16) & 0x0000_0000_ffff_ffff;
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The bits of `n` with a zero before each ("interleave bits by binary magic numbers").
fn spread(n: u32) -> u64 {
    let n = u64::from(n);
    let n = (n | n << 16) & 0x0000_ffff_0000_ffff;
    let n = (n | n << 8) & 0x00ff_00ff_00ff_00ff;
    let n = (n | n << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    let n = (n | n << 2) & 0x3333_3333_3333_3333;
    (n | n << 1) & 0x5555_5555_5555_5555
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spatial::tests::Random;

    #[test]
    fn bits_take_turns() {
        assert_eq!(key([0b11, 0b00]), 0b0101);
        assert_eq!(key([0b00, 0b11]), 0b1010);
        assert_eq!(key([u32::MAX, u32::MAX]), u64::MAX);
        for at in [
            [0, 0],
            [u32::MAX, 0],
            [0, u32::MAX],
            [0x1234_5678, 0x9abc_def0],
        ] {
            assert_eq!(point(key(at)), at);
        }
    }

    #[test]
    fn tiles_hold_the_points_that_a_scan_finds() {
        const SEED: u64 = 3;
        let mut random = Random(SEED);
        let mut draw = || u32::try_from(random.next() >> 32).unwrap();
        let points: Vec<_> = (0..500).map(|n| ([draw(), draw()], n)).collect();
        let curve = Curve::new(points.clone());
        for z in [0, 1, 3, 22] {
            let side_bits = 32 - u32::from(z);
            for &([x, y], _) in points.iter().take(20) {
                let index = |n: u32| u32::try_from(u64::from(n) >> side_bits).unwrap();
                let tile = TileId::parse(z, index(x), index(y)).unwrap();
                let mut found: Vec<u32> =
                    curve.within(tile).iter().map(|stop| stop.value).collect();
                found.sort_unstable();
                let inside = |at: &[u32; 2]| index(at[0]) == tile.x() && index(at[1]) == tile.y();
                let scanned = points.iter().filter(|(at, _)| inside(at)).map(|(_, n)| *n);
                assert_eq!(found, scanned.collect::<Vec<_>>(), "seed {SEED}");
            }
        }
    }
}
