//! How far losses in half precision are off.

use grid::Grid;

use crate::{
    args::Args,
    evaluator::Evaluator,
    inputs::{Inputs, Jobs},
    points::{Evaluate, Part},
};

/// Compares some of the points with the precision of the program; says each, and returns the largest relative error of a
/// loss. `None` where it was not asked for.
pub(crate) fn check(
    args: &Args,
    inputs: &Inputs,
    jobs: &Jobs,
    grid: &Grid,
    points: &[usize],
) -> anyhow::Result<Option<f64>> {
    let Some(count) = args.check_precision.map(usize::from) else {
        return Ok(None);
    };
    let (mut exact, mut rounded) = (inputs.exact_evaluator(jobs)?, inputs.one_evaluator(jobs)?);
    let metrics = inputs.metrics();
    let mut worst = 0.0f64;
    for point in spread(points, count) {
        let (x, y) = grid.point(point);
        let measure = |evaluator: &mut Evaluator| {
            let measured = evaluator.measure(x, y, Part { number: 0, of: 1 }, &|| false)?;
            Evaluator::values(measured.into_iter().collect())
        };
        let (exact, rounded) = (measure(&mut exact)?, measure(&mut rounded)?);
        for ((name, exact), rounded) in metrics.iter().zip(exact).zip(rounded) {
            let off = (rounded - exact).abs() / exact.abs();
            if name.ends_with("_loss") && !off.is_nan() {
                worst = worst.max(off);
            }
            let (place, precision) = (format!("({x}, {y})"), &inputs.measurement().precision);
            args.output.say(format!(
                "{place} {name}: {rounded:.6} in {precision}, {exact:.6} in f32, off by {:.3} %",
                100.0 * off
            ));
        }
    }
    args.output.say(format!(
        "losses in {} are off by {:.3} % at most",
        inputs.measurement().precision,
        100.0 * worst
    ));
    Ok(Some(worst))
}

/// Some of the points, from the first to the last.
fn spread(points: &[usize], count: usize) -> impl Iterator<Item = usize> {
    let count = count.min(points.len());
    let last = points.len().saturating_sub(1);
    (0..count).map(move |k| {
        points[if count > 1 {
            k * last / (count - 1)
        } else {
            last / 2
        }]
    })
}
