mod arrays;

use ndarray::{Array1, Array2, Array3};

use crate::{
    Kind, Note, Origin, Result,
    contents::{Contents, Item, Value},
    measurement::count,
    reader::Reader,
};
use arrays::{eigenvectors, estimates, line, matrix, shaped};

const EIGENVALUES: &str = "/eigenvalues";
const BOUNDS: &str = "/bounds";
const CONVERGED: &str = "/converged";
const PRODUCTS: &str = "/products";
const MODELS: &str = "/models";
const MODEL_IDS: &str = "/model_ids";
const NODES: &str = "/density_nodes";
const WEIGHTS: &str = "/density_weights";
const VECTORS: &str = "/eigenvectors";
const BOTTOM: &str = "bottom";
const DIMENSION: &str = "dimension";
const NAMES: &str = "names";
const STDERR: &str = "_stderr";
const ESTIMATES: [&str; 3] = ["/trace", "/frobenius_squared", "/diagonal_squared"];
const ROLES: [&str; 3] = ["model", "data", "directions"];

/// The settings of a spectrum, in the order in which they are written.
const SETTINGS: [&str; 15] = [
    "loss",
    "ignore_index",
    "class_axis",
    "precision",
    "split",
    "examples",
    "batch",
    "operator",
    "parameters",
    "tolerance",
    "max_products",
    "max_basis",
    "seed",
    "x",
    "y",
];

/// Eigenvalues, trace and density of the Hessian of the mean loss, or of a relative of it: a row
/// for each model.
#[derive(Debug, Clone, PartialEq)]
pub struct Spectrum {
    /// The files of the models.
    pub models: Vec<String>,
    /// Their ids.
    pub model_ids: Vec<String>,
    /// The number of parameters: of eigenvalues in all.
    pub dimension: usize,
    /// `[models, pairs]`: the smallest eigenvalues, then the largest ones, in increasing order.
    pub eigenvalues: Array2<f64>,
    /// `[models, pairs]`: an eigenvalue lies within this distance of each.
    pub bounds: Array2<f64>,
    /// How many of them are the smallest.
    pub bottom: usize,
    /// `[models]`: 1 where all are known to the tolerance.
    pub converged: Array1<u8>,
    /// `[models]`: all products with a vector.
    pub products: Array1<i64>,
    /// The sum of all eigenvalues.
    pub trace: Option<Estimates>,
    /// The sum of their squares.
    pub frobenius_squared: Option<Estimates>,
    /// The sum of the squares of the entries on the diagonal.
    pub diagonal_squared: Option<Estimates>,
    /// The density.
    pub density: Option<Quadrature>,
    /// The eigenvectors of the only model.
    pub vectors: Option<Eigenvectors>,
    /// What it was measured of: the first model, the data, and the directions where there are any.
    pub origins: Vec<(String, Origin)>,
    /// How it was measured: `loss`, `operator`, `parameters`, `examples`, `seed`, …
    pub settings: Vec<(String, Note)>,
}

/// Numbers with their standard errors, one per model.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimates {
    /// The numbers.
    pub values: Array1<f64>,
    /// Their standard errors.
    pub stderr: Array1<f64>,
}

/// A density as a quadrature: nodes on the axis of eigenvalues with weights that sum to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Quadrature {
    /// `[models, probes, steps]`; NaN where a probe ended earlier.
    pub nodes: Array3<f64>,
    /// `[models, probes, steps]`; 0 there.
    pub weights: Array3<f64>,
}

/// Directions in weight space of unit length.
#[derive(Debug, Clone, PartialEq)]
pub struct Eigenvectors {
    /// `[pairs, dimension]`: the values of the parameters one after the other.
    pub values: Array2<f32>,
    /// The parameters, by their `state_dict` keys.
    pub names: Vec<String>,
}

impl Spectrum {
    /// A setting by its name.
    pub fn setting(&self, name: &str) -> Option<&Note> {
        let (_, value) = self.settings.iter().find(|(it, _)| it == name)?;
        Some(value)
    }

    /// What people call its matrix.
    pub fn operator(&self) -> &'static str {
        match self.setting("operator") {
            Some(Note::Text(name)) if name == "ggn" => "Gauss-Newton matrix",
            Some(Note::Text(name)) if name == "fisher" => "Fisher matrix",
            Some(_) | None => "Hessian",
        }
    }

    fn estimates(&self) -> [Option<&Estimates>; 3] {
        [
            self.trace.as_ref(),
            self.frobenius_squared.as_ref(),
            self.diagonal_squared.as_ref(),
        ]
    }
}

impl Contents for Spectrum {
    const KIND: Kind = Kind::Spectrum;

    fn items(&self) -> Vec<Item<'_>> {
        let mut items = vec![
            Item {
                counts: false,
                ..Item::dataset(MODELS, self.models.as_slice())
            },
            Item::dataset(MODEL_IDS, self.model_ids.as_slice()),
            Item::dataset(EIGENVALUES, Value::F64(self.eigenvalues.view().into_dyn())),
            Item::dataset(BOUNDS, Value::F64(self.bounds.view().into_dyn())),
            Item::dataset(CONVERGED, Value::U8(self.converged.view().into_dyn())),
            Item::dataset(PRODUCTS, Value::I64(self.products.view().into_dyn())),
        ];
        for (name, estimates) in ESTIMATES.iter().zip(self.estimates()) {
            if let Some(Estimates { values, stderr }) = estimates {
                items.push(Item::dataset(*name, Value::F64(values.view().into_dyn())));
                let name = format!("{name}{STDERR}");
                items.push(Item::dataset(name, Value::F64(stderr.view().into_dyn())));
            }
        }
        if let Some(Quadrature { nodes, weights }) = &self.density {
            items.push(Item::dataset(NODES, Value::F64(nodes.view().into_dyn())));
            items.push(Item::dataset(
                WEIGHTS,
                Value::F64(weights.view().into_dyn()),
            ));
        }
        if let Some(vectors) = &self.vectors {
            let values = Value::F32(vectors.values.view().into_dyn());
            items.push(Item::dataset(VECTORS, values));
            items.push(Item::attribute("", NAMES, vectors.names.as_slice()));
        }
        items.push(Item::attribute("", BOTTOM, self.bottom as i64));
        items.push(Item::attribute("", DIMENSION, self.dimension as i64));
        for (role, origin) in &self.origins {
            items.extend(Item::origin(role, origin));
        }
        for (name, value) in &self.settings {
            items.push(Item::attribute("", name, value));
        }
        items
    }

    fn load(reader: &Reader) -> Result<Self> {
        let eigenvalues = matrix(reader, EIGENVALUES)?;
        let (rows, pairs) = eigenvalues.dim();
        let model_ids = reader.texts_dataset(MODEL_IDS)?;
        let density = match reader.reals_if_any(NODES)? {
            Some(nodes) => Some(Quadrature {
                nodes: shaped(reader, NODES, nodes)?,
                weights: shaped(reader, WEIGHTS, reader.reals(WEIGHTS)?)?,
            }),
            None => None,
        };
        let [trace, frobenius, diagonal] = ESTIMATES.map(|name| estimates(reader, name, rows));
        let spectrum = Self {
            models: reader.texts_dataset(MODELS).unwrap_or_default(),
            dimension: count(reader, DIMENSION)?.ok_or_else(|| reader.lacks(DIMENSION))?,
            bounds: matrix(reader, BOUNDS)?,
            bottom: reader.integer_if_any("", BOTTOM)?.unwrap_or(0).max(0) as usize,
            converged: line(reader, CONVERGED)?.mapv(|value| u8::from(value != 0.0)),
            products: line(reader, PRODUCTS)?.mapv(|value| value as i64),
            trace: trace?,
            frobenius_squared: frobenius?,
            diagonal_squared: diagonal?,
            vectors: eigenvectors(reader)?,
            origins: reader.origins(&ROLES)?,
            settings: reader.notes_named(&SETTINGS)?,
            eigenvalues,
            model_ids,
            density,
        };
        let rows_of = [
            (MODEL_IDS, spectrum.model_ids.len()),
            (BOUNDS, spectrum.bounds.nrows()),
            (CONVERGED, spectrum.converged.len()),
            (PRODUCTS, spectrum.products.len()),
        ];
        for (name, found) in rows_of {
            if found != rows {
                return Err(reader.invalid(format!(
                    "\"{EIGENVALUES}\" has {rows} rows, \"{name}\" {found}"
                )));
            }
        }
        if let Some(Quadrature { nodes, weights }) = &spectrum.density
            && (nodes.dim() != weights.dim() || nodes.dim().0 != rows)
        {
            return Err(reader.invalid(format!(
                "\"{NODES}\" and \"{WEIGHTS}\" have the shapes {:?} and {:?}",
                nodes.shape(),
                weights.shape()
            )));
        }
        if spectrum.bottom > pairs || spectrum.bounds.ncols() != pairs {
            return Err(reader.invalid(format!(
                "it has {pairs} eigenvalues and {} bounds, of which {} are the smallest",
                spectrum.bounds.ncols(),
                spectrum.bottom
            )));
        }
        Ok(spectrum)
    }
}
