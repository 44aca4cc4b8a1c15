use grid::Grid;

use crate::{
    Result, Trajectory,
    contents::Item,
    measurement::{grid_items, load_grid},
    reader::Reader,
    trajectory,
};

/// Where a landscape is measured. Places are numbered from 0.
#[derive(Debug, Clone)]
pub enum Places {
    /// The points of a grid.
    Grid(Grid),
    /// The checkpoints of a trajectory, or their places on the plane.
    Trajectory(Box<Trajectory>),
}

impl Places {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.shape().iter().product()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The shape of an array over them: `[ny, nx]` or `[nx]` on a grid, `[K]` on a trajectory.
    pub fn shape(&self) -> Vec<usize> {
        match self {
            Self::Grid(grid) => grid.shape(),
            Self::Trajectory(trajectory) => vec![trajectory.len()],
        }
    }

    /// The coordinates `(x, y)` of one of them; y is 0 where there is one axis.
    pub fn point(&self, number: usize) -> (f64, f64) {
        match self {
            Self::Grid(grid) => grid.point(number),
            Self::Trajectory(trajectory) => trajectory.place(number),
        }
    }

    /// What they are, in words.
    pub fn what(&self) -> &'static str {
        match self {
            Self::Grid(_) => "a grid",
            Self::Trajectory(_) => "a trajectory",
        }
    }

    /// Whether they are the same. Trajectories are compared by their ids, which measurements hold.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Grid(a), Self::Grid(b)) => a == b,
            (Self::Trajectory(a), Self::Trajectory(b)) => a.len() == b.len(),
            (Self::Grid(_), Self::Trajectory(_)) | (Self::Trajectory(_), Self::Grid(_)) => false,
        }
    }

    pub(crate) fn items(&self) -> Vec<Item<'_>> {
        match self {
            Self::Grid(grid) => grid_items(grid),
            Self::Trajectory(trajectory) => trajectory.places(),
        }
    }

    pub(crate) fn load(reader: &Reader) -> Result<Self> {
        if reader.has(trajectory::X) {
            let trajectory = Trajectory::load_places(reader)?;
            return Ok(Self::Trajectory(Box::new(trajectory)));
        }
        Ok(Self::Grid(load_grid(reader)?))
    }
}
