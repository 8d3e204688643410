//! Fewer points for the same picture.

use super::curves::Point;

/// Leaves out points that lie within `tolerance` of the line that is drawn without them (Douglas &
/// Peucker 1973). Ends stay.
pub(crate) fn simplify(points: &[Point], tolerance: f64) -> Vec<Point> {
    // Neighbours that fall on one spot first: what is left is bounded by the size of the drawing, and so is
    // the time, which is quadratic at worst.
    let grain = 0.25 * tolerance;
    let mut spots: Vec<Point> = Vec::new();
    for (at, point) in points.iter().enumerate() {
        let near = spots.last().is_some_and(|last| {
            (last.0 - point.0).abs() < grain && (last.1 - point.1).abs() < grain
        });
        if !near || at + 1 == points.len() {
            spots.push(*point);
        }
    }
    let mut keep = vec![false; spots.len()];
    for end in [keep.len().checked_sub(1), keep.first().map(|_| 0)].into_iter().flatten() {
        keep[end] = true;
    }
    let mut open = vec![(0, spots.len().saturating_sub(1))];
    while let Some((first, last)) = open.pop() {
        let between = first + 1..last;
        let distances = between.map(|at| (distance(spots[at], spots[first], spots[last]), at));
        let farthest = distances.max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((far, at)) = farthest.filter(|(far, _)| *far > tolerance) {
            debug_assert!(far > tolerance);
            keep[at] = true;
            open.extend([(first, at), (at, last)]);
        }
    }
    spots.into_iter().zip(keep).filter_map(|(point, keep)| keep.then_some(point)).collect()
}

/// From a point to the piece of line between two others.
fn distance(point: Point, a: Point, b: Point) -> f64 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let square = dx * dx + dy * dy;
    let along = ((point.0 - a.0) * dx + (point.1 - a.1) * dy) / square;
    let along = if along.is_finite() { along.clamp(0.0, 1.0) } else { 0.0 };
    (point.0 - a.0 - along * dx).hypot(point.1 - a.1 - along * dy)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nothing_moves_by_more_than_the_tolerance(heights in prop::collection::vec(0.0..50.0f64, 0..300)) {
            let points: Vec<Point> = heights.iter().enumerate().map(|(x, y)| (x as f64, *y)).collect();
            let simple = simplify(&points, 0.5);
            prop_assert!(simple.len() <= points.len());
            prop_assert_eq!(simple.first(), points.first());
            prop_assert_eq!(simple.last(), points.last());
            for point in &points {
                let nearest = simple.windows(2).map(|w| distance(*point, w[0], w[1])).fold(f64::INFINITY, f64::min);
                prop_assert!(points.len() < 2 || nearest < 0.5 + 0.2, "{nearest}");
            }
        }
    }

    #[test]
    fn a_straight_line_has_two_points() {
        let line: Vec<Point> = (0..1000).map(|x| (f64::from(x), 2.0 * f64::from(x))).collect();
        assert_eq!(simplify(&line, 0.1).len(), 2);
        assert_eq!(simplify(&line[..1], 0.1), line[..1]);
        assert_eq!(simplify(&[], 0.1), []);
    }
}
