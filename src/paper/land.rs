//! What is drawn: the areas of regions, and the land, waters and towns around them, in degrees.

use std::collections::BTreeSet;

use super::Error;
use crate::place::{Level, LonLat};
use crate::record::region::{OwnRegion, Polygon};
use crate::reference;
use crate::spatial::topology::{Arcs, Point, Topology, fixed};

/// The area of a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) key: String,
    /// Rings, closed; a place lies inside where it lies inside an odd number of them.
    pub(super) rings: Vec<Vec<Point>>,
}

/// How exactly areas are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Detail {
    Coarse,
    Medium,
    Fine,
}

impl Detail {
    /// The detail whose points can just be told apart where a point of type (1/72 inch) is so
    /// many metres: outlines are drawn to about 5,000, 300 and 50 metres.
    pub(super) fn of(metres_per_point: f64) -> Self {
        match metres_per_point {
            ..500.0 => Self::Fine,
            500.0..4_000.0 => Self::Medium,
            _ => Self::Coarse,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Coarse => "coarse",
            Self::Medium => "medium",
            Self::Fine => "fine",
        }
    }
}

/// The shipped areas of `level` at `detail`, those that `is_wanted` lets through.
///
/// # Errors
/// The shipped files must be whole.
pub(super) fn areas(
    level: Level,
    detail: Detail,
    is_wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<Area>, Error> {
    let (names, finest): (&[&str], _) = match level {
        Level::Country => (&["countries"], Detail::Fine),
        Level::Postal => (&["postal_areas_de"], Detail::Medium),
        Level::State | Level::District => (&["regions_de", "regions_us"], Detail::Fine),
        Level::GovernmentDistrict | Level::Municipality => (&["regions_de"], Detail::Fine),
    };
    let mut areas = Vec::new();
    for name in names {
        let topology = topology(name, detail.min(finest))?;
        let wanted = topology.shapes(level.name()).iter();
        areas.extend(
            wanted
                .filter(|shape| is_wanted(&shape.key))
                .map(|shape| Area {
                    key: shape.key.clone(),
                    rings: rings(&topology, &shape.polygons),
                }),
        );
    }
    Ok(areas)
}

/// The areas of a company's own regions, the largest first, so that none hides a smaller one.
pub(super) fn own_areas(regions: &[OwnRegion]) -> Vec<Area> {
    let mut areas: Vec<(f64, Area)> = regions.iter().map(own_area).collect();
    areas.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    areas.into_iter().map(|(_, area)| area).collect()
}

fn own_area(region: &OwnRegion) -> (f64, Area) {
    let rings = region.polygons.iter().flat_map(Polygon::rings);
    let rings = rings.map(|ring| ring.iter().map(|at| at_fixed(*at)).collect());
    let rings: Vec<Vec<Point>> = rings.collect();
    let twice = |ring: &Vec<Point>| {
        let cross = |ends: &[Point]| {
            let [[a, b], [c, d]] = [ends[0], ends[1]].map(|point| point.map(f64::from));
            a * d - b * c
        };
        ring.windows(2).map(cross).sum::<f64>()
    };
    let size = rings.iter().map(twice).sum::<f64>().abs();
    let key = region.key.to_string();
    (size, Area { key, rings })
}

fn at_fixed(at: LonLat) -> Point {
    [fixed(at.lon()), fixed(at.lat())]
}

/// What lies under and over the areas.
#[derive(Debug, Default)]
pub(super) struct Ground {
    /// Countries.
    pub(super) land: Vec<Area>,
    pub(super) lakes: Vec<Area>,
    /// Borders of the states of the countries whose finer regions are shown.
    pub(super) state_lines: Vec<Vec<Point>>,
}

/// The ground at `detail`, with the borders of states where `level` is finer than these.
///
/// # Errors
/// The shipped files must be whole.
pub(super) fn ground(level: Option<Level>, detail: Detail) -> Result<Ground, Error> {
    let base = topology("base", detail.min(Detail::Medium))?;
    let lakes = base.shapes("lakes").iter().map(|shape| Area {
        key: String::new(),
        rings: rings(&base, &shape.polygons),
    });
    let mut ground = Ground {
        land: areas(Level::Country, detail, &|_| true)?,
        lakes: lakes.collect(),
        state_lines: Vec::new(),
    };
    if level.is_none_or(|level| level > Level::State) {
        for name in ["regions_de", "regions_us"] {
            let topology = topology(name, detail)?;
            let shapes = topology.shapes("state").iter();
            let arcs = shapes.flat_map(|shape| shape.polygons.iter().flatten().flatten());
            // Once each, whoever's border it is.
            let arcs: BTreeSet<i32> = arcs.map(|arc| if *arc < 0 { !arc } else { *arc }).collect();
            let lines = arcs.into_iter().map(|arc| topology.points(&[arc]));
            ground.state_lines.extend(lines);
        }
    }
    Ok(ground)
}

fn topology(name: &str, detail: Detail) -> Result<Topology, Error> {
    let name = format!("{name}_{}", detail.name());
    Topology::shipped(&name).map_err(|source| Error::Shapes { name, source })
}

fn rings(topology: &Topology, polygons: &[Vec<Arcs>]) -> Vec<Vec<Point>> {
    let rings = polygons.iter().flatten();
    rings.map(|arcs| topology.points(arcs)).collect()
}

/// A town of the base map.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Town {
    pub(super) name: String,
    pub(super) name_de: String,
    pub(super) at: [f64; 2],
    pub(super) is_capital: bool,
}

/// The towns of the base map, the most important first.
///
/// # Errors
/// The shipped file must be whole.
pub(super) fn towns() -> Result<Vec<Town>, Error> {
    let text = reference::text("labels.tsv.gz").map_err(Error::Labels)?;
    Ok(text.lines().filter_map(town).collect())
}

fn town(line: &str) -> Option<Town> {
    let fields: Vec<_> = line.split('\t').collect();
    let [name, name_de, _, lon, lat, _, capital, _] = fields[..] else {
        return None;
    };
    Some(Town {
        name: name.to_owned(),
        name_de: if name_de.is_empty() { name } else { name_de }.to_owned(),
        at: [lon.parse().ok()?, lat.parse().ok()?],
        is_capital: capital == "1",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::RegionKey;

    #[test]
    fn areas_of_every_level_are_there() {
        let count = |level| areas(level, Detail::Coarse, &|_| true).unwrap().len();
        assert_eq!(count(Level::Country), 250);
        assert_eq!(count(Level::State), 16 + 51);
        assert_eq!(count(Level::GovernmentDistrict), 19);
        assert!(count(Level::Postal) > 8_000);
        let munich = areas(Level::District, Detail::Fine, &|key| key == "09162").unwrap();
        assert_eq!(munich.len(), 1);
        let ring = &munich[0].rings[0];
        assert_eq!(ring.first(), ring.last());
    }

    #[test]
    fn small_own_regions_are_not_hidden() {
        let square = |key: &str, size: f64| OwnRegion {
            key: RegionKey::new(key),
            name: key.to_owned(),
            parent: None,
            attributes: std::collections::BTreeMap::new(),
            polygons: vec![Polygon {
                outer: [[0.0, 0.0], [size, 0.0], [size, size], [0.0, 0.0]]
                    .map(|[lon, lat]| LonLat::parse(lon, lat).unwrap())
                    .to_vec(),
                holes: Vec::new(),
            }],
        };
        let areas = own_areas(&[square("small", 1.0), square("large", 2.0)]);
        assert_eq!(areas.map_keys(), ["large", "small"]);
    }

    trait Keys {
        fn map_keys(&self) -> Vec<&str>;
    }

    impl Keys for Vec<Area> {
        fn map_keys(&self) -> Vec<&str> {
            self.iter().map(|area| area.key.as_str()).collect()
        }
    }

    #[test]
    fn the_ground_has_states_below_finer_regions_only() {
        let lines = |level| ground(level, Detail::Coarse).unwrap().state_lines.len();
        assert_eq!(lines(Some(Level::State)), 0);
        assert!(lines(Some(Level::District)) > 100);
        assert!(lines(None) > 100);
        let towns = towns().unwrap();
        assert!(
            towns
                .iter()
                .take(10)
                .any(|town| town.name == "Berlin" && town.is_capital)
        );
    }
}
