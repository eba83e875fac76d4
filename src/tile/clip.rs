//! Rings and lines cut to a rectangle, in integers.
//!
//! Two shapes that share an edge still share it when both are cut: where an edge is cut depends
//! on the edge alone and not on the direction in which it is walked.

/// A point in tile units.
pub type Point = [i64; 2];

/// The rectangle to cut to, edges included.
#[derive(Debug, Clone, Copy)]
pub struct Rectangle {
    /// Least coordinate on both axes.
    pub min: i64,
    /// Greatest coordinate on both axes.
    pub max: i64,
}

/// One of the four lines that bound the rectangle.
#[derive(Clone, Copy)]
struct Side {
    axis: usize,
    limit: i64,
    is_max: bool,
}

impl Rectangle {
    fn sides(self) -> [Side; 4] {
        let side = |axis, limit, is_max| Side {
            axis,
            limit,
            is_max,
        };
        [
            side(0, self.min, false),
            side(0, self.max, true),
            side(1, self.min, false),
            side(1, self.max, true),
        ]
    }
}

/// Cuts a ring to the rectangle (Sutherland and Hodgman 1974). The ring is open: its last point
/// joins its first; empty when nothing is inside. Parts that the rectangle separates stay joined
/// along its border, which leaves the area as it is. O(points).
pub fn ring(points: &mut Vec<Point>, to: Rectangle) {
    let mut cut = Vec::new();
    for side in to.sides() {
        if points.iter().all(|point| side.keeps(*point)) {
            continue;
        }
        cut.clear();
        let mut from = points.last().copied();
        for &point in points.iter() {
            if let Some(from) = from
                && side.keeps(from) != side.keeps(point)
            {
                cut.push(side.crossing(from, point));
            }
            if side.keeps(point) {
                cut.push(point);
            }
            from = Some(point);
        }
        std::mem::swap(points, &mut cut);
    }
}

/// The pieces of a line within the rectangle, in its direction (Liang and Barsky's idea, side by
/// side). O(points).
#[must_use]
pub fn line(points: &[Point], to: Rectangle) -> Vec<Vec<Point>> {
    let mut pieces = vec![points.to_vec()];
    for side in to.sides() {
        pieces = pieces
            .into_iter()
            .flat_map(|piece| side.cut_line(&piece))
            .collect();
    }
    pieces
}

/// Takes out of an open ring the points that neither turn it nor give it area: repeated ones,
/// and those on a straight line between, or a spike beyond, their neighbours. Nothing is left of a
/// ring without area.
pub fn tidy(points: &mut Vec<Point>) {
    let mut kept: Vec<Point> = Vec::with_capacity(points.len());
    for &point in points.iter() {
        while let [.., before, last] = kept[..] {
            if turn(before, last, point) != 0 {
                break;
            }
            kept.pop();
        }
        if kept.last() != Some(&point) {
            kept.push(point);
        }
    }
    // The ends of the list are neighbours as well.
    let mut start = 0;
    loop {
        let ring = &kept[start..];
        let [first, second, .., before, last] = ring[..] else {
            break;
        };
        if last == first || turn(before, last, first) == 0 {
            kept.pop();
        } else if turn(last, first, second) == 0 {
            start += 1;
        } else {
            break;
        }
    }
    kept.drain(..start);
    if kept.len() < 3 {
        kept.clear();
    }
    std::mem::swap(points, &mut kept);
}

/// Twice the area of an open ring, positive when it turns clockwise on the screen (y south).
#[must_use]
pub fn area_2(points: &[Point]) -> i64 {
    let Some(&origin) = points.first() else {
        return 0;
    };
    points
        .windows(2)
        .map(|ends| turn(origin, ends[0], ends[1]))
        .sum()
}

/// Twice the area of the triangle; 0 when the points are in line.
fn turn(a: Point, b: Point, c: Point) -> i64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

impl Side {
    fn keeps(self, point: Point) -> bool {
        if self.is_max {
            point[self.axis] <= self.limit
        } else {
            point[self.axis] >= self.limit
        }
    }

    /// Where the edge crosses the side, rounded to nearest.
    fn crossing(self, a: Point, b: Point) -> Point {
        // From the lesser end, so that both directions round alike.
        let (a, b) = if a <= b { (a, b) } else { (b, a) };
        let (along, across) = (self.axis, 1 - self.axis);
        let length = i128::from(b[along] - a[along]);
        let part = i128::from(self.limit - a[along]) * i128::from(b[across] - a[across]);
        let offset = (2 * part + length).div_euclid(2 * length);
        let mut crossing = [self.limit; 2];
        crossing[across] = a[across] + i64::try_from(offset).unwrap_or(0);
        crossing
    }

    fn cut_line(self, points: &[Point]) -> Vec<Vec<Point>> {
        let mut pieces = Vec::new();
        let mut piece = Vec::new();
        let mut from: Option<Point> = None;
        for &point in points {
            let crossing = from
                .filter(|from| self.keeps(*from) != self.keeps(point))
                .map(|from| self.crossing(from, point));
            piece.extend(crossing);
            if self.keeps(point) {
                piece.push(point);
            } else if !piece.is_empty() {
                pieces.push(std::mem::take(&mut piece));
            }
            from = Some(point);
        }
        pieces.push(piece);
        pieces.retain(|piece| piece.len() > 1);
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spatial::tests::Random;

    const TO: Rectangle = Rectangle { min: 0, max: 10 };

    #[track_caller]
    fn check_ring(mut points: Vec<Point>, expected: &[Point]) {
        ring(&mut points, TO);
        tidy(&mut points);
        assert_eq!(points, expected);
    }

    #[test]
    fn rings_end_at_the_rectangle() {
        check_ring(vec![[1, 1], [2, 1], [2, 2]], &[[1, 1], [2, 1], [2, 2]]);
        check_ring(vec![[11, 1], [12, 1], [12, 2]], &[]);
        check_ring(
            vec![[-5, -5], [15, -5], [15, 15], [-5, 15]],
            &[[0, 10], [0, 0], [10, 0], [10, 10]],
        );
        check_ring(vec![[5, 5], [15, 5], [15, 7]], &[[10, 6], [5, 5], [10, 5]]);
        check_ring(Vec::new(), &[]);
    }

    #[test]
    fn lines_are_cut_into_pieces() {
        let zigzag = [[-2, 1], [2, 1], [2, 12], [4, 12], [4, 9]];
        assert_eq!(
            line(&zigzag, TO),
            [vec![[0, 1], [2, 1], [2, 10]], vec![[4, 10], [4, 9]]]
        );
        assert!(line(&[[11, 0], [11, 9]], TO).is_empty());
        assert_eq!(line(&[[-1, 5], [11, 5]], TO), [vec![[0, 5], [10, 5]]]);
    }

    #[test]
    fn points_that_say_nothing_go() {
        check_ring(
            vec![
                [0, 0],
                [1, 0],
                [2, 0],
                [2, 0],
                [2, 2],
                [2, 5],
                [2, 2],
                [0, 2],
                [0, 1],
            ],
            &[[0, 0], [2, 0], [2, 2], [0, 2]],
        );
        check_ring(vec![[0, 0], [5, 0], [3, 0]], &[]);
    }

    #[test]
    fn an_edge_is_cut_alike_from_both_ends() {
        const SEED: u64 = 9;
        let mut random = Random(SEED);
        let mut draw = || i64::try_from(random.next() % 100_000).unwrap() - 50_000;
        for _ in 0..1_000 {
            let (a, b) = ([draw(), draw()], [draw(), draw()]);
            let mut forth = line(
                &[a, b],
                Rectangle {
                    min: -64,
                    max: 4160,
                },
            );
            let back = line(
                &[b, a],
                Rectangle {
                    min: -64,
                    max: 4160,
                },
            );
            for piece in &mut forth {
                piece.reverse();
            }
            assert_eq!(forth, back, "{a:?} {b:?}, seed {SEED}");
        }
    }

    #[test]
    fn area_has_a_sign() {
        assert_eq!(area_2(&[[0, 0], [2, 0], [2, 2], [0, 2]]), 8);
        assert_eq!(area_2(&[[0, 0], [0, 2], [2, 2], [2, 0]]), -8);
        assert_eq!(area_2(&[]), 0);
    }
}
