//! Files that have a row for each model: spectra and tables of sharpness.

use anyhow::bail;
use files::{Sharpness, Spectrum, Stored};
use provenance::Record;

use crate::table::Column;

/// The numbers of a file, model by model.
pub(crate) struct Models<'a> {
    /// The files of the models; empty where the file does not name them.
    pub(crate) names: Vec<&'a str>,
    pub(crate) ids: &'a [String],
    pub(crate) columns: Vec<Column>,
    /// What the file says of itself.
    pub(crate) id: &'a str,
    pub(crate) history: &'a [String],
    /// How the table is made.
    pub(crate) record: Record,
}

impl<'a> Models<'a> {
    /// The columns of these names, or all, of a table of sharpness.
    ///
    /// # Errors
    /// A name of no column.
    pub(crate) fn of_sharpness(
        table: &'a Stored<Sharpness>,
        wanted: &[String],
        record: Record,
    ) -> anyhow::Result<Self> {
        let mut columns = Vec::new();
        for column in &table.columns {
            add(&mut columns, &column.name, column.values.clone());
            if let Some(stderr) = &column.stderr {
                add(&mut columns, &column.stderr_name(), stderr.clone());
            }
        }
        Ok(Self {
            names: names(&table.models, table.model_ids.len()),
            ids: &table.model_ids,
            columns: chosen(columns, wanted)?,
            id: &table.header.id,
            history: &table.header.history,
            record,
        })
    }

    /// The same of a spectrum: `smallest_1` is the smallest eigenvalue, `largest_1` the largest.
    ///
    /// # Errors
    /// As there.
    pub(crate) fn of_spectrum(
        spectrum: &'a Stored<Spectrum>,
        wanted: &[String],
        record: Record,
    ) -> anyhow::Result<Self> {
        let mut columns = Vec::new();
        let pairs = spectrum.eigenvalues.ncols();
        for number in 1..=spectrum.bottom {
            add_pair(
                &mut columns,
                spectrum,
                &format!("smallest_{number}"),
                number - 1,
            );
        }
        for number in 1..=pairs - spectrum.bottom {
            add_pair(
                &mut columns,
                spectrum,
                &format!("largest_{number}"),
                pairs - number,
            );
        }
        let converged = spectrum.converged.iter().map(|it| f64::from(*it));
        add(&mut columns, "converged", converged.collect());
        let products = spectrum.products.iter().map(|it| *it as f64);
        add(&mut columns, "products", products.collect());
        for (name, estimates) in [
            ("trace", &spectrum.trace),
            ("frobenius_squared", &spectrum.frobenius_squared),
            ("diagonal_squared", &spectrum.diagonal_squared),
        ] {
            if let Some(estimates) = estimates {
                add(&mut columns, name, estimates.values.to_vec());
                add(
                    &mut columns,
                    &format!("{name}_stderr"),
                    estimates.stderr.to_vec(),
                );
            }
        }
        Ok(Self {
            names: names(&spectrum.models, spectrum.model_ids.len()),
            ids: &spectrum.model_ids,
            columns: chosen(columns, wanted)?,
            id: &spectrum.header.id,
            history: &spectrum.header.history,
            record,
        })
    }
}

/// Adds an eigenvalue and its bound.
fn add_pair(columns: &mut Vec<Column>, spectrum: &Spectrum, name: &str, place: usize) {
    add(columns, name, spectrum.eigenvalues.column(place).to_vec());
    let bounds = spectrum.bounds.column(place).to_vec();
    add(columns, &format!("{name}_bound"), bounds);
}

fn add(columns: &mut Vec<Column>, name: &str, values: Vec<f64>) {
    columns.push(Column {
        name: name.into(),
        values,
    });
}

/// A name for each of so many models.
fn names(models: &[String], count: usize) -> Vec<&str> {
    let mut names: Vec<&str> = models.iter().map(String::as_str).collect();
    names.resize(count, "");
    names
}

/// The columns of these names in their order, or all.
fn chosen(all: Vec<Column>, wanted: &[String]) -> anyhow::Result<Vec<Column>> {
    if wanted.is_empty() {
        return Ok(all);
    }
    let mut columns = Vec::with_capacity(wanted.len());
    for name in wanted {
        let Some(column) = all.iter().find(|column| column.name == *name) else {
            let known: Vec<&str> = all.iter().map(|column| column.name.as_str()).collect();
            bail!(
                "it has no column \"{name}\": use some of {}",
                known.join(", ")
            );
        };
        add(&mut columns, name, column.values.clone());
    }
    Ok(columns)
}
