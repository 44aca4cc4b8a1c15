//! How far losses in half precision are off.

use files::MetricMeaning;
use schedule::Point;

use crate::{measured::Measured, settings::Settings, setup::Setup};

/// Compares some of the points with the precision of the program; says each, and returns the
/// largest relative error of a loss. `None` where it was not asked for.
pub(crate) fn check(
    settings: &Settings,
    measured: &Measured,
    setup: &Setup,
    points: &[usize],
) -> anyhow::Result<Option<f64>> {
    let Some(count) = settings.check_precision else {
        return Ok(None);
    };
    let mut exact_worker = setup.exact_worker()?;
    let mut rounded_worker = setup.worker()?;
    let precision = &measured.measurement.precision;
    let mut worst = 0.0f64;
    for number in spread(points, count) {
        let point = Point::of(&measured.places, number);
        let exact = setup.measure.means(&mut exact_worker, point)?;
        let rounded = setup.measure.means(&mut rounded_worker, point)?;
        let mut place = 0;
        for column in &measured.columns {
            // eigenvalues are measured in full precision
            let (Some(exact), Some(rounded)) = (exact.get(place), rounded.get(place)) else {
                break;
            };
            place += column.width();
            let off = (rounded - exact).abs() / exact.abs();
            if column.quantity.meaning == MetricMeaning::Loss && !off.is_nan() {
                worst = worst.max(off);
            }
            settings.output.say(format!(
                "({}, {}) {}: {rounded:.6} in {precision}, {exact:.6} in f32, off by {:.3} %",
                point.x,
                point.y,
                column.quantity.name,
                100.0 * off
            ));
        }
    }
    settings.output.say(format!(
        "losses in {precision} are off by {:.3} % at most",
        100.0 * worst
    ));
    Ok(Some(worst))
}

/// Some of the points, from the first to the last.
fn spread(points: &[usize], count: usize) -> Vec<usize> {
    let count = count.min(points.len());
    let last = points.len().saturating_sub(1);
    if count == 1 {
        return vec![points[last / 2]];
    }
    (0..count).map(|k| points[k * last / (count - 1)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_points_that_are_compared_lie_from_the_first_to_the_last() {
        let points: Vec<usize> = (0..101).step_by(10).collect();
        assert_eq!(spread(&points, 3), [0, 50, 100]);
        assert_eq!(spread(&points, 1), [50]);
        assert_eq!(spread(&points, 2), [0, 100]);
        assert_eq!(spread(&points[..2], 5), [0, 10]);
        assert!(spread(&[], 3).is_empty());
    }
}
