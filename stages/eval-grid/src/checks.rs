//! Whether the directions belong to the model, and what is said of the precision.

use anyhow::ensure;
use files::{Directions, Model, Stored};
use program::Program;
use torch::Precision;

use crate::settings::Settings;

/// Says where a program is evaluated in another precision than it was exported in.
pub(crate) fn say_precision(settings: &Settings, exported: &Program) {
    let (Precision::Full, Some(half)) = (settings.precision, exported.half()) else {
        return;
    };
    let (model, half) = (settings.question.model.display(), half.name());
    settings.output.say(format!(
        "{model} was exported in {half}, as a whole or in part, and is evaluated in f32; \
         --precision \
         {half} evaluates it as it was exported"
    ));
}

/// Checks that the directions were made for the model, fit its tensors and have a y where one is
/// asked for.
pub(crate) fn check_directions(
    directions: &Stored<Directions>,
    model: &Stored<Model>,
    settings: &Settings,
) -> anyhow::Result<()> {
    ensure!(
        !settings.wanted.has_y() || directions.y.is_some(),
        "{} has no y direction, but --y is given: make-dirs --dims 2 makes two",
        directions.header.path.display()
    );
    Ok(weights::check_directions(directions, model)?)
}
