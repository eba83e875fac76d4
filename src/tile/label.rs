//! Places of the base map that are labelled.

use fast_mvt::{MvtGeomType, MvtLayerBuilder};

use crate::tile::morton::Curve;
use crate::tile::shape::coord;
use crate::tile::world::{Frame, project_degrees};
use crate::tile::{Error, TileId};

/// A place with a label.
#[derive(Debug)]
struct Label {
    name: String,
    name_de: String,
    population: u64,
    is_capital: bool,
    min_zoom: u8,
}

/// Every place with a label.
#[derive(Debug)]
pub struct Labels {
    curve: Curve<Label>,
}

impl Labels {
    /// The places of tab separated lines without a heading:
    /// `name name_de population lon lat country capital min_zoom`. Lines that are none are left
    /// out.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self {
            curve: Curve::new(text.lines().filter_map(label)),
        }
    }

    /// How many places there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.curve.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.curve.is_empty()
    }

    /// The MVT layer `name` of `tile`: the places whose least zoom is reached, each in the one
    /// tile that contains it, the most populous first; `None` when there are none.
    ///
    /// # Errors
    /// The encoder must take the features.
    pub fn encode(&self, name: &str, tile: TileId) -> Result<Option<Vec<u8>>, Error> {
        let stops = self.curve.within(tile).iter();
        let mut shown: Vec<_> = stops
            .filter(|stop| stop.value.min_zoom <= tile.z())
            .collect();
        if shown.is_empty() {
            return Ok(None);
        }
        shown.sort_by_key(|stop| std::cmp::Reverse(stop.value.population));
        let frame = Frame::of(tile);
        let mut layer = MvtLayerBuilder::new(name)?;
        for stop in shown {
            let label = &stop.value;
            let mut feature = layer.feature_of(MvtGeomType::Point);
            feature.points([coord(frame.point(stop.at))])?;
            feature.tag_string("name", label.name.as_str())?;
            feature.tag_string("name_de", label.name_de.as_str())?;
            feature.tag_uint("population", label.population)?;
            feature.tag_uint("capital", u64::from(label.is_capital))?;
            feature.tag_uint("min_zoom", u64::from(label.min_zoom))?;
            layer = feature.end();
        }
        Ok(Some(layer.encode()))
    }
}

fn label(line: &str) -> Option<([u32; 2], Label)> {
    let fields: Vec<_> = line.split('\t').collect();
    let [name, name_de, population, lon, lat, _, capital, min_zoom] = fields[..] else {
        return None;
    };
    let name_de = if name_de.is_empty() { name } else { name_de };
    let label = Label {
        name: name.to_owned(),
        name_de: name_de.to_owned(),
        population: population.parse().unwrap_or(0),
        is_capital: capital == "1",
        min_zoom: min_zoom.parse().ok()?,
    };
    Some((project_degrees(lon.parse().ok()?, lat.parse().ok()?), label))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tile::tests::{decode, property};

    const TEXT: &str = "Munich\tMünchen\t1500000\t11.57\t48.14\tDE\t0\t4\n\
        Berlin\t\t3400000\t13.4\t52.5\tDE\t1\t3\nno label\n\
        Freising\t\t50000\t11.75\t48.4\tDE\t0\t8\n";

    #[track_caller]
    fn check(z: u8, x: u32, y: u32, expected: &[&str]) {
        let tile = TileId::parse(z, x, y).unwrap();
        let bytes = Labels::parse(TEXT).encode("places", tile).unwrap();
        let features = bytes.map_or(Vec::new(), |bytes| decode(&bytes, "places"));
        let tell = |feature| {
            ["name_de", "capital"]
                .map(|key| property(feature, key))
                .join(" ")
        };
        assert_eq!(features.iter().map(tell).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn labels_appear_with_their_zoom() {
        check(0, 0, 0, &[]);
        check(3, 4, 2, &["Berlin 1"]);
        check(4, 8, 5, &["Berlin 1", "München 0"]);
        check(8, 136, 88, &["München 0", "Freising 0"]);
        check(8, 0, 0, &[]);
    }
}
