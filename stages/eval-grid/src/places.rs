//! Where is measured: the points of a grid, whose automatic axes are found here, or those of a
//! trajectory.

use anyhow::{Context, ensure};
use evaluation::Plane;
use files::{Contents, METHOD, Places, Trajectory};
use grid::{Axis, AxisChoice, Grid};
use schedule::Ranks;
use weights::{Axes, Method};

use crate::{
    inputs::Inputs,
    range,
    settings::{Settings, Wanted},
};

/// How far automatic axes reach beyond a trajectory, as a part of its extent.
const MARGIN: f64 = 0.3;

/// The places to measure at.
///
/// # Errors
/// A trajectory that is on another plane, or that has no extent to put axes around.
pub(crate) fn find(
    settings: &Settings,
    inputs: &Inputs,
    plane: &Plane,
    ranks: &Ranks,
) -> anyhow::Result<Places> {
    let (x, y) = match &settings.wanted {
        Wanted::Points { file, .. } => {
            let trajectory = inputs.trajectory.as_ref().context("it was read")?;
            let trajectory = trajectory.contents.clone();
            let points = points(inputs, trajectory).with_context(|| file.display().to_string())?;
            return Ok(Places::Trajectory(Box::new(points)));
        }
        Wanted::Grid { x, y, .. } => (*x, *y),
    };
    let mut ends = Vec::new();
    if is_automatic(&x) || y.as_ref().is_some_and(is_automatic) {
        ends = match &inputs.trajectory {
            Some(trajectory) => {
                around(trajectory).with_context(|| trajectory.header.path.display().to_string())?
            }
            // other ranks may compute otherwise in the last bit
            None if ranks.leads() => range::find(settings, inputs, plane, y.is_some())?,
            None => Vec::new(),
        };
        if inputs.trajectory.is_none() {
            ends = ranks.told(ends);
        }
        if ranks.leads() {
            say(settings, &ends, [Some(x), y]);
        }
    }
    let x = axis(x, &ends, 0)?;
    let y = match y {
        Some(y) => Some(axis(y, &ends, 1)?),
        None => None,
    };
    Ok(Places::Grid(Grid::new(&x, y.as_ref())))
}

fn is_automatic(axis: &AxisChoice) -> bool {
    matches!(axis, AxisChoice::Auto(_))
}

/// An axis as it was asked for, or with the ends that were found: the least and the largest of each
/// axis by turns.
fn axis(choice: AxisChoice, ends: &[f64], number: usize) -> anyhow::Result<Axis> {
    Ok(match choice {
        AxisChoice::Ends(axis) => axis,
        AxisChoice::Auto(count) => Axis::new(ends[2 * number], ends[2 * number + 1], count)?,
    })
}

fn say(settings: &Settings, ends: &[f64], axes: [Option<AxisChoice>; 2]) {
    for (number, (name, axis)) in ["x", "y"].into_iter().zip(axes).enumerate() {
        if let Some(AxisChoice::Auto(count)) = axis {
            let (min, max) = (ends[2 * number], ends[2 * number + 1]);
            settings.output.say(format!(
                "--{name}=auto:{count} is --{name}={min}:{max}:{count}"
            ));
        }
    }
}

/// The ends of axes around a trajectory: its range and a margin.
fn around(trajectory: &Trajectory) -> anyhow::Result<Vec<f64>> {
    let mut ends = Vec::new();
    for values in [Some(&trajectory.x), trajectory.y.as_ref()] {
        let (mut min, mut max) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.into_iter().flatten() {
            if value.is_finite() {
                min = min.min(*value);
                max = max.max(*value);
            }
        }
        ends.extend([min, max]);
    }
    let extent = (ends[1] - ends[0]).max(ends[3] - ends[2]);
    ensure!(
        extent.is_finite() && extent > 0.0,
        "its points are all at one place: give axes with ends, such as --x=-1:1:51"
    );
    for axis in ends.chunks_exact_mut(2) {
        if axis[0] > axis[1] {
            // it has no y
            axis.fill(0.0);
        }
        // a trajectory along one axis still needs a plane around it
        let margin = match axis[1] - axis[0] {
            0.0 => extent / 2.0,
            own => MARGIN * own,
        };
        axis[0] -= margin;
        axis[1] += margin;
    }
    Ok(ends)
}

/// A trajectory as points to measure at.
fn points(inputs: &Inputs, mut trajectory: Trajectory) -> anyhow::Result<Trajectory> {
    let directions = &inputs.directions;
    ensure!(!trajectory.is_empty(), "it holds no points to measure at");
    ensure!(
        trajectory.y.is_none() || directions.y.is_some(),
        "it has a y coordinate, but {} has no y direction",
        directions.header.path.display()
    );
    let method = match trajectory.said(METHOD) {
        Some("cos") => Method::Cosine,
        Some(_) | None => Method::LeastSquares,
    };
    let axes = Axes::new(&directions.x, directions.y.as_deref(), Some(method))?;
    ensure!(
        axes.has_grid_coordinates(),
        "its coordinates are lengths, not those of grids, since the axes have no unit length: \
         make it with project --method lstsq"
    );
    if trajectory.arc_length.is_none() {
        trajectory.arc_length = Some(axes.arc_lengths(&trajectory));
    }
    // what was measured before is not of this measurement
    trajectory.measured = None;
    Ok(trajectory)
}

/// The trajectory that is asked for, checked to be on the plane of the directions.
///
/// # Errors
/// It cannot be read, or was made with other directions.
pub(crate) fn read(
    settings: &Settings,
    directions: &files::Header,
) -> anyhow::Result<Option<files::Stored<Trajectory>>> {
    let Some(file) = settings.wanted.trajectory() else {
        return Ok(None);
    };
    let trajectory = Trajectory::read(file)?;
    if let Some(origin) = &trajectory.directions {
        directions.check_origin_of(file, "directions", origin)?;
    }
    Ok(Some(trajectory))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn automatic_axes_reach_around_a_trajectory() {
        let mut run = Trajectory {
            x: vec![0.0, 10.0, f64::NAN],
            y: Some(vec![-1.0, 1.0, 0.0]),
            ..Trajectory::default()
        };
        assert_eq!(around(&run).unwrap(), [-3.0, 13.0, -1.6, 1.6]);
        run.y = None;
        assert_eq!(around(&run).unwrap(), [-3.0, 13.0, -5.0, 5.0]);
        run.x = vec![2.0, 2.0];
        assert!(around(&run).is_err());
    }
}
