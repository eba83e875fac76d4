use std::collections::BTreeMap;

use super::*;
use crate::record::region::Polygon;

/// A hundred-thousandth of a degree is 1.1 m.
const STEP: f64 = 1e-5;

type Corners<'a> = &'a [[i32; 2]];

fn ring(corners: Corners<'_>) -> Vec<LonLat> {
    let position =
        |[x, y]: [i32; 2]| LonLat::parse(10.0 + f64::from(x) * STEP, f64::from(y) * STEP).unwrap();
    let closed = corners.iter().chain(corners.first());
    closed.map(|corner| position(*corner)).collect()
}

/// A region at the equator of one polygon a list: the outer ring, then holes.
fn region(key: &str, parent: &str, polygons: &[&[Corners<'_>]]) -> OwnRegion {
    OwnRegion {
        key: RegionKey::new(key),
        name: key.to_owned(),
        parent: (!parent.is_empty()).then(|| RegionKey::new(parent)),
        attributes: BTreeMap::new(),
        polygons: polygons
            .iter()
            .map(|rings| Polygon {
                outer: ring(rings[0]),
                holes: rings[1..].iter().map(|hole| ring(hole)).collect(),
            })
            .collect(),
    }
}

fn square(x: i32, y: i32, size: i32) -> [[i32; 2]; 4] {
    [[x, y], [x + size, y], [x + size, y + size], [x, y + size]]
}

/// Kind, keys and area in squares of a step; the point must lie in `within`, west, south, east
/// and north in steps.
#[track_caller]
fn check_faults(regions: &[OwnRegion], expected: &[(&str, [i32; 4])]) {
    let found = check(regions);
    let key = |key: &Option<RegionKey>| key.as_ref().map_or("-".to_owned(), RegionKey::to_string);
    let told: Vec<String> = found
        .iter()
        .map(|fault| {
            let squares = fault.area_m2 / (1.113_194_9 * 1.105_742_8);
            let keys = [key(&fault.region), key(&fault.other)].join(" ");
            format!("{} {keys} {squares:.0}", fault.kind.name())
        })
        .collect();
    let words: Vec<&str> = expected.iter().map(|(words, _)| *words).collect();
    assert_eq!(told, words);
    for (fault, (words, [west, south, east, north])) in found.iter().zip(expected) {
        let at = [(fault.at.lon() - 10.0) / STEP, fault.at.lat() / STEP];
        let inside = f64::from(*west) < at[0]
            && at[0] < f64::from(*east)
            && f64::from(*south) < at[1]
            && at[1] < f64::from(*north);
        assert!(inside, "{words}: {at:?}");
    }
}

#[test]
fn neighbours_that_fit_have_no_fault() {
    let regions = [
        region("a", "", &[&[&square(0, 0, 100)]]),
        region("b", "", &[&[&square(100, 0, 100)]]),
        region("c", "a", &[&[&square(0, 0, 100)]]),
    ];
    check_faults(&regions, &[]);
    let mut same = regions.clone();
    assert!(repair(&mut same).is_empty());
    assert_eq!(same, regions);
}

#[test]
fn overlaps_are_found() {
    let regions = [
        region("a", "", &[&[&square(0, 0, 100)]]),
        region("b", "", &[&[&square(90, 0, 100)]]),
        // A corner of less than 100 m², and a sliver on average half a metre wide.
        region(
            "d",
            "",
            &[&[&[[-50, -50], [7, -50], [7, 7], [0, 9], [-50, 9]]]],
        ),
        region("e", "", &[&[&square(1_000, 0, 1_000)]]),
        region(
            "f",
            "",
            &[&[&[
                [1_000, -90],
                [2_000, -90],
                [2_000, 0],
                [1_500, 1],
                [1_000, 0],
            ]]],
        ),
    ];
    check_faults(&regions, &[("overlap a b 1000", [90, 0, 100, 100])]);
}

#[test]
fn gaps_are_found() {
    let around: Corners<'_> = &square(0, 0, 100);
    let hole: Corners<'_> = &square(40, 40, 20);
    let with_hole = region("a", "", &[&[around, hole]]);
    let found = ("gap a - 400", [40, 40, 60, 60]);
    check_faults(std::slice::from_ref(&with_hole), &[found]);
    // Filled by another, half filled, and too small.
    check_faults(&[with_hole.clone(), region("b", "", &[&[hole]])], &[]);
    let half: Corners<'_> = &[[40, 40], [60, 40], [60, 50], [40, 50]];
    let found = ("gap a b 200", [40, 50, 60, 60]);
    check_faults(&[with_hole, region("b", "", &[&[half]])], &[found]);
    check_faults(&[region("a", "", &[&[around, &square(40, 40, 9)]])], &[]);
}

#[test]
fn rings_in_doubt_are_reported_and_stay() {
    // A bow tie.
    let tie: Corners<'_> = &[[0, 0], [50, 50], [50, 0], [20, 50], [0, 50]];
    let mut regions = [region("a", "", &[&[tie]])];
    assert_eq!(check(&regions)[0].kind, FaultKind::Ring);
    let before = regions.clone();
    assert!(repair(&mut regions).is_empty());
    assert_eq!(regions, before);
    // A hole outside.
    let outside: Corners<'_> = &[[200, 0], [200, 20], [220, 20], [220, 0]];
    let regions = [region("a", "", &[&[&square(0, 0, 100), outside]])];
    check_faults(&regions, &[("ring a - 400", [200, 0, 220, 20])]);
    // Two parts on each other.
    let regions = [region(
        "a",
        "",
        &[&[&square(0, 0, 100)], &[&square(80, 80, 100)]],
    )];
    check_faults(&regions, &[("ring a - 400", [80, 80, 100, 100])]);
}

#[test]
fn rings_without_doubt_are_repaired() {
    let check = |polygons: &[&[Corners<'_>]], parts: usize, holes: usize, squares: f64| {
        let mut regions = [region("a", "", polygons)];
        assert_eq!(repair(&mut regions).len(), 1);
        let own = &regions[0].polygons;
        let found = (
            own.len(),
            own.iter().map(|own| own.holes.len()).sum::<usize>(),
        );
        assert_eq!(found, (parts, holes));
        let area = geo::Area::unsigned_area(&super::ring::drawn(&regions[0]));
        assert!((area / STEP / STEP - squares).abs() < 1.0, "{area}");
        assert!(
            super::check(&regions)
                .iter()
                .all(|fault| fault.kind != FaultKind::Ring)
        );
        assert!(repair(&mut regions).is_empty(), "once is enough");
    };
    // Parts with a common edge are one.
    check(
        &[&[&square(0, 0, 100)], &[&square(100, 0, 100)]],
        1,
        0,
        20_000.0,
    );
    // A ring that touches itself in a point goes round a hole.
    let touching: Corners<'_> = &[
        [0, 0],
        [100, 0],
        [100, 100],
        [50, 100],
        [60, 60],
        [40, 60],
        [50, 100],
        [0, 100],
    ];
    check(&[&[touching]], 1, 1, 9_600.0);
    // A spike.
    let spike: Corners<'_> = &[
        [0, 0],
        [100, 0],
        [100, 50],
        [300, 50],
        [100, 50],
        [100, 100],
        [0, 100],
    ];
    check(&[&[spike]], 1, 0, 10_000.0);
    // A tiny bow tie at the corner of a large ring: its wing of 5 m² is left out.
    let tiny: Corners<'_> = &[[3, 0], [100, 0], [100, 100], [0, 100], [0, -3], [-3, 0]];
    check(&[&[tiny]], 1, 0, 10_000.0);
}
