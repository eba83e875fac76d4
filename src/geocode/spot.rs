//! Places by name: where the places of that name are, most probable first.

use crate::geocode::fold::{Name, qualifiers_fit};
use crate::geocode::table::{Delivery, Entry, Table};
use crate::place::LonLat;

/// Entries of one name that lie closer than this are one place.
pub const SAME_PLACE_M: f64 = 30_000.0;

/// How many times more inhabitants make a place the one that is meant.
const DECISIVE_FACTOR: u64 = 10;

/// What a place counts that is too small for the list of towns, which starts at 500 inhabitants.
const UNLISTED_POPULATION: u64 = 500;

/// Names in large countries may have thousands of entries; more than this many tell nothing.
const MOST_ENTRIES: usize = 300;

/// Names shorter than this are not searched for within longer ones.
const SHORTEST_PART: usize = 5;

/// A place that a name may mean.
#[derive(Debug)]
pub struct Spot<'t> {
    name: &'t str,
    /// Where it is.
    pub position: LonLat,
    population: u64,
    /// The postal rows that bear its name.
    pub deliveries: Vec<&'t Delivery>,
    in_state: bool,
}

/// The places that a name may mean, never none.
#[derive(Debug)]
pub struct Spots<'t> {
    /// Most populous first.
    pub spots: Vec<Spot<'t>>,
    /// Whether only the first words of the name were found.
    pub is_partial: bool,
}

impl<'t> Spots<'t> {
    /// The places of `name`, those in `state` (folded, may be empty) if there are any. Looks for
    /// the whole name, then for other names, then for the name without its qualifier, at last
    /// for the first words alone; `None` when all fail.
    #[must_use]
    pub fn find(table: &'t Table, name: &Name, state: &str) -> Option<Self> {
        if name.is_empty() {
            return None;
        }
        let (entries, is_partial) = entries(table, name)?;
        let mut spots: Vec<Spot<'t>> = Vec::new();
        for entry in entries.into_iter().take(MOST_ENTRIES) {
            let spot = spot(table, entry, state);
            match spots
                .iter_mut()
                .find(|other| other.position.distance_m(spot.position) < SAME_PLACE_M)
            {
                Some(other) => other.merge(spot),
                None => spots.push(spot),
            }
        }
        if spots.iter().any(|spot| spot.in_state) {
            spots.retain(|spot| spot.in_state);
        }
        spots.sort_by_key(|spot| std::cmp::Reverse(spot.population));
        Some(Self { spots, is_partial })
    }

    /// The most populous place, those of unknown population last.
    #[must_use]
    pub fn first(&self) -> &Spot<'t> {
        &self.spots[0]
    }

    /// The place that may be meant as well, when population does not decide for the first.
    #[must_use]
    pub fn rival(&self) -> Option<&Spot<'t>> {
        self.spots
            .get(1)
            .filter(|rival| rival.population * DECISIVE_FACTOR > self.first().population)
    }
}

impl Spot<'_> {
    /// Inhabitants, where the place is in the list of towns.
    #[must_use]
    pub fn known_population(&self) -> Option<u64> {
        (self.population > UNLISTED_POPULATION).then_some(self.population)
    }

    /// Its name as the postal table has it, in the language of the country, else as the list of
    /// towns has it.
    #[must_use]
    pub fn local_name(&self) -> &str {
        self.deliveries
            .first()
            .map_or(self.name, |delivery| &delivery.place)
    }

    fn merge(&mut self, other: Self) {
        // Towns come before postal rows, the most populous first, so the first one stays.
        self.deliveries.extend(other.deliveries);
        self.in_state |= other.in_state;
    }
}

fn entries(table: &Table, name: &Name) -> Option<(Vec<Entry>, bool)> {
    let whole = |full: &str| {
        let mut named: Vec<_> = table.named(full).collect();
        let is_town = |entry: &Entry| matches!(entry, Entry::Town(_));
        if !named.iter().any(is_town) {
            named.splice(0..0, table.also_named(full));
        }
        named
    };
    let mut entries: Vec<_> = whole(name.full());
    if entries.is_empty() && !name.qualifier().is_empty() {
        entries = whole(name.base());
        retain_qualified(table, name, &mut entries);
    }
    if !entries.is_empty() {
        return Some((entries, false));
    }
    let mut part = name.full();
    while let Some((head, _)) = part.rsplit_once(' ') {
        if head.len() < SHORTEST_PART {
            return None;
        }
        entries = table.named(head).collect();
        if !entries.is_empty() {
            return Some((entries, true));
        }
        part = head;
    }
    None
}

/// Leaves the places whose qualifier fits that of `name`, and of these the ones that have one,
/// if there are any.
fn retain_qualified(table: &Table, name: &Name, entries: &mut Vec<Entry>) {
    let qualifier = |entry: Entry| {
        let other = match entry {
            Entry::Town(index) => &Name::parse(&table.town(index).name),
            Entry::Delivery(index) => &table.delivery(index).name,
        };
        // A town found by another name of it has another base.
        let is_same = other.base() == name.base();
        if is_same {
            other.qualifier().to_owned()
        } else {
            String::new()
        }
    };
    entries.retain(|&entry| qualifiers_fit(&qualifier(entry), name.qualifier()));
    if entries.iter().any(|&entry| !qualifier(entry).is_empty()) {
        entries.retain(|&entry| !qualifier(entry).is_empty());
    }
}

fn spot<'t>(table: &'t Table, entry: Entry, state: &str) -> Spot<'t> {
    match entry {
        Entry::Town(index) => {
            let town = table.town(index);
            Spot {
                name: &town.name,
                position: town.position,
                population: town.population.max(UNLISTED_POPULATION),
                deliveries: Vec::new(),
                in_state: !state.is_empty() && town.admin1 == state,
            }
        }
        Entry::Delivery(index) => {
            let delivery = table.delivery(index);
            Spot {
                name: &delivery.place,
                position: delivery.position,
                population: UNLISTED_POPULATION,
                deliveries: vec![delivery],
                in_state: !state.is_empty() && delivery.state == state,
            }
        }
    }
}
