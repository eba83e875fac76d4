//! From the earth to the paper: projections that keep areas.
//!
//! A choropleth is read by area, so regions are drawn as large as they are. Content within
//! [`FAR_DEGREES`] of its middle is drawn in Lambert's azimuthal equal-area projection around that
//! middle, in which a country has the shape that people know; what is wider, such as the countries
//! of the world, in Equal Earth. Both work on the authalic sphere of WGS84, on which areas are those of
//! the ellipsoid.

use crate::place::LonLat;

/// Semi-major axis of WGS84 in metres.
const AXIS_M: f64 = 6_378_137.0;

/// Square of the first eccentricity of WGS84.
const ECCENTRICITY_2: f64 = 0.006_694_379_990_141_316;

/// How far from the middle Lambert's projection is taken, in degrees of arc.
pub(super) const FAR_DEGREES: f64 = 50.0;

/// A projection to metres on the plane, x east, y north.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Projection {
    Lambert(Lambert),
    EqualEarth { meridian: f64, radius_m: f64 },
}

/// Lambert azimuthal equal-area, ellipsoidal and oblique (Snyder 1987, Map Projections: A Working
/// Manual, USGS Professional Paper 1395, equations 24-17 to 24-20).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Lambert {
    meridian: f64,
    sin_middle: f64,
    cos_middle: f64,
    radius_m: f64,
    stretch: f64,
}

impl Projection {
    /// The projection for what lies around `middle` and reaches `reach_degrees` of arc from it.
    pub(super) fn around(middle: LonLat, reach_degrees: f64) -> Self {
        // At a pole the stretch has no value; nothing is sold there.
        let lat = middle.lat().clamp(-89.0, 89.0).to_radians();
        let meridian = middle.lon().to_radians();
        let radius_m = AXIS_M * (q_of(std::f64::consts::FRAC_PI_2) / 2.0).sqrt();
        if reach_degrees > FAR_DEGREES {
            return Self::EqualEarth { meridian, radius_m };
        }
        let (sin_middle, cos_middle) = authalic(lat).sin_cos();
        let m = lat.cos() / (1.0 - ECCENTRICITY_2 * lat.sin().powi(2)).sqrt();
        Self::Lambert(Lambert {
            meridian,
            sin_middle,
            cos_middle,
            radius_m,
            stretch: AXIS_M * m / (radius_m * cos_middle),
        })
    }

    /// Metres east and north of the middle.
    pub(super) fn project(&self, lon: f64, lat: f64) -> [f64; 2] {
        let beta = authalic(lat.to_radians());
        match *self {
            Self::Lambert(lambert) => lambert.project(lon.to_radians(), beta),
            Self::EqualEarth { meridian, radius_m } => {
                let [x, y] = equal_earth(turn(lon.to_radians() - meridian), beta);
                [x * radius_m, y * radius_m]
            }
        }
    }
}

impl Lambert {
    fn project(&self, lon: f64, beta: f64) -> [f64; 2] {
        let (sin_beta, cos_beta) = beta.sin_cos();
        let (sin_lon, cos_lon) = (lon - self.meridian).sin_cos();
        let toward = 1.0 + self.sin_middle * sin_beta + self.cos_middle * cos_beta * cos_lon;
        // On the other side of the earth there is no one place; far away is enough.
        let b = self.radius_m * (2.0 / toward.max(1e-6)).sqrt();
        let y = self.cos_middle * sin_beta - self.sin_middle * cos_beta * cos_lon;
        [b * self.stretch * cos_beta * sin_lon, b / self.stretch * y]
    }
}

/// Equal Earth on the unit sphere (Šavrič, Patterson and Jenny 2018, The Equal Earth map
/// projection, International Journal of Geographical Information Science 33:3).
fn equal_earth(lon: f64, beta: f64) -> [f64; 2] {
    const A: [f64; 4] = [1.340_264, -0.081_106, 0.000_893, 0.003_796];
    let root_3 = 3_f64.sqrt();
    let theta = (root_3 / 2.0 * beta.sin()).asin();
    let t2 = theta * theta;
    let t6 = t2.powi(3);
    let slope = A[0] + 3.0 * A[1] * t2 + t6 * (7.0 * A[2] + 9.0 * A[3] * t2);
    let x = 2.0 * root_3 * lon * theta.cos() / (3.0 * slope);
    [x, theta * (A[0] + A[1] * t2 + t6 * (A[2] + A[3] * t2))]
}

/// An angle as one of -π..=π.
fn turn(angle: f64) -> f64 {
    use std::f64::consts::{PI, TAU};
    // The edges of the world stay on their sides.
    if (-PI..=PI).contains(&angle) {
        return angle;
    }
    (angle + PI).rem_euclid(TAU) - PI
}

/// The latitude on the sphere of the same area (Snyder, equation 3-11), in radians.
fn authalic(lat: f64) -> f64 {
    (q_of(lat) / q_of(std::f64::consts::FRAC_PI_2))
        .clamp(-1.0, 1.0)
        .asin()
}

/// Snyder's q (equation 3-12).
fn q_of(lat: f64) -> f64 {
    let e = ECCENTRICITY_2.sqrt();
    let sin = lat.sin();
    let log = ((1.0 - e * sin) / (1.0 + e * sin)).ln() / (2.0 * e);
    (1.0 - ECCENTRICITY_2) * (sin / (1.0 - ECCENTRICITY_2 * sin * sin) - log)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lon: f64, lat: f64) -> LonLat {
        LonLat::parse(lon, lat).unwrap()
    }

    #[test]
    fn lambert_is_the_european_one() {
        // EPSG Guidance Note 7-2, example of ETRS89 / LAEA Europe (EPSG:3035).
        let europe = Projection::around(at(10.0, 52.0), 20.0);
        let [x, y] = europe.project(5.0, 50.0);
        assert!((x + 4_321_000.0 - 3_962_799.45).abs() < 0.01, "{x}");
        assert!((y + 3_210_000.0 - 2_999_718.85).abs() < 0.01, "{y}");
    }

    /// The area of a cell of a degree on the ellipsoid, in square metres.
    fn cell_area_m2(lat: f64) -> f64 {
        let q = |lat: f64| q_of(lat.to_radians());
        AXIS_M * AXIS_M * 1_f64.to_radians() * (q(lat + 1.0) - q(lat)) / 2.0
    }

    #[test]
    fn areas_are_kept_everywhere() {
        for reach in [20.0, 170.0] {
            let projection = Projection::around(at(10.0, 52.0), reach);
            for (lon, lat) in [(-3.0, 38.0), (10.0, 52.0), (30.0, 69.0), (12.0, 5.0)] {
                // Along the sides, so that bent ones count.
                let side = |from: [f64; 2], to: [f64; 2]| {
                    (0..100).map(move |step| {
                        let part = f64::from(step) / 100.0;
                        [0, 1].map(|axis| from[axis] + (to[axis] - from[axis]) * part)
                    })
                };
                let corners = [
                    [lon, lat],
                    [lon + 1.0, lat],
                    [lon + 1.0, lat + 1.0],
                    [lon, lat + 1.0],
                ];
                let ring =
                    (0..4).flat_map(|corner| side(corners[corner], corners[(corner + 1) % 4]));
                let ring: Vec<_> = ring
                    .map(|[lon, lat]| projection.project(lon, lat))
                    .collect();
                let cross = |at: usize| {
                    let ([a, b], [c, d]) = (ring[at], ring[(at + 1) % ring.len()]);
                    a * d - b * c
                };
                let area_m2 = (0..ring.len()).map(cross).sum::<f64>() / 2.0;
                let part = area_m2 / cell_area_m2(lat);
                assert!((part - 1.0).abs() < 1e-4, "{lon} {lat} {reach}: {part}");
            }
        }
    }

    #[test]
    fn the_other_side_of_the_earth_is_somewhere() {
        let projection = Projection::around(at(10.0, 52.0), 20.0);
        assert!(
            projection
                .project(-170.0, -52.0)
                .iter()
                .all(|n| n.is_finite())
        );
    }
}
