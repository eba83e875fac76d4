//! A hamlet as PBF and as XML, whole and damaged.

use std::io::Write;
use std::ops::ControlFlow;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use crate::import::addresses::{AddressSource, Find, PlaceKind, addresses};
use crate::import::{Error, Source};

const XML: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
 <bounds minlat="50" minlon="11" maxlat="51" maxlon="12"/>
 <node id="1" lat="50.0" lon="11.0"/>
 <node id="2" lat="50.0" lon="11.001"/>
 <node id="3" lat="50.001" lon="11.001"/>
 <node id="4" lat="50.001" lon="11.0"/>
 <node id="5" lat="50.5" lon="11.5"><tag k="place" v="hamlet"/><tag k="name" v="Klein &amp; Fein"/></node>
 <node id="6" lat="50.2" lon="11.2"><tag k="addr:housenumber" v="7"/></node>
 <node id="7"/>
 <way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/><nd ref="99"/>
  <tag k="building" v="yes"/><tag k="addr:housenumber" v="12a"/><tag k="addr:street" v="Dorfstraße"/>
  <tag k="addr:postcode" v="12345"/><tag k="addr:city" v="Testingen"/></way>
 <way id="11"><nd ref="1"/><nd ref="3"/><tag k="highway" v="residential"/><tag k="name" v="Dorfstraße"/></way>
 <way id="12"><nd ref="3"/><nd ref="4"/></way>
 <relation id="20"><member type="node" ref="6" role="house"/><tag k="type" v="associatedStreet"/><tag k="name" v="Anger"/></relation>
 <relation id="21"><member type="way" ref="12" role="outer"/><tag k="type" v="multipolygon"/>
  <tag k="addr:housenumber" v="3"/><tag k="addr:place" v="Hof"/></relation>
</osm>
"#;

fn read(bytes: &[u8]) -> Result<Vec<Find>, Error> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let source = AddressSource {
        source: Source {
            path: file.path().to_owned(),
            name: "a.osm".to_owned(),
            mapping: None,
            currency: None,
        },
        epsg: None,
    };
    let mut finds = Vec::new();
    addresses(&source, &mut |chunk| {
        finds.extend(chunk.finds);
        ControlFlow::Continue(())
    })?;
    Ok(finds)
}

fn shown(finds: &[Find]) -> Vec<String> {
    let mut lines: Vec<String> = finds
        .iter()
        .map(|find| match find {
            Find::Address(a) => format!(
                "{} {}, {} {} at {:.4} {:.4}",
                a.street,
                a.house_number,
                a.postal_code,
                a.place,
                a.position.lon(),
                a.position.lat()
            ),
            Find::Street(part) => format!("{} of {} points", part.street, part.line.len()),
            Find::Place(place) => format!("{:?} {}", place.kind, place.name),
        })
        .collect();
    lines.sort();
    lines
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(text).unwrap();
    packed.finish().unwrap()
}

#[test]
fn xml_is_read_packed_or_not() {
    // The way 10 has a node beyond the extract, so it is no closed area and its middle is the
    // mean of the five points that are known.
    let expected = [
        "Anger 7,   at 11.2000 50.2000",
        "Dorfstraße 12a, 12345 Testingen at 11.0005 50.0005",
        "Dorfstraße of 2 points",
        "Hamlet Klein & Fein",
        "Hof 3,   at 11.0005 50.0010",
    ];
    assert_eq!(shown(&read(XML.as_bytes()).unwrap()), expected);
    assert_eq!(shown(&read(&gzip(XML.as_bytes())).unwrap()), expected);
}

#[track_caller]
fn check_refused(bytes: &[u8], part: &str) {
    let message = read(bytes).unwrap_err().to_string();
    assert!(message.contains(part), "{message}");
    assert!(message.starts_with("a.osm "), "{message}");
}

#[test]
fn broken_xml_is_refused() {
    check_refused(
        &XML.as_bytes()[..XML.len() - 8],
        "the file ends before its last tag",
    );
    check_refused(
        b"<?xml version=\"1.0\"?><kml></kml>",
        "the file is no OpenStreetMap file",
    );
    check_refused(
        &XML.replace("50.001", "Bonn").into_bytes(),
        "\"Bonn\" is no lat",
    );
    check_refused(&XML.replace("&amp;", "&bomb;").into_bytes(), "bomb");
    let packed = gzip(XML.as_bytes());
    check_refused(&packed[..packed.len() / 2], "a.osm is damaged");
    check_refused(&gzip(b"street,number\n"), "the file ends");
}

#[test]
fn what_grows_without_end_is_refused() {
    let long = format!(
        "<osm><node id=\"1\" lat=\"0\" lon=\"0\" user=\"{}\"/></osm>",
        "x".repeat(4 << 20)
    );
    check_refused(long.as_bytes(), "a tag has more than 1048576 bytes");
    let deep = format!("<osm>{}", "<a>".repeat(65));
    check_refused(
        deep.as_bytes(),
        "tags stand more than 64 deep in each other",
    );
    let many = format!(
        "<osm><way id=\"1\">{}</way></osm>",
        "<nd ref=\"1\"/>".repeat(200_001)
    );
    check_refused(
        &gzip(many.as_bytes()),
        "an element has more than 200000 parts",
    );
}

fn number(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(u8::try_from(number & 0x7f).unwrap() | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap());
    bytes
}

fn field(id: u64, bytes: &[u8]) -> Vec<u8> {
    [
        number(id << 3 | 2),
        number(bytes.len() as u64),
        bytes.to_vec(),
    ]
    .concat()
}

fn steps(values: &[i64]) -> Vec<u8> {
    let mut last = 0;
    let zigzag = values.iter().flat_map(|value| {
        let step = value - std::mem::replace(&mut last, *value);
        number(((step << 1) ^ (step >> 63)).cast_unsigned())
    });
    zigzag.collect()
}

fn blob(kind: &str, block: &[u8], said: Option<u64>) -> Vec<u8> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(block).unwrap();
    let blob = [
        number(2 << 3),
        number(block.len() as u64),
        field(3, &packed.finish().unwrap()),
    ]
    .concat();
    let size = said.unwrap_or(blob.len() as u64);
    let header = [field(1, kind.as_bytes()), number(3 << 3), number(size)].concat();
    let length = u32::try_from(header.len()).unwrap().to_be_bytes();
    [length.to_vec(), header, blob].concat()
}

fn head(feature: &str) -> Vec<u8> {
    blob("OSMHeader", &field(4, feature.as_bytes()), None)
}

/// Two nodes, the second a village, and a way with an address on both.
fn block() -> Vec<u8> {
    let words = [
        "",
        "place",
        "village",
        "name",
        "Dorf",
        "addr:housenumber",
        "5",
        "addr:place",
    ];
    let table: Vec<u8> = words
        .iter()
        .flat_map(|word| field(1, word.as_bytes()))
        .collect();
    let dense = [
        field(1, &steps(&[1, 2])),
        field(8, &steps(&[500_000_000, 500_010_000])),
        field(9, &steps(&[110_000_000, 110_010_000])),
        field(10, &[0, 1, 2, 3, 4, 0]),
    ]
    .concat();
    let way = [
        number(1 << 3),
        number(7),
        field(2, &[5, 7]),
        field(3, &[6, 4]),
        field(8, &steps(&[1, 2])),
    ]
    .concat();
    [
        field(1, &table),
        field(2, &field(2, &dense)),
        field(2, &field(3, &way)),
    ]
    .concat()
}

fn pbf() -> Vec<u8> {
    [head("DenseNodes"), blob("OSMData", &block(), None)].concat()
}

#[test]
fn pbf_is_read() {
    let finds = read(&pbf()).unwrap();
    assert_eq!(
        shown(&finds),
        ["Dorf 5,   at 11.0005 50.0005", "Village Dorf"]
    );
    assert!(
        finds
            .iter()
            .any(|find| matches!(find, Find::Place(place) if place.kind == PlaceKind::Village))
    );
}

#[test]
fn broken_pbf_is_refused() {
    let whole = pbf();
    check_refused(&whole[..whole.len() - 9], "the file ends 9 bytes too early");
    check_refused(
        &whole[..head("DenseNodes").len() + 3],
        "the file ends within the header of a block",
    );
    check_refused(&head("Sealed"), "unknown feature \"Sealed\"");
    let huge = [head("DenseNodes"), blob("OSMData", &block(), Some(1 << 31))].concat();
    check_refused(
        &huge,
        "a block has 2147483648 bytes; at most 33554432 are allowed",
    );
    let bomb = [
        head("DenseNodes"),
        blob("OSMData", &vec![0; 40 << 20], None),
    ]
    .concat();
    check_refused(&bomb, "unpacks to more than the 33554432 bytes");
    let mut block = block();
    let end = block.len() - 1;
    block[end] = 0xff;
    let bad = [head("DenseNodes"), blob("OSMData", &block, None)].concat();
    check_refused(&bad, "breaks the rules of the format");
}

#[test]
fn no_bytes_make_it_panic() {
    let mut seed = 0x5eed_u64;
    let mut below = |limit: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % limit
    };
    let start = head("DenseNodes");
    for round in 0..3_000 {
        let mut bytes = match round % 3 {
            0 => block(),
            1 => pbf(),
            _ => XML.as_bytes().to_vec(),
        };
        for _ in 0..=below(4) {
            let at = below(bytes.len());
            match below(3) {
                0 => bytes[at] = u8::try_from(below(256)).unwrap(),
                1 => bytes.truncate(at.max(1)),
                _ => bytes.insert(at, u8::try_from(below(256)).unwrap()),
            }
        }
        // A damaged block in a whole blob gets past the checksum of zlib.
        if round % 3 == 0 {
            bytes = [start.clone(), blob("OSMData", &bytes, None)].concat();
        }
        // Whether it is read or refused does not matter here.
        let _ = read(&bytes);
    }
}
