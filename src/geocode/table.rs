//! What is known of one country: its postal codes, and its places under all their names.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use rstar::RTree;

use crate::geocode::country::Countries;
use crate::geocode::fold::{Name, fold};
use crate::geocode::fuzzy::Fuzzy;
use crate::geocode::postal::normalise;
use crate::geocode::spot::SAME_PLACE_M;
use crate::geocode::state;
use crate::geocode::town::{Town, position, shipped_text};
use crate::place::LonLat;

/// The postal codes and places of a country. Either may be empty: no postal code is shipped for
/// about half of the countries.
#[derive(Debug, Default)]
pub struct Table {
    codes: Vec<Code>,
    by_code: HashMap<String, u32>,
    deliveries: Vec<Delivery>,
    towns: Arc<[Town]>,
    by_name: HashMap<String, Vec<Entry>>,
    by_base: HashMap<String, Vec<Entry>>,
    by_alternate: HashMap<String, Vec<Entry>>,
    by_part: HashMap<String, Vec<Entry>>,
    similar: OnceLock<(Vec<String>, Fuzzy)>,
    code_len: Option<usize>,
    has_area_centres: bool,
}

/// A postal code.
#[derive(Debug)]
pub struct Code {
    /// As it is looked up, see [`normalise`].
    pub key: String,
    /// As it is written in the country, without a prefix.
    pub text: String,
    /// The centre of its area as well as it is known.
    pub centre: LonLat,
    /// Whether the centre is that of the area; else it is the middle of the places.
    pub is_area_centre: bool,
    /// Distance from its centre to the third nearest other one, in metres: how dense codes are.
    pub spacing_m: f64,
    deliveries: Range<usize>,
}

/// A place to which a postal code delivers.
#[derive(Debug)]
pub struct Delivery {
    /// Name as the postal table has it.
    pub place: String,
    /// The same for comparing.
    pub name: Name,
    /// Key of the state or province, see [`state::key`]; empty where the table has none.
    pub state: String,
    /// Where it is.
    pub position: LonLat,
    /// Index of its code.
    code: u32,
}

/// What a name leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// Index of a town.
    Town(u32),
    /// Index of a delivery.
    Delivery(u32),
}

impl Table {
    /// The shipped postal codes of country `iso2` with its `towns`; no codes when none are shipped.
    ///
    /// # Panics
    /// Never in a build whose tests passed: they read the shipped files.
    #[must_use]
    pub fn shipped(iso2: &str, countries: &Countries, towns: Arc<[Town]>) -> Self {
        let postal = shipped_text(&format!("postal/{iso2}.tsv.gz"));
        let centres = match iso2 {
            "DE" => shipped_text("postal_centres_de.tsv.gz"),
            _ => String::new(),
        };
        let code = |text: &str| normalise(countries, iso2, text);
        let state = |text: &str| state::key(iso2, text);
        Self::parse(code, state, &postal, &centres, towns)
    }

    /// The table of `towns` and of two tab separated texts without headings:
    /// `code place state lon lat`, and `code lon lat` for centres that are better known than
    /// from the first. Rows without a position are left out. `code` brings a postal code into
    /// the form in which it is looked up, `state` gives the key of a state.
    #[must_use]
    pub fn parse(
        code: impl Fn(&str) -> String,
        state: impl Fn(&str) -> String,
        postal: &str,
        centres: &str,
        towns: Arc<[Town]>,
    ) -> Self {
        let mut table = Self {
            towns,
            ..Self::default()
        };
        table.read_postal(&code, &state, postal);
        table.set_centres(&code, centres);
        table.measure_spacing();
        table.index_names();
        table
    }

    /// The code of a key in the form that [`normalise`] gives. O(1).
    #[must_use]
    pub fn code(&self, key: &str) -> Option<&Code> {
        self.codes.get(*self.by_code.get(key)? as usize)
    }

    /// The code of a number that lost its leading zeros, and nothing for other keys.
    #[must_use]
    pub fn code_without_zeros(&self, key: &str) -> Option<&Code> {
        let missing = self.code_len?.checked_sub(key.len())?;
        let is_short = (1..=2).contains(&missing) && key.bytes().all(|c| c.is_ascii_digit());
        is_short.then(|| self.code(&format!("{key:0>width$}", width = key.len() + missing)))?
    }

    /// Whether any postal code of the country is known.
    #[must_use]
    pub fn has_codes(&self) -> bool {
        !self.codes.is_empty()
    }

    /// Whether the areas of codes are known, so that a code without one has none.
    #[must_use]
    pub fn has_area_centres(&self) -> bool {
        self.has_area_centres
    }

    /// The codes whose key starts with `key`, sorted. O(log n + k).
    pub fn codes_from<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a Code> {
        let start = self.codes.partition_point(|code| code.key.as_str() < key);
        self.codes[start..]
            .iter()
            .take_while(move |code| code.key.starts_with(key))
    }

    /// The places to which `code` delivers.
    #[must_use]
    pub fn deliveries(&self, code: &Code) -> &[Delivery] {
        &self.deliveries[code.deliveries.clone()]
    }

    /// The town at `index`.
    #[must_use]
    pub fn town(&self, index: u32) -> &Town {
        &self.towns[index as usize]
    }

    /// The places with postal codes that are not among the towns: villages, one index each. Of
    /// places of one name within 30 km the first counts. Companies with codes of their own are
    /// left out where the areas of codes tell them from places.
    #[must_use]
    pub fn villages(&self) -> Vec<u32> {
        let mut seen: HashMap<&str, Vec<LonLat>> = HashMap::new();
        let mut villages = Vec::new();
        for (index, delivery) in (0..).zip(&self.deliveries) {
            let full = delivery.name.full();
            let has_area = self.code_of(delivery).is_area_centre || !self.has_area_centres;
            let is_town = |entry| matches!(entry, Entry::Town(_));
            if !has_area || self.named(full).any(is_town) {
                continue;
            }
            let others = seen.entry(full).or_default();
            let is_near = |other: &LonLat| other.distance_m(delivery.position) < SAME_PLACE_M;
            if !others.iter().any(is_near) {
                others.push(delivery.position);
                villages.push(index);
            }
        }
        villages
    }

    /// The delivery at `index`.
    #[must_use]
    pub fn delivery(&self, index: u32) -> &Delivery {
        &self.deliveries[index as usize]
    }

    /// The code of `delivery`.
    #[must_use]
    pub fn code_of(&self, delivery: &Delivery) -> &Code {
        &self.codes[delivery.code as usize]
    }

    /// What has exactly the folded name `full`, and what has it before a qualifier.
    pub fn named(&self, full: &str) -> impl Iterator<Item = Entry> + '_ {
        let whole = self.by_name.get(full).into_iter().flatten();
        let bases = self.by_base.get(full).into_iter().flatten();
        whole.chain(bases).copied()
    }

    /// The towns that have the folded name `full` among their other names.
    pub fn also_named(&self, full: &str) -> impl Iterator<Item = Entry> + '_ {
        self.by_alternate.get(full).into_iter().flatten().copied()
    }

    /// What has the folded name `full` as a part of a compound name.
    pub fn named_in_part(&self, full: &str) -> impl Iterator<Item = Entry> + '_ {
        self.by_part.get(full).into_iter().flatten().copied()
    }

    /// The names within `edits` typing errors of the folded `name`, spaces ignored, with the
    /// number of errors, nearest first. The first call builds the index, which takes Germany
    /// some 100 ms.
    #[must_use]
    pub fn similar(&self, name: &str, edits: usize) -> Vec<(&str, usize)> {
        let (names, index) = self.similar.get_or_init(|| {
            // Companies with codes of their own are no places.
            let is_place = |entry: &Entry| match entry {
                Entry::Town(_) => true,
                Entry::Delivery(index) => {
                    let code = self.code_of(self.delivery(*index));
                    code.is_area_centre || !self.has_area_centres
                }
            };
            let mut names: Vec<String> = self
                .by_name
                .iter()
                .chain(&self.by_base)
                .filter(|(_, entries)| entries.iter().any(is_place))
                .map(|(name, _)| name.clone())
                .collect();
            names.sort_unstable();
            names.dedup();
            let index = Fuzzy::new(names.iter().map(String::as_str));
            (names, index)
        });
        let found = index.find(name, edits).into_iter();
        found
            .map(|(id, distance)| (names[id as usize].as_str(), distance))
            .collect()
    }

    /// The most populous town of the folded name `full` within `most_m` of `position`.
    #[must_use]
    pub fn town_near(&self, full: &str, position: LonLat, most_m: f64) -> Option<&Town> {
        let town = |entry| match entry {
            Entry::Town(index) => Some(self.town(index)),
            Entry::Delivery(_) => None,
        };
        self.named(full)
            .filter_map(town)
            .filter(|town| town.position.distance_m(position) < most_m)
            .max_by_key(|town| town.population)
    }

    fn read_postal(
        &mut self,
        code: &impl Fn(&str) -> String,
        state: &impl Fn(&str) -> String,
        text: &str,
    ) {
        let mut rows: Vec<_> = text
            .lines()
            .filter_map(|line| postal_row(code, state, line))
            .collect();
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        for rows in rows.chunk_by_mut(|a, b| a.0 == b.0) {
            let index = u32::try_from(self.codes.len()).unwrap_or(u32::MAX);
            let key = std::mem::take(&mut rows[0].0);
            self.code_len = match self.code_len {
                None => Some(key.len()),
                Some(len) => Some(len.max(key.len())),
            };
            let start = self.deliveries.len();
            self.push_deliveries(rows, index);
            self.codes.push(Code {
                text: written(&key, rows[0].1),
                key: key.clone(),
                centre: median(rows.iter().map(|row| row.2.position)),
                is_area_centre: false,
                spacing_m: LONE_CODE_M,
                deliveries: start..self.deliveries.len(),
            });
            self.by_code.insert(key, index);
        }
    }

    /// Adds the deliveries of one code, each name once, at the middle of its rows.
    fn push_deliveries(&mut self, rows: &mut [(String, &str, Delivery)], code: u32) {
        rows.sort_by(|a, b| a.2.place.cmp(&b.2.place));
        for same in rows.chunk_by(|a, b| a.2.place == b.2.place) {
            let first = &same[0].2;
            self.deliveries.push(Delivery {
                place: first.place.clone(),
                name: first.name.clone(),
                state: first.state.clone(),
                position: median(same.iter().map(|row| row.2.position)),
                code,
            });
        }
    }

    fn set_centres(&mut self, code: &impl Fn(&str) -> String, text: &str) {
        for line in text.lines() {
            let fields: Vec<_> = line.split('\t').collect();
            let [text, lon, lat] = fields[..] else {
                continue;
            };
            if let (Some(index), Some(centre)) = (self.by_code.get(&code(text)), position(lon, lat))
            {
                let code = &mut self.codes[*index as usize];
                code.centre = centre;
                code.is_area_centre = true;
                self.has_area_centres = true;
            }
        }
    }

    /// How far the third nearest other centre is from each. Codes of single companies stand
    /// beside those that have an area and do not count.
    fn measure_spacing(&mut self) {
        let counts = |code: &Code| code.is_area_centre || !self.has_area_centres;
        let points: Vec<_> = self
            .codes
            .iter()
            .filter(|code| counts(code))
            .map(in_space)
            .collect();
        let tree = RTree::bulk_load(points);
        for code in &mut self.codes {
            let mut others = tree.nearest_neighbor_iter(in_space(code));
            // The first one is the code itself, or one that shares its centre.
            if let Some(other) = others.nth(3) {
                let pairs = other.iter().zip(in_space(code));
                let distance_2: f64 = pairs.map(|(a, b)| (a - b).powi(2)).sum();
                code.spacing_m = distance_2.sqrt();
            }
        }
    }

    fn index_names(&mut self) {
        let (mut names, mut alternates) = (Vec::new(), Vec::new());
        let is_listed = |(_, town): &(u32, &Town)| !town.is_municipality;
        for (index, town) in (0..).zip(self.towns.iter()).filter(is_listed) {
            let entry = Entry::Town(index);
            names.push((Name::parse(&town.name), entry));
            if !town.name_de.is_empty() {
                names.push((Name::parse(&town.name_de), entry));
            }
            alternates.extend(town.alternates().map(|name| (fold(name), entry)));
        }
        for (index, delivery) in (0..).zip(&self.deliveries) {
            let entry = Entry::Delivery(index);
            names.push((delivery.name.clone(), entry));
            // Bulgarian names, among others, stand in two scripts.
            if let Some((first, second)) = delivery.place.split_once(" / ") {
                names.extend([first, second].map(|name| (Name::parse(name), entry)));
            }
        }
        let is_gemeinde = |(_, town): &(u32, &Town)| town.is_municipality;
        for (index, town) in (0..).zip(self.towns.iter()).filter(is_gemeinde) {
            names.push((Name::parse(&town.name), Entry::Town(index)));
        }
        self.index_parts();
        for (name, entry) in names {
            if name.base() != name.full() {
                add(&mut self.by_base, name.base(), entry);
            }
            add(&mut self.by_name, name.full(), entry);
        }
        for (name, entry) in alternates {
            add(&mut self.by_alternate, &name, entry);
        }
    }

    /// The parts of compound names: `Wenningstedt-Braderup`, `Estorf Leeseringen`,
    /// `Wentorf, OT Dorf`.
    fn index_parts(&mut self) {
        let towns = (0..).zip(self.towns.iter());
        let towns: Vec<_> = towns
            .flat_map(|(index, town)| parts(&town.name).map(move |part| (part, Entry::Town(index))))
            .collect();
        let deliveries = (0..).zip(&self.deliveries).filter(|(_, delivery)| {
            self.codes[delivery.code as usize].is_area_centre || !self.has_area_centres
        });
        let deliveries: Vec<_> = deliveries
            .flat_map(|(index, delivery)| {
                parts(&delivery.place).map(move |part| (part, Entry::Delivery(index)))
            })
            .collect();
        for (part, entry) in towns.into_iter().chain(deliveries) {
            add(&mut self.by_part, &part, entry);
        }
    }
}

/// The spacing of a code that has no three neighbours, in metres.
const LONE_CODE_M: f64 = 30_000.0;

/// The parts of a compound name, folded, of four letters or more, none for a simple name.
fn parts(name: &str) -> impl Iterator<Item = String> {
    let name = name.split(['(', '/']).next().unwrap_or_default();
    let pieces: Vec<&str> = name.split([',', '-', ' ']).collect();
    // In names such as `Neustadt am Rübenberge` and `Bad Soden` words are no places.
    let is_compound = pieces.len() > 1
        && pieces.iter().all(|piece| {
            piece.chars().count() >= 4 && piece.starts_with(char::is_uppercase)
                || matches!(*piece, "" | "OT" | "und")
        });
    let pieces = if is_compound { pieces } else { Vec::new() };
    let folded: Vec<String> = pieces
        .into_iter()
        .filter(|piece| piece.len() >= 4)
        .map(fold)
        .collect();
    folded.into_iter()
}

/// The centre of a code in space, in metres from the middle of the earth.
fn in_space(code: &Code) -> [f64; 3] {
    const MEAN_RADIUS_M: f64 = 6_371_008.8;
    let (lon_sin, lon_cos) = code.centre.lon().to_radians().sin_cos();
    let (lat_sin, lat_cos) = code.centre.lat().to_radians().sin_cos();
    [lat_cos * lon_cos, lat_cos * lon_sin, lat_sin].map(|unit| unit * MEAN_RADIUS_M)
}

fn add(names: &mut HashMap<String, Vec<Entry>>, name: &str, entry: Entry) {
    match names.get_mut(name) {
        // Entries come in order, so the same one twice comes in a row.
        Some(entries) if entries.last() == Some(&entry) => {}
        Some(entries) => entries.push(entry),
        None => {
            names.insert(name.to_owned(), vec![entry]);
        }
    }
}

fn postal_row<'a>(
    code: &impl Fn(&str) -> String,
    state: &impl Fn(&str) -> String,
    line: &'a str,
) -> Option<(String, &'a str, Delivery)> {
    let fields: Vec<_> = line.split('\t').collect();
    let [text, place, state_name, lon, lat] = fields[..] else {
        return None;
    };
    let delivery = Delivery {
        place: place.to_owned(),
        name: Name::parse(place),
        state: state(state_name),
        position: position(lon, lat)?,
        code: 0,
    };
    let key = code(text);
    (!key.is_empty()).then_some((key, text, delivery))
}

/// The code as its country writes it; the key where the two differ in more than spaces and dashes.
fn written(key: &str, text: &str) -> String {
    let letters = text.chars().filter(|c| !matches!(c, ' ' | '-'));
    if letters.eq(key.chars()) {
        text.to_owned()
    } else {
        key.to_owned()
    }
}

/// The middle position, longitudes and latitudes each by themselves: a stray row moves a mean,
/// and does not move this.
fn median(positions: impl Iterator<Item = LonLat> + Clone) -> LonLat {
    let middle = |mut numbers: Vec<f64>| {
        numbers.sort_by(f64::total_cmp);
        let half = numbers.len() / 2;
        if numbers.len() % 2 == 1 {
            numbers[half]
        } else {
            f64::midpoint(numbers[half - 1], numbers[half])
        }
    };
    let lon = middle(positions.clone().map(LonLat::lon).collect());
    let lat = middle(positions.map(LonLat::lat).collect());
    LonLat::parse(lon, lat).expect("the middle of positions is one")
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSTAL: &str = "112 34\tAlfa\tX\t10\t50\n112 34\tAlfa\tX\t12\t50\n\
        112 34\tBeta\tX\t13\t51\n045 00\tGamma / Гамма\t\t1\t1\nno row\n1\tNo\t\t1\t99\n";

    fn table() -> Table {
        let code = |text: &str| text.replace(' ', "");
        let towns = Town::parse_all("7\tAlfa (Nord)\t\t12\t10\t50\tX\tA|B\nno town\n");
        Table::parse(code, fold, POSTAL, "04500\t2\t2\n", towns)
    }

    #[test]
    fn rows_of_one_place_are_one_delivery() {
        let table = table();
        let code = table.code("11234").unwrap();
        assert_eq!(code.text, "112 34");
        assert_eq!(code.centre, LonLat::parse(12.0, 50.0).unwrap());
        let places: Vec<_> = table.deliveries(code).iter().map(|d| &d.place).collect();
        assert_eq!(places, ["Alfa", "Beta"]);
        let alfa = table.deliveries(code)[0].position;
        assert_eq!(alfa, LonLat::parse(11.0, 50.0).unwrap());
        assert!(!code.is_area_centre);
    }

    #[test]
    fn area_centres_go_before_the_middle_of_places() {
        let code = table().code_without_zeros("4500").map(|code| code.centre);
        assert_eq!(code, LonLat::parse(2.0, 2.0).ok());
        assert!(table().code_without_zeros("500").is_none());
        assert!(table().code_without_zeros("45").is_none());
    }

    #[track_caller]
    fn check_named(folded: &str, expected: &[Entry]) {
        let table = table();
        let named = table.named(folded).chain(table.also_named(folded));
        assert_eq!(named.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn places_are_found_by_all_their_names() {
        check_named("alfa", &[Entry::Delivery(1), Entry::Town(0)]);
        check_named("alfa nord", &[Entry::Town(0)]);
        check_named("гамма", &[Entry::Delivery(0)]);
        check_named("b", &[Entry::Town(0)]);
        check_named("delta", &[]);
    }
}
