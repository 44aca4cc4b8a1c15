//! Axes that are eigenvectors of the Hessian.

use anyhow::{Context, ensure};
use files::{
    AxisName, Contents, DirType, Directions, Meaning, Note, Spectrum, StateTensor, Stored,
};
use ndarray::{ArrayD, IxDyn};

use crate::{args, origin::Origin, plane::Plane};

/// Eigenvectors of a spectrum, of unit length.
///
/// # Errors
/// A spectrum of another model, or one without the eigenvectors that are asked for.
pub(crate) fn make(origin: &Origin, recipe: &args::Eigenvectors) -> anyhow::Result<Plane> {
    let spectrum = Spectrum::read(&recipe.spectrum)?;
    let file = spectrum.header.path.display().to_string();
    for (role, model) in &spectrum.origins {
        if role == "model" {
            let header = &origin.model.header;
            header.check_origin_of(&spectrum.header.path, "model", model)?;
        }
    }
    ensure!(
        spectrum.setting("x").is_none(),
        "{file} was measured at another point of a plane than the model: measure it without \
         --directions"
    );
    let mut axes = Vec::new();
    let mut notes = vec![(
        "spectrum_id".to_string(),
        Note::Text(spectrum.header.id.clone()),
    )];
    for (which, axis) in recipe.which.iter().zip(AxisName::ALL) {
        let row = row_of(&spectrum, *which).with_context(|| file.clone())?;
        let meaning = Meaning::Eigenvector {
            number: *which,
            value: spectrum.eigenvalues[[0, row]],
        };
        notes.push(meaning.note(axis));
        axes.push(direction(origin, &spectrum, row).with_context(|| file.clone())?);
    }
    let mut axes = axes.into_iter();
    Ok(Plane {
        directions: Directions {
            dir_type: DirType::Weights,
            x: axes.next().unwrap_or_default(),
            y: axes.next(),
            notes,
            ..origin.directions()
        },
        headers: vec![spectrum.header],
    })
}

/// The row of the eigenvector number `which`: 1 has the largest eigenvalue, -1 the smallest.
fn row_of(spectrum: &Stored<Spectrum>, which: i64) -> anyhow::Result<usize> {
    let vectors = spectrum
        .vectors
        .as_ref()
        .context("it has no eigenvectors: hessian writes them for one model")?;
    let pairs = vectors.values.nrows();
    let (bottom, top) = (spectrum.bottom, pairs - spectrum.bottom.min(pairs));
    let number = which.unsigned_abs() as usize;
    let (there, end) = match which > 0 {
        true => (top, "largest"),
        false => (bottom, "smallest"),
    };
    ensure!(
        number >= 1 && number <= there,
        "--which {which}: it has the eigenvectors of the {there} {end} eigenvalues: hessian --top \
         and --bottom ask for more"
    );
    Ok(match which > 0 {
        true => pairs - number,
        false => number - 1,
    })
}

/// An eigenvector as a tensor for each trained parameter, 0 where it has no values.
fn direction(origin: &Origin, spectrum: &Spectrum, row: usize) -> anyhow::Result<Vec<ArrayD<f32>>> {
    let vectors = spectrum
        .vectors
        .as_ref()
        .context("it has no eigenvectors")?;
    let values = vectors.values.row(row);
    let mut left = values.as_slice().context("it is not one row")?;
    let mut names = vectors.names.iter().peekable();
    let mut tensors = Vec::new();
    for StateTensor { name, tensor, .. } in origin.moved() {
        let shape = IxDyn(tensor.shape());
        if names.next_if(|next| *next == name).is_none() {
            tensors.push(ArrayD::zeros(shape));
            continue;
        }
        let (own, rest) = left
            .split_at_checked(tensor.len())
            .context("its eigenvectors are too short for the model")?;
        tensors.push(ArrayD::from_shape_vec(shape, own.to_vec())?);
        left = rest;
    }
    ensure!(
        left.is_empty() && names.next().is_none(),
        "its eigenvectors have values for other parameters than those of the model"
    );
    Ok(tensors)
}
