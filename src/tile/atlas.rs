//! The tiles of regions and of the base map, each detail read when it is first looked at.

use std::sync::OnceLock;

use crate::place::{Bounds, Level, LonLat, RegionKey};
use crate::reference;
use crate::spatial::topology::{self, Topology};
use crate::spatial::units::Units;
use crate::tile::label::Labels;
use crate::tile::layer::Layer;
use crate::tile::shape::Shapes;
use crate::tile::{Error, TileId};

/// Where the atlas gets its shapes from.
#[derive(Debug, Clone, Copy)]
pub struct Source {
    /// The topology of a name such as `regions_de_fine`.
    pub topology: fn(&str) -> Result<Topology, topology::Error>,
    /// The text of a file such as `labels.tsv.gz`.
    pub text: fn(&str) -> Result<String, reference::Error>,
    /// The units that give regions their names.
    pub units: fn() -> &'static Units,
}

impl Source {
    /// The shipped reference data.
    pub const SHIPPED: Self = Self {
        topology: Topology::shipped,
        text: reference::text,
        units: Units::shipped,
    };
}

/// How exactly shapes are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// Up to zoom 5.
    Coarse,
    /// Zoom 6 to 8, and deeper where there is no finer one.
    Medium,
    /// From zoom 9.
    Fine,
}

/// Topologies that are drawn as one, and the objects in them.
#[derive(Debug)]
struct Sheet {
    names: &'static [&'static str],
    objects: &'static [&'static str],
    /// By detail, coarse to fine.
    shapes: [OnceLock<Vec<Shapes>>; 3],
    finest: Detail,
}

/// The levels of the topologies of regions: that of Germany holds all, others hold some.
const REGIONS: &[&str] = &["state", "government_district", "district", "municipality"];

/// Every shipped shape and label.
#[derive(Debug)]
pub struct Atlas {
    source: Source,
    regions: Sheet,
    countries: Sheet,
    postal: Sheet,
    base: Sheet,
    labels: OnceLock<Labels>,
}

impl Atlas {
    /// The atlas of `source`. Reads nothing yet.
    #[must_use]
    pub fn new(source: Source) -> Self {
        let sheet = |names, objects, finest| Sheet {
            names,
            objects,
            shapes: [const { OnceLock::new() }; 3],
            finest,
        };
        Self {
            source,
            regions: sheet(&["regions_de", "regions_us"], REGIONS, Detail::Fine),
            countries: sheet(&["countries"], &["country"], Detail::Fine),
            postal: sheet(&["postal_areas_de"], &["postal"], Detail::Medium),
            base: sheet(
                &["base"],
                &["lakes", "rivers", "state_lines"],
                Detail::Medium,
            ),
            labels: OnceLock::new(),
        }
    }

    /// The tile of `layer`; `None` when nothing is in it, as always for [`Layer::Sites`],
    /// [`Layer::Own`] and [`Layer::Streets`], which are not in the atlas.
    ///
    /// The first tile of a detail takes as long as reading it, up to half a second.
    ///
    /// # Errors
    /// The source must have the shapes.
    pub fn encode(&self, layer: Layer, tile: TileId) -> Result<Option<Vec<u8>>, Error> {
        if tile.z() < layer.min_zoom() {
            return Ok(None);
        }
        match layer {
            Layer::Regions(Level::Country) => self.sheet_tile(&self.countries, layer, tile),
            Layer::Regions(Level::Postal) => self.sheet_tile(&self.postal, layer, tile),
            Layer::Regions(_) => self.sheet_tile(&self.regions, layer, tile),
            Layer::Base => self.base_tile(tile),
            Layer::Own(_) | Layer::Sites | Layer::Streets => Ok(None),
        }
    }

    /// The key of each postal area, with a point inside it.
    ///
    /// # Errors
    /// The source must have the shapes.
    pub fn postal_anchors(&self) -> Result<impl Iterator<Item = (&str, LonLat)>, Error> {
        let shapes = self.shapes(&self.postal, Detail::Coarse)?;
        Ok(shapes.iter().flat_map(Shapes::anchors))
    }

    /// The box of all that `layer` shows; the world for layers that are not of Germany alone.
    #[must_use]
    pub fn bounds(&self, layer: Layer) -> Bounds {
        let germany = (self.source.units)().unit(Level::Country, &RegionKey::new("DE"));
        let is_german = matches!(
            layer,
            Layer::Regions(Level::GovernmentDistrict | Level::Municipality | Level::Postal)
        );
        match germany {
            Some(unit) if is_german => unit.bounds,
            _ => TileId { z: 0, x: 0, y: 0 }.bounds(),
        }
    }

    fn sheet_tile(
        &self,
        sheet: &Sheet,
        layer: Layer,
        tile: TileId,
    ) -> Result<Option<Vec<u8>>, Error> {
        let index = sheet
            .objects
            .iter()
            .position(|object| *object == layer.name());
        let shapes = self.shapes(sheet, Detail::at(tile.z()))?;
        match index.and_then(|index| shapes.get(index)) {
            Some(shapes) => shapes.encode(layer.name(), tile),
            None => Ok(None),
        }
    }

    /// Layers of a tile may simply follow each other.
    fn base_tile(&self, tile: TileId) -> Result<Option<Vec<u8>>, Error> {
        let mut bytes = Vec::new();
        let shapes = self.shapes(&self.base, Detail::at(tile.z()))?;
        for (object, shapes) in self.base.objects.iter().zip(shapes) {
            bytes.extend(shapes.encode(object, tile)?.unwrap_or_default());
        }
        bytes.extend(self.labels()?.encode("places", tile)?.unwrap_or_default());
        Ok((!bytes.is_empty()).then_some(bytes))
    }

    fn shapes<'a>(&self, sheet: &'a Sheet, detail: Detail) -> Result<&'a [Shapes], Error> {
        let detail = if detail as usize > sheet.finest as usize {
            sheet.finest
        } else {
            detail
        };
        let slot = &sheet.shapes[detail as usize];
        if let Some(shapes) = slot.get() {
            return Ok(shapes);
        }
        let topologies = sheet.names.iter().map(|name| {
            let name = format!("{name}_{}", detail.name());
            (self.source.topology)(&name).map_err(|source| Error::Shapes { name, source })
        });
        let topologies = topologies.collect::<Result<Vec<_>, _>>()?;
        let read = |object: &&str| {
            Shapes::new(&topologies, object, |key, name| self.properties(key, name))
        };
        // Two who come at once both read; the first one's are kept.
        Ok(slot.get_or_init(|| sheet.objects.iter().map(read).collect()))
    }

    /// Key and name of a region; the German name where it is another one. A postal area is
    /// called by its code.
    fn properties(&self, key: &str, name: &str) -> Vec<(&'static str, String)> {
        let units = (self.source.units)();
        let unit = units.find(&RegionKey::new(key)).map(|id| units.get(id));
        let name = match (unit, key.split_once('-')) {
            (Some(unit), _) => unit.name.clone(),
            (None, Some((_, code))) => code.to_owned(),
            (None, None) => name.to_owned(),
        };
        let name_de = unit.map_or(String::new(), |unit| unit.name_de.clone());
        let name_de = if name_de == name {
            String::new()
        } else {
            name_de
        };
        vec![
            ("key", key.to_owned()),
            ("name", name),
            ("name_de", name_de),
        ]
    }

    fn labels(&self) -> Result<&Labels, Error> {
        if let Some(labels) = self.labels.get() {
            return Ok(labels);
        }
        let text = (self.source.text)("labels.tsv.gz").map_err(Error::Labels)?;
        Ok(self.labels.get_or_init(|| Labels::parse(&text)))
    }
}

impl Detail {
    fn at(zoom: u8) -> Self {
        match zoom {
            0..=5 => Self::Coarse,
            6..=8 => Self::Medium,
            _ => Self::Fine,
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::tile::tests::{area_2, decode, property};

    fn tile(atlas: &Atlas, layer: Layer, z: u8, x: u32, y: u32) -> Vec<fast_mvt::MvtFeature> {
        let bytes = atlas
            .encode(layer, TileId::parse(z, x, y).unwrap())
            .unwrap();
        bytes.map_or(Vec::new(), |bytes| decode(&bytes, layer.name()))
    }

    const GERMANY: [f64; 4] = [5.8, 47.2, 15.1, 55.1];
    const COLORADO: [f64; 4] = [-109.1, 36.9, -102.0, 41.1];

    /// The tiles that touch the box from west and south to east and north.
    fn tiles(z: u8, [west, south, east, north]: [f64; 4]) -> impl Iterator<Item = (u32, u32)> {
        let corner = |lon, lat| {
            crate::tile::world::project_degrees(lon, lat).map(|n| n >> (32 - u32::from(z)))
        };
        let ([west, north], [east, south]) = (corner(west, north), corner(east, south));
        (west..=east).flat_map(move |x| (north..=south).map(move |y| (x, y)))
    }

    #[test]
    fn finer_units_fill_coarser_ones_in_every_tile() {
        let atlas = Atlas::new(Source::SHIPPED);
        for (x, y) in tiles(7, GERMANY) {
            let area_2 = |level| {
                let features = tile(&atlas, Layer::Regions(level), 7, x, y);
                features.iter().map(area_2).sum::<i64>()
            };
            let states = area_2(Level::State);
            let slack = states / 10_000 + 8;
            let country = tile(&atlas, Layer::Regions(Level::Country), 7, x, y);
            let germany = country.iter().filter(|unit| property(unit, "key") == "DE");
            let germany = germany.map(crate::tile::tests::area_2).sum::<i64>();
            // The outline of the country leaves out islets.
            assert!(
                (germany - states).abs() <= states / 500 + 300,
                "7/{x}/{y}: {germany}, {states}"
            );
            for level in [Level::District, Level::Municipality] {
                let sum = area_2(level);
                assert!(
                    (sum - states).abs() <= slack,
                    "7/{x}/{y} {level}: {sum}, {states}"
                );
            }
        }
    }

    #[test]
    fn counties_fill_their_states_in_every_tile() {
        let atlas = Atlas::new(Source::SHIPPED);
        for (x, y) in tiles(6, COLORADO) {
            let area_2 = |level| {
                let features = tile(&atlas, Layer::Regions(level), 6, x, y);
                features.iter().map(area_2).sum::<i64>()
            };
            let states = area_2(Level::State);
            assert!(states > 0, "6/{x}/{y}");
            let sum = area_2(Level::District);
            assert!(
                (sum - states).abs() <= states / 10_000 + 8,
                "6/{x}/{y}: {sum}, {states}"
            );
            assert!(tile(&atlas, Layer::Regions(Level::Municipality), 6, x, y).is_empty());
        }
    }

    #[test]
    fn every_unit_is_drawn_at_every_detail() {
        const WORLD: [f64; 4] = [-180.0, -85.0, 179.9, 85.0];
        let atlas = Atlas::new(Source::SHIPPED);
        let units = Units::shipped();
        for (level, z, within) in [
            (Level::State, 5, WORLD),
            (Level::GovernmentDistrict, 5, GERMANY),
            (Level::District, 5, WORLD),
            (Level::District, 7, WORLD),
            (Level::Municipality, 5, GERMANY),
            (Level::Municipality, 7, GERMANY),
        ] {
            let tiles =
                tiles(z, within).flat_map(|(x, y)| tile(&atlas, Layer::Regions(level), z, x, y));
            let drawn: HashSet<_> = tiles.map(|feature| property(&feature, "key")).collect();
            let known = units.iter().filter(|(_, unit)| unit.level == level);
            let missing: Vec<_> = known
                .map(|(_, unit)| unit.key.to_string())
                .filter(|key| !drawn.contains(key))
                .collect();
            assert!(missing.is_empty(), "{level} at zoom {z}: {missing:?}");
        }
    }

    #[test]
    fn features_tell_their_names() {
        let atlas = Atlas::new(Source::SHIPPED);
        let names = |level, z, x, y| {
            let features = tile(&atlas, Layer::Regions(level), z, x, y);
            let tell = |feature| {
                ["key", "name", "name_de"]
                    .map(|key| property(feature, key))
                    .join(" ")
            };
            features.iter().map(tell).collect::<Vec<_>>()
        };
        let munich = (10, 544, 355);
        let has =
            |names: Vec<String>, name: &str| assert!(names.iter().any(|n| n == name), "{names:?}");
        has(
            names(Level::Country, munich.0, munich.1, munich.2),
            "DE Germany Deutschland",
        );
        has(
            names(Level::District, munich.0, munich.1, munich.2),
            "09162 München -",
        );
        has(names(Level::District, 5, 5, 12), "US-CA-037 Los Angeles -");
        has(
            names(Level::Postal, munich.0, munich.1, munich.2),
            "DE-80331 80331 -",
        );
        assert!(names(Level::Municipality, 4, 8, 5).is_empty());
    }

    #[test]
    fn the_base_map_has_its_layers() {
        let atlas = Atlas::new(Source::SHIPPED);
        let bytes = atlas
            .encode(Layer::Base, TileId::parse(7, 67, 44).unwrap())
            .unwrap()
            .unwrap();
        for name in ["lakes", "rivers", "state_lines", "places"] {
            assert!(!decode(&bytes, name).is_empty(), "{name}");
        }
        assert!(
            atlas
                .bounds(Layer::Base)
                .contains(atlas.bounds(Layer::Regions(Level::State)).min)
        );
    }

    #[test]
    fn a_source_without_shapes_is_an_error() {
        let atlas = Atlas::new(Source {
            topology: |_| Topology::shipped("nowhere"),
            ..Source::SHIPPED
        });
        let error = atlas
            .encode(Layer::Base, TileId::parse(0, 0, 0).unwrap())
            .unwrap_err();
        assert_eq!(error.to_string(), "the shapes base_coarse cannot be read");
    }
}
