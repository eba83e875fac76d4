//! Geometries of a GeoPackage: well-known binary with a header.
//!
//! Layout by OGC 12-128r18 (GeoPackage 1.3), clause 2.1.3, and OGC 06-103r4, clause 8. Every
//! count is held against the bytes that are left before anything is made of it.

use super::layer::{Ring, Shape};

/// The deepest that collections may stand in each other.
const MAX_DEPTH: usize = 8;

/// What the blob of a GeoPackage geometry holds.
pub(super) fn shape(blob: &[u8]) -> Shape {
    if blob.is_empty() {
        return Shape::Nothing;
    }
    let mut polygons = Vec::new();
    let mut other = Shape::Nothing;
    let read = body(blob).and_then(|body| {
        let mut bytes = Bytes { rest: body };
        bytes.geometry(&mut polygons, &mut other, MAX_DEPTH)
    });
    match read {
        None => Shape::Broken("the geometry is not well-known binary".to_owned()),
        Some(()) if polygons.is_empty() => other,
        Some(()) => Shape::Area(polygons),
    }
}

/// What stands behind the header.
fn body(blob: &[u8]) -> Option<&[u8]> {
    let (header, rest) = blob.split_at_checked(8)?;
    if !header.starts_with(b"GP") {
        return None;
    }
    let envelope = match header[3] >> 1 & 7 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        _ => return None,
    };
    rest.get(envelope..)
}

/// What is left to read.
struct Bytes<'a> {
    rest: &'a [u8],
}

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*taken)
    }

    /// A number that counts things of at least `bytes` bytes each.
    fn count(&mut self, little: bool, bytes: usize) -> Option<usize> {
        let count = usize::try_from(self.int(little)?).ok()?;
        (count.checked_mul(bytes)? <= self.rest.len()).then_some(count)
    }

    fn int(&mut self, little: bool) -> Option<u32> {
        let four = self.take::<4>()?;
        Some(if little {
            u32::from_le_bytes(four)
        } else {
            u32::from_be_bytes(four)
        })
    }

    fn double(&mut self, little: bool) -> Option<f64> {
        let eight = self.take::<8>()?;
        Some(if little {
            f64::from_le_bytes(eight)
        } else {
            f64::from_be_bytes(eight)
        })
    }

    fn geometry(
        &mut self,
        polygons: &mut Vec<Vec<Ring>>,
        other: &mut Shape,
        depth: usize,
    ) -> Option<()> {
        const SMALLEST_BYTES: usize = 9;
        let little = self.take::<1>()?[0] == 1;
        let code = self.int(little)?;
        // Z, M and ZM add 1000, 2000 and 3000.
        let dimensions = match code / 1_000 {
            0 => 2,
            1 | 2 => 3,
            3 => 4,
            _ => return None,
        };
        match code % 1_000 {
            3 => {
                let polygon = self.polygon(little, dimensions)?;
                if polygon.iter().any(|ring| !ring.is_empty()) {
                    polygons.push(polygon);
                }
            }
            4..=7 => {
                for _ in 0..self.count(little, SMALLEST_BYTES)? {
                    self.geometry(polygons, other, depth.checked_sub(1)?)?;
                }
            }
            1 => {
                *other = Shape::Other("a point");
                for _ in 0..dimensions {
                    self.double(little)?;
                }
            }
            2 => {
                *other = Shape::Other("a line");
                self.ring(little, dimensions)?;
            }
            // Curves would have to be made into lines first.
            8..=12 if depth == MAX_DEPTH => *other = Shape::Other("a curve"),
            _ => return None,
        }
        Some(())
    }

    fn polygon(&mut self, little: bool, dimensions: usize) -> Option<Vec<Ring>> {
        let count = self.count(little, 4)?;
        let mut rings = Vec::new();
        for _ in 0..count {
            rings.push(self.ring(little, dimensions)?);
        }
        Some(rings)
    }

    fn ring(&mut self, little: bool, dimensions: usize) -> Option<Ring> {
        let count = self.count(little, 8 * dimensions)?;
        let mut ring = Vec::with_capacity(count);
        for _ in 0..count {
            ring.push([self.double(little)?, self.double(little)?]);
            for _ in 2..dimensions {
                self.double(little)?;
            }
        }
        Some(ring)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The blob of a polygon in the projection `srs`.
    pub(in crate::import::regions) fn blob(srs: i32, ring: &[[f64; 2]]) -> Vec<u8> {
        let mut bytes = b"GP\0\x01".to_vec();
        bytes.extend(srs.to_le_bytes());
        bytes.push(1);
        bytes.extend(3_u32.to_le_bytes());
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend(u32::try_from(ring.len()).unwrap().to_le_bytes());
        bytes.extend(ring.iter().flatten().flat_map(|n| n.to_le_bytes()));
        bytes
    }

    const RING: [[f64; 2]; 4] = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]];

    #[test]
    fn polygons_come_back() {
        let expected = Shape::Area(vec![vec![RING.to_vec()]]);
        assert_eq!(shape(&blob(4326, &RING)), expected);
        // With heights, the high byte first, in a collection.
        let mut bytes =
            b"GP\0\0\0\0\0\0\0\0\0\0\x07\0\0\0\x01\0\0\0\x03\xeb\0\0\0\x01\0\0\0\x04".to_vec();
        for [x, y] in RING {
            bytes.extend([x, y, 9.0].iter().flat_map(|n: &f64| n.to_be_bytes()));
        }
        assert_eq!(shape(&bytes), expected);
        assert_eq!(shape(&[]), Shape::Nothing);
    }

    #[test]
    fn bytes_that_lie_are_seen() {
        let good = blob(4326, &RING);
        for end in 1..good.len() {
            assert!(matches!(shape(&good[..end]), Shape::Broken(_)), "{end}");
        }
        let mut many = good.clone();
        many[17..21].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(matches!(shape(&many), Shape::Broken(_)));
        let mut point = good[..8].to_vec();
        point.extend(b"\x01\x01\0\0\0");
        point.extend([0; 16]);
        assert_eq!(shape(&point), Shape::Other("a point"));
        let nested = [
            b"GP\0\x01\0\0\0\0".to_vec(),
            b"\x01\x07\0\0\0\x01\0\0\0".repeat(100),
        ]
        .concat();
        assert!(matches!(shape(&nested), Shape::Broken(_)));
    }
}
