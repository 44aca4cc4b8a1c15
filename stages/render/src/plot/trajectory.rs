use super::{
    Drawing, Scene,
    plane::{Paths, finish, framed},
};
use crate::{field::range, scale::Scale};

/// Trajectories alone, in a frame that holds them all.
pub(crate) fn trajectories(scene: &Scene) -> anyhow::Result<Drawing> {
    let steps: Vec<[f64; 2]> = scene.runs.iter().flat_map(|run| run.steps()).collect();
    let axis = |k: usize| {
        let values: Vec<f64> = steps.iter().map(|step| step[k]).collect();
        let (low, high) = range(values.iter());
        anyhow::ensure!(low <= high, "the trajectory has no finite coordinate");
        let scale = Scale::linear(low, high);
        let beyond = 0.06 * (scale.high - scale.low);
        Ok(Scale::linear(scale.low - beyond, scale.high + beyond))
    };
    let (mut canvas, axes) = framed(scene, axis(0)?, axis(1)?, None);
    axes.grid(&mut canvas);
    let paths = Paths::new(scene, &axes);
    paths.draw(&mut canvas, scene);
    paths.draw_legend(&mut canvas);
    finish(&mut canvas, scene, &axes, None)?;
    Ok(Drawing { canvas, bar: None })
}
