//! Every tile of a question that isn't empty, from the whole world down.

use std::collections::BTreeMap;

use fast_mvt::{MvtGeometry, MvtReaderRef, MvtValue};
use revier::app::App;
use revier::tile::layer::Layer;
use revier::tile::{EXTENT, TileId};

/// What the tiles of a zoom show together.
#[derive(Default)]
pub struct Zoom {
    /// Tiles that aren't empty, and how large each is in bytes.
    pub tiles: Vec<(TileId, usize)>,
    /// The sum of each number over the features whose point lies inside the tile.
    pub sums: BTreeMap<String, i64>,
    /// Features whose point lies elsewhere.
    pub outside: u64,
}

/// The tiles of `zoom` that the kept question has something in, when `parents` are those of the zoom
/// above. All cores work.
pub async fn zoom(app: &App, zoom: u8, parents: &[(TileId, usize)], asked: &str) -> Zoom {
    let tiles = children(zoom, parents);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let shares = tiles.chunks(tiles.len().div_ceil(cores).max(1));
    let shares: Vec<_> = shares
        .map(|share| {
            let (app, share, asked) = (app.clone(), share.to_vec(), asked.to_owned());
            tokio::spawn(async move { crawl(&app, &share, &asked).await })
        })
        .collect();
    let mut all = Zoom::default();
    for share in shares {
        let share = share.await.expect("a crawl ends");
        all.tiles.extend(share.tiles);
        all.outside += share.outside;
        for (word, sum) in share.sums {
            *all.sums.entry(word).or_default() += sum;
        }
    }
    all
}

fn children(zoom: u8, parents: &[(TileId, usize)]) -> Vec<TileId> {
    let tile = |x, y| TileId::parse(zoom, x, y).expect("a tile of the pyramid");
    if zoom == 0 {
        return vec![tile(0, 0)];
    }
    let quarters = |(parent, _): &(TileId, usize)| {
        let (x, y) = (parent.x() * 2, parent.y() * 2);
        [(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)]
    };
    let children = parents.iter().flat_map(quarters);
    children.map(|(x, y)| tile(x, y)).collect()
}

async fn crawl(app: &App, tiles: &[TileId], asked: &str) -> Zoom {
    let mut found = Zoom::default();
    for tile in tiles {
        let bytes = app.tile(Layer::Sites, *tile, Some(asked)).await;
        if let Some(bytes) = bytes.expect("a tile") {
            found.add(&bytes);
            found.tiles.push((*tile, bytes.len()));
        }
    }
    found
}

impl Zoom {
    fn add(&mut self, bytes: &[u8]) {
        let reader = MvtReaderRef::new(bytes).expect("a vector tile");
        for layer in reader.layers() {
            for feature in layer.features() {
                let feature = feature.to_feature().expect("a feature");
                let MvtGeometry::Point(point) = &feature.geometry else {
                    panic!("sites are points");
                };
                let inside = |n: i32| (0..EXTENT).contains(&i64::from(n));
                if !inside(point.x()) || !inside(point.y()) {
                    self.outside += 1;
                    continue;
                }
                for (key, value) in feature.properties {
                    let number = match value {
                        MvtValue::UInt(number) => i64::try_from(number).expect("a small number"),
                        MvtValue::SInt(number) => number,
                        _ => continue,
                    };
                    *self.sums.entry(key).or_default() += number;
                }
            }
        }
    }
}
