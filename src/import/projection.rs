//! Coordinates of surveyors as longitude and latitude.
//!
//! Parameters by the EPSG registry; the shifts of the old datums are those for the whole country
//! and good to some metres.

use std::fmt;

use proj4rs::proj::Proj;
use proj4rs::transform::transform;

use crate::place::LonLat;

/// Degrees on any modern datum, which differ by a metre or two.
const DEGREES: [u32; 5] = [4326, 4258, 4171, 4269, 6318];
/// Plane coordinates, and how they are made.
const PLANES: [(u32, &str); 16] = [
    (
        2056,
        "+proj=somerc +lat_0=46.9524055555556 +lon_0=7.43958333333333 +k_0=1 +x_0=2600000 +y_0=1200000 +ellps=bessel +towgs84=674.374,15.056,405.346,0,0,0,0 +units=m",
    ),
    (
        25831,
        "+proj=utm +zone=31 +ellps=GRS80 +towgs84=0,0,0,0,0,0,0 +units=m",
    ),
    (
        25832,
        "+proj=utm +zone=32 +ellps=GRS80 +towgs84=0,0,0,0,0,0,0 +units=m",
    ),
    (
        25833,
        "+proj=utm +zone=33 +ellps=GRS80 +towgs84=0,0,0,0,0,0,0 +units=m",
    ),
    (
        31254,
        "+proj=tmerc +lat_0=0 +lon_0=10.3333333333333 +k=1 +x_0=0 +y_0=-5000000 +ellps=bessel +towgs84=577.326,90.129,463.919,5.137,1.474,5.297,2.4232 +units=m",
    ),
    (
        31255,
        "+proj=tmerc +lat_0=0 +lon_0=13.3333333333333 +k=1 +x_0=0 +y_0=-5000000 +ellps=bessel +towgs84=577.326,90.129,463.919,5.137,1.474,5.297,2.4232 +units=m",
    ),
    (
        31256,
        "+proj=tmerc +lat_0=0 +lon_0=16.3333333333333 +k=1 +x_0=0 +y_0=-5000000 +ellps=bessel +towgs84=577.326,90.129,463.919,5.137,1.474,5.297,2.4232 +units=m",
    ),
    (
        31466,
        "+proj=tmerc +lat_0=0 +lon_0=6 +k=1 +x_0=2500000 +y_0=0 +ellps=bessel +towgs84=598.1,73.7,418.2,0.202,0.045,-2.455,6.7 +units=m",
    ),
    (
        31467,
        "+proj=tmerc +lat_0=0 +lon_0=9 +k=1 +x_0=3500000 +y_0=0 +ellps=bessel +towgs84=598.1,73.7,418.2,0.202,0.045,-2.455,6.7 +units=m",
    ),
    (
        31468,
        "+proj=tmerc +lat_0=0 +lon_0=12 +k=1 +x_0=4500000 +y_0=0 +ellps=bessel +towgs84=598.1,73.7,418.2,0.202,0.045,-2.455,6.7 +units=m",
    ),
    (
        31469,
        "+proj=tmerc +lat_0=0 +lon_0=15 +k=1 +x_0=5500000 +y_0=0 +ellps=bessel +towgs84=598.1,73.7,418.2,0.202,0.045,-2.455,6.7 +units=m",
    ),
    (
        31287,
        "+proj=lcc +lat_0=47.5 +lon_0=13.3333333333333 +lat_1=49 +lat_2=46 +x_0=400000 +y_0=400000 +ellps=bessel +towgs84=577.326,90.129,463.919,5.137,1.474,5.297,2.4232 +units=m",
    ),
    (
        32631,
        "+proj=utm +zone=31 +ellps=WGS84 +towgs84=0,0,0,0,0,0,0 +units=m",
    ),
    (
        32632,
        "+proj=utm +zone=32 +ellps=WGS84 +towgs84=0,0,0,0,0,0,0 +units=m",
    ),
    (
        32633,
        "+proj=utm +zone=33 +ellps=WGS84 +towgs84=0,0,0,0,0,0,0 +units=m",
    ),
    (
        3857,
        "+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +nadgrids=@null",
    ),
];

/// A way to read coordinates.
pub(super) struct Projection {
    /// Its number in the EPSG registry.
    pub epsg: u32,
    plane: Option<(Proj, Proj)>,
}

impl fmt::Debug for Projection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EPSG:{}", self.epsg)
    }
}

impl Projection {
    /// The projection of that number; `None` when it is not known here.
    pub fn coded(epsg: u32) -> Option<Self> {
        if DEGREES.contains(&epsg) {
            return Some(Self { epsg, plane: None });
        }
        let (_, made) = PLANES.iter().find(|(code, _)| *code == epsg)?;
        let from = Proj::from_proj_string(made).ok()?;
        let to = Proj::from_proj_string("+proj=longlat +datum=WGS84").ok()?;
        Some(Self {
            epsg,
            plane: Some((from, to)),
        })
    }

    /// The numbers that are known, comma-separated.
    pub fn known() -> String {
        let codes = PLANES.iter().map(|(code, _)| format!("EPSG:{code}"));
        codes.collect::<Vec<_>>().join(", ")
    }

    /// The position at `x`, east, and `y`, north; `None` where there is none.
    pub fn position(&self, x: f64, y: f64) -> Option<LonLat> {
        let Some((from, to)) = &self.plane else {
            return LonLat::parse(x, y).ok();
        };
        // German surveys write the number of the zone before the easting.
        let x = match self.epsg {
            25831..=25833 if x > 1e6 => x - f64::from(self.epsg - 25800) * 1e6,
            _ => x,
        };
        let mut point = (x, y, 0.0);
        transform(from, to, &mut point).ok()?;
        LonLat::parse(point.0.to_degrees(), point.1.to_degrees()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values by PROJ 9 (`pyproj` 3.7.2).
    #[track_caller]
    fn check(epsg: u32, x: f64, y: f64, lon: f64, lat: f64) {
        let found = Projection::coded(epsg).unwrap().position(x, y).unwrap();
        let expected = LonLat::parse(lon, lat).unwrap();
        let distance_m = found.distance_m(expected);
        assert!(distance_m < 5.0, "{epsg}: {found:?}, {distance_m} m");
    }

    #[test]
    fn planes_are_understood() {
        check(4326, 11.5, 48.1, 11.5, 48.1);
        check(25832, 691_603.03, 5_334_780.03, 11.575_5, 48.137_4);
        check(25832, 32_691_603.03, 5_334_780.03, 11.575_5, 48.137_4);
        check(32632, 691_603.03, 5_334_780.03, 11.575_5, 48.137_4);
        check(25833, 391_779.26, 5_820_072.16, 13.405, 52.52);
        check(25831, 629_351.91, 5_803_890.80, 4.9, 52.37);
        check(31255, 71_035.62, 351_747.32, 14.29, 48.3);
        check(31256, 3_044.77, 341_100.46, 16.3731, 48.2083);
        check(31287, 625_870.93, 483_196.28, 16.3731, 48.2083);
        check(31467, 3_691_756.26, 5_336_476.21, 11.5755, 48.1374);
        check(31468, 4_468_513.49, 5_333_350.27, 11.5755, 48.1374);
        check(31254, 80_755.80, 236_232.21, 11.4, 47.26);
        check(31466, 2_567_518.11, 5_645_411.10, 6.96, 50.94);
        check(31469, 5_411_783.87, 5_657_958.23, 13.74, 51.05);
        check(2056, 2_683_186.29, 1_247_156.74, 8.54, 47.37);
        check(3857, 950_668.45, 6_002_678.00, 8.54, 47.37);
    }

    #[test]
    fn every_plane_can_be_made() {
        for (code, _) in PLANES {
            assert!(Projection::coded(code).is_some(), "{code}");
        }
        assert!(Projection::coded(1).is_none());
    }
}
