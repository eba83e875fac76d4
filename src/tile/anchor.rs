//! A point well inside a polygon, where what is told of it can stand.

/// A point inside `rings`, the outer one first, on the line through the middle of its box: the middle
/// of the longest stretch there that lies inside. `None` for what has no area on that line. O(n log n).
///
/// Rings are open and in integers; the point is inside or on the border.
pub(super) fn anchor<'a>(rings: impl Iterator<Item = &'a [[u32; 2]]> + Clone) -> Option<[u32; 2]> {
    let rows = rings.clone().flatten().map(|point| point[1]);
    let (top, bottom) = rows.fold((u32::MAX, 0), |(top, bottom), row| {
        (top.min(row), bottom.max(row))
    });
    let row = top.midpoint(bottom);
    let mut crossings: Vec<f64> = rings.flat_map(|ring| crossings(ring, row)).collect();
    crossings.sort_by(f64::total_cmp);
    let stretches = crossings.chunks_exact(2).map(|pair| (pair[0], pair[1]));
    let (west, east) = stretches.max_by(|a, b| (a.1 - a.0).total_cmp(&(b.1 - b.0)))?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between two columns of the world"
    )]
    let column = west.midpoint(east) as u32;
    Some([column, row])
}

/// Where the edges of a ring cross the line just below `row`: an even number of columns.
fn crossings(ring: &[[u32; 2]], row: u32) -> impl Iterator<Item = f64> {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).filter_map(move |(&from, &to)| {
        // A vertex on the line belongs to the edge above it, so that it is counted once.
        if (from[1] <= row) == (to[1] <= row) {
            return None;
        }
        let [x0, y0, x1, y1] = [from[0], from[1], to[0], to[1]].map(f64::from);
        Some(x0 + (f64::from(row) - y0) / (y1 - y0) * (x1 - x0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rings: &[&[[u32; 2]]], expected: Option<[u32; 2]>) {
        assert_eq!(anchor(rings.iter().copied()), expected);
    }

    #[test]
    fn a_square_has_its_middle() {
        check(&[&[[0, 0], [10, 0], [10, 10], [0, 10]]], Some([5, 5]));
    }

    #[test]
    fn a_horseshoe_has_the_wider_arm() {
        let shape = [
            [0, 0],
            [30, 0],
            [30, 20],
            [10, 20],
            [10, 5],
            [4, 5],
            [4, 20],
            [0, 20],
        ];
        check(&[&shape], Some([20, 10]));
    }

    #[test]
    fn a_hole_is_not_inside() {
        let hole: &[[u32; 2]] = &[[3, 2], [3, 8], [8, 8], [8, 2]];
        check(&[&[[0, 0], [10, 0], [10, 10], [0, 10]], hole], Some([1, 5]));
    }

    #[test]
    fn nothing_is_inside_a_line() {
        check(&[&[[0, 3], [10, 3]]], None);
        check(&[], None);
    }
}
