//! The tile matrix set `WebMercatorQuad` (OGC 17-083r4, annex D.1), by which tiles of the web are
//! cut.

use serde_json::{Value, json};

use crate::tile::DEEPEST_ZOOM;

/// Its name.
pub const NAME: &str = "WebMercatorQuad";

/// Its definition elsewhere.
pub const URI: &str = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad";

/// The projection of its tiles.
pub const CRS: &str = "http://www.opengis.net/def/crs/EPSG/0/3857";

/// Half the length of the equator of WGS 84 in metres, to where its tiles reach.
const EDGE_M: f64 = 20_037_508.342_789_244;

/// Signs to each side of a tile, by which its scale is told.
const TILE_WIDTH: f64 = 256.0;

/// Metres of a sign by which scales are told (clause 6.1.1.1).
const SIGN_M: f64 = 0.000_28;

/// Its definition.
#[must_use]
pub fn definition() -> Value {
    let matrices: Vec<Value> = (0..=DEEPEST_ZOOM).map(matrix).collect();
    json!({
        "id": NAME,
        "title": "Google Maps Compatible for the World",
        "uri": URI,
        "crs": CRS,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": matrices,
    })
}

fn matrix(zoom: u8) -> Value {
    let count = 1_u32 << zoom;
    let cell_m = 2.0 * EDGE_M / TILE_WIDTH / f64::from(count);
    json!({
        "id": zoom.to_string(),
        "scaleDenominator": cell_m / SIGN_M,
        "cellSize": cell_m,
        "cornerOfOrigin": "topLeft",
        "pointOfOrigin": [-EDGE_M, EDGE_M],
        "tileWidth": 256,
        "tileHeight": 256,
        "matrixWidth": count,
        "matrixHeight": count,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_those_of_the_standard() {
        let definition = definition();
        let scale = |zoom: usize| {
            let matrix = &definition["tileMatrices"][zoom];
            matrix["scaleDenominator"].as_f64().unwrap()
        };
        // Table D.1.
        assert!((scale(0) - 559_082_264.028_717_8).abs() < 1e-3);
        assert!((scale(22) - 133.295_598_990_611).abs() < 1e-9);
        assert_eq!(definition["tileMatrices"][22]["matrixWidth"], 4_194_304);
    }
}
