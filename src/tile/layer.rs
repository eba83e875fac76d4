//! The layers that tiles are made of.

use std::fmt;

use serde_json::{Value, json};

use crate::place::{Bounds, Level, OwnLevel};
use crate::tile::MAX_ZOOM;

/// A layer with tiles of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// The regions of a level.
    Regions(Level),
    /// The regions of a hierarchy of a company's own.
    Own(OwnLevel),
    /// The sites of accounts.
    Sites,
    /// Lakes, rivers, borders and labels below everything else.
    Base,
    /// Streets and houses of a file that the user named.
    Streets,
}

impl Layer {
    /// Every layer that there always is, regions coarse to fine first.
    pub fn all() -> impl Iterator<Item = Self> {
        let regions = Level::ALL.into_iter().map(Self::Regions);
        let own = OwnLevel::ALL.into_iter().map(Self::Own);
        regions.chain(own).chain([Self::Sites, Self::Base])
    }

    /// The word of the layer in addresses: that of the level, `own-1` to `own-4`, `sites`,
    /// `base` or `streets`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Regions(level) => level.name(),
            Self::Own(OwnLevel::First) => "own-1",
            Self::Own(OwnLevel::Second) => "own-2",
            Self::Own(OwnLevel::Third) => "own-3",
            Self::Own(OwnLevel::Fourth) => "own-4",
            Self::Sites => "sites",
            Self::Base => "base",
            Self::Streets => "streets",
        }
    }

    /// The layer of that word; `None` for any other word.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let mut known = Self::all().chain([Self::Streets]);
        known.find(|layer| layer.name() == name)
    }

    /// The least zoom for which tiles are made: farther away, the units of the level would be
    /// specks, and a tile of them larger than half a megabyte.
    #[must_use]
    pub fn min_zoom(self) -> u8 {
        match self {
            Self::Regions(Level::Municipality) => 5,
            Self::Regions(Level::Postal) => 4,
            _ => 0,
        }
    }

    /// The `TileJSON` 3.0.0 of the layer. `tiles` is the address with `{z}`, `{x}` and `{y}`,
    /// `bounds` the box outside of which there is nothing.
    #[must_use]
    pub fn describe(self, tiles: &str, bounds: Bounds, attribution: &str) -> Value {
        let vector_layers: Vec<_> = self
            .vector_layers()
            .iter()
            .map(|(id, fields)| {
                let fields: serde_json::Map<_, _> = fields
                    .iter()
                    .map(|(name, kind)| ((*name).to_owned(), json!(kind)))
                    .collect();
                json!({
                    "id": id,
                    "fields": fields,
                    "minzoom": self.min_zoom(),
                    "maxzoom": MAX_ZOOM,
                })
            })
            .collect();
        json!({
            "tilejson": "3.0.0",
            "name": self.name(),
            "tiles": [tiles],
            "vector_layers": vector_layers,
            "minzoom": self.min_zoom(),
            "maxzoom": MAX_ZOOM,
            "bounds": <[f64; 4]>::from(bounds),
            "attribution": attribution,
        })
    }

    /// The MVT layers in a tile, each with its properties and their types.
    fn vector_layers(self) -> &'static [(&'static str, &'static [(&'static str, &'static str)])] {
        const REGION: &[(&str, &str)] = &[("key", "String"), ("name", "String")];
        match self {
            Self::Regions(Level::Country) => &[(
                "country",
                &[("key", "String"), ("name", "String"), ("name_de", "String")],
            )],
            Self::Regions(Level::State) => &[("state", REGION)],
            Self::Regions(Level::GovernmentDistrict) => &[("government_district", REGION)],
            Self::Regions(Level::District) => &[("district", REGION)],
            Self::Regions(Level::Municipality) => &[("municipality", REGION)],
            Self::Regions(Level::Postal) => &[("postal", REGION)],
            Self::Own(OwnLevel::First) => &[("own-1", REGION)],
            Self::Own(OwnLevel::Second) => &[("own-2", REGION)],
            Self::Own(OwnLevel::Third) => &[("own-3", REGION)],
            Self::Own(OwnLevel::Fourth) => &[("own-4", REGION)],
            Self::Sites => &[(
                "sites",
                &[
                    ("count", "Number"),
                    ("house", "Number"),
                    ("street", "Number"),
                    ("postal", "Number"),
                    ("place", "Number"),
                    ("region", "Number"),
                    ("key", "String"),
                    ("name", "String"),
                    ("precision", "String"),
                ],
            )],
            // They stand in the file.
            Self::Streets => &[],
            Self::Base => &[
                ("lakes", &[("name", "String")]),
                ("rivers", &[("name", "String")]),
                ("state_lines", &[("name", "String")]),
                (
                    "places",
                    &[
                        ("name", "String"),
                        ("name_de", "String"),
                        ("population", "Number"),
                        ("capital", "Number"),
                        ("min_zoom", "Number"),
                    ],
                ),
            ],
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layer_names_come_back() {
        for layer in Layer::all() {
            assert_eq!(Layer::parse(layer.name()), Some(layer));
        }
        assert_eq!(Layer::parse("streets"), Some(Layer::Streets));
        assert_eq!(Layer::parse("roads"), None);
    }

    #[test]
    fn a_layer_describes_itself() {
        let bounds = Bounds::try_from([5.0, 47.0, 16.0, 56.0]).unwrap();
        let json = Layer::Regions(Level::Postal).describe("/t/{z}/{x}/{y}.mvt", bounds, "©");
        let expected = json!({
            "tilejson": "3.0.0",
            "name": "postal",
            "tiles": ["/t/{z}/{x}/{y}.mvt"],
            "vector_layers": [{
                "id": "postal",
                "fields": {"key": "String", "name": "String"},
                "minzoom": 4,
                "maxzoom": 14,
            }],
            "minzoom": 4,
            "maxzoom": 14,
            "bounds": [5.0, 47.0, 16.0, 56.0],
            "attribution": "©",
        });
        assert_eq!(json, expected);
    }
}
