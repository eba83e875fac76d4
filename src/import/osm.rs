//! Addresses, streets and places of OpenStreetMap: `.osm.pbf`, `.osm.gz` and `.osm`.
//!
//! 1. The relations are read for the areas that have an address or a place, and for the streets
//!    that give their name to houses (`associatedStreet`).
//! 2. The ways are read for buildings with an address, named roads and areas of places, until
//!    the nodes that they need fill a fixed budget.
//! 3. The nodes are read: those with an address or a place are given at once, the positions of
//!    the others make the ways of step 2. Steps 2 and 3 repeat until there are no more ways.
//!
//! So memory is bounded by the budget, and a country is read in a few passes.

use std::fs::File;
use std::ops::ControlFlow;

use self::element::{Element, Kinds, MemberKind, Point, Tags};
use self::pbf::{Damage, Pbf};
use self::xml::Xml;
use super::addresses::{AddressPoint, Find, PlaceKind, PlacePoint, StreetPart};
use super::error::Error;
use crate::place::LonLat;

mod element;
mod pbf;
mod wire;
#[cfg(test)]
mod tests;
mod xml;

/// The most nodes of ways that are held at once, at most 28 bytes each.
const NODE_BUDGET: usize = 16 << 20;
/// The most members of relations that are held, 24 bytes each.
const MEMBER_BUDGET: usize = 16 << 20;
/// What a way or relation takes beside its nodes, counted as nodes.
const AS_NODES: usize = 8;
/// Roads on which nobody lives, or which have another name than the street.
const NO_STREETS: [&str; 11] = [
    "bus_stop",
    "construction",
    "corridor",
    "elevator",
    "emergency_access_point",
    "motorway",
    "motorway_link",
    "platform",
    "proposed",
    "raceway",
    "rest_area",
];

/// How an OpenStreetMap file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// Protocol buffers in blocks.
    Pbf,
    /// XML, packed by gzip.
    Gzip,
    /// XML as it is.
    Plain,
}

impl Packing {
    /// The format for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pbf => "OpenStreetMap PBF",
            Self::Gzip => "OpenStreetMap XML, gzip",
            Self::Plain => "OpenStreetMap XML",
        }
    }

    /// What a file is that starts with `start`; `None` when it is no OpenStreetMap file.
    pub fn of(start: &[u8]) -> Option<Self> {
        let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
        if start.starts_with(b"\x1f\x8b") {
            return Some(Self::Gzip);
        }
        if text.starts_with(b"<?xml") || text.starts_with(b"<osm") {
            return Some(Self::Plain);
        }
        (start.starts_with(&[0, 0]) && start.get(4..15) == Some(b"\x0a\x09OSMHeader".as_slice()))
            .then_some(Self::Pbf)
    }
}

/// Reads the file into `sink`, which may break off, with the share of the work done.
///
/// # Errors
/// The file must be whole and keep to the format and to the limits of [`pbf`] and [`xml`].
pub(super) fn read(
    file: File,
    packing: Packing,
    name: &str,
    sink: &mut dyn FnMut(Find, f64) -> ControlFlow<()>,
) -> Result<(), Error> {
    let damaged = |damage: Damage| Error::Damaged {
        name: name.to_owned(),
        at: damage.at,
        detail: damage.detail,
    };
    let unreadable = |source| Error::Unreadable {
        name: name.to_owned(),
        source,
    };
    let mut body = match packing {
        Packing::Pbf => Body::Pbf(Pbf::open(file).map_err(damaged)?),
        Packing::Gzip => Body::Xml(Xml::open(file, true).map_err(unreadable)?),
        Packing::Plain => Body::Xml(Xml::open(file, false).map_err(unreadable)?),
    };
    Reading {
        related: Related::default(),
        sink,
    }
    .run(&mut body)
    .map_err(damaged)
}

enum Body {
    Pbf(Pbf),
    Xml(Xml),
}

impl Body {
    fn each(
        &mut self,
        wanted: Kinds,
        take: &mut dyn FnMut(Element<'_>, f64) -> ControlFlow<()>,
    ) -> Result<(), Damage> {
        match self {
            Self::Pbf(pbf) => pbf.each(wanted, take),
            Self::Xml(xml) => xml.each(wanted, take),
        }
    }
}

/// What the relations say.
#[derive(Default)]
struct Related {
    /// Areas made of several ways.
    areas: Vec<Area>,
    /// The areas of each way, sorted.
    area_of_way: Vec<(i64, u32)>,
    /// The names of streets.
    streets: Vec<String>,
    /// The street of each house, sorted.
    street_of: Vec<(MemberKind, i64, u32)>,
}

struct Area {
    what: What,
    west_south: Point,
    east_north: Point,
}

impl Related {
    fn street(&self, kind: MemberKind, id: i64) -> &str {
        let found = self
            .street_of
            .binary_search_by_key(&(kind, id), |(kind, id, _)| (*kind, *id));
        found.map_or("", |at| &self.streets[self.street_of[at].2 as usize])
    }
}

/// What an element is to us, without its position.
enum What {
    Address(Words),
    Street(String),
    Place(Words, PlaceKind, Option<u32>),
}

/// The words of an address; of a place the name stands in `place`.
#[derive(Default)]
struct Words {
    street: String,
    house_number: String,
    postal_code: String,
    place: String,
    country: String,
}

/// A way whose nodes are not known yet.
struct Waiting {
    goal: Goal,
    first_node: usize,
}

/// As many ways as fit the budget.
struct Batch {
    waiting: Vec<Waiting>,
    /// The nodes of all of them, one way after the other.
    nodes: Vec<i64>,
    /// The first way that did not fit.
    next: Option<u64>,
}

enum Goal {
    Own(What),
    Area(u32),
}

struct Reading<'a> {
    related: Related,
    sink: &'a mut dyn FnMut(Find, f64) -> ControlFlow<()>,
}

impl Reading<'_> {
    fn run(&mut self, body: &mut Body) -> Result<(), Damage> {
        self.read_relations(body)?;
        let mut ways_done = 0;
        let mut first = true;
        loop {
            let batch = self.read_ways(body, ways_done)?;
            let flow = self.read_nodes(body, &batch, first)?;
            if flow.is_break() {
                return Ok(());
            }
            first = false;
            match batch.next {
                Some(next) => ways_done = next,
                None => break,
            }
        }
        for area in std::mem::take(&mut self.related.areas) {
            let (a, b) = (area.west_south, area.east_north);
            let middle = Point {
                x: a.x.midpoint(b.x),
                y: a.y.midpoint(b.y),
            };
            if a <= b && self.give(&area.what, middle, 1.0).is_break() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn read_relations(&mut self, body: &mut Body) -> Result<(), Damage> {
        let related = &mut self.related;
        let mut too_many = false;
        body.each(Kinds::RELATIONS, &mut |element, _| {
            let Element::Relation { members, tags } = element else {
                return ControlFlow::Continue(());
            };
            let held = related.area_of_way.len()
                + related.street_of.len()
                + AS_NODES * (related.areas.len() + related.streets.len());
            if held + members.len() > MEMBER_BUDGET {
                too_many = true;
                return ControlFlow::Break(());
            }
            if tags.value("type") == "associatedStreet" {
                let street = tags.first(&["name", "addr:street"]);
                let street_id = index(related.streets.len());
                related.streets.push(short(street));
                let houses = members.iter().filter(|member| member.role != "street");
                let houses = houses.map(|member| (member.kind, member.id, street_id));
                related.street_of.extend(houses);
            } else if let Some(what) =
                what(tags, "").filter(|what| !matches!(what, What::Street(_)))
            {
                let area = index(related.areas.len());
                related.areas.push(Area {
                    what,
                    west_south: Point {
                        x: i32::MAX,
                        y: i32::MAX,
                    },
                    east_north: Point {
                        x: i32::MIN,
                        y: i32::MIN,
                    },
                });
                let ways = members
                    .iter()
                    .filter(|member| member.kind == MemberKind::Way && member.role != "inner");
                related.area_of_way.extend(ways.map(|way| (way.id, area)));
            }
            ControlFlow::Continue(())
        })?;
        if too_many {
            let detail = format!("its relations have more than {MEMBER_BUDGET} members");
            return Err(Damage { at: 0, detail });
        }
        related.area_of_way.sort_unstable();
        related.street_of.sort_unstable();
        Ok(())
    }

    /// The ways from the `from`th on until the budget is full, their nodes, and the first way
    /// that did not fit.
    fn read_ways(&mut self, body: &mut Body, from: u64) -> Result<Batch, Damage> {
        let related = &self.related;
        let (mut waiting, mut held, mut next) = (Vec::new(), Vec::new(), None);
        let mut number = 0;
        body.each(Kinds::WAYS, &mut |element, _| {
            let Element::Way { id, nodes, tags } = element else {
                return ControlFlow::Continue(());
            };
            number += 1;
            if number <= from || nodes.is_empty() {
                return ControlFlow::Continue(());
            }
            let areas = related.area_of_way.partition_point(|(way, _)| *way < id);
            let areas = related.area_of_way[areas..].iter();
            let areas = areas.take_while(|(way, _)| *way == id);
            let goals = areas.map(|(_, area)| Goal::Area(*area));
            let own = what(tags, related.street(MemberKind::Way, id)).map(Goal::Own);
            for goal in goals.chain(own) {
                waiting.push(Waiting {
                    goal,
                    first_node: held.len(),
                });
                held.extend_from_slice(nodes);
            }
            if held.len() + AS_NODES * waiting.len() < NODE_BUDGET {
                return ControlFlow::Continue(());
            }
            next = Some(number);
            ControlFlow::Break(())
        })?;
        Ok(Batch {
            waiting,
            nodes: held,
            next,
        })
    }

    fn read_nodes(
        &mut self,
        body: &mut Body,
        batch: &Batch,
        first: bool,
    ) -> Result<ControlFlow<()>, Damage> {
        let Batch { waiting, nodes, .. } = batch;
        let mut ids = nodes.clone();
        ids.sort_unstable();
        ids.dedup();
        let mut points: Vec<Option<Point>> = vec![None; ids.len()];
        let mut flow = ControlFlow::Continue(());
        let mut last = 0;
        body.each(Kinds::NODES, &mut |element, share| {
            let Element::Node { id, at, tags } = element else {
                return ControlFlow::Continue(());
            };
            if first && !tags.0.is_empty() {
                let found = what(tags, self.related.street(MemberKind::Node, id));
                if let Some(what) = found.filter(|what| !matches!(what, What::Street(_))) {
                    flow = self.give(&what, at, share);
                }
            }
            // Most files are sorted, so the next node is often the one behind the last.
            let sought = match ids.get(last) {
                Some(next) if *next == id => Ok(last),
                Some(next) if *next > id && (last == 0 || ids[last - 1] < id) => Err(last),
                _ => ids.binary_search(&id),
            };
            match sought {
                Ok(index) => {
                    points[index] = Some(at);
                    last = index + 1;
                }
                Err(index) => last = index,
            }
            flow
        })?;
        if flow.is_break() {
            return Ok(flow);
        }
        let mut outline = Vec::new();
        for (index, way) in waiting.iter().enumerate() {
            let end = waiting
                .get(index + 1)
                .map_or(nodes.len(), |next| next.first_node);
            let own = &nodes[way.first_node..end];
            outline.clear();
            outline.extend(
                own.iter()
                    .filter_map(|id| points[ids.binary_search(id).ok()?]),
            );
            // Nodes beyond the edge of an extract are missing; the others still tell the place.
            if outline.is_empty() {
                continue;
            }
            match &way.goal {
                Goal::Area(area) => {
                    let area = &mut self.related.areas[*area as usize];
                    for point in &outline {
                        area.west_south.x = area.west_south.x.min(point.x);
                        area.west_south.y = area.west_south.y.min(point.y);
                        area.east_north.x = area.east_north.x.max(point.x);
                        area.east_north.y = area.east_north.y.max(point.y);
                    }
                }
                Goal::Own(What::Street(name)) => {
                    let points = outline.iter().filter_map(|point| point.position());
                    let find = Find::Street(StreetPart {
                        street: name.clone(),
                        line: points.collect(),
                    });
                    flow = (self.sink)(find, 1.0);
                }
                Goal::Own(what) => flow = self.give(what, middle(&outline), 1.0),
            }
            if flow.is_break() {
                break;
            }
        }
        Ok(flow)
    }

    fn give(&mut self, what: &What, at: Point, share: f64) -> ControlFlow<()> {
        let Some(position) = at.position() else {
            return ControlFlow::Continue(());
        };
        match find(what, position) {
            Some(find) => (self.sink)(find, share),
            None => ControlFlow::Continue(()),
        }
    }
}

fn find(what: &What, position: LonLat) -> Option<Find> {
    match what {
        What::Address(words) => Some(Find::Address(AddressPoint {
            street: words.street.clone(),
            house_number: words.house_number.clone(),
            postal_code: words.postal_code.clone(),
            place: words.place.clone(),
            country: words.country.clone(),
            position,
        })),
        What::Place(words, kind, population) => Some(Find::Place(PlacePoint {
            name: words.place.clone(),
            postal_code: words.postal_code.clone(),
            kind: *kind,
            population: *population,
            position,
        })),
        What::Street(_) => None,
    }
}

/// What an element with these tags is; `street` is the one that a relation gives it.
fn what(tags: Tags<'_>, street: &str) -> Option<What> {
    let house_number = tags.value("addr:housenumber");
    if !house_number.is_empty() {
        let own = tags.first(&["addr:street", "addr:place", "addr:hamlet"]);
        let place = tags.first(&[
            "addr:city",
            "addr:town",
            "addr:village",
            "addr:municipality",
        ]);
        return Some(What::Address(Words {
            street: short(if own.is_empty() { street } else { own }),
            house_number: short(house_number),
            postal_code: short(tags.value("addr:postcode")),
            place: short(place),
            country: short(tags.value("addr:country")),
        }));
    }
    let name = tags.value("name");
    if name.is_empty() {
        return None;
    }
    let highway = tags.value("highway");
    if !highway.is_empty() {
        return (!NO_STREETS.contains(&highway)).then(|| What::Street(short(name)));
    }
    let kind = match tags.value("place") {
        "city" => PlaceKind::City,
        "town" => PlaceKind::Town,
        "village" => PlaceKind::Village,
        "suburb" | "borough" | "quarter" | "neighbourhood" => PlaceKind::Suburb,
        "hamlet" | "isolated_dwelling" | "farm" | "locality" => PlaceKind::Hamlet,
        _ => return None,
    };
    let words = Words {
        place: short(name),
        postal_code: short(tags.first(&["postal_code", "addr:postcode"])),
        ..Words::default()
    };
    let population = tags.value("population").replace(['.', ',', ' '], "");
    Some(What::Place(words, kind, population.parse().ok()))
}

/// The start of a word, all of it when it is not longer than OpenStreetMap allows: 255 letters.
fn short(word: &str) -> String {
    word[..word.floor_char_boundary(1_020)].to_owned()
}

/// The middle of a closed outline by its area, else the mean of its points.
///
/// The centroid of a polygon, by the shoelace formula relative to its first point.
fn middle(outline: &[Point]) -> Point {
    let base = outline[0];
    let near: Vec<(f64, f64)> = outline
        .iter()
        .map(|point| {
            let (x, y) = (i64::from(point.x), i64::from(point.y));
            (difference(x, base.x), difference(y, base.y))
        })
        .collect();
    let (mut area, mut sum_x, mut sum_y) = (0.0, 0.0, 0.0);
    if outline.len() > 3 && outline.last() == Some(&base) {
        for pair in near.windows(2) {
            let cross = pair[0].0 * pair[1].1 - pair[1].0 * pair[0].1;
            area += cross;
            sum_x += (pair[0].0 + pair[1].0) * cross;
            sum_y += (pair[0].1 + pair[1].1) * cross;
        }
    }
    let (x, y) = if area.abs() > 1.0 {
        (sum_x / (3.0 * area), sum_y / (3.0 * area))
    } else {
        #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52 points")]
        let count = near.len() as f64;
        (
            near.iter().map(|(x, _)| x).sum::<f64>() / count,
            near.iter().map(|(_, y)| y).sum::<f64>() / count,
        )
    };
    // A crossing outline can have its middle far away.
    let (x, y) = if x.abs() < 1e7 && y.abs() < 1e7 {
        (x, y)
    } else {
        (0.0, 0.0)
    };
    #[expect(clippy::cast_possible_truncation, reason = "it was seen to fit")]
    let (x, y) = (x as i32, y as i32);
    Point {
        x: base.x.saturating_add(x),
        y: base.y.saturating_add(y),
    }
}

#[expect(clippy::cast_precision_loss, reason = "differences of i32 fit an f64")]
fn difference(a: i64, b: i32) -> f64 {
    (a - i64::from(b)) as f64
}

fn index(length: usize) -> u32 {
    u32::try_from(length).expect("there are fewer than the budget")
}
