//! Vector tiles (Mapbox Vector Tile 2.1): shapes of regions, lines and labels of the base map,
//! and the sites of accounts, cut to a tile and encoded. Pure: values in, bytes out.
//!
//! Three spaces occur. Positions are degrees. The *world* is the web-mercator square as unsigned
//! 32-bit integers, x east, y south, one unit being at most 9.4 mm. A *tile* has 4096 units to
//! each side, x east, y south, and what is drawn reaches 64 units beyond its edges.

mod anchor;
pub mod atlas;
pub mod clip;
pub mod label;
pub mod layer;
pub mod morton;
pub mod shape;
pub mod site;
pub mod streets;
pub mod thin;
pub mod world;

use std::fmt;

use crate::place::Bounds;
use crate::reference;
use crate::spatial::topology;

/// Units to each side of a tile.
pub const EXTENT: i64 = 4096;

/// Units beyond each edge to which shapes are drawn, so that outlines meet at the seams.
pub const BUFFER: i64 = 64;

/// The deepest zoom with an address.
pub const DEEPEST_ZOOM: u8 = 22;

/// The deepest zoom for which tiles are made; maps stretch these when they go closer.
pub const MAX_ZOOM: u8 = 14;

/// The address of a tile: zoom, column from the west, row from the north.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    z: u8,
    x: u32,
    y: u32,
}

/// Why there is no tile.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is outside the pyramid.
    #[error(
        "there is no tile {z}/{x}/{y}: zoom is 0..={DEEPEST_ZOOM}, column and row are 0..2^zoom"
    )]
    Address {
        /// Zoom.
        z: u8,
        /// Column.
        x: u32,
        /// Row.
        y: u32,
    },
    /// The shapes cannot be read.
    #[error("the shapes {name} cannot be read")]
    Shapes {
        /// Which shapes.
        name: String,
        /// Why not.
        source: topology::Error,
    },
    /// The labels cannot be read.
    #[error("the labels cannot be read")]
    Labels(#[source] reference::Error),
    /// The encoder refuses a feature.
    #[error("a tile cannot be encoded")]
    Encoding(#[from] fast_mvt::MvtError),
}

impl TileId {
    /// The tile at zoom `z`, column `x`, row `y`.
    ///
    /// # Errors
    /// The zoom must be 0..=22, column and row below 2^zoom.
    pub fn parse(z: u8, x: u32, y: u32) -> Result<Self, Error> {
        if z <= DEEPEST_ZOOM && x >> z == 0 && y >> z == 0 {
            Ok(Self { z, x, y })
        } else {
            Err(Error::Address { z, x, y })
        }
    }

    /// Zoom, 0..=22.
    #[must_use]
    pub fn z(self) -> u8 {
        self.z
    }

    /// Column from the west.
    #[must_use]
    pub fn x(self) -> u32 {
        self.x
    }

    /// Row from the north.
    #[must_use]
    pub fn y(self) -> u32 {
        self.y
    }

    /// The box of the tile without its buffer, in degrees.
    ///
    /// # Panics
    /// Never: tiles lie on the earth.
    #[must_use]
    pub fn bounds(self) -> Bounds {
        let north_west = world::corner(self.z, self.x, self.y);
        let south_east = world::corner(self.z, self.x + 1, self.y + 1);
        let edges = [
            north_west.lon(),
            south_east.lat(),
            south_east.lon(),
            north_west.lat(),
        ];
        Bounds::try_from(edges).expect("the north-west corner is north and west")
    }
}

impl fmt::Display for TileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.z, self.x, self.y)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use fast_mvt::{MvtFeature, MvtGeometry, MvtReaderRef};

    use super::*;

    /// Every tile of zoom `z`.
    pub(crate) fn pyramid(z: u8) -> impl Iterator<Item = TileId> {
        let side = 1_u32 << z;
        (0..side).flat_map(move |x| (0..side).map(move |y| TileId::parse(z, x, y).unwrap()))
    }

    /// The features of layer `name` in a tile, as a reader of the format sees them.
    pub(crate) fn decode(bytes: &[u8], name: &str) -> Vec<MvtFeature> {
        let reader = MvtReaderRef::new(bytes).unwrap();
        let layers = reader.layers().filter(|layer| layer.name() == name);
        layers
            .flat_map(|layer| {
                assert_eq!(i64::from(layer.extent()), EXTENT);
                let features: Vec<_> = layer.features().collect();
                features
                    .into_iter()
                    .map(|feature| feature.to_feature().unwrap())
            })
            .collect()
    }

    /// The rings of a polygon feature, open, outer ones before their holes.
    pub(crate) fn rings(feature: &MvtFeature) -> Vec<Vec<clip::Point>> {
        let polygons = match &feature.geometry {
            MvtGeometry::Polygon(polygon) => std::slice::from_ref(polygon),
            MvtGeometry::MultiPolygon(polygons) => &polygons.0,
            other => panic!("{other:?} is no polygon"),
        };
        let all = polygons
            .iter()
            .flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()));
        all.map(|ring| {
            assert_eq!(ring.0.first(), ring.0.last(), "rings are closed");
            let open = &ring.0[1..];
            open.iter()
                .map(|at| [i64::from(at.x), i64::from(at.y)])
                .collect()
        })
        .collect()
    }

    /// Twice the area of a polygon feature within the tile, without its buffer.
    pub(crate) fn area_2(feature: &MvtFeature) -> i64 {
        let area_2 = |mut ring: Vec<clip::Point>| {
            clip::ring(
                &mut ring,
                clip::Rectangle {
                    min: 0,
                    max: EXTENT,
                },
            );
            clip::area_2(&ring)
        };
        rings(feature).into_iter().map(area_2).sum()
    }

    /// A property as text, or `-`.
    pub(crate) fn property(feature: &MvtFeature, name: &str) -> String {
        let found = feature.properties.iter().find(|(key, _)| key == name);
        match found.map(|(_, value)| value) {
            Some(fast_mvt::MvtValue::String(text)) => text.clone(),
            Some(fast_mvt::MvtValue::UInt(number)) => number.to_string(),
            Some(fast_mvt::MvtValue::SInt(number)) => number.to_string(),
            _ => "-".to_owned(),
        }
    }

    #[track_caller]
    fn check_bounds(z: u8, x: u32, y: u32, expected: [f64; 4]) {
        let bounds: [f64; 4] = TileId::parse(z, x, y).unwrap().bounds().into();
        let is_near = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-6;
        assert!(bounds.iter().zip(&expected).all(is_near), "{bounds:?}");
    }

    #[test]
    fn tiles_know_their_box() {
        const EDGE: f64 = 85.051_128_78;
        check_bounds(0, 0, 0, [-180.0, -EDGE, 180.0, EDGE]);
        check_bounds(1, 1, 0, [0.0, 0.0, 180.0, EDGE]);
        check_bounds(2, 3, 3, [90.0, -EDGE, 180.0, -66.513_260_44]);
    }

    #[test]
    fn addresses_outside_the_pyramid_are_refused() {
        assert!(TileId::parse(22, (1 << 22) - 1, 0).is_ok());
        let error = TileId::parse(1, 2, 0).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no tile 1/2/0: zoom is 0..=22, column and row are 0..2^zoom"
        );
        assert!(TileId::parse(23, 0, 0).is_err());
        assert!(TileId::parse(255, 0, 0).is_err());
    }
}
