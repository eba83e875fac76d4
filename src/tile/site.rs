//! The sites of accounts as tiles: cells with exact sums from afar, places from near.
//!
//! Sites lie sorted along the Morton curve, so those of a cell stand side by side, and what a cell
//! shows is the difference of two running sums: a tile costs its cells, not its records.

mod blocks;

use std::ops::Range;

use fast_mvt::{MvtGeomType, MvtLayerBuilder};
use rayon::slice::ParallelSliceMut;

use self::blocks::{Blocks, MOST, Place, Stretch, Sums};
use crate::place::LonLat;
use crate::record::site::Precision;
use crate::tile::morton::{bits_below, key, point};
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

// A mask of the sites of a block has a bit for each.
const _: () = assert!(MOST <= u128::BITS as usize);

/// A larger tile is made of fewer cells.
const MAX_BYTES: usize = 500_000;

/// The first values of a site: how many sites it is, where, and how exact that is.
const COUNT: usize = 0;
const X: usize = 1;
const Y: usize = 2;
const PRECISION: usize = 3;

/// Values of a site before those of measures.
const FIRST_MEASURE: usize = PRECISION + Precision::ALL.len();

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

/// Key and name of an account by its number.
pub type Names<'a, 'n> = &'a (dyn Fn(i32) -> Option<(&'n str, &'n str)> + 'a);

/// Every site that has a position, along the curve.
#[derive(Debug, Default)]
pub struct Sites {
    keys: Vec<u64>,
    accounts: Vec<i32>,
    precisions: Vec<Precision>,
    blocks: Blocks,
    all: Sums,
}

/// What is said of sites.
pub trait Said: Send + Sync {
    /// Adds what is said of a site to `sums`, one a measure; whether the site is meant. The site is
    /// told by its place along the curve and the number of its account. It says the same each time.
    fn add(&self, site: usize, account: i32, sums: &mut [i64]) -> bool;

    /// Does so for neighbours along the curve, of which there are no more than a mask has bits; the
    /// mask of those that are meant, the first the lowest.
    fn add_all(&self, sites: Range<usize>, accounts: &[i32], sums: &mut [i64]) -> u128 {
        let each = sites.zip(accounts).enumerate();
        each.fold(0, |meant, (bit, (site, account))| {
            meant | u128::from(self.add(site, *account, sums)) << bit
        })
    }
}

/// The sites that a question is about, and what it says of them.
pub struct SiteFigures {
    said: Box<dyn Said>,
    /// The words of the measures.
    words: Vec<String>,
    sums: Sums,
}

impl SiteFigures {
    /// How many sites are meant.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.sums.total()[COUNT].unsigned_abs()
    }

    /// The sum of each measure over the sites that are meant.
    pub fn totals(&self) -> impl Iterator<Item = i64> {
        self.sums.total()[FIRST_MEASURE..].iter().copied()
    }

    /// About how many bytes it takes, but for what says it.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.sums.bytes()
    }
}

impl Sites {
    /// These sites. O(n log n).
    #[must_use]
    pub fn new(points: impl IntoIterator<Item = SitePoint>) -> Self {
        let placed =
            |point: SitePoint| (key(project(point.position)), point.account, point.precision);
        let mut points: Vec<_> = points.into_iter().map(placed).collect();
        points.par_sort_unstable();
        let keys: Vec<u64> = points.iter().map(|(key, ..)| *key).collect();
        let mut sites = Self {
            blocks: Blocks::of(&keys),
            keys,
            accounts: points.iter().map(|(_, account, _)| *account).collect(),
            precisions: points.iter().map(|(.., precision)| *precision).collect(),
            all: Sums::default(),
        };
        sites.all = Sums::of(&sites.blocks, FIRST_MEASURE, |_, block, sums| {
            block.for_each(|site| sites.count(site, sums));
        });
        sites
    }

    /// The numbers of the accounts, along the curve.
    #[must_use]
    pub fn accounts(&self) -> &[i32] {
        &self.accounts
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

    /// What `said` says of all sites, under the words of the measures. O(n).
    #[must_use]
    pub fn figures(&self, words: Vec<String>, said: impl Said + 'static) -> SiteFigures {
        SiteFigures {
            sums: self.sums_of(words.len(), &said),
            words,
            said: Box::new(said),
        }
    }

    /// The sums of the sites that are meant, with `measures` that are said of them.
    fn sums_of(&self, measures: usize, said: &impl Said) -> Sums {
        let width = FIRST_MEASURE + measures;
        Sums::of(&self.blocks, width, |block, sites, sums| {
            let (own, measures) = sums.split_at_mut(FIRST_MEASURE);
            let (first, count) = (sites.start, sites.len());
            let accounts = &self.accounts[sites.clone()];
            let mut meant = said.add_all(sites, accounts, measures);
            if meant.count_ones() as usize == count {
                for (own, all) in own.iter_mut().zip(self.all.of_block(block)) {
                    *own = all;
                }
                return;
            }
            while meant != 0 {
                self.count(first + meant.trailing_zeros() as usize, own);
                meant &= meant - 1;
            }
        })
    }

    /// Adds what is known of a site without a question.
    fn count(&self, site: usize, sums: &mut [i64]) {
        let [x, y] = point(self.keys[site]);
        sums[COUNT] += 1;
        sums[X] = sums[X].wrapping_add(i64::from(x));
        sums[Y] = sums[Y].wrapping_add(i64::from(y));
        sums[PRECISION + self.precisions[site] as usize] += 1;
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
        let drawing = Drawing {
            sites: self,
            figures,
            names,
            frame: Frame::of(tile),
        };
        let mut sums = drawing.sums();
        if drawing.add_up(within, &mut sums) == 0 {
            return Ok(None);
        }
        if tile.z() >= NEAR_ZOOM
            && let Some(stacks) = drawing.stacks(within)
        {
            return Ok(Some(drawing.layer(name, &stacks)?));
        }
        let mut bits = CELL_BITS;
        if tile.z() >= NEAR_ZOOM {
            // A dense town fills few cells, so they can be finer.
            let fits = |bits: u8| self.cells(within, tile, bits, MAX_CELLS + 1).len() <= MAX_CELLS;
            bits = (CELL_BITS..FINEST_BITS)
                .take_while(|bits| fits(bits + 1))
                .last()
                .map_or(CELL_BITS, |bits| bits + 1);
        }
        loop {
            let layer = drawing.layer(name, &self.cells(within, tile, bits, usize::MAX))?;
            if layer.len() <= MAX_BYTES || bits == 0 {
                return Ok(Some(layer));
            }
            bits -= 1;
        }
    }

    /// The sites in `tile`, its west and north edge included. O(log n).
    fn within(&self, tile: TileId) -> Stretch {
        let side_bits = 32 - u32::from(tile.z());
        let corner = |index: u32| u32::try_from(u64::from(index) << side_bits).unwrap_or(0);
        let first = key([corner(tile.x()), corner(tile.y())]);
        let last = first | bits_below(2 * side_bits);
        let begin = Place::default();
        let behind = |last, from| self.blocks.behind(&self.keys, last, from);
        let start = first
            .checked_sub(1)
            .map_or(begin, |last| behind(last, begin));
        Stretch {
            start,
            end: behind(last, start),
        }
    }

    /// The sites that share a cell, cell by cell, the first `most` of them. O(cells × log of the
    /// sites in a cell).
    fn cells(&self, within: Stretch, tile: TileId, bits: u8, most: usize) -> Vec<Stretch> {
        let side_bits = 32_u32.saturating_sub(u32::from(tile.z()) + u32::from(bits));
        self.stretches(within, 2 * side_bits).take(most).collect()
    }

    /// The sites whose keys differ in the low `bits` only.
    fn stretches(&self, within: Stretch, bits: u32) -> impl Iterator<Item = Stretch> {
        let mut start = within.start;
        std::iter::from_fn(move || {
            if start.site >= within.end.site {
                return None;
            }
            let last = self.blocks.key(&self.keys, start)? | bits_below(bits);
            let end = self.blocks.behind(&self.keys, last, start);
            let stretch = Stretch { start, end };
            start = end;
            Some(stretch)
        })
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
    /// What the sums that are kept are of.
    fn kept(&self) -> &Sums {
        self.figures
            .map_or(&self.sites.all, |figures| &figures.sums)
    }

    /// No sums yet.
    fn sums(&self) -> Vec<i64> {
        vec![0; self.kept().width()]
    }

    /// Adds the values of a site that is meant.
    fn add(&self, site: usize, sums: &mut [i64]) {
        let (own, measures) = sums.split_at_mut(FIRST_MEASURE);
        let said = self.figures.map(|figures| &figures.said);
        if said.is_none_or(|said| said.add(site, self.sites.accounts[site], measures)) {
            self.sites.count(site, own);
        }
    }

    /// Puts what is before `place` into `sums`.
    fn before(&self, place: Place, sums: &mut [i64]) {
        let add = |site: usize, sums: &mut [i64]| self.add(site, sums);
        self.kept().before(&self.sites.blocks, place, add, sums);
    }

    /// Puts what `stretch` adds up to into `sums`; how many are meant.
    fn add_up(&self, stretch: Stretch, sums: &mut [i64]) -> i64 {
        let mut before = self.sums();
        self.before(stretch.start, &mut before);
        self.before(stretch.end, sums);
        for (sum, before) in sums.iter_mut().zip(before) {
            *sum = sum.wrapping_sub(before);
        }
        sums[COUNT]
    }

    /// The sites that share a position, where one of them is meant; none when the positions are
    /// too many.
    fn stacks(&self, within: Stretch) -> Option<Vec<Stretch>> {
        let (mut stacks, mut sums) = (Vec::new(), self.sums());
        for stack in self.sites.stretches(within, 0) {
            // Most are of one site.
            let meant = if stack.sites().len() == 1 {
                sums.fill(0);
                self.add(stack.start.site, &mut sums);
                sums[COUNT]
            } else {
                self.add_up(stack, &mut sums)
            };
            if meant > 0 {
                stacks.push(stack);
            }
            if stacks.len() > MAX_NEAR {
                return None;
            }
        }
        Some(stacks)
    }

    /// A point for each of `cells` that has a site that is meant; they follow each other along the
    /// curve.
    fn layer(&self, name: &str, cells: &[Stretch]) -> Result<Vec<u8>, Error> {
        let mut layer = MvtLayerBuilder::new(name)?;
        // The sums up to the end of the last cell, where the next one mostly begins.
        let (mut end, mut until) = (None, self.sums());
        let mut sums = self.sums();
        for cell in cells {
            if end != Some(cell.start) {
                self.before(cell.start, &mut until);
            }
            self.before(cell.end, &mut sums);
            end = Some(cell.end);
            for (sum, until) in sums.iter_mut().zip(&mut until) {
                (*sum, *until) = (sum.wrapping_sub(*until), *sum);
            }
            if sums[COUNT] > 0 {
                layer = self.point(layer, *cell, &sums)?;
            }
        }
        Ok(layer.encode())
    }

    /// Adds the point of `cell`, which has `sums`.
    fn point(
        &self,
        layer: MvtLayerBuilder,
        cell: Stretch,
        sums: &[i64],
    ) -> Result<MvtLayerBuilder, Error> {
        let count = sums[COUNT];
        let mean = |axis: usize| u32::try_from(sums[axis] / count).unwrap_or(u32::MAX);
        let mut feature = layer.feature_of(MvtGeomType::Point);
        feature.points([coord(self.frame.point([mean(X), mean(Y)]))])?;
        feature.tag_uint("count", count.unsigned_abs())?;
        for (precision, exact) in Precision::ALL.iter().zip(&sums[PRECISION..]) {
            if *exact > 0 {
                feature.tag_uint(precision.name(), exact.unsigned_abs())?;
            }
        }
        if let Some(figures) = self.figures {
            for (word, sum) in figures.words.iter().zip(&sums[FIRST_MEASURE..]) {
                feature.tag_sint(word, *sum)?;
            }
        }
        let add = |site: usize, sums: &mut [i64]| self.add(site, sums);
        if count == 1
            && let Some(site) = self.kept().only(&self.sites.blocks, cell, add)
            && let Some((key, name)) = (self.names)(self.sites.accounts[site])
        {
            feature.tag_string("key", key)?;
            feature.tag_string("name", name)?;
            feature.tag_string("precision", self.sites.precisions[site].name())?;
        }
        Ok(feature.end())
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

    /// Says this of accounts.
    struct Of<M, V>(M, Vec<V>);

    impl<M, V> Said for Of<M, V>
    where
        M: Fn(i32) -> bool + Send + Sync,
        V: Fn(i32) -> i64 + Send + Sync,
    {
        fn add(&self, _: usize, account: i32, sums: &mut [i64]) -> bool {
            let is_meant = (self.0)(account);
            if is_meant {
                for (sum, value) in sums.iter_mut().zip(&self.1) {
                    *sum = sum.wrapping_add(value(account));
                }
            }
            is_meant
        }
    }

    const NO_MEASURE: Vec<fn(i32) -> i64> = Vec::new();

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
        let figures = sites.figures(vec!["revenue".to_owned()], Of(is_meant, vec![value]));
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
        let only_last = sites.figures(Vec::new(), Of(|account| account > 0, NO_MEASURE));
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
        let figures = Of(|_| true, vec![value; words.len()]);
        let figures = sites.figures(words.map(str::to_owned).into(), figures);
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
        let none = sites.figures(Vec::new(), Of(|_| false, NO_MEASURE));
        assert!(encode(1, Some(&none)).is_none());
    }
}
