//! Where positions lie: in which official unit, in which H3 cell, near which other points.

pub mod coverage;
pub mod h3;
pub mod hierarchy;
pub mod locate;
pub mod nearest;
pub mod outline;
pub mod polygon;
pub mod reverse;
pub mod site;
pub mod topology;
pub mod units;

#[cfg(test)]
pub(crate) mod tests {
    /// Numbers that look random and are the same in every run (`SplitMix64`, Steele, Lea and
    /// Flood 2014).
    pub(crate) struct Random(pub(crate) u64);

    impl Random {
        pub(crate) fn next(&mut self) -> u64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        }

        /// A number in `min..max`.
        pub(crate) fn between(&mut self, min: f64, max: f64) -> f64 {
            #[expect(clippy::cast_precision_loss, reason = "the upper 53 bits fit")]
            let unit = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
            min + unit * (max - min)
        }
    }
}
