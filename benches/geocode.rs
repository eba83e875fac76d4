//! How right and how fast the geocoder is. Prints, never asserts.
//!
//! Takes the folder `../shared/data/geocoding`, or the one that `GEOCODING_DATA` names, where it
//! exists; without it only the gazetteer's own places are tried. `--memory` tells what the tables of
//! all countries take instead.

mod tools;

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::time::Instant;

use revier::geocode::fold::fold;
use revier::geocode::{Gazetteer, Located};
use revier::place::{Level, LonLat};
use revier::record::account::Address;
use revier::record::site::Precision;
use revier::spatial::locate::RegionIndex;
use revier::spatial::site::sites;
use revier::spatial::units::Units;

use tools::Random;

use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, FuzzyTermQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, STORED, STRING, Schema, Value};
use tantivy::{Index, IndexWriter, TantivyDocument, Term};

fn main() {
    let gazetteer = Gazetteer::shipped();
    if std::env::args().any(|argument| argument == "--memory") {
        return memory(gazetteer);
    }
    let germany = places();
    let started = Instant::now();
    let munich = Address {
        postal_code: "80331".to_owned(),
        country: "DE".to_owned(),
        ..Address::default()
    };
    std::hint::black_box(gazetteer.locate_all(&[(munich, None)]));
    println!("first address, Germany read       {:>8.0} ms", ms(started));
    let folder = std::env::var_os("GEOCODING_DATA")
        .map_or_else(|| PathBuf::from("../shared/data/geocoding"), PathBuf::from);
    if folder.exists() {
        queries(gazetteer, &folder);
        user_input(gazetteer, &folder);
        stations(gazetteer, &folder);
    } else {
        println!("skipped: no {}", folder.display());
    }
    errors(gazetteer, &germany);
    speed(gazetteer, &germany);
    if std::env::args().any(|argument| argument == "--show") {
        samples(gazetteer);
    }
    println!(
        "memory at its peak               {:>8} MB",
        status_mb("VmHWM:")
    );
}

/// What some queries are answered with, for people to judge.
fn samples(gazetteer: &Gazetteer) {
    let queries = [
        "Buchheim",
        "Mailand",
        "Dircksenstraße Berlin",
        "Frankfurt a.M.",
        "1010 Wien",
        "8001 Zürich",
        "Bayern",
        "Halle",
        "Wien",
        "F-75001 Paris",
        "Paris, France",
    ];
    for query in queries {
        println!("  {query}:");
        for one in gazetteer.geocode(query, 3) {
            println!(
                "    {} {} {:.2} {:.0} m{}",
                one.matched,
                one.country,
                one.confidence,
                one.radius_m,
                if one.is_suggestion { ", suggested" } else { "" }
            );
        }
    }
}

/// What the process holds with every country read, before and after their indexes of typing errors.
fn memory(gazetteer: &Gazetteer) {
    let countries: BTreeSet<String> = gazetteer
        .named_places()
        .into_iter()
        .map(|place| place.country)
        .collect();
    let ask = |postal_code: &str, place: &str| {
        let addresses = countries.iter().map(|country| {
            let address = Address {
                postal_code: postal_code.to_owned(),
                place: place.to_owned(),
                country: country.clone(),
                ..Address::default()
            };
            (address, None)
        });
        std::hint::black_box(gazetteer.locate_all(&addresses.collect::<Vec<_>>()));
    };
    println!(
        "no country read                  {:>8} MB",
        status_mb("VmRSS:")
    );
    ask("1", "");
    println!(
        "{} countries read               {:>8} MB",
        countries.len(),
        status_mb("VmRSS:")
    );
    ask("", "Xyzzyq");
    println!(
        "their typing errors as well      {:>8} MB",
        status_mb("VmRSS:")
    );
    println!(
        "memory at its peak               {:>8} MB",
        status_mb("VmHWM:")
    );
}

fn status_mb(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let size = status.lines().find_map(|line| line.strip_prefix(field));
    let kilobytes = size.and_then(|size| size.trim().split(' ').next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() / 1024
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1_000.0
}

// Must be shown, 1.

fn queries(gazetteer: &Gazetteer, folder: &Path) {
    let started = Instant::now();
    std::hint::black_box(gazetteer.geocode("Berlin", 1));
    println!("first free query                  {:>8.0} ms", ms(started));
    let shipped = shipped_names();
    for kind in ["cities", "towns", "villages"] {
        let mut rows = csv::ReaderBuilder::new()
            .delimiter(b';')
            .flexible(true)
            .from_path(folder.join(format!("place_queries_{kind}.csv")))
            .expect("a table");
        let (mut all, mut answered, mut right, mut wrong, mut suggested) = (0, 0, 0, Vec::new(), 0);
        let (mut held, mut known, mut known_right) = (0, 0, 0);
        let (mut confidence, mut unsure) = (0.0, 0);
        for row in rows.records().filter_map(Result::ok) {
            let expected: Vec<f64> = row[2]
                .split(',')
                .filter_map(|number| number.trim().parse().ok())
                .collect();
            let at = LonLat::parse(expected[1], expected[0]).expect("a position");
            let reach = expected[2].max(3_000.0);
            all += 1;
            let found = gazetteer.geocode(&row[1], 5);
            let is_near = |other: &LonLat| other.distance_m(at) <= reach;
            let is_known = shipped
                .get(&fold(&row[1]))
                .is_some_and(|all| all.iter().any(is_near));
            known += usize::from(is_known);
            let Some(first) = found.first() else { continue };
            if first.is_suggestion {
                suggested += 1;
                continue;
            }
            answered += 1;
            confidence += first.confidence;
            unsure += usize::from(first.confidence < 0.5);
            let distance = first.position.distance_m(at);
            if distance <= reach {
                right += 1;
                known_right += usize::from(is_known);
            } else {
                wrong.push(format!(
                    "{} {:.0} km ({:.2})",
                    &row[1],
                    distance / 1000.0,
                    first.confidence
                ));
            }
            held += usize::from(found.iter().any(|one| one.position.distance_m(at) <= reach));
        }
        println!(
            "{kind:<9} {all} asked, {answered} answered, {right} right ({:.1} % of all, {:.1} % of answered), {held} right among five, {suggested} suggestions only",
            percent(right, all),
            percent(right, answered)
        );
        println!(
            "          {known} of the names stand in a shipped file at that place, {known_right} of these right ({:.1} %)",
            percent(known_right, known)
        );
        println!(
            "          {unsure} answered with less than 0.5, confidence on average {:.3}, right {:.3}",
            mean(confidence, answered),
            percent(right, answered) / 100.0
        );
        println!("          wrong: {}", wrong.join(", "));
    }
}

/// Where the German names of the shipped tables lie: places, their parts that have four letters or
/// more (`Estorf Leeseringen`), and Gemeinden.
fn shipped_names() -> HashMap<String, Vec<LonLat>> {
    let mut names: HashMap<String, Vec<LonLat>> = HashMap::new();
    let text = |file| revier::reference::text(file).expect("a file");
    for (file, separator, columns, [lon, lat]) in [
        ("postal/DE.tsv.gz", '\t', 1..2, [3, 4]),
        ("places/DE.tsv.gz", '\t', 1..3, [4, 5]),
        ("units.csv.gz", ',', 3..4, [13, 14]),
    ] {
        for line in text(file).lines() {
            let cells: Vec<_> = line.split(separator).collect();
            let number = |at: usize| cells.get(at).and_then(|cell| cell.parse().ok());
            let position = number(lon).zip(number(lat));
            let Some(Ok(at)) = position.map(|(lon, lat)| LonLat::parse(lon, lat)) else {
                continue;
            };
            for name in &cells[columns.clone()] {
                let folded = fold(name);
                let words = folded.split(' ').filter(|word| word.len() >= 4);
                for name in words.chain([folded.as_str()]) {
                    names.entry(name.to_owned()).or_default().push(at);
                }
            }
        }
    }
    names
}

/// Free addresses with the city that is expected.
fn user_input(gazetteer: &Gazetteer, folder: &Path) {
    let mut rows = csv::ReaderBuilder::new()
        .flexible(true)
        .from_path(folder.join("place_queries_from_user_input.csv"))
        .expect("a table");
    let (mut all, mut right) = (0, 0);
    for row in rows.records().filter_map(Result::ok) {
        let (Some(query), Some(city)) = (row.get(0), row.get(8)) else {
            continue;
        };
        if city.is_empty() {
            continue;
        }
        let found = gazetteer.geocode(query, 5);
        let first = found.first().map_or("", |one| one.matched.as_str());
        all += 1;
        right += usize::from(agree(first, city));
        if !agree(first, city) {
            println!("    {query:?}: {first:?}, expected {city:?}");
        }
    }
    println!("user input: city right in {right} of {all}");
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn mean(sum: f64, count: usize) -> f64 {
    sum / count.max(1) as f64
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

// Must be shown, 2.

fn stations(gazetteer: &Gazetteer, folder: &Path) {
    let mut rows = csv::Reader::from_path(folder.join("charging_stations.csv")).expect("a table");
    let mut addresses = Vec::new();
    let mut truths = Vec::new();
    for row in rows.records().filter_map(Result::ok) {
        addresses.push((
            Address {
                street: row[1].to_owned(),
                postal_code: row[2].to_owned(),
                place: row[3].to_owned(),
                state: row[4].to_owned(),
                country: "DE".to_owned(),
            },
            None,
        ));
        let at = LonLat::parse(row[5].parse().unwrap_or(0.0), row[6].parse().unwrap_or(0.0));
        truths.push(at.expect("a position"));
    }
    let started = Instant::now();
    let located = gazetteer.locate_all(&addresses);
    println!(
        "\n{} charging stations in {:.0} ms",
        located.len(),
        ms(started)
    );
    // A row whose coordinate is far from its own postal code contradicts itself.
    let mut alone = addresses.clone();
    for (address, _) in &mut alone {
        address.place.clear();
        address.street.clear();
    }
    let by_code = gazetteer.locate_all(&alone);
    let truths: Vec<Option<LonLat>> = truths
        .into_iter()
        .zip(&by_code)
        .map(|(at, one)| {
            let is_far = one
                .position
                .is_some_and(|code| code.distance_m(at) > 25_000.0);
            (!is_far).then_some(at)
        })
        .collect();
    report(&addresses, &truths, &located);
    println!("the same without the postal code:");
    let mut without = addresses.clone();
    for (address, _) in &mut without {
        address.postal_code.clear();
    }
    report(&without, &truths, &gazetteer.locate_all(&without));
    println!("the same without postal code and state:");
    for (address, _) in &mut without {
        address.state.clear();
    }
    report(&without, &truths, &gazetteer.locate_all(&without));
    println!("the same with the code alone:");
    report(&alone, &truths, &by_code);
    println!("the same with place in the street column, street in the place column:");
    let mut swapped = addresses.clone();
    for (address, _) in &mut swapped {
        std::mem::swap(&mut address.street, &mut address.place);
        address.postal_code.clear();
    }
    report(&swapped, &truths, &gazetteer.locate_all(&swapped));
    println!("the same in one line:");
    let lines: Vec<_> = addresses
        .iter()
        .map(|(a, _)| {
            let line = format!("{} {} {}", a.street, a.postal_code, a.place);
            (
                Address {
                    street: line,
                    country: "DE".to_owned(),
                    ..Address::default()
                },
                None,
            )
        })
        .collect();
    let located = gazetteer.locate_all(&lines);
    report(&lines, &truths, &located);
    if std::env::args().any(|argument| argument == "--show") {
        let lost = lines
            .iter()
            .zip(&located)
            .filter(|(_, one)| one.position.is_none());
        lost.step_by(5)
            .for_each(|((address, _), _)| println!("    lost: {}", address.street));
    }
}

/// Positions of `located` against `truths`; rows without a truth are left out.
fn report(addresses: &[(Address, Option<LonLat>)], truths: &[Option<LonLat>], located: &[Located]) {
    let units = Units::shipped();
    let sites = sites(RegionIndex::shipped(), units, located.to_vec());
    let found = located.iter().filter(|one| one.position.is_some()).count();
    let (mut distances, mut inside, mut states, mut state_wrong) = (Vec::new(), 0, 0, 0);
    let mut by_confidence: [(usize, usize, f64); 10] = Default::default();
    let mut by_precision: HashMap<Precision, (usize, usize)> = HashMap::new();
    let mut far = 0;
    for ((((address, _), truth), one), site) in
        addresses.iter().zip(truths).zip(located).zip(&sites)
    {
        let (Some(position), Some(radius_m)) = (one.position, one.radius_m) else {
            continue;
        };
        let Some(truth) = truth else {
            far += 1;
            continue;
        };
        let distance = position.distance_m(*truth);
        let is_inside = distance <= radius_m;
        inside += usize::from(is_inside);
        distances.push(distance / 1000.0);
        let slot = by_precision.entry(one.precision).or_default();
        slot.0 += 1;
        slot.1 += usize::from(is_inside);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 9"
        )]
        let slot = &mut by_confidence[((one.confidence * 10.0) as usize).min(9)];
        slot.0 += 1;
        slot.1 += usize::from(distance < 15_000.0);
        slot.2 += one.confidence;
        let unit = site.unit.as_ref().and_then(|key| units.find(key));
        let state = unit.and_then(|unit| units.ancestor(unit, Level::State));
        if let Some(state) = state
            && !address.state.is_empty()
        {
            states += 1;
            state_wrong += usize::from(fold(&units.get(state).name) != fold(&address.state));
        }
    }
    distances.sort_by(f64::total_cmp);
    let at = |share: usize| {
        distances
            .get(distances.len() * share / 100)
            .copied()
            .unwrap_or(0.0)
    };
    println!(
        "  position {:.2} %, {far} rows that contradict themselves left out, median {:.2} km, 90 % {:.2} km, 95 % {:.2} km, within radius {:.1} %, wrong state {:.2} %",
        percent(found, located.len()),
        at(50),
        at(90),
        at(95),
        percent(inside, distances.len()),
        percent(state_wrong, states)
    );
    let held: Vec<_> = by_precision
        .iter()
        .map(|(precision, (all, held))| {
            format!("{} {all}: {:.1} %", precision.name(), percent(*held, *all))
        })
        .collect();
    println!("    within radius by precision: {}", held.join(", "));
    let sure: Vec<_> = by_confidence
        .iter()
        .filter(|slot| slot.0 > 0)
        .map(|slot| {
            format!(
                "{:.2}: {:.2} of {}",
                mean(slot.2, slot.0),
                percent(slot.1, slot.0) / 100.0,
                slot.0
            )
        })
        .collect();
    println!("    confidence, share within 15 km: {}", sure.join(", "));
    let mut reasons: HashMap<&str, usize> = HashMap::new();
    for one in located {
        *reasons
            .entry(one.reason.as_ref().map_or("-", |reason| &reason.code))
            .or_default() += 1;
    }
    println!("    reasons: {reasons:?}");
}

// Must be shown, 5 and 6.

/// A German place with the code and state of the delivery that bears its name.
struct German {
    name: String,
    code: String,
    state: String,
    position: LonLat,
}

fn places() -> Vec<German> {
    let postal = revier::reference::text("postal/DE.tsv.gz").expect("a file");
    let mut rows: HashMap<String, Vec<(String, String, LonLat)>> = HashMap::new();
    let mut all = Vec::new();
    for line in postal.lines() {
        let fields: Vec<_> = line.split('\t').collect();
        let at = LonLat::parse(
            fields[3].parse().expect("lon"),
            fields[4].parse().expect("lat"),
        );
        let row = (
            fields[0].to_owned(),
            fields[2].to_owned(),
            at.expect("a position"),
        );
        all.push(row.clone());
        rows.entry(fold(fields[1])).or_default().push(row);
    }
    let text = revier::reference::text("places/DE.tsv.gz").expect("a file");
    let mut germany = Vec::new();
    for line in text.lines() {
        let fields: Vec<_> = line.split('\t').collect();
        let at = LonLat::parse(
            fields[4].parse().expect("lon"),
            fields[5].parse().expect("lat"),
        );
        let position = at.expect("a position");
        let name = if fields[2].is_empty() {
            fields[1]
        } else {
            fields[2]
        };
        let nearest = |rows: &[(String, String, LonLat)]| {
            rows.iter()
                .map(|row| (row.2.distance_m(position), row.clone()))
                .filter(|(distance, _)| *distance < 20_000.0)
                .min_by(|a, b| a.0.total_cmp(&b.0))
                .map(|(_, row)| row)
        };
        let row = rows
            .get(&fold(name))
            .and_then(|rows| nearest(rows))
            .or_else(|| nearest(&all));
        let (code, state, _) = row.unwrap_or_else(|| all[0].clone());
        germany.push(German {
            name: name.to_owned(),
            code,
            state,
            position,
        });
    }
    germany
}

/// One letter deleted, or two neighbours swapped.
fn misspelt(random: &mut Random, name: &str) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    if letters.len() < 2 {
        return name.to_owned();
    }
    loop {
        if random.below(2) == 0 {
            letters.remove(random.below(letters.len()));
        } else {
            let at = random.below(letters.len() - 1);
            letters.swap(at, at + 1);
        }
        let wrong: String = letters.iter().collect();
        if fold(&wrong) != fold(name) {
            return wrong;
        }
    }
}

/// The postal code and the state that go with a place.
type Fill = fn(&German) -> (String, String);

fn errors(gazetteer: &Gazetteer, germany: &[German]) {
    let mut random = Random(5);
    let wrong: Vec<String> = germany
        .iter()
        .map(|place| misspelt(&mut random, &place.name))
        .collect();
    let names: std::collections::HashSet<String> = germany.iter().map(|p| fold(&p.name)).collect();
    println!(
        "\none error in each of {} German places (seed 5)",
        germany.len()
    );
    let forms: [(&str, Fill); 3] = [
        ("with postal code", |p| (p.code.clone(), String::new())),
        ("with state", |p| (String::new(), p.state.clone())),
        ("name alone", |_| (String::new(), String::new())),
    ];
    for (form, fill) in forms {
        let addresses: Vec<_> = germany
            .iter()
            .zip(&wrong)
            .map(|(place, wrong)| {
                let (postal_code, state) = fill(place);
                let place = wrong.clone();
                (
                    Address {
                        postal_code,
                        place,
                        state,
                        country: "DE".to_owned(),
                        ..Address::default()
                    },
                    None,
                )
            })
            .collect();
        let started = Instant::now();
        let located = gazetteer.locate_all(&addresses);
        let seconds = started.elapsed().as_secs_f64();
        let (mut right, mut near, mut undetermined, mut inside) = (0, 0, 0, 0);
        let mut shown = 0;
        for ((place, wrong), one) in germany.iter().zip(&wrong).zip(&located) {
            let is_right = is_named(one, &place.name);
            let is_near = one
                .position
                .is_some_and(|at| at.distance_m(place.position) < 20_000.0);
            right += usize::from(is_right);
            near += usize::from(is_near);
            inside += usize::from(
                one.position
                    .zip(one.radius_m)
                    .is_some_and(|(at, r)| at.distance_m(place.position) <= r),
            );
            undetermined += usize::from(!is_right && names.contains(&fold(wrong)));
            if !is_right
                && shown < 30
                && !names.contains(&fold(wrong))
                && std::env::args().any(|a| a == "--show")
            {
                shown += 1;
                println!(
                    "    {} -> {wrong}: {:?} {:?}",
                    place.name,
                    one.matched,
                    one.reason.as_ref().map(|r| &r.code)
                );
            }
        }
        let all = germany.len();
        println!(
            "  {form:<17} name right {:.1} % ({:.1} % without those whose error is another place's name), within 20 km {:.1} %, within radius {:.1} %, {:.0} a second",
            percent(right, all),
            percent(right, all - undetermined),
            percent(near, all),
            percent(inside, all),
            rate(all, seconds)
        );
    }
    free_text(gazetteer, germany, &wrong);
    baseline(germany, &wrong);
}

fn free_text(gazetteer: &Gazetteer, germany: &[German], wrong: &[String]) {
    let (mut right, started) = (0, Instant::now());
    for (place, wrong) in germany.iter().zip(wrong) {
        let found = gazetteer.geocode(wrong, 5);
        let is_right = found
            .first()
            .is_some_and(|one| agree(&one.matched, &place.name));
        right += usize::from(is_right);
        if !is_right && right % 40 == 0 && std::env::args().any(|a| a == "--show") {
            println!(
                "    {} -> {wrong}: {:?}",
                place.name,
                found
                    .iter()
                    .map(|f| (&f.matched, f.confidence))
                    .collect::<Vec<_>>()
            );
        }
    }
    println!(
        "  free text         first answer right {:.1} %, {:.2} ms a query",
        percent(right, germany.len()),
        1_000.0 / rate(germany.len(), started.elapsed().as_secs_f64())
    );
}

/// Whether the answer names the place: its name, with or without code and qualifier.
fn is_named(one: &Located, name: &str) -> bool {
    agree(&one.matched, name)
}

fn agree(matched: &str, name: &str) -> bool {
    let matched = matched
        .trim_start_matches(|c: char| c.is_ascii_digit())
        .trim();
    let (matched, name) = (
        revier::geocode::fold::Name::parse(matched),
        revier::geocode::fold::Name::parse(name),
    );
    matched.agrees(&name)
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn rate(count: usize, seconds: f64) -> f64 {
    count as f64 / seconds
}

/// The same places in a tantivy index, which is asked what the gazetteer is asked: by postal code
/// and name, and by name alone, for the position and the name.
struct Baseline {
    index: Index,
    name: Field,
    code: Field,
    lon: Field,
    lat: Field,
}

impl Baseline {
    fn new(germany: &[German]) -> Self {
        let mut schema = Schema::builder();
        let name = schema.add_text_field("name", STRING | STORED);
        let code = schema.add_text_field("code", STRING);
        let lon = schema.add_f64_field("lon", STORED);
        let lat = schema.add_f64_field("lat", STORED);
        let index = Index::create_in_ram(schema.build());
        let mut writer: IndexWriter = index
            .writer_with_num_threads(1, 50_000_000)
            .expect("a writer");
        for place in germany {
            let mut document = TantivyDocument::default();
            document.add_text(name, fold(&place.name));
            document.add_text(code, &place.code);
            document.add_f64(lon, place.position.lon());
            document.add_f64(lat, place.position.lat());
            writer.add_document(document).expect("a document");
        }
        writer.commit().expect("a commit");
        Self {
            index,
            name,
            code,
            lon,
            lat,
        }
    }

    /// Exact names first, then those with one error; with a code only those of the code.
    fn query(&self, code: Option<&str>, name: &str, is_exact: bool) -> BooleanQuery {
        let name = Term::from_field_text(self.name, &fold(name));
        let exact: Box<dyn Query> =
            Box::new(TermQuery::new(name.clone(), IndexRecordOption::Basic));
        let by_name: Box<dyn Query> = if is_exact {
            exact
        } else {
            let fuzzy: Box<dyn Query> = Box::new(FuzzyTermQuery::new(name, 1, true));
            let either = vec![(Occur::Should, exact), (Occur::Should, fuzzy)];
            Box::new(BooleanQuery::new(either))
        };
        let by_code = code.map(|code| {
            let term = Term::from_field_text(self.code, code);
            let by_code: Box<dyn Query> = Box::new(TermQuery::new(term, IndexRecordOption::Basic));
            (Occur::Must, by_code)
        });
        let must = by_code.into_iter().chain([(Occur::Must, by_name)]);
        BooleanQuery::new(must.collect())
    }

    /// How many places of `germany` are found by their names in `asked`, and how many a second.
    fn run(
        &self,
        germany: &[German],
        asked: &[&str],
        has_code: bool,
        is_exact: bool,
    ) -> (f64, f64) {
        let searcher = self.index.reader().expect("a reader").searcher();
        let (mut right, started) = (0, Instant::now());
        for (place, asked) in germany.iter().zip(asked) {
            let code = has_code.then_some(place.code.as_str());
            let query = self.query(code, asked, is_exact);
            let hits = searcher
                .search(&query, &TopDocs::with_limit(1).order_by_score())
                .expect("hits");
            let Some((_, at)) = hits.first() else {
                continue;
            };
            let document: TantivyDocument = searcher.doc(*at).expect("a document");
            let number = |field| document.get_first(field).and_then(|value| value.as_f64());
            std::hint::black_box(number(self.lon).zip(number(self.lat)));
            let name = document.get_first(self.name);
            let name = name.and_then(|value| value.as_str());
            right += usize::from(name.is_some_and(|name| agree(name, &place.name)));
        }
        let seconds = started.elapsed().as_secs_f64();
        (percent(right, germany.len()), rate(germany.len(), seconds))
    }
}

fn baseline(germany: &[German], wrong: &[String]) {
    let index = Baseline::new(germany);
    let exact: Vec<&str> = germany.iter().map(|place| place.name.as_str()).collect();
    let wrong: Vec<&str> = wrong.iter().map(String::as_str).collect();
    for (form, asked, has_code, is_exact) in [
        ("code and name, exact", &exact, true, true),
        ("code and name, one error", &wrong, true, false),
        ("name alone, exact", &exact, false, true),
        ("name alone, one error", &wrong, false, false),
    ] {
        let (right, a_second) = index.run(germany, asked, has_code, is_exact);
        println!("  tantivy, {form:<24} right {right:.1} %, {a_second:.0} a second");
    }
}

fn speed(gazetteer: &Gazetteer, germany: &[German]) {
    let addresses: Vec<_> = germany
        .iter()
        .cycle()
        .take(200_000)
        .map(|place| {
            let address = Address {
                street: "Hauptstraße 12".to_owned(),
                postal_code: place.code.clone(),
                place: place.name.clone(),
                state: String::new(),
                country: "DE".to_owned(),
            };
            (address, None)
        })
        .collect();
    let started = Instant::now();
    let located = gazetteer.locate_all(&addresses);
    println!(
        "\nexact structured addresses       {:>8.0} a second, one core",
        rate(located.len(), started.elapsed().as_secs_f64())
    );
    for query in [
        "b",
        "mün",
        "münchen",
        "80331",
        "Hauptstr. 12, 80331 München",
        "Frankfurt a.M.",
        "Hauptstraße Ulm",
    ] {
        let started = Instant::now();
        for _ in 0..20 {
            std::hint::black_box(gazetteer.geocode(query, 8));
        }
        println!("  type-ahead {query:<28} {:>7.2} ms", ms(started) / 20.0);
    }
}
