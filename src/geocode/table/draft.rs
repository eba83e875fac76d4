//! Tables while they are written, step by step.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;

use crate::geocode::fold::{Name, fold};
use crate::geocode::table::part::parts;
use crate::geocode::table::{CodeRow, DeliveryRow, Entry, Table};
use crate::geocode::town::{GridPoint, Town, Towns, cells, position};
use crate::geocode::words::{ListsDraft, Words, index};
use crate::place::LonLat;

/// The spacing of a code that has no three neighbours, in metres.
const LONE_CODE_M: f32 = 30_000.0;

/// A table, and the words of it by which rows are brought together.
pub(super) struct Draft {
    table: Table,
    places: Words,
    names: NamesDraft,
}

/// A line of the postal text.
struct Row<'a> {
    key: String,
    text: &'a str,
    place: &'a str,
    state: u32,
    position: LonLat,
}

impl Draft {
    pub(super) fn new(towns: Arc<Towns>) -> Self {
        Self {
            table: Table {
                towns,
                ..Table::default()
            },
            places: Words::default(),
            names: NamesDraft::default(),
        }
    }

    pub(super) fn finish(self) -> Table {
        let mut table = self.table;
        table.by_name = self.names.whole.finish();
        table.by_base = self.names.base.finish();
        table.by_alternate = self.names.alternate.finish();
        table.by_part = self.names.part.finish();
        table.keys.shrink();
        table.codes.shrink_to_fit();
        table.written.shrink();
        table.deliveries.shrink_to_fit();
        table.places.shrink();
        table.folded.shrink_to_fit();
        table.base_lens.shrink_to_fit();
        table
    }

    pub(super) fn read_postal(
        &mut self,
        code: &impl Fn(&str) -> String,
        state: &impl Fn(&str) -> String,
        text: &str,
    ) {
        // States are few, rows are many.
        let mut states: HashMap<&str, u32> = HashMap::new();
        let mut rows = Vec::new();
        for line in text.lines() {
            let Some([text, place, state_name, lon, lat]) = cells(line) else {
                continue;
            };
            let Some(position) = position(lon, lat) else {
                continue;
            };
            let own = states.entry(state_name);
            let state = *own.or_insert_with_key(|name| self.table.states.add(&state(name)));
            let key = code(text);
            if !key.is_empty() {
                rows.push(Row {
                    key,
                    text,
                    place,
                    state,
                    position,
                });
            }
        }
        rows.sort_by(|a, b| a.key.cmp(&b.key));
        for rows in rows.chunk_by_mut(|a, b| a.key == b.key) {
            self.push_code(rows);
        }
    }

    /// Adds a code with its deliveries, each name once, at the middle of its rows.
    fn push_code(&mut self, rows: &mut [Row]) {
        let key = rows[0].key.as_str();
        let table = &mut self.table;
        table.code_len = table.code_len.max(Some(key.len()));
        table.keys.add(key);
        table.codes.push(CodeRow {
            written: is_written_otherwise(key, rows[0].text)
                .then(|| table.written.push(rows[0].text))
                .and_then(|written| NonZeroU32::new(written + 1)),
            centre: GridPoint::of(median(rows.iter().map(|row| row.position))),
            spacing_m: LONE_CODE_M,
            start: index(table.deliveries.len()),
        });
        rows.sort_by(|a, b| a.place.cmp(b.place));
        for same in rows.chunk_by(|a, b| a.place == b.place) {
            let place = self.place(same[0].place);
            self.table.deliveries.push(DeliveryRow {
                place,
                at: GridPoint::of(median(same.iter().map(|row| row.position))),
                state: same[0].state,
            });
        }
    }

    /// The number of a name of a place.
    fn place(&mut self, text: &str) -> u32 {
        let place = self.places.add(text);
        let table = &mut self.table;
        if place as usize == table.places.len() {
            let name = Name::parse(text);
            let base_len = name.folded().base_len;
            table.places.push(text);
            table.folded.push(self.names.whole.word(name.full()));
            let base_len = u16::try_from(base_len).expect("a name has at most 200 letters");
            table.base_lens.push(base_len);
        }
        place
    }

    pub(super) fn set_centres(&mut self, code: &impl Fn(&str) -> String, text: &str) {
        for line in text.lines() {
            let Some([text, lon, lat]) = cells(line) else {
                continue;
            };
            let table = &mut self.table;
            if let (Some(index), Some(centre)) = (table.keys.find(&code(text)), position(lon, lat))
            {
                table.codes[index as usize].centre = GridPoint::of(centre);
                table.area_centres.resize(table.codes.len(), false);
                table.area_centres[index as usize] = true;
            }
        }
    }

    /// How far the third nearest other centre is from each. Codes of single companies stand
    /// beside those that have an area and do not count.
    pub(super) fn measure_spacing(&mut self) {
        let table = &self.table;
        let counts = |(index, _): &(u32, &CodeRow)| {
            table.is_area_centre(*index) || !table.has_area_centres()
        };
        let codes = (0..).zip(&table.codes).filter(counts);
        let mut points: Vec<Point> = codes.map(|(_, code)| in_space(code)).collect();
        points.sort_unstable_by(|a, b| a[0].total_cmp(&b[0]));
        for code in &mut self.table.codes {
            if let Some(spacing_m) = spacing_m(&points, in_space(code)) {
                code.spacing_m = spacing_m;
            }
        }
    }

    pub(super) fn index_names(&mut self) {
        let Self { table, names, .. } = self;
        let towns = Arc::clone(&table.towns);
        let all = || (0..).map(Entry::Town).zip(towns.iter());
        for (entry, town) in all().filter(|(_, town)| !town.is_municipality) {
            names.push_town(&town, entry);
        }
        for (entry, row) in (0..).map(Entry::Delivery).zip(&table.deliveries) {
            let place = row.place as usize;
            names.push_word(table.folded[place], table.base_lens[place].into(), entry);
            // Bulgarian names, among others, stand in two scripts.
            if let Some((first, second)) = table.places.text(row.place).split_once(" / ") {
                names.push_name(first, entry);
                names.push_name(second, entry);
            }
        }
        for (entry, town) in all().filter(|(_, town)| town.is_municipality) {
            names.push_name(town.name, entry);
        }
        for (entry, town) in all() {
            parts(town.name).for_each(|part| names.part.add(&part, entry.number()));
        }
        for (index, row) in (0..).zip(&table.deliveries) {
            if table.is_place(index) {
                let entry = Entry::Delivery(index);
                let place = table.places.text(row.place);
                parts(place).for_each(|part| names.part.add(&part, entry.number()));
            }
        }
    }
}

/// What leads to places, while it is written.
#[derive(Default)]
struct NamesDraft {
    whole: ListsDraft,
    base: ListsDraft,
    alternate: ListsDraft,
    part: ListsDraft,
}

impl NamesDraft {
    fn push_town(&mut self, town: &Town, entry: Entry) {
        self.push_name(town.name, entry);
        if !town.name_de.is_empty() {
            self.push_name(town.name_de, entry);
        }
        for name in town.alternates() {
            self.alternate.add(&fold(name), entry.number());
        }
    }

    fn push_name(&mut self, name: &str, entry: Entry) {
        let name = Name::parse(name);
        let word = self.whole.word(name.full());
        self.push_word(word, name.folded().base_len, entry);
    }

    /// Lets a folded name, by its number, lead to `entry`, and so what it has before a qualifier.
    fn push_word(&mut self, word: u32, base_len: usize, entry: Entry) {
        let full = self.whole.text(word);
        if base_len < full.len() {
            self.base.add(&full[..base_len], entry.number());
        }
        self.whole.add_to(word, entry.number());
    }
}

/// A position in space, in metres from the middle of the earth, the axis of the earth first.
type Point = [f64; 3];

/// The centre of a code in space.
fn in_space(code: &CodeRow) -> Point {
    const MEAN_RADIUS_M: f64 = 6_371_008.8;
    let centre = code.centre.position();
    let (lon_sin, lon_cos) = centre.lon().to_radians().sin_cos();
    let (lat_sin, lat_cos) = centre.lat().to_radians().sin_cos();
    [lat_sin, lat_cos * lon_cos, lat_cos * lon_sin].map(|unit| unit * MEAN_RADIUS_M)
}

/// Distance from `own` to the third nearest of the other `points`, which are sorted; `None` when
/// there are fewer. `own`, or one that shares its place, is among them and does not count.
///
/// Goes north and south from `own` until the points are farther along the axis alone than those
/// that were found.
fn spacing_m(points: &[Point], own: Point) -> Option<f32> {
    const COUNTED: usize = 4;
    let mut nearest_2 = [f64::INFINITY; COUNTED];
    let mut take = |point: &Point| {
        let [along, x, y] = [0, 1, 2].map(|axis| point[axis] - own[axis]);
        let is_far = along * along > nearest_2[COUNTED - 1];
        let distance_2 = along * along + x * x + y * y;
        if distance_2 < nearest_2[COUNTED - 1] {
            let at = nearest_2.partition_point(|other| *other <= distance_2);
            nearest_2[at..].rotate_right(1);
            nearest_2[at] = distance_2;
        }
        !is_far
    };
    let (south, north) = points.split_at(points.partition_point(|point| point[0] < own[0]));
    let (mut south, mut north) = (south.iter().rev(), north.iter());
    let (mut goes_south, mut goes_north) = (true, true);
    while goes_south || goes_north {
        goes_south = goes_south && south.next().is_some_and(&mut take);
        goes_north = goes_north && north.next().is_some_and(&mut take);
    }
    let [.., last_2] = nearest_2;
    #[expect(clippy::cast_possible_truncation, reason = "to a metre is enough")]
    let last = last_2.is_finite().then(|| last_2.sqrt() as f32);
    last
}

/// Whether its country writes the code in another way than its key, with spaces and dashes; where
/// the two differ in more, the key is the better text.
fn is_written_otherwise(key: &str, text: &str) -> bool {
    let letters = text.chars().filter(|c| !matches!(c, ' ' | '-'));
    text != key && letters.eq(key.chars())
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

    #[test]
    fn spacing_agrees_with_a_scan() {
        let mut state: u64 = 7;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            f64::from(u32::try_from(state >> 40).unwrap())
        };
        let mut points: Vec<Point> = (0..200).map(|_| [next(), next(), next()]).collect();
        points.sort_by(|a, b| a[0].total_cmp(&b[0]));
        for own in &points {
            let mut distances: Vec<f64> = points
                .iter()
                .map(|point| (0..3).map(|axis| (point[axis] - own[axis]).powi(2)).sum())
                .collect();
            distances.sort_by(f64::total_cmp);
            let expected = distances[3].sqrt();
            let found = f64::from(spacing_m(&points, *own).unwrap());
            assert!((found - expected).abs() < 1.0, "{found} {expected}");
        }
        assert_eq!(spacing_m(&points[..3], points[0]), None);
    }
}
