//! The sites of accounts as tiles: cells with exact sums from afar, places from near.
//!
//! Sites lie sorted along the Morton curve, so those of a cell stand side by side, and what a cell
//! shows is the difference of two running sums: a tile costs its cells, not its records.

use std::sync::Arc;

use fast_mvt::{MvtGeomType, MvtLayerBuilder};

use crate::place::LonLat;
use crate::record::site::Precision;
use crate::tile::morton::{bits_below, key};
use crate::tile::shape::coord;
use crate::tile::world::{Frame, project};
use crate::tile::{Error, TileId};

/// From this zoom on, each distinct position is a feature of its own, unless they are too many.
pub const NEAR_ZOOM: u8 = 12;

/// Distinct positions that a tile shows one by one at most.
const MAX_NEAR: usize = 2_000;

/// log2 of the cells to each side of a tile: 64.
const CELL_BITS: u8 = 6;

/// log2 of the finest cells to each side of a tile: as many as it has units.
const FINEST_BITS: u8 = 12;

/// Cells of a tile at most.
const MAX_CELLS: usize = 1 << (2 * CELL_BITS);

/// A larger tile is made of fewer cells.
const MAX_BYTES: usize = 500_000;

/// Sites between two running sums that are kept.
const BLOCK: usize = 64;

/// Fewer sites than this are not worth a thread.
const MIN_SHARE: usize = 1 << 15;

/// The site of an account.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SitePoint {
    /// Where it is.
    pub position: LonLat,
    /// Number of the account.
    pub account: i32,
    /// How exact the position is.
    pub precision: Precision,
}

/// Sites side by side on the curve.
type Range = std::ops::Range<usize>;

/// Key and name of an account by its number.
pub type Names<'a, 'n> = &'a (dyn Fn(i32) -> Option<(&'n str, &'n str)> + 'a);

/// Every site that has a position, along the curve.
#[derive(Debug, Default)]
pub struct Sites {
    keys: Vec<u64>,
    at: Vec<[u32; 2]>,
    accounts: Vec<i32>,
    precisions: Vec<Precision>,
    all: Arc<Sums>,
}

/// The sites that a question is about, and what it says of them.
#[derive(Debug, Default)]
pub struct SiteFigures {
    /// Whether each site along the curve is meant.
    meant: Vec<bool>,
    /// The measures: their words and the value of each site along the curve.
    measures: Vec<(String, Vec<i64>)>,
    sums: Arc<Sums>,
    measure_sums: Vec<Running>,
}

impl SiteFigures {
    /// How many sites are meant.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.meant.iter().filter(|meant| **meant).count() as u64
    }

    /// The sum of each measure over the sites that are meant.
    pub fn totals(&self) -> impl Iterator<Item = i64> {
        let measures = self.measures.iter();
        measures.map(|(_, values)| {
            values
                .iter()
                .fold(0, |sum: i64, value| sum.wrapping_add(*value))
        })
    }

    /// About how many bytes it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let sums = 3 + Precision::ALL.len() + self.measures.len();
        self.meant.len() * (1 + 8 * self.measures.len()) + self.meant.len() / BLOCK * sums * 8
    }
}

/// What every cell tells: how many sites it has, where, and how exact they are.
#[derive(Debug, Default)]
struct Sums {
    count: Running,
    x: Running,
    y: Running,
    precisions: Vec<Running>,
}

impl Sums {
    fn of(
        at: &[[u32; 2]],
        precisions: &[Precision],
        is_meant: impl Fn(usize) -> bool + Sync,
    ) -> Self {
        let mut running = Running::of(at.len(), 3 + Precision::ALL.len(), |site, sums| {
            if is_meant(site) {
                sums[0] += 1;
                sums[1] += i64::from(at[site][0]);
                sums[2] += i64::from(at[site][1]);
                sums[3 + precisions[site] as usize] += 1;
            }
        });
        let precisions = running.split_off(3);
        let mut next = running.into_iter();
        let mut next = || next.next().unwrap_or_default();
        Self {
            count: next(),
            x: next(),
            y: next(),
            precisions,
        }
    }
}

/// Sums of the values before every [`BLOCK`]th site.
#[derive(Debug, Default)]
struct Running(Vec<i64>);

impl Running {
    /// The running sums of several values of each of `len` sites; `add` adds those of a site to
    /// the sums of its block. All cores work.
    fn of(len: usize, values: usize, add: impl Fn(usize, &mut [i64]) + Sync) -> Vec<Self> {
        let mut blocks = vec![0; len.div_ceil(BLOCK) * values];
        in_parallel(&mut blocks, values, |first, blocks| {
            for (block, sums) in (first..).zip(blocks.chunks_mut(values)) {
                for site in block * BLOCK..((block + 1) * BLOCK).min(len) {
                    add(site, sums);
                }
            }
        });
        let running = |value: usize| {
            let blocks = blocks.iter().skip(value).step_by(values);
            let mut sums = vec![0_i64];
            sums.extend(blocks.scan(0_i64, |sum, block| {
                *sum = sum.wrapping_add(*block);
                Some(*sum)
            }));
            Self(sums)
        };
        (0..values).map(running).collect()
    }

    /// The sum of the values of `sites`. O(1).
    fn over(&self, sites: &Range, value: impl Fn(usize) -> i64) -> i64 {
        let (first, last) = (sites.start.div_ceil(BLOCK), sites.end / BLOCK);
        let sum = |sites: Range| sites.map(&value).fold(0, i64::wrapping_add);
        if first >= last {
            return sum(sites.clone());
        }
        let kept = self.0[last].wrapping_sub(self.0[first]);
        let ends = sum(sites.start..first * BLOCK).wrapping_add(sum(last * BLOCK..sites.end));
        kept.wrapping_add(ends)
    }
}

/// Hands `work` shares of `items`, of whole groups of `group` of them, each with the number of its
/// first group; one share a core.
fn in_parallel<T: Send>(items: &mut [T], group: usize, work: impl Fn(usize, &mut [T]) + Sync) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let groups = (items.len() / group).div_ceil(cores).max(MIN_SHARE);
    let (work, shares) = (&work, items.chunks_mut(groups * group).enumerate());
    if shares.len() <= 1 {
        shares.for_each(|(_, share)| work(0, share));
        return;
    }
    std::thread::scope(|scope| {
        for (number, share) in shares {
            scope.spawn(move || work(number * groups, share));
        }
    });
}

impl Sites {
    /// These sites. O(n log n).
    #[must_use]
    pub fn new(points: impl IntoIterator<Item = SitePoint>) -> Self {
        let placed = |point: SitePoint| {
            let at = project(point.position);
            (key(at), at, point)
        };
        let mut points: Vec<_> = points.into_iter().map(placed).collect();
        points.sort_by_key(|(key, _, point)| (*key, point.account));
        let at: Vec<[u32; 2]> = points.iter().map(|(_, at, _)| *at).collect();
        let precisions: Vec<Precision> = points.iter().map(|(.., point)| point.precision).collect();
        Self {
            all: Arc::new(Sums::of(&at, &precisions, |_| true)),
            keys: points.iter().map(|(key, ..)| *key).collect(),
            accounts: points.iter().map(|(.., point)| point.account).collect(),
            at,
            precisions,
        }
    }

    /// How many sites there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// What a question says of the sites: whether it means an account, and for each of its
    /// measures the word and the value of an account, by account number. O(n).
    #[must_use]
    pub fn figures(
        &self,
        is_meant: impl Fn(i32) -> bool + Sync,
        measures: Vec<(String, &(dyn Fn(i32) -> i64 + Sync))>,
    ) -> SiteFigures {
        let meant = self.each(|_, account| is_meant(account));
        let sums = if meant.contains(&false) {
            Arc::new(Sums::of(&self.at, &self.precisions, |site| meant[site]))
        } else {
            self.all.clone()
        };
        let mut figures = SiteFigures {
            measures: Vec::with_capacity(measures.len()),
            measure_sums: Vec::with_capacity(measures.len()),
            sums,
            meant,
        };
        for (word, value) in measures {
            let meant = &figures.meant;
            let values = self.each(|site, account| if meant[site] { value(account) } else { 0 });
            let sums = Running::of(values.len(), 1, |site, sums| {
                sums[0] = sums[0].wrapping_add(values[site]);
            });
            figures.measure_sums.extend(sums);
            figures.measures.push((word, values));
        }
        figures
    }

    /// What `value` says of each site along the curve and its account. All cores work.
    fn each<T: Clone + Default + Send>(&self, value: impl Fn(usize, i32) -> T + Sync) -> Vec<T> {
        let mut values = vec![T::default(); self.accounts.len()];
        in_parallel(&mut values, 1, |first, values| {
            for (site, slot) in (first..).zip(values) {
                *slot = value(site, self.accounts[site]);
            }
        });
        values
    }

    /// The MVT layer `name` of `tile`, of the sites that `figures` mean or of all; `None` when
    /// there is no such site in it.
    ///
    /// The tile has 64 × 64 cells, and those that have sites are points at the mean of these with
    /// their `count`; from [`NEAR_ZOOM`] on each distinct position is a point, unless there are
    /// more than 2,000: then cells are as fine as 4,096 of them allow. How many sites of a point are exact to the `house`, the `street` and so on
    /// stands under the word of the precision, where there are any; the sum of each measure stands
    /// under its word. A point of one site has also `key`, `name` and `precision`. Each site
    /// counts in exactly one tile of a zoom: there is no buffer. A tile of more than 500 KB is made
    /// of fewer cells. O(cells × log sites).
    ///
    /// # Errors
    /// The encoder must take the features.
    pub fn encode(
        &self,
        name: &str,
        tile: TileId,
        figures: Option<&SiteFigures>,
        names: Names<'_, '_>,
    ) -> Result<Option<Vec<u8>>, Error> {
        let within = self.within(tile);
        let sums = figures.map_or(&self.all, |figures| &figures.sums);
        let is_meant = |site: usize| figures.is_none_or(|figures| figures.meant[site]);
        let meant = sums.count.over(&within, |site| i64::from(is_meant(site)));
        if meant == 0 {
            return Ok(None);
        }
        let drawing = Drawing {
            sites: self,
            figures,
            names,
            frame: Frame::of(tile),
        };
        if tile.z() >= NEAR_ZOOM
            && let Some(stacks) = self.stacks(within.clone(), &is_meant)
        {
            return Ok(Some(drawing.layer(name, &stacks)?));
        }
        let mut bits = CELL_BITS;
        if tile.z() >= NEAR_ZOOM {
            // A dense town fills few cells, so they can be finer.
            let fits = |bits: u8| self.cells(within.clone(), tile, bits).len() <= MAX_CELLS;
            bits = (CELL_BITS..FINEST_BITS)
                .take_while(|bits| fits(bits + 1))
                .last()
                .map_or(CELL_BITS, |bits| bits + 1);
        }
        loop {
            let layer = drawing.layer(name, &self.cells(within.clone(), tile, bits))?;
            if layer.len() <= MAX_BYTES || bits == 0 {
                return Ok(Some(layer));
            }
            bits -= 1;
        }
    }

    /// The sites in `tile`, its west and north edge included. O(log n).
    fn within(&self, tile: TileId) -> Range {
        let side_bits = 32 - u32::from(tile.z());
        let corner = |index: u32| u32::try_from(u64::from(index) << side_bits).unwrap_or(0);
        let first = key([corner(tile.x()), corner(tile.y())]);
        let last = first | bits_below(2 * side_bits);
        let start = self.keys.partition_point(|key| *key < first);
        start..start + self.keys[start..].partition_point(|key| *key <= last)
    }

    /// The sites that share a cell, cell by cell. O(cells × log sites).
    fn cells(&self, within: Range, tile: TileId, bits: u8) -> Vec<Range> {
        let side_bits = 32_u32.saturating_sub(u32::from(tile.z()) + u32::from(bits));
        let mut cells = Vec::new();
        let mut start = within.start;
        while start < within.end {
            let last = self.keys[start] | bits_below(2 * side_bits);
            let inside = self.keys[start..within.end].partition_point(|key| *key <= last);
            cells.push(start..start + inside);
            start += inside;
        }
        cells
    }

    /// The sites that share a position, where one of them is meant; none when the positions are
    /// too many.
    fn stacks(&self, within: Range, is_meant: &dyn Fn(usize) -> bool) -> Option<Vec<Range>> {
        let mut stacks = Vec::new();
        let mut start = within.start;
        while start < within.end {
            let same = self.keys[start..within.end].partition_point(|key| *key <= self.keys[start]);
            if (start..start + same).any(is_meant) {
                stacks.push(start..start + same);
            }
            if stacks.len() > MAX_NEAR {
                return None;
            }
            start += same;
        }
        Some(stacks)
    }
}

/// A tile that is drawn.
struct Drawing<'a, 'n> {
    sites: &'a Sites,
    figures: Option<&'a SiteFigures>,
    names: Names<'a, 'n>,
    frame: Frame,
}

impl Drawing<'_, '_> {
    /// A point for each of `cells` that has a site that is meant.
    fn layer(&self, name: &str, cells: &[Range]) -> Result<Vec<u8>, Error> {
        let sums = self
            .figures
            .map_or(&self.sites.all, |figures| &figures.sums);
        let mut layer = MvtLayerBuilder::new(name)?;
        for cell in cells {
            let meant = |value: &dyn Fn(usize) -> i64, sums: &Running| {
                sums.over(
                    cell,
                    |site| if self.is_meant(site) { value(site) } else { 0 },
                )
            };
            let count = meant(&|_| 1, &sums.count);
            if count == 0 {
                continue;
            }
            let mean = |axis: usize, sums: &Running| {
                let sum = meant(&|site| i64::from(self.sites.at[site][axis]), sums);
                u32::try_from(sum / count).unwrap_or(u32::MAX)
            };
            let mut feature = layer.feature_of(MvtGeomType::Point);
            let at = [mean(0, &sums.x), mean(1, &sums.y)];
            feature.points([coord(self.frame.point(at))])?;
            feature.tag_uint("count", count.unsigned_abs())?;
            for (precision, sums) in Precision::ALL.iter().zip(&sums.precisions) {
                let exact = meant(
                    &|site| i64::from(self.sites.precisions[site] == *precision),
                    sums,
                );
                if exact > 0 {
                    feature.tag_uint(precision.name(), exact.unsigned_abs())?;
                }
            }
            if let Some(figures) = self.figures {
                for ((word, values), sums) in figures.measures.iter().zip(&figures.measure_sums) {
                    feature.tag_sint(word, sums.over(cell, |site| values[site]))?;
                }
            }
            if count == 1
                && let Some(site) = cell.clone().find(|site| self.is_meant(*site))
                && let Some((key, name)) = (self.names)(self.sites.accounts[site])
            {
                feature.tag_string("key", key)?;
                feature.tag_string("name", name)?;
                feature.tag_string("precision", self.sites.precisions[site].name())?;
            }
            layer = feature.end();
        }
        Ok(layer.encode())
    }

    fn is_meant(&self, site: usize) -> bool {
        self.figures.is_none_or(|figures| figures.meant[site])
    }
}

#[cfg(test)]
mod tests {
    use fast_mvt::MvtGeometry;

    use super::*;
    use crate::spatial::tests::Random;
    use crate::tile::tests::{decode, property, pyramid};
    use crate::tile::{EXTENT, MAX_ZOOM};

    const SEED: u64 = 17;

    fn site(lon: f64, lat: f64, account: i32) -> SitePoint {
        SitePoint {
            position: LonLat::parse(lon, lat).unwrap(),
            account,
            precision: Precision::Postal,
        }
    }

    fn name_of(account: i32) -> Option<(&'static str, &'static str)> {
        [("a", "A"), ("b", "B"), ("c", "C")]
            .get(usize::try_from(account).ok()?)
            .copied()
    }

    /// Sites all over the world, some at one place, some on the seams of tiles, many in a town.
    fn scattered() -> Vec<SitePoint> {
        let mut random = Random(SEED);
        let mut sites = Vec::new();
        for account in 0..60 {
            let (lon, lat) = (random.between(-180.0, 180.0), random.between(-80.0, 80.0));
            sites.push(site(lon, lat, account));
        }
        sites.push(sites[0]);
        for (account, lon) in (60..).zip([-180.0, -90.0, 0.0, 11.25, 180.0]) {
            sites.push(site(lon, 0.0, account));
        }
        for account in 70..270 {
            let (lon, lat) = (random.between(11.4, 11.7), random.between(48.0, 48.2));
            sites.push(site(lon, lat, account));
        }
        sites
    }

    /// The sum of a property over the points of a tile, each of which lies inside it.
    fn sum(tile: Option<Vec<u8>>, name: &str) -> i64 {
        let features = tile.map_or(Vec::new(), |bytes| decode(&bytes, "sites"));
        let sums = features.iter().map(|feature| {
            let MvtGeometry::Point(point) = &feature.geometry else {
                panic!("a point");
            };
            let inside = |n: i32| (0..EXTENT).contains(&i64::from(n));
            assert!(inside(point.x()) && inside(point.y()));
            property(feature, name).parse::<i64>().unwrap()
        });
        sums.sum()
    }

    /// The tiles of a zoom that `scattered` sites lie in, or all where they are few.
    fn tiles(z: u8, scattered: &[SitePoint]) -> Vec<TileId> {
        if z <= 5 {
            return pyramid(z).collect();
        }
        let tile_of = |site: &SitePoint| {
            let [x, y] = project(site.position).map(|n| n >> (32 - u32::from(z)));
            TileId::parse(z, x, y).unwrap()
        };
        let mut tiles: Vec<_> = scattered.iter().map(tile_of).collect();
        tiles.sort_unstable();
        tiles.dedup();
        tiles
    }

    #[test]
    fn every_site_counts_once_at_every_zoom() {
        let scattered = scattered();
        let sites = Sites::new(scattered.clone());
        for z in 0..=MAX_ZOOM {
            let counts = tiles(z, &scattered).into_iter().map(|tile| {
                sum(
                    sites.encode("sites", tile, None, &name_of).unwrap(),
                    "count",
                )
            });
            let expected = i64::try_from(scattered.len()).unwrap();
            assert_eq!(counts.sum::<i64>(), expected, "zoom {z}, seed {SEED}");
        }
    }

    #[test]
    fn what_a_question_means_adds_up_at_every_zoom() {
        let scattered = scattered();
        let sites = Sites::new(scattered.clone());
        let is_meant = |account: i32| account % 3 != 1;
        let value = |account: i32| i64::from(account) * 100_003 - 5_000_000;
        let figures = sites.figures(is_meant, vec![("revenue".to_owned(), &value)]);
        let meant: Vec<i32> = scattered
            .iter()
            .map(|site| site.account)
            .filter(|account| is_meant(*account))
            .collect();
        let expected = [
            i64::try_from(meant.len()).unwrap(),
            meant.iter().map(|account| value(*account)).sum(),
        ];
        for z in 0..=MAX_ZOOM {
            let told = ["count", "revenue"].map(|name| {
                let sums = tiles(z, &scattered).into_iter().map(|tile| {
                    let encoded = sites.encode("sites", tile, Some(&figures), &name_of);
                    sum(encoded.unwrap(), name)
                });
                sums.sum::<i64>()
            });
            assert_eq!(told, expected, "zoom {z}, seed {SEED}");
        }
    }

    #[test]
    fn a_lone_site_tells_its_name_and_a_stack_its_count() {
        let sites = [
            site(11.5, 48.1, 0),
            site(11.5, 48.1, 1),
            site(11.5001, 48.1, 2),
        ];
        let sites = Sites::new(sites);
        let only_last = sites.figures(|account| account > 0, Vec::new());
        let told = |z, figures| {
            let [x, y] = project(LonLat::parse(11.5, 48.1).unwrap()).map(|n| n >> (32 - z));
            let tile = TileId::parse(u8::try_from(z).unwrap(), x, y).unwrap();
            let bytes = sites
                .encode("sites", tile, figures, &name_of)
                .unwrap()
                .unwrap();
            let tell = |feature| {
                ["count", "key", "precision"]
                    .map(|key| property(feature, key))
                    .join(" ")
            };
            decode(&bytes, "sites").iter().map(tell).collect::<Vec<_>>()
        };
        assert_eq!(told(11, None), ["3 - -"]);
        assert_eq!(told(12, None), ["2 - -", "1 c postal"]);
        assert_eq!(told(12, Some(&only_last)), ["1 b postal", "1 c postal"]);
    }

    #[test]
    fn a_point_tells_how_many_of_its_sites_are_how_exact() {
        let precisions = [Precision::House, Precision::Place, Precision::House];
        let sites = Sites::new(precisions.map(|precision| SitePoint {
            precision,
            ..site(11.5, 48.1, 0)
        }));
        let tile = sites.encode("sites", TileId::parse(0, 0, 0).unwrap(), None, &name_of);
        let features = decode(&tile.unwrap().unwrap(), "sites");
        let told = ["count", "house", "street", "postal", "place", "region"]
            .map(|key| property(&features[0], key));
        assert_eq!(told.join(" "), "3 2 - - 1 -");
    }

    #[test]
    fn a_town_of_many_positions_is_drawn_by_cells() {
        let mut random = Random(SEED);
        let many = (0..20_000).map(|account| {
            let (lon, lat) = (random.between(11.50, 11.51), random.between(48.10, 48.105));
            site(lon, lat, account)
        });
        let sites = Sites::new(many);
        let value = |account: i32| i64::from(account) * 7_919_000_003;
        let words = ["revenue", "cost", "units", "lines", "margin", "orders"];
        let measures = words.map(|word| (word.to_owned(), &value as &(dyn Fn(i32) -> i64 + Sync)));
        let figures = sites.figures(|_| true, measures.into());
        let [x, y] = project(LonLat::parse(11.505, 48.102).unwrap()).map(|n| n >> (32 - 12));
        let tile = TileId::parse(12, x, y).unwrap();
        let bytes = sites
            .encode("sites", tile, Some(&figures), &name_of)
            .unwrap()
            .unwrap();
        assert!(bytes.len() <= MAX_BYTES, "{} bytes", bytes.len());
        let features = decode(&bytes, "sites").len();
        assert!((500..=MAX_CELLS).contains(&features), "{features} features");
    }

    #[test]
    fn tiles_without_sites_are_none() {
        let sites = Sites::new([site(11.5, 48.1, 0)]);
        let encode = |x, figures| {
            let tile = TileId::parse(1, x, 0).unwrap();
            sites.encode("sites", tile, figures, &name_of).unwrap()
        };
        assert!(encode(0, None).is_none());
        assert!(encode(1, None).is_some());
        assert!(encode(1, Some(&sites.figures(|_| false, Vec::new()))).is_none());
    }
}
