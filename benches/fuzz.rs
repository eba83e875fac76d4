//! Arbitrary bytes for everything that reads what strangers wrote: `make fuzz`, or
//! `cargo bench --bench fuzz -- SECONDS [TARGET…]`.
//!
//! Each target starts from whole examples, which are cut, doubled, swapped and overwritten by a
//! fixed seed, so a run can be repeated. A panic ends the run with the input in a file; errors are
//! what is wanted. Prints how many inputs were taken and how much memory was in use at most.

mod tools;

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use revier::cube::{OwnMeasures, Question};
use revier::geocode::{Gazetteer, Geocoder};
use revier::import::addresses::{AddressSource, addresses};
use revier::import::regions::{RegionSource, SameKey, regions};
use revier::import::{Kind, Source, accounts, preview, sales};
use revier::record::account::Address;
use revier::record::measure::MeasureDefinition;
use revier::spatial::coverage::{check, repair};

use tools::Random;

const SEED: u64 = 20_261_122;

/// Seconds of a target without an argument: enough to see that it works.
const SECONDS: u64 = 5;

/// What is tried, with examples of what it reads well.
struct Target {
    name: &'static str,
    seeds: Vec<Vec<u8>>,
    run: fn(&Path, &[u8]),
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect();
    let seconds = words.iter().find_map(|word| word.parse().ok());
    let limit = Duration::from_secs(seconds.unwrap_or(SECONDS));
    let folder = tempfile::tempdir().expect("a folder for the inputs");
    let input = folder.path().join("input");
    std::fs::write(&input, workbook()).expect("the input is written");
    accounts(&source(&input), &mut |_| ControlFlow::Continue(())).expect("the example is whole");
    std::panic::set_hook(Box::new(|_| {}));
    for target in targets() {
        let is_wanted = words.iter().any(|word| word == target.name);
        let names_some = words.iter().any(|word| word.parse::<u64>().is_err());
        if names_some && !is_wanted {
            continue;
        }
        match hammer(&target, &input, limit) {
            Ok(inputs) => println!(
                "{:<12} {inputs:>9} inputs in {} s, no panic; {} MB at most",
                target.name,
                limit.as_secs(),
                peak_mb()
            ),
            Err(bytes) => {
                let path = std::env::temp_dir().join(format!("revier-fuzz-{}", target.name));
                std::fs::write(&path, bytes).expect("the input is kept");
                println!("{}: PANIC on {}", target.name, path.display());
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

/// How many inputs were taken, else the one that was not.
fn hammer(target: &Target, input: &Path, limit: Duration) -> Result<u64, Vec<u8>> {
    let mut random = Random(SEED);
    let (started, mut inputs) = (Instant::now(), 0);
    while started.elapsed() < limit {
        let mut bytes = target.seeds[random.below(target.seeds.len())].clone();
        for _ in 0..=random.below(8) {
            mutate(&mut bytes, &target.seeds, &mut random);
        }
        let run = || (target.run)(input, &bytes);
        if catch_unwind(AssertUnwindSafe(run)).is_err() {
            return Err(bytes);
        }
        inputs += 1;
    }
    Ok(inputs)
}

fn mutate(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    const TELLING: [&[u8]; 16] = [
        b"\0",
        b"\xff\xff\xff\xff",
        b"\"",
        b";",
        b"\r\n",
        b"\xc3",
        b"\xed\xa0\x80",
        b"PK\x03\x04",
        b"1e999",
        b"-0",
        b"99999999999999999999",
        b"NaN",
        b"<",
        b"\x80\x80\x80\x80\x10",
        b"\x1f\x8b",
        b"\xef\xbb\xbf",
    ];
    let at = random.below(bytes.len() + 1);
    let length = random.below(64).min(bytes.len() - at);
    match random.below(7) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..at + length)),
        2 => {
            let part = bytes[at..at + length].to_vec();
            bytes.splice(at..at, part);
        }
        3 => {
            let part = TELLING[random.below(TELLING.len())];
            bytes.splice(at..at, part.iter().copied());
        }
        4 => {
            let other = &seeds[random.below(seeds.len())];
            let from = random.below(other.len() + 1);
            bytes.splice(at..at + length, other[from..].iter().copied());
        }
        _ => {
            for byte in &mut bytes[at..at + length] {
                if random.below(4) == 0 {
                    *byte = u8::try_from(random.below(256)).unwrap_or_default();
                }
            }
        }
    }
    bytes.truncate(1 << 16);
}

fn targets() -> Vec<Target> {
    let text = |lines: &[&str]| lines.iter().map(|line| line.as_bytes().to_vec()).collect();
    vec![
        Target {
            name: "address",
            seeds: text(&[
                "c/o Müller, Hauptstr. 12a-14, 3. OG, D-80331 München OT Au, Deutschland",
                "Gasse 1/2/14\nA-1010 Wien",
                "N2, 14, 68161 Mannheim",
                "Postfach 12 34, CH-8001 Zürich",
                "221B Baker Street, London NW1 6XE",
                "Frankfurt a.M.",
            ]),
            run: |_, bytes| address(bytes),
        },
        Target {
            name: "accounts",
            seeds: text(&[
                "Kundennummer;Firma;Straße;PLZ;Ort;Land\nK1;Adler;Markt 1;80331;München;DE\n",
                "\"CustomerID\",\"CompanyName\",\"lon\",\"lat\"\n\"A\",\"B \"\"x\"\"\",\"11,5\",48.1\n",
                "Key\tName\tStage\n1\tA\tKunde\n2\t\"B\nC\"\tLead\n",
            ]),
            run: |path, bytes| table(path, bytes, Kind::Accounts),
        },
        Target {
            name: "sales",
            seeds: text(&[
                "Beleg;Datum;Kunde;Menge;Netto;Kosten;Währung\no1;15.01.2024;A;2;1.234,56;7;EUR\n",
                "order,date,account,net_amount\n1,2024-02-29,A,1 234.50\n2,01/31/2024,B,-5\n",
            ]),
            run: |path, bytes| table(path, bytes, Kind::Sales),
        },
        Target {
            name: "workbook",
            seeds: vec![workbook()],
            run: |path, bytes| table(path, bytes, Kind::Accounts),
        },
        Target {
            name: "houses",
            seeds: text(&[
                "LON,LAT,NUMBER,STREET,CITY,POSTCODE\n11.57,48.14,3,Türkenstraße,München,80333\n",
                "Strasse;Hausnr;PLZ;Ort;Ostwert;Nordwert;EPSG\nMarkt;1a;1;A;691000,5;5334000;25832\n",
            ]),
            run: houses,
        },
        Target {
            name: "osm",
            seeds: vec![
                b"<?xml version='1.0'?><osm version=\"0.6\"><node id=\"1\" lat=\"48.1\" lon=\"11.5\">\
                  <tag k=\"addr:street\" v=\"Markt\"/><tag k=\"addr:housenumber\" v=\"1\"/></node>\
                  <way id=\"2\"><nd ref=\"1\"/><tag k=\"highway\" v=\"service\"/></way></osm>"
                    .to_vec(),
                protocol_buffers(),
            ],
            run: houses,
        },
        Target {
            name: "regions",
            seeds: region_files(),
            run: |path, bytes| {
                std::fs::write(path, bytes).expect("the input is written");
                let source = RegionSource {
                    source: source(path),
                    layer: None,
                    epsg: None,
                    same_key: SameKey::Join,
                };
                if let Ok(mut found) = regions(&source) {
                    let _ = repair(&mut found.regions);
                    let _ = check(&found.regions);
                }
            },
        },
        Target {
            name: "question",
            seeds: text(&[
                "{\"measures\":[\"revenue\"],\"rows\":[\"region.state\"],\"limit\":5}",
                "{\"measures\":[\"customers\"],\"filters\":[{\"level\":\"time.year\",\"keys\":[2024]}]}",
            ]),
            run: |_, bytes| {
                if let Ok(request) = serde_json::from_slice::<revier::cube::Request>(bytes) {
                    let _ = Question::try_from(request);
                }
            },
        },
        Target {
            name: "formula",
            seeds: text(&[
                "revenue - 1.1 * revenue.previous_year",
                "if(customers > 0, max(margin, 0) / customers, abs(-(cost)))",
            ]),
            run: |_, bytes| formula(bytes),
        },
    ]
}

fn formula(bytes: &[u8]) {
    let _ = OwnMeasures::default().with(MeasureDefinition {
        name: "fuzzed".to_owned(),
        formula: String::from_utf8_lossy(bytes).into_owned(),
        label_de: String::new(),
        label_en: String::new(),
        format: None,
        decimals: None,
    });
}

fn address(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let parts: Vec<&str> = text.splitn(5, ',').collect();
    let part = |index: usize| (*parts.get(index).unwrap_or(&"")).to_owned();
    let address = Address {
        street: part(0),
        postal_code: part(1),
        place: part(2),
        state: part(3),
        country: part(4),
    };
    let geocoder = Geocoder::shipped();
    let _ = geocoder.locate_all(&[(address, None)]);
    let _ = geocoder.geocode(&text, 5);
    let _ = Gazetteer::shipped().search(&text, 5);
}

fn source(path: &Path) -> Source {
    Source {
        path: path.to_owned(),
        name: "input".to_owned(),
        mapping: None,
        currency: None,
    }
}

fn table(path: &Path, bytes: &[u8], kind: Kind) {
    std::fs::write(path, bytes).expect("the input is written");
    let _ = preview(path, "input", Some(kind));
    let _ = match kind {
        Kind::Sales => sales(&source(path), &mut |_| ControlFlow::Continue(())),
        _ => accounts(&source(path), &mut |_| ControlFlow::Continue(())),
    };
}

fn houses(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).expect("the input is written");
    let source = AddressSource {
        source: source(path),
        epsg: None,
    };
    let _ = preview(path, "input", None);
    let _ = addresses(&source, &mut |_| ControlFlow::Continue(()));
}

/// Two squares as `GeoJSON`, as KML, and as the outlines of a shapefile.
fn region_files() -> Vec<Vec<u8>> {
    let ring = "[[10,50],[11,50],[11,51],[10,51],[10,50]]";
    let json = format!(
        "{{\"type\":\"FeatureCollection\",\"features\":[{{\"type\":\"Feature\",\"properties\":\
         {{\"id\":\"A\",\"name\":\"Ä\"}},\"geometry\":{{\"type\":\"Polygon\",\"coordinates\":[{ring}]}}}}]}}"
    );
    let kml = "<kml><Placemark><name>A</name><Polygon><outerBoundaryIs><LinearRing><coordinates>\
        10,50 11,50 11,51 10,50</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></kml>";
    let mut shape = vec![0, 0, 0x27, 0x0a];
    shape.extend([0; 20]);
    shape.extend(90_i32.to_be_bytes());
    shape.extend([0xe8, 3, 0, 0, 5, 0, 0, 0]);
    shape.extend([0; 64]);
    vec![json.into_bytes(), kml.as_bytes().to_vec(), shape]
}

/// A workbook of one sheet, its parts stored as they are.
fn workbook() -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    const TO: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let rows = [["Kundennummer", "Firma", "PLZ"], ["K1", "Adler", "80331"]];
    let cell = |text| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let rows = rows.map(|row| format!("<row>{}</row>", row.map(cell).concat()));
    let related = |kind: &str, target: &str| {
        format!(
            "<Relationships xmlns=\"{PACKAGE}\"><Relationship Id=\"r1\" Type=\"{TO}/{kind}\" \
             Target=\"{target}\"/></Relationships>"
        )
    };
    let sheets = "<sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"r1\"/></sheets>";
    stored(&[
        ("_rels/.rels", related("officeDocument", "xl/workbook.xml")),
        (
            "xl/workbook.xml",
            format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{TO}\">{sheets}</workbook>"),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            related("worksheet", "worksheets/sheet1.xml"),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!(
                "<worksheet xmlns=\"{MAIN}\"><sheetData>{}</sheetData></worksheet>",
                rows.concat()
            ),
        ),
    ])
}

/// A ZIP archive of parts that are not packed.
fn stored(parts: &[(&str, String)]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    let small = |number: usize| u32::try_from(number).expect("some kilobytes").to_le_bytes();
    for (name, text) in parts {
        let mut sum = flate2::Crc::new();
        sum.update(text.as_bytes());
        // Version, flags, method, time, date, checksum, sizes, lengths of name and rest.
        let mut facts = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        facts.extend(sum.sum().to_le_bytes());
        facts.extend([small(text.len()), small(text.len())].concat());
        facts.extend([small(name.len())[0], 0, 0, 0]);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&facts);
        directory.extend([0; 10]);
        directory.extend(small(bytes.len()));
        directory.extend(name.as_bytes());
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&facts);
        bytes.extend(name.as_bytes());
        bytes.extend(text.as_bytes());
    }
    let count = u8::try_from(parts.len()).expect("four parts");
    let at = small(bytes.len());
    let size = small(directory.len());
    bytes.extend(directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([count, 0, count, 0]);
    bytes.extend([size, at].concat());
    bytes.extend([0, 0]);
    bytes
}

/// A file header and an empty block, as OpenStreetMap packs them.
fn protocol_buffers() -> Vec<u8> {
    let mut bytes = b"\0\0\0\x0d\x0a\x09OSMHeader\x18\x1a".to_vec();
    bytes.extend(b"\x0a\x18\x22\x0eOsmSchema-V0.6\x22\x06Dense!");
    bytes.extend(b"\0\0\0\x0b\x0a\x07OSMData\x18\x0a\x0a\x08\x0a\x02\x0a\0\x12\x02\x12\0");
    bytes
}

fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() / 1024
}
