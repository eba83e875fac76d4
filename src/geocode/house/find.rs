//! Finding a house in the files.

use rapidfuzz::distance::osa;

use super::file::{HouseFile, Street, position, postal_key};
use super::number::HouseNumber;
use super::spot::{Spot, SpotKind, spot};
use super::street::{street_key, telling_letters};
use super::{HouseAnswer, HouseMatch, HouseQuery};
use crate::geocode::fold::Name;
use crate::place::LonLat;
use crate::record::site::{Precision, Reason};

/// The most matches that are offered.
const CANDIDATES: usize = 5;
/// The most localities of one name or code that are looked at.
const LOCALITIES: usize = 400;
/// Matches that far from each other are not the same, in metres.
const APART_M: f64 = 150.0;
/// The price of what one side does not tell.
const UNTOLD: f64 = 0.25;
/// The price of a place of the same postal code with another name; villages share codes.
const OTHER_PLACE: f64 = 0.9;
/// The price of another postal code of the same place; towns have many.
const OTHER_POSTAL: f64 = 1.1;
/// The price of a number that the street does not have.
const NO_HOUSE: f64 = 0.8;
/// Matches that cost more are not offered.
const HIGHEST_COST: f64 = 3.0;
/// Costs nearer to each other are equal.
const EQUAL: f64 = 0.3;

struct Asked<'a> {
    country: &'a str,
    postal: String,
    place: Name,
    key: String,
    number: Option<HouseNumber>,
    is_known: bool,
}

struct Found<'a> {
    file: &'a HouseFile,
    locality: u32,
    street: Street,
    /// Price of locality and spelling.
    cost: f64,
    spelled: bool,
    spot: Option<Spot>,
}

/// Searches all files as one.
pub(super) fn find(files: &[HouseFile], query: &HouseQuery<'_>) -> HouseAnswer {
    let street = if query.street.trim().is_empty() {
        query.place
    } else {
        query.street
    };
    let asked = Asked {
        country: query.country.trim(),
        postal: postal_key(query.postal_code),
        place: Name::parse(query.place),
        key: street_key(street),
        number: HouseNumber::parse_list(query.house_number).next(),
        is_known: query.is_known,
    };
    if asked.key.is_empty() {
        return HouseAnswer::default();
    }
    let mut found: Vec<Found<'_>> = Vec::new();
    for file in files {
        search(file, &asked, &mut found);
    }
    for one in &mut found {
        one.spot = one.find_spot(&asked);
        if asked.number.is_some() && !one.is_house() {
            one.cost += NO_HOUSE;
        }
    }
    found.retain(|one| one.spot.is_some() && one.cost <= HIGHEST_COST);
    // Stable, so of equals the one of the newest file stays first.
    found.sort_by(|a, b| a.cost.total_cmp(&b.cost));
    answer(&asked, found)
}

/// The nearest house of all files.
pub(super) fn nearest(files: &[HouseFile], at: LonLat, within_m: f64) -> Option<(HouseMatch, f64)> {
    let mut best: Option<(Found<'_>, f64)> = None;
    for file in files {
        for id in 0..file.street_count() {
            let street = file.street(id);
            let limit = best
                .as_ref()
                .map_or(within_m, |(_, distance_m)| *distance_m);
            // One house of ten lies beyond the reach, so that twice of it is looked at.
            let beyond = limit + 2.0 * f64::from(street.reach_m) + 100.0;
            let north_m = (f64::from(street.y) / 1e6 - at.lat()).abs() * 111_195.0;
            if street.houses == 0 || north_m > beyond {
                continue;
            }
            let Some(middle) = position(street.x, street.y) else {
                continue;
            };
            if middle.distance_m(at) > beyond {
                continue;
            }
            for house in file.houses(street) {
                let Some(there) = position(house.x, house.y) else {
                    continue;
                };
                let distance_m = there.distance_m(at);
                if distance_m < best.as_ref().map_or(within_m, |(_, least)| *least) {
                    let found = Found {
                        file,
                        locality: file.locality_of(id),
                        street,
                        cost: 0.0,
                        spelled: false,
                        spot: Some(Spot::of(&house, there)),
                    };
                    best = Some((found, distance_m));
                }
            }
        }
    }
    let (found, distance_m) = best?;
    Some((found.into_match()?, distance_m))
}

impl Found<'_> {
    fn find_spot(&self, asked: &Asked<'_>) -> Option<Spot> {
        let austrian = self.file.country(self.locality) == "AT";
        spot(self.file, self.street, asked.number.as_ref(), austrian)
    }

    fn is_house(&self) -> bool {
        let kind = self.spot.as_ref().map(|spot| &spot.kind);
        matches!(kind, Some(SpotKind::House(_)))
    }

    fn into_match(self) -> Option<HouseMatch> {
        let spot = self.spot?;
        let (precision, house_number, interpolated) = match spot.kind {
            SpotKind::House(number) => (Precision::House, number, false),
            SpotKind::Between => (Precision::Street, String::new(), true),
            SpotKind::Street => (Precision::Street, String::new(), false),
        };
        Some(HouseMatch {
            position: spot.position,
            precision,
            interpolated,
            radius_m: spot.radius_m,
            confidence: confidence(self.cost),
            street: self.file.shown(self.street.key).to_owned(),
            house_number,
            postal_code: self.file.postal(self.locality).to_owned(),
            place: self.file.place(self.locality).to_owned(),
            country: self.file.country(self.locality).to_owned(),
            cost: self.cost,
        })
    }
}

/// How sure a match of that cost is: from 0.98, and less by a seventh for each typing error.
fn confidence(cost: f64) -> f64 {
    (0.98 - 0.14 * cost).clamp(0.3, 0.98)
}

fn search<'a>(file: &'a HouseFile, asked: &Asked<'_>, found: &mut Vec<Found<'a>>) {
    let localities = localities(file, asked);
    let known = localities.first().is_some_and(|(_, cost)| *cost <= UNTOLD);
    let before = found.len();
    exact(file, asked, &localities, found);
    if found.len() == before || asked.number.is_some() && !has_house(&found[before..], asked) {
        similar(file, asked, &localities, found);
    }
    if found.len() > before || known || asked.is_known {
        return;
    }
    let localities = similar_localities(file, asked);
    exact(file, asked, &localities, found);
    if found.len() == before {
        similar(file, asked, &localities, found);
    }
    if found.len() == before && asked.postal.is_empty() && asked.place.is_empty() {
        anywhere(file, asked, found);
    }
}

/// The localities of the postal code or the place, the likeliest first.
fn localities(file: &HouseFile, asked: &Asked<'_>) -> Vec<(u32, f64)> {
    let by_postal = file.localities_of_postal(&asked.postal).iter();
    let by_full = file.localities_of_place(asked.place.full()).iter();
    let by_base = file.localities_of_place(asked.place.base()).iter();
    let mut ids: Vec<u32> = by_postal.chain(by_full).chain(by_base).copied().collect();
    ids.sort_unstable();
    ids.dedup();
    priced(file, asked, ids)
}

/// The localities whose postal code or place differs by a typing error.
fn similar_localities(file: &HouseFile, asked: &Asked<'_>) -> Vec<(u32, f64)> {
    let mut ids = Vec::new();
    if asked.place.full().chars().count() > 3 {
        let allowed = allowed(asked.place.full());
        let alike = Alike::new(asked.place.full());
        for (name, localities) in file.place_names() {
            if alike.distance(name, allowed).is_some() {
                ids.extend_from_slice(localities);
            }
        }
    }
    if asked.postal.len() > 3 {
        let alike = Alike::new(&asked.postal);
        for (code, localities) in file.postal_keys() {
            if alike.distance(code, 1).is_some() {
                ids.extend_from_slice(localities);
            }
        }
    }
    ids.sort_unstable();
    ids.dedup();
    priced(file, asked, ids)
}

fn priced(file: &HouseFile, asked: &Asked<'_>, ids: Vec<u32>) -> Vec<(u32, f64)> {
    let mut priced: Vec<(u32, f64)> = ids
        .into_iter()
        .filter(|id| {
            let country = file.country(*id);
            country.is_empty()
                || asked.country.is_empty()
                || country.eq_ignore_ascii_case(asked.country)
        })
        .filter_map(|id| {
            let postal = postal_cost(&postal_key(file.postal(id)), &asked.postal);
            let place = place_cost(file.name(id), &asked.place);
            let strange =
                postal >= OTHER_POSTAL && place > UNTOLD || place >= OTHER_PLACE && postal > UNTOLD;
            (!strange).then_some((id, postal + place))
        })
        .collect();
    priced.sort_by(|a, b| a.1.total_cmp(&b.1));
    priced.truncate(LOCALITIES);
    priced
}

fn postal_cost(known: &str, asked: &str) -> f64 {
    if known == asked {
        0.0
    } else if known.is_empty() || asked.is_empty() {
        UNTOLD
    } else if Alike::new(asked).distance(known, 1).is_some() {
        0.8
    } else {
        OTHER_POSTAL
    }
}

fn place_cost(known: &Name, asked: &Name) -> f64 {
    if known.full() == asked.full() {
        0.0
    } else if known.is_empty() || asked.is_empty() {
        UNTOLD
    } else if known.agrees(asked) {
        0.1
    } else if let Some(edits) =
        Alike::new(asked.full()).distance(known.full(), allowed(asked.full()))
    {
        0.4 + 0.2 * edits
    } else {
        OTHER_PLACE
    }
}

/// Streets of the very key.
fn exact<'a>(
    file: &'a HouseFile,
    asked: &Asked<'_>,
    localities: &[(u32, f64)],
    found: &mut Vec<Found<'a>>,
) {
    let Some(key) = file.key(&asked.key) else {
        return;
    };
    for (locality, cost) in localities {
        let streets = file.streets(*locality);
        let (mut low, mut high) = (streets.start, streets.end);
        while low < high {
            let middle = low.midpoint(high);
            if file.street(middle).key < key {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if low < streets.end && file.street(low).key == key {
            found.push(Found {
                file,
                locality: *locality,
                street: file.street(low),
                cost: *cost,
                spelled: false,
                spot: None,
            });
        }
    }
}

/// Streets whose key differs by one or two typing errors; those with two only when none has one.
fn similar<'a>(
    file: &'a HouseFile,
    asked: &Asked<'_>,
    localities: &[(u32, f64)],
    found: &mut Vec<Found<'a>>,
) {
    let mut most = match telling_letters(&asked.key) {
        0..=2 => usize::from(asked.key.len() > 5),
        3..=7 => 1,
        _ => 2,
    };
    if most == 0 {
        return;
    }
    let alike = Alike::new(&asked.key);
    for (locality, cost) in localities {
        for id in file.streets(*locality) {
            let street = file.street(id);
            let Some(edits) = alike.distance(file.key_text(street.key), most) else {
                continue;
            };
            if edits == 0.0 || is_other(file.key_text(street.key), &asked.key, edits) {
                continue;
            }
            if edits <= 1.0 && *cost <= UNTOLD {
                most = 1;
            }
            found.push(Found {
                file,
                locality: *locality,
                street,
                cost: cost + edits,
                spelled: true,
                spot: None,
            });
        }
    }
}

/// Whether two keys that differ by typing errors are two streets all the same: `Weg 2` is not
/// `Weg 3`, and who makes two errors does not begin with one.
fn is_other(known: &str, asked: &str, edits: f64) -> bool {
    let digits = |key: &str| key.chars().filter(char::is_ascii_digit).collect::<String>();
    let first = |key: &str| key.chars().next();
    digits(known) != digits(asked) || edits > 1.0 && first(known) != first(asked)
}

/// Streets of the very key in any locality of the country.
fn anywhere<'a>(file: &'a HouseFile, asked: &Asked<'_>, found: &mut Vec<Found<'a>>) {
    let Some(key) = file.key(&asked.key) else {
        return;
    };
    for id in file.streets_of_key(key).take(LOCALITIES) {
        let locality = file.locality_of(id);
        let country = file.country(locality);
        if asked.country.is_empty()
            || country.is_empty()
            || country.eq_ignore_ascii_case(asked.country)
        {
            found.push(Found {
                file,
                locality,
                street: file.street(id),
                cost: 4.0 * UNTOLD,
                spelled: false,
                spot: None,
            });
        }
    }
}

fn has_house(found: &[Found<'_>], asked: &Asked<'_>) -> bool {
    let mut likely = found.iter().filter(|one| one.cost <= UNTOLD + 0.1);
    likely.any(|one| {
        let spot = one.find_spot(asked);
        spot.is_some_and(|spot| matches!(spot.kind, SpotKind::House(_)))
    })
}

/// How many typing errors the name of a place may have.
fn allowed(word: &str) -> usize {
    match word.chars().count() {
        0..=2 => 0,
        3..=7 => 1,
        _ => 2,
    }
}

/// A word that others are compared with.
struct Alike {
    word: osa::BatchComparator<char>,
    length: usize,
}

impl Alike {
    fn new(word: &str) -> Self {
        Self {
            word: osa::BatchComparator::new(word.chars()),
            length: word.chars().count(),
        }
    }

    /// The typing errors between both (optimal string alignment), at most `most`.
    fn distance(&self, other: &str, most: usize) -> Option<f64> {
        // A letter has one to four bytes.
        if other.len() + most < self.length || other.len() > 4 * (self.length + most) {
            return None;
        }
        if other.is_ascii() && other.len() > self.length + most {
            return None;
        }
        let args = osa::Args::default().score_cutoff(most);
        let edits = self.word.distance_with_args(other.chars(), &args)?;
        Some(f64::from(u8::try_from(edits).unwrap_or(u8::MAX)))
    }
}

fn answer(asked: &Asked<'_>, found: Vec<Found<'_>>) -> HouseAnswer {
    let spelled = found.first().is_some_and(|one| one.spelled);
    let mut candidates: Vec<HouseMatch> = Vec::new();
    for found in found {
        let Some(next) = found.into_match() else {
            continue;
        };
        let again = candidates.iter().any(|known| {
            known.precision == next.precision
                && known.street == next.street
                && known.position.distance_m(next.position) < APART_M
        });
        if !again {
            candidates.push(next);
        }
        if candidates.len() == CANDIDATES {
            break;
        }
    }
    let Some(first) = candidates.first().cloned() else {
        return HouseAnswer::default();
    };
    let rivals = candidates[1..].iter().filter(|other| {
        other.cost - first.cost < EQUAL && other.position.distance_m(first.position) > APART_M
    });
    let rivals: Vec<String> = rivals.map(HouseMatch::label).collect();
    if !rivals.is_empty() {
        for candidate in &mut candidates {
            candidate.confidence = candidate.confidence.min(0.4);
        }
        let detail = format!("{} fits as well as {}", rivals.join(" and "), first.label());
        let alike = [vec![first.label()], rivals].concat().join("; ");
        let reason = Reason::new("ambiguous_street", detail).with("alike", alike);
        return HouseAnswer {
            best: None,
            candidates,
            reason: Some(reason),
        };
    }
    HouseAnswer {
        reason: doubt(asked, &first, spelled),
        best: Some(first),
        candidates,
    }
}

/// What is doubtful about the best match, the worst first.
fn doubt(asked: &Asked<'_>, best: &HouseMatch, spelled: bool) -> Option<Reason> {
    let label = best.label();
    if spelled {
        let detail = format!("the street is taken for {label}");
        return Some(Reason::new("street_spelling", detail).with("taken_address", label));
    }
    let locality = postal_cost(&postal_key(&best.postal_code), &asked.postal)
        + place_cost(&Name::parse(&best.place), &asked.place);
    if locality > 2.0 * UNTOLD {
        let detail = format!("postal code or place differ: {label}");
        return Some(Reason::new("street_elsewhere", detail).with("taken_address", label));
    }
    let number = asked.number.as_ref()?;
    let text = format!("{}{}", number.number, number.rest);
    let (code, position) = match (best.precision, best.interpolated) {
        (Precision::House, _) => return None,
        (_, true) => ("house_number_interpolated", "between its neighbours"),
        (_, false) => ("house_number_unknown", "the middle of the street"),
    };
    let detail = format!("{label} has no {text}; the position is {position}");
    let reason = Reason::new(code, detail);
    Some(reason.with("street", label).with("house_number", text))
}
