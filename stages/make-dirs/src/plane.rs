use files::{Directions, Header};

/// What the stage makes: one or two directions, and the files that they were made from beside the
/// model.
pub(crate) struct Plane {
    pub(crate) directions: Directions,
    pub(crate) headers: Vec<Header>,
}

impl Plane {
    /// How many numbers of the model move along some axis.
    pub(crate) fn moving(&self) -> usize {
        let mut moving = 0;
        for (number, x) in self.directions.x.iter().enumerate() {
            let y = self.directions.y.as_ref().map(|y| &y[number]);
            let is_moved = x
                .iter()
                .chain(y.into_iter().flatten())
                .any(|value| *value != 0.0);
            if is_moved {
                moving += x.len();
            }
        }
        moving
    }
}
