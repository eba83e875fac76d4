//! Which projection a `.prj` or a definition in a GeoPackage means.
//!
//! Well-known text by OGC 01-009 (WKT 1, with the names that ESRI uses) and OGC 18-010r7
//! (WKT 2). The text seldom carries its EPSG number, so the plane is told by method, central
//! meridian, scale, false easting and northing, and datum; names differ from program to program.

use crate::import::projection::Projection;

/// The most bytes that are looked at.
const MAX_BYTES: usize = 64 << 10;
/// The deepest that brackets may stand in each other.
const MAX_DEPTH: usize = 32;

/// How a plane is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    TransverseMercator,
    LambertConic,
    SwissOblique,
    WebMercator,
}

/// The datums of the planes, and parts of the names they go by, in small letters and digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Datum {
    Wgs84,
    Etrs89,
    Nad83,
    Mgi,
    Dhdn,
    Ch1903,
}

const DATUMS: [(Datum, &[&str]); 6] = [
    (
        Datum::Wgs84,
        &["wgs1984", "wgs84", "worldgeodeticsystem1984"],
    ),
    (
        Datum::Etrs89,
        &["etrs", "europeanterrestrialreferencesystem"],
    ),
    (
        Datum::Nad83,
        &["northamerican1983", "northamericandatum1983", "nad83"],
    ),
    (
        Datum::Mgi,
        &["militargeographische", "mgi", "hermannskogel"],
    ),
    (Datum::Dhdn, &["hauptdreiecksnetz", "dhdn"]),
    (Datum::Ch1903, &["ch1903"]),
];

/// EPSG number, method, central meridian, scale, false easting and northing, and datums.
type Plane = (u32, Method, f64, f64, f64, f64, &'static [Datum]);

const MODERN: &[Datum] = &[Datum::Etrs89, Datum::Wgs84];
const PLANES: [Plane; 16] = {
    use Method::{LambertConic, SwissOblique, TransverseMercator, WebMercator};
    const MGI: &[Datum] = &[Datum::Mgi];
    const DHDN: &[Datum] = &[Datum::Dhdn];
    [
        (
            25831,
            TransverseMercator,
            3.0,
            0.9996,
            500_000.0,
            0.0,
            MODERN,
        ),
        (
            25832,
            TransverseMercator,
            9.0,
            0.9996,
            500_000.0,
            0.0,
            MODERN,
        ),
        (
            25833,
            TransverseMercator,
            15.0,
            0.9996,
            500_000.0,
            0.0,
            MODERN,
        ),
        // The same with the number of the zone before the easting.
        (
            25831,
            TransverseMercator,
            3.0,
            0.9996,
            31_500_000.0,
            0.0,
            MODERN,
        ),
        (
            25832,
            TransverseMercator,
            9.0,
            0.9996,
            32_500_000.0,
            0.0,
            MODERN,
        ),
        (
            25833,
            TransverseMercator,
            15.0,
            0.9996,
            33_500_000.0,
            0.0,
            MODERN,
        ),
        (
            31254,
            TransverseMercator,
            31.0 / 3.0,
            1.0,
            0.0,
            -5_000_000.0,
            MGI,
        ),
        (
            31255,
            TransverseMercator,
            40.0 / 3.0,
            1.0,
            0.0,
            -5_000_000.0,
            MGI,
        ),
        (
            31256,
            TransverseMercator,
            49.0 / 3.0,
            1.0,
            0.0,
            -5_000_000.0,
            MGI,
        ),
        (
            31287,
            LambertConic,
            40.0 / 3.0,
            1.0,
            400_000.0,
            400_000.0,
            MGI,
        ),
        (31466, TransverseMercator, 6.0, 1.0, 2_500_000.0, 0.0, DHDN),
        (31467, TransverseMercator, 9.0, 1.0, 3_500_000.0, 0.0, DHDN),
        (31468, TransverseMercator, 12.0, 1.0, 4_500_000.0, 0.0, DHDN),
        (31469, TransverseMercator, 15.0, 1.0, 5_500_000.0, 0.0, DHDN),
        (
            2056,
            SwissOblique,
            7.439_583_333,
            1.0,
            2_600_000.0,
            1_200_000.0,
            &[Datum::Ch1903],
        ),
        (3857, WebMercator, 0.0, 1.0, 0.0, 0.0, &[Datum::Wgs84]),
    ]
};

/// The EPSG number of the coordinates that `text` describes.
///
/// # Errors
/// What it calls itself, when it is not known here.
pub(super) fn epsg(text: &str) -> Result<u32, String> {
    let root = Node::parse(text).ok_or_else(|| "a projection that cannot be read".to_owned())?;
    let root = root.horizontal();
    let unknown = || root.texts.first().cloned().unwrap_or_default();
    if let Some(code) = root
        .epsg()
        .filter(|code| Projection::coded(*code).is_some())
    {
        return Ok(code);
    }
    let datum = root
        .find(&["DATUM", "GEODETICDATUM", "ENSEMBLE", "TRF"], 4)
        .and_then(|node| datum_of(node.texts.first()?))
        .ok_or_else(unknown)?;
    let meridian = root.find(&["PRIMEM", "PRIMEMERIDIAN"], 4);
    if meridian.is_some_and(|node| node.numbers.first().is_some_and(|lon| lon.abs() > 1e-9)) {
        return Err(unknown());
    }
    if [
        "GEOGCS",
        "GEOGCRS",
        "GEOGRAPHICCRS",
        "GEODCRS",
        "GEODETICCRS",
    ]
    .contains(&root.word.as_str())
    {
        return match datum {
            Datum::Wgs84 => Ok(4326),
            Datum::Etrs89 => Ok(4258),
            Datum::Nad83 => Ok(4269),
            Datum::Mgi | Datum::Dhdn | Datum::Ch1903 => Err(unknown()),
        };
    }
    let method = root
        .find(&["PROJECTION", "METHOD"], 3)
        .and_then(|node| method_of(node.texts.first()?))
        .ok_or_else(unknown)?;
    let parameter = |names: &[&str], otherwise: f64| {
        let found = root.parameters();
        let named = found
            .iter()
            .find(|(name, _)| names.contains(&name.as_str()));
        named.map_or(otherwise, |(_, value)| *value)
    };
    let lon = parameter(
        &[
            "centralmeridian",
            "longitudeofcenter",
            "longitudeofnaturalorigin",
            "longitudeoffalseorigin",
            "longitudeofprojectioncentre",
            "longitudeoforigin",
        ],
        0.0,
    );
    let scale = parameter(
        &[
            "scalefactor",
            "scalefactoratnaturalorigin",
            "scalefactoratprojectioncentre",
        ],
        1.0,
    );
    let east = parameter(
        &[
            "falseeasting",
            "eastingatfalseorigin",
            "eastingatprojectioncentre",
        ],
        0.0,
    );
    let north = parameter(
        &[
            "falsenorthing",
            "northingatfalseorigin",
            "northingatprojectioncentre",
        ],
        0.0,
    );
    let near = |a: f64, b: f64, most: f64| (a - b).abs() < most;
    let plane = PLANES.iter().find(|(_, m, l, s, e, n, datums)| {
        *m == method
            && near(*l, lon, 1e-5)
            && near(*s, scale, 1e-9)
            && near(*e, east, 0.01)
            && near(*n, north, 0.01)
            && datums.contains(&datum)
    });
    plane.map(|(code, ..)| *code).ok_or_else(unknown)
}

fn datum_of(name: &str) -> Option<Datum> {
    let name = folded(name);
    let found = DATUMS
        .iter()
        .find(|(_, parts)| parts.iter().any(|part| name.contains(part)));
    found.map(|(datum, _)| *datum)
}

fn method_of(name: &str) -> Option<Method> {
    Some(match folded(name).as_str() {
        "transversemercator" | "gausskruger" => Method::TransverseMercator,
        "lambertconformalconic" | "lambertconformalconic2sp" | "lambertconicconformal2sp" => {
            Method::LambertConic
        }
        "hotineobliquemercatorazimuthcenter"
        | "hotineobliquemercatorvariantb"
        | "obliquemercatorazimuthcenter"
        | "swissobliquecylindrical"
        | "swissobliquemercator" => Method::SwissOblique,
        "mercatorauxiliarysphere" | "popularvisualisationpseudomercator" | "mercator1sp" => {
            Method::WebMercator
        }
        _ => return None,
    })
}

/// Small letters and digits alone.
fn folded(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// A word and what stands in its brackets.
#[derive(Debug, Default)]
struct Node {
    word: String,
    texts: Vec<String>,
    numbers: Vec<f64>,
    nodes: Vec<Node>,
}

impl Node {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.len() > MAX_BYTES {
            return None;
        }
        let mut rest = text;
        Self::read(&mut rest, MAX_DEPTH)
    }

    fn read(rest: &mut &str, depth: usize) -> Option<Self> {
        let at = rest.find(['[', '('])?;
        let mut node = Self {
            word: rest[..at].trim().to_uppercase(),
            ..Self::default()
        };
        *rest = rest[at + 1..].trim_start();
        loop {
            let end = rest.find(['[', '(', ']', ')', ',', '"'])?;
            let (before, sign) = (rest[..end].trim(), rest.as_bytes()[end]);
            if matches!(sign, b'[' | b'(') {
                node.nodes.push(Self::read(rest, depth.checked_sub(1)?)?);
                continue;
            }
            if let Ok(number) = before.parse() {
                node.numbers.push(number);
            }
            *rest = rest[end + 1..].trim_start();
            match sign {
                b'"' => {
                    let end = rest.find('"')?;
                    node.texts.push(rest[..end].to_owned());
                    *rest = rest[end + 1..].trim_start();
                }
                b',' => {}
                _ => return Some(node),
            }
        }
    }

    /// The part of a compound or bound system that lies in the plane.
    fn horizontal(&self) -> &Self {
        let inner = match self.word.as_str() {
            "COMPD_CS" | "COMPOUNDCRS" | "SOURCECRS" => self.nodes.first(),
            "BOUNDCRS" => self.nodes.iter().find(|node| node.word == "SOURCECRS"),
            _ => None,
        };
        inner.map_or(self, Self::horizontal)
    }

    /// Its own number in the EPSG registry.
    fn epsg(&self) -> Option<u32> {
        let id = self
            .nodes
            .iter()
            .find(|node| ["AUTHORITY", "ID"].contains(&node.word.as_str()))?;
        if !id.texts.first()?.eq_ignore_ascii_case("EPSG") {
            return None;
        }
        let text = id.texts.get(1).and_then(|code| code.trim().parse().ok());
        text.or_else(|| format!("{}", id.numbers.first()?).parse().ok())
    }

    /// The first node below of one of `words`, at most `depth` deep.
    fn find(&self, words: &[&str], depth: usize) -> Option<&Self> {
        let own = self.nodes.iter();
        let found = own.clone().find(|node| words.contains(&node.word.as_str()));
        found.or_else(|| {
            let depth = depth.checked_sub(1)?;
            {
                let mut own = own;
                own.find_map(|node| node.find(words, depth))
            }
        })
    }

    /// Names, folded, and values of the parameters.
    fn parameters(&self) -> Vec<(String, f64)> {
        let conversion = self.nodes.iter().filter(|node| node.word == "CONVERSION");
        let nodes = conversion.chain([self]).flat_map(|node| &node.nodes);
        nodes
            .filter(|node| node.word == "PARAMETER")
            .filter_map(|node| Some((folded(node.texts.first()?), *node.numbers.first()?)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plane(name: &str, datum: &str, method: &str, parameters: &[(&str, f64)]) -> String {
        let parameters: Vec<String> = parameters
            .iter()
            .map(|(name, value)| format!("PARAMETER[\"{name}\",{value:?}]"))
            .collect();
        format!(
            "PROJCS[\"{name}\",GEOGCS[\"GCS\",DATUM[\"{datum}\",SPHEROID[\"S\",6377397.155,299.15]],\
             PRIMEM[\"Greenwich\",0.0],UNIT[\"Degree\",0.0174532925199433]],PROJECTION[\"{method}\"],\
             {},UNIT[\"Meter\",1.0]]",
            parameters.join(",")
        )
    }

    fn mercator(datum: &str, lon: f64, scale: f64, east: f64, north: f64) -> String {
        let parameters = [
            ("False_Easting", east),
            ("False_Northing", north),
            ("Central_Meridian", lon),
            ("Scale_Factor", scale),
            ("Latitude_Of_Origin", 0.0),
        ];
        plane("Plane", datum, "Transverse_Mercator", &parameters)
    }

    #[track_caller]
    fn check(text: &str, expected: Result<u32, &str>) {
        assert_eq!(epsg(text), expected.map_err(str::to_owned));
    }

    #[test]
    fn planes_are_told_by_their_parameters() {
        for zone in [31_u32, 32, 33] {
            let lon = f64::from(zone) * 6.0 - 183.0;
            let code = Ok(25_800 + zone);
            check(&mercator("D_ETRS_1989", lon, 0.9996, 5e5, 0.0), code);
            check(&mercator("D_WGS_1984", lon, 0.9996, 5e5, 0.0), code);
            let east = f64::from(zone) * 1e6 + 5e5;
            check(&mercator("D_ETRS_1989", lon, 0.9996, east, 0.0), code);
        }
        for zone in [2_u32, 3, 4, 5] {
            let (lon, east) = (f64::from(zone) * 3.0, f64::from(zone) * 1e6 + 5e5);
            let text = mercator("D_Deutsches_Hauptdreiecksnetz", lon, 1.0, east, 0.0);
            check(&text, Ok(31_464 + zone));
            // The same numbers on another datum are another plane.
            check(
                &mercator("D_Pulkovo_1942", lon, 1.0, east, 0.0),
                Err("Plane"),
            );
            check(&mercator("D_ETRS_1989", lon, 1.0, east, 0.0), Err("Plane"));
        }
        check(
            &mercator("D_MGI", 16.333_333_333, 1.0, 0.0, -5e6),
            Ok(31256),
        );
        let lambert = [
            ("False_Easting", 4e5),
            ("False_Northing", 4e5),
            ("Central_Meridian", 13.333_333_333_333_3),
            ("Standard_Parallel_1", 46.0),
            ("Standard_Parallel_2", 49.0),
            ("Latitude_Of_Origin", 47.5),
        ];
        check(
            &plane(
                "MGI_Austria_Lambert",
                "D_MGI",
                "Lambert_Conformal_Conic",
                &lambert,
            ),
            Ok(31287),
        );
        let swiss = [
            ("False_Easting", 2.6e6),
            ("False_Northing", 1.2e6),
            ("Scale_Factor", 1.0),
            ("Azimuth", 90.0),
            ("Longitude_Of_Center", 7.439_583_333_333_333),
            ("Latitude_Of_Center", 46.952_405_555_555_56),
        ];
        let method = "Hotine_Oblique_Mercator_Azimuth_Center";
        check(
            &plane("CH1903+_LV95", "D_CH1903+", method, &swiss),
            Ok(2056),
        );
    }

    #[test]
    fn degrees_are_told_by_their_datum() {
        let degrees = |datum: &str| {
            format!(
                "GEOGCS[\"G\",DATUM[\"{datum}\",SPHEROID[\"S\",6378137.0,298.25]],PRIMEM[\"Greenwich\",0.0]]"
            )
        };
        check(&degrees("D_WGS_1984"), Ok(4326));
        check(&degrees("D_ETRS_1989"), Ok(4258));
        check(&degrees("D_North_American_1983"), Ok(4269));
        check(&degrees("D_Deutsches_Hauptdreiecksnetz"), Err("G"));
        check(&degrees("D_WGS_1984").replace("0.0]", "2.33]"), Err("G"));
    }

    #[test]
    fn numbers_of_the_registry_go_first() {
        check("PROJCS[\"X\",AUTHORITY[\"EPSG\",\"25833\"]]", Ok(25833));
        let text = "PROJCRS[\"ETRS89 / UTM zone 32N\",BASEGEOGCRS[\"ETRS89\",ENSEMBLE[\"European Terrestrial Reference System 1989 ensemble\"]],\
            CONVERSION[\"UTM zone 32N\",METHOD[\"Transverse Mercator\",ID[\"EPSG\",9807]],\
            PARAMETER[\"Longitude of natural origin\",9,ANGLEUNIT[\"degree\",0.0174]],\
            PARAMETER[\"Scale factor at natural origin\",0.9996],PARAMETER[\"False easting\",500000]]";
        check(&format!("{text}]"), Ok(25832));
        check(&format!("{text},ID[\"EPSG\",25832]]"), Ok(25832));
        check(
            "COMPD_CS[\"X\",PROJCS[\"Y\",AUTHORITY[\"EPSG\",\"31287\"]]]",
            Ok(31287),
        );
    }

    #[test]
    fn nonsense_is_no_projection() {
        for text in [
            "",
            "x",
            "[",
            "PROJCS[",
            "PROJCS[\"a",
            "]",
            &"A[".repeat(5_000),
        ] {
            check(text, Err("a projection that cannot be read"));
        }
        check("LOCAL_CS[\"Keller\"]", Err("Keller"));
    }
}
