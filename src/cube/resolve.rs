//! From keys, names and shapes to the member numbers of one warehouse.

use super::level::CubeLevel;
use super::question::Shape;
use super::{Error, UNASSIGNED};
use crate::place::{Bounds, Level, LonLat, RegionKey};
use crate::spatial::units::Units;
use crate::warehouse::{Dictionary, Warehouse};
use crate::word;

/// The numbers of `keys`; right keys of which there is no line have none.
pub(super) fn numbers_of(
    warehouse: &Warehouse,
    level: CubeLevel,
    keys: &[String],
) -> Result<Vec<i64>, Error> {
    level.require(warehouse)?;
    let mut numbers = keys
        .iter()
        .map(|key| number_of(warehouse, level, key))
        .filter_map(Result::transpose)
        .collect::<Result<Vec<_>, _>>()?;
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers)
}

/// The member number of `key`; `None` for a right key of which there is no line.
pub(super) fn number_of(
    warehouse: &Warehouse,
    level: CubeLevel,
    key: &str,
) -> Result<Option<i64>, Error> {
    if let CubeLevel::Time(step) = level {
        return Ok(step.number(key));
    }
    if key == UNASSIGNED {
        return Ok(Some(0));
    }
    let Some(column) = level.member_column() else {
        return hexagon_of(level, key).map(Some);
    };
    let dictionary = warehouse.dictionary(column)?;
    let number = dictionary.number(key);
    if number.is_some() || exists(level, key) {
        return Ok(number);
    }
    Err(Error::UnknownKey {
        level: level.id(),
        key: word::shortened(key),
        suggestions: suggestions(dictionary, key),
    })
}

/// The numbers of the members whose name or key contains `text`, in any case.
pub(super) fn numbers_with_text(
    warehouse: &Warehouse,
    level: CubeLevel,
    text: &str,
) -> Result<Vec<i64>, Error> {
    level.require(warehouse)?;
    let Some(column) = level.member_column() else {
        return Ok(Vec::new());
    };
    let text = text.trim().to_lowercase();
    let has = |word: &str| word.to_lowercase().contains(&text);
    let members = (1..).zip(warehouse.dictionary(column)?.members());
    Ok(members
        .filter(|(_, member)| has(member.name) || has(member.key))
        .map(|(number, _)| number)
        .collect())
}

/// The numbers of the accounts that lie in `shape`, its edge included for circles.
pub(super) fn accounts_within(warehouse: &Warehouse, shape: &Shape) -> Result<Vec<i64>, Error> {
    let is_inside: Box<dyn Fn(LonLat) -> bool> = match shape {
        Shape::Circle(center, radius_m) => {
            // Its edge is part of it.
            let beyond_m = radius_m.next_up();
            Box::new(move |position| center.is_within(position, beyond_m))
        }
        Shape::Polygon(corners) => {
            let bounds = Bounds::around(corners.iter().copied());
            Box::new(move |position| {
                bounds.is_some_and(|bounds| bounds.contains(position))
                    && is_in_ring(corners, position)
            })
        }
    };
    let sites = warehouse.sites()?.iter();
    Ok(sites
        .filter(|site| is_inside(site.position))
        .map(|site| i64::from(site.account))
        .collect())
}

/// Whether a ray from `position` crosses the ring an odd number of times.
fn is_in_ring(corners: &[LonLat], position: LonLat) -> bool {
    let (x, y) = (position.lon(), position.lat());
    let edges = corners.iter().zip(corners.iter().cycle().skip(1));
    let crossed = edges.filter(|(a, b)| {
        let across = (a.lat() > y) != (b.lat() > y);
        across && x < (b.lon() - a.lon()) * (y - a.lat()) / (b.lat() - a.lat()) + a.lon()
    });
    crossed.count() % 2 == 1
}

fn hexagon_of(level: CubeLevel, key: &str) -> Result<i64, Error> {
    let CubeLevel::Hexagon(resolution) = level else {
        return Ok(0);
    };
    let cell = key.parse::<h3o::CellIndex>().ok();
    cell.filter(|cell| u8::from(cell.resolution()) == resolution)
        .and_then(|cell| i64::try_from(u64::from(cell)).ok())
        .ok_or_else(|| Error::UnknownKey {
            level: level.id(),
            key: word::shortened(key),
            suggestions: vec![],
        })
}

/// The key of a hexagon of this number.
pub(super) fn hexagon_key(number: i64) -> String {
    format!("{number:x}")
}

/// The key that was meant: that of the member of this name, those that begin with the word, the
/// nearest ones, or else some that there are.
fn suggestions(dictionary: &Dictionary, word: &str) -> Vec<String> {
    let lower = word.to_lowercase();
    let named = dictionary
        .members()
        .find(|member| member.name.to_lowercase() == lower);
    if let Some(member) = named {
        return vec![member.key.to_owned()];
    }
    let keys = || dictionary.members().map(|member| member.key);
    let begin = |key: &&str| key.get(..word.len()).is_some_and(|start| start == word);
    let longer: Vec<String> = keys().filter(begin).take(5).map(str::to_owned).collect();
    if !longer.is_empty() && !word.is_empty() {
        return longer;
    }
    let near = word::nearest(word, keys(), 1);
    if near.is_empty() {
        return keys().take(5).map(str::to_owned).collect();
    }
    near
}

/// Whether there is a region of that key though no account lies in it.
fn exists(level: CubeLevel, key: &str) -> bool {
    match level {
        CubeLevel::Region(Level::Postal) | CubeLevel::PostalDigits(_) => key
            .split_once('-')
            .is_some_and(|(country, code)| country.len() == 2 && !code.is_empty()),
        CubeLevel::Region(level) => {
            let units = Units::shipped();
            units
                .find(&RegionKey::new(key))
                .is_some_and(|id| units.get(id).level == level)
        }
        CubeLevel::AbcClass => ["A", "B", "C"].contains(&key),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_holds_what_lies_inside_and_not_what_lies_in_its_dent() {
        let position = |(lon, lat)| LonLat::parse(lon, lat).unwrap();
        let corners = [(0., 0.), (4., 0.), (4., 4.), (2., 1.), (0., 4.)].map(position);
        let is_in = |lon, lat| is_in_ring(&corners, position((lon, lat)));
        assert!(is_in(1.0, 0.5) && is_in(3.5, 2.0) && is_in(0.5, 2.0));
        assert!(!is_in(2.0, 3.0) && !is_in(5.0, 1.0) && !is_in(2.0, -1.0));
    }
}
