//! The own regions that stand: which of them contains a position, their areas on the map, the card
//! of each.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use serde::Serialize;
use utoipa::ToSchema;

use super::hierarchy::{Standing, read_all};
use super::home::Home;
use super::{Derived, Error, RegionCard, RegionStep};
use crate::cube::{self, Axis, Cell, CubeLevel, FilterRequest, KeyWord, Question, Request};
use crate::place::{Bounds, LonLat, OwnLevel, RegionKey};
use crate::record::region::{Hierarchy, OwnRegion, Polygon};
use crate::record::site::{Precision, Site};
use crate::spatial::hierarchy::{HierarchyIndex, file};
use crate::store::BatchId;
use crate::tile::layer::Layer;
use crate::tile::shape::Shapes;
use crate::tile::{self, TileId};
use crate::word::with_causes;

/// Regions of a hierarchy that are drawn at every zoom; more would be specks from afar, and a tile
/// of them larger than half a megabyte.
const MANY: usize = 4_000;

/// The least zoom at which many regions are drawn.
const ZOOM_OF_MANY: u8 = 5;

/// Own regions that a card names of each hierarchy.
const MOST_NAMED: usize = 3;

/// The own regions of a hierarchy that a region has to do with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OwnWithin {
    /// Word of the level, such as `own.1`.
    pub level: String,
    /// How many there are, at least one.
    pub count: u64,
    /// Up to three of them, those with most customers first.
    pub regions: Vec<RegionStep>,
}

/// An own region that was found by its name.
pub(super) struct OwnNamed {
    pub(super) step: RegionStep,
    /// What its hierarchy is called.
    pub(super) of: String,
    pub(super) bounds: Bounds,
    /// Where in the name the words begin that were looked for, in bytes.
    pub(super) place: usize,
}

/// A hierarchy as it is asked about and drawn.
pub(super) struct OwnHierarchy {
    pub(super) level: OwnLevel,
    pub(super) index: Arc<HierarchyIndex>,
    batch: BatchId,
    shapes: Shapes,
    /// The file of its regions.
    file: PathBuf,
    /// The area of each region, in the order of the members of the index; read when they are first
    /// exported.
    areas: OnceLock<Vec<Vec<Polygon>>>,
    /// Of each region its box and its parent, in the order of the members of the index.
    regions: Vec<(Bounds, Option<RegionKey>)>,
    /// The place of each key among the members.
    places: HashMap<RegionKey, usize>,
}

/// Each of `standing` that can be read; what `known` has of the same batch is taken from there. A
/// damaged file fills no level until it is imported again; the others keep theirs.
pub(super) fn read(
    home: &Home,
    standing: &[Standing],
    known: &[Arc<OwnHierarchy>],
) -> Vec<Arc<OwnHierarchy>> {
    let read = |wanted: &Standing| {
        let own = known.iter().find(|own| own.batch == wanted.batch);
        if let Some(own) = own.filter(|own| own.level == wanted.level) {
            return Some(own.clone());
        }
        match read_all(home, std::slice::from_ref(wanted)).next()? {
            Ok(hierarchy) => Some(Arc::new(OwnHierarchy::new(home, wanted, &hierarchy))),
            Err(error) => {
                tracing::warn!(
                    error = with_causes(&error),
                    hierarchy = wanted.name,
                    "a hierarchy is left out: import its regions again"
                );
                None
            }
        }
    };
    standing.iter().filter_map(read).collect()
}

impl OwnHierarchy {
    fn new(home: &Home, standing: &Standing, hierarchy: &Hierarchy) -> Self {
        let index = HierarchyIndex::new(hierarchy);
        let regions = hierarchy.regions.iter();
        // Of regions that lie on each other the smallest has the customers, so it is seen.
        let mut by_area: Vec<(usize, &OwnRegion)> = regions.clone().enumerate().collect();
        by_area.sort_by(|(a, _), (b, _)| index.area_km2(*b).total_cmp(&index.area_km2(*a)));
        let by_area: Vec<&OwnRegion> = by_area.into_iter().map(|(_, region)| region).collect();
        Self {
            level: standing.level,
            batch: standing.batch,
            shapes: Shapes::of_regions(&by_area),
            file: home.regions(standing.batch),
            areas: OnceLock::new(),
            regions: regions
                .clone()
                .map(|region| (bounds_of(region), region.parent.clone()))
                .collect(),
            places: regions
                .enumerate()
                .map(|(at, region)| (region.key.clone(), at))
                .collect(),
            index: Arc::new(index),
        }
    }

    /// The key of each region that has an area, with a point inside it.
    pub(super) fn anchors(&self) -> impl Iterator<Item = (&str, LonLat)> {
        self.shapes.anchors()
    }

    /// The tile of its areas; `None` when nothing is in it.
    pub(super) fn encode(
        &self,
        layer: Layer,
        tile: TileId,
    ) -> Result<Option<Vec<u8>>, tile::Error> {
        if self.regions.len() > MANY && tile.z() < ZOOM_OF_MANY {
            return Ok(None);
        }
        self.shapes.encode(layer.name(), tile)
    }

    /// The box of all its regions.
    pub(super) fn bounds(&self) -> Bounds {
        let boxes = self.regions.iter().map(|(bounds, _)| *bounds);
        let corners = boxes.flat_map(|bounds| [bounds.min, bounds.max]);
        around(corners)
    }

    fn step(&self, at: usize) -> RegionStep {
        let (key, name) = &self.index.members()[at];
        RegionStep {
            level: CubeLevel::Own(self.level).id().to_owned(),
            key: key.to_string(),
            name: name.trim().to_owned(),
        }
    }

    /// The area of each region, in the order of the members of the index. 16 bytes a position stay
    /// in memory from the first call.
    pub(super) fn areas(&self) -> Result<&[Vec<Polygon>], file::Error> {
        if let Some(areas) = self.areas.get() {
            return Ok(areas);
        }
        let regions = file::read(&self.file)?.regions.into_iter();
        let areas = regions.map(|region| region.polygons).collect();
        Ok(self.areas.get_or_init(|| areas))
    }

    fn find(&self, key: &str) -> Option<usize> {
        self.places.get(&RegionKey::new(key)).copied()
    }
}

impl Derived {
    /// The hierarchy that fills `level`.
    pub(super) fn own_at(&self, level: OwnLevel) -> Option<&OwnHierarchy> {
        let mut own = self.own.iter();
        own.find(|own| own.level == level).map(Arc::as_ref)
    }

    /// Reads the areas of the levels of own regions that are among the rows of `question`.
    ///
    /// # Errors
    /// The files of their regions must be whole.
    pub(super) fn read_own_areas(&self, question: &Question) -> Result<(), Error> {
        let levels = question.axes.iter().flat_map(Axis::levels);
        for level in levels {
            if let CubeLevel::Own(level) = level
                && let Some(own) = self.own_at(level)
            {
                own.areas()?;
            }
        }
        Ok(())
    }

    /// The area of an own region, of a level whose areas were read.
    pub(super) fn own_area(&self, level: OwnLevel, key: &RegionKey) -> Option<Vec<Polygon>> {
        let own = self.own_at(level)?;
        let areas = own.areas.get()?;
        areas.get(own.find(key.as_str())?).cloned()
    }

    /// The own regions of which a word begins with `text`, in any case. O(regions).
    pub(super) fn own_named(&self, text: &str) -> impl Iterator<Item = OwnNamed> {
        let text = text.to_lowercase();
        let all = self.own.iter().flat_map(|own| {
            let members = own.index.members().iter().enumerate();
            members.map(move |(at, (_, name))| (own, at, name))
        });
        all.filter_map(move |(own, at, name)| {
            let name = name.trim().to_lowercase();
            let begins = |(place, _): &(usize, &str)| {
                let before = name[..*place].chars().next_back();
                before.is_none_or(|sign| !sign.is_alphanumeric())
            };
            let (place, _) = name.match_indices(&text).find(begins)?;
            Some(OwnNamed {
                step: own.step(at),
                of: own.index.name().to_owned(),
                bounds: own.regions[at].0,
                place,
            })
        })
    }

    /// The own regions that contain `site`, one of a hierarchy at most. One that is located to a
    /// state or country only is nowhere in particular.
    pub(super) fn own_regions_of(&self, site: &Site) -> Vec<RegionStep> {
        let position = site.position;
        let position = position.filter(|_| site.precision != Precision::Region);
        position.map_or_else(Vec::new, |position| self.own_regions_at(position))
    }

    fn own_regions_at(&self, position: LonLat) -> Vec<RegionStep> {
        let found = |own: &Arc<OwnHierarchy>| Some(own.step(own.index.region_of(position)?));
        self.own.iter().filter_map(found).collect()
    }

    /// The own regions in which the customers of region `key` of `level` are; without customers
    /// those that contain `label`.
    pub(super) fn own_regions_within(
        &self,
        level: CubeLevel,
        key: &str,
        label: LonLat,
    ) -> Result<Vec<OwnWithin>, cube::Error> {
        let mut found = Vec::new();
        for own in &self.own {
            let keys = self.customers_by(own.level, level, key)?;
            // What lies outside of all regions is no region.
            let places: Vec<usize> = keys.iter().filter_map(|key| own.find(key)).collect();
            let named = places.iter().take(MOST_NAMED);
            found.extend(within(
                named.map(|at| own.step(*at)).collect(),
                places.len(),
            ));
        }
        if found.is_empty() {
            let around = self.own_regions_at(label).into_iter();
            found.extend(around.filter_map(|step| within(vec![step], 1)));
        }
        Ok(found)
    }

    /// The keys of `own` with customers of region `key` of `level`, those with most first.
    fn customers_by(
        &self,
        own: OwnLevel,
        level: CubeLevel,
        key: &str,
    ) -> Result<Vec<String>, cube::Error> {
        if self.warehouse.summary().lines == 0 || !CubeLevel::Own(own).is_filled(&self.warehouse) {
            return Ok(Vec::new());
        }
        let question = Question::try_from(Request {
            measures: vec!["customers".to_owned()],
            rows: vec![CubeLevel::Own(own).id().into()],
            filters: vec![FilterRequest {
                level: Some(level.id().to_owned()),
                keys: Some(vec![KeyWord::from(key)]),
                ..FilterRequest::default()
            }],
            ..Request::default()
        })?;
        let answer = match cube::ask(&self.warehouse, &question) {
            // A region that has no customers at all is no member.
            Err(cube::Error::UnknownKey { .. }) => return Ok(Vec::new()),
            other => other?,
        };
        let mut counted: Vec<(i64, String)> = answer.rows.into_iter().filter_map(counted).collect();
        counted.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        Ok(counted.into_iter().map(|(_, key)| key).collect())
    }

    /// The card of own region `key` at `level`; `None` when there is none.
    ///
    /// A parent may be of the same file or of another hierarchy; regions whose parents are here
    /// are what it consists of, when they are of another hierarchy: the regions of one file lie
    /// on each other and would count twice.
    pub(super) fn own_card(&self, level: OwnLevel, key: &str) -> Option<RegionCard> {
        let own = self.own_at(level)?;
        let at = own.find(key)?;
        let step = own.step(at);
        let (bounds, _) = own.regions[at];
        let summary = self.warehouse.summary();
        let filled = summary
            .hierarchies
            .iter()
            .find(|filled| filled.level == level);
        Some(RegionCard {
            level: step.level.clone(),
            key: step.key.clone(),
            name: step.name.clone(),
            name_de: step.name.clone(),
            kind: filled.map_or_else(String::new, |filled| filled.name.clone()),
            path: self.own_path(own, at),
            own: Vec::new(),
            bounds,
            label: bounds.middle(),
            population: None,
            area_km2: Some(own.index.area_km2(at)),
            child_level: self
                .children_of(own, key)
                .map(|level| CubeLevel::Own(level).id().to_owned()),
        })
    }

    /// From the topmost parent down to the region itself. Parents of several hierarchies may go
    /// round in a circle, which ends where it began.
    fn own_path(&self, own: &OwnHierarchy, at: usize) -> Vec<RegionStep> {
        let mut path = vec![own.step(at)];
        let mut seen = HashSet::from([(own.level, at)]);
        let (mut own, mut at) = (own, at);
        while let Some((above, parent)) = self.parent_of(own, at) {
            if !seen.insert((above.level, parent)) {
                break;
            }
            path.push(above.step(parent));
            (own, at) = (above, parent);
        }
        path.reverse();
        path
    }

    /// The parent of a region: of its own file, else of the first other hierarchy that has the key.
    fn parent_of<'a>(
        &'a self,
        own: &'a OwnHierarchy,
        at: usize,
    ) -> Option<(&'a OwnHierarchy, usize)> {
        let key = own.regions[at].1.as_ref()?.as_str();
        let others = self.own.iter().map(Arc::as_ref);
        let others = others.filter(|other| other.level != own.level);
        let mut all = std::iter::once(own).chain(others);
        all.find_map(|other| Some((other, other.find(key)?)))
    }

    /// The first other hierarchy with a region whose parent is `key` of `own`.
    fn children_of(&self, own: &OwnHierarchy, key: &str) -> Option<OwnLevel> {
        let mut others = self.own.iter().filter(|other| other.level != own.level);
        let is_below = |other: &&Arc<OwnHierarchy>| {
            let mut names = (0..).zip(&other.regions);
            names.any(|(at, (_, parent))| {
                parent.as_ref().is_some_and(|parent| parent.as_str() == key)
                    && self
                        .parent_of(other, at)
                        .is_some_and(|(above, _)| above.level == own.level)
            })
        };
        others.find(is_below).map(|other| other.level)
    }
}

/// The first `regions` of `count` of one hierarchy; `None` without one.
fn within(regions: Vec<RegionStep>, count: usize) -> Option<OwnWithin> {
    Some(OwnWithin {
        level: regions.first()?.level.clone(),
        count: count as u64,
        regions,
    })
}

fn counted(row: Vec<Cell>) -> Option<(i64, String)> {
    match <[Cell; 2]>::try_from(row) {
        Ok([Cell::Key(key), Cell::Integer(customers)]) => Some((customers, key)),
        _ => None,
    }
}

fn bounds_of(region: &OwnRegion) -> Bounds {
    let outer = region.polygons.iter().flat_map(|polygon| &polygon.outer);
    around(outer.copied())
}

/// The box around `positions`; the point where the equator meets Greenwich around none.
fn around(positions: impl Iterator<Item = LonLat>) -> Bounds {
    let nowhere = || Bounds::try_from([0.0; 4]).expect("a point is a box");
    Bounds::around(positions).unwrap_or_else(nowhere)
}
