//! How well and how fast houses are found again, on the OpenStreetMap extracts of `../shared/data`.
//!
//! `cargo bench --bench houses [FILE…]`; without files those two, skipped where they are not.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use revier::geocode::house::{Builder, HouseAnswer, HouseQuery, Houses, split_street};
use revier::import::Source;
use revier::import::addresses::{AddressPoint, AddressSource, Find, addresses};
use revier::record::site::Precision;

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
    let read_ms = start.elapsed().as_millis();
    let known: Vec<AddressPoint> = finds
        .iter()
        .filter_map(|find| match find {
            Find::Address(address) => Some(address.clone()),
            _ => None,
        })
        .collect();
    let start = Instant::now();
    let (houses, built) = build(finds.iter().cloned());
    let build_ms = start.elapsed().as_millis();
    println!(
        "\n{}: {} addresses read in {read_ms} ms, built in {build_ms} ms",
        path.display(),
        known.len()
    );
    #[expect(clippy::cast_precision_loss, reason = "figures to be read")]
    let each = built.size_bytes as f64 / built.houses as f64;
    println!("  {built:?}, {each:.1} bytes a house");

    rate("as written", &houses, &known, |a, _| a.clone());
    rate("capitals, strasse as str.", &houses, &known, |a, _| {
        AddressPoint {
            street: a.street.to_uppercase().replace("STRASSE", "STR."),
            place: a.place.to_uppercase(),
            ..a.clone()
        }
    });
    rate("umlauts written out", &houses, &known, |a, _| {
        AddressPoint {
            street: written_out(&a.street),
            place: written_out(&a.place),
            ..a.clone()
        }
    });
    rate("without postal code", &houses, &known, |a, _| {
        AddressPoint {
            postal_code: String::new(),
            ..a.clone()
        }
    });
    rate("without place", &houses, &known, |a, _| AddressPoint {
        place: String::new(),
        ..a.clone()
    });
    rate("one error in the street", &houses, &known, |a, random| {
        AddressPoint {
            street: misspelt(&a.street, random),
            ..a.clone()
        }
    });
    rate(
        "one error in street, code or place",
        &houses,
        &known,
        one_error,
    );
    rate("two errors in the street", &houses, &known, |a, random| {
        AddressPoint {
            street: misspelt(&misspelt(&a.street, random), random),
            ..a.clone()
        }
    });
    rate(
        "street and number in one, split",
        &houses,
        &known,
        |a, _| {
            let text = format!("{} {}", a.street, a.house_number);
            let (street, number) = split_street(&text);
            AddressPoint {
                street: street.to_owned(),
                house_number: number.to_owned(),
                ..a.clone()
            }
        },
    );
    rate("unknown number 9999", &houses, &known, |a, _| {
        AddressPoint {
            house_number: "9999".to_owned(),
            ..a.clone()
        }
    });
    hold_out(&finds, &known);
    hold_out_streets(&finds, &known);
    speed(&houses, &known);
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

fn build(finds: impl Iterator<Item = Find>) -> (Houses, revier::geocode::house::Built) {
    let folder = std::env::temp_dir().join(format!("revier-houses-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the file");
    let path = folder.join("1.houses");
    let mut builder = Builder::default();
    builder.extend(finds);
    let built = builder
        .finish(&path, &|_| None)
        .expect("the file is written");
    let houses = Houses::open([&path]).expect("the file is whole");
    std::fs::remove_dir_all(&folder).expect("the folder is ours");
    (houses, built)
}

fn ask(houses: &Houses, address: &AddressPoint) -> HouseAnswer {
    houses.find(&HouseQuery {
        country: &address.country,
        postal_code: &address.postal_code,
        place: &address.place,
        street: &address.street,
        house_number: &address.house_number,
        is_known: false,
    })
}

fn rate(
    what: &str,
    houses: &Houses,
    known: &[AddressPoint],
    change: impl Fn(&AddressPoint, &mut Random) -> AddressPoint,
) {
    let mut random = Random(SEED);
    let (mut house, mut near, mut within, mut street, mut open, mut none) = (0, 0, 0, 0, 0, 0);
    let shown = std::env::var("SHOW").is_ok_and(|wanted| what.contains(&wanted));
    for address in known {
        let asked = change(address, &mut random);
        let answer = ask(houses, &asked);
        match &answer.best {
            Some(best) => {
                let distance_m = best.position.distance_m(address.position);
                within += u32::from(distance_m <= best.radius_m + 0.2);
                if best.precision == Precision::House {
                    house += 1;
                    near += u32::from(distance_m <= NEAR_M);
                    if shown && distance_m > NEAR_M {
                        println!("  far {distance_m:.0} {asked:?}\n    {best:?}");
                    }
                } else {
                    street += 1;
                    if shown {
                        println!("  street {distance_m:.0} {asked:?}\n    {best:?}");
                    }
                }
            }
            None if answer.candidates.is_empty() => {
                none += 1;
                if shown {
                    println!("  none {asked:?}");
                }
            }
            None => {
                open += 1;
                if shown {
                    println!("  open {asked:?} {:?}", answer.reason);
                }
            }
        }
    }
    let share = |count: u32| {
        100.0 * f64::from(count) / f64::from(u32::try_from(known.len()).unwrap_or(u32::MAX))
    };
    println!(
        "  {what:36} within {NEAR_M} m {:6.2} %  house {:6.2} %  street {:5.2} %  undecided {:4.2} %  none {:4.2} %  in radius {:6.2} %",
        share(near),
        share(house),
        share(street),
        share(open),
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
    let (houses, _) = build(kept.cloned());
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
    rate("left out", &houses, &asked, |a, _| a.clone());
    for (interpolated, word) in [
        (true, "between neighbours"),
        (false, "middle of the street"),
    ] {
        let mut distances: Vec<(f64, f64)> = asked
            .iter()
            .filter_map(|address| {
                let best = ask(&houses, address).best?;
                (best.precision == Precision::Street && best.interpolated == interpolated)
                    .then(|| (best.position.distance_m(address.position), best.radius_m))
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
    let (houses, _) = build(kept.cloned());
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
    rate("streets left out", &houses, &asked, |a, _| a.clone());
}

fn speed(houses: &Houses, known: &[AddressPoint]) {
    let mut random = Random(SEED);
    let wrong: Vec<AddressPoint> = known
        .iter()
        .map(|a| AddressPoint {
            street: misspelt(&a.street, &mut random),
            ..a.clone()
        })
        .collect();
    for (word, asked) in [("as written", known), ("one error in the street", &wrong)] {
        let (start, mut found, mut asked_count) = (Instant::now(), 0, 0_u32);
        while start.elapsed().as_secs() < 1 {
            for address in asked {
                found += u32::from(ask(houses, address).best.is_some());
                asked_count += 1;
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

/// `SplitMix64` (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % limit.max(1) as u64).unwrap_or_default()
    }
}
