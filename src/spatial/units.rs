//! The official units: the countries of the world, Germany down to the Gemeinde, and
//! the United States down to the county.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::place::{Bounds, BoundsError, Level, LonLat, PositionError, RegionKey};
use crate::reference;

/// Index of a unit in [`Units`]; stable within one build of the product, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitId(pub u32);

/// An official unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// Its level.
    pub level: Level,
    /// Its key, unique across all levels: `DE`, an AGS such as `09162`, or in other countries one
    /// that begins with the ISO 3166-2 code of its state, such as `US-CA-037`.
    pub key: RegionKey,
    /// The unit it belongs to; `None` for a country.
    pub parent: Option<UnitId>,
    /// Name: English for countries, below as it is called where it is.
    pub name: String,
    /// German name.
    pub name_de: String,
    /// Official kind, such as `Kreisfreie Stadt`; empty for countries.
    pub kind: String,
    /// NUTS code; empty where there is none.
    pub nuts: String,
    /// Inhabitants, where known.
    pub population: Option<u64>,
    /// Area in square kilometres, where known.
    pub area_km2: Option<f64>,
    /// The box around its area.
    pub bounds: Bounds,
    /// A point well inside its area, for its label.
    pub label: LonLat,
}

/// Every official unit that is shipped, and how they belong together.
#[derive(Debug)]
pub struct Units {
    all: Vec<Unit>,
    by_key: HashMap<RegionKey, UnitId>,
    children: Vec<Vec<UnitId>>,
}

/// Why a table of units is refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The shipped file cannot be read.
    #[error(transparent)]
    Reference(#[from] reference::Error),
    /// A row is not a unit.
    #[error("units are no table")]
    Table(#[from] csv::Error),
    /// The level is none.
    #[error("unit {key}: no level {level:?}")]
    Level {
        /// Key of the unit.
        key: RegionKey,
        /// What stands for its level.
        level: String,
    },
    /// The key stands twice, or the parent is not there.
    #[error("unit {key}: {problem}")]
    Key {
        /// Key of the unit.
        key: RegionKey,
        /// What is wrong with it.
        problem: String,
    },
    /// The box is none.
    #[error("unit {key} has no bounds")]
    Bounds {
        /// Key of the unit.
        key: RegionKey,
        /// Why not.
        source: BoundsError,
    },
    /// The label point is none.
    #[error("unit {key} has no label point")]
    Label {
        /// Key of the unit.
        key: RegionKey,
        /// Why not.
        source: PositionError,
    },
}

impl Units {
    /// The shipped units, read once at first use.
    ///
    /// # Panics
    /// Never in a build whose tests passed: they read the shipped table.
    #[must_use]
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<Units> = LazyLock::new(|| {
            reference::text("units.csv.gz")
                .map_err(Error::from)
                .and_then(|text| Units::parse(&text))
                .expect("the shipped units are read by the tests")
        });
        &SHIPPED
    }

    /// The units of a comma separated table with the heading of `units.csv.gz`, in any order.
    ///
    /// # Errors
    /// Each row must be a unit with its own key, its parent must be in the table.
    pub fn parse(table: &str) -> Result<Self, Error> {
        let rows = csv::Reader::from_reader(table.as_bytes())
            .deserialize()
            .collect::<Result<Vec<Row>, _>>()?;
        let mut by_key = HashMap::with_capacity(rows.len());
        for (id, row) in (0..).map(UnitId).zip(&rows) {
            if by_key.insert(row.key.clone(), id).is_some() {
                return Err(row.key_problem("the key stands twice"));
            }
        }
        let mut children = vec![Vec::new(); rows.len()];
        let mut units = Vec::with_capacity(rows.len());
        for (id, row) in (0..).map(UnitId).zip(rows) {
            let unit = row.into_unit(&by_key)?;
            if let Some(parent) = unit.parent {
                children[parent.0 as usize].push(id);
            }
            units.push(unit);
        }
        Ok(Self {
            all: units,
            by_key,
            children,
        })
    }

    /// Every unit with its id, in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = (UnitId, &Unit)> {
        (0..).map(UnitId).zip(&self.all)
    }

    /// The unit of an id that these units gave out.
    #[must_use]
    pub fn get(&self, id: UnitId) -> &Unit {
        &self.all[id.0 as usize]
    }

    /// The id of the unit `key`, whatever its level. O(1).
    #[must_use]
    pub fn find(&self, key: &RegionKey) -> Option<UnitId> {
        self.by_key.get(key).copied()
    }

    /// The id of the unit `key` at `level`. O(1).
    #[must_use]
    pub fn id(&self, level: Level, key: &RegionKey) -> Option<UnitId> {
        let id = self.find(key)?;
        (self.get(id).level == level).then_some(id)
    }

    /// The unit `key` at `level`. O(1).
    #[must_use]
    pub fn unit(&self, level: Level, key: &RegionKey) -> Option<&Unit> {
        self.id(level, key).map(|id| self.get(id))
    }

    /// The name of the region of a NUTS code: that of the coarsest unit that has it, or else the
    /// code itself. O(units).
    #[must_use]
    pub fn name_of_nuts(&self, code: &str) -> String {
        let named = self.all.iter().filter(|unit| unit.nuts == code);
        named
            .min_by_key(|unit| unit.level)
            .map_or_else(|| code.to_owned(), |unit| unit.name.clone())
    }

    /// The units from the country down to `id` itself.
    #[must_use]
    pub fn path(&self, id: UnitId) -> Vec<UnitId> {
        let mut path: Vec<_> = std::iter::successors(Some(id), |&id| self.get(id).parent).collect();
        path.reverse();
        path
    }

    /// The unit at `level` that `id` belongs to, itself included; `None` where its path has none.
    #[must_use]
    pub fn ancestor(&self, id: UnitId, level: Level) -> Option<UnitId> {
        std::iter::successors(Some(id), |&id| self.get(id).parent)
            .find(|&id| self.get(id).level == level)
    }

    /// The units directly below `id`, in the order of the table; empty for the finest.
    #[must_use]
    pub fn children(&self, id: UnitId) -> &[UnitId] {
        &self.children[id.0 as usize]
    }

    /// The level to drill down to from `id`: that of its children; postal codes for a country
    /// without units of its own; `None` for the finest unit.
    #[must_use]
    pub fn child_level(&self, id: UnitId) -> Option<Level> {
        match self.children(id).first() {
            Some(&child) => Some(self.get(child).level),
            None if self.get(id).level == Level::Country => Some(Level::Postal),
            None => None,
        }
    }
}

/// A row of the table.
#[derive(Deserialize)]
struct Row {
    level: String,
    key: RegionKey,
    parent: String,
    name: String,
    name_de: String,
    kind: String,
    nuts: String,
    population: Option<u64>,
    area_km2: Option<f64>,
    min_lon: f64,
    min_lat: f64,
    max_lon: f64,
    max_lat: f64,
    label_lon: f64,
    label_lat: f64,
}

impl Row {
    fn into_unit(self, by_key: &HashMap<RegionKey, UnitId>) -> Result<Unit, Error> {
        let key = || self.key.clone();
        let Some(level) = Level::parse(&self.level) else {
            let level = self.level.clone();
            return Err(Error::Level { key: key(), level });
        };
        let parent = by_key.get(&RegionKey::new(self.parent.as_str())).copied();
        if parent.is_none() != (level == Level::Country) {
            return Err(self.key_problem(&format!("no place under {:?}", self.parent)));
        }
        let bounds = [self.min_lon, self.min_lat, self.max_lon, self.max_lat];
        let bounds =
            Bounds::try_from(bounds).map_err(|source| Error::Bounds { key: key(), source })?;
        let label = LonLat::parse(self.label_lon, self.label_lat)
            .map_err(|source| Error::Label { key: key(), source })?;
        let name_de = if self.name_de.is_empty() {
            self.name.clone()
        } else {
            self.name_de
        };
        Ok(Unit {
            level,
            key: self.key,
            parent,
            name: self.name,
            name_de,
            kind: self.kind,
            nuts: self.nuts,
            population: self.population,
            area_km2: self.area_km2,
            bounds,
            label,
        })
    }

    fn key_problem(&self, problem: &str) -> Error {
        Error::Key {
            key: self.key.clone(),
            problem: problem.to_owned(),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const HEADING: &str = "level,key,parent,name,name_de,kind,nuts,population,area_km2,\
        min_lon,min_lat,max_lon,max_lat,label_lon,label_lat\n";

    const ROWS: &str = "country,DE,,Germany,Deutschland,,DE,83019213,,5,47,16,56,10,51\n\
        country,FR,,France,Frankreich,,,,,-5,42,9,51,2,47\n\
        state,09,DE,Bayern,,Land,DE2,,,9,47,14,51,11,49\n\
        government_district,091,09,Oberbayern,,Regierungsbezirk,DE21,,,11,47,13,49,12,48\n\
        district,09162,091,München,,Kreisfreie Stadt,DE212,1471508,310.7,11,48,12,49,11.5,48.1\n\
        municipality,09162000,09162,München,,Landeshauptstadt,,,,11,48,12,49,11.5,48.1\n";

    fn key_at(units: &Units, level: Level, key: &str) -> UnitId {
        units.id(level, &RegionKey::new(key)).unwrap()
    }

    #[test]
    fn units_know_their_family() {
        let units = Units::parse(&[HEADING, ROWS].concat()).unwrap();
        let munich = key_at(&units, Level::Municipality, "09162000");
        let path: Vec<_> = units
            .path(munich)
            .into_iter()
            .map(|id| units.get(id))
            .collect();
        let keys: Vec<_> = path.iter().map(|unit| unit.key.as_str()).collect();
        assert_eq!(keys, ["DE", "09", "091", "09162", "09162000"]);
        assert_eq!(path[0].name_de, "Deutschland");
        assert_eq!(path[3].name_de, "München");
        assert_eq!(path[3].population, Some(1_471_508));
        let child_levels: Vec<_> = units
            .path(munich)
            .into_iter()
            .map(|id| units.child_level(id))
            .collect();
        assert_eq!(
            child_levels,
            [
                Some(Level::State),
                Some(Level::GovernmentDistrict),
                Some(Level::District),
                Some(Level::Municipality),
                None
            ]
        );
        let france = key_at(&units, Level::Country, "FR");
        assert_eq!(units.child_level(france), Some(Level::Postal));
        assert_eq!(
            units.ancestor(munich, Level::State),
            Some(key_at(&units, Level::State, "09"))
        );
        assert!(units.unit(Level::State, &RegionKey::new("DE")).is_none());
    }

    #[track_caller]
    fn check_path(key: &str, expected: &[(&str, &str)]) {
        let units = Units::shipped();
        let id = units.find(&RegionKey::new(key)).unwrap();
        let told = |&id: &UnitId| (units.get(id).level.name(), units.get(id).name_de.as_str());
        let path: Vec<_> = units.path(id).iter().map(told).collect();
        assert_eq!(path, expected);
        for pair in units.path(id).windows(2) {
            assert_eq!(
                units.child_level(pair[0]),
                Some(units.get(pair[1]).level),
                "{key}"
            );
        }
        assert_eq!(units.child_level(id), None, "{key}");
    }

    #[test]
    fn countries_go_as_deep_as_they_do() {
        check_path(
            "04011000",
            &[
                ("country", "Deutschland"),
                ("state", "Bremen"),
                ("district", "Bremen"),
                ("municipality", "Bremen"),
            ],
        );
        check_path(
            "US-CA-037",
            &[
                ("country", "Vereinigte Staaten"),
                ("state", "California"),
                ("district", "Los Angeles"),
            ],
        );
        check_path(
            "US-DC-001",
            &[
                ("country", "Vereinigte Staaten"),
                ("state", "District of Columbia"),
                ("district", "District of Columbia"),
            ],
        );
    }

    #[test]
    fn children_of_a_unit_are_of_one_level_and_lie_in_its_box() {
        let units = Units::shipped();
        for (id, unit) in units.iter() {
            for &child in units.children(id) {
                let child = units.get(child);
                assert_eq!(units.child_level(id), Some(child.level), "{}", child.key);
                assert!(unit.bounds.contains(child.label), "{}", child.key);
            }
        }
    }

    #[track_caller]
    fn check_refused(row: &str, message: &str) {
        let error = Units::parse(&[HEADING, ROWS, row].concat()).unwrap_err();
        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn broken_tables_are_refused() {
        check_refused(
            "kreis,1,DE,a,,,,,,1,1,2,2,1,1\n",
            "unit 1: no level \"kreis\"",
        );
        check_refused(
            "state,09,DE,a,,,,,,1,1,2,2,1,1\n",
            "unit 09: the key stands twice",
        );
        check_refused(
            "state,08,XX,a,,,,,,1,1,2,2,1,1\n",
            "unit 08: no place under \"XX\"",
        );
        check_refused("state,08,DE,a,,,,,,3,1,2,2,1,1\n", "unit 08 has no bounds");
        check_refused(
            "state,08,DE,a,,,,,,1,1,2,2,1,99\n",
            "unit 08 has no label point",
        );
        check_refused("state,08\n", "units are no table");
    }
}
