//! Words of place: positions, boxes, levels and region keys. Pure values, WGS84 throughout.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A position on the WGS84 ellipsoid, degrees, longitude first.
///
/// Always finite and in range: `lon` in -180..=180, `lat` in -90..=90.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "[f64; 2]", into = "[f64; 2]")]
pub struct LonLat {
    lon: f64,
    lat: f64,
}

/// Why a pair of numbers is no position.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum PositionError {
    /// The longitude is not a number or out of range.
    #[error("longitude {0} is outside -180..=180")]
    Lon(f64),
    /// The latitude is not a number or out of range.
    #[error("latitude {0} is outside -90..=90")]
    Lat(f64),
}

impl LonLat {
    /// The position at `lon`, `lat` in degrees.
    ///
    /// # Errors
    /// Both must be finite and in range.
    pub fn parse(lon: f64, lat: f64) -> Result<Self, PositionError> {
        if !(-180.0..=180.0).contains(&lon) {
            return Err(PositionError::Lon(lon));
        }
        if !(-90.0..=90.0).contains(&lat) {
            return Err(PositionError::Lat(lat));
        }
        Ok(Self { lon, lat })
    }

    /// Degrees east of Greenwich, -180..=180.
    #[must_use]
    pub fn lon(self) -> f64 {
        self.lon
    }

    /// Degrees north of the equator, -90..=90.
    #[must_use]
    pub fn lat(self) -> f64 {
        self.lat
    }

    /// Great-circle distance in metres on a sphere of the mean earth radius (haversine;
    /// IUGG mean radius 6 371 008.8 m). Within 0.6 % of the ellipsoid.
    #[must_use]
    pub fn distance_m(self, other: Self) -> f64 {
        let d_lat = (other.lat - self.lat).to_radians();
        let d_lon = (other.lon - self.lon).to_radians();
        let h = (d_lat / 2.0).sin().powi(2)
            + self.lat.to_radians().cos()
                * other.lat.to_radians().cos()
                * (d_lon / 2.0).sin().powi(2);
        2.0 * MEAN_RADIUS_M * h.sqrt().min(1.0).asin()
    }

    /// Whether [`LonLat::distance_m`] is less than `most_m`. Most pairs are told apart by their
    /// degrees: no way is shorter than that along the meridian, nor longer than that along the
    /// meridian and then along the parallel, which is shorter than the equator.
    #[must_use]
    pub fn is_within(self, other: Self, most_m: f64) -> bool {
        /// More than what rounding makes of the shortest way.
        const SLACK: f64 = 1e-9;
        const DEGREE_M: f64 = MEAN_RADIUS_M * std::f64::consts::PI / 180.0;
        let d_lat = (other.lat - self.lat).abs();
        let d_lon = (other.lon - self.lon).abs();
        if d_lat * DEGREE_M > most_m * (1.0 + SLACK) {
            return false;
        }
        (d_lat + d_lon) * DEGREE_M < most_m * (1.0 - SLACK) || self.distance_m(other) < most_m
    }
}

/// IUGG mean radius of the earth.
const MEAN_RADIUS_M: f64 = 6_371_008.8;

impl TryFrom<[f64; 2]> for LonLat {
    type Error = PositionError;

    fn try_from([lon, lat]: [f64; 2]) -> Result<Self, PositionError> {
        Self::parse(lon, lat)
    }
}

impl From<LonLat> for [f64; 2] {
    fn from(position: LonLat) -> Self {
        [position.lon, position.lat]
    }
}

/// A box of positions, edges included; `min` is south-west of `max`. Never crosses the date line.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "[f64; 4]", into = "[f64; 4]")]
pub struct Bounds {
    /// South-west corner.
    pub min: LonLat,
    /// North-east corner.
    pub max: LonLat,
}

/// Why four numbers are no box.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum BoundsError {
    /// One corner is no position.
    #[error(transparent)]
    Corner(#[from] PositionError),
    /// The corners are in the wrong order.
    #[error("bounds {0:?} must be west, south, east, north")]
    Order([f64; 4]),
}

impl Bounds {
    /// The smallest box around all of `positions`; of none there is none.
    #[must_use]
    pub fn around(positions: impl IntoIterator<Item = LonLat>) -> Option<Self> {
        let one = |position| Self {
            min: position,
            max: position,
        };
        positions.into_iter().map(one).reduce(|a, b| Self {
            min: LonLat {
                lon: a.min.lon.min(b.min.lon),
                lat: a.min.lat.min(b.min.lat),
            },
            max: LonLat {
                lon: a.max.lon.max(b.max.lon),
                lat: a.max.lat.max(b.max.lat),
            },
        })
    }

    /// Whether `position` lies in the box or on its edge.
    #[must_use]
    pub fn contains(&self, position: LonLat) -> bool {
        (self.min.lon..=self.max.lon).contains(&position.lon)
            && (self.min.lat..=self.max.lat).contains(&position.lat)
    }
}

impl Bounds {
    /// The middle of the box in degrees.
    #[must_use]
    pub fn middle(&self) -> LonLat {
        LonLat {
            lon: f64::midpoint(self.min.lon, self.max.lon),
            lat: f64::midpoint(self.min.lat, self.max.lat),
        }
    }
}

impl TryFrom<[f64; 4]> for Bounds {
    type Error = BoundsError;

    fn try_from([west, south, east, north]: [f64; 4]) -> Result<Self, BoundsError> {
        let (min, max) = (LonLat::parse(west, south)?, LonLat::parse(east, north)?);
        if west > east || south > north {
            return Err(BoundsError::Order([west, south, east, north]));
        }
        Ok(Self { min, max })
    }
}

impl From<Bounds> for [f64; 4] {
    fn from(bounds: Bounds) -> Self {
        [
            bounds.min.lon,
            bounds.min.lat,
            bounds.max.lon,
            bounds.max.lat,
        ]
    }
}

/// A level of the region dimension, coarse to fine; postal codes stand beside the official units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// ISO 3166 country.
    Country,
    /// Bundesland; in the United States the state.
    State,
    /// Regierungsbezirk; not every state has them.
    GovernmentDistrict,
    /// Kreis or kreisfreie Stadt; in the United States the county.
    District,
    /// Gemeinde; the United States have none.
    Municipality,
    /// Postal code, within its country.
    Postal,
}

impl Level {
    /// Every level, coarse to fine.
    pub const ALL: [Self; 6] = [
        Self::Country,
        Self::State,
        Self::GovernmentDistrict,
        Self::District,
        Self::Municipality,
        Self::Postal,
    ];

    /// The word of the level in the API, SQL and tile addresses, such as `government_district`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::State => "state",
            Self::GovernmentDistrict => "government_district",
            Self::District => "district",
            Self::Municipality => "municipality",
            Self::Postal => "postal",
        }
    }

    /// The level of that word; `None` for any other word.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A level of own regions: one hierarchy each. A name takes the first level that is free and keeps
/// it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum OwnLevel {
    /// The first hierarchy.
    #[serde(rename = "own_1")]
    First,
    /// The second one.
    #[serde(rename = "own_2")]
    Second,
    /// The third one.
    #[serde(rename = "own_3")]
    Third,
    /// The fourth one.
    #[serde(rename = "own_4")]
    Fourth,
}

impl OwnLevel {
    /// Every level, in their order.
    pub const ALL: [Self; 4] = [Self::First, Self::Second, Self::Third, Self::Fourth];

    /// The word of the level in SQL, such as `own_1`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "own_1",
            Self::Second => "own_2",
            Self::Third => "own_3",
            Self::Fourth => "own_4",
        }
    }

    /// The level of that word; `None` for any other word.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}

/// The key of a region at its level: `DE`, an AGS such as `09162`, `US-CA-037`, or `DE-80331`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RegionKey(String);

impl RegionKey {
    /// The key of a country by its ISO 3166 alpha-2 code, or of a German unit by its AGS.
    #[must_use]
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    /// The key of postal code `code` in `country`, such as `DE-80331`.
    #[must_use]
    pub fn postal(country: &str, code: &str) -> Self {
        Self([country, "-", code].concat())
    }

    /// The key as it stands in files and answers.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RegionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_refused(lon: f64, lat: f64, message: &str) {
        assert_eq!(LonLat::parse(lon, lat).unwrap_err().to_string(), message);
    }

    #[test]
    fn near_is_what_the_distance_says() {
        let all = [
            (9.0, 50.0),
            (9.2, 50.0),
            (9.0, 50.1),
            (-179.9, 50.0),
            (179.9, 50.0),
            (0.0, 89.9),
        ];
        let all = all.map(|(lon, lat)| LonLat::parse(lon, lat).unwrap());
        for (a, b) in all.iter().flat_map(|a| all.iter().map(move |b| (*a, *b))) {
            let distance_m = a.distance_m(b);
            for most_m in [0.0, distance_m, distance_m + 0.001, 20_000.0, 30_000.0, 1e9] {
                let expected = distance_m < most_m;
                assert_eq!(a.is_within(b, most_m), expected, "{a:?} {b:?} {most_m}");
            }
        }
    }

    #[test]
    fn positions_outside_the_earth_are_refused() {
        check_refused(181.0, 0.0, "longitude 181 is outside -180..=180");
        check_refused(0.0, 94.2, "latitude 94.2 is outside -90..=90");
        check_refused(f64::NAN, 0.0, "longitude NaN is outside -180..=180");
    }

    #[test]
    fn bounds_know_their_order() {
        assert!(Bounds::try_from([11.0, 48.0, 12.0, 49.0]).is_ok());
        assert!(Bounds::try_from([12.0, 48.0, 11.0, 49.0]).is_err());
    }

    #[test]
    fn munich_to_berlin_is_504_km() {
        let munich = LonLat::parse(11.5755, 48.1374).unwrap();
        let berlin = LonLat::parse(13.4050, 52.5200).unwrap();
        assert!((munich.distance_m(berlin) - 504_200.0).abs() < 1_000.0);
    }

    #[test]
    fn level_names_come_back() {
        for level in Level::ALL {
            assert_eq!(Level::parse(level.name()), Some(level));
        }
        assert_eq!(Level::parse("kreis"), None);
        for level in OwnLevel::ALL {
            assert_eq!(OwnLevel::parse(level.name()), Some(level));
        }
        assert_eq!(OwnLevel::parse("own_5"), None);
    }
}
