//! The shipped topologies, each read at its first use and then kept.

use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;

use super::{Detail, Rings, join};
use crate::place::Level;
use crate::spatial::topology::{Arcs, Point, Topology};

/// What a topology shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Land {
    Countries,
    Germany,
    UnitedStates,
    /// Postal codes of Germany, about a third of a kilometre exact at best.
    PostalAreas,
}

/// A topology and where in it the shape of each key is.
#[derive(Debug)]
pub(super) struct Sheet {
    topology: Topology,
    /// By the name of the object and the key.
    places: HashMap<(&'static str, String), usize>,
}

/// Those that show regions of `level`, in the order in which its keys are told.
pub(super) fn lands(level: Level) -> &'static [Land] {
    match level {
        Level::Country => &[Land::Countries],
        Level::Postal => &[Land::PostalAreas],
        Level::State | Level::District => &[Land::Germany, Land::UnitedStates],
        Level::GovernmentDistrict | Level::Municipality => &[Land::Germany],
    }
}

impl Land {
    fn name(self) -> &'static str {
        match self {
            Self::Countries => "countries",
            Self::Germany => "regions_de",
            Self::UnitedStates => "regions_us",
            Self::PostalAreas => "postal_areas_de",
        }
    }

    fn levels(self) -> &'static [Level] {
        match self {
            Self::Countries => &[Level::Country],
            Self::Germany => &[
                Level::State,
                Level::GovernmentDistrict,
                Level::District,
                Level::Municipality,
            ],
            Self::UnitedStates => &[Level::State, Level::District],
            Self::PostalAreas => &[Level::Postal],
        }
    }

    /// The sheet at `detail`, or at the finest that is shipped where that is coarser.
    pub(super) fn sheet(self, detail: Detail) -> &'static Sheet {
        static SHEETS: [[OnceLock<Sheet>; 3]; 4] = [const { [const { OnceLock::new() }; 3] }; 4];
        let detail = match self {
            Self::PostalAreas => detail.min(Detail::Medium),
            _ => detail,
        };
        SHEETS[self as usize][detail as usize].get_or_init(|| Sheet::shipped(self, detail))
    }
}

impl Sheet {
    fn shipped(land: Land, detail: Detail) -> Self {
        let name = format!("{}_{}", land.name(), detail.name());
        let topology = Topology::shipped(&name).expect("the shipped areas are read by the tests");
        let mut places = HashMap::new();
        for level in land.levels() {
            for (place, shape) in topology.shapes(level.name()).iter().enumerate() {
                places.insert((level.name(), shape.key.clone()), place);
            }
        }
        Self { topology, places }
    }

    pub(super) fn keys(&self, level: Level) -> impl Iterator<Item = &str> {
        let shapes = self.topology.shapes(level.name()).iter();
        shapes.map(|shape| shape.key.as_str())
    }

    /// The polygons of a shape as rings of arcs that run as they should.
    fn arcs(&self, level: Level, key: &str) -> Option<Vec<Vec<Arcs>>> {
        let place = self.places.get(&(level.name(), key.to_owned()))?;
        let shape = self.topology.shapes(level.name()).get(*place)?;
        let polygons = shape.polygons.iter().map(|rings| {
            let rings = rings.iter().enumerate();
            let rings = rings.map(|(index, ring)| join::turned(&self.topology, ring, index == 0));
            rings.collect()
        });
        Some(polygons.collect())
    }

    /// The polygons of a shape.
    pub(super) fn polygons(&self, level: Level, key: &str) -> Option<Vec<Rings>> {
        let polygons = self.arcs(level, key)?;
        let points = |ring: &Arcs| self.topology.points(ring);
        let polygons = polygons
            .iter()
            .map(|rings| rings.iter().map(points).collect());
        Some(polygons.collect())
    }

    /// The polygons of several shapes without the borders between them.
    pub(super) fn joined(&self, level: Level, keys: &[&str]) -> Vec<Rings> {
        let shapes = keys.iter().filter_map(|key| self.arcs(level, key));
        join::polygons(&self.topology, shapes.flatten().flatten())
    }

    /// The borders of all shapes of `level`, each once, whoever's it is.
    pub(super) fn borders(&self, level: Level) -> Vec<Vec<Point>> {
        let shapes = self.topology.shapes(level.name()).iter();
        let arcs = shapes.flat_map(|shape| shape.polygons.iter().flatten().flatten());
        let arcs: BTreeSet<i32> = arcs.map(|arc| if *arc < 0 { !arc } else { *arc }).collect();
        let lines = arcs.into_iter().map(|arc| self.topology.points(&[arc]));
        lines.collect()
    }
}
