//! Many positions answered together.
//!
//! Positions are dealt into the cells of a grid, and those of a cell into 64 smaller ones, and so
//! on. What holds for one position of a cell that no border touches holds for all of them; where a
//! border runs, only the polygons whose border it is are asked, position by position. Every answer
//! is that of [`RegionIndex::unit_of`]: cells only spare questions whose answer is known.

use rstar::AABB;

use super::{RegionIndex, flat};
use crate::spatial::polygon::Ends;
use crate::spatial::topology::Point;
use crate::spatial::units::UnitId;

/// log2 of the side of a cell of the first grid in 1e-7 degree: 0.42°.
const FIRST_SHIFT: u32 = 22;

/// log2 of the cells to each side of the grid in a cell.
const GRID_BITS: u32 = 3;

/// Cells of the grid in a cell.
const GRID: usize = 1 << (2 * GRID_BITS);

/// Positions of fewer are not dealt any further.
const FEW: usize = 32;

/// Longitude and latitude of the corner that cells are counted from.
const CORNER: Point = [-1_800_000_000, -900_000_000];

/// A position, and its place among those that were asked.
#[derive(Debug, Clone, Copy, Default)]
struct Spot {
    point: Point,
    place: u32,
}

/// A polygon that has to do with a cell.
struct Near {
    part: u32,
    /// Those of its edges that may touch the cell; of none, the cell is inside.
    edges: Vec<Ends>,
}

/// A square of positions.
#[derive(Debug, Clone, Copy)]
struct Cell {
    corner: Point,
    shift: u32,
}

impl Cell {
    /// The cell of the first grid that a number stands for.
    fn first(number: usize) -> Self {
        let (column, row) = (number % COLUMNS, number / COLUMNS);
        let along = |start: i32, n: usize| {
            let offset = i64::try_from(n << FIRST_SHIFT).unwrap_or(i64::MAX);
            i32::try_from(i64::from(start) + offset).unwrap_or(i32::MAX)
        };
        Self {
            corner: [along(CORNER[0], column), along(CORNER[1], row)],
            shift: FIRST_SHIFT,
        }
    }

    /// The corner opposite: the border is part of the cell, so that what touches none of two
    /// neighbours does not run between them either.
    fn end(self) -> Point {
        self.corner.map(|n| n.saturating_add(1 << self.shift))
    }

    /// The column or row of the grid in which a coordinate lies.
    fn step(self, axis: usize, n: i32) -> u32 {
        let offset = (i64::from(n) - i64::from(self.corner[axis])) >> (self.shift - GRID_BITS);
        u32::try_from(offset.clamp(0, (1 << GRID_BITS) - 1)).unwrap_or(0)
    }

    /// The cell of the grid in which a point lies.
    fn place_of(self, [x, y]: Point) -> usize {
        (self.step(1, y) << GRID_BITS | self.step(0, x)) as usize
    }

    fn child(self, place: usize) -> Self {
        let shift = self.shift - GRID_BITS;
        let place = u32::try_from(place).unwrap_or(0);
        let steps = [place & ((1 << GRID_BITS) - 1), place >> GRID_BITS];
        let along = |axis: usize| {
            let offset = i32::try_from(steps[axis] << shift).unwrap_or(0);
            self.corner[axis].saturating_add(offset)
        };
        Self {
            corner: [along(0), along(1)],
            shift,
        }
    }

    /// The cells of the grid that the box around `ends` touches, one bit each.
    fn touched(self, ends: Ends) -> u64 {
        let [[ax, ay], [bx, by]] = ends;
        // What lies on the border of a cell touches the one before, too.
        let (west, east) = (self.step(0, ax.min(bx) - 1), self.step(0, ax.max(bx)));
        let (south, north) = (self.step(1, ay.min(by) - 1), self.step(1, ay.max(by)));
        let row = (u64::MAX >> (63 - (east - west))) << west;
        (south..=north).fold(0, |mask, y| mask | row << (y << GRID_BITS))
    }
}

/// Columns of the first grid.
const COLUMNS: usize = (3_600_000_000_u64 >> FIRST_SHIFT) as usize + 1;

/// Rows of the first grid.
const ROWS: usize = (1_800_000_000_u64 >> FIRST_SHIFT) as usize + 1;

/// The part of `index` that contains each of `points`; none where none does.
pub(super) fn containing(index: &RegionIndex, points: &[Point]) -> Vec<Option<UnitId>> {
    let mut many = Many {
        index,
        found: vec![None; points.len()],
    };
    let (spots, starts) = deal(points);
    let mut spots = spots;
    let mut spare = Vec::new();
    for (number, ends) in starts.windows(2).enumerate() {
        let spots = &mut spots[ends[0] as usize..ends[1] as usize];
        if spots.is_empty() {
            continue;
        }
        let cell = Cell::first(number);
        if spots.len() < FEW {
            for spot in spots.iter() {
                many.found[spot.place as usize] = index.containing(spot.point, &|_| true);
            }
        } else {
            let near = near(index, cell);
            spare.resize(spots.len().max(spare.len()), Spot::default());
            many.answer(cell, &near, spots, &mut spare);
        }
    }
    many.found
}

/// The points by the cells of the first grid, and where those of each cell start.
fn deal(points: &[Point]) -> (Vec<Spot>, Vec<u32>) {
    let number = |point: Point| {
        let step = |axis: usize| {
            let offset = (i64::from(point[axis]) - i64::from(CORNER[axis])) >> FIRST_SHIFT;
            usize::try_from(offset).unwrap_or(0)
        };
        step(1).min(ROWS - 1) * COLUMNS + step(0).min(COLUMNS - 1)
    };
    let mut starts = vec![0_u32; ROWS * COLUMNS + 1];
    for point in points {
        starts[number(*point) + 1] += 1;
    }
    for place in 1..starts.len() {
        starts[place] += starts[place - 1];
    }
    let mut next = starts.clone();
    let mut spots = vec![Spot::default(); points.len()];
    for (place, point) in (0..).zip(points) {
        let next = &mut next[number(*point)];
        spots[*next as usize] = Spot {
            point: *point,
            place,
        };
        *next += 1;
    }
    (spots, starts)
}

/// The polygons that have to do with a cell, in the order in which they win.
fn near(index: &RegionIndex, cell: Cell) -> Vec<Near> {
    let (min, max) = (cell.corner, cell.end());
    let box_around = AABB::from_corners(flat(min), flat(max));
    let found = index.boxes.locate_in_envelope_intersecting(box_around);
    let mut parts: Vec<u32> = found.map(|found| found.data).collect();
    parts.sort_unstable();
    let near = parts.into_iter().filter_map(|part| {
        let polygon = &index.parts[part as usize].polygon;
        let edges: Vec<Ends> = polygon.edges_in(min, max).collect();
        (!edges.is_empty() || polygon.contains(min)).then_some(Near { part, edges })
    });
    near.collect()
}

struct Many<'a> {
    index: &'a RegionIndex,
    found: Vec<Option<UnitId>>,
}

impl Many<'_> {
    /// Answers the positions of a cell; `spare` has room for as many.
    fn answer(&mut self, cell: Cell, near: &[Near], spots: &mut [Spot], spare: &mut [Spot]) {
        let touched: Vec<u64> = near
            .iter()
            .map(|near| {
                near.edges
                    .iter()
                    .fold(0, |mask, edge| mask | cell.touched(*edge))
            })
            .collect();
        let any = touched.iter().fold(0, |any, mask| any | mask);
        let ends = sort_by_child(cell, spots, spare);
        // What the last cell is that no border touches, and its answer.
        let mut before: Option<(usize, Option<UnitId>)> = None;
        for (place, ends) in ends.windows(2).enumerate() {
            let spots = &mut spots[ends[0] as usize..ends[1] as usize];
            let Some(first) = spots.first().copied() else {
                continue;
            };
            if any >> place & 1 == 0 {
                let is_beside = place % (1 << GRID_BITS) != 0;
                let known = before.filter(|(before, _)| is_beside && before + 1 == place);
                let answer = known.map_or_else(
                    || {
                        self.ask(
                            near.iter().map(|near| (near.part, near.edges.is_empty())),
                            first,
                        )
                    },
                    |(_, answer)| answer,
                );
                before = Some((place, answer));
                for spot in &*spots {
                    self.found[spot.place as usize] = answer;
                }
                continue;
            }
            let child = cell.child(place);
            let is_deep = spots.len() < FEW || child.shift < 2 * GRID_BITS;
            let mut inner: Vec<Near> = Vec::new();
            for (near, touched) in near.iter().zip(&touched) {
                let (min, max) = (child.corner, child.end());
                if touched >> place & 1 == 1 {
                    let edges = near.edges.iter().copied();
                    let edges = edges.filter(|ends| is_deep || touches(*ends, min, max));
                    let edges: Vec<Ends> = if is_deep {
                        edges.take(1).collect()
                    } else {
                        edges.collect()
                    };
                    if !edges.is_empty() {
                        inner.push(Near {
                            part: near.part,
                            edges,
                        });
                        continue;
                    }
                }
                if near.edges.is_empty() || self.contains(near.part, first.point) {
                    inner.push(Near {
                        part: near.part,
                        edges: Vec::new(),
                    });
                    // Those behind it lose.
                    break;
                }
            }
            if is_deep {
                for spot in &*spots {
                    let parts = inner.iter().map(|near| (near.part, near.edges.is_empty()));
                    self.found[spot.place as usize] = self.ask(parts, *spot);
                }
            } else {
                self.answer(child, &inner, spots, spare);
            }
        }
    }

    /// The first of `parts` that contains the spot; of each is told whether it does for certain.
    fn ask(&self, parts: impl Iterator<Item = (u32, bool)>, spot: Spot) -> Option<UnitId> {
        let mut parts = parts;
        let found =
            parts.find(|(part, is_certain)| *is_certain || self.contains(*part, spot.point));
        found.map(|(part, _)| self.index.parts[part as usize].unit)
    }

    fn contains(&self, part: u32, point: Point) -> bool {
        self.index.parts[part as usize].polygon.contains(point)
    }
}

/// Whether the box around `ends` touches that of `min` and `max`.
fn touches([a, b]: Ends, min: Point, max: Point) -> bool {
    (0..2).all(|axis| a[axis].min(b[axis]) <= max[axis] && a[axis].max(b[axis]) >= min[axis])
}

/// Sorts positions by the cells of the grid in `cell`; gives where those of each start.
fn sort_by_child(cell: Cell, spots: &mut [Spot], spare: &mut [Spot]) -> [u32; GRID + 1] {
    let mut starts = [0_u32; GRID + 1];
    for spot in &*spots {
        starts[cell.place_of(spot.point) + 1] += 1;
    }
    for place in 0..GRID {
        starts[place + 1] += starts[place];
    }
    let mut next = starts;
    for spot in &*spots {
        let next = &mut next[cell.place_of(spot.point)];
        spare[*next as usize] = *spot;
        *next += 1;
    }
    spots.copy_from_slice(&spare[..spots.len()]);
    starts
}
