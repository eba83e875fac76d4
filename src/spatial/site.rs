//! Sites: located addresses with the unit and the cell that contain them.

use crate::geocode::Located;
use crate::place::{Level, LonLat};
use crate::record::site::{Precision, Reason, Site};
use crate::spatial::h3;
use crate::spatial::locate::RegionIndex;
use crate::spatial::units::{UnitId, Units};

/// The sites of located addresses, in their order.
///
/// A position that a file gives lies where it lies; when that is outside the country of the
/// address, the site says so (`coordinate_outside_country`). A position that was found by postal
/// code or place belongs to the country of the address, also when its centre lies a little
/// beyond the border. An address without a country has the country of its position.
#[must_use]
pub fn sites(index: &RegionIndex, units: &Units, located: Vec<Located>) -> Vec<Site> {
    let site = |located| site(index, units, located);
    located.into_iter().map(site).collect()
}

fn site(index: &RegionIndex, units: &Units, located: Located) -> Site {
    let stated = located.country.as_ref();
    let stated = stated.and_then(|key| units.id(Level::Country, key));
    let country_of = |unit| units.ancestor(unit, Level::Country);
    let unit = located.position.and_then(|position| match stated {
        Some(country) if located.precision != Precision::House => {
            index.unit_among(position, |unit| country_of(unit) == Some(country))
        }
        _ => index.unit_of(position),
    });
    let key = |unit: UnitId| units.get(unit).key.clone();
    let actual = unit.and_then(country_of);
    let reason = located.reason.or_else(|| {
        let (position, stated) = (located.position?, stated?);
        let is_outside = located.precision == Precision::House && actual != Some(stated);
        is_outside.then(|| outside(units, position, stated, actual))
    });
    Site {
        position: located.position,
        precision: located.precision,
        source: located.source.to_owned(),
        radius_m: located.radius_m,
        confidence: located.confidence,
        reason,
        country: located.country.or_else(|| actual.map(key)),
        unit: unit.map(key),
        postal: located.postal,
        h3: located.position.map(h3::cell),
    }
}

fn outside(units: &Units, position: LonLat, stated: UnitId, actual: Option<UnitId>) -> Reason {
    let detail = format!(
        "the coordinate of the file, {}, {}, lies in {}, not in {}",
        position.lon(),
        position.lat(),
        actual.map_or("no country", |unit| &units.get(unit).name),
        units.get(stated).name
    );
    let reason = Reason::new("coordinate_outside_country", detail)
        .with("stated_country", units.get(stated).key.as_str());
    match actual {
        Some(actual) => reason.with("actual_country", units.get(actual).key.as_str()),
        None => reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::RegionKey;
    use crate::spatial::locate::tests::tiny;

    fn located(lon: f64, lat: f64, precision: Precision, country: Option<&str>) -> Located {
        Located {
            position: LonLat::parse(lon, lat).ok(),
            precision,
            country: country.map(RegionKey::new),
            ..Located::default()
        }
    }

    /// `expected` is country, unit and reason.
    #[track_caller]
    fn check(located: Located, expected: [&str; 3]) {
        let (units, index) = tiny();
        let site = sites(&index, &units, vec![located]).remove(0);
        let key =
            |key: &Option<RegionKey>| key.as_ref().map_or("-".to_owned(), RegionKey::to_string);
        let reason = site.reason.map_or("-".to_owned(), |reason| reason.code);
        assert_eq!([key(&site.country), key(&site.unit), reason], expected);
        assert_eq!(site.h3.is_some(), site.position.is_some());
    }

    #[test]
    fn positions_get_unit_and_country() {
        check(
            located(10.5, 50.5, Precision::Postal, Some("DE")),
            ["DE", "01001001", "-"],
        );
        check(
            located(10.5, 50.5, Precision::House, None),
            ["DE", "01001001", "-"],
        );
        check(located(0.0, 0.0, Precision::House, None), ["-", "-", "-"]);
        check(Located::default(), ["-", "-", "-"]);
    }

    #[test]
    fn coordinates_of_files_beyond_the_border_are_doubted() {
        let doubt = "coordinate_outside_country";
        check(
            located(12.5, 50.5, Precision::House, Some("DE")),
            ["DE", "PL", doubt],
        );
        check(
            located(0.0, 0.0, Precision::House, Some("DE")),
            ["DE", "-", doubt],
        );
    }

    #[test]
    fn centres_stay_on_their_side_of_the_border() {
        check(
            located(12.01, 50.5, Precision::Postal, Some("DE")),
            ["DE", "01001002", "-"],
        );
        check(
            located(12.5, 50.5, Precision::Place, Some("DE")),
            ["DE", "-", "-"],
        );
    }
}
