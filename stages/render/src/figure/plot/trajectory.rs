use super::plane::picture;
use crate::{
    data::extent::range,
    figure::{
        scale::Scale,
        scene::{Drawing, Scene},
    },
};

/// Trajectories alone, in a frame that holds them all.
pub(crate) fn trajectories(scene: &Scene) -> anyhow::Result<Drawing> {
    let mut steps: Vec<[f64; 2]> = scene.marks.iter().map(|mark| mark.at).collect();
    for run in scene.runs {
        steps.extend(run.path.steps());
    }
    picture(
        scene,
        [axis(&steps, 0)?, axis(&steps, 1)?],
        None,
        None,
        None,
        |canvas, axes, _| {
            if scene.options.has_axes() {
                axes.grid(canvas);
            }
            Ok(())
        },
    )
}

/// A scale that holds one coordinate of all steps, and a little beyond.
fn axis(steps: &[[f64; 2]], k: usize) -> anyhow::Result<Scale> {
    let values: Vec<f64> = steps.iter().map(|step| step[k]).collect();
    let (low, high) = range(values.iter());
    anyhow::ensure!(low <= high, "the trajectory has no finite coordinate");
    let scale = Scale::linear(low, high);
    let beyond = 0.06 * (scale.high - scale.low);
    Ok(Scale::linear(scale.low - beyond, scale.high + beyond))
}
