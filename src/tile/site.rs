//! The sites of accounts as tiles: cells with counts from afar, places from near.

use std::fmt::Display;

use fast_mvt::{MvtGeomType, MvtLayerBuilder};

use crate::place::LonLat;
use crate::record::site::Precision;
use crate::tile::morton::{Curve, Stop, squares};
use crate::tile::shape::coord;
use crate::tile::world::{Frame, project};
use crate::tile::{Error, TileId};

/// From this zoom on, each distinct position is a feature of its own.
pub const NEAR_ZOOM: u8 = 12;

/// log2 of the cells to each side of a tile at smaller zooms: 64.
const CELL_BITS: u8 = 6;

/// log2 of the squares to each side of a tile that are told apart at any zoom: the whole world.
const ALL_BITS: u8 = 32;

/// The site of an account.
#[derive(Debug, Clone, PartialEq)]
pub struct SitePoint {
    /// Where it is.
    pub position: LonLat,
    /// Key of the account.
    pub key: String,
    /// Name of the account.
    pub name: String,
    /// How exact the position is.
    pub precision: Precision,
}

/// Every site that has a position.
#[derive(Debug)]
pub struct Sites {
    curve: Curve<SitePoint>,
}

impl Sites {
    /// These sites. O(n log n).
    #[must_use]
    pub fn new(points: impl IntoIterator<Item = SitePoint>) -> Self {
        let on_curve = |point: SitePoint| (project(point.position), point);
        Self {
            curve: Curve::new(points.into_iter().map(on_curve)),
        }
    }

    /// How many sites there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.curve.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.curve.is_empty()
    }

    /// The MVT layer `name` of `tile`; `None` when there is no site in it.
    ///
    /// Below [`NEAR_ZOOM`] the tile has 64 × 64 cells, and those that have sites are points in
    /// the middle of them with their `count`; from there on each distinct position is a point.
    /// How many sites of a point are exact to the `house`, the `street` and so on stands under
    /// the word of the precision, where there are any. A point of one site has also `key`, `name`
    /// and `precision`. Each site counts in exactly one tile of a zoom: there is no buffer.
    /// O(sites in the tile).
    ///
    /// # Errors
    /// The encoder must take the features.
    pub fn encode(&self, name: &str, tile: TileId) -> Result<Option<Vec<u8>>, Error> {
        let stops = self.curve.within(tile);
        if stops.is_empty() {
            return Ok(None);
        }
        let depth = if tile.z() < NEAR_ZOOM {
            CELL_BITS
        } else {
            ALL_BITS
        };
        let frame = Frame::of(tile);
        let mut layer = MvtLayerBuilder::new(name)?;
        for cell in squares(stops, tile, depth) {
            let mut feature = layer.feature_of(MvtGeomType::Point);
            feature.points([coord(frame.point(mean(cell)))])?;
            feature.tag_uint("count", cell.len() as u64)?;
            for precision in Precision::ALL {
                let exact = cell.iter().filter(|stop| stop.value.precision == precision);
                let sites = exact.count() as u64;
                if sites > 0 {
                    feature.tag_uint(precision.name(), sites)?;
                }
            }
            if let [stop] = cell {
                let text = |text: &dyn Display| text.to_string();
                feature.tag_string("key", text(&stop.value.key))?;
                feature.tag_string("name", text(&stop.value.name))?;
                feature.tag_string("precision", stop.value.precision.name())?;
            }
            layer = feature.end();
        }
        Ok(Some(layer.encode()))
    }
}

/// The mean of the points, which are at least one, in the world.
fn mean(cell: &[Stop<SitePoint>]) -> [u32; 2] {
    [0, 1].map(|axis| {
        let sum: u64 = cell.iter().map(|stop| u64::from(stop.at[axis])).sum();
        u32::try_from(sum / cell.len().max(1) as u64).unwrap_or(u32::MAX)
    })
}

#[cfg(test)]
mod tests {
    use fast_mvt::MvtGeometry;

    use super::*;
    use crate::spatial::tests::Random;
    use crate::tile::tests::{decode, property, pyramid};
    use crate::tile::{EXTENT, MAX_ZOOM};

    const SEED: u64 = 17;

    fn site(lon: f64, lat: f64, key: &str) -> SitePoint {
        SitePoint {
            position: LonLat::parse(lon, lat).unwrap(),
            key: key.to_owned(),
            name: format!("Name of {key}"),
            precision: Precision::Postal,
        }
    }

    /// Sites all over the world, some at one place, some on the seams of tiles.
    fn scattered() -> Vec<SitePoint> {
        let mut random = Random(SEED);
        let mut sites: Vec<_> = (0..60)
            .map(|n| {
                let (lon, lat) = (random.between(-180.0, 180.0), random.between(-80.0, 80.0));
                site(lon, lat, &n.to_string())
            })
            .collect();
        sites.push(sites[0].clone());
        for lon in [-180.0, -90.0, 0.0, 11.25, 180.0] {
            sites.push(site(lon, 0.0, "seam"));
        }
        sites
    }

    fn count(tile: Option<Vec<u8>>) -> usize {
        let features = tile.map_or(Vec::new(), |bytes| decode(&bytes, "sites"));
        let counts = features.iter().map(|feature| {
            let MvtGeometry::Point(point) = &feature.geometry else {
                panic!("a point");
            };
            let inside = |n: i32| (0..EXTENT).contains(&i64::from(n));
            assert!(inside(point.x()) && inside(point.y()));
            property(feature, "count").parse::<usize>().unwrap()
        });
        counts.sum()
    }

    #[test]
    fn every_site_counts_once_at_every_zoom() {
        let scattered = scattered();
        let sites = Sites::new(scattered.clone());
        for z in 0..=5 {
            let counts = pyramid(z).map(|tile| count(sites.encode("sites", tile).unwrap()));
            assert_eq!(
                counts.sum::<usize>(),
                scattered.len(),
                "zoom {z}, seed {SEED}"
            );
        }
        for z in 6..=MAX_ZOOM {
            let tile_of = |site: &SitePoint| {
                let [x, y] = project(site.position).map(|n| n >> (32 - u32::from(z)));
                TileId::parse(z, x, y).unwrap()
            };
            let mut tiles: Vec<_> = scattered.iter().map(tile_of).collect();
            tiles.sort_unstable();
            tiles.dedup();
            let counts = tiles
                .into_iter()
                .map(|tile| count(sites.encode("sites", tile).unwrap()));
            assert_eq!(
                counts.sum::<usize>(),
                scattered.len(),
                "zoom {z}, seed {SEED}"
            );
        }
    }

    #[test]
    fn a_lone_site_tells_its_name_and_a_stack_its_count() {
        let sites = [
            site(11.5, 48.1, "a"),
            site(11.5, 48.1, "b"),
            site(11.5001, 48.1, "c"),
        ];
        let sites = Sites::new(sites);
        let told = |z| {
            let [x, y] = project(LonLat::parse(11.5, 48.1).unwrap()).map(|n| n >> (32 - z));
            let tile = TileId::parse(u8::try_from(z).unwrap(), x, y).unwrap();
            let features = decode(&sites.encode("sites", tile).unwrap().unwrap(), "sites");
            let tell = |feature| {
                ["count", "key", "precision"]
                    .map(|key| property(feature, key))
                    .join(" ")
            };
            features.iter().map(tell).collect::<Vec<_>>()
        };
        assert_eq!(told(11), ["3 - -"]);
        assert_eq!(told(12), ["2 - -", "1 c postal"]);
    }

    #[test]
    fn a_point_tells_how_many_of_its_sites_are_how_exact() {
        let precisions = [Precision::House, Precision::Place, Precision::House];
        let sites = Sites::new(precisions.map(|precision| SitePoint {
            precision,
            ..site(11.5, 48.1, "a")
        }));
        let tile = sites.encode("sites", TileId::parse(0, 0, 0).unwrap());
        let features = decode(&tile.unwrap().unwrap(), "sites");
        let told = ["count", "house", "street", "postal", "place", "region"]
            .map(|key| property(&features[0], key));
        assert_eq!(told.join(" "), "3 2 - - 1 -");
    }

    #[test]
    fn tiles_without_sites_are_none() {
        let sites = Sites::new([site(11.5, 48.1, "a")]);
        assert!(
            sites
                .encode("sites", TileId::parse(1, 0, 0).unwrap())
                .unwrap()
                .is_none()
        );
    }
}
