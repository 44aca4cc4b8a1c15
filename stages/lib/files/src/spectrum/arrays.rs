//! The arrays of a spectrum, of the shapes that they must have.

use ndarray::{Array1, Array2, Array3, ArrayD, Ix1, Ix2, Ix3};

use super::{Eigenvectors, Estimates, NAMES, STDERR, VECTORS};
use crate::{Result, reader::Reader};

pub(super) fn matrix(reader: &Reader, name: &str) -> Result<Array2<f64>> {
    let array = reader.reals(name)?;
    let shape = array.shape().to_vec();
    array.into_dimensionality::<Ix2>().map_err(|_| {
        reader.invalid(format!(
            "\"{name}\" has the shape {shape:?}, not [models, pairs]"
        ))
    })
}

pub(super) fn line(reader: &Reader, name: &str) -> Result<Array1<f64>> {
    let array = reader.reals(name)?;
    let shape = array.shape().to_vec();
    array
        .into_dimensionality::<Ix1>()
        .map_err(|_| reader.invalid(format!("\"{name}\" has the shape {shape:?}, not [models]")))
}

pub(super) fn shaped(reader: &Reader, name: &str, array: ArrayD<f64>) -> Result<Array3<f64>> {
    let shape = array.shape().to_vec();
    array.into_dimensionality::<Ix3>().map_err(|_| {
        reader.invalid(format!(
            "\"{name}\" has the shape {shape:?}, not [models, probes, steps]"
        ))
    })
}

pub(super) fn estimates(reader: &Reader, name: &str, rows: usize) -> Result<Option<Estimates>> {
    if !reader.has(name) {
        return Ok(None);
    }
    let found = Estimates {
        values: line(reader, name)?,
        stderr: line(reader, &format!("{name}{STDERR}"))?,
    };
    if found.values.len() != rows || found.stderr.len() != rows {
        return Err(reader.invalid(format!(
            "\"{name}\" has {} values and {} standard errors for {rows} models",
            found.values.len(),
            found.stderr.len()
        )));
    }
    Ok(Some(found))
}

pub(super) fn eigenvectors(reader: &Reader) -> Result<Option<Eigenvectors>> {
    let Some(tensor) = reader.tensor_if_any(VECTORS)? else {
        return Ok(None);
    };
    let array = tensor.into_f32();
    let shape = array.shape().to_vec();
    let values = array.into_dimensionality::<Ix2>().map_err(|_| {
        reader.invalid(format!(
            "\"{VECTORS}\" has the shape {shape:?}, not [pairs, dimension]"
        ))
    })?;
    Ok(Some(Eigenvectors {
        values,
        names: reader
            .texts_if_any("", NAMES)?
            .ok_or_else(|| reader.lacks(NAMES))?,
    }))
}
