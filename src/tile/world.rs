//! Web mercator (EPSG:3857) in integers, and the frame of a tile in it.

use std::f64::consts::PI;

use crate::place::LonLat;
use crate::tile::{EXTENT, TileId};

/// Where the mercator square ends: the latitude at which it is as high as it is wide.
pub const EDGE_LAT: f64 = 85.051_128_779_806_59;

/// Units to each side of the world, 2^32.
const SIDE: f64 = 4_294_967_296.0;

/// log2 of the units to each side of a tile.
const EXTENT_BITS: i32 = EXTENT.trailing_zeros().cast_signed();

/// The position in the world. Positions beyond the edge of the mercator square lie on its edge.
#[must_use]
pub fn project(position: LonLat) -> [u32; 2] {
    project_degrees(position.lon(), position.lat())
}

/// [`project`] of degrees that need not be a position.
#[must_use]
pub fn project_degrees(lon: f64, lat: f64) -> [u32; 2] {
    let lat = lat.clamp(-EDGE_LAT, EDGE_LAT).to_radians();
    let x = (lon + 180.0) / 360.0;
    let y = 0.5 - (lat.tan() + 1.0 / lat.cos()).ln() / (2.0 * PI);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast saturates, which is what the edges of the world need"
    )]
    let integer = |part: f64| (part * SIDE).floor() as u32;
    [integer(x), integer(y)]
}

/// The position of a point of the world.
#[must_use]
pub fn unproject([x, y]: [u32; 2]) -> LonLat {
    let lon = f64::from(x) / SIDE * 360.0 - 180.0;
    let lat = (PI * (1.0 - 2.0 * f64::from(y) / SIDE)).sinh().atan();
    LonLat::parse(lon, lat.to_degrees()).expect("points of the world lie on the earth")
}

/// The north-west corner of column `x`, row `y` at zoom `z`; both may be 2^z.
pub(super) fn corner(z: u8, x: u32, y: u32) -> LonLat {
    let side = f64::from(1_u32 << z);
    let lon = f64::from(x) / side * 360.0 - 180.0;
    let lat = (PI * (1.0 - 2.0 * f64::from(y) / side)).sinh().atan();
    LonLat::parse(lon, lat.to_degrees()).expect("corners of tiles lie on the earth")
}

/// The frame of a tile, which turns the world into the tile.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    zoom: u8,
    origin: [i64; 2],
    /// log2 of the world units to one tile unit; negative where tiles are finer than the world.
    shift: i32,
}

impl Frame {
    /// The frame of `tile`.
    #[must_use]
    pub fn of(tile: TileId) -> Self {
        let side_bits = 32 - i32::from(tile.z());
        let start = |index: u32| i64::from(index) << side_bits;
        Self {
            zoom: tile.z(),
            origin: [start(tile.x()), start(tile.y())],
            shift: side_bits - EXTENT_BITS,
        }
    }

    /// The zoom of the tile.
    #[must_use]
    pub fn zoom(&self) -> u8 {
        self.zoom
    }

    /// A vertex in tile units, rounded to nearest. The same vertex is the same in all shapes, so
    /// shapes that share borders go on sharing them.
    #[must_use]
    pub fn vertex(&self, world: [u32; 2]) -> [i64; 2] {
        let half = if self.shift > 0 {
            1 << (self.shift - 1)
        } else {
            0
        };
        self.scaled(world, half)
    }

    /// A point in tile units, rounded down: 0..4096 just when the tile contains the point.
    #[must_use]
    pub fn point(&self, world: [u32; 2]) -> [i64; 2] {
        self.scaled(world, 0)
    }

    /// A distance of tile units in world units, at least 1.
    #[must_use]
    pub fn world_units(&self, units: i64) -> i64 {
        if self.shift >= 0 {
            units << self.shift
        } else {
            (units >> -self.shift).max(1)
        }
    }

    /// The west, north, east and south edges of the tile and `buffer` units around it, in the
    /// world, the last two excluded.
    #[must_use]
    pub fn edges(&self, buffer: i64) -> [i64; 4] {
        let (buffer, side) = (self.world_units(buffer), self.world_units(EXTENT));
        let [x, y] = self.origin;
        [x - buffer, y - buffer, x + side + buffer, y + side + buffer]
    }

    fn scaled(&self, world: [u32; 2], half: i64) -> [i64; 2] {
        [0, 1].map(|axis| {
            let offset = i64::from(world[axis]) - self.origin[axis] + half;
            if self.shift >= 0 {
                offset >> self.shift
            } else {
                offset << -self.shift
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tile::BUFFER;

    #[track_caller]
    fn check(lon: f64, lat: f64, expected: [u32; 2]) {
        assert_eq!(project_degrees(lon, lat), expected);
    }

    #[test]
    fn the_world_is_a_square() {
        check(-180.0, 85.2, [0, 0]);
        check(0.0, 0.0, [1 << 31, 1 << 31]);
        check(180.0, -90.0, [u32::MAX, u32::MAX]);
        check(90.0, 0.0, [3 << 30, 1 << 31]);
    }

    #[test]
    fn corners_come_back() {
        for (z, x, y) in [(1, 1, 1), (5, 17, 10), (14, 8710, 5685)] {
            let north_west = corner(z, x, y);
            let [east, south] = project(north_west);
            let expected = [x, y].map(|index| index << (32 - z));
            assert!(east.abs_diff(expected[0]) <= 1 && south.abs_diff(expected[1]) <= 1);
        }
    }

    #[test]
    fn a_vertex_is_the_same_from_both_sides_of_a_seam() {
        let [west, east] = [17, 18].map(|x| Frame::of(TileId::parse(5, x, 10).unwrap()));
        for vertex in [
            [2_415_900_123, 1_400_000_000],
            [2_415_919_104, 7],
            [0, u32::MAX],
        ] {
            let ([a, c], [b, d]) = (west.vertex(vertex), east.vertex(vertex));
            assert_eq!((a - EXTENT, c), (b, d));
        }
    }

    #[test]
    fn the_deepest_tiles_are_finer_than_the_world() {
        let frame = Frame::of(TileId::parse(22, 1, 0).unwrap());
        assert_eq!(frame.point([1025, 1]), [4, 4]);
        assert_eq!(frame.edges(BUFFER), [1024 - 16, -16, 2048 + 16, 1024 + 16]);
    }
}
