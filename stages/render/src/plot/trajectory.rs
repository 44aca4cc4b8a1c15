use super::{Drawing, Scene, plane::picture};
use crate::{field::range, scale::Scale};

/// Trajectories alone, in a frame that holds them all.
pub(crate) fn trajectories(scene: &Scene) -> anyhow::Result<Drawing> {
    let steps: Vec<[f64; 2]> = scene.runs.iter().flat_map(|run| run.path.steps()).collect();
    let axis = |k: usize| {
        let values: Vec<f64> = steps.iter().map(|step| step[k]).collect();
        let (low, high) = range(values.iter());
        anyhow::ensure!(low <= high, "the trajectory has no finite coordinate");
        let scale = Scale::linear(low, high);
        let beyond = 0.06 * (scale.high - scale.low);
        Ok(Scale::linear(scale.low - beyond, scale.high + beyond))
    };
    picture(
        scene,
        [axis(0)?, axis(1)?],
        None,
        None,
        |canvas, axes, _| {
            if scene.args.has_axes() {
                axes.grid(canvas);
            }
            Ok(())
        },
    )
}
