//! What is known of one country: its postal codes, and its places under all their names.
//!
//! Texts stand one behind the other, names are numbers, positions are those of the files' grid:
//! all countries together take some 150 MB, where a string and a list for each name took 870.

mod draft;
mod part;

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::geocode::country::Countries;
use crate::geocode::fold::Folded;
use crate::geocode::fuzzy::Fuzzy;
use crate::geocode::postal::normalise;
use crate::geocode::spot::SAME_PLACE_M;
use crate::geocode::state;
use crate::geocode::town::{GridPoint, Town, Towns, shipped_text};
use crate::geocode::words::{Lists, Texts, Words, index};
use crate::place::LonLat;

use draft::Draft;

/// The postal codes and places of a country. Either may be empty: no postal code is shipped for
/// about half of the countries.
#[derive(Debug, Default)]
pub struct Table {
    towns: Arc<Towns>,
    /// Keys of the codes, sorted: the number of a key is the index of its code.
    keys: Words,
    codes: Vec<CodeRow>,
    /// How codes are written that are not written as their key.
    written: Texts,
    deliveries: Vec<DeliveryRow>,
    /// Names of places as they are written, and under the same number the words of `by_name` that
    /// they are folded.
    places: Texts,
    folded: Vec<u32>,
    base_lens: Vec<u16>,
    states: Words,
    by_name: Lists,
    by_base: Lists,
    by_alternate: Lists,
    by_part: Lists,
    similar: OnceLock<Similar>,
    code_len: Option<usize>,
    /// Whether the centre of each code is that of its area; empty where no area is known.
    area_centres: Vec<bool>,
}

#[derive(Debug)]
struct CodeRow {
    /// One more than a number of [`Table::written`].
    written: Option<NonZeroU32>,
    centre: GridPoint,
    spacing_m: f32,
    /// Index of the first delivery.
    start: u32,
}

#[derive(Debug)]
struct DeliveryRow {
    place: u32,
    at: GridPoint,
    state: u32,
}

/// Names with typing errors: the index, and the number of each of its names, see [`Table::word`].
#[derive(Debug)]
struct Similar {
    index: Fuzzy,
    words: Vec<u32>,
}

/// A postal code.
#[derive(Debug, Clone)]
pub struct Code<'t> {
    /// As it is looked up, see [`normalise`].
    pub key: &'t str,
    /// As it is written in the country, without a prefix.
    pub text: &'t str,
    /// The centre of its area as well as it is known.
    pub centre: LonLat,
    /// Whether the centre is that of the area; else it is the middle of the places.
    pub is_area_centre: bool,
    /// Distance from its centre to the third nearest other one, in metres: how dense codes are.
    pub spacing_m: f64,
    deliveries: Range<u32>,
}

/// A place to which a postal code delivers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Delivery<'t> {
    /// Name as the postal table has it.
    pub place: &'t str,
    /// The same for comparing.
    pub name: Folded<'t>,
    /// Key of the state or province, see [`state::key`]; empty where the table has none.
    pub state: &'t str,
    /// Where it is.
    pub position: LonLat,
    index: u32,
}

/// What a name leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// Index of a town.
    Town(u32),
    /// Index of a delivery.
    Delivery(u32),
}

impl Entry {
    /// Deliveries have the upper half of the numbers.
    const DELIVERY: u32 = 1 << 31;

    fn number(self) -> u32 {
        match self {
            Self::Town(index) => index,
            Self::Delivery(index) => index | Self::DELIVERY,
        }
    }

    fn of(number: u32) -> Self {
        match number & Self::DELIVERY {
            0 => Self::Town(number),
            _ => Self::Delivery(number & !Self::DELIVERY),
        }
    }
}

impl Table {
    /// The shipped postal codes of country `iso2` with its `towns`; no codes when none are shipped.
    ///
    /// # Panics
    /// Never in a build whose tests passed: they read the shipped files.
    #[must_use]
    pub fn shipped(iso2: &str, countries: &Countries, towns: Arc<Towns>) -> Self {
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
        towns: Arc<Towns>,
    ) -> Self {
        let mut draft = Draft::new(towns);
        draft.read_postal(&code, &state, postal);
        draft.set_centres(&code, centres);
        draft.measure_spacing();
        draft.index_names();
        draft.finish()
    }

    /// The code of a key in the form that [`normalise`] gives. O(1).
    #[must_use]
    pub fn code(&self, key: &str) -> Option<Code<'_>> {
        self.keys.find(key).map(|index| self.code_at(index))
    }

    /// The code of a number that lost its leading zeros, and nothing for other keys.
    #[must_use]
    pub fn code_without_zeros(&self, key: &str) -> Option<Code<'_>> {
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
        !self.area_centres.is_empty()
    }

    /// The codes whose key starts with `key`, sorted. O(log n + k).
    pub fn codes_from<'a>(&'a self, key: &'a str) -> impl Iterator<Item = Code<'a>> {
        let mut start = 0..self.codes.len();
        while !start.is_empty() {
            let middle = usize::midpoint(start.start, start.end);
            if self.keys.text(index(middle)) < key {
                start.start = middle + 1;
            } else {
                start.end = middle;
            }
        }
        (index(start.start)..index(self.codes.len()))
            .take_while(move |&code| self.keys.text(code).starts_with(key))
            .map(|code| self.code_at(code))
    }

    /// The places to which `code` delivers.
    pub fn deliveries(&self, code: &Code) -> impl ExactSizeIterator<Item = Delivery<'_>> + use<'_> {
        code.deliveries.clone().map(|index| self.delivery(index))
    }

    /// The town at `index`.
    #[must_use]
    pub fn town(&self, index: u32) -> Town<'_> {
        self.towns.at(index)
    }

    /// The places with postal codes that are not among the towns: villages, one index each. Of
    /// places of one name within 30 km the first counts. Companies with codes of their own are
    /// left out where the areas of codes tell them from places.
    #[must_use]
    pub fn villages(&self) -> Vec<u32> {
        let mut seen: HashMap<&str, Vec<LonLat>> = HashMap::new();
        let mut villages = Vec::new();
        for index in 0..index(self.deliveries.len()) {
            let delivery = self.delivery(index);
            let is_town = |entry| matches!(entry, Entry::Town(_));
            if !self.is_place(index) || self.named(delivery.name.full).any(is_town) {
                continue;
            }
            let others = seen.entry(delivery.name.full).or_default();
            let is_near = |other: &LonLat| other.is_within(delivery.position, SAME_PLACE_M);
            if !others.iter().any(is_near) {
                others.push(delivery.position);
                villages.push(index);
            }
        }
        villages
    }

    /// The delivery at `index`. O(1).
    #[must_use]
    pub fn delivery(&self, index: u32) -> Delivery<'_> {
        let row = &self.deliveries[index as usize];
        Delivery {
            place: self.places.text(row.place),
            name: Folded {
                full: self.by_name.words().text(self.folded[row.place as usize]),
                base_len: self.base_lens[row.place as usize].into(),
            },
            state: self.states.text(row.state),
            position: row.at.position(),
            index,
        }
    }

    /// The code of `delivery`. O(log n).
    #[must_use]
    pub fn code_of(&self, delivery: &Delivery) -> Code<'_> {
        self.code_at(self.code_index(delivery.index))
    }

    /// What has exactly the folded name `full`, and what has it before a qualifier.
    pub fn named(&self, full: &str) -> impl Iterator<Item = Entry> + '_ {
        let (whole, bases) = (self.by_name.of(full), self.by_base.of(full));
        whole.iter().chain(bases).copied().map(Entry::of)
    }

    /// The towns that have the folded name `full` among their other names.
    pub fn also_named(&self, full: &str) -> impl Iterator<Item = Entry> + '_ {
        self.by_alternate.of(full).iter().copied().map(Entry::of)
    }

    /// What has the folded name `full` as a part of a compound name.
    pub fn named_in_part(&self, full: &str) -> impl Iterator<Item = Entry> + '_ {
        self.by_part.of(full).iter().copied().map(Entry::of)
    }

    /// The names within `edits` typing errors of the folded `name`, spaces ignored, with the
    /// number of errors, nearest first. The first call builds the index, which takes Germany
    /// some 20 ms.
    #[must_use]
    pub fn similar(&self, name: &str, edits: usize) -> Vec<(&str, usize)> {
        let similar = self.similar.get_or_init(|| self.index_similar());
        let word = |id: u32| self.word(similar.words[id as usize]);
        let found = similar.index.find(name, edits, word).into_iter();
        found.map(|(id, edits)| (word(id), edits)).collect()
    }

    /// The most populous town of the folded name `full` within `most_m` of `position`.
    #[must_use]
    pub fn town_near(&self, full: &str, position: LonLat, most_m: f64) -> Option<Town<'_>> {
        let town = |entry| match entry {
            Entry::Town(index) => Some(self.town(index)),
            Entry::Delivery(_) => None,
        };
        self.named(full)
            .filter_map(town)
            .filter(|town| town.position.is_within(position, most_m))
            .max_by_key(|town| town.population)
    }

    /// The index of the names of places, each once.
    fn index_similar(&self) -> Similar {
        let is_place = |number: &u32| match Entry::of(*number) {
            Entry::Town(_) => true,
            Entry::Delivery(index) => self.is_place(index),
        };
        let whole = (0..).zip(self.by_name.iter());
        let bases = (self.by_name.words().len()..).zip(self.by_base.iter());
        let mut names: Vec<_> = whole
            .chain(bases)
            .filter(|(_, (_, entries))| entries.iter().any(is_place))
            .map(|(word, (name, _))| (name, index(word)))
            .collect();
        names.sort_unstable();
        names.dedup_by_key(|(name, _)| *name);
        let (names, words): (Vec<_>, Vec<_>) = names.into_iter().unzip();
        Similar {
            index: Fuzzy::new(&names),
            words,
        }
    }

    /// The folded name of a number: whole names first, bases behind them.
    fn word(&self, number: u32) -> &str {
        let whole = self.by_name.words();
        match number.checked_sub(index(whole.len())) {
            None => whole.text(number),
            Some(base) => self.by_base.words().text(base),
        }
    }

    /// Whether the delivery is more than a company with a code of its own.
    fn is_place(&self, delivery: u32) -> bool {
        !self.has_area_centres() || self.is_area_centre(self.code_index(delivery))
    }

    fn is_area_centre(&self, code: u32) -> bool {
        self.area_centres
            .get(code as usize)
            .copied()
            .unwrap_or(false)
    }

    /// The code of the delivery at this index.
    fn code_index(&self, delivery: u32) -> u32 {
        let behind = self.codes.partition_point(|code| code.start <= delivery);
        index(behind - 1)
    }

    fn code_at(&self, code: u32) -> Code<'_> {
        let row = &self.codes[code as usize];
        let next = self.codes.get(code as usize + 1);
        let end = next.map_or_else(|| index(self.deliveries.len()), |next| next.start);
        let key = self.keys.text(code);
        Code {
            key,
            text: row
                .written
                .map_or(key, |written| self.written.text(written.get() - 1)),
            centre: row.centre.position(),
            is_area_centre: self.is_area_centre(code),
            spacing_m: row.spacing_m.into(),
            deliveries: row.start..end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geocode::fold::fold;

    const POSTAL: &str = "112 34\tAlfa\tX\t10\t50\n112 34\tAlfa\tX\t12\t50\n\
        112 34\tBeta\tX\t13\t51\n045 00\tGamma / Гамма\t\t1\t1\nno row\n1\tNo\t\t1\t99\n";

    fn table() -> Table {
        let code = |text: &str| text.replace(' ', "");
        let towns = Arc::new(Towns::parse(
            fold,
            "7\tAlfa (Nord)\t\t12\t10\t50\tX\tA|B\nno town\n",
        ));
        Table::parse(code, fold, POSTAL, "04500\t2\t2\n", towns)
    }

    #[test]
    fn rows_of_one_place_are_one_delivery() {
        let table = table();
        let code = table.code("11234").unwrap();
        assert_eq!(code.text, "112 34");
        assert_eq!(code.centre, LonLat::parse(12.0, 50.0).unwrap());
        let places: Vec<_> = table.deliveries(&code).map(|d| d.place).collect();
        assert_eq!(places, ["Alfa", "Beta"]);
        let alfa = table.deliveries(&code).next().unwrap().position;
        assert_eq!(alfa, LonLat::parse(11.0, 50.0).unwrap());
        assert!(!code.is_area_centre);
    }

    #[test]
    fn area_centres_go_before_the_middle_of_places() {
        let table = table();
        let code = table.code_without_zeros("4500").map(|code| code.centre);
        assert_eq!(code, LonLat::parse(2.0, 2.0).ok());
        assert!(table.code_without_zeros("500").is_none());
        assert!(table.code_without_zeros("45").is_none());
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
