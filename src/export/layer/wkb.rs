//! Well-known binary (OGC 06-103r4, clause 8), little-endian. Areas are always multi-polygons, so
//! that a layer has one type.

use super::place::Place;
use crate::place::LonLat;
use crate::record::region::Polygon;

const LITTLE_ENDIAN: u8 = 1;
const POINT: u32 = 1;
const POLYGON: u32 = 3;
const MULTI_POLYGON: u32 = 6;

/// The bytes of `place`.
pub(in crate::export) fn bytes(place: &Place) -> Vec<u8> {
    let mut bytes = Vec::new();
    match place {
        Place::Point(at) => {
            begin(&mut bytes, POINT);
            put(&mut bytes, *at);
        }
        Place::Area(polygons) => {
            begin(&mut bytes, MULTI_POLYGON);
            count(&mut bytes, polygons.len());
            for polygon in polygons {
                put_polygon(&mut bytes, polygon);
            }
        }
    }
    bytes
}

fn put_polygon(bytes: &mut Vec<u8>, polygon: &Polygon) {
    begin(bytes, POLYGON);
    count(bytes, polygon.rings().count());
    for ring in polygon.rings() {
        count(bytes, ring.len());
        for at in ring {
            put(bytes, *at);
        }
    }
}

fn begin(bytes: &mut Vec<u8>, kind: u32) {
    bytes.push(LITTLE_ENDIAN);
    bytes.extend(kind.to_le_bytes());
}

fn count(bytes: &mut Vec<u8>, count: usize) {
    // More than four billion positions fit into no memory that there is.
    bytes.extend(u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
}

fn put(bytes: &mut Vec<u8>, at: LonLat) {
    bytes.extend(at.lon().to_le_bytes());
    bytes.extend(at.lat().to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_21_bytes() {
        let at = LonLat::parse(1.0, -2.0).unwrap();
        let expected = [
            &[1, 1, 0, 0, 0][..],
            &1_f64.to_le_bytes(),
            &(-2_f64).to_le_bytes(),
        ];
        assert_eq!(bytes(&Place::Point(at)), expected.concat());
    }
}
