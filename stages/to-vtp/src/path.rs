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
        let mut places = Vec::new();
        for pair in steps.windows(2) {
            // none of the points is wasted on what lies beyond the grid
            match heights.within([pair[0], pair[1]]) {
                Some([from, to]) => {
                    for k in 0..BETWEEN {
                        places.push(heights.place(between(from, to, k)));
                    }
                    if to != pair[1] {
                        places.extend([heights.place(to), None]);
                    }
                }
                None => places.push(None),
            }
        }
        places.extend(steps.last().map(|last| heights.place(*last)));
        let mut stretches: Vec<Vec<[f64; 3]>> = Vec::new();
        for stretch in places.split(Option::is_none) {
            // a single point is not a line
            if stretch.len() > 1 {
                stretches.push(stretch.iter().flatten().copied().collect());
            }
        }
        anyhow::ensure!(
            !stretches.is_empty(),
            "the trajectory lies nowhere on the surface"
        );
        Ok(Self { stretches })
    }
}

/// Point `k` of those between two.
fn between(from: [f64; 2], to: [f64; 2], k: usize) -> [f64; 2] {
    let share = k as f64 / BETWEEN as f64;
    [0, 1].map(|axis| from[axis] + share * (to[axis] - from[axis]))
}
