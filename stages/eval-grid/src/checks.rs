//! Whether what is read belongs to the model, and what is said of the precision.

use std::path::Path;

use anyhow::{bail, ensure};
use evaluation::Subject;
use files::{Contents, Directions, Model, Spectrum, Stored};
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

/// A spectrum whose eigenvectors belong to the parameters that are chosen.
///
/// # Errors
/// It cannot be read, or its vectors are of other parameters.
pub(crate) fn start(
    file: &Path,
    subject: &Subject,
    settings: &Settings,
) -> anyhow::Result<Stored<Spectrum>> {
    let spectrum = Spectrum::read(file)?;
    let Some(vectors) = &spectrum.vectors else {
        bail!(
            "{}: it has no eigenvectors: hessian writes them for one model",
            file.display()
        );
    };
    let parameters = &settings.hessian.bending.parameters;
    let names = parameters.names(subject)?;
    ensure!(
        vectors.names == names,
        "{}: its eigenvectors are of {} parameters, but {} are chosen here: use the --parameters \
         and patterns of that run",
        file.display(),
        vectors.names.len(),
        names.len()
    );
    Ok(spectrum)
}
