//! The moments of an animation.

use crate::{
    data::input::Input,
    options::{Motion, Options},
};

/// Pictures per turn.
const TURN: usize = 72;
/// Pictures that show the end of a path.
const REST: usize = 20;

/// A moment of an animation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Moment {
    /// How much of the trajectories is drawn, from 0 to 1.
    pub(crate) progress: f64,
    /// Degrees by which the eye has turned.
    pub(crate) turned: Option<f64>,
    /// Whether it is the first: what was chosen is said once.
    pub(crate) speaks: bool,
}

impl Moment {
    /// What does not move.
    pub(crate) const STILL: Self = Self {
        progress: 1.0,
        turned: None,
        speaks: true,
    };
}

/// All moments of an animation.
pub(crate) fn moments(options: &Options, input: &Input) -> Vec<Moment> {
    let mut moments = match options.animate {
        Some(Motion::Trajectory) => {
            let steps = input.runs.iter().map(|run| run.path.steps().len()).max();
            growing(options.frames.unwrap_or(steps.unwrap_or(0)).max(2))
        }
        Some(Motion::Rotate) | None => turning(options.frames.unwrap_or(TURN)),
    };
    for later in moments.iter_mut().skip(1) {
        later.speaks = false;
    }
    moments
}

/// A path that grows, and then rests.
fn growing(count: usize) -> Vec<Moment> {
    let mut moments = Vec::new();
    for k in 0..count {
        let progress = k as f64 / (count - 1) as f64;
        moments.push(Moment {
            progress,
            ..Moment::STILL
        });
    }
    moments.extend([Moment::STILL; REST]);
    moments
}

/// An eye that goes once around.
fn turning(count: usize) -> Vec<Moment> {
    let mut moments = Vec::new();
    for k in 0..count {
        let turned = 360.0 * k as f64 / count as f64;
        moments.push(Moment {
            turned: Some(turned),
            ..Moment::STILL
        });
    }
    moments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_grows_to_its_end_and_rests_there() {
        let progress: Vec<f64> = growing(3).iter().map(|moment| moment.progress).collect();
        assert_eq!(progress[..3], [0.0, 0.5, 1.0]);
        assert_eq!(progress[3..], [1.0; REST]);
    }

    #[test]
    fn a_turn_ends_one_step_before_its_start() {
        let turned: Vec<f64> = turning(4)
            .iter()
            .filter_map(|moment| moment.turned)
            .collect();
        assert_eq!(turned, [0.0, 90.0, 180.0, 270.0]);
    }
}
