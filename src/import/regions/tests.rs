use std::fs;
use std::io::Write;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use tempfile::TempDir;

use super::geopackage::tests::geopackage;
use super::*;

fn source(path: PathBuf) -> RegionSource {
    RegionSource {
        source: Source {
            name: path.file_name().unwrap().to_string_lossy().into_owned(),
            path,
            mapping: None,
            currency: None,
        },
        layer: None,
        epsg: None,
        same_key: SameKey::Refuse,
    }
}

/// The source of a file with these bytes, whose name tells nothing, and its folder.
fn file(bytes: impl AsRef<[u8]>) -> (TempDir, RegionSource) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("upload");
    fs::write(&path, bytes).unwrap();
    (folder, source(path))
}

/// The regions in words: key, name, parent, then longitude and latitude of the first corner of
/// each ring, to four digits.
fn told(regions: &Regions) -> Vec<String> {
    let tell = |region: &OwnRegion| {
        let parent = region.parent.as_ref().map_or("-", RegionKey::as_str);
        let rings = region
            .polygons
            .iter()
            .flat_map(crate::record::region::Polygon::rings);
        let least = |ring: &[crate::place::LonLat]| {
            let corners = ring.iter().map(|at| (at.lon(), at.lat()));
            let least = corners.min_by(|a, b| a.partial_cmp(b).unwrap()).unwrap();
            format!("{:.4},{:.4}", least.0, least.1)
        };
        let rings: Vec<String> = rings.map(least).collect();
        format!(
            "{} {} {parent} {}",
            region.key,
            region.name,
            rings.join(" ")
        )
    };
    regions.regions.iter().map(tell).collect()
}

/// Number, reason and field of the remarks.
fn said(regions: &Regions) -> Vec<String> {
    let tell = |remark: &Remark| {
        let taken = if remark.taken { " taken" } else { "" };
        format!("{} {} {}{taken}", remark.line, remark.reason, remark.field)
    };
    regions.remarks.iter().map(tell).collect()
}

fn features(features: &[&str]) -> String {
    let features = features.join(",");
    format!(r#"{{"type":"FeatureCollection","features":[{features}]}}"#)
}

fn feature(properties: &str, geometry: &str) -> String {
    format!(r#"{{"type":"Feature","properties":{properties},"geometry":{geometry}}}"#)
}

const SQUARE: &str =
    r#"{"type":"Polygon","coordinates":[[[10,50],[11,50],[11,51],[10,51],[10,50]]]}"#;

#[test]
fn geojson_gives_regions_and_remarks() {
    let cells = [
        feature(
            r#"{"Schlüssel":"A","Bezeichnung":"Süd","Farbe":"rot","n":1.0,"Übergeordnet":"X"}"#,
            SQUARE,
        ),
        feature(r#"{"Schlüssel":"A","Bezeichnung":"Nord"}"#, SQUARE),
        feature(r#"{"Schlüssel":"B"}"#, SQUARE),
        feature(r#"{"Bezeichnung":"B"}"#, SQUARE),
        feature(r#"{"Schlüssel":"C","Bezeichnung":"C"}"#, "null"),
        feature(
            r#"{"Schlüssel":"D","Bezeichnung":"D"}"#,
            r#"{"type":"Point","coordinates":[1,2]}"#,
        ),
        feature(
            r#"{"Schlüssel":"E","Bezeichnung":"E"}"#,
            r#"{"type":"Polygon","coordinates":[[[1,2],[3,4],[1,2]]]}"#,
        ),
        feature(
            r#"{"Schlüssel":"F","Bezeichnung":"F"}"#,
            r#"{"type":"Polygon","coordinates":[[[1,2],[300,4],[1,5],[1,2]]]}"#,
        ),
        feature(
            r#"{"Schlüssel":"G","Bezeichnung":"G"}"#,
            r#"{"type":"Polygon","coordinates":[[[1,"x"]]]}"#,
        ),
        feature(
            r#"{"Schlüssel":7,"Bezeichnung":"offen","Übergeordnet":null}"#,
            r#"{"type":"MultiPolygon","coordinates":[[[[1,2,9],[3,2,9],[3,4,9]],[[2,2.2],[2.1,2.2],[2,2.2]]]]}"#,
        ),
        "7".to_owned(),
    ];
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    let (_folder, source) = file(features(&cells));
    let found = regions(&source).unwrap();
    assert_eq!(
        told(&found),
        ["A Süd X 10.0000,50.0000", "7 offen - 1.0000,2.0000"]
    );
    assert_eq!(
        said(&found),
        [
            "2 duplicate_key key",
            "3 missing_name name",
            "4 missing_key key",
            "5 missing_geometry geometry",
            "6 not_an_area geometry",
            "7 bad_ring geometry",
            "8 bad_coordinate geometry",
            "9 bad_geometry geometry",
            "10 closed_ring geometry taken",
            "10 dropped_ring geometry taken",
            "11 missing_key key",
        ]
    );
    assert_eq!((found.features, found.rejected, found.epsg), (11, 9, 4326));
    let attributes: Vec<_> = found.regions[0].attributes.iter().collect();
    assert_eq!(
        format!("{attributes:?}"),
        r#"[("Farbe", "rot"), ("n", "1")]"#
    );
    assert_eq!(found.mapping.0["key"], "Schlüssel");
}

#[test]
fn a_mapping_and_joined_pieces() {
    let pieces = features(&[
        &feature(r#"{"id":"1","chef":"Ada","wo":"Süd"}"#, SQUARE),
        &feature(
            r#"{"id":"2","chef":"Ada","wo":"Süd"}"#,
            &SQUARE.replace("[10,", "[9,"),
        ),
    ]);
    let (_folder, mut source) = file(pieces);
    source.source.mapping = Some(Mapping::parse(r#"{"key":"Chef","parent":"WO"}"#).unwrap());
    source.same_key = SameKey::Join;
    let found = regions(&source).unwrap();
    assert_eq!(told(&found), ["Ada Ada Süd 10.0000,50.0000 9.0000,50.0000"]);
    source.source.mapping = Some(Mapping::parse(r#"{"key":"chief"}"#).unwrap());
    let error = regions(&source).unwrap_err().to_string();
    assert!(error.contains("did you mean \"chef\"?"), "{error}");
    source.source.mapping = Some(Mapping::parse(r#"{"kex":"id"}"#).unwrap());
    let error = regions(&source).unwrap_err().to_string();
    assert!(error.contains("did you mean \"key\"?"), "{error}");
}

#[test]
fn a_region_does_not_lie_within_itself() {
    let own = |key: &str, parent: &str| {
        feature(&format!(r#"{{"key":"{key}","parent":"{parent}"}}"#), SQUARE)
    };
    let all = [
        own("a", "b"),
        own("b", "c"),
        own("c", "a"),
        own("d", "a"),
        own("e", "e"),
        own("f", "x"),
    ];
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let (_folder, source) = file(features(&all));
    let found = regions(&source).unwrap();
    let parents: Vec<_> = found
        .regions
        .iter()
        .map(|own| own.parent.is_some())
        .collect();
    assert_eq!(parents, [true, true, false, true, false, true]);
    assert_eq!(
        said(&found),
        ["3 bad_parent parent taken", "5 bad_parent parent taken"]
    );
}

/// A square of 100 km at the corner 500 000, 5 500 000 of UTM zone 32.
const UTM: [[f64; 2]; 5] = [
    [500_000.0, 5_500_000.0],
    [500_000.0, 5_600_000.0],
    [600_000.0, 5_600_000.0],
    [600_000.0, 5_500_000.0],
    [500_000.0, 5_500_000.0],
];
/// Its corner: on the central meridian, 5 500 000 / 0.9996 m of meridian arc (GRS80, integrated by
/// Simpson's rule) are 49.652 54 degrees.
const UTM_CORNER: &str = "A Köln - 9.0000,49.6525";

#[test]
fn old_geojson_names_its_projection() {
    let ring: Vec<String> = UTM.iter().map(|[x, y]| format!("[{x},{y}]")).collect();
    let polygon = format!(
        r#"{{"type":"Polygon","coordinates":[[{}]]}}"#,
        ring.join(",")
    );
    let text = features(&[&feature(r#"{"id":"A","name":"Köln"}"#, &polygon)]);
    let with = |crs: &str| text.replacen('{', &format!(r#"{{"crs":{crs},"#), 1);
    let named = |name: &str| {
        with(&format!(
            r#"{{"type":"name","properties":{{"name":"{name}"}}}}"#
        ))
    };
    for text in [
        named("urn:ogc:def:crs:EPSG::25832"),
        named("EPSG:25832"),
        with(r#"{"type":"EPSG","properties":{"code":25832}}"#),
    ] {
        let (_folder, source) = file(text);
        assert_eq!(told(&regions(&source).unwrap()), [UTM_CORNER]);
    }
    let (_folder, mut source) = file(&text);
    let error = regions(&source).unwrap_err().to_string();
    assert!(error.contains("a plane that it does not name"), "{error}");
    source.epsg = Some(25832);
    assert_eq!(told(&regions(&source).unwrap()), [UTM_CORNER]);
    for name in ["urn:ogc:def:crs:EPSG::2154", "Gauß"] {
        let (_folder, source) = file(named(name));
        assert!(matches!(
            regions(&source),
            Err(Error::UnknownProjection { .. })
        ));
    }
    let windows = encoding_rs::WINDOWS_1252
        .encode(&named("EPSG:25832"))
        .0
        .into_owned();
    let (_folder, source) = file(windows);
    assert_eq!(told(&regions(&source).unwrap()), [UTM_CORNER]);
}

/// A `.shp` with one polygon of these rings, and a record without one.
fn shp(rings: &[&[[f64; 2]]]) -> Vec<u8> {
    let mut content = vec![5, 0, 0, 0];
    content.extend([0; 32]);
    let points: usize = rings.iter().map(|ring| ring.len()).sum();
    content.extend(u32::try_from(rings.len()).unwrap().to_le_bytes());
    content.extend(u32::try_from(points).unwrap().to_le_bytes());
    let mut start = 0_u32;
    for ring in rings {
        content.extend(start.to_le_bytes());
        start += u32::try_from(ring.len()).unwrap();
    }
    for ring in rings {
        content.extend(ring.iter().flatten().flat_map(|n| n.to_le_bytes()));
    }
    let mut shp = vec![0, 0, 0x27, 0x0a];
    shp.resize(100, 0);
    for (number, content) in (1_u32..).zip([&content[..], &[0; 4]]) {
        shp.extend(number.to_be_bytes());
        shp.extend(u32::try_from(content.len() / 2).unwrap().to_be_bytes());
        shp.extend(content);
    }
    shp
}

const UTM_32: &str = r#"PROJCS["ETRS_1989_UTM_Zone_32N",GEOGCS["GCS_ETRS_1989",DATUM["D_ETRS_1989",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",9.0],PARAMETER["Scale_Factor",0.9996],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]"#;

fn shapefile() -> [(&'static str, Vec<u8>); 4] {
    let dbf = attributes::tests::table(&["AGS", "GEN"], &[&[b"A", b"K\xf6ln"], &[b"B", b"B"]]);
    [
        ("shp", shp(&[&UTM])),
        ("dbf", dbf),
        ("prj", UTM_32.as_bytes().to_vec()),
        ("cpg", b"1252".to_vec()),
    ]
}

#[test]
fn shapefiles_lie_in_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    for (ending, bytes) in shapefile() {
        let ending = if ending == "dbf" { "DBF" } else { ending };
        fs::write(folder.path().join(format!("kreise.{ending}")), bytes).unwrap();
    }
    let shp = folder.path().join("kreise.shp");
    let found = regions(&source(shp.clone())).unwrap();
    assert_eq!(told(&found), [UTM_CORNER]);
    assert_eq!(said(&found), ["2 missing_geometry geometry"]);
    assert_eq!((found.format, found.epsg), ("Shapefile", 25832));
    fs::remove_file(folder.path().join("kreise.DBF")).unwrap();
    let error = regions(&source(shp)).unwrap_err().to_string();
    assert!(
        error.contains("pack .shp, .dbf, .shx and .prj into one ZIP file"),
        "{error}"
    );
}

/// A ZIP archive; a part whose name starts with `!` says that it is a byte larger than it is.
fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in parts {
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(content).unwrap();
        let packed = packed.finish().unwrap();
        let lie = usize::from(name.starts_with('!'));
        let at = u32::try_from(bytes.len()).unwrap();
        let mut header = vec![20, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        header.extend(u32::try_from(packed.len()).unwrap().to_le_bytes());
        header.extend(u32::try_from(content.len() + lie).unwrap().to_le_bytes());
        header.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        header.extend([0, 0]);
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&header);
        bytes.extend(name.as_bytes());
        bytes.extend(packed);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(header);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let start = u32::try_from(bytes.len()).unwrap();
    let count = u16::try_from(parts.len()).unwrap().to_le_bytes();
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([count, count].concat());
    bytes.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    bytes.extend(start.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

#[test]
fn shapefiles_lie_in_an_archive() {
    let parts = shapefile();
    let named = |stem: &str| {
        let name = |ending: &str| format!("{stem}.{ending}");
        parts
            .iter()
            .map(|(ending, bytes)| (name(ending), bytes.clone()))
            .collect::<Vec<_>>()
    };
    let archive = |parts: &[(String, Vec<u8>)]| {
        let parts: Vec<_> = parts
            .iter()
            .map(|(name, bytes)| (name.as_str(), &bytes[..]))
            .collect();
        zip(&parts)
    };
    let mut all = named("daten/Kreise");
    all.push(("__MACOSX/daten/._Kreise.shp".to_owned(), b"x".to_vec()));
    let (_folder, source) = file(archive(&all));
    assert_eq!(told(&regions(&source).unwrap()), [UTM_CORNER]);
    all.extend(named("daten/Länder"));
    let (_folder, mut source) = file(archive(&all));
    let error = regions(&source).unwrap_err().to_string();
    assert!(error.ends_with("it has: Kreise, Länder"), "{error}");
    source.layer = Some("länder".to_owned());
    assert_eq!(told(&regions(&source).unwrap()), [UTM_CORNER]);
    let (_folder, source) = file(zip(&[("a.txt", b"x")]));
    assert!(matches!(regions(&source), Err(Error::NotRegions { .. })));
}

#[test]
fn archives_that_lie_are_refused() {
    let (_folder, source) = file(zip(&[("!.kml", b"<kml></kml>")]));
    let error = regions(&source).unwrap_err().to_string();
    assert!(error.contains("another size than it says"), "{error}");
    // Says that it unpacks to 4 GB.
    let mut bomb = zip(&[("a.kml", b"<kml></kml>")]);
    let at = bomb
        .windows(4)
        .position(|window| window == b"PK\x01\x02")
        .unwrap();
    bomb[at + 24..at + 28].copy_from_slice(&[0xfe; 4]);
    let (_folder, source) = file(bomb);
    assert!(matches!(regions(&source), Err(Error::TooLarge { .. })));
}

#[test]
fn kml_lies_loose_or_in_an_archive() {
    let kml = "<kml><Placemark><name>A</name><Polygon><outerBoundaryIs><LinearRing><coordinates>\
        10,50 11,50 11,51 10,50</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></kml>";
    for bytes in [
        kml.as_bytes().to_vec(),
        zip(&[("doc.kml", kml.as_bytes()), ("x.kml", b"x")]),
    ] {
        let (_folder, source) = file(bytes);
        assert_eq!(told(&regions(&source).unwrap()), ["A A - 10.0000,50.0000"]);
    }
}

#[test]
fn geopackages_hold_tables() {
    let hex = |blob: &[u8]| {
        let digits = blob.iter().map(|byte| format!("{byte:02x}"));
        digits.collect::<Vec<_>>().concat()
    };
    let good = hex(&wkb::tests::blob(25832, &UTM));
    let mut statements = vec![
        "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER, organization TEXT, organization_coordsys_id INTEGER, definition TEXT)".to_owned(),
        "INSERT INTO gpkg_spatial_ref_sys VALUES ('x', 25832, 'epsg', 25832, '')".to_owned(),
        "CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, srs_id INTEGER)".to_owned(),
        "INSERT INTO gpkg_geometry_columns VALUES ('Ge\"biete', 'geom', 25832)".to_owned(),
        "CREATE TABLE \"Ge\"\"biete\" (fid INTEGER PRIMARY KEY, geom BLOB, kennung TEXT, name TEXT, wert REAL)".to_owned(),
        format!("INSERT INTO \"Ge\"\"biete\" VALUES (1, x'{good}', 'A', 'Köln', 1.5)"),
        "INSERT INTO \"Ge\"\"biete\" VALUES (2, NULL, 'B', 'B', NULL)".to_owned(),
        "INSERT INTO \"Ge\"\"biete\" VALUES (3, 'text', 'C', 'C', NULL)".to_owned(),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    geopackage(&path, &statements);
    let found = regions(&source(path)).unwrap();
    assert_eq!(told(&found), [UTM_CORNER]);
    assert_eq!(
        said(&found),
        ["2 missing_geometry geometry", "3 bad_geometry geometry"]
    );
    assert_eq!(found.regions[0].attributes["wert"], "1.5");
    // A view could run anything, so it is as good as not there.
    statements.push("CREATE VIEW v AS SELECT * FROM \"Ge\"\"biete\"".to_owned());
    statements.push("UPDATE gpkg_geometry_columns SET table_name = 'v'".to_owned());
    let path = folder.path().join("b");
    geopackage(&path, &statements);
    assert!(matches!(regions(&source(path)), Err(Error::Layers { .. })));
    let path = folder.path().join("c");
    geopackage(&path, &statements[4..5]);
    assert!(matches!(
        regions(&source(path)),
        Err(Error::NotRegions { .. })
    ));
    let mut bytes = geopackage::MAGIC.to_vec();
    bytes.extend([7; 5_000]);
    let (_folder, source) = file(bytes);
    assert!(regions(&source).is_err());
}

#[test]
fn geopackages_are_read_within_a_runtime() {
    let (_folder, source) = file(geopackage::MAGIC);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    assert!(runtime.block_on(async { regions(&source) }).is_err());
}

#[test]
fn other_files_are_refused() {
    let check = |bytes: &[u8], expected: &str| {
        let (_folder, source) = file(bytes);
        let error = regions(&source).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    };
    check(b"", "upload is empty");
    check(b"%PDF-1.7", "upload is a PDF document, neither");
    check(b"a;b\n1;2\n", "upload is text of another kind");
    check(b"{\"type\":\"Topology\"}", "upload is TopoJSON");
    check(b"{\"a\":", "upload is damaged at byte 4");
    check(
        b"{\"type\":\"FeatureCollection\",\"features\":[]}",
        "upload is empty",
    );
    check(b"<html></html>", "upload is XML other than KML");
    let unnamed = features(&[&feature(r#"{"x":1}"#, SQUARE)]);
    check(
        unnamed.as_bytes(),
        "upload has no column for key: its headings are \"x\"",
    );
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        regions(&source(folder.path().to_owned())),
        Err(Error::NotAFile { .. })
    ));
}
