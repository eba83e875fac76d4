//! Shapefiles: rings in `.shp`, attributes in `.dbf`, the projection in `.prj`, the encoding in
//! `.cpg`.
//!
//! Layout by the ESRI Shapefile Technical Description (July 1998). Read by hand, as every count
//! in the file is held against the bytes that are there before anything is made of it.

use super::attributes::Attributes;
use super::layer::{Crs, Layer, Ring, Shape, damaged};
use super::wkt;
use crate::import::error::Error;

/// The first bytes of a `.shp`.
pub(super) const MAGIC: [u8; 4] = [0, 0, 0x27, 0x0a];
const HEADER_BYTES: usize = 100;

/// The files that make up a shapefile; what is not there is empty.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// Rings.
    pub shp: Vec<u8>,
    /// Attributes.
    pub dbf: Vec<u8>,
    /// Projection.
    pub prj: Vec<u8>,
    /// Encoding of the attributes.
    pub cpg: Vec<u8>,
}

/// The features of a shapefile called `name`.
pub(super) fn read(files: &Files, name: &str) -> Result<Layer, Error> {
    if files.dbf.is_empty() {
        let detail = "the .dbf with keys and names is not beside it; pack .shp, .dbf, .shx and .prj into one ZIP file";
        return Err(damaged(name, 0, detail));
    }
    let attributes = Attributes::open(&files.dbf, &files.cpg)
        .map_err(|(at, detail)| damaged(&format!("{name} (.dbf)"), at, detail))?;
    let mut layer = Layer::new("Shapefile", name);
    let prj = String::from_utf8_lossy(&files.prj);
    if !prj.trim().is_empty() {
        layer.crs = wkt::epsg(&prj).map_or_else(Crs::Unknown, Crs::Epsg);
    }
    let mut columns = Vec::new();
    for heading in &attributes.headings {
        columns.push(layer.column(heading)?);
    }
    let (mut at, mut row) = (HEADER_BYTES, 0);
    while at < files.shp.len() {
        let length = int(&files.shp, at + 4, i32::from_be_bytes)
            .and_then(|words| usize::try_from(words).ok())
            .and_then(|words| words.checked_mul(2));
        let content = length.and_then(|length| files.shp.get(at + 8..)?.get(..length));
        let Some(content) = content else {
            return Err(damaged(name, at, "the file ends in the middle of a shape"));
        };
        // Rows that are marked as deleted have a shape all the same.
        if !attributes.is_deleted(row) {
            let cells = columns.iter().copied().zip(attributes.row(row));
            layer.push(cells.collect(), shape(content))?;
        }
        at += 8 + content.len();
        row += 1;
    }
    Ok(layer)
}

/// The number that starts at `at`.
fn int(bytes: &[u8], at: usize, make: fn([u8; 4]) -> i32) -> Option<i32> {
    let four = bytes.get(at..)?.first_chunk::<4>()?;
    Some(make(*four))
}

fn shape(content: &[u8]) -> Shape {
    match int(content, 0, i32::from_le_bytes) {
        Some(0) => Shape::Nothing,
        Some(1 | 8 | 11 | 18 | 21 | 28) => Shape::Other("a point"),
        Some(3 | 13 | 23) => Shape::Other("a line"),
        Some(5 | 15 | 25) => match rings(content) {
            Some(rings) if rings.is_empty() => Shape::Nothing,
            Some(rings) => Shape::Area(polygons(rings)),
            None => Shape::Broken("the shape counts more rings or points than it has".to_owned()),
        },
        Some(31) => Shape::Other("a multipatch"),
        _ => Shape::Broken("the shape is of an unknown kind".to_owned()),
    }
}

/// The rings of a polygon; `None` when its counts do not fit.
fn rings(content: &[u8]) -> Option<Vec<Ring>> {
    const PARTS_AT: usize = 44;
    let count = |at| usize::try_from(int(content, at, i32::from_le_bytes)?).ok();
    let (part_count, point_count) = (count(36)?, count(40)?);
    let points_at = PARTS_AT.checked_add(part_count.checked_mul(4)?)?;
    let points = content.get(points_at..)?;
    let points = points.get(..point_count.checked_mul(16)?)?;
    let points = points.as_chunks::<16>().0;
    let mut rings = Vec::new();
    for part in 0..part_count {
        let start = count(PARTS_AT + 4 * part)?;
        let end = if part + 1 < part_count {
            count(PARTS_AT + 4 * (part + 1))?
        } else {
            point_count
        };
        let ring = points.get(start..end)?.iter().map(|point| {
            let (x, y) = point.split_at(8);
            [x, y].map(|n| f64::from_le_bytes(n.try_into().expect("half of 16 bytes is 8")))
        });
        rings.push(ring.collect());
    }
    Some(rings)
}

/// Rings sorted into polygons. Outer rings run clockwise, holes the other way; where all run the
/// other way, the file has them reversed. A hole belongs to the smallest outer ring around it,
/// and is an outer ring itself where there is none.
fn polygons(rings: Vec<Ring>) -> Vec<Vec<Ring>> {
    let mut areas: Vec<f64> = rings.iter().map(|ring| area_2(ring)).collect();
    if areas.iter().all(|area| *area >= 0.0) {
        for area in &mut areas {
            *area = -*area;
        }
    }
    let boxes: Vec<_> = rings.iter().map(|ring| corners(ring)).collect();
    let outer: Vec<usize> = (0..rings.len()).filter(|&at| areas[at] <= 0.0).collect();
    let owner_of = |hole: usize| {
        let around = outer.iter().copied().filter(|&at| {
            let ([min_x, min_y], [max_x, max_y]) = boxes[at];
            let (min, max) = boxes[hole];
            let within = min_x <= min[0] && min_y <= min[1] && max_x >= max[0] && max_y >= max[1];
            within && -areas[at] > areas[hole] && lies_in(&rings[hole], &rings[at])
        });
        around.min_by(|a, b| areas[*b].total_cmp(&areas[*a]))
    };
    let owners: Vec<Option<usize>> = (0..rings.len())
        .map(|at| if areas[at] > 0.0 { owner_of(at) } else { None })
        .collect();
    let mut polygons: Vec<Vec<Ring>> = Vec::new();
    let mut places = vec![usize::MAX; rings.len()];
    let mut holes = Vec::new();
    for (at, ring) in rings.into_iter().enumerate() {
        if let Some(owner) = owners[at] {
            holes.push((owner, ring));
        } else {
            places[at] = polygons.len();
            polygons.push(vec![ring]);
        }
    }
    for (owner, ring) in holes {
        polygons[places[owner]].push(ring);
    }
    polygons
}

/// Twice the area, positive when the ring runs counterclockwise.
fn area_2(ring: &[[f64; 2]]) -> f64 {
    let Some(&[base_x, base_y]) = ring.first() else {
        return 0.0;
    };
    let pairs = ring.windows(2);
    pairs
        .map(|pair| {
            let [a, b] = [pair[0], pair[1]].map(|[x, y]| (x - base_x, y - base_y));
            a.0 * b.1 - b.0 * a.1
        })
        .sum()
}

fn corners(ring: &[[f64; 2]]) -> ([f64; 2], [f64; 2]) {
    let none = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    ring.iter().fold(none, |(min, max), [x, y]| {
        (
            [min[0].min(*x), min[1].min(*y)],
            [max[0].max(*x), max[1].max(*y)],
        )
    })
}

/// Whether the middle of an edge of `ring` lies in `outer`; rings of one polygon do not cross,
/// and the middle of an edge is not a point that both share.
fn lies_in(ring: &[[f64; 2]], outer: &[[f64; 2]]) -> bool {
    let middle = ring
        .windows(2)
        .find(|pair| {
            let [[ax, ay], [bx, by]] = [pair[0], pair[1]];
            ax.total_cmp(&bx).is_ne() || ay.total_cmp(&by).is_ne()
        })
        .map(|pair| {
            [
                f64::midpoint(pair[0][0], pair[1][0]),
                f64::midpoint(pair[0][1], pair[1][1]),
            ]
        });
    let Some([x, y]) = middle else { return false };
    outer.windows(2).fold(false, |inside, pair| {
        let [[ax, ay], [bx, by]] = [pair[0], pair[1]];
        let crosses = (ay > y) != (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax;
        inside ^ crosses
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, y: f64, size: f64, clockwise: bool) -> Ring {
        let mut ring = vec![
            [x, y],
            [x, y + size],
            [x + size, y + size],
            [x + size, y],
            [x, y],
        ];
        if !clockwise {
            ring.reverse();
        }
        ring
    }

    #[track_caller]
    fn check(rings: Vec<Ring>, expected: &[usize]) {
        let found: Vec<usize> = polygons(rings).iter().map(Vec::len).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn holes_find_their_outer_ring() {
        let large = square(0.0, 0.0, 10.0, true);
        check(vec![large.clone(), square(2.0, 2.0, 1.0, false)], &[2]);
        check(vec![square(2.0, 2.0, 1.0, false), large.clone()], &[2]);
        // An island in the lake, and a pond on it.
        let island = square(4.0, 4.0, 2.0, true);
        let lake = square(3.0, 3.0, 5.0, false);
        let pond = square(4.5, 4.5, 0.5, false);
        check(vec![large.clone(), lake, island, pond], &[2, 2]);
        // All reversed: two outer rings.
        check(
            vec![square(0.0, 0.0, 1.0, false), square(5.0, 5.0, 1.0, false)],
            &[1, 1],
        );
        check(vec![large, square(20.0, 0.0, 1.0, false)], &[1, 1]);
    }

    #[test]
    fn counts_that_lie_are_seen() {
        let mut content = vec![0; 60];
        content[0] = 5;
        content[36..40].copy_from_slice(&i32::MAX.to_le_bytes());
        content[40..44].copy_from_slice(&i32::MAX.to_le_bytes());
        assert!(matches!(shape(&content), Shape::Broken(_)));
        content[36..40].copy_from_slice(&1_i32.to_le_bytes());
        content[40..44].copy_from_slice(&(-1_i32).to_le_bytes());
        assert!(matches!(shape(&content), Shape::Broken(_)));
        assert!(matches!(shape(&[]), Shape::Broken(_)));
        assert_eq!(shape(&[0; 4]), Shape::Nothing);
    }
}
