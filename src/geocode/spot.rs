//! Places by name: where the places of that name are, most probable first.

use crate::geocode::evidence::{UNLISTED_POPULATION, misspelt_weight};
use crate::geocode::fold::{Folded, Name, fold, fold_letters, qualifiers_fit};
use crate::geocode::fuzzy::MOST_EDITS;
use crate::geocode::table::{Delivery, Entry, Table};
use crate::place::LonLat;

/// Entries of one name that lie closer than this are one place.
pub const SAME_PLACE_M: f64 = 30_000.0;

/// How many times more inhabitants make a place the one that is meant.
const DECISIVE_FACTOR: u64 = 10;

/// Places of this size are known by their other names as well, such as `Monaco di Baviera`.
const KNOWN_BY_OTHER_NAMES: u64 = 100_000;

/// Words of names as they are abbreviated, folded.
const ABBREVIATIONS: [(&str, &str); 10] = [
    ("gr", "gross"),
    ("kl", "klein"),
    ("nd", "nieder"),
    ("ndr", "nieder"),
    ("ob", "ober"),
    ("obr", "ober"),
    ("unt", "unter"),
    ("hl", "heiligen"),
    ("hlg", "heiligen"),
    ("bd", "bad"),
];

/// Names in large countries may have thousands of entries; more than this many tell nothing.
const MOST_ENTRIES: usize = 300;

/// Names shorter than this are not searched for within longer ones.
const SHORTEST_PART: usize = 5;

/// How a name led to its places, surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// By the whole name, or the name and its qualifier.
    Whole,
    /// By one of its other names.
    Other,
    /// By the name before its qualifier, while the place has no qualifier.
    Base,
    /// By another way to write it: an abbreviation written out, `Bad` added or left out.
    Variant,
    /// By a name with so many typing errors less.
    Similar(usize),
    /// As a part of a compound name.
    Part,
    /// By its first words alone.
    FirstWords,
}

/// A place that a name may mean.
#[derive(Debug)]
pub struct Spot<'t> {
    name: &'t str,
    /// Where it is.
    pub position: LonLat,
    /// Inhabitants, those of a small village where unknown.
    pub population: u64,
    /// The postal rows that bear its name.
    pub deliveries: Vec<Delivery<'t>>,
    /// Typing errors in the name that led here.
    pub edits: usize,
    in_state: bool,
}

/// The places that a name may mean, never none.
#[derive(Debug)]
pub struct Spots<'t> {
    /// Most probable first.
    pub spots: Vec<Spot<'t>>,
    /// How they were found.
    pub how: How,
}

impl<'t> Spots<'t> {
    /// The places of `name`, those in `state` (its key, may be empty) if there are any. Looks for
    /// the whole name, then for other names, then for the name without its qualifier, then for
    /// other ways to write it; `None` when all fail.
    #[must_use]
    pub fn find(table: &'t Table, name: &Name, state: &str) -> Option<Self> {
        if name.is_empty() {
            return None;
        }
        let (entries, how) = known(table, name);
        if !entries.is_empty() {
            return Self::of(table, entries, how, state);
        }
        let (entries, _) = variants(name.full())
            .map(|variant| known(table, &Name::parse(&variant)))
            .find(|(entries, _)| !entries.is_empty())?;
        Self::of(table, entries, How::Variant, state)
    }

    /// These places and `similar` ones: of a small place that has the name among its other names
    /// in any language, and a large one whose name has a typing error, the large one is meant.
    #[must_use]
    pub fn or_similar(self, similar: Option<Self>) -> Self {
        let is_small = self.first().population < KNOWN_BY_OTHER_NAMES;
        let Some(mut similar) = similar.filter(|_| self.how == How::Other && is_small) else {
            return self;
        };
        let foreign = misspelt_weight(self.first().population, 0);
        if similar.first().weight() <= foreign {
            return self;
        }
        similar.spots.extend(self.spots);
        similar
    }

    /// The places whose name is `name` but for a typing error, or two in a long name; `text` is
    /// the name as it was written.
    #[must_use]
    pub fn find_similar(table: &'t Table, name: &Name, text: &str, state: &str) -> Option<Self> {
        let letters = name.full().chars().count();
        let most = match letters {
            0..=1 => return None,
            2..=4 => 1,
            _ => MOST_EDITS,
        };
        let mut similar = table.similar(name.full(), 1);
        let letters = fold_letters(text);
        if letters.len() != name.full().bytes().filter(|c| *c != b' ').count() {
            for (full, edits) in table.similar(&letters, 1) {
                match similar.iter_mut().find(|(other, _)| *other == full) {
                    Some((_, other)) => *other = edits.min(*other),
                    None => similar.push((full, edits)),
                }
            }
            similar.sort_by_key(|(_, edits)| *edits);
        }
        // Names with two errors are many; they count where none has fewer.
        if similar.is_empty() && most > 1 {
            similar = table.similar(name.full(), most);
        }
        let mut is_base = false;
        if similar.is_empty() && !name.qualifier().is_empty() {
            similar = table.similar(name.base(), most);
            is_base = true;
        }
        let spots: Vec<_> = similar
            .into_iter()
            .take(MOST_ENTRIES)
            .flat_map(|(full, edits)| {
                let mut entries: Vec<_> = table.named(full).collect();
                if is_base {
                    let meant = format!("{full} {}", name.qualifier());
                    retain_qualified(table, &Name::parse(&meant), &mut entries);
                }
                entries.into_iter().map(move |entry| (entry, edits))
            })
            .map(|(entry, edits)| Spot {
                edits,
                ..spot(table, entry, state)
            })
            .collect();
        let least = spots.iter().map(|spot| spot.edits).min()?;
        Self::merged(spots, How::Similar(least))
    }

    /// The places that have `name` as a part of a compound name, else those of its first words.
    #[must_use]
    pub fn find_in_part(table: &'t Table, name: &Name, state: &str) -> Option<Self> {
        let entries: Vec<_> = table.named_in_part(name.full()).collect();
        if !entries.is_empty() {
            return Self::of(table, entries, How::Part, state);
        }
        let mut part = name.full();
        while let Some((head, _)) = part.rsplit_once(' ') {
            if head.len() < SHORTEST_PART {
                return None;
            }
            let entries: Vec<_> = table.named(head).collect();
            if !entries.is_empty() {
                return Self::of(table, entries, How::FirstWords, state);
            }
            part = head;
        }
        None
    }

    fn of(table: &'t Table, entries: Vec<Entry>, how: How, state: &str) -> Option<Self> {
        let entries = entries.into_iter().take(MOST_ENTRIES);
        Self::merged(
            entries.map(|entry| spot(table, entry, state)).collect(),
            how,
        )
    }

    fn merged(all: Vec<Spot<'t>>, how: How) -> Option<Self> {
        let mut spots: Vec<Spot<'t>> = Vec::new();
        for spot in all {
            let is_same = |other: &&mut Spot| {
                other.edits == spot.edits
                    && other.position.is_within(spot.position, SAME_PLACE_M)
                    && (spot.edits == 0 || fold(other.name) == fold(spot.name))
            };
            match spots.iter_mut().find(is_same) {
                Some(other) => other.merge(spot),
                None => spots.push(spot),
            }
        }
        if spots.iter().any(|spot| spot.in_state) {
            spots.retain(|spot| spot.in_state);
        }
        spots.sort_by(|a, b| b.weight().total_cmp(&a.weight()));
        (!spots.is_empty()).then_some(Self { spots, how })
    }

    /// Whether any of them lies in the state that was asked for.
    #[must_use]
    pub fn is_in_state(&self) -> bool {
        self.first().in_state
    }

    /// Whether only a part of the name was found.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.how >= How::Part
    }

    /// The most probable place.
    #[must_use]
    pub fn first(&self) -> &Spot<'t> {
        &self.spots[0]
    }

    /// The place that may be meant as well, when population does not decide for the first.
    #[must_use]
    pub fn rival(&self) -> Option<&Spot<'t>> {
        let rival = self.spots.get(1)?;
        #[expect(clippy::cast_precision_loss, reason = "a small factor")]
        let factor = DECISIVE_FACTOR as f64;
        (rival.weight() * factor > self.first().weight()).then_some(rival)
    }
}

impl<'t> Spot<'t> {
    /// Inhabitants, where the place is in the list of towns.
    #[must_use]
    pub fn known_population(&self) -> Option<u64> {
        (self.population > UNLISTED_POPULATION).then_some(self.population)
    }

    /// How much speaks for it, before postal codes: its inhabitants and its typing errors.
    #[must_use]
    pub fn weight(&self) -> f64 {
        misspelt_weight(self.population, self.edits)
    }

    /// Its German name, else the one that the country or the postal table has.
    #[must_use]
    pub fn name(&self) -> &'t str {
        self.name
    }

    fn merge(&mut self, other: Self) {
        // Towns come before postal rows, but not those of which only the base is asked for.
        if other.population > self.population {
            self.name = other.name;
            self.position = other.position;
            self.population = other.population;
        }
        self.deliveries.extend(other.deliveries);
        self.in_state |= other.in_state;
    }
}

fn known(table: &Table, name: &Name) -> (Vec<Entry>, How) {
    let whole = |full: &str| {
        let mut named: Vec<_> = table.named(full).collect();
        let is_town = |entry: &Entry| matches!(entry, Entry::Town(_));
        let how = if named.is_empty() {
            How::Other
        } else {
            How::Whole
        };
        if !named.iter().any(is_town) {
            named.splice(0..0, table.also_named(full));
        }
        (named, how)
    };
    let (mut entries, mut how) = whole(name.full());
    if entries.is_empty() && !name.qualifier().is_empty() {
        (entries, how) = whole(name.base());
        let is_qualified = retain_qualified(table, name, &mut entries);
        if !is_qualified && how == How::Whole {
            how = How::Base;
        }
    }
    (entries, how)
}

/// Other ways to write a folded name.
fn variants(full: &str) -> impl Iterator<Item = String> + '_ {
    let is_short = |word: &str| ABBREVIATIONS.iter().any(|(short, _)| *short == word);
    let written_out = full.split(' ').any(is_short).then(|| {
        let words = full.split(' ').map(|word| {
            let long = ABBREVIATIONS.iter().find(|(short, _)| *short == word);
            long.map_or(word, |(_, long)| *long)
        });
        words.collect::<Vec<_>>()
    });
    // `Gr. Kreutz` may be `Groß Kreutz`, `Gr. Umstadt` is `Groß-Umstadt`.
    let joined = written_out.as_ref().map(|words| words.concat());
    let spaced = written_out.map(|words| words.join(" "));
    let without = full.strip_prefix("bad ").map(str::to_owned);
    let with = without.is_none().then(|| format!("bad {full}"));
    let saint = full.strip_prefix("sankt").map(|name| format!("st {name}"));
    let behind = [
        "stadt ",
        "gemeinde ",
        "markt ",
        "hansestadt ",
        "landeshauptstadt ",
    ]
    .iter()
    .find_map(|kind| full.strip_prefix(kind))
    .map(str::to_owned);
    [spaced, joined, saint, without, with, behind]
        .into_iter()
        .flatten()
}

/// Leaves the places whose qualifier fits that of `name`, and of these the ones that have one,
/// if there are any. Gives whether there are.
fn retain_qualified(table: &Table, name: &Name, entries: &mut Vec<Entry>) -> bool {
    // A town found by another name of it has another base.
    let own = |other: Folded<'_>| {
        let is_same = other.base() == name.base();
        if is_same {
            other.qualifier().to_owned()
        } else {
            String::new()
        }
    };
    let qualifier = |entry: Entry| match entry {
        Entry::Town(index) => own(Name::parse(table.town(index).name).folded()),
        Entry::Delivery(index) => own(table.delivery(index).name),
    };
    entries.retain(|&entry| qualifiers_fit(&qualifier(entry), name.qualifier()));
    let is_qualified = entries.iter().any(|&entry| !qualifier(entry).is_empty());
    if is_qualified {
        entries.retain(|&entry| !qualifier(entry).is_empty());
    }
    is_qualified
}

fn spot<'t>(table: &'t Table, entry: Entry, state: &str) -> Spot<'t> {
    match entry {
        Entry::Town(index) => {
            let town = table.town(index);
            Spot {
                name: town.german_name(),
                position: town.position,
                population: town.population.max(UNLISTED_POPULATION),
                deliveries: Vec::new(),
                edits: 0,
                in_state: !state.is_empty() && town.admin1 == state,
            }
        }
        Entry::Delivery(index) => {
            let delivery = table.delivery(index);
            Spot {
                name: delivery.place,
                position: delivery.position,
                population: UNLISTED_POPULATION,
                deliveries: vec![delivery],
                edits: 0,
                in_state: !state.is_empty() && delivery.state == state,
            }
        }
    }
}
