//! Keys already seen in a file, in 16 bytes each, so that ten million of them stay in memory.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hash, Hasher};

/// FNV-1a of 64 bits over `parts`, each followed by a byte that occurs in no UTF-8 text.
/// Stable for all time: keys made from it are stored. Source: RFC 9923.
pub(super) fn fnv_64(parts: &[&[u8]]) -> u64 {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let bytes = parts.iter().flat_map(|part| part.iter().chain(&[0xff]));
    bytes.fold(BASIS, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(PRIME)
    })
}

/// FNV-1a of 128 bits, as [`fnv_64`].
fn fnv_128(parts: &[&[u8]]) -> u128 {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let bytes = parts.iter().flat_map(|part| part.iter().chain(&[0xff]));
    bytes.fold(BASIS, |hash, byte| {
        (hash ^ u128::from(*byte)).wrapping_mul(PRIME)
    })
}

/// Keys seen so far, each with a number: the line where it stood first, or how often it came.
///
/// Keys are told apart by 96 bits of their FNV-1a hash: among ten million keys two different
/// ones meet with a probability below 1e-14. 17 to 34 bytes a key.
#[derive(Default)]
pub(super) struct Seen(HashSet<Entry, BuildHasherDefault<Fold>>);

impl Seen {
    /// Notes the key `parts` with `line`; the line that it already had, if it was there before.
    /// Lines beyond 2^32 - 1 are remembered as that.
    pub fn first_line(&mut self, parts: &[&[u8]], line: u64) -> Option<u64> {
        let entry = Entry::new(parts, u32::try_from(line).unwrap_or(u32::MAX));
        if let Some(before) = self.0.get(&entry) {
            return Some(u64::from(before.number));
        }
        self.0.insert(entry);
        None
    }

    /// How often the key `parts` has come, this time included.
    pub fn count(&mut self, parts: &[&[u8]]) -> u32 {
        let mut entry = Entry::new(parts, 1);
        if let Some(before) = self.0.get(&entry) {
            entry.number = before.number.saturating_add(1);
        }
        self.0.replace(entry);
        entry.number
    }
}

#[derive(Clone, Copy)]
struct Entry {
    hash: [u32; 3],
    number: u32,
}

impl Entry {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the hash is cut into pieces of 32 bits"
    )]
    fn new(parts: &[&[u8]], number: u32) -> Self {
        let hash = fnv_128(parts);
        let piece = |shift: u32| (hash >> shift) as u32;
        Self {
            hash: [piece(0), piece(32) ^ piece(96), piece(64)],
            number,
        }
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

impl Eq for Entry {}

impl Hash for Entry {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(u64::from(self.hash[0]) << 32 | u64::from(self.hash[1] ^ self.hash[2]));
    }
}

/// Spreads one 64-bit number over the table by multiplication (Knuth, TAOCP 3, 6.4).
#[derive(Default)]
struct Fold(u64);

impl Hasher for Fold {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        let product = u128::from(self.0 ^ number) * 0x9e37_79b9_7f4a_7c15;
        let [low, high] = [product, product >> 64].map(|half| half & u128::from(u64::MAX));
        self.0 = u64::try_from(low ^ high).unwrap_or_default();
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_standard() {
        // Of the RFC's vectors, adapted: the closing byte makes "" the hash of 0xff.
        assert_eq!(fnv_64(&[]), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv_64(&[b""]), 0xaf64_724c_8602_eb6e);
        assert_eq!(fnv_128(&[]), 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
        assert_ne!(fnv_64(&[b"ab", b"c"]), fnv_64(&[b"a", b"bc"]));
    }

    #[test]
    fn keys_are_told_apart() {
        let mut seen = Seen::default();
        for order in 0..100_000_u64 {
            for line in [b"1", b"2"] {
                let parts: [&[u8]; 2] = [&order.to_string().into_bytes(), line];
                assert_eq!(seen.first_line(&parts, order), None);
            }
        }
        assert_eq!(seen.first_line(&[b"77", b"2"], 5), Some(77));
    }

    #[test]
    fn keys_are_counted() {
        let mut seen = Seen::default();
        assert_eq!(
            [
                seen.count(&[b"a"]),
                seen.count(&[b"b"]),
                seen.count(&[b"a"])
            ],
            [1, 1, 2]
        );
    }
}
