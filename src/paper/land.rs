//! What is drawn: the areas of regions, and the land, waters and towns around them, in degrees.

use super::Error;
use crate::place::{Level, LonLat};
use crate::record::region::{OwnRegion, Polygon};
use crate::reference;
use crate::spatial::outline::{self, Detail, Kind, Rings};
use crate::spatial::topology::{Arcs, PER_DEGREE, Point, Topology, fixed};

/// The area of a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) key: String,
    /// Rings, closed; a place lies inside where it lies inside an odd number of them.
    pub(super) rings: Rings,
}

impl Area {
    /// A place inside, in degrees: on the parallel through the middle of the largest ring, in the
    /// middle of the longest stretch that lies inside.
    pub(super) fn inside(&self) -> [f64; 2] {
        let boxes = self.rings.iter().map(|ring| edges(ring));
        let size = |[west, south, east, north]: &[f64; 4]| (east - west) * (north - south);
        let largest = boxes.max_by(|a, b| size(a).total_cmp(&size(b)));
        let [west, south, east, north] = largest.unwrap_or_default();
        let lat = f64::midpoint(south, north);
        let sides = self.rings.iter().flat_map(|ring| ring.windows(2));
        let mut crossings: Vec<f64> = sides.filter_map(|ends| crossing(ends, lat)).collect();
        crossings.sort_by(f64::total_cmp);
        let stretches = crossings.chunks_exact(2);
        let longest = stretches.max_by(|a, b| (a[1] - a[0]).total_cmp(&(b[1] - b[0])));
        let [from, to] = longest.map_or([west, east], |ends| [ends[0], ends[1]]);
        [f64::midpoint(from, to), lat].map(|fixed| fixed / PER_DEGREE)
    }
}

/// West, south, east and north of a ring, in its units.
fn edges(ring: &[Point]) -> [f64; 4] {
    let none = [
        f64::INFINITY,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NEG_INFINITY,
    ];
    let points = ring.iter().map(|point| point.map(f64::from));
    points.fold(none, |[west, south, east, north], [lon, lat]| {
        [west.min(lon), south.min(lat), east.max(lon), north.max(lat)]
    })
}

/// Where a side crosses a parallel.
fn crossing(ends: &[Point], lat: f64) -> Option<f64> {
    let [[a, b], [c, d]] = [ends[0], ends[1]].map(|point| point.map(f64::from));
    ((b > lat) != (d > lat)).then(|| a + (lat - b) / (d - b) * (c - a))
}

/// The detail whose points can just be told apart where a point of type (1/72 inch) is so many
/// metres.
pub(super) fn detail_of(metres_per_point: f64) -> Detail {
    match metres_per_point {
        ..500.0 => Detail::Fine,
        500.0..4_000.0 => Detail::Medium,
        _ => Detail::Coarse,
    }
}

/// The areas of those regions of `kind` with `keys` that have one.
pub(super) fn areas(kind: Kind, detail: Detail, keys: &[&str]) -> Vec<Area> {
    let area = |key: &&str| {
        Some(Area {
            key: (*key).to_owned(),
            rings: outline::rings(kind, key, detail)?,
        })
    };
    keys.iter().filter_map(area).collect()
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
    let rings: Rings = rings.collect();
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

/// The ground at `detail`, with the borders of states where the regions of `kind` are finer than
/// these, or a company's own.
///
/// # Errors
/// The shipped files must be whole.
pub(super) fn ground(kind: Option<Kind>, detail: Detail) -> Result<Ground, Error> {
    let name = format!("base_{}", detail.min(Detail::Medium).name());
    let base = Topology::shipped(&name).map_err(|source| Error::Shapes { name, source })?;
    let lakes = base.shapes("lakes").iter().map(|shape| Area {
        key: String::new(),
        rings: rings(&base, &shape.polygons),
    });
    let countries = Kind::Region(Level::Country);
    let is_coarse = matches!(
        kind,
        Some(Kind::Region(Level::Country | Level::State) | Kind::Nuts(1))
    );
    Ok(Ground {
        land: areas(countries, detail, &outline::keys(countries)),
        lakes: lakes.collect(),
        state_lines: if is_coarse {
            Vec::new()
        } else {
            outline::borders(Level::State, detail)
        },
    })
}

fn rings(topology: &Topology, polygons: &[Vec<Arcs>]) -> Rings {
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
        let all = |kind| areas(kind, Detail::Coarse, &outline::keys(kind));
        assert_eq!(all(Kind::Region(Level::State)).len(), 16 + 51);
        assert_eq!(all(Kind::Nuts(2)).len(), 38);
        assert_eq!(all(Kind::PostalDigits(1)).len(), 10);
        let hexagons = ["841f8ddffffffff", "unassigned"];
        assert_eq!(areas(Kind::Hexagon, Detail::Coarse, &hexagons).len(), 1);
    }

    #[test]
    fn a_name_stands_in_its_region() {
        let brandenburg = areas(Kind::Nuts(1), Detail::Coarse, &["DE4"]).remove(0);
        let [lon, lat] = brandenburg.inside();
        let polygon = crate::spatial::polygon::Polygon::new(&brandenburg.rings);
        assert!(polygon.contains([fixed(lon), fixed(lat)]), "{lon} {lat}");
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
        let lines = |kind| ground(kind, Detail::Coarse).unwrap().state_lines.len();
        assert_eq!(lines(Some(Kind::Region(Level::State))), 0);
        assert!(lines(Some(Kind::Nuts(3))) > 100);
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
