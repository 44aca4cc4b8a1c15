use files::{Eigenvectors, Estimates, Quadrature, Spectrum};
use ndarray::{Array1, Array2, Array3};

use crate::{inputs::Inputs, row::Row, settings::Settings};

/// The spectrum of these rows.
///
/// # Errors
/// Rows of other sizes than were wanted.
pub(crate) fn spectrum(
    settings: &Settings,
    inputs: &Inputs,
    told: Vec<(String, files::Note)>,
    (dimension, names): (usize, Vec<String>),
    rows: &[Row],
) -> anyhow::Result<Spectrum> {
    let wanted = &settings.wanted;
    let shape = (rows.len(), wanted.pairs());
    let mut models = Vec::new();
    let mut model_ids = Vec::new();
    for model in &inputs.models.headers {
        models.push(model.path.display().to_string());
        model_ids.push(model.id.clone());
    }
    let density = (rows.len(), wanted.density_probes, wanted.density_steps);
    let vectors = match rows {
        [row] if !row.vectors.is_empty() => {
            let values: Vec<f32> = row.vectors.iter().map(|value| *value as f32).collect();
            let pairs = values.len() / dimension;
            Some(Eigenvectors {
                values: Array2::from_shape_vec((pairs, dimension), values)?,
                names,
            })
        }
        _ => None,
    };
    let [trace, frobenius_squared, diagonal_squared] =
        [0, 1, 2].map(|place| (wanted.probes > 0).then(|| estimates(rows, place)));
    Ok(Spectrum {
        models,
        model_ids,
        dimension,
        eigenvalues: Array2::from_shape_vec(shape, joined(rows, |row| &row.eigenvalues))?,
        bounds: Array2::from_shape_vec(shape, joined(rows, |row| &row.bounds))?,
        bottom: wanted.bottom,
        converged: rows.iter().map(|row| u8::from(row.is_converged)).collect(),
        products: rows.iter().map(|row| row.products as i64).collect(),
        trace,
        frobenius_squared,
        diagonal_squared,
        density: match wanted.density_probes {
            0 => None,
            _ => Some(Quadrature {
                nodes: Array3::from_shape_vec(density, joined(rows, |row| &row.nodes))?,
                weights: Array3::from_shape_vec(density, joined(rows, |row| &row.weights))?,
            }),
        },
        vectors,
        origins: inputs.origins(),
        settings: told,
    })
}

fn joined<'a>(rows: &'a [Row], of: impl Fn(&'a Row) -> &'a Vec<f64>) -> Vec<f64> {
    rows.iter().flat_map(of).copied().collect()
}

fn estimates(rows: &[Row], place: usize) -> Estimates {
    let (mut values, mut stderr) = (Vec::new(), Vec::new());
    for row in rows {
        values.push(row.estimates[place].value);
        stderr.push(row.estimates[place].stderr);
    }
    Estimates {
        values: Array1::from(values),
        stderr: Array1::from(stderr),
    }
}
