//! How well and how fast houses are found again, on the OpenStreetMap extracts of `../shared/data`.
//!
//! `cargo bench --bench houses [FILE…]`; without files those two, skipped where they are not.

mod tools;

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use revier::geocode::house::{Builder, Built, HouseFile, Houses};
use revier::geocode::{Geocoder, Located};
use revier::import::Source;
use revier::import::addresses::{AddressPoint, AddressSource, Find, addresses};
use revier::place::{Level, LonLat, RegionKey};
use revier::record::account::Address;
use revier::record::site::Precision;
use revier::spatial::locate::RegionIndex;
use revier::spatial::units::Units;

use tools::Random;

const SEED: u64 = 20_261_122;
const NEAR_M: f64 = 25.0;

fn main() {
    let given = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with("--"));
    let mut paths: Vec<PathBuf> = given.map(PathBuf::from).collect();
    if paths.is_empty() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/osm");
        paths = ["liechtenstein-2022.osm.pbf", "north-bayreuth.osm.gz"]
            .map(|name| folder.join(name))
            .into();
    }
    println!("seed {SEED}");
    for path in paths {
        if path.exists() {
            measure(&path);
        } else {
            println!("{}: not there, skipped", path.display());
        }
    }
}

fn measure(path: &Path) {
    let start = Instant::now();
    let finds = read(path);
    let country = country_of_most(&finds);
    let read_ms = start.elapsed().as_millis();
    let known: Vec<AddressPoint> = finds
        .iter()
        .filter_map(|find| match find {
            Find::Address(address) => Some(AddressPoint {
                country: country.clone(),
                ..address.clone()
            }),
            _ => None,
        })
        .collect();
    let start = Instant::now();
    let (geocoder, built) = build(finds.iter().cloned());
    let build_ms = start.elapsed().as_millis();
    println!(
        "\n{}: {} addresses read in {read_ms} ms, built in {build_ms} ms",
        path.display(),
        known.len()
    );
    #[expect(clippy::cast_precision_loss, reason = "figures to be read")]
    let each = built.size_bytes as f64 / built.houses as f64;
    println!("  {built:?}, {each:.1} bytes a house");

    rate("as written", &geocoder, &known, |a, _| a.clone());
    rate("capitals, strasse as str.", &geocoder, &known, |a, _| {
        AddressPoint {
            street: a.street.to_uppercase().replace("STRASSE", "STR."),
            place: a.place.to_uppercase(),
            ..a.clone()
        }
    });
    rate("umlauts written out", &geocoder, &known, |a, _| {
        AddressPoint {
            street: written_out(&a.street),
            place: written_out(&a.place),
            ..a.clone()
        }
    });
    rate("without postal code", &geocoder, &known, |a, _| {
        AddressPoint {
            postal_code: String::new(),
            ..a.clone()
        }
    });
    rate("without place", &geocoder, &known, |a, _| AddressPoint {
        place: String::new(),
        ..a.clone()
    });
    rate("one error in the street", &geocoder, &known, |a, random| {
        AddressPoint {
            street: misspelt(&a.street, random),
            ..a.clone()
        }
    });
    rate(
        "one error in street, code or place",
        &geocoder,
        &known,
        one_error,
    );
    rate(
        "two errors in the street",
        &geocoder,
        &known,
        |a, random| AddressPoint {
            street: misspelt(&misspelt(&a.street, random), random),
            ..a.clone()
        },
    );
    rate("unknown number 9999", &geocoder, &known, |a, _| {
        AddressPoint {
            house_number: "9999".to_owned(),
            ..a.clone()
        }
    });
    hold_out(&finds, &known);
    hold_out_streets(&finds, &known);
    speed(&geocoder, &known);
}

fn read(path: &Path) -> Vec<Find> {
    let source = AddressSource {
        source: Source {
            path: path.to_owned(),
            name: path.display().to_string(),
            mapping: None,
            currency: None,
        },
        epsg: None,
    };
    let mut finds = Vec::new();
    addresses(&source, &mut |chunk| {
        finds.extend(chunk.finds);
        ControlFlow::Continue(())
    })
    .expect("the file is whole");
    finds
}

fn build(finds: impl Iterator<Item = Find>) -> (Geocoder, Built) {
    let folder = std::env::temp_dir().join(format!("revier-houses-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the file");
    let path = folder.join("1.houses");
    let mut builder = Builder::default();
    builder.extend(finds);
    let built = builder
        .finish(&path, &country_of)
        .expect("the file is written");
    let file = HouseFile::open(&path).expect("the file is whole");
    std::fs::remove_dir_all(&folder).expect("the folder is ours");
    (Geocoder::with(Arc::new(Houses::of(vec![file]))), built)
}

fn country_of(position: LonLat) -> Option<RegionKey> {
    let units = Units::shipped();
    let unit = RegionIndex::shipped().unit_of(position)?;
    let country = units.ancestor(unit, Level::Country)?;
    Some(units.get(country).key.clone())
}

/// The country of most addresses: near a border the shipped outline may be wrong by some metres, and
/// people know where they live.
fn country_of_most(finds: &[Find]) -> String {
    let mut met = std::collections::HashMap::new();
    for find in finds {
        if let Find::Address(address) = find {
            *met.entry(country_of(address.position)).or_insert(0) += 1;
        }
    }
    let most = met.into_iter().max_by_key(|(_, times)| *times);
    most.and_then(|(key, _)| key)
        .map_or_else(String::new, |key| key.to_string())
}

/// The address as an account has it.
fn asked(address: &AddressPoint) -> (Address, Option<LonLat>) {
    let asked = Address {
        street: format!("{} {}", address.street, address.house_number),
        postal_code: address.postal_code.clone(),
        place: address.place.clone(),
        state: String::new(),
        country: address.country.clone(),
    };
    (asked, None)
}

fn ask(geocoder: &Geocoder, address: &AddressPoint) -> Located {
    let mut located = geocoder.locate_all(&[asked(address)]);
    located.pop().expect("one answer an address")
}

fn rate(
    what: &str,
    geocoder: &Geocoder,
    known: &[AddressPoint],
    change: impl Fn(&AddressPoint, &mut Random) -> AddressPoint,
) {
    let mut random = Random(SEED);
    let (mut house, mut near, mut within, mut street, mut centre, mut none) = (0, 0, 0, 0, 0, 0);
    let shown = std::env::var("SHOW").is_ok_and(|wanted| what.contains(&wanted));
    for address in known {
        let asked = change(address, &mut random);
        let answer = ask(geocoder, &asked);
        let distance_m = answer
            .position
            .map(|found| found.distance_m(address.position));
        let is_within = distance_m.zip(answer.radius_m);
        within += u32::from(is_within.is_some_and(|(distance, radius)| distance <= radius + 0.2));
        match answer.precision {
            Precision::House => {
                house += 1;
                near += u32::from(distance_m.is_some_and(|distance| distance <= NEAR_M));
            }
            Precision::Street => street += 1,
            Precision::None => none += 1,
            _ => centre += 1,
        }
        if shown && answer.precision != Precision::House {
            println!("  {asked:?}\n    {answer:?}");
        }
    }
    let share = |count: u32| {
        100.0 * f64::from(count) / f64::from(u32::try_from(known.len()).unwrap_or(u32::MAX))
    };
    println!(
        "  {what:36} within {NEAR_M} m {:6.2} %  house {:6.2} %  street {:5.2} %  centre {:4.2} %  none {:4.2} %  in radius {:6.2} %",
        share(near),
        share(house),
        share(street),
        share(centre),
        share(none),
        share(within)
    );
}

/// A tenth of the houses is left out of the file and asked for.
fn hold_out(finds: &[Find], known: &[AddressPoint]) {
    let mut random = Random(SEED);
    let out: Vec<bool> = known.iter().map(|_| random.below(10) == 0).collect();
    let mut next = 0;
    let kept = finds.iter().filter(|find| {
        let address = matches!(find, Find::Address(_));
        next += usize::from(address);
        !(address && out[next - 1])
    });
    let (geocoder, _) = build(kept.cloned());
    let flags = out.clone();
    let asked: Vec<AddressPoint> = known
        .iter()
        .zip(&out)
        .filter(|(address, out)| {
            let twin = |other: &AddressPoint| {
                (&other.street, &other.house_number) == (&address.street, &address.house_number)
            };
            **out
                && !known
                    .iter()
                    .zip(&flags)
                    .any(|(other, out)| !*out && twin(other))
        })
        .map(|(address, _)| address.clone())
        .collect();
    println!("  {} houses left out:", asked.len());
    rate("left out", &geocoder, &asked, |a, _| a.clone());
    for (source, word) in [
        ("between houses", "between neighbours"),
        ("street", "middle of the street"),
    ] {
        let mut distances: Vec<(f64, f64)> = asked
            .iter()
            .filter_map(|address| {
                let answer = ask(&geocoder, address);
                let found = answer.position.filter(|_| answer.source == source)?;
                Some((found.distance_m(address.position), answer.radius_m?))
            })
            .collect();
        let within = distances
            .iter()
            .filter(|(distance_m, radius_m)| distance_m <= radius_m)
            .count();
        distances.sort_by(|a, b| a.0.total_cmp(&b.0));
        if let Some(median) = distances.get(distances.len() / 2) {
            let nine = distances[distances.len() * 9 / 10];
            println!(
                "    {word:22} {:5}: median {:.0} m, 9 of 10 within {:.0} m, in radius {within}",
                distances.len(),
                median.0,
                nine.0
            );
        }
    }
}

/// A tenth of the streets is left out of the file and asked for: a house would be a wrong one.
fn hold_out_streets(finds: &[Find], known: &[AddressPoint]) {
    let mut random = Random(SEED);
    let names: HashSet<&str> = known
        .iter()
        .map(|address| address.street.as_str())
        .collect();
    let mut names: Vec<&str> = names.into_iter().collect();
    names.sort_unstable();
    let out: HashSet<&str> = names
        .into_iter()
        .filter(|_| random.below(10) == 0)
        .collect();
    let kept = finds.iter().filter(|find| match find {
        Find::Address(address) => !out.contains(address.street.as_str()),
        Find::Street(part) => !out.contains(part.street.as_str()),
        Find::Place(_) => true,
    });
    let (geocoder, _) = build(kept.cloned());
    let asked: Vec<AddressPoint> = known
        .iter()
        .filter(|address| out.contains(address.street.as_str()))
        .cloned()
        .collect();
    println!(
        "  {} houses of {} streets left out; every house found is a wrong one:",
        asked.len(),
        out.len()
    );
    rate("streets left out", &geocoder, &asked, |a, _| a.clone());
}

fn speed(geocoder: &Geocoder, known: &[AddressPoint]) {
    let mut random = Random(SEED);
    let wrong: Vec<AddressPoint> = known
        .iter()
        .map(|a| AddressPoint {
            street: misspelt(&a.street, &mut random),
            ..a.clone()
        })
        .collect();
    for (word, addresses) in [("as written", known), ("one error in the street", &wrong)] {
        let addresses: Vec<_> = addresses.iter().map(asked).collect();
        let (start, mut found, mut asked_count) = (Instant::now(), 0_usize, 0_u32);
        while start.elapsed().as_secs() < 1 {
            for slice in addresses.chunks(1_000) {
                let located = geocoder.locate_all(slice);
                let is_exact = |one: &&Located| one.precision <= Precision::Street;
                found += located.iter().filter(is_exact).count();
                asked_count += u32::try_from(slice.len()).unwrap_or_default();
            }
        }
        let a_second = f64::from(asked_count) / start.elapsed().as_secs_f64();
        println!("  speed, {word}: {a_second:.0} a second ({found} found)");
    }
}

fn one_error(address: &AddressPoint, random: &mut Random) -> AddressPoint {
    let lengths =
        [&address.street, &address.postal_code, &address.place].map(|text| text.chars().count());
    let mut at = random.below(lengths.iter().sum::<usize>().max(1));
    let mut changed = address.clone();
    for (field, length) in [
        &mut changed.street,
        &mut changed.postal_code,
        &mut changed.place,
    ]
    .into_iter()
    .zip(lengths)
    {
        if at < length {
            *field = misspelt(field, random);
            break;
        }
        at -= length;
    }
    changed
}

/// One letter dropped, doubled by another, changed, or swapped with its neighbour.
fn misspelt(text: &str, random: &mut Random) -> String {
    let mut signs: Vec<char> = text.chars().collect();
    if signs.is_empty() {
        return String::new();
    }
    let letters = if text.chars().all(|c| c.is_ascii_digit()) {
        "0123456789"
    } else {
        "abcdefghijklmnopqrstuvwxyz"
    };
    let letter = letters
        .chars()
        .nth(random.below(letters.len()))
        .unwrap_or('e');
    let at = random.below(signs.len());
    match random.below(4) {
        0 => drop(signs.remove(at)),
        1 => signs.insert(at, letter),
        2 => signs[at] = letter,
        _ => {
            let other = (at + 1).min(signs.len() - 1);
            signs.swap(at, other);
        }
    }
    signs.into_iter().collect()
}

fn written_out(text: &str) -> String {
    let pairs = [
        ("ä", "ae"),
        ("ö", "oe"),
        ("ü", "ue"),
        ("ß", "ss"),
        ("Ä", "Ae"),
        ("Ö", "Oe"),
        ("Ü", "Ue"),
    ];
    pairs
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}
