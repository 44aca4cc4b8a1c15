use files::Trajectory;

use crate::height::Heights;

/// Points between two checkpoints, so that a line follows the surface.
const BETWEEN: usize = 24;

/// A trajectory on the surface: stretches where the surface has a height.
pub(crate) struct Path {
    /// (x, y, height) along each stretch.
    pub(crate) stretches: Vec<Vec<[f64; 3]>>,
}

impl Path {
    /// Lays a trajectory on the heights.
    ///
    /// # Errors
    /// No stretch of it lies on the surface.
    pub(crate) fn new(heights: &Heights, trajectory: &Trajectory) -> anyhow::Result<Self> {
        let steps = trajectory.steps();
        let between = |pair: &[[f64; 2]]| {
            let (from, to) = (pair[0], pair[1]);
            (0..BETWEEN).map(move |k| {
                let share = k as f64 / BETWEEN as f64;
                [
                    from[0] + share * (to[0] - from[0]),
                    from[1] + share * (to[1] - from[1]),
                ]
            })
        };
        let places = steps
            .windows(2)
            .flat_map(between)
            .chain(steps.last().copied());
        let places: Vec<Option<[f64; 3]>> = places
            .map(|[x, y]| Some([x, y, heights.at(x, y)?]))
            .collect();
        let stretches = places
            .split(Option::is_none)
            .map(|stretch| stretch.iter().flatten().copied().collect());
        let stretches: Vec<Vec<[f64; 3]>> = stretches
            .filter(|stretch: &Vec<_>| stretch.len() > 1)
            .collect();
        anyhow::ensure!(
            !stretches.is_empty(),
            "the trajectory lies nowhere on the surface"
        );
        Ok(Self { stretches })
    }
}
