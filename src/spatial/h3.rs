//! Cells of the H3 grid (<https://h3geo.org>), hexagons of equal use for density maps.

use h3o::{LatLng, Resolution};

use crate::place::LonLat;

/// The index of the H3 cell of resolution 9, about 0.1 km², that contains `position`.
///
/// # Panics
/// Never: a position is always finite.
#[must_use]
pub fn cell(position: LonLat) -> u64 {
    LatLng::new(position.lat(), position.lon())
        .expect("a position is finite")
        .to_cell(Resolution::Nine)
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_share_a_cell_and_towns_do_not() {
        let at = |lon, lat| cell(LonLat::parse(lon, lat).unwrap());
        assert_eq!(at(11.5755, 48.1374), at(11.57551, 48.13741));
        assert_ne!(at(11.5755, 48.1374), at(13.4050, 52.5200));
        assert_eq!(at(11.5755, 48.1374) >> 52 & 0xf, 9);
    }
}
