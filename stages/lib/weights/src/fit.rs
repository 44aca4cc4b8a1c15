use std::path::Path;

use files::{DirType, Directions, Model, Stored};

use crate::{Error, Result, moved};

/// Checks that directions were made for a model and fit its tensors.
///
/// # Errors
/// Directions that were made for another model, with both ids, or whose tensors have other shapes.
pub fn check_directions(directions: &Stored<Directions>, model: &Stored<Model>) -> Result<()> {
    if let Some(origin) = &directions.model {
        model
            .header
            .check_origin_of(&directions.header.path, "model", origin)?;
    }
    let moved = named(model, directions.dir_type);
    check_shapes(directions, &model.header.path, &moved)
}

/// Checks that directions have a tensor of the right shape for each tensor of a model that moves.
pub(crate) fn check_shapes(
    directions: &Stored<Directions>,
    model: &Path,
    moved: &[(&str, &[usize])],
) -> Result<()> {
    let (file, model) = (directions.header.path.display(), model.display());
    for (axis, direction) in [("x", Some(&directions.x)), ("y", directions.y.as_ref())] {
        let Some(direction) = direction else { continue };
        if direction.len() != moved.len() {
            return Err(Error::Misfit(format!(
                "{file} moves {} tensors along {axis}, {model} has {} ({})",
                direction.len(),
                moved.len(),
                directions.dir_type.name()
            )));
        }
        for (tensor, (name, shape)) in direction.iter().zip(moved) {
            if tensor.shape() != *shape {
                return Err(Error::Misfit(format!(
                    "{file} moves {name} by {:?} along {axis}, in {model} its shape is {shape:?}",
                    tensor.shape()
                )));
            }
        }
    }
    Ok(())
}

/// Checks that two models are of one architecture, in what directions of a type move.
///
/// # Errors
/// The first tensors that differ in name or shape.
pub fn check_models(model: &Stored<Model>, other: &Stored<Model>, dir_type: DirType) -> Result<()> {
    check_alike(
        (&model.header.path, &named(model, dir_type)),
        (&other.header.path, &named(other, dir_type)),
    )
}

/// Names and shapes of what directions of a type move.
fn named(model: &Model, dir_type: DirType) -> Vec<(&str, &[usize])> {
    let mut named = Vec::new();
    for entry in moved(model, dir_type) {
        named.push((entry.name.as_str(), entry.tensor.shape()));
    }
    named
}

/// Checks that two files have the same tensors, by their names and shapes.
pub(crate) fn check_alike(
    (model, ours): (&Path, &[(&str, &[usize])]),
    (other, theirs): (&Path, &[(&str, &[usize])]),
) -> Result<()> {
    let both = format!("{} and {}", model.display(), other.display());
    if ours.len() != theirs.len() {
        return Err(Error::Misfit(format!(
            "{both}: one moves {} tensors, the other {}",
            ours.len(),
            theirs.len()
        )));
    }
    for (mine, its) in ours.iter().zip(theirs) {
        if mine != its {
            return Err(Error::Misfit(format!(
                "{both} are of two architectures: {} {:?} against {} {:?}",
                mine.0, mine.1, its.0, its.1
            )));
        }
    }
    Ok(())
}
