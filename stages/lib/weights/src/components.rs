//! Principal components of checkpoints, through the Gram matrix of their differences: with n
//! checkpoints of P weights, n × n numbers and a bounded piece of the n × P matrix are in memory.

use files::Pca;
use nalgebra::{DMatrix, SymmetricEigen};
use ndarray::{Array2, ArrayD, Axis, linalg::general_mat_mul, s};

use crate::{Checkpoints, Error, Result};

/// Bytes of tensors in memory at once, unless two tensors take more.
const HELD: usize = 64 << 20;
/// Columns that are multiplied in f64 at once.
const COLUMNS: usize = 2048;
/// A component below this part of the largest variance is noise of rounding.
const NOISE: f64 = 1e-12;

/// Principal components, each a direction of unit length, and what they explain.
pub struct Components {
    /// A tensor for each tensor that moves, for each component; the entry of the largest magnitude
    /// is positive.
    pub directions: Vec<Vec<ArrayD<f32>>>,
    /// Their variances, as scikit-learn's `PCA` names them.
    pub pca: Pca,
}

/// The first `count` principal components of the rows θ_k - θ*, one for each checkpoint and one of
/// zeros for θ* itself where it is not among them. `moves` tells which tensors count; the others
/// are zero in all components.
///
/// # Errors
/// A checkpoint that cannot be read; too few different checkpoints for so many components.
pub fn principal_components(
    checkpoints: &mut Checkpoints,
    moves: &[bool],
    count: usize,
) -> Result<Components> {
    let mut gram = gram(checkpoints, moves)?;
    let files = gram.nrows();
    for (checkpoint, square) in gram.diag().iter().enumerate() {
        if !square.is_finite() {
            return Err(Error::Misfit(format!(
                "{}: it holds NaN, infinities or values beyond f32: leave out checkpoints of a \
                 training that diverged",
                checkpoints.path(checkpoint).display()
            )));
        }
    }
    if !gram.diag().iter().any(|square| *square == 0.0) {
        let mut with_origin = Array2::zeros((files + 1, files + 1));
        with_origin.slice_mut(s![..files, ..files]).assign(&gram);
        gram = with_origin;
    }
    let rows = gram.nrows();
    let eigen = SymmetricEigen::new(centred(&gram));
    let mut order: Vec<usize> = (0..rows).collect();
    order.sort_by(|a, b| eigen.eigenvalues[*b].total_cmp(&eigen.eigenvalues[*a]));
    let largest = eigen.eigenvalues[order[0]];
    let last = order
        .get(count - 1)
        .map_or(0.0, |place| eigen.eigenvalues[*place]);
    if last <= NOISE * largest {
        return Err(Error::Misfit(format!(
            "the {files} checkpoints have no {count} principal components: they are too few, or \
             lie on a line"
        )));
    }

    let total: f64 = eigen.eigenvalues.iter().map(|value| value.max(0.0)).sum();
    let mut pca = Pca {
        explained_variance_ratio: Vec::new(),
        explained_variance: Vec::new(),
        singular_values: Vec::new(),
    };
    let mut coefficients = Array2::zeros((count, files));
    for (component, place) in order[..count].iter().enumerate() {
        let value = eigen.eigenvalues[*place];
        pca.explained_variance_ratio.push(value / total);
        pca.explained_variance.push(value / (rows - 1) as f64);
        pca.singular_values.push(value.sqrt());
        // they sum to zero, so the mean of the rows drops out; the row of θ* is zero itself
        for file in 0..files {
            coefficients[[component, file]] = eigen.eigenvectors[(file, *place)] / value.sqrt();
        }
    }
    let directions = combined(checkpoints, moves, &coefficients)?;
    Ok(Components { directions, pca })
}

/// Products of all pairs of differences to the origin.
fn gram(checkpoints: &mut Checkpoints, moves: &[bool]) -> Result<Array2<f64>> {
    let files = checkpoints.len();
    let mut gram = Array2::zeros((files, files));
    for (number, moves) in moves.iter().enumerate() {
        if !moves {
            continue;
        }
        let size = checkpoints.entry(number).shape.iter().product::<usize>();
        let rows = (HELD / (2 * size_of::<f32>() * size.max(1))).clamp(1, files);
        for first in (0..files).step_by(rows) {
            let upper = block(checkpoints, number, first, rows)?;
            add_products(&mut gram, (first, &upper), (first, &upper));
            for second in (first + rows..files).step_by(rows) {
                let lower = block(checkpoints, number, second, rows)?;
                add_products(&mut gram, (first, &upper), (second, &lower));
            }
        }
    }
    for row in 0..files {
        for column in 0..row {
            gram[[row, column]] = gram[[column, row]];
        }
    }
    Ok(gram)
}

/// One tensor of some checkpoints, as differences to the origin, a row for each.
fn block(
    checkpoints: &mut Checkpoints,
    number: usize,
    first: usize,
    rows: usize,
) -> Result<Array2<f32>> {
    let origin = checkpoints.origin(number)?;
    let last = checkpoints.len().min(first + rows);
    let mut block = Array2::zeros((last - first, origin.len()));
    for (checkpoint, mut row) in (first..last).zip(block.axis_iter_mut(Axis(0))) {
        let difference = checkpoints.difference(checkpoint, number, &origin)?;
        for (to, value) in row.iter_mut().zip(&difference) {
            *to = *value;
        }
    }
    Ok(block)
}

/// Adds the products of the rows of two blocks, which begin at these rows of all.
fn add_products(
    gram: &mut Array2<f64>,
    (first, upper): (usize, &Array2<f32>),
    (second, lower): (usize, &Array2<f32>),
) {
    let rows = first..first + upper.nrows();
    let columns = second..second + lower.nrows();
    let mut sums = gram.slice_mut(s![rows, columns]);
    for start in (0..upper.ncols()).step_by(COLUMNS) {
        let piece = start..upper.ncols().min(start + COLUMNS);
        let left = upper.slice(s![.., piece.clone()]).mapv(f64::from);
        let right = lower.slice(s![.., piece]).mapv(f64::from);
        general_mat_mul(1.0, &left, &right.t(), 1.0, &mut sums);
    }
}

/// The Gram matrix of the rows less their mean.
fn centred(gram: &Array2<f64>) -> DMatrix<f64> {
    let rows = gram.nrows() as f64;
    let means: Vec<f64> = gram
        .axis_iter(Axis(0))
        .map(|row| row.sum() / rows)
        .collect();
    let mean = means.iter().sum::<f64>() / rows;
    DMatrix::from_fn(gram.nrows(), gram.nrows(), |row, column| {
        gram[[row, column]] - means[row] - means[column] + mean
    })
}

/// Sums of the differences with these coefficients, a row of them for each direction.
fn combined(
    checkpoints: &mut Checkpoints,
    moves: &[bool],
    coefficients: &Array2<f64>,
) -> Result<Vec<Vec<ArrayD<f32>>>> {
    let count = coefficients.nrows();
    let mut directions = vec![Vec::new(); count];
    let mut largest = vec![0.0f32; count];
    for (number, moves) in moves.iter().enumerate() {
        let shape = checkpoints.entry(number).shape.clone();
        let mut sums = vec![ArrayD::<f64>::zeros(shape); count];
        if *moves {
            let origin = checkpoints.origin(number)?;
            for checkpoint in 0..checkpoints.len() {
                let difference = checkpoints.difference(checkpoint, number, &origin)?;
                for (sum, row) in sums.iter_mut().zip(coefficients.rows()) {
                    let factor = row[checkpoint];
                    sum.zip_mut_with(&difference, |sum, value| *sum += factor * f64::from(*value));
                }
            }
        }
        for (component, sum) in sums.into_iter().enumerate() {
            let tensor = sum.mapv(|value| value as f32);
            for value in &tensor {
                if value.abs() > largest[component].abs() {
                    largest[component] = *value;
                }
            }
            directions[component].push(tensor);
        }
    }
    for (direction, largest) in directions.iter_mut().zip(largest) {
        if largest < 0.0 {
            for tensor in direction {
                tensor.mapv_inplace(|value| -value);
            }
        }
    }
    Ok(directions)
}
